//! Rows of a file as records: each through the same checks, rules, rights and scope as a request, and none in the way
//! of another.
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::push::by_external;
use crate::query::{Condition, Op, Query};
use crate::registry::{self, Kind};
use crate::select::within;
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::Tx;
use crate::write::{self, create, create_many};
use domain::exchange::{Cell, Plan, Shape, Target, read};
use domain::input::{Draft, draft_of, patched, to_map};
use domain::policy::Action;
use domain::resource::ExternalRef;
use domain::{DivisionCode, FieldClass, Findings, Problem, Record, Rule, Scope, Uuid, Violation};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// References that are remembered at most.
const REMEMBERED: usize = 50_000;

/// What who brings in a file may touch.
pub struct Bounds<'b> {
    /// What it sees and may change.
    pub scope: &'b Scope,
    /// The division of rows that name none.
    pub home: &'b DivisionCode,
    /// The highest class of fields it is shown.
    pub sight: FieldClass,
    /// The other system whose ids the file has, if it is one's.
    pub system: Option<&'b str>,
    /// Whether it may do this to records of a resource.
    pub may: &'b dyn Fn(&Kind, Action) -> bool,
    /// What was found of references.
    pub known: Known,
}

/// References that were found in earlier rows: resource, division, text.
pub type Known = Arc<Mutex<HashMap<(&'static str, String, String), Uuid>>>;

/// A row of the file.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number in the file, the header's being 1.
    pub number: u64,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// The row before it that names the same record.
    pub repeats: Option<u64>,
}

/// What became of a row.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A new record.
    Created,
    /// The record that it names was changed.
    Updated,
    /// The record that it names is like that already.
    Unchanged,
    /// Nothing was done, and why.
    Failed(Problem, Vec<Violation>),
}

/// A row that can be read.
struct Read {
    fields: Map<String, Value>,
    external: Option<ExternalRef>,
}

/// Brings in rows, in order.
///
/// # Errors
/// Only where the store itself is unavailable: what is wrong with a row is its outcome.
pub fn rows<R: Store>(tx: &mut Tx<'_>, bounds: &Bounds<'_>, plan: &Plan, rows: &[Row]) -> Result<Vec<Outcome>> {
    tx.begin()?;
    let own = |column: &domain::exchange::Column| match &column.shape {
        Shape::Record(path) => path == R::PATH,
        Shape::List(one) => matches!(&**one, Shape::Record(path) if path == R::PATH),
        _ => false,
    };
    let mut outcomes: Vec<Option<Outcome>> = vec![None; rows.len()];
    let mut fresh: Vec<(usize, Draft<R>)> = vec![];
    for (i, row) in rows.iter().enumerate() {
        // It may name one that this file brings in.
        let inner =
            plan.columns.iter().zip(&row.cells).any(|(c, cell)| c.as_ref().is_some_and(own) && !cell.is_empty());
        if inner {
            together::<R>(tx, bounds, std::mem::take(&mut fresh), &mut outcomes)?;
        }
        let done = match one::<R>(tx, bounds, plan, row) {
            Ok(Next::Create(draft)) => {
                fresh.push((i, draft));
                continue;
            }
            Ok(Next::Done(outcome)) => outcome,
            Err(e) => failed(e)?,
        };
        put(&mut outcomes, i, done);
    }
    together::<R>(tx, bounds, fresh, &mut outcomes)?;
    let lost = || Outcome::Failed(Problem::Internal, vec![]);
    Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(lost)).collect())
}

fn put(outcomes: &mut [Option<Outcome>], i: usize, outcome: Outcome) {
    if let Some(place) = outcomes.get_mut(i) {
        *place = Some(outcome);
    }
}

/// A failure of one row.
fn failed(error: Error) -> Result<Outcome> {
    match error {
        e @ Error::Unavailable(_) => Err(e),
        e => {
            if let Error::Internal(cause) = &e {
                tracing::error!(%cause, "a row of a file failed");
            }
            let (problem, found) = e.told();
            Ok(Outcome::Failed(problem, found))
        }
    }
}

/// What is to be done with a row.
enum Next<R> {
    Create(Draft<R>),
    Done(Outcome),
}

fn one<R: Store>(tx: &mut Tx<'_>, bounds: &Bounds<'_>, plan: &Plan, row: &Row) -> Result<Next<R>> {
    if let Some(first) = row.repeats {
        let repeated = Violation::new("", Rule::RepeatedRow).with("row", first);
        return Ok(Next::Done(Outcome::Failed(Problem::ValidationFailed, vec![repeated])));
    }
    let Read { mut fields, external } = row_of::<R>(tx, bounds, plan, row)?;
    if let Some(old) = existing::<R>(tx, bounds, &fields, external.as_ref())? {
        return tx.attempt(|tx| changed::<R>(tx, bounds, old, fields, external)).map(Next::Done);
    }
    let kind = registry::find(R::PATH).ok_or_else(|| Error::internal("a resource that is not registered"))?;
    if !(bounds.may)(kind, Action::Create) {
        return Err(Error::Refused(Problem::Forbidden, vec![]));
    }
    if let Some(external) = external {
        fields.insert("external_ref".into(), serde_json::to_value(external).map_err(Error::internal)?);
    }
    let draft = draft_of::<R>(&fields).map_err(Error::Invalid)?;
    // The same id when it is tried again by itself.
    Ok(Next::Create(Draft { id: Some(draft.id.unwrap_or_else(Uuid::now_v7)), ..draft }))
}

