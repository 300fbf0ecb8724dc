//! The lines of journal and events as bytes, the same on both engines whatever form a column has there.
//!
//! Every value is a mark, its length and itself, so that no two different lines have the same bytes.
use crate::conn::Conn;
use crate::error::Result;
use crate::rows::{Cells, FromRow};
use crate::statement::Sql;
use diesel::deserialize;
use domain::{DateTime, Utc, Uuid};
use std::collections::VecDeque;

/// What the chain covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Book {
    /// Writes.
    Journal,
    /// Everything else.
    Events,
}

impl Book {
    /// Its name in findings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Book::Journal => "journal",
            Book::Events => "events",
        }
    }
    /// The statement that reads its lines behind a number.
    fn select(self) -> Sql<'static> {
        Sql::new(match self {
            Book::Journal => {
                "SELECT seq, version, at, entity_id, op_id, changed_fields, entity, op, division_before, division_after, \
                 actor, client, request_id FROM journal WHERE seq > "
            }
            Book::Events => {
                "SELECT seq, times, at, entity_id, token_id, fields, kind, outcome, actor, client, address, user_agent, \
                 request_id, entity, purpose, division_code, detail FROM audit_events WHERE seq > "
            }
        })
    }
    /// Text columns at the end of a line.
    const fn texts(self) -> usize {
        match self {
            Book::Journal => 7,
            Book::Events => 11,
        }
    }
    /// The last number that was given.
    ///
    /// # Errors
    /// What the database says.
    pub(super) fn given(self, conn: &mut Conn) -> Result<i64> {
        let sql = match (self, conn.engine()) {
            (Book::Journal, _) => "SELECT seq FROM feed_head",
            (Book::Events, crate::Engine::Postgres) => "SELECT events_seq FROM feed_state WHERE id = 1",
            (Book::Events, crate::Engine::Sqlite) => {
                "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit_events'), 0)"
            }
        };
        Ok(Sql::new(sql).row::<(i64,)>(conn)?.map_or(0, |(n,)| n))
    }
}

/// One line: its number and its bytes.
pub struct Line(pub i64, pub Vec<u8>);

struct JournalLine(Line);
impl FromRow for JournalLine {
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
        line(cells, Book::Journal).map(Self)
    }
}
struct EventLine(Line);
impl FromRow for EventLine {
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
        line(cells, Book::Events).map(Self)
    }
}

fn line(cells: &mut impl Cells, book: Book) -> deserialize::Result<Line> {
    let seq: i64 = cells.next()?;
    let mut bytes = Vec::with_capacity(256);
    let number: i64 = cells.next()?;
    let at: DateTime<Utc> = cells.next()?;
    add(&mut bytes, Some(&seq.to_be_bytes()));
    add(&mut bytes, Some(&number.to_be_bytes()));
    add(&mut bytes, Some(&at.timestamp_micros().to_be_bytes()));
    for _ in 0..2 {
        let id: Option<Uuid> = cells.next()?;
        add(&mut bytes, id.as_ref().map(|id| id.as_bytes().as_slice()));
    }
    let fields: Vec<String> = cells.next()?;
    add(&mut bytes, Some(&u64::try_from(fields.len())?.to_be_bytes()));
    fields.iter().for_each(|f| add(&mut bytes, Some(f.as_bytes())));
    for _ in 0..book.texts() {
        cells.text(|text| add(&mut bytes, text.map(str::as_bytes)))?;
    }
    Ok(Line(seq, bytes))
}

fn add(bytes: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        None => bytes.push(0),
        Some(value) => {
            bytes.push(1);
            bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
            bytes.extend_from_slice(value);
        }
    }
}

/// Lines that are read at a time.
const PAGE: i64 = 2_000;

/// Reads a book from behind a number on, in order, a page in memory.
pub struct Reading {
    book: Book,
    after: i64,
    page: VecDeque<Line>,
}

impl Reading {
    /// From behind this number on.
    pub fn after(book: Book, after: i64) -> Self {
        Self { book, after, page: VecDeque::new() }
    }
    /// The next line up to a number.
    ///
    /// # Errors
    /// What the database says.
    pub fn next(&mut self, conn: &mut Conn, through: i64) -> Result<Option<Line>> {
        // A short page is not the end: lines are added, and links that cover them, while the chain is read.
        if self.page.is_empty() && self.after < through {
            let mut sql = self.book.select();
            sql.bind(self.after).say(" ORDER BY seq LIMIT ").bind(PAGE);
            self.page = match self.book {
                Book::Journal => sql.rows(conn)?.into_iter().map(|JournalLine(line)| line).collect(),
                Book::Events => sql.rows(conn)?.into_iter().map(|EventLine(line)| line).collect(),
            };
            self.after = self.page.back().map_or(self.after, |line| line.0);
        }
        match self.page.front() {
            Some(line) if line.0 <= through => Ok(self.page.pop_front()),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Event, note_many};
    use crate::sealed::Keyring;
    use domain::DivisionCode;
    use domain::codes::{AuditKind, AuditOutcome};

    #[test]
    fn lines_that_are_added_while_a_book_is_read_are_read_too() {
        let file = std::env::temp_dir().join(format!("laogan-lines-{}.db", std::process::id()));
        let mut conn = Conn::open(&format!("sqlite://{}", file.display()), &Keyring::none()).unwrap();
        crate::migrate::migrate(&mut conn).unwrap();
        let city = DivisionCode::parse("371700").unwrap();
        let event = Event::new(AuditKind::Denied, AuditOutcome::Denied, Utc::now(), "anonymous", city);
        note_many(&mut conn, std::slice::from_ref(&event)).unwrap();
        let mut reading = Reading::after(Book::Events, 0);
        let mut next = |conn: &mut Conn, through| reading.next(conn, through).unwrap().map(|line| line.0);
        assert_eq!((next(&mut conn, 1), next(&mut conn, 1)), (Some(1), None));
        note_many(&mut conn, &[event.clone(), event]).unwrap();
        assert_eq!((next(&mut conn, 2), next(&mut conn, 2)), (Some(2), None));
        assert_eq!((next(&mut conn, 9), next(&mut conn, 9)), (Some(3), None));
        drop(conn);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    }
}
