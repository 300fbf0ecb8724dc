//! Requests that nobody means well with, or that a broken client sends: refused in order, and never an internal error.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use super::make::{SHAN, unit};
use crate::support::{App, Case, Ctx, cases, response::Response};

pub fn tests() -> Vec<Case> {
    cases![
        a_path_that_is_not_there_is_not_found,
        a_method_that_a_path_does_not_take_is_refused,
        a_body_has_a_limit,
        a_body_of_another_type_is_refused,
        a_body_that_is_no_json_is_refused,
        a_body_nested_without_end_is_refused,
        no_text_anywhere_breaks_the_server,
        long_paths_and_queries_are_answered,
        what_is_not_http_is_survived,
        numbers_beyond_all_bounds_are_refused,
    ]
}

fn a_path_that_is_not_there_is_not_found(ctx: &Ctx) {
    let app = ctx.app();
    for path in ["/no-such-path", "/units/", "/units//", "/Units", "/units/x/y/z", "/api/v2/units", "/api", "/", "//"] {
        for caller in [app.admin(), app.anonymous()] {
            let path = if path == "//" { "/api/v1//units" } else { path };
            let answer = caller.get(path).status(404).problem("not_found");
            assert_eq!(answer["type"], "urn:laogan:problem:not_found");
        }
    }
    app.admin().post("/no-such-path", json!({})).status(404).problem("not_found");
    app.admin().delete("/no-such-path").status(404).problem("not_found");
}

fn a_method_that_a_path_does_not_take_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let one = format!("/units/{}", unit(&app.admin(), SHAN));
    for (method, path) in [
        ("DELETE", "/units"),
        ("PUT", "/units"),
        ("PATCH", "/units"),
        ("POST", one.as_str()),
        ("GET", "/auth/login"),
        ("POST", "/me"),
        ("DELETE", "/health/live"),
        ("GET", "/units/batch/x"),
        ("TRACE", "/units"),
        ("FROB", "/units"),
    ] {
        let answer = app.admin().request(method, path).send();
        let status = if path.ends_with("/x") { 404 } else { 405 };
        let answer = answer.status(status).problem(if status == 404 { "not_found" } else { "method_not_allowed" });
        assert_eq!(answer.content_type(), "application/problem+json");
    }
    app.admin().get(&one).status(200);
}

fn a_body_has_a_limit(ctx: &Ctx) {
    let app = ctx.app();
    let padded = |length: usize| {
        let body = json!({"division_code": SHAN, "name": "某局", "kind": "organ"}).to_string();
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    let send = |body: String| app.admin().request("POST", "/units").body("application/json", body).send();
    send(padded(2 * 1024 * 1024)).status(201);
    send(padded(2 * 1024 * 1024 + 1)).status(413).problem("payload_too_large");
    send(padded(20 * 1024 * 1024)).status(413).problem("payload_too_large");
    let admin = app.admin();
    let patch = admin.request("PATCH", "/units/0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01").if_match("\"r1\"");
    patch.body("application/json", padded(3 * 1024 * 1024)).send().status(413).problem("payload_too_large");
    // Who does not say how long it will be is stopped all the same.
    let token = app.admin().bearer().unwrap().to_owned();
    let head = format!(
        "POST /api/v1/units HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Idempotency-Key: chunked-body\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    let chunk = [format!("{:x}\r\n", 65_536).into_bytes(), vec![b' '; 65_536], b"\r\n".to_vec()].concat();
    let mut request = head.into_bytes();
    (0..40).for_each(|_| request.extend_from_slice(&chunk));
    let answer = raw(&app, &request);
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("payload_too_large"), "{answer}");
    app.admin().get("/units").status(200);
}

fn a_body_of_another_type_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let body = json!({"division_code": SHAN, "name": "某局", "kind": "organ"}).to_string();
    let send = |kind: &str| app.admin().request("POST", "/units").body(kind, body.clone()).send();
    for kind in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/jsonx",
        "x",
    ] {
        send(kind).status(415).problem("unsupported_media_type");
    }
    for kind in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"] {
        send(kind).status(201);
    }
}

