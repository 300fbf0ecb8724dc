//! Events that have become old are removed, link by link. The links stay, and a signed checkpoint says up to which
//! one their events need not be there; whatever else is missing was not removed by us. The journal stays whole: it
//! is what merges and the history of records are made from.
use super::chain::{self, Link, Signer};
use super::{Event, note};
use crate::conn::Conn;
use crate::error::Result;
use crate::statement::Sql;
use crate::tx::Tx;
use domain::codes::{AuditKind, AuditOutcome};
use domain::{DateTime, DivisionCode, Utc};

/// Events removed in one step at most, beside those of the link that follows.
const STEP: i64 = 10_000;

/// Up to which link events were removed.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// The link.
    pub link: i64,
    /// The last event that was removed.
    pub events_through: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The signature of [`chain::checkpoint_message`].
    pub signature: String,
}

/// The checkpoint, if something was ever removed.
///
/// # Errors
/// What the database says.
pub fn checkpoint(conn: &mut Conn) -> Result<Option<Checkpoint>> {
    let sql = Sql::new("SELECT link, events_through, at, signature FROM audit_checkpoint WHERE id = 1");
    let row: Option<(i64, i64, DateTime<Utc>, String)> = sql.row(conn)?;
    Ok(row.map(|(link, events_through, at, signature)| Checkpoint { link, events_through, at, signature }))
}

/// Removes events of links that were made before `oldest`, in a step of bounded size; whether there are more.
///
/// # Errors
/// What the database says.
pub fn prune(tx: &mut Tx<'_>, oldest: DateTime<Utc>, division: &DivisionCode, sign: &Signer) -> Result<bool> {
    tx.serialize("audit")?;
    let before = checkpoint(tx.conn)?.map_or(0, |c| c.events_through);
    let mut sql = Sql::new(chain::SELECT);
    sql.say("WHERE at < ").bind(oldest).say(" AND events_through > ").bind(before);
    sql.say(" AND events_through <= ").bind(before + STEP).say(" ORDER BY id DESC LIMIT 1");
    let Some(link) = sql.row::<Link>(tx.conn)? else { return Ok(false) };
    let row = [
        1_i32.into(),
        link.id.into(),
        link.events_through.into(),
        tx.stamp.now.into(),
        sign(&chain::checkpoint_message(&link)).into(),
    ];
    let mut sql = Sql::with_row("INSERT INTO audit_checkpoint (id, link, events_through, at, signature) VALUES ", row);
    sql.say(" ON CONFLICT (id) DO UPDATE SET link = excluded.link, events_through = excluded.events_through, ");
    sql.say("at = excluded.at, signature = excluded.signature").run(tx.conn)?;
    let removed = Sql::new("DELETE FROM audit_events WHERE seq <= ").bind(link.events_through).run(tx.conn)?;
    let told =
        Event::new(AuditKind::AuditPrune, AuditOutcome::Success, tx.stamp.now, &tx.stamp.actor, division.clone());
    let told = Event { times: i64::try_from(removed).unwrap_or(i64::MAX).max(1), ..told };
    note(tx, &told.detail(format!("events through {}", link.events_through)))?;
    Ok(true)
}
