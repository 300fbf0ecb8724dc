//! What the cells of a row say: values of fields, and the records and divisions that they name.
use super::{Bounds, Known, Row};
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::push::by_external;
use crate::query::{Condition, Op, Query};
use crate::registry::{self, Kind};
use crate::select::within;
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::Tx;
use domain::exchange::{Plan, Shape, Target, read};
use domain::input::to_map;
use domain::policy::Action;
use domain::resource::ExternalRef;
use domain::{DivisionCode, Findings, Rule, Scope, Uuid, Violation};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::PoisonError;

/// References that are remembered at most.
const REMEMBERED: usize = 50_000;

/// A row that can be read.
pub(super) struct Read {
    pub(super) fields: Map<String, Value>,
    pub(super) external: Option<ExternalRef>,
}

/// The fields that a row gives, with ids and codes in the place of what it names; where that fails, with what else
/// `judge` finds wrong with them.
pub(super) fn row_of(
    tx: &mut Tx<'_>,
    bounds: &Bounds<'_>,
    plan: &Plan,
    row: &Row,
    judge: fn(&Map<String, Value>) -> Findings,
) -> Result<Read> {
    let mut found = Findings::default();
    let mut fields = Map::new();
    let (mut system, mut external) = (None, None);
    let columns = || plan.columns.iter().zip(&row.cells).filter_map(|(c, cell)| c.as_ref().map(|c| (c, cell)));
    // First where the row belongs and where it comes from: what it names is looked for there.
    for (column, cell) in columns().filter(|(c, _)| !matches!(c.target, Target::Field(_))) {
        let value = match read(cell, &column.shape) {
            Ok(Some(value)) => value.as_str().unwrap_or_default().to_owned(),
            Ok(None) => continue,
            Err(rule) => {
                found.error(column.name(), rule);
                continue;
            }
        };
        if unclean(&value) {
            found.error(column.name(), Rule::ControlCharacter);
            continue;
        }
        match column.target {
            Target::System => system = Some(value),
            Target::External => external = Some(value),
            Target::Division => match division(tx, bounds, &value)? {
                Ok(code) => drop(fields.insert("division_code".into(), code.into())),
                Err(rule) => found.error("division_code", rule),
            },
            _ => drop(fields.insert(column.name().to_owned(), value.into())),
        }
    }
    if external.is_some() && system.is_none() {
        system = bounds.system.map(str::to_owned);
    }
    let own = fields.get("division_code").and_then(Value::as_str).and_then(DivisionCode::parse);
    let place = Place {
        division: own.unwrap_or_else(|| bounds.home.clone()),
        system: system.clone().or_else(|| bounds.system.map(str::to_owned)),
    };
    for (column, cell) in columns().filter(|(c, _)| matches!(c.target, Target::Field(_))) {
        match read(cell, &column.shape) {
            Ok(Some(value)) => match resolved(tx, bounds, &place, value, &column.shape)? {
                Ok(value) => drop(fields.insert(column.name().to_owned(), value)),
                Err(rule) => found.error(column.name(), rule),
            },
            Ok(None) => {}
            Err(rule) => found.error(column.name(), rule),
        }
    }
    if found.errors.is_empty() {
        let external = match (system, external) {
            (Some(system), Some(id)) => Some(ExternalRef { system, id }),
            (None, Some(_)) => return Err(Error::invalid(Violation::new("external_system", Rule::Required))),
            _ => None,
        };
        return Ok(Read { fields, external });
    }
    // What else is wrong with the row is told at once.
    let known: HashSet<String> = found.errors.iter().map(|v| v.pointer.clone()).collect();
    found.errors.extend(judge(&fields).errors.into_iter().filter(|v| !known.contains(&v.pointer)));
    Err(Error::Invalid(found))
}

/// Where what a row names is looked for.
struct Place {
    division: DivisionCode,
    system: Option<String>,
}

fn resolved(
    tx: &mut Tx<'_>,
    bounds: &Bounds<'_>,
    place: &Place,
    value: Value,
    shape: &Shape,
) -> Result<std::result::Result<Value, Rule>> {
    match (shape, value) {
        (Shape::Division, Value::String(text)) => Ok(division(tx, bounds, &text)?.map(Value::String)),
        (Shape::Record(path), Value::String(text)) => {
            let kind = registry::find(path).ok_or_else(|| Error::internal("a reference to nothing"))?;
            Ok(record(tx, bounds, place, kind, &text)?.map(|id| id.to_string().into()))
        }
        (Shape::List(one), Value::Array(items)) => {
            let mut all = vec![];
            for item in items {
                match resolved(tx, bounds, place, item, one)? {
                    Ok(item) => all.push(item),
                    Err(rule) => return Ok(Err(rule)),
                }
            }
            Ok(Ok(Value::Array(all)))
        }
        (_, value) => Ok(Ok(value)),
    }
}

