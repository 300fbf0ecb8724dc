//! Files on their way out: whole or a range, a piece at a time, for a reader of whatever speed.
use super::blobs::Content;
use super::kind::Kind;
use super::{Files, Sha256Hex, blocking, not_found, seen};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use actix_web::body::SizedStream;
use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use domain::Problem;
use domain::codes::{AuditKind, AuditOutcome};
use futures_util::{Stream, stream};
use std::io;
use std::sync::Arc;

/// Bytes read and sent at a time.
const PIECE: usize = 64 * 1024;

/// `GET` and `HEAD /files/{sha256}`
pub async fn fetch(
    permit: Permit<Files, Read>,
    sha256: web::Path<Sha256Hex>,
    req: HttpRequest,
) -> Result<HttpResponse> {
    let file = seen(&permit, &sha256).await?.ok_or_else(not_found)?;
    let (tag, bytes) = (format!("\"{}\"", file.sha256), file.bytes.unsigned_abs());
    let asked = |name| req.headers().get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::ETAG, tag.as_str()))
        .insert_header((header::CACHE_CONTROL, "private"))
        .insert_header((header::ACCEPT_RANGES, "bytes"));
    let known = |tags: &str| {
        tags.split(',')
            .any(|t| matches!(t.trim().trim_start_matches("W/"), "*") || t.trim().trim_start_matches("W/") == tag)
    };
    if asked(header::IF_NONE_MATCH).is_some_and(known) {
        return Ok(answer.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    let range = asked(header::RANGE).filter(|_| asked(header::IF_RANGE).is_none_or(|t| t == tag));
    let (from, length) = match range.map_or(Range::Whole, |range| Range::read(range, bytes)) {
        Range::Whole => (0, bytes),
        Range::Outside => {
            let mut refused = ApiError::new(Problem::RangeNotSatisfiable).error_response();
            let whole = header::HeaderValue::from_str(&format!("bytes */{bytes}")).map_err(ApiError::internal)?;
            refused.headers_mut().insert(header::CONTENT_RANGE, whole);
            return Ok(refused);
        }
        Range::Part(from, last) => {
            answer.status(actix_web::http::StatusCode::PARTIAL_CONTENT);
            answer.insert_header((header::CONTENT_RANGE, format!("bytes {from}-{last}/{bytes}")));
            (from, last + 1 - from)
        }
    };
    let kind = Kind::of(&file.media_type);
    let name: String = file.sha256.chars().take(16).collect();
    answer
        .content_type(file.media_type)
        // It has no name of its own; and no browser shows it in a page of ours.
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.{}\"", kind.map_or("bin", |kind| kind.extension)),
        ))
        // Its bytes are what its tag and ranges mean.
        .insert_header((header::CONTENT_ENCODING, "identity"));
    if req.method() == Method::HEAD {
        return Ok(answer.body(SizedStream::new(length, stream::empty::<io::Result<Bytes>>())));
    }
    if from == 0 {
        let read = permit.event(AuditKind::SensitiveRead, AuditOutcome::Success);
        permit.app.audit.note(read.about("files", None).detail(format!("content {name}")));
    }
    let (blobs, name) = (Arc::clone(&permit.app.blobs), sha256.clone());
    let content = blocking(move || blobs.content(name.as_str(), from, length)).await?;
    let missing =
        || ApiError { cause: Some("a file's content is missing".into()), ..ApiError::new(Problem::Unavailable) };
    Ok(answer.body(SizedStream::new(length, pieces(content.ok_or_else(missing)?))))
}

/// A content piece by piece. Between two of them no thread waits.
fn pieces(content: Content) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(content, |mut content| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let mut filled = 0;
            while let Some(rest) = piece.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                match content.read(rest)? {
                    0 => break,
                    n => filled += n,
                }
            }
            piece.truncate(filled);
            Ok::<_, io::Error>((piece, content))
        });
        let (piece, content) = read.await.map_err(io::Error::other)??;
        Ok(if piece.is_empty() { None } else { Some((Bytes::from(piece), content)) })
    })
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// All of it; also where several ranges are asked for, or what is no range.
    Whole,
    /// From a byte to a byte, both included.
    Part(u64, u64),
    /// Nothing that is there.
    Outside,
}
impl Range {
    fn read(text: &str, bytes: u64) -> Self {
        let Some((from, to)) = text.trim().strip_prefix("bytes=").and_then(|r| r.split_once('-')) else {
            return Self::Whole;
        };
        let number = |text: &str| text.trim().parse::<u64>().ok();
        let last = bytes.saturating_sub(1);
        match (from.trim(), to.trim()) {
            ("", to) => match number(to) {
                Some(0) => Self::Outside,
                Some(count) => Self::Part(bytes.saturating_sub(count), last),
                None => Self::Whole,
            },
            (from, to) => match (number(from), if to.is_empty() { Some(last) } else { number(to) }) {
                (Some(from), Some(to)) if from > to && from < bytes => Self::Whole,
                (Some(from), Some(_)) if from >= bytes => Self::Outside,
                (Some(from), Some(to)) => Self::Part(from, to.min(last)),
                _ => Self::Whole,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_rfc_9110_means_it() {
        for (text, expected) in [
            ("bytes=0-0", Range::Part(0, 0)),
            ("bytes=2-5", Range::Part(2, 5)),
            ("bytes=2-", Range::Part(2, 9)),
            ("bytes=2-500", Range::Part(2, 9)),
            ("bytes=-3", Range::Part(7, 9)),
            ("bytes=-500", Range::Part(0, 9)),
            ("bytes=10-", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=5-2", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("lines=0-1", Range::Whole),
            ("bytes=a-b", Range::Whole),
        ] {
            assert_eq!(Range::read(text, 10), expected, "{text}");
        }
    }
}
