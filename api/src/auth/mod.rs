//! Who a caller is: sign-in, access tokens, API tokens, and what is remembered of them.
pub mod handlers;
pub mod keys;
pub mod passwords;
pub mod remembered;
pub mod routes;

use crate::app::App;
use crate::error::{ApiError, Result};
use crate::tokens;
use actix_web::HttpRequest;
use actix_web::http::header;
use domain::administration::User;
use domain::policy::{Action, Grants, Role};
use domain::{DateTime, DivisionCode, FieldClass, Module, Problem, Record, Scope, Utc, Uuid};
use jsonwebtoken::{Algorithm, Header, Validation};
use persistence::{Store, identity};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Life of an access token in minutes.
pub const ACCESS_MINUTES: i64 = 60;
const ISSUER: &str = "laogan";
const AUDIENCE: &str = "laogan-api";
const TYPE: &str = "at+jwt";

/// A verified caller.
#[derive(Debug)]
pub struct Identity {
    /// The user whose rights are used.
    pub user_id: Uuid,
    /// Name to sign in with.
    pub username: String,
    /// The user's role.
    pub role: Role,
    /// The division that new records belong to by default, and the root of the scope.
    pub division: DivisionCode,
    /// What the caller sees.
    pub scope: Scope,
    /// The API token, if the caller used one, and what it may do.
    pub token: Option<(Uuid, Grants)>,
    /// When the token ends.
    expires_at: DateTime<Utc>,
    /// State of users and tokens when this was verified.
    epoch: i64,
    /// Minute of the last note that the API token was used.
    noted: AtomicI64,
}

impl Identity {
    /// Whether the caller may do this to resources at `path`.
    pub fn may(&self, path: &str, module: Module, action: Action) -> bool {
        self.role.allows(module, action) && self.token.as_ref().is_none_or(|(_, grants)| grants.allow(path, action))
    }
    /// The highest class of fields that are shown.
    pub fn sight(&self) -> FieldClass {
        match self.role.sight() {
            // A token shows no more than its owner's role may ever see.
            FieldClass::Personal if self.token.as_ref().is_some_and(|(_, grants)| grants.sensitive()) => {
                FieldClass::Sensitive
            }
            sight => sight,
        }
    }
    /// Who acts, for the journal.
    pub fn actor(&self) -> String {
        match &self.token {
            Some((id, _)) => format!("token:{id}"),
            None => format!("user:{}", self.user_id),
        }
    }
    /// Whose promises are kept: the account, whichever of its tokens is used. Tokens come and go.
    pub fn client(&self) -> String {
        format!("user:{}", self.user_id)
    }
    fn fresh(&self, epoch: i64, now: DateTime<Utc>) -> bool {
        self.epoch == epoch && now < self.expires_at
    }
}

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    jti: Uuid,
    iat: i64,
    exp: i64,
}

/// Makes an access token for a user.
pub fn issue(app: &App, user: Uuid, now: DateTime<Utc>) -> Result<String> {
    let header = Header { typ: Some(TYPE.into()), kid: Some(app.keys.kid.clone()), ..Header::new(Algorithm::EdDSA) };
    let claims = Claims {
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        sub: user,
        jti: Uuid::now_v7(),
        iat: now.timestamp(),
        exp: now.timestamp() + ACCESS_MINUTES * 60,
    };
    jsonwebtoken::encode(&header, &claims, &app.keys.signing).map_err(ApiError::internal)
}

/// The caller if it was verified a moment ago and nothing has changed since.
pub fn remembered(app: &App, req: &HttpRequest) -> Result<std::result::Result<Arc<Identity>, String>> {
    let token = bearer(req)?;
    let known = app.remembered.get(&digest(token)).filter(|i| i.fresh(app.remembered.epoch(), Utc::now()));
    Ok(known.ok_or_else(|| token.to_owned()))
}

/// Verifies a token against the keys and the database, and remembers the caller.
pub async fn verify(app: &App, token: &str) -> Result<Arc<Identity>> {
    // Read before the rows: if they change meanwhile, the entry is stale at once instead of for ever.
    let epoch = app.remembered.refresh(&app.db).await?;
    let identity = match token.starts_with("lg_") {
        true => by_api_token(app, token, epoch).await?,
        false => by_access_token(app, token, epoch).await?,
    };
    let identity = Arc::new(identity);
    app.remembered.put(digest(token), Arc::clone(&identity));
    Ok(identity)
}

