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

/// Whether this is the installation's secret that the database knows, by its keyed check. Where nothing depends on
/// another one, the database knows this one from now on.
pub fn knows_secret(tx: &mut Tx<'_>, check: &str) -> Result<bool> {
    tx.serialize("installation-secret")?;
    let row: Option<(Option<String>,)> = Sql::new("SELECT secret_check FROM auth_state WHERE id = 1").row(tx.conn)?;
    match row.and_then(|(known,)| known) {
        Some(known) if known == check => return Ok(true),
        Some(_) => {
            const DEPENDS: &str = "SELECT (SELECT count(*) FROM api_tokens WHERE revoked_at IS NULL) + \
                 (SELECT count(*) FROM second_factors) + (SELECT count(*) FROM sessions WHERE ended_at IS NULL)";
            let row: Option<(i64,)> = Sql::new(DEPENDS).row(tx.conn)?;
            if row.is_some_and(|(n,)| n > 0) {
                return Ok(false);
            }
        }
        None => {}
    }
    set_secret_check(tx, check).map(|()| true)
}

/// Makes another secret the one that the database knows: tokens, sessions and second factors made with the one before
/// are void, and end.
pub fn accept_secret(tx: &mut Tx<'_>, check: &str) -> Result<()> {
    tx.serialize("installation-secret")?;
    for (text, rest) in [
        (
            "UPDATE api_tokens SET version = version + 1, revoke_reason = 'secret_lost', revoked_at = ",
            " WHERE revoked_at IS NULL",
        ),
        ("UPDATE sessions SET end_reason = 'secret_lost', ended_at = ", " WHERE ended_at IS NULL"),
    ] {
        Sql::new(text).bind(tx.stamp.now).say(rest).run(tx.conn)?;
    }
    for text in [
        "DELETE FROM recovery_codes",
        "DELETE FROM second_factors",
        "DELETE FROM sign_in_attempts",
        "DELETE FROM sign_in_places",
    ] {
        Sql::new(text).run(tx.conn)?;
    }
    set_secret_check(tx, check)?;
    touch(tx.conn)
}

fn set_secret_check(tx: &mut Tx<'_>, check: &str) -> Result<()> {
    Sql::new("UPDATE auth_state SET secret_check = ").bind(check).say(" WHERE id = 1").run(tx.conn).map(drop)
}

/// Counts a change. In the transaction of the change, so that nobody sees one without the other.
pub fn touch(conn: &mut Conn) -> Result<()> {
    Sql::new("UPDATE auth_state SET epoch = epoch + 1 WHERE id = 1").run(conn).map(drop)
}
