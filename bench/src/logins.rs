//! Point reads while others sign in: a password hash takes a core for a while, and nobody else may wait for it.
use crate::http::{Brief, Http, request};
use crate::load::Tally;
use crate::report::{Row, Target};
use crate::server::{Api, Known};
use crate::sync::measure;
use anyhow::{Context, Result, ensure};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::LocalSet;

/// Sign-ins a second.
const RATE: u32 = 50;
/// The p99 of reads beside them, in multiples of the quiet one, at most.
const TIMES: f64 = 3.0;
/// Reads with and without them take turns so often.
const ROUNDS: usize = 2;

/// How sign-ins were answered.
#[derive(Default)]
struct Signed {
    /// Milliseconds of those that succeeded.
    took: Vec<f64>,
    /// Those that were asked to come later.
    later: usize,
    /// Other answers, in words.
    failed: Vec<String>,
}

/// Signs in once a second, for ever.
async fn keep_signing_in(addr: SocketAddr, body: Rc<[u8]>, first: Duration, signed: &RefCell<Signed>) -> Result<()> {
    tokio::time::sleep(first).await;
    let mut turns = tokio::time::interval(Duration::from_secs(1));
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let login = request("POST", "/api/v1/auth/login", "Content-Type: application/json\r\n", &body);
    let (mut http, mut brief) = (Http::connect(addr).await?, Brief::default());
    loop {
        turns.tick().await;
        let begun = Instant::now();
        let status = http.exchange(&login, &mut brief).await?;
        let mut signed = signed.borrow_mut();
        match status {
            200 => signed.took.push(begun.elapsed().as_secs_f64() * 1000.0),
            503 => signed.later += 1,
            _ => signed.failed.push(format!("{status} {}", brief.text())),
        }
    }
}

/// Point reads with and without fifty sign-ins a second, in turn.
///
/// # Errors
/// When the server refuses a sign-in otherwise than for being busy.
pub async fn beside(api: &Api, known: &Rc<[Known]>, connections: usize, seconds: f64) -> Result<(Row, String)> {
    // Each signs in as a user of its own: many attempts at once for one account are slowed like those of a guesser.
    let mut bodies: Vec<Rc<[u8]>> = vec![];
    for _ in 0..RATE {
        let (username, password) = api.user().await?;
        bodies.push(serde_json::to_vec(&serde_json::json!({"username": username, "password": password}))?.into());
    }
    let (mut with, mut without): (Option<Tally>, Option<Tally>) = (None, None);
    let signed = Rc::new(RefCell::new(Signed::default()));
    let mut busy = Duration::ZERO;
    for _ in 0..ROUNDS {
        measure(api, known, connections, seconds, &mut without).await?;
        let local = LocalSet::new();
        for (n, body) in (0..).zip(&bodies) {
            let first = Duration::from_secs(1) * n / RATE;
            let (body, told, addr) = (Rc::clone(body), Rc::clone(&signed), api.addr);
            local.spawn_local(async move {
                if let Err(error) = keep_signing_in(addr, body, first, &told).await {
                    told.borrow_mut().failed.push(error.to_string());
                }
            });
        }
        let begun = Instant::now();
        // The set is dropped with those who sign in when the reads are measured.
        local.run_until(measure(api, known, connections, seconds, &mut with)).await?;
        busy += begun.elapsed();
    }
    let (with, without) = (with.context("no round")?, without.context("no round")?);
    let mut signed = signed.take();
    ensure!(signed.failed.is_empty(), "{} sign-ins failed: {:?}", signed.failed.len(), signed.failed.first());
    ensure!(!signed.took.is_empty(), "nobody could sign in");
    signed.took.sort_by(f64::total_cmp);
    let at =
        |quantile: f64| signed.took.get((signed.took.len() as f64 * quantile) as usize).copied().unwrap_or_default();
    let note = format!(
        "beside the reads {:.0} sign-ins/s succeeded (p50 {:.0} ms, p99 {:.0} ms) and {:.0}/s were told to come later; p99 of the reads {:.2} ms against {:.2} ms without, {:.1} times",
        signed.took.len() as f64 / busy.as_secs_f64(),
        at(0.5),
        at(0.99),
        signed.later as f64 / busy.as_secs_f64(),
        with.ms(0.99),
        without.ms(0.99),
        with.ms(0.99) / without.ms(0.99),
    );
    let target = Target { p99: Some(TIMES * without.ms(0.99)), ..Target::NONE };
    let scenario = format!("point read, {connections} connections, beside {RATE} sign-ins/s, against without");
    Ok((Row::against_rate(scenario, &with, without.rate(), "", target), note))
}
