//! Progress of long work: a bar on a terminal, a line now and then elsewhere.
use crate::cli;
use persistence::Database;

/// DEMO
pub async fn demo(_db: &Database) -> cli::Outcome { Ok(()) }
