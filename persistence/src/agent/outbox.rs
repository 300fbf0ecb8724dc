//! What was written here and has to get to the server.
use super::{CLIENT, Progress, progress, remember};
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::feed;
use crate::sealed::Place;
use crate::sql::JsonText;
use crate::statement::Sql;
use crate::tx::Tx;
use domain::codes::Change;
use domain::resource::ExternalRef;
use domain::{DateTime, Utc, Uuid};
use serde_json::{Map, Value, json};

/// Where an operation's body belongs.
pub(crate) fn place(op_id: &Uuid) -> Place<'_> {
    Place { of: "sync_outbox", field: "body", id: op_id.as_bytes() }
}

/// Lines that are collected in one step.
const STEP: i64 = 500;

/// An operation to be sent.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its number, where it was sent before.
    pub op_seq: i64,
    /// Its id.
    pub op_id: Uuid,
    /// The operation without its number.
    pub body: Map<String, Value>,
}

/// A line of the journal that somebody here has written: position, resource, record, what, version, names of fields, when.
type Line = (i64, String, Uuid, Change, i64, Vec<String>, DateTime<Utc>);

/// Lines of people and systems here: neither what came from the server nor what this program made for itself.
const OURS: &str = " AND client <> 'sync' AND client NOT LIKE 'system:%' AND entity <> 'users' ";

/// Whether something waits: written here and not yet collected, not yet sent, or not yet looked at again.
///
/// # Errors
/// What the database says.
pub fn is_waiting(conn: &mut Conn, collected: i64) -> Result<bool> {
    debug_assert_eq!(CLIENT, "sync");
    let mut sql = Sql::new("SELECT 1 FROM journal WHERE seq > ");
    sql.bind(collected)
        .say(OURS)
        .say("UNION ALL SELECT 1 FROM sync_outbox WHERE status IS NULL OR status = 'refresh' LIMIT 1");
    Ok(sql.row::<(i32,)>(conn)?.is_some())
}

/// Whether something is to be sent, collected or not.
///
/// # Errors
/// What the database says.
pub fn is_to_be_sent(conn: &mut Conn) -> Result<bool> {
    let collected = progress(conn)?.map_or(0, |p| p.collected);
    let mut sql = Sql::new("SELECT 1 FROM journal WHERE seq > ");
    sql.bind(collected).say(OURS).say("UNION ALL SELECT 1 FROM sync_outbox WHERE status IS NULL LIMIT 1");
    Ok(sql.row::<(i32,)>(conn)?.is_some())
}

/// Whether the number that the server expects shows that one of us was restored: it has lost what it had answered, or
/// it knows operations of ours that we do not.
///
/// # Errors
/// What the database says.
pub fn is_elsewhere(conn: &mut Conn, expected: i64) -> Result<bool> {
    let Some(at) = progress(conn)? else { return Ok(false) };
    let mut sql = Sql::new("SELECT 1 FROM sync_outbox WHERE status IS NOT NULL AND op_seq >= ");
    let lost = sql.bind(expected).say(" LIMIT 1").row::<(i32,)>(conn)?.is_some();
    Ok(lost || expected > at.next_op_seq)
}

