//! Get, list, history.
use super::merge::elsewhere;
use super::{Items, etag, not_found};
use crate::error::{ApiError, Result};
use crate::extract::{Permit, Read, SignedIn, version};
use crate::listing::{Expansion, Listing, MAX_EXPANDED, pairs, project};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::{FieldClass, Record, Rule, Scope, Uuid};
use persistence::registry::{self, Kind};
use persistence::shown::Framing;
use persistence::store::ListShown;
use persistence::{Conn, Query, Store, journal};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// `GET /{resource}/{id}`
pub async fn get<R: Store>(permit: Permit<R, Read>, id: web::Path<Uuid>, req: HttpRequest) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    if !req.query_string().is_empty() {
        return get_shaped::<R>(permit, id, req).await;
    }
    let sight = permit.identity.sight();
    let found = permit.app.db.read(move |c| R::get_shown(c, &scope, id, sight)).await?;
    let Some((version, text)) = found else {
        return if R::MERGES { elsewhere(&permit, id).await } else { Err(not_found()) };
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header(etag(version));
    if unchanged(&req, version) {
        return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(answer.content_type("application/json").body(text))
}

/// The same with `fields` or `expand`: made as a list of one.
async fn get_shaped<R: Store>(permit: Permit<R, Read>, id: Uuid, req: HttpRequest) -> Result<HttpResponse> {
    if let Some((name, _)) = pairs(&req)?.iter().find(|(n, _)| n != "fields" && n != "expand") {
        return Err(ApiError::parameter(name, Rule::UnknownParameter));
    }
    let listing = Listing::read(registry::of::<R>(), &permit.app, &permit.identity, &req)?;
    let (scope, sight) = (permit.scope(), permit.identity.sight());
    let (mut items, listing) = permit
        .app
        .db
        .read_long(move |c| {
            let found: Vec<_> = R::get(c, &scope, id)?.into_iter().collect();
            Ok((shaped(c, &scope, found, &listing, sight)?, listing))
        })
        .await?;
    let mut only = items.pop().ok_or_else(not_found)?;
    project(&mut only, listing.fields.as_deref());
    Ok(HttpResponse::Ok().json(only))
}

/// `GET /{resource}`
pub async fn list<R: Store>(permit: Permit<R, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let shape: Shape = |c, scope, listing, sight| {
        let page = R::list(c, scope, &listing.query)?;
        let count = listing.count.then(|| R::count(c, scope, &listing.query)).transpose()?;
        Ok((shaped(c, scope, page.items, listing, sight)?, page.next, count))
    };
    listed(permit.into_caller(), registry::of::<R>(), R::list_shown, shape, req).await
}

/// A page as a projection, an expansion or a count wants it: items, where the next one begins, how many there are.
type Shape = fn(
    &mut Conn,
    &Scope,
    &Listing,
    FieldClass,
) -> persistence::Result<(Vec<Value>, Option<persistence::Cursor>, Option<i64>)>;

async fn listed(
    caller: SignedIn,
    kind: &'static Kind,
    list: ListShown,
    shape: Shape,
    req: HttpRequest,
) -> Result<HttpResponse> {
    let listing = Listing::read(kind, &caller.app, &caller.identity, &req)?;
    let (scope, sight) = (caller.scope(), caller.identity.sight());
    let plain = listing.expand.is_empty() && listing.fields.is_none();
    if plain && !listing.count && !listing.query.may_scan() {
        let query = listing.query.clone();
        let page = caller.app.db.read(move |c| list(c, &scope, &query, sight, ITEMS)).await?;
        let next = page.next.map(|n| listing.token(&caller.app, &n));
        return Ok(page_answer(&req, page.items.into_text(), next, None));
    }
    let ((items, next, count), listing) =
        caller.app.db.read_long(move |c| Ok((shape(c, &scope, &listing, sight)?, listing))).await?;
    let next = next.map(|n| listing.token(&caller.app, &n));
    let mut text = ITEMS.before.to_vec();
    for item in items {
        serde_json::to_writer(&mut text, &item).map_err(ApiError::internal)?;
        text.extend_from_slice(ITEMS.behind);
    }
    Ok(page_answer(&req, text, next, count))
}

/// A page's items in JSON.
const ITEMS: Framing = Framing { before: b"{\"items\":[", behind: b"," };

/// The page that begins with these items.
fn page_answer(
    req: &HttpRequest,
    mut body: Vec<u8>,
    next_page_token: Option<String>,
    count: Option<i64>,
) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    if body.ends_with(ITEMS.behind) {
        body.pop();
    }
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
    sight: FieldClass,
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
                let found: HashMap<Uuid, Value> = (kind.by_ids)(conn, scope, &ids, sight)?.into_iter().collect();
                for (record, extra) in records.iter().zip(&mut expanded) {
                    if let Some(value) = id_of(record).and_then(|id| found.get(&id)) {
                        extra.insert((*name).to_owned(), value.clone());
                    }
                }
            }
            Expansion::Many(kind, field) => {
                for (record, extra) in records.iter().zip(&mut expanded) {
                    let query = Query::by(field, record.meta.id, MAX_EXPANDED);
                    let found = (kind.list)(conn, scope, &query, sight)?;
                    extra.insert(expansion.name(), found.into_iter().map(|(_, v)| v).collect());
                }
            }
        }
    }
    let whole = records.into_iter().zip(expanded).map(|(record, extra)| {
        let mut view = record.view(sight).map_err(persistence::Error::internal)?;
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

/// Whether `If-None-Match` names the version there is.
fn unchanged(req: &HttpRequest, current: i64) -> bool {
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    known.is_some_and(|tags| tags.split(',').any(|t| version(t.trim().trim_start_matches("W/")) == Some(current)))
}
