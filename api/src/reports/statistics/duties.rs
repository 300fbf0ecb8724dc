//! Columns of what is due: counted by the code that reminds of it, so that table and worklists say the same.
use crate::derived::candidate_divisions;
use crate::party::{obligations, terms};
use crate::worklists::reminders::months_before;
use chrono::{Datelike, Months};
use domain::codes::MembershipStatus;
use domain::party::PartyMembership;
use domain::statistics::{Column, Duty, Measure, Table};
use domain::{Code, DivisionCode, NaiveDate, PartialDate, Scope};
use persistence::figures::Asked;
use persistence::figures::statistics::Counted;
use persistence::{Condition, Conn, Op, Query, Store, care};

/// The first year in which medals were given.
const FIRST_MEDALS: i32 = 2021;

/// Adds the columns of a table that are such.
pub(super) fn add(
    c: &mut Conn,
    asked: &Asked,
    table: &'static Table,
    lecture_months: u32,
    counted: &mut Counted,
) -> persistence::Result<()> {
    let Some(scope) = asked.scope.narrowed(&asked.division) else { return Ok(()) };
    let day = asked.moment.as_of;
    let of_meetings = |c: &Column| matches!(c.measure, Measure::Duty(Duty::MeetingsDue | Duty::MeetingsMet));
    let asks = table.columns.iter().any(of_meetings);
    let held = if asks { meetings(c, &scope, day, lecture_months)? } else { vec![] };
    for column in table.columns {
        let Measure::Duty(duty) = column.measure else { continue };
        let one = |divisions: Vec<DivisionCode>| divisions.into_iter().map(|d| (d, 1)).collect();
        let found: Vec<(DivisionCode, usize)> = match duty {
            Duty::OverdueElections => one(terms::divisions(c, &scope, terms::Asked::Overdue(day))?),
            Duty::MeetingsDue => held.iter().map(|(d, due, _)| (d.clone(), *due)).collect(),
            Duty::MeetingsMet => held.iter().map(|(d, _, met)| (d.clone(), *met)).collect(),
            Duty::OverdueContacts => {
                let waiting = care::waiting(c, &scope, day, None, usize::MAX)?.0;
                one(waiting.into_iter().map(|(pair, _)| pair.meta.division_code).collect())
            }
            Duty::MedalCandidates => one(candidates(c, &scope, day)?),
            Duty::LostMembers => one(lost(c, &scope, day)?),
        };
        counted.total.insert(column.id, 0);
        for (division, n) in found {
            let n = i64::try_from(n).unwrap_or_default();
            let county: String = division.as_str().chars().take(6).collect();
            *counted.rows.entry(county).or_default().entry(column.id).or_default() += n;
            *counted.total.entry(column.id).or_default() += n;
        }
    }
    Ok(())
}

/// What was due from January on until the last month that is over on the day.
fn meetings(
    c: &mut Conn,
    scope: &Scope,
    day: NaiveDate,
    lecture_months: u32,
) -> persistence::Result<Vec<(DivisionCode, usize, usize)>> {
    let tomorrow = day.succ_opt().unwrap_or(day);
    let last = tomorrow.checked_sub_months(Months::new(1)).unwrap_or(day);
    let january = day.with_day(1).and_then(|d| d.with_month(1)).unwrap_or(day);
    let over = last.year() == day.year();
    let months = (PartialDate::month_of(january), PartialDate::month_of(last));
    if over { obligations::all(c, scope, months, lecture_months) } else { Ok(vec![]) }
}

/// Candidates of the first 1 July from the day on.
fn candidates(c: &mut Conn, scope: &Scope, day: NaiveDate) -> persistence::Result<Vec<DivisionCode>> {
    let july = NaiveDate::from_ymd_opt(day.year(), 7, 1).unwrap_or(day);
    let year = day.year() + i32::from(day > july);
    if year < FIRST_MEDALS { Ok(vec![]) } else { candidate_divisions(c, scope, year) }
}

/// Members with whom there has been no contact for six months on the day.
fn lost(c: &mut Conn, scope: &Scope, day: NaiveDate) -> persistence::Result<Vec<DivisionCode>> {
    let is = |field: &str, op, value: String| Condition { field: field.into(), op, value };
    let mut query = Query::all(500);
    query.conditions = vec![
        is("formal", Op::Eq, "true".into()),
        is("status", Op::Eq, MembershipStatus::Full.as_str().into()),
        is("lost_contact_on", Op::Lte, months_before(day, 6).to_string()),
    ];
    let mut found = vec![];
    loop {
        let page = PartyMembership::list(c, scope, &query)?;
        found.extend(page.items.into_iter().map(|m| m.meta.division_code));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(found),
        }
    }
}
