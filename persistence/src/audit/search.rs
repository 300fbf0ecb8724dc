//! Journal and events as one sequence, newest first.
//!
//! Each is read by its own number, and both are merged by time. A position is a number in each, so that a page
//! neither repeats nor leaves out a line, whatever comes on top meanwhile.
use super::chain::Link;
use crate::conn::Conn;
use crate::error::Result;
use crate::query::division_range;
use crate::rows::{Cells, FromRow};
use crate::statement::Sql;
use crate::value::Column;
use domain::codes::{AuditKind, AuditOutcome, Change};
use domain::{Code, DateTime, DivisionCode, Scope, Utc, Uuid};
use serde::Serialize;
use serde_with::skip_serializing_none;

/// One line of the audit: a write that the journal tells of, or an event.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = AuditEntry)]
pub struct Entry {
    /// Its number in its book: writes and events are numbered apart.
    #[schema(example = "48211")]
    pub seq: String,
    /// When.
    #[serde(serialize_with = "domain::resource::instant")]
    pub at: DateTime<Utc>,
    /// What it tells of.
    pub kind: AuditKind,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// Who: `user:` or `token:` and an id, `system:` and a job, or `anonymous`.
    #[schema(example = "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01")]
    pub actor: String,
    /// The account behind the actor.
    #[schema(example = "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01")]
    pub client: Option<String>,
    /// The API token that was used.
    pub token_id: Option<Uuid>,
    /// Where the request came from.
    #[schema(example = "10.37.17.22")]
    pub address: Option<String>,
    /// What the caller's program calls itself.
    #[schema(example = "laogan-sync/0.1")]
    pub user_agent: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// The resource or the route it was about.
    #[schema(example = "cadres")]
    pub entity: Option<String>,
    /// The record it was about.
    pub entity_id: Option<Uuid>,
    /// For a write: what was done to the record.
    pub op: Option<Change>,
    /// For a write: the record's version after it.
    #[schema(example = 2)]
    pub version: Option<i64>,
    /// Names of the fields it was about.
    #[schema(example = json!(["mobile"]))]
    pub fields: Vec<String>,
    /// Why, in the caller's words.
    #[schema(example = "核对慰问金发放")]
    pub purpose: Option<String>,
    /// Whose matter it is; for a write the record's division after it.
    pub division_code: Option<DivisionCode>,
    /// For a write that moved the record: its division before.
    pub division_before: Option<DivisionCode>,
    /// More, as a stable code.
    #[schema(example = "forbidden")]
    pub detail: Option<String>,
    /// How often, where the same is told together.
    #[schema(example = 1)]
    pub times: i64,
}

/// What to look for; everything in the scope where nothing is said.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Who looks.
    pub scope: Scope,
    /// Only this kind.
    pub kind: Option<AuditKind>,
    /// Only what ended so.
    pub outcome: Option<AuditOutcome>,
    /// Only by this actor or account.
    pub actor: Option<String>,
    /// Only about this resource or route.
    pub entity: Option<String>,
    /// Only about this record.
    pub entity_id: Option<Uuid>,
    /// Only of this request.
    pub request_id: Option<String>,
    /// Only from this instant on.
    pub from: Option<DateTime<Utc>>,
    /// Only before this instant.
    pub to: Option<DateTime<Utc>>,
    /// Only of this division and all inside it.
    pub division: Option<DivisionCode>,
}

/// Where a page ends: the next one begins below these numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// In the journal.
    pub journal: i64,
    /// Among the events.
    pub events: i64,
}
impl Position {
    /// Above everything.
    pub const TOP: Self = Self { journal: i64::MAX, events: i64::MAX };
}

struct Write(i64, Entry);
impl FromRow for Write {
    fn take(cells: &mut impl Cells) -> diesel::deserialize::Result<Self> {
        let seq: i64 = cells.next()?;
        let entry = Entry {
            seq: seq.to_string(),
            at: cells.next()?,
            kind: AuditKind::Write,
            outcome: AuditOutcome::Success,
            actor: cells.next()?,
            client: cells.next()?,
            token_id: None,
            address: None,
            user_agent: None,
            request_id: cells.next()?,
            entity: cells.next()?,
            entity_id: cells.next()?,
            op: cells.next()?,
            version: cells.next()?,
            fields: cells.next()?,
            purpose: None,
            division_code: cells.next()?,
            division_before: cells.next()?,
            detail: None,
            times: 1,
        };
        Ok(Self(seq, entry))
    }
}
struct Happened(i64, Entry);
impl FromRow for Happened {
    fn take(cells: &mut impl Cells) -> diesel::deserialize::Result<Self> {
        let seq: i64 = cells.next()?;
        let entry = Entry {
            seq: seq.to_string(),
            at: cells.next()?,
            kind: cells.next()?,
            outcome: cells.next()?,
            actor: cells.next()?,
            client: cells.next()?,
            token_id: cells.next()?,
            address: cells.next()?,
            user_agent: cells.next()?,
            request_id: cells.next()?,
            entity: cells.next()?,
            entity_id: cells.next()?,
            op: None,
            version: None,
            fields: cells.next()?,
            purpose: cells.next()?,
            division_code: cells.next()?,
            division_before: None,
            detail: cells.next()?,
            times: cells.next()?,
        };
        Ok(Self(seq, entry))
    }
}

const WRITES: &str = "SELECT seq, at, actor, client, request_id, entity, entity_id, op, version, changed_fields, \
     division_after, CASE WHEN division_before <> division_after OR division_after IS NULL THEN division_before END \
     FROM journal WHERE seq < ";