/// Puts what was written here since the last time into the outbox; whether there was anything.
///
/// # Errors
/// What the database says.
pub fn collect(tx: &mut Tx<'_>) -> Result<bool> {
    let Some(at) = progress(tx.conn)? else { return Ok(false) };
    let mut sql = Sql::new("SELECT seq, entity, entity_id, op, version, changed_fields, at FROM journal WHERE seq > ");
    sql.bind(at.collected).say(OURS).say("ORDER BY seq LIMIT ").bind(STEP);
    let lines: Vec<Line> = sql.rows(tx.conn)?;
    let Some(last) = lines.last().map(|line| line.0) else { return Ok(false) };
    for line in lines {
        let Some(op) = operation(tx, &line, at.epoch)? else { continue };
        let (_, entity, id, _, version, _, written) = &line;
        // Made of what the line is: a database that was restored makes the same operation of the same line, and of
        // another line another one.
        let op_id = Uuid::new_v5(id, format!("{entity}:{version}:{}", written.timestamp_micros()).as_bytes());
        let row = [
            op_id.into(),
            entity.as_str().into(),
            (*id).into(),
            (*version).into(),
            tx.conn.keys().seal_json(place(&op_id), &Value::Object(op).to_string())?.into(),
        ];
        let mut sql =
            Sql::with_row("INSERT INTO sync_outbox (op_id, entity, entity_id, local_version, body) VALUES ", row);
        sql.say(" ON CONFLICT (op_id) DO NOTHING").run(tx.conn)?;
    }
    remember(tx.conn, &Progress { collected: last, ..at })?;
    Ok(true)
}

/// The operation that does at the server what the line says was done here.
fn operation(tx: &mut Tx<'_>, line: &Line, epoch: Uuid) -> Result<Option<Map<String, Value>>> {
    let (_, entity, id, change, version, changed, at) = line;
    let Some(kind) = feed::kinds().find(|k| k.path == entity) else { return Ok(None) };
    let mut op = Map::new();
    let mut say = |name: &str, value: Value| drop(op.insert(name.to_owned(), value));
    say("entity", json!(entity));
    say("id", json!(id));
    say("observed_at", json!(at));
    if *change != Change::Create {
        let mut sql = Sql::new("SELECT version FROM sync_copies WHERE entity = ");
        let known: Option<(i64,)> = sql.bind(kind.path).say(" AND entity_id = ").bind(*id).row(tx.conn)?;
        // One that was made here is at its first version there when the operation that makes it has been done.
        say("base_version", json!(known.map_or(1, |(version,)| version)));
        say("base_epoch", json!(epoch));
    }
    if *change == Change::Delete {
        say("action", json!("delete"));
        return Ok(Some(op));
    }
    let (mut fields, division) = (kind.state_at)(tx.conn, *id, *version)?
        .ok_or_else(|| Error::internal(format!("{entity} {id} has no state of version {version}")))?;
    // The server works them out itself.
    kind.derived.iter().for_each(|name| drop(fields.shift_remove(*name)));
    if *change == Change::Create {
        fields.insert("division_code".into(), json!(division));
        let mut sql = Sql::new("SELECT external_system, external_id FROM ");
        sql.say(kind.table).say(" WHERE id = ").bind(*id);
        if let Some((Some(system), Some(id))) = sql.row::<(Option<String>, Option<String>)>(tx.conn)? {
            fields.insert("external_ref".into(), json!(ExternalRef { system, id }));
        }
        say("action", json!("create"));
        say("set", Value::Object(fields));
        return Ok(Some(op));
    }
    say("action", json!("patch"));
    let unset: Vec<&String> =
        changed.iter().filter(|f| !fields.contains_key(*f) && !kind.derived.contains(&f.as_str())).collect();
    if !unset.is_empty() {
        say("unset", json!(unset));
    }
    let set: Map<String, Value> =
        changed.iter().filter_map(|f| fields.remove(f).map(|value| (f.clone(), value))).collect();
    say("set", Value::Object(set));
    Ok(Some(op))
}

