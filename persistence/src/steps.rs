//! Steps of records that move through states, and what a change of one record makes of others.
use crate::conn::Engine;
use crate::error::{Error, Result};
use crate::journal::Entry;
use crate::ledger::{self, Key, Stored};
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::{Stamp, Tx};
use crate::write;
use domain::codes::Change;
use domain::input::{patched, to_map};
use domain::machine::Transition;
use domain::policy::Role;
use domain::{Findings, Machine, Problem, Record, Rule, Scope, Step, Uuid, Violation, Written, own};
use serde_json::{Map, Value};

/// The client in the journal of what an effect has written. The actor is still who caused it.
const EFFECTS: &str = "system:effects";

/// Takes a step: sets the fields that come with it and brings the record into the state it leads to. Where the step
/// breaks a rule by which the record lapses, that is done instead and stays; the inner error tells the caller.
///
/// # Errors
/// As a patch, and `Refused(WrongState)` where the record's state has no such step. `expected` is the version the
/// caller knows, if it named one.
pub fn act<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: Uuid,
    expected: Option<i64>,
    (verb, fields): (&str, Map<String, Value>),
    key: Option<Key>,
) -> Result<Result<Written<R>>> {
    let machine = R::MACHINE.ok_or(Error::NotFound)?;
    tx.begin()?;
    // Two that take the same step are one after the other; the second finds the state changed.
    if tx.conn.engine() == Engine::Postgres {
        let mut sql = Sql::new("SELECT 1 FROM ");
        sql.say(R::TABLE).say(" WHERE id = ").bind(id).say(" FOR UPDATE").run(tx.conn)?;
    }
    let old = R::get(tx.conn, scope, id)?.ok_or(Error::NotFound)?;
    write::writable(scope, &old)?;
    if let Some(expected) = expected {
        write::current(tx, &old, expected, &fields)?;
    }
    let state = (machine.state)(&old.data);
    let wrong = || match machine.taken(verb, &old.data, tx.stamp.today) {
        Some(again) => Error::Invalid(Findings { errors: vec![again], warnings: vec![] }),
        None => Error::Refused(Problem::WrongState, vec![machine.wrong_state(state)]),
    };
    let step = machine.by_verb(verb, state).ok_or_else(wrong)?;
    let left_to_it = tx.stamp.role != Some(Role::CadreSelf) || R::OWN.takes(verb);
    if !left_to_it || !step.terms.admit(tx.stamp.role) {
        let other = Violation::new(machine.field, Rule::StepOfOthers).with("verb", verb);
        return Err(Error::Refused(Problem::Forbidden, vec![other]));
    }
    let mut found = Findings::default();
    for name in fields.keys().filter(|name| !step.terms.sets.contains(&name.as_str())) {
        found.push(Violation::new(format!("/{}", domain::input::escape(name)), Rule::NotOfThisStep));
    }
    if !found.errors.is_empty() {
        return Err(Error::Invalid(found));
    }
    let mut patch = fields;
    patch.insert(machine.field.to_owned(), step.to.into());
    let made = match moved(tx, scope, old.clone(), patch) {
        // Both checks and rules come before the write, so nothing of the step itself is stored.
        Err(Error::Invalid(found)) if let Some(instead) = lapse(step, &found) => {
            let step = machine.by_verb(instead, state).ok_or_else(wrong)?;
            let state = [(machine.field.to_owned(), step.to.into())].into_iter().collect();
            moved(tx, scope, old, state)?;
            return Ok(Err(Error::Invalid(found)));
        }
        made => made?,
    };
    if let Some(key) = key {
        let (entity_id, version) = (Some(made.record.meta.id), Some(made.record.meta.version));
        let answer = Stored::json(&made.warnings)?;
        ledger::remember(tx.conn, &Key { status: 200, entity_id, version, answer, ..key })?;
    }
    Ok(Ok(made))
}

fn moved<R: Store>(tx: &mut Tx<'_>, scope: &Scope, old: Record<R>, patch: Map<String, Value>) -> Result<Written<R>> {
    let (data, warnings) = patched(&old.data, Value::Object(patch), None).map_err(Error::Invalid)?;
    write::update(tx, scope, old, data, Findings { warnings, errors: vec![] })
}

/// The verb of the step to take instead, where a finding is of the rule by which the record lapses, and of no other.
fn lapse<R>(step: &Transition<R>, found: &Findings) -> Option<&'static str> {
    let (rule, verb) = step.terms.lapse?;
    found.errors.iter().all(|e| e.rule == rule).then_some(verb)
}

/// Judges a change of an existing record by its machine, and one that a cadre makes by what is left to cadres.
///
/// # Errors
/// `Refused` with the reason; what the step's terms refuse is among the findings.
pub(crate) fn judge<R: Store>(tx: &Tx<'_>, old: &R, new: &R, found: &mut Findings) -> Result<()> {
    if tx.stamp.role == Some(Role::CadreSelf) {
        own::judge(old, new, found).map_err(|(problem, why)| Error::Refused(problem, vec![why]))?;
    }
    let Some(machine) = R::MACHINE else { return Ok(()) };
    if (machine.state)(old) == (machine.state)(new) {
        return Ok(());
    }
    let fields = to_map(new);
    let has = |field: &str| fields.get(field).is_some_and(|v| v.as_array().is_none_or(|list| !list.is_empty()));
    let step = Step { before: old, after: new, today: tx.stamp.today };
    let judged = machine.judge(&step, tx.stamp.role, has, found);
    judged.map_err(|(problem, why)| Error::Refused(problem, vec![why]))
}

/// Judges the state in which a record is brought in, and what a cadre has filled in.
pub(crate) fn judge_new<R: Store>(tx: &Tx<'_>, new: &R, found: &mut Findings) {
    if tx.stamp.role == Some(Role::CadreSelf) {
        return own::judge_new(new, found);
    }
    let admitted = |machine: &&Machine<R>| machine.admits(new, tx.stamp.role);
    if let Some(machine) = R::MACHINE.filter(|m| !admitted(m)) {
        let state = (machine.state)(new);
        found.push(Violation::new(machine.field, Rule::StepOfOthers).with("verb", state));
    }
}

/// Stores what the change of another record makes of this one: its new fields, its division. It is a change of
/// the record like any other, for history and feed, but nobody's own, so that neither scope nor machine judge it.
/// [`Store::effects`] of the record run as after any change.
///
/// # Errors
/// What the database says.
pub fn follow<R: Store>(tx: &mut Tx<'_>, old: &Record<R>, change: impl FnOnce(&mut Record<R>)) -> Result<Record<R>> {
    let mut new = old.clone();
    change(&mut new);
    followed(tx, old, new)
}

fn followed<R: Store>(tx: &mut Tx<'_>, old: &Record<R>, mut new: Record<R>) -> Result<Record<R>> {
    tx.begin()?;
    if new == *old {
        return Ok(new);
    }
    new.meta.version = old.meta.version + 1;
    new.meta.updated_at = tx.stamp.now;
    let kind = if new.meta.deleted_at.is_some() { Change::Delete } else { Change::Update };
    let stamp = unowned(tx.stamp);
    let entry = Entry::of(kind, Some(old), &new, &stamp, tx.op_id)?;
    R::update(tx.conn, &new, old.meta.version, &entry)?;
    R::effects(tx, Some(old), &new)?;
    Ok(new)
}

/// The stamp of what an effect writes: another server that learns of the cause has the same effect there, so that it is
/// not sent on.
pub(crate) fn unowned(stamp: &Stamp) -> Stamp {
    Stamp { client: EFFECTS.into(), ..stamp.clone() }
}
