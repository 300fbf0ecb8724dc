//! What a repeated request with the same `Idempotency-Key` is answered.
use super::made::{AnyRecord, Made, Of, answer};
use super::not_found;
use crate::error::{ApiError, Result};
use crate::extract::{IdempotencyKey, Prefer, SignedIn};
use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use domain::{Meta, Problem, Record, Scope, Uuid};
use persistence::ledger::{self, Key, Stored};
use persistence::{Conn, Store, journal};
use sha2::{Digest, Sha256};

impl IdempotencyKey {
    /// The ledger's row for this request, to be completed by its effect.
    pub fn bind(self, caller: &SignedIn, method: &str, body: &[u8]) -> Option<Key> {
        let Self { key, path } = self;
        key.map(|key| Key {
            client: caller.identity.client(),
            method: method.to_owned(),
            path,
            key,
            fingerprint: domain::hex(&Sha256::digest(body)),
            status: 201,
            entity_id: None,
            version: None,
            answer: None,
            created_at: domain::Utc::now(),
        })
    }
}

/// A record as it was at a version.
pub(super) type Earlier = fn(&mut Conn, &Scope, Uuid, i64) -> persistence::Result<Option<Box<dyn AnyRecord>>>;

/// After a failure: the stored answer if the ledger has one for this key, the failure itself otherwise.
pub(super) async fn replay(
    caller: &SignedIn,
    of: Of,
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
                (Some(id), Some(version)) => (of.earlier)(c, &scope, id, version)?,
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
    let mut told = match (record, stored.answer) {
        (Some(record), warnings) => {
            let warnings = warnings.and_then(|w| serde_json::from_str::<Vec<Stored>>(&w.0).ok()).unwrap_or_default();
            let warnings = warnings.into_iter().filter_map(Stored::violation).collect();
            answer(caller, of, prefer, Made { status, record, warnings })?
        }
        (None, Some(text)) => HttpResponse::build(status).content_type("application/json").body(text.0),
        (None, None) => return Err(not_found()),
    };
    let replayed = header::HeaderName::from_static("idempotency-replayed");
    told.headers_mut().insert(replayed, header::HeaderValue::from_static("true"));
    Ok(told)
}

pub(super) fn earlier<R: Store>(
    c: &mut Conn,
    scope: &Scope,
    id: Uuid,
    version: i64,
) -> persistence::Result<Option<Box<dyn AnyRecord>>> {
    let now = R::get(c, scope, id)?;
    if let Some(now) = now.as_ref().filter(|r| r.meta.version == version) {
        return Ok(Some(Box::new(now.clone())));
    }
    let Some((data, division_code, at)) = journal::state_at::<R>(c, id, version)? else { return Ok(None) };
    let external_ref = now.and_then(|r| r.meta.external_ref);
    let meta = Meta { id, division_code, version, created_at: at, updated_at: at, deleted_at: None, external_ref };
    let record = Record { meta, data };
    if persistence::visible(&record, scope) { Ok(Some(Box::new(record))) } else { Ok(None) }
}
