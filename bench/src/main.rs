//! `laogan-bench`: starts the release binary on a generated database and prints how fast it answers,
//! as ratios to what the same machine can do at all in the same run.
//!
//! * [`run`]: the order of a run; [`scenarios`]: what is sent; [`load`] and [`http`]: how.
//! * [`bare`]: the measure of the ratios; [`postgres`] and [`export`]: the two other measures.
//! * [`sync`]: the feed; [`push`]: what clients made offline; [`import`]: a spreadsheet. [`search`]: by name, pinyin, phone. [`data`]: synthetic cadres; [`server`]: the process under test; [`reports`] and [`annual`]: figures; [`place`]: where the data is.
//! * [`report`] and [`machine`]: what is printed.

mod annual;
mod bare;
mod children;
mod data;
mod export;
mod http;
mod import;
mod load;
mod logins;
mod machine;
mod place;
mod postgres;
mod push;
mod report;
mod reports;
mod run;
mod scenarios;
mod search;
mod server;
mod sync;

use anyhow::{Result, bail, ensure};
use clap::{Parser, Subcommand, ValueEnum};
use run::{Engine, Plan};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// The server's allocator, for the bare server is compared with it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the server; prints one table for each engine.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    command: Option<Sub>,
    /// Engine to measure
    #[arg(long, value_enum, default_value = "both")]
    engine: Which,
    /// Cadres to generate
    #[arg(long, default_value_t = 100_000)]
    rows: u64,
    /// Seconds to measure each side of each scenario, after the warm-up
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Connections of reads, and of creates on SQLite
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Measure only this, without the data that the other scenarios need
    #[arg(long, value_enum)]
    only: Option<run::Only>,
    /// Keep the generated data, and use what an earlier run kept
    #[arg(long)]
    keep: bool,
    /// The server's binary [default: target/release/laogan]
    #[arg(long)]
    server: Option<PathBuf>,
    /// Directory for the data, on the disk to be measured [default: target/laogan-bench]
    #[arg(long)]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// The bare server that the ratios are measured against
    Bare(bare::Options),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Which {
    Sqlite,
    Postgres,
    Both,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match options.command {
        Some(Sub::Bare(bare)) => bare::serve(&bare).map(|()| true),
        None => measure(options),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("laogan-bench: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and prints; false when requests failed.
fn measure(options: Options) -> Result<bool> {
    let target = target();
    let server = options.server.unwrap_or_else(|| target.join("release/laogan"));
    ensure!(
        server.exists(),
        "there is no {}: build it with `cargo build --release`, or name it with --server",
        server.display()
    );
    ensure!(options.connections > 0 && options.rows >= 1000, "at least one connection and 1000 rows");
    ensure!((0.1..3600.0).contains(&options.seconds), "--seconds between 0.1 and 3600");
    let plan = Plan {
        server: server.canonicalize()?,
        base: options.data.unwrap_or_else(|| target.join("laogan-bench")),
        rows: options.rows,
        seconds: options.seconds,
        connections: options.connections,
        keep: options.keep,
        only: options.only,
    };
    let engines: &[Engine] = match options.engine {
        Which::Sqlite => &[Engine::Sqlite],
        Which::Postgres => &[Engine::Postgres],
        Which::Both => &[Engine::Sqlite, Engine::Postgres],
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut good = true;
        for engine in engines {
            // An interrupt drops the run, and with it every process and the data.
            let report = tokio::select! {
                report = run::run(&plan, *engine) => report?,
                () = interrupted() => bail!("interrupted"),
            };
            good &= !report.failed();
            println!("{report}");
        }
        Ok(good)
    })
}

/// Resolves when somebody wants this to end.
async fn interrupted() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Cargo's target directory.
fn target() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    std::env::var_os("CARGO_TARGET_DIR").map_or(workspace, PathBuf::from)
}
