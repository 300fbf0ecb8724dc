//! Where a request comes from, for handlers that serve callers who are not signed in.
use crate::error::{ApiError, Result};
use crate::observe::Context;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use domain::codes::{AuditKind, AuditOutcome};
use domain::{DivisionCode, Utc};
use persistence::Stamp;
use persistence::audit::Event;
use std::future::{Ready, ready};
use std::net::IpAddr;

/// Characters of a user agent that are kept.
const AGENT: usize = 200;

/// Where a request comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client's address.
    pub address: IpAddr,
    /// What the client's program calls itself.
    pub agent: String,
    request_id: String,
}

impl FromRequest for Origin {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req))
    }
}

/// A user agent within its bound and without what a terminal stumbles over.
pub fn kept(agent: &str) -> String {
    agent.chars().filter(|c| !c.is_control()).take(AGENT).collect()
}

impl Origin {
    /// Where a request comes from.
    ///
    /// # Errors
    /// A defect of the server.
    pub fn of(req: &HttpRequest) -> Result<Self> {
        let context = Context::from(req)?;
        let agent = req.headers().get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        Ok(Self { address: context.address, agent: kept(agent), request_id: context.request_id.clone() })
    }
    /// A stamp for a write on nobody's behalf yet.
    pub fn stamp(&self) -> Stamp {
        Stamp::of(Utc::now(), "anonymous".into(), Some(self.request_id.clone()), None)
    }
    /// An event of the audit about a request from here.
    pub fn event(
        &self,
        kind: AuditKind,
        outcome: AuditOutcome,
        actor: impl Into<String>,
        division: &DivisionCode,
    ) -> Event {
        Event {
            address: Some(self.address.to_string()),
            user_agent: Some(self.agent.clone()),
            request_id: Some(self.request_id.clone()),
            ..Event::new(kind, outcome, Utc::now(), actor, division.clone())
        }
    }
}
