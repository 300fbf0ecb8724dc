//! Long work that outlives a request and a server.
//!
//! A job is a row. Who works on it holds a lease, and renews it while it works; when a server dies, its lease ends, and
//! another one, or itself when it is back, goes on from where the row says. What is done of it and the row that says so
//! commit together ([`advance`]), so that nothing is done twice: whoever has lost the lease, or a beat of it, stores
//! nothing more.
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::rows::{Cells, FromRow};
use crate::sealed::Place;
use crate::select::within;
use crate::sql::JsonText;
use crate::statement::Sql;
use crate::tx::Tx;
use crate::value::Value;
use chrono::Duration;
use diesel::deserialize;
use domain::codes::JobState;
use domain::{DateTime, DivisionCode, Problem, Scope, Utc, Uuid, Visibility};

/// How long a lease lasts that is not renewed.
pub const LEASE: Duration = Duration::seconds(10);
/// How long a job that has ended is kept, with its file and its findings.
pub const KEPT: Duration = Duration::days(7);
/// How long a file may take to arrive.
const ARRIVING: Duration = Duration::hours(1);

/// A job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// What it does.
    pub kind: String,
    /// The division it works in.
    pub division_code: DivisionCode,
    /// How far it is.
    pub state: JobState,
    /// Who asked for it.
    pub actor: String,
    /// Whose it is.
    pub client: String,
    /// The user whose rights it uses; nobody's where it was begun on the command line.
    pub user_id: Option<Uuid>,
    /// The token whose rights it uses, if one was used.
    pub token_id: Option<Uuid>,
    /// What was asked for.
    pub request: JsonText,
    /// Rows worked on.
    pub done: i64,
    /// Rows there are, once that is known.
    pub total: Option<i64>,
    /// What became of them.
    pub counts: JsonText,
    /// Why it failed.
    pub failure: Option<JsonText>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was begun.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, kind, division_code, state, actor, client, user_id, token_id, request, done, total, counts, \
     failure, created_at, started_at, finished_at";

impl FromRow for Job {
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
        Ok(Self {
            id: cells.next()?,
            kind: cells.next()?,
            division_code: cells.next()?,
            state: cells.next()?,
            actor: cells.next()?,
            client: cells.next()?,
            user_id: cells.next()?,
            token_id: cells.next()?,
            request: cells.next()?,
            done: cells.next()?,
            total: cells.next()?,
            counts: cells.next()?,
            failure: cells.next()?,
            created_at: cells.next()?,
            started_at: cells.next()?,
            finished_at: cells.next()?,
        })
    }
}

/// Notes a job whose file is still to come.
///
/// # Errors
/// What the database says.
pub fn insert(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let row = [
        job.id.into(),
        job.kind.as_str().into(),
        job.division_code.as_str().into(),
        job.state.code().into(),
        job.actor.as_str().into(),
        job.client.as_str().into(),
        job.user_id.into(),
        job.token_id.into(),
        job.request.clone().into(),
        job.created_at.into(),
    ];
    const INSERT: &str = "INSERT INTO jobs (id, kind, division_code, state, actor, client, user_id, token_id, request, created_at) VALUES ";
    Sql::with_row(INSERT, row).run(tx.conn).map(drop)
}

/// The place of a part of a job.
fn place_id(job: Uuid, n: i64) -> [u8; 24] {
    crate::journal::state_id(job, n)
}
/// Where a piece of a file belongs.
fn piece_place(id: &[u8]) -> Place<'_> {
    Place { of: "job_pieces", field: "data", id }
}
/// Where a finding belongs.
fn finding_place(id: &[u8]) -> Place<'_> {
    Place { of: "job_findings", field: "said", id }
}

/// Keeps the next piece of a job's file.
///
/// # Errors
/// What the database says.
pub fn add_piece(tx: &mut Tx<'_>, job: Uuid, n: i64, bytes: &[u8]) -> Result<()> {
    let data = tx.conn.keys().seal(piece_place(&place_id(job, n)), bytes)?;
    let row = [job.into(), n.into(), data.into()];
    Sql::with_row("INSERT INTO job_pieces (job_id, n, data) VALUES ", row).run(tx.conn).map(drop)
}

