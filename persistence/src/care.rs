//! Care: green channels, sanatoriums, pairs and contacts, visits, hardship, check-ups; and who waits for a contact.
use crate::belonging::belonging;
use crate::conn::Conn;
use crate::error::Result;
use crate::query::{Cursor, Query};
use crate::select::within;
use crate::statement::Sql;
use crate::store::Store;
use crate::value::Value;
use domain::benefits::{
    CareContact, CarePair, GreenChannelCase, HardshipCase, HardshipScheme, HealthCheckup, Overdue, SanatoriumPlan,
    SanatoriumStay, Visit, overdue, period,
};
use domain::cadres::Cadre;
use domain::codes::CareContactKind;
use domain::{NaiveDate, Record, Resource, Scope, Uuid};
use std::collections::HashMap;

crate::resource_store! {
    green_channel_cases: GreenChannelCase { cadre_id, opened_on, need, hospital, contact_name, contact_phone, resolved_on, note, status }
    filter { cadre_id, need, status, opened_on }
    sort { opened_on }
    search {}
}

crate::resource_store! {
    sanatorium_plans: SanatoriumPlan { year, mode, place, starts_on, ends_on, capacity, criteria, document_no, status }
    filter { year, mode, status, starts_on }
    sort { starts_on }
    search { place }
    rules { crate::rules::sanatorium_plan }
}

crate::resource_store! {
    sanatorium_stays: SanatoriumStay { sanatorium_plan_id, cadre_id, year, companion_name, health_ok, override_reason, feedback, status }
    filter { sanatorium_plan_id, cadre_id, year, status }
    sort {}
    search {}
    fills { crate::fills::sanatorium_stay }
    rules { crate::rules::sanatorium_stay }
}

crate::resource_store! {
    care_pairs: CarePair { cadre_id, contact_kind, contact_name, contact_phone, calls_per_month, visits_per_quarter, talks_per_half, started_on, ended_on }
    filter { cadre_id, contact_kind, contact_name, started_on, ended_on }
    sort { started_on }
    search { contact_name }
}

crate::resource_store! {
    care_contacts: CareContact { care_pair_id, cadre_id, contacted_on, kind, content, needs }
    filter { care_pair_id, cadre_id, contacted_on, kind }
    sort { contacted_on }
    search {}
    fills { crate::fills::care_contact }
    rules { crate::rules::care_contact }
}

crate::resource_store! {
    visits: Visit { occasion, visited_on, leader_level, cadre_id, persons, round, gift_kind, gift_amount, note }
    filter { occasion, visited_on, leader_level, cadre_id, round, gift_kind }
    sort { visited_on }
    search { round }
}

crate::resource_store! {
    hardship_schemes: HardshipScheme { valid_from, valid_to, document_no, window_from, window_to, publicity_days, amount_min, amount_max, review_months }
    filter { valid_from, valid_to, document_no }
    sort { valid_from }
    search {}
}

crate::resource_store! {
    hardship_cases: HardshipCase { cadre_id, applicant, category, situation, evidence, requested_amount, applied_on, hardship_scheme_id, verified_on, publicized_from, publicized_to, approved_amount, approved_on, granted_on, review_due, reviewed_on, decision_reason, status }
    filter { cadre_id, applicant, category, status, applied_on, publicized_to, granted_on, review_due, hardship_scheme_id }
    sort { applied_on }
    search {}
    fills { crate::fills::hardship_case }
    rules { crate::rules::hardship_case }
}

crate::resource_store! {
    health_checkups: HealthCheckup { cadre_id, year, checked_on, hospital, result, advice }
    filter { cadre_id, year, checked_on }
    sort { year }
    search {}
}

/// A pair and what its plan asks for and was not done.
pub type Waiting = (Record<CarePair>, Overdue);

/// Pairs looked at in one step.
const STEP: i64 = 500;

