//! Around every request: an id, a log line, metrics, and the body of a problem answer.
//!
//! The log has method, route pattern, status and time; never a path, a query or a body, which may hold
//! personal data.
use crate::address;
use crate::app::App;
use crate::audit::refusals;
use crate::auth::origin::Origin;
use crate::auth::{self, Identity};
use crate::error::ApiError;
use crate::limits::browsers;
use crate::limits::rate::{Class, Counted, Who};
use crate::routes::Pattern;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, web};
use domain::{Language, Uuid};
use std::cell::{Cell, OnceCell};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

/// What is known of a request before it is looked at, and what its extractors find out.
pub struct Context {
    /// Its id, in its answer, its log line and its journal entry.
    pub request_id: String,
    /// Where it comes from.
    pub address: IpAddr,
    /// Who sends it, or why that is not known: found before the handler, and before the body is read. Where the
    /// extractors found it, the body's faults could be told to somebody who may not ask at all.
    caller: OnceCell<Result<Arc<Identity>, ApiError>>,
    /// How much is left of what it is counted against.
    counted: Cell<Option<Counted>>,
}

impl Context {
    fn of(app: &App, req: &ServiceRequest) -> Self {
        let peer = req.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |a| a.ip());
        let forwarded = req.headers().get_all(header::X_FORWARDED_FOR).filter_map(|v| v.to_str().ok());
        let forwarded: Vec<&str> = forwarded.collect();
        let address = address::client(peer, forwarded.into_iter(), &app.config.trusted_proxies);
        Self { request_id: request_id(req), address, caller: OnceCell::new(), counted: Cell::new(None) }
    }
    /// Who sends the request.
    ///
    /// # Errors
    /// `unauthenticated`, and what else kept the caller from being verified.
    pub fn caller(&self) -> Result<&Arc<Identity>, ApiError> {
        let unknown = || ApiError::new(domain::Problem::Unauthenticated);
        self.caller.get().ok_or_else(unknown)?.as_ref().map_err(ApiError::clone)
    }
    /// Finds who sends a request. Whoever needs nobody in its signature serves it all the same.
    async fn identify(&self, app: &App, req: &HttpRequest) {
        let known = match auth::remembered(app, req) {
            Ok(Err(token)) => self.verify(app, &token, req).await,
            Ok(Ok(identity)) => Ok(identity),
            Err(unknown) => Err(unknown),
        };
        let _ = self.caller.set(known);
    }
    /// To verify a token costs more than most answers; guesses are counted by address.
    async fn verify(&self, app: &App, token: &str, req: &HttpRequest) -> Result<Arc<Identity>, ApiError> {
        self.count(app, Class::Anonymous, Who::at(self.address))?;
        auth::verify(app, token, &Origin::of(req)?).await
    }
    /// Counts the request.
    ///
    /// # Errors
    /// `too_many_requests`
    pub fn count(&self, app: &App, class: Class, who: Who) -> Result<(), ApiError> {
        match app.rates.count(class, who) {
            Ok(counted) => {
                self.counted.set(counted.or(self.counted.get()));
                Ok(())
            }
            Err(reset) => {
                self.counted.set(Some(Counted { class, left: 0, reset }));
                Err(ApiError::too_many(reset))
            }
        }
    }
    /// The context of a request.
    ///
    /// # Errors
    /// Where the middleware is missing, which would be a defect.
    pub fn from(req: &HttpRequest) -> Result<Rc<Self>, ApiError> {
        req.extensions().get::<Rc<Self>>().cloned().ok_or_else(|| ApiError::internal("no context"))
    }
}

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The client's own id if it is a sane one, a fresh one otherwise.
fn request_id(req: &ServiceRequest) -> String {
    let given = req.headers().get(&REQUEST_ID).and_then(|v| v.to_str().ok());
    let sane =
        |t: &&str| (8..=64).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    given.filter(sane).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// The reader's language: English when `Accept-Language` puts it before Chinese, by weight and then by place.
pub fn language(req: &HttpRequest) -> Language {
    let wanted = req.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut best = (0.0, Language::Zh);
    for range in wanted.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let language = match parts.next().unwrap_or_default().to_ascii_lowercase() {
            tag if tag.starts_with("en") => Language::En,
            tag if tag.starts_with("zh") => Language::Zh,
            _ => continue,
        };
        let weight = parts.find_map(|p| p.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

/// The middleware.
pub async fn observe(
    app: web::Data<App>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let context = Rc::new(Context::of(&app, &req));
    req.extensions_mut().insert(Rc::clone(&context));
    app.metrics.in_flight.inc();
    let outcome = match gate(&app, &context, &req) {
        Ok(()) => {
            context.identify(&app, req.request()).await;
            next.call(req).await.map(ServiceResponse::map_into_boxed_body)
        }
        Err(refused) => Ok(req.error_response(refused)),
    };
    app.metrics.in_flight.dec();
    let response = outcome?;
    let route = response.request().app_data::<Pattern>().map_or("unmatched", |p| p.path.as_str()).to_owned();
    let method = response.request().method().as_str().to_owned();
    let status = response.status().as_u16();
    let seconds = started.elapsed().as_secs_f64();
    app.metrics.answered(&method, &route, status, seconds);
    let failure = failure(&response);
    let id = context.request_id.as_str();
    log(&method, &route, status, seconds, id, failure.as_ref());
    let mut response = match failure {
        Some(failure) => {
            app.metrics.problem(failure.problem.code());
            refusals::note(&app, &context, &response, &route, &failure);
            with_body(response, &failure, id)
        }
        None => response,
    };
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let headers = response.headers_mut();
    if let Some(counted) = context.counted.get()
        && let (Some(policy), Some(left)) = (app.rates.policy(counted.class), counted.header())
    {
        headers.insert(RATE_LIMIT_POLICY, policy);
        headers.insert(RATE_LIMIT, left);
    }
    browsers::protect(headers);
    Ok(response)
}

/// Counts requests that nobody is known to have sent, by their address, before they cost anything. Probes are free.
fn gate(app: &App, context: &Context, req: &ServiceRequest) -> Result<(), ApiError> {
    let path = req.path();
    if path.starts_with("/health/") || path == "/metrics" {
        return Ok(());
    }
    let class = Class::of(path);
    let below = path.strip_prefix("/api/v1/").unwrap_or("codes");
    let open =
        class == Class::SignIn || below.starts_with("codes") || below.starts_with("problems") || below == "bootstrap";
    if !open && req.headers().contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let class = if class == Class::SignIn { class } else { Class::Anonymous };
    context.count(app, class, Who::at(context.address))
}

/// The failure an answer stands for. One that did not come from a handler of ours is given its problem here.
fn failure(response: &ServiceResponse<BoxBody>) -> Option<ApiError> {
    if let Some(ours) = response.response().extensions().get::<ApiError>() {
        return Some(ours.clone());
    }
    let theirs = response.response().error()?;
    let problem = match response.status().as_u16() {
        404 => domain::Problem::NotFound,
        405 => domain::Problem::MethodNotAllowed,
        413 => domain::Problem::PayloadTooLarge,
        400..=499 => domain::Problem::InvalidParameter,
        _ => domain::Problem::Internal,
    };
    Some(ApiError { cause: Some(theirs.to_string()), ..ApiError::new(problem) })
}

fn with_body(response: ServiceResponse<BoxBody>, failure: &ApiError, id: &str) -> ServiceResponse<BoxBody> {
    let body = failure.body(language(response.request()), id);
    let text = serde_json::to_string(&body).unwrap_or_default();
    let mut response = response.map_body(|_, _| BoxBody::new(text));
    *response.response_mut().status_mut() = actix_web::ResponseError::status_code(failure);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    response
}

fn log(method: &str, route: &str, status: u16, seconds: f64, id: &str, failure: Option<&ApiError>) {
    let ms = (seconds * 100_000.0).round() / 100.0;
    match failure {
        Some(f) if status >= 500 => {
            let cause = f.cause.as_deref().unwrap_or("-");
            tracing::error!(method, route, status, ms, request_id = id, problem = f.problem.code(), cause);
        }
        Some(f) => tracing::info!(method, route, status, ms, request_id = id, problem = f.problem.code()),
        None => tracing::info!(method, route, status, ms, request_id = id),
    }
}