/// A piece of a job's file; nothing behind the last.
///
/// # Errors
/// What the database says; a piece that does not open.
pub fn piece(conn: &mut Conn, job: Uuid, n: i64) -> Result<Option<Vec<u8>>> {
    let mut sql = Sql::new("SELECT data FROM job_pieces WHERE job_id = ");
    let found: Option<(String,)> = sql.bind(job).say(" AND n = ").bind(n).row(conn)?;
    found.map(|(data,)| conn.keys().open(piece_place(&place_id(job, n)), &data)).transpose()
}

/// The file has come: the job waits for who works on it, or is taken at once by who brought the file.
///
/// # Errors
/// What the database says.
pub fn arrived(tx: &mut Tx<'_>, job: Uuid, by: Option<Uuid>) -> Result<()> {
    let mut sql = Sql::new("UPDATE jobs SET state = ");
    sql.bind(if by.is_some() { JobState::Running } else { JobState::Queued }.code());
    if let Some(by) = by {
        sql.say(", lease_by = ").bind(by).say(", lease_until = ").bind(tx.stamp.now + LEASE);
        sql.say(", started_at = ").bind(tx.stamp.now);
    }
    sql.say(" WHERE id = ").bind(job).run(tx.conn).map(drop)
}

/// Removes a job whose file did not come.
///
/// # Errors
/// What the database says.
pub fn discard(tx: &mut Tx<'_>, job: Uuid) -> Result<()> {
    tx.begin()?;
    for table in ["job_pieces", "job_findings"] {
        Sql::new("DELETE FROM ").say(table).say(" WHERE job_id = ").bind(job).run(tx.conn)?;
    }
    Sql::new("DELETE FROM jobs WHERE id = ").bind(job).run(tx.conn).map(drop)
}

/// Takes the next job that nobody works on.
///
/// # Errors
/// What the database says.
pub fn claim(tx: &mut Tx<'_>, by: Uuid) -> Result<Option<Job>> {
    let now = tx.stamp.now;
    let mut sql = Sql::new("UPDATE jobs SET state = 'running', lease_by = ");
    sql.bind(by).say(", lease_until = ").bind(now + LEASE).say(", started_at = coalesce(started_at, ").bind(now);
    sql.say(") WHERE id = (SELECT id FROM jobs WHERE state IN ('queued', 'running') AND (lease_until IS NULL OR lease_until < ");
    sql.bind(now).say(") ORDER BY created_at LIMIT 1").say_to(Engine::Postgres, " FOR UPDATE SKIP LOCKED");
    sql.say(") RETURNING ").say(COLUMNS).row(tx.conn)
}

/// Whether a job waits for somebody.
///
/// # Errors
/// What the database says.
pub fn waiting(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
    let mut sql =
        Sql::new("SELECT 1 FROM jobs WHERE state IN ('queued', 'running') AND (lease_until IS NULL OR lease_until < ");
    Ok(sql.bind(now).say(") LIMIT 1").row::<(i32,)>(conn)?.is_some())
}

/// Renews the lease. `false` where it is lost, or the job is to stop.
///
/// # Errors
/// What the database says.
pub fn renew(tx: &mut Tx<'_>, job: Uuid, by: Uuid) -> Result<bool> {
    let mut sql = Sql::new("UPDATE jobs SET lease_until = ");
    sql.bind(tx.stamp.now + LEASE).say(" WHERE id = ").bind(job).say(" AND lease_by = ").bind(by);
    Ok(sql.say(" AND state = 'running'").run(tx.conn)? == 1)
}

