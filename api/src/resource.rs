//! The handlers every resource shares: an extractor list and a few sentences each.
use crate::error::{ApiError, Finding, Result};
use crate::extract::{
    Create, Delete, IdempotencyKey, Json, Permit, Preconditions, Prefer, Read, SignedIn, Update, version,
};
use crate::listing::{Expansion, Listing, MAX_EXPANDED, pairs, project};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::input::{Draft, draft};
use domain::{Problem, Record, Rule, Scope, Uuid, Violation, Written};
use persistence::ledger::{self, Key, Stored};
use persistence::sql::JsonText;
use persistence::{Conn, Query, Store, Tx, journal, write};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Records a batch creates at most.
pub const BATCH_LIMIT: usize = 500;

/// `GET /{resource}/{id}`
pub async fn get<R: Store>(permit: Permit<R, Read>, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    if !req.query_string().is_empty() {
        return get_shaped::<R>(permit, id, req).await;
    }
    let sensitive = permit.identity.sensitive();
    let found = permit.app.db.read(move |c| R::get_shown(c, &scope, id, sensitive)).await?;
    let (meta, text) = found.ok_or_else(not_found)?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header(etag(meta.version));
    if unchanged(&req, meta.version) {
        return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(answer.content_type("application/json").body(text))
}

/// The same with `fields` or `expand`: made as a list of one.
async fn get_shaped<R: Store>(permit: Permit<R, Read>, id: Uuid, req: HttpRequest) -> Result<HttpResponse> {
    if let Some((name, _)) = pairs(&req)?.iter().find(|(n, _)| n != "fields" && n != "expand") {
        return Err(ApiError::parameter(name, Rule::UnknownParameter));
    }
    let listing = Listing::read::<R>(&permit.app, &permit.identity, &req)?;
    let (scope, sensitive) = (permit.scope(), permit.identity.sensitive());
    let (mut items, listing) = permit
        .app
        .db
        .read_long(move |c| {
            let found: Vec<_> = R::get(c, &scope, id)?.into_iter().collect();
            Ok((shaped(c, &scope, found, &listing, sensitive)?, listing))
        })
        .await?;
    let mut only = items.pop().ok_or_else(not_found)?;
    project(&mut only, listing.fields.as_deref());
    Ok(HttpResponse::Ok().json(only))
}

/// `GET /{resource}`
pub async fn list<R: Store>(permit: Permit<R, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let listing = Listing::read::<R>(&permit.app, &permit.identity, &req)?;
    let (scope, sensitive) = (permit.scope(), permit.identity.sensitive());
    let plain = listing.expand.is_empty() && listing.fields.is_none();
    if plain && !listing.count && !listing.query.may_scan() {
        let query = listing.query.clone();
        let page = permit.app.db.read(move |c| R::list_shown(c, &scope, &query, sensitive, b',')).await?;
        let next = page.next.map(|n| listing.token(&permit.app, &n));
        return Ok(page_answer(&req, page.items.text(), next, None));
    }
    let (items, next, count, listing) = permit
        .app
        .db
        .read_long(move |c| {
            let page = R::list(c, &scope, &listing.query)?;
            let count = listing.count.then(|| R::count(c, &scope, &listing.query)).transpose()?;
            Ok((shaped(c, &scope, page.items, &listing, sensitive)?, page.next, count, listing))
        })
        .await?;
    let next = next.map(|n| listing.token(&permit.app, &n));
    let mut text = Vec::new();
    for item in items {
        serde_json::to_writer(&mut text, &item).map_err(ApiError::internal)?;
        text.push(b',');
    }
    Ok(page_answer(&req, &text, next, count))
}

/// A page of items that are JSON already, with a comma behind each.
fn page_answer(req: &HttpRequest, items: &[u8], next_page_token: Option<String>, count: Option<i64>) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    let mut body = Vec::with_capacity(items.len() + 256);
    body.extend_from_slice(b"{\"items\":[");
    body.extend_from_slice(items.strip_suffix(b",").unwrap_or(items));
    body.push(b']');
    if let Some(token) = &next_page_token {
        let asked = req.query_string().split('&').filter(|p| !p.is_empty() && !p.starts_with("page_token="));
        let query: Vec<&str> = asked.collect();
        let rest = if query.is_empty() { String::new() } else { format!("{}&", query.join("&")) };
        let link = format!("<{}?{rest}page_token={token}>; rel=\"next\"", req.path());
        answer.insert_header((header::LINK, link));
        body.extend_from_slice(format!(",\"next_page_token\":\"{token}\"").as_bytes());
    }
    if let Some(count) = count {
        body.extend_from_slice(format!(",\"count\":{count}").as_bytes());
    }
    body.push(b'}');
    answer.content_type("application/json").body(body)
}

