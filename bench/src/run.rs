//! A run on one engine: generate, measure each scenario with the bare answer beside it, report.
use crate::bare::{Bare, Real};
use crate::children::output;
use crate::export::{self, Exports, Rows};
use crate::load::{self, Span, Tally};
use crate::place::Place;
use crate::postgres::{CLIENTS, Cluster};
use crate::report::{Report, Row, Target};
use crate::scenarios::{self as send, Any, Counter};
use crate::server::{Api, Laogan};
use crate::{annual, data::Source, http, import, logins, machine, push, reports, search, sync};
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;
use tokio::process::Command;

/// Records in a batch: the most the server takes.
const BATCH: u64 = 500;
/// Connections that send batches.
const BATCH_CONNECTIONS: usize = 2;
/// Pages of a list that are read in turn.
const PAGES: usize = 20;
/// Ours and the bare answer take turns so often in a scenario, so that a disturbance from outside meets both.
const ROUNDS: u32 = 2;
const LIST: &str = "/api/v1/cadres?limit=50";
const FILTERED: &str = "/api/v1/cadres?limit=50&filter%5Bretire_type%5D=lixiu&filter%5Bdivision_code%5D=371722";

/// What to run.
pub struct Plan {
    /// The server's binary.
    pub server: PathBuf,
    /// Where the data goes.
    pub base: PathBuf,
    /// Records to generate.
    pub rows: u64,
    /// Measured seconds of each side of a scenario.
    pub seconds: f64,
    /// Connections.
    pub connections: usize,
    /// Whether the data is kept and used again.
    pub keep: bool,
    /// What alone is measured.
    pub only: Option<Only>,
}

/// A scenario that can be measured alone.
#[derive(Debug, Clone, Copy, PartialEq, clap::ValueEnum)]
pub enum Only {
    /// Pushed operations.
    Push,
    /// Point reads beside sign-ins.
    Logins,
    /// The annual report.
    Report,
    /// A spreadsheet that is brought in.
    Import,
    /// Searches.
    Search,
}

/// An engine the server runs on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Engine {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Engine {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Engine::Sqlite => ("sqlite", "SQLite"),
            Engine::Postgres => ("postgres", "PostgreSQL"),
        }
    }
}

/// Everything that runs while one engine is measured.
struct Bench<'a> {
    plan: &'a Plan,
    api: Api,
    bare: Bare,
    rows: Vec<Row>,
}

