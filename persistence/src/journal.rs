//! What commits with every write: a line of the journal, the record as it was before (history), which files it names,
//! and the idempotency key if there is one.
//!
//! The journal is feed and audit in one. It holds no personal data: names of changed fields, never values.
//! On PostgreSQL its lines get their feed number later, from [`crate::sequencer`]. The history holds the states that
//! others have replaced, so that a creation stores its record once; with the row itself it is what a three-way merge
//! needs as its base and what a replayed answer is made from.
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::files::Renamed;
use crate::ledger::Key;
use crate::sealed::{Keyring, Place};
use crate::search::{self, Document};
use crate::sql::JsonText;
use crate::statement::{self, Sql};
use crate::store::Store;
use crate::tx::Stamp;
use crate::value::{Column, Value};
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
    shared_before: Option<DivisionCode>,
    shared_after: Option<DivisionCode>,
    /// The state that was replaced.
    former: Option<Former>,
    actor: String,
    client: String,
    op_id: Option<Uuid>,
    request_id: Option<String>,
    at: DateTime<Utc>,
    /// The files it names.
    files: Renamed,
    /// By what the record is found from now on, where that changes.
    document: Option<Document>,
    /// The idempotency key the write answers.
    pub key: Option<Key>,
}

/// A state of a record that another one has replaced.
struct Former {
    version: i64,
    data: JsonText,
    /// Whether the record has fields that are sealed: then its history is sealed as a whole.
    sealed: bool,
    at: DateTime<Utc>,
}

impl Former {
    fn of<R: Resource>(old: &Record<R>) -> Result<Self> {
        let data = JsonText(serde_json::to_string(&old.data).map_err(Error::internal)?);
        Ok(Self { version: old.meta.version, data, sealed: has_sealed::<R>(), at: old.meta.updated_at })
    }
}

