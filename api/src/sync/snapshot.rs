//! `GET /sync/snapshot`: everything the caller sees, one line a record, to begin a copy with.
//!
//! The position to pull from afterwards is read before the first record, so that what changes while the
//! stream runs comes with the changes. Lines are in an order in which nothing refers to something later.
use super::cursor::Cursor;
use super::{Puller, asked};
use crate::error::{ApiError, Result};
use crate::listing::pairs;
use crate::sealed;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use domain::{Problem, Rule, Uuid};
use persistence::feed;
use persistence::registry::Kind;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Records between two places where a broken stream can be taken up.
const PAGE: i64 = 500;
const PURPOSE: &str = "sync-snapshot";

/// Where a stream can be taken up.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Position {
    /// The cursor of the manifest.
    start: Cursor,
    /// The resource that comes next, and the last id of it that was sent.
    entity: String,
    after: Option<Uuid>,
}

/// The first line.
#[derive(Serialize)]
struct Manifest<'m> {
    kind: &'static str,
    start_cursor: String,
    epoch: Uuid,
    schema: i64,
    entities: &'m [&'static str],
    resumed: bool,
}
/// A place where the stream can be taken up.
#[derive(Serialize)]
struct Checkpoint {
    kind: &'static str,
    page_token: String,
}
/// The last line.
#[derive(Serialize)]
struct Trailer<'m> {
    kind: &'static str,
    counts: &'m BTreeMap<&'static str, u64>,
    lines: u64,
    sha256: String,
}

/// The handler.
pub async fn snapshot(permit: Puller, req: HttpRequest) -> Result<HttpResponse> {
    let (mut entities, mut token) = (None, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "entities" => entities = Some(value),
            "page_token" => token = Some(value),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let kinds = asked(&permit.identity, entities.as_deref())?;
    let state = permit.app.db.read(feed::state).await?;
    let resumed = token.is_some();
    let position = match token {
        None => {
            let start = Cursor::at(&permit.identity, &kinds, state, state.head);
            Position { start, entity: kinds.first().map_or("", |k| k.path).to_owned(), after: None }
        }
        Some(token) => {
            let mismatch = || ApiError::new(Problem::PageTokenMismatch);
            let position: Position = sealed::open(&permit.app, PURPOSE, &token).ok_or_else(mismatch)?;
            position.start.check(&permit.identity, &kinds, state)?;
            position
        }
    };
    let stream = Stream {
        permit,
        kinds,
        position,
        part: Part::Manifest { resumed },
        hash: Sha256::new(),
        counts: BTreeMap::new(),
        lines: 0,
    };
    let body = futures_util::stream::unfold(stream, |mut stream| async {
        match stream.next().await {
            Ok(Some(text)) => Some((Ok(Bytes::from(text)), stream)),
            Ok(None) => None,
            Err(e) => {
                // The status is sent; a cut connection is how the reader learns that lines are missing.
                tracing::error!(cause = ?e.cause, problem = e.problem.code(), "a snapshot was cut short");
                stream.part = Part::Over;
                Some((Err(std::io::Error::other("snapshot failed")), stream))
            }
        }
    });
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(body))
}

/// A snapshot on its way. Between two pages it holds neither a thread nor a connection, however slow the reader.
struct Stream {
    permit: Puller,
    kinds: Vec<&'static Kind>,
    position: Position,
    part: Part,
    hash: Sha256,
    counts: BTreeMap<&'static str, u64>,
    lines: u64,
}

/// What comes next.
enum Part {
    Manifest { resumed: bool },
    Records,
    Trailer,
    Over,
}

impl Stream {
    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if let Part::Manifest { resumed } = self.part {
            self.part = Part::Records;
            let names: Vec<&'static str> = self.kinds.iter().map(|k| k.path).collect();
            let manifest = Manifest {
                kind: "manifest",
                start_cursor: self.position.start.seal(&self.permit),
                epoch: self.position.start.epoch(),
                schema: feed::SCHEMA,
                entities: &names,
                resumed,
            };
            let text = line(&manifest)?;
            return Ok(Some(self.hashed(text)));
        }
        while let Part::Records = self.part {
            let Some(place) = self.kinds.iter().position(|k| k.path == self.position.entity) else {
                self.part = Part::Trailer;
                break;
            };
            if let Some(text) = self.page(place).await? {
                return Ok(Some(self.hashed(text)));
            }
        }
        if let Part::Trailer = self.part {
            self.part = Part::Over;
            let sha256 = domain::hex(&self.hash.clone().finalize());
            return line(&Trailer { kind: "trailer", counts: &self.counts, lines: self.lines, sha256 }).map(Some);
        }
        Ok(None)
    }

    /// The next page of a resource, or nothing when it has no more; then the position is that of the next one.
    async fn page(&mut self, place: usize) -> Result<Option<Vec<u8>>> {
        let Some(kind) = self.kinds.get(place).copied() else { return Ok(None) };
        let (scope, sight, after) = (self.permit.scope(), self.permit.identity.sight(), self.position.after);
        let read = move |c: &mut persistence::Conn| (kind.shown_after)(c, &scope, after, PAGE, sight);
        let page = self.permit.app.db.read_current(read).await?;
        let Some(last) = page.last() else {
            self.position.entity = self.kinds.get(place + 1).map_or("", |k| k.path).to_owned();
            self.position.after = None;
            return Ok(None);
        };
        self.position.after = Some(last.meta.id);
        let mut text = Vec::with_capacity(page.len() * 1200);
        for record in &page {
            text.extend_from_slice(b"{\"kind\":\"record\",\"entity\":\"");
            text.extend_from_slice(kind.path.as_bytes());
            text.extend_from_slice(b"\",\"data\":");
            text.extend_from_slice(&record.text);
            text.extend_from_slice(b"}\n");
        }
        let count = page.len() as u64;
        *self.counts.entry(kind.path).or_insert(0) += count;
        self.lines += count;
        let page_token = sealed::seal(&self.permit.app, PURPOSE, &self.position);
        text.extend(line(&Checkpoint { kind: "checkpoint", page_token })?);
        Ok(Some(text))
    }

    fn hashed(&mut self, text: Vec<u8>) -> Vec<u8> {
        self.hash.update(&text);
        text
    }
}

fn line<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec(value).map_err(ApiError::internal)?;
    text.push(b'\n');
    Ok(text)
}
