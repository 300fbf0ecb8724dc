//! Access tokens: what is not ours, or not now, opens nothing. The keys that sign them give way to others.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use serde_json::{Value, json};

use super::text;
use crate::support::{App, Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![
        a_token_that_is_not_ours_opens_nothing,
        a_token_ends_with_its_second,
        keys_are_rotated_without_a_refusal,
        what_a_retired_key_has_signed_is_void
    ]
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Head and body of a good token.
fn parts(app: &App) -> (Value, Value) {
    let admin = app.admin();
    let read = |part: &str| serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let parts: Vec<&str> = admin.bearer().unwrap().split('.').collect();
    (read(parts[0]), read(parts[1]))
}

/// A token that somebody would make who has the installation's key, or another one.
fn made(key: &EncodingKey, algorithm: Algorithm, head: &Value, body: &Value) -> String {
    let text = format!("{}.{}", part(head), part(body));
    format!("{text}.{}", sign(text.as_bytes(), key, algorithm).unwrap())
}

fn own_key(app: &App) -> EncodingKey {
    let pem = std::fs::read(app.data_dir().join("keys/signing-ed25519.pem")).unwrap();
    EncodingKey::from_ed_pem(&pem).unwrap()
}

fn a_token_that_is_not_ours_opens_nothing(ctx: &Ctx) {
    let app = ctx.app();
    let (head, body) = parts(&app);
    assert_eq!((&head["alg"], &head["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    for claim in ["iss", "aud", "sub", "sid", "jti", "iat", "exp"] {
        assert!(!body[claim].is_null(), "{claim}: {body}");
    }
    let key = own_key(&app);
    let refused = |token: &str| drop(app.anonymous().bearing(token).get("/me").status(401).problem("unauthenticated"));
    let with = |value: &Value, name: &str, new: Value| {
        let mut value = value.clone();
        value[name] = new;
        value
    };
    // The way they are made is the right one.
    app.anonymous().bearing(&made(&key, Algorithm::EdDSA, &head, &body)).get("/me").status(200);
    for none in ["none", "None", ""] {
        refused(&format!("{}.{}.", part(&with(&head, "alg", json!(none))), part(&body)));
        refused(&format!("{}.{}", part(&with(&head, "alg", json!(none))), part(&body)));
    }
    // The public key as a secret, in the forms in which libraries have taken it.
    let set = app.anonymous().get("/.well-known/jwks.json").status(200);
    let x = set["keys"][0]["x"].as_str().unwrap();
    assert_eq!(set["keys"][0]["kid"], head["kid"]);
    let hs256 = with(&head, "alg", json!("HS256"));
    for secret in [BASE64_URL_SAFE_NO_PAD.decode(x).unwrap(), x.as_bytes().to_vec(), vec![]] {
        refused(&made(&EncodingKey::from_secret(&secret), Algorithm::HS256, &hs256, &body));
    }
    for (name, value) in
        [("typ", json!("JWT")), ("typ", json!(null)), ("kid", json!("0123456789abcdef")), ("kid", json!(null))]
    {
        refused(&made(&key, Algorithm::EdDSA, &with(&head, name, value), &body));
    }
    for (name, value) in [
        ("iss", json!("somebody")),
        ("aud", json!("other-api")),
        ("sub", json!(uuid::Uuid::now_v7())),
        ("sid", json!(uuid::Uuid::now_v7())),
        ("sid", json!(null)),
        ("exp", json!(null)),
        ("exp", json!(9_999_999_999_i64)),
        ("iat", json!(9_999_999_000_i64)),
    ] {
        refused(&made(&key, Algorithm::EdDSA, &head, &with(&body, name, value)));
    }
    // A key of the sender's own, however it is recommended.
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    let theirs = EncodingKey::from_ed_pem(pem.as_bytes()).unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    for (name, value) in
        [("jku", json!("http://127.0.0.1:1/jwks.json")), ("jwk", jwk), ("x5u", json!("http://127.0.0.1:1/x"))]
    {
        refused(&made(&theirs, Algorithm::EdDSA, &with(&head, name, value), &body));
    }
    let good = made(&key, Algorithm::EdDSA, &head, &body);
    let (text, signature) = good.rsplit_once('.').unwrap();
    for bent in [
        format!("{text}."),
        format!("{text}.{}", "A".repeat(signature.len())),
        format!("{good}A"),
        text.replace('.', ".."),
    ] {
        refused(&bent);
    }
}

fn a_token_ends_with_its_second(ctx: &Ctx) {
    let app = ctx.app();
    let (head, mut body) = parts(&app);
    let now = chrono::Utc::now().timestamp();
    let key = own_key(&app);
    let mut ask = |ends: i64| {
        body["exp"] = json!(ends);
        body["iat"] = json!(ends - 600);
        app.anonymous().bearing(&made(&key, Algorithm::EdDSA, &head, &body)).get("/me").status
    };
    assert_eq!(ask(now - 1), 401);
    assert_eq!(ask(chrono::Utc::now().timestamp()), 401);
    assert_eq!(ask(now + 30), 200);
    // One that was good, and is remembered.
    let ends = chrono::Utc::now().timestamp() + 2;
    assert_eq!(ask(ends), 200);
    let left = ends * 1000 - chrono::Utc::now().timestamp_millis();
    std::thread::sleep(std::time::Duration::from_millis(u64::try_from(left).unwrap_or(0)));
    assert_eq!(ask(ends), 401);
}

fn kids(app: &App) -> Vec<String> {
    let set = app.anonymous().get("/.well-known/jwks.json").status(200);
    set["keys"].as_array().unwrap().iter().map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the server has read its keys again.
fn until(app: &App, what: impl Fn(&[String]) -> bool) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !what(&kids(app)) {
        assert!(std::time::Instant::now() < deadline, "the keys are as they were");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

fn command(app: &App, arguments: &[&str]) -> String {
    let done = app.cli(arguments).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

fn sign_in(app: &App) -> String {
    let (name, password) = app.new_user("auditor", "371722");
    text(&super::login(app, &name, &password).status(200), "access_token")
}

fn kid_of(token: &str) -> String {
    let head = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&head).unwrap()["kid"].as_str().unwrap().to_owned()
}

fn keys_are_rotated_without_a_refusal(ctx: &Ctx) {
    let app = ctx.app();
    let old = sign_in(&app);
    // In good time: known before it signs.
    let later = command(&app, &["signing-key", "rotate"]);
    until(&app, |kids| kids.contains(&later));
    assert_eq!(kid_of(&sign_in(&app)), kid_of(&old));
    let list = command(&app, &["signing-key", "list"]);
    assert!(list.contains("will sign") && list.contains(&later), "{list}");
    let now = command(&app, &["signing-key", "rotate", "--now"]);
    until(&app, |kids| kids.contains(&now));
    let new = sign_in(&app);
    assert_eq!(kid_of(&new), now);
    for token in [&old, &new] {
        app.anonymous().bearing(token).get("/me").status(200);
    }
}

fn what_a_retired_key_has_signed_is_void(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("auditor", "371722");
    let old = text(&super::login(&app, &name, &password).status(200), "access_token");
    app.anonymous().bearing(&old).get("/me").status(200);
    let refused = app.cli(&["signing-key", "retire", &kid_of(&old)]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "the last key stays: {refused:?}");
    command(&app, &["signing-key", "rotate", "--now"]);
    command(&app, &["signing-key", "retire", &kid_of(&old)]);
    until(&app, |kids| !kids.contains(&kid_of(&old)));
    app.anonymous().bearing(&old).get("/me").status(401).problem("unauthenticated");
    app.login(&name, &password).get("/me").status(200);
}
