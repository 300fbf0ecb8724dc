//! Answers that are made of all records of a division are kept, and said to be unchanged, as long as nothing is
//! written.
//!
//! An answer is kept for the number of journal lines that were committed when it was asked for. A request asks the
//! primary for that number, one point read: where it is the same, no server has written anything since.
use super::Reader;
use crate::error::Result;
use crate::exchange::Format;
use crate::exchange::template::file;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use domain::Uuid;
use persistence::figures::Asked;
use persistence::{Conn, feed};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// What the contract says of the header.
pub(super) const UNCHANGED: &str = "The `ETag` of what the caller has; 304 where nothing has changed";
/// Bytes kept at most.
const BYTES: u64 = 64 * 1024 * 1024;
/// Answers of a usual length that have room in them.
const ANSWERS: usize = 1000;

/// In which form an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As data.
    Json,
    /// As a page to print.
    Html,
    /// As a file.
    File(Format),
}
impl Form {
    /// The form with this name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Form::Json),
            "html" => Some(Form::Html),
            other => Format::parse(other).map(Form::File),
        }
    }
}

/// What was made, and of which moment.
struct Answer {
    at: (Uuid, i64),
    body: Bytes,
}

#[derive(Clone)]
struct Length;
impl Weighter<String, Arc<Answer>> for Length {
    fn weight(&self, key: &String, answer: &Arc<Answer>) -> u64 {
        u64::try_from(key.len() + answer.body.len()).unwrap_or(u64::MAX).max(1)
    }
}

/// The memory.
pub struct Kept(Cache<String, Arc<Answer>, Length>);
impl Default for Kept {
    fn default() -> Self {
        Self(Cache::with_weighter(ANSWERS, BYTES, Length))
    }
}

/// Answers a question about a year: from memory, with "not modified", or with what `make` makes of the records. `what`
/// names everything that the answer depends on beside the caller and what is [`Asked`].
pub(super) async fn answer(
    permit: &Reader,
    req: &HttpRequest,
    asked: &Asked,
    (what, form): (&str, Form),
    make: impl FnOnce(&mut Conn) -> persistence::Result<Vec<u8>> + Send + 'static,
) -> Result<HttpResponse> {
    let (division, moment) = (&asked.division, asked.moment);
    let key = format!(
        "{what} {form:?} {division} {} {} {:?} {:?} {:?} {:?}",
        moment.year,
        moment.as_of,
        permit.language,
        asked.scope,
        permit.identity.role,
        permit.identity.sight(),
    );
    let now = permit.app.db.read(feed::committed).await?;
    let program = program().await;
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let unchanged = tag(program, &key, now);
    let name = format!("{}-{division}-{}", what.split(' ').next().unwrap_or_default(), moment.year);
    if known.split(',').any(|t| t.trim() == unchanged) {
        return Ok(head(form, &name, &unchanged).status(StatusCode::NOT_MODIFIED).finish());
    }
    // Who asks for the same at the same time waits for it to be made once. What is made may be younger than `now`.
    let made = async {
        // The number is of the moment of the records: on a replica both may be a little old.
        let both = |c: &mut Conn| c.at_one_moment(|c| Ok((feed::committed(c)?, make(c)?)));
        let (at, body) = permit.app.db.read_long(both).await?;
        Ok::<_, crate::error::ApiError>(Arc::new(Answer { at, body: Bytes::from(body) }))
    };
    let answer = permit.app.kept.0.get_or_insert_async(format!("{key} {now:?}").as_str(), made).await?;
    Ok(head(form, &name, &tag(program, &key, answer.at)).body(answer.body.clone()))
}

/// Which program this is: its version, and the hash of its file, since one version is built more than once.
async fn program() -> &'static str {
    static PROGRAM: OnceCell<String> = OnceCell::const_new();
    let read = || {
        let hash = std::env::current_exe().and_then(File::open).and_then(hashed).unwrap_or_default();
        format!("{} {hash}", env!("CARGO_PKG_VERSION"))
    };
    // The file is large: no worker waits for it.
    PROGRAM.get_or_init(|| async { tokio::task::spawn_blocking(read).await.unwrap_or_default() }).await
}

/// The hash of a file, read in pieces.
fn hashed(mut file: File) -> std::io::Result<String> {
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(domain::hex(&hash.finalize())),
            n => hash.update(piece.get(..n).unwrap_or_default()),
        }
    }
}

/// A strong tag: the same request, the same program and the same records give the same bytes.
fn tag(program: &str, key: &str, (epoch, lines): (Uuid, i64)) -> String {
    let of = format!("{program} {epoch} {lines} {key}");
    let hash = domain::hex(&Sha256::digest(of.as_bytes()));
    format!("\"{}\"", hash.chars().take(32).collect::<String>())
}

fn head(form: Form, name: &str, tag: &str) -> actix_web::HttpResponseBuilder {
    let mut answer = match form {
        Form::File(format) => file(format, name),
        Form::Json | Form::Html => HttpResponse::Ok(),
    };
    match form {
        Form::Json => drop(answer.content_type("application/json")),
        Form::Html => {
            answer
                .content_type("text/html; charset=utf-8")
                .insert_header(("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"))
                .insert_header(("X-Content-Type-Options", "nosniff"));
        }
        Form::File(_) => {}
    }
    // What the caller may see may change at any time: the tag has to be asked with.
    answer.insert_header((header::ETAG, tag)).insert_header((header::CACHE_CONTROL, "private, no-cache"));
    answer
}
