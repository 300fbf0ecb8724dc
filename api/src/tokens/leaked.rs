//! Tokens in wrong hands: what a text that was found somewhere opens, and the use of tokens that are dead.
use super::view::TokenView;
use super::{Tokens, form};
use crate::app::App;
use crate::auth::origin::Origin;
use crate::error::Result;
use crate::extract::{Body, Permit, Read};
use actix_web::HttpResponse;
use domain::codes::{AuditKind, AuditOutcome};
use domain::{Problem, Utc};
use persistence::tokens::{self, State, Token};
use persistence::{Error, audit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text that may be a token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// As it was found.
    #[schema(example = "lg_pat_0000000000000000000000000000000000000000", max_length = 200)]
    token: String,
}

/// What the text is.
#[derive(Serialize, ToSchema)]
pub struct Judged {
    /// Whether it has the form of a token, with a right check part.
    well_formed: bool,
    /// Whether it is a token of the caller's divisions.
    known: bool,
    /// The token.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<TokenView>,
}

/// `POST /tokens/check`
pub async fn check(permit: Permit<Tokens, Read>, body: Body<Found>) -> Result<HttpResponse> {
    let text = body.into_inner().token;
    let text = text.trim();
    let token = match form::hash(&permit.app.keys, text) {
        Some(hash) => permit.app.db.read(move |c| tokens::by_hash(c, &hash)).await?,
        None => None,
    };
    let token = token.filter(|t| permit.scope().covers(&t.division_code));
    let known = token.is_some();
    let details = token.map(|t| TokenView::of(t, None));
    Ok(HttpResponse::Ok().json(Judged { well_formed: form::well_formed(text), known, details }))
}

/// Tells of the use of a token that does not work any more: somebody has kept it, or found it. Once a minute for each.
///
/// # Errors
/// What the database says.
pub async fn alarm(app: &App, origin: &Origin, token: &Token) -> Result<()> {
    let state = token.state(Utc::now());
    let kind = match state {
        State::Revoked => "revoked_token_used",
        State::RotatedOut => "rotated_token_used",
        State::Expired => "expired_token_used",
        State::Active | State::Superseded => return Ok(()),
    };
    if !app.alarmed.first_this_minute(&token.id.to_string()) {
        return Ok(());
    }
    app.metrics.alarm(kind);
    tracing::warn!(token = %token.id, address = %origin.address, kind, "a token that is dead was used");
    let mut event =
        origin.event(AuditKind::Alarm, AuditOutcome::Denied, format!("token:{}", token.id), &token.division_code);
    event.token_id = Some(token.id);
    let event = event.about("tokens", Some(token.id)).detail(kind);
    let family = (state == State::RotatedOut && app.config.reuse_revokes_family).then_some(token.family_id);
    let work = move |tx: &mut persistence::Tx<'_>| -> std::result::Result<(), Error> {
        tx.begin()?;
        audit::note(tx, &event)?;
        family.map_or(Ok(()), |f| tokens::revoke_family(tx, f, "rotated_token_used").map(drop))
    };
    match app.db.write(origin.stamp(), false, work).await {
        // The caller is refused in any case.
        Err(e) => tracing::error!(cause = %e, problem = Problem::Unavailable.code(), "an alarm was not stored"),
        Ok(()) if family.is_some() => app.remembered.settle(&app.db).await?,
        Ok(()) => {}
    }
    Ok(())
}