/// Whether a caller that was verified some time ago would be verified still, with the same rights: for requests
/// that last.
///
/// # Errors
/// `unauthenticated` where it would not.
pub async fn still(app: &App, caller: &Identity) -> Result<()> {
    if caller.fresh(app.remembered.epoch(), Utc::now()) {
        return Ok(());
    }
    let user = active_user(app, caller.user_id).await?;
    let reaches = Scope::Division(user.meta.division_code).covers(&caller.division);
    let same = user.data.role == caller.role && user.data.scope(&caller.division) == caller.scope;
    let mut good = Utc::now() < caller.expires_at && same && reaches;
    if let Some((id, _)) = caller.token {
        let token = app.db.read(move |c| persistence::tokens::get(c, &Scope::System, id)).await?;
        good &= token.revoked_at.is_none();
    }
    if good { Ok(()) } else { Err(unauthenticated()) }
}

/// Notes, at most once a minute, that the caller's API token was used.
pub fn note_use(app: &App, identity: &Identity) {
    let Some((id, _)) = identity.token else { return };
    let minute = Utc::now().timestamp() / 60;
    if identity.noted.swap(minute, Ordering::Relaxed) == minute {
        return;
    }
    let app = app.clone();
    actix_web::rt::spawn(async move {
        let stamp = persistence::Stamp::system("token-use", Utc::now());
        if let Err(e) = app.db.write(stamp, false, move |tx| persistence::tokens::used(tx, id)).await {
            tracing::warn!(cause = %e, "the use of a token was not noted");
        }
    });
}

async fn by_access_token(app: &App, token: &str, epoch: i64) -> Result<Identity> {
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.leeway = 0;
    let read = jsonwebtoken::decode::<Claims>(token, &app.keys.verifying, &rules)
        .ok()
        .filter(|t| t.header.typ.as_deref() == Some(TYPE))
        .ok_or_else(unauthenticated)?;
    let claims = read.claims;
    let user = active_user(app, claims.sub).await?;
    Ok(Identity {
        user_id: user.meta.id,
        scope: user.data.scope(&user.meta.division_code),
        username: user.data.username,
        role: user.data.role,
        division: user.meta.division_code,
        token: None,
        expires_at: DateTime::from_timestamp(claims.exp, 0).ok_or_else(unauthenticated)?,
        epoch,
        noted: AtomicI64::new(0),
    })
}

async fn by_api_token(app: &App, text: &str, epoch: i64) -> Result<Identity> {
    let hash = tokens::hash(&app.keys, text).ok_or_else(unauthenticated)?;
    let token = app.db.read(move |c| persistence::tokens::by_hash(c, &hash)).await?.ok_or_else(unauthenticated)?;
    if token.revoked_at.is_some() || token.expires_at <= Utc::now() {
        return Err(unauthenticated());
    }
    let user = active_user(app, token.user_id).await?;
    // The token's division bounds the user's, and the other way round.
    let own = Scope::Division(user.meta.division_code.clone());
    let division = if own.covers(&token.division_code) {
        token.division_code
    } else if token.division_code.contains(&user.meta.division_code) {
        user.meta.division_code.clone()
    } else {
        return Err(unauthenticated());
    };
    Ok(Identity {
        user_id: user.meta.id,
        scope: user.data.scope(&division),
        username: user.data.username,
        role: user.data.role,
        division,
        token: Some((token.id, Grants::new(token.scopes))),
        expires_at: token.expires_at,
        epoch,
        noted: AtomicI64::new(0),
    })
}

async fn active_user(app: &App, id: Uuid) -> Result<Record<User>> {
    let user = app.db.read(move |c| User::get(c, &Scope::System, id)).await?;
    user.filter(|u| !u.data.disabled).ok_or_else(unauthenticated)
}

fn bearer(req: &HttpRequest) -> Result<&str> {
    let value = req.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).ok_or_else(unauthenticated)?;
    let (scheme, token) = value.split_once(' ').ok_or_else(unauthenticated)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > 4096 {
        return Err(unauthenticated());
    }
    Ok(token)
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn unauthenticated() -> ApiError {
    ApiError::new(Problem::Unauthenticated)
}

/// The user with this name if the password is right. An unknown user costs the same time as a known one.
pub async fn check_password(app: &App, username: &str, password: String) -> Result<Record<User>> {
    let name = username.to_ascii_lowercase();
    let found = app.db.read(move |c| identity::by_username(c, &name)).await?;
    let (user, hash) = found.map_or((None, None), |(u, h)| (Some(u), h));
    let right = passwords::verify(app, password, hash).await?;
    user.filter(|u| right && !u.data.disabled).ok_or_else(|| ApiError::new(Problem::LoginFailed))
}
