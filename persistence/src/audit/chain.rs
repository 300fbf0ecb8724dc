//! The chain: links that make every later change of journal and events show.
//!
//! A link covers the lines behind the link before it, some seconds' worth at most. Its hash is
//! `SHA-256(hash of the link before ‖ its own head ‖ SHA-256 of the journal's lines ‖ SHA-256 of the events' lines)`,
//! and is signed. It is made a moment after the commit of what it covers, beside the writers, who never wait for it.
//!
//! There is one chain however many servers there are: on PostgreSQL a link is made under a lock, on SQLite the link
//! that comes second fails on the primary key. After a restore the chain goes on from the last link that the backup
//! holds, under the new epoch; links that others have seen of the epoch that ended are known to be lost then.
use super::lines::{Book, Reading};
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::rows::{Cells, FromRow};
use crate::statement::Sql;
use crate::tx::lock_key;
use crate::value::Value;
use chrono::SubsecRound;
use domain::{DateTime, Utc, Uuid};
use sha2::{Digest, Sha256};

/// Lines of each book in one link at most.
const LINES: i64 = 5_000;

/// Signs a message with the installation's key.
pub type Signer = std::sync::Arc<dyn Fn(&[u8]) -> String + Send + Sync>;

/// A link of the chain. The last one is the chain's head.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Its number, from 1 on without a gap.
    pub id: i64,
    /// The epoch of the feed in which it was made.
    pub epoch: Uuid,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The last line of the journal it covers.
    pub journal_through: i64,
    /// The last event it covers.
    pub events_through: i64,
    /// SHA-256 of the journal's lines it covers, in hexadecimal.
    pub journal_hash: String,
    /// SHA-256 of the events it covers.
    pub events_hash: String,
    /// Its own hash.
    pub hash: String,
    /// The signature of [`message`].
    pub signature: String,
}

impl FromRow for Link {
    fn take(cells: &mut impl Cells) -> diesel::deserialize::Result<Self> {
        Ok(Self {
            id: cells.next()?,
            epoch: cells.next()?,
            at: cells.next()?,
            journal_through: cells.next()?,
            events_through: cells.next()?,
            journal_hash: cells.next()?,
            events_hash: cells.next()?,
            hash: cells.next()?,
            signature: cells.next()?,
        })
    }
}

pub(super) const SELECT: &str = "SELECT id, epoch, at, journal_through, events_through, journal_hash, events_hash, \
     hash, signature FROM audit_links ";

/// The hash in front of the first link.
pub(super) const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What the signature of a head signs.
pub fn message(epoch: Uuid, link: i64, hash: &str) -> Vec<u8> {
    format!("laogan audit head 1\n{epoch}\n{link}\n{hash}\n").into_bytes()
}

/// What the signature of a checkpoint signs: up to this link events were removed.
pub fn checkpoint_message(link: &Link) -> Vec<u8> {
    format!("laogan audit checkpoint 1\n{}\n{}\n{}\n", link.id, link.events_through, link.hash).into_bytes()
}

impl Link {
    /// The hash this link should have behind one of this hash.
    pub(super) fn hash_behind(&self, previous: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(b"laogan audit link 1\n");
        for text in [previous, &self.epoch.to_string(), &self.journal_hash, &self.events_hash] {
            hash.update(text.as_bytes());
            hash.update(b"\n");
        }
        for number in [self.id, self.at.timestamp_micros(), self.journal_through, self.events_through] {
            hash.update(number.to_be_bytes());
        }
        domain::hex(&hash.finalize())
    }
    /// What its signature signs.
    pub fn message(&self) -> Vec<u8> {
        message(self.epoch, self.id, &self.hash)
    }
}

/// The last link, if there is one.
///
/// # Errors
/// What the database says.
pub fn head(conn: &mut Conn) -> Result<Option<Link>> {
    Sql::new(SELECT).say("ORDER BY id DESC LIMIT 1").row(conn)
}

/// One link.
///
/// # Errors
/// What the database says.
pub fn link(conn: &mut Conn, id: i64) -> Result<Option<Link>> {
    Sql::new(SELECT).say("WHERE id = ").bind(id).row(conn)
}

