//! Sign-ins that failed lately, kept in the database so that all servers of an installation slow the same guesser.
//!
//! An attempt is counted before the password is looked at, so that many at once cannot all pass as the first
//! one; success takes the count back. A place is blocked for a time that doubles with each failure up to a
//! bound, and is forgotten after a while: nobody is locked out for ever.
use crate::conn::Conn;
use crate::error::Result;
use crate::statement::Sql;
use crate::tx::Tx;
use chrono::Duration;
use domain::{DateTime, Utc, Uuid};

/// How a kind of place is slowed.
#[derive(Debug, Clone, Copy)]
pub struct Brake {
    /// Failures that cost nothing.
    pub free: i64,
    /// Longest block in seconds.
    pub longest_s: i64,
    /// Seconds after the last attempt until all is forgotten.
    pub forget_s: i64,
}

impl Brake {
    /// Seconds of the block after this many failures.
    pub fn block_s(&self, failures: i64) -> i64 {
        match (failures - self.free).clamp(0, 62) {
            0 => 0,
            over => (1_i64 << (over - 1)).min(self.longest_s),
        }
    }
}

/// A place an attempt comes to or from: a keyed hash, and how it is slowed.
#[derive(Debug, Clone)]
pub struct Place {
    /// Keyed hash of the account or network.
    pub hash: String,
    /// How it is slowed.
    pub brake: Brake,
}

/// An attempt that was counted.
#[derive(Debug, Clone)]
pub struct Attempt(Vec<Counted>);

#[derive(Debug, Clone)]
struct Counted {
    place: String,
    before: Option<DateTime<Utc>>,
    blocked: Option<DateTime<Utc>>,
}

/// Counts an attempt at all its places, or says until when one of them is blocked; then nothing is counted.
///
/// # Errors
/// What the database says.
pub fn count(tx: &mut Tx<'_>, places: &[Place]) -> Result<std::result::Result<Attempt, DateTime<Utc>>> {
    let now = tx.stamp.now;
    let mut found = vec![];
    for place in places {
        // Always in the order of account, network; so no two attempts wait for each other.
        tx.serialize(&place.hash)?;
        let row: Option<(i64, Option<DateTime<Utc>>, DateTime<Utc>)> =
            Sql::new("SELECT failures, blocked_until, forget_at FROM sign_in_attempts WHERE place = ")
                .bind(place.hash.as_str())
                .row(tx.conn)?;
        let (failures, blocked) = row.filter(|(.., forget)| *forget > now).map_or((0, None), |(f, b, _)| (f, b));
        if let Some(until) = blocked.filter(|b| *b > now) {
            return Ok(Err(until));
        }
        found.push((place, failures + 1, blocked));
    }
    let mut counted = vec![];
    for (place, failures, before) in found {
        let block = place.brake.block_s(failures);
        let blocked = (block > 0).then(|| now + Duration::seconds(block));
        let forget = now + Duration::seconds(place.brake.forget_s);
        let row = [place.hash.as_str().into(), failures.into(), blocked.into(), forget.into()];
        let mut sql =
            Sql::with_row("INSERT INTO sign_in_attempts (place, failures, blocked_until, forget_at) VALUES ", row);
        sql.say(" ON CONFLICT (place) DO UPDATE SET failures = excluded.failures, ");
        sql.say("blocked_until = excluded.blocked_until, forget_at = excluded.forget_at");
        sql.run(tx.conn)?;
        counted.push(Counted { place: place.hash.clone(), before, blocked });
    }
    Ok(Ok(Attempt(counted)))
}

/// Takes an attempt back: it was no failure, but proves nothing about the others.
///
/// # Errors
/// What the database says.
pub fn take_back(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<()> {
    tx.begin()?;
    for Counted { place, before, blocked } in &attempt.0 {
        let mut sql = Sql::new("UPDATE sign_in_attempts SET failures = failures - 1");
        if blocked.is_some() {
            // A later attempt may have set a block of its own, which stays.
            sql.say(", blocked_until = CASE WHEN blocked_until = ").bind(*blocked);
            sql.say(" THEN ").bind(*before).say(" ELSE blocked_until END");
        }
        sql.say(" WHERE failures > 0 AND place = ").bind(place.as_str()).run(tx.conn)?;
    }
    Ok(())
}

/// Forgets all failures at a place; says whether there were any.
///
/// # Errors
/// What the database says.
pub fn forget(tx: &mut Tx<'_>, place: &str) -> Result<bool> {
    Ok(Sql::new("DELETE FROM sign_in_attempts WHERE place = ").bind(place).run(tx.conn)? > 0)
}

/// Forgets all failures whose place begins so; says how many places there were.
///
/// # Errors
/// What the database says.
pub fn forget_below(tx: &mut Tx<'_>, prefix: &str) -> Result<usize> {
    let mut sql = Sql::new("DELETE FROM sign_in_attempts WHERE place >= ");
    // The hashes behind the prefix are hexadecimal, and `~` comes after all of it.
    sql.bind(prefix).say(" AND place < ").bind(format!("{prefix}~")).run(tx.conn)
}

/// Whether the user has signed in from this network before.
///
/// # Errors
/// What the database says.
pub fn knows(conn: &mut Conn, user: Uuid, network: &str) -> Result<bool> {
    let row: Option<(String,)> = Sql::new("SELECT network FROM sign_in_places WHERE user_id = ")
        .bind(user)
        .say(" AND network = ")
        .bind(network)
        .row(conn)?;
    Ok(row.is_some())
}

/// Notes that the user has signed in from this network.
///
/// # Errors
/// What the database says.
pub fn note_place(tx: &mut Tx<'_>, user: Uuid, network: &str) -> Result<()> {
    let row = [user.into(), network.into(), tx.stamp.now.into()];
    let mut sql = Sql::with_row("INSERT INTO sign_in_places (user_id, network, last_at) VALUES ", row);
    sql.say(" ON CONFLICT (user_id, network) DO UPDATE SET last_at = excluded.last_at").run(tx.conn).map(drop)
}

/// Removes what is forgotten, and networks unused for a year.
///
/// # Errors
/// What the database says.
pub fn expire(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    Sql::new("DELETE FROM sign_in_attempts WHERE forget_at < ").bind(now).run(conn)?;
    Sql::new("DELETE FROM sign_in_places WHERE last_at < ").bind(now - Duration::days(365)).run(conn).map(drop)
}

#[cfg(test)]
mod tests {
    use super::Brake;

    #[test]
    fn the_block_doubles_up_to_its_bound() {
        let brake = Brake { free: 5, longest_s: 300, forget_s: 1 };
        let blocks: Vec<i64> = (4..=16).map(|n| brake.block_s(n)).collect();
        assert_eq!(blocks, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(brake.block_s(i64::MAX), 300);
    }
}