impl Entry {
    /// The entry for `new`, which took the place of `old`, by the pushed operation `op_id` if it was one.
    pub fn of<R: Store>(
        op: Change,
        old: Option<&Record<R>>,
        new: &Record<R>,
        stamp: &Stamp,
        op_id: Option<Uuid>,
    ) -> Result<Self> {
        Ok(Self {
            entity: R::PATH,
            entity_id: new.meta.id,
            op,
            version: new.meta.version,
            changed_fields: old.map(|o| changed_fields(o, new)).unwrap_or_default(),
            division_before: old.map(|o| o.meta.division_code.clone()),
            division_after: new.meta.division_code.clone(),
            shared_before: old.and_then(|o| o.data.shared_with().cloned()),
            shared_after: new.data.shared_with().cloned(),
            former: old.map(Former::of).transpose()?,
            actor: stamp.actor.clone(),
            client: stamp.client.clone(),
            op_id,
            request_id: stamp.request_id.clone(),
            at: stamp.now,
            files: Renamed::of(old, new),
            document: Document::of(old, new)?,
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

impl Entry {
    /// Its line in the journal.
    fn line(&self) -> Result<[Value<'_>; 14]> {
        Ok([
            self.entity.into(),
            self.entity_id.into(),
            self.op.value()?,
            self.version.into(),
            self.changed_fields.value()?,
            self.division_before.value()?,
            self.division_after.value()?,
            self.shared_before.value()?,
            self.shared_after.value()?,
            self.actor.as_str().into(),
            self.client.as_str().into(),
            self.op_id.into(),
            self.request_id.value()?,
            self.at.into(),
        ])
    }
    /// The record's state before it.
    fn state(&self, keys: &Keyring) -> Result<Option<[Value<'_>; 6]>> {
        let Some(former) = &self.former else { return Ok(None) };
        let data = match former.sealed {
            true => {
                let id = state_id(self.entity_id, former.version);
                keys.seal_json(Place { of: self.entity, field: HISTORY, id: &id }, &former.data.0)?.into()
            }
            false => former.data.value()?,
        };
        Ok(Some([
            self.entity.into(),
            self.entity_id.into(),
            former.version.into(),
            self.division_before.value()?,
            data,
            former.at.into(),
        ]))
    }
}

const LINE: &str = "journal (entity, entity_id, op, version, changed_fields, division_before, division_after, \
     shared_before, shared_after, \
     actor, client, op_id, request_id, at)";
const STATE: &str = "history (entity, entity_id, version, division_code, data, at)";

/// One row of a table.
fn insertion<'a>(into: &'static str, row: impl IntoIterator<Item = Value<'a>>) -> Sql<'a> {
    let mut sql = Sql::new("INSERT INTO ");
    sql.say(into).say(" VALUES (").bind_all(row).say(")");
    sql
}

/// Runs `write` and everything that belongs to it. With `expect_one` all fails as `Stale` unless the write met
/// exactly one row.
///
/// On PostgreSQL it is one statement, `WITH w AS (…), … SELECT …`: one round trip, and atomic without an
/// explicit transaction. On SQLite the caller holds a transaction.
pub fn together(conn: &mut Conn, write: Sql<'_>, entry: &Entry, expect_one: bool) -> Result<()> {
    let mut rest = vec![insertion(LINE, entry.line()?)];
    rest.extend(entry.state(conn.keys())?.map(|state| insertion(STATE, state)));
    rest.extend(entry.files.statements(entry.entity, entry.entity_id, (&entry.client, entry.at)));
    if let Some(key) = &entry.key {
        rest.push(crate::ledger::insertion(key, conn.keys())?);
    }
    if conn.engine() == Engine::Sqlite {
        if write.run(conn)? != 1 && expect_one {
            return Err(Error::Stale { current: 0, fields: vec![] });
        }
        rest.iter().try_for_each(|sql| sql.run(conn).map(drop))?;
        return conn.found_by(entry.document.iter());
    }
    rest.extend(search::statements(&entry.document)?);
    let mut all = Sql::new("WITH w AS (");
    all.add(write).say(" RETURNING 1)");
    // One for each that can be: line, state, document, files that go and come, key.
    let names = [
        ", b AS (", ", c AS (", ", d AS (", ", e AS (", ", f AS (", ", g AS (", ", h AS (", ", i AS (", ", j AS (",
        ", k AS (", ", l AS (", ", m AS (",
    ];
    if rest.len() > names.len() {
        return Err(Error::internal("a write of more parts than there are names for"));
    }
    for (name, sql) in names.into_iter().zip(rest) {
        all.say(name).add(sql).say(")");
    }
    // Whoever asks what `w` did has it done first, and so the record locked before what belongs to it: in one order for
    // all, or two writers of a record would each wait for the other. Parts that nobody asks run from the last to the first.
    all.say(if expect_one { " SELECT expect_one((SELECT count(*) FROM w))" } else { " SELECT count(*) FROM w" });
    all.run(conn).map(drop)
}

/// What belongs to many records that were just created. The caller holds a transaction.
pub fn record_many(conn: &mut Conn, entries: &[Entry]) -> Result<()> {
    struct Lines;
    statement::insert::<Lines, _>(conn, &[LINE], entries.iter().map(Entry::line))?;
    let files = entries
        .iter()
        .flat_map(|entry| entry.files.statements(entry.entity, entry.entity_id, (&entry.client, entry.at)));
    files.into_iter().try_for_each(|sql| sql.run(conn).map(drop))?;
    conn.found_by(entries.iter().filter_map(|entry| entry.document.as_ref()))
}

/// The field of a history's place.
const HISTORY: &str = "history";

/// The id of the place of a record's state at a version.
pub(crate) fn state_id(id: Uuid, version: i64) -> [u8; 24] {
    let mut bytes = [0; 24];
    let (first, last) = bytes.split_at_mut(16);
    first.copy_from_slice(id.as_bytes());
    last.copy_from_slice(&version.to_be_bytes());
    bytes
}

/// Whether records of a resource have sealed fields.
fn has_sealed<R: Resource>() -> bool {
    R::CLASSES.iter().any(|c| c.class == domain::FieldClass::Sensitive)
}

/// A state of a record: its fields, the division it belonged to then, and since when it was so.
pub type State<R> = (R, DivisionCode, DateTime<Utc>);

/// A record as it was at a version, be it the one that is in force, deleted or not.
///
/// # Errors
/// What the database says.
pub fn state_at<R: Store>(conn: &mut Conn, id: Uuid, version: i64) -> Result<Option<State<R>>> {
    if let Some(state) = former_state::<R>(conn, id, version)? {
        return Ok(Some(state));
    }
    let mut sql = Sql::new("SELECT ");
    sql.say(R::COLUMNS).say(" FROM ").say(R::TABLE).say(" WHERE id = ").bind(id);
    match sql.row::<Record<R>>(conn)? {
        Some(now) if now.meta.version == version => Ok(Some((now.data, now.meta.division_code, now.meta.updated_at))),
        // It was in force when the history was asked, and has been replaced since.
        Some(now) if now.meta.version > version => former_state(conn, id, version),
        _ => Ok(None),
    }
}

fn former_state<R: Store>(conn: &mut Conn, id: Uuid, version: i64) -> Result<Option<State<R>>> {
    let mut sql = Sql::new("SELECT data, division_code, at FROM history WHERE entity = ");
    sql.bind(R::PATH).say(" AND entity_id = ").bind(id).say(" AND version = ").bind(version);
    let Some((data, division, at)) = sql.row::<(JsonText, DivisionCode, DateTime<Utc>)>(conn)? else {
        return Ok(None);
    };
    let place = Place { of: R::PATH, field: HISTORY, id: &state_id(id, version) };
    let data = if has_sealed::<R>() { conn.keys().open_json(place, &data)? } else { data };
    Ok(Some((serde_json::from_str(&data.0).map_err(Error::internal)?, division, at)))
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
    type Row = (Option<i64>, Change, i64, Vec<String>, String, DateTime<Utc>, Option<String>);
    let mut sql =
        Sql::new("SELECT seq, op, version, changed_fields, actor, at, request_id FROM journal WHERE entity = ");
    sql.bind(entity).say(" AND entity_id = ").bind(id).say(" ORDER BY version LIMIT 500");
    let rows: Vec<Row> = sql.rows(conn)?;
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
