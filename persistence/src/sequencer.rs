//! Feed numbers on PostgreSQL, given after commit.
//!
//! Writers add journal lines without a number and commit as they like. This step, under one lock, numbers
//! the committed lines densely in id order. So a number is never visible before a smaller one, a rollback
//! leaves no hole, and an idle transaction delays nobody else's lines. Lines of one record keep their order,
//! because the second writer of a record adds its line only after the first has committed.
//!
//! On SQLite a write transaction excludes all others, so the line's row number already is all that: given in
//! commit order, taken back by a rollback, never given twice (`AUTOINCREMENT`).
use crate::conn::Conn;
use crate::error::Result;
use crate::statement::Sql;
use crate::tx::lock_key;

/// Whether lines wait for a number.
///
/// # Errors
/// What the database says.
pub fn is_waited_for(conn: &mut Conn) -> Result<bool> {
    // The least of an index, not any row: for that PostgreSQL would rather go through the table.
    let first = Sql::new("SELECT min(id) FROM journal WHERE seq IS NULL").row::<(Option<i64>,)>(conn)?;
    Ok(first.is_some_and(|(id,)| id.is_some()))
}

/// Numbers what waits; says how many lines.
///
/// # Errors
/// What the database says.
pub fn run(conn: &mut Conn) -> Result<usize> {
    conn.transaction(|c| {
        Sql::new("SELECT pg_advisory_xact_lock(").bind(lock_key("feed")).say(")").run(c)?;
        // It sees what was committed before it started, and it starts after the lock is held.
        let numbered = Sql::new(
            "UPDATE journal SET seq = n.seq FROM (SELECT id, (SELECT seq FROM feed_state WHERE id = 1) \
             + row_number() OVER (ORDER BY id) AS seq FROM journal WHERE seq IS NULL) AS n WHERE journal.id = n.id",
        )
        .run(c)?;
        if numbered > 0 {
            let count = i64::try_from(numbered).map_err(crate::Error::internal)?;
            Sql::new("UPDATE feed_state SET seq = seq + ").bind(count).say(" WHERE id = 1").run(c)?;
        }
        Ok(numbered)
    })
}
