//! `laogan keys`: what an operator does with the keys of sealed fields.
use super::keys;
use crate::backup::InUse;
use crate::cli::{self, Failure, say};
use crate::config::Config;
use crate::server;
use domain::Utc;
use domain::codes::{AuditKind, AuditOutcome};
use persistence::audit::{self, Event};
use persistence::sealed::{self, LOOKS_EVERY, reseal};
use persistence::{Database, Error, Stamp, Tx};

/// The subcommands.
#[derive(clap::Subcommand)]
pub enum KeysCommand {
    /// List the keys, and how many values each has sealed
    List,
    /// Make a key that opens from now on and does not seal yet: give it to all servers, then rotate
    Add,
    /// Seal with the newest key from now on, and every value that there is again, beside running servers
    Rotate,
    /// Take away a key that has nothing sealed any more; it is kept in a file for old backups
    Retire {
        /// Its id
        id: String,
    },
}

/// `laogan keys …`
///
/// # Errors
/// Why it was not done.
pub async fn run(config: &Config, command: KeysCommand) -> cli::Outcome {
    let _shared = InUse::shared(config)?;
    let db = server::open(config).await?;
    match command {
        KeysCommand::List => list(&db).await,
        KeysCommand::Add => {
            let id = keys::change(config, |held| held.add(&keys::today())).map_err(Failure::final_)?;
            let made = told(config, "added", &id);
            db.write(stamp(), false, move |tx| audit::note(tx, &made)).await?;
            say(&id);
            Ok(())
        }
        KeysCommand::Rotate => rotate(config, &db).await,
        KeysCommand::Retire { id } => retire(config, &db, &id).await,
    }
}

async fn list(db: &Database) -> cli::Outcome {
    let held = db.keys().keys()?;
    let counts = db.read_long(reseal::counts).await?;
    for (n, key) in held.sealing().iter().enumerate() {
        let state = if n == 0 { "current" } else { "opens" };
        say(&format!("{}  {}  {state}  {} values", key.id, key.made, counts.get(&key.id).unwrap_or(&0)));
    }
    say(&format!("{}  the key of the blind indexes", held.index_id()));
    for (id, n) in counts.iter().filter(|(id, _)| !held.sealing().iter().any(|key| key.id == **id)) {
        say(&format!("{id}  MISSING  {n} values"));
    }
    Ok(())
}

/// Goes on where an earlier run was stopped: then the newest key is current already and values of others are left.
async fn rotate(config: &Config, db: &Database) -> cli::Outcome {
    let held = db.keys().keys()?;
    let current = held.current().map(|key| key.id.clone()).unwrap_or_default();
    let counts = db.read_long(reseal::counts).await?;
    let unfinished = counts.iter().any(|(id, n)| *id != current && *n > 0);
    let to = if unfinished {
        current
    } else {
        let newest = held.sealing().iter().skip(1).last().map(|key| key.id.clone());
        let to = match newest {
            Some(id) => id,
            None => keys::change(config, |held| held.add(&keys::today())).map_err(Failure::final_)?,
        };
        // Known to the database before it seals anything: a server without it does not start any more.
        let (noted, current) = (to.clone(), told(config, "current", &to));
        let work = move |tx: &mut Tx<'_>| {
            tx.begin()?;
            sealed::note(tx.conn, &noted, "sealing")?;
            audit::note(tx, &current)
        };
        db.write(stamp(), false, work).await?;
        keys::change(config, |held| match held.make_current(&to) {
            true => Ok(()),
            false => Err(format!("there is no key {to}")),
        })
        .map_err(Failure::final_)?;
        to
    };
    say(&format!("sealing with {to}"));
    // Until every server has looked at the file, and what it was writing then is written.
    tokio::time::sleep(LOOKS_EVERY * 3).await;
    let mut total = 0;
    loop {
        let met = pass(db, &mut total).await?;
        if met == 0 {
            break;
        }
    }
    say(&format!("done: {total} rows sealed again; the keys that have nothing sealed can be retired"));
    Ok(())
}

/// Goes through everything once; how many rows were sealed again.
async fn pass(db: &Database, total: &mut usize) -> Result<usize, Error> {
    let (mut met, mut next, mut told) = (0, Some(reseal::Position::START), 0);
    while let Some(at) = next {
        let (done, then) = db.write(stamp(), false, move |tx| reseal::step(tx, &at)).await?;
        met += done;
        *total += done;
        next = then;
        if *total - told >= 10_000 {
            told = *total;
            say(&format!("{total} rows"));
        }
    }
    Ok(met)
}

async fn retire(config: &Config, db: &Database, id: &str) -> cli::Outcome {
    let counts = db.read_long(reseal::counts).await?;
    if let Some(n) = counts.get(id).filter(|n| **n > 0) {
        return Err(Failure::final_(format!("{n} values are sealed with {id}: `laogan keys rotate` first")));
    }
    let line = keys::change(config, |held| {
        held.remove(id).ok_or_else(|| format!("{id}: not a key that opens; the current one stays"))
    })
    .map_err(Failure::final_)?;
    let kept = keys::keep(config, id, &line).map_err(Failure::final_)?;
    let (gone, retired) = (id.to_owned(), told(config, "retired", id));
    let work = move |tx: &mut Tx<'_>| {
        tx.begin()?;
        sealed::forget(tx.conn, &gone)?;
        audit::note(tx, &retired)
    };
    db.write(stamp(), false, work).await?;
    say(&format!("kept in {} for backups that were made before", kept.display()));
    Ok(())
}

/// What the audit is told of a key.
fn told(config: &Config, what: &str, id: &str) -> Event {
    let division = config.division.clone();
    Event::new(AuditKind::Key, AuditOutcome::Success, Utc::now(), "system:keys", division)
        .about("sealing_keys", None)
        .detail(format!("{what}:{id}"))
}

fn stamp() -> Stamp {
    Stamp::system("keys", Utc::now())
}
