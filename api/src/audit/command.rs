//! `laogan audit`: verification without a server, and the heads by which others can tell.
use super::chain::{self, AuditHead};
use super::key::AuditKey;
use super::report::{AuditFindingView, AuditReport, verify};
use crate::backup::InUse;
use crate::cli::{self, Failure, say};
use crate::config::Config;
use crate::progress::Shown;
use domain::Code;
use domain::codes::AuditFinding;
use persistence::Conn;
use persistence::audit::witness::{self, Seen};
use persistence::sealed::Keyring;
use std::path::PathBuf;

/// What there is to do with the audit.
#[derive(clap::Subcommand)]
pub enum AuditCommand {
    /// Hold journal and events against their chain: finds edits, deletions, a cut tail, a chain made anew
    Verify {
        /// File of heads that were seen, one JSON object a line, as `laogan audit heads` prints them at a county
        #[arg(long)]
        heads: Vec<PathBuf>,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the head of this installation's chain, to be kept elsewhere
    Head,
    /// Print the heads of the other server's chain that `laogan sync` has kept here
    Heads,
}

/// `laogan audit …`
///
/// # Errors
/// Why it could not be done; for a verification, that something is wrong.
pub async fn run(config: &Config, command: AuditCommand) -> cli::Outcome {
    let shared = InUse::shared(config)?;
    let config = config.clone();
    let work = move || {
        let _shared = shared;
        let mut conn = Conn::open(&config.urls.primary, &Keyring::none())?;
        match command {
            AuditCommand::Verify { heads, json } => verified(&config, &mut conn, &heads, json),
            AuditCommand::Head => match persistence::audit::chain::head(&mut conn)? {
                Some(link) => print(&AuditHead::of(&link)),
                None => Err(Failure::later("the chain has no link yet: the server makes them")),
            },
            AuditCommand::Heads => {
                for seen in witness::elsewhere(&mut conn, 100_000)? {
                    let witness::Elsewhere { epoch, link, hash, signature, at, .. } = seen;
                    print(&AuditHead { epoch, link, hash, at, signature })?;
                }
                Ok(())
            }
        }
    };
    tokio::task::spawn_blocking(work).await.map_err(|e| Failure::final_(e.to_string()))?
}

fn print(head: &AuditHead) -> cli::Outcome {
    say(&serde_json::to_string(head).map_err(|e| Failure::final_(e.to_string()))?);
    Ok(())
}

fn verified(config: &Config, conn: &mut Conn, files: &[PathBuf], json: bool) -> cli::Outcome {
    let key = AuditKey::load(&config.data_dir).map_err(Failure::final_)?;
    let mut seen = vec![];
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|e| Failure::final_(format!("{}: {e}", file.display())))?;
        for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let place = || format!("{}:{}", file.display(), n + 1);
            let head: AuditHead =
                serde_json::from_str(line).map_err(|e| Failure::final_(format!("{}: not a head: {e}", place())))?;
            if !key.genuine(&head.message(), &head.signature) {
                return Err(Failure::final_(format!("{}: not signed with this installation's key", place())));
            }
            seen.push(head.seen(place(), head.at));
        }
    }
    let file = chain::head_file(&config.data_dir);
    let noted = chain::noted(&file).map_err(Failure::final_)?;
    let noted: Option<Seen> = noted.map(|h| h.seen(file.display().to_string(), h.at));
    seen.extend(noted);
    let shown = Shown::new("audit");
    let report = verify(conn, &key, 0, u64::MAX, seen, &|done, total| shown.at(done, total))?;
    shown.end();
    if json {
        say(&serde_json::to_string_pretty(&report).map_err(|e| Failure::final_(e.to_string()))?);
    } else {
        told(&report);
    }
    match report.found {
        0 => Ok(()),
        n => {
            Err(Failure::final_(format!("the audit is not what it was: {n} finding{}", if n == 1 { "" } else { "s" })))
        }
    }
}

fn told(report: &AuditReport) {
    let head = report.head.as_ref().map_or_else(|| "none".into(), |h| format!("{} of {}", h.link, h.hash));
    say(&format!("links {}, lines of the journal {}, events {}", report.links, report.journal_lines, report.events));
    say(&format!("head: link {head}"));
    say(&format!(
        "heads that were seen elsewhere: {} in the chain, {} ended by a restore",
        report.witnessed, report.ended
    ));
    for restore in &report.restores {
        say(&format!(
            "restored from a backup before link {} ({})",
            restore.link,
            restore.at.format("%Y-%m-%d %H:%M UTC")
        ));
    }
    if let Some(n) = report.events_removed_through {
        say(&format!("events through {n} were removed because of their age"));
    }
    report.findings.iter().for_each(|f| say(&line(f)));
    if report.found == 0 {
        say("intact");
    }
}

/// A finding in one line.
fn line(f: &AuditFindingView) -> String {
    let number = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
    let mut text = format!("{}: {}", f.code.as_str(), f.code.en());
    if let Some(link) = f.link {
        text.push_str(&format!("; link {link}"));
    }
    let what = match (f.book, f.code) {
        (Some(book), _) => book,
        (None, AuditFinding::LinkMissing) => "links",
        (None, _) => "",
    };
    if f.from.is_some() {
        text.push_str(&format!("; {what} {} to {}", number(f.from), number(f.through)));
    }
    if let Some(witness) = &f.witness {
        text.push_str(&format!("; seen by {witness}"));
    }
    text
}
