//! Files: how they come, who fetches them, and how they go.
//!
//! * `access`: who may fetch what. `transfer`: whole files and ranges. `resume`: parts, restarts, crashes.
//! * `clearing`: what nobody names; commands; backups. `bucket`: the same in a store elsewhere.

mod access;
mod bucket;
mod clearing;
mod resume;
mod transfer;

use serde_json::{Value, json};

use crate::{
    resources::make::{SHAN, cadre, with},
    support::{Case, client::Client, files::hash, response::Response},
};

pub fn tests() -> Vec<Case> {
    [access::tests(), transfer::tests(), resume::tests(), clearing::tests(), bucket::tests()].concat()
}

/// A PDF of this length, different for each seed.
pub fn pdf(seed: u64, length: usize) -> Vec<u8> {
    let mut content = format!("%PDF-1.7\n% {seed}\n").into_bytes();
    let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    while content.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        content.extend((state >> 32).to_le_bytes());
    }
    content.truncate(length);
    content
}

fn url(content: &[u8]) -> String {
    format!("/files/{}", hash(content))
}

pub fn upload(by: &Client, content: &[u8]) -> Response {
    by.request("PUT", &url(content)).body("application/pdf", content).send()
}

/// A consent of a new cadre of Shan County that names these contents.
fn consent(by: &Client, contents: &[&[u8]]) -> Response {
    let cadre = cadre(by, SHAN, json!({})).id();
    by.post("/consents", consent_of(&cadre, contents))
}

fn consent_of(cadre: &str, contents: &[&[u8]]) -> Value {
    let files: Vec<String> = contents.iter().map(|content| hash(content)).collect();
    with(
        json!({"division_code": SHAN, "cadre_id": cadre, "purpose": "photo", "granted_on": "2021-06-01"}),
        json!({"evidence_files": files}),
    )
}