/// Records as JSON objects, with what `expand` asks for beside them.
fn shaped<R: Store>(
    conn: &mut Conn,
    scope: &Scope,
    records: Vec<Record<R>>,
    listing: &Listing,
    sensitive: bool,
) -> persistence::Result<Vec<Value>> {
    let mut expanded: Vec<Map<String, Value>> = vec![Map::new(); records.len()];
    for expansion in &listing.expand {
        match expansion {
            Expansion::One(field, name, kind) => {
                let reference = R::REFERENCES.iter().find(|r| r.field == *field);
                let id_of = |r: &Record<R>| reference.and_then(|f| (f.ids)(&r.data).first().copied());
                let mut ids: Vec<Uuid> = records.iter().filter_map(id_of).collect();
                ids.sort();
                ids.dedup();
                let found: HashMap<Uuid, Value> = (kind.by_ids)(conn, scope, &ids, sensitive)?.into_iter().collect();
                for (record, extra) in records.iter().zip(&mut expanded) {
                    if let Some(value) = id_of(record).and_then(|id| found.get(&id)) {
                        extra.insert((*name).to_owned(), value.clone());
                    }
                }
            }
            Expansion::Many(kind, field) => {
                for (record, extra) in records.iter().zip(&mut expanded) {
                    let query = Query::by(field, record.meta.id, MAX_EXPANDED);
                    let found = (kind.list)(conn, scope, &query, sensitive)?;
                    extra.insert(expansion.name(), found.into_iter().map(|(_, v)| v).collect());
                }
            }
        }
    }
    let whole = records.into_iter().zip(expanded).map(|(record, extra)| {
        let mut view = record.view(sensitive).map_err(persistence::Error::internal)?;
        if !extra.is_empty() {
            view = view.with("expanded", Value::Object(extra));
        }
        let mut value = view.into_value();
        project(&mut value, listing.fields.as_deref());
        Ok(value)
    });
    whole.collect()
}

/// `GET /{resource}/{id}/history`
pub async fn history<R: Store>(permit: Permit<R, Read>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    let lines = permit
        .app
        .db
        .read(move |c| match R::get(c, &scope, id)? {
            Some(_) => journal::lines(c, R::PATH, id),
            None => Err(persistence::Error::NotFound),
        })
        .await?;
    Ok(HttpResponse::Ok().json(Items { items: lines }))
}

/// `POST /{resource}`
pub async fn create<R: Store>(
    permit: Permit<R, Create>,
    prefer: Prefer,
    key: IdempotencyKey,
    body: Json,
) -> Result<HttpResponse> {
    let Json { bytes, value } = body;
    let key = key.bind(&permit, "POST", &bytes);
    let drafted = match draft::<R>(value) {
        Ok(drafted) => drafted,
        Err(found) => return replay::<R>(&permit, prefer, key, found.into()).await,
    };
    if drafted.id.is_none() && key.is_none() {
        return Err(ApiError::new(Problem::IdempotencyKeyRequired));
    }
    let (scope, home, remembered) = (permit.scope(), permit.identity.division.clone(), key.clone());
    let work = move |tx: &mut Tx<'_>| write::create::<R>(tx, &scope, &home, drafted, remembered);
    match permit.app.db.write(permit.stamp(), prefer.dry_run, work).await {
        Ok(made) => {
            after_write::<R>(&permit, prefer).await?;
            written(StatusCode::CREATED, &permit, prefer, made)
        }
        Err(e) => replay::<R>(&permit, prefer, key, e.into()).await,
    }
}

/// A list without pages.
#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
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
    let drafts = match drafts::<R>(value) {
        Ok(drafts) => drafts,
        Err(e) => return replay::<R>(&permit, prefer, Some(key), e).await,
    };
    let (scope, home, language) = (permit.scope(), permit.identity.division.clone(), permit.language);
    let remembered = key.clone();
    let work = move |tx: &mut Tx<'_>| {
        let made = write::create_many::<R>(tx, &scope, &home, drafts)?;
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
    match permit.app.db.write(permit.stamp(), prefer.dry_run, work).await {
        Ok(text) => {
            after_write::<R>(&permit, prefer).await?;
            let mut answer = HttpResponse::Created();
            applied(&mut answer, prefer);
            Ok(answer.content_type("application/json").body(text))
        }
        Err(e) => replay::<R>(&permit, prefer, Some(key), e.into()).await,
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
        write::put::<R>(tx, &scope, &home, id, expect.0, drafted)
    };
    let (made, created) = permit.app.db.write(permit.stamp(), prefer.dry_run, work).await?;
    after_write::<R>(&permit, prefer).await?;
    written(if created { StatusCode::CREATED } else { StatusCode::OK }, &permit, prefer, made)
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
    let work = move |tx: &mut Tx<'_>| write::patch::<R>(tx, &scope, id, expected, value, mask.as_deref());
    let made = permit.app.db.write(permit.stamp(), prefer.dry_run, work).await?;
    after_write::<R>(&permit, prefer).await?;
    written(StatusCode::OK, &permit, prefer, made)
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
    let work = move |tx: &mut Tx<'_>| write::delete::<R>(tx, &scope, id, expected);
    permit.app.db.write(permit.stamp(), prefer.dry_run, work).await?;
    after_write::<R>(&permit, prefer).await?;
    let mut answer = HttpResponse::NoContent();
    applied(&mut answer, prefer);
    Ok(answer.finish())
}

