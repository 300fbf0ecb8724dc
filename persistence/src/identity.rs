//! Passwords, kept apart from the users they belong to, and the counter that tells every server when
//! what it remembers about users and tokens is out of date.
use crate::conn::Conn;
use crate::error::Result;
use crate::expr::bind;
use crate::query::Query;
use crate::schema::{auth_state, credentials};
use crate::sql::{Instant, Uid};
use crate::store::Store;
use crate::write::Tx;
use diesel::prelude::*;
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
    use credentials as c;
    Ok(
        on!(conn, db => c::table.filter(c::user_id.eq(bind::<Uid, _>(user))).select(c::password_hash).get_result(db).optional())?,
    )
}

/// Sets a user's password.
pub fn set_password(tx: &mut Tx<'_>, user: Uuid, hash: &str, now: DateTime<Utc>) -> Result<()> {
    use credentials as c;
    tx.begin()?;
    let row =
        (c::user_id.eq(bind::<Uid, _>(user)), c::password_hash.eq(hash), c::changed_at.eq(bind::<Instant, _>(now)));
    let change = (c::password_hash.eq(hash), c::changed_at.eq(bind::<Instant, _>(now)));
    on!(&mut *tx.conn, db => diesel::insert_into(c::table).values(row).on_conflict(c::user_id).do_update().set(change).execute(db))?;
    touch(tx.conn)
}

/// How often users, passwords and tokens have changed.
pub fn epoch(conn: &mut Conn) -> Result<i64> {
    Ok(on!(conn, db => auth_state::table.filter(auth_state::id.eq(1)).select(auth_state::epoch).get_result(db))?)
}

/// Counts a change. In the transaction of the change, so that nobody sees one without the other.
pub fn touch(conn: &mut Conn) -> Result<()> {
    let row = diesel::update(auth_state::table.filter(auth_state::id.eq(1)));
    on!(conn, db => row.set(auth_state::epoch.eq(auth_state::epoch + 1)).execute(db))?;
    Ok(())
}
