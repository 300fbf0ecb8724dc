//! Black-box tests of the server process over HTTP, each on both engines.
mod agents;
mod audit;
mod cases;
mod exchange;
mod faults;
mod files;
mod generic;
mod harness;
mod identity;
mod phones;
mod privacy;
mod racing;
mod reports;
mod resources;
mod support;
mod sync;

use std::process::ExitCode;

fn main() -> ExitCode {
    let first = [
        harness::tests(),
        cases::tests(),
        generic::tests(),
        resources::tests(),
        privacy::tests(),
        sync::tests(),
        identity::tests(),
        files::tests(),
        phones::tests(),
        reports::tests(),
        exchange::tests(),
    ]
    .concat();
    let last = [racing::tests(), audit::tests(), agents::tests(), faults::tests()].concat();
    support::report::run([first, last].concat())
}
