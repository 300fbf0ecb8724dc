//! Holds journal and events against the chain, and the chain against itself, its signatures, and the heads that
//! others have seen. Reads everything once, in order, a page at a time.
use super::chain::{self, BEGINNING, Link};
use super::lines::{Book, Reading};
use super::prune::{self, Checkpoint};
use super::witness::{self, Seen};
use crate::conn::Conn;
use crate::error::Result;
use crate::statement::Sql;
use domain::codes::{AuditFinding, WitnessState};
use domain::{DateTime, Utc, Uuid};
use sha2::{Digest, Sha256};

/// Findings that are told one by one; more are only counted.
const TOLD: usize = 1_000;
/// Links read at a time.
const LINKS: i64 = 500;

/// What is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What.
    pub code: AuditFinding,
    /// The link where it shows.
    pub link: Option<i64>,
    /// The book it is about.
    pub book: Option<Book>,
    /// The first number it is about: of links, or of lines of the book.
    pub from: Option<i64>,
    /// The last one.
    pub through: Option<i64>,
    /// Who has seen the head it is about.
    pub witness: Option<String>,
}

/// A restore that the chain tells of: the first link of the new epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// The link.
    pub link: i64,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The epoch that ended.
    pub ended: Uuid,
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Links that were checked.
    pub links: u64,
    /// Lines of the journal that were read.
    pub journal_lines: u64,
    /// Events that were read.
    pub events: u64,
    /// The last link that was checked.
    pub head: Option<Link>,
    /// Whether that was the last one of the chain. Heads that others have seen are looked at only then.
    pub complete: bool,
    /// What is wrong; at most 1000 of [`found`](Self::found).
    pub findings: Vec<Finding>,
    /// How much is wrong.
    pub found: u64,
    /// Restores.
    pub restores: Vec<Restored>,
    /// Up to where events were removed because of their age.
    pub checkpoint: Option<Checkpoint>,
    /// Heads that were seen and are in the chain.
    pub witnessed: u64,
    /// Heads that were seen and that a restore has ended.
    pub ended: u64,
}

impl Report {
    fn find(&mut self, finding: Finding) {
        self.found += 1;
        if self.findings.len() < TOLD {
            self.findings.push(finding);
        }
    }
    fn find_link(&mut self, code: AuditFinding, link: i64) {
        self.find(Finding { link: Some(link), ..nothing(code) });
    }
    fn find_lines(&mut self, code: AuditFinding, link: Option<i64>, book: Book, from: i64, through: i64) {
        self.find(Finding { link, book: Some(book), from: Some(from), through: Some(through), ..nothing(code) });
    }
}

fn nothing(code: AuditFinding) -> Finding {
    Finding { code, link: None, book: None, from: None, through: None, witness: None }
}

/// How to look.
pub struct Look<'l> {
    /// Behind this link; 0 for the beginning.
    pub after: i64,
    /// Ends behind the link with which so many lines were read.
    pub lines: u64,
    /// Heads that were seen, beside those in the database.
    pub seen: Vec<Seen>,
    /// Whether a signature is this installation's.
    pub genuine: &'l dyn Fn(&[u8], &str) -> bool,
    /// Told how many lines of how many were read.
    pub progress: &'l dyn Fn(u64, u64),
}

/// Looks for what is wrong.
///
/// # Errors
/// What the database says.
pub fn verify(conn: &mut Conn, look: &Look<'_>) -> Result<Report> {
    let mut report = Report { checkpoint: prune::checkpoint(conn)?, ..Report::default() };
    if let Some(checkpoint) = report.checkpoint.clone() {
        let link = chain::link(conn, checkpoint.link)?;
        let genuine = link.is_some_and(|l| {
            l.events_through == checkpoint.events_through
                && (look.genuine)(&chain::checkpoint_message(&l), &checkpoint.signature)
        });
        if !genuine {
            report.find_link(AuditFinding::SignatureInvalid, checkpoint.link);
        }
    }
    let removed = report.checkpoint.as_ref().map_or(0, |c| c.events_through);
    let mut before = match look.after {
        0 => None,
        after => chain::link(conn, after)?,
    };
    if before.is_none() && look.after > 0 {
        report.find_link(AuditFinding::LinkMissing, look.after);
    }
    let (journal, events) = before.as_ref().map_or((0, 0), |l| (l.journal_through, l.events_through));
    let mut reading = (Reading::after(Book::Journal, journal), Reading::after(Book::Events, events.max(removed)));
    let head = chain::head(conn)?;
    let total = head.as_ref().map_or(0, |h| (h.journal_through - journal) + (h.events_through - events).max(0));
    let total = u64::try_from(total).unwrap_or_default();
    loop {
        let mut sql = Sql::new(chain::SELECT);
        sql.say("WHERE id > ")
            .bind(before.as_ref().map_or(look.after, |l| l.id))
            .say(" ORDER BY id LIMIT ")
            .bind(LINKS);
        let links: Vec<Link> = sql.rows(conn)?;
        report.complete = links.is_empty();
        for link in links {
            check_link(&mut report, before.as_ref(), &link, look);
            let whole = before.as_ref().map_or(link.id == look.after + 1, |b| b.id + 1 == link.id);
            for book in [Book::Journal, Book::Events] {
                check_lines(conn, &mut report, &mut reading, book, before.as_ref(), &link, removed, whole)?;
            }
            before = Some(link);
            if report.journal_lines + report.events >= look.lines {
                break;
            }
        }
        (look.progress)((report.journal_lines + report.events).min(total), total);
        if report.complete || report.journal_lines + report.events >= look.lines {
            break;
        }
    }
    report.head = before;
    if report.complete {
        check_end(conn, &mut report, removed)?;
        check_seen(conn, &mut report, look)?;
    }
    Ok(report)
}

