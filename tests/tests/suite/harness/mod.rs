//! Tests of the harness itself: a test suite that cannot fail proves nothing.

mod contract;
mod fake;
mod processes;
mod requests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    [contract::tests(), requests::tests(), processes::tests()].concat()
}

/// Whether something fails the test that does it. What it has to say is lost with this one if that one passes.
fn fails<T>(run: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(run)).is_err()
}
