//! Questions about all cadres of a division: how many there were on a day, whose birthday is when, who may be there
//! twice, what is missing.
//!
//! A date that is known to the month or the year counts from the first day it may mean.
use crate::belonging::belonging;
use crate::conn::Conn;
use crate::effects;
use crate::error::{Error, Result};
use crate::query::division_range;
use crate::select::within;
use crate::statement::Sql;
use crate::store::Store;
use chrono::{Datelike, Days};
use domain::cadres::{Cadre, CadreTransfer};
use domain::codes::{CadreStatus, DuplicateReason, RetireType};
use domain::{Code, DivisionCode, NaiveDate, PartialDate, Resource, Scope, Uuid};

/// Cadres in the care of a division on a day, and how they came to be so many since the year began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stock {
    /// All.
    pub total: i64,
    /// By kind of retirement, in the order of the code set.
    pub by_retire_type: Vec<(RetireType, i64)>,
    /// Those who joined revolutionary work before 1949-10-01, of whatever kind.
    pub joined_before_1949_10: i64,
    /// Those of 90 years and more.
    pub aged_90: i64,
    /// Those of 100 years and more.
    pub aged_100: i64,
    /// Cadres in care at the end of the year before.
    pub opening: i64,
    /// Who died since.
    pub deaths: i64,
    /// Who came from other divisions since.
    pub moved_in: i64,
    /// Who went to other divisions since.
    pub moved_out: i64,
}
impl Stock {
    /// Who came into care since in another way than by a transfer: mostly those who retired.
    pub fn added(&self) -> i64 {
        self.total - self.opening + self.deaths + self.moved_out - self.moved_in
    }
}

/// The day before which one must be born to have full years on a day, as a text that compares with birth dates: the
/// birthday itself counts, and one on 29 February counts from 1 March.
pub(crate) fn born_by(as_of: NaiveDate, years: i32) -> String {
    format!("{:04}-{:02}-{:02}", as_of.year() - years, as_of.month(), as_of.day())
}

/// The stock of a division and all inside it. Until a transfer is done the giving side counts the cadre: where it took
/// effect after the day, the cadre still was where it came from.
///
/// # Errors
/// What the database says.
pub fn stock(conn: &mut Conn, division: &DivisionCode, as_of: NaiveDate) -> Result<Stock> {
    let new_year = NaiveDate::from_ymd_opt(as_of.year(), 1, 1).unwrap_or(as_of);
    let mut stock = Stock { by_retire_type: RetireType::ALL.iter().map(|t| (*t, 0)).collect(), ..Stock::default() };
    for (retire_type, early, old, older, count) in standing(conn, division, as_of)? {
        stock.total += count;
        if let Some((_, sum)) = stock.by_retire_type.iter_mut().find(|(t, _)| *t == retire_type) {
            *sum += count;
        }
        stock.joined_before_1949_10 += if early { count } else { 0 };
        stock.aged_90 += if old { count } else { 0 };
        stock.aged_100 += if older { count } else { 0 };
    }
    let before = new_year.pred_opt().unwrap_or(new_year);
    stock.opening = standing(conn, division, before)?.iter().map(|row| row.4).sum();
    let (from, to) = division_range(division);
    let mut sql =
        Sql::new("SELECT count(*) FROM cadres WHERE deleted_at IS NULL AND status = 'deceased' AND died_on >= ");
    sql.bind(PartialDate::day(new_year).lower_text()).say(" AND died_on <= ").bind(as_of.to_string());
    sql.say(" AND division_code >= ").bind(from).say(" AND division_code < ").bind(to);
    stock.deaths = sql.row::<(i64,)>(conn)?.map_or(0, |(n,)| n);
    let mut sql =
        Sql::new("SELECT division_code, to_division, direction FROM cadre_transfers WHERE deleted_at IS NULL AND ");
    sql.say("status = 'done' AND effective_date >= ").bind(new_year).say(" AND effective_date <= ").bind(as_of);
    type Moved = (DivisionCode, Option<DivisionCode>, domain::codes::TransferDirection);
    for (giving, receiving, direction) in sql.rows::<Moved>(conn)? {
        use domain::codes::TransferDirection as D;
        let ours = |d: Option<&DivisionCode>| d.is_some_and(|d| division.contains(d));
        let (from, to) = match direction {
            D::Internal => (ours(Some(&giving)), ours(receiving.as_ref())),
            D::Out => (ours(Some(&giving)), false),
            D::In => (false, ours(Some(&giving))),
        };
        stock.moved_out += i64::from(from && !to);
        stock.moved_in += i64::from(to && !from);
    }
    Ok(stock)
}

/// Kind of retirement, joined early, 90 years, 100 years, how many.
type Standing = (RetireType, bool, bool, bool, i64);

