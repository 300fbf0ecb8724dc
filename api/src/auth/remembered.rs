//! Callers that were verified a moment ago, by the SHA-256 of their token.
//!
//! An entry holds until the token ends or any user, password or token changes: the store counts such
//! changes, and an entry made before the last one is looked up anew. So a revoked token or a changed role
//! bites on the next request; a change made through another process is seen within [`POLL`].
use super::Identity;
use persistence::{Database, identity};
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// How often the store is asked for changes made elsewhere.
const POLL: Duration = Duration::from_millis(500);
/// Callers remembered at most.
const CALLERS: usize = 10_000;

/// The memory.
pub struct Remembered {
    callers: Cache<[u8; 32], Arc<Identity>>,
    epoch: AtomicI64,
}

impl Remembered {
    /// An empty memory.
    pub fn new() -> Self {
        Self { callers: Cache::new(CALLERS), epoch: AtomicI64::new(0) }
    }
    /// The caller with this token.
    pub fn get(&self, token: &[u8; 32]) -> Option<Arc<Identity>> {
        self.callers.get(token)
    }
    /// Remembers a caller.
    pub fn put(&self, token: [u8; 32], identity: Arc<Identity>) {
        self.callers.insert(token, identity);
    }
    /// The state of users and tokens this process knows of.
    pub fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::Acquire)
    }
    /// Asks the store for the state; called after every change of a user, password or token too.
    pub async fn refresh(&self, db: &Database) -> persistence::Result<i64> {
        let epoch = db.read(identity::epoch).await?;
        self.epoch.fetch_max(epoch, Ordering::AcqRel);
        Ok(epoch)
    }
    /// Follows changes that other processes make, for as long as it is polled.
    pub async fn follow(&self, db: &Database) {
        loop {
            tokio::time::sleep(POLL).await;
            if let Err(e) = self.refresh(db).await {
                tracing::warn!(cause = %e, "changes of users and tokens cannot be followed");
            }
        }
    }
}
impl Default for Remembered {
    fn default() -> Self {
        Self::new()
    }
}
