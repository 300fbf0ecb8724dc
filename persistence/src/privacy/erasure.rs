//! A person's data is removed for good: the record, all records about the person, and what was kept of them. Systems
//! that synchronise are told to do the same, and it is seen which of them have.
use super::{ABOUT, about_persons};
use crate::conn::Conn;
use crate::erase::erase;
use crate::error::{Error, Result};
use crate::registry::{self, Kind};
use crate::statement::Sql;
use crate::tx::Tx;
use domain::{DateTime, DivisionCode, Problem, Rule, Scope, Utc, Uuid, Violation};

/// The record of a person in a scope, deleted or not: its version and division.
fn standing(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<(i64, DivisionCode)> {
    let sql = "SELECT version, division_code FROM cadres WHERE id = ";
    let found: Option<(i64, DivisionCode)> = Sql::new(sql).bind(id).row(conn)?;
    found.filter(|(_, division)| scope.covers(division)).ok_or(Error::NotFound)
}

/// Removes a person's data; what was removed, as resource and id. The division it belonged to comes first.
///
/// # Errors
/// `NotFound`; `Stale` where `expected` names another version; `Refused(InUse)` while a live record of something
/// else mentions the person.
pub fn erase_person(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: Uuid,
    expected: Option<i64>,
) -> Result<(DivisionCode, Vec<(&'static str, Uuid)>)> {
    tx.begin()?;
    let (version, division) = standing(tx.conn, scope, id)?;
    if expected.is_some_and(|expected| expected != version) {
        return Err(Error::Stale { current: version, fields: vec![] });
    }
    let person = registry::find("cadres").ok_or_else(|| Error::internal("no resource of cadres"))?;
    let mut doomed: Vec<(&'static Kind, Uuid)> = vec![(person, id)];
    for kind in about_persons() {
        doomed.extend(referring(tx.conn, kind, ABOUT, id)?.into_iter().map(|(found, _)| (kind, found)));
    }
    let mentions = mentions(tx.conn, &doomed)?;
    let living = mentions.iter().filter(|(_, _, _, deleted)| !deleted);
    let mut wrong: Vec<Violation> = living
        .map(|(kind, field, ..)| Violation::new("", Rule::MentionedBy).with("resource", kind.path).with("field", field))
        .collect();
    wrong.dedup_by(|a, b| a.args == b.args);
    if !wrong.is_empty() {
        return Err(Error::Refused(Problem::InUse, wrong));
    }
    doomed.extend(mentions.into_iter().map(|(kind, _, id, _)| (kind, id)));
    // What refers to something goes before it.
    let place = |kind: &Kind| registry::all().iter().position(|k| k.path == kind.path);
    doomed.sort_by_key(|(kind, id)| (std::cmp::Reverse(place(kind)), *id));
    doomed.dedup_by_key(|(kind, id)| (kind.path, *id));
    for (kind, id) in &doomed {
        erase(tx, kind, *id)?;
    }
    Ok((division, doomed.into_iter().map(|(kind, id)| (kind.path, id)).collect()))
}

/// The records of a resource that refer to an id through a field, and whether each is deleted.
fn referring(conn: &mut Conn, kind: &Kind, field: &'static str, id: Uuid) -> Result<Vec<(Uuid, bool)>> {
    let mut sql = Sql::new("SELECT id, deleted_at IS NOT NULL FROM ");
    sql.say(kind.table).say(" WHERE ").say(field).say(" = ").bind(id).rows(conn)
}

type Mention = (&'static Kind, &'static str, Uuid, bool);

/// Records of others that refer to what is to go.
fn mentions(conn: &mut Conn, doomed: &[(&'static Kind, Uuid)]) -> Result<Vec<Mention>> {
    let mut found = vec![];
    for kind in registry::all() {
        for (field, expand, to) in &kind.references {
            let holds_one = !expand.is_empty();
            for (_, id) in doomed.iter().filter(|(target, _)| target.path == *to) {
                let rows = match holds_one {
                    true => referring(conn, kind, field, *id)?,
                    false => {
                        let mut sql = Sql::new("SELECT id, deleted_at IS NOT NULL FROM ");
                        sql.say(kind.table).say(" WHERE CAST(").say(field).say(" AS text) LIKE ");
                        sql.bind(format!("%\"{id}\"%")).rows(conn)?
                    }
                };
                let others =
                    rows.into_iter().filter(|(row, _)| !doomed.iter().any(|(k, d)| k.path == kind.path && d == row));
                found.extend(others.map(|(row, deleted)| (kind, *field, row, deleted)));
            }
        }
    }
    Ok(found)
}

/// What became of a person's data.
#[derive(Debug, Clone)]
pub struct Erased {
    /// Position in the feed; absent until it is numbered, a moment after.
    pub seq: Option<i64>,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// Systems that may have had the data, and how far each says it has stored the feed.
    pub clients: Vec<(String, DivisionCode, Option<i64>)>,
}

/// The erasure of a person that a scope could see.
///
/// # Errors
/// `NotFound` where there was none, or it was of another division.
pub fn erasure(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<Erased> {
    let sql =
        "SELECT seq, at, actor, division_before FROM journal WHERE entity = 'cadres' AND op = 'erase' AND entity_id = ";
    type Line = (Option<i64>, DateTime<Utc>, String, Option<DivisionCode>);
    let found: Option<Line> = Sql::new(sql).bind(id).say(" ORDER BY version DESC LIMIT 1").row(conn)?;
    let inside = |division: &Option<DivisionCode>| division.as_ref().is_some_and(|d| scope.covers(d));
    let (seq, at, actor, _) = found.filter(|(.., division)| inside(division)).ok_or(Error::NotFound)?;
    let sql = "SELECT DISTINCT coalesce(division_after, division_before) FROM journal WHERE entity = 'cadres' AND entity_id = ";
    let lain: Vec<(Option<DivisionCode>,)> = Sql::new(sql).bind(id).rows(conn)?;
    let clients: Vec<(String, DivisionCode, Option<i64>)> =
        Sql::new("SELECT client, division_code, acked_seq FROM sync_clients ORDER BY client").rows(conn)?;
    let had = |(_, own, _): &(String, DivisionCode, Option<i64>)| {
        lain.iter().flat_map(|(division,)| division).any(|d| own.contains(d))
    };
    Ok(Erased { seq, at, actor, clients: clients.into_iter().filter(had).collect() })
}
