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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::verify::{Look, verify};
    use crate::database::{Database, Urls};
    use crate::sealed::{Keyring, Keys};
    use crate::tx::Stamp;
    use domain::Code;
    use domain::codes::AuditFinding;
    use std::sync::Arc;

    fn signed(message: &[u8]) -> String {
        format!("signed {}", message.iter().map(|b| u64::from(*b)).sum::<u64>())
    }

    #[test]
    fn what_is_old_is_removed_behind_a_signed_checkpoint() {
        let file = std::env::temp_dir().join(format!("laogan-prune-{}.db", domain::Uuid::now_v7()));
        let url = format!("sqlite://{}", file.display());
        let keys = Keyring::new(Keys::generate("2021-12-31").unwrap(), None);
        let mut conn = Conn::open(&url, &keys).unwrap();
        let db = Database::open(&Urls { primary: url, read: None }, keys).unwrap();
        let sign: Signer = Arc::new(signed);
        let city = DivisionCode::parse("371700").unwrap();
        let now = Utc::now();
        let ago = move |days| now - chrono::Duration::days(days);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let removes = |days: i64| {
            let (sign, city) = (Arc::clone(&sign), city.clone());
            let work = move |tx: &mut Tx<'_>| prune(tx, ago(days), &city, &sign);
            runtime.block_on(db.write(Stamp::system("test", now), false, work)).unwrap()
        };
        for (events, days) in [(2, 200), (3, 190), (1, 100)] {
            let event = Event::new(AuditKind::Denied, AuditOutcome::Denied, ago(days), "anonymous", city.clone());
            let work = move |tx: &mut Tx<'_>| (0..events).try_for_each(|_| note(tx, &event));
            runtime.block_on(db.write(Stamp::system("test", ago(days)), false, work)).unwrap();
            runtime.block_on(db.chain(ago(days), Arc::clone(&sign))).unwrap();
        }
        let look = |genuine: &dyn Fn(&[u8], &str) -> bool, conn: &mut Conn| {
            let look = Look { after: 0, lines: u64::MAX, seen: vec![], genuine, progress: &|_, _| {} };
            verify(conn, &look).unwrap()
        };
        let ours = |message: &[u8], signature: &str| signature == signed(message);
        assert_eq!((look(&ours, &mut conn).found, look(&ours, &mut conn).events), (0, 6));
        assert!(!removes(300), "nothing is as old as that");
        assert!(removes(195) && !removes(195));
        assert!(removes(180) && !removes(180));
        // What was removed, and that it was, is known; the rest is there and intact.
        runtime.block_on(db.chain(now, Arc::clone(&sign))).unwrap();
        let report = look(&ours, &mut conn);
        assert_eq!((report.found, report.events, report.checkpoint.map(|c| c.events_through)), (0, 3, Some(5)));
        let mut told = Sql::new("SELECT sum(times) FROM audit_events WHERE kind = ");
        assert_eq!(told.bind(AuditKind::AuditPrune.as_str()).row::<(i64,)>(&mut conn).unwrap(), Some((5,)));
        // A checkpoint that somebody else has moved is none.
        conn.batch("UPDATE audit_checkpoint SET events_through = 6; DELETE FROM audit_events WHERE seq = 6").unwrap();
        let report = look(&ours, &mut conn);
        assert!(report.findings.iter().any(|f| f.code == AuditFinding::SignatureInvalid), "{:?}", report.findings);
        drop((db, conn));
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    }
}