/// Runs all scenarios on an engine.
///
/// # Errors
/// When something cannot be started, set up, or understood. Failed requests are part of the report instead.
pub async fn run(plan: &Plan, engine: Engine) -> Result<Report> {
    let (short, name) = engine.names();
    // Order matters: what is declared first is dropped last, so the data goes when nothing uses it any more.
    let place = Place::new(&plan.base, short, plan.rows, plan.keep)?;
    let quiet = machine::quiet(place.path())?;
    let directory = place.path().join("server");
    std::fs::create_dir_all(&directory)?;
    let cluster = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Cluster::start(&place.path().join("cluster")).await?),
    };
    if plan.only == Some(Only::Report) {
        return annual::run(plan, engine, name, &place, cluster.as_ref()).await;
    }
    let (mut brought, mut notes) = (vec![], vec![machine::describe(&plan.server, cluster.as_ref()).await?, quiet]);
    if matches!(plan.only, None | Some(Only::Push)) {
        say(name, "push");
        let (rows, note) = push::against_upserts(plan, place.path(), cluster.as_ref()).await?;
        brought.extend(rows);
        notes.push(note);
    }
    if matches!(plan.only, None | Some(Only::Import)) {
        say(name, "import");
        brought.extend(import::against_upserts(plan, place.path(), cluster.as_ref()).await?);
    }
    if matches!(plan.only, Some(Only::Push | Only::Import)) {
        return Ok(Report { engine: name, rows: brought, notes });
    }
    let url = cluster.as_ref().map(Cluster::url);
    say(name, "starting the server");
    let server = Laogan::start(&plan.server, &directory, url.as_deref()).await?;
    let api = server.api.clone();
    let source = Rc::new(api.source().await?);
    let (next, bulk) = generate(plan, name, &place, &api, &source).await?;
    if let Some(cluster) = &cluster {
        cluster.settle().await?;
    }
    // What the generation left to be written must not be written while something else is measured.
    output(&mut Command::new("sync")).await?;

    let known: Rc<[_]> = api.known().await?.into();
    ensure!(known.len() as u64 >= plan.rows, "the export has {} of {} records", known.len(), plan.rows);
    let mut rows = vec![];
    if plan.only != Some(Only::Search) {
        say(name, "point reads beside sign-ins");
        let (row, signed) = logins::beside(&api, &known, plan.connections, plan.seconds).await?;
        rows.push(row);
        notes.push(signed);
    }
    if plan.only == Some(Only::Logins) {
        server.stop().await?;
        return Ok(Report { engine: name, rows, notes });
    }
    let bare = bare(place.path(), &api, &known[0].id, bulk.as_ref()).await?;
    let mut bench = Bench { plan, api: api.clone(), bare, rows };
    let read = plan.connections;

    say(name, "point read");
    let works = send::points(&api, &known, read);
    let target = if cluster.is_some() { Target::NONE } else { Target::ratio(0.35) };
    let points = bench.scenario(format!("point read, {read} connections"), works, "record", target).await?;
    say(name, "search");
    let asked = known.len() as u64;
    bench.rows.push(search::against_points(&api, &source, asked, &points, (read, plan.seconds)).await?);
    if plan.only == Some(Only::Search) {
        drop(bench.bare);
        server.stop().await?;
        return Ok(Report { engine: name, rows: bench.rows, notes });
    }
    say(name, "list of 50");
    let works = send::repeat(api.pages(LIST, PAGES).await?, read);
    let page = bench.scenario(format!("list of 50, {read} connections"), works, "page", Target::ratio(0.35)).await?;
    say(name, "filtered list of 50");
    let works = send::repeat(vec![api.get(FILTERED)], read);
    bench.scenario(format!("filtered list of 50, {read} connections"), works, "filtered", Target::NONE).await?;
    say(name, "export");
    let file = directory.join("laogan.db");
    let rows = cluster.as_ref().map_or(Rows::Sqlite(&file), Rows::Postgres);
    let exports = export::compare(&api, &rows).await?;
    bench.rows.push(Row::export(&exports, Target::ratio(0.7)));
    say(name, "tables and the annual report");
    bench.rows.extend(reports::compare(&api, &rows, &points, (read, plan.seconds)).await?);
    let id = server.id().context("the server has ended")?;
    say(name, "pull");
    let (row, pulled) = sync::against_export(&api, known.len() as u64).await?;
    bench.rows.push(row);
    say(name, "readers who wait");
    let (rows, heard) = sync::waiting(&api, id, &known, read, plan.seconds).await?;
    bench.rows.extend(rows);
    say(name, "snapshots");
    bench.rows.push(sync::snapshot_memory(&api, id, known.len() as u64).await?);
    say(name, "patch");
    let works = send::patches(&api, &known, read);
    bench.scenario(format!("patch, {read} connections"), works, "record", Target::NONE).await?;
    say(name, "create");
    bench.creates(&source, &next, cluster.as_ref()).await?;
    bench.rows.extend(brought);
    if let Some(ours) = bulk {
        say(name, "a bare answer of a batch's size");
        let works = send::repeat(vec![Bare::request("batch")], BATCH_CONNECTIONS);
        let (_, base) = load::run(bench.bare.addr, works, span(plan.seconds, 1.0)).await?;
        let rows = ours.count() as f64 * BATCH as f64 / ours.seconds;
        let scenario = format!("bulk create of {BATCH}, {BATCH_CONNECTIONS} connections ({rows:.0} rows/s)");
        bench.rows.push(Row::against_bare(scenario, &ours, &base, Target::NONE));
    }

    notes.push(format!(
        "{} cadres generated, {} s each side in {ROUNDS} turns; a record is {} bytes, a page {} bytes",
        plan.rows,
        plan.seconds,
        bench.bare.record,
        page.body(),
    ));
    let Exports { ours, tool, name: tool_name } = &exports;
    notes.push(format!("export: {}; `{tool_name}`: {}; best of 3 each", ours.words(), tool.words()));
    notes.extend([pulled, heard]);
    let memory = machine::memory(id).context("the server's memory")?;
    notes.push(format!("server's memory after the run: {} MiB, at its highest {} MiB", memory.0, memory.1));
    drop(bench.bare);
    server.stop().await?;
    Ok(Report { engine: name, rows: bench.rows, notes })
}

/// Fills the database, unless it is one that is used again. Says how the bulk creates went.
async fn generate(
    plan: &Plan,
    name: &str,
    place: &Place,
    api: &Api,
    source: &Rc<Source>,
) -> Result<(Counter, Option<Tally>)> {
    let counter = Counter::default();
    let mut bulk = None;
    match place.state() {
        Some(state) => {
            say(name, "using the data of an earlier run");
            counter.set(state.next);
        }
        None => {
            say(name, &format!("generating {} records", plan.rows));
            let works = send::batches(api, source, &counter, BATCH, plan.rows, BATCH_CONNECTIONS);
            let (_, tally) = load::run(api.addr, works, Span::Work).await?;
            ensure!(tally.errors == 0, "{} batches failed: {}", tally.errors, tally.samples.join("; "));
            bulk = Some(tally);
        }
    }
    source.reaches(counter.get() + 1_000_000)?;
    place.remember(plan.rows, counter.get())?;
    Ok((counter, bulk))
}

