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
use tokio::sync::mpsc;

/// Records between two places where a broken stream can be taken up.
const PAGE: i64 = 500;
/// Pages that wait for a slow reader; then the database waits too.
const WAITING: usize = 2;
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
    let (sender, receiver) = mpsc::channel::<std::result::Result<Bytes, std::io::Error>>(WAITING);
    actix_web::rt::spawn(async move {
        let lines = sender.clone();
        let app = permit.app.clone();
        let work = move |c: &mut persistence::Conn| stream(c, &permit, &kinds, position, resumed, &lines);
        if let Err(e) = app.db.read_current(work).await {
            tracing::error!(cause = %e, "a snapshot was cut short");
            let _ = sender.send(Err(std::io::Error::other("snapshot failed"))).await;
        }
    });
    let body = futures_util::stream::unfold(receiver, |mut r| async { r.recv().await.map(|chunk| (chunk, r)) });
    Ok(HttpResponse::Ok().content_type("application/x-ndjson").streaming(body))
}

type Lines = mpsc::Sender<std::result::Result<Bytes, std::io::Error>>;

fn stream(
    conn: &mut persistence::Conn,
    permit: &Puller,
    kinds: &[&'static Kind],
    position: Position,
    resumed: bool,
    lines: &Lines,
) -> persistence::Result<()> {
    let (mut hash, mut counts, mut total) = (Sha256::new(), BTreeMap::new(), 0_u64);
    let names: Vec<&'static str> = kinds.iter().map(|k| k.path).collect();
    let start_cursor = position.start.seal(permit);
    let manifest = Manifest {
        kind: "manifest",
        start_cursor,
        epoch: position.start.epoch(),
        schema: feed::SCHEMA,
        entities: &names,
        resumed,
    };
    let mut send = |text: Vec<u8>, records: u64| {
        hash.update(&text);
        total += records;
        lines.blocking_send(Ok(text.into())).is_ok()
    };
    if !send(line(&manifest)?, 0) {
        return Ok(());
    }
    let (scope, sensitive) = (permit.scope(), permit.identity.sensitive());
    let mut after = position.after;
    for kind in kinds.iter().skip_while(|k| k.path != position.entity) {
        loop {
            let page = (kind.shown_after)(conn, &scope, after.take(), PAGE, sensitive)?;
            let Some(last) = page.last() else { break };
            let (next, full) = (last.meta.id, page.len() as i64 == PAGE);
            let mut text = Vec::with_capacity(page.len() * 1200);
            for record in &page {
                text.extend_from_slice(b"{\"kind\":\"record\",\"entity\":\"");
                text.extend_from_slice(kind.path.as_bytes());
                text.extend_from_slice(b"\",\"data\":");
                text.extend_from_slice(&record.text);
                text.extend_from_slice(b"}\n");
            }
            *counts.entry(kind.path).or_insert(0) += page.len() as u64;
            let here = Position { entity: kind.path.to_owned(), after: Some(next), ..position.clone() };
            let page_token = sealed::seal(&permit.app, PURPOSE, &here);
            text.extend(line(&Checkpoint { kind: "checkpoint", page_token })?);
            if !send(text, page.len() as u64) {
                return Ok(()); // the reader has gone
            }
            if !full {
                break;
            }
            after = Some(next);
        }
    }
    let sha256 = crate::auth::keys::hex(&hash.finalize());
    let trailer = line(&Trailer { kind: "trailer", counts: &counts, lines: total, sha256 })?;
    let _ = lines.blocking_send(Ok(trailer.into()));
    Ok(())
}

fn line<T: Serialize>(value: &T) -> persistence::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(value).map_err(persistence::Error::internal)?;
    text.push(b'\n');
    Ok(text)
}
