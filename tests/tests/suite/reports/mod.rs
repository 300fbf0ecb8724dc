//! Figures and the annual report: case 53 on the demo data, other data with figures of its own, frozen reports. The
//! statutory tables, and answers that are kept.
mod annual;
mod kept;
mod own;
mod party_tables;
mod statistics;

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    [annual::tests(), kept::tests(), own::tests(), party_tables::tests(), statistics::tests()].concat()
}