fn check_link(report: &mut Report, before: Option<&Link>, link: &Link, look: &Look<'_>) {
    report.links += 1;
    let expected = before.map_or(look.after, |b| b.id) + 1;
    if link.id != expected {
        let gap = nothing(AuditFinding::LinkMissing);
        report.find(Finding { link: Some(link.id), from: Some(expected), through: Some(link.id - 1), ..gap });
    } else if (before.is_some() || look.after == 0)
        && link.hash_behind(before.map_or(BEGINNING, |b| &b.hash)) != link.hash
    {
        report.find_link(AuditFinding::LinkChanged, link.id);
    }
    if !(look.genuine)(&link.message(), &link.signature) {
        report.find_link(AuditFinding::SignatureInvalid, link.id);
    }
    if let Some(before) = before.filter(|b| b.epoch != link.epoch) {
        report.restores.push(Restored { link: link.id, at: link.at, ended: before.epoch });
    }
}

#[expect(clippy::too_many_arguments, reason = "the state of one pass")]
fn check_lines(
    conn: &mut Conn,
    report: &mut Report,
    reading: &mut (Reading, Reading),
    book: Book,
    before: Option<&Link>,
    link: &Link,
    removed: i64,
    whole: bool,
) -> Result<()> {
    let (after, through, expected, reading) = match book {
        Book::Journal => {
            (before.map_or(0, |b| b.journal_through), link.journal_through, &link.journal_hash, &mut reading.0)
        }
        Book::Events => {
            (before.map_or(0, |b| b.events_through), link.events_through, &link.events_hash, &mut reading.1)
        }
    };
    if book == Book::Events && through <= removed {
        return Ok(());
    }
    let (mut hash, mut last, mut read) = (Sha256::new(), after, 0);
    while let Some(line) = reading.next(conn, through)? {
        if line.0 > last + 1 {
            report.find_lines(AuditFinding::LinesMissing, Some(link.id), book, last + 1, line.0 - 1);
        }
        hash.update(&line.1);
        last = line.0;
        read += 1;
    }
    if last < through {
        report.find_lines(AuditFinding::LinesMissing, Some(link.id), book, last + 1, through);
    }
    // Behind a gap in the links nobody knows where this one begins.
    if whole && domain::hex(&hash.finalize()) != *expected {
        report.find_lines(AuditFinding::LinesChanged, Some(link.id), book, after + 1, through);
    }
    match book {
        Book::Journal => report.journal_lines += read,
        Book::Events => report.events += read,
    }
    Ok(())
}

/// Numbers that were given and lead to no line: what was cut off before a link covered it.
fn check_end(conn: &mut Conn, report: &mut Report, removed: i64) -> Result<()> {
    let head = report.head.clone();
    for (book, sql) in
        [(Book::Journal, "SELECT max(seq) FROM journal"), (Book::Events, "SELECT max(seq) FROM audit_events")]
    {
        let covered = head.as_ref().map_or(0, |h| match book {
            Book::Journal => h.journal_through,
            Book::Events => h.events_through,
        });
        // In this order: what is added between the two questions is no finding.
        let given = book.given(conn)?;
        let last = Sql::new(sql).row::<(Option<i64>,)>(conn)?.and_then(|(n,)| n).unwrap_or_default();
        let last = if book == Book::Events { last.max(removed) } else { last }.max(covered);
        if given > last {
            report.find_lines(AuditFinding::LinesMissing, None, book, last + 1, given);
        }
    }
    Ok(())
}

fn check_seen(conn: &mut Conn, report: &mut Report, look: &Look<'_>) -> Result<()> {
    for seen in witness::all(conn)?.iter().chain(&look.seen) {
        let code = match witness::judge(conn, seen)? {
            WitnessState::Agrees => {
                report.witnessed += 1;
                continue;
            }
            WitnessState::Ended => {
                report.ended += 1;
                continue;
            }
            WitnessState::Unknown => AuditFinding::TailCut,
            WitnessState::Differs => AuditFinding::Replaced,
        };
        report.find(Finding { link: Some(seen.link), witness: Some(seen.client.clone()), ..nothing(code) });
    }
    Ok(())
}
