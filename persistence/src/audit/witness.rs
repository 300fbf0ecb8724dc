//! Heads of the chain that somebody has seen. Kept where whoever changes this database cannot reach, they tell of a
//! tail that was cut and of a chain that was made anew.
use super::chain;
use crate::conn::Conn;
use crate::error::Result;
use crate::rows::{Cells, FromRow};
use crate::statement::Sql;
use domain::codes::WitnessState;
use domain::{DateTime, Utc, Uuid};

/// A head that was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// By whom.
    pub client: String,
    /// The epoch it was made in.
    pub epoch: Uuid,
    /// The number of the link.
    pub link: i64,
    /// The link's hash.
    pub hash: String,
    /// When it was seen.
    pub at: DateTime<Utc>,
}
impl FromRow for Seen {
    fn take(cells: &mut impl Cells) -> diesel::deserialize::Result<Self> {
        Ok(Self {
            client: cells.next()?,
            epoch: cells.next()?,
            link: cells.next()?,
            hash: cells.next()?,
            at: cells.next()?,
        })
    }
}

/// How a head that was seen stands to the chain there is.
///
/// # Errors
/// What the database says.
pub fn judge(conn: &mut Conn, seen: &Seen) -> Result<WitnessState> {
    let found = chain::link(conn, seen.link)?;
    if found.as_ref().is_some_and(|l| l.hash == seen.hash) {
        return Ok(WitnessState::Agrees);
    }
    let mut sql = Sql::new("SELECT 1 FROM feed_epochs WHERE epoch = ");
    if sql.bind(seen.epoch).row::<(i32,)>(conn)?.is_some() {
        return Ok(WitnessState::Ended);
    }
    Ok(if found.is_some() { WitnessState::Differs } else { WitnessState::Unknown })
}

/// Keeps a head that a client has brought back: of those that agree the last one of each day, and every other.
/// The caller holds a transaction.
///
/// # Errors
/// What the database says.
pub fn keep(conn: &mut Conn, seen: &Seen, agreed: bool) -> Result<()> {
    if agreed {
        let mut sql = Sql::new("DELETE FROM audit_witnesses WHERE agreed AND client = ");
        sql.bind(seen.client.as_str()).say(" AND day = ").bind(day(seen.at)).say(" AND link < ").bind(seen.link);
        sql.run(conn)?;
    }
    let row = [
        seen.client.as_str().into(),
        seen.epoch.into(),
        seen.link.into(),
        seen.hash.as_str().into(),
        seen.at.into(),
        day(seen.at).into(),
        agreed.into(),
    ];
    const INSERT: &str = "INSERT INTO audit_witnesses (client, epoch, link, hash, at, day, agreed) VALUES ";
    let mut sql = Sql::with_row(INSERT, row);
    // A head that agreed once and does no longer must outlive the later ones that agree.
    sql.say(
        " ON CONFLICT (client, epoch, link, hash) DO UPDATE SET agreed = audit_witnesses.agreed AND excluded.agreed",
    );
    sql.run(conn).map(drop)
}

/// All heads that clients have brought back, oldest first.
///
/// # Errors
/// What the database says.
pub fn all(conn: &mut Conn) -> Result<Vec<Seen>> {
    Sql::new("SELECT client, epoch, link, hash, at FROM audit_witnesses ORDER BY at, client").rows(conn)
}

/// A head of another server's chain, as an instance that synchronises with it keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Elsewhere {
    /// The other server.
    pub remote: String,
    /// The epoch the head was made in.
    pub epoch: Uuid,
    /// The number of the link.
    pub link: i64,
    /// Its hash.
    pub hash: String,
    /// The other server's signature.
    pub signature: String,
    /// When it was seen.
    pub at: DateTime<Utc>,
}
impl FromRow for Elsewhere {
    fn take(cells: &mut impl Cells) -> diesel::deserialize::Result<Self> {
        Ok(Self {
            remote: cells.next()?,
            epoch: cells.next()?,
            link: cells.next()?,
            hash: cells.next()?,
            signature: cells.next()?,
            at: cells.next()?,
        })
    }
}

/// Keeps a head of another server's chain: the last one of each day.
///
/// # Errors
/// What the database says.
pub fn keep_elsewhere(conn: &mut Conn, seen: &Elsewhere) -> Result<()> {
    let row = [
        seen.remote.as_str().into(),
        day(seen.at).into(),
        seen.epoch.into(),
        seen.link.into(),
        seen.hash.as_str().into(),
        seen.signature.as_str().into(),
        seen.at.into(),
    ];
    const INSERT: &str = "INSERT INTO audit_heads_seen (remote, day, epoch, link, hash, signature, at) VALUES ";
    let mut sql = Sql::with_row(INSERT, row);
    sql.say(" ON CONFLICT (remote, day) DO UPDATE SET epoch = excluded.epoch, link = excluded.link, ");
    sql.say("hash = excluded.hash, signature = excluded.signature, at = excluded.at");
    sql.run(conn).map(drop)
}

/// The heads of another server's chain that are kept here, newest first, at most so many.
///
/// # Errors
/// What the database says.
pub fn elsewhere(conn: &mut Conn, limit: i64) -> Result<Vec<Elsewhere>> {
    let mut sql =
        Sql::new("SELECT remote, epoch, link, hash, signature, at FROM audit_heads_seen ORDER BY at DESC LIMIT ");
    sql.bind(limit).rows(conn)
}

fn day(at: DateTime<Utc>) -> i64 {
    at.timestamp() / 86_400
}
