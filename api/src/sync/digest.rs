//! `GET /sync/digest`: what a client's copy should hold, so that it can prove it or repair one bucket.
use super::{Puller, asked};
use crate::error::{ApiError, Result};
use crate::listing::pairs;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::hex;
use domain::{Rule, Uuid};
use persistence::feed;
use persistence::registry::Kind;
use serde::Serialize;
use utoipa::ToSchema;

/// What a copy of one resource should hold.
#[derive(Serialize, ToSchema)]
pub struct SyncDigest {
    /// The resource.
    #[schema(example = "cadres")]
    entity: &'static str,
    /// Records in the caller's scope.
    #[schema(example = 7012)]
    count: i64,
    /// Position of the feed at which this is so.
    #[schema(example = "48213")]
    head: String,
    /// For each of 256 buckets the SHA-256 of the lines `id:version\n` in id order, in hexadecimal. A record's
    /// bucket is the last byte of its id.
    #[schema(max_items = 256)]
    buckets: Vec<String>,
}

/// The records of one bucket.
#[derive(Serialize, ToSchema)]
pub struct SyncBucket {
    /// The resource.
    #[schema(example = "cadres")]
    entity: &'static str,
    /// Id and version of each, in id order.
    items: Vec<IdVersion>,
}

/// A record's version.
#[derive(Serialize, ToSchema)]
pub struct IdVersion {
    /// Its id.
    id: Uuid,
    /// Its version.
    #[schema(example = 3)]
    version: i64,
}

fn entity(permit: &Puller, req: &HttpRequest) -> Result<&'static Kind> {
    let mut name = None;
    for (parameter, value) in pairs(req)? {
        match parameter.as_str() {
            "entity" => name = Some(value),
            _ => return Err(ApiError::parameter(&parameter, Rule::UnknownParameter)),
        }
    }
    let kinds = asked(&permit.identity, Some(name.as_deref().unwrap_or_default()))?;
    match kinds.as_slice() {
        [kind] => Ok(kind),
        _ => Err(ApiError::parameter("entity", Rule::Required)),
    }
}

/// `GET /sync/digest`
pub async fn digest(permit: Puller, req: HttpRequest) -> Result<HttpResponse> {
    let (kind, scope) = (entity(&permit, &req)?, permit.scope());
    let read = move |c: &mut persistence::Conn| {
        c.at_one_moment(|c| Ok((feed::state(c)?, feed::fingerprint(c, &scope, kind)?)))
    };
    let (state, found) = permit.app.db.read_current(read).await?;
    Ok(HttpResponse::Ok().json(SyncDigest {
        entity: kind.path,
        count: found.count,
        head: state.head.to_string(),
        buckets: found.buckets.iter().map(|b| hex(b)).collect(),
    }))
}

/// `GET /sync/digest/{bucket}`
pub async fn bucket(permit: Puller, bucket: web::Path<u8>, req: HttpRequest) -> Result<HttpResponse> {
    let (kind, scope, bucket) = (entity(&permit, &req)?, permit.scope(), *bucket);
    let found = permit.app.db.read_current(move |c| feed::bucket(c, &scope, kind, bucket)).await?;
    let items = found.into_iter().map(|(id, version)| IdVersion { id, version }).collect();
    Ok(HttpResponse::Ok().json(SyncBucket { entity: kind.path, items }))
}
