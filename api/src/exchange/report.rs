//! What became of an import: in an answer, and as the rows that failed, to be mended and sent again.
use super::read;
use super::template::file;
use super::work::{Request, Said, assembled};
use super::write::{self, Encoding, again};
use crate::error::{ApiError, Result};
use crate::extract::SignedIn;
use crate::jobs::{JobView, seen};
use crate::listing::pairs;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::exchange::Shown;
use domain::exchange::columns::ERRORS;
use domain::{Language, Problem, Rule, Uuid, Violation};
use persistence::jobs::{self, Job, Seen};
use persistence::{Database, Error};
use serde::Serialize;
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Rows with findings in an answer.
const SHOWN: i64 = 100;
/// Findings read at a time.
const PAGE: i64 = 1_000;

/// Something that is wrong with a row.
#[skip_serializing_none]
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportFinding {
    /// The row's number in the file; the header is row 1. 0 for the file as a whole.
    row: i64,
    /// The header of the column, where it is about one.
    #[schema(max_length = 1000)]
    column: Option<String>,
    /// What it is about: JSON pointer to the field.
    #[schema(max_length = 1000)]
    pointer: String,
    /// Stable code; the catalogue is `GET /problems`.
    #[schema(max_length = 100)]
    code: String,
    /// What is wrong, in the reader's language.
    #[schema(max_length = 1000)]
    message: String,
}

/// What became of a file.
#[derive(Serialize, ToSchema)]
pub struct ImportReport {
    /// The job, with the numbers of rows.
    job: JobView,
    /// What is wrong, in the order of the rows: of the first 100 rows that failed, or of those behind `after_row`.
    #[schema(max_items = 10_000)]
    findings: Vec<ImportFinding>,
    /// Whether more rows failed than are told of here.
    more: bool,
}

/// What was said of a row, for a reader.
fn told(row: i64, said: &[u8], language: Language) -> Result<Vec<ImportFinding>> {
    let Said { problem, found } = serde_json::from_slice(said).map_err(ApiError::internal)?;
    let text = |p: Problem| match language {
        Language::Zh => p.zh(),
        Language::En => p.en(),
    };
    if found.is_empty() {
        let message = Problem::parse(&problem).map_or("", text).to_owned();
        return Ok(vec![ImportFinding { row, column: None, pointer: String::new(), code: problem, message }]);
    }
    let one = |(stored, column): (persistence::ledger::Stored, Option<String>)| {
        let v: Violation = stored.violation()?;
        let message = v.message(language).chars().take(1000).collect();
        let pointer = v.pointer.chars().take(1000).collect();
        // What is wrong with the file is about the header itself.
        let column = column
            .or_else(|| (row == 0).then(|| v.pointer.trim_start_matches('/').to_owned()).filter(|h| !h.is_empty()));
        let column = column.map(|c| c.chars().take(1000).collect());
        Some(ImportFinding { row, column, pointer, code: v.rule.code().into(), message })
    };
    Ok(found.into_iter().filter_map(one).collect())
}

/// The findings about a job's rows behind a number, and whether there are more.
///
/// # Errors
/// What the database says.
pub async fn findings(
    db: &Database,
    job: &Job,
    after: i64,
    limit: i64,
    language: Language,
) -> Result<(Vec<ImportFinding>, bool)> {
    let id = job.id;
    let mut rows = db.read_current(move |c| jobs::findings(c, id, after, limit + 1)).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|n| n > limit);
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    let mut all = vec![];
    if let Some(failure) = job.failure.as_ref().filter(|_| after == 0) {
        all.extend(told(0, failure.0.as_bytes(), language)?);
    }
    for (row, said) in rows {
        all.extend(told(row, &said, language)?);
    }
    Ok((all, more))
}

impl ImportFinding {
    /// In one line, for a terminal.
    pub fn line(&self) -> String {
        let column = self.column.as_deref().map(|c| format!(" [{c}]")).unwrap_or_default();
        format!("row {}{column}: {} ({})", self.row, self.message, self.code)
    }
}

