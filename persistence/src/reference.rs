//! Divisions and units.
use crate::conn::Conn;
use crate::error::Result;
use crate::rows::{Cells, FromRow};
use crate::statement::Sql;
use diesel::deserialize;
use domain::reference::{Division as DivisionRecord, Unit};
use domain::{DivisionCode, Uuid};
use std::collections::HashSet;

crate::resource_store! {
    divisions: DivisionRecord { code, name, level, kind, parent_code, valid_from, valid_to, successor_code }
    filter { code, level, kind, parent_code, valid_from, valid_to }
    sort { code, name }
    search { name }
}

crate::resource_store! {
    units: Unit { name, uscc, legacy_uscc, kind, management, unit_level, org_type, parent_id, sort_no, active }
    filter { name, uscc, kind, management, parent_id, active }
    sort { name, sort_no }
    search { name }
    rules { crate::rules::unit }
}

/// How many divisions there are and were, and how often they were changed: two numbers that are never the same again
/// when one of them has changed.
///
/// # Errors
/// What the database says.
pub fn changes_of_divisions(conn: &mut Conn) -> Result<(i64, i64)> {
    let sql = Sql::new("SELECT count(*), CAST(coalesce(sum(version), 0) AS bigint) FROM divisions");
    Ok(sql.row(conn)?.unwrap_or_default())
}

/// A unit with its place: id, name, division.
pub struct UnitPlace {
    /// The unit.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Division.
    pub division_code: DivisionCode,
}
impl FromRow for UnitPlace {
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
        Ok(Self { id: cells.next()?, name: cells.next()?, division_code: cells.next()? })
    }
}

/// These of all units, the closed ones too, by their divisions and their place in them. The caller has decided who
/// sees them.
///
/// # Errors
/// What the database says.
pub fn units_by_place(conn: &mut Conn, ids: impl Iterator<Item = Uuid>) -> Result<Vec<UnitPlace>> {
    let wanted: HashSet<Uuid> = ids.collect();
    let sql = Sql::new("SELECT id, name, division_code FROM units ORDER BY division_code, sort_no, name, id");
    let mut all: Vec<UnitPlace> = sql.rows(conn)?;
    all.retain(|unit| wanted.contains(&unit.id));
    Ok(all)
}
