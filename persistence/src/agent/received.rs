//! A record as it is at the server becomes the record here.
use crate::error::{Error, Result};
use crate::journal::Entry;
use crate::registry::Kind;
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::Tx;
use domain::codes::Change;
use domain::spec::Spec;
use domain::{Meta, Record, Uuid};
use serde_json::{Map, Value};

/// What became of a record that was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It was like that already.
    Same,
    /// It is like that now.
    Taken,
}

/// Makes the record here what it is at the server: `data` as the feed shows it, or gone. The caller has made sure that
/// nothing here waits to be sent.
///
/// # Errors
/// What the database says; a record that hides fields from us, for a copy of stars would be no copy.
pub fn receive(tx: &mut Tx<'_>, kind: &Kind, id: Uuid, data: Option<Value>) -> Result<Kept> {
    let Some(data) = data else {
        let kept = (kind.receive)(tx, id, None)?;
        let mut sql = Sql::new("DELETE FROM sync_copies WHERE entity_id = ");
        sql.bind(id).say(" AND entity = ").bind(kind.path).run(tx.conn)?;
        return Ok(kept.1);
    };
    let Value::Object(mut fields) = data else { return Err(Error::internal("a record that is no object")) };
    if fields.contains_key("masked") {
        return Err(Error::internal("the server hides fields from us: the token needs the scope fields:sensitive"));
    }
    let version = fields.remove("version").and_then(|v| v.as_i64());
    let version = version.ok_or_else(|| Error::internal("a record without a version"))?;
    let (local, kept) = (kind.receive)(tx, id, Some(fields))?;
    let row = [kind.path.into(), id.into(), version.into(), local.into()];
    let mut sql = Sql::with_row("INSERT INTO sync_copies (entity, entity_id, version, local_version) VALUES ", row);
    sql.say(" ON CONFLICT (entity_id, entity) DO UPDATE SET version = excluded.version, ");
    sql.say("local_version = excluded.local_version").run(tx.conn)?;
    Ok(kept)
}

/// Removes a record for good, with all that was kept of it here and what was to be sent about it.
///
/// # Errors
/// What the database says.
pub fn erase(tx: &mut Tx<'_>, kind: &Kind, id: Uuid) -> Result<Kept> {
    let found = crate::erase::erase(tx, kind, id)?;
    for rest in ["DELETE FROM sync_copies WHERE entity = ", "DELETE FROM sync_outbox WHERE entity = "] {
        Sql::new(rest).bind(kind.path).say(" AND entity_id = ").bind(id).run(tx.conn)?;
    }
    Ok(if found { Kept::Taken } else { Kept::Same })
}

/// The same for a resource: its version here, and whether anything changed.
pub(crate) fn of<R: Store>(tx: &mut Tx<'_>, id: Uuid, fields: Option<Map<String, Value>>) -> Result<(i64, Kept)> {
    let mut sql = Sql::new("SELECT ");
    sql.say(R::COLUMNS).say(" FROM ").say(R::TABLE).say(" WHERE id = ").bind(id);
    let here: Option<Record<R>> = sql.row(tx.conn)?;
    let live = here.as_ref().filter(|r| r.meta.deleted_at.is_none());
    let Some(fields) = fields else {
        let Some(old) = live else { return Ok((0, Kept::Same)) };
        let mut gone = old.clone();
        gone.meta.version += 1;
        gone.meta.updated_at = tx.stamp.now;
        gone.meta.deleted_at = Some(tx.stamp.now);
        let entry = Entry::of(Change::Delete, Some(old), &gone, tx.stamp, None)?;
        R::overwrite(tx.conn, &gone, &entry)?;
        return Ok((gone.meta.version, Kept::Taken));
    };
    let mut new = read::<R>(id, fields, tx)?;
    if let Some(old) = live
        && old.data == new.data
        && old.meta.division_code == new.meta.division_code
        && old.meta.external_ref == new.meta.external_ref
    {
        return Ok((old.meta.version, Kept::Same));
    }
    match here {
        Some(old) => {
            new.meta.version = old.meta.version + 1;
            let entry = Entry::of(Change::Update, Some(&old), &new, tx.stamp, None)?;
            R::overwrite(tx.conn, &new, &entry)?;
        }
        None => {
            let entry = Entry::of(Change::Create, None, &new, tx.stamp, None)?;
            R::insert(tx.conn, &new, &entry)?;
        }
    }
    Ok((new.meta.version, Kept::Taken))
}

/// The record in the form of this program. A field that a newer server has added is not known here and left out.
fn read<R: Store>(id: Uuid, mut fields: Map<String, Value>, tx: &Tx<'_>) -> Result<Record<R>> {
    let mut take = |name: &str| fields.remove(name).unwrap_or_default();
    let (division, created, external) = (take("division_code"), take("created_at"), take("external_ref"));
    fn typed<T: serde::de::DeserializeOwned>(value: Value) -> Result<T> {
        serde_json::from_value(value).map_err(Error::internal)
    }
    let meta = Meta {
        id,
        division_code: typed(division)?,
        version: 1,
        created_at: typed(created)?,
        updated_at: tx.stamp.now,
        deleted_at: None,
        external_ref: typed(external)?,
    };
    let spec = Spec::of::<R>();
    fields.retain(|name, _| spec.field(name).is_some());
    Ok(Record { meta, data: typed(Value::Object(fields))? })
}
