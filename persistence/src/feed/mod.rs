//! The change feed: the journal as one reader sees it, with the records as they are now.
//!
//! A line of the journal tells a reader something (1) when the record lies in its scope after the change and
//! the line is the newest of its record: here it is, or it is deleted; (2) when the record lay in its scope
//! before the change and not after it: it has left, even if newer lines follow; (3) when the record is erased and
//! ever lay in its scope. Any other line only moves the reader on. Payload is never stored twice: it is read beside the lines, in the same read transaction.
mod clients;

pub use clients::{Client, Progress, acknowledge, client, clients, pulled};

use crate::conn::{Conn, Engine};
use crate::effects::merges;
use crate::error::Result;
use crate::registry::{self, Kind};
use crate::rows::{Cells, Visit};
use crate::select::sees;
use crate::shown::{Item, Text};
use crate::statement::Sql;
use diesel::deserialize;
use domain::{DateTime, DivisionCode, FieldClass, Scope, Utc, Uuid};
use sha2::{Digest, Sha256};

/// Counts the ways in which records, as the feed shows them, have changed their form. A client whose copy has
/// another form begins anew.
pub const SCHEMA: i64 = 1;

/// Where the feed stands.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// Changes when the database is restored: positions of before mean nothing then.
    pub epoch: Uuid,
    /// The last number given.
    pub head: i64,
    /// Readers that have not come beyond this must begin anew.
    pub horizon: i64,
}

/// Reads where the feed stands.
///
/// # Errors
/// What the database says.
pub fn state(conn: &mut Conn) -> Result<State> {
    let sql = Sql::new("SELECT s.epoch, h.seq, s.horizon FROM feed_state s, feed_head h WHERE s.id = 1");
    let row: Option<(Uuid, i64, i64)> = sql.row(conn)?;
    let (epoch, head, horizon) = row.ok_or_else(|| crate::Error::internal("there is no state of the feed"))?;
    Ok(State { epoch, head, horizon })
}

/// How many lines of the journal are committed, whether they have their number or not: every write moves it, by
/// whichever server, and nothing moves it back but a restore, which changes the epoch.
///
/// # Errors
/// What the database says.
pub fn committed(conn: &mut Conn) -> Result<(Uuid, i64)> {
    struct Committed;
    let mut sql = Sql::new("SELECT s.epoch, h.seq");
    // Numbers are given densely, so they say how many there are. It is one statement: at one moment.
    sql.say_to(Engine::Postgres, " + (SELECT count(*) FROM journal WHERE seq IS NULL)");
    sql.say(" FROM feed_state s, feed_head h WHERE s.id = 1");
    sql.named::<Committed>().row(conn)?.ok_or_else(|| crate::Error::internal("there is no state of the feed"))
}

/// Moves the horizon to the last line that is older than `oldest`, at most `STEP` lines at a time; whether there
/// may be more to move. The lines stay, for the journal is the audit too.
///
/// # Errors
/// What the database says.
pub fn move_horizon(conn: &mut Conn, oldest: DateTime<Utc>) -> Result<bool> {
    const STEP: i64 = 10_000;
    let State { horizon, .. } = state(conn)?;
    let mut sql = Sql::new("SELECT max(j.seq) FROM (SELECT seq, at FROM journal WHERE seq > ");
    sql.bind(horizon).say(" AND seq <= ").bind(horizon + STEP).say(") AS j WHERE j.at < ").bind(oldest);
    let Some((Some(reached),)) = sql.row::<(Option<i64>,)>(conn)? else { return Ok(false) };
    Sql::new("UPDATE feed_state SET horizon = ").bind(reached).say(" WHERE id = 1").run(conn)?;
    Ok(reached == horizon + STEP)
}

/// Who reads the feed.
pub struct Reader<'r> {
    /// What it sees.
    pub scope: &'r Scope,
    /// The resources it asked for and may read.
    pub kinds: &'r [&'static Kind],
    /// The highest class of fields it sees.
    pub sight: FieldClass,
}

/// What happened to a record, for one reader.
#[derive(Debug)]
pub enum Event {
    /// It is there, like this: JSON.
    Upsert(Text),
    /// It is deleted.
    Delete,
    /// It is deleted, because it was merged into another record of the same person or thing.
    Merged,
    /// It belongs to somebody else now.
    Leave,
    /// Its data is removed for good, and is to be removed wherever it ever was.
    Erase,
}

/// One line of the feed.
#[derive(Debug)]
pub struct Change {
    /// Position.
    pub seq: i64,
    /// The resource's path.
    pub entity: &'static str,
    /// The record.
    pub id: Uuid,
    /// Its version after the change.
    pub version: i64,
    /// Names of the fields that changed; empty for a creation.
    pub changed_fields: Vec<String>,
    /// Who wrote it.
    pub client: String,
    /// The operation it wrote it with.
    pub op_id: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
    /// What it means to the reader.
    pub event: Event,
}

