//! Create, create many, replace, patch, delete.
use super::made::{self, Made, Of, Work, settle};
use super::replay::replay;
use super::{Items, applied};
use crate::error::{ApiError, Finding, Result};
use crate::extract::{Create, Delete, IdempotencyKey, Json, Permit, Preconditions, Prefer, SignedIn, Update};
use crate::listing::pairs;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::input::{Draft, draft};
use domain::{Problem, Rule, Uuid, Violation};
use persistence::ledger::{self, Key};
use persistence::sql::JsonText;
use persistence::{Store, Tx, write};
use serde::Serialize;
use serde_json::Value;

/// Records a batch creates at most.
pub const BATCH_LIMIT: usize = 500;

/// `POST /{resource}`
pub async fn create<R: Store>(
    permit: Permit<R, Create>,
    prefer: Prefer,
    key: IdempotencyKey,
    body: Json,
) -> Result<HttpResponse> {
    let Json { bytes, value } = body;
    let (key, of) = (key.bind(&permit, "POST", &bytes), Of::resource::<R>());
    let drafted = match draft::<R>(value) {
        Ok(drafted) => drafted,
        Err(found) => return replay(&permit, of, prefer, key, found.into()).await,
    };
    if drafted.id.is_none() && key.is_none() {
        return Err(ApiError::new(Problem::IdempotencyKeyRequired));
    }
    let (scope, home, remembered) = (permit.scope(), permit.identity.division.clone(), key.clone());
    let work = move |tx: &mut Tx<'_>| {
        let made = write::create::<R>(tx, &scope, &home, drafted, remembered)?;
        Ok(Ok(Made::new(StatusCode::CREATED, made)))
    };
    made::write(&permit, of, prefer, key, Box::new(work)).await
}

/// The outcome of one record of a batch.
#[derive(Serialize, utoipa::ToSchema)]
pub struct BatchItem {
    /// The record's id.
    id: Uuid,
    /// Its version.
    #[schema(example = 1)]
    version: i64,
    /// What the checks found worth a warning.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Finding>,
}

/// `POST /{resource}/batch`
pub async fn batch<R: Store>(
    permit: Permit<R, Create>,
    prefer: Prefer,
    key: IdempotencyKey,
    body: Json,
) -> Result<HttpResponse> {
    let Json { bytes, value } = body;
    let key = key.bind(&permit, "POST", &bytes).ok_or_else(|| ApiError::new(Problem::IdempotencyKeyRequired))?;
    let of = Of::resource::<R>();
    let drafts = match drafts::<R>(value) {
        Ok(drafts) => drafts,
        Err(e) => return replay(&permit, of, prefer, Some(key), e).await,
    };
    let (scope, home, language) = (permit.scope(), permit.identity.division.clone(), permit.language);
    let remembered = key.clone();
    let work = move |tx: &mut Tx<'_>| {
        let made = write::create_many::<R>(tx, &scope, &home, drafts, &[])?;
        let items: Vec<BatchItem> = made
            .into_iter()
            .map(|w| BatchItem {
                id: w.record.meta.id,
                version: w.record.meta.version,
                warnings: w.warnings.iter().map(|v| Finding::of(v, language)).collect(),
            })
            .collect();
        let text = serde_json::to_string(&Items { items });
        let text = text.map_err(persistence::Error::internal)?;
        ledger::remember(tx.conn, &Key { answer: Some(JsonText(text.clone())), ..remembered })?;
        Ok(text)
    };
    batched(&permit, of, prefer, key, Box::new(work)).await
}

async fn batched(caller: &SignedIn, of: Of, prefer: Prefer, key: Key, work: Work<String>) -> Result<HttpResponse> {
    match caller.app.db.write(caller.stamp(), prefer.dry_run, work).await {
        Ok(text) => {
            settle(caller, of, prefer, false).await?;
            let mut answer = HttpResponse::Created();
            applied(&mut answer, prefer);
            Ok(answer.content_type("application/json").body(text))
        }
        Err(e) => replay(caller, of, prefer, Some(key), e.into()).await,
    }
}