fn a_body_that_is_no_json_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let id = unit(&admin, SHAN);
    let one = format!("/units/{id}");
    let bodies: [&[u8]; 14] = [
        b"",
        b" ",
        b"{",
        b"{\"name\":}",
        b"{\"name\":\"a\"",
        b"{name:1}",
        b"{\"name\":\"a\",}",
        b"{} {}",
        b"NaN",
        b"{\"sort_no\":1e999}",
        b"\xff\xfe",
        b"{\"name\":\"\xff\xff\"}",
        b"{\"name\":\"\xed\xa0\x80\"}",
        b"{\"name\":\"\\ud800\"}",
    ];
    for body in bodies {
        let text = String::from_utf8_lossy(body).into_owned();
        for (method, path) in
            [("POST", "/units"), ("POST", "/units/batch"), ("PATCH", &one), ("PUT", &one), ("POST", "/auth/login")]
        {
            let request = admin.request(method, path);
            let request = if path == one { request.if_match("\"r1\"") } else { request };
            let answer = request.body("application/json", body).send();
            assert!(answer.status == 400, "{method} {path} with {text:?}: {answer}");
            answer.problem("malformed_json");
        }
    }
    // A byte order mark is no JSON either, and twice the same name is at least no internal error.
    app.admin()
        .request("POST", "/units")
        .body("application/json", "\u{feff}{}")
        .send()
        .status(400)
        .problem("malformed_json");
    let twice = r#"{"division_code":"371722","name":"甲局","name":"乙局","kind":"organ"}"#;
    let twice = app.admin().request("POST", "/units").body("application/json", twice).send();
    assert!(matches!(twice.status, 201 | 400 | 422), "{twice}");
    assert_eq!(app.admin().get(&one)["version"], 1);
}

