//! What goes wrong around the server: it is killed, its disk is full, its database is gone.
//!
//! * `beneath`: SQL beneath the server.

pub mod beneath;

use crate::support::Case;

pub fn tests() -> Vec<Case> {
    vec![]
}
