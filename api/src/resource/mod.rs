//! The handlers every resource shares: an extractor list and a few sentences each.
pub mod act;
mod made;
pub mod merge;
mod read;
mod replay;
pub mod routes;
mod write;
pub use read::{get, history, list};
pub use write::{BATCH_LIMIT, BatchItem, batch, create, delete, patch, put};

use crate::error::ApiError;
use crate::extract::Prefer;
use actix_web::http::header;
use domain::Problem;
use serde::Serialize;

/// A list without pages.
#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
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
