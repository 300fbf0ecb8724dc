//! One answer, and what a test may claim about it. A claim that fails shows the whole answer.

use std::{fmt, ops::Index, sync::OnceLock};

use serde_json::Value;
use ureq::http::{HeaderMap, Method};

use super::contract::Contract;

/// What the server answered.
pub struct Response {
    pub method: Method,
    pub path: String,
    pub status: u16,
    pub headers: HeaderMap,
    /// As it came over the wire: still compressed, if the request asked for that. Empty if it is read elsewhere.
    pub body: Vec<u8>,
    /// The body is not here, but read as it comes.
    pub streaming: bool,
    json: OnceLock<Value>,
}

impl Response {
    pub(super) fn new(method: Method, path: String, status: u16, headers: HeaderMap, body: Option<Vec<u8>>) -> Self {
        let (streaming, body) = (body.is_none(), body.unwrap_or_default());
        Self { method, path, status, headers, body, streaming, json: OnceLock::new() }
    }

    /// Fails the test if the answer is not what the contract promises.
    #[track_caller]
    pub(super) fn judge(&self, contract: Option<&'static Contract>) {
        assert!(self.status != 500 || contract.is_none(), "an internal error is never expected: {self}");
        if let Some(Err(breach)) = contract.map(|contract| contract.check(self)) {
            panic!("breach of contract: {breach}\n{self}");
        }
    }

    /// Claims this status.
    #[track_caller]
    pub fn status(self, expected: u16) -> Self {
        assert!(self.status == expected, "expected {expected}: {self}");
        self
    }

    /// Claims a problem with this code, well formed and consistent with the head of the answer.
    #[track_caller]
    pub fn problem(self, code: &str) -> Self {
        assert!(self.status >= 400, "expected the problem {code}: {self}");
        assert!(self.content_type() == "application/problem+json", "expected a problem document: {self}");
        assert!(self["code"] == code, "expected the problem {code}: {self}");
        assert!(self["status"] == self.status, "the problem names another status: {self}");
        let id = self.header("x-request-id").unwrap_or_default();
        assert!(self["request_id"] == id, "the problem names another request: {self}");
        self
    }

    /// Claims that among the errors of a problem there is this one, at this place.
    #[track_caller]
    pub fn error_at(self, pointer: &str, code: &str) -> Self {
        let errors = self["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = errors.iter().any(|error| error["pointer"] == pointer && error["code"] == code);
        assert!(found, "expected {code} at {pointer}: {self}");
        let unfilled = |error: &Value| error["message"].as_str().is_none_or(|text| text.contains('{'));
        assert!(!errors.iter().any(unfilled), "a message lacks a value: {self}");
        self
    }

    /// Claims the value of a header.
    #[track_caller]
    pub fn has_header(self, name: &str, value: &str) -> Self {
        assert!(self.header(name) == Some(value), "expected {name}: {value}: {self}");
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type without its parameters.
    pub fn content_type(&self) -> &str {
        self.header("content-type").and_then(|value| value.split(';').next()).unwrap_or_default().trim()
    }

    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("expected an ETag: {self}")).to_owned()
    }

    /// The `id` of the record in the body.
    #[track_caller]
    pub fn id(&self) -> String {
        self["id"].as_str().unwrap_or_else(|| panic!("expected an id: {self}")).to_owned()
    }

    /// The `items` of a list.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self["items"].as_array().unwrap_or_else(|| panic!("expected a list: {self}"))
    }

    #[track_caller]
    pub fn json(&self) -> &Value {
        self.json.get_or_init(|| {
            serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("expected JSON, {error}: {self}"))
        })
    }

    /// The lines of an NDJSON body.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}: {self}"));
        self.text().lines().map(parse).collect()
    }

    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_else(|error| panic!("expected text, {error}: {self}"))
    }
}

/// `response["field"]`: a field of the JSON body, or null where there is none.
impl Index<&str> for Response {
    type Output = Value;

    #[track_caller]
    fn index(&self, field: &str) -> &Value {
        &self.json()[field]
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} answered {}", self.method, self.path, self.status)?;
        for name in ["content-type", "content-encoding", "etag", "x-request-id"] {
            if let Some(value) = self.header(name) {
                write!(f, "\n  {name}: {value}")?;
            }
        }
        let text = String::from_utf8_lossy(&self.body);
        let shown: String = text.chars().take(4000).collect();
        let rest = if shown.len() < text.len() { " …" } else { "" };
        write!(f, "\n  {shown}{rest}")
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
