//! Feed numbers, given after commit.
//!
//! Writers add journal lines without a number and commit as they like. This step, under one lock, numbers
//! the committed lines densely in id order. So a number is never visible before a smaller one, a rollback
//! leaves no hole, and an idle transaction delays nobody else's lines. Lines of one record keep their order,
//! because the second writer of a record adds its line only after the first has committed.
use crate::conn::{Conn, Engine};
use crate::error::Result;
use crate::expr::Fixed;
use crate::write::lock_key;
use diesel::prelude::*;

/// The statement is the same on both engines; it sees what was committed before it started, and it starts
/// after the lock is held.
const NUMBER: &str = "UPDATE journal SET seq = n.seq FROM (SELECT id, (SELECT seq FROM feed_state WHERE id = 1) \
     + row_number() OVER (ORDER BY id) AS seq FROM journal WHERE seq IS NULL) AS n WHERE journal.id = n.id";
const HEAD: &str = "UPDATE feed_state SET seq = seq + ";

/// Numbers what waits. On SQLite the caller's write transaction is the lock.
pub fn number(conn: &mut Conn) -> Result<usize> {
    let count = on!(conn, c => Fixed(NUMBER).execute(c))?;
    if count > 0 {
        conn.batch(&format!("{HEAD}{count} WHERE id = 1"))?;
    }
    Ok(count)
}

/// Numbers what waits in a transaction of its own.
pub fn run(conn: &mut Conn) -> Result<usize> {
    conn.transaction(|c| {
        if c.engine() == Engine::Postgres {
            c.batch(&format!("SELECT pg_advisory_xact_lock({})", lock_key("feed")))?;
        }
        number(c)
    })
}
