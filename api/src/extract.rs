//! What a handler may ask for in its signature.
use crate::app::App;
use crate::auth::{self, Identity};
use crate::error::{ApiError, Result};
use crate::limits::rate::{Class, Who};
use crate::limits::slow::Steady;
use crate::observe::{Context, language};
use crate::routes::Pattern;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use domain::codes::{AuditKind, AuditOutcome};
use domain::policy::Action;
use domain::{Language, Module, Problem, Resource, Rule, Scope, Utc, Violation};
use futures_util::future::{LocalBoxFuture, Ready, ready};
use persistence::Stamp;
use persistence::audit::Event;
use persistence::write::Expect;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

/// Largest JSON body.
pub const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// Something a permit is for: a resource, or an endpoint of its own.
pub trait Guarded: 'static {
    /// Name in scopes, such as `cadres`.
    const NAME: &'static str;
    /// Module in the policy.
    const AREA: Module;
}
impl<R: Resource> Guarded for R {
    const NAME: &'static str = R::PATH;
    const AREA: Module = R::MODULE;
}

/// An action as a type.
pub trait Act: 'static {
    /// The action.
    const ACTION: Action;
}
macro_rules! acts {
    ($($(#[$m:meta])* $name:ident),+) => {$(
        $(#[$m])*
        pub struct $name;
        impl Act for $name {
            const ACTION: Action = Action::$name;
        }
    )+};
}
acts! {
    /// To read.
    Read,
    /// To create.
    Create,
    /// To change.
    Update,
    /// To delete.
    Delete,
    /// To follow the change feed.
    Pull,
    /// To send what was made offline.
    Push,
    /// To see sensitive fields.
    Reveal,
    /// To remove a person's data.
    Erase
}

/// A caller that is signed in.
pub struct SignedIn {
    /// Who.
    pub identity: Arc<Identity>,
    /// The server.
    pub app: App,
    /// The language of texts in answers.
    pub language: Language,
    /// Where the request comes from.
    pub address: IpAddr,
    user_agent: Option<header::HeaderValue>,
    request_id: String,
}

impl SignedIn {
    /// What the caller sees.
    pub fn scope(&self) -> Scope {
        self.identity.scope.clone()
    }
    /// Fails where the caller must set up a second factor first: for handlers that take a right by its name.
    ///
    /// # Errors
    /// `second_factor_missing`.
    pub fn complete(&self) -> Result<()> {
        if self.identity.incomplete { Err(ApiError::new(Problem::SecondFactorMissing)) } else { Ok(()) }
    }
    /// Leads to the request in the log.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
    /// An event of the audit in which this caller does something.
    pub fn event(&self, kind: AuditKind, outcome: AuditOutcome) -> Event {
        let who = &self.identity;
        Event {
            client: Some(who.client()),
            token_id: who.token.as_ref().map(|(id, _)| *id),
            address: Some(self.address.to_string()),
            user_agent: self.user_agent.as_ref().and_then(|v| v.to_str().ok()).map(str::to_owned),
            request_id: Some(self.request_id.clone()),
            ..Event::new(kind, outcome, Utc::now(), who.actor(), who.division.clone())
        }
    }
    /// A stamp for a write on the caller's behalf.
    pub fn stamp(&self) -> Stamp {
        let stamp =
            Stamp::of(Utc::now(), self.identity.actor(), Some(self.request_id.clone()), Some(self.identity.role));
        Stamp { client: self.identity.client(), ..stamp }
    }
}

/// A caller that may do `A` to `G`. A handler without one in its signature serves nobody's data.
pub struct Permit<G, A> {
    caller: SignedIn,
    what: PhantomData<fn() -> (G, A)>,
}
impl<G, A> Permit<G, A> {
    /// The caller, for what is the same whatever was permitted and need not be compiled for each.
    pub fn into_caller(self) -> SignedIn {
        self.caller
    }
}
impl<G, A> std::ops::Deref for Permit<G, A> {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.caller
    }
}

impl SignedIn {
    fn of(req: &HttpRequest) -> Result<Self> {
        let app = req.app_data::<web::Data<App>>().ok_or_else(|| ApiError::internal("no app data"))?;
        let app = App::clone(app);
        let context = Context::from(req)?;
        let identity = Arc::clone(context.caller()?);
        let class = match req.app_data::<Pattern>().map_or(Class::General, |p| p.class) {
            // Sign-in is counted by address; who is signed in is counted as everybody.
            Class::SignIn => Class::General,
            other => other,
        };
        // A token may have been given a class for all that it does.
        let class = Class::of_token(&identity.rate_class).unwrap_or(class);
        context.count(&app, class, Who::Account(identity.user_id))?;
        let (address, request_id) = (context.address, context.request_id.clone());
        identity.bounds.admit(address, req.method())?;
        let user_agent = req.headers().get(header::USER_AGENT).cloned();
        let agent = user_agent.as_ref().and_then(|v| v.to_str().ok()).unwrap_or_default();
        auth::note_use(&app, &identity, address, agent);
        Ok(Self { identity, app, language: language(req), address, user_agent, request_id })
    }
}
impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req))
    }
}

