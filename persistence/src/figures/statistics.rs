//! The numbers of a table: all columns of one selection in one pass over its records, a row for each county or unit.
use super::source::Source;
use super::{Asked, kind};
use crate::conn::{Conn, Engine};
use crate::error::Result;
use crate::people::born_by;
use crate::query::division_range;
use crate::rows::{Cells, FromRow, Visit};
use crate::sealed::Place;
use crate::statement::Sql;
use chrono::Datelike;
use diesel::deserialize;
use domain::reports::selection::{People, Reach, Selection};
use domain::statistics::{By, Check, Column, Measure, Table, Values};
use domain::{PartialDate, Uuid};
use std::collections::BTreeMap;

/// What was counted: by the code of a county or the id of a unit, and of all of them.
#[derive(Debug, Default)]
pub struct Counted {
    /// The rows that have something.
    pub rows: BTreeMap<String, Values>,
    /// The division as a whole. Persons who stand in two rows count once in it.
    pub total: Values,
}

/// Of what a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Row(By),
    Whole,
}

/// Counts the columns that are counted here: not those that follow from others.
///
/// # Errors
/// What the database says.
pub fn count(conn: &mut Conn, asked: &Asked, table: &'static Table, by: By) -> Result<Counted> {
    let mut counted = Counted::default();
    let mut done: Vec<&'static Selection> = vec![];
    for selection in table.columns.iter().filter_map(|c| c.measure.of()) {
        if done.iter().any(|other| std::ptr::eq(*other, selection)) {
            continue;
        }
        done.push(selection);
        let of_it = |c: &&Column| c.measure.of().is_some_and(|of| std::ptr::eq(of, selection));
        let columns: Vec<&'static Column> = table.columns.iter().filter(of_it).collect();
        let (sealed, plain): (Vec<_>, Vec<_>) =
            columns.into_iter().partition(|c| matches!(c.measure, Measure::Sealed(..)));
        let source = Source::of(conn, asked, selection)?;
        for column in &plain {
            counted.total.insert(column.id, 0);
        }
        let rows = if plain.is_empty() { vec![] } else { pass(conn, &source, selection, &plain, Of::Row(by))? };
        // A record is in one row. A person with two records may be in two, and a move from one to another is none of
        // the whole: these are counted once more.
        let apart = moves(selection) || plain.iter().any(|c| matches!(c.measure, Measure::Distinct(..)));
        if apart {
            counted.total.extend(pass(conn, &source, selection, &plain, Of::Whole)?.into_iter().flat_map(|(_, v)| v));
        }
        for (key, values) in rows {
            for (id, n) in &values {
                *counted.total.entry(id).or_default() += if apart { 0 } else { *n };
            }
            counted.rows.entry(key).or_default().extend(values);
        }
        for column in sealed {
            opened(conn, &source, column, by, &mut counted)?;
        }
    }
    Ok(counted)
}

/// What a row is about.
fn key(sql: &mut Sql<'_>, of: Of) {
    match of {
        Of::Row(By::County) => sql.say("substr(division_code, 1, 6)"),
        Of::Row(By::Unit) => {
            sql.say_to(Engine::Postgres, "CAST(unit_id AS text)").say_to(Engine::Sqlite, "lower(hex(unit_id))")
        }
        Of::Row(By::Campaign) => {
            sql.say_to(Engine::Postgres, "CAST(campaign_id AS text)").say_to(Engine::Sqlite, "lower(hex(campaign_id))")
        }
        Of::Whole => sql.say("''"),
    };
}

/// Whether its records are moves, which have two sides.
fn moves(selection: &Selection) -> bool {
    matches!(selection.reach, Reach::People(People::MovedIn | People::MovedOut))
}

/// ` FROM … WHERE …` of the records; of moves only those over the border of what a row is about.
fn from<'s, 'a: 's>(sql: &mut Sql<'s>, source: &Source<'a>, selection: &Selection, of: Of) -> Result<()> {
    source.say(sql)?;
    if moves(selection) {
        match of {
            Of::Row(By::County) => {
                sql.say(" AND substr(other_division, 1, 6) <> substr(division_code, 1, 6)");
            }
            // A campaign has no moves.
            Of::Row(By::Campaign) => {}
            Of::Row(By::Unit) => {
                sql.say(" AND (other_unit IS NULL OR other_unit <> unit_id)");
            }
            Of::Whole => {
                let (first, behind) = division_range(&source.asked().division);
                sql.say(" AND NOT (other_division >= ").bind(first).say(" AND other_division < ").bind(behind);
                sql.say(")");
            }
        }
    }
    Ok(())
}

/// One pass: a line for each row, with the values of the columns.
fn pass(
    conn: &mut Conn,
    source: &Source<'_>,
    selection: &Selection,
    columns: &[&'static Column],
    of: Of,
) -> Result<Vec<(String, Values)>> {
    let mut sql = Sql::new("SELECT ");
    key(&mut sql, of);
    for column in columns {
        sql.say(", ");
        expression(&mut sql, source, &column.measure)?;
    }
    from(&mut sql, source, selection, of)?;
    if of != Of::Whole {
        sql.say(" GROUP BY 1");
    }
    let mut lines = Lines { columns, lines: vec![] };
    sql.once().each(conn, &mut lines)?;
    Ok(lines.lines)
}

struct Lines<'c> {
    columns: &'c [&'static Column],
    lines: Vec<(String, Values)>,
}
impl Visit for Lines<'_> {
    fn row(&mut self, cells: &mut impl Cells) -> deserialize::Result<()> {
        let key: Option<String> = cells.next()?;
        let value =
            |column: &&'static Column| Ok::<_, Box<dyn std::error::Error + Send + Sync>>((column.id, cells.next()?));
        let values = self.columns.iter().map(value).collect::<std::result::Result<_, _>>()?;
        self.lines.push((key.unwrap_or_default(), values));
        Ok(())
    }
}

