//! What no record names, and nobody has just uploaded, is removed after a while.
//!
//! A file is doomed first, in the database, which makes it gone for everybody; then its content is removed, then the
//! row. An upload of it meanwhile is told to come again. Where the process ends between two steps, the next time goes on.
use super::blobs::Blobs;
use super::settings::Settings;
use super::staging;
use domain::Utc;
use persistence::files::{self, File};
use persistence::{Database, Error, Stamp};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Files removed at a time.
const AT_ONCE: i64 = 200;

/// What was removed, or would be.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Cleared {
    /// Files that no record names.
    pub files: usize,
    /// Their length.
    pub bytes: i64,
    /// Uploads that nobody goes on with, and contents of which nothing is known.
    pub leftovers: usize,
}

/// Removes what is old enough.
///
/// # Errors
/// What the database or the store of contents says. What is removed by then is removed.
pub async fn run(
    db: &Database,
    blobs: &Arc<Blobs>,
    settings: &Settings,
    dry_run: bool,
) -> persistence::Result<Cleared> {
    let now = Utc::now();
    let before = now - chrono::Duration::days(settings.days);
    let age = Duration::from_secs(settings.days.unsigned_abs() * 86_400);
    let mut cleared = Cleared::default();
    if dry_run {
        let found = db.read_long(move |c| files::removable(c, before)).await?;
        (cleared.files, cleared.bytes) = (found.len(), found.iter().map(|f| f.bytes).sum());
        return Ok(cleared);
    }
    let stamp = || Stamp::system("files", now);
    loop {
        let doomed = db.write(stamp(), false, move |tx| files::doom(tx, before, AT_ONCE)).await?;
        if doomed.is_empty() {
            break;
        }
        cleared.files += doomed.len();
        cleared.bytes += doomed.iter().map(|f| f.bytes).sum::<i64>();
        let (store, gone) = (Arc::clone(blobs), doomed.clone());
        blocking(move || gone.iter().try_for_each(|file: &File| store.remove(&file.sha256))).await?;
        db.write(stamp(), false, move |tx| files::remove(tx, &doomed)).await?;
    }
    let Some(oldest) = SystemTime::now().checked_sub(age) else { return Ok(cleared) };
    let (store, incoming) = (Arc::clone(blobs), settings.incoming.clone());
    let (parts, old) = blocking(move || Ok((staging::clear(&incoming, oldest)?, store.older_than(oldest)?))).await?;
    cleared.leftovers = parts;
    for names in old.chunks(500) {
        let asked = names.to_vec();
        let strays = db.read_long(move |c| {
            let mut strays = vec![];
            for name in asked {
                if !files::known(c, &name)? {
                    strays.push(name);
                }
            }
            Ok(strays)
        });
        let strays = strays.await?;
        cleared.leftovers += strays.len();
        let store = Arc::clone(blobs);
        blocking(move || strays.iter().try_for_each(|name| store.remove(name))).await?;
    }
    Ok(cleared)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> persistence::Result<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    done.map_err(|e| Error::Unavailable(format!("the store of files: {e}")))
}
