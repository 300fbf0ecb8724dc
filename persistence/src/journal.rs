//! What commits with every write: a line of the journal, the record as it is now (history), and the
//! idempotency key if there is one.
//!
//! The journal is feed and audit in one. It holds no personal data: names of changed fields, never values.
//! Its lines get their feed number later, from [`crate::sequencer`]. The history is what a three-way
//! merge needs as its base and what a replayed answer is made from.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::expr::{Together, bind};
use crate::ledger::Key;
use crate::schema::{history, idempotency_keys, journal};
use crate::sql::{CodeText, Division, Doc, Instant, JsonText, Uid};
use crate::write::Stamp;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::Nullable;
use domain::codes::Change;
use domain::{DateTime, DivisionCode, Record, Resource, Utc, Uuid};

/// One write of one record, as the journal tells it.
pub struct Entry {
    entity: &'static str,
    entity_id: Uuid,
    op: Change,
    version: i64,
    changed_fields: Vec<String>,
    division_before: Option<DivisionCode>,
    division_after: DivisionCode,
    data: JsonText,
    actor: String,
    client: String,
    request_id: Option<String>,
    at: DateTime<Utc>,
    /// The idempotency key the write answers.
    pub key: Option<Key>,
}

impl Entry {
    /// The entry for `new`, which took the place of `old`.
    pub fn of<R: Resource>(op: Change, old: Option<&Record<R>>, new: &Record<R>, stamp: &Stamp) -> Result<Self> {
        let data = serde_json::to_string(&new.data).map_err(Error::internal)?;
        Ok(Self {
            entity: R::PATH,
            entity_id: new.meta.id,
            op,
            version: new.meta.version,
            changed_fields: old.map(|o| changed_fields(o, new)).unwrap_or_default(),
            division_before: old.map(|o| o.meta.division_code.clone()),
            division_after: new.meta.division_code.clone(),
            data: JsonText(data),
            actor: stamp.actor.clone(),
            client: stamp.client.clone(),
            request_id: stamp.request_id.clone(),
            at: stamp.now,
            key: None,
        })
    }
}

/// Names of the fields in which two states of a record differ.
pub fn changed_fields<R: Resource>(old: &Record<R>, new: &Record<R>) -> Vec<String> {
    let (before, after) = (domain::input::to_map(&old.data), domain::input::to_map(&new.data));
    let mut names: Vec<String> =
        before.keys().chain(after.keys().filter(|k| !before.contains_key(*k))).cloned().collect();
    names.retain(|k| before.get(k) != after.get(k));
    if old.meta.division_code != new.meta.division_code {
        names.push("division_code".into());
    }
    names
}

macro_rules! journal_row {
    ($e:expr) => {
        (
            journal::entity.eq($e.entity),
            journal::entity_id.eq(bind::<Uid, _>($e.entity_id)),
            journal::op.eq(bind::<CodeText, _>($e.op)),
            journal::version.eq($e.version),
            journal::changed_fields.eq(bind::<Doc, _>(&$e.changed_fields)),
            journal::division_before.eq(bind::<Nullable<Division>, _>(&$e.division_before)),
            journal::division_after.eq(bind::<Nullable<Division>, _>(Some(&$e.division_after))),
            journal::actor.eq(&$e.actor),
            journal::client.eq(&$e.client),
            journal::request_id.eq(&$e.request_id),
            journal::at.eq(bind::<Instant, _>($e.at)),
        )
    };
}
macro_rules! history_row {
    ($e:expr) => {
        (
            history::entity.eq($e.entity),
            history::entity_id.eq(bind::<Uid, _>($e.entity_id)),
            history::version.eq($e.version),
            history::division_code.eq(bind::<Division, _>(&$e.division_after)),
            history::data.eq(bind::<Doc, _>(&$e.data)),
            history::at.eq(bind::<Instant, _>($e.at)),
        )
    };
}

