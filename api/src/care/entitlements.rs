//! What is due to a cadre on a day, with the standard and the rule it comes from.
use crate::computed::{day, today};
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::benefits::BenefitStandard;
use domain::benefits::entitlements::{Due, due};
use domain::cadres::Cadre;
use domain::codes::{EntitlementRule, EntitlementState, StandardKind};
use domain::policy::Action;
use domain::{DivisionCode, FieldClass, Money, NaiveDate, Rate, Record, Rule, Uuid};
use persistence::{Conn, Store, rules};
use serde::Serialize;
use serde_json::json;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

pub(super) fn routes(r: &mut Routes) {
    let answer = schemas::register::<Entitlements>(&mut r.contract.schemas);
    r.add(
        "GET",
        "/api/v1/cadres/{id}/entitlements",
        entitlements_of,
        Operation::new("get_cadre_entitlements", "cadres", "干部应享待遇 · What is due to a cadre on a day")
            .says("Each benefit that the record makes due, with the rule it comes from and the standard in force on the day: that of the division nearest to the cadre wins over those around it. A benefit without a standard in force is listed as `no_standard`, one that the record does not decide as `undetermined`; nothing is guessed. What depends on how well a cadre can care for himself is `undisclosed` to who may not see that.")
            .permit("cadres", Action::Read)
            .id_in_path()
            .parameter("query", "as_of", false, "The day it is asked for; today by default", json!({"type": "string", "format": "date", "example": "2021-12-31"}))
            .answers(200, "What is due", &answer, json!({"as_of": "2021-12-31", "items": [
                {"benefit": "subsidy_months", "scope": "anti_japan_late", "rule": "subsidy_by_period", "state": "in_force", "rate": "1", "standard_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "division_code": "370000", "document_no": "国发〔1982〕62号", "valid_from": "1982-04-10"},
                {"benefit": "nursing", "rule": "nursing_by_care", "state": "undisclosed"},
            ]})),
    );
}

/// What is due to a cadre.
#[derive(Serialize, ToSchema)]
#[schema(as = CadreEntitlements)]
struct Entitlements {
    /// The day it was asked for.
    as_of: NaiveDate,
    /// Each benefit; none where the cadre has none of his own, is not retired yet, or has died before.
    #[schema(max_items = 20)]
    items: Vec<Entitlement>,
}

/// One benefit.
#[skip_serializing_none]
#[derive(Serialize, ToSchema)]
struct Entitlement {
    /// Kind.
    benefit: StandardKind,
    /// The scope of the standard it asks for; absent where the record does not tell it.
    #[schema(max_length = 50)]
    scope: Option<String>,
    /// Why it is due.
    rule: EntitlementRule,
    /// What is known of it.
    state: EntitlementState,
    /// The amount, in yuan.
    amount: Option<Money>,
    /// The rate or factor, such as months of salary a year.
    rate: Option<Rate>,
    /// The standard.
    standard_id: Option<Uuid>,
    /// The division whose standard it is.
    division_code: Option<DivisionCode>,
    /// The document it comes from.
    #[schema(max_length = 100)]
    document_no: Option<String>,
    /// Since when it is in force.
    valid_from: Option<NaiveDate>,
    /// Until when it is in force.
    valid_to: Option<NaiveDate>,
}

impl Entitlement {
    fn of(due: Due, state: EntitlementState, standard: Option<Record<BenefitStandard>>) -> Self {
        let (meta, data) = standard.map(|s| (s.meta, s.data)).unzip();
        Self {
            benefit: due.benefit,
            scope: due.scope.map(str::to_owned),
            rule: due.rule,
            state,
            amount: data.as_ref().and_then(|s| s.amount),
            rate: data.as_ref().and_then(|s| s.rate),
            standard_id: meta.as_ref().map(|m| m.id),
            division_code: meta.map(|m| m.division_code),
            document_no: data.as_ref().and_then(|s| s.document_no.clone()),
            valid_from: data.as_ref().map(|s| s.valid_from),
            valid_to: data.and_then(|s| s.valid_to),
        }
    }
}

/// `GET /cadres/{id}/entitlements`
async fn entitlements_of(permit: Permit<Cadre, Read>, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    let mut as_of = today();
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "as_of" => as_of = day("as_of", &value)?,
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let (scope, id, sees) = (permit.scope(), *id, permit.identity.sight() >= FieldClass::Sensitive);
    let items = permit
        .app
        .db
        .read(move |c| {
            let mut cadre = Cadre::get(c, &scope, id)?.ok_or(persistence::Error::NotFound)?;
            if !sees {
                // Neither that it is due nor that it is not may be told.
                cadre.data.self_care = None;
            }
            let each = due(&cadre.data, as_of).into_iter();
            each.map(|due| entitlement(c, &cadre.meta.division_code, due, as_of, sees)).collect()
        })
        .await?;
    Ok(HttpResponse::Ok().json(Entitlements { as_of, items }))
}

fn entitlement(
    c: &mut Conn,
    division: &DivisionCode,
    due: Due,
    as_of: NaiveDate,
    sees: bool,
) -> persistence::Result<Entitlement> {
    use EntitlementState::{InForce, NoStandard, Undetermined, Undisclosed};
    if due.of_health && !sees {
        return Ok(Entitlement::of(due, Undisclosed, None));
    }
    let Some(scope) = due.scope else { return Ok(Entitlement::of(due, Undetermined, None)) };
    let standard = rules::standard_for(c, division, due.benefit, scope, as_of)?;
    let state = if standard.is_some() { InForce } else { NoStandard };
    Ok(Entitlement::of(due, state, standard))
}
