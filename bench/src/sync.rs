//! The feed: all cadres pulled by pages against their export, readers who wait for the next change, and the
//! memory that a snapshot takes.
use crate::export::{PATH, Written};
use crate::http::{self, Http, Sink};
use crate::load::{self, Tally};
use crate::machine;
use crate::report::{Row, Target};
use crate::scenarios as send;
use crate::server::{Api, Known};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// Pull and export run so often, in turn; the best of each counts.
const RUNS: usize = 3;
/// Lines of the journal in a page: the most the server gives.
const LIMIT: u64 = 2_000;
/// Readers who wait.
const WAITING: usize = 2_000;
/// MiB that they may cost.
const WAITING_MOST: f64 = 100.0;
/// MiB that ten times the records may add to what a snapshot costs, by chance.
const FLAT: f64 = 16.0;
/// A county, with a tenth of the records.
const COUNTY: &str = "371722";

/// The foot of a page.
#[derive(Deserialize)]
struct Foot {
    next_cursor: String,
    has_more: bool,
}

/// Counts bytes, and keeps the last of them, in which the foot of the page is.
#[derive(Default)]
struct Tail {
    bytes: u64,
    kept: Vec<u8>,
}

impl Sink for Tail {
    fn begin(&mut self) {
        self.bytes = 0;
        self.kept.clear();
    }
    fn data(&mut self, bytes: &[u8]) {
        const FOOT: usize = 4096;
        self.bytes += bytes.len() as u64;
        self.kept.extend_from_slice(&bytes[bytes.len().saturating_sub(FOOT)..]);
        self.kept.drain(..self.kept.len().saturating_sub(FOOT));
    }
}

impl Tail {
    fn foot(&self) -> Result<Foot> {
        const NAME: &[u8] = b"],\"next_cursor\":";
        let at = self.kept.windows(NAME.len()).rposition(|w| w == NAME).context("a page without a foot")?;
        let text = [b"{", &self.kept[at + 2..]].concat();
        Ok(serde_json::from_slice(&text)?)
    }
}

/// Pulls all cadres there are. Gives bytes, and milliseconds of each page.
async fn pull(api: &Api) -> Result<(u64, Vec<f64>)> {
    let (mut http, mut tail) = (Http::connect(api.addr).await?, Tail::default());
    let (mut bytes, mut pages, mut cursor) = (0, vec![], String::new());
    loop {
        let start = Instant::now();
        let path = format!("/api/v1/sync/changes?entities=cadres&limit={LIMIT}{cursor}");
        let status = http.exchange(&api.get(&path), &mut tail).await?;
        ensure!(status == 200, "a pull answered {status}");
        pages.push(start.elapsed().as_secs_f64() * 1000.0);
        bytes += tail.bytes;
        let foot = tail.foot()?;
        if !foot.has_more {
            return Ok((bytes, pages));
        }
        cursor = format!("&cursor={}", foot.next_cursor);
    }
}

/// How many changes a pull tells, counted in a run that is not measured.
async fn told(api: &Api) -> Result<u64> {
    #[derive(Deserialize)]
    struct Page {
        changes: Vec<serde::de::IgnoredAny>,
        #[serde(flatten)]
        foot: Foot,
    }
    let (mut told, mut cursor) = (0, String::new());
    loop {
        let path = format!("/api/v1/sync/changes?entities=cadres&limit={LIMIT}{cursor}");
        let page: Page = http::json(api.addr, &api.get(&path)).await?;
        told += page.changes.len() as u64;
        if !page.foot.has_more {
            return Ok(told);
        }
        cursor = format!("&cursor={}", page.foot.next_cursor);
    }
}

/// The pull of all cadres against their export, in turn.
///
/// # Errors
/// When one of them fails, or they do not have the same records.
pub async fn against_export(api: &Api, rows: u64) -> Result<(Row, String)> {
    let told = told(api).await?;
    ensure!(told == rows, "{told} changes of {rows} records");
    let mut ours = Written { rows, ..Written::default() };
    let (mut export, mut pages) = (Written { rows, ..Written::default() }, vec![]);
    for _ in 0..RUNS {
        let start = Instant::now();
        let (bytes, mut each) = pull(api).await?;
        ours.took(start.elapsed().as_secs_f64());
        ours.bytes = bytes;
        pages.append(&mut each);

        let (mut http, mut tail) = (Http::connect(api.addr).await?, Tail::default());
        let start = Instant::now();
        let status = http.exchange(&api.get(PATH), &mut tail).await?;
        ensure!(status == 200, "the export answered {status}");
        export.took(start.elapsed().as_secs_f64());
        export.bytes = tail.bytes;
    }
    pages.sort_by(f64::total_cmp);
    let at = |quantile: f64| pages.get((pages.len() as f64 * quantile) as usize).copied();
    let scenario = format!("pull of all changes in pages of {LIMIT} against the NDJSON export");
    let row = Row::rate(scenario, ours.rate(), " rows", (at(0.5), at(0.99)), export.rate(), Target::ratio(0.6));
    let note = format!("pull: {}; export in the same turns: {}; best of {RUNS} each", ours.words(), export.words());
    Ok((row, note))
}

