//! `laogan sync`: keeps a county's own instance and the city's server alike.
//!
//! One cycle sends what was written here, looks again at records whose operations did not go through unchanged, and
//! takes what is new over there. Everything it must remember commits with what it did, so that it may be killed at
//! any moment and begun again.
mod heads;
mod pull;
mod push;
pub mod remote;
mod verify;

use crate::audit::chain::AuditHead;
use crate::backup::InUse;
use crate::cli::{self, Failure};
use crate::config::Config;
use crate::server;
use domain::{Utc, Uuid};
use persistence::agent::{self, Progress, outbox};
use persistence::{Conn, feed};
use remote::{Fault, Remote};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// What `laogan sync` is told.
#[derive(clap::Args)]
pub struct Options {
    /// The city's server, such as https://city.example.cn
    #[arg(long)]
    remote: String,
    /// File with an API token of the county's account there: sync:*, fields:sensitive, and the resources to exchange
    #[arg(long)]
    token_file: PathBuf,
    /// End after one cycle
    #[arg(long)]
    once: bool,
    /// Hold the whole copy against the server's digests afterwards, and mend what differs; implies --once
    #[arg(long)]
    verify: bool,
    /// The server is the same, at a new address
    #[arg(long)]
    moved: bool,
    /// Seconds to wait for news in a cycle, at most 30
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=30))]
    wait: u64,
}

/// Tries of `--once` before it gives up.
const TRIES: u32 = 5;
/// Longest pause between two tries.
const PATIENCE: Duration = Duration::from_secs(60);

/// `laogan sync`
///
/// # Errors
/// With `--once` why the cycle did not come to its end; otherwise only what no later try could mend.
pub async fn run(config: &Config, options: Options) -> cli::Outcome {
    let shared = InUse::shared(config)?;
    // Brings the schema up to date.
    let keys = server::open(config).await?.keys().clone();
    let token = std::fs::read_to_string(&options.token_file)
        .map_err(|e| Failure::final_(format!("--token-file {}: {e}", options.token_file.display())))?;
    let url = config.urls.primary.clone();
    let work = move || {
        let _shared = shared;
        let remote = Remote::new(&options.remote, token.trim().to_owned());
        Session { remote, conn: agent::open(&url, &keys)?, options, told: Told::default(), confirmed: String::new() }
            .work()
    };
    tokio::task::spawn_blocking(work).await.map_err(|e| Failure::final_(e.to_string()))?
}

/// What a cycle has done.
#[derive(Debug, Default)]
struct Told {
    sent: usize,
    taken: usize,
    conflicts: usize,
    refused: usize,
}

/// The agent at work.
struct Session {
    remote: Remote,
    conn: Conn,
    options: Options,
    told: Told,
    /// The number of the feed that was confirmed last.
    confirmed: String,
}

/// What the agent needs to know of the server.
struct State {
    epoch: Uuid,
    expected_op_seq: i64,
    durable_op_seq: Option<i64>,
    entities: Vec<String>,
    audit_head: Option<AuditHead>,
}

impl Session {
    fn work(mut self) -> cli::Outcome {
        self.same_server()?;
        let once = self.once();
        let mut tries = 0;
        loop {
            let wait = if once { 0 } else { self.options.wait };
            match self.cycle(wait) {
                Ok(()) => {
                    tries = 0;
                    let Told { sent, taken, conflicts, refused } = std::mem::take(&mut self.told);
                    if once || sent + taken > 0 {
                        let line = format!("sent {sent}, took {taken}, {conflicts} in conflict, {refused} refused");
                        if once { cli::say(&line) } else { tracing::info!("{line}") }
                    }
                    if self.options.verify {
                        verify::verify(&mut self)?;
                    }
                    if once {
                        return Ok(());
                    }
                }
                Err(Fault::Later(text, after)) => {
                    tries += 1;
                    if once && tries >= TRIES {
                        return Err(Failure::later(text));
                    }
                    let pause = pause(tries, after);
                    tracing::warn!(cause = %text, pause_ms = pause.as_millis(), "to be tried again");
                    std::thread::park_timeout(pause);
                }
                Err(other) => return Err(other.into()),
            }
        }
    }

