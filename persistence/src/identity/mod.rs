//! Passwords, kept apart from the users they belong to, and the counter that tells every server when
//! what it remembers about users and tokens is out of date. [`attempts`]: who guesses is slowed. [`factors`]:
//! second factors. [`sessions`]: sign-ins and their refresh tokens.
pub mod attempts;
pub mod factors;
pub mod sessions;

use crate::conn::Conn;
use crate::error::Result;
use crate::query::Query;
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::Tx;
use domain::administration::User;
use domain::{DateTime, Record, Scope, Utc, Uuid};

/// The user with this name, of any division.
pub fn by_username(conn: &mut Conn, username: &str) -> Result<Option<Record<User>>> {
    Ok(User::list(conn, &Scope::System, &Query::by("username", username, 1))?.items.pop())
}

/// The password hash of a user.
pub fn password_hash(conn: &mut Conn, user: Uuid) -> Result<Option<String>> {
    let found: Option<(String,)> =
        Sql::new("SELECT password_hash FROM credentials WHERE user_id = ").bind(user).row(conn)?;
    Ok(found.map(|(hash,)| hash))
}

/// Sets a user's password.
pub fn set_password(tx: &mut Tx<'_>, user: Uuid, hash: &str, now: DateTime<Utc>) -> Result<()> {
    tx.begin()?;
    const INSERT: &str = "INSERT INTO credentials (user_id, password_hash, changed_at) VALUES ";
    let mut sql = Sql::with_row(INSERT, [user.into(), hash.into(), now.into()]);
    sql.say(
        " ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at",
    );
    sql.run(tx.conn)?;
    touch(tx.conn)
}

/// How often users, passwords and tokens have changed.
pub fn epoch(conn: &mut Conn) -> Result<i64> {
    let row: Option<(i64,)> = Sql::new("SELECT epoch FROM auth_state WHERE id = 1").row(conn)?;
    Ok(row.map_or(0, |(epoch,)| epoch))
}

/// Replaces a hash by one of the same password, made with the parameters of today.
pub fn rehash(tx: &mut Tx<'_>, user: Uuid, old: &str, new: &str) -> Result<()> {
    let mut sql = Sql::new("UPDATE credentials SET password_hash = ");
    sql.bind(new).say(" WHERE user_id = ").bind(user).say(" AND password_hash = ").bind(old).run(tx.conn).map(drop)
}

/// The keyed check of the installation's secret that this database was made with.
pub fn secret_check(conn: &mut Conn) -> Result<Option<String>> {
    let row: Option<(Option<String>,)> = Sql::new("SELECT secret_check FROM auth_state WHERE id = 1").row(conn)?;
    Ok(row.and_then(|(check,)| check))
}

/// Notes the check of the installation's secret.
pub fn set_secret_check(tx: &mut Tx<'_>, check: &str) -> Result<()> {
    Sql::new("UPDATE auth_state SET secret_check = ").bind(check).say(" WHERE id = 1").run(tx.conn).map(drop)
}

/// Counts a change. In the transaction of the change, so that nobody sees one without the other.
pub fn touch(conn: &mut Conn) -> Result<()> {
    Sql::new("UPDATE auth_state SET epoch = epoch + 1 WHERE id = 1").run(conn).map(drop)
}
