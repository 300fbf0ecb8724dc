//! What a request handler works with.
use crate::audit::chain::Chain;
use crate::audit::trail::Trail;
use crate::auth::keys::Keys;
use crate::auth::passwords::Hashing;
use crate::auth::remembered::Remembered;
use crate::bootstrap::Bootstrap;
use crate::config::Config;
use crate::files::blobs::Blobs;
use crate::limits::connections::Connections;
use crate::limits::rate::Rates;
use crate::metrics::Metrics;
use crate::reports::kept::Kept;
use crate::tokens::usage::Uses;
use persistence::Database;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

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
    /// How often each caller asks.
    pub rates: Rates,
    /// How many connections each address holds.
    pub connections: Arc<Connections>,
    /// The audit's chain.
    pub chain: Chain,
    /// Callers that were verified a moment ago.
    pub remembered: Remembered,
    /// Clients of the feed whose pull was noted in this minute.
    pub pulls: Pulls,
    /// Dead tokens whose use, and failures of sign-ins, that were told in this minute.
    pub alarmed: Pulls,
    /// What tokens were used for, before it is stored.
    pub uses: Uses,
    /// Where passwords are hashed.
    pub hashing: Hashing,
    /// The contents of files.
    pub blobs: Arc<Blobs>,
    /// What an app needs at its start.
    pub bootstrap: Bootstrap,
    /// Reports and tables as they were made last.
    pub kept: Kept,
    /// Rung when a job waits.
    pub work: tokio::sync::Notify,
}

impl App {
    /// Puts the parts together.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(db: Database, keys: Keys, chain: Chain, blobs: Blobs, config: Config) -> std::io::Result<Self> {
        let hashing = Hashing::new(config.password_cost)?;
        let rates = Rates::new(&config.limits);
        let connections = Connections::new(config.limits.connections_per_address, config.trusted_proxies.clone());
        Ok(Self(Arc::new(Parts {
            rates,
            connections,
            db,
            keys,
            config,
            metrics: Metrics::new(),
            audit: Trail::default(),
            chain,
            remembered: Remembered::new(),
            pulls: Pulls::default(),
            alarmed: Pulls::default(),
            uses: Uses::default(),
            hashing,
            blobs: Arc::new(blobs),
            bootstrap: Bootstrap::default(),
            kept: Kept::default(),
            work: tokio::sync::Notify::new(),
        })))
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
