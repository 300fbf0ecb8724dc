//! The handlers every resource shares: an extractor list and a few sentences each.
pub mod act;
pub mod merge;
mod read;
mod replay;
pub mod routes;
mod write;
pub use read::{get, history, list};
pub use write::{BATCH_LIMIT, BatchItem, batch, create, delete, patch, put};

use crate::error::{ApiError, Finding, Result};
use crate::extract::{Prefer, SignedIn};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use domain::{Problem, Written};
use persistence::Store;
use serde::Serialize;

/// A list without pages.
#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
}

/// A record with what a write has to say about it.
fn written<R: Store>(status: StatusCode, caller: &SignedIn, prefer: Prefer, made: Written<R>) -> Result<HttpResponse> {
    let meta = &made.record.meta;
    let mut answer = HttpResponse::build(if prefer.minimal { StatusCode::NO_CONTENT } else { status });
    answer.insert_header(etag(meta.version));
    if status == StatusCode::CREATED {
        answer.insert_header((header::LOCATION, format!("/api/v1/{}/{}", R::PATH, meta.id)));
    }
    applied(&mut answer, prefer);
    if prefer.minimal {
        return Ok(answer.finish());
    }
    let mut view = made.record.view(caller.identity.sight()).map_err(ApiError::internal)?;
    if !made.warnings.is_empty() {
        let warnings: Vec<Finding> = made.warnings.iter().map(|v| Finding::of(v, caller.language)).collect();
        view = view.with("warnings", serde_json::to_value(warnings).map_err(ApiError::internal)?);
    }
    Ok(answer.json(view))
}

fn applied(answer: &mut actix_web::HttpResponseBuilder, prefer: Prefer) {
    let names = [(prefer.dry_run, "dry-run"), (prefer.minimal, "return=minimal")];
    let names: Vec<&str> = names.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
    if !names.is_empty() {
        answer.insert_header(("preference-applied", names.join(", ")));
    }
}

fn etag(version: i64) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"r{version}\""))
}

fn not_found() -> ApiError {
    ApiError::new(Problem::NotFound)
}
