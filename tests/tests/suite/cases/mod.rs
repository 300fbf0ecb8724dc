//! The rule cases of the domain reference, each with its input and its outcome.
mod cadres;
mod honors;
mod make;
mod medals;
mod numbers;

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    [medals::tests(), numbers::tests(), cadres::tests(), honors::tests()].concat()
}
