//! Values go over from one key to another, a few rows at a time, while the database is used.
//!
//! A step looks for rows that are not sealed with the current key, so that it needs no memory of where it was: after
//! a break the next run goes on with what is left. A row that somebody writes meanwhile is left to them: they seal
//! with the current key.
use super::Place;
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::registry::{self, Kind};
use crate::rows::{Cells, FromRow};
use crate::sql::JsonText;
use crate::statement::Sql;
use crate::tx::Tx;
use crate::value::Value;
use diesel::deserialize;
use domain::Uuid;
use std::collections::BTreeMap;

/// Rows in one step.
const STEP: i64 = 200;

/// A column that holds sealed values.
struct Column {
    table: &'static str,
    name: &'static str,
    /// Whether it is a JSON document, which is sealed as a whole and stored as a JSON string.
    json: bool,
}

/// All of them but those of records.
const OTHERS: &[Column] = &[
    Column { table: "history", name: "data", json: true },
    Column { table: "sync_ops", name: "body", json: false },
    Column { table: "sync_ops", name: "result", json: true },
    Column { table: "sync_conflicts", name: "fields", json: true },
    Column { table: "idempotency_keys", name: "answer", json: true },
    Column { table: "sync_outbox", name: "body", json: true },
    Column { table: "job_pieces", name: "data", json: false },
    Column { table: "job_findings", name: "said", json: false },
];

impl Column {
    /// The id of the key, or what stands in its place.
    fn key<'a>(&self, sql: &mut Sql<'a>) {
        sql.say("substr(").say(self.name);
        match self.json {
            true => sql.say_to(Engine::Postgres, " #>> '{}', 1, 8)").say_to(Engine::Sqlite, ", 2, 8)"),
            false => sql.say(", 1, 8)"),
        };
    }
    /// What of it may be sealed: the history of other resources is not.
    fn sealed<'a>(&self, sql: &mut Sql<'a>) {
        if self.table == "history" {
            let paths = registry::all().iter().filter(|k| !k.sealed.is_empty()).map(|k| Value::from(k.path));
            sql.say(" AND entity IN (").bind_all(paths).say(")");
        }
    }
}

/// How many values each key has sealed, by its id.
///
/// # Errors
/// What the database says.
pub fn counts(conn: &mut Conn) -> Result<BTreeMap<String, i64>> {
    let mut counts = BTreeMap::new();
    let fields = registry::all()
        .iter()
        .flat_map(|kind| kind.sealed.iter().map(|name| Column { table: kind.table, name, json: false }));
    for column in fields.chain(OTHERS.iter().map(|c| Column { ..*c })) {
        let mut sql = Sql::new("SELECT ");
        column.key(&mut sql);
        sql.say(", count(*) FROM ").say(column.table).say(" WHERE ").say(column.name).say(" IS NOT NULL");
        column.sealed(&mut sql);
        let rows: Vec<(String, i64)> = sql.say(" GROUP BY 1").rows(conn)?;
        for (key, n) in rows {
            *counts.entry(key).or_default() += n;
        }
    }
    Ok(counts)
}

/// What the steps go through, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// The place of what is gone through now: the resources, then the history, then the rest.
    part: usize,
    /// The last row that was looked at.
    after: Option<(Uuid, i64, String)>,
}
impl Position {
    /// Before everything.
    pub const START: Self = Self { part: 0, after: None };
    fn next(&self) -> Self {
        Self { part: self.part + 1, after: None }
    }
}

/// Seals the next few rows with the current key. Answers how many it met, and where to go on; nothing at the end.
///
/// # Errors
/// What the database says; a value that does not open.
pub fn step(tx: &mut Tx<'_>, at: &Position) -> Result<(usize, Option<Position>)> {
    tx.begin()?;
    let keys = tx.conn.keys().keys()?;
    let current = keys.current().ok_or_else(|| Error::internal("no key seals"))?.id.clone();
    let kinds: Vec<&Kind> = registry::all().iter().filter(|k| !k.sealed.is_empty()).collect();
    if let Some(kind) = kinds.get(at.part) {
        return records(tx.conn, kind, &current, at);
    }
    let done = match at.part - kinds.len() {
        0 => return history(tx.conn, &current, at),
        1 => operations(tx.conn, &current)?,
        2 => conflicts(tx.conn, &current)?,
        3 => answers(tx.conn, &current)?,
        4 => outbox(tx.conn, &current)?,
        5 => crate::jobs::reseal(tx.conn, &current, STEP)?,
        _ => return Ok((0, None)),
    };
    // These are few, and found from the beginning each time.
    Ok((done, Some(if full(done) { at.clone() } else { at.next() })))
}

