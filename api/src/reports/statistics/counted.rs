//! Tables whose rows are counties, units or campaigns.
use super::answer::{BrokenRow, CheckResult, StatisticsRow, StatisticsTable};
use super::duties;
use crate::reports::places::Places;
use domain::statistics::{By, Check, Table, Values};
use domain::{Resource, Uuid};
use persistence::Conn;
use persistence::figures::Asked;
use persistence::figures::statistics::{Counted, count, culprits};
use persistence::honors::campaigns_by_year;
use persistence::reference::{UnitPlace, units_by_place};
use std::collections::HashMap;

/// Records that a check names at most.
const NAMED: i64 = 50;

/// The table.
pub(super) fn table(
    c: &mut Conn,
    asked: &Asked,
    table: &'static Table,
    by: By,
    lecture_months: u32,
) -> persistence::Result<StatisticsTable> {
    let mut counted = count(c, asked, table, by)?;
    duties::add(c, asked, table, lecture_months, &mut counted)?;
    let places = Places::of(c, asked)?;
    // A row has every column that is counted, be it nothing.
    let nothing: Values = counted.total.keys().map(|id| (*id, 0)).collect();
    let filled = |some: Option<&Values>| {
        let mut values = nothing.clone();
        values.extend(some.into_iter().flatten());
        table.complete(&mut values);
        values
    };
    let units = if by == By::Unit { places_of_units(c, &counted)? } else { vec![] };
    let rows: Vec<(String, String, Values)> = match by {
        By::County => {
            let mut codes: Vec<&String> = counted.rows.keys().collect();
            codes.extend(places.counties.iter().map(|(code, _)| code));
            codes.sort();
            codes.dedup();
            codes.into_iter().map(|code| (code.clone(), places.row(code), filled(counted.rows.get(code)))).collect()
        }
        By::Unit => {
            units.iter().map(|(key, u)| (u.id.to_string(), u.name.clone(), filled(counted.rows.get(key)))).collect()
        }
        By::Campaign => {
            let campaigns = campaigns(c, &counted)?.into_iter();
            campaigns.map(|(key, code, name)| (code, name, filled(counted.rows.get(&key)))).collect()
        }
    };
    let counties = if by == By::Campaign { count(c, asked, table, By::County)?.rows } else { counted.rows };
    let has = |code: &str| match by {
        By::County | By::Campaign => counties.get(code).is_some_and(|row| row.values().any(|n| *n != 0)),
        By::Unit => units.iter().any(|(_, unit)| unit.division_code.as_str().starts_with(code)),
    };
    let coverage = places.coverage(has);
    let mut total = counted.total.clone();
    table.complete(&mut total);
    let mut checks = vec![];
    for check in table.checks {
        checks.push(judged(c, asked, (table, check, by), &rows, &total)?);
    }
    let row =
        |(code, name, values): &(String, String, Values)| StatisticsRow::of(table, code.clone(), name.clone(), values);
    let rows = rows.iter().map(row).collect();
    let total = Some(StatisticsRow::of(table, asked.division.to_string(), "合计".into(), &total));
    Ok(StatisticsTable { total, checks, ..StatisticsTable::of(table, asked, &places, by.as_str(), coverage, rows) })
}

/// The keys of rows by the ids that they stand for.
fn keys(counted: &Counted) -> HashMap<Uuid, String> {
    counted.rows.keys().filter_map(|key| Some((key.parse().ok()?, key.clone()))).collect()
}

/// The campaigns of the rows, each as key, code and name of its row; last what comes from no campaign.
fn campaigns(c: &mut Conn, counted: &Counted) -> persistence::Result<Vec<(String, String, String)>> {
    let keys = keys(counted);
    let known = campaigns_by_year(c, keys.keys().copied())?.into_iter();
    let mut rows: Vec<_> =
        known.filter_map(|(id, name)| Some((keys.get(&id)?.clone(), id.to_string(), name))).collect();
    if counted.rows.contains_key("") {
        rows.push((String::new(), String::new(), "不属于表彰项目".into()));
    }
    Ok(rows)
}

/// The units of the rows by their division and their place in it, each with the key of its row.
fn places_of_units(c: &mut Conn, counted: &Counted) -> persistence::Result<Vec<(String, UnitPlace)>> {
    let keys = keys(counted);
    let units = units_by_place(c, keys.keys().copied())?;
    Ok(units.into_iter().filter_map(|unit| Some((keys.get(&unit.id)?.clone(), unit))).collect())
}

/// Where a check does not hold, and by which records.
fn judged(
    c: &mut Conn,
    asked: &Asked,
    (table, check, by): (&'static Table, &'static Check, By),
    rows: &[(String, String, Values)],
    total: &Values,
) -> persistence::Result<CheckResult> {
    let whole = asked.division.to_string();
    let all = rows.iter().map(|(code, _, values)| (code, values)).chain(std::iter::once((&whole, total)));
    let broken = all.filter_map(|(code, values)| {
        let wrong = check.broken(values)?;
        Some(BrokenRow { code: code.clone(), expected: wrong.expected, actual: wrong.actual })
    });
    let rows: Vec<BrokenRow> = broken.collect();
    let ids = if rows.is_empty() { vec![] } else { culprits(c, asked, table, check, by, NAMED)? };
    let first = check.terms().first().and_then(|(id, _)| table.column(id)?.measure.of());
    let (text, text_en) = check.text();
    Ok(CheckResult {
        text,
        text_en,
        ok: rows.is_empty(),
        rows,
        resource: first.map_or(domain::cadres::Cadre::PATH, |of| of.of),
        ids,
    })
}
