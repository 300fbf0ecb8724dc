//! One unit of work: who does it and when, and what of it stays.
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::statement::Sql;
use chrono::SubsecRound;
use domain::{DateTime, NaiveDate, Utc, Uuid};

/// Who writes, when, and on whose request.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The instant of the write.
    pub now: DateTime<Utc>,
    /// The business day, in Asia/Shanghai.
    pub today: NaiveDate,
    /// `user:…`, `token:…` or `system:…`.
    pub actor: String,
    /// The client the idempotency keys belong to.
    pub client: String,
    /// The request.
    pub request_id: Option<String>,
    /// The caller's role; `None` for a job of the system.
    pub role: Option<domain::policy::Role>,
}

impl Stamp {
    /// A stamp for a job of the system itself.
    pub fn system(job: &str, now: DateTime<Utc>) -> Self {
        let actor = format!("system:{job}");
        Self::of(now, actor, None, None)
    }
    /// A stamp for a write by `actor`. Its instant is kept as answers show it, to the millisecond, so that a
    /// filter by a value that was shown meets the record that showed it.
    pub fn of(
        now: DateTime<Utc>,
        actor: String,
        request_id: Option<String>,
        role: Option<domain::policy::Role>,
    ) -> Self {
        let now = now.trunc_subsecs(3);
        Self { now, today: business_day(now), client: actor.clone(), actor, request_id, role }
    }
}

/// The date in Asia/Shanghai, which has had no daylight saving time since 1991.
pub fn business_day(now: DateTime<Utc>) -> NaiveDate {
    (now + chrono::Duration::hours(8)).date_naive()
}

/// One unit of work on a connection.
pub struct Tx<'c> {
    /// The connection.
    pub conn: &'c mut Conn,
    /// Who, when and why.
    pub stamp: &'c Stamp,
    /// The pushed operation it carries out.
    pub op_id: Option<Uuid>,
    /// Whether an explicit transaction is open.
    open: bool,
    /// Attempts that are under way.
    attempts: usize,
}

impl<'c> Tx<'c> {
    /// A unit of work on a connection that is in a transaction already (`open`) or not.
    pub fn new(conn: &'c mut Conn, stamp: &'c Stamp, open: bool) -> Self {
        Self { conn, stamp, op_id: None, open, attempts: 0 }
    }
    /// Begins an explicit transaction, if there is none.
    pub fn begin(&mut self) -> Result<()> {
        if !self.open {
            self.conn.begin()?;
            self.open = true;
        }
        Ok(())
    }
    /// Makes every other unit of work that names the same thing wait until this one ends.
    pub fn serialize(&mut self, what: &str) -> Result<()> {
        self.begin()?;
        if self.conn.engine() == Engine::Postgres {
            Sql::new("SELECT pg_advisory_xact_lock(").bind(lock_key(what)).say(")").run(self.conn)?;
        }
        Ok(())
    }
    /// Runs a part of the unit of work that may fail alone: what it did is undone then, and the rest can go on,
    /// unless the store itself is unavailable.
    ///
    /// # Errors
    /// Those of `part`.
    pub fn attempt<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.begin()?;
        let before = self.conn.savepoint("SAVEPOINT attempt")?;
        self.attempts += 1;
        let outcome = part(self);
        self.attempts -= 1;
        if !matches!(outcome, Ok(_) | Err(Error::Unavailable(_))) {
            self.conn.undo("ROLLBACK TO SAVEPOINT attempt", before)?;
        }
        if !matches!(outcome, Err(Error::Unavailable(_))) {
            self.conn.say("RELEASE SAVEPOINT attempt")?;
        }
        outcome
    }
    /// Undoes what was done so far in this attempt, so that the database answers again. On SQLite it always
    /// does, and the writer undoes it when the unit of work fails.
    pub(crate) fn abandon(&mut self) -> Result<()> {
        if self.open && self.conn.engine() == Engine::Postgres {
            if self.attempts > 0 {
                return self.conn.say("ROLLBACK TO SAVEPOINT attempt");
            }
            self.open = false;
            self.conn.batch("ROLLBACK")?;
        }
        Ok(())
    }
    /// Ends the explicit transaction if there is one: commits when `keep`.
    pub(crate) fn finish(self, keep: bool) -> Result<()> {
        match (self.open, keep) {
            (true, true) => self.conn.commit(),
            (true, false) => self.conn.rollback(),
            (false, _) => Ok(()),
        }
    }
}

/// A stable 63-bit number for a name: FNV-1a, kept positive.
pub(crate) fn lock_key(name: &str) -> i64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (hash >> 1).cast_signed()
}
