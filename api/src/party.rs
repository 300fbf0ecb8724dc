//! What is computed about party organizations: overdue elections, and how they rank in an evaluation.
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::codes::{EvaluationStatus, PartyTermStatus};
use domain::party::{Evaluation, EvaluationScheme, PartyOrganization, PartyTerm};
use domain::policy::Action;
use domain::{NaiveDate, Problem, Rate, Record, Rule, Scope, Uuid};
use persistence::{Condition, Conn, Cursor, Op, Query, Store};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Mounts and documents it.
pub fn routes(r: &mut Routes) {
    let overdue_term = schemas::register::<OverdueTerm>(&mut r.contract.schemas);
    let ranked = schemas::register::<Ranked>(&mut r.contract.schemas);
    let page = schemas::page("Overdue elections", schemas::reference(&overdue_term));
    r.contract.schemas.insert("OverdueTermPage".into(), page);
    let ranking = schemas::page("The ranking, best first", schemas::reference(&ranked));
    r.contract.schemas.insert("EvaluationRanking".into(), ranking);
    let id = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
    r.add(
        "GET",
        "/api/v1/party-terms/overdue",
        overdue,
        Operation::new("list_overdue_terms", "party", "逾期换届的党组织 · Overdue elections")
            .says("Terms whose last day, an extension included, lies before the day asked for, and which no election has followed. Organizations that are merged or dissolved are left out.")
            .permit("party-terms", Action::Read)
            .parameter("query", "as_of", false, "The day it is asked for; today by default", json!({"type": "string", "format": "date", "example": "2021-12-31"}))
            .parameter("query", "limit", false, "Items in the page at most", json!({"type": "integer", "minimum": 1, "maximum": 500, "default": 500}))
            .parameter("query", "page_token", false, "`next_page_token` of the page before", json!({"type": "string", "maxLength": 100}))
            .answers(200, "A page", "OverdueTermPage", json!({"items": [{"party_term_id": id, "party_organization_id": id, "name": "单县某某局离退休干部党支部", "division_code": "371722", "term_no": 3, "status": "serving", "ends_on": "2021-12-15", "days_overdue": 16}]})),
    );
    r.add(
        "GET",
        "/api/v1/evaluation-schemes/{id}/ranking",
        rank,
        Operation::new("rank_evaluations", "party", "党建评价排名 · Ranking in an evaluation scheme")
            .says("The reviewed and published evaluations the caller sees, by total. Equal totals share a rank and the next ranks are left out. Who is ruled out by a veto item stands last, without a rank.")
            .permit("evaluations", Action::Read)
            .id_in_path()
            .answers(200, "The ranking", "EvaluationRanking", json!({"items": [{"rank": 1, "evaluation_id": id, "party_organization_id": id, "total": "92.5", "vetoed": false, "status": "published"}]})),
    );
}

/// A term whose election is overdue.
#[derive(Serialize, ToSchema)]
pub struct OverdueTerm {
    /// The term.
    party_term_id: Uuid,
    /// The organization.
    party_organization_id: Uuid,
    /// Its name.
    #[schema(max_length = 100)]
    name: String,
    /// Its division.
    division_code: domain::DivisionCode,
    /// Which term it is.
    term_no: i32,
    /// Where the term stands.
    status: PartyTermStatus,
    /// Its last day.
    ends_on: NaiveDate,
    /// Days since then.
    days_overdue: i64,
}