fn drafts<R: Store>(value: Value) -> Result<Vec<Draft<R>>> {
    let wrong = |rule: Violation| ApiError::of(Problem::ValidationFailed, vec![rule]);
    let Value::Object(mut map) = value else {
        return Err(wrong(Violation::new("", Rule::WrongType).with("expected", "a JSON object")));
    };
    let items = map.remove("items");
    if let Some(name) = map.keys().next() {
        return Err(wrong(Violation::new(format!("/{}", domain::input::escape(name)), Rule::UnknownField)));
    }
    let Some(Value::Array(items)) = items else {
        return Err(wrong(Violation::new("items", Rule::WrongType).with("expected", "an array")));
    };
    if items.is_empty() || items.len() > BATCH_LIMIT {
        let rule = if items.is_empty() { Rule::TooFew } else { Rule::TooMany };
        return Err(wrong(Violation::new("items", rule).with("min", 1).with("max", BATCH_LIMIT)));
    }
    let mut found = domain::Findings::default();
    let mut drafts = Vec::with_capacity(items.len());
    for (i, item) in items.into_iter().enumerate() {
        match draft::<R>(item) {
            Ok(d) => drafts.push(d),
            Err(e) => found.absorb(e.below(&format!("/items/{i}"))),
        }
    }
    if found.errors.is_empty() { Ok(drafts) } else { Err(found.into()) }
}

/// `PUT /{resource}/{id}`
pub async fn put<R: Store>(
    permit: Permit<R, Update>,
    id: web::Path<Uuid>,
    prefer: Prefer,
    expect: Preconditions,
    body: Json,
) -> Result<HttpResponse> {
    let drafted = draft::<R>(body.value)?;
    let id = *id;
    if drafted.id.is_some_and(|given| given != id) {
        return Err(ApiError::of(Problem::ValidationFailed, vec![Violation::new("id", Rule::ReadOnly)]));
    }
    let may_create = permit.identity.may(R::PATH, R::MODULE, domain::policy::Action::Create);
    let (scope, home) = (permit.scope(), permit.identity.division.clone());
    let work = move |tx: &mut Tx<'_>| {
        // Before anything is written: a write may commit by itself.
        if !may_create && R::get(tx.conn, &scope, id)?.is_none() {
            return Err(persistence::Error::Refused(Problem::Forbidden, vec![]));
        }
        let (made, created) = write::put::<R>(tx, &scope, &home, id, expect.0, drafted)?;
        Ok(Ok(Made::new(if created { StatusCode::CREATED } else { StatusCode::OK }, made)))
    };
    made::write(&permit, Of::resource::<R>(), prefer, None, Box::new(work)).await
}

/// `PATCH /{resource}/{id}`
pub async fn patch<R: Store>(
    permit: Permit<R, Update>,
    id: web::Path<Uuid>,
    prefer: Prefer,
    expect: Preconditions,
    req: HttpRequest,
    body: Json,
) -> Result<HttpResponse> {
    let mask = update_mask(&req)?;
    let expected = expect.needed()?;
    let (scope, id, value) = (permit.scope(), *id, body.value);
    let work = move |tx: &mut Tx<'_>| {
        let made = write::patch::<R>(tx, &scope, id, expected, value, mask.as_deref())?;
        Ok(Ok(Made::new(StatusCode::OK, made)))
    };
    made::write(&permit, Of::resource::<R>(), prefer, None, Box::new(work)).await
}

/// `?update_mask=a,b`: for clients that cannot tell an absent field from a null one.
fn update_mask(req: &HttpRequest) -> Result<Option<Vec<String>>> {
    let mut mask = None;
    for (name, value) in pairs(req)? {
        match name.as_str() {
            "update_mask" => {
                mask = Some(value.split(',').map(|f| f.trim().to_owned()).filter(|f| !f.is_empty()).collect())
            }
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    Ok(mask)
}

/// `DELETE /{resource}/{id}`
pub async fn delete<R: Store>(
    permit: Permit<R, Delete>,
    id: web::Path<Uuid>,
    prefer: Prefer,
    expect: Preconditions,
) -> Result<HttpResponse> {
    let expected = expect.needed()?;
    let (scope, id) = (permit.scope(), *id);
    let work = move |tx: &mut Tx<'_>| write::delete::<R>(tx, &scope, id, expected).map(drop);
    deleted(&permit, Of::resource::<R>(), prefer, Box::new(work)).await
}

async fn deleted(caller: &SignedIn, of: Of, prefer: Prefer, work: Work<()>) -> Result<HttpResponse> {
    caller.app.db.write(caller.stamp(), prefer.dry_run, work).await?;
    settle(caller, of, prefer, true).await?;
    let mut answer = HttpResponse::NoContent();
    applied(&mut answer, prefer);
    Ok(answer.finish())
}