/// What is in no text that is stored, and must not be asked for: PostgreSQL ends the transaction over a NUL.
fn unclean(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// The code of a division that is given by its code or its name.
fn division(tx: &mut Tx<'_>, bounds: &Bounds<'_>, text: &str) -> Result<std::result::Result<String, Rule>> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(Ok(text.to_owned()));
    }
    if unclean(text) {
        return Ok(Err(Rule::UnknownDivision));
    }
    let mut sql = Sql::new("SELECT code FROM divisions WHERE deleted_at IS NULL AND name = ");
    let found: Vec<(String,)> = sql.bind(text).say(" ORDER BY code LIMIT 50").rows(tx.conn)?;
    // The same name may be a town's in several counties: that of the row's own county is meant.
    let here = |code: &&(String,)| DivisionCode::parse(&code.0).is_some_and(|c| bounds.scope.covers(&c));
    let near: Vec<&(String,)> = found.iter().filter(here).collect();
    Ok(match (near.as_slice(), found.as_slice()) {
        ([(code,)], _) => Ok(code.clone()),
        ([], [(code,)]) => Ok(code.clone()),
        ([], []) => Err(Rule::UnknownDivision),
        _ => Err(Rule::AmbiguousReference),
    })
}

/// The record that is given by its id, its id in another system, a value that only one has, or its name.
fn record(
    tx: &mut Tx<'_>,
    bounds: &Bounds<'_>,
    place: &Place,
    kind: &'static Kind,
    text: &str,
) -> Result<std::result::Result<Uuid, Rule>> {
    if let Ok(id) = text.parse() {
        return Ok(Ok(id));
    }
    if unclean(text) {
        return Ok(Err(Rule::UnknownReference));
    }
    let key = (kind.path, place.division.to_string(), text.to_owned());
    let known = |known: &Known| known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
    if let Some(id) = known(&bounds.known) {
        return Ok(Ok(id));
    }
    let mut found = vec![];
    if let Some(system) = &place.system {
        found.extend(by_external(tx, kind, &ExternalRef { system: system.clone(), id: text.to_owned() })?);
    }
    for field in kind.keys {
        if !found.is_empty() {
            break;
        }
        // Who registers persons by their numbers may name them so; to others a number that is hidden leads nowhere.
        if kind.hides(field, bounds.sight) && !(bounds.may)(kind, Action::Create) {
            continue;
        }
        found = (kind.named)(tx.conn, bounds.scope, field, text, None)?;
    }
    for field in kind.names {
        if !found.is_empty() || kind.hides(field, bounds.sight) {
            continue;
        }
        found = (kind.named)(tx.conn, bounds.scope, field, text, Some(&place.division))?;
        if found.is_empty() {
            found = (kind.named)(tx.conn, bounds.scope, field, text, None)?;
        }
    }
    match found.as_slice() {
        [id] => {
            let mut known = bounds.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= REMEMBERED {
                known.clear();
            }
            known.insert(key, *id);
            Ok(Ok(*id))
        }
        [] => Ok(Err(Rule::UnknownReference)),
        _ => Ok(Err(Rule::AmbiguousReference)),
    }
}

/// The records, two at most, that have a value in a field and that a scope sees.
pub(crate) fn named<R: Store>(
    conn: &mut Conn,
    scope: &Scope,
    field: &'static str,
    text: &str,
    division: Option<&DivisionCode>,
) -> Result<Vec<Uuid>> {
    let Some(value) = normal::<R>(field, text) else { return Ok(vec![]) };
    let place = R::FIELDS.iter().position(|name| *name == field);
    if let Some(index) = place.and_then(|n| R::INDEXES.get(n).copied().flatten()) {
        let json = serde_json::to_vec(&value).map_err(Error::internal)?;
        let hash = conn.keys().index(R::PATH, field, &json)?;
        let mut sql = Sql::new("SELECT id FROM ");
        sql.say(R::TABLE).say(" WHERE deleted_at IS NULL AND ").say(index).say(" = ").bind(hash);
        within(&mut sql, scope, R::VISIBILITY);
        crate::belonging::belonging(&mut sql, scope, R::PATH);
        return Ok(sql.say(" LIMIT 2").rows::<(Uuid,)>(conn)?.into_iter().map(|(id,)| id).collect());
    }
    let mut query = Query::by(field, value, 2);
    if let Some(division) = division {
        let condition = Condition { field: "division_code".into(), op: Op::Eq, value: division.to_string() };
        query.conditions.push(condition);
    }
    Ok(R::list(conn, scope, &query)?.items.iter().map(|record| record.meta.id).collect())
}

/// A value in the form in which the resource keeps it.
fn normal<R: Store>(field: &str, text: &str) -> Option<String> {
    let mut fields = to_map(&R::example());
    fields.insert(field.to_owned(), text.into());
    let mut record: R = serde_json::from_value(Value::Object(fields)).ok()?;
    record.check(&mut Findings::default());
    to_map(&record).get(field)?.as_str().map(str::to_owned)
}