/// The measure as an expression over the records.
fn expression(sql: &mut Sql<'_>, source: &Source<'_>, measure: &'static Measure) -> Result<()> {
    let those = |sql: &mut Sql<'_>, that: &'static [domain::reports::Cond]| {
        sql.say("CASE WHEN 1 = 1");
        that.iter().try_for_each(|cond| source.condition(sql, cond))?;
        sql.say(" THEN ");
        Ok::<_, crate::Error>(())
    };
    match measure {
        Measure::Count(_, that) => {
            sql.say("count(");
            those(sql, that)?;
            sql.say("1 END)");
        }
        Measure::Distinct(_, field, that) => {
            sql.say("count(DISTINCT ");
            those(sql, that)?;
            sql.say(field).say(" END)");
        }
        Measure::Sum(_, field, that) => {
            sql.say("CAST(coalesce(sum(");
            those(sql, that)?;
            sql.say(field).say(" END), 0) AS bigint)");
        }
        Measure::MeanAge { born, .. } => {
            // The years between, less one where the birthday is still to come.
            let day = source.asked().moment.as_of;
            let (year, birthday) = (day.year(), born_by(day, 0).split_off(5));
            sql.say("CAST(coalesce(sum(").bind(year).say(" - CAST(substr(").say(born).say(", 1, 4) AS integer) - ");
            sql.say("CASE WHEN substr(")
                .say(born)
                .say(", 6) > ")
                .bind(birthday)
                .say(" THEN 1 ELSE 0 END), 0) AS bigint)");
        }
        _ => {
            sql.say("0");
        }
    }
    Ok(())
}

/// Counts a code in a field that is stored sealed.
fn opened(conn: &mut Conn, source: &Source<'_>, column: &'static Column, by: By, counted: &mut Counted) -> Result<()> {
    let Measure::Sealed(selection, field, code) = column.measure else { return Ok(()) };
    let mut sql = Sql::new("SELECT ");
    key(&mut sql, Of::Row(by));
    sql.say(", id, ").say(field);
    from(&mut sql, source, selection, Of::Row(by))?;
    sql.say(" AND ").say(field).say(" IS NOT NULL").once();
    let mut opening = Opening { of: kind(selection.of)?.path, field, json: format!("\"{code}\""), found: vec![] };
    sql.each(conn, &mut opening)?;
    counted.total.insert(column.id, i64::try_from(opening.found.len()).unwrap_or(i64::MAX));
    for key in opening.found {
        *counted.rows.entry(key).or_default().entry(column.id).or_default() += 1;
    }
    Ok(())
}

struct Opening {
    of: &'static str,
    field: &'static str,
    json: String,
    found: Vec<String>,
}
impl Visit for Opening {
    fn row(&mut self, cells: &mut impl Cells) -> deserialize::Result<()> {
        let (key, id): (String, Uuid) = (cells.next()?, cells.next()?);
        let value = cells.sealed(Place { of: self.of, field: self.field, id: id.as_bytes() })?;
        if value.as_deref() == Some(self.json.as_bytes()) {
            self.found.push(key);
        }
        Ok(())
    }
}

/// The records by which a check does not hold in the rows asked for: those that the parts count in another way than
/// the whole does. At most so many, in the order of their ids.
///
/// # Errors
/// What the database says.
pub fn culprits(
    conn: &mut Conn,
    asked: &Asked,
    table: &'static Table,
    check: &'static Check,
    by: By,
    most: i64,
) -> Result<Vec<Uuid>> {
    let mut sql = Sql::new("SELECT DISTINCT id FROM (SELECT id FROM (");
    for (i, (id, sign)) in check.terms().into_iter().enumerate() {
        let Some(Measure::Count(selection, that)) = table.column(id).map(|c| &c.measure) else { return Ok(vec![]) };
        let source = Source::of(conn, asked, selection)?;
        sql.say(if i > 0 { " UNION ALL SELECT " } else { "SELECT " });
        key(&mut sql, Of::Row(by));
        sql.say(if sign > 0 { " AS place, id, 1 AS n" } else { " AS place, id, -1 AS n" });
        // A statement outlives the source: what is said of it is what was asked.
        from(&mut sql, &source, selection, Of::Row(by))?;
        that.iter().try_for_each(|cond| source.condition(&mut sql, cond))?;
    }
    sql.say(") AS counted GROUP BY place, id HAVING sum(n) <> 0) AS odd ORDER BY id LIMIT ").bind(most).once();
    Ok(sql.rows::<(Uuid,)>(conn)?.into_iter().map(|(id,)| id).collect())
}

/// A person of a list: id, name, division, birth date.
pub struct Person {
    /// The cadre.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// The division then.
    pub division: String,
    /// Birth date as the archive has it.
    pub birth_date: PartialDate,
}
impl FromRow for Person {
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
        Ok(Self { id: cells.next()?, name: cells.next()?, division: cells.next()?, birth_date: cells.next()? })
    }
}

/// Those in care on the day who turn so many years or more in the year, the oldest first, at most so many.
///
/// # Errors
/// What the database says.
pub fn elders(conn: &mut Conn, asked: &Asked, of: &'static Selection, years: i32, most: i64) -> Result<Vec<Person>> {
    let source = Source::of(conn, asked, of)?;
    let mut sql = Sql::new("SELECT id, name, division_code, birth_date");
    source.say(&mut sql)?;
    sql.say(" AND birth_date <= ").bind(format!("{:04}-12-31", asked.moment.year - years));
    sql.say(" ORDER BY birth_date, id LIMIT ").bind(most).once().rows(conn)
}
