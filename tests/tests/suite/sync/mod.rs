//! The change feed and what stands around it: a copy that follows it is right, whatever happens.
//!
//! * `feed`: changes, cursors, waiting. * `snapshot`: beginning, resuming, digests, positions.
//! * `push`: what was made offline. `merge`: how it meets what others made. * `copy`, `outbox`: a client's side of it.

mod copy;
mod feed;
mod merge;
mod outbox;
mod push;
mod snapshot;

pub use feed::transferred;

use crate::support::{App, Case, client::Client};

pub fn tests() -> Vec<Case> {
    [feed::tests(), snapshot::tests(), push::tests(), merge::tests()].concat()
}

/// A county's system.
fn county(app: &App, division: &str) -> Client {
    app.user("sync_client", division)
}