/// Who was in care on a day: retired by then, alive, and there.
fn standing(conn: &mut Conn, division: &DivisionCode, as_of: NaiveDate) -> Result<Vec<Standing>> {
    let (from, to) = division_range(division);
    let mut sql = Sql::new(
        "SELECT retire_type, early, aged_90, aged_100, count(*) FROM (SELECT c.retire_type AS retire_type, \
         coalesce(c.join_revolution_date <= '1949-09-30', 1 = 0) AS early, c.birth_date <= ",
    );
    sql.bind(born_by(as_of, 90)).say(" AS aged_90, c.birth_date <= ").bind(born_by(as_of, 100)).say(
        " AS aged_100, coalesce((SELECT t.division_code FROM cadre_transfers AS t WHERE t.cadre_id = c.id AND \
         t.deleted_at IS NULL AND t.status = 'done' AND t.direction <> 'in' AND t.effective_date > ",
    );
    sql.bind(as_of).say(
        " ORDER BY t.effective_date, t.id LIMIT 1), CASE WHEN c.status = 'transferred_out' THEN '' ELSE \
         c.division_code END) AS division FROM cadres AS c WHERE c.deleted_at IS NULL AND \
         c.status NOT IN ('void', 'pre_registered') AND c.retire_date <= ",
    );
    sql.bind(as_of.to_string()).say(" AND (c.died_on IS NULL OR c.died_on > ").bind(as_of.to_string());
    sql.say(
        ") AND NOT EXISTS (SELECT 1 FROM cadre_transfers AS i WHERE i.cadre_id = c.id AND i.deleted_at IS NULL AND \
         i.status = 'done' AND i.direction = 'in' AND i.effective_date > ",
    );
    sql.bind(as_of).say(")) AS there WHERE division >= ").bind(from).say(" AND division < ").bind(to);
    sql.say(" GROUP BY retire_type, early, aged_90, aged_100").rows(conn)
}

/// Cadres who live and are in care here.
const LIVING: &str =
    " FROM cadres WHERE deleted_at IS NULL AND status IN ('pre_registered', 'in_care', 'transfer_pending')";

/// Which birthdays are asked for.
#[derive(Debug, Clone)]
pub struct Birthdays {
    /// The year they are celebrated in.
    pub year: i32,
    /// From this `MM` or `MM-DD` on.
    pub from: String,
    /// Before this one.
    pub before: String,
    /// At least this age.
    pub min_age: i32,
    /// Only ages that are a multiple of ten.
    pub decades: bool,
}

impl Birthdays {
    /// All of so many days from one on, which may lie in two years: one question for each.
    pub fn of_days(first: NaiveDate, days: u16) -> Vec<Self> {
        let end = first.checked_add_days(Days::new(days.into())).unwrap_or(first);
        let day = |d: NaiveDate| d.format("%m-%d").to_string();
        let asked = |year, from, before| Self { year, from, before, min_age: 0, decades: false };
        if first.year() == end.year() {
            return vec![asked(first.year(), day(first), day(end))];
        }
        vec![asked(first.year(), day(first), "13".into()), asked(end.year(), "01".into(), day(end))]
    }
}

/// Someone's birthday: id, name, birth date.
pub type Birthday = (Uuid, String, PartialDate);

/// `FROM … WHERE …` of the birthdays in question.
fn celebrating(sql: &mut Sql<'_>, scope: &Scope, asked: &Birthdays) {
    sql.say(LIVING);
    visible(sql, scope);
    sql.say(" AND substr(birth_date, 6) >= ").bind(asked.from.clone());
    sql.say(" AND substr(birth_date, 6) < ").bind(asked.before.clone());
    sql.say(" AND CAST(substr(birth_date, 1, 4) AS integer) <= ").bind(asked.year - asked.min_age);
    if asked.decades {
        sql.say(" AND (").bind(asked.year).say(" - CAST(substr(birth_date, 1, 4) AS integer)) % 10 = 0");
    }
}

/// Birthdays in the order of the calendar, those behind a position, at most so many. Who was born on a day that is not
/// known is at the beginning of the month.
///
/// # Errors
/// What the database says.
pub fn birthdays(
    conn: &mut Conn,
    scope: &Scope,
    asked: &Birthdays,
    after: Option<(String, Uuid)>,
    limit: i64,
) -> Result<Vec<Birthday>> {
    let mut sql = Sql::new("SELECT id, name, birth_date");
    celebrating(&mut sql, scope, asked);
    if let Some((day, id)) = after {
        sql.say(" AND (substr(birth_date, 6) > ").bind(day.clone()).say(" OR (substr(birth_date, 6) = ").bind(day);
        sql.say(" AND id > ").bind(id).say("))");
    }
    sql.say(" ORDER BY substr(birth_date, 6), id LIMIT ").bind(limit).once().rows(conn)
}

/// How many birthdays there are.
///
/// # Errors
/// What the database says.
pub fn count_birthdays(conn: &mut Conn, scope: &Scope, asked: &Birthdays) -> Result<i64> {
    let mut sql = Sql::new("SELECT count(*)");
    celebrating(&mut sql, scope, asked);
    Ok(sql.once().row::<(i64,)>(conn)?.map_or(0, |(n,)| n))
}