/// A user who has signed in, with the second factor where the user has one: for what no API token may do.
pub struct InPerson {
    caller: SignedIn,
    /// The session.
    pub session: domain::Uuid,
}
impl std::ops::Deref for InPerson {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.caller
    }
}
impl FromRequest for InPerson {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(SignedIn::of(req).and_then(|caller| {
            let session = caller.identity.session.ok_or_else(|| ApiError::new(Problem::InPerson))?;
            Ok(Self { caller, session })
        }))
    }
}

impl<G: Guarded, A: Act> Permit<G, A> {
    fn of(caller: SignedIn) -> Result<Self> {
        if caller.identity.incomplete {
            return Err(ApiError::new(Problem::SecondFactorMissing));
        }
        if !caller.identity.may(G::NAME, G::AREA, A::ACTION) {
            return Err(ApiError::new(Problem::Forbidden));
        }
        if let Some((token, _)) = caller.identity.token {
            caller.app.uses.count(token, G::NAME, A::ACTION.as_str());
        }
        Ok(Self { caller, what: PhantomData })
    }
}
impl<G: Guarded, A: Act> FromRequest for Permit<G, A> {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(SignedIn::of(req).and_then(Self::of))
    }
}

/// A JSON body: its bytes, for the idempotency fingerprint, and its value.
pub struct Json {
    /// As received.
    pub bytes: Bytes,
    /// As read.
    pub value: Value,
}
impl FromRequest for Json {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self>>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = json_type(req).and_then(|()| declared_length(req));
        let payload = steady(req, payload);
        Box::pin(async move {
            checked?;
            let bytes = collect(payload?).await?;
            let value = parsed(&bytes)?;
            Ok(Self { bytes, value })
        })
    }
}

/// A JSON body that may be left out: an empty object then.
pub struct OptionalJson {
    /// As received.
    pub bytes: Bytes,
    /// As read.
    pub value: Value,
}
impl FromRequest for OptionalJson {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self>>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = json_type(req).and_then(|()| declared_length(req));
        let payload = steady(req, payload);
        Box::pin(async move {
            checked?;
            let bytes = collect(payload?).await?;
            let value = if bytes.is_empty() { Value::Object(serde_json::Map::new()) } else { parsed(&bytes)? };
            Ok(Self { bytes, value })
        })
    }
}

/// A JSON body of a type of its own; for requests that are not a resource's.
pub struct Body<T>(T);
impl<T> Body<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}
impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self>>;
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json = Json::from_request(req, payload);
        Box::pin(async move { Ok(Self(domain::input::typed(json.await?.value)?)) })
    }
}

