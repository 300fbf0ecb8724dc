//! The export against the database's own tool, which writes the same rows as JSON to `/dev/null`.
//!
//! Ours goes through authentication, scope, masking, HTTP and a socket; the tool reads its file or
//! connection and formats. The rows are the same, the columns a few more for the tool, so rows a second
//! are compared and bytes a row are shown.
use crate::children::output;
use crate::http::{Http, Sink};
use crate::postgres::Cluster;
use crate::server::Api;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;
use tokio::process::Command;

/// The export of all cadres.
pub const PATH: &str = "/api/v1/cadres/export";
/// Each side runs so often, in turn; its best counts, as the shortest is the one least disturbed.
const RUNS: usize = 3;

/// A way to write all rows.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// Seconds of each run, the shortest first.
    pub seconds: Vec<f64>,
}

impl Written {
    /// Seconds of the best run.
    pub fn best(&self) -> f64 {
        self.seconds.first().copied().unwrap_or(f64::INFINITY)
    }
    /// Rows a second in the best run.
    pub fn rate(&self) -> f64 {
        self.rows as f64 / self.best()
    }
    /// One line for the reader: what came out, and how fast.
    pub fn words(&self) -> String {
        let mb = self.bytes as f64 / 1e6;
        let each = self.bytes / self.rows.max(1);
        format!("{} rows of {each} bytes, {mb:.1} MB, {:.1} MB/s", self.rows, mb / self.best())
    }
    /// Another run took so long.
    pub fn took(&mut self, seconds: f64) {
        self.seconds.push(seconds);
        self.seconds.sort_by(f64::total_cmp);
    }
}

/// Our export and the tool's.
pub struct Exports {
    /// Ours.
    pub ours: Written,
    /// The tool's.
    pub tool: Written,
    /// The name of the tool.
    pub name: &'static str,
}

/// Where the rows are, for the tool.
pub enum Rows<'a> {
    /// In a SQLite file.
    Sqlite(&'a Path),
    /// In a cluster.
    Postgres(&'a Cluster),
}

/// Counts lines and bytes and keeps nothing.
#[derive(Default)]
struct Lines {
    bytes: u64,
    lines: u64,
}
impl Sink for Lines {
    fn begin(&mut self) {
        *self = Self::default();
    }
    fn data(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        // Summing bytes of 0 and 1 compiles to vector code, which a search for each line end does not.
        self.lines +=
            bytes.chunks(255).map(|c| u64::from(c.iter().map(|b| u8::from(*b == b'\n')).sum::<u8>())).sum::<u64>();
    }
}

/// Runs both in turn.
///
/// # Errors
/// When one of them fails, or they do not write the same number of rows.
pub async fn compare(api: &Api, rows: &Rows<'_>) -> Result<Exports> {
    let name = match rows {
        Rows::Sqlite(_) => "sqlite3 -json",
        Rows::Postgres(_) => "psql copy (select row_to_json(c) …)",
    };
    let count: u64 = output(&mut tool(rows, true)).await?.trim().parse().context("count of the tool's rows")?;
    let (mut ours, mut theirs) = (Written::default(), Written { rows: count, ..Written::default() });
    let request = api.get(PATH);
    for _ in 0..RUNS {
        let mut lines = Lines::default();
        let mut http = Http::connect(api.addr).await?;
        let start = Instant::now();
        let status = http.exchange(&request, &mut lines).await?;
        ours.took(start.elapsed().as_secs_f64());
        ensure!(status == 200, "the export answered {status}");
        (ours.rows, ours.bytes) = (lines.lines, lines.bytes);

        let start = Instant::now();
        let status = tool(rows, false).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).status().await?;
        theirs.took(start.elapsed().as_secs_f64());
        ensure!(status.success(), "{name} failed");
    }
    ensure!(ours.rows == theirs.rows, "the export has {} rows and {name} {}", ours.rows, theirs.rows);
    // What it wrote is measured once more by itself: a pipe to a counter would slow the measured runs.
    theirs.bytes = output(&mut tool(rows, false)).await?.len() as u64;
    Ok(Exports { ours, tool: theirs, name })
}

/// The tool's command for a statement; its columns have `|` between them.
pub fn tool_for(rows: &Rows<'_>, statement: &str) -> Command {
    match rows {
        Rows::Sqlite(file) => {
            let mut command = Command::new("sqlite3");
            command.args(["-list", "-readonly"]).arg(file).arg(statement);
            command
        }
        Rows::Postgres(cluster) => cluster.psql(statement),
    }
}

/// The tool's command that writes all rows, or only says how many there are.
fn tool(rows: &Rows<'_>, count: bool) -> Command {
    match rows {
        Rows::Sqlite(file) => {
            let mut command = Command::new("sqlite3");
            let query = if count { "select count(*) from cadres" } else { "select * from cadres" };
            command.args(if count { "-list" } else { "-json" }.split(' ')).arg("-readonly").arg(file).arg(query);
            command
        }
        Rows::Postgres(cluster) => cluster.psql(match count {
            true => "select count(*) from cadres",
            false => "copy (select row_to_json(c) from cadres c) to stdout",
        }),
    }
}
