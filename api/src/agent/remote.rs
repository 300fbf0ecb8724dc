//! The city's server, as the agent talks to it.
use crate::cli::Failure;
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::time::Duration;
use ureq::http::{Response, StatusCode};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body};

/// Why the server did not do what was asked.
#[derive(Debug)]
pub enum Fault {
    /// It may do it later.
    Later(String, Option<Duration>),
    /// It refuses: status, code and the whole problem.
    Refused(u16, String, Value),
    /// Nothing helps.
    Final(String),
}
impl From<persistence::Error> for Fault {
    fn from(error: persistence::Error) -> Self {
        match error {
            persistence::Error::Unavailable(cause) => Fault::Later(format!("the database here: {cause}"), None),
            other => Fault::Final(format!("the database here: {other}")),
        }
    }
}
impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Later(text, _) => Failure::later(text),
            Fault::Refused(status, code, problem) => {
                let title = problem.get("title").and_then(Value::as_str).unwrap_or_default();
                Failure::final_(format!("the server refuses: {status} {code} {title}"))
            }
            Fault::Final(text) => Failure::final_(text),
        }
    }
}
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Later(text, _) | Fault::Final(text) => f.write_str(text),
            Fault::Refused(status, code, _) => write!(f, "{status} {code}"),
        }
    }
}

/// A client of servers elsewhere.
pub fn client() -> Agent {
    // The system's own certificates: a bureau's network has an authority of its own.
    let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(RootCerts::PlatformVerifier);
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(Duration::from_secs(10)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .timeout_recv_body(Some(Duration::from_secs(600)))
        .tls_config(tls.build())
        .user_agent(concat!("laogan/", env!("CARGO_PKG_VERSION")))
        .build();
    config.into()
}

/// The server.
pub struct Remote {
    agent: Agent,
    base: String,
    token: String,
}

impl Remote {
    /// The server at an address such as `https://city.example.cn`, with a token.
    pub fn new(url: &str, token: String) -> Self {
        Self { agent: client(), base: format!("{}/api/v1", url.trim_end_matches('/')), token }
    }

    /// Reads something.
    pub fn get(&self, path: &str) -> Result<Value, Fault> {
        json(self.ask(path)?)
    }
    /// Reads lines as they come.
    pub fn lines(&self, path: &str) -> Result<impl BufRead + use<>, Fault> {
        Ok(BufReader::with_capacity(1 << 16, body(accepted(self.ask(path)?)?)))
    }
    fn ask(&self, path: &str) -> Result<Response<Body>, Fault> {
        let request = self.agent.get(format!("{}{path}", self.base)).header("authorization", self.bearer());
        // A county's line may be slow.
        request.header("accept-encoding", "gzip").call().map_err(unreachable)
    }
    /// Sends something. The answer to what has no body is null.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        let request = self.agent.post(format!("{}{path}", self.base)).header("authorization", self.bearer());
        let request = request.header("content-type", "application/json");
        json(request.send(body.to_string()).map_err(unreachable)?)
    }
    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

fn unreachable(error: ureq::Error) -> Fault {
    match error {
        ureq::Error::BadUri(text) => Fault::Final(format!("--remote: {text}")),
        ureq::Error::Tls(_) | ureq::Error::NativeTls(_) => {
            Fault::Final(format!("the server cannot be trusted: {error}"))
        }
        other => Fault::Later(format!("the server cannot be reached: {other}"), None),
    }
}

fn json(response: Response<Body>) -> Result<Value, Fault> {
    let response = accepted(response)?;
    if response.status() == StatusCode::NO_CONTENT {
        return Ok(Value::Null);
    }
    let mut text = vec![];
    let read = body(response).take(256 << 20).read_to_end(&mut text);
    read.map_err(|e| Fault::Later(format!("an answer was cut short: {e}"), None))?;
    serde_json::from_slice(&text).map_err(|e| Fault::Later(format!("an answer is no JSON: {e}"), None))
}

/// The answer's bytes as they were before they were compressed.
fn body(response: Response<Body>) -> Box<dyn Read> {
    let packed = response.headers().get("content-encoding").is_some_and(|encoding| encoding == "gzip");
    let bytes = response.into_body().into_reader();
    if packed { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) }
}

/// The answer if it is one, otherwise what it says.
fn accepted(response: Response<Body>) -> Result<Response<Body>, Fault> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let after = response.headers().get("retry-after").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let problem: Value = serde_json::from_reader(body(response).take(1 << 20)).unwrap_or_default();
    let code = problem.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::REQUEST_TIMEOUT {
        return Err(Fault::Later(format!("the server answers {status} {code}"), after.map(Duration::from_secs)));
    }
    Err(Fault::Refused(status.as_u16(), code, problem))
}
