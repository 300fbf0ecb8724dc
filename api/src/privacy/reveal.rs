//! `POST /{resource}/{id}/reveal`: sensitive fields of one record, for a purpose that is written down.
use crate::contract::operation::of;
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{Body, Permit, Reveal};
use crate::routes::{BASE, Routes};
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use domain::codes::{AuditKind, AuditOutcome, RevealPurpose};
use domain::policy::Action;
use domain::resource::class_of;
use domain::{Code, FieldClass, Problem, Rule, Uuid, Violation};
use persistence::privacy::reveal;
use persistence::registry::{self, Kind};
use persistence::{Store, Tx};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Which fields are revealed, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    /// Names of sensitive fields.
    #[schema(min_items = 1, max_items = 20)]
    fields: Vec<String>,
    /// For what. 403 `purpose_required` without.
    purpose: Option<RevealPurpose>,
    /// The occasion in a few words, such as a file number. 403 `purpose_required` without.
    #[schema(min_length = 2, max_length = 150)]
    reason: Option<String>,
}

/// What was revealed.
#[derive(Serialize)]
struct Revealed {
    id: Uuid,
    version: i64,
    values: Map<String, Value>,
}

/// `POST /{resource}/{id}/reveal`
pub async fn reveal_fields<R: Store>(
    permit: Permit<R, Reveal>,
    id: web::Path<Uuid>,
    body: Body<RevealRequest>,
) -> Result<HttpResponse> {
    let asked = body.into_inner();
    let fields = known(registry::of::<R>(), &asked.fields)?;
    let reason = asked.reason.map(|r| r.trim().to_owned()).filter(|r| r.chars().count() >= 2);
    let (Some(purpose), Some(reason)) = (asked.purpose, reason) else {
        return Err(ApiError::new(Problem::PurposeRequired));
    };
    let event = permit.event(AuditKind::Reveal, AuditOutcome::Success);
    let event = event.purpose(format!("{}: {reason}", purpose.as_str())).detail(purpose.as_str());
    let (scope, id, most) = (permit.scope(), *id, permit.app.config.reveals_per_day);
    let work = move |tx: &mut Tx<'_>| reveal::reveal::<R>(tx, &scope, id, &fields, most, &event);
    let (version, values) = permit.app.db.write(permit.stamp(), false, work).await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(answer.json(Revealed { id, version, values }))
}

/// The fields as the store names them; each once.
fn known(kind: &Kind, names: &[String]) -> Result<Vec<&'static str>> {
    let mut fields: Vec<&'static str> = vec![];
    let mut wrong = vec![];
    for (i, name) in names.iter().enumerate() {
        let at = || format!("/fields/{i}");
        match kind.fields.iter().find(|f| **f == name.as_str()) {
            None => wrong.push(Violation::new(at(), Rule::UnknownField)),
            Some(field) if class_of(kind.classes, field) < FieldClass::Sensitive => {
                wrong.push(Violation::new(at(), Rule::NotHidden));
            }
            Some(field) if fields.contains(field) => {}
            Some(field) => fields.push(field),
        }
    }
    if fields.is_empty() && wrong.is_empty() {
        wrong.push(Violation::new("fields", Rule::TooFew).with("min", 1));
    }
    if wrong.is_empty() { Ok(fields) } else { Err(ApiError::of(Problem::ValidationFailed, wrong)) }
}

/// Mounts and documents it for a resource that has sensitive fields.
pub fn routes<R: Store>(r: &mut Routes) {
    let example = domain::input::to_map(&R::example());
    if let Some(operation) = told(registry::of::<R>(), example, &mut r.contract.schemas) {
        r.add("POST", &format!("{BASE}/{}/{{id}}/reveal", R::PATH), reveal_fields::<R>, operation);
    }
}

fn told(kind: &Kind, example: Map<String, Value>, all: &mut Map<String, Value>) -> Option<Operation> {
    let fields: Vec<_> = (kind.spec)()
        .fields
        .iter()
        .filter(|f| f.class == FieldClass::Sensitive)
        .map(|f| (f.name.clone(), f.schema.clone()))
        .collect();
    let (first, _) = fields.first()?;
    let first = first.clone();
    let request = schemas::register::<RevealRequest>(all);
    let shown: Map<String, Value> = example.into_iter().filter(|(name, _)| *name == first).collect();
    let values: Map<String, Value> = fields.into_iter().collect();
    let name = format!("{}Revealed", schemas::names(kind).record);
    all.insert(
        name.clone(),
        json!({
            "type": "object", "description": "Sensitive fields of one record", "required": ["id", "version", "values"],
            "properties": {
                "id": {"type": "string", "format": "uuid", "description": "The record"},
                "version": {"type": "integer", "format": "int64", "minimum": 1, "description": "Its version"},
                "values": {"type": "object", "description": "The fields that were asked for and have a value", "properties": values},
            },
        }),
    );
    let operation = of(kind, "reveal", Action::Reveal, "查看敏感信息", "Reveal sensitive fields of")
        .says("Needs a purpose and a reason; each field leaves an entry in the audit before it is shown, and the person can ask who has seen it. An account reveals so many fields a day: then 429 `reveal_quota` until the next day in Asia/Shanghai. Each request is an access of its own; there is no `Idempotency-Key`.")
        .id_in_path()
        .body(&request, json!({"fields": [first], "purpose": "identity", "reason": "办理转接，核对身份"}))
        .answers(200, "The values", &name, json!({"id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "version": 1, "values": shown}))
        .fails(&[Problem::PurposeRequired, Problem::RevealQuota]);
    Some(operation)
}