/// Whether lines wait for a link, and the head.
pub(crate) fn waiting(conn: &mut Conn) -> Result<(Option<Link>, bool)> {
    let head = head(conn)?;
    let (journal, events) = head.as_ref().map_or((0, 0), |l| (l.journal_through, l.events_through));
    // The last and the least of an index, not any row: for that PostgreSQL would rather go through the tables.
    let mut sql = Sql::new("SELECT 1 WHERE (SELECT max(seq) FROM journal) > ");
    sql.bind(journal).say(" OR (SELECT max(seq) FROM audit_events) > ").bind(events);
    sql.say_to(Engine::Postgres, " OR (SELECT min(id) FROM audit_events WHERE seq IS NULL) IS NOT NULL");
    let any = sql.row::<(i32,)>(conn)?.is_some();
    Ok((head, any))
}

/// The link that should come next, unsigned; `None` where nothing waits.
pub(crate) fn next(conn: &mut Conn, now: DateTime<Utc>) -> Result<Option<Link>> {
    let before = head(conn)?;
    let (journal, events) = before.as_ref().map_or((0, 0), |l| (l.journal_through, l.events_through));
    let (journal_through, journal_hash) = digest(conn, Book::Journal, journal)?;
    let (events_through, events_hash) = digest(conn, Book::Events, events)?;
    if (journal_through, events_through) == (journal, events) {
        return Ok(None);
    }
    let epoch: Option<(Uuid,)> = Sql::new("SELECT epoch FROM feed_state WHERE id = 1").row(conn)?;
    let mut link = Link {
        id: before.as_ref().map_or(1, |l| l.id + 1),
        epoch: epoch.ok_or_else(|| Error::internal("the feed has no state"))?.0,
        at: now.trunc_subsecs(3),
        journal_through,
        events_through,
        journal_hash,
        events_hash,
        hash: String::new(),
        signature: String::new(),
    };
    link.hash = link.hash_behind(before.as_ref().map_or(BEGINNING, |l| &l.hash));
    Ok(Some(link))
}

/// The hash of the next lines of a book, and the last of them.
fn digest(conn: &mut Conn, book: Book, after: i64) -> Result<(i64, String)> {
    let (mut reading, mut hash, mut last) = (Reading::after(book, after), Sha256::new(), after);
    for _ in 0..LINES {
        let Some(line) = reading.next(conn, i64::MAX)? else { break };
        hash.update(&line.1);
        last = line.0;
    }
    Ok((last, domain::hex(&hash.finalize())))
}

/// Adds a link. One that another process has added meanwhile under this number makes it fail.
pub(crate) fn add(conn: &mut Conn, link: &Link) -> Result<()> {
    const INSERT: &str = "INSERT INTO audit_links (id, epoch, at, journal_through, events_through, journal_hash, \
         events_hash, hash, signature) VALUES ";
    let row: [Value<'_>; 9] = [
        link.id.into(),
        link.epoch.into(),
        link.at.into(),
        link.journal_through.into(),
        link.events_through.into(),
        link.journal_hash.as_str().into(),
        link.events_hash.as_str().into(),
        link.hash.as_str().into(),
        link.signature.as_str().into(),
    ];
    Sql::with_row(INSERT, row).run(conn).map(drop)
}

/// Makes and adds the next link on PostgreSQL, under a lock; the events that wait get their numbers first, as the
/// journal's lines get theirs from the sequencer.
pub(crate) fn extend_postgres(conn: &mut Conn, now: DateTime<Utc>, sign: &Signer) -> Result<Option<Link>> {
    conn.transaction(|c| {
        Sql::new("SELECT pg_advisory_xact_lock(").bind(lock_key("audit")).say(")").run(c)?;
        let numbered = Sql::new(
            "UPDATE audit_events SET seq = n.seq FROM (SELECT id, (SELECT events_seq FROM feed_state WHERE id = 1) \
             + row_number() OVER (ORDER BY id) AS seq FROM audit_events WHERE seq IS NULL) AS n \
             WHERE audit_events.id = n.id",
        )
        .run(c)?;
        if numbered > 0 {
            let count = i64::try_from(numbered).map_err(Error::internal)?;
            Sql::new("UPDATE feed_state SET events_seq = events_seq + ").bind(count).say(" WHERE id = 1").run(c)?;
        }
        let Some(mut link) = next(c, now)? else { return Ok(None) };
        link.signature = sign(&link.message());
        add(c, &link)?;
        Ok(Some(link))
    })
}
