//! What a change of one record makes of others: in the same transaction, behind the write.
//!
//! * `life`: what the life of a cadre asks of the records that are about it, for any resource
//!   ([`domain::cadres::CadreTie`]).
//! * `cadres`: a death ends what the cadre held, and its correction brings it back. `transfers`, `deaths`: what their
//!   steps make of the cadre. [`merges`]: two records of one person become one.
//! * `party`: elections, admissions, letters. `care`: what a claim takes from its pool. `activities`, `education`:
//!   places that become free. `publicity`: articles whose consent ends.
//!
//! Records that an effect creates have ids made of their cause, so that a county's server and the city's make the same
//! record of the same step.
//!
//! What an effect wrote is noted field by field beside its cause, so that it can be taken back exactly.
mod activities;
mod cadres;
mod care;
mod deaths;
mod education;
mod life;
pub mod merges;
mod party;
mod publicity;
mod transfers;

pub use activities::{activity, activity_signup, frees_a_place, makes_room};
pub use cadres::{cadre, dies};
pub use care::{medical_claim, moves_money};
pub use deaths::{confirms, death};
pub use education::{changes_places, class, enrollment, moves_queue};
pub(crate) use life::{Life, of, restore};
pub use party::{membership_application, party_term, relation_transfer};
pub use publicity::{changes_consent, consent, withdraw};
pub(crate) use transfers::blockers_of;
pub use transfers::{cadre_transfer, sets_out};

use crate::conn::Engine;
use crate::error::{Error, Result};
use crate::journal::{self, Entry};
use crate::registry;
use crate::statement::Sql;
use crate::steps;
use crate::store::Store;
use crate::tx::Tx;
use crate::value::Value;
use domain::codes::Change;
use domain::input::to_map;
use domain::{DivisionCode, FieldClass, Meta, Record, Scope, Uuid};
use serde_json::Value as Json;

/// The record whose change has the effect.
#[derive(Clone, Copy)]
pub(crate) struct Cause {
    /// Its resource.
    pub entity: &'static str,
    /// Its id.
    pub id: Uuid,
}
impl Cause {
    fn of<R: Store>(record: &Record<R>) -> Self {
        Self { entity: R::PATH, id: record.meta.id }
    }
}

