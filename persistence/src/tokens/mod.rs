//! API tokens. Only a keyed hash is stored; the token itself is shown once. [`usage`]: what they were used for.
pub mod usage;

use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::identity;
use crate::query::division_range;
use crate::rows::{Cells, FromRow};
use crate::statement::Sql;
use crate::tx::Tx;
use crate::value::Column;
use domain::{DateTime, DivisionCode, Problem, Scope, Utc, Uuid};

/// Tokens that one call revokes at most.
pub const REVOKED_AT_ONCE: i64 = 1000;

/// A token as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Public id.
    pub id: Uuid,
    /// Counts changes of the token itself, not its uses.
    pub version: i64,
    /// `pat` of a person, `svc` of a system, `test`.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Whose rights it draws on.
    pub user_id: Uuid,
    /// Who made it.
    pub created_by: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Where.
    pub division_code: DivisionCode,
    /// Networks it may be used from; any if empty.
    pub cidrs: Vec<String>,
    /// HTTP methods it may be used with; any if empty.
    pub methods: Vec<String>,
    /// Which limits its requests count against.
    pub rate_class: String,
    /// It and those it was rotated from and to.
    pub family_id: Uuid,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was rotated; it works on until it ends.
    pub rotated_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why it was revoked.
    pub revoke_reason: Option<String>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// From where.
    pub last_used_address: Option<String>,
    /// By which program.
    pub last_used_agent: Option<String>,
}

/// The kind of tokens that are given in an emergency.
pub const EMERGENCY: &str = "bgl";

impl Token {
    /// A token for an emergency: it reads a division, whatever its owner's own is.
    pub fn emergency(
        user_id: Uuid,
        by: &str,
        division_code: DivisionCode,
        reason: &str,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        let id = Uuid::now_v7();
        Self {
            id,
            version: 1,
            kind: EMERGENCY.into(),
            name: "紧急访问".into(),
            purpose: reason.into(),
            user_id,
            created_by: by.into(),
            scopes: vec!["*:read".into()],
            division_code,
            cidrs: vec![],
            methods: vec![],
            rate_class: "default".into(),
            family_id: id,
            created_at: now,
            expires_at,
            rotated_at: None,
            revoked_at: None,
            revoke_reason: None,
            last_used_at: None,
            last_used_address: None,
            last_used_agent: None,
        }
    }
}

/// How a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It works.
    Active,
    /// It was rotated and works for a while yet.
    Superseded,
    /// It was rotated, and that while is over.
    RotatedOut,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}
impl State {
    /// All states.
    pub const ALL: [State; 5] = [State::Active, State::Superseded, State::RotatedOut, State::Expired, State::Revoked];
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Superseded => "superseded",
            State::RotatedOut => "rotated_out",
            State::Expired => "expired",
            State::Revoked => "revoked",
        }
    }
}

impl Token {
    /// How it stands at an instant.
    pub fn state(&self, now: DateTime<Utc>) -> State {
        match (self.revoked_at, self.rotated_at, self.expires_at <= now) {
            (Some(_), ..) => State::Revoked,
            (None, Some(_), true) => State::RotatedOut,
            (None, None, true) => State::Expired,
            (None, Some(_), false) => State::Superseded,
            (None, None, false) => State::Active,
        }
    }
    /// Whether it works at an instant.
    pub fn works(&self, now: DateTime<Utc>) -> bool {
        matches!(self.state(now), State::Active | State::Superseded)
    }
}

const SELECT: &str = "SELECT id, version, kind, name, purpose, user_id, created_by, scopes, division_code, cidrs, \
     methods, rate_class, family_id, created_at, expires_at, rotated_at, revoked_at, revoke_reason, last_used_at, \
     last_used_address, last_used_agent FROM api_tokens WHERE ";

impl FromRow for Token {
    fn take(cells: &mut impl Cells) -> diesel::deserialize::Result<Self> {
        Ok(Self {
            id: cells.next()?,
            version: cells.next()?,
            kind: cells.next()?,
            name: cells.next()?,
            purpose: cells.next()?,
            user_id: cells.next()?,
            created_by: cells.next()?,
            scopes: cells.next()?,
            division_code: cells.next()?,
            cidrs: cells.next()?,
            methods: cells.next()?,
            rate_class: cells.next()?,
            family_id: cells.next()?,
            created_at: cells.next()?,
            expires_at: cells.next()?,
            rotated_at: cells.next()?,
            revoked_at: cells.next()?,
            revoke_reason: cells.next()?,
            last_used_at: cells.next()?,
            last_used_address: cells.next()?,
            last_used_agent: cells.next()?,
        })
    }
}

