//! Members whose record lacks what the party age needs.
use crate::computed::{LIMIT, Page, paged, token, within};
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse};
use domain::codes::{MembershipStatus, PartyAgeState};
use domain::party::PartyMembership;
use domain::policy::Action;
use domain::{Code, Record, Rule, Scope, Uuid};
use persistence::{Condition, Conn, Cursor, Op, Query, Store};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub(super) fn routes(r: &mut Routes) {
    let item = schemas::register::<Incomplete>(&mut r.contract.schemas);
    let page = schemas::page("Memberships that lack something", schemas::reference(&item));
    r.contract.schemas.insert("IncompleteMembershipPage".into(), page);
    let id = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
    r.add(
        "GET",
        "/api/v1/party-memberships/incomplete",
        incomplete,
        paged(Operation::new("list_incomplete_memberships", "party", "党龄信息不完整的党员 · Members whose record lacks something"))
            .says("Formal memberships of full members whose party age is not certain: the day of conversion is missing, or a date is known to the month or the year, or lies between two rules.")
            .permit("party-memberships", Action::Read)
            .answers(200, "A page", "IncompleteMembershipPage", json!({"items": [{"membership_id": id, "cadre_id": id, "state": "undetermined", "missing": ["converted_on"]}]})),
    );
}

/// A membership that lacks something.
#[derive(Serialize, ToSchema)]
#[schema(as = IncompleteMembership)]
struct Incomplete {
    /// The membership.
    membership_id: Uuid,
    /// The member.
    cadre_id: Uuid,
    /// How certain the party age is.
    state: PartyAgeState,
    /// What is missing: `converted_on`, or the `party_age_start` to the day.
    #[schema(max_items = 2)]
    missing: Vec<&'static str>,
}

fn lacking(c: &mut Conn, scope: &Scope, after: Option<Uuid>, most: i64) -> persistence::Result<Vec<Incomplete>> {
    let is = |field: &str, value: &str| Condition { field: field.into(), op: Op::Eq, value: value.into() };
    let mut query = Query::all(500);
    query.conditions = vec![is("formal", "true"), is("status", MembershipStatus::Full.as_str())];
    query.after = after.map(|id| Cursor { value: serde_json::Value::Null, id });
    let mut found = vec![];
    loop {
        let page = PartyMembership::list(c, scope, &query)?;
        for membership in page.items {
            found.extend(judged(&membership));
            if i64::try_from(found.len()).unwrap_or(most) >= most {
                return Ok(found);
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(found),
        }
    }
}

fn judged(membership: &Record<PartyMembership>) -> Option<Incomplete> {
    let state = membership.data.party_age().state;
    let missing = match state {
        PartyAgeState::Determined => return None,
        PartyAgeState::Undetermined => "converted_on",
        PartyAgeState::NeedsReview => "party_age_start",
    };
    let (membership_id, cadre_id) = (membership.meta.id, membership.data.cadre_id);
    Some(Incomplete { membership_id, cadre_id, state, missing: vec![missing] })
}

/// How many there are, counted up to 500 and one more.
///
/// # Errors
/// What the database says.
pub fn count_incomplete(c: &mut Conn, scope: &Scope) -> persistence::Result<i64> {
    Ok(i64::try_from(lacking(c, scope, None, LIMIT + 1)?.len()).unwrap_or(i64::MAX))
}

/// `GET /party-memberships/incomplete`
async fn incomplete(permit: Permit<PartyMembership, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (mut limit, mut after) = (LIMIT, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "limit" => limit = within("limit", &value, 1, LIMIT)?,
            "page_token" => after = Some(token(value.parse().ok())?),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let scope = permit.scope();
    let items = permit.app.db.read_long(move |c| lacking(c, &scope, after, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Page::of(items, limit, |item| item.membership_id.to_string())))
}
