//! Keeps the chain of the audit going, beside the requests, and notices when it is not what it was.
use super::key::AuditKey;
use crate::app::App;
use domain::codes::{AuditFinding, AuditKind, AuditOutcome, WitnessState};
use domain::{Code, DateTime, Utc, Uuid};
use persistence::audit::Event;
use persistence::audit::chain::Link;
use persistence::audit::witness::{self, Seen};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;
use utoipa::ToSchema;

/// Pause in which writes gather for one link.
const GATHERED: Duration = Duration::from_millis(250);
/// How long a write of another process waits for its link at most.
const LOOK: Duration = Duration::from_secs(1);
/// Seconds between two notes of the head beside the database.
const NOTED: i64 = 60;

/// A head of the chain, as it travels and as witnesses keep it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditHead {
    /// The epoch of the feed in which the link was made.
    pub epoch: Uuid,
    /// The number of the link.
    #[schema(example = 1042, minimum = 1)]
    pub link: i64,
    /// Its hash: SHA-256 in hexadecimal.
    #[schema(
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        min_length = 64,
        max_length = 64,
        pattern = "^[0-9a-f]{64}$"
    )]
    pub hash: String,
    /// When it was made.
    #[serde(serialize_with = "domain::resource::instant")]
    pub at: DateTime<Utc>,
    /// Ed25519 over `laogan audit head 1`, epoch, link and hash, each ended by a line feed; base64url.
    #[schema(example = "kZ3x…", max_length = 100)]
    pub signature: String,
}
impl AuditHead {
    /// The head that a link is.
    pub fn of(link: &Link) -> Self {
        let Link { id, epoch, at, hash, signature, .. } = link.clone();
        Self { epoch, link: id, hash, at, signature }
    }
    /// What it signs.
    pub fn message(&self) -> Vec<u8> {
        persistence::audit::chain::message(self.epoch, self.link, &self.hash)
    }
    /// The head as one that somebody has seen.
    pub fn seen(&self, client: impl Into<String>, at: DateTime<Utc>) -> Seen {
        Seen { client: client.into(), epoch: self.epoch, link: self.link, hash: self.hash.clone(), at }
    }
}

/// The chain as this process knows it.
pub struct Chain {
    /// Signs it.
    pub key: AuditKey,
    /// Where the last head is noted beside the database.
    file: PathBuf,
    head: RwLock<Option<AuditHead>>,
    broken: AtomicBool,
}

impl Chain {
    /// The chain of the installation in this data directory, with the head that was noted there last.
    ///
    /// # Errors
    /// A text for the terminal.
    pub fn load(data_dir: &Path) -> Result<Self, String> {
        let (key, file) = (AuditKey::load(data_dir)?, head_file(data_dir));
        let head = RwLock::new(noted(&file)?);
        Ok(Self { key, file, head, broken: AtomicBool::new(false) })
    }
    /// The head this process knows of.
    pub fn head(&self) -> Option<AuditHead> {
        self.head.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Whether the chain was found not to be what it was.
    pub fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }
}

/// The head that was noted beside the database in this data directory.
pub fn head_file(data_dir: &Path) -> PathBuf {
    data_dir.join("audit-head.json")
}

/// Reads a noted head.
///
/// # Errors
/// A text for the terminal, if there is a file that cannot be read.
pub fn noted(file: &Path) -> Result<Option<AuditHead>, String> {
    let told = |e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
    match std::fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|e| told(&e)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(told(&e)),
    }
}

fn note_head(file: &Path, head: &AuditHead) -> std::io::Result<()> {
    let fresh = file.with_extension(format!("new-{}", std::process::id()));
    std::fs::write(&fresh, serde_json::to_string(head).map_err(std::io::Error::other)?)?;
    std::fs::rename(&fresh, file)
}

/// Stores the events that wait and links everything that is committed.
///
/// # Errors
/// When the store cannot take it now.
pub async fn step(app: &App) -> persistence::Result<()> {
    app.audit.flush(&app.db, false).await?;
    // What has no number yet is not covered.
    app.db.number().await?;
    loop {
        let (head, more) = app.db.chain(Utc::now(), app.chain.key.signer()).await?;
        let head = head.as_ref().map(AuditHead::of);
        let known = app.chain.head();
        if head != known {
            if let Some(known) = known {
                compare(app, &known).await?;
            }
            *app.chain.head.write().unwrap_or_else(PoisonError::into_inner) = head;
        }
        if !more {
            return Ok(());
        }
    }
}

/// Alarms when a head that was there is there no longer.
async fn compare(app: &App, known: &AuditHead) -> persistence::Result<()> {
    let seen = known.seen("system:server", Utc::now());
    let state = app.db.read(move |c| witness::judge(c, &seen)).await?;
    let code = match state {
        WitnessState::Agrees | WitnessState::Ended => return Ok(()),
        WitnessState::Unknown => AuditFinding::TailCut,
        WitnessState::Differs => AuditFinding::Replaced,
    };
    alarm(app, code, known.link);
    Ok(())
}

/// Tells that the chain is broken: in the log, by the metric, and in the audit itself.
pub fn alarm(app: &App, code: AuditFinding, link: i64) {
    app.chain.broken.store(true, Ordering::Relaxed);
    app.metrics.audit_broken.set(1);
    tracing::error!(finding = code.as_str(), link, "the chain of the audit is not what it was");
    let division = app.config.division.clone();
    let event = Event::new(AuditKind::Alarm, AuditOutcome::Failure, Utc::now(), "system:audit", division);
    app.audit.note(event.about("audit", None).detail(format!("{} at link {link}", code.as_str())));
}

/// Goes on linking for as long as it is polled.
pub async fn keep(app: App) {
    let (mut failing, mut noted) = (false, 0);
    loop {
        let _ = tokio::time::timeout(LOOK, app.db.written()).await;
        tokio::time::sleep(GATHERED).await;
        let outcome = step(&app).await;
        if let (Err(e), false) = (&outcome, failing) {
            tracing::warn!(cause = %e, "the chain of the audit stands still");
        }
        failing = outcome.is_err();
        app.metrics.audit_lost.set(i64::try_from(app.audit.lost()).unwrap_or(i64::MAX));
        let now = Utc::now().timestamp();
        if now - noted >= NOTED {
            noted = now;
            note(&app);
        }
    }
}

/// Notes the head beside the database.
fn note(app: &App) {
    if let Some(head) = app.chain.head()
        && let Err(e) = note_head(&app.chain.file, &head)
    {
        tracing::warn!(cause = %e, "the head of the audit's chain was not noted in the data directory");
    }
}

/// At the end of the server: everything is stored and linked, and the head noted.
pub async fn end(app: &App) {
    let flushed = app.audit.flush(&app.db, true).await;
    if let Err(e) = match flushed {
        Ok(()) => step(app).await,
        Err(e) => Err(e),
    } {
        tracing::error!(cause = %e, "the last events of the audit were not stored");
    }
    note(app);
}