/// Living cadres whose record lacks what care needs: the ID number, every telephone number, or the day of birth.
///
/// # Errors
/// What the database says.
pub fn count_incomplete(conn: &mut Conn, scope: &Scope) -> Result<i64> {
    let mut sql = Sql::new("SELECT count(*)");
    sql.say(LIVING);
    visible(&mut sql, scope);
    sql.say(" AND (id_number IS NULL OR (mobile IS NULL AND landline IS NULL) OR length(birth_date) < 10)");
    Ok(sql.row::<(i64,)>(conn)?.map_or(0, |(n,)| n))
}

/// What a living cadre's record lacks: the cadre, and whether it has the number, a telephone, the day of birth.
pub type Lack = (Uuid, bool, bool, bool);

/// The records of [`count_incomplete`] in the order of their ids, those behind a position.
///
/// # Errors
/// What the database says.
pub fn incomplete(conn: &mut Conn, scope: &Scope, after: Option<Uuid>, limit: i64) -> Result<Vec<Lack>> {
    let mut sql = Sql::new("SELECT id, id_number IS NOT NULL, mobile IS NOT NULL OR landline IS NOT NULL, ");
    sql.say("length(birth_date) = 10").say(LIVING);
    visible(&mut sql, scope);
    sql.say(" AND (id_number IS NULL OR (mobile IS NULL AND landline IS NULL) OR length(birth_date) < 10)");
    if let Some(after) = after {
        sql.say(" AND id > ").bind(after);
    }
    sql.say(" ORDER BY id LIMIT ").bind(limit).once().rows(conn)
}

/// Two records that may be of one person: both with their states, and why.
pub type Twins = (Uuid, CadreStatus, Uuid, CadreStatus, DuplicateReason);

/// Pairs of records that may be of one person, the earlier record first, those behind a position.
///
/// # Errors
/// What the database says.
pub fn duplicates(conn: &mut Conn, scope: &Scope, after: Option<(Uuid, Uuid)>, limit: i64) -> Result<Vec<Twins>> {
    let mut sql = Sql::new("SELECT one, one_status, other, other_status, min(reason) FROM (");
    // A number is registered once among those in care; the others may still have it.
    let ways = [
        ("'1_same_id_number'", "a.id_number_index = b.id_number_index"),
        ("'2_same_name_and_birth_date'", "a.name = b.name AND a.birth_date = b.birth_date"),
    ];
    for (i, (reason, same)) in ways.into_iter().enumerate() {
        sql.say(if i > 0 { " UNION ALL " } else { "" })
            .say("SELECT a.id AS one, a.status AS one_status, b.id AS other, ");
        sql.say("b.status AS other_status, ").say(reason).say(" AS reason FROM ");
        seen(&mut sql, scope).say(" AS a JOIN ");
        seen(&mut sql, scope).say(" AS b ON ").say(same).say(" AND a.id < b.id");
    }
    sql.say(") AS pairs");
    if let Some((one, other)) = after {
        sql.say(" WHERE one > ").bind(one).say(" OR (one = ").bind(one).say(" AND other > ").bind(other).say(")");
    }
    sql.say(" GROUP BY one, one_status, other, other_status ORDER BY one, other LIMIT ").bind(limit).once();
    type Row = (Uuid, CadreStatus, Uuid, CadreStatus, String);
    let rows: Vec<Row> = sql.rows(conn)?;
    let reason = |text: &str| {
        if text.starts_with('1') { DuplicateReason::SameIdNumber } else { DuplicateReason::SameNameAndBirthDate }
    };
    Ok(rows.into_iter().map(|(one, its, other, of, why)| (one, its, other, of, reason(&why))).collect())
}

/// The live cadres of a scope as a table.
fn seen<'s, 'a>(sql: &'s mut Sql<'a>, scope: &Scope) -> &'s mut Sql<'a> {
    sql.say("(SELECT id, status, name, birth_date, id_number_index FROM cadres WHERE deleted_at IS NULL");
    visible(sql, scope);
    sql.say(")")
}

/// Only cadres that the scope sees.
fn visible(sql: &mut Sql<'_>, scope: &Scope) {
    within(sql, scope, Cadre::VISIBILITY);
    belonging(sql, scope, Cadre::PATH);
}

/// What is open of the cadre of a transfer that the scope sees: resource, and how many.
///
/// # Errors
/// `NotFound`; what the database says.
pub fn blockers(conn: &mut Conn, scope: &Scope, transfer: Uuid) -> Result<Vec<(&'static str, usize)>> {
    let transfer = CadreTransfer::get(conn, scope, transfer)?.ok_or(Error::NotFound)?;
    effects::blockers_of(conn, transfer.data.cadre_id)
}
