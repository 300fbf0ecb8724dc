//! Uploads in parts: on bad lines, over restarts, by several at once.

use std::{
    io::Write,
    net::TcpStream,
    thread::{self, sleep},
    time::{Duration, Instant},
};

use serde_json::json;

use super::{pdf, upload, url};
use crate::{
    resources::make::{CAO, SHAN},
    support::{App, Case, Ctx, cases, client::Client, files::hash, response::Response},
};

pub fn tests() -> Vec<Case> {
    cases![
        parts_make_the_whole,
        a_part_that_comes_again_is_known,
        a_part_too_far_is_told_where_to_begin,
        an_upload_goes_on_after_a_crash_in_the_middle,
        each_uploader_has_an_upload_of_its_own,
        two_parts_at_once_never_mix,
        what_is_wrong_in_the_end_begins_anew,
        two_servers_share_an_upload,
    ]
}

fn part(by: &Client, content: &[u8], from: usize, to: usize) -> Response {
    let path = format!("{}/parts?offset={from}&size={}", url(content), content.len());
    by.request("POST", &path).body("application/octet-stream", &content[from..to]).send()
}

fn state(by: &Client, content: &[u8]) -> (u64, bool) {
    let state = by.get(&format!("{}/parts", url(content))).status(200);
    (state["received"].as_u64().expect("a number"), state["complete"] == json!(true))
}

fn parts_make_the_whole(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(1, 1_000_000);
    assert_eq!(state(&county, &content), (0, false));
    for (from, to) in [(0, 300_000), (300_000, 300_001), (300_001, 999_999)] {
        assert_eq!(part(&county, &content, from, to).status(200)["received"], json!(to));
        assert_eq!(state(&county, &content), (to as u64, false));
        county.get(&url(&content)).status(404);
    }
    let last = part(&county, &content, 999_999, 1_000_000).status(200);
    assert_eq!(last["complete"], json!(true));
    assert_eq!(last["file"]["media_type"], "application/pdf");
    assert_eq!(state(&county, &content), (1_000_000, true));
    assert_eq!(county.get(&url(&content)).status(200).body, content);
    // Its answer was lost: it comes again.
    assert_eq!(part(&county, &content, 999_999, 1_000_000).status(200).json(), last.json());
    assert_eq!(part(&county, &content, 0, 1_000_000).status(200).json(), last.json());
}

fn a_part_that_comes_again_is_known(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(2, 500_000);
    part(&county, &content, 0, 200_000).status(200);
    part(&county, &content, 0, 200_000).status(200);
    part(&county, &content, 100_000, 150_000).status(200);
    assert_eq!(state(&county, &content), (200_000, false));
    part(&county, &content, 150_000, 300_000).status(200);
    assert_eq!(state(&county, &content), (300_000, false));
    part(&county, &content, 0, 500_000).status(200);
    assert_eq!(county.get(&url(&content)).status(200).body, content);
}

fn a_part_too_far_is_told_where_to_begin(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(3, 5000);
    let far = part(&county, &content, 1, 5000).status(409).problem("upload_gap");
    assert!(far["errors"][0]["message"].as_str().is_some_and(|m| m.contains('0')), "{far}");
    part(&county, &content, 0, 1000).status(200);
    let far = part(&county, &content, 1001, 5000).status(409);
    assert!(far["errors"][0]["message"].as_str().is_some_and(|m| m.contains("1000")), "{far}");
    let post = |query: &str| {
        let path = format!("{}/parts{query}", url(&content));
        county.request("POST", &path).body("application/octet-stream", "x").send().status(400);
    };
    ["", "?offset=0", "?size=5000", "?offset=-1&size=5000", "?offset=0&size=0", "?offset=0&size=1&x=1"]
        .into_iter()
        .for_each(post);
    // More than was announced.
    let path = format!("{}/parts?offset=0&size=2000", url(&content));
    county.request("POST", &path).body("application/octet-stream", content.clone()).send().status(413);
}

/// A part whose connection ends in the middle; whether the server has taken what came.
fn broken_part(by: &Client, content: &[u8], from: usize, sent: usize) -> TcpStream {
    let (base, token) = (by.base(), by.bearer().expect("a token"));
    let host = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("connect");
    let (path, length) = (url(content), content.len());
    let head = format!(
        "POST /api/v1{path}/parts?offset={from}&size={length} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
        length - from
    );
    stream.write_all(head.as_bytes()).expect("the head");
    stream.write_all(&content[from..from + sent]).expect("the part");
    stream
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        sleep(Duration::from_millis(20));
    }
}

