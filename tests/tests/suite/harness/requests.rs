//! What the client sends, and what a test may claim about the answer.

use std::io::BufRead;

use serde_json::{Value, json};

use super::{fails, fake};
use crate::support::{
    Case, Ctx, cases,
    client::{Client, Remote},
};

pub fn tests() -> Vec<Case> {
    cases![
        once:
        puts_paths_below_the_base,
        gives_every_post_a_key_of_its_own,
        sends_bodies_headers_and_queries,
        claims_about_a_problem_hold_or_fail,
        claims_about_a_record_hold_or_fail,
        reads_a_stream_line_by_line,
        says_when_nobody_answers,
    ]
}

fn puts_paths_below_the_base(_: &Ctx) {
    let echo = echo();
    assert_eq!(echo.get("/cadres")["path"], "/api/v1/cadres");
    for path in ["/health/ready", "/openapi.json", "/api/v1/cadres", "/.well-known/jwks.json"] {
        assert_eq!(echo.get(path)["path"], path);
    }
}

fn gives_every_post_a_key_of_its_own(_: &Ctx) {
    let echo = echo();
    let key = |answer: crate::support::response::Response| answer["headers"]["idempotency-key"].clone();
    let first = key(echo.post("/cadres", json!({})));
    assert!(first.is_string());
    assert_ne!(first, key(echo.post("/cadres", json!({}))));
    assert_eq!(key(echo.request("POST", "/cadres").key("k1").send()), "k1");
    assert_eq!(key(echo.request("POST", "/cadres").header("Idempotency-Key", "k2").send()), "k2");
    assert_eq!(key(echo.request("POST", "/cadres").no_key().send()), Value::Null);
    assert_eq!(key(echo.put("/cadres/1", json!({}))), Value::Null);
}

fn sends_bodies_headers_and_queries(_: &Ctx) {
    let echo = echo().bearing("t1");
    let sent = echo.patch_if("/cadres/1", "\"r1\"", json!({"name": "王"}));
    assert_eq!(sent["headers"]["if-match"], "\"r1\"");
    assert_eq!(sent["headers"]["content-type"], "application/merge-patch+json");
    assert_eq!(sent["headers"]["authorization"], "Bearer t1");
    assert_eq!(sent["body"], r#"{"name":"王"}"#);
    let pairs = [("filter[division_code]", "371722"), ("q", "a&b")];
    let path = echo.request("GET", "/cadres?limit=1").query(&pairs).send()["path"].clone();
    assert_eq!(path, "/api/v1/cadres?limit=1&filter%5Bdivision_code%5D=371722&q=a%26b");
    assert_eq!(echo.delete("/cadres/1")["method"], "DELETE");
    assert_eq!(echo.request("POST", "/cadres/1/wake").send()["headers"]["content-length"], "0");
}

fn claims_about_a_problem_hold_or_fail(_: &Ctx) {
    let problem = json!({"status": 422, "code": "validation_failed", "request_id": "r1", "errors": [
        {"pointer": "/birth_date", "code": "partial_date_format", "message": "…"}]});
    let text = problem.to_string();
    let client = client(fake::serve(move |_| (422, "application/problem+json", text.clone())));
    client.get("/x").status(422).problem("validation_failed").error_at("/birth_date", "partial_date_format");
    assert!(fails(|| client.get("/x").status(200)));
    assert!(fails(|| client.get("/x").problem("not_found")));
    assert!(fails(|| client.get("/x").error_at("/name", "partial_date_format")));
    assert!(fails(|| client.get("/x").error_at("/birth_date", "required")));
}

fn claims_about_a_record_hold_or_fail(_: &Ctx) {
    let text = json!({"id": "7", "items": [1, 2]}).to_string();
    let client = client(fake::serve(move |_| (200, "application/json", text.clone())));
    let answer = client.get("/x").status(200).has_header("x-request-id", "r1");
    assert_eq!((answer.id().as_str(), answer.etag().as_str(), answer.items().len()), ("7", "\"r1\"", 2));
    assert!(answer["missing"].is_null());
    assert!(fails(|| client.get("/x").problem("validation_failed")));
}

fn reads_a_stream_line_by_line(_: &Ctx) {
    let client = client(fake::serve(|_| (200, "text/event-stream", "id: 1\nid: 2\n".into())));
    let (head, body) = client.request("GET", "/sync/events").open();
    assert_eq!(head.status, 200);
    assert_eq!(body.lines().map(Result::unwrap).collect::<Vec<_>>(), ["id: 1", "id: 2"]);
}

fn says_when_nobody_answers(_: &Ctx) {
    let nobody = client("http://127.0.0.1:1".into());
    assert!(nobody.request("GET", "/cadres").try_send().is_err());
    assert!(fails(|| nobody.get("/cadres")));
}

/// A server that tells what it was sent.
fn echo() -> Client {
    client(fake::serve(|call| {
        let headers: serde_json::Map<String, Value> =
            call.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let body = String::from_utf8_lossy(&call.body);
        let told = json!({"method": call.method, "path": call.path, "headers": headers, "body": body});
        (200, "application/json", told.to_string())
    }))
}

fn client(base: String) -> Client {
    Client::anonymous(&Remote::other(&base, None))
}