/// Where a page of the feed leads.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// The position the reader has reached behind the page, which may be beyond the last change.
    pub reached: i64,
    /// Where the feed stood when the page was read.
    pub state: State,
    /// A number that is missing: somebody has meddled with the journal. Nothing behind it is in the page.
    pub hole: Option<i64>,
}

/// A part of a page.
#[derive(Debug)]
pub struct Piece {
    /// The same in all pieces of the page.
    pub head: Head,
    /// What the reader has to know.
    pub changes: Vec<Change>,
    /// Whether it is the last.
    pub last: bool,
}

/// Lines whose records are read at a time, while those before them are on their way to the reader.
const PIECE: usize = 250;

/// A line that may say something to the reader.
struct Told {
    /// The resource, by its place among the reader's.
    kind: usize,
    /// Whether the record lies in its scope after the change. Its event is that it leaves until it is known better.
    inside: bool,
    change: Change,
}

/// Judges lines while they are read, and keeps of them what may say something.
struct Lines<'r> {
    reader: &'r Reader<'r>,
    /// The last line before which none is missing.
    reached: i64,
    /// Whether one is missing behind it.
    broken: bool,
    told: Vec<Told>,
}
impl Visit for Lines<'_> {
    fn row(&mut self, cells: &mut impl Cells) -> deserialize::Result<()> {
        let Reader { scope, kinds, .. } = self.reader;
        let seq: i64 = cells.next()?;
        self.broken |= seq != self.reached + 1;
        if self.broken {
            return Ok(());
        }
        self.reached = seq;
        let place = cells.text(|name| kinds.iter().position(|k| Some(k.path) == name))?;
        let Some((place, kind)) = place.and_then(|n| Some((n, kinds.get(n)?))) else { return Ok(()) };
        let mut within = || -> deserialize::Result<bool> {
            let (division, shared): (Option<DivisionCode>, Option<DivisionCode>) = (cells.next()?, cells.next()?);
            Ok(division.is_some_and(|d| sees(kind.visibility, scope, &d, shared.as_ref())))
        };
        let (before, inside) = (within()?, within()?);
        let erased: bool = cells.next()?;
        if before || inside || erased {
            let change = Change {
                seq,
                entity: kind.path,
                id: cells.next()?,
                version: cells.next()?,
                changed_fields: cells.next()?,
                client: cells.next()?,
                op_id: cells.next()?,
                at: cells.next()?,
                event: if erased { Event::Erase } else { Event::Leave },
            };
            self.told.push(Told { kind: place, inside, change });
        }
        Ok(())
    }
}

/// Gives the lines behind `after`, at most `limit` of the journal, as the reader sees them, piece by piece and at
/// least one, all of one moment, until `give` says that nobody listens.
///
/// # Errors
/// What the database says.
pub fn page(
    conn: &mut Conn,
    reader: &Reader<'_>,
    after: i64,
    limit: i64,
    give: &mut dyn FnMut(Piece) -> bool,
) -> Result<()> {
    conn.at_one_moment(|conn| {
        let state = state(conn)?;
        let mut sql = Sql::new(
            "SELECT seq, entity, division_before, shared_before, division_after, shared_after, op = 'erase', entity_id, version, changed_fields, client, \
             op_id, at FROM journal WHERE seq > ",
        );
        sql.bind(after).say(" AND seq <= ").bind(state.head).say(" ORDER BY seq LIMIT ").bind(limit);
        let told = Vec::with_capacity(usize::try_from(limit.min(state.head - after)).unwrap_or_default());
        let mut lines = Lines { reader, reached: after, broken: false, told };
        sql.each(conn, &mut lines)?;
        let Lines { reached, broken, mut told, .. } = lines;
        // A page that ends before its limit and before the head misses a line just as well.
        let hole = (broken || (reached < state.head && reached - after < limit)).then_some(reached + 1);
        let head = Head { reached, state, hole };
        loop {
            let rest = told.split_off(told.len().min(PIECE));
            let last = rest.is_empty();
            let changes = with_records(conn, reader, std::mem::replace(&mut told, rest))?;
            if !give(Piece { head, changes, last }) || last {
                return Ok(());
            }
        }
    })
}

/// Whether a record ever lay in the reader's scope.
fn ever_inside(conn: &mut Conn, reader: &Reader<'_>, kind: &Kind, id: Uuid) -> Result<bool> {
    let mut sql = Sql::new(
        "SELECT DISTINCT coalesce(division_after, division_before), coalesce(shared_after, shared_before) \
         FROM journal WHERE entity = ",
    );
    type Row = (Option<DivisionCode>, Option<DivisionCode>);
    let all: Vec<Row> = sql.bind(kind.path).say(" AND entity_id = ").bind(id).rows(conn)?;
    let seen = |(division, shared): &Row| {
        division.as_ref().is_some_and(|d| sees(kind.visibility, reader.scope, d, shared.as_ref()))
    };
    Ok(all.iter().any(seen))
}

