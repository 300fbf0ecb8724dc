//! Black-box tests of the server process over HTTP, each on both engines.
mod harness;
mod support;

use std::process::ExitCode;

fn main() -> ExitCode {
    support::report::run([harness::tests()].concat())
}
