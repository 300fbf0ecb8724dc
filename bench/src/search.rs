//! Searches by what people know of somebody, against point reads.
use crate::data::{Source, mix};
use crate::load::{self, Tally};
use crate::report::{Row, Target};
use crate::run::span;
use crate::scenarios as send;
use crate::server::Api;
use anyhow::{Context, Result};
use std::collections::BTreeSet;

/// Questions that are asked in turn.
const QUESTIONS: u64 = 500;
/// What a search may take for one in a hundred, in multiples of what a point read takes as a rule.
const TIMES: f64 = 20.0;
/// Digits of a phone number that somebody remembers.
const DIGITS: usize = 6;

/// What is asked for of record number `n`: its whole name, its given name, either spelt, initials, or digits of a phone.
fn question(source: &Source, n: u64) -> Option<String> {
    let (_, cadre) = source.cadre(n);
    let mut terms = BTreeSet::new();
    domain::search::terms("name", &cadre.name, &mut terms);
    let mut spelt: Vec<String> = terms.into_iter().filter(|term| term.is_ascii()).collect();
    spelt.sort_by_key(String::len);
    let given: String = cadre.name.chars().skip(1).collect();
    match n % 5 {
        0 => Some(cadre.name),
        1 => Some(given),
        2 => spelt.pop(),
        3 => spelt.into_iter().next(),
        _ => cadre.mobile.map(|number| number.chars().skip(number.len() - DIGITS).collect()),
    }
}

/// Searches among `rows` records, by as many connections as the point reads had.
///
/// # Errors
/// When the server cannot be asked.
pub async fn against_points(
    api: &Api,
    source: &Source,
    rows: u64,
    points: &Tally,
    (connections, seconds): (usize, f64),
) -> Result<Row> {
    let mut requests = vec![];
    for n in 0..QUESTIONS {
        let at = mix(n, 77) % (rows / 5) * 5 + n % 5;
        let asked = question(source, at).context("something to ask for")?;
        let encoded: String = asked.bytes().map(|b| format!("%{b:02X}")).collect();
        requests.push(api.get(&format!("/api/v1/cadres?limit=20&q={encoded}")));
    }
    let (_, ours) = load::run(api.addr, send::repeat(requests, connections), span(seconds, 1.0)).await?;
    let target = Target { p99: Some(TIMES * points.ms(0.5)), ..Target::NONE };
    let scenario = format!("search among {rows}, {connections} connections, against point reads");
    Ok(Row::against_rate(scenario, &ours, points.rate(), "", target))
}
