//! Second factors: a sealed secret, the last step of the clock that was used, and recovery codes.
use crate::conn::Conn;
use crate::error::Result;
use crate::statement::{self, Sql};
use crate::tx::Tx;
use domain::{DateTime, Utc, Uuid};

/// A user's second factor.
#[derive(Debug, Clone)]
pub struct Factor {
    /// The sealed secret.
    pub secret: String,
    /// When its owner has shown to have it; before, it does not count.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// The user's second factor, confirmed or not.
///
/// # Errors
/// What the database says.
pub fn of(conn: &mut Conn, user: Uuid) -> Result<Option<Factor>> {
    let row: Option<(String, Option<DateTime<Utc>>)> =
        Sql::new("SELECT secret, confirmed_at FROM second_factors WHERE user_id = ").bind(user).row(conn)?;
    Ok(row.map(|(secret, confirmed_at)| Factor { secret, confirmed_at }))
}

/// Begins with a fresh secret; one that was not confirmed gives way. Says whether it could: a confirmed one stays.
///
/// # Errors
/// What the database says.
pub fn begin(tx: &mut Tx<'_>, user: Uuid, sealed: &str) -> Result<bool> {
    let row = [user.into(), sealed.into(), 0_i64.into(), tx.stamp.now.into()];
    let mut sql = Sql::with_row("INSERT INTO second_factors (user_id, secret, last_step, created_at) VALUES ", row);
    sql.say(" ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = 0, ");
    sql.say("created_at = excluded.created_at WHERE second_factors.confirmed_at IS NULL");
    Ok(sql.run(tx.conn)? == 1)
}

/// Uses a step of the clock; says whether it was still unused. Of two requests with one code, one succeeds.
///
/// # Errors
/// What the database says.
pub fn use_step(tx: &mut Tx<'_>, user: Uuid, step: i64) -> Result<bool> {
    let mut sql = Sql::new("UPDATE second_factors SET last_step = ");
    sql.bind(step).say(" WHERE last_step < ").bind(step).say(" AND user_id = ").bind(user);
    Ok(sql.run(tx.conn)? == 1)
}

/// From now on the factor counts; with the hashes of its recovery codes, which replace older ones.
///
/// # Errors
/// What the database says.
pub fn confirm(tx: &mut Tx<'_>, user: Uuid, codes: &[String]) -> Result<()> {
    tx.begin()?;
    let mut sql = Sql::new("UPDATE second_factors SET confirmed_at = ");
    sql.bind(tx.stamp.now).say(" WHERE user_id = ").bind(user).run(tx.conn)?;
    Sql::new("DELETE FROM recovery_codes WHERE user_id = ").bind(user).run(tx.conn)?;
    struct Codes;
    let rows = codes.iter().map(|c| Ok([user.into(), c.as_str().into()]));
    statement::insert::<Codes, _>(tx.conn, &["recovery_codes (user_id, hash)"], rows)
}

/// Uses a recovery code; says whether it was there and unused.
///
/// # Errors
/// What the database says.
pub fn use_code(tx: &mut Tx<'_>, user: Uuid, hash: &str) -> Result<bool> {
    let mut sql = Sql::new("UPDATE recovery_codes SET used_at = ");
    sql.bind(tx.stamp.now).say(" WHERE used_at IS NULL AND user_id = ").bind(user).say(" AND hash = ").bind(hash);
    Ok(sql.run(tx.conn)? == 1)
}

/// Recovery codes that are left.
///
/// # Errors
/// What the database says.
pub fn codes_left(conn: &mut Conn, user: Uuid) -> Result<i64> {
    let mut sql = Sql::new("SELECT count(*) FROM recovery_codes WHERE used_at IS NULL AND user_id = ");
    let row: Option<(i64,)> = sql.bind(user).row(conn)?;
    Ok(row.map_or(0, |(n,)| n))
}

/// Takes the second factor away; says whether there was one that counted.
///
/// # Errors
/// What the database says.
pub fn remove(tx: &mut Tx<'_>, user: Uuid) -> Result<bool> {
    tx.begin()?;
    Sql::new("DELETE FROM recovery_codes WHERE user_id = ").bind(user).run(tx.conn)?;
    let was = of(tx.conn, user)?.is_some_and(|f| f.confirmed_at.is_some());
    Sql::new("DELETE FROM second_factors WHERE user_id = ").bind(user).run(tx.conn)?;
    if was {
        super::touch(tx.conn)?;
    }
    Ok(was)
}
