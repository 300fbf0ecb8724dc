//! Files of records: brought in, handed out, and jobs that survive. And the search.

mod exports;
pub mod files;
mod imports;
mod jobs;
mod search;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{Case, client::Client, response::Response};

pub const CSV: &str = "text/csv";
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub fn tests() -> Vec<Case> {
    [imports::tests(), exports::tests(), jobs::tests(), search::tests()].concat()
}

/// Sends a file; the job.
#[track_caller]
fn send(by: &Client, query: &[(&str, &str)], kind: &str, file: impl Into<Vec<u8>>) -> Response {
    by.request("POST", "/imports").query(query).body(kind, file).send()
}

/// The report of a job when it has ended.
#[track_caller]
fn ended(by: &Client, id: &str) -> Response {
    let deadline = Instant::now() + Duration::from_secs(600);
    loop {
        let report = by.get(&format!("/imports/{id}")).status(200);
        if !matches!(report["job"]["state"].as_str(), Some("queued" | "running")) {
            return report;
        }
        assert!(Instant::now() < deadline, "the import does not end: {report}");
        sleep(Duration::from_millis(50));
    }
}

/// Brings in a file and waits; the report.
#[track_caller]
fn import(by: &Client, resource: &str, more: &[(&str, &str)], kind: &str, file: impl Into<Vec<u8>>) -> Response {
    let query = [&[("resource", resource)], more].concat();
    let id = send(by, &query, kind, file).status(202).id();
    ended(by, &id)
}

/// `[created, updated, unchanged, failed]`
fn counts(report: &Response) -> [i64; 4] {
    ["created", "updated", "unchanged", "failed"].map(|name| report["job"][name].as_i64().expect("a number"))
}

/// The findings as `(row, column, code)`.
fn findings(report: &Response) -> Vec<(i64, String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let one = |f: &Value| (f["row"].as_i64().expect("a row"), text(&f["column"]), text(&f["code"]));
    report["findings"].as_array().expect("findings").iter().map(one).collect()
}
