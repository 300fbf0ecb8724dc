//! `laogan import` and `laogan export`, on the installation's own database.
use super::Format;
use super::export::PAGE;
use super::report::{self, error_file};
use super::upload::{PIECE, fresh};
use super::work::{self, Caller, Request};
use super::write::{Encoding, Form, Sheets, csv, headers, row};
use crate::backup::InUse;
use crate::cli::{Failure, Outcome, say};
use crate::config::Config;
use crate::error::ApiError;
use crate::jobs::{JobView, stamp};
use crate::{first_start, progress, server};
use clap::Args;
use domain::codes::JobState;
use domain::exchange::columns::columns;
use domain::{DivisionCode, FieldClass, Language, Scope, Uuid};
use persistence::jobs::{self, Job, Seen};
use persistence::registry::{self, Kind};
use persistence::{Database, Tx};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Findings shown on the terminal.
const SHOWN: i64 = 20;
/// Who acts.
const ACTOR: &str = "system:cli";

/// A file to bring in.
#[derive(Args)]
pub struct ImportArgs {
    /// The resource, such as cadres
    resource: String,
    /// A CSV or XLSX file
    file: PathBuf,
    /// Check every row and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The division of rows that name none; by default this installation's
    #[arg(long)]
    division: Option<String>,
    /// A JSON file: header of a column to name of a field, empty to leave it out
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// The other system whose ids the file has
    #[arg(long)]
    system: Option<String>,
    /// Write the rows that failed to this file, with why
    #[arg(long)]
    errors: Option<PathBuf>,
}

/// Records to write to a file.
#[derive(Args)]
pub struct ExportArgs {
    /// The resource, such as cadres
    resource: String,
    /// ndjson, csv or xlsx; by default what the file's name ends with, or csv
    #[arg(long)]
    format: Option<String>,
    /// The file; standard output without it
    #[arg(long)]
    out: Option<PathBuf>,
    /// Only records of this division and inside it
    #[arg(long)]
    division: Option<String>,
    /// The names of the fields as headers
    #[arg(long)]
    fields: bool,
    /// Codes instead of their labels
    #[arg(long)]
    codes: bool,
    /// utf-8-bom, utf-8 or gbk
    #[arg(long, default_value = "utf-8-bom")]
    encoding: String,
    /// Show sensitive fields too
    #[arg(long)]
    sensitive: bool,
}

fn known(resource: &str) -> Result<&'static Kind, Failure> {
    let all = || registry::all().iter().map(|k| k.path).collect::<Vec<_>>().join(", ");
    registry::find(resource).ok_or_else(|| Failure::usage(format!("{resource}: no such resource; there are {}", all())))
}

fn ending(path: &Path) -> Option<&str> {
    path.extension().and_then(|e| e.to_str())
}

fn told(e: ApiError) -> Failure {
    Failure::final_(e.cause.unwrap_or_else(|| e.problem.en().to_owned()))
}

/// `laogan import RESOURCE FILE`
///
/// # Errors
/// A text for the terminal: also where the file was brought in and some of its rows were not.
pub async fn import(config: &Config, args: ImportArgs) -> Outcome {
    let kind = known(&args.resource)?;
    let format = ending(&args.file).map(str::to_lowercase);
    let format = format.as_deref().and_then(Format::parse);
    let format = format
        .ok_or_else(|| Failure::usage(format!("{}: its name must end with .csv or .xlsx", args.file.display())))?;
    let division = division(args.division.as_deref())?.unwrap_or_else(|| config.division.clone());
    let mapping = match &args.mapping {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| Failure::usage(format!("{}: {e}", path.display())))?;
            serde_json::from_str(&text).map_err(|e| Failure::usage(format!("{}: {e}", path.display())))?
        }
        None => std::collections::BTreeMap::new(),
    };
    let file = File::open(&args.file).map_err(|e| Failure::usage(format!("{}: {e}", args.file.display())))?;
    let _shared = InUse::shared(config)?;
    let db = server::open(config).await?;
    first_start::prepare(&db, config).await?;
    let request = Request { resource: kind.path.into(), format, dry_run: args.dry_run, system: args.system, mapping };
    let me = Uuid::new_v4();
    let job = Job { actor: ACTOR.into(), client: ACTOR.into(), ..fresh(division, &request).map_err(told)? };
    let id = job.id;
    take(&db, &job, file, me).await?;
    let shown = progress::Shown::new(if args.dry_run { "checked" } else { "imported" });
    // A run that is broken off here goes on in a server, or in the next one.
    work::run(&db, me, job, &Caller::Operator, &|done, total| shown.at(done, total)).await?;
    shown.end();
    let seen = Seen { scope: Scope::System, client: None };
    let job = db.read_current(move |c| jobs::get(c, &seen, id)).await?;
    summed(&db, &job, args.errors.as_deref()).await
}

