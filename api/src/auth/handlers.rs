//! Sign-in, and the caller about itself.
use super::{ACCESS_MINUTES, check_password, issue, passwords};
use crate::app::App;
use crate::error::{ApiError, Result};
use crate::extract::{Body, Permit, SignedIn, Update};
use actix_web::{HttpResponse, web};
use domain::administration::User;
use domain::{DivisionCode, Utc, Uuid};
use persistence::Store;
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
}

/// A fresh access token.
#[derive(Serialize, ToSchema)]
pub struct LoginAnswer {
    /// For the `Authorization: Bearer` header.
    #[schema(max_length = 4096, example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9…")]
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until it ends.
    #[schema(example = 3600)]
    expires_in: i64,
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
    /// Scopes of the API token that was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
}

/// `POST /auth/login`
pub async fn login(app: web::Data<App>, body: Body<LoginRequest>) -> Result<HttpResponse> {
    let LoginRequest { username, password } = body.into_inner();
    let user = check_password(&app, &username, password).await?;
    let access_token = issue(&app, user.meta.id, Utc::now())?;
    let me = Me {
        user_id: user.meta.id,
        username: user.data.username,
        role: user.data.role,
        division_code: user.meta.division_code,
        scopes: None,
    };
    let answer = LoginAnswer { access_token, token_type: "Bearer", expires_in: ACCESS_MINUTES * 60, user: me };
    Ok(HttpResponse::Ok().json(answer))
}

/// `GET /me`
pub async fn me(caller: SignedIn) -> Result<HttpResponse> {
    std::future::ready(()).await;
    let who = &caller.identity;
    Ok(HttpResponse::Ok().json(Me {
        user_id: who.user_id,
        username: who.username.clone(),
        role: who.role,
        division_code: who.division.clone(),
        scopes: who.token.as_ref().map(|(_, grants)| grants.as_slice().to_vec()),
    }))
}

/// Old and new password of the caller.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password now.
    #[schema(max_length = 256)]
    current_password: String,
    /// The password from now on: 10 to 256 characters.
    #[schema(min_length = 10, max_length = 256)]
    new_password: String,
}

/// `POST /auth/password`
pub async fn change_password(caller: SignedIn, body: Body<PasswordChange>) -> Result<HttpResponse> {
    let PasswordChange { current_password, new_password } = body.into_inner();
    passwords::check("/new_password", &new_password)?;
    check_password(&caller.app, &caller.identity.username, current_password).await?;
    store(&caller.app, caller.stamp(), caller.identity.user_id, new_password).await
}

/// A user's new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The password from now on: 10 to 256 characters.
    #[schema(min_length = 10, max_length = 256)]
    password: String,
}

/// `POST /users/{id}/password`
pub async fn reset_password(
    permit: Permit<User, Update>,
    id: web::Path<Uuid>,
    body: Body<NewPassword>,
) -> Result<HttpResponse> {
    let password = body.into_inner().password;
    passwords::check("/password", &password)?;
    let (scope, id) = (permit.scope(), *id);
    let user = permit.app.db.read(move |c| User::get(c, &scope, id)).await?;
    let user = user.ok_or_else(|| ApiError::new(domain::Problem::NotFound))?;
    // Whoever sets a password can act as its user.
    if !permit.identity.role.may_grant(user.data.role) {
        return Err(ApiError::new(domain::Problem::Forbidden));
    }
    store(&permit.app, permit.stamp(), id, password).await
}

async fn store(app: &App, stamp: persistence::Stamp, user: Uuid, password: String) -> Result<HttpResponse> {
    let hash = passwords::hash(app, password).await?;
    let now = stamp.now;
    app.db.write(stamp, false, move |tx| persistence::identity::set_password(tx, user, &hash, now)).await?;
    app.remembered.refresh(&app.db).await?;
    Ok(HttpResponse::NoContent().finish())
}
