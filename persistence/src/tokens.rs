//! API tokens. Only a keyed hash is stored; the token itself is shown once.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::expr::bind;
use crate::identity;
use crate::query::division_range;
use crate::schema::api_tokens;
use crate::sql::{Division, Doc, Instant, Uid};
use crate::write::Tx;
use diesel::prelude::*;
use diesel::sql_types::Nullable;
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

type Row = (
    Uuid,
    String,
    String,
    Uuid,
    Vec<String>,
    DivisionCode,
    DateTime<Utc>,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
);
fn token(row: Row) -> Token {
    let (id, name, purpose, user_id, scopes, division_code, created_at, expires_at, revoked_at, last_used_at) = row;
    Token { id, name, purpose, user_id, scopes, division_code, created_at, expires_at, revoked_at, last_used_at }
}
macro_rules! columns {
    () => {{
        use api_tokens as t;
        (
            t::id,
            t::name,
            t::purpose,
            t::user_id,
            t::scopes,
            t::division_code,
            t::created_at,
            t::expires_at,
            t::revoked_at,
            t::last_used_at,
        )
    }};
}

/// Stores a new token under its hash.
pub fn insert(tx: &mut Tx<'_>, token: &Token, hash: &str) -> Result<()> {
    use api_tokens as t;
    let row = (
        t::id.eq(bind::<Uid, _>(token.id)),
        t::name.eq(&token.name),
        t::purpose.eq(&token.purpose),
        t::user_id.eq(bind::<Uid, _>(token.user_id)),
        t::hash.eq(hash),
        t::scopes.eq(bind::<Doc, _>(&token.scopes)),
        t::division_code.eq(bind::<Division, _>(&token.division_code)),
        t::created_at.eq(bind::<Instant, _>(token.created_at)),
        t::expires_at.eq(bind::<Instant, _>(token.expires_at)),
    );
    on!(&mut *tx.conn, c => diesel::insert_into(t::table).values(row).execute(c))?;
    Ok(())
}

/// The token with this hash, whatever its state.
pub fn by_hash(conn: &mut Conn, hash: &str) -> Result<Option<Token>> {
    use api_tokens as t;
    let row: Option<Row> =
        on!(conn, c => t::table.filter(t::hash.eq(hash)).select(columns!()).get_result(c).optional())?;
    Ok(row.map(token))
}

/// The token with this id, if its division is in the scope.
pub fn get(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<Token> {
    use api_tokens as t;
    let row: Option<Row> =
        on!(conn, c => t::table.filter(t::id.eq(bind::<Uid, _>(id))).select(columns!()).get_result(c).optional())?;
    row.map(token).filter(|t| scope.covers(&t.division_code)).ok_or(Error::NotFound)
}

/// Tokens of the scope in id order, from after `after`; of one user only if `owner` is given.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    owner: Option<Uuid>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Token>> {
    use api_tokens as t;
    let rows: Vec<Row> = on!(conn, c => {
        let mut s = t::table.select(columns!()).order(t::id).limit(limit).into_boxed();
        if let Scope::Division(d) = scope {
            let (from, to) = division_range(d);
            s = s.filter(t::division_code.ge(bind::<Division, _>(from))).filter(t::division_code.lt(bind::<Division, _>(to)));
        }
        if let Some(owner) = owner {
            s = s.filter(t::user_id.eq(bind::<Uid, _>(owner)));
        }
        if let Some(after) = after {
            s = s.filter(t::id.gt(bind::<Uid, _>(after)));
        }
        s.load(c)
    })?;
    Ok(rows.into_iter().map(token).collect())
}

/// Revokes a token; revoking it again changes nothing.
pub fn revoke(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    use api_tokens as t;
    tx.begin()?;
    let live = t::table.filter(t::id.eq(bind::<Uid, _>(id))).filter(t::revoked_at.is_null());
    let at = t::revoked_at.eq(bind::<Nullable<Instant>, _>(Some(tx.stamp.now)));
    on!(&mut *tx.conn, c => diesel::update(live).set(at).execute(c))?;
    identity::touch(tx.conn)
}

/// Notes that a token was used.
pub fn used(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    use api_tokens as t;
    let at = t::last_used_at.eq(bind::<Nullable<Instant>, _>(Some(tx.stamp.now)));
    let row = t::table.filter(t::id.eq(bind::<Uid, _>(id)));
    on!(&mut *tx.conn, c => diesel::update(row).set(at).execute(c))?;
    Ok(())
}
