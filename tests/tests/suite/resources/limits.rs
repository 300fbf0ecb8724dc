//! What holds back those who ask too much, too slowly, or from a page that has no business here.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![
        an_account_that_asks_too_much_is_told_when_to_come_again,
        a_guess_without_a_token_is_counted_by_address,
        a_forged_forwarding_header_changes_nothing,
        a_request_that_never_ends_is_ended,
        a_page_of_another_origin_may_not_call,
        every_answer_says_what_it_is,
    ]
}

fn an_account_that_asks_too_much_is_told_when_to_come_again(ctx: &Ctx) {
    let app = ctx.app_with(|command| {
        command.env("LAOGAN_LIMIT_GENERAL", "30/60");
    });
    let user = app.user("auditor", "371722");
    let first = user.get("/units").status(200);
    let policy = first.header("ratelimit-policy").expect("a policy");
    assert_eq!(policy, "\"general\";q=30;w=60");
    assert!(first.header("ratelimit").expect("what is left").starts_with("\"general\";r="));
    let refused = (0..40).map(|_| user.get("/units")).find(|a| a.status != 200).expect("it is held back");
    let refused = refused.status(429).problem("too_many_requests");
    let after: u64 = refused.header("retry-after").expect("a time").parse().expect("seconds");
    assert!((1..=60).contains(&after), "{after}");
    // Another account has a quota of its own, and a second token of this one has not.
    app.user("auditor", "371721").get("/units").status(200);
    user.get("/cadres").status(429);
}

fn a_guess_without_a_token_is_counted_by_address(ctx: &Ctx) {
    let app = ctx.app_with(|command| {
        command.env("LAOGAN_LIMIT_SIGN_IN", "20/60");
    });
    let guess = || {
        let body = json!({"username": "nobody", "password": "correct horse battery"});
        app.anonymous().post("/auth/login", body).status
    };
    let seen: Vec<u16> = (0..30).map(|_| guess()).collect();
    assert!(seen.contains(&429), "{seen:?}");
}

fn a_forged_forwarding_header_changes_nothing(ctx: &Ctx) {
    let app = ctx.app_with(|command| {
        command.env("LAOGAN_LIMIT_ANONYMOUS", "20/60");
    });
    let ask = |n: usize| {
        let address = format!("10.9.8.{n}");
        app.anonymous().request("GET", "/codes").header("x-forwarded-for", &address).send().status
    };
    let seen: Vec<u16> = (0..60).map(ask).collect();
    assert!(seen.contains(&429), "every address was believed: {seen:?}");
}

fn a_request_that_never_ends_is_ended(ctx: &Ctx) {
    let app = ctx.app_with(|command| {
        command.env("LAOGAN_LIMIT_HEAD_SECONDS", "1").env("LAOGAN_LIMIT_BODY_SECONDS", "1");
    });
    let host = app.url().trim_start_matches("http://").to_owned();
    let token = app.admin().bearer().expect("a token").to_owned();
    let head = "POST /api/v1/units HTTP/1.1\r\nHost: x\r\n".to_owned();
    let body = format!(
        "{head}Authorization: Bearer {token}\r\nContent-Type: application/json\r\nIdempotency-Key: slow-body-1\r\nContent-Length: 900\r\n\r\n{{\"name\":"
    );
    for (text, expected) in [(head, "408"), (body, "408")] {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(&host).expect("connect");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("be patient");
        stream.write_all(text.as_bytes()).expect("begin");
        let mut answer = vec![];
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {expected}")), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(15), "it held its place for {:?}", begun.elapsed());
    }
    app.admin().get("/units").status(200);
}

fn a_page_of_another_origin_may_not_call(ctx: &Ctx) {
    let closed = ctx.app();
    let asked = |app: &crate::support::App, origin: &str| {
        let answer = app.admin().request("GET", "/units").header("origin", origin).send();
        answer.header("access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(asked(&closed, "https://evil.example"), None);
    let open = ctx.app_with(|command| {
        command.env("LAOGAN_CORS_ORIGINS", "https://app.example.cn");
    });
    assert_eq!(asked(&open, "https://app.example.cn").as_deref(), Some("https://app.example.cn"));
    assert_eq!(asked(&open, "https://evil.example"), None);
}

fn every_answer_says_what_it_is(ctx: &Ctx) {
    let app = ctx.app();
    for path in ["/units", "/no-such-path", "/openapi.json"] {
        let answer = app.admin().request("GET", path).unchecked().send();
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("content-security-policy").expect("a policy").contains("frame-ancestors 'none'"));
    }
    assert_eq!(app.admin().get("/units").header("cache-control"), Some("no-store"));
    let page = app.admin().request("GET", "/docs/").unchecked().send().status(200);
    assert!(page.header("content-security-policy").expect("a policy").contains("frame-ancestors 'none'"), "{page}");
}
