//! What a figure of the report is made of, as a question to the database: its value, its parts by county, its rows.
//!
//! `source`: a selection as `FROM … WHERE …`; `people`: cadres as they belonged on a day. [`statistics`]: the columns
//! of a table, counted in one pass. [`snapshots`]: reports that were frozen.
mod people;
pub mod snapshots;
mod source;
pub mod statistics;

use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::registry::{self, Kind};
use crate::rows::FromRow;
use crate::sql::JsonText;
use crate::statement::Sql;
use domain::partial_date::age;
use domain::reports::annual::{self, Listing, Named};
use domain::reports::selection::{Moment, Reach, Selection};
use domain::reports::{Figure, Measure, Value};
use domain::{DivisionCode, PartialDate, Scope, Uuid};
use serde_json::Value as Json;
use source::Source;

/// About which division and when.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who asks.
    pub scope: Scope,
    /// The division, which the caller's scope covers.
    pub division: DivisionCode,
    /// The year, and the day on which it is looked at.
    pub moment: Moment,
}

/// A figure's value, and the same for each county that has a part in it, by the first six digits of the division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    /// The value.
    pub value: Value,
    /// What each county adds. Persons who count in two counties count in both of them.
    pub counties: Vec<(String, i64)>,
}

/// Items that a list names at most; more would be no sentence.
const NAMED: i64 = 8;

fn kind(path: &str) -> Result<&'static Kind> {
    registry::find(path).ok_or_else(|| Error::internal(format_args!("no resource {path}")))
}

/// The value of a figure.
///
/// # Errors
/// What the database says.
pub fn evaluate(conn: &mut Conn, asked: &Asked, figure: &Figure) -> Result<Evaluated> {
    let Some(selection) = figure.measure.selection() else {
        let Measure::Parts(section) = figure.measure else {
            return Ok(Evaluated { value: Value::default(), counties: vec![] });
        };
        let count = i64::try_from(annual::parts(section).len()).map_err(Error::internal)?;
        return Ok(Evaluated { value: Value::of(count), counties: vec![] });
    };
    let from = Source::of(conn, asked, selection)?;
    let mut sql = Sql::new("SELECT substr(division_code, 1, 6), ");
    let counties: Vec<(String, i64)> = if expression(&mut sql, &figure.measure) && selection.reach == Reach::Inside {
        from.say(&mut sql)?;
        sql.say(" GROUP BY substr(division_code, 1, 6) ORDER BY 1").once().rows(conn)?
    } else {
        vec![]
    };
    // What only adds up is not counted twice.
    let value = match figure.measure {
        Measure::Count(_) | Measure::Sum(..) if selection.reach == Reach::Inside => {
            Value::of(counties.iter().map(|(_, part)| part).sum())
        }
        _ => value(conn, &from, &figure.measure)?,
    };
    Ok(Evaluated { value, counties })
}

/// The value of a figure without its parts.
///
/// # Errors
/// What the database says.
pub fn total(conn: &mut Conn, asked: &Asked, figure: &Figure) -> Result<Value> {
    match figure.measure.selection() {
        Some(selection) => {
            let from = Source::of(conn, asked, selection)?;
            value(conn, &from, &figure.measure)
        }
        None => Ok(evaluate(conn, asked, figure)?.value),
    }
}

fn value(conn: &mut Conn, from: &Source<'_>, measure: &Measure) -> Result<Value> {
    let mut sql = Sql::new("SELECT ");
    match measure {
        Measure::Items(_, field) | Measure::Targets(_, field, _) => {
            sql.say(field);
            let lists: Vec<(JsonText,)> = ask(conn, from, sql, "")?;
            let mut sum = Value::default();
            for (list,) in lists {
                let items: Vec<Json> = serde_json::from_str(&list.0).map_err(Error::internal)?;
                for item in items {
                    let amount = item.get("value").and_then(Json::as_i64).unwrap_or_default();
                    match measure {
                        Measure::Targets(_, _, metric) if item.get("metric").and_then(Json::as_str) == Some(metric) => {
                            sum.number += amount;
                        }
                        Measure::Items(..) => {
                            sum.number += 1;
                            sum.of += amount;
                        }
                        _ => {}
                    }
                }
            }
            Ok(sum)
        }
        Measure::Share(_, cond) => {
            sql.say("count(*), CAST(coalesce(sum(CASE WHEN 1 = 1");
            from.condition(&mut sql, cond)?;
            sql.say(" THEN 1 ELSE 0 END), 0) AS bigint)");
            let rows: Vec<(i64, i64)> = ask(conn, from, sql, "")?;
            let (of, meet) = rows.first().copied().unwrap_or_default();
            Ok(Value { number: if of > 0 { meet * 100 / of } else { 0 }, rising: false, of })
        }
        Measure::Trend(_, field, by) => {
            sql.say(field);
            let order = ["valid_from", "year"].into_iter().find(|known| known == by).unwrap_or("id");
            let amounts: Vec<(i64,)> = ask_in_order(conn, from, sql, order)?;
            let rising = amounts.len() > 1 && amounts.windows(2).all(|w| matches!(w, [(a,), (b,)] if a < b));
            Ok(Value { number: amounts.last().map_or(0, |(amount,)| *amount), rising, of: 0 })
        }
        _ => {
            expression(&mut sql, measure);
            let rows: Vec<(i64,)> = ask(conn, from, sql, "")?;
            Ok(Value::of(rows.first().map_or(0, |(n,)| *n)))
        }
    }
}

