//! Personal data: what is stored of it, who sees how much, and what is written down about that.

mod person;
mod reveal;
mod sealed;

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    [sealed::tests(), reveal::tests(), person::tests()].concat()
}