/// What is due by the plans of the pairs that a scope sees and was not done on a day: those of the pairs behind a
/// position, until there are so many; and the position, where there may be more.
///
/// # Errors
/// What the database says.
pub fn waiting(
    conn: &mut Conn,
    scope: &Scope,
    as_of: NaiveDate,
    after: Option<Uuid>,
    limit: usize,
) -> Result<(Vec<Waiting>, Option<Uuid>)> {
    let after = after.map(|id| Cursor { value: serde_json::Value::Null, id });
    let mut query = Query { after, ..Query::all(STEP) };
    let mut found = vec![];
    loop {
        let page = CarePair::list(conn, scope, &query)?;
        let pairs: Vec<_> = page.items.into_iter().filter(|p| p.data.is_active(as_of)).collect();
        let contacts = contacts(conn, &pairs, as_of)?;
        for pair in pairs {
            let own = contacts.get(&pair.meta.id).map(Vec::as_slice).unwrap_or_default();
            let id = pair.meta.id;
            found.extend(overdue(&pair.data, as_of, own).into_iter().map(|waits| (pair.clone(), waits)));
            if found.len() >= limit {
                return Ok((found, Some(id)));
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok((found, None)),
        }
    }
}

/// The contacts of pairs in the half-year around a day, up to it: no plan asks for older ones.
fn contacts(
    conn: &mut Conn,
    pairs: &[Record<CarePair>],
    as_of: NaiveDate,
) -> Result<HashMap<Uuid, Vec<(CareContactKind, NaiveDate)>>> {
    let mut all: HashMap<Uuid, Vec<_>> = HashMap::new();
    if pairs.is_empty() {
        return Ok(all);
    }
    let mut sql = Sql::new("SELECT care_pair_id, kind, contacted_on FROM care_contacts WHERE deleted_at IS NULL AND ");
    sql.say("contacted_on >= ").bind(period(as_of, 6).0).say(" AND contacted_on <= ").bind(as_of);
    sql.say(" AND care_pair_id IN (").bind_all(pairs.iter().map(|p| Value::from(p.meta.id))).say(")").once();
    for (pair, kind, day) in sql.rows::<(Uuid, CareContactKind, NaiveDate)>(conn)? {
        all.entry(pair).or_default().push((kind, day));
    }
    Ok(all)
}

/// `FROM … WHERE …`: living lixiu cadres in care with whom nobody keeps in contact on a day.
fn alone(sql: &mut Sql<'_>, scope: &Scope, as_of: NaiveDate) {
    sql.say(
        " FROM cadres WHERE deleted_at IS NULL AND retire_type = 'lixiu' AND status IN ('in_care', 'transfer_pending')",
    );
    within(sql, scope, Cadre::VISIBILITY);
    belonging(sql, scope, Cadre::PATH);
    sql.say(
        " AND NOT EXISTS (SELECT 1 FROM care_pairs AS p WHERE p.cadre_id = cadres.id AND p.deleted_at IS NULL AND ",
    );
    sql.say("p.started_on <= ").bind(as_of).say(" AND (p.ended_on IS NULL OR p.ended_on >= ").bind(as_of).say("))");
}

/// How many living lixiu cadres have no active pair on a day.
///
/// # Errors
/// What the database says.
pub fn count_unpaired(conn: &mut Conn, scope: &Scope, as_of: NaiveDate) -> Result<i64> {
    let mut sql = Sql::new("SELECT count(*)");
    alone(&mut sql, scope, as_of);
    Ok(sql.row::<(i64,)>(conn)?.map_or(0, |(n,)| n))
}

/// A cadre: id, name, division.
pub type Unpaired = (Uuid, String, domain::DivisionCode);

/// Those of [`count_unpaired`] in the order of their ids, behind a position.
///
/// # Errors
/// What the database says.
pub fn unpaired(
    conn: &mut Conn,
    scope: &Scope,
    as_of: NaiveDate,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Unpaired>> {
    let mut sql = Sql::new("SELECT id, name, division_code");
    alone(&mut sql, scope, as_of);
    if let Some(after) = after {
        sql.say(" AND id > ").bind(after);
    }
    sql.say(" ORDER BY id LIMIT ").bind(limit).once().rows(conn)
}
