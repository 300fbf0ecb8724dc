//! Figures and the annual report: case 53 on the demo data, other data with figures of its own, frozen reports.
mod annual;
mod own;

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    [annual::tests(), own::tests()].concat()
}
