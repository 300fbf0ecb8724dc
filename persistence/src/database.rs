//! The database as the server uses it: reads on the right thread, writes through the right door.
use crate::audit::chain;
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::sealed::{self, Keyring};
use crate::tx::{Stamp, Tx};
use crate::writer::Writer;
use crate::{migrate, search, sequencer};
use domain::{DateTime, Utc};
use std::any::Any;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use thread_local::ThreadLocal;
use tokio::sync::{Notify, Semaphore, watch};

/// Connections to PostgreSQL for requests. More only makes them wait inside the server.
const POSTGRES_CONNECTIONS: usize = 8;
/// Long reads (exports, reports) at a time.
const LONG_READS: usize = 4;
/// How long a request waits for a place among those who use the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long an unused connection is trusted without a question.
const TRUSTED: Duration = Duration::from_secs(1);

/// An answer without its type.
pub(crate) type Answer = Box<dyn Any + Send>;
/// What is asked of a connection, without its type: threads, queues and futures are compiled once instead of once for
/// each of many hundred questions.
type Question = Box<dyn FnOnce(&mut Conn) -> Result<Answer> + Send>;

/// A unit of work without its type.
type Work = Box<dyn FnOnce(&mut Tx<'_>) -> Result<Answer> + Send>;

fn question<T: Send + 'static>(f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static) -> Question {
    Box::new(move |conn| f(conn).map(|answer| Box::new(answer) as Answer))
}
/// The answer with the type it was given.
fn answer<T: 'static>(outcome: Result<Answer>) -> Result<T> {
    match outcome?.downcast() {
        Ok(answer) => Ok(*answer),
        Err(_) => Err(Error::internal("an answer of another type")),
    }
}

/// Connections that nobody uses now, and places for those who may use one.
///
/// No pool of a library, because that would wait and try again where nothing listens: here a request
/// learns at once that the database is gone, and the first one after its return connects.
#[derive(Clone)]
struct Pool {
    url: Arc<str>,
    keys: Keyring,
    places: Arc<Semaphore>,
    /// Each with the moment of its last use, the last used on top.
    idle: Arc<Mutex<Vec<(Conn, Instant)>>>,
}

impl Pool {
    fn new(url: &str, keys: &Keyring, size: usize) -> Self {
        Self { url: url.into(), keys: keys.clone(), places: Arc::new(Semaphore::new(size)), idle: Arc::default() }
    }

    /// Runs `f` on a blocking thread with a connection. Requests beyond the pool's size wait here, where
    /// they hold no thread.
    async fn run(&self, f: Question) -> Result<Answer> {
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned())
            .await
            .map_err(|_| Error::Unavailable("no database connection is free".into()))?
            .map_err(Error::internal)?;
        let pool = self.clone();
        tokio::task::spawn_blocking(move || {
            let _place = place;
            let mut conn = pool.take()?;
            let outcome = f(&mut conn);
            match &outcome {
                Err(e) if e.breaks_connection() => {}
                _ => pool.lock().push((conn, Instant::now())),
            }
            outcome
        })
        .await
        .map_err(Error::internal)?
    }

    fn take(&self) -> Result<Conn> {
        let found = self.lock().pop();
        if let Some((mut conn, used)) = found {
            // While it lay there, the database may have gone and come back.
            if used.elapsed() < TRUSTED || conn.batch("SELECT 1").is_ok() {
                return Ok(conn);
            }
            // The others are as old or older.
            self.lock().clear();
        }
        Conn::open(&self.url, &self.keys)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Conn, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    keys: Keyring,
    door: Door,
    long: Pool,
    /// For long reads that must not lag behind: the feed.
    current: Pool,
    /// Rung after each write of this process.
    written: Notify,
    /// The last feed number this process knows of, for waiting readers.
    head: watch::Sender<i64>,
}

enum Door {
    /// Point reads run where they are asked, each thread on its own connection; writes go to the one writer.
    Sqlite { readers: Box<ThreadLocal<RefCell<Option<Conn>>>>, writer: Writer },
    /// Everything runs on blocking threads, as many as there are connections.
    Postgres(Pool),
}

impl Database {
    /// Opens the database, brings its schema up to date, and makes sure that these are its keys.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be reached now; what [`sealed::settle`] says of the keys.
    pub fn open(urls: &Urls, keys: Keyring) -> Result<Database> {
        let url = urls.primary.clone();
        let mut first = Conn::open(&url, &keys)?;
        let ran = migrate::migrate(&mut first)?;
        if !ran.is_empty() {
            tracing::info!(migrations = ran.len(), "schema brought up to date");
        }
        sealed::settle(&mut first)?;
        search::settle(&mut first)?;
        drop(first);
        let door = match Engine::of(&url) {
            Engine::Sqlite => Door::Sqlite { readers: Box::default(), writer: Writer::start(&url, &keys)? },
            Engine::Postgres => Door::Postgres(Pool::new(&url, &keys, POSTGRES_CONNECTIONS)),
        };
        let current = Pool::new(&url, &keys, LONG_READS);
        let long =
            urls.read.as_deref().map_or_else(|| current.clone(), |replica| Pool::new(replica, &keys, LONG_READS));
        Ok(Database(Arc::new(Inner {
            url,
            keys,
            door,
            long,
            current,
            written: Notify::new(),
            head: watch::Sender::new(0),
        })))
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        Engine::of(&self.0.url)
    }