/// Stores a new token under its hash.
///
/// # Errors
/// What the database says.
pub fn insert(tx: &mut Tx<'_>, token: &Token, hash: &str) -> Result<()> {
    const INSERT: &str = "INSERT INTO api_tokens (id, version, kind, name, purpose, user_id, created_by, hash, scopes, \
         division_code, cidrs, methods, rate_class, family_id, created_at, expires_at) VALUES ";
    let row = [
        token.id.into(),
        token.version.into(),
        token.kind.as_str().into(),
        token.name.as_str().into(),
        token.purpose.as_str().into(),
        token.user_id.into(),
        token.created_by.as_str().into(),
        hash.into(),
        token.scopes.value()?,
        token.division_code.as_str().into(),
        token.cidrs.value()?,
        token.methods.value()?,
        token.rate_class.as_str().into(),
        token.family_id.into(),
        token.created_at.into(),
        token.expires_at.into(),
    ];
    Sql::with_row(INSERT, row).run(tx.conn).map(drop)
}

/// The token with this hash, whatever its state.
///
/// # Errors
/// What the database says.
pub fn by_hash(conn: &mut Conn, hash: &str) -> Result<Option<Token>> {
    Sql::new(SELECT).say("hash = ").bind(hash).row(conn)
}

/// The token with this id, if its division is in the scope.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<Token> {
    let found: Option<Token> = Sql::new(SELECT).say("id = ").bind(id).row(conn)?;
    found.filter(|t| scope.covers(&t.division_code)).ok_or(Error::NotFound)
}

/// Which tokens. What is not said does not matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Which {
    /// Of this owner.
    pub user_id: Option<Uuid>,
    /// Of this family.
    pub family_id: Option<Uuid>,
    /// Of this division and all inside it.
    pub division_code: Option<DivisionCode>,
    /// In this state.
    pub state: Option<State>,
    /// Ending before this instant.
    pub expires_before: Option<DateTime<Utc>>,
    /// Not used since this instant, nor made.
    pub unused_since: Option<DateTime<Utc>>,
}

impl Which {
    /// Whether it says anything.
    pub fn says_nothing(&self) -> bool {
        *self == Self::default()
    }
    fn add_to(&self, sql: &mut Sql<'_>, scope: &Scope, now: DateTime<Utc>) {
        sql.say("1 = 1");
        for division in scope.division().into_iter().chain(&self.division_code) {
            let (from, to) = division_range(division);
            sql.say(" AND division_code >= ").bind(from).say(" AND division_code < ").bind(to);
        }
        if let Some(owner) = self.user_id {
            sql.say(" AND user_id = ").bind(owner);
        }
        if let Some(family) = self.family_id {
            sql.say(" AND family_id = ").bind(family);
        }
        if let Some(state) = self.state {
            sql.say(match state {
                State::Revoked => " AND revoked_at IS NOT NULL AND expires_at <> ",
                State::RotatedOut => " AND revoked_at IS NULL AND rotated_at IS NOT NULL AND expires_at <= ",
                State::Expired => " AND revoked_at IS NULL AND rotated_at IS NULL AND expires_at <= ",
                State::Superseded => " AND revoked_at IS NULL AND rotated_at IS NOT NULL AND expires_at > ",
                State::Active => " AND revoked_at IS NULL AND rotated_at IS NULL AND expires_at > ",
            });
            sql.bind(now);
        }
        if let Some(before) = self.expires_before {
            sql.say(" AND expires_at < ").bind(before);
        }
        if let Some(since) = self.unused_since {
            sql.say(" AND coalesce(last_used_at, created_at) < ").bind(since);
        }
    }
}

/// Tokens of the scope in id order, from after `after`.
///
/// # Errors
/// What the database says.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    which: &Which,
    now: DateTime<Utc>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Token>> {
    let mut sql = Sql::new(SELECT);
    which.add_to(&mut sql, scope, now);
    if let Some(after) = after {
        sql.say(" AND id > ").bind(after);
    }
    sql.say(" ORDER BY id LIMIT ").bind(limit).once().rows(conn)
}

