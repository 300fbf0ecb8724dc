//! `GET /sync/events`: the feed as server-sent events, for readers that stay.
use super::Puller;
use super::changes::{self, Question, Start};
use super::cursor::Cursor;
use crate::error::Result;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use std::time::Duration;

/// Seconds without a change after which the reader is told its position, which keeps the connection alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The handler.
pub async fn events(permit: Puller, req: HttpRequest) -> Result<HttpResponse> {
    let mut question = Question::read(&permit, &req)?;
    // A reader that comes back says what it saw last, whatever its address says.
    if let Some(last) = req.headers().get("last-event-id").and_then(|v| v.to_str().ok()) {
        question.cursor = Some(Start::After(Cursor::open(&permit, last)?));
    }
    let begin = question.begin(&permit).await?;
    let question = question.waiting(HEARTBEAT);
    let stream = futures_util::stream::unfold(Some((permit, question, begin)), |reading| async {
        let (permit, question, cursor) = reading?;
        match text(&permit, &question, cursor).await {
            Ok((text, cursor)) => Some((Ok(text), Some((permit, question, cursor)))),
            // The status is sent; the reader comes back and then hears what is wrong.
            Err(e) => Some((Err(std::io::Error::other(e.to_string())), None)),
        }
    });
    Ok(HttpResponse::Ok().content_type("text/event-stream").streaming(stream))
}

/// The next events, or the position when there were none for a while.
async fn text(permit: &Puller, question: &Question, cursor: Cursor) -> Result<(Bytes, Cursor)> {
    let mut told = question.next(permit, cursor.clone()).await?;
    let mut out = vec![];
    while let Some(changes) = told.changes().await? {
        for change in &changes {
            let id = cursor.moved(change.seq).seal(permit);
            out.extend_from_slice(format!("id: {id}\nevent: change\ndata: ").as_bytes());
            changes::write(&mut out, change)?;
            out.extend_from_slice(b"\n\n");
        }
    }
    let reached = told.cursor;
    if out.is_empty() {
        out.extend_from_slice(format!("id: {}\nevent: position\ndata: {{}}\n\n", reached.seal(permit)).as_bytes());
    }
    Ok((out.into(), reached))
}
