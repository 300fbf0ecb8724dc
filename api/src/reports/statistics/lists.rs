//! Tables that are lists: targets of programmes, and persons.
use super::answer::{StatisticsRow, StatisticsTable};
use crate::reports::places::Places;
use domain::activities::Programme;
use domain::codes::ProgrammeMetric;
use domain::partial_date::age;
use domain::reports::people::IN_CARE;
use domain::statistics::Table;
use domain::{Code, PartialDate, Record};
use persistence::figures::Asked;
use persistence::figures::statistics::elders;
use persistence::{Conn, Query, Store, activities};
use serde_json::{Value, json};

/// Rows of a list at most.
const MOST: usize = 20_000;
/// From which age on persons are listed.
const OLD: i32 = 90;

fn list(
    c: &mut Conn,
    asked: &Asked,
    table: &'static Table,
    (by, counties): (&'static str, &[String]),
    mut rows: Vec<StatisticsRow>,
) -> persistence::Result<StatisticsTable> {
    let places = Places::of(c, asked)?;
    let more = rows.len() > MOST;
    rows.truncate(MOST);
    let coverage = places.coverage(|code| counties.iter().any(|c| c.starts_with(code)));
    Ok(StatisticsTable { more, ..StatisticsTable::of(table, asked, &places, by, coverage, rows) })
}

/// R15: a row for each target of each programme that the year has a part of.
pub(super) fn targets(c: &mut Conn, asked: &Asked, table: &'static Table) -> persistence::Result<StatisticsTable> {
    let Some(scope) = asked.scope.narrowed(&asked.division) else {
        return list(c, asked, table, ("target", &[]), vec![]);
    };
    let (first, day) = (asked.moment.first(), asked.moment.as_of);
    let (mut rows, mut counties, mut query) = (vec![], vec![], Query::all(500));
    loop {
        let page = Programme::list(c, &scope, &query)?;
        let of_the_year =
            |p: &&Record<Programme>| p.data.starts_on <= day && p.data.ends_on.is_none_or(|end| end >= first);
        for programme in page.items.iter().filter(of_the_year) {
            let (record, all) = activities::progress(c, &scope, programme.meta.id, &asked.division, day)?;
            counties.extend(activities::counties(c, programme.meta.id, &asked.division, day)?);
            for target in &record.data.targets {
                let unit = target.audience_unit();
                let done = all.of(target.metric, unit);
                let met = if done >= target.value { "是" } else { "否" };
                let audience = if target.metric == ProgrammeMetric::Audience { unit.zh() } else { "" };
                rows.push(StatisticsRow {
                    code: record.data.code.clone(),
                    name: record.data.name.clone(),
                    values: [("target", json!(target.value)), ("done", json!(done))].into(),
                    texts: [
                        ("metric", target.metric.zh().to_owned()),
                        ("metric_unit", audience.to_owned()),
                        ("op", target.op.zh().to_owned()),
                        ("met", met.to_owned()),
                    ]
                    .into(),
                });
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return list(c, asked, table, ("target", &counties), rows),
        }
    }
}

/// R16: those who turn 90 or more in the year, the oldest first.
pub(super) fn persons(c: &mut Conn, asked: &Asked, table: &'static Table) -> persistence::Result<StatisticsTable> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX) + 1;
    let found = elders(c, asked, &IN_CARE, OLD, most)?;
    let counties: Vec<String> = found.iter().map(|person| person.division.clone()).collect();
    let (year, day) = (asked.moment.year, asked.moment.as_of);
    let row = |person: persistence::figures::statistics::Person| {
        let born: PartialDate = person.birth_date;
        let full = age(born.first_day(), day);
        let mut values: std::collections::BTreeMap<&'static str, Value> =
            [("age", json!(full)), ("turns", json!(year - born.year()))].into();
        for (column, years) in [("aged_90", OLD), ("aged_100", 100)] {
            values.insert(column, json!(i32::from(full >= years)));
        }
        let birth_date = born.to_string();
        let birthday = birth_date.get(5..).unwrap_or_default().to_owned();
        StatisticsRow {
            code: person.id.to_string(),
            name: person.name,
            values,
            texts: [("division_code", person.division), ("birth_date", birth_date), ("birthday", birthday)].into(),
        }
    };
    let rows = found.into_iter().map(row).collect();
    list(c, asked, table, ("person", &counties), rows)
}
