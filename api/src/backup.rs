//! `laogan backup` and `laogan restore`, and the lock by which processes on one data directory know of each other.
use crate::cli::{self, Failure};
use crate::config::Config;
use crate::files::blobs::Blobs;
use domain::Utc;
use domain::codes::{AuditKind, AuditOutcome};
use persistence::Engine;
use persistence::audit::Event;
use std::fs::{File, TryLockError};
use std::path::PathBuf;

/// A lock that whoever uses the database in this data directory shares, and a restore has alone. It ends with
/// the process, however that ends.
pub struct InUse(#[expect(dead_code, reason = "held, never read")] File);

impl InUse {
    /// Shares the use of the data directory's database.
    ///
    /// # Errors
    /// While it is being restored.
    pub fn shared(config: &Config) -> Result<Self, Failure> {
        let file = lock_file(config)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(Failure::later("the database is being restored")),
            Err(TryLockError::Error(e)) => Err(Failure::final_(format!("the data directory cannot be locked: {e}"))),
        }
    }
    fn alone(config: &Config) -> Result<Self, Failure> {
        let file = lock_file(config)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                Err(Failure::later("a server or a command uses the database: stop it first"))
            }
            Err(TryLockError::Error(e)) => Err(Failure::final_(format!("the data directory cannot be locked: {e}"))),
        }
    }
}

fn lock_file(config: &Config) -> Result<File, Failure> {
    let told = |e: std::io::Error| Failure::final_(format!("{}: {e}", config.data_dir.display()));
    std::fs::create_dir_all(&config.data_dir).map_err(told)?;
    File::options().create(true).truncate(false).write(true).open(config.data_dir.join("in-use.lock")).map_err(told)
}

/// `laogan backup FILE`
///
/// # Errors
/// Why there is no backup.
pub async fn backup(config: &Config, file: PathBuf) -> cli::Outcome {
    let _shared = InUse::shared(config)?;
    let (url, path) = (config.urls.primary.clone(), file.clone());
    blocking(move || persistence::backup::write(&url, &path)).await?;
    cli::say(&file.display().to_string());
    // They never change, so a copy that is made behind this one has all that this one names.
    let url = config.urls.primary.clone();
    let (files, bytes) = blocking(move || {
        persistence::files::total(&mut persistence::Conn::open(&url, &persistence::sealed::Keyring::none())?)
    })
    .await?;
    if files > 0 {
        let place = Blobs::open(&config.files).map_err(Failure::final_)?.place();
        cli::say(&format!("{files} files of {bytes} bytes are not in it: copy {place} now, after this"));
    }
    Ok(())
}

/// `laogan restore FILE`
///
/// # Errors
/// Why the database is as it was.
pub async fn restore(config: &Config, file: PathBuf) -> cli::Outcome {
    let _alone = InUse::alone(config)?;
    let url = config.urls.primary.clone();
    let told =
        Event::new(AuditKind::Restore, AuditOutcome::Success, Utc::now(), "system:restore", config.division.clone());
    let before = blocking(move || {
        // Servers elsewhere do not see the lock.
        if Engine::of(&url) == Engine::Postgres && persistence::backup::others(&url)? > 0 {
            return Err(persistence::Error::Unavailable("others use the database: stop them first".into()));
        }
        persistence::backup::restore(&url, &file, &told)
    })
    .await?;
    if let Some(before) = before {
        cli::say(&format!("the database of before is kept in {}", before.display()));
    }
    cli::say("restored; readers of the feed begin anew");
    cli::say("the files are kept beside the database: `laogan files check` tells whether all are there");
    Ok(())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> persistence::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|e| Failure::final_(e.to_string()))??)
}
