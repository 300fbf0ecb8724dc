//! One caller of a server: builds requests, and holds every answer against the contract.

use std::{
    io::{BufRead, BufReader},
    sync::{Arc, OnceLock, RwLock},
    time::Duration,
};

use serde_json::Value;
use ureq::{
    Agent, Body,
    http::{self, Method},
};

use super::{Engine, contract::Contract, files, response::Response};

/// Paths that do not stand below `/api/v1`.
const OUTSIDE: [&str; 6] = ["/api", "/health/", "/metrics", "/openapi", "/docs", "/.well-known"];

/// Longer than any long-poll and any import of the tests.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the clients of one server send to. It moves when the server is restarted, and all its clients follow.
pub struct Remote {
    base: RwLock<String>,
    agent: Agent,
    /// Whose contract judges the answers; without one, none does.
    engine: Option<Engine>,
    contract: OnceLock<&'static Contract>,
}

impl Remote {
    /// A server of this engine: its contract is read once per process, when the first answer is to be judged.
    pub fn of(engine: Engine) -> Arc<Self> {
        Arc::new(Self::new(String::new(), Some(engine)))
    }

    /// Anything that speaks HTTP, judged by a contract of the caller's own, or by none.
    pub fn other(base: &str, contract: Option<Contract>) -> Arc<Self> {
        let remote = Self::new(base.to_owned(), None);
        if let Some(contract) = contract {
            remote.contract.get_or_init(|| Box::leak(Box::new(contract)));
        }
        Arc::new(remote)
    }

    fn new(base: String, engine: Option<Engine>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            // A developer's proxy has no business between us and 127.0.0.1.
            .proxy(None)
            .max_idle_connections_per_host(64)
            // The server ends what has been idle for five seconds; a request must not cross with that.
            .max_idle_age(Duration::from_secs(3))
            .build();
        Self { base: RwLock::new(base), agent: config.into(), engine, contract: OnceLock::new() }
    }

    /// The address without a path, such as `http://127.0.0.1:40123`.
    pub fn base(&self) -> String {
        self.base.read().unwrap().clone()
    }

    /// The server has come back elsewhere.
    pub fn move_to(&self, base: &str) {
        base.clone_into(&mut self.base.write().unwrap());
    }

    /// The contract that judges the answers of this server.
    pub fn contract(&self) -> Option<&'static Contract> {
        match (self.contract.get(), self.engine) {
            (Some(contract), _) => Some(*contract),
            (None, Some(engine)) => Some(*self.contract.get_or_init(|| Contract::of(engine, self))),
            (None, None) => None,
        }
    }
}

/// A caller with an identity, or without one. Cheap to clone, and good for many threads.
#[derive(Clone)]
pub struct Client {
    remote: Arc<Remote>,
    bearer: Option<String>,
}

impl Client {
    /// A caller who does not say who he is.
    pub fn anonymous(remote: &Arc<Remote>) -> Self {
        Self { remote: remote.clone(), bearer: None }
    }

    /// The same server, with an access token or an API token.
    pub fn bearing(&self, token: &str) -> Self {
        Self { remote: self.remote.clone(), bearer: Some(token.to_owned()) }
    }

    /// The token that this caller shows.
    pub fn bearer(&self) -> Option<&str> {
        self.bearer.as_deref()
    }

    /// Where the server is.
    pub fn base(&self) -> String {
        self.remote.base()
    }

    /// The contract of the server, for tests that walk through its operations.
    pub fn contract(&self) -> &'static Contract {
        self.remote.contract().expect("a server with a contract")
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Response {
        self.request("GET", path).send()
    }

    /// Sends a fresh `Idempotency-Key`, as every POST does that does not choose its own or `no_key()`.
    #[track_caller]
    pub fn post(&self, path: &str, body: Value) -> Response {
        self.request("POST", path).json(body).send()
    }

    #[track_caller]
    pub fn put(&self, path: &str, body: Value) -> Response {
        self.request("PUT", path).json(body).send()
    }

    #[track_caller]
    pub fn put_if(&self, path: &str, etag: &str, body: Value) -> Response {
        self.request("PUT", path).if_match(etag).json(body).send()
    }

    #[track_caller]
    pub fn patch(&self, path: &str, body: Value) -> Response {
        self.request("PATCH", path).json(body).send()
    }

    #[track_caller]
    pub fn patch_if(&self, path: &str, etag: &str, body: Value) -> Response {
        self.request("PATCH", path).if_match(etag).json(body).send()
    }

    #[track_caller]
    pub fn delete(&self, path: &str) -> Response {
        self.request("DELETE", path).send()
    }

    #[track_caller]
    pub fn delete_if(&self, path: &str, etag: &str) -> Response {
        self.request("DELETE", path).if_match(etag).send()
    }

