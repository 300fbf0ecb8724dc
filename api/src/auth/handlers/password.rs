//! Passwords: one's own, and those of others.
use crate::auth::origin::Origin;
use crate::auth::{brakes, passwords, sign_in};
use crate::error::{ApiError, Result};
use crate::extract::{Body, InPerson, Permit, SignedIn, Update};
use actix_web::{HttpResponse, web};
use domain::administration::User;
use domain::codes::{AuditKind, AuditOutcome};
use domain::{Problem, Record, Uuid};
use persistence::identity::{attempts, sessions};
use persistence::{Store, Tx, audit, identity};
use serde::Deserialize;
use utoipa::ToSchema;

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
pub async fn change_password(caller: InPerson, origin: Origin, body: Body<PasswordChange>) -> Result<HttpResponse> {
    let PasswordChange { current_password, new_password } = body.into_inner();
    let username = &caller.identity.username;
    passwords::check("/new_password", username, &new_password)?;
    let proven = sign_in::prove(&caller.app, &origin, username, current_password).await?;
    let work = move |tx: &mut Tx<'_>| proven.settle(tx);
    caller.app.db.write(caller.stamp(), false, work).await?;
    store(&caller, caller.identity.user_id, new_password, Some(caller.session)).await
}

/// A user's new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The password from now on: 10 to 256 characters.
    #[schema(min_length = 10, max_length = 256)]
    password: String,
}

/// The user of this id whom the caller may take in hand: within its divisions, and of a role it could grant.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn in_hand(permit: &Permit<User, Update>, id: Uuid) -> Result<Record<User>> {
    let scope = permit.scope();
    let user = permit.app.db.read(move |c| User::get(c, &scope, id)).await?;
    let user = user.ok_or_else(|| ApiError::new(Problem::NotFound))?;
    // Whoever sets a password can act as its user.
    let may = permit.identity.role.may_grant(user.data.role);
    if may { Ok(user) } else { Err(ApiError::new(Problem::Forbidden)) }
}

/// `POST /users/{id}/password`
pub async fn reset_password(
    permit: Permit<User, Update>,
    id: web::Path<Uuid>,
    body: Body<NewPassword>,
) -> Result<HttpResponse> {
    let password = body.into_inner().password;
    let (scope, wanted) = (permit.scope(), *id);
    let user = permit.app.db.read(move |c| User::get(c, &scope, wanted)).await?;
    passwords::check("/password", user.as_ref().map_or("", |u| u.data.username.as_str()), &password)?;
    let user = in_hand(&permit, *id).await?;
    store(&permit, user.meta.id, password, None).await
}

/// Sets a password; all sessions of the user end but the one that did it.
async fn store(caller: &SignedIn, user: Uuid, password: String, but: Option<Uuid>) -> Result<HttpResponse> {
    let hash = passwords::hash(&caller.app, password).await?;
    let event = caller.event(AuditKind::Credential, AuditOutcome::Success);
    let work = move |tx: &mut Tx<'_>| {
        let now = tx.stamp.now;
        identity::set_password(tx, user, &hash, now)?;
        audit::note(tx, &event.about("users", Some(user)).detail("password_set"))?;
        sessions::end_all(tx, user, but, "password_changed")
    };
    let ended = caller.app.db.write(caller.stamp(), false, work).await?;
    match ended {
        0 => drop(caller.app.remembered.refresh(&caller.app.db).await?),
        _ => caller.app.remembered.settle(&caller.app.db).await?,
    }
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /users/{id}/unlock`
pub async fn unlock(permit: Permit<User, Update>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let user = in_hand(&permit, *id).await?;
    let prefix = brakes::account_prefix(&permit.app.keys, &user.data.username);
    let event = permit.event(AuditKind::Account, AuditOutcome::Success);
    let work = move |tx: &mut Tx<'_>| {
        tx.begin()?;
        attempts::forget_below(tx, &prefix)?;
        audit::note(tx, &event.about("users", Some(user.meta.id)).detail("unlocked"))
    };
    permit.app.db.write(permit.stamp(), false, work).await?;
    Ok(HttpResponse::NoContent().finish())
}
