//! Contacts that are due and were not had, and lixiu cadres whom nobody keeps in contact with.
use crate::computed::{Page, day, today, token, within};
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse};
use domain::benefits::CarePair;
use domain::codes::CareContactKind;
use domain::policy::Action;
use domain::{DivisionCode, FieldClass, NaiveDate, Rule, Uuid};
use persistence::care;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// Items in a page where nothing is said, and at most.
const LIMIT: i64 = 500;

pub(super) fn routes(r: &mut Routes) {
    let waiting = schemas::register::<Waiting>(&mut r.contract.schemas);
    let alone = schemas::register::<Alone>(&mut r.contract.schemas);
    let page = |text, item: &str| schemas::page(text, schemas::reference(item));
    r.contract.schemas.insert("OverdueContactPage".into(), page("Contacts that are due", &waiting));
    r.contract.schemas.insert("UnpairedCadrePage".into(), page("Lixiu cadres without a pair", &alone));
    let asked = |o: Operation| {
        o.permit("care-pairs", Action::Read)
            .parameter(
                "query",
                "as_of",
                false,
                "The day it is asked for; today by default",
                json!({"type": "string", "format": "date", "example": "2021-12-31"}),
            )
            .parameter(
                "query",
                "limit",
                false,
                "Items in the page; all kinds of the last pair are in it, which may be two more",
                json!({"type": "integer", "minimum": 1, "maximum": LIMIT, "default": LIMIT}),
            )
            .parameter(
                "query",
                "page_token",
                false,
                "`next_page_token` of the page before",
                json!({"type": "string", "maxLength": 100}),
            )
    };
    let id = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
    r.add(
        "GET",
        "/api/v1/care-pairs/overdue",
        overdue,
        asked(Operation::new("list_overdue_contacts", "benefits", "应联系未联系清单 · Contacts that are due and were not had"))
            .says("What the plans of active pairs ask for in the running month (calls), quarter (visits, those in hospital among them) and half-year (talks), and was not done up to the day. `days` counts from the beginning of the period, or of the pair within it. In the order of the pairs.")
            .answers(200, "A page", "OverdueContactPage", json!({"items": [{"care_pair_id": id, "cadre_id": id, "contact_name": "孟小宁", "kind": "call", "due": 1, "done": 0, "since": "2021-12-01", "until": "2021-12-31", "days": 30}]})),
    );
    r.add(
        "GET",
        "/api/v1/care-pairs/missing",
        missing,
        asked(Operation::new(
            "list_unpaired_cadres",
            "benefits",
            "未结对的离休干部 · Lixiu cadres without an active pair",
        ))
        .says("Living lixiu cadres in care with whom nobody keeps in contact on the day.")
        .answers(
            200,
            "A page",
            "UnpairedCadrePage",
            json!({"items": [{"cadre_id": id, "name": "孔令文", "division_code": "371722"}]}),
        ),
    );
}

/// A kind of contact that a pair owes.
#[derive(Serialize, ToSchema)]
#[schema(as = OverdueContact)]
struct Waiting {
    /// The pair.
    care_pair_id: Uuid,
    /// The cadre.
    cadre_id: Uuid,
    /// Who keeps in contact; absent for who may not see names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 50)]
    contact_name: Option<String>,
    /// Kind.
    kind: CareContactKind,
    /// How many the plan asks for in the running month (call), quarter (visit) or half-year (talk).
    due: i32,
    /// How many there were in it up to the day asked for.
    done: i32,
    /// Since when they are due: the beginning of the period, or of the pair within it.
    since: NaiveDate,
    /// The last day on which they can be had in time.
    until: NaiveDate,
    /// Days since `since`.
    days: i64,
}

/// A cadre without a pair.
#[derive(Serialize, ToSchema)]
#[schema(as = UnpairedCadre)]
struct Alone {
    /// The cadre.
    cadre_id: Uuid,
    /// Name; absent for who may not see names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 50)]
    name: Option<String>,
    /// Its division.
    division_code: DivisionCode,
}

/// Day, length of the page, where it begins.
fn asked(req: &HttpRequest) -> Result<(NaiveDate, i64, Option<Uuid>)> {
    let (mut as_of, mut limit, mut after) = (today(), LIMIT, None);
    for (name, value) in pairs(req)? {
        match name.as_str() {
            "as_of" => as_of = day("as_of", &value)?,
            "limit" => limit = within("limit", &value, 1, LIMIT)?,
            "page_token" => after = Some(token(value.parse().ok())?),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    Ok((as_of, limit, after))
}

/// `GET /care-pairs/overdue`
async fn overdue(permit: Permit<CarePair, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (as_of, limit, after) = asked(&req)?;
    let (scope, named) = (permit.scope(), permit.identity.sight() >= FieldClass::Personal);
    let limit = usize::try_from(limit).unwrap_or_default();
    let (found, next) = permit.app.db.read_long(move |c| care::waiting(c, &scope, as_of, after, limit)).await?;
    let items = found.into_iter().map(|(pair, waits)| Waiting {
        care_pair_id: pair.meta.id,
        cadre_id: pair.data.cadre_id,
        contact_name: Some(pair.data.contact_name).filter(|_| named),
        kind: waits.kind,
        due: waits.due,
        done: waits.done,
        since: waits.since,
        until: waits.until,
        days: waits.days,
    });
    Ok(HttpResponse::Ok().json(Page { items: items.collect(), next_page_token: next.map(|id| id.to_string()) }))
}

/// `GET /care-pairs/missing`
async fn missing(permit: Permit<CarePair, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (as_of, limit, after) = asked(&req)?;
    let (scope, named) = (permit.scope(), permit.identity.sight() >= FieldClass::Personal);
    let found = permit.app.db.read_long(move |c| care::unpaired(c, &scope, as_of, after, limit + 1)).await?;
    let items = found.into_iter().map(|(cadre_id, name, division_code)| Alone {
        cadre_id,
        name: Some(name).filter(|_| named),
        division_code,
    });
    Ok(HttpResponse::Ok().json(Page::of(items.collect(), limit, |alone: &Alone| alone.cadre_id.to_string())))
}