fn a_body_nested_without_end_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let id = unit(&app.admin(), SHAN);
    for depth in [50, 200, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let inner = if open == "[" { "" } else { "1" };
            let nested = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            for (body, path) in
                [(nested.clone(), "/units"), (format!("{{\"name\":{nested}}}"), "/units"), (nested, "/auth/login")]
            {
                let answer = app.admin().request("POST", path).body("application/json", body).send();
                assert!(matches!(answer.status, 400 | 422), "{depth}: {answer}");
            }
        }
    }
    let wide: Value = (0..20_000).map(|n| (format!("f{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    app.admin().post("/units", wide).status(422).problem("validation_failed");
    app.admin().get(&format!("/units/{id}")).status(200);
}

fn no_text_anywhere_breaks_the_server(ctx: &Ctx) {
    let app = ctx.app();
    let odd = [
        "%00",
        "a%00b",
        "%ff%fe",
        "%c0%80",
        "%ed%a0%80",
        "%0d%0aX-Injected:%201",
        "%27%22;--",
        "%F0%9F%98%80",
        "%",
        "%zz",
    ];
    for text in odd {
        for path in [
            format!("/units/{text}"),
            format!("/units/{text}/history"),
            format!("/codes/{text}"),
            format!("/problems/{text}"),
            format!("/units?q={text}"),
            format!("/units?sort={text}"),
            format!("/units?fields={text}"),
            format!("/units?expand={text}"),
            format!("/units?page_token={text}"),
            format!("/units?{text}={text}"),
            format!("/units?filter[name]={text}"),
            format!("/units?filter[{text}]=1"),
            format!("/cadres?filter[birth_date][gte]={text}"),
            format!("/honors/party50-candidates?year={text}"),
            format!("/cadres/0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01/derived?as_of={text}"),
            format!("/tokens?page_token={text}"),
            format!("/docs/{text}"),
        ] {
            // What is no address is not sent by the client at all.
            let Ok(answer) = app.admin().request("GET", &path).try_send() else { continue };
            assert!(matches!(answer.status, 200 | 400 | 404), "{path}: {answer}");
            assert_eq!(answer.header("x-injected"), None);
        }
    }
    for key in ["a\u{7f}aaaaaaa", "密钥密钥密钥", "with a blank", "x", &"x".repeat(129)] {
        let body = json!({"division_code": SHAN, "name": "某局", "kind": "organ"});
        let Ok(answer) = app.admin().request("POST", "/units").key(key).json(body).try_send() else { continue };
        answer.status(400).problem("invalid_parameter");
    }
    let long = app.anonymous().bearing(&"x".repeat(5000));
    long.get("/units").status(401).problem("unauthenticated");
}

fn long_paths_and_queries_are_answered(ctx: &Ctx) {
    let app = ctx.app();
    for length in [1_000, 10_000, 30_000] {
        let long = "x".repeat(length);
        for path in [
            format!("/units/{long}"),
            format!("/{long}"),
            format!("/units?q={long}"),
            format!("/units?filter[name]={long}"),
            format!("/units?{long}=1"),
            format!("/units?page_token={long}"),
            format!("/units?fields={long}"),
        ] {
            let answer = app.admin().request("GET", &path).send();
            assert!(matches!(answer.status, 200 | 400 | 404 | 414), "{}: {answer}", &path[..20]);
        }
    }
    let many = format!("/units?{}", vec!["filter[active]=true"; 500].join("&"));
    let many = app.admin().get(&many);
    assert!(matches!(many.status, 200 | 400), "{many}");
    let repeated = app.admin().get("/units?limit=1&limit=2&sort=name&sort=-name");
    assert!(matches!(repeated.status, 200 | 400), "{repeated}");
    let everything = format!("/units?fields={}", vec!["name"; 400].join(","));
    app.admin().request("GET", &everything).unchecked().send().status(200);
    let huge = [b"GET /".as_slice(), &vec![b'x'; 500_000], b" HTTP/1.1\r\nHost: x\r\n\r\n"].concat();
    refused_or_cut(&raw(&app, &huge));
    app.admin().get("/units").status(200);
}

fn what_is_not_http_is_survived(ctx: &Ctx) {
    let app = ctx.app();
    let requests: [&[u8]; 8] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Header\xff: \x00\r\n\r\n",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
    ];
    for request in requests {
        refused_or_cut(&raw(&app, request));
    }
    app.admin().get("/units").status(200);
}

fn numbers_beyond_all_bounds_are_refused(ctx: &Ctx) {
    let app = ctx.app();
    for number in
        ["1e400", "-1e400", "99999999999999999999999999", "9223372036854775808", "1.5", "-1", "1000001", "1e3"]
    {
        let body = format!(r#"{{"division_code":"371722","name":"某局","kind":"organ","sort_no":{number}}}"#);
        let answer: Response = app.admin().request("POST", "/units").body("application/json", body).send();
        assert!(matches!(answer.status, 400 | 422), "{number}: {answer}");
    }
    for path in
        ["/units?limit=9999999999999999999999", "/honors/party50-candidates?year=99999999999", "/units?limit=1e1"]
    {
        app.admin().get(path).status(400).problem("invalid_parameter");
    }
    for year in ["2020", "2200", "-1", "x", ""] {
        app.admin().get(&format!("/honors/party50-candidates?year={year}")).status(400).problem("invalid_parameter");
    }
}

/// Sends bytes as they are, and reads until the server has had enough.
fn raw(app: &App, request: &[u8]) -> String {
    let address = app.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).expect("connect");
    stream.set_read_timeout(Some(Duration::from_secs(3))).expect("set a timeout");
    stream.set_write_timeout(Some(Duration::from_secs(3))).expect("set a timeout");
    // The server may have answered and closed before all is sent.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    while let Ok(count) = stream.read(&mut part) {
        answer.extend_from_slice(&part[..count]);
        if count == 0 {
            break;
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// Claims that what came back, if anything, blames the client.
#[track_caller]
fn refused_or_cut(answer: &str) {
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
}
