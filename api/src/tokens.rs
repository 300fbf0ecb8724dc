//! API tokens: made, listed, revoked; over HTTP and from the command line.
use crate::auth::keys::{Keys, hex, random};
use crate::error::{ApiError, Result};
use crate::extract::{Body, Create, Delete, Guarded, Permit, Read};
use crate::listing::pairs;
use crate::sync::Sync;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::policy::{Action, Grants};
use domain::{DateTime, DivisionCode, Module, Problem, Rule, Scope, Utc, Uuid, Violation};
use persistence::tokens::{self, Token};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest life of a token in days.
pub const MAX_DAYS: i64 = 366;
/// Secret characters of a token.
const SECRET: usize = 32;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Permits for tokens.
pub struct Tokens;
impl Guarded for Tokens {
    const NAME: &'static str = "tokens";
    const AREA: Module = Module::Administration;
}

/// A fresh token: `lg_pat_`, 32 random characters, 6 of check part, so that a mistyped or cut one is told from a wrong one.
pub fn generate() -> std::result::Result<String, String> {
    let mut secret = String::with_capacity(SECRET);
    while secret.len() < SECRET {
        // Bytes of 248 and more would make some characters likelier than others.
        secret.extend(
            random()?
                .iter()
                .filter(|b| **b < 248)
                .filter_map(|b| BASE62.get(usize::from(*b % 62)))
                .map(|b| char::from(*b)),
        );
        secret.truncate(SECRET);
    }
    Ok(format!("lg_pat_{secret}{}", check_part(&secret)))
}

/// CRC32 of the secret in six base62 characters.
fn check_part(secret: &str) -> String {
    let mut rest = crc32fast::hash(secret.as_bytes());
    let mut out = vec![];
    for _ in 0..6 {
        out.extend(BASE62.get((rest % 62) as usize));
        rest /= 62;
    }
    out.reverse();
    String::from_utf8(out).unwrap_or_default()
}

/// The hash a token is stored under; `None` where the text is no token of ours.
pub fn hash(keys: &Keys, text: &str) -> Option<String> {
    let body = text.strip_prefix("lg_pat_")?;
    let (secret, check) = body.split_at_checked(SECRET)?;
    (check == check_part(secret)).then(|| hex(&keys.mac("api-token", text.as_bytes())))
}

/// A token to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// What it is called.
    #[schema(example = "单县业务系统", min_length = 1, max_length = 100)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    #[schema(example = "每日数据交换", max_length = 200)]
    pub purpose: String,
    /// `resource:action`, where either side may be `*`; and `fields:sensitive`.
    #[schema(example = json!(["cadres:read", "honors:*"]), min_items = 1, max_items = 50)]
    pub scopes: Vec<String>,
    /// Where it works; the caller's own division by default.
    pub division_code: Option<DivisionCode>,
    /// When it ends, at most 366 days from now.
    #[schema(example = "2027-01-31T00:00:00Z")]
    pub expires_at: DateTime<Utc>,
}

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub struct TokenView {
    /// Public id.
    token_id: Uuid,
    /// What it is called.
    name: String,
    /// What it is for.
    purpose: String,
    /// The user whose rights it draws on.
    user_id: Uuid,
    /// What it may do.
    #[schema(example = json!(["cadres:read"]))]
    scopes: Vec<String>,
    /// Where.
    division_code: DivisionCode,
    /// `active`, `expired` or `revoked`.
    #[schema(example = "active")]
    state: &'static str,
    /// When it was made.
    #[serde(serialize_with = "domain::resource::instant")]
    created_at: DateTime<Utc>,
    /// When it ends.
    #[serde(serialize_with = "domain::resource::instant")]
    expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    #[serde(serialize_with = "optional_instant", skip_serializing_if = "Option::is_none")]
    last_used_at: Option<DateTime<Utc>>,
    /// The token itself; only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "lg_pat_0000000000000000000000000000000000000000")]
    token: Option<String>,
}

fn optional_instant<S: serde::Serializer>(at: &Option<DateTime<Utc>>, s: S) -> std::result::Result<S::Ok, S::Error> {
    match at {
        Some(at) => domain::resource::instant(at, s),
        None => s.serialize_none(),
    }
}

impl TokenView {
    fn of(token: Token, secret: Option<String>) -> Self {
        let state = match token {
            Token { revoked_at: Some(_), .. } => "revoked",
            Token { expires_at, .. } if expires_at <= Utc::now() => "expired",
            _ => "active",
        };
        Self {
            token_id: token.id,
            name: token.name,
            purpose: token.purpose,
            user_id: token.user_id,
            scopes: token.scopes,
            division_code: token.division_code,
            state,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            token: secret,
        }
    }
}