/// Moves a job on from `from` rows to `to`, in the transaction of what was done. First of all, so that two who believe
/// to hold the lease are one after the other.
///
/// # Errors
/// `Refused(JobEnded)` where it is not this one's any more: nothing of the transaction stays then.
pub fn advance(tx: &mut Tx<'_>, job: Uuid, by: Uuid, (from, to): (i64, i64)) -> Result<()> {
    tx.begin()?;
    let mut sql = Sql::new("UPDATE jobs SET done = ");
    sql.bind(to).say(", lease_until = ").bind(tx.stamp.now + LEASE).say(" WHERE id = ").bind(job);
    sql.say(" AND lease_by = ").bind(by).say(" AND done = ").bind(from).say(" AND state = 'running'");
    match sql.run(tx.conn)? {
        1 => Ok(()),
        _ => Err(Error::Refused(Problem::JobEnded, vec![])),
    }
}

/// Notes what became of the rows so far.
///
/// # Errors
/// What the database says.
pub fn count(tx: &mut Tx<'_>, job: Uuid, counts: String) -> Result<()> {
    let mut sql = Sql::new("UPDATE jobs SET counts = ");
    sql.bind(JsonText(counts)).say(" WHERE id = ").bind(job).run(tx.conn).map(drop)
}

/// Notes how many rows there are.
///
/// # Errors
/// What the database says.
pub fn measure(tx: &mut Tx<'_>, job: Uuid, total: i64) -> Result<()> {
    let mut sql = Sql::new("UPDATE jobs SET total = ");
    sql.bind(total).say(" WHERE id = ").bind(job).run(tx.conn).map(drop)
}

/// Keeps what is wrong with a row.
///
/// # Errors
/// What the database says.
pub fn note(tx: &mut Tx<'_>, job: Uuid, row: i64, said: &str) -> Result<()> {
    let said = tx.conn.keys().seal(finding_place(&place_id(job, row)), said.as_bytes())?;
    let row = [job.into(), row.into(), said.into()];
    Sql::with_row("INSERT INTO job_findings (job_id, n, said) VALUES ", row).run(tx.conn).map(drop)
}

/// What is wrong with the rows after a number, in order.
///
/// # Errors
/// What the database says; a finding that does not open.
pub fn findings(conn: &mut Conn, job: Uuid, after: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    let mut sql = Sql::new("SELECT n, said FROM job_findings WHERE job_id = ");
    sql.bind(job).say(" AND n > ").bind(after).say(" ORDER BY n LIMIT ").bind(limit);
    let rows: Vec<(i64, String)> = sql.rows(conn)?;
    let keys = conn.keys().clone();
    let open = |(n, said): (i64, String)| Ok((n, keys.open(finding_place(&place_id(job, n)), &said)?));
    rows.into_iter().map(open).collect()
}

/// Ends a job that this one works on.
///
/// # Errors
/// What the database says.
pub fn finish(tx: &mut Tx<'_>, job: Uuid, by: Uuid, state: JobState, failure: Option<String>) -> Result<()> {
    let mut sql = Sql::new("UPDATE jobs SET state = ");
    sql.bind(state.code()).say(", failure = ").bind(failure.map(JsonText)).say(", finished_at = ").bind(tx.stamp.now);
    sql.say(", lease_by = NULL, lease_until = NULL WHERE id = ").bind(job).say(" AND lease_by = ").bind(by);
    sql.say(" AND state = 'running'").run(tx.conn).map(drop)
}

/// Lets go of all that one works on, so that the next may take it at once.
///
/// # Errors
/// What the database says.
pub fn release(tx: &mut Tx<'_>, by: Uuid) -> Result<()> {
    let mut sql =
        Sql::new("UPDATE jobs SET lease_by = NULL, lease_until = NULL WHERE state = 'running' AND lease_by = ");
    sql.bind(by).run(tx.conn).map(drop)
}

