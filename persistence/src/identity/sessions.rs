//! Sessions: a sign-in on a device, and the family of refresh tokens that keeps it alive.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::rows::{Cells, FromRow};
use crate::statement::Sql;
use crate::tx::Tx;
use chrono::Duration;
use domain::{DateTime, Utc, Uuid};

/// Days after its end for which a session is still listed for the record.
const KEPT_DAYS: i64 = 30;

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id, the `sid` of access tokens.
    pub id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last prolonged.
    pub used_at: DateTime<Utc>,
    /// When it ends unless it is prolonged.
    pub idle_until: DateTime<Utc>,
    /// When it ends in any case.
    pub expires_at: DateTime<Utc>,
    /// Address of the last sign-in or refresh.
    pub address: String,
    /// User agent of the last sign-in or refresh.
    pub agent: String,
    /// When it was ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Session {
    /// Whether it is alive.
    pub fn lives(&self, now: DateTime<Utc>) -> bool {
        self.ended_at.is_none() && now < self.idle_until && now < self.expires_at
    }
}

const SELECT: &str = "SELECT id, user_id, created_at, used_at, idle_until, expires_at, address, agent, ended_at \
     FROM sessions WHERE ";

impl FromRow for Session {
    fn take(cells: &mut impl Cells) -> diesel::deserialize::Result<Self> {
        Ok(Self {
            id: cells.next()?,
            user_id: cells.next()?,
            created_at: cells.next()?,
            used_at: cells.next()?,
            idle_until: cells.next()?,
            expires_at: cells.next()?,
            address: cells.next()?,
            agent: cells.next()?,
            ended_at: cells.next()?,
        })
    }
}

/// Begins a session with its first refresh token.
///
/// # Errors
/// What the database says.
pub fn begin(tx: &mut Tx<'_>, session: &Session, refresh_hash: &str) -> Result<()> {
    tx.begin()?;
    const INSERT: &str = "INSERT INTO sessions (id, user_id, created_at, used_at, idle_until, expires_at, address, \
         agent) VALUES ";
    let row = [
        session.id.into(),
        session.user_id.into(),
        session.created_at.into(),
        session.used_at.into(),
        session.idle_until.into(),
        session.expires_at.into(),
        session.address.as_str().into(),
        session.agent.as_str().into(),
    ];
    Sql::with_row(INSERT, row).run(tx.conn)?;
    add(tx, session.id, refresh_hash)
}

fn add(tx: &mut Tx<'_>, session: Uuid, hash: &str) -> Result<()> {
    let row = [hash.into(), session.into(), tx.stamp.now.into()];
    Sql::with_row("INSERT INTO refresh_tokens (hash, session_id, created_at) VALUES ", row).run(tx.conn).map(drop)
}

/// The session with this id.
///
/// # Errors
/// What the database says.
pub fn get(conn: &mut Conn, id: Uuid) -> Result<Option<Session>> {
    Sql::new(SELECT).say("id = ").bind(id).row(conn)
}

/// The live sessions of a user, the oldest first, 500 at most.
///
/// # Errors
/// What the database says.
pub fn of(conn: &mut Conn, user: Uuid, now: DateTime<Utc>) -> Result<Vec<Session>> {
    let mut sql = Sql::new(SELECT);
    sql.say("user_id = ").bind(user).say(" AND ended_at IS NULL AND idle_until > ").bind(now);
    sql.say(" AND expires_at > ").bind(now).say(" ORDER BY id LIMIT 500").rows(conn)
}

/// What a refresh comes with.
#[derive(Debug, Clone)]
pub struct Refresh {
    /// Keyed hash of the refresh token.
    pub hash: String,
    /// Keyed hash of the `Idempotency-Key`.
    pub key: String,
    /// Keyed hash of the successor that token and key give.
    pub successor: String,
    /// Hours for which a repeated request gives the same successor.
    pub repeat_hours: i64,
    /// Days until the session ends unless it is prolonged again.
    pub idle_days: i64,
    /// Address of the caller.
    pub address: String,
    /// User agent of the caller.
    pub agent: String,
}

/// How a refresh went.
#[derive(Debug, Clone)]
pub enum Refreshed {
    /// The successor is good. `repeated`: as it was before, this is the same request once more.
    Good(Session, /** Repeated. */ bool),
    /// There is no such refresh token, or its session has ended.
    Ended,
    /// The token was used before by somebody with another key: the session is ended now.
    Stolen(Session),
}

