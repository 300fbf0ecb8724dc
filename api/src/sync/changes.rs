//! `GET /sync/changes`: the feed, a page at a time, with a wait for the next change where there is none.
use super::cursor::Cursor;
use super::{Puller, asked};
use crate::auth;
use crate::error::{ApiError, Result};
use crate::listing::pairs;
use actix_web::{HttpRequest, HttpResponse};
use domain::resource::instant_text;
use domain::{Problem, Rule, Uuid, Violation};
use persistence::feed::{self, Change, Event, Page, Reader};
use persistence::registry::Kind;
use serde::Serialize;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Lines of the journal in a page where nothing is said.
const DEFAULT_LIMIT: i64 = 500;
/// Lines of the journal in a page at most.
const MAX_LIMIT: i64 = 2_000;
/// Seconds a reader may wait for a change at most.
const MAX_WAIT: u64 = 30;
/// Seconds after which a reader that has everything should ask again.
pub const POLL_AFTER: u64 = 60;

/// A question to the feed.
pub struct Question {
    /// The resources it is about.
    pub kinds: Vec<&'static Kind>,
    /// `None`: from the beginning.
    pub cursor: Option<Start>,
    limit: i64,
    wait: Duration,
}

/// Where to start.
pub enum Start {
    /// Behind everything there is.
    Now,
    /// Behind a position.
    After(Cursor),
}

impl Question {
    /// Reads the query string.
    ///
    /// # Errors
    /// 400 with a finding for each parameter that is not valid.
    pub fn read(permit: &Puller, req: &HttpRequest) -> Result<Self> {
        let (mut cursor, mut entities, mut limit, mut wait) = (None, None, DEFAULT_LIMIT, 0);
        let mut found = vec![];
        for (name, value) in pairs(req)? {
            let bad = |rule| Violation::new(format!("/{name}"), rule);
            match name.as_str() {
                "cursor" => cursor = Some(value),
                "entities" => entities = Some(value),
                "limit" => match value.parse() {
                    Ok(n) if (1..=MAX_LIMIT).contains(&n) => limit = n,
                    Ok(n) if n > MAX_LIMIT => found.push(bad(Rule::TooLarge).with("max", MAX_LIMIT)),
                    _ => found.push(bad(Rule::TooSmall).with("min", 1)),
                },
                "wait" => match value.parse() {
                    Ok(n) if n <= MAX_WAIT => wait = n,
                    _ => found.push(bad(Rule::TooLarge).with("max", MAX_WAIT)),
                },
                _ => found.push(bad(Rule::UnknownParameter)),
            }
        }
        if !found.is_empty() {
            return Err(ApiError::of(Problem::InvalidParameter, found));
        }
        let kinds = asked(&permit.identity, entities.as_deref())?;
        let cursor = match cursor.as_deref() {
            None => None,
            Some("now") => Some(Start::Now),
            Some(text) => Some(Start::After(Cursor::open(permit, text)?)),
        };
        Ok(Self { kinds, cursor, limit, wait: Duration::from_secs(wait) })
    }

    /// The same question by a reader that waits this long for each answer.
    pub fn waiting(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// The position to begin behind.
    ///
    /// # Errors
    /// As [`Cursor::check`]; 410 where the beginning of the feed lies behind the horizon.
    pub async fn begin(&mut self, permit: &Puller) -> Result<Cursor> {
        let state = permit.app.db.read(feed::state).await?;
        let cursor = match self.cursor.take() {
            Some(Start::After(cursor)) => cursor,
            Some(Start::Now) => Cursor::at(&permit.identity, &self.kinds, state, state.head),
            None => Cursor::at(&permit.identity, &self.kinds, state, 0),
        };
        cursor.check(&permit.identity, &self.kinds, state)?;
        Ok(cursor)
    }

    /// The page behind a position. Only lines that say something to the reader end the wait.
    ///
    /// # Errors
    /// As [`Cursor::check`], for the database may have been restored meanwhile; 500 at a hole in the journal.
    pub async fn next(&self, permit: &Puller, mut cursor: Cursor) -> Result<(Page, Cursor)> {
        let deadline = Instant::now() + self.wait;
        let mut heads = permit.app.db.heads();
        // What is committed when the reader asks is told; it does not wait for the next step of the numbering.
        permit.app.db.number().await?;
        loop {
            // Before the read: what is written after it will be heard.
            heads.mark_unchanged();
            // Who has waited may have lost the right to hear what comes.
            auth::still(&permit.app, &permit.identity).await?;
            let (scope, kinds, sensitive) = (permit.scope(), self.kinds.clone(), permit.identity.sensitive());
            let (after, limit) = (cursor.s, self.limit);
            let work = move |c: &mut persistence::Conn| {
                feed::page(c, &Reader { scope: &scope, kinds: &kinds, sensitive }, after, limit)
            };
            let page = permit.app.db.read_current(work).await?;
            if let Some(seq) = page.hole {
                permit.app.metrics.feed_holes.inc();
                return Err(ApiError::internal(format!("the journal has no line {seq}")));
            }
            cursor.check(&permit.identity, &self.kinds, page.state)?;
            cursor = cursor.moved(page.reached);
            let news = !page.changes.is_empty() || page.reached < page.state.head;
            // A waiting reader holds neither a thread nor a connection.
            if news || timeout_at(deadline, heads.changed()).await.is_err() {
                return Ok((page, cursor));
            }
        }
    }
}

/// One change as JSON. Its `data`, which is JSON already, is put at the end.
#[derive(Serialize)]
struct Line<'c> {
    seq: String,
    entity: &'static str,
    id: Uuid,
    op: &'static str,
    version: i64,
    changed_fields: &'c [String],
    origin: Origin<'c>,
    at: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}
