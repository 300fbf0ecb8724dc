//! Callers that were verified a moment ago, by the SHA-256 of their token.
//!
//! An entry holds until the token ends or any user, password, session or token changes: the store counts such
//! changes, and an entry made before the last one is looked up anew. The memory may be used for [`LEASE`] after
//! the store was asked for the count; then it must ask again. Who takes a right away waits as long before
//! saying so ([`Remembered::settle`]). So what was revoked is refused on the next request, by every server of the
//! installation, and a request costs one look at a clock.
use super::Identity;
use persistence::{Database, identity};
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How often the store is asked for changes made elsewhere.
const POLL: Duration = Duration::from_millis(100);
/// How long what is remembered may be used without asking again.
pub const LEASE: Duration = Duration::from_millis(300);
/// Callers remembered at most.
const CALLERS: usize = 10_000;
/// Polls between two looks at the files of signing keys.
const POLLS_A_RELOAD: u32 = 50;

/// The memory.
pub struct Remembered {
    callers: Cache<[u8; 32], Arc<Identity>>,
    epoch: AtomicI64,
    started: Instant,
    /// When the store was last asked, in milliseconds since the start; 0 for never.
    asked: AtomicU64,
    asking: Mutex<()>,
}

impl Remembered {
    /// An empty memory.
    pub fn new() -> Self {
        Self {
            callers: Cache::new(CALLERS),
            epoch: AtomicI64::new(0),
            // An hour before, so that no lease begins at 0.
            started: Instant::now().checked_sub(Duration::from_secs(3600)).unwrap_or_else(Instant::now),
            asked: AtomicU64::new(0),
            asking: Mutex::new(()),
        }
    }
    /// The caller with this token, if it may be used without asking.
    pub fn get(&self, token: &[u8; 32]) -> Option<Arc<Identity>> {
        self.callers.get(token).filter(|i| self.holds(i))
    }
    /// Whether a caller that was verified is so still.
    pub fn holds(&self, identity: &Identity) -> bool {
        self.leased() && identity.fresh(self.epoch(), domain::Utc::now())
    }
    /// Remembers a caller.
    pub fn put(&self, token: [u8; 32], identity: Arc<Identity>) {
        self.callers.insert(token, identity);
    }
    /// Forgets all callers.
    pub fn clear(&self) {
        self.callers.clear();
    }
    /// The state of users and tokens this process knows of.
    pub fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::Acquire)
    }
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
    fn leased(&self) -> bool {
        let asked = self.asked.load(Ordering::Acquire);
        asked > 0 && u128::from(self.now().saturating_sub(asked)) + 1 < LEASE.as_millis()
    }
    /// Asks the store for the state.
    ///
    /// # Errors
    /// What the store says.
    pub async fn refresh(&self, db: &Database) -> persistence::Result<i64> {
        let now = self.now();
        let epoch = db.read(identity::epoch).await?;
        self.epoch.fetch_max(epoch, Ordering::AcqRel);
        self.asked.fetch_max(now, Ordering::AcqRel);
        Ok(epoch)
    }
    /// Asks the store where the memory must not be used otherwise; of many at once, one asks.
    ///
    /// # Errors
    /// What the store says.
    pub async fn lease(&self, db: &Database) -> persistence::Result<()> {
        if self.leased() {
            return Ok(());
        }
        let _alone = self.asking.lock().await;
        if self.leased() { Ok(()) } else { self.refresh(db).await.map(drop) }
    }
    /// After a right was taken away: returns when no server of the installation grants it any more.
    ///
    /// # Errors
    /// What the store says.
    pub async fn settle(&self, db: &Database) -> persistence::Result<()> {
        let committed = Instant::now();
        self.refresh(db).await?;
        tokio::time::sleep_until((committed + LEASE).into()).await;
        Ok(())
    }
}
impl Default for Remembered {
    fn default() -> Self {
        Self::new()
    }
}

/// Follows changes that other processes make, of users and tokens and of the files of keys, for as long as it is polled.
pub async fn follow(app: crate::app::App) {
    for turn in (0_u32..POLLS_A_RELOAD).cycle() {
        tokio::time::sleep(POLL).await;
        if let Err(e) = app.remembered.refresh(&app.db).await {
            tracing::warn!(cause = %e, "changes of users and tokens cannot be followed");
        }
        if turn == 0 {
            match app.keys.reload() {
                Ok(true) => app.remembered.clear(),
                Ok(false) => {}
                Err(e) => tracing::error!(cause = e, "the signing keys cannot be read again"),
            }
        }
    }
}
