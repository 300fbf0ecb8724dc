//! A selection as `FROM … WHERE …`.
use super::{Asked, kind, people};
use crate::conn::Conn;
use crate::error::Result;
use crate::people::born_by;
use crate::select::{inside, within};
use crate::statement::Sql;
use domain::PartialDate;
use domain::reports::selection::{Cond, Reach, Selection, When};

/// `FROM … WHERE …` of a selection.
pub(super) struct Source<'a> {
    asked: &'a Asked,
    selection: &'static Selection,
    /// The only division, where it is the nearest that has any.
    nearest: Option<String>,
}

impl<'a> Source<'a> {
    /// What was asked.
    pub(super) fn asked(&self) -> &'a Asked {
        self.asked
    }

    /// Finds out where it is to be looked.
    ///
    /// # Errors
    /// What the database says.
    pub(super) fn of(conn: &mut Conn, asked: &'a Asked, selection: &'static Selection) -> Result<Self> {
        let mut from = Self { asked, selection, nearest: None };
        if selection.reach == Reach::Nearest {
            let mut sql = Sql::new("SELECT division_code FROM ");
            let chain = asked.division.chain();
            sql.say(kind(selection.of)?.table).say(" WHERE deleted_at IS NULL AND division_code IN (");
            sql.bind_all(chain.iter().map(|code| code.as_str().into())).say(")");
            from.conditions(&mut sql, selection)?;
            let found: Vec<(String,)> = sql.say(" GROUP BY division_code").once().rows(conn)?;
            let nearest = chain.iter().find(|code| found.iter().any(|(f,)| f == *code));
            from.nearest = Some(nearest.cloned().unwrap_or_default());
        }
        Ok(from)
    }

    /// ` FROM … WHERE …`
    pub(super) fn say<'s>(&self, sql: &mut Sql<'s>) -> Result<()>
    where
        'a: 's,
    {
        let kind = kind(self.selection.of)?;
        sql.say(" FROM ");
        self.table(sql, self.selection)?;
        sql.say(" WHERE deleted_at IS NULL");
        match &self.nearest {
            Some(code) => drop(sql.say(" AND division_code = ").bind(code.clone())),
            None => {
                sql.say(" AND ");
                inside(sql, "division_code", &self.asked.division);
            }
        }
        within(sql, &self.asked.scope, kind.visibility);
        self.conditions(sql, self.selection)
    }

    /// The records of a selection before any condition.
    fn table(&self, sql: &mut Sql<'_>, of: &'static Selection) -> Result<()> {
        match of.reach {
            Reach::People(who) => people::people(sql, who, &self.asked.moment),
            Reach::Inside | Reach::Nearest => drop(sql.say(kind(of.of)?.table)),
        }
        Ok(())
    }

    fn conditions(&self, sql: &mut Sql<'_>, selection: &'static Selection) -> Result<()> {
        let of = kind(selection.of)?.table;
        selection.that.iter().try_for_each(|cond| self.tested(sql, cond, of))
    }

    /// ` FROM … WHERE …` of what is counted to find the most frequent.
    fn most(&self, sql: &mut Sql<'_>, other: &'static Selection) -> Result<()> {
        sql.say(" FROM ");
        self.table(sql, other)?;
        sql.say(" WHERE deleted_at IS NULL AND ");
        inside(sql, "division_code", &self.asked.division);
        self.conditions(sql, other)
    }

    /// ` AND …`
    pub(super) fn condition(&self, sql: &mut Sql<'_>, cond: &'static Cond) -> Result<()> {
        self.tested(sql, cond, kind(self.selection.of)?.table)
    }

    /// The same of a record of a table.
    fn tested(&self, sql: &mut Sql<'_>, cond: &'static Cond, of: &'static str) -> Result<()> {
        let moment = &self.asked.moment;
        sql.say(" AND ");
        match cond {
            Cond::Unknown(field) => drop(sql.say(field).say(" IS NULL")),
            Cond::Later(when) => {
                sql.say(when.field).say(" > ");
                if when.partial {
                    sql.bind(moment.as_of.to_string())
                } else {
                    sql.bind(moment.as_of)
                };
            }
            Cond::Either(ways) => {
                sql.say("(1 = 0");
                for way in *ways {
                    sql.say(" OR (1 = 1");
                    self.tested(sql, way, of)?;
                    sql.say(")");
                }
                sql.say(")");
            }
            Cond::All(all) => {
                sql.say("(1 = 1");
                all.iter().try_for_each(|cond| self.tested(sql, cond, of))?;
                sql.say(")");
            }
            Cond::Not(other) => {
                sql.say("NOT coalesce(1 = 1");
                self.tested(sql, other, of)?;
                sql.say(", 1 = 0)");
            }
            Cond::Filled(field) => drop(sql.say("CAST(").say(field).say(" AS text) <> '[]'")),
            Cond::Aged(field, from, to) => {
                sql.say("(1 = 1");
                if let Some(years) = from {
                    sql.say(" AND ").say(field).say(" <= ").bind(born_by(moment.as_of, *years));
                }
                if let Some(years) = to {
                    sql.say(" AND ").say(field).say(" > ").bind(born_by(moment.as_of, years + 1));
                }
                sql.say(")");
            }
            Cond::InPeriod(field, period) => {
                sql.say("(").say(field).say(" >= ").bind(PartialDate::day(period.first_day()).lower_text());
                sql.say(" AND ").say(field).say(" <= ").bind(period.last_day().to_string()).say(")");
            }
            Cond::Most(field, other, theirs) => {
                sql.say(field).say(" = (SELECT ").say(theirs);
                self.most(sql, other)?;
                sql.say(" GROUP BY ").say(theirs).say(" ORDER BY count(*) DESC, ").say(theirs).say(" LIMIT 1)");
            }
            Cond::MostCounty(other) => {
                sql.say("substr(division_code, 1, 6) = (SELECT substr(division_code, 1, 6)");
                self.most(sql, other)?;
                sql.say(" GROUP BY substr(division_code, 1, 6) ORDER BY count(*) DESC, 1 LIMIT 1)");
            }
            Cond::Is(field, code) => drop(sql.say(field).say(" = ").bind(*code)),
            Cond::In(field, codes) => {
                sql.say(field).say(" IN (").bind_all(codes.iter().map(|code| (*code).into())).say(")");
            }
            Cond::Yes(field) => drop(sql.say(field)),
            Cond::Known(field) => drop(sql.say(field).say(" IS NOT NULL")),
            Cond::OfYear(field, later) => drop(sql.say(field).say(" = ").bind(moment.year + later)),
            Cond::InYear(when) => {
                sql.say(when.field).say(" >= ");
                if when.partial {
                    sql.bind(PartialDate::day(moment.first()).lower_text());
                } else {
                    sql.bind(moment.first());
                }
                sql.say(" AND ");
                until(sql, *when, moment.last());
            }
            Cond::Begun(when) => {
                sql.say("(").say(when.field).say(" IS NULL OR ");
                until(sql, *when, moment.as_of);
                sql.say(")");
            }
            Cond::Going(when) => since(sql, *when, moment.as_of),
            Cond::Touches(begins, ends) => {
                until(sql, *begins, moment.last());
                sql.say(" AND ");
                since(sql, *ends, moment.first());
            }
            Cond::Has(field, other, theirs) => {
                let table = kind(other.of)?.table;
                sql.say("EXISTS (SELECT 1 FROM ").say(table).say(" WHERE deleted_at IS NULL AND ");
                sql.say(table).say(".").say(theirs).say(" = ").say(of).say(".").say(field);
                self.conditions(sql, other)?;
                sql.say(")");
            }
            Cond::Among(field, other, theirs) => {
                sql.say(field).say(" IN (SELECT ").say(theirs).say(" FROM ");
                self.table(sql, other)?;
                sql.say(" WHERE deleted_at IS NULL");
                self.conditions(sql, other)?;
                sql.say(")");
            }
        }
        Ok(())
    }
}

/// `field <= day`
fn until(sql: &mut Sql<'_>, when: When, day: domain::NaiveDate) {
    sql.say(when.field).say(" <= ");
    if when.partial {
        sql.bind(day.to_string())
    } else {
        sql.bind(day)
    };
}

/// `(field IS NULL OR field >= day)`
fn since(sql: &mut Sql<'_>, when: When, day: domain::NaiveDate) {
    sql.say("(").say(when.field).say(" IS NULL OR ").say(when.field).say(" >= ");
    if when.partial {
        sql.bind(day.to_string())
    } else {
        sql.bind(day)
    };
    sql.say(")");
}
