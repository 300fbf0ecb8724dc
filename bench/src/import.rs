//! A spreadsheet that is brought in by the command, against a plain upsert of as many records into the same table.
use crate::children::{Child, output};
use crate::data::Source;
use crate::machine;
use crate::postgres::Cluster;
use crate::push::{shares, upserted};
use crate::report::{Row, Target};
use crate::run::Plan;
use crate::server::Laogan;
use anyhow::{Context, Result, ensure};
use persistence::Conn;
use persistence::sealed::Keyring;
use persistence::statement::Sql;
use rust_xlsxwriter::Workbook;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::process::Command;

/// Rows of the file.
const ROWS: u64 = 50_000;
/// MiB that the command may take.
const MEMORY: f64 = 200.0;
/// Databases of this scenario.
const OURS: &str = "laogan_imported";
const THEIRS: &str = "laogan_inserted";

/// Writes records as a sheet: names of fields as headers, lists as JSON.
fn sheet(source: &Source, path: &Path) -> Result<()> {
    let (mut book, mut columns) = (Workbook::new(), BTreeMap::<String, u16>::new());
    let sheet = book.add_worksheet();
    let mut body = vec![];
    for n in 0..ROWS {
        body.clear();
        source.json(n, &mut body)?;
        let record: BTreeMap<String, Value> = serde_json::from_slice(&body)?;
        for (name, value) in record {
            let next = u16::try_from(columns.len())?;
            let column = *columns.entry(name.clone()).or_insert(next);
            if column == next {
                sheet.write_string(0, column, name)?;
            }
            let row = u32::try_from(n)? + 1;
            match value {
                Value::Null => {}
                Value::String(text) => drop(sheet.write_string(row, column, text)?),
                Value::Number(number) => drop(sheet.write_number(row, column, number.as_f64().context("a number")?)?),
                other => drop(sheet.write_string(row, column, other.to_string())?),
            }
        }
    }
    Ok(book.save(path)?)
}

/// An empty database that the server has made, with units, and records for them.
async fn made(plan: &Plan, directory: &Path, url: Option<&str>) -> Result<Source> {
    // Of an interrupted run, if there is one.
    let _ = std::fs::remove_dir_all(directory);
    std::fs::create_dir_all(directory)?;
    let server = Laogan::start(&plan.server, directory, url).await?;
    let source = server.api.source().await?;
    server.stop().await?;
    Ok(source)
}

/// Brings the file in. Gives seconds, and MiB at its highest.
async fn imported(plan: &Plan, directory: &Path, file: &Path, url: Option<&str>) -> Result<(f64, u64)> {
    let mut command = Command::new(&plan.server);
    command.args(["import", "cadres"]).arg(file).arg("--data-dir").arg(directory);
    match url {
        Some(url) => command.env("DATABASE_URL", url),
        None => command.env_remove("DATABASE_URL"),
    };
    let start = Instant::now();
    let child = Child::spawn("laogan import", command, &directory.join("import.log"))?;
    let (id, mut highest) = (child.id().context("it has ended")?, 0);
    // What it took at last is no more to be seen when it is gone, and there is little to be missed in so short a time.
    while let Some((_, most)) = machine::memory(id) {
        highest = most.max(highest);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.succeeded().await?;
    Ok((start.elapsed().as_secs_f64(), highest))
}

/// The command against one connection that upserts, each into a database of its own.
///
/// # Errors
/// When one of them fails, or does not store what it was given.
pub async fn against_upserts(plan: &Plan, place: &Path, cluster: Option<&Cluster>) -> Result<Vec<Row>> {
    let (ours, theirs) = (place.join(OURS), place.join(THEIRS));
    let (our_url, their_url) = match cluster {
        Some(cluster) => (Some(cluster.another(OURS).await?), Some(cluster.another(THEIRS).await?)),
        None => (None, None),
    };
    let (source, their_source) =
        (made(plan, &ours, our_url.as_deref()).await?, made(plan, &theirs, their_url.as_deref()).await?);
    let file: PathBuf = ours.join("cadres.xlsx");
    sheet(&source, &file)?;
    output(&mut Command::new("sync")).await?;
    let (seconds, memory) = imported(plan, &ours, &file, our_url.as_deref()).await?;
    let local = |directory: &Path| format!("sqlite://{}", directory.join("laogan.db").display());
    let raw = upserted(&their_url.unwrap_or_else(|| local(&theirs)), &shares(&their_source, 0, ROWS, 1))?;
    let stored = Sql::new("SELECT count(*) FROM cadres WHERE deleted_at IS NULL")
        .row::<(i64,)>(&mut Conn::open(&our_url.unwrap_or_else(|| local(&ours)), &Keyring::none())?)?;
    ensure!(stored == Some((i64::try_from(ROWS)?,)), "of {ROWS} rows {stored:?} are stored");
    for directory in [&ours, &theirs] {
        std::fs::remove_dir_all(directory)?;
    }
    if let Some(cluster) = cluster {
        cluster.drop(OURS).await?;
        cluster.drop(THEIRS).await?;
    }
    let name = format!("import of an XLSX file of {ROWS} rows against an upsert with 1");
    let took = (Some(seconds * 1000.0), None);
    Ok(vec![
        Row::rate(name, ROWS as f64 / seconds, " rows", took, raw, Target::ratio(0.3)),
        Row::memory("memory of that import at its highest", memory as f64, None, MEMORY),
    ])
}