const EVENTS: &str = "SELECT seq, at, kind, outcome, actor, client, token_id, address, user_agent, request_id, entity, \
     entity_id, fields, purpose, division_code, detail, times FROM audit_events WHERE seq < ";

/// A page, newest first, and where the next one begins if there is one.
///
/// # Errors
/// What the database says.
pub fn page(
    conn: &mut Conn,
    filter: &Filter,
    position: Position,
    limit: usize,
) -> Result<(Vec<Entry>, Option<Position>)> {
    // Whoever sees less than a division has no part in what is told of it.
    if matches!(filter.scope, Scope::Part(..) | Scope::Public) {
        return Ok((vec![], None));
    }
    let rows = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
    let (low, high) = bounds(conn, filter)?;
    let wanted = |kind: AuditKind| filter.kind.is_none_or(|k| k == kind);
    let mut writes: Vec<Write> = vec![];
    if wanted(AuditKind::Write) && filter.outcome.is_none_or(|o| o == AuditOutcome::Success) {
        let mut sql = Sql::new(WRITES);
        sql.bind(position.journal.min(high.journal)).say(" AND seq > ").bind(low.journal);
        common(&mut sql, filter)?;
        for division in divisions(filter) {
            let (from, to) = division_range(division);
            sql.say(" AND ((division_after >= ").bind(from.clone()).say(" AND division_after < ").bind(to.clone());
            sql.say(") OR (division_before >= ").bind(from).say(" AND division_before < ").bind(to).say("))");
        }
        sql.say(" ORDER BY seq DESC LIMIT ").bind(rows);
        writes = sql.once().rows(conn)?;
    }
    let mut events: Vec<Happened> = vec![];
    if filter.kind != Some(AuditKind::Write) {
        let mut sql = Sql::new(EVENTS);
        sql.bind(position.events.min(high.events)).say(" AND seq > ").bind(low.events);
        if let Some(kind) = &filter.kind {
            sql.say(" AND kind = ").bind(kind.as_str());
        }
        if let Some(outcome) = &filter.outcome {
            sql.say(" AND outcome = ").bind(outcome.as_str());
        }
        common(&mut sql, filter)?;
        for division in divisions(filter) {
            let (from, to) = division_range(division);
            sql.say(" AND division_code >= ").bind(from).say(" AND division_code < ").bind(to);
        }
        sql.say(" ORDER BY seq DESC LIMIT ").bind(rows);
        events = sql.once().rows(conn)?;
    }
    Ok(merged(writes, events, position, limit))
}

fn merged(
    writes: Vec<Write>,
    events: Vec<Happened>,
    mut position: Position,
    limit: usize,
) -> (Vec<Entry>, Option<Position>) {
    let (mut writes, mut events) = (writes.into_iter().peekable(), events.into_iter().peekable());
    let mut entries = vec![];
    while entries.len() < limit {
        let write_first = match (writes.peek(), events.peek()) {
            (Some(w), Some(e)) => w.1.at >= e.1.at,
            (w, _) => w.is_some(),
        };
        if write_first {
            let Some(Write(seq, entry)) = writes.next() else { break };
            position.journal = seq;
            entries.push(entry);
        } else {
            let Some(Happened(seq, entry)) = events.next() else { break };
            position.events = seq;
            entries.push(entry);
        }
    }
    let more = writes.peek().is_some() || events.peek().is_some();
    (entries, more.then_some(position))
}

fn divisions(filter: &Filter) -> impl Iterator<Item = &DivisionCode> {
    filter.scope.division().into_iter().chain(&filter.division)
}

/// Conditions on columns that both books have.
fn common<'a>(sql: &mut Sql<'a>, filter: &'a Filter) -> Result<()> {
    if let Some(actor) = &filter.actor {
        sql.say(" AND (actor = ").bind(actor.as_str()).say(" OR client = ").bind(actor.as_str()).say(")");
    }
    if let Some(entity) = &filter.entity {
        sql.say(" AND entity = ").bind(entity.as_str());
    }
    if let Some(id) = filter.entity_id {
        sql.say(" AND entity_id = ").bind(id);
    }
    if let Some(request) = &filter.request_id {
        sql.say(" AND request_id = ").bind(request.as_str());
    }
    if let Some(from) = &filter.from {
        sql.say(" AND at >= ").bind(from.value()?);
    }
    if let Some(to) = &filter.to {
        sql.say(" AND at < ").bind(to.value()?);
    }
    Ok(())
}

/// Between which numbers, both excluded, the asked time lies. The links of the chain are the index of times: what
/// was written at an instant is covered by a link that was made then or later. An hour is left for clocks that were
/// set, a day for writes that took long.
fn bounds(conn: &mut Conn, filter: &Filter) -> Result<(Position, Position)> {
    let mut low = Position { journal: 0, events: 0 };
    let mut high = Position::TOP;
    if let Some(from) = filter.from {
        let mut sql = Sql::new(super::chain::SELECT);
        sql.say("WHERE at < ").bind(from - chrono::Duration::hours(1)).say(" ORDER BY at DESC LIMIT 1");
        if let Some(link) = sql.row::<Link>(conn)? {
            low = Position { journal: link.journal_through, events: link.events_through };
        }
    }
    if let Some(to) = filter.to {
        let mut sql = Sql::new(super::chain::SELECT);
        sql.say("WHERE at >= ").bind(to + chrono::Duration::days(1)).say(" ORDER BY at LIMIT 1");
        if let Some(link) = sql.row::<Link>(conn)? {
            high = Position { journal: link.journal_through + 1, events: link.events_through + 1 };
        }
    }
    Ok((low, high))
}
