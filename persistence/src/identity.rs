//! Passwords, kept apart from the users they belong to, and the counter that tells every server when
//! what it remembers about users and tokens is out of date.
use crate::conn::Conn;
use crate::error::Result;
use crate::query::Query;
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::Tx;
use domain::administration::User;
use domain::{DateTime, Record, Scope, Utc, Uuid};

/// The user with this name, of any division, and the password hash if one is set.
pub fn by_username(conn: &mut Conn, username: &str) -> Result<Option<(Record<User>, Option<String>)>> {
    let Some(user) = User::list(conn, &Scope::System, &Query::by("username", username, 1))?.items.pop() else {
        return Ok(None);
    };
    let hash = password_hash(conn, user.meta.id)?;
    Ok(Some((user, hash)))
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

/// Counts a change. In the transaction of the change, so that nobody sees one without the other.
pub fn touch(conn: &mut Conn) -> Result<()> {
    Sql::new("UPDATE auth_state SET epoch = epoch + 1 WHERE id = 1").run(conn).map(drop)
}