#[derive(Serialize)]
struct Origin<'c> {
    client: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    op_id: Option<Uuid>,
}

/// Writes a change behind what is in `out`.
///
/// # Errors
/// When it cannot be written as JSON, which would be a defect.
pub fn write(out: &mut Vec<u8>, change: &Change) -> Result<()> {
    let (op, reason, data) = match &change.event {
        Event::Upsert(data) => ("upsert", None, Some(data)),
        Event::Delete => ("delete", Some("deleted"), None),
        Event::Leave => ("leave", Some("transferred"), None),
        Event::Erase => ("erase", Some("erased"), None),
    };
    let at = instant_text(&change.at);
    let line = Line {
        seq: change.seq.to_string(),
        entity: change.entity,
        id: change.id,
        op,
        version: change.version,
        changed_fields: &change.changed_fields,
        origin: Origin { client: &change.client, op_id: change.op_id },
        at: std::str::from_utf8(&at).unwrap_or_default(),
        reason,
    };
    serde_json::to_writer(&mut *out, &line).map_err(ApiError::internal)?;
    if let Some(data) = data {
        out.pop();
        out.extend_from_slice(b",\"data\":");
        out.extend_from_slice(data);
        out.push(b'}');
    }
    Ok(())
}

/// About how long a change is in writing.
fn length(change: &Change) -> usize {
    // What stands around the record, with a few names of fields.
    const AROUND: usize = 320;
    AROUND + if let Event::Upsert(data) = &change.event { data.len() } else { 0 }
}

/// Notes, at most once a minute, how far the caller has come. A pull does not wait for that.
fn note_pull(permit: &Puller, state: feed::State, seq: i64) {
    if !permit.app.pulls.first_this_minute(&permit.identity.client()) {
        return;
    }
    let (app, stamp, progress) = (permit.app.clone(), permit.stamp(), super::progress(permit, seq));
    actix_web::rt::spawn(async move {
        let now = stamp.now;
        let work = move |tx: &mut persistence::Tx<'_>| feed::pulled(tx.conn, state, &progress, now);
        if let Err(e) = app.db.write(stamp, false, work).await {
            tracing::warn!(cause = %e, "a pull was not noted");
        }
    });
}

/// What stands behind the changes of a page.
#[derive(Serialize)]
struct Footer {
    next_cursor: String,
    has_more: bool,
    consistent: bool,
    head: String,
    lag: String,
    poll_after_s: u64,
    epoch: Uuid,
}

/// The handler.
pub async fn changes(permit: Puller, req: HttpRequest) -> Result<HttpResponse> {
    let mut question = Question::read(&permit, &req)?;
    let begin = question.begin(&permit).await?;
    let (page, cursor) = question.next(&permit, begin).await?;
    note_pull(&permit, page.state, page.reached);
    let lag = page.state.head - page.reached;
    let mut body = Vec::with_capacity(page.changes.iter().map(length).sum::<usize>() + 600);
    body.extend_from_slice(b"{\"changes\":[");
    for (i, change) in page.changes.iter().enumerate() {
        if i > 0 {
            body.push(b',');
        }
        write(&mut body, change)?;
    }
    let footer = Footer {
        next_cursor: cursor.seal(&permit),
        has_more: lag > 0,
        consistent: lag == 0,
        head: page.state.head.to_string(),
        lag: lag.to_string(),
        poll_after_s: if lag > 0 { 0 } else { POLL_AFTER },
        epoch: page.state.epoch,
    };
    let footer = serde_json::to_vec(&footer).map_err(ApiError::internal)?;
    body.extend_from_slice(b"],");
    body.extend_from_slice(footer.get(1..).unwrap_or_default());
    Ok(HttpResponse::Ok().content_type("application/json").body(body))
}
