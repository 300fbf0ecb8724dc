//! Files: which there are, who has uploaded them, and which live records name them. Their content, of which the
//! SHA-256 is the name, is kept beside the database.
//!
//! What a record names stands in `file_references`, written in the statement that writes the record, so that it is
//! true whatever wrote it. Who may fetch a file follows from it: whoever sees the field of a record that names it, and
//! who has uploaded it until they have put it into a record. To name a file is to hand it on, so only who may fetch it
//! may name it.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::registry::{self, Kind};
use crate::rows::FromRow;
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::Tx;
use crate::value::Value;
use domain::policy::{Action, Role};
use domain::{DateTime, FieldClass, Findings, Record, Resource, Rule, Scope, Utc, Uuid};
use std::collections::BTreeSet;

/// A file.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// How long it is.
    pub bytes: i64,
    /// What it is, by its content.
    pub media_type: String,
    /// When it came first.
    pub created_at: DateTime<Utc>,
}
impl FromRow for File {
    fn take(cells: &mut impl crate::rows::Cells) -> diesel::deserialize::Result<Self> {
        let (sha256, bytes, media_type, created_at) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
        Ok(Self { sha256, bytes, media_type, created_at })
    }
}
const COLUMNS: &str = "SELECT sha256, bytes, media_type, created_at FROM files";

/// Somebody who asks for a file.
pub struct Viewer<'v> {
    /// What they see.
    pub scope: &'v Scope,
    /// The account by which they upload.
    pub client: &'v str,
    /// The highest class of fields they are shown.
    pub sight: FieldClass,
    /// Whether they read records of a resource.
    pub reads: &'v dyn Fn(&Kind) -> bool,
}

/// Records looked at in one question.
const PAGE: i64 = 500;

/// The file with this hash, if it is there and this viewer may fetch it.
///
/// # Errors
/// What the database says.
pub fn seen(conn: &mut Conn, viewer: &Viewer<'_>, sha256: &str) -> Result<Option<File>> {
    let mut sql = Sql::new(COLUMNS);
    let file: Option<File> = sql.say(" WHERE doomed_at IS NULL AND sha256 = ").bind(sha256).row(conn)?;
    Ok(if file.is_some() && sees(conn, viewer, sha256)? { file } else { None })
}

fn sees(conn: &mut Conn, viewer: &Viewer<'_>, sha256: &str) -> Result<bool> {
    let mut sql = Sql::new("SELECT at FROM file_uploads WHERE sha256 = ");
    let uploaded: Option<(DateTime<Utc>,)> = sql.bind(sha256).say(" AND client = ").bind(viewer.client).row(conn)?;
    if uploaded.is_some() {
        return Ok(true);
    }
    let mut after = (Uuid::nil(), String::new());
    loop {
        let mut sql = Sql::new("SELECT entity_id, field, entity FROM file_references WHERE sha256 = ");
        sql.bind(sha256).say(" AND (entity_id > ").bind(after.0).say(" OR (entity_id = ").bind(after.0);
        sql.say(" AND field > ").bind(after.1.as_str()).say(")) ORDER BY entity_id, field LIMIT ").bind(PAGE);
        let named: Vec<(Uuid, String, String)> = sql.rows(conn)?;
        let Some(last) = named.last().map(|(id, field, _)| (*id, field.clone())) else { return Ok(false) };
        after = last;
        for kind in registry::all().iter().filter(|k| !k.files.is_empty() && (viewer.reads)(k)) {
            let here =
                named.iter().filter(|(_, field, entity)| entity == kind.path && !kind.hides(field, viewer.sight));
            let ids: Vec<Uuid> = here.map(|(id, ..)| *id).collect();
            if !ids.is_empty() && !(kind.by_ids)(conn, viewer.scope, &ids, FieldClass::Internal)?.is_empty() {
                return Ok(true);
            }
        }
    }
}

/// The files that a record names, each with its field.
fn named<R: Resource>(record: &Record<R>) -> BTreeSet<(&'static str, String)> {
    let mut files = BTreeSet::new();
    if R::FILES.is_empty() || record.meta.deleted_at.is_some() {
        return files;
    }
    let fields = domain::input::to_map(&record.data);
    for field in R::FILES {
        let value = fields.get(*field);
        let texts = value
            .and_then(|v| v.as_array())
            .map_or_else(|| value.into_iter().collect(), |all| all.iter().collect::<Vec<_>>());
        files.extend(texts.into_iter().filter_map(|v| v.as_str()).map(|text| (*field, text.to_owned())));
    }
    files
}

