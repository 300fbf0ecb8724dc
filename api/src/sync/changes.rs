//! `GET /sync/changes`: the feed, a page at a time, with a wait for the next change where there is none.
use super::cursor::Cursor;
use super::{Puller, asked};
use crate::auth;
use crate::error::{ApiError, Result};
use crate::listing::pairs;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use domain::resource::instant_text;
use domain::{Problem, Rule, Uuid, Violation};
use persistence::feed::{self, Change, Event, Head, Piece, Reader};
use persistence::registry::Kind;
use serde::Serialize;
use std::time::Duration;
use tokio::sync::mpsc;
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
    pub async fn next(&self, permit: &Puller, mut cursor: Cursor) -> Result<Told> {
        let deadline = Instant::now() + self.wait;
        let mut heads = permit.app.db.heads();
        // What is committed when the reader asks is told; it does not wait for the next step of the numbering.
        permit.app.db.number().await?;
        loop {
            // Before the read: what is written after it will be heard.
            heads.mark_unchanged();
            // Who has waited may have lost the right to hear what comes.
            auth::still(&permit.app, &permit.identity).await?;
            let mut pieces = self.read_page(permit, cursor.s);
            let mut first = pieces.recv().await.ok_or_else(|| ApiError::internal("a page without a piece"))??;
            // Lines that say nothing, because newer ones of their records do.
            while first.changes.is_empty() && !first.last {
                first = pieces.recv().await.ok_or_else(|| ApiError::internal("a page without an end"))??;
            }
            let head = first.head;
            if let Some(seq) = head.hole {
                permit.app.metrics.feed_holes.inc();
                return Err(ApiError::internal(format!("the journal has no line {seq}")));
            }
            cursor.check(&permit.identity, &self.kinds, head.state)?;
            cursor = cursor.moved(head.reached);
            let news = !first.changes.is_empty() || head.reached < head.state.head;
            // A waiting reader holds neither a thread nor a connection.
            if news || timeout_at(deadline, heads.changed()).await.is_err() {
                return Ok(Told { head, cursor, first, rest: pieces });
            }
        }
    }

    /// Reads a page beside this task. Its pieces wait for a slow reader, who so holds no connection: a page is bounded.
    fn read_page(&self, permit: &Puller, after: i64) -> mpsc::UnboundedReceiver<Result<Piece>> {
        let (sender, pieces) = mpsc::unbounded_channel();
        let (scope, kinds, sight) = (permit.scope(), self.kinds.clone(), permit.identity.sight());
        let (app, limit, lost) = (permit.app.clone(), self.limit, sender.clone());
        actix_web::rt::spawn(async move {
            let work = move |c: &mut persistence::Conn| {
                let reader = Reader { scope: &scope, kinds: &kinds, sight };
                feed::page(c, &reader, after, limit, &mut |piece| sender.send(Ok(piece)).is_ok())
            };
            if let Err(e) = app.db.read_current(work).await {
                let _ = lost.send(Err(e.into()));
            }
        });
        pieces
    }
}

/// A page on its way.
pub struct Told {
    /// Where it leads.
    pub head: Head,
    /// The position behind it.
    pub cursor: Cursor,
    first: Piece,
    rest: mpsc::UnboundedReceiver<Result<Piece>>,
}
impl Told {
    /// The next changes; `None` behind the last.
    ///
    /// # Errors
    /// What the database says.
    pub async fn changes(&mut self) -> Result<Option<Vec<Change>>> {
        if self.first.last && self.first.changes.is_empty() {
            return Ok(None);
        }
        if !self.first.changes.is_empty() {
            return Ok(Some(std::mem::take(&mut self.first.changes)));
        }
        self.first = self.rest.recv().await.ok_or_else(|| ApiError::internal("a page without an end"))??;
        Ok(Some(std::mem::take(&mut self.first.changes)))
    }
    /// Whether all of it is here already.
    fn is_whole(&self) -> bool {
        self.first.last
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
        Event::Merged => ("delete", Some("merged"), None),
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

impl Footer {
    fn of(permit: &Puller, told: &Told) -> Self {
        let lag = told.head.state.head - told.head.reached;
        Self {
            next_cursor: told.cursor.seal(permit),
            has_more: lag > 0,
            consistent: lag == 0,
            head: told.head.state.head.to_string(),
            lag: lag.to_string(),
            poll_after_s: if lag > 0 { 0 } else { POLL_AFTER },
            epoch: told.head.state.epoch,
        }
    }
    /// What stands behind the last change, up to the end.
    fn text(&self) -> Result<Vec<u8>> {
        let mut text = b"],".to_vec();
        let members = serde_json::to_vec(self).map_err(ApiError::internal)?;
        text.extend_from_slice(members.get(1..).unwrap_or_default());
        Ok(text)
    }
}

/// An answer under construction: the pieces of its page as they come, and what stands around them.
struct Answer {
    told: Told,
    footer: Footer,
    begun: bool,
    /// Whether a change was written, so that a comma goes before the next.
    some: bool,
    over: bool,
}

impl Answer {
    /// The next bytes; `None` behind the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.over {
            return Ok(None);
        }
        let changes = self.told.changes().await?;
        let mut text = Vec::with_capacity(changes.iter().flatten().map(length).sum::<usize>() + 600);
        if !std::mem::replace(&mut self.begun, true) {
            text.extend_from_slice(b"{\"changes\":[");
        }
        for change in changes.iter().flatten() {
            if std::mem::replace(&mut self.some, true) {
                text.push(b',');
            }
            write(&mut text, change)?;
        }
        if changes.is_none() || self.told.is_whole() {
            text.extend(self.footer.text()?);
            self.over = true;
        }
        Ok(Some(text))
    }
}

/// The handler. What is long is sent while it is read.
pub async fn changes(permit: Puller, req: HttpRequest) -> Result<HttpResponse> {
    let mut question = Question::read(&permit, &req)?;
    let begin = question.begin(&permit).await?;
    let told = question.next(&permit, begin).await?;
    note_pull(&permit, told.head.state, told.head.reached);
    let (footer, whole) = (Footer::of(&permit, &told), told.is_whole());
    let mut answer = Answer { told, footer, begun: false, some: false, over: false };
    let mut ok = HttpResponse::Ok();
    ok.content_type("application/json");
    if whole {
        return Ok(ok.body(answer.next().await?.unwrap_or_default()));
    }
    let body = futures_util::stream::unfold(Some(answer), |answer| async {
        let mut answer = answer?;
        match answer.next().await {
            Ok(text) => text.map(|text| (Ok(Bytes::from(text)), Some(answer))),
            Err(e) => {
                // The status is sent; a cut connection is how the reader learns that the page is not whole.
                tracing::error!(cause = ?e.cause, "a page of changes was cut short");
                Some((Err(std::io::Error::other("changes failed")), None))
            }
        }
    });
    Ok(ok.streaming(body))
}