    /// A request to be completed; `path` stands below `/api/v1` unless it names another place, and may hold a query.
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        let outside = OUTSIDE.iter().any(|place| path.starts_with(place));
        let path = if outside { path.to_owned() } else { format!("/api/v1{path}") };
        let method: Method = method.parse().unwrap_or_else(|error| panic!("{method}: {error}"));
        let fresh_key = method == Method::POST;
        let request = Request { client: self, method, path, headers: Vec::new(), body: None, fresh_key, checked: true };
        match &self.bearer {
            Some(token) => request.header("authorization", &format!("Bearer {token}")),
            None => request,
        }
    }
}

/// A request before it is sent.
#[must_use]
pub struct Request<'a> {
    client: &'a Client,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    /// No `Idempotency-Key` is set, and none is unwanted.
    fresh_key: bool,
    checked: bool,
}

impl Request<'_> {
    /// Sets a header; an earlier one of this name gives way.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = name.to_ascii_lowercase();
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    pub fn if_none_match(self, etag: &str) -> Self {
        self.header("if-none-match", etag)
    }

    /// Such as `return=minimal` or `dry-run`.
    pub fn prefer(self, preference: &str) -> Self {
        self.header("prefer", preference)
    }

    /// Chooses the `Idempotency-Key`.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// Sends no `Idempotency-Key`.
    pub fn no_key(mut self) -> Self {
        self.fresh_key = false;
        self
    }

    /// Adds to the query; names and values are encoded here.
    pub fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        for (name, value) in pairs {
            let separator = if self.path.contains('?') { '&' } else { '?' };
            self.path.push(separator);
            self.path.push_str(&format!("{}={}", encode(name), encode(value)));
        }
        self
    }

    /// A JSON body; for PATCH a merge patch.
    pub fn json(self, body: Value) -> Self {
        let patch = self.method == Method::PATCH;
        let kind = if patch { "application/merge-patch+json" } else { "application/json" };
        self.body(kind, body.to_string())
    }

    /// A body of another kind.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }

    /// The contract does not judge the answer.
    pub fn unchecked(mut self) -> Self {
        self.checked = false;
        self
    }

    /// Sends it, and fails the test if no answer comes, if it breaks the contract, or if it is a 500, which no test
    /// ever expects.
    #[track_caller]
    pub fn send(self) -> Response {
        let call = format!("{} {}", self.method, self.path);
        self.try_send().unwrap_or_else(|error| panic!("{call}: {error}"))
    }

    /// The same, for a server that may be dead: without an answer, the reason.
    #[track_caller]
    pub fn try_send(self) -> Result<Response, String> {
        let (method, path) = (self.method.clone(), self.path.clone());
        let contract = self.judge();
        let mut answer = self.answer(Some(PATIENCE))?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        // No limit: exports are larger than the 10 MB that ureq takes for enough.
        let body = answer.body_mut().with_config().limit(u64::MAX).read_to_vec().map_err(|error| error.to_string())?;
        let response = Response::new(method, path, status, headers, Some(body));
        response.judge(contract);
        Ok(response)
    }

    /// Sends it, and leaves the body to be read line by line, for answers that do not end. Of the contract only
    /// status and content type are checked.
    #[track_caller]
    pub fn open(self) -> (Response, impl BufRead + Send) {
        let (method, path) = (self.method.clone(), self.path.clone());
        let contract = self.judge();
        let answer = self.answer(None).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let (head, body) = answer.into_parts();
        let response = Response::new(method, path, head.status.as_u16(), head.headers, None);
        response.judge(contract);
        (response, BufReader::new(body.into_with_config().limit(u64::MAX).reader()))
    }

    fn judge(&self) -> Option<&'static Contract> {
        self.checked.then(|| self.client.remote.contract()).flatten()
    }

    /// Sends it and waits for the head of the answer.
    fn answer(mut self, timeout: Option<Duration>) -> Result<http::Response<Body>, String> {
        files::bring(self.client, self.body.as_deref().unwrap_or_default())?;
        let keyed = self.headers.iter().any(|(name, _)| name == "idempotency-key");
        if self.fresh_key && !keyed {
            self = self.key(&uuid::Uuid::now_v7().to_string());
        }
        let agent = &self.client.remote.agent;
        let address = format!("{}{}", self.client.remote.base(), self.path);
        let mut head = http::Request::builder().method(&self.method).uri(address);
        for (name, value) in &self.headers {
            head = head.header(name, value.as_bytes());
        }
        // A POST says how long its body is, be it nothing.
        let empty = (self.method == Method::POST || self.method == Method::PUT).then(Vec::new);
        let answer = match self.body.or(empty) {
            Some(body) => {
                let request = head.body(body).map_err(|error| error.to_string())?;
                agent.run(agent.configure_request(request).timeout_global(timeout).build())
            }
            None => {
                let request = head.body(()).map_err(|error| error.to_string())?;
                agent.run(agent.configure_request(request).timeout_global(timeout).build())
            }
        };
        answer.map_err(|error| error.to_string())
    }
}

/// Percent-encoding of all but the letters, digits and marks that never need it.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
