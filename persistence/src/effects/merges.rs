//! Two records of one person become one: what refers to the one refers to the other then, and who asks for the
//! one's id is led there.
use super::held;
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::references;
use crate::registry;
use crate::statement::Sql;
use crate::steps;
use crate::store::Store;
use crate::tx::Tx;
use crate::write;
use domain::cadres::Cadre;
use domain::codes::CadreStatus;
use domain::input::to_map;
use domain::{Findings, Problem, Record, Resource, Rule, Scope, Uuid, Violation, Written};
use serde_json::Value as Json;

/// Fields that are not taken over: they belong to the state of the record they stand in.
const OF_THE_STATE: &[&str] = &["died_on", "void_reason"];

/// Merges the cadre `id` into `into`, which takes over what it lacks. Asked for again, it answers the same.
///
/// # Errors
/// `NotFound` where either cannot be seen; `Refused(Forbidden)` where either cannot be changed; `Invalid` where they
/// cannot be one person; the clash of what both have and a person has once.
pub fn merge(tx: &mut Tx<'_>, scope: &Scope, id: Uuid, into: Uuid) -> Result<Written<Cadre>> {
    tx.serialize("merge:cadres")?;
    let kept = Cadre::get(tx.conn, scope, into)?.ok_or(Error::NotFound)?;
    if alias(tx.conn, Cadre::PATH, id)? == Some(into) {
        return Ok(Written { record: kept, warnings: vec![] });
    }
    let gone = Cadre::get(tx.conn, scope, id)?.ok_or(Error::NotFound)?;
    write::writable(scope, &kept)?;
    write::writable(scope, &gone)?;
    let (Some(kept), Some(gone)) = (held::<Cadre>(tx, kept.meta.id)?, held::<Cadre>(tx, gone.meta.id)?) else {
        return Err(Error::NotFound);
    };
    let mut found = Findings::default();
    found.require(id != into, "into", Rule::SameRecord);
    let dead = |r: &Record<Cadre>| r.data.status == CadreStatus::Deceased;
    if gone.data.status == CadreStatus::TransferPending || (dead(&gone) && !dead(&kept)) {
        // The transfer is settled first, and the death is recorded where it belongs.
        found.push(Violation::new("", Rule::CadreState).with("state", gone.data.status));
    }
    let filled = filled(&kept, &gone, &mut found)?;
    if !found.errors.is_empty() {
        return Err(Error::Invalid(found));
    }
    let at = tx.stamp.now;
    let moves: Vec<_> = registry::all().iter().map(|kind| kind.repoint).collect();
    moves.into_iter().try_for_each(|repoint| repoint(tx, id, into))?;
    // First it is gone: a number is registered once.
    steps::follow(tx, &gone, |r| r.meta.deleted_at = Some(at))?;
    let record = steps::follow(tx, &kept, |r| r.data = filled)?;
    let mut sql = Sql::new("UPDATE aliases SET into_id = ");
    sql.bind(into).say(" WHERE into_id = ").bind(id).run(tx.conn)?;
    let row = [Cadre::PATH.into(), id.into(), into.into(), at.into()];
    Sql::with_row("INSERT INTO aliases (entity, id, into_id, at) VALUES ", row).run(tx.conn)?;
    Ok(Written { record, warnings: found.warnings })
}

/// The record that stays, with what it lacks and the other one has.
fn filled(kept: &Record<Cadre>, gone: &Record<Cadre>, found: &mut Findings) -> Result<Cadre> {
    let mut fields = to_map(&kept.data);
    for (name, value) in to_map(&gone.data) {
        let empty = fields.get(&name).is_none_or(|v| v.as_array().is_some_and(Vec::is_empty));
        if empty && !OF_THE_STATE.contains(&name.as_str()) {
            fields.insert(name, value);
        }
    }
    let mut data: Cadre = serde_json::from_value(Json::Object(fields)).map_err(Error::internal)?;
    data.check(found);
    Ok(data)
}

/// Lets the records of a resource that refer to one cadre refer to another, by a field or in a list.
pub(crate) fn repoint<R: Store>(tx: &mut Tx<'_>, from: Uuid, to: Uuid) -> Result<()> {
    for reference in R::REFERENCES.iter().filter(|r| r.to == Cadre::PATH) {
        for record in references::holding::<R>(tx.conn, reference, from)? {
            let mut fields = to_map(&record.data);
            if let Some(value) = fields.get_mut(reference.field) {
                replace(value, &from.to_string(), &to.to_string());
            }
            let data: R = serde_json::from_value(Json::Object(fields)).map_err(Error::internal)?;
            steps::follow(tx, &record, |r| r.data = data)?;
        }
    }
    Ok(())
}

/// Puts an id in the place of another; a list has it once then.
fn replace(value: &mut Json, from: &str, to: &str) {
    if let Json::Array(ids) = value {
        let known = ids.iter().any(|id| id == to);
        ids.retain(|id| !known || id != from);
        ids.iter_mut().for_each(|id| replace(id, from, to));
    } else if value == from {
        *value = Json::String(to.to_owned());
    }
}

/// The record that another one was merged into.
///
/// # Errors
/// What the database says.
pub fn alias(conn: &mut Conn, entity: &'static str, id: Uuid) -> Result<Option<Uuid>> {
    let mut sql = Sql::new("SELECT into_id FROM aliases WHERE entity = ");
    let found: Option<(Uuid,)> = sql.bind(entity).say(" AND id = ").bind(id).row(conn)?;
    Ok(found.map(|(into,)| into))
}

/// Those of the records that were merged into others.
///
/// # Errors
/// What the database says.
pub(crate) fn merged(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let mut sql = Sql::new("SELECT id FROM aliases WHERE id IN (");
    sql.bind_all(ids.iter().map(|id| (*id).into())).say(")").once();
    Ok(sql.rows::<(Uuid,)>(conn)?.into_iter().map(|(id,)| id).collect())
}

/// Why a merge is refused where what both records have is there once.
pub fn clash(error: Error) -> Error {
    match error {
        Error::Refused(
            problem @ (Problem::AlreadyExists | Problem::MedalExists | Problem::DuplicatePerson),
            mut why,
        ) => {
            why.push(Violation::new("into", Rule::MergeClash));
            Error::Refused(problem, why)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::replace;
    use serde_json::json;

    #[test]
    fn an_id_is_replaced_wherever_it_stands_and_never_twice() {
        for (mut value, expected) in [
            (json!("a"), json!("b")),
            (json!("c"), json!("c")),
            (json!(["c", "a"]), json!(["c", "b"])),
            (json!(["b", "a", "c"]), json!(["b", "c"])),
            (json!([]), json!([])),
        ] {
            replace(&mut value, "a", "b");
            assert_eq!(value, expected);
        }
    }
}
