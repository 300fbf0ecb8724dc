//! Progress of long work: a bar on a terminal, a line now and then elsewhere.
use crate::{cli, demo};
use domain::Scope;
use domain::benefits::BenefitStandard;
use domain::cadres::Cadre;
use indicatif::{ProgressBar, ProgressStyle};
use persistence::{Database, Query, Store};
use std::cell::Cell;
use std::io::IsTerminal;
use std::time::Instant;

/// Loads the demo data into a database that has no cadres, and shows how far it is.
///
/// # Errors
/// Those of the store; an earlier load that was cut short.
pub async fn demo(db: &Database) -> cli::Outcome {
    let all = Query::all(1);
    let found = db
        .read(move |c| Ok((Cadre::count(c, &Scope::System, &all)?, BenefitStandard::count(c, &Scope::System, &all)?)));
    match found.await? {
        (0, 0) => {}
        // The standards are loaded last.
        (_, 0) => {
            return Err(cli::Failure::final_(
                "the demo data is incomplete: an earlier load was cut short; start with an empty database",
            ));
        }
        _ => {
            cli::say("The database has data already; no demo data was loaded");
            return Ok(());
        }
    }
    let started = Instant::now();
    let shown = Shown::new("demo data");
    let summary = demo::load(db, &|done, total| shown.at(done, total)).await?;
    shown.end();
    let counts: Vec<String> = summary.counts.iter().map(|(path, n)| format!("{n} {path}")).collect();
    cli::say(&format!("Demo data in {:.1} s: {}", started.elapsed().as_secs_f64(), counts.join(", ")));
    Ok(())
}

/// A bar, or lines at each fifth of the way.
pub struct Shown {
    what: &'static str,
    bar: Option<ProgressBar>,
    fifths: Cell<u64>,
}
impl Shown {
    /// Begins.
    pub fn new(what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
        });
        Self { what, bar, fifths: Cell::new(0) }
    }
    /// So many are done.
    pub fn at(&self, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        let fifths = (done * 5).checked_div(total).unwrap_or(5);
        if fifths > self.fifths.replace(fifths) {
            cli::say(&format!("{}: {done} of {total}", self.what));
        }
    }
    /// Ends.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