/// Runs `write` and everything that belongs to it as one PostgreSQL statement.
pub fn together<W: QueryFragment<Pg>>(c: &mut PgConnection, write: W, entry: &Entry, expect_one: bool) -> Result<()> {
    let line = diesel::insert_into(journal::table).values(journal_row!(entry));
    let state = diesel::insert_into(history::table).values(history_row!(entry));
    let key =
        entry.key.as_ref().map(|k| diesel::insert_into(idempotency_keys::table).values(crate::ledger::key_row!(k)));
    Together { first: write, rest: (line, state, key), expect_one }.execute(c)?;
    Ok(())
}

/// Writes what belongs to a record that was just written. The caller holds a transaction.
pub fn record(c: &mut SqliteConnection, entry: &Entry) -> Result<()> {
    diesel::insert_into(journal::table).values(journal_row!(entry)).execute(c)?;
    diesel::insert_into(history::table).values(history_row!(entry)).execute(c)?;
    if let Some(k) = &entry.key {
        diesel::insert_into(idempotency_keys::table).values(crate::ledger::key_row!(k)).execute(c)?;
    }
    Ok(())
}

/// The same for many records at once, in two statements. The caller holds a transaction.
pub fn record_many(c: &mut PgConnection, entries: &[Entry]) -> Result<()> {
    let lines: Vec<_> = entries.iter().map(|e| journal_row!(e)).collect();
    let states: Vec<_> = entries.iter().map(|e| history_row!(e)).collect();
    diesel::insert_into(journal::table).values(lines).execute(c)?;
    diesel::insert_into(history::table).values(states).execute(c)?;
    Ok(())
}

/// The fields of a record as they were at a version.
pub fn state_at<R: Resource>(
    conn: &mut Conn,
    id: Uuid,
    version: i64,
) -> Result<Option<(R, DivisionCode, DateTime<Utc>)>> {
    use history as h;
    let found: Option<(JsonText, DivisionCode, DateTime<Utc>)> = on!(conn, c => h::table
        .filter(h::entity.eq(R::PATH)).filter(h::entity_id.eq(bind::<Uid, _>(id))).filter(h::version.eq(version))
        .select((h::data, h::division_code, h::at))
        .get_result(c).optional())?;
    let read = |(data, division, at): (JsonText, DivisionCode, DateTime<Utc>)| {
        Ok((serde_json::from_str(&data.0).map_err(Error::internal)?, division, at))
    };
    found.map(read).transpose()
}

/// One line of a record's history as a reader sees it.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
#[schema(as = HistoryEntry)]
pub struct Line {
    /// Position in the change feed; absent until the line is numbered, a moment after its commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "48211")]
    pub seq: Option<String>,
    /// What happened.
    pub op: Change,
    /// The record's version after it.
    #[schema(example = 2)]
    pub version: i64,
    /// Names of the fields that changed; empty for a creation.
    pub changed_fields: Vec<String>,
    /// Who did it: `user:` or `token:` and an id, or `system:` and a job.
    #[schema(example = "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01")]
    pub actor: String,
    /// When.
    #[serde(serialize_with = "domain::resource::instant")]
    pub at: DateTime<Utc>,
    /// The request that did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// The journal lines of one record, oldest first, at most 500.
pub fn lines(conn: &mut Conn, entity: &str, id: Uuid) -> Result<Vec<Line>> {
    use journal as j;
    type Row = (Option<i64>, Change, i64, Vec<String>, String, DateTime<Utc>, Option<String>);
    let rows: Vec<Row> = on!(conn, c => j::table
        .filter(j::entity.eq(entity)).filter(j::entity_id.eq(bind::<Uid, _>(id)))
        .order(j::id).limit(500)
        .select((j::seq, j::op, j::version, j::changed_fields, j::actor, j::at, j::request_id))
        .load(c))?;
    Ok(rows
        .into_iter()
        .map(|(seq, op, version, changed_fields, actor, at, request_id)| Line {
            seq: seq.map(|s| s.to_string()),
            op,
            version,
            changed_fields,
            actor,
            at,
            request_id,
        })
        .collect())
}
