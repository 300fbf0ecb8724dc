//! The database as the server uses it: reads on the right thread, writes through the right door.
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::write::{Stamp, Tx};
use crate::writer::Writer;
use crate::{migrate, sequencer};
use diesel::r2d2::{ManageConnection, Pool};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;
use thread_local::ThreadLocal;
use tokio::sync::{Notify, Semaphore};

/// Connections to PostgreSQL for requests. More only makes them wait inside the server.
const POSTGRES_CONNECTIONS: u32 = 8;
/// Long reads (exports, reports) at a time.
const LONG_READS: u32 = 4;
/// How long a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection in a pool; thrown away instead of returned once it gave an error that may have broken it.
pub struct Pooled {
    conn: Conn,
    broken: bool,
}

/// Makes connections for a pool.
struct Manager(String);
impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = Error;
    fn connect(&self) -> Result<Pooled> {
        Ok(Pooled { conn: Conn::open(&self.0)?, broken: false })
    }
    fn is_valid(&self, pooled: &mut Pooled) -> Result<()> {
        pooled.conn.batch("SELECT 1")
    }
    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.broken || std::thread::panicking()
    }
}

fn pool(url: &str, size: u32) -> Pool<Manager> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(0))
        .test_on_check_out(false)
        .connection_timeout(PATIENCE)
        .build_unchecked(Manager(url.into()))
}

/// Where a database is.
#[derive(Debug, Clone)]
pub struct Urls {
    /// `sqlite://path`, a path, or `postgres://…`.
    pub primary: String,
    /// A replica for long reads, PostgreSQL only.
    pub read: Option<String>,
}

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    url: String,
    door: Door,
    long: Pool<Manager>,
    long_places: Arc<Semaphore>,
    /// Rung after each write, for the sequencer on PostgreSQL and for waiting readers.
    written: Notify,
}

enum Door {
    /// Point reads run where they are asked, each thread on its own connection; writes go to the one writer.
    Sqlite { readers: ThreadLocal<RefCell<Option<Conn>>>, writer: Writer },
    /// Everything runs on blocking threads, as many as there are connections.
    Postgres { pool: Pool<Manager>, places: Arc<Semaphore> },
}

impl Database {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be reached now.
    pub fn open(urls: &Urls) -> Result<Database> {
        let url = urls.primary.clone();
        let mut first = Conn::open(&url)?;
        let ran = migrate::migrate(&mut first)?;
        if !ran.is_empty() {
            tracing::info!(migrations = ran.len(), "schema brought up to date");
        }
        drop(first);
        let door = match Engine::of(&url) {
            Engine::Sqlite => Door::Sqlite { readers: ThreadLocal::new(), writer: Writer::start(&url)? },
            Engine::Postgres => Door::Postgres {
                pool: pool(&url, POSTGRES_CONNECTIONS),
                places: Arc::new(Semaphore::new(POSTGRES_CONNECTIONS as usize)),
            },
        };
        let long = pool(urls.read.as_deref().unwrap_or(&url), LONG_READS);
        let long_places = Arc::new(Semaphore::new(LONG_READS as usize));
        Ok(Database(Arc::new(Inner { url, door, long, long_places, written: Notify::new() })))
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        Engine::of(&self.0.url)
    }

    /// Resolves after the next write of this process.
    pub async fn written(&self) {
        self.0.written.notified().await;
    }

    /// A short read: a record or a page. On SQLite it runs right here, which costs less than handing it over.
    pub async fn read<T: Send + 'static>(&self, f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static) -> Result<T> {
        match &self.0.door {
            Door::Sqlite { readers, .. } => {
                let cell = readers.get_or(|| RefCell::new(None));
                let mut slot = cell.borrow_mut();
                let mut conn = slot.take().map_or_else(|| Conn::open(&self.0.url), Ok)?;
                let outcome = f(&mut conn);
                if !matches!(&outcome, Err(e) if e.breaks_connection()) {
                    *slot = Some(conn);
                }
                outcome
            }
            Door::Postgres { pool, places } => pooled(pool.clone(), places, f).await,
        }
    }

    /// A read that may take long: counts, searches, exports, reports. Bounded in number, never on a worker thread.
    pub async fn read_long<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        pooled(self.0.long.clone(), &self.0.long_places, f).await
    }

    /// One unit of work that commits when it succeeds, unless `dry_run`: then all of it is undone.
    ///
    /// # Errors
    /// Those of `f`; [`Error::Unavailable`] when it cannot be committed now. After an error nothing of it is stored.
    pub async fn write<T: Send + 'static>(
        &self,
        stamp: Stamp,
        dry_run: bool,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let outcome = match &self.0.door {
            Door::Sqlite { writer, .. } => {
                writer.run(move |conn| f(&mut Tx::new(conn, &stamp, true)).map(|v| (v, !dry_run))).await
            }
            Door::Postgres { pool, places } => {
                pooled(pool.clone(), places, move |conn| {
                    let mut tx = Tx::new(conn, &stamp, false);
                    if dry_run {
                        tx.begin()?;
                    }
                    let outcome = f(&mut tx);
                    let ended = tx.finish(outcome.is_ok() && !dry_run);
                    // A failed statement is the news; a rollback that fails too only costs the connection.
                    outcome.and_then(|v| ended.map(|()| v))
                })
                .await
            }
        };
        if outcome.is_ok() && !dry_run {
            self.0.written.notify_waiters();
        }
        outcome
    }

    /// Numbers journal lines after writes, for as long as it is polled. SQLite's writer does it in each commit.
    pub async fn keep_numbering(self) {
        if self.engine() == Engine::Sqlite {
            return;
        }
        loop {
            // The pause lets writes gather; the time-out finds what other processes wrote.
            let _ = tokio::time::timeout(Duration::from_millis(500), self.written()).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            if let Err(e) = self.read(|conn| sequencer::run(conn).map(drop)).await {
                tracing::warn!(cause = %e, "journal lines wait for their numbers");
            }
        }
    }

    /// Whether the database answers and takes writes.
    pub async fn ready(&self) -> Result<()> {
        self.read(|conn| conn.batch("SELECT 1 FROM feed_state")).await
    }
}

/// Runs `f` on a blocking thread with a connection of the pool. Requests beyond the pool's size wait
/// here, where they hold no thread.
async fn pooled<T: Send + 'static>(
    pool: Pool<Manager>,
    places: &Arc<Semaphore>,
    f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
) -> Result<T> {
    let place = tokio::time::timeout(PATIENCE, Arc::clone(places).acquire_owned())
        .await
        .map_err(|_| Error::Unavailable("no database connection is free".into()))?
        .map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || {
        let _place = place;
        let mut pooled = pool.get()?;
        let outcome = f(&mut pooled.conn);
        pooled.broken = matches!(&outcome, Err(e) if e.breaks_connection());
        outcome
    })
    .await
    .map_err(Error::internal)?
}
