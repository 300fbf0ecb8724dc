//! Group commit for SQLite: one thread owns the write connection, runs what has queued up in one
//! transaction with a savepoint for each job, and answers after the commit.
//!
//! One flush to disk then serves many writes, and no writer ever meets `SQLITE_BUSY` from another one
//! in this process.
use crate::conn::Conn;
use crate::database::Answer;
use crate::error::{Error, Result};
use crate::sealed::Keyring;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;

/// Jobs that may wait. More would only wait longer than a client does.
const QUEUE: usize = 2_000;
/// Jobs in one transaction at most, so that the first does not wait for too many others.
const GROUP: usize = 256;
/// Pause between two checkpoints.
const CHECKPOINTS: Duration = Duration::from_millis(250);

/// What a job tells the thread after it ran: how to answer, once the group's fate is known.
struct Ran {
    /// Whether its changes stay.
    keep: bool,
    /// Whether the whole group is lost: SQLite may have rolled back more than the job.
    fatal: bool,
    answer: Box<dyn FnOnce(Result<()>) + Send>,
}
type Job = Box<dyn FnOnce(&mut Conn) -> Ran + Send>;
/// What is to be done: its answer, and whether its changes stay.
pub(crate) type Work = Box<dyn FnOnce(&mut Conn) -> Result<(Answer, bool)> + Send>;

/// A handle to the writer thread. The thread ends when the last handle is gone.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::SyncSender<Job>,
    commits: Arc<AtomicU64>,
}

impl Writer {
    /// Opens the write connection and starts the thread.
    pub fn start(url: &str, keys: &Keyring) -> Result<Writer> {
        let conn = Conn::open(url, keys)?;
        let (queue, jobs) = mpsc::sync_channel::<Job>(QUEUE);
        let commits = Arc::new(AtomicU64::new(0));
        let (alive, writer) = mpsc::channel();
        let (file, committed) = (url.to_owned(), Arc::clone(&commits));
        std::thread::Builder::new()
            .name("sqlite-log".into())
            .spawn(move || checkpoint(&file, &committed, &writer))
            .map_err(Error::internal)?;
        let (url, keys, counter) = (url.to_owned(), keys.clone(), Arc::clone(&commits));
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || {
                let _alive: mpsc::Sender<()> = alive;
                run(&url, &keys, conn, &jobs, &counter);
            })
            .map_err(Error::internal)?;
        Ok(Writer { queue, commits })
    }

    /// How many transactions have committed.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Runs `body` in the next group. Its changes stay when it succeeds and says so.
    ///
    /// # Errors
    /// Those of `body`; [`Error::Unavailable`] when the queue is full or the commit fails.
    pub(crate) async fn run(&self, body: Work) -> Result<Answer> {
        let (tx, rx) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            // One job with a defect must not end the thread that all others depend on.
            let ended = catch_unwind(AssertUnwindSafe(|| body(conn)));
            let panicked = ended.is_err();
            let outcome = ended.unwrap_or_else(|_| Err(Error::internal("a write has panicked")));
            Ran {
                keep: matches!(outcome, Ok((_, true))),
                fatal: panicked || matches!(outcome, Err(Error::Unavailable(_))),
                answer: Box::new(move |fate| {
                    // A client that has gone away does not mind.
                    let _ = tx.send(match outcome {
                        Ok((value, _)) => fate.map(|()| value),
                        Err(e) => Err(e),
                    });
                }),
            }
        });
        self.queue.try_send(job).map_err(|e| Error::Unavailable(format!("write queue: {e}")))?;
        rx.await.map_err(|_| Error::Unavailable("the write was not begun".into()))?
    }
}

fn run(url: &str, keys: &Keyring, conn: Conn, jobs: &mpsc::Receiver<Job>, commits: &AtomicU64) {
    let mut open = Some(conn);
    while let Ok(first) = jobs.recv() {
        let conn = match open.take().map_or_else(|| Conn::open(url, keys), Ok) {
            Ok(conn) => open.insert(conn),
            Err(e) => {
                tracing::error!(cause = %e, "the write connection cannot be opened");
                refuse(first, jobs);
                continue;
            }
        };
        let mut ran = vec![];
        let fate = group(conn, first, jobs, &mut ran);
        if let Err(e) = &fate {
            tracing::error!(cause = %e, writes = ran.len(), "a group of writes was not committed");
            open = None; // its transaction state is not known any more
        } else {
            commits.fetch_add(1, Ordering::Relaxed);
        }
        for job in ran {
            let cause = || fate.as_ref().err().map_or_else(String::new, ToString::to_string);
            (job.answer)(if fate.is_ok() { Ok(()) } else { Err(Error::Unavailable(cause())) });
        }
    }
}

/// Runs one group to its commit.
fn group(conn: &mut Conn, first: Job, jobs: &mpsc::Receiver<Job>, ran: &mut Vec<Ran>) -> Result<()> {
    if let Err(e) = conn.begin() {
        refuse(first, jobs);
        return Err(e);
    }
    let mut next = Some(first);
    while let Some(job) = next.take() {
        let before = conn.savepoint("SAVEPOINT job")?;
        let outcome = job(conn);
        let (keep, fatal) = (outcome.keep, outcome.fatal);
        ran.push(outcome);
        if fatal {
            let _ = conn.rollback();
            return Err(Error::Unavailable("a write of this group failed".into()));
        }
        if !keep {
            conn.undo("ROLLBACK TO job", before)?;
        }
        conn.say("RELEASE job")?;
        if ran.len() < GROUP {
            next = jobs.try_recv().ok();
        }
    }
    conn.commit()
}

/// Moves what was committed from the write-ahead log into the database, beside the writer. SQLite would have
/// the writer do it, and all would wait for a thousand pages to reach their places on the disk.
fn checkpoint(url: &str, commits: &AtomicU64, writer: &mpsc::Receiver<()>) {
    let (mut open, mut seen) = (None, 0);
    while writer.recv_timeout(CHECKPOINTS) == Err(mpsc::RecvTimeoutError::Timeout) {
        let now = commits.load(Ordering::Relaxed);
        if now != seen {
            let conn = open.take().map_or_else(|| Conn::open(url, &Keyring::none()), Ok);
            // What fails here is done by the writer when the log has grown.
            open = conn.and_then(|mut c| c.batch("PRAGMA wal_checkpoint(PASSIVE)").map(|()| c)).ok();
            seen = now;
        }
    }
}

/// Gives up a job and all that wait behind it: a job that is dropped answers `Unavailable`. Each would only
/// wait for the same lock or disk in its turn.
fn refuse(first: Job, jobs: &mpsc::Receiver<Job>) {
    drop(first);
    while let Ok(job) = jobs.try_recv() {
        drop(job);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_panics_is_undone_and_the_next_one_goes_on() {
        let file = std::env::temp_dir().join(format!("laogan-writer-{}.db", domain::Uuid::now_v7()));
        let url = format!("sqlite://{}", file.display());
        crate::migrate::migrate(&mut Conn::open(&url, &Keyring::none()).unwrap()).unwrap();
        let writer = Writer::start(&url, &Keyring::none()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let write = |sql: &'static str, panics: bool| {
            runtime.block_on(writer.run(Box::new(move |c| {
                c.batch(sql)?;
                assert!(!panics, "on purpose");
                Ok((Box::new(()) as Answer, true))
            })))
        };
        write("CREATE TABLE t (v INTEGER UNIQUE)", false).unwrap();
        assert!(matches!(write("INSERT INTO t VALUES (1)", true), Err(Error::Internal(_))));
        write("INSERT INTO t VALUES (1)", false).unwrap();
        drop(writer);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    }
}