/// Cancels a job: what is done of it stays.
///
/// # Errors
/// `Refused(JobEnded)` where it has ended.
pub fn cancel(tx: &mut Tx<'_>, job: Uuid) -> Result<()> {
    let mut sql = Sql::new("UPDATE jobs SET state = 'cancelled', finished_at = ");
    sql.bind(tx.stamp.now).say(", lease_by = NULL, lease_until = NULL WHERE id = ").bind(job);
    match sql.say(" AND state IN ('receiving', 'queued', 'running')").run(tx.conn)? {
        0 => Err(Error::Refused(Problem::JobEnded, vec![])),
        _ => Ok(()),
    }
}

/// Whose jobs are seen: those in a scope, and of these only one's own where it is said.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The scope.
    pub scope: Scope,
    /// The account, where others' are not seen.
    pub client: Option<String>,
}
impl Seen {
    fn said(&self, sql: &mut Sql<'_>) {
        within(sql, &self.scope, Visibility::Scoped);
        if let Some(client) = &self.client {
            sql.say(" AND client = ").bind(client.clone());
        }
    }
}

/// A job.
///
/// # Errors
/// `NotFound` where it is not seen.
pub fn get(conn: &mut Conn, seen: &Seen, id: Uuid) -> Result<Job> {
    let mut sql = Sql::new("SELECT ");
    sql.say(COLUMNS).say(" FROM jobs WHERE id = ").bind(id);
    seen.said(&mut sql);
    sql.row(conn)?.ok_or(Error::NotFound)
}

/// A page of jobs, the newest first.
///
/// # Errors
/// What the database says.
pub fn list(
    conn: &mut Conn,
    seen: &Seen,
    state: Option<JobState>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Job>> {
    let mut sql = Sql::new("SELECT ");
    sql.say(COLUMNS).say(" FROM jobs WHERE 1 = 1");
    seen.said(&mut sql);
    if let Some(state) = state {
        sql.say(" AND state = ").bind(state.code());
    }
    if let Some(before) = before {
        sql.say(" AND id < ").bind(before);
    }
    sql.say(" ORDER BY id DESC LIMIT ").bind(limit).once().rows(conn)
}

/// Removes jobs that ended long ago, and those whose file never came.
///
/// # Errors
/// What the database says.
pub fn expire(tx: &mut Tx<'_>) -> Result<()> {
    let mut sql = Sql::new("SELECT id FROM jobs WHERE finished_at < ");
    sql.bind(tx.stamp.now - KEPT).say(" OR (state = 'receiving' AND created_at < ").bind(tx.stamp.now - ARRIVING);
    let old: Vec<(Uuid,)> = sql.say(") LIMIT 100").rows(tx.conn)?;
    old.into_iter().try_for_each(|(id,)| discard(tx, id))
}

/// Where a job keeps sealed values.
const SEALED: &[(&str, &str)] = &[("job_pieces", "data"), ("job_findings", "said")];

/// Seals a few pieces and findings with the current key; how many.
///
/// # Errors
/// What the database says; a value that does not open.
pub(crate) fn reseal(conn: &mut Conn, current: &str, limit: i64) -> Result<usize> {
    let keys = conn.keys().clone();
    let mut done = 0;
    for (table, column) in SEALED {
        let mut sql = Sql::new("SELECT job_id, n, ");
        sql.say(column).say(" FROM ").say(table).say(" WHERE substr(").say(column).say(", 1, 8) <> ").bind(current);
        let rows: Vec<(Uuid, i64, String)> = sql.say(" LIMIT ").bind(limit).rows(conn)?;
        for (job, n, value) in rows {
            let id = place_id(job, n);
            let place = Place { of: table, field: column, id: &id };
            let sealed = keys.seal(place, &keys.open(place, &value)?)?;
            let mut sql = Sql::new("UPDATE ");
            sql.say(table).say(" SET ").say(column).say(" = ").bind(sealed).say(" WHERE job_id = ").bind(job);
            sql.say(" AND n = ").bind(n).say(" AND ").say(column).say(" = ").bind(Value::from(value)).run(conn)?;
            done += 1;
        }
    }
    Ok(done)
}
