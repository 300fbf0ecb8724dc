//! Who a caller is: signing in, second factors, sessions, access tokens, and the keys behind them.

mod access;
mod audited;
mod factors;
mod guessing;
mod sessions;
mod starting;
mod tokens;

use serde_json::{Value, json};

use crate::support::{App, Case, Ctx, client::Client, response::Response};

pub fn tests() -> Vec<Case> {
    [
        access::tests(),
        audited::tests(),
        factors::tests(),
        guessing::tests(),
        sessions::tests(),
        starting::tests(),
        tokens::tests(),
    ]
    .concat()
}

/// A server that believes what the tests say of where a request comes from.
fn behind_a_proxy(ctx: &Ctx) -> App {
    ctx.app_with(|command| {
        command.env("LAOGAN_TRUSTED_PROXIES", "127.0.0.1");
    })
}

fn login_from(app: &App, address: &str, username: &str, password: &str) -> Response {
    let body = json!({"username": username, "password": password});
    app.anonymous().request("POST", "/auth/login").header("x-forwarded-for", address).json(body).send()
}

fn login(app: &App, username: &str, password: &str) -> Response {
    login_with(app, json!({"username": username, "password": password}))
}

fn login_with(app: &App, body: Value) -> Response {
    app.anonymous().post("/auth/login", body)
}

/// The path of the user behind a caller.
fn user_path(user: &Client) -> String {
    format!("/users/{}", text(&user.get("/me").status(200), "user_id"))
}

fn text(answer: &Response, field: &str) -> String {
    answer[field].as_str().unwrap_or_else(|| panic!("expected {field}: {answer}")).to_owned()
}

/// The value of an alarm's counter.
fn alarms(app: &App, kind: &str) -> u64 {
    let metrics = app.anonymous().get("/metrics").status(200);
    let line = format!("laogan_alarms_total{{kind=\"{kind}\"}} ");
    metrics.text().lines().find_map(|l| l.strip_prefix(&line)?.parse().ok()).unwrap_or(0)
}
