//! Tokens of the caller's divisions: make, list, change, rotate, revoke.
use super::request::{Owner, TokenPatch, TokenRequest, may_hand_out, prepare};
use super::view::TokenView;
use super::{Tokens, form};
use crate::error::{ApiError, Result};
use crate::extract::{Body, Create, Delete, Permit, Preconditions, Prefer, Read, SignedIn, Update};
use crate::listing::pairs;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::administration::User;
use domain::codes::{AuditKind, AuditOutcome};
use domain::policy::Role;
use domain::{DateTime, DivisionCode, Module, Problem, Resource, Rule, Scope, Utc, Uuid};
use persistence::tokens::{self, State, Token, Which};
use persistence::{Store, Tx, audit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest time for which a rotated token works on, in hours.
pub const MAX_OVERLAP_HOURS: u32 = 7 * 24;

/// The user for whom the caller may make or change tokens: itself, or one within its divisions whose role it could
/// grant, for a token acts as its owner.
async fn owner(caller: &SignedIn, id: Uuid) -> Result<Owner> {
    let who = &caller.identity;
    if id == who.user_id {
        return Ok(Owner { id, division: who.division.clone(), system: who.role == Role::SyncClient });
    }
    let scope = caller.scope();
    let user = caller.app.db.read(move |c| User::get(c, &scope, id)).await?;
    let user = user.filter(|_| who.may(User::PATH, Module::Administration, domain::policy::Action::Update));
    let user = user.ok_or_else(|| {
        ApiError::of(Problem::ValidationFailed, vec![domain::Violation::new("user_id", Rule::UnknownReference)])
    })?;
    if !who.role.may_grant(user.data.role) {
        return Err(ApiError::new(Problem::Forbidden));
    }
    Ok(Owner { id, division: user.meta.division_code, system: user.data.role == Role::SyncClient })
}

fn shown(mut answer: actix_web::HttpResponseBuilder, token: Token, secret: Option<String>) -> HttpResponse {
    answer.insert_header((header::ETAG, format!("\"r{}\"", token.version)));
    answer.json(TokenView::of(token, secret))
}

/// `POST /tokens`
pub async fn create(permit: Permit<Tokens, Create>, body: Body<TokenRequest>) -> Result<HttpResponse> {
    let request = body.into_inner();
    let owner = owner(&permit, request.user_id.unwrap_or(permit.identity.user_id)).await?;
    let may = |scope: &str| may_hand_out(&permit.identity, scope);
    let token = prepare(request, &owner, permit.identity.actor(), Utc::now(), may)?;
    let secret = form::generate(&token.kind).map_err(ApiError::internal)?;
    let hash = form::hash(&permit.app.keys, &secret).ok_or_else(|| ApiError::internal("a fresh token has no hash"))?;
    let row = token.clone();
    let event = permit.event(AuditKind::Token, AuditOutcome::Success).about("tokens", Some(token.id)).detail("created");
    let work = move |tx: &mut Tx<'_>| {
        tx.begin()?;
        tokens::insert(tx, &row, &hash)?;
        audit::note(tx, &event)
    };
    permit.app.db.write(permit.stamp(), false, work).await?;
    let mut answer = HttpResponse::Created();
    answer.insert_header((header::LOCATION, format!("/api/v1/tokens/{}", token.id)));
    Ok(shown(answer, token, Some(secret)))
}

/// A page of tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiTokenPage)]
pub struct TokenPage {
    /// The tokens.
    items: Vec<TokenView>,
    /// For the page after this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// `GET /tokens`
pub async fn list(permit: Permit<Tokens, Read>, req: HttpRequest) -> Result<HttpResponse> {
    let (mut after, mut limit, mut which) = (None, 50_i64, Which::default());
    let now = Utc::now();
    for (name, value) in pairs(&req)? {
        let bad = |rule| ApiError::parameter(&name, rule);
        let id = || value.parse::<Uuid>().map(Some).map_err(|_| bad(Rule::InvalidUuid));
        let days =
            || value.parse::<u16>().map(|d| chrono::Duration::days(i64::from(d))).map_err(|_| bad(Rule::TooLarge));
        match name.as_str() {
            "page_token" => after = Some(value.parse().map_err(|_| ApiError::new(Problem::PageTokenMismatch))?),
            "limit" => {
                let asked: i64 = value.parse().map_err(|_| bad(Rule::TooLarge))?;
                limit = Some(asked).filter(|n| (1..=500).contains(n)).ok_or_else(|| bad(Rule::TooLarge))?;
            }
            "filter[user_id]" => which.user_id = id()?,
            "filter[family_id]" => which.family_id = id()?,
            "filter[division_code]" => {
                which.division_code = Some(DivisionCode::parse(&value).ok_or_else(|| bad(Rule::DivisionFormat))?);
            }
            "filter[state]" => {
                let state = State::ALL.into_iter().find(|s| s.as_str() == value);
                which.state = Some(state.ok_or_else(|| bad(Rule::UnknownCode))?);
            }
            "expiring_within_days" => which.expires_before = Some(now + days()?),
            "unused_for_days" => which.unused_since = Some(now - days()?),
            _ => return Err(bad(Rule::UnknownParameter)),
        }
    }
    let scope = permit.scope();
    let mut found = permit.app.db.read(move |c| tokens::list(c, &scope, &which, now, after, limit + 1)).await?;
    let more = found.len() as i64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or_default());
    let next_page_token = found.last().filter(|_| more).map(|t| t.id.to_string());
    let items = found.into_iter().map(|t| TokenView::of(t, None)).collect();
    Ok(HttpResponse::Ok().json(TokenPage { items, next_page_token }))
}

