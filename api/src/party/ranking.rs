//! How organizations rank in an evaluation.
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::codes::EvaluationStatus;
use domain::party::{Evaluation, EvaluationScheme};
use domain::policy::Action;
use domain::{Rate, Record, Rule, Scope, Uuid};
use persistence::{Conn, Query, Store};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub(super) fn routes(r: &mut Routes) {
    let ranked = schemas::register::<Ranked>(&mut r.contract.schemas);
    let ranking = schemas::page("The ranking, best first", schemas::reference(&ranked));
    r.contract.schemas.insert("EvaluationRanking".into(), ranking);
    let id = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
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
