//! `POST /sync/push/stream`: a bulk load as lines. It is carried out in batches while it arrives.
//!
//! The answer comes when everything was read: a client that writes all before it reads would otherwise wait for us
//! while we wait for it.
use super::Pusher;
use super::push::{self, Counts, PushHead, PushResult};
use crate::error::{ApiError, ProblemBody, Result};
use crate::limits::slow::Steady;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use bytes::BytesMut;
use domain::push::{PUSH_LIMIT, Received};
use domain::{Code, Problem, Rule, Violation};
use persistence::push::{Atomic, Batch};
use serde::Serialize;
use serde_json::Value;

/// Largest stream.
const STREAM_LIMIT: usize = 64 * 1024 * 1024;

/// What a stream ended with.
#[derive(Serialize)]
struct End<'e> {
    kind: &'static str,
    counts: &'e Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_through_op_seq: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    write_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    write_seq: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped: Option<ProblemBody>,
}
#[derive(Serialize)]
struct Line<'l> {
    kind: &'static str,
    #[serde(flatten)]
    result: &'l PushResult,
}

/// A stream on its way in.
struct Incoming {
    payload: Steady<web::Payload>,
    buffer: BytesMut,
    taken: usize,
    ended: bool,
    line: usize,
}

impl Incoming {
    /// The next line, without its end; `None` behind the last.
    async fn next(&mut self) -> Result<Option<BytesMut>> {
        let mut looked = 0;
        loop {
            if let Some(end) = self.buffer.iter().skip(looked).position(|b| *b == b'\n') {
                let mut line = self.buffer.split_to(looked + end + 1);
                line.truncate(looked + end);
                self.line += 1;
                return Ok(Some(line));
            }
            looked = self.buffer.len();
            if self.ended {
                self.line += 1;
                return Ok((!self.buffer.is_empty()).then(|| self.buffer.split()));
            }
            match self.payload.next().await? {
                None => self.ended = true,
                Some(chunk) => {
                    self.taken += chunk.len();
                    if self.taken > STREAM_LIMIT {
                        return Err(ApiError::new(Problem::PayloadTooLarge));
                    }
                    self.buffer.extend_from_slice(&chunk);
                }
            }
        }
    }
    async fn json(&mut self) -> Result<Option<Value>> {
        loop {
            let Some(line) = self.next().await? else { return Ok(None) };
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let at = self.line;
            let wrong = |_| {
                let found = Violation::new("", Rule::WrongType).with("expected", format!("JSON (line {at})"));
                ApiError::of(Problem::MalformedJson, vec![found])
            };
            return serde_json::from_slice(&line).map(Some).map_err(wrong);
        }
    }
    /// The next operations, as many as a batch may have, and what ended the stream before its end.
    async fn batch(&mut self) -> (Vec<Received>, Option<ApiError>) {
        let mut ops = vec![];
        while ops.len() < PUSH_LIMIT {
            let op = match self.json().await {
                Ok(Some(op)) => op,
                Ok(None) => break,
                Err(e) => return (ops, Some(e)),
            };
            match Received::read(op, &format!("/line/{}", self.line)) {
                Ok(op) => ops.push(op),
                Err(v) => return (ops, Some(ApiError::of(Problem::ValidationFailed, vec![v]))),
            }
        }
        (ops, None)
    }
}

/// The handler.
pub async fn push_stream(permit: Pusher, req: HttpRequest, payload: web::Payload) -> Result<HttpResponse> {
    if !matches!(req.content_type(), "application/x-ndjson" | "application/jsonl") {
        return Err(ApiError::new(Problem::UnsupportedMediaType));
    }
    let atomic = push::atomic(&req)?;
    if atomic == Atomic::All {
        return Err(ApiError::parameter("atomic", Rule::Pattern));
    }
    let payload = Steady::new(payload, &permit.app.config.limits);
    let mut incoming = Incoming { payload, buffer: BytesMut::new(), taken: 0, ended: false, line: 0 };
    let head = incoming.json().await?.unwrap_or_default();
    let PushHead { epoch, sent_at, agent } = domain::input::typed(head)?;
    let (clock_ahead, agent) = (push::ahead(sent_at), push::named(agent));
    let (mut out, mut counts, mut accepted, mut stopped) = (vec![], Counts::new(), None, None);
    while stopped.is_none() {
        let (ops, broken) = incoming.batch().await;
        // What came before it is done, and told.
        stopped = broken;
        if ops.is_empty() {
            break;
        }
        let batch = Batch { epoch, atomic, ops, clock_ahead, agent: agent.clone() };
        match push::carry_out(&permit, batch, false).await {
            Ok((results, expected)) => {
                accepted = Some(expected - 1);
                for result in &results {
                    *counts.entry(result.status.as_str()).or_default() += 1;
                    line(&mut out, &Line { kind: "result", result })?;
                }
            }
            Err(e) => stopped = Some(e),
        }
    }
    if let (Some(e), true) = (&stopped, out.is_empty()) {
        return Err(e.clone());
    }
    let (cursor, seq) = match accepted {
        Some(_) => push::written(&permit).await.map(|(c, s)| (Some(c), Some(s)))?,
        None => (None, None),
    };
    let stopped = stopped.map(|e| {
        if let Some(cause) = &e.cause {
            tracing::warn!(%cause, "a stream of operations was cut short");
        }
        e.body(permit.language, permit.request_id())
    });
    let end = End {
        kind: "end",
        counts: &counts,
        accepted_through_op_seq: accepted,
        write_cursor: cursor,
        write_seq: seq,
        stopped,
    };
    line(&mut out, &end)?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/x-ndjson")).body(out))
}

fn line(out: &mut Vec<u8>, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, value).map_err(ApiError::internal)?;
    out.push(b'\n');
    Ok(())
}
