//! Black-box tests of the server process over HTTP, each on both engines.
mod faults;
mod generic;
mod harness;
mod racing;
mod support;

use std::process::ExitCode;

fn main() -> ExitCode {
    support::report::run([harness::tests(), generic::tests(), racing::tests(), faults::tests()].concat())
}
