//! The rule cases of the domain reference, each with its input and its outcome.
mod activities;
mod cadres;
mod care;
mod dues;
mod education;
mod evaluations;
mod expenses;
mod honors;
mod lives;
pub mod make;
mod medals;
mod members;
mod numbers;
mod party;
mod publicity;
mod service;
mod signups;
mod transfers;

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    [
        medals::tests(),
        numbers::tests(),
        cadres::tests(),
        honors::tests(),
        party::tests(),
        members::tests(),
        dues::tests(),
        evaluations::tests(),
        lives::tests(),
        transfers::tests(),
        activities::tests(),
        signups::tests(),
        service::tests(),
        care::tests(),
        expenses::tests(),
        education::tests(),
        publicity::tests(),
    ]
    .concat()
}
