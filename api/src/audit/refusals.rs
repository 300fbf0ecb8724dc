//! Refused requests as events, noted in one place for all routes.
use crate::app::App;
use crate::error::ApiError;
use crate::observe::Context;
use actix_web::dev::ServiceResponse;
use actix_web::http::header;
use domain::codes::{AuditKind, AuditOutcome};
use domain::{Problem, Utc};
use persistence::audit::Event;

/// Notes the refusal, if it is one: a token that does not hold, something that is not allowed, too much of it. A
/// request that says nothing of who sends it is no news; a sign-in that fails is told where it fails.
pub fn note<B>(app: &App, context: &Context, response: &ServiceResponse<B>, route: &str, failure: &ApiError) {
    let headers = response.request().headers();
    let kind = match failure.problem {
        Problem::Unauthenticated if headers.contains_key(header::AUTHORIZATION) => AuditKind::Denied,
        Problem::Forbidden => AuditKind::Denied,
        Problem::TooManyRequests => AuditKind::RateLimited,
        _ => return,
    };
    let caller = context.caller().ok();
    let division = caller.map_or_else(|| app.config.division.clone(), |c| c.division.clone());
    let actor = caller.map_or_else(|| "anonymous".into(), |c| c.actor());
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok());
    let event = Event {
        client: caller.map(|c| c.client()),
        token_id: caller.and_then(|c| c.token.as_ref().map(|(id, _)| *id)),
        address: Some(context.address.to_string()),
        user_agent: agent.map(str::to_owned),
        request_id: Some(context.request_id.clone()),
        ..Event::new(kind, AuditOutcome::Denied, Utc::now(), actor, division)
    };
    let method = response.request().method().as_str();
    app.audit.note(event.about(format!("{method} {route}"), None).detail(failure.problem.code()));
}
