//! `GET /import-templates/{resource}`: a file to fill in.
use super::write::{self, Encoding};
use super::{Format, write::marked};
use crate::error::{ApiError, Result};
use crate::extract::SignedIn;
use crate::listing::pairs;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::exchange::columns::{self, EXPLAINED};
use domain::exchange::{Column, Shown};
use domain::policy::Action;
use domain::{Problem, Rule};
use persistence::registry::{self, Kind};

/// The columns that a file brings in.
fn open(kind: &Kind) -> Vec<Column> {
    let mut all = columns::columns(kind.path, (kind.spec)());
    all.retain(|c| !c.derived);
    all
}

/// The template of a resource.
///
/// # Errors
/// A defect.
pub fn template(kind: &Kind, format: Format) -> std::result::Result<Vec<u8>, String> {
    let columns = open(kind);
    let says = |c: &Column| format!("{}{}", if c.required { "必填;" } else { "" }, c.shape.explained());
    match format {
        Format::Csv => {
            let headers = columns.iter().map(|c| Shown::Text(marked(c))).collect();
            let mut explained: Vec<String> = columns.iter().map(says).collect();
            if let Some(first) = explained.first_mut() {
                first.insert_str(0, EXPLAINED);
            }
            let row = explained.into_iter().map(Shown::Text).collect();
            write::whole(format, headers, vec![row], Encoding::Marked)
        }
        Format::Xlsx => {
            let needed = |c: &Column| if c.required { "是" } else { "否" }.to_owned();
            let row = |c: &Column| vec![marked(c), c.name().to_owned(), needed(c), c.shape.explained()];
            let explained: Vec<Vec<String>> = columns.iter().map(row).collect();
            write::template(&columns, &explained)
        }
    }
}

/// The handler.
pub async fn handler(caller: SignedIn, path: web::Path<String>, req: HttpRequest) -> Result<HttpResponse> {
    caller.complete()?;
    let kind = registry::find(&path).ok_or_else(|| ApiError::new(Problem::NotFound))?;
    if !caller.identity.may(kind.path, kind.module, Action::Read) {
        return Err(ApiError::new(Problem::Forbidden));
    }
    let mut format = Format::Xlsx;
    for (name, value) in pairs(&req)? {
        match (name.as_str(), Format::parse(&value)) {
            ("format", Some(asked)) => format = asked,
            ("format", None) => return Err(ApiError::parameter("format", Rule::UnknownCode)),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let bytes = template(kind, format).map_err(ApiError::internal)?;
    Ok(file(format, &format!("{}-template", kind.path)).body(bytes))
}

/// The head of an answer that is a file.
pub fn file(format: Format, name: &str) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    let kind = if format == Format::Csv { "text/csv; charset=utf-8" } else { format.media_type() };
    answer.content_type(kind);
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.as_str());
    answer.insert_header((header::CONTENT_DISPOSITION, disposition));
    answer
}
