//! The statements that read records: by id, and a page in order. Every one bounded by a scope.
use crate::belonging::belonging;
use crate::conn::Engine;
use crate::error::{Error, Result};
use crate::query::{Op, Query, division_range};
use crate::registry::Kind;
use crate::sealed::Keyring;
use crate::statement::Sql;
use crate::store::{COMMON_SORTS, Store};
use crate::value::{Column, Value};
use domain::{DateTime, DivisionCode, Problem, Record, Resource, Rule, Scope, Utc, Uuid, Violation, Visibility};

/// `SELECT … WHERE id = ?`, for a scope. Divisions are compared behind it, in [`visible`]: the row is there anyway.
pub(crate) fn by_id<'a, R: Store>(mut sql: Sql<'a>, scope: &Scope, id: Uuid) -> Sql<'a> {
    sql.say(" FROM ").say(R::TABLE).say(" WHERE deleted_at IS NULL AND id = ").bind(id);
    belonging(&mut sql, scope, R::PATH);
    sql
}

/// The statement of one page and one row more.
pub(crate) fn page(
    mut sql: Sql<'static>,
    kind: &Kind,
    scope: &Scope,
    query: &Query,
    keys: &Keyring,
) -> Result<Sql<'static>> {
    sql.say(" FROM ").say(kind.table);
    filtered(&mut sql, kind, scope, query, keys)?;
    ordered(&mut sql, kind, query)?;
    sql.say(" LIMIT ").bind(query.limit + 1);
    Ok(sql)
}

/// Whether a scope may see a record.
pub fn visible<R: Resource>(record: &Record<R>, scope: &Scope) -> bool {
    sees(R::VISIBILITY, scope, &record.meta.division_code, record.data.shared_with())
}

/// Whether a scope sees what belongs to a division and is shared with another one.
pub(crate) fn sees(
    visibility: Visibility,
    scope: &Scope,
    division: &DivisionCode,
    shared: Option<&DivisionCode>,
) -> bool {
    match visibility {
        Visibility::Everyone => true,
        Visibility::Inherited => scope.covers(division) || scope.division().is_some_and(|d| division.contains(d)),
        Visibility::Shared(_) => scope.covers(division) || shared.is_some_and(|d| scope.covers(d)),
        Visibility::Scoped => scope.covers(division),
    }
}

/// The same as a condition.
pub(crate) fn within(sql: &mut Sql<'_>, scope: &Scope, visibility: Visibility) {
    if visibility == Visibility::Everyone || *scope == Scope::System {
        return;
    }
    let Some(division) = scope.division() else {
        sql.say(" AND 1 = 0");
        return;
    };
    sql.say(" AND (");
    inside(sql, "division_code", division);
    if let Visibility::Shared(column) = visibility {
        sql.say(" OR (");
        inside(sql, column, division);
        sql.say(")");
    }
    if visibility == Visibility::Inherited {
        let chain = division.chain().into_iter().map(|code| Value::Text(Some(code.into())));
        sql.say(" OR division_code IN (").bind_all(chain).say(")");
    }
    sql.say(")");
}

/// The `WHERE` of a list: live, visible in the scope, and as the query asks.
pub(crate) fn filtered(sql: &mut Sql<'_>, kind: &Kind, scope: &Scope, query: &Query, keys: &Keyring) -> Result<()> {
    sql.say(" WHERE deleted_at IS NULL");
    within(sql, scope, kind.visibility);
    belonging(sql, scope, kind.path);
    let mut shapes = 0;
    for condition in &query.conditions {
        let field = condition.field.as_str();
        let text = || Ok(vec![(Op::Eq, Value::Text(Some(condition.value.clone().into())))]);
        let (column, asked) = match field {
            "division_code" => {
                sql.say(" AND ");
                inside(sql, "division_code", &condition.value()?);
                continue;
            }
            "external_system" => ("external_system", text()),
            "external_id" => ("external_id", text()),
            "created_at" => ("created_at", DateTime::<Utc>::asked(condition)),
            "updated_at" => ("updated_at", DateTime::<Utc>::asked(condition)),
            _ => match kind.filters.iter().find(|(name, _)| *name == field) {
                Some((name, _)) => (column(kind, name), (kind.asked)(condition, keys)),
                None => {
                    let refused = condition.refused(Rule::UnknownFilter);
                    return Err(Error::Refused(Problem::InvalidParameter, vec![refused]));
                }
            },
        };
        for (op, value) in asked? {
            sql.say(" AND ").say(column).say(op.sql()).bind(value);
        }
        shapes += 1;
    }
    if let Some(text) = &query.q {
        crate::search::found(sql, kind, scope, query.sight, text);
        shapes += 1;
    }
    // The number of shapes that clients can make by combining must not become memory of every connection.
    if shapes > 1 {
        sql.once();
    }
    Ok(())
}

/// The column that a condition on a field asks: that of its blind index, where the field is sealed.
fn column(kind: &Kind, field: &'static str) -> &'static str {
    kind.classes.iter().find(|c| c.field == field).and_then(|c| c.index).unwrap_or(field)
}

/// In a division or below it. On SQLite `+` keeps the column's index out: without statistics SQLite takes a
/// range for selective and then sorts thousands of rows for one page, where walking the order and testing
/// each row finds the page after a few hundred.
pub(crate) fn inside(sql: &mut Sql<'_>, column: &'static str, division: &DivisionCode) {
    let (from, to) = division_range(division);
    sql.say_to(Engine::Sqlite, "+").say(column).say(" >= ").bind(Value::Text(Some(from.into())));
    sql.say(" AND ").say_to(Engine::Sqlite, "+").say(column).say(" < ").bind(Value::Text(Some(to.into())));
}

/// The `ORDER BY` of a list, and where the page begins. The bound on the sort key alone lets an index seek.
fn ordered(sql: &mut Sql<'_>, kind: &Kind, query: &Query) -> Result<()> {
    let (key, descending) = (query.sort.key.as_str(), query.sort.descending);
    let (beyond, to, order) = if descending { (" < ", " <= ", " DESC") } else { (" > ", " >= ", "") };
    let known = COMMON_SORTS.iter().chain(kind.sorts).find(|k| **k == key);
    let unknown = || Error::Refused(Problem::InvalidParameter, vec![Violation::new("/sort", Rule::UnknownSort)]);
    let column: &'static str = known.copied().ok_or_else(unknown)?;
    if let Some(after) = &query.after {
        let id = || Value::Uid(Some(after.id));
        let value = match column {
            "id" => None,
            "created_at" | "updated_at" => Some(Value::At(Some(after.value()?))),
            own => Some((kind.sorted_after)(own, after)?),
        };
        match value {
            None => sql.say(" AND id").say(beyond).bind(id()),
            Some(value) => {
                sql.say(" AND ")
                    .say(column)
                    .say(to)
                    .bind(value.clone())
                    .say(" AND (")
                    .say(column)
                    .say(beyond)
                    .bind(value);
                sql.say(" OR id").say(beyond).bind(id()).say(")")
            }
        };
    }
    sql.say(" ORDER BY ");
    if column != "id" {
        sql.say(column).say(order).say(", ");
        if !query.conditions.is_empty() {
            sql.once();
        }
    }
    sql.say("id").say(order);
    Ok(())
}
