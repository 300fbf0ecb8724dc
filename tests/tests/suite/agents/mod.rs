//! `laogan sync`: county instances and the city's server become and stay alike, whatever happens between them.
//!
//! * `alike`: what goes which way. * `restored`: one side comes back from a backup. * `storm`: many counties, links that
//!   break, processes that are killed; `LAOGAN_SOAK` says for how many minutes.
//! * `county`: a county's instance and its agent. `wire`: a link that breaks.

mod alike;
mod county;
mod restored;
mod storm;
mod wire;

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    [alike::tests(), restored::tests(), storm::tests()].concat()
}
