//! Answers that are computed, never stored: ages, periods, party age, medal candidates.
use crate::computed::LIMIT;
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::benefits::BenefitStandard;
use domain::benefits::entitlements::certain;
use domain::cadres::Cadre;
use domain::codes::{
    CadreStatus, CandidateState, HonorKind, HonorStatus, PartyAgeRule, PartyAgeState, RevolutionPeriod, StandardKind,
};
use domain::honors::Honor;
use domain::partial_date::age;
use domain::party::{PartyMembership, medal_year};
use domain::policy::Action;
use domain::{Code, DivisionCode, NaiveDate, PartialDate, Problem, Rate, Record, Rule, Scope, Uuid};
use persistence::{Condition, Conn, Cursor, Op, Query, Store};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    let facts = schemas::register::<CadreFacts>(&mut r.contract.schemas);
    let party = schemas::register::<PartyAgeAnswer>(&mut r.contract.schemas);
    let candidate = schemas::register::<Candidate>(&mut r.contract.schemas);
    r.contract.schemas.insert("MedalCandidatePage".into(), schemas::page("Candidates", schemas::reference(&candidate)));
    let date = json!({"type": "string", "format": "date", "example": "2021-12-31"});
    let as_of =
        |o: Operation| o.parameter("query", "as_of", false, "The day it is asked for; today by default", date.clone());
    let age = json!({"as_of": "2021-12-31", "start": "1966-05-10", "rule": "conversion", "state": "determined", "needs_review": false, "full_years": 55, "medal_year": 2021});
    r.add(
        "GET",
        "/api/v1/cadres/{id}/derived",
        facts_of_cadre,
        as_of(Operation::new("get_cadre_facts", "cadres", "年龄、革命时期等推算信息 · What follows from a cadre's record"))
            .permit("cadres", Action::Read)
            .id_in_path()
            .answers(200, "The facts", &facts, json!({"as_of": "2021-12-31", "age": 91, "revolution_period": "liberation_war", "joined_before_1949_10": true, "subsidy_months": "0"})),
    );
    r.add(
        "GET",
        "/api/v1/cadres/{id}/party-age",
        party_age,
        as_of(Operation::new("get_party_age", "cadres", "党龄 · Party age of a cadre"))
            .permit("party-memberships", Action::Read)
            .id_in_path()
            .answers(200, "The party age by the formal membership", &party, age),
    );
    r.add(
        "GET",
        "/api/v1/honors/party50-candidates",
        candidates,
        Operation::new("list_medal_candidates", "honors", "“光荣在党50年”纪念章人选 · Candidates of the 50-year medal")
            .says("Those who complete 50 years of party membership by 1 July of the year and have no medal of an earlier year. Dates not known to the day are `needs_review`; a death after approval is `needs_decision`.")
            .permit("honors", Action::Read)
            .parameter("query", "year", true, "Year of the medal", json!({"type": "integer", "minimum": 2021, "maximum": 2199, "example": 2021}))
            .parameter("query", "open", false, "`true`: only those who have no medal yet", json!({"type": "boolean", "default": false}))
            .paged((LIMIT, LIMIT), 100)
            .answers(200, "A page", "MedalCandidatePage", json!({"items": [{"cadre_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "membership_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02", "state": "candidate", "party_age_start": "1966-05-10", "rule": "conversion"}]})),
    );
}

/// What follows from a cadre's record.
#[derive(Serialize, ToSchema)]
pub struct CadreFacts {
    /// The day it was asked for.
    as_of: NaiveDate,
    /// Full years; absent where the birth date is not known to the day and the year of age is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<i32>,
    /// The revolutionary period of joining, where it is certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    revolution_period: Option<RevolutionPeriod>,
    /// Joined revolutionary work before the founding of the republic.
    joined_before_1949_10: bool,
    /// Months of extra living subsidy a year, by the standard in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    subsidy_months: Option<Rate>,
}

fn as_of(req: &HttpRequest) -> Result<NaiveDate> {
    let mut day = persistence::tx::business_day(domain::Utc::now());
    for (name, value) in pairs(req)? {
        match name.as_str() {
            "as_of" => day = value.parse().map_err(|_| ApiError::parameter("as_of", Rule::DateFormat))?,
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    Ok(day)
}

/// `GET /cadres/{id}/derived`
async fn facts_of_cadre(permit: Permit<Cadre, Read>, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    let (scope, id, as_of) = (permit.scope(), *id, as_of(&req)?);
    let facts = permit
        .app
        .db
        .read(move |c| {
            let cadre = Cadre::get(c, &scope, id)?.ok_or(persistence::Error::NotFound)?.data;
            let joined = cadre.join_revolution_date;
            let period = joined.and_then(|d| certain(d, RevolutionPeriod::from_date));
            Ok(CadreFacts {
                as_of,
                age: certain(cadre.birth_date, |d| Some(age(d, as_of))).filter(|years| *years >= 0),
                revolution_period: period,
                joined_before_1949_10: joined
                    .is_some_and(|d| d.last_day() <= RevolutionPeriod::LiberationWar.last_day()),
                subsidy_months: period.map(|p| subsidy_months(c, &scope, p, as_of)).transpose()?.flatten(),
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(facts))
}

/// The months are a standard with a period of validity, not code: central adjustments change them.
fn subsidy_months(
    c: &mut Conn,
    scope: &Scope,
    period: RevolutionPeriod,
    as_of: NaiveDate,
) -> persistence::Result<Option<Rate>> {
    Ok(standard(c, scope, StandardKind::SubsidyMonths, period.as_str(), as_of)?.and_then(|s| s.rate))
}

/// The standard of this kind and scope that is in force on a day.
pub fn standard(
    c: &mut Conn,
    scope: &Scope,
    kind: StandardKind,
    of: &str,
    as_of: NaiveDate,
) -> persistence::Result<Option<BenefitStandard>> {
    let conditions = vec![
        equal("kind", kind.as_str()),
        equal("scope", of),
        Condition { field: "valid_from".into(), op: Op::Lte, value: as_of.to_string() },
    ];
    let standards = BenefitStandard::list(c, scope, &Query { conditions, ..Query::all(100) })?;
    let valid = |s: &Record<BenefitStandard>| s.data.valid_to.is_none_or(|to| to >= as_of);
    Ok(standards.items.into_iter().find(valid).map(|s| s.data))
}

fn equal(field: &str, value: impl ToString) -> Condition {
    Condition { field: field.into(), op: Op::Eq, value: value.to_string() }
}

/// Party age and how it was found.
#[derive(Serialize, ToSchema)]
#[schema(as = PartyAge)]
pub struct PartyAgeAnswer {
    /// The day it was asked for.
    as_of: NaiveDate,
    /// From when it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<PartialDate>,
    /// The row of the admission table.
    rule: PartyAgeRule,
    /// Whether it is certain.
    state: PartyAgeState,
    /// Whether somebody must look into the file.
    needs_review: bool,
    /// Full years on the day; absent unless certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    full_years: Option<i32>,
    /// The first year of the 50-year medal; absent unless certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    medal_year: Option<i32>,
}

/// `GET /cadres/{id}/party-age`
async fn party_age(
    permit: Permit<PartyMembership, Read>,
    id: web::Path<Uuid>,
    req: HttpRequest,
) -> Result<HttpResponse> {
    let (scope, id, as_of) = (permit.scope(), *id, as_of(&req)?);
    let answer = permit
        .app
        .db
        .read(move |c| {
            let mut query = Query::by("cadre_id", id, 100);
            query.conditions.push(equal("formal", true));
            // The one in force, or else the last one: earlier ones were transferred.
            let mut all = PartyMembership::list(c, &scope, &query)?.items;
            all.sort_by_key(|m| m.data.in_force());
            let membership = all.pop().ok_or(persistence::Error::NotFound)?;
            let found = membership.data.party_age();
            let determined = found.state == PartyAgeState::Determined;
            Ok(PartyAgeAnswer {
                as_of,
                start: found.start,
                rule: found.rule,
                state: found.state,
                needs_review: !determined,
                full_years: found.full_years(as_of),
                medal_year: found.start.filter(|_| determined).and_then(PartialDate::exact).map(medal_year),
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(answer))
}

/// A candidate of the 50-year medal.
#[derive(Serialize, ToSchema)]
#[schema(as = MedalCandidate)]
pub struct Candidate {
    /// The person.
    cadre_id: Uuid,
    /// The membership that was looked at.
    membership_id: Uuid,
    /// Where the person stands.
    state: CandidateState,
    /// From when the party age counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    party_age_start: Option<PartialDate>,
    /// The row of the admission table.
    rule: PartyAgeRule,
    /// The medal on record, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    honor_id: Option<Uuid>,
    /// The person's division.
    #[serde(skip)]
    division: DivisionCode,
}

#[derive(Serialize)]
struct CandidatePage {
    items: Vec<Candidate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// `GET /honors/party50-candidates`
async fn candidates(permit: Permit<Honor, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (mut year, mut open, mut limit, mut after) = (None, false, 500_usize, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "open" => open = crate::computed::read("open", &value)?,
            "year" => year = value.parse::<i32>().ok().filter(|y| (2021..2200).contains(y)),
            "limit" => {
                limit = value
                    .parse()
                    .ok()
                    .filter(|n| (1..=500).contains(n))
                    .ok_or_else(|| ApiError::parameter("limit", Rule::TooLarge))?
            }
            "page_token" => after = Some(value.parse::<Uuid>().map_err(|_| ApiError::new(Problem::PageTokenMismatch))?),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let year = year.ok_or_else(|| ApiError::parameter("year", Rule::Required))?;
    let scope = permit.scope();
    let page = permit.app.db.read_long(move |c| candidate_page(c, &scope, (year, open), after, limit)).await?;
    Ok(HttpResponse::Ok().json(page))
}

fn candidate_page(
    c: &mut Conn,
    scope: &Scope,
    (year, open): (i32, bool),
    after: Option<Uuid>,
    limit: usize,
) -> persistence::Result<CandidatePage> {
    let latest = format!("{}-07-01", year - 50);
    let mut query = Query::all(500);
    // Nobody's party age begins before the admission, so this leaves out nobody.
    query.conditions = vec![equal("formal", true), Condition { field: "joined_on".into(), op: Op::Lte, value: latest }];
    query.after = after.map(|id| Cursor { value: serde_json::Value::Null, id });
    let mut items: Vec<Candidate> = vec![];
    let medals = medals(c, scope)?;
    loop {
        let page = PartyMembership::list(c, scope, &query)?;
        let ids: Vec<Uuid> = page.items.iter().map(|m| m.data.cadre_id).collect();
        let people: HashMap<Uuid, Record<Cadre>> =
            Cadre::by_ids(c, scope, &ids)?.into_iter().map(|p| (p.meta.id, p)).collect();
        for membership in page.items {
            let Some(person) = people.get(&membership.data.cadre_id) else { continue };
            let candidate = consider(&medals, year, &membership, person);
            items.extend(candidate.filter(|found| !open || found.state != CandidateState::Awarded));
            if items.len() == limit {
                return Ok(CandidatePage { items, next_page_token: Some(membership.meta.id.to_string()) });
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(CandidatePage { items, next_page_token: None }),
        }
    }
}

/// The medals of all persons, but for rejected ones. Asked for each person, they would take longer than all else.
fn medals(c: &mut Conn, scope: &Scope) -> persistence::Result<HashMap<Uuid, Record<Honor>>> {
    let mut query = Query::by("kind", HonorKind::Party50Medal.as_str(), 500);
    let mut medals = HashMap::new();
    loop {
        let page = Honor::list(c, scope, &query)?;
        let granted = page.items.into_iter().filter(|h| h.data.status != HonorStatus::Rejected);
        medals.extend(granted.filter_map(|h| Some((h.data.cadre_id?, h))));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(medals),
        }
    }
}

/// How many candidates of a year have no medal yet, counted up to 500 and one more.
///
/// # Errors
/// What the database says.
pub fn count_candidates(c: &mut Conn, scope: &Scope, year: i32) -> persistence::Result<i64> {
    let page = candidate_page(c, scope, (year, true), None, 501)?;
    Ok(i64::try_from(page.items.len()).unwrap_or(i64::MAX))
}

/// The division of each candidate of a year without a medal, however many.
///
/// # Errors
/// What the database says.
pub fn candidate_divisions(c: &mut Conn, scope: &Scope, year: i32) -> persistence::Result<Vec<DivisionCode>> {
    let page = candidate_page(c, scope, (year, true), None, usize::MAX)?;
    Ok(page.items.into_iter().map(|candidate| candidate.division).collect())
}

/// Whether a member is a candidate of the year, and in which state (中组部 2021: living, 50 full years on 1 July).
fn consider(
    medals: &HashMap<Uuid, Record<Honor>>,
    year: i32,
    membership: &Record<PartyMembership>,
    person: &Record<Cadre>,
) -> Option<Candidate> {
    use domain::codes::MembershipStatus as Status;
    if !matches!(membership.data.status, Status::Full | Status::Deceased) {
        return None;
    }
    let found = membership.data.party_age();
    let start = found.start?;
    if medal_year(start.first_day()) > year {
        return None;
    }
    let medal = medals.get(&person.meta.id);
    let status = medal.map(|m| m.data.status);
    let state = match (status, person.data.status) {
        (Some(HonorStatus::Awarded), _) => {
            let earlier = medal.and_then(|m| m.data.awarded_on).is_some_and(|d| d.year() < year);
            if earlier {
                return None;
            }
            CandidateState::Awarded
        }
        (Some(HonorStatus::DeptReviewed | HonorStatus::NeedsDecision), CadreStatus::Deceased) => {
            CandidateState::NeedsDecision
        }
        (_, CadreStatus::Deceased | CadreStatus::Void | CadreStatus::TransferredOut) => return None,
        _ if found.state != PartyAgeState::Determined => CandidateState::NeedsReview,
        _ => CandidateState::Candidate,
    };
    Some(Candidate {
        cadre_id: person.meta.id,
        membership_id: membership.meta.id,
        state,
        party_age_start: found.start,
        rule: found.rule,
        honor_id: medal.map(|m| m.meta.id),
        division: person.meta.division_code.clone(),
    })
}