/// A live record of whatever division, which nobody else changes until this unit of work ends.
fn held<R: Store>(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Record<R>>> {
    tx.begin()?;
    if tx.conn.engine() == Engine::Postgres {
        let mut sql = Sql::new("SELECT 1 FROM ");
        sql.say(R::TABLE).say(" WHERE id = ").bind(id).say(" FOR UPDATE").run(tx.conn)?;
    }
    R::get(tx.conn, &Scope::System, id)
}

/// Changes a record as an effect, and notes what it was before.
fn change<R: Store>(tx: &mut Tx<'_>, cause: Cause, old: &Record<R>, change: impl FnOnce(&mut R)) -> Result<()> {
    let mut new = old.clone();
    change(&mut new.data);
    let (before, after) = (to_map(&old.data), to_map(&new.data));
    // What is kept sealed is not written down here in clear; no effect changes any of it.
    let sealed = |field: &str| R::CLASSES.iter().any(|c| c.field == field && c.class == FieldClass::Sensitive);
    for field in journal::changed_fields(old, &new).into_iter().filter(|field| !sealed(field)) {
        let text = |fields: &serde_json::Map<String, Json>| fields.get(&field).map(Json::to_string);
        let row: [Value<'_>; 8] = [
            cause.entity.into(),
            cause.id.into(),
            R::PATH.into(),
            old.meta.id.into(),
            field.as_str().into(),
            Value::Text(text(&before).map(Into::into)),
            Value::Text(text(&after).map(Into::into)),
            tx.stamp.now.into(),
        ];
        const NOTE: &str =
            "INSERT INTO effects (cause_entity, cause_id, entity, entity_id, field, before, after, at) VALUES ";
        let mut sql = Sql::with_row(NOTE, row);
        sql.say(" ON CONFLICT (cause_id, entity_id, field) DO UPDATE SET after = excluded.after").run(tx.conn)?;
    }
    steps::follow(tx, old, |record| *record = new).map(drop)
}

/// Takes back what a record's change made of others: each field that still is as it was made becomes what it was
/// before. What somebody has changed since stays as they left it.
fn take_back(tx: &mut Tx<'_>, cause: Cause) -> Result<()> {
    let mut sql = Sql::new("SELECT entity, entity_id, field, before, after FROM effects WHERE cause_entity = ");
    sql.bind(cause.entity).say(" AND cause_id = ").bind(cause.id).say(" ORDER BY entity_id, field");
    type Row = (String, Uuid, String, Option<String>, Option<String>);
    let rows: Vec<Row> = sql.rows(tx.conn)?;
    let mut sql = Sql::new("DELETE FROM effects WHERE cause_entity = ");
    sql.bind(cause.entity).say(" AND cause_id = ").bind(cause.id).run(tx.conn)?;
    let json = |text: Option<String>| text.map(|t| serde_json::from_str::<Json>(&t)).transpose();
    for record in rows.chunk_by(|a, b| a.1 == b.1) {
        let Some((entity, id, ..)) = record.first() else { continue };
        let Some(kind) = registry::find(entity) else { continue };
        let mut fields = vec![];
        for (_, _, field, before, after) in record {
            let before = json(before.clone()).map_err(Error::internal)?;
            fields.push((field.clone(), before, json(after.clone()).map_err(Error::internal)?));
        }
        (kind.restore)(tx, *id, &fields)?;
    }
    Ok(())
}

/// What an effect of a cause has changed: resource, id, field. For whoever asks what a confirmation did.
///
/// # Errors
/// What the database says.
pub fn made_by(conn: &mut crate::Conn, entity: &'static str, id: Uuid) -> Result<Vec<(String, Uuid, String)>> {
    let mut sql = Sql::new("SELECT entity, entity_id, field FROM effects WHERE cause_entity = ");
    sql.bind(entity).say(" AND cause_id = ").bind(id).say(" ORDER BY entity, entity_id, field").rows(conn)
}

/// The id of a record that another one has brought about: its time is the cause's, so that it sorts behind what was
/// there before, and the rest is made of the cause and of what it is.
pub(crate) fn brought_about(cause: Uuid, what: &str) -> Uuid {
    const TIME: u128 = !0 << 80;
    let made = Uuid::new_v5(&cause, what.as_bytes()).as_u128();
    // The version, a seven, stands behind the time; the variant is that of the hashed id already.
    Uuid::from_u128((cause.as_u128() & TIME) | (made & !TIME & !(0xf << 76)) | (0x7 << 76))
}

/// Creates a record that another one has brought about, its id made of that one and of what it is. Like any other effect
/// it is nobody's own: another server that learns of the cause makes the same record of it.
pub(crate) fn bring_about<R: Store>(
    tx: &mut Tx<'_>,
    (cause, what): (Uuid, &str),
    division_code: DivisionCode,
    data: R,
) -> Result<()> {
    tx.begin()?;
    let meta = Meta {
        id: brought_about(cause, what),
        division_code,
        version: 1,
        created_at: tx.stamp.now,
        updated_at: tx.stamp.now,
        deleted_at: None,
        external_ref: None,
    };
    let record = Record { meta, data };
    let stamp = steps::unowned(tx.stamp);
    let entry = Entry::of(Change::Create, None, &record, &stamp, tx.op_id)?;
    R::insert(tx.conn, &record, &entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_brought_about_is_the_same_everywhere_and_sorts_behind_its_cause_s_past() {
        let (before, cause) = (Uuid::from_u128(0x0192_0000_0000_7fff_bfff_ffff_ffff_ffff), Uuid::now_v7());
        let made = brought_about(cause, "membership");
        assert_eq!(made, brought_about(cause, "membership"));
        assert_ne!(made, brought_about(cause, "other"));
        assert!(made > before && made != cause);
        assert_eq!((made.get_version_num(), made.get_variant()), (7, uuid::Variant::RFC4122));
    }
}
