//! What goes wrong around the server: it is killed, its disk is full, its database is gone.
//!
//! * `lost`: PostgreSQL goes away; `locked`: somebody else has the SQLite file; `full`: no room on the disk.
//! * `busy`: SQLite in a crowd; `starting`, `stopping`: the ends of a process; `commands`: the command line beside it.
//! * `killed`: kill -9 in the middle of writes and of starts; `workload`: the writers and their books.
//! * `beneath`: SQL beneath the server; `process`: a server process that may fail.

mod backups;
pub mod beneath;
mod busy;
mod commands;
mod full;
mod killed;
mod locked;
mod lost;
pub mod process;
mod starting;
mod stopping;
mod workload;

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    [
        lost::tests(),
        locked::tests(),
        full::tests(),
        killed::tests(),
        busy::tests(),
        starting::tests(),
        stopping::tests(),
        commands::tests(),
        backups::tests(),
    ]
    .concat()
}

/// What is known of a person does not reach the log, whatever goes wrong.
#[track_caller]
fn claim_private(log: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!log.contains(secret), "the log has {secret}:\n{log}");
    }
}
