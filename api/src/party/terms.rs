//! Elections that are overdue, and those to prepare.
use crate::computed::{LIMIT, Page, day, paged, today, token, within};
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use crate::worklists::reminders::days_after;
use actix_web::{HttpRequest, HttpResponse};
use domain::codes::PartyTermStatus;
use domain::party::{PartyOrganization, PartyTerm};
use domain::policy::Action;
use domain::{DivisionCode, NaiveDate, Record, Rule, Scope, Uuid};
use persistence::{Condition, Conn, Cursor, Op, Query, Store};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;
use utoipa::ToSchema;

pub(super) fn routes(r: &mut Routes) {
    let overdue_term = schemas::register::<OverdueTerm>(&mut r.contract.schemas);
    let due_term = schemas::register::<DueTerm>(&mut r.contract.schemas);
    let page = |text, item: &str| schemas::page(text, schemas::reference(item));
    r.contract.schemas.insert("OverdueTermPage".into(), page("Overdue elections", &overdue_term));
    r.contract.schemas.insert("DueTermPage".into(), page("Elections to prepare", &due_term));
    let id = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
    let date = json!({"type": "string", "format": "date", "example": "2021-12-31"});
    let as_of =
        |o: Operation| o.parameter("query", "as_of", false, "The day it is asked for; today by default", date.clone());
    r.add(
        "GET",
        "/api/v1/party-terms/overdue",
        overdue,
        paged(as_of(Operation::new("list_overdue_terms", "party", "逾期换届的党组织 · Overdue elections")))
            .says("Terms whose last day, an extension included, lies before the day asked for, and which no election has followed. Organizations that are merged or dissolved are left out.")
            .permit("party-terms", Action::Read)
            .answers(200, "A page", "OverdueTermPage", json!({"items": [{"party_term_id": id, "party_organization_id": id, "name": "单县某某局离退休干部党支部", "division_code": "371722", "term_no": 3, "status": "serving", "ends_on": "2021-12-15", "days_overdue": 16}]})),
    );
    r.add(
        "GET",
        "/api/v1/party-terms/due",
        due,
        paged(as_of(Operation::new("list_due_terms", "party", "即将到期须换届的党组织 · Elections to prepare")))
            .says("Terms that are in force and whose last day is the day asked for or one of so many days after it: the superior organization reminds of the election.")
            .permit("party-terms", Action::Read)
            .parameter("query", "days", false, "How many days are looked ahead; by default what the server is configured to (`reminders.election_days`, usually 183)", json!({"type": "integer", "minimum": 0, "maximum": 3660, "example": 183}))
            .answers(200, "A page", "DueTermPage", json!({"items": [{"party_term_id": id, "party_organization_id": id, "name": "单县某某局离退休干部党支部", "division_code": "371722", "term_no": 3, "status": "serving", "ends_on": "2022-03-31", "days_left": 90}]})),
    );
}

/// A term whose election is overdue.
#[derive(Serialize, ToSchema)]
struct OverdueTerm {
    /// The term.
    party_term_id: Uuid,
    /// The organization.
    party_organization_id: Uuid,
    /// Its name.
    #[schema(max_length = 100)]
    name: String,
    /// Its division.
    division_code: DivisionCode,
    /// Which term it is.
    term_no: i32,
    /// Where the term stands.
    status: PartyTermStatus,
    /// Its last day.
    ends_on: NaiveDate,
    /// Days since then.
    days_overdue: i64,
}

/// A term whose election is to be prepared.
#[derive(Serialize, ToSchema)]
struct DueTerm {
    /// The term.
    party_term_id: Uuid,
    /// The organization.
    party_organization_id: Uuid,
    /// Its name.
    #[schema(max_length = 100)]
    name: String,
    /// Its division.
    division_code: DivisionCode,
    /// Which term it is.
    term_no: i32,
    /// Where the term stands.
    status: PartyTermStatus,
    /// Its last day.
    ends_on: NaiveDate,
    /// Days until then.
    days_left: i64,
}

/// Which terms are asked for, by their last day.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// Over before this day.
    Overdue(NaiveDate),
    /// In force, and over on the first of these days, the second, or between them.
    Due(NaiveDate, NaiveDate),
}

