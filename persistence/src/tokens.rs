//! API tokens. Only a keyed hash is stored; the token itself is shown once.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::identity;
use crate::query::division_range;
use crate::statement::{Cells, FromRow, Sql};
use crate::tx::Tx;
use crate::value::Column;
use domain::{DateTime, DivisionCode, Scope, Utc, Uuid};

/// A token as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// Public id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Whose rights it draws on.
    pub user_id: Uuid,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Where.
    pub division_code: DivisionCode,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

const SELECT: &str = "SELECT id, name, purpose, user_id, scopes, division_code, created_at, expires_at, revoked_at, \
     last_used_at FROM api_tokens WHERE ";

impl FromRow for Token {
    fn take(cells: &mut impl Cells) -> diesel::deserialize::Result<Self> {
        Ok(Self {
            id: cells.next()?,
            name: cells.next()?,
            purpose: cells.next()?,
            user_id: cells.next()?,
            scopes: cells.next()?,
            division_code: cells.next()?,
            created_at: cells.next()?,
            expires_at: cells.next()?,
            revoked_at: cells.next()?,
            last_used_at: cells.next()?,
        })
    }
}

/// Stores a new token under its hash.
pub fn insert(tx: &mut Tx<'_>, token: &Token, hash: &str) -> Result<()> {
    const INSERT: &str = "INSERT INTO api_tokens (id, name, purpose, user_id, hash, scopes, division_code, created_at, \
         expires_at) VALUES ";
    let row = [
        token.id.into(),
        token.name.as_str().into(),
        token.purpose.as_str().into(),
        token.user_id.into(),
        hash.into(),
        token.scopes.value()?,
        token.division_code.as_str().into(),
        token.created_at.into(),
        token.expires_at.into(),
    ];
    Sql::with_row(INSERT, row).run(tx.conn).map(drop)
}

/// The token with this hash, whatever its state.
pub fn by_hash(conn: &mut Conn, hash: &str) -> Result<Option<Token>> {
    Sql::new(SELECT).say("hash = ").bind(hash).row(conn)
}

/// The token with this id, if its division is in the scope.
pub fn get(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<Token> {
    let found: Option<Token> = Sql::new(SELECT).say("id = ").bind(id).row(conn)?;
    found.filter(|t| scope.covers(&t.division_code)).ok_or(Error::NotFound)
}

/// Tokens of the scope in id order, from after `after`; of one user only if `owner` is given.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    owner: Option<Uuid>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Token>> {
    let mut sql = Sql::new(SELECT);
    sql.say("1 = 1");
    if let Some(d) = scope.division() {
        let (from, to) = division_range(d);
        sql.say(" AND division_code >= ").bind(from).say(" AND division_code < ").bind(to);
    }
    if let Some(owner) = owner {
        sql.say(" AND user_id = ").bind(owner);
    }
    if let Some(after) = after {
        sql.say(" AND id > ").bind(after);
    }
    sql.say(" ORDER BY id LIMIT ").bind(limit).rows(conn)
}

/// Revokes a token; revoking it again changes nothing.
pub fn revoke(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    tx.begin()?;
    let mut sql = Sql::new("UPDATE api_tokens SET revoked_at = ");
    sql.bind(tx.stamp.now).say(" WHERE revoked_at IS NULL AND id = ").bind(id).run(tx.conn)?;
    identity::touch(tx.conn)
}

/// Notes that a token was used.
pub fn used(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    let mut sql = Sql::new("UPDATE api_tokens SET last_used_at = ");
    sql.bind(tx.stamp.now).say(" WHERE id = ").bind(id).run(tx.conn).map(drop)
}
