//! What follows a death: grants as an advice, and what the confirmation changed.
use crate::contract::{Operation, schemas};
use crate::derived::standard;
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Months;
use domain::cadres::{Death, GrantBasis, multiple_of};
use domain::codes::{GrantKind, StandardKind};
use domain::policy::Action;
use domain::{Money, NaiveDate, Resource, Rule, Uuid};
use persistence::{Store, effects};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

pub(super) fn routes(r: &mut Routes) {
    let grants = schemas::register::<Grants>(&mut r.contract.schemas);
    let effect = schemas::register::<Effect>(&mut r.contract.schemas);
    r.contract.schemas.insert("EffectList".into(), schemas::page("What was changed", schemas::reference(&effect)));
    r.add(
        "GET",
        "/api/v1/deaths/{id}/grants",
        grants_of,
        Operation::new("get_death_grants", "cadres", "抚恤待遇测算(供参考) · What is due after a death, as an advice")
            .says("Calculated from the benefit standards in force on the day of death: `funeral` (scope `all`) and `death_grant` (scopes `income_per_head` of the year before, `income_multiple_illness`, `income_multiple_line_of_duty`, `income_multiple_martyr`, `pension_months`). Nothing is stored: what is granted is decided by people and kept in `grants`.")
            .permit("deaths", Action::Read)
            .id_in_path()
            .parameter("query", "monthly_pension", false, "The basic pension of a month, in yuan", json!({"type": "string", "pattern": r"^\d{1,10}(\.\d{1,2})?$", "example": "6000.00"}))
            .answers(200, "The advice", &grants, json!({"died_on": "2021-06-30", "advisory": true, "grants": [{"kind": "lump_sum", "formula": "income_per_head * income_multiple + monthly_pension * pension_months", "amount": "327668.00", "missing": []}], "parameters": [{"name": "income_per_head", "value": "43834.00", "document_no": "国家统计局"}]})),
    );
    r.add(
        "GET",
        "/api/v1/deaths/{id}/effects",
        effects_of,
        Operation::new("list_death_effects", "cadres", "确认去世引起的变更 · What the confirmation of a death changed")
            .says("The fields of other records that were changed when the death was confirmed, and that a reversal gives their values of before. Empty when it was reversed.")
            .permit("deaths", Action::Read)
            .id_in_path()
            .answers(200, "The fields", "EffectList", json!({"items": [{"resource": "cadres", "id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "field": "status"}]})),
    );
}

/// What is due after a death, as an advice.
#[derive(Serialize, ToSchema)]
#[schema(as = DeathGrants)]
struct Grants {
    /// The day of death, which decides the standards.
    died_on: NaiveDate,
    /// Always true: the decision is people's.
    advisory: bool,
    /// Each grant.
    #[schema(max_items = 10)]
    grants: Vec<Advice>,
    /// The parameters that were found.
    #[schema(max_items = 20)]
    parameters: Vec<Parameter>,
}

/// One grant.
#[derive(Serialize, ToSchema)]
struct Advice {
    /// Kind.
    kind: GrantKind,
    /// How it is calculated, in the names of the parameters.
    #[schema(max_length = 200)]
    formula: &'static str,
    /// What comes of it; absent where a parameter is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    /// Parameters that are not known.
    #[schema(max_items = 10)]
    missing: Vec<&'static str>,
}

/// A parameter and where it comes from.
#[derive(Serialize, ToSchema)]
struct Parameter {
    /// Its name in the formula.
    #[schema(max_length = 50)]
    name: &'static str,
    /// Its value.
    #[schema(max_length = 50)]
    value: String,
    /// The document it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    document_no: Option<String>,
}

/// `GET /deaths/{id}/grants`
async fn grants_of(permit: Permit<Death, Read>, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    let mut monthly_pension = None;
    for (name, value) in pairs(&req)? {
        match name.as_str() {
            "monthly_pension" => {
                let pension = serde_json::from_value::<Money>(value.into()).ok().filter(|m| m.0 >= 0);
                monthly_pension =
                    Some(pension.ok_or_else(|| ApiError::parameter("monthly_pension", Rule::MoneyFormat))?);
            }
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let (scope, id) = (permit.scope(), *id);
    let answer = permit
        .app
        .db
        .read(move |c| {
            let death = Death::get(c, &scope, id)?.ok_or(persistence::Error::NotFound)?.data;
            let day = death.died_on;
            let year_before = day.checked_sub_months(Months::new(12)).unwrap_or(day);
            let mut parameters = vec![];
            let mut find = |name: &'static str, kind, of: &str, on| {
                let found = standard(c, &scope, kind, of, on)?;
                if let Some(found) = &found {
                    let value = found.amount.map(|a| a.to_string()).or_else(|| found.rate.map(|r| r.to_string()));
                    let document_no = found.document_no.clone();
                    parameters.push(Parameter { name, value: value.unwrap_or_default(), document_no });
                }
                Ok::<_, persistence::Error>(found)
            };
            use StandardKind::{DeathGrant, Funeral};
            let funeral = find("funeral", Funeral, "all", day)?;
            let income = find("income_per_head", DeathGrant, "income_per_head", year_before)?;
            let multiple = find("income_multiple", DeathGrant, multiple_of(death.circumstance), day)?;
            let months = find("pension_months", DeathGrant, "pension_months", day)?;
            let basis = GrantBasis {
                funeral: funeral.and_then(|s| s.amount),
                income_per_head: income.and_then(|s| s.amount),
                income_multiple: multiple.and_then(|s| s.rate),
                pension_months: months.and_then(|s| s.rate),
                monthly_pension,
            };
            let advice = basis.advice().into_iter();
            let grants =
                advice.map(|a| Advice { kind: a.kind, formula: a.formula, amount: a.amount, missing: a.missing });
            Ok(Grants { died_on: day, advisory: true, grants: grants.collect(), parameters })
        })
        .await?;
    Ok(HttpResponse::Ok().json(answer))
}

/// A field that was changed.
#[derive(Serialize, ToSchema)]
#[schema(as = DeathEffect)]
struct Effect {
    /// Path of the resource.
    #[schema(max_length = 100)]
    resource: String,
    /// The record.
    id: Uuid,
    /// The field.
    #[schema(max_length = 100)]
    field: String,
}

#[derive(Serialize)]
struct Effects {
    items: Vec<Effect>,
}

/// `GET /deaths/{id}/effects`
async fn effects_of(permit: Permit<Death, Read>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    let made = permit
        .app
        .db
        .read(move |c| {
            let death = Death::get(c, &scope, id)?.ok_or(persistence::Error::NotFound)?;
            let mut made = effects::made_by(c, Death::PATH, id)?;
            if !made.is_empty() {
                made.extend(effects::made_by(c, domain::cadres::Cadre::PATH, death.data.cadre_id)?);
            }
            Ok(made)
        })
        .await?;
    let items = made.into_iter().map(|(resource, id, field)| Effect { resource, id, field }).collect();
    Ok(HttpResponse::Ok().json(Effects { items }))
}