/// Creates records in one step, or those that can be where some cannot.
fn together<R: Store>(
    tx: &mut Tx<'_>,
    bounds: &Bounds<'_>,
    mut drafts: Vec<(usize, Draft<R>)>,
    outcomes: &mut [Option<Outcome>],
) -> Result<()> {
    if let [_] = drafts.as_slice() {
        let Some((i, draft)) = drafts.pop() else { return Ok(()) };
        let made = tx.attempt(|tx| create::<R>(tx, bounds.scope, bounds.home, draft, None).map(|_| Outcome::Created));
        let outcome = made.or_else(failed)?;
        put(outcomes, i, outcome);
        return Ok(());
    }
    if drafts.is_empty() {
        return Ok(());
    }
    let all: Vec<Draft<R>> = drafts.iter().map(|(_, draft)| draft.clone()).collect();
    let made = tx.attempt(|tx| create_many::<R>(tx, bounds.scope, bounds.home, all, &[]).map(drop));
    let error = match made {
        Ok(()) => {
            drafts.iter().for_each(|(i, _)| put(outcomes, *i, Outcome::Created));
            return Ok(());
        }
        Err(e @ Error::Unavailable(_)) => return Err(e),
        Err(e) => e,
    };
    // Those that are named go alone, for the reasons of each; where none is named, in halves.
    let (_, found) = error.told();
    let place = |v: &Violation| v.pointer.strip_prefix("/items/")?.split('/').next()?.parse::<usize>().ok();
    let named: HashSet<usize> = found.iter().filter_map(place).collect();
    if named.is_empty() || named.len() == drafts.len() {
        let rest = drafts.split_off(drafts.len() / 2);
        together(tx, bounds, drafts, outcomes)?;
        return together(tx, bounds, rest, outcomes);
    }
    let (alone, rest): (Vec<_>, Vec<_>) = drafts.into_iter().enumerate().partition(|(at, _)| named.contains(at));
    together(tx, bounds, rest.into_iter().map(|(_, d)| d).collect(), outcomes)?;
    alone.into_iter().try_for_each(|(_, draft)| together(tx, bounds, vec![draft], outcomes))
}

/// The record that a row names by its id, or by its id in another system.
fn existing<R: Store>(
    tx: &mut Tx<'_>,
    bounds: &Bounds<'_>,
    fields: &Map<String, Value>,
    external: Option<&ExternalRef>,
) -> Result<Option<Record<R>>> {
    let given = fields.get("id").and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
    let id = match (given, external, registry::find(R::PATH)) {
        (Some(id), ..) => Some(id),
        (None, Some(external), Some(kind)) => by_external(tx, kind, external)?,
        _ => None,
    };
    let Some(id) = id else { return Ok(None) };
    if tx.conn.engine() == Engine::Postgres {
        let mut sql = Sql::new("SELECT 1 FROM ");
        sql.say(R::TABLE).say(" WHERE id = ").bind(id).say(" FOR UPDATE").run(tx.conn)?;
    }
    R::get(tx.conn, bounds.scope, id)
}

/// Changes the record to what the row says of it. A cell that is empty says nothing.
fn changed<R: Store>(
    tx: &mut Tx<'_>,
    bounds: &Bounds<'_>,
    old: Record<R>,
    mut fields: Map<String, Value>,
    external: Option<ExternalRef>,
) -> Result<Outcome> {
    let mut found = Findings::default();
    fields.shift_remove("id");
    let division = fields.shift_remove("division_code");
    let stays = division.is_none_or(|d| d.as_str() == Some(old.meta.division_code.as_str()));
    found.require(stays, "division_code", Rule::ReadOnly);
    found.require(external.is_none_or(|e| Some(e) == old.meta.external_ref), "external_ref", Rule::ReadOnly);
    let before = to_map(&old.data);
    // What is hidden from who exported the file came as it is shown, and stands for what it is.
    for hidden in R::CLASSES.iter().filter(|c| c.class > bounds.sight) {
        let text = before.get(hidden.field).and_then(Value::as_str);
        let shown = hidden.mask.zip(text).and_then(|(mask, text)| mask.hide(text));
        if shown.is_some() && fields.get(hidden.field).and_then(Value::as_str) == shown.as_deref() {
            fields.shift_remove(hidden.field);
        }
    }
    if !found.errors.is_empty() {
        return Err(Error::Invalid(found));
    }
    let (data, warnings) = patched(&old.data, Value::Object(fields), None).map_err(Error::Invalid)?;
    if data == old.data {
        return Ok(Outcome::Unchanged);
    }
    let kind = registry::find(R::PATH).ok_or_else(|| Error::internal("a resource that is not registered"))?;
    if !(bounds.may)(kind, Action::Update) {
        return Err(Error::Refused(Problem::Forbidden, vec![]));
    }
    write::writable(bounds.scope, &old)?;
    write::update(tx, bounds.scope, old, data, Findings { warnings, errors: vec![] })?;
    Ok(Outcome::Updated)
}

/// The fields that a row gives, with ids and codes in the place of what it names.
fn row_of<R: Store>(tx: &mut Tx<'_>, bounds: &Bounds<'_>, plan: &Plan, row: &Row) -> Result<Read> {
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
    if let Err(more) = draft_of::<R>(&fields) {
        let known: HashSet<String> = found.errors.iter().map(|v| v.pointer.clone()).collect();
        found.errors.extend(more.errors.into_iter().filter(|v| !known.contains(&v.pointer)));
    }
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