    fn once(&self) -> bool {
        self.options.once || self.options.verify
    }

    /// Another server's records are not to take the place of ours because of a slip of the pen.
    fn same_server(&mut self) -> cli::Outcome {
        let known = agent::progress(&mut self.conn)?;
        let remote = self.options.remote.trim_end_matches('/');
        match known.filter(|k| k.remote != remote && !self.options.moved) {
            None => Ok(()),
            Some(other) => Err(Failure::final_(format!(
                "this instance is kept alike with {}, not with {remote}; if that is the same server, say --moved",
                other.remote
            ))),
        }
    }

    fn cycle(&mut self, wait: u64) -> Result<(), Fault> {
        let state = self.state()?;
        let known = self.begin(&state)?;
        self.witness(&state)?;
        self.send(&state)?;
        if known.cursor.is_none() || known.epoch != state.epoch {
            self.load(&state)?;
        }
        self.pull(&state, wait)
    }

    fn state(&self) -> Result<State, Fault> {
        let state = self.remote.get("/sync/state")?;
        let text = |name: &str| state.get(name).and_then(Value::as_str);
        let number = |name: &str| state.get(name).and_then(Value::as_i64);
        let strange = |name: &str| Fault::Final(format!("the server's state has no {name}: is it a laogan server?"));
        if number("schema") != Some(feed::SCHEMA) {
            return Err(Fault::Final("the server's records have another form: update this program".into()));
        }
        for warning in state.get("warnings").and_then(Value::as_array).into_iter().flatten() {
            tracing::warn!(%warning, "the server warns");
        }
        let names = state.get("entities").and_then(Value::as_array).ok_or_else(|| strange("entities"))?;
        Ok(State {
            epoch: text("epoch").and_then(|e| e.parse().ok()).ok_or_else(|| strange("epoch"))?,
            expected_op_seq: number("expected_op_seq").ok_or_else(|| strange("expected_op_seq"))?,
            durable_op_seq: number("durable_op_seq"),
            audit_head: state.get("audit_head").and_then(|h| serde_json::from_value(h.clone()).ok()),
            entities: names.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect(),
        })
    }

    /// What we know of this server. Where one of us was restored, the operations are numbered anew.
    fn begin(&mut self, state: &State) -> Result<Progress, Fault> {
        let remote = self.options.remote.trim_end_matches('/').to_owned();
        let (epoch, expected, durable) = (state.epoch, state.expected_op_seq, state.durable_op_seq);
        let known = agent::progress(&mut self.conn)?;
        let fresh = Progress { remote, epoch, cursor: None, collected: 0, next_op_seq: expected };
        let known = agent::write(&mut self.conn, Utc::now(), |tx| {
            match known {
                None => agent::remember(tx.conn, &fresh)?,
                Some(known) if known.remote != fresh.remote => {
                    agent::remember(tx.conn, &Progress { remote: fresh.remote, ..known })?;
                }
                Some(_) => {}
            }
            if outbox::is_elsewhere(tx.conn, expected)? {
                tracing::warn!(expected, "the server or this instance was restored: operations are numbered anew");
                outbox::renumber(tx, expected)?;
            }
            if let Some(durable) = durable {
                outbox::forget(tx, durable)?;
            }
            agent::progress(tx.conn)
        })?;
        known.ok_or_else(|| Fault::Final("the agent forgot what it had just noted".into()))
    }

    /// The record at the server; `None` where it is not there, or not for us.
    fn fetch(&self, entity: &str, id: Uuid) -> Result<Option<Value>, Fault> {
        match self.remote.get(&format!("/{entity}/{id}")) {
            Ok(record) => Ok(Some(record)),
            Err(Fault::Refused(404, ..)) => Ok(None),
            Err(e) => Err(e),
        }
    }
}

/// The pause before a try: longer each time, and not the same for all who wait for one server.
fn pause(tries: u32, after: Option<Duration>) -> Duration {
    let doubled = Duration::from_millis(500) * 2_u32.saturating_pow(tries.min(7));
    let longest = doubled.min(PATIENCE).max(after.unwrap_or_default());
    let share = u32::from(Uuid::new_v4().as_bytes()[0]);
    longest / 2 + longest * share / 512
}
