//! `GET /{resource}/export`: every record the conditions meet, a line or a row each, at constant memory.
use super::template::file;
use super::write::{Encoding, Form, Sheets, csv, headers, row};
use super::{CSV, Format};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read, SignedIn};
use crate::listing::{Listing, pairs};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use domain::Rule;
use domain::codes::{AuditKind, AuditOutcome};
use domain::exchange::columns::columns;
use persistence::registry::{self, Kind};
use persistence::shown::Framing;
use persistence::store::ListShown;
use persistence::{Conn, Store};
use std::fs::File;
use std::io::Read as _;
use tokio::sync::mpsc;

/// Records read and sent at a time.
pub const PAGE: i64 = 500;
/// Pages that wait for a slow reader; then no more are read.
const WAITING: usize = 2;
/// Bytes of a finished file sent at a time.
const PART: usize = 64 * 1024;

type Part = std::result::Result<Bytes, std::io::Error>;

/// What is asked of the form, and the rest of the query.
type Asked = (Option<Format>, Form, Vec<(String, String)>);

fn asked(req: &HttpRequest) -> Result<Asked> {
    let (mut format, mut form, mut rest) = (None, Form::default(), vec![]);
    let mut shaped = None;
    for (name, value) in pairs(req)? {
        let known = match (name.as_str(), value.as_str()) {
            ("format", "ndjson") => true,
            ("format", other) => {
                format = Format::parse(other);
                format.is_some()
            }
            ("headers", "title") => true,
            ("headers", "field") => {
                form.titles = false;
                true
            }
            ("codes", "label") => true,
            ("codes", "code") => {
                form.labels = false;
                true
            }
            ("encoding", "utf-8-bom") => true,
            ("encoding", "utf-8") => {
                form.encoding = Encoding::Utf8;
                true
            }
            ("encoding", "gbk") => {
                form.encoding = Encoding::Gbk;
                true
            }
            ("headers" | "codes" | "encoding", _) => false,
            (filter, _) if filter.starts_with("filter[") || filter == "q" => {
                rest.push((name, value));
                continue;
            }
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        };
        if !known {
            return Err(ApiError::parameter(&name, Rule::Pattern));
        }
        if name != "format" {
            shaped = Some(name);
        }
    }
    match (shaped, format) {
        // Lines of JSON have one form.
        (Some(name), None) => Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        _ => Ok((format, form, rest)),
    }
}

/// The handler.
pub async fn export<R: Store>(permit: Permit<R, Read>, req: HttpRequest) -> Result<HttpResponse> {
    exported(permit.into_caller(), registry::of::<R>(), R::list_shown, req).await
}

async fn exported(caller: SignedIn, kind: &'static Kind, list: ListShown, req: HttpRequest) -> Result<HttpResponse> {
    let (format, form, rest) = asked(&req)?;
    let mut query = Listing::of(kind, &caller.app, &caller.identity, &rest)?.query;
    query.limit = 1;
    let (scope, sight, app) = (caller.scope(), caller.identity.sight(), caller.app.clone());
    // A filter that cannot be read is a 400, which must be known before the first byte.
    let (probe, probed) = (query.clone(), scope.clone());
    app.db.read_long(move |c| list(c, &probed, &probe, sight, Framing::LINES)).await?;
    query.limit = PAGE;
    let told = caller.event(AuditKind::Export, AuditOutcome::Success).about(kind.path, None);
    app.audit.note(told.detail(format.map_or("ndjson", Format::as_str)));
    let (sender, receiver) = mpsc::channel::<Part>(WAITING);
    // Between two pages nothing is held but the page that waits: a slow reader stands in nobody's way.
    actix_web::rt::spawn(async move {
        let mut into = Pages::new(columns(kind.path, (kind.spec)()), format, form, sender);
        loop {
            let (scope, asked) = (scope.clone(), query.clone());
            let read = move |c: &mut Conn| list(c, &scope, &asked, sight, Framing::LINES);
            let (sent, next) = match app.db.read_long(read).await {
                Ok(page) => (into.page(page.items.into_text()).await, page.next),
                Err(e) => (Err(e.to_string()), None),
            };
            match (sent, next) {
                (Ok(true), Some(next)) => query.after = Some(next),
                (Ok(true), None) => return into.end().await,
                // The reader has gone.
                (Ok(false), _) => return,
                (Err(cause), _) => {
                    // The status is sent; a cut connection is how the reader learns that lines are missing.
                    tracing::error!(%cause, "an export was cut short");
                    return into.fail().await;
                }
            }
        }
    });
    let body = futures_util::stream::unfold(receiver, |mut r| async { r.recv().await.map(|chunk| (chunk, r)) });
    Ok(match format {
        None => HttpResponse::Ok().content_type("application/x-ndjson").streaming(body),
        Some(Format::Csv) if form.encoding == Encoding::Gbk => {
            file(Format::Csv, kind.path).content_type(format!("{CSV}; charset=gbk")).streaming(body)
        }
        Some(format) => file(format, kind.path).streaming(body),
    })
}

