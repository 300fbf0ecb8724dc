//! THE list of routes: what is in it is mounted and documented, and nothing else is either.
use crate::contract::operation::Guard;
use crate::contract::{Contract, Operation};
use crate::error::ApiError;
use crate::limits::rate::Class;
use crate::{
    activities, audit, auth, authz, bootstrap, care, derived, education, exchange, files, jobs, me, party, people,
    privacy, reports, resource, service, sync, system, worklists,
};
use actix_web::dev::{ServiceRequest, ServiceResponse, fn_service};
use actix_web::http::Method;
use actix_web::{Handler, HttpResponse, Responder, Route, web};
use domain::{Problem, Uuid};
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use std::sync::{Arc, LazyLock};

/// Where the API lives.
pub const BASE: &str = "/api/v1";

/// All routes. Made once: each worker mounts the same.
pub static ALL: LazyLock<Routes> = LazyLock::new(all);

fn all() -> Routes {
    let mut r = Routes::default();
    system::routes(&mut r);
    bootstrap::routes(&mut r);
    me::routes(&mut r);
    auth::routes::routes(&mut r);
    authz::routes(&mut r);
    derived::routes(&mut r);
    party::routes(&mut r);
    education::routes(&mut r);
    privacy::person::routes(&mut r);
    people::routes(&mut r);
    activities::routes(&mut r);
    service::routes(&mut r);
    care::routes(&mut r);
    resource::merge::routes(&mut r);
    worklists::routes(&mut r);
    reports::routes(&mut r);
    sync::routes(&mut r);
    exchange::routes(&mut r);
    jobs::routes(&mut r);
    audit::routes(&mut r);
    files::routes::routes(&mut r);
    macro_rules! resources {
        ($($resource:ty),+ $(,)?) => { $(resource::routes::routes::<$resource>(&mut r);)+ };
    }
    domain::for_each_resource!(resources);
    // Fixed paths before those with an id in the same place.
    r.mounts.sort_by_key(|(path, _)| path.contains('{'));
    r.guarded.sort_by_key(|g| g.path.contains('{'));
    r
}

/// An operation as who decides about rights sees it.
pub struct Guarded {
    method: String,
    path: String,
    /// Its id in the contract.
    pub id: String,
    /// What stands before it.
    pub guard: Guard,
}

/// The operation that a request is, and the id in its path.
pub fn find(method: &str, path: &str) -> Option<(&'static Guarded, Option<Uuid>)> {
    ALL.guarded.iter().filter(|g| g.method == method).find_map(|g| {
        let (mut asked, mut id) = (path.split('/'), None);
        for segment in g.path.split('/') {
            let given = asked.next()?;
            match segment.strip_prefix('{') {
                Some("id}") => id = Some(given.parse().ok()?),
                Some(_) if !given.is_empty() => {}
                _ if segment == given => {}
                _ => return None,
            }
        }
        asked.next().is_none().then_some((g, id))
    })
}

/// The pattern a request was matched by, for log, metrics and limits.
pub struct Pattern {
    /// The pattern.
    pub path: String,
    /// The class in which requests to it are counted.
    pub class: Class,
}

/// A handler without its type: what actix puts around one is compiled once, instead of once for each of a thousand.
type Answering = Arc<dyn Fn(ServiceRequest) -> LocalBoxFuture<'static, ServiceResponse> + Send + Sync>;

/// Routes with what the contract says of them.
#[derive(Default)]
pub struct Routes {
    mounts: Vec<(String, Vec<(Method, Answering)>)>,
    guarded: Vec<Guarded>,
    /// The contract so far.
    pub contract: Contract,
}

impl Routes {
    /// Mounts and documents one operation.
    pub fn add<F, Args>(&mut self, method: &str, path: &str, handler: F, operation: Operation)
    where
        F: Handler<Args> + Send + Sync,
        Args: actix_web::FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let answering: Answering = Arc::new(move |req: ServiceRequest| {
            let handler = handler.clone();
            Box::pin(async move {
                let (req, mut payload) = req.into_parts();
                let answer = match Args::from_request(&req, &mut payload).await {
                    Ok(args) => handler.call(args).await.respond_to(&req).map_into_boxed_body(),
                    Err(e) => HttpResponse::from_error(e),
                };
                ServiceResponse::new(req, answer)
            })
        });
        self.put(method, path, answering, operation);
    }
    fn put(&mut self, method: &str, path: &str, answering: Answering, operation: Operation) {
        let route = (Method::from_bytes(method.as_bytes()).unwrap_or_default(), answering);
        match self.mounts.iter_mut().find(|(p, _)| p == path) {
            Some((_, routes)) => routes.push(route),
            None => self.mounts.push((path.to_owned(), vec![route])),
        }
        let (id, guard) = operation.guarded();
        self.guarded.push(Guarded { method: method.to_owned(), path: path.to_owned(), id, guard });
        self.contract.add(method, path, operation);
    }
    /// Mounts everything on an application. What begins alike shares a scope, so that a request is matched against
    /// few patterns.
    pub fn mount(&self, config: &mut web::ServiceConfig) {
        let mut scopes: Vec<(String, actix_web::Scope)> = vec![];
        for (path, routes) in &self.mounts {
            // `/api/v1/cadres` and what is below it.
            let end = path.match_indices('/').nth(3).map_or(path.len(), |(at, _)| at);
            let (prefix, rest) = path.split_at(end);
            let service = routes.iter().cloned().map(route).fold(web::resource(rest), actix_web::Resource::route);
            let service = service
                .app_data(Pattern { path: path.clone(), class: Class::of(path) })
                .default_service(web::to(wrong_method));
            match scopes.iter_mut().find(|(p, _)| p == prefix) {
                Some((_, scope)) => *scope = std::mem::replace(scope, web::scope("")).service(service),
                None => scopes.push((prefix.to_owned(), web::scope(prefix).service(service))),
            }
        }
        for (_, scope) in scopes {
            config.service(scope);
        }
    }
    /// The contract's document.
    pub fn document(&self) -> Value {
        self.contract.clone().document()
    }
}

fn route((method, answering): (Method, Answering)) -> Route {
    web::method(method).service(fn_service(move |req: ServiceRequest| {
        let answer = answering(req);
        async move { Ok::<_, actix_web::Error>(answer.await) }
    }))
}

async fn wrong_method() -> Result<String, ApiError> {
    std::future::ready(Err(ApiError::new(Problem::MethodNotAllowed))).await
}
