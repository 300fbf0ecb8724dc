//! What a county's own instance keeps about its synchronisation with the city's server: which records are copies,
//! how far it has come there, and what it has still to send.
//!
//! A record has a version of its own here; [`received`] notes which version over there it equals. The journal is
//! the source of what is sent: each line that somebody here has written becomes an operation in the [`outbox`].
//! So an edit is on its way as soon as it is committed, whatever happens to the agent.
//!
//! What comes from the server is taken only while nothing waits to be sent. Then no change of this side is
//! overwritten by what the server did not know it replaces.
pub mod outbox;
mod received;

pub(crate) use received::of;
pub use received::{Kept, erase, receive};

use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::feed;
use crate::registry::Kind;
use crate::rows::Visit;
use crate::sealed::Keyring;
use crate::statement::Sql;
use crate::tx::{Stamp, Tx};
use domain::{DateTime, Utc, Uuid};
use sha2::{Digest, Sha256};

/// Who writes what comes from the server.
pub const CLIENT: &str = "sync";

/// How far the agent has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The server's address.
    pub remote: String,
    /// The server's epoch.
    pub epoch: Uuid,
    /// Where to go on in the server's feed; `None` before the first load is complete.
    pub cursor: Option<String>,
    /// The line of the own journal up to which the outbox was filled.
    pub collected: i64,
    /// The number of the next operation.
    pub next_op_seq: i64,
}

/// What the agent remembers; `None` before its first run.
///
/// # Errors
/// What the database says.
pub fn progress(conn: &mut Conn) -> Result<Option<Progress>> {
    type Row = (String, Uuid, Option<String>, i64, i64);
    let sql = Sql::new("SELECT remote, remote_epoch, cursor, collected_seq, next_op_seq FROM sync_agent WHERE id = 1");
    let row: Option<Row> = sql.row(conn)?;
    Ok(row.map(|(remote, epoch, cursor, collected, next_op_seq)| Progress {
        remote,
        epoch,
        cursor,
        collected,
        next_op_seq,
    }))
}

/// Remembers how far the agent has come. The caller holds a transaction, with what it did in it.
///
/// # Errors
/// What the database says.
pub fn remember(conn: &mut Conn, p: &Progress) -> Result<()> {
    let row = [
        1_i32.into(),
        p.remote.as_str().into(),
        p.epoch.into(),
        p.cursor.as_deref().into(),
        p.collected.into(),
        p.next_op_seq.into(),
    ];
    let mut sql = Sql::with_row(
        "INSERT INTO sync_agent (id, remote, remote_epoch, cursor, collected_seq, next_op_seq) VALUES ",
        row,
    );
    sql.say(" ON CONFLICT (id) DO UPDATE SET remote = excluded.remote, remote_epoch = excluded.remote_epoch, ");
    sql.say("cursor = excluded.cursor, collected_seq = excluded.collected_seq, next_op_seq = excluded.next_op_seq");
    sql.run(conn).map(drop)
}

/// Runs `work` as the agent, in one transaction.
///
/// # Errors
/// Those of `work`.
pub fn write<T>(conn: &mut Conn, now: DateTime<Utc>, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let stamp = Stamp { client: CLIENT.to_owned(), ..Stamp::system(CLIENT, now) };
    conn.transaction(|conn| work(&mut Tx::new(conn, &stamp, true)))
}

/// Takes foreign keys off this connection: records come in the order in which they changed, and what they refer to
/// may come behind them.
///
/// # Errors
/// What the database says.
pub fn open(url: &str, keys: &Keyring) -> Result<Conn> {
    let mut conn = Conn::open(url, keys)?;
    if conn.engine() != crate::Engine::Sqlite {
        return Err(Error::internal("an instance that synchronises keeps its records in SQLite"));
    }
    conn.batch("PRAGMA foreign_keys=OFF; PRAGMA busy_timeout=30000")?;
    Ok(conn)
}

/// The records of one resource that are copies of what the server had, as `(id, the server's version)`, in id order.
/// One that was changed here is none until the server has the change.
fn copies(kind: &Kind) -> Sql<'static> {
    let mut sql = Sql::new("SELECT c.entity_id, c.version FROM sync_copies AS c JOIN ");
    sql.say(kind.table).say(" AS r ON r.id = c.entity_id WHERE c.entity = ").bind(kind.path);
    sql.say(" AND r.deleted_at IS NULL AND r.version = c.local_version ORDER BY c.entity_id");
    sql
}

/// The ids of all copies of one resource, whatever has become of them here.
///
/// # Errors
/// What the database says.
pub fn known(conn: &mut Conn, kind: &Kind) -> Result<Vec<Uuid>> {
    let mut sql = Sql::new("SELECT entity_id FROM sync_copies WHERE entity = ");
    let rows: Vec<(Uuid,)> = sql.bind(kind.path).rows(conn)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

struct Hashing(Vec<Sha256>, i64);
impl Visit for Hashing {
    fn row(&mut self, cells: &mut impl crate::rows::Cells) -> diesel::deserialize::Result<()> {
        let (id, version): (Uuid, i64) = (cells.next()?, cells.next()?);
        if let Some(hash) = self.0.get_mut(usize::from(id.as_bytes()[15])) {
            hash.update(format!("{id}:{version}\n").as_bytes());
        }
        self.1 += 1;
        Ok(())
    }
}

/// The fingerprint of the copies of one resource, to be held against the server's.
///
/// # Errors
/// What the database says.
pub fn fingerprint(conn: &mut Conn, kind: &Kind) -> Result<feed::Fingerprint> {
    let mut hashing = Hashing(vec![Sha256::new(); 256], 0);
    copies(kind).each(conn, &mut hashing)?;
    let buckets = hashing.0.into_iter().map(|h| h.finalize().into()).collect();
    Ok(feed::Fingerprint { count: hashing.1, buckets })
}

/// Id and the server's version of the copies in one bucket.
///
/// # Errors
/// What the database says.
pub fn bucket(conn: &mut Conn, kind: &Kind, bucket: u8) -> Result<Vec<(Uuid, i64)>> {
    let mut found: Vec<(Uuid, i64)> = copies(kind).rows(conn)?;
    found.retain(|(id, _)| id.as_bytes()[15] == bucket);
    Ok(found)
}
