//! Who follows the feed, and how far each has come.
use super::State;
use crate::conn::Conn;
use crate::error::Result;
use crate::rows::{Cells, FromRow};
use crate::statement::Sql;
use diesel::deserialize;
use domain::{DateTime, DivisionCode, Scope, Utc, Uuid, Visibility};

/// A client of the feed.
#[derive(Debug, Clone)]
pub struct Client {
    /// `user:` or `token:` and an id.
    pub client: String,
    /// What it may see.
    pub division_code: DivisionCode,
    /// The epoch of its positions.
    pub epoch: Uuid,
    /// The position it has fetched, and when.
    pub pulled: Option<(i64, DateTime<Utc>)>,
    /// The position it has stored, as it says, and when it said so.
    pub acked: Option<(i64, DateTime<Utc>)>,
    /// When the oldest line was written that it has not stored, or not fetched where it never says.
    pub behind_since: Option<DateTime<Utc>>,
    /// The number its next pushed operation must have.
    pub next_op_seq: i64,
    /// The number up to which a backup holds its operations.
    pub durable_op_seq: Option<i64>,
    /// When it pushed last.
    pub pushed_at: Option<DateTime<Utc>>,
    /// Seconds by which its clock is ahead of ours.
    pub clock_ahead: Option<i64>,
    /// What it calls itself.
    pub agent: Option<String>,
    /// Its conflicts that wait for a person.
    pub open_conflicts: i64,
    /// Its operations in quarantine.
    pub quarantined: i64,
}
impl FromRow for Client {
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
        fn position(cells: &mut impl Cells) -> deserialize::Result<Option<(i64, DateTime<Utc>)>> {
            let (seq, at): (Option<i64>, Option<DateTime<Utc>>) = (cells.next()?, cells.next()?);
            Ok(seq.zip(at))
        }
        Ok(Self {
            client: cells.next()?,
            division_code: cells.next()?,
            epoch: cells.next()?,
            pulled: position(cells)?,
            acked: position(cells)?,
            behind_since: cells.next()?,
            next_op_seq: cells.next()?,
            durable_op_seq: cells.next()?,
            pushed_at: cells.next()?,
            clock_ahead: cells.next()?,
            agent: cells.next()?,
            open_conflicts: cells.next()?,
            quarantined: cells.next()?,
        })
    }
}

/// Who has fetched or stored something.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The client.
    pub client: String,
    /// What it may see.
    pub division_code: DivisionCode,
    /// The position it has come to.
    pub seq: i64,
}

/// Notes what a client has fetched.
///
/// # Errors
/// What the database says.
pub fn pulled(conn: &mut Conn, state: State, client: &Progress, now: DateTime<Utc>) -> Result<()> {
    let mut sql = progress(state, client, now);
    // What was stored of another epoch is worth nothing.
    sql.say(", acked_seq = CASE WHEN sync_clients.epoch = excluded.epoch THEN sync_clients.acked_seq END");
    sql.say(", acked_at = CASE WHEN sync_clients.epoch = excluded.epoch THEN sync_clients.acked_at END");
    sql.run(conn).map(drop)
}

/// Notes the position up to which a client has what the feed told it, durably.
///
/// # Errors
/// What the database says.
pub fn acknowledge(conn: &mut Conn, state: State, client: &Progress, now: DateTime<Utc>) -> Result<()> {
    pulled(conn, state, client, now)?;
    let mut sql = Sql::new("UPDATE sync_clients SET acked_seq = ");
    sql.bind(client.seq).say(", acked_at = ").bind(now).say(" WHERE client = ").bind(client.client.as_str());
    sql.run(conn).map(drop)
}

fn progress(state: State, client: &Progress, now: DateTime<Utc>) -> Sql<'_> {
    const INSERT: &str = "INSERT INTO sync_clients (client, division_code, epoch, pulled_seq, pulled_at) VALUES ";
    let row = [
        client.client.as_str().into(),
        client.division_code.as_str().into(),
        state.epoch.into(),
        client.seq.into(),
        now.into(),
    ];
    let mut sql = Sql::with_row(INSERT, row);
    sql.say(" ON CONFLICT (client) DO UPDATE SET division_code = excluded.division_code, epoch = excluded.epoch, ");
    sql.say("pulled_at = excluded.pulled_at, ");
    // What was fetched stays fetched, even if the client says later how far it has stored it.
    sql.say(
        "pulled_seq = CASE WHEN sync_clients.epoch = excluded.epoch AND sync_clients.pulled_seq > excluded.pulled_seq ",
    );
    sql.say("THEN sync_clients.pulled_seq ELSE excluded.pulled_seq END");
    sql
}

const CLIENTS: &str = "SELECT client, division_code, epoch, pulled_seq, pulled_at, acked_seq, acked_at, \
     (SELECT at FROM journal WHERE seq = coalesce(acked_seq, pulled_seq) + 1), next_op_seq, durable_op_seq, pushed_at, \
     clock_ahead, agent, (SELECT count(*) FROM sync_conflicts AS f WHERE f.client = c.client AND f.resolved_at IS NULL), \
     (SELECT count(*) FROM sync_ops AS o WHERE o.client = c.client AND o.body IS NOT NULL) FROM sync_clients AS c WHERE ";

/// A client.
///
/// # Errors
/// What the database says.
pub fn client(conn: &mut Conn, client: &str) -> Result<Option<Client>> {
    Sql::new(CLIENTS).say("client = ").bind(client).row(conn)
}

/// The clients in a scope, at most 1,000.
///
/// # Errors
/// What the database says.
pub fn clients(conn: &mut Conn, scope: &Scope) -> Result<Vec<Client>> {
    let mut sql = Sql::new(CLIENTS);
    sql.say("1 = 1");
    crate::select::within(&mut sql, scope, Visibility::Scoped);
    sql.say(" ORDER BY client LIMIT 1000").rows(conn)
}