/// Puts the records beside their lines, and leaves out the lines that say nothing because newer ones do.
fn with_records(conn: &mut Conn, reader: &Reader<'_>, mut told: Vec<Told>) -> Result<Vec<Change>> {
    let mut strange = vec![];
    for t in told.iter().filter(|t| matches!(t.change.event, Event::Erase)) {
        if let Some(kind) = reader.kinds.get(t.kind).filter(|_| !t.inside)
            && !ever_inside(conn, reader, kind, t.change.id)?
        {
            strange.push(t.change.seq);
        }
    }
    told.retain(|t| !strange.contains(&t.change.seq));
    // The records of each resource as they are now, in id order.
    let mut now: Vec<Vec<Item>> = vec![];
    for (place, kind) in reader.kinds.iter().enumerate() {
        let mut ids: Vec<Uuid> = told.iter().filter(|t| t.inside && t.kind == place).map(|t| t.change.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut items = (kind.shown_by_ids)(conn, &ids, reader.sight)?;
        items.sort_by_key(|item| item.meta.id);
        now.push(items);
    }
    told.retain_mut(|Told { kind, inside, change }| {
        if !*inside {
            return true;
        }
        let items = now.get(*kind).map(Vec::as_slice).unwrap_or_default();
        let found = items.binary_search_by_key(&change.id, |item| item.meta.id).ok().and_then(|n| items.get(n));
        // Where the versions differ, a newer line follows, or will as soon as it has its number.
        let Some(item) = found.filter(|item| item.meta.version == change.version) else { return false };
        change.event = match item.meta.deleted_at {
            Some(_) => Event::Delete,
            None => Event::Upsert(item.text.clone()),
        };
        true
    });
    let deleted = told.iter().filter(|t| matches!(t.change.event, Event::Delete)).map(|t| t.change.id);
    let merged = merges::merged(conn, &deleted.collect::<Vec<_>>())?;
    for Told { change, .. } in &mut told {
        if matches!(change.event, Event::Delete) && merged.contains(&change.id) {
            change.event = Event::Merged;
        }
    }
    Ok(told.into_iter().map(|t| t.change).collect())
}

/// What a client's copy of one resource should hold: how many records, and a hash for each of 256 buckets.
#[derive(Debug)]
pub struct Fingerprint {
    /// Records in the scope.
    pub count: i64,
    /// SHA-256 over the lines `id:version\n` of each bucket in id order. A record's bucket is its id's last byte.
    pub buckets: Vec<[u8; 32]>,
}

struct Hashing {
    count: i64,
    buckets: Vec<Sha256>,
}
impl Visit for Hashing {
    fn row(&mut self, cells: &mut impl Cells) -> deserialize::Result<()> {
        let (id, version): (Uuid, i64) = (cells.next()?, cells.next()?);
        let bucket = usize::from(id.as_bytes()[15]);
        if let Some(hash) = self.buckets.get_mut(bucket) {
            hash.update(format!("{id}:{version}\n").as_bytes());
        }
        self.count += 1;
        Ok(())
    }
}

/// The fingerprint of one resource in a scope.
///
/// # Errors
/// What the database says.
pub fn fingerprint(conn: &mut Conn, scope: &Scope, kind: &Kind) -> Result<Fingerprint> {
    let mut hashing = Hashing { count: 0, buckets: vec![Sha256::new(); 256] };
    versions(scope, kind).say(" ORDER BY id").each(conn, &mut hashing)?;
    Ok(Fingerprint {
        count: hashing.count,
        buckets: hashing.buckets.into_iter().map(|h| h.finalize().into()).collect(),
    })
}

/// Id and version of the records of one bucket, in id order.
///
/// # Errors
/// What the database says.
pub fn bucket(conn: &mut Conn, scope: &Scope, kind: &Kind, bucket: u8) -> Result<Vec<(Uuid, i64)>> {
    let mut found: Vec<(Uuid, i64)> = versions(scope, kind).say(" ORDER BY id").rows(conn)?;
    found.retain(|(id, _)| id.as_bytes()[15] == bucket);
    Ok(found)
}

fn versions(scope: &Scope, kind: &Kind) -> Sql<'static> {
    let mut sql = Sql::new("SELECT id, version FROM ");
    sql.say(kind.table).say(" WHERE deleted_at IS NULL");
    crate::select::within(&mut sql, scope, kind.visibility);
    sql
}

/// The resources that travel: all but the users of this system.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    registry::all().iter().filter(|k| k.module != domain::Module::Administration)
}