fn full(rows: usize) -> bool {
    i64::try_from(rows).is_ok_and(|n| n >= STEP)
}

/// A record's sealed cells. How many there are is not known to the type, so they are read until the row ends.
struct Row {
    id: Uuid,
    version: i64,
    cells: Vec<Option<String>>,
}
impl FromRow for Row {
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
        let (id, version, count): (Uuid, i64, i32) = (cells.next()?, cells.next()?, cells.next()?);
        let cells = (0..count).map(|_| cells.next()).collect::<deserialize::Result<_>>()?;
        Ok(Self { id, version, cells })
    }
}

fn records(conn: &mut Conn, kind: &Kind, current: &str, at: &Position) -> Result<(usize, Option<Position>)> {
    let mut sql = Sql::new("SELECT id, version, ");
    sql.bind(i32::try_from(kind.sealed.len()).map_err(Error::internal)?).say_to(Engine::Postgres, "::int");
    for field in &kind.sealed {
        sql.say(", ").say(field);
    }
    sql.say(" FROM ").say(kind.table).say(" WHERE (1 = 0");
    for field in &kind.sealed {
        sql.say(" OR substr(").say(field).say(", 1, 8) <> ").bind(current);
    }
    sql.say(")");
    if let Some((id, ..)) = &at.after {
        sql.say(" AND id > ").bind(*id);
    }
    let rows: Vec<Row> = sql.say(" ORDER BY id LIMIT ").bind(STEP).once().rows(conn)?;
    let ring = conn.keys().clone();
    for row in &rows {
        let mut sql = Sql::new("UPDATE ");
        sql.say(kind.table).say(" SET version = version");
        for (field, cell) in kind.sealed.iter().zip(&row.cells) {
            let Some(cell) = cell else { continue };
            let place = Place { of: kind.path, field, id: row.id.as_bytes() };
            let value = ring.open(place, cell)?;
            sql.say(", ").say(field).say(" = ").bind(ring.seal(place, &value)?);
        }
        sql.say(" WHERE id = ").bind(row.id).say(" AND version = ").bind(row.version).once().run(conn)?;
    }
    let next = match rows.last() {
        Some(last) if full(rows.len()) => Position { part: at.part, after: Some((last.id, 0, String::new())) },
        _ => at.next(),
    };
    Ok((rows.len(), Some(next)))
}

fn history(conn: &mut Conn, current: &str, at: &Position) -> Result<(usize, Option<Position>)> {
    const DATA: Column = Column { table: "history", name: "data", json: true };
    let mut sql = Sql::new("SELECT entity_id, version, entity, data FROM history WHERE ");
    DATA.key(&mut sql);
    sql.say(" <> ").bind(current);
    DATA.sealed(&mut sql);
    if let Some((id, version, entity)) = &at.after {
        sql.say(" AND (entity_id, version, entity) > (").bind(*id).say(", ").bind(*version);
        sql.say(", ").bind(entity.as_str()).say(")");
    }
    sql.say(" ORDER BY entity_id, version, entity LIMIT ").bind(STEP).once();
    let rows: Vec<(Uuid, i64, String, JsonText)> = sql.rows(conn)?;
    let ring = conn.keys().clone();
    for (id, version, entity, data) in &rows {
        let id_and_version = crate::journal::state_id(*id, *version);
        let place = Place { of: entity, field: "history", id: &id_and_version };
        let again = ring.seal_json(place, &ring.open_json(place, data)?.0)?;
        let mut sql = Sql::new("UPDATE history SET data = ");
        sql.bind(again).say(" WHERE entity_id = ").bind(*id).say(" AND version = ").bind(*version);
        sql.say(" AND entity = ").bind(entity.as_str()).run(conn)?;
    }
    let next = match rows.last() {
        Some((id, version, entity, _)) if full(rows.len()) => {
            Position { part: at.part, after: Some((*id, *version, entity.clone())) }
        }
        _ => at.next(),
    };
    Ok((rows.len(), Some(next)))
}