/// Starts the bare server on answers of this one.
async fn bare(directory: &Path, api: &Api, id: &str, bulk: Option<&Tally>) -> Result<Bare> {
    let get = async |path: &str| http::call(api.addr, &api.get(path)).await;
    let record = get(&format!("/api/v1/cadres/{id}")).await?;
    let answers = Real { record, page: get(LIST).await?, filtered: get(FILTERED).await? };
    let batch = bulk.map_or(1, |t| (t.body() as usize / answers.record.len()).max(1));
    Bare::start(directory, &answers, batch).await
}

impl Bench<'_> {
    /// Measures a scenario and a bare answer in turns, and adds its row. Gives what was measured of ours.
    async fn scenario(&mut self, name: String, works: Vec<Any>, answer: &str, target: Target) -> Result<Tally> {
        let connections = works.len();
        let ours = Side { addr: self.api.addr, works };
        let base = Side { addr: self.bare.addr, works: send::repeat(vec![Bare::request(answer)], connections) };
        let (ours, base) = turns(self.plan.seconds, ours, base).await?;
        self.rows.push(Row::against_bare(name, &ours, &base, target));
        Ok(ours)
    }

    /// Creates: on SQLite against the bare answer, on PostgreSQL against what `pgbench` inserts as well.
    async fn creates(&mut self, source: &Rc<Source>, next: &Counter, cluster: Option<&Cluster>) -> Result<()> {
        let connections = if cluster.is_some() { CLIENTS } else { self.plan.connections };
        let name = format!("create, {connections} connections");
        let works = send::creates(&self.api, source, next, connections);
        let Some(cluster) = cluster else {
            let target = Target { ratio: Some(0.12), p99: Some(10.0), ..Target::NONE };
            return self.scenario(name, works, "record", target).await.map(drop);
        };
        let first = self.scenario(name, works, "record", Target::NONE).await?;
        let mut works = send::creates(&self.api, source, next, connections);
        let (mut ours, mut inserted): (Option<Tally>, f64) = (None, 0.0);
        let turn = self.plan.seconds / f64::from(ROUNDS);
        for _ in 0..ROUNDS {
            inserted += cluster.pgbench(Duration::from_secs_f64(turn.ceil())).await? / f64::from(ROUNDS);
            let (back, tally) = load::run(self.api.addr, works, span(turn, 0.5)).await?;
            works = back;
            match &mut ours {
                Some(sum) => sum.add(&tally)?,
                None => ours = Some(tally),
            }
        }
        cluster.remove_inserted().await?;
        let name = format!("create, {CLIENTS} connections, against `pgbench` inserting with {CLIENTS} clients");
        let ours = ours.unwrap_or(first);
        self.rows.push(Row::against_rate(name, &ours, inserted, " rows", Target::ratio(0.3)));
        Ok(())
    }
}

/// One side of a comparison.
struct Side {
    addr: SocketAddr,
    works: Vec<Any>,
}

/// Runs both sides in turns and gives the sum of each.
async fn turns(seconds: f64, mut ours: Side, mut base: Side) -> Result<(Tally, Tally)> {
    let mut sums: Vec<Tally> = vec![];
    for round in 0..ROUNDS {
        // A second at first, for caches and connections; less when only the other side was on.
        let span = span(seconds / f64::from(ROUNDS), if round == 0 { 1.0 } else { 0.5 });
        for (index, side) in [&mut ours, &mut base].into_iter().enumerate() {
            let (works, tally) = load::run(side.addr, std::mem::take(&mut side.works), span).await?;
            side.works = works;
            match sums.get_mut(index) {
                Some(sum) => sum.add(&tally)?,
                None => sums.push(tally),
            }
        }
    }
    let base = sums.pop().context("no round")?;
    Ok((sums.pop().context("no round")?, base))
}

/// A time to be measured, after a warm-up; both in seconds.
pub fn span(measured: f64, warm_up: f64) -> Span {
    Span::Timed { warm_up: Duration::from_secs_f64(warm_up), measured: Duration::from_secs_f64(measured) }
}

/// Progress, apart from the report.
pub fn say(engine: &str, what: &str) {
    eprintln!("{engine}: {what}");
}