impl Asked {
    fn conditions(self) -> Vec<Condition> {
        let ends = |op, day: NaiveDate| Condition { field: "ends_on".into(), op, value: day.to_string() };
        match self {
            Self::Overdue(day) => vec![ends(Op::Lt, day)],
            Self::Due(first, last) => vec![ends(Op::Gte, first), ends(Op::Lte, last)],
        }
    }
    fn holds(self, term: &PartyTerm) -> bool {
        match self {
            Self::Overdue(day) => term.overdue(day),
            Self::Due(..) => term.is_current(),
        }
    }
}

/// A term, its organization, and its last day.
type Ending = (Record<PartyTerm>, Record<PartyOrganization>, NaiveDate);

/// The terms that are asked for, those behind a position, at most so many. Organizations that have ended are left out.
fn ending(
    c: &mut Conn,
    scope: &Scope,
    asked: Asked,
    after: Option<Uuid>,
    most: i64,
) -> persistence::Result<Vec<Ending>> {
    let after = after.map(|id| Cursor { value: serde_json::Value::Null, id });
    let mut query = Query { conditions: asked.conditions(), after, ..Query::all(500) };
    let mut found = vec![];
    loop {
        let page = PartyTerm::list(c, scope, &query)?;
        let ids: Vec<Uuid> = page.items.iter().map(|t| t.data.party_organization_id).collect();
        let organizations = PartyOrganization::by_ids(c, scope, &ids)?;
        let organizations: HashMap<Uuid, Record<PartyOrganization>> =
            organizations.into_iter().map(|o| (o.meta.id, o)).collect();
        for term in page.items {
            let of = organizations.get(&term.data.party_organization_id).filter(|o| o.data.lives());
            let (Some(of), Some(ends_on), true) = (of, term.data.ends_on, asked.holds(&term.data)) else { continue };
            found.push((term, of.clone(), ends_on));
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

/// How many there are, counted up to 500 and one more.
///
/// # Errors
/// What the database says.
pub fn count(c: &mut Conn, scope: &Scope, asked: Asked) -> persistence::Result<i64> {
    Ok(i64::try_from(ending(c, scope, asked, None, LIMIT + 1)?.len()).unwrap_or(i64::MAX))
}

/// The division of each that there is, however many.
///
/// # Errors
/// What the database says.
pub fn divisions(c: &mut Conn, scope: &Scope, asked: Asked) -> persistence::Result<Vec<DivisionCode>> {
    Ok(ending(c, scope, asked, None, i64::MAX)?.into_iter().map(|(_, of, _)| of.meta.division_code).collect())
}

/// `GET /party-terms/overdue`
async fn overdue(permit: Permit<PartyTerm, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (mut as_of, mut limit, mut after) = (today(), LIMIT, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "as_of" => as_of = day("as_of", &value)?,
            "limit" => limit = within("limit", &value, 1, LIMIT)?,
            "page_token" => after = Some(token(value.parse().ok())?),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let scope = permit.scope();
    let found = permit.app.db.read_long(move |c| ending(c, &scope, Asked::Overdue(as_of), after, limit + 1)).await?;
    let items = found.into_iter().map(|(term, of, ends_on)| OverdueTerm {
        party_term_id: term.meta.id,
        party_organization_id: of.meta.id,
        name: of.data.name,
        division_code: of.meta.division_code,
        term_no: term.data.term_no,
        status: term.data.status,
        ends_on,
        days_overdue: (as_of - ends_on).num_days(),
    });
    Ok(HttpResponse::Ok().json(Page::of(items.collect(), limit, |item| item.party_term_id.to_string())))
}

/// `GET /party-terms/due`
async fn due(permit: Permit<PartyTerm, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (mut as_of, mut days) = (today(), permit.app.config.reminders.election_days);
    let (mut limit, mut after) = (LIMIT, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "as_of" => as_of = day("as_of", &value)?,
            "days" => days = within("days", &value, 0, 3660)?,
            "limit" => limit = within("limit", &value, 1, LIMIT)?,
            "page_token" => after = Some(token(value.parse().ok())?),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let scope = permit.scope();
    let asked = Asked::Due(as_of, days_after(as_of, days));
    let found = permit.app.db.read_long(move |c| ending(c, &scope, asked, after, limit + 1)).await?;
    let items = found.into_iter().map(|(term, of, ends_on)| DueTerm {
        party_term_id: term.meta.id,
        party_organization_id: of.meta.id,
        name: of.data.name,
        division_code: of.meta.division_code,
        term_no: term.data.term_no,
        status: term.data.status,
        ends_on,
        days_left: (ends_on - as_of).num_days(),
    });
    Ok(HttpResponse::Ok().json(Page::of(items.collect(), limit, |item| item.party_term_id.to_string())))
}
