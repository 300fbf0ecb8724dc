//! Divisions and units.
use crate::conn::Conn;
use crate::error::Result;
use crate::statement::Sql;
use domain::reference::{Division as DivisionRecord, Unit};

crate::resource_store! {
    divisions: DivisionRecord { code, name, level, kind, parent_code, valid_from, valid_to, successor_code }
    filter { code, level, kind, parent_code, valid_from, valid_to }
    sort { code, name }
    search { name }
}

crate::resource_store! {
    units: Unit { name, uscc, legacy_uscc, kind, unit_level, org_type, parent_id, sort_no, active }
    filter { name, uscc, kind, parent_id, active }
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