/// `GET /imports/{id}`
pub async fn report(caller: SignedIn, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    caller.complete()?;
    let mut after = 0;
    for (name, value) in pairs(&req)? {
        match (name.as_str(), value.parse()) {
            ("after_row", Ok(n)) if n >= 0 => after = n,
            ("after_row", _) => return Err(ApiError::parameter("after_row", Rule::TooSmall)),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let job = job(&caller.app.db, seen(&caller), *id).await?;
    let (findings, more) = findings(&caller.app.db, &job, after, SHOWN, caller.language).await?;
    Ok(HttpResponse::Ok().json(ImportReport { job: JobView::of(&job)?, findings, more }))
}

async fn job(db: &Database, seen: Seen, id: Uuid) -> Result<Job> {
    Ok(db.read_current(move |c| jobs::get(c, &seen, id)).await?)
}

/// `GET /imports/{id}/errors`: for who sent the file, for it shows what was in it.
pub async fn errors(caller: SignedIn, id: web::Path<Uuid>) -> Result<HttpResponse> {
    caller.complete()?;
    let own = Seen { client: Some(caller.identity.client()), ..seen(&caller) };
    let job = job(&caller.app.db, own, *id).await?;
    let (format, bytes) = error_file(&caller.app.db, &job, caller.language).await?;
    Ok(file(format, &format!("{}-errors", job.id)).body(bytes))
}

/// The rows that failed, as they came, with a column that says why.
///
/// # Errors
/// What the database says.
pub async fn error_file(db: &Database, job: &Job, language: Language) -> Result<(super::Format, Vec<u8>)> {
    let request: Request = serde_json::from_str(&job.request.0).map_err(ApiError::internal)?;
    let mut texts: BTreeMap<u64, String> = BTreeMap::new();
    let (id, mut after) = (job.id, 0);
    loop {
        let rows = db.read_current(move |c| jobs::findings(c, id, after, PAGE)).await?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        for (row, said) in &rows {
            let found = told(*row, said, language)?;
            let one = |f: &ImportFinding| match &f.column {
                Some(column) => format!("{column}:{}", f.message),
                None => f.message.clone(),
            };
            let text = found.iter().map(one).collect::<Vec<_>>().join(";");
            texts.insert(u64::try_from(*row).unwrap_or_default(), text);
        }
    }
    let source = assembled(db, id).await?;
    let format = request.format;
    let made =
        tokio::task::spawn_blocking(move || written(&source, format, &texts)).await.map_err(ApiError::internal)?;
    Ok((format, made.map_err(ApiError::from)?))
}

fn written(
    source: &std::fs::File,
    format: super::Format,
    texts: &BTreeMap<u64, String>,
) -> std::result::Result<Vec<u8>, Error> {
    let mut head: Option<(Vec<Shown>, Option<usize>)> = None;
    let mut rows = vec![];
    let read = read::rows(source, format, &mut |number, cells| {
        let shown = |skip: Option<usize>| {
            let kept = cells.iter().enumerate().filter(move |(at, _)| Some(*at) != skip);
            kept.map(|(_, cell)| again(cell)).collect::<Vec<_>>()
        };
        match &head {
            None => {
                // A file of errors that comes again has the column already.
                let place = cells.iter().position(|c| c.text().trim() == ERRORS);
                let mut headers = shown(place);
                headers.push(Shown::Text(ERRORS.into()));
                head = Some((headers, place));
            }
            Some((headers, place)) => {
                if let Some(text) = texts.get(&number) {
                    let mut row = shown(*place);
                    row.resize(headers.len().saturating_sub(1), Shown::Empty);
                    row.push(Shown::Text(domain::exchange::cell::guarded(text)));
                    rows.push(row);
                }
            }
        }
        true
    });
    // Of a file that breaks off, what could be read.
    drop(read);
    let headers = head.map(|(headers, _)| headers).unwrap_or_else(|| vec![Shown::Text(ERRORS.into())]);
    write::whole(format, headers, rows, Encoding::Marked).map_err(Error::internal)
}