/// `GET /tokens/{token_id}`
pub async fn get(permit: Permit<Tokens, Read>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id) = (permit.scope(), *id);
    let token = permit.app.db.read(move |c| tokens::get(c, &scope, id)).await?;
    Ok(shown(HttpResponse::Ok(), token, None))
}

/// The token, if the caller may hand out what it has.
async fn in_hand(caller: &SignedIn, id: Uuid) -> Result<(Token, Owner)> {
    let scope = caller.scope();
    let token = caller.app.db.read(move |c| tokens::get(c, &scope, id)).await?;
    let owner = owner(caller, token.user_id).await.map_err(|_| ApiError::new(Problem::Forbidden))?;
    // What was given in an emergency ends when it was said to end.
    let lasting = token.kind != tokens::EMERGENCY;
    if lasting && token.scopes.iter().all(|s| may_hand_out(&caller.identity, s)) {
        return Ok((token, owner));
    }
    Err(ApiError::new(Problem::Forbidden))
}

/// `PATCH /tokens/{token_id}`
pub async fn patch(
    permit: Permit<Tokens, Update>,
    id: web::Path<Uuid>,
    expect: Preconditions,
    body: Body<TokenPatch>,
) -> Result<HttpResponse> {
    let expected = expect.needed()?;
    let (old, owner) = in_hand(&permit, *id).await?;
    if old.version != expected {
        return Err(persistence::Error::Stale { current: old.version, fields: vec![] }.into());
    }
    if !old.works(Utc::now()) {
        return Err(ApiError::new(Problem::TokenNotActive));
    }
    let may = |scope: &str| may_hand_out(&permit.identity, scope);
    let token = body.into_inner().applied(&old, &owner.division, Utc::now(), may)?;
    let row = token.clone();
    let event = permit.event(AuditKind::Token, AuditOutcome::Success).about("tokens", Some(token.id)).detail("changed");
    let work = move |tx: &mut Tx<'_>| {
        tokens::update(tx, &row)?;
        audit::note(tx, &event)
    };
    permit.app.db.write(permit.stamp(), false, work).await?;
    permit.app.remembered.settle(&permit.app.db).await?;
    Ok(shown(HttpResponse::Ok(), token, None))
}

/// How to rotate a token.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// Hours for which the old token works on: 0 to 168, 24 by default.
    #[schema(example = 24, minimum = 0, maximum = 168)]
    overlap_hours: Option<u32>,
    /// When the new token ends; by default it lives as long as the old one was to.
    expires_at: Option<DateTime<Utc>>,
}

/// The successor of a token, with its secret.
///
/// # Errors
/// `validation_failed`; `token_not_active` where it has been rotated or revoked before.
pub async fn rotated(caller: &SignedIn, old: Token, division: &DivisionCode, how: Rotation) -> Result<HttpResponse> {
    let now = Utc::now();
    let overlap = how.overlap_hours.unwrap_or(24);
    if overlap > MAX_OVERLAP_HOURS {
        let found = domain::Violation::new("overlap_hours", Rule::TooLarge).with("max", MAX_OVERLAP_HOURS);
        return Err(ApiError::of(Problem::ValidationFailed, vec![found]));
    }
    let (token, secret, hash) =
        successor(&caller.app.keys, &old, division, caller.identity.actor(), how.expires_at, now)?;
    let row = token.clone();
    let event = caller.event(AuditKind::Token, AuditOutcome::Success).about("tokens", Some(old.id)).detail("rotated");
    let until = now + chrono::Duration::hours(i64::from(overlap));
    let work = move |tx: &mut Tx<'_>| {
        tokens::rotate(tx, &old, until, &row, &hash)?;
        audit::note(tx, &event)
    };
    caller.app.db.write(caller.stamp(), false, work).await?;
    caller.app.remembered.settle(&caller.app.db).await?;
    let mut answer = HttpResponse::Created();
    answer.insert_header((header::LOCATION, format!("/api/v1/tokens/{}", token.id)));
    Ok(shown(answer, token, Some(secret)))
}