/// The next operations to send, each with its number, which it keeps.
///
/// # Errors
/// What the database says.
pub fn next(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Waiting>> {
    let Some(mut at) = progress(tx.conn)? else { return Ok(vec![]) };
    let mut sql = Sql::new("SELECT id, op_seq, op_id, body FROM sync_outbox WHERE status IS NULL ORDER BY id LIMIT ");
    let rows: Vec<(i64, Option<i64>, Uuid, JsonText)> = sql.bind(limit).rows(tx.conn)?;
    let mut waiting = vec![];
    for (id, op_seq, op_id, body) in rows {
        let op_seq = match op_seq {
            Some(seq) => seq,
            None => {
                let seq = at.next_op_seq;
                at.next_op_seq += 1;
                let mut sql = Sql::new("UPDATE sync_outbox SET op_seq = ");
                sql.bind(seq).say(" WHERE id = ").bind(id).run(tx.conn)?;
                seq
            }
        };
        let body = tx.conn.keys().open_json(place(&op_id), &body)?.0;
        waiting.push(Waiting { op_seq, op_id, body: serde_json::from_str(&body).map_err(Error::internal)? });
    }
    remember(tx.conn, &at)?;
    Ok(waiting)
}

/// The server expects this number next. Where it was restored, what it has lost is to be sent again; where we were,
/// what it knows of us and we do not has taken the numbers that ours were to have.
///
/// # Errors
/// What the database says.
pub fn renumber(tx: &mut Tx<'_>, expected: i64) -> Result<()> {
    let Some(at) = progress(tx.conn)? else { return Ok(()) };
    Sql::new("UPDATE sync_outbox SET status = NULL WHERE op_seq >= ").bind(expected).run(tx.conn)?;
    let rows: Vec<(i64,)> = Sql::new("SELECT id FROM sync_outbox WHERE status IS NULL ORDER BY id").rows(tx.conn)?;
    // First none, or two would have one number on the way.
    Sql::new("UPDATE sync_outbox SET op_seq = NULL WHERE status IS NULL").run(tx.conn)?;
    let mut next = expected;
    for (id,) in rows {
        let mut sql = Sql::new("UPDATE sync_outbox SET op_seq = ");
        sql.bind(next).say(" WHERE id = ").bind(id).run(tx.conn)?;
        next += 1;
    }
    remember(tx.conn, &Progress { next_op_seq: next, ..at })
}

/// An operation that was answered. `clean`: the record over there is at `version` now, with what this side made of it
/// and nothing else; otherwise it is to be looked at again.
///
/// # Errors
/// What the database says.
pub fn answered(tx: &mut Tx<'_>, op_id: Uuid, clean: bool, version: Option<i64>) -> Result<()> {
    let mut sql = Sql::new("UPDATE sync_outbox SET status = ");
    sql.bind(if clean { "done" } else { "refresh" }).say(" WHERE op_id = ").bind(op_id).run(tx.conn)?;
    let (Some(version), true) = (version, clean) else { return Ok(()) };
    let mut sql =
        Sql::new("INSERT INTO sync_copies (entity, entity_id, version, local_version) SELECT entity, entity_id, ");
    sql.bind(version).say(", local_version FROM sync_outbox WHERE op_id = ").bind(op_id);
    sql.say(" ON CONFLICT (entity_id, entity) DO UPDATE SET version = excluded.version, ");
    sql.say("local_version = excluded.local_version").run(tx.conn).map(drop)
}

/// Records to be looked at again, once nothing more is to be sent about them.
///
/// # Errors
/// What the database says.
pub fn to_refresh(conn: &mut Conn) -> Result<Vec<(String, Uuid)>> {
    Sql::new("SELECT DISTINCT entity, entity_id FROM sync_outbox WHERE status = 'refresh' LIMIT 500").rows(conn)
}

/// The record was looked at.
///
/// # Errors
/// What the database says.
pub fn refreshed(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    let mut sql = Sql::new("UPDATE sync_outbox SET status = 'done' WHERE status = 'refresh' AND entity_id = ");
    sql.bind(id).run(tx.conn).map(drop)
}

/// Forgets operations that a backup of the server holds.
///
/// # Errors
/// What the database says.
pub fn forget(tx: &mut Tx<'_>, durable: i64) -> Result<()> {
    let mut sql = Sql::new("DELETE FROM sync_outbox WHERE status = 'done' AND op_seq <= ");
    sql.bind(durable).run(tx.conn).map(drop)
}