#[derive(Serialize)]
struct OverduePage {
    items: Vec<OverdueTerm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// `GET /party-terms/overdue`
async fn overdue(permit: Permit<PartyTerm, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (mut as_of, mut limit, mut after) = (persistence::tx::business_day(domain::Utc::now()), 500_usize, None);
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "as_of" => as_of = value.parse().map_err(|_| ApiError::parameter("as_of", Rule::DateFormat))?,
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
    let scope = permit.scope();
    let page = permit.app.db.read_long(move |c| overdue_page(c, &scope, as_of, after, limit)).await?;
    Ok(HttpResponse::Ok().json(page))
}

fn overdue_page(
    c: &mut Conn,
    scope: &Scope,
    as_of: NaiveDate,
    after: Option<Uuid>,
    limit: usize,
) -> persistence::Result<OverduePage> {
    let over = Condition { field: "ends_on".into(), op: Op::Lt, value: as_of.to_string() };
    let after = after.map(|id| Cursor { value: serde_json::Value::Null, id });
    let mut query = Query { conditions: vec![over], after, ..Query::all(500) };
    let mut items = vec![];
    loop {
        let page = PartyTerm::list(c, scope, &query)?;
        let ids: Vec<Uuid> = page.items.iter().map(|t| t.data.party_organization_id).collect();
        let organizations = PartyOrganization::by_ids(c, scope, &ids)?;
        let organizations: HashMap<Uuid, Record<PartyOrganization>> =
            organizations.into_iter().map(|o| (o.meta.id, o)).collect();
        for term in page.items {
            let of = organizations.get(&term.data.party_organization_id);
            let Some(of) = of.filter(|o| o.data.lives() && term.data.overdue(as_of)) else { continue };
            let Some(ends_on) = term.data.ends_on else { continue };
            items.push(OverdueTerm {
                party_term_id: term.meta.id,
                party_organization_id: of.meta.id,
                name: of.data.name.clone(),
                division_code: of.meta.division_code.clone(),
                term_no: term.data.term_no,
                status: term.data.status,
                ends_on,
                days_overdue: (as_of - ends_on).num_days(),
            });
            if items.len() == limit {
                return Ok(OverduePage { items, next_page_token: Some(term.meta.id.to_string()) });
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(OverduePage { items, next_page_token: None }),
        }
    }
}

/// An organization's place in a ranking.
#[derive(Serialize, ToSchema)]
#[schema(as = RankedEvaluation)]
pub struct Ranked {
    /// Its place from 1; absent where a veto item applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<usize>,
    /// The evaluation.
    evaluation_id: Uuid,
    /// The organization.
    party_organization_id: Uuid,
    /// The weighted sum.
    total: Rate,
    /// Whether a veto item applies.
    vetoed: bool,
    /// Where the evaluation stands.
    status: EvaluationStatus,
}

/// `GET /evaluation-schemes/{id}/ranking`
async fn rank(permit: Permit<Evaluation, Read>, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    if let Some((name, _)) = pairs(&req)?.first() {
        return Err(ApiError::parameter(name, Rule::UnknownParameter));
    }
    let (scope, id) = (permit.scope(), *id);
    let items = permit.app.db.read_long(move |c| ranking(c, &scope, id)).await?;
    Ok(HttpResponse::Ok().json(json!({"items": items})))
}

fn ranking(c: &mut Conn, scope: &Scope, scheme: Uuid) -> persistence::Result<Vec<Ranked>> {
    EvaluationScheme::get(c, scope, scheme)?.ok_or(persistence::Error::NotFound)?;
    let mut query = Query::by("evaluation_scheme_id", scheme, 500);
    let mut items: Vec<Ranked> = vec![];
    loop {
        let page = Evaluation::list(c, scope, &query)?;
        let judged =
            |e: &Record<Evaluation>| matches!(e.data.status, EvaluationStatus::Reviewed | EvaluationStatus::Published);
        items.extend(page.items.into_iter().filter(judged).filter_map(|e| {
            Some(Ranked {
                rank: None,
                evaluation_id: e.meta.id,
                party_organization_id: e.data.party_organization_id,
                total: e.data.total?,
                vetoed: e.data.vetoed,
                status: e.data.status,
            })
        }));
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    items.sort_by_key(|item| (item.vetoed, std::cmp::Reverse(item.total), item.evaluation_id));
    let mut before = None;
    for (at, item) in items.iter_mut().enumerate().filter(|(_, item)| !item.vetoed) {
        let shared = before.filter(|(total, _)| *total == item.total);
        let place = shared.map_or(at + 1, |(_, rank)| rank);
        item.rank = Some(place);
        before = Some((item.total, place));
    }
    Ok(items)
}