/// A reader who waits, asks again when its time is over, and counts what it was answered.
async fn wait(mut stream: TcpStream, request: Rc<[u8]>, answered: Rc<Cell<usize>>) -> Result<()> {
    let mut buffer = [0; 4096];
    loop {
        stream.write_all(&request).await?;
        let n = stream.read(&mut buffer).await?;
        ensure!(buffer[..n].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..n]));
        answered.set(answered.get() + 1);
    }
}

/// Point reads with and without many readers who wait, in turn, and the memory that those cost.
///
/// # Errors
/// When the server refuses one of them.
pub async fn waiting(
    api: &Api,
    server: u32,
    known: &Rc<[Known]>,
    connections: usize,
    seconds: f64,
) -> Result<(Vec<Row>, String)> {
    let mib = || machine::memory(server).map(|m| m.0).context("the server's memory");
    let (mut with, mut without): (Option<Tally>, Option<Tally>) = (None, None);
    let (mut cost, mut heard) = (0, Duration::ZERO);
    for _ in 0..2 {
        measure(api, known, connections, seconds, &mut without).await?;
        let before = mib()?;
        let now: Foot = http::json(api.addr, &api.get("/api/v1/sync/changes?cursor=now")).await?;
        let request: Rc<[u8]> = api.get(&format!("/api/v1/sync/changes?wait=30&cursor={}", now.next_cursor)).into();
        let (local, answered) = (LocalSet::new(), Rc::new(Cell::new(0)));
        let mut readers = vec![];
        for _ in 0..WAITING {
            let stream = TcpStream::connect(api.addr).await?;
            readers.push(local.spawn_local(wait(stream, Rc::clone(&request), Rc::clone(&answered))));
        }
        local
            .run_until(async {
                // All have asked, and the server has looked for each that there is nothing.
                tokio::time::sleep(Duration::from_secs(2)).await;
                cost = cost.max(mib()?.saturating_sub(before));
                measure(api, known, connections, seconds, &mut with).await?;
                let (had, begun) = (answered.get(), Instant::now());
                let unit = serde_json::json!({"division_code": COUNTY, "name": "新办局", "kind": "organ"});
                http::call(api.addr, &api.post("/api/v1/units", &serde_json::to_vec(&unit)?)?).await?;
                while answered.get() < had + WAITING {
                    ensure!(begun.elapsed() < Duration::from_secs(30), "{} readers heard", answered.get() - had);
                    if let Some(ended) = readers.iter().position(tokio::task::JoinHandle::is_finished) {
                        readers.swap_remove(ended).await??;
                        bail!("a reader has ended");
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                heard = heard.max(begun.elapsed());
                anyhow::Ok(())
            })
            .await?;
    }
    let (with, without) = (with.context("no round")?, without.context("no round")?);
    let scenario = format!("point read, {connections} connections, beside {WAITING} waiting readers, against without");
    let rows = vec![
        Row::against_rate(scenario, &with, without.rate(), "", Target::NONE),
        Row::memory(format!("memory of {WAITING} waiting readers"), cost as f64, None, WAITING_MOST),
    ];
    let note =
        format!("a write that {WAITING} readers wait for: the last heard of it after {:.2} s", heard.as_secs_f64());
    Ok((rows, note))
}

pub async fn measure(
    api: &Api,
    known: &Rc<[Known]>,
    connections: usize,
    seconds: f64,
    sum: &mut Option<Tally>,
) -> Result<()> {
    let works = send::points(api, known, connections);
    let (_, tally) = load::run(api.addr, works, crate::run::span(seconds / 2.0, 0.5)).await?;
    match sum {
        Some(sum) => sum.add(&tally)?,
        None => *sum = Some(tally),
    }
    Ok(())
}

/// By how much the server's memory grows at most while a snapshot of all cadres is read, against that of a
/// county, which has a tenth of them.
///
/// # Errors
/// When the server refuses, or the system does not tell.
pub async fn snapshot_memory(api: &Api, server: u32, rows: u64) -> Result<Row> {
    let county = api.within(COUNTY).await?;
    // What is kept for any snapshot is there after the first one.
    grown(&county, server).await?;
    let (small, large) = (grown(&county, server).await?, grown(api, server).await?);
    let scenario = format!("memory of a snapshot of {rows} cadres against one of {}", rows / 10);
    Ok(Row::memory(scenario, large, Some(small), small + FLAT))
}

async fn grown(api: &Api, server: u32) -> Result<f64> {
    machine::forget_highest(server)?;
    let before = machine::memory(server).context("the server's memory")?.0;
    let (mut http, mut tail) = (Http::connect(api.addr).await?, Tail::default());
    let status = http.exchange(&api.get("/api/v1/sync/snapshot?entities=cadres"), &mut tail).await?;
    ensure!(status == 200, "the snapshot answered {status}");
    let highest = machine::memory(server).context("the server's memory")?.1;
    Ok(highest.saturating_sub(before) as f64)
}