async fn take(db: &Database, job: &Job, mut file: File, me: Uuid) -> Result<(), Failure> {
    let (id, job) = (job.id, job.clone());
    db.write(stamp(), false, move |tx: &mut Tx<'_>| jobs::insert(tx, &job)).await?;
    let mut n = 0;
    loop {
        let mut piece = vec![];
        (&mut file).take(PIECE as u64).read_to_end(&mut piece).map_err(|e| Failure::final_(e.to_string()))?;
        if piece.is_empty() {
            break;
        }
        db.write(stamp(), false, move |tx: &mut Tx<'_>| jobs::add_piece(tx, id, n, &piece)).await?;
        n += 1;
    }
    Ok(db.write(stamp(), false, move |tx: &mut Tx<'_>| jobs::arrived(tx, id, Some(me))).await?)
}

/// Says what became of the file.
async fn summed(db: &Database, job: &Job, errors: Option<&Path>) -> Outcome {
    let view = JobView::of(job).map_err(told)?;
    let (found, more) = report::findings(db, job, 0, SHOWN, Language::Zh).await.map_err(told)?;
    found.iter().for_each(|f| say(&f.line()));
    if more {
        say("…");
    }
    let JobView { created, updated, unchanged, failed, done, .. } = view;
    let what = if view.dry_run { "checked, nothing was changed" } else { "done" };
    say(&format!("{done} rows {what}: {created} created, {updated} updated, {unchanged} unchanged, {failed} failed"));
    if let Some(path) = errors.filter(|_| failed > 0) {
        let (_, bytes) = error_file(db, job, Language::Zh).await.map_err(told)?;
        std::fs::write(path, bytes).map_err(|e| Failure::final_(format!("{}: {e}", path.display())))?;
        say(&format!("the rows that failed are in {}", path.display()));
    }
    match (job.state, failed) {
        (JobState::Done, 0) => Ok(()),
        (JobState::Done, n) => Err(Failure::final_(format!("{n} rows failed"))),
        (state, _) => Err(Failure::final_(format!("the import ended as {state}"))),
    }
}

fn division(text: Option<&str>) -> Result<Option<DivisionCode>, Failure> {
    let parse =
        |t: &str| DivisionCode::parse(t).ok_or_else(|| Failure::usage(format!("--division {t}: not a division code")));
    text.map(parse).transpose()
}

/// `laogan export RESOURCE`
///
/// # Errors
/// A text for the terminal.
pub async fn export(config: &Config, args: ExportArgs) -> Outcome {
    let kind = known(&args.resource)?;
    let wanted = args.format.as_deref().or_else(|| args.out.as_deref().and_then(ending)).unwrap_or("csv");
    let format = match wanted {
        "ndjson" => None,
        other => {
            Some(Format::parse(other).ok_or_else(|| Failure::usage(format!("--format {other}: ndjson, csv or xlsx")))?)
        }
    };
    let encoding = match args.encoding.as_str() {
        "utf-8-bom" => Encoding::Marked,
        "utf-8" => Encoding::Utf8,
        "gbk" => Encoding::Gbk,
        other => return Err(Failure::usage(format!("--encoding {other}: utf-8-bom, utf-8 or gbk"))),
    };
    let form = Form { titles: !args.fields, labels: !args.codes, encoding };
    let scope = division(args.division.as_deref())?.map_or(Scope::System, Scope::Division);
    let sight = if args.sensitive { FieldClass::Sensitive } else { FieldClass::Personal };
    let _shared = InUse::shared(config)?;
    let db = server::open(config).await?;
    let failed = |e: String| Failure::final_(e);
    let mut out: Box<dyn Write> = match &args.out {
        Some(path) => Box::new(File::create(path).map_err(|e| Failure::final_(format!("{}: {e}", path.display())))?),
        None => Box::new(std::io::stdout()),
    };
    let columns = columns(kind.path, (kind.spec)());
    let mut sheets = match format {
        Some(Format::Xlsx) => Some(Sheets::new(headers(&columns, form)).map_err(failed)?),
        _ => None,
    };
    let (mut after, mut all, mut first) = (None, 0, true);
    loop {
        let (read, within) = (kind.shown_after, scope.clone());
        let page = db.read_long(move |c| read(c, &within, after, PAGE, sight)).await?;
        let rows =
            page.iter().map(|item| serde_json::from_slice(&item.text).map(|record| row(&columns, &record, form)));
        match (format, &mut sheets) {
            (None, _) => page.iter().try_for_each(|item| {
                out.write_all(&item.text).and_then(|()| out.write_all(b"\n")).map_err(|e| failed(e.to_string()))
            })?,
            (_, Some(sheets)) => {
                rows.map(|row| row.map_err(|e| e.to_string())).try_for_each(|row| sheets.add(&row?)).map_err(failed)?
            }
            (_, None) => {
                let rows = rows.collect::<Result<Vec<_>, _>>().map_err(|e| failed(e.to_string()))?;
                let head = first.then(|| headers(&columns, form));
                let bytes = csv(head.into_iter().chain(rows), encoding, first).map_err(failed)?;
                out.write_all(&bytes).map_err(|e| failed(e.to_string()))?;
                first = false;
            }
        }
        all += page.len();
        match page.last() {
            Some(last) => after = Some(last.meta.id),
            None => break,
        }
    }
    if let Some(sheets) = sheets {
        std::io::copy(&mut sheets.finish().map_err(failed)?, &mut out).map_err(|e| failed(e.to_string()))?;
    }
    out.flush().map_err(|e| failed(e.to_string()))?;
    if let Some(path) = &args.out {
        say(&format!("{all} {} in {}", kind.path, path.display()));
    }
    Ok(())
}
