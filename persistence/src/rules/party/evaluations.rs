//! Meetings and evaluations.
use super::super::{equal, nearest};
use crate::error::{Error, Result};
use crate::query::{Condition, Op, Query};
use crate::store::Store;
use crate::tx::Tx;
use domain::codes::{EvaluationStatus, PartyMeetingKind, ThemeItemKind};
use domain::party::{Evaluation, EvaluationScheme, PartyMeeting, ThemeDayItem};
use domain::{Code, Findings, Problem, Record, Rule, Scope, Violation};

/// A theme party day has the fixed items that are in force where and when it was held.
pub fn party_meeting(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<PartyMeeting>>,
    new: &Record<PartyMeeting>,
    found: &mut Findings,
) -> Result<()> {
    let meeting = &new.data;
    let unchanged = old.is_some_and(|o| {
        (o.data.kind, o.data.held_on) == (meeting.kind, meeting.held_on) && o.data.items == meeting.items
    });
    if meeting.kind != PartyMeetingKind::ThemeDay || unchanged {
        return Ok(());
    }
    let begun = Condition { field: "valid_from".into(), op: Op::Lte, value: meeting.held_on.to_string() };
    let query = Query { conditions: vec![equal("kind", ThemeItemKind::Fixed.as_str()), begun], ..Query::all(500) };
    let items = ThemeDayItem::list(tx.conn, &Scope::System, &query)?.items;
    let in_force = items.into_iter().filter(|i| i.data.valid_to.is_none_or(|to| to >= meeting.held_on));
    let mut here = nearest(in_force.collect(), &new.meta.division_code);
    here.sort_by_key(|item| item.data.position);
    let names: Vec<String> = here.into_iter().map(|item| item.data.name).collect();
    meeting.check_fixed_items(&names, found);
    Ok(())
}

/// What evaluations were made by stays as it was.
pub fn evaluation_scheme(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<EvaluationScheme>>,
    new: &Record<EvaluationScheme>,
    found: &mut Findings,
) -> Result<()> {
    let Some(old) = old else { return Ok(()) };
    if old.data.dimensions == new.data.dimensions && old.data.veto_items == new.data.veto_items {
        return Ok(());
    }
    if Evaluation::count(tx.conn, &Scope::System, &Query::by("evaluation_scheme_id", new.meta.id, 1))? > 0 {
        found.error("dimensions", Rule::SchemeInUse);
    }
    Ok(())
}

/// A published evaluation is read-only.
pub fn evaluation(
    _: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<Evaluation>>,
    _: &Record<Evaluation>,
    _: &mut Findings,
) -> Result<()> {
    if old.is_some_and(|o| o.data.status == EvaluationStatus::Published) {
        let published = Violation::new("status", Rule::PublishedReadOnly);
        return Err(Error::Refused(Problem::WrongState, vec![published]));
    }
    Ok(())
}