/// Where pages go.
struct Pages {
    columns: Vec<domain::exchange::Column>,
    form: Form,
    first: bool,
    sender: mpsc::Sender<Part>,
    sheets: Option<Book>,
    lines: bool,
}

/// A spreadsheet on its way, written by a thread that may block.
struct Book {
    rows: mpsc::Sender<Vec<Vec<domain::exchange::Shown>>>,
    file: tokio::task::JoinHandle<std::result::Result<File, String>>,
}

impl Book {
    fn new(headers: Vec<domain::exchange::Shown>) -> Self {
        let (rows, mut pages) = mpsc::channel::<Vec<Vec<_>>>(WAITING);
        let file = tokio::task::spawn_blocking(move || {
            let mut sheets = Sheets::new(headers)?;
            while let Some(page) = pages.blocking_recv() {
                page.iter().try_for_each(|row| sheets.add(row))?;
            }
            sheets.finish()
        });
        Self { rows, file }
    }
}

impl Pages {
    fn new(
        columns: Vec<domain::exchange::Column>,
        format: Option<Format>,
        form: Form,
        sender: mpsc::Sender<Part>,
    ) -> Self {
        let sheets = (format == Some(Format::Xlsx)).then(|| Book::new(headers(&columns, form)));
        Self { columns, form, first: true, sender, sheets, lines: format.is_none() }
    }
    /// Takes a page of lines of JSON. `false` where nobody reads any more.
    async fn page(&mut self, text: Vec<u8>) -> std::result::Result<bool, String> {
        if self.lines {
            return Ok(self.sender.send(Ok(text.into())).await.is_ok());
        }
        let mut rows = vec![];
        for line in text.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            let record: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(line).map_err(|e| e.to_string())?;
            rows.push(row(&self.columns, &record, self.form));
        }
        if let Some(book) = &self.sheets {
            let open = book.rows.send(rows).await.is_ok();
            return if open { Ok(!self.sender.is_closed()) } else { Err("the spreadsheet was not written".into()) };
        }
        let head = self.first.then(|| headers(&self.columns, self.form));
        let bytes = csv(head.into_iter().chain(rows), self.form.encoding, self.first)?;
        self.first = false;
        Ok(self.sender.send(Ok(bytes.into())).await.is_ok())
    }
    /// Sends what is left when all pages were taken.
    async fn end(self) {
        let Some(Book { rows, file }) = self.sheets else { return };
        drop(rows);
        let Ok(Ok(mut file)) = file.await else {
            drop(self.sender.send(Err(std::io::Error::other("export failed"))).await);
            return;
        };
        let sender = self.sender;
        let sent = tokio::task::spawn_blocking(move || {
            loop {
                let mut part = vec![0; PART];
                match file.read(&mut part) {
                    Ok(0) => return,
                    Ok(n) => {
                        part.truncate(n);
                        if sender.blocking_send(Ok(part.into())).is_err() {
                            return;
                        }
                    }
                    Err(e) => {
                        drop(sender.blocking_send(Err(e)));
                        return;
                    }
                }
            }
        });
        drop(sent.await);
    }
    async fn fail(self) {
        drop(self.sender.send(Err(std::io::Error::other("export failed"))).await);
    }
}
