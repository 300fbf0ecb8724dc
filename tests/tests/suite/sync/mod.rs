//! The change feed and what stands around it: a copy that follows it is right, whatever happens.
//!
//! * `feed`: changes, cursors, waiting. * `snapshot`: beginning, resuming, digests, positions.
//! * `copy`: a client's side of it.

mod copy;
mod feed;
mod snapshot;

use crate::support::{App, Case, client::Client};

pub fn tests() -> Vec<Case> {
    [feed::tests(), snapshot::tests()].concat()
}

/// A county's system.
fn county(app: &App, division: &str) -> Client {
    app.user("sync_client", division)
}