    /// The keys of what is sealed in it.
    pub fn keys(&self) -> &Keyring {
        &self.0.keys
    }

    /// The last feed number, whenever it grows.
    pub fn heads(&self) -> watch::Receiver<i64> {
        self.0.head.subscribe()
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
                let mut conn = slot.take().map_or_else(|| Conn::open(&self.0.url, &self.0.keys), Ok)?;
                let outcome = f(&mut conn);
                if !matches!(&outcome, Err(e) if e.breaks_connection()) {
                    *slot = Some(conn);
                }
                outcome
            }
            Door::Postgres(pool) => answer(pool.run(question(f)).await),
        }
    }

    /// A read that may take long: counts, searches, exports, reports. Bounded in number, never on a worker thread.
    pub async fn read_long<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        answer(self.0.long.run(question(f)).await)
    }

    /// The same on the primary, where a replica would know less than the reader has seen already: the feed.
    pub async fn read_current<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        answer(self.0.current.run(question(f)).await)
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
        let work: Work = Box::new(move |tx| f(tx).map(|answer| Box::new(answer) as Answer));
        answer(self.perform(stamp, dry_run, work).await)
    }

    async fn perform(&self, stamp: Stamp, dry_run: bool, f: Work) -> Result<Answer> {
        let outcome = match &self.0.door {
            Door::Sqlite { writer, .. } => {
                let work = move |conn: &mut Conn| f(&mut Tx::new(conn, &stamp, true)).map(|v| (v, !dry_run));
                writer.run(Box::new(work)).await
            }
            Door::Postgres(pool) => {
                let work = move |conn: &mut Conn| {
                    let mut tx = Tx::new(conn, &stamp, false);
                    if dry_run {
                        tx.begin()?;
                    }
                    let outcome = f(&mut tx);
                    let ended = tx.finish(outcome.is_ok() && !dry_run);
                    match &outcome {
                        // The first failure is the news, not that nothing more can be done on this connection.
                        Err(e) if e.breaks_connection() => outcome,
                        _ => ended.and(outcome),
                    }
                };
                pool.run(Box::new(work)).await
            }
        };
        if outcome.is_ok() && !dry_run {
            self.0.written.notify_waiters();
        }
        outcome
    }

    /// Numbers the journal lines that wait for it, and says where the feed stands.
    ///
    /// # Errors
    /// What the database says.
    pub async fn number(&self) -> Result<crate::feed::State> {
        self.read(|conn| {
            if conn.engine() == Engine::Postgres && sequencer::is_waited_for(conn)? {
                sequencer::run(conn)?;
            }
            crate::feed::state(conn)
        })
        .await
    }

    /// Numbers journal lines after writes where that is needed, and tells waiting readers how far the feed has
    /// come, for as long as it is polled.
    pub async fn keep_numbering(self) {
        let mut failing = false;
        loop {
            // The time-out finds what other processes wrote.
            let _ = tokio::time::timeout(Duration::from_millis(500), self.written()).await;
            if self.engine() == Engine::Postgres {
                // Writes gather meanwhile.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let outcome = self.number().await.map(|state| state.head);
            match &outcome {
                Err(e) if !failing => tracing::warn!(cause = %e, "the feed stands still"),
                Ok(_) if failing => tracing::warn!("the feed moves again"),
                _ => {}
            }
            failing = outcome.is_err();
            if let Ok(head) = outcome {
                self.0.head.send_if_modified(|known| std::mem::replace(known, head) != head);
            }
        }
    }

    /// Adds the next link to the chain of the audit, if something waits for one. Answers the chain's head, and
    /// whether more waits.
    ///
    /// # Errors
    /// What the database says.
    pub async fn chain(&self, now: DateTime<Utc>, sign: chain::Signer) -> Result<(Option<chain::Link>, bool)> {
        let Door::Sqlite { writer, .. } = &self.0.door else {
            return self
                .read(move |c| match chain::waiting(c)? {
                    (head, false) => Ok((head, false)),
                    (_, true) => match chain::extend_postgres(c, now, &sign)? {
                        Some(link) => Ok((Some(link), true)),
                        // Another one was first while this one waited: the head is that one's.
                        None => Ok((chain::head(c)?, false)),
                    },
                })
                .await;
        };
        let found = self.read_current(move |c| match chain::waiting(c)? {
            (head, false) => Ok((head, None)),
            (head, true) => Ok((head, c.at_one_moment(|c| chain::next(c, now))?)),
        });
        let (head, next) = found.await?;
        let Some(mut link) = next else { return Ok((head, false)) };
        link.signature = sign(&link.message());
        let made = link.clone();
        let add = move |c: &mut Conn| chain::add(c, &link).map(|()| (Box::new(()) as Answer, true));
        match writer.run(Box::new(add)).await {
            Ok(_) => Ok((Some(made), true)),
            // Another process was first.
            Err(Error::Refused(..)) => Ok((head, true)),
            Err(e) => Err(e),
        }
    }

    /// Whether the database answers and takes writes.
    pub async fn ready(&self) -> Result<()> {
        self.read(|conn| conn.batch("SELECT 1 FROM feed_state")).await
    }
}