/// A token like the old one: row, secret and hash.
///
/// # Errors
/// `validation_failed` where it would live too long.
pub fn successor(
    keys: &crate::auth::keys::Keys,
    old: &Token,
    division: &DivisionCode,
    by: String,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(Token, String, String)> {
    let end = expires_at.unwrap_or(now + (old.expires_at - old.created_at));
    let patch = TokenPatch::ending(end);
    let token = Token {
        id: Uuid::now_v7(),
        version: 1,
        created_by: by,
        created_at: now,
        rotated_at: None,
        last_used_at: None,
        last_used_address: None,
        last_used_agent: None,
        ..patch.applied(old, division, now, |_| true)?
    };
    let secret = form::generate(&token.kind).map_err(ApiError::internal)?;
    let hash = form::hash(keys, &secret).ok_or_else(|| ApiError::internal("a fresh token has no hash"))?;
    Ok((token, secret, hash))
}

/// `POST /tokens/{token_id}/rotate`
pub async fn rotate(permit: Permit<Tokens, Update>, id: web::Path<Uuid>, body: Body<Rotation>) -> Result<HttpResponse> {
    let (old, owner) = in_hand(&permit, *id).await?;
    rotated(&permit, old, &owner.division, body.into_inner()).await
}

/// `DELETE /tokens/{token_id}`
pub async fn revoke(permit: Permit<Tokens, Delete>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id): (Scope, Uuid) = (permit.scope(), *id);
    let event = permit.event(AuditKind::Token, AuditOutcome::Success).about("tokens", Some(id)).detail("revoked");
    let work = move |tx: &mut Tx<'_>| {
        tokens::get(tx.conn, &scope, id)?;
        tokens::revoke(tx, id, "revoked")?;
        audit::note(tx, &event)
    };
    permit.app.db.write(permit.stamp(), false, work).await?;
    permit.app.remembered.settle(&permit.app.db).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Which tokens to revoke. What is said must all hold, and something must be said.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Those of this owner.
    user_id: Option<Uuid>,
    /// Those of this family.
    family_id: Option<Uuid>,
    /// Those that work in this division or inside it.
    division_code: Option<DivisionCode>,
    /// Those not used for so many days.
    #[schema(example = 90, minimum = 1, maximum = 3660)]
    unused_for_days: Option<u16>,
    /// Why.
    #[schema(example = "人员离岗", min_length = 1, max_length = 200)]
    reason: String,
}

/// The tokens that were revoked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Revoked {
    /// Their public ids, 1000 at most: then ask again.
    #[schema(max_items = 1000)]
    token_ids: Vec<Uuid>,
}

/// `POST /tokens/revoke`
pub async fn revoke_many(
    permit: Permit<Tokens, Delete>,
    prefer: Prefer,
    body: Body<Revocation>,
) -> Result<HttpResponse> {
    let Revocation { user_id, family_id, division_code, unused_for_days, reason } = body.into_inner();
    let unused_since = unused_for_days.map(|d| Utc::now() - chrono::Duration::days(i64::from(d)));
    let which = Which { user_id, family_id, division_code, unused_since, ..Which::default() };
    let mut found = domain::Findings::default();
    found.require(!which.says_nothing(), "", Rule::Required);
    found.require((1..=200).contains(&reason.chars().count()), "reason", Rule::Required);
    if !found.errors.is_empty() {
        return Err(found.into());
    }
    let (scope, event) =
        (permit.scope(), permit.event(AuditKind::Token, AuditOutcome::Success).purpose(reason.as_str()));
    let work = move |tx: &mut Tx<'_>| {
        let ids = tokens::revoke_many(tx, &scope, &which, &reason)?;
        for id in &ids {
            audit::note(tx, &event.clone().about("tokens", Some(*id)).detail("revoked"))?;
        }
        Ok(ids)
    };
    let token_ids = permit.app.db.write(permit.stamp(), prefer.dry_run, work).await?;
    let mut answer = HttpResponse::Ok();
    if prefer.dry_run {
        answer.insert_header(("preference-applied", "dry-run"));
    } else {
        permit.app.remembered.settle(&permit.app.db).await?;
    }
    Ok(answer.json(Revoked { token_ids }))
}