/// What the server remembers of callers is out of date after a write of users.
async fn after_write<R: Store>(caller: &SignedIn, prefer: Prefer) -> Result<()> {
    if R::MODULE == domain::Module::Administration && !prefer.dry_run {
        caller.app.remembered.refresh(&caller.app.db).await?;
    }
    Ok(())
}

/// A record with what a write has to say about it.
fn written<R: Store>(status: StatusCode, caller: &SignedIn, prefer: Prefer, made: Written<R>) -> Result<HttpResponse> {
    let meta = &made.record.meta;
    let mut answer = HttpResponse::build(if prefer.minimal { StatusCode::NO_CONTENT } else { status });
    answer.insert_header(etag(meta.version));
    if status == StatusCode::CREATED {
        answer.insert_header((header::LOCATION, format!("/api/v1/{}/{}", R::PATH, meta.id)));
    }
    applied(&mut answer, prefer);
    if prefer.minimal {
        return Ok(answer.finish());
    }
    let mut view = made.record.view(caller.identity.sensitive()).map_err(ApiError::internal)?;
    if !made.warnings.is_empty() {
        let warnings: Vec<Finding> = made.warnings.iter().map(|v| Finding::of(v, caller.language)).collect();
        view = view.with("warnings", serde_json::to_value(warnings).map_err(ApiError::internal)?);
    }
    Ok(answer.json(view))
}

fn applied(answer: &mut actix_web::HttpResponseBuilder, prefer: Prefer) {
    let names = [(prefer.dry_run, "dry-run"), (prefer.minimal, "return=minimal")];
    let names: Vec<&str> = names.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
    if !names.is_empty() {
        answer.insert_header(("preference-applied", names.join(", ")));
    }
}

fn etag(version: i64) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"r{version}\""))
}

/// Whether `If-None-Match` names the version there is.
fn unchanged(req: &HttpRequest, current: i64) -> bool {
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    known.is_some_and(|tags| tags.split(',').any(|t| version(t.trim().trim_start_matches("W/")) == Some(current)))
}

fn not_found() -> ApiError {
    ApiError::new(Problem::NotFound)
}

impl IdempotencyKey {
    /// The ledger's row for this request, to be completed by its effect.
    pub fn bind(self, caller: &SignedIn, method: &str, body: &[u8]) -> Option<Key> {
        let Self { key, path } = self;
        key.map(|key| Key {
            client: caller.identity.actor(),
            method: method.to_owned(),
            path,
            key,
            fingerprint: crate::auth::keys::hex(&Sha256::digest(body)),
            status: 201,
            entity_id: None,
            version: None,
            answer: None,
            created_at: domain::Utc::now(),
        })
    }
}

/// After a failure: the stored answer if the ledger has one for this key, the failure itself otherwise.
async fn replay<R: Store>(
    caller: &SignedIn,
    prefer: Prefer,
    key: Option<Key>,
    failure: ApiError,
) -> Result<HttpResponse> {
    let Some(key) = key else { return Err(failure) };
    let (asked, scope) = (key.clone(), caller.scope());
    let found = caller
        .app
        .db
        .read(move |c| {
            let Some(stored) = ledger::seen(c, &asked)? else { return Ok(None) };
            let record = match (stored.entity_id, stored.version) {
                (Some(id), Some(version)) => state::<R>(c, &scope, id, version)?,
                _ => None,
            };
            Ok(Some((stored, record)))
        })
        .await?;
    let Some((stored, record)) = found else { return Err(failure) };
    if stored.fingerprint != key.fingerprint {
        return Err(ApiError::new(Problem::IdempotencyKeyReused));
    }
    let status = u16::try_from(stored.status).ok().and_then(|s| StatusCode::from_u16(s).ok()).unwrap_or(StatusCode::OK);
    let mut answer = match (record, stored.answer) {
        (Some(record), warnings) => {
            let warnings = warnings.and_then(|w| serde_json::from_str::<Vec<Stored>>(&w.0).ok()).unwrap_or_default();
            let warnings = warnings.into_iter().filter_map(Stored::violation).collect();
            written(status, caller, prefer, Written { record, warnings })?
        }
        (None, Some(text)) => HttpResponse::build(status).content_type("application/json").body(text.0),
        (None, None) => return Err(not_found()),
    };
    let replayed = header::HeaderName::from_static("idempotency-replayed");
    answer.headers_mut().insert(replayed, header::HeaderValue::from_static("true"));
    Ok(answer)
}

/// A record as it was at a version.
fn state<R: Store>(c: &mut Conn, scope: &Scope, id: Uuid, version: i64) -> persistence::Result<Option<Record<R>>> {
    let now = R::get(c, scope, id)?;
    if now.as_ref().is_some_and(|r| r.meta.version == version) {
        return Ok(now);
    }
    let Some((data, division_code, at)) = journal::state_at::<R>(c, id, version)? else { return Ok(None) };
    if !scope.covers(&division_code) {
        return Ok(None);
    }
    let external_ref = now.and_then(|r| r.meta.external_ref);
    let meta =
        domain::Meta { id, division_code, version, created_at: at, updated_at: at, deleted_at: None, external_ref };
    Ok(Some(Record { meta, data }))
}
