//! Reports that somebody froze: what they said, which records their figures were made of, and what has become of
//! these records since.
use super::source::Source;
use super::{Asked, kind};
use crate::conn::Conn;
use crate::error::Result;
use crate::rows::{Cells, FromRow};
use crate::select::within;
use crate::statement::Sql;
use crate::tx::Tx;
use diesel::deserialize;
use domain::reports::selection::Selection;
use domain::reports::{self, Figure};
use domain::{DateTime, DivisionCode, NaiveDate, Scope, Utc, Uuid, Visibility};

/// A frozen report without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its id.
    pub id: Uuid,
    /// The division.
    pub division_code: DivisionCode,
    /// The year.
    pub year: i32,
    /// The day as of which it was asked.
    pub as_of: NaiveDate,
    /// What was said about it.
    pub note: Option<String>,
    /// Who froze it.
    pub frozen_by: String,
    /// When.
    pub frozen_at: DateTime<Utc>,
}
impl FromRow for Snapshot {
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
        Ok(Self {
            id: cells.next()?,
            division_code: cells.next()?,
            year: cells.next()?,
            as_of: cells.next()?,
            note: cells.next()?,
            frozen_by: cells.next()?,
            frozen_at: cells.next()?,
        })
    }
}

const COLUMNS: &str = "id, division_code, year, as_of, note, frozen_by, frozen_at";

/// Keeps a report and the records that each of its figures is made of.
///
/// # Errors
/// What the database says.
pub fn freeze(tx: &mut Tx<'_>, asked: &Asked, snapshot: &Snapshot, report: &str) -> Result<()> {
    tx.begin()?;
    let row = [
        snapshot.id.into(),
        snapshot.division_code.as_str().into(),
        snapshot.year.into(),
        snapshot.as_of.into(),
        snapshot.note.as_deref().into(),
        report.into(),
        snapshot.frozen_by.as_str().into(),
        snapshot.frozen_at.into(),
    ];
    const INSERT: &str =
        "INSERT INTO report_snapshots (id, division_code, year, as_of, note, report, frozen_by, frozen_at) VALUES ";
    Sql::with_row(INSERT, row).run(tx.conn)?;
    for (figure, selection) in made_of_records() {
        let source = Source::of(tx.conn, asked, selection)?;
        let mut sql =
            Sql::new("INSERT INTO report_snapshot_rows (snapshot_id, figure_id, entity_id, version) SELECT CAST(");
        // The type of a value is not known in a list of results.
        sql.bind(snapshot.id).say_to(crate::conn::Engine::Postgres, " AS uuid)");
        sql.say_to(crate::conn::Engine::Sqlite, " AS BLOB)")
            .say(", CAST(")
            .bind(figure.id)
            .say(" AS text), id, version");
        source.say(&mut sql)?;
        sql.once().run(tx.conn)?;
    }
    Ok(())
}

fn made_of_records() -> impl Iterator<Item = (&'static Figure, &'static Selection)> {
    reports::all().into_iter().filter_map(|figure| Some((figure, figure.measure.selection()?)))
}

/// The frozen reports that a scope sees, the latest first, those before a position.
///
/// # Errors
/// What the database says.
pub fn list(conn: &mut Conn, scope: &Scope, before: Option<Uuid>, limit: i64) -> Result<Vec<Snapshot>> {
    let mut sql = Sql::new("SELECT ");
    sql.say(COLUMNS).say(" FROM report_snapshots WHERE 1 = 1");
    within(&mut sql, scope, Visibility::Scoped);
    if let Some(before) = before {
        sql.say(" AND id < ").bind(before);
    }
    sql.say(" ORDER BY id DESC LIMIT ").bind(limit).once().rows(conn)
}

/// A frozen report and its text, if the scope sees it.
///
/// # Errors
/// What the database says.
pub fn get(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<Option<(Snapshot, String)>> {
    let mut sql = Sql::new("SELECT ");
    sql.say(COLUMNS).say(" FROM report_snapshots WHERE id = ").bind(id);
    within(&mut sql, scope, Visibility::Scoped);
    let Some(snapshot) = sql.once().row::<Snapshot>(conn)? else { return Ok(None) };
    let mut sql = Sql::new("SELECT report FROM report_snapshots WHERE id = ");
    let text: Option<(String,)> = sql.bind(id).row(conn)?;
    Ok(text.map(|(text,)| (snapshot, text)))
}

/// What has become of the records of a figure since it was frozen, so many of each at most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Since {
    /// Those that count now and did not.
    pub added: Vec<Uuid>,
    /// Those that counted and do no longer.
    pub gone: Vec<Uuid>,
    /// Those that count as before and were changed.
    pub changed: Vec<Uuid>,
}

/// Compares the records of a figure with those it was made of.
///
/// # Errors
/// What the database says.
pub fn since(conn: &mut Conn, asked: &Asked, snapshot: Uuid, figure: &Figure, most: i64) -> Result<Since> {
    let Some(selection) = figure.measure.selection() else { return Ok(Since::default()) };
    let source = Source::of(conn, asked, selection)?;
    let then = |sql: &mut Sql<'_>| {
        sql.say("SELECT entity_id AS id, version FROM report_snapshot_rows WHERE snapshot_id = ").bind(snapshot);
        sql.say(" AND figure_id = ").bind(figure.id.to_owned());
    };
    let ids = |conn: &mut Conn, mut sql: Sql<'_>| -> Result<Vec<Uuid>> {
        sql.say(" ORDER BY 1 LIMIT ").bind(most).once();
        Ok(sql.rows::<(Uuid,)>(conn)?.into_iter().map(|(id,)| id).collect())
    };
    let mut both = |order: [bool; 2], join: &'static str| -> Result<Vec<Uuid>> {
        let mut sql = Sql::new("SELECT a.id FROM (");
        for (i, now) in order.into_iter().enumerate() {
            if i > 0 {
                sql.say(") AS a ").say(join).say(" (");
            }
            if now {
                sql.say("SELECT id, version");
                source.say(&mut sql)?;
            } else {
                then(&mut sql);
            }
        }
        sql.say(") AS b ON a.id = b.id");
        sql.say(if join == "JOIN" { " WHERE a.version <> b.version" } else { " WHERE b.id IS NULL" });
        ids(conn, sql)
    };
    Ok(Since {
        added: both([true, false], "LEFT JOIN")?,
        gone: both([false, true], "LEFT JOIN")?,
        changed: both([true, false], "JOIN")?,
    })
}

/// What the journal tells of a record since an instant: what happened, which fields, by whom, when.
pub type Told = (String, Vec<String>, String, DateTime<Utc>);

/// The lines of the journal about a record since an instant, the earliest first, at most 20.
///
/// # Errors
/// What the database says.
pub fn told(conn: &mut Conn, path: &'static str, id: Uuid, since: DateTime<Utc>) -> Result<Vec<Told>> {
    let path = kind(path)?.path;
    let mut sql = Sql::new("SELECT op, changed_fields, actor, at FROM journal WHERE entity_id = ");
    sql.bind(id).say(" AND entity = ").bind(path).say(" AND at >= ").bind(since);
    sql.say(" ORDER BY version LIMIT 20").rows(conn)
}