/// The measure as an expression, where it is one.
fn expression(sql: &mut Sql<'_>, measure: &Measure) -> bool {
    match measure {
        Measure::Count(_) => sql.say("count(*)"),
        Measure::Distinct(_, field) => sql.say("count(DISTINCT ").say(field).say(")"),
        Measure::Counties(_) => sql.say("count(DISTINCT substr(division_code, 1, 6))"),
        Measure::Sum(_, field) => sql.say("CAST(coalesce(sum(").say(field).say("), 0) AS bigint)"),
        Measure::Least(_, field) => sql.say("CAST(coalesce(min(").say(field).say("), 0) AS bigint)"),
        _ => return false,
    };
    true
}

fn ask<'s, 'a: 's, T: FromRow>(
    conn: &mut Conn,
    from: &Source<'a>,
    mut sql: Sql<'s>,
    tail: &'static str,
) -> Result<Vec<T>> {
    from.say(&mut sql)?;
    sql.say(tail).once().rows(conn)
}
fn ask_in_order<'s, 'a: 's, T: FromRow>(
    conn: &mut Conn,
    from: &Source<'a>,
    mut sql: Sql<'s>,
    order: &'static str,
) -> Result<Vec<T>> {
    from.say(&mut sql)?;
    sql.say(" ORDER BY ").say(order).say(", id").once().rows(conn)
}

/// The next records that a figure is made of, in the order of their ids.
///
/// # Errors
/// What the database says.
pub fn rows(
    conn: &mut Conn,
    asked: &Asked,
    selection: &'static Selection,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Uuid>> {
    let from = Source::of(conn, asked, selection)?;
    let mut sql = Sql::new("SELECT id");
    from.say(&mut sql)?;
    if let Some(after) = after {
        sql.say(" AND id > ").bind(after);
    }
    sql.say(" ORDER BY id LIMIT ").bind(limit).once();
    Ok(sql.rows::<(Uuid,)>(conn)?.into_iter().map(|(id,)| id).collect())
}

/// What a list names: texts and ages in the order of the records, codes in that of their set.
///
/// # Errors
/// What the database says.
pub fn names(conn: &mut Conn, asked: &Asked, listing: &Listing) -> Result<Vec<String>> {
    let from = Source::of(conn, asked, listing.of)?;
    let mut sql = Sql::new("SELECT ");
    sql.say(listing.named.field());
    from.say(&mut sql)?;
    let field = listing.named.field();
    match listing.named {
        Named::Age(_) => {
            sql.say(" ORDER BY ").say(field).say(" DESC, id LIMIT ").bind(NAMED).once();
            let born: Vec<(PartialDate,)> = sql.rows(conn)?;
            let as_of = asked.moment.as_of;
            let certain = |d: &PartialDate| {
                (age(d.first_day(), as_of) == age(d.last_day(), as_of)).then(|| age(d.first_day(), as_of))
            };
            Ok(born.iter().filter_map(|(d,)| certain(d)).map(|years| format!("{years}岁")).collect())
        }
        Named::Text(_, before, behind) => {
            sql.say(" AND ").say(field).say(" IS NOT NULL GROUP BY ").say(field);
            sql.say(" ORDER BY min(created_at), ").say(field).say(" LIMIT ").bind(NAMED).once();
            let texts: Vec<(String,)> = sql.rows(conn)?;
            Ok(texts
                .into_iter()
                .map(|(text,)| format!("{before}{}{behind}", text.trim_matches(['《', '》'])))
                .collect())
        }
        Named::Label(_, set) => {
            sql.say(" GROUP BY ").say(field).once();
            let found: Vec<(Option<String>,)> = sql.rows(conn)?;
            let codes = domain::codes::find(set).map(|set| (set.codes)()).unwrap_or_default();
            let there = |code: &str| found.iter().any(|(f,)| f.as_deref() == Some(code));
            Ok(codes.into_iter().filter(|(code, ..)| there(code)).map(|(_, zh, _)| zh.to_owned()).collect())
        }
    }
}
