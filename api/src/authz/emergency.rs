//! Access in an emergency: a view of more than one's own, for a while, for a reason, and under everybody's eyes.
//!
//! What it gives is an API token of a kind of its own: it reads, and nothing else; it ends within the hour; it is
//! listed, counted and revoked like any other token, and its making is an alarm.
use crate::error::{ApiError, Result};
use crate::extract::{Body, InPerson};
use crate::tokens::form;
use actix_web::HttpResponse;
use domain::codes::{AuditKind, AuditOutcome};
use domain::policy::Role;
use domain::{DateTime, DivisionCode, Problem, Rule, Utc, Uuid, Violation};
use persistence::tokens::{self, EMERGENCY, Token};
use persistence::{Tx, audit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest time such a token works, in minutes.
const MAX_MINUTES: i64 = 60;

/// What is needed, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyRequest {
    /// The division to read, the city at most.
    division_code: DivisionCode,
    /// What has happened. It is on record with every request.
    #[schema(min_length = 10, max_length = 200)]
    reason: String,
    /// For how many minutes: 30 if absent.
    #[schema(minimum = 1, maximum = 60)]
    minutes: Option<i64>,
}

/// The token.
#[derive(Serialize, ToSchema)]
pub struct EmergencyAccess {
    /// Its id, by which it is listed and revoked.
    token_id: Uuid,
    /// The token itself, shown once.
    #[schema(max_length = 60, example = "lg_bgl_…")]
    token: String,
    /// What it reads.
    division_code: DivisionCode,
    /// When it ends.
    #[serde(serialize_with = "domain::resource::instant")]
    expires_at: DateTime<Utc>,
}

/// `POST /authz/break-glass`
pub async fn break_glass(caller: InPerson, body: Body<EmergencyRequest>) -> Result<HttpResponse> {
    let EmergencyRequest { division_code, reason, minutes } = body.into_inner();
    let who = &caller.identity;
    if !matches!(who.role, Role::CityAdmin | Role::CountyAdmin | Role::UnitUser | Role::PartyOrgUser) {
        return Err(ApiError::new(Problem::Forbidden));
    }
    let minutes = minutes.unwrap_or(30);
    let mut found = vec![];
    if !(1..=MAX_MINUTES).contains(&minutes) {
        found.push(Violation::new("minutes", Rule::TooLarge).with("max", MAX_MINUTES));
    }
    if reason.trim().chars().count() < 10 {
        found.push(Violation::new("reason", Rule::TooShort).with("min", 10));
    }
    if !caller.app.config.division.contains(&division_code) {
        found.push(Violation::new("division_code", Rule::UnknownDivision));
    }
    if !found.is_empty() {
        return Err(ApiError::of(Problem::ValidationFailed, found));
    }
    let now = Utc::now();
    let token = Token::emergency(
        who.user_id,
        &who.actor(),
        division_code,
        reason.trim(),
        now,
        now + chrono::Duration::minutes(minutes),
    );
    let secret = form::generate(EMERGENCY).map_err(ApiError::internal)?;
    let hash = form::hash(&caller.app.keys, &secret).ok_or_else(|| ApiError::internal("a fresh token has no hash"))?;
    let event =
        caller.event(AuditKind::Alarm, AuditOutcome::Success).about("tokens", Some(token.id)).detail("break_glass");
    let event = audit::Event { purpose: Some(reason), division: token.division_code.clone(), ..event };
    let row = token.clone();
    let work = move |tx: &mut Tx<'_>| {
        tx.begin()?;
        tokens::insert(tx, &row, &hash)?;
        audit::note(tx, &event)
    };
    caller.app.db.write(caller.stamp(), false, work).await?;
    tracing::warn!(token_id = %token.id, user_id = %token.user_id, division = %token.division_code, "access in an emergency");
    Ok(HttpResponse::Created().json(EmergencyAccess {
        token_id: token.id,
        token: secret,
        division_code: token.division_code,
        expires_at: token.expires_at,
    }))
}
