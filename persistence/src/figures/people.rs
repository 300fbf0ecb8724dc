//! Cadres as they belonged on a day, whoever answers for them today: a table with the fields that are counted by.
use crate::statement::Sql;
use domain::reports::{Moment, People};
use domain::{NaiveDate, PartialDate};

/// Where a cadre belongs after the last transfer of the row.
const FIELDS: &str = "c.id AS id, c.deleted_at AS deleted_at, c.name AS name, c.retire_type AS retire_type, \
     c.birth_date AS birth_date, c.join_revolution_date AS join_revolution_date, c.politics AS politics, \
     c.treatment_level AS treatment_level, c.settlement AS settlement, c.self_care AS self_care, \
     c.pension_socialised AS pension_socialised, c.local_medical_insurance AS local_medical_insurance, \
     c.party_relation_local AS party_relation_local, c.archive_local AS archive_local, \
     c.roles_played AS roles_played";

/// `(SELECT …) AS cadres`: those in question, with the division and the unit that answered for them then. Of who
/// moved there is a row for each move, with the other side in `other_division` and `other_unit`.
pub(super) fn people(sql: &mut Sql<'_>, who: People, moment: &Moment) {
    let (first, as_of) = (moment.first(), moment.as_of);
    let before = first.pred_opt().unwrap_or(first);
    sql.say("(SELECT ").say(FIELDS);
    match who {
        People::InCare => standing(sql, as_of),
        People::InCareBefore => standing(sql, before),
        People::Retired => {
            located(sql, before);
            // Who died before has not retired.
            sql.say(" AND c.status NOT IN ('void', 'pre_registered') AND c.retire_date >= ");
            sql.bind(PartialDate::day(first).lower_text()).say(" AND c.retire_date <= ").bind(as_of.to_string());
            sql.say(" AND (c.died_on IS NULL OR c.died_on >= c.retire_date)");
        }
        People::Died => {
            located(sql, as_of);
            sql.say(" AND c.status = 'deceased' AND c.retire_date <= c.died_on AND c.died_on >= ");
            sql.bind(PartialDate::day(first).lower_text()).say(" AND c.died_on <= ").bind(as_of.to_string());
        }
        People::MovedIn => {
            sql.say(
                ", CASE t.direction WHEN 'in' THEN t.division_code ELSE t.to_division END AS division_code, \
                 t.to_unit_id AS unit_id, CASE t.direction WHEN 'in' THEN '' ELSE t.division_code END AS \
                 other_division, t.from_unit_id AS other_unit",
            );
            moved(sql, first, as_of);
            sql.say(" AND t.direction <> 'out'");
        }
        People::MovedOut => {
            sql.say(
                ", t.division_code AS division_code, t.from_unit_id AS unit_id, CASE t.direction WHEN 'out' THEN '' \
                 ELSE t.to_division END AS other_division, t.to_unit_id AS other_unit",
            );
            moved(sql, first, as_of);
            sql.say(" AND t.direction <> 'in'");
        }
    }
    sql.say(") AS cadres");
}

/// Who was in care on a day: retired by then, alive, and there.
fn standing(sql: &mut Sql<'_>, day: NaiveDate) {
    located(sql, day);
    sql.say(" AND c.status NOT IN ('void', 'pre_registered') AND c.retire_date <= ").bind(day.to_string());
    sql.say(" AND (c.died_on IS NULL OR c.died_on > ").bind(day.to_string()).say(")");
}

/// Division and unit on a day, and who was there then: neither still to come by a transfer, nor gone by one. The
/// transfer that took effect next after the day tells who answered until it; the last one before whether the cadre
/// had left.
fn located(sql: &mut Sql<'_>, day: NaiveDate) {
    sql.say(
        ", coalesce(later.division_code, c.division_code) AS division_code, coalesce(later.from_unit_id, c.unit_id) \
         AS unit_id FROM cadres AS c LEFT JOIN (SELECT cadre_id, division_code, from_unit_id, direction, \
         row_number() OVER (PARTITION BY cadre_id ORDER BY effective_date, id) AS place FROM cadre_transfers WHERE \
         deleted_at IS NULL AND status = 'done' AND effective_date > ",
    );
    sql.bind(day).say(
        ") AS later ON later.cadre_id = c.id AND later.place = 1 LEFT JOIN (SELECT cadre_id, direction, \
         row_number() OVER (PARTITION BY cadre_id ORDER BY effective_date DESC, id DESC) AS place FROM \
         cadre_transfers WHERE deleted_at IS NULL AND status = 'done' AND effective_date <= ",
    );
    sql.bind(day).say(
        ") AS earlier ON earlier.cadre_id = c.id AND earlier.place = 1 WHERE (later.direction IS NULL OR \
         later.direction <> 'in') AND (earlier.direction IS NULL OR earlier.direction <> 'out') AND \
         (c.status <> 'transferred_out' OR later.cadre_id IS NOT NULL)",
    );
}

/// Transfers that took effect in a time, of cadres who were in care then.
fn moved(sql: &mut Sql<'_>, first: NaiveDate, last: NaiveDate) {
    sql.say(
        " FROM cadre_transfers AS t JOIN cadres AS c ON c.id = t.cadre_id WHERE t.deleted_at IS NULL AND \
         t.status = 'done' AND t.effective_date >= ",
    );
    sql.bind(first).say(" AND t.effective_date <= ").bind(last);
    sql.say(
        " AND c.status NOT IN ('void', 'pre_registered') AND c.retire_date <= CAST(t.effective_date AS text) AND \
         (c.died_on IS NULL OR c.died_on > CAST(t.effective_date AS text))",
    );
}
