//! The caller's second factor, and taking away that of others who have lost it.
use super::password::in_hand;
use crate::auth::origin::Origin;
use crate::auth::{factors, sign_in};
use crate::error::{ApiError, Result};
use crate::extract::{Body, InPerson, Permit, Update};
use actix_web::{HttpResponse, web};
use domain::administration::User;
use domain::codes::{AuditKind, AuditOutcome};
use domain::{Problem, Uuid};
use persistence::identity::factors as stored;
use persistence::identity::sessions;
use persistence::{Tx, audit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the caller's second factor stands.
#[derive(Serialize, ToSchema)]
pub struct SecondFactor {
    /// Whether signing in needs a code.
    enabled: bool,
    /// Whether the caller's role must have one.
    required: bool,
    /// Recovery codes that are left.
    #[schema(example = 10)]
    recovery_codes_left: i64,
}

/// `GET /auth/totp`
pub async fn state(caller: InPerson) -> Result<HttpResponse> {
    let user = caller.identity.user_id;
    let read = move |c: &mut persistence::Conn| Ok((stored::of(c, user)?, stored::codes_left(c, user)?));
    let (factor, left) = caller.app.db.read(read).await?;
    let enabled = factor.is_some_and(|f| f.confirmed_at.is_some());
    let required = caller.app.config.require_second_factor.contains(&caller.identity.role);
    Ok(HttpResponse::Ok().json(SecondFactor { enabled, required, recovery_codes_left: left }))
}

/// The caller's password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordProof {
    /// The password now.
    #[schema(max_length = 256)]
    password: String,
}

/// What an authenticator app needs.
#[derive(Serialize, ToSchema)]
pub struct TotpSecret {
    /// The secret in base32, to be typed: SHA-1, six digits, 30 seconds.
    #[schema(max_length = 100, example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    secret: String,
    /// The same as a link, to be shown as a QR code.
    #[schema(
        max_length = 500,
        example = "otpauth://totp/Laogan:admin?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Laogan"
    )]
    link: String,
}

/// `POST /auth/totp`
pub async fn enrol(caller: InPerson, origin: Origin, body: Body<PasswordProof>) -> Result<HttpResponse> {
    let (user, username) = (caller.identity.user_id, &caller.identity.username);
    let proven = sign_in::prove(&caller.app, &origin, username, body.into_inner().password).await?;
    let fresh = factors::fresh(&caller.app.keys, user, username).map_err(ApiError::internal)?;
    let sealed = fresh.sealed;
    let work = move |tx: &mut Tx<'_>| {
        tx.begin()?;
        proven.settle(tx)?;
        stored::begin(tx, user, &sealed)
    };
    if !caller.app.db.write(caller.stamp(), false, work).await? {
        return Err(ApiError::new(Problem::AlreadyExists));
    }
    Ok(HttpResponse::Ok().json(TotpSecret { secret: fresh.base32, link: fresh.link }))
}

/// A code of the authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpProof {
    /// Six digits.
    #[schema(example = "123456", max_length = 40)]
    totp: String,
}

/// Codes that stand in for a lost phone.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each good once; shown in this answer only.
    #[schema(example = json!(["k4rt-9xwm-e2hn-c7pz"]), max_items = 10)]
    recovery_codes: Vec<String>,
}

/// `POST /auth/totp/confirm`: from now on signing in needs a code. Once more: fresh recovery codes.
pub async fn confirm(caller: InPerson, body: Body<TotpProof>) -> Result<HttpResponse> {
    let user = caller.identity.user_id;
    prove(&caller, &body.into_inner().totp).await?;
    let (codes, hashes) = factors::recovery_codes(&caller.app.keys, user).map_err(ApiError::internal)?;
    let event = caller.event(AuditKind::Credential, AuditOutcome::Success);
    let work = move |tx: &mut Tx<'_>| {
        stored::confirm(tx, user, &hashes)?;
        persistence::identity::touch(tx.conn)?;
        audit::note(tx, &event.about("users", Some(user)).detail("second_factor_set"))
    };
    caller.app.db.write(caller.stamp(), false, work).await?;
    caller.app.remembered.refresh(&caller.app.db).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodes { recovery_codes: codes }))
}

/// Uses a code; who guesses codes is slowed as one who guesses passwords.
async fn prove(caller: &InPerson, code: &str) -> Result<()> {
    let (user, username) = (caller.identity.user_id, &caller.identity.username);
    let attempt = sign_in::count(&caller.app, caller.stamp(), &format!("{username} code"), caller.address).await?;
    if !factors::use_code(&caller.app, caller.stamp(), user, code).await? {
        return Err(factors::wrong("totp"));
    }
    let work = move |tx: &mut Tx<'_>| persistence::identity::attempts::take_back(tx, &attempt);
    Ok(caller.app.db.write(caller.stamp(), false, work).await?)
}

/// Password and code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BothProofs {
    /// The password now.
    #[schema(max_length = 256)]
    password: String,
    /// Six digits, or a recovery code.
    #[schema(example = "123456", max_length = 40)]
    totp: String,
}

/// `POST /auth/totp/disable`
pub async fn disable(caller: InPerson, origin: Origin, body: Body<BothProofs>) -> Result<HttpResponse> {
    let BothProofs { password, totp } = body.into_inner();
    let user = caller.identity.user_id;
    let proven = sign_in::prove(&caller.app, &origin, &caller.identity.username, password).await?;
    prove(&caller, &totp).await?;
    let event = caller.event(AuditKind::Credential, AuditOutcome::Success);
    let work = move |tx: &mut Tx<'_>| {
        tx.begin()?;
        proven.settle(tx)?;
        stored::remove(tx, user)?;
        audit::note(tx, &event.about("users", Some(user)).detail("second_factor_removed"))
    };
    caller.app.db.write(caller.stamp(), false, work).await?;
    caller.app.remembered.settle(&caller.app.db).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /users/{id}/totp`
pub async fn take_away(permit: Permit<User, Update>, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let user = in_hand(&permit, *id).await?.meta.id;
    let event = permit.event(AuditKind::Credential, AuditOutcome::Success);
    let work = move |tx: &mut Tx<'_>| {
        stored::remove(tx, user)?;
        sessions::end_all(tx, user, None, "second_factor_removed")?;
        audit::note(tx, &event.about("users", Some(user)).detail("second_factor_removed"))
    };
    permit.app.db.write(permit.stamp(), false, work).await?;
    permit.app.remembered.settle(&permit.app.db).await?;
    Ok(HttpResponse::NoContent().finish())
}