/// A token row for the request, or everything that is wrong with it. `may` says what the owner may do.
pub fn prepare(
    request: TokenRequest,
    owner: Uuid,
    home: &DivisionCode,
    now: DateTime<Utc>,
    may: impl Fn(&str) -> bool,
) -> Result<Token> {
    let mut found = domain::Findings::default();
    let paths: Vec<&str> = domain::PATHS.iter().copied().chain(ENDPOINTS).collect();
    if request.scopes.is_empty() {
        found.push(Violation::new("scopes", Rule::TooFew).with("min", 1));
    }
    for (i, scope) in request.scopes.iter().enumerate() {
        if !Grants::known(scope, &paths) {
            found.error(format!("/scopes/{i}"), Rule::UnknownScope);
        } else if !may(scope) {
            found.error(format!("/scopes/{i}"), Rule::ScopeExceedsOwner);
        }
    }
    let division_code = request.division_code.unwrap_or_else(|| home.clone());
    found.require(home.contains(&division_code), "division_code", Rule::OutsideScope);
    let name = request.name.chars().count();
    if !(1..=100).contains(&name) {
        found.push(Violation::new("name", if name == 0 { Rule::Required } else { Rule::TooLong }).with("max", 100));
    }
    if request.purpose.chars().count() > 200 {
        found.push(Violation::new("purpose", Rule::TooLong).with("max", 200));
    }
    if request.scopes.len() > 50 {
        found.push(Violation::new("scopes", Rule::TooMany).with("max", 50));
    }
    if request.expires_at <= now || request.expires_at > now + chrono::Duration::days(MAX_DAYS) {
        found.push(Violation::new("expires_at", Rule::ExpiryRange).with("max", MAX_DAYS));
    }
    if !found.errors.is_empty() {
        return Err(found.into());
    }
    Ok(Token {
        id: Uuid::now_v7(),
        name: request.name,
        purpose: request.purpose,
        user_id: owner,
        scopes: request.scopes,
        division_code,
        created_at: now,
        expires_at: request.expires_at,
        revoked_at: None,
        last_used_at: None,
    })
}

/// `POST /tokens`
pub async fn create(permit: Permit<Tokens, Create>, body: Body<TokenRequest>) -> Result<HttpResponse> {
    let who = &permit.identity;
    // A token cannot make one that may more than itself; a user's token is bounded by the role on each use.
    let may = |scope: &str| match &who.token {
        None => true,
        Some((_, grants)) => grants.as_slice().iter().any(|g| g == scope) || within(grants, scope),
    };
    let token = prepare(body.into_inner(), who.user_id, &who.division, Utc::now(), may)?;
    let secret = generate().map_err(ApiError::internal)?;
    let hash = hash(&permit.app.keys, &secret).ok_or_else(|| ApiError::internal("a fresh token has no hash"))?;
    let row = token.clone();
    permit.app.db.write(permit.stamp(), false, move |tx| tokens::insert(tx, &row, &hash)).await?;
    let location = format!("/api/v1/tokens/{}", token.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(TokenView::of(token, Some(secret))))
}

/// What scopes may name beside the resources.
const ENDPOINTS: [&str; 2] = [Tokens::NAME, Sync::NAME];

/// Whether grants cover every resource and action a scope names.
fn within(grants: &Grants, scope: &str) -> bool {
    let Some((resource, verb)) = scope.split_once(':').filter(|(r, _)| *r != "fields") else { return false };
    let paths = domain::PATHS.iter().copied().chain(ENDPOINTS).filter(|p| resource == "*" || *p == resource);
    let mut pairs =
        paths.flat_map(|p| Action::ALL.iter().filter(move |a| verb == "*" || a.as_str() == verb).map(move |a| (p, *a)));
    pairs.all(|(p, a)| grants.allow(p, a))
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
    let (mut after, mut limit) = (None, 50_i64);
    for (name, value) in pairs(&req)? {
        match (name.as_str(), value.parse::<Uuid>(), value.parse::<i64>()) {
            ("page_token", Ok(id), _) => after = Some(id),
            ("page_token", Err(_), _) => return Err(ApiError::new(Problem::PageTokenMismatch)),
            ("limit", _, Ok(n)) if (1..=500).contains(&n) => limit = n,
            ("limit", ..) => return Err(ApiError::parameter("limit", Rule::TooLarge)),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let scope = permit.scope();
    let mut found = permit.app.db.read(move |c| tokens::list(c, &scope, None, after, limit + 1)).await?;
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
    Ok(HttpResponse::Ok().json(TokenView::of(token, None)))
}

/// `DELETE /tokens/{token_id}`
pub async fn revoke(permit: Permit<Tokens, Delete>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let (scope, id): (Scope, Uuid) = (permit.scope(), *id);
    let work = move |tx: &mut persistence::Tx<'_>| {
        tokens::get(tx.conn, &scope, id)?;
        tokens::revoke(tx, id)
    };
    permit.app.db.write(permit.stamp(), false, work).await?;
    permit.app.remembered.refresh(&permit.app.db).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_its_form_and_its_check_part() {
        let token = generate().unwrap();
        assert_eq!(token.len(), "lg_pat_".len() + SECRET + 6);
        let (secret, check) = token["lg_pat_".len()..].split_at(SECRET);
        assert_eq!(check_part(secret), check);
        assert_ne!(generate().unwrap(), token);
    }

    #[test]
    fn a_token_cannot_widen_itself() {
        let grants = Grants::new(vec!["cadres:*".into()]);
        assert!(within(&grants, "cadres:read") && within(&grants, "cadres:*"));
        assert!(!within(&grants, "*:read") && !within(&grants, "honors:read") && !within(&grants, "fields:sensitive"));
    }
}