/// Judges the files that a record names anew: they are there, and the writer may fetch them. A county's system hands
/// in a record before its files.
pub(crate) fn check<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    old: Option<&Record<R>>,
    new: &Record<R>,
    found: &mut Findings,
) -> Result<()> {
    let Some(role) = tx.stamp.role.filter(|_| !R::FILES.is_empty()) else { return Ok(()) };
    let before = old.map(named).unwrap_or_default();
    for (field, sha256) in named(new).difference(&before) {
        // Touched, it is not removed as one that nobody names before this is done.
        tx.begin()?;
        let mut sql = Sql::new("UPDATE files SET touched_at = ");
        sql.bind(tx.stamp.now).say(" WHERE doomed_at IS NULL AND sha256 = ").bind(sha256.as_str());
        let there = sql.run(tx.conn)? > 0;
        let reads = |kind: &Kind| role.allows(kind.module, Action::Read);
        let viewer = Viewer { scope, client: &tx.stamp.client, sight: role.sight(), reads: &reads };
        let good = if there { sees(tx.conn, &viewer, sha256)? } else { role == Role::SyncClient };
        if !good {
            found.error(*field, Rule::UnknownFile);
        }
    }
    Ok(())
}

/// What a write of a record changes in the files it names.
#[derive(Default)]
pub(crate) struct Renamed {
    gone: Vec<(&'static str, String)>,
    come: Vec<(&'static str, String)>,
}
impl Renamed {
    pub(crate) fn of<R: Resource>(old: Option<&Record<R>>, new: &Record<R>) -> Self {
        if R::FILES.is_empty() {
            return Self::default();
        }
        let (before, after) = (old.map(named).unwrap_or_default(), named(new));
        Self { gone: before.difference(&after).cloned().collect(), come: after.difference(&before).cloned().collect() }
    }
    /// The statements that go with the record's own.
    pub(crate) fn statements<'s>(
        &'s self,
        entity: &'static str,
        id: Uuid,
        (client, now): (&'s str, DateTime<Utc>),
    ) -> Vec<Sql<'s>> {
        let mut all = vec![];
        if !self.gone.is_empty() {
            let mut sql = Sql::new("DELETE FROM file_references WHERE entity_id = ");
            sql.bind(id).say(" AND (1 = 0");
            for (field, sha256) in &self.gone {
                sql.say(" OR (field = ").bind(*field).say(" AND sha256 = ").bind(sha256.as_str()).say(")");
            }
            sql.say(")").once();
            all.push(sql);
            let mut sql = Sql::new("UPDATE files SET touched_at = ");
            sql.bind(now).say(" WHERE sha256 IN (");
            sql.bind_all(self.gone.iter().map(|(_, sha256)| sha256.as_str().into())).say(")").once();
            all.push(sql);
        }
        if !self.come.is_empty() {
            let mut sql = Sql::new("INSERT INTO file_references (entity_id, field, sha256, entity) VALUES ");
            for (i, (field, sha256)) in self.come.iter().enumerate() {
                let row: [Value<'_>; 4] = [id.into(), (*field).into(), sha256.as_str().into(), entity.into()];
                sql.say(if i > 0 { ", (" } else { "(" }).bind_all(row).say(")");
            }
            sql.say(" ON CONFLICT (entity_id, field, sha256) DO NOTHING").once();
            all.push(sql);
            // From here on the record decides who fetches it. Not before it is written: records of one batch may name
            // the same file.
            let mut sql = Sql::new("DELETE FROM file_uploads WHERE client = ");
            sql.bind(client).say(" AND sha256 IN (");
            sql.bind_all(self.come.iter().map(|(_, sha256)| sha256.as_str().into())).say(")").once();
            all.push(sql);
        }
        all
    }
}

/// A record is removed for good: its files go with the next clearing, unless others name them or somebody has just
/// uploaded them.
pub(crate) fn forget(tx: &mut Tx<'_>, entity: &str, id: Uuid) -> Result<()> {
    let mut sql = Sql::new("UPDATE files SET touched_at = ");
    sql.bind(DateTime::<Utc>::UNIX_EPOCH).say(" WHERE NOT EXISTS (SELECT 1 FROM file_uploads AS u WHERE u.sha256 = ");
    sql.say("files.sha256) AND sha256 IN (SELECT sha256 FROM file_references WHERE entity_id = ").bind(id);
    sql.say(" AND entity = ").bind(entity).say(")").run(tx.conn)?;
    let mut sql = Sql::new("DELETE FROM file_references WHERE entity_id = ");
    sql.bind(id).say(" AND entity = ").bind(entity).run(tx.conn).map(drop)
}

/// Notes that the writer has uploaded a file, whose content is in its place. Whether it is one that was not there.
///
/// # Errors
/// `Unavailable` while the file is being removed.
pub fn keep(tx: &mut Tx<'_>, sha256: &str, bytes: i64, media_type: &str) -> Result<bool> {
    tx.begin()?;
    let now = tx.stamp.now;
    let row: [Value<'_>; 5] = [sha256.into(), bytes.into(), media_type.into(), now.into(), now.into()];
    const ADD: &str = "INSERT INTO files (sha256, bytes, media_type, created_at, touched_at) VALUES ";
    let added = Sql::with_row(ADD, row).say(" ON CONFLICT (sha256) DO NOTHING").run(tx.conn)? > 0;
    let mut touch = Sql::new("UPDATE files SET touched_at = ");
    touch.bind(now).say(" WHERE doomed_at IS NULL AND sha256 = ").bind(sha256);
    if touch.run(tx.conn)? == 0 {
        return Err(Error::Unavailable("the file is being removed".into()));
    }
    let row: [Value<'_>; 3] = [sha256.into(), tx.stamp.client.as_str().into(), now.into()];
    let mut upload = Sql::with_row("INSERT INTO file_uploads (sha256, client, at) VALUES ", row);
    upload.say(" ON CONFLICT (sha256, client) DO UPDATE SET at = excluded.at").run(tx.conn)?;
    Ok(added)
}

/// ` WHERE …`: since before this instant no record has named the file, and nobody has uploaded it.
fn idle(sql: &mut Sql<'_>, before: DateTime<Utc>) {
    sql.say(" WHERE touched_at < ").bind(before);
    sql.say(" AND NOT EXISTS (SELECT 1 FROM file_references AS r WHERE r.sha256 = files.sha256)");
}

/// The files that [`doom`] would begin to remove, and those whose removal was begun.
///
/// # Errors
/// What the database says.
pub fn removable(conn: &mut Conn, before: DateTime<Utc>) -> Result<Vec<File>> {
    let mut sql = Sql::new(COLUMNS);
    idle(&mut sql, before);
    sql.say(" OR doomed_at IS NOT NULL ORDER BY sha256").rows(conn)
}

/// Begins to remove what nobody has named since before this instant: it is gone for everybody, and its content may be
/// removed. Answers what is in this state, at most so many.
///
/// # Errors
/// What the database says.
pub fn doom(tx: &mut Tx<'_>, before: DateTime<Utc>, at_most: i64) -> Result<Vec<File>> {
    tx.begin()?;
    Sql::new("DELETE FROM file_uploads WHERE at < ").bind(before).run(tx.conn)?;
    let mut sql = Sql::new("UPDATE files SET doomed_at = ");
    sql.bind(tx.stamp.now);
    idle(&mut sql, before);
    sql.say(" AND doomed_at IS NULL").run(tx.conn)?;
    let mut sql = Sql::new(COLUMNS);
    sql.say(" WHERE doomed_at IS NOT NULL ORDER BY sha256 LIMIT ").bind(at_most).rows(tx.conn)
}

/// Forgets files whose content is removed.
///
/// # Errors
/// What the database says.
pub fn remove(tx: &mut Tx<'_>, files: &[File]) -> Result<()> {
    tx.begin()?;
    for file in files {
        let sha256 = file.sha256.as_str();
        Sql::new("DELETE FROM file_uploads WHERE sha256 = ").bind(sha256).run(tx.conn)?;
        Sql::new("DELETE FROM files WHERE doomed_at IS NOT NULL AND sha256 = ").bind(sha256).run(tx.conn)?;
    }
    Ok(())
}

/// The next files by their hashes, so many.
///
/// # Errors
/// What the database says.
pub fn after(conn: &mut Conn, sha256: &str, at_most: i64) -> Result<Vec<File>> {
    let mut sql = Sql::new(COLUMNS);
    sql.say(" WHERE doomed_at IS NULL AND sha256 > ").bind(sha256);
    sql.say(" ORDER BY sha256 LIMIT ").bind(at_most).rows(conn)
}

/// Whether a file is known by this hash, be it one that is being removed.
///
/// # Errors
/// What the database says.
pub fn known(conn: &mut Conn, sha256: &str) -> Result<bool> {
    let found: Option<(i64,)> = Sql::new("SELECT bytes FROM files WHERE sha256 = ").bind(sha256).row(conn)?;
    Ok(found.is_some())
}

/// How many files there are, and how long they are together.
///
/// # Errors
/// What the database says.
pub fn total(conn: &mut Conn) -> Result<(i64, i64)> {
    let sql = Sql::new("SELECT count(*), CAST(coalesce(sum(bytes), 0) AS bigint) FROM files WHERE doomed_at IS NULL");
    Ok(sql.row(conn)?.unwrap_or_default())
}
