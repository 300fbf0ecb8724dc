//! What an app on a phone begins with, what a cadre is told about itself, and what it may do.

mod bootstrap;
mod me;
mod own;

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    [bootstrap::tests(), me::tests(), own::tests()].concat()
}
