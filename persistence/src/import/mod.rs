//! Rows of a file as records: each through the same checks, rules, rights and scope as a request, and none in the way
//! of another.
mod cells;

use crate::conn::Engine;
use crate::error::{Error, Result};
use crate::push::by_external;
use crate::registry::{self, Kind};
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::Tx;
use crate::write::{self, create, create_many};
use domain::exchange::{Cell, Plan, Shape};
use domain::input::{Draft, draft_of, patched, to_map};
use domain::policy::Action;
use domain::resource::ExternalRef;
use domain::{DivisionCode, FieldClass, Findings, Problem, Record, Rule, Scope, Uuid, Violation};
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

pub(crate) use cells::named;
use cells::{Read, row_of};

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
    let Read { mut fields, external } =
        row_of(tx, bounds, plan, row, |fields| draft_of::<R>(fields).err().unwrap_or_default())?;
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