fn parsed(bytes: &Bytes) -> Result<Value> {
    serde_json::from_slice(bytes).map_err(|e| {
        let at = format!("line {} column {}", e.line(), e.column());
        let finding = Violation::new("", Rule::WrongType).with("expected", format!("JSON ({at})"));
        ApiError::of(Problem::MalformedJson, vec![finding])
    })
}
fn json_type(req: &HttpRequest) -> Result<()> {
    let kind = req.content_type().to_ascii_lowercase();
    let json = matches!(kind.as_str(), "" | "application/json" | "application/merge-patch+json");
    if json { Ok(()) } else { Err(ApiError::new(Problem::UnsupportedMediaType)) }
}
fn declared_length(req: &HttpRequest) -> Result<()> {
    let length =
        req.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if length.is_some_and(|l| l > BODY_LIMIT) { Err(ApiError::new(Problem::PayloadTooLarge)) } else { Ok(()) }
}
/// The body under the limits of this server.
fn steady(req: &HttpRequest, payload: &mut Payload) -> Result<Steady<Payload>> {
    let app = req.app_data::<web::Data<App>>().ok_or_else(|| ApiError::internal("no app data"))?;
    Ok(Steady::new(payload.take(), &app.config.limits))
}
async fn collect(mut payload: Steady<Payload>) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(ApiError::new(Problem::PayloadTooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// `If-Match` and `If-None-Match` of a write.
pub struct Preconditions(pub Expect);
impl FromRequest for Preconditions {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = |name| req.headers().get(name).map(|v: &header::HeaderValue| v.to_str().unwrap_or("?").trim());
        ready(match (text(header::IF_MATCH), text(header::IF_NONE_MATCH)) {
            (Some(tag), _) => match version(tag) {
                Some(v) => Ok(Self(Expect::Version(v))),
                None => Err(ApiError::parameter("If-Match", Rule::Pattern)),
            },
            (None, Some("*")) => Ok(Self(Expect::Absent)),
            (None, Some(_)) => Err(ApiError::parameter("If-None-Match", Rule::Pattern)),
            (None, None) => Ok(Self(Expect::Unsaid)),
        })
    }
}
impl Preconditions {
    /// The version named by `If-Match`, which this change needs.
    pub fn needed(&self) -> Result<i64> {
        match self.0 {
            Expect::Version(v) => Ok(v),
            _ => Err(ApiError::new(Problem::PreconditionRequired)),
        }
    }
}
/// The version in a strong entity tag of ours: 17 for `"r17"`.
pub fn version(tag: &str) -> Option<i64> {
    tag.strip_prefix("\"r")?.strip_suffix('"')?.parse().ok().filter(|v| *v > 0)
}

/// `Prefer`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Prefer {
    /// Run all checks, change nothing.
    pub dry_run: bool,
    /// Answer without the record.
    pub minimal: bool,
}
impl FromRequest for Prefer {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut prefer = Self::default();
        // Unknown preferences are ignored (RFC 7240).
        for value in req.headers().get_all("prefer").filter_map(|v| v.to_str().ok()) {
            for preference in value.split(',').map(|p| p.trim().to_ascii_lowercase()) {
                match preference.as_str() {
                    "dry-run" => prefer.dry_run = true,
                    "return=minimal" => prefer.minimal = true,
                    _ => {}
                }
            }
        }
        ready(Ok(prefer))
    }
}

/// `Idempotency-Key`, with the method and path it belongs to.
pub struct IdempotencyKey {
    /// The key, if one was sent.
    pub key: Option<String>,
    /// Path of the request.
    pub path: String,
}
impl FromRequest for IdempotencyKey {
    type Error = ApiError;
    type Future = Ready<Result<Self>>;
    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let path = req.path().to_owned();
        let Some(value) = req.headers().get("idempotency-key") else {
            return ready(Ok(Self { key: None, path }));
        };
        let key = value.to_str().ok().map(|k| k.trim_matches('"').to_owned());
        let sane = |k: &String| (8..=128).contains(&k.len()) && k.bytes().all(|b| b.is_ascii_graphic());
        ready(match key.filter(sane) {
            Some(key) => Ok(Self { key: Some(key), path }),
            None => Err(ApiError::parameter("Idempotency-Key", Rule::Pattern)),
        })
    }
}