/// Exchanges a refresh token for its successor.
///
/// # Errors
/// What the database says.
pub fn refresh(tx: &mut Tx<'_>, request: &Refresh) -> Result<Refreshed> {
    tx.begin()?;
    type Row = (Uuid, Option<DateTime<Utc>>, Option<String>);
    const FIND: &str = "SELECT session_id, used_at, used_key FROM refresh_tokens WHERE hash = ";
    let find = |tx: &mut Tx<'_>| -> Result<Option<Row>> { Sql::new(FIND).bind(request.hash.as_str()).row(tx.conn) };
    let Some((session, ..)) = find(tx)? else { return Ok(Refreshed::Ended) };
    // Those who come with the same token are one after the other; each looks again at what the one before did.
    tx.serialize(&format!("session:{session}"))?;
    let (Some((_, used_at, used_key)), Some(session)) = (find(tx)?, get(tx.conn, session)?) else {
        return Ok(Refreshed::Ended);
    };
    let now = tx.stamp.now;
    if !session.lives(now) {
        return Ok(Refreshed::Ended);
    }
    match (used_at, used_key) {
        (None, _) => {}
        (Some(at), Some(key)) if key == request.key && now - at < Duration::hours(request.repeat_hours) => {
            return Ok(Refreshed::Good(session, true));
        }
        (Some(_), Some(key)) if key == request.key => {
            end(tx, session.id, "repeated_too_late")?;
            return Ok(Refreshed::Ended);
        }
        (Some(_), _) => {
            end(tx, session.id, "refresh_token_reused")?;
            return Ok(Refreshed::Stolen(session));
        }
    }
    let mut sql = Sql::new("UPDATE refresh_tokens SET used_at = ");
    sql.bind(now).say(", used_key = ").bind(request.key.as_str());
    sql.say(" WHERE hash = ").bind(request.hash.as_str()).run(tx.conn)?;
    add(tx, session.id, &request.successor)?;
    let idle_until = (now + Duration::days(request.idle_days)).min(session.expires_at);
    let mut sql = Sql::new("UPDATE sessions SET used_at = ");
    sql.bind(now).say(", idle_until = ").bind(idle_until).say(", address = ").bind(request.address.as_str());
    sql.say(", agent = ").bind(request.agent.as_str()).say(" WHERE id = ").bind(session.id).run(tx.conn)?;
    let (address, agent) = (request.address.clone(), request.agent.clone());
    Ok(Refreshed::Good(Session { used_at: now, idle_until, address, agent, ..session }, false))
}

/// Ends a session; what was issued for it is refused from now on. Ending it again changes nothing.
///
/// # Errors
/// What the database says.
pub fn end(tx: &mut Tx<'_>, id: Uuid, reason: &str) -> Result<bool> {
    ended(tx, reason, |sql| {
        sql.say("id = ").bind(id);
    })
    .map(|n| n > 0)
}

/// Ends a session of this user.
///
/// # Errors
/// [`Error::NotFound`] where the user has no such session.
pub fn end_of(tx: &mut Tx<'_>, user: Uuid, id: Uuid, reason: &str) -> Result<()> {
    get(tx.conn, id)?.filter(|s| s.user_id == user).ok_or(Error::NotFound)?;
    end(tx, id, reason).map(drop)
}

/// Ends the sessions of a user, but for one; says how many.
///
/// # Errors
/// What the database says.
pub fn end_all(tx: &mut Tx<'_>, user: Uuid, but: Option<Uuid>, reason: &str) -> Result<usize> {
    ended(tx, reason, |sql| {
        sql.say("user_id = ").bind(user);
        if let Some(but) = but {
            sql.say(" AND id <> ").bind(but);
        }
    })
}

fn ended(tx: &mut Tx<'_>, reason: &str, which: impl FnOnce(&mut Sql<'_>)) -> Result<usize> {
    tx.begin()?;
    let mut sql = Sql::new("UPDATE sessions SET ended_at = ");
    sql.bind(tx.stamp.now).say(", end_reason = ").bind(reason.to_owned()).say(" WHERE ended_at IS NULL AND ");
    which(&mut sql);
    let n = sql.run(tx.conn)?;
    if n > 0 {
        super::touch(tx.conn)?;
    }
    Ok(n)
}

/// Removes sessions that ended some time ago, with their refresh tokens.
///
/// # Errors
/// What the database says.
pub fn expire(tx: &mut Tx<'_>) -> Result<()> {
    tx.begin()?;
    let old = tx.stamp.now - Duration::days(KEPT_DAYS);
    const OLD: &str = "SELECT id FROM sessions WHERE expires_at < ";
    let which = |head: &'static str| {
        let mut sql = Sql::new(head);
        sql.say(OLD).bind(old).say(" OR idle_until < ").bind(old).say(" OR ended_at < ").bind(old).say(")");
        sql
    };
    which("DELETE FROM refresh_tokens WHERE session_id IN (").run(tx.conn)?;
    which("DELETE FROM sessions WHERE id IN (").run(tx.conn).map(drop)
}