/// Changes what a token may do; `token` has its next version.
///
/// # Errors
/// [`Error::Stale`] where it has changed meanwhile.
pub fn update(tx: &mut Tx<'_>, token: &Token) -> Result<()> {
    tx.begin()?;
    let mut sql = Sql::new("UPDATE api_tokens SET version = ");
    sql.bind(token.version).say(", name = ").bind(token.name.as_str());
    sql.say(", purpose = ").bind(token.purpose.as_str()).say(", scopes = ").bind(token.scopes.value()?);
    sql.say(", division_code = ").bind(token.division_code.as_str()).say(", cidrs = ").bind(token.cidrs.value()?);
    sql.say(", methods = ").bind(token.methods.value()?).say(", rate_class = ").bind(token.rate_class.as_str());
    sql.say(", expires_at = ").bind(token.expires_at).say(" WHERE id = ").bind(token.id);
    sql.say(" AND version = ").bind(token.version - 1);
    if sql.run(tx.conn)? != 1 {
        let current = get(tx.conn, &Scope::System, token.id)?.version;
        return Err(Error::Stale { current, fields: vec![] });
    }
    identity::touch(tx.conn)
}

/// Puts `new` in the place of a token, which works on until `until` at most.
///
/// # Errors
/// `token_not_active` where the token has been rotated or revoked before.
pub fn rotate(tx: &mut Tx<'_>, old: &Token, until: DateTime<Utc>, new: &Token, hash: &str) -> Result<()> {
    tx.begin()?;
    let mut sql = Sql::new("UPDATE api_tokens SET version = version + 1, rotated_at = ");
    sql.bind(tx.stamp.now).say(", expires_at = ").bind(until.min(old.expires_at).max(old.created_at));
    sql.say(" WHERE rotated_at IS NULL AND revoked_at IS NULL AND id = ").bind(old.id);
    if sql.run(tx.conn)? != 1 {
        return Err(Error::Refused(Problem::TokenNotActive, vec![]));
    }
    insert(tx, new, hash)?;
    identity::touch(tx.conn)
}

/// Revokes a token; revoking it again changes nothing.
///
/// # Errors
/// What the database says.
pub fn revoke(tx: &mut Tx<'_>, id: Uuid, reason: &str) -> Result<usize> {
    revoked(tx, reason, |sql| {
        sql.say("id = ").bind(id);
    })
}

/// Revokes all tokens of a family; says how many.
///
/// # Errors
/// What the database says.
pub fn revoke_family(tx: &mut Tx<'_>, family: Uuid, reason: &str) -> Result<usize> {
    revoked(tx, reason, |sql| {
        sql.say("family_id = ").bind(family);
    })
}

fn revoked(tx: &mut Tx<'_>, reason: &str, which: impl FnOnce(&mut Sql<'_>)) -> Result<usize> {
    tx.begin()?;
    let mut sql = Sql::new("UPDATE api_tokens SET version = version + 1, revoked_at = ");
    sql.bind(tx.stamp.now).say(", revoke_reason = ").bind(reason.to_owned()).say(" WHERE revoked_at IS NULL AND ");
    which(&mut sql);
    let n = sql.run(tx.conn)?;
    identity::touch(tx.conn)?;
    Ok(n)
}

/// Revokes the tokens of the scope that are meant and not revoked yet, [`REVOKED_AT_ONCE`] at most; answers them.
///
/// # Errors
/// What the database says.
pub fn revoke_many(tx: &mut Tx<'_>, scope: &Scope, which: &Which, reason: &str) -> Result<Vec<Uuid>> {
    tx.begin()?;
    let now = tx.stamp.now;
    let mut sql = Sql::new("SELECT id FROM api_tokens WHERE revoked_at IS NULL AND ");
    which.add_to(&mut sql, scope, now);
    let ids: Vec<(Uuid,)> = sql.say(" ORDER BY id LIMIT ").bind(REVOKED_AT_ONCE).once().rows(tx.conn)?;
    for (id,) in &ids {
        revoke(tx, *id, reason)?;
    }
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

/// Notes that a token was used, from where and by which program.
///
/// # Errors
/// What the database says.
pub fn used(tx: &mut Tx<'_>, id: Uuid, address: &str, agent: &str) -> Result<()> {
    let mut sql = Sql::new("UPDATE api_tokens SET last_used_at = ");
    sql.bind(tx.stamp.now).say(", last_used_address = ").bind(address).say(", last_used_agent = ").bind(agent);
    sql.say(" WHERE id = ").bind(id).run(tx.conn).map(drop)
}