fn operations(conn: &mut Conn, current: &str) -> Result<usize> {
    type Row = (String, i64, Uuid, Option<String>, Option<JsonText>);
    let [_, body, result, ..] = OTHERS else { return Ok(0) };
    let mut sql = Sql::new("SELECT client, op_seq, op_id, body, result FROM sync_ops WHERE ");
    body.key(&mut sql);
    sql.say(" <> ").bind(current).say(" OR ");
    result.key(&mut sql);
    sql.say(" <> ").bind(current).say(" LIMIT ").bind(STEP);
    // Whoever ends a quarantine meanwhile waits, or what they have removed would come back.
    let rows: Vec<Row> = sql.say_to(Engine::Postgres, " FOR UPDATE").rows(conn)?;
    let ring = conn.keys().clone();
    for (client, seq, op_id, body, result) in &rows {
        let id = crate::push::ledger::place_id(client, *op_id);
        let (whole, said) = crate::push::ledger::places(&id);
        let body = body.as_deref().map(|b| ring.seal(whole, &ring.open(whole, b)?)).transpose()?;
        let result = result.as_ref().map(|r| ring.seal_json(said, &ring.open_json(said, r)?.0)).transpose()?;
        let mut sql = Sql::new("UPDATE sync_ops SET body = ");
        sql.bind(body.map_or(Value::Text(None), Value::from)).say(", result = ").bind(result);
        sql.say(" WHERE client = ").bind(client.as_str()).say(" AND op_seq = ").bind(*seq).run(conn)?;
    }
    Ok(rows.len())
}

fn conflicts(conn: &mut Conn, current: &str) -> Result<usize> {
    let [_, _, _, fields, ..] = OTHERS else { return Ok(0) };
    let mut sql = Sql::new("SELECT id, fields FROM sync_conflicts WHERE ");
    fields.key(&mut sql);
    let rows: Vec<(Uuid, JsonText)> = sql.say(" <> ").bind(current).say(" LIMIT ").bind(STEP).rows(conn)?;
    let ring = conn.keys().clone();
    for (id, fields) in &rows {
        let place = crate::push::conflicts::place(id);
        let again = ring.seal_json(place, &ring.open_json(place, fields)?.0)?;
        Sql::new("UPDATE sync_conflicts SET fields = ").bind(again).say(" WHERE id = ").bind(*id).run(conn)?;
    }
    Ok(rows.len())
}

fn answers(conn: &mut Conn, current: &str) -> Result<usize> {
    let [_, _, _, _, answer, ..] = OTHERS else { return Ok(0) };
    let mut sql = Sql::new("SELECT client, method, path, key, answer FROM idempotency_keys WHERE ");
    answer.key(&mut sql);
    type Row = (String, String, String, String, JsonText);
    let rows: Vec<Row> = sql.say(" <> ").bind(current).say(" LIMIT ").bind(STEP).rows(conn)?;
    let ring = conn.keys().clone();
    for (client, method, path, key, answer) in &rows {
        let id = crate::ledger::place_id(client, method, path, key);
        let place = crate::ledger::place(&id);
        let again = ring.seal_json(place, &ring.open_json(place, answer)?.0)?;
        let mut sql = Sql::new("UPDATE idempotency_keys SET answer = ");
        sql.bind(again).say(" WHERE client = ").bind(client.as_str()).say(" AND method = ").bind(method.as_str());
        sql.say(" AND path = ").bind(path.as_str()).say(" AND key = ").bind(key.as_str()).run(conn)?;
    }
    Ok(rows.len())
}

fn outbox(conn: &mut Conn, current: &str) -> Result<usize> {
    let [_, _, _, _, _, body, ..] = OTHERS else { return Ok(0) };
    let mut sql = Sql::new("SELECT id, op_id, body FROM sync_outbox WHERE ");
    body.key(&mut sql);
    let rows: Vec<(i64, Uuid, JsonText)> = sql.say(" <> ").bind(current).say(" LIMIT ").bind(STEP).rows(conn)?;
    let ring = conn.keys().clone();
    for (id, op_id, body) in &rows {
        let place = crate::agent::outbox::place(op_id);
        let again = ring.seal_json(place, &ring.open_json(place, body)?.0)?;
        Sql::new("UPDATE sync_outbox SET body = ").bind(again).say(" WHERE id = ").bind(*id).run(conn)?;
    }
    Ok(rows.len())
}
