//! What a request handler works with.
use crate::audit::trail::Trail;
use crate::auth::keys::Keys;
use crate::auth::remembered::Remembered;
use crate::config::Config;
use crate::metrics::Metrics;
use persistence::Database;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Password hashes at a time: each takes 19 MiB and about 13 ms of a core.
const HASHES_AT_A_TIME: usize = 2;

/// The server's parts. Cheap to clone; there are no globals beside it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of [`App`].
pub struct Parts {
    /// The database.
    pub db: Database,
    /// Signing key and secrets.
    pub keys: Keys,
    /// Configuration.
    pub config: Config,
    /// Counters and histograms.
    pub metrics: Metrics,
    /// The way into the audit.
    pub audit: Trail,
    /// Callers that were verified a moment ago.
    pub remembered: Remembered,
    /// Clients of the feed whose pull was noted in this minute.
    pub pulls: Pulls,
    /// Places for password hashing.
    pub hashing: Semaphore,
}

impl App {
    /// Puts the parts together.
    pub fn new(db: Database, keys: Keys, config: Config) -> Self {
        Self(Arc::new(Parts {
            db,
            keys,
            config,
            metrics: Metrics::new(),
            audit: Trail::default(),
            remembered: Remembered::new(),
            pulls: Pulls::default(),
            hashing: Semaphore::new(HASHES_AT_A_TIME),
        }))
    }
}
impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Who has done something in the running minute.
#[derive(Default)]
pub struct Pulls(Mutex<(i64, HashSet<String>)>);
impl Pulls {
    /// Whether this is the client's first time in this minute.
    pub fn first_this_minute(&self, client: &str) -> bool {
        let minute = domain::Utc::now().timestamp() / 60;
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.0 != minute {
            *seen = (minute, HashSet::new());
        }
        seen.1.insert(client.to_owned())
    }
}
