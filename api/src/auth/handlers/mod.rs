//! Sign-in, refresh, sign-out, and the caller about itself. [`password`], [`factor`], [`session`] and [`jwks`]
//! hold what belongs to these.
pub mod factor;
pub mod jwks;
pub mod password;
pub mod session;

use super::origin::Origin;
use super::sessions::{self, Issued};
use super::{Identity, access, active_user, sign_in};
use crate::app::App;
use crate::error::{ApiError, Result};
use crate::extract::{Body, IdempotencyKey, InPerson};
use actix_web::{HttpResponse, web};
use domain::administration::User;
use domain::codes::{AuditKind, AuditOutcome};
use domain::{DateTime, DivisionCode, Problem, Record, Utc, Uuid};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// User name.
    #[schema(example = "admin", max_length = 50)]
    username: String,
    /// Password.
    #[schema(example = "correct horse battery staple", max_length = 256)]
    password: String,
    /// For users with a second factor: the six digits of the phone, or a recovery code.
    #[schema(example = "123456", max_length = 40)]
    totp: Option<String>,
}

/// Fresh tokens of a session.
#[derive(Serialize, ToSchema)]
pub struct LoginAnswer {
    /// For the `Authorization: Bearer` header.
    #[schema(max_length = 4096, example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9…")]
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 600)]
    expires_in: i64,
    /// For `POST /auth/refresh`, once.
    #[schema(max_length = 100, example = "lg_ref_W6ph5Mm5Pz8GgiULbPgzG37mj9g8yYVrGZ8sP6a7b5c")]
    refresh_token: String,
    /// When the session ends unless it is prolonged.
    #[serde(serialize_with = "domain::resource::instant")]
    refresh_until: DateTime<Utc>,
    /// The session.
    session_id: Uuid,
    /// Who signed in.
    user: Me,
}

/// The caller.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// The user's id.
    user_id: Uuid,
    /// User name.
    #[schema(example = "admin")]
    username: String,
    /// Role.
    role: domain::policy::Role,
    /// The division the caller sees, with all inside it.
    division_code: DivisionCode,
    /// The session, if the caller has signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<Uuid>,
    /// The API token that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_id: Option<Uuid>,
    /// Scopes of the API token that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    /// The role must have a second factor and the user has none yet: nothing else is allowed before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    second_factor_missing: bool,
}

impl Me {
    /// The caller with this identity.
    pub fn of(who: &Identity) -> Self {
        Self {
            user_id: who.user_id,
            username: who.username.clone(),
            role: who.role,
            division_code: who.division.clone(),
            session_id: who.session,
            token_id: who.token.as_ref().map(|(id, _)| *id),
            scopes: who.token.as_ref().map(|(_, grants)| grants.as_slice().to_vec()),
            second_factor_missing: who.incomplete,
        }
    }
}

fn answer(app: &App, user: Record<User>, issued: Issued, second_factor_missing: bool) -> Result<HttpResponse> {
    let access_token = access::issue(&app.keys, user.meta.id, issued.session.id, Utc::now())?;
    let user = Me {
        user_id: user.meta.id,
        username: user.data.username,
        role: user.data.role,
        division_code: user.meta.division_code,
        session_id: Some(issued.session.id),
        token_id: None,
        scopes: None,
        second_factor_missing,
    };
    Ok(HttpResponse::Ok().json(LoginAnswer {
        access_token,
        token_type: "Bearer",
        expires_in: access::ACCESS_MINUTES * 60,
        refresh_token: issued.refresh_token,
        refresh_until: issued.session.idle_until,
        session_id: issued.session.id,
        user,
    }))
}

/// `POST /auth/login`
pub async fn login(app: web::Data<App>, origin: Origin, body: Body<LoginRequest>) -> Result<HttpResponse> {
    let LoginRequest { username, password, totp } = body.into_inner();
    let (user, issued) = sign_in::sign_in(&app, &origin, &username, password, totp).await?;
    let missing = missing(&app, &user).await?;
    answer(&app, user, issued, missing)
}

async fn missing(app: &App, user: &Record<User>) -> Result<bool> {
    let required = app.config.require_second_factor.contains(&user.data.role);
    Ok(required && !super::factors::counts(app, user.meta.id).await?)
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// The last one that was issued for the session.
    #[schema(max_length = 100, example = "lg_ref_W6ph5Mm5Pz8GgiULbPgzG37mj9g8yYVrGZ8sP6a7b5c")]
    refresh_token: String,
}

/// `POST /auth/refresh`
pub async fn refresh(
    app: web::Data<App>,
    origin: Origin,
    key: IdempotencyKey,
    body: Body<RefreshRequest>,
) -> Result<HttpResponse> {
    let key = key.key.ok_or_else(|| ApiError::new(Problem::IdempotencyKeyRequired))?;
    let issued = sessions::refresh(&app, &origin, &body.into_inner().refresh_token, &key).await?;
    let user = active_user(&app, issued.session.user_id).await;
    let user = user.map_err(|e| match e.problem {
        Problem::Unauthenticated => ApiError::new(Problem::SessionEnded),
        _ => e,
    })?;
    let missing = missing(&app, &user).await?;
    answer(&app, user, issued, missing)
}

/// `POST /auth/logout`
pub async fn logout(caller: InPerson) -> Result<HttpResponse> {
    let (session, event) = (caller.session, caller.event(AuditKind::Session, AuditOutcome::Success));
    let work = move |tx: &mut persistence::Tx<'_>| {
        persistence::identity::sessions::end(tx, session, "signed_out")?;
        persistence::audit::note(tx, &event.about("sessions", Some(session)).detail("signed_out"))
    };
    caller.app.db.write(caller.stamp(), false, work).await?;
    caller.app.remembered.settle(&caller.app.db).await?;
    Ok(HttpResponse::NoContent().finish())
}
