//! What the audit tells, to whom, and what shows when somebody meddles with it.

mod chain;
mod refusals;
mod search;
mod witness;

use serde_json::Value;

use crate::support::{Case, client::Client};

pub fn tests() -> Vec<Case> {
    [chain::tests(), refusals::tests(), search::tests(), witness::tests()].concat()
}

/// What the audit tells under these conditions, newest first.
#[track_caller]
pub fn told(by: &Client, conditions: &[(&str, &str)]) -> Vec<Value> {
    let answer = by.request("GET", "/audit?limit=500").query(conditions).send().status(200);
    answer.items().to_vec()
}