fn an_upload_goes_on_after_a_crash_in_the_middle(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(4, 4_000_000);
    // The connection breaks: what came is kept.
    drop(broken_part(&county, &content, 0, 700_000));
    until("the rest of the broken part", || state(&county, &content).0 >= 500_000);
    until("its lock", || {
        let (at, _) = state(&county, &content);
        let answer = part(&county, &content, at as usize, 1_000_000);
        answer.status == 200
    });
    // The server is killed while a part comes in, and while a whole file does.
    let running = broken_part(&county, &content, 1_000_000, 1_500_000);
    until("some of the next part", || state(&county, &content).0 > 1_000_000);
    let whole = content.clone();
    let by = county.clone();
    let other = thread::spawn(move || {
        by.request("PUT", &url(&whole)).body("application/pdf", whole).try_send().map(|a| a.status)
    });
    app.kill9();
    drop(running);
    let other = other.join().expect("a thread");
    app.restart();
    if !matches!(other, Ok(200 | 201)) {
        county.get(&url(&content)).status(404);
    }
    let (at, complete) = state(&county, &content);
    assert!(complete || (1_000_000..=2_500_000).contains(&at), "at {at}");
    let done = part(&county, &content, at.min(3_999_999) as usize, 4_000_000).status(200);
    assert_eq!(done["complete"], json!(true), "{done}");
    assert_eq!(county.get(&url(&content)).status(200).body, content);
    assert_eq!(upload(&county, &content).status(200)["bytes"], 4_000_000);
}

fn each_uploader_has_an_upload_of_its_own(ctx: &Ctx) {
    let app = ctx.app();
    let (shan, cao) = (app.user("county_admin", SHAN), app.user("county_admin", CAO));
    let content = pdf(5, 100_000);
    part(&shan, &content, 0, 60_000).status(200);
    assert_eq!(state(&cao, &content), (0, false));
    // What another one sends under this name spoils nothing.
    let path = format!("{}/parts?offset=0&size=100000", url(&content));
    cao.request("POST", &path).body("application/octet-stream", vec![b'x'; 60_000]).send().status(200);
    part(&shan, &content, 60_000, 100_000).status(200);
    assert_eq!(shan.get(&url(&content)).status(200).body, content);
    cao.get(&url(&content)).status(404);
    part(&cao, &content, 60_000, 100_000).status(422).problem("hash_mismatch");
    assert_eq!(state(&cao, &content), (0, false));
    part(&cao, &content, 0, 100_000).status(200);
    cao.get(&url(&content)).status(200);
}

fn two_parts_at_once_never_mix(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(6, 3_000_000);
    let busy = broken_part(&county, &content, 0, 400_000);
    until("the first part", || state(&county, &content).0 > 0);
    let second = part(&county, &content, 0, 3_000_000).status(409).problem("upload_busy");
    assert!(second.header("retry-after").is_some(), "{second}");
    drop(busy);
    let answers: Vec<u16> = thread::scope(|scope| {
        let (county, content) = (&county, &content);
        let send = |_| {
            scope.spawn(move || {
                for _ in 0..200 {
                    match part(county, content, 0, 3_000_000).status {
                        409 => sleep(Duration::from_millis(25)),
                        status => return status,
                    }
                }
                409
            })
        };
        let running: Vec<_> = (0..8).map(send).collect();
        running.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert_eq!(answers, [200; 8]);
    assert_eq!(county.get(&url(&content)).status(200).body, content);
}

fn what_is_wrong_in_the_end_begins_anew(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let script = b"#!/bin/sh\nreboot\n".repeat(100);
    part(&county, &script, 0, 100).status(200);
    let refused = part(&county, &script, 100, script.len()).status(415);
    assert_eq!(refused["errors"][0]["code"], "file_type");
    assert_eq!(state(&county, &script), (0, false));
    let content = pdf(7, 1000);
    let path = format!("{}/parts?offset=0&size=1000&media_type=image/png", url(&content));
    let refused = county.request("POST", &path).body("application/octet-stream", content.clone()).send().status(415);
    assert_eq!(refused["errors"][0]["code"], "file_type_differs");
}

fn two_servers_share_an_upload(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let twin = app.twin();
    let there = twin.anonymous().bearing(county.bearer().expect("a token"));
    let content = pdf(8, 900_000);
    part(&county, &content, 0, 400_000).status(200);
    assert_eq!(state(&there, &content), (400_000, false));
    part(&there, &content, 400_000, 700_000).status(200);
    part(&county, &content, 700_000, 900_000).status(200);
    assert_eq!(there.get(&url(&content)).status(200).body, content);
    assert_eq!(there.get(&url(&content)).header("etag"), Some(format!("\"{}\"", hash(&content)).as_str()));
    drop::<App>(twin);
}
