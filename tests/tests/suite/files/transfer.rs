//! Whole files on their way in and out.

use std::{fs, thread};

use serde_json::json;

use super::{consent, pdf, upload, url};
use crate::{
    resources::make::SHAN,
    support::{App, Case, Ctx, cases, files::hash},
};

pub fn tests() -> Vec<Case> {
    cases![
        an_upload_is_the_same_however_often_it_comes,
        what_is_sent_is_what_it_says,
        what_is_too_large_is_refused_at_once,
        a_file_comes_out_as_it_went_in,
        a_range_is_a_part_of_it,
        many_upload_the_same_file_at_once,
        nothing_of_a_file_is_in_the_log,
        a_dry_run_keeps_nothing,
    ]
}

/// The contents on disk.
fn stored(app: &App) -> Vec<std::path::PathBuf> {
    fn walk(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = vec![];
    walk(&app.data_dir().join("files"), &mut found);
    found
}

fn an_upload_is_the_same_however_often_it_comes(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(1, 700_000);
    let first = upload(&county, &content).status(201);
    assert_eq!(first["sha256"], hash(&content));
    assert_eq!(first["bytes"], 700_000);
    assert_eq!(first.header("location"), Some(format!("/api/v1{}", url(&content)).as_str()));
    let again = upload(&county, &content).status(200);
    assert_eq!(again.json(), first.json());
    let name = hash(&content);
    let place = app.data_dir().join("files").join(&name[..2]).join(&name[2..4]).join(&name);
    assert_eq!(stored(&app), std::slice::from_ref(&place));
    assert_eq!(fs::read(place).expect("it is there"), content);
}

fn what_is_sent_is_what_it_says(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(2, 3000);
    let other = county.request("PUT", &url(&pdf(3, 3000))).body("application/pdf", content.clone()).send().status(422);
    let other = other.problem("hash_mismatch");
    assert_eq!(other["errors"][0]["code"], "file_hash");
    for (kind, content, code) in [
        ("image/png", content.as_slice(), "file_type_differs"),
        ("application/octet-stream", b"\x7fELF\x02\x01\x01\x00...............".as_slice(), "file_type"),
        ("application/pdf", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", "file_type"),
        ("text/plain", b"#!/bin/sh\nreboot\n", "file_type"),
        ("text/plain", b"<html><script>alert(1)</script></html>", "file_type"),
        (
            "application/octet-stream",
            b"PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
            "file_type",
        ),
        ("text/plain", b"", "file_type"),
    ] {
        let refused = county.request("PUT", &url(content)).body(kind, content).send().status(415);
        assert_eq!(refused["errors"][0]["code"], code, "{refused}");
        county.get(&url(content)).status(404);
    }
    for (kind, content) in [
        ("application/octet-stream", content.as_slice()),
        ("image/jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01"),
        ("text/plain; charset=utf-8", "同意拍照。".as_bytes()),
    ] {
        county.request("PUT", &url(content)).body(kind, content).send().status(201);
    }
    assert_eq!(stored(&app).len(), 3, "what is refused leaves nothing: {:?}", stored(&app));
    for path in ["/files/abc", "/files/ABCDEF", "/files/../../etc/passwd", &format!("/files/{}", "A".repeat(64))] {
        county.request("PUT", path).body("text/plain", "x").send().status(404);
        county.get(path).status(404);
    }
}

fn what_is_too_large_is_refused_at_once(ctx: &Ctx) {
    let app = App::start_with(ctx.engine, |command| {
        command.env("LAOGAN_LIMIT_FILE_BYTES", "100000");
    });
    let county = app.user("county_admin", SHAN);
    upload(&county, &pdf(4, 100_000)).status(201);
    upload(&county, &pdf(4, 100_001)).status(413).problem("payload_too_large");
    let parts = format!("{}/parts?offset=0&size=100001", url(&pdf(4, 100_001)));
    county.request("POST", &parts).body("application/octet-stream", "x").send().status(413);
    assert_eq!(stored(&app).len(), 1);
}

fn a_file_comes_out_as_it_went_in(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(5, 1_500_000);
    upload(&county, &content).status(201);
    let got = county.request("GET", &url(&content)).header("accept-encoding", "gzip, zstd").send().status(200);
    assert_eq!(got.body, content);
    let tag = format!("\"{}\"", hash(&content));
    let headers = [
        ("etag", tag.as_str()),
        ("content-type", "application/pdf"),
        ("content-length", "1500000"),
        ("cache-control", "private"),
        ("x-content-type-options", "nosniff"),
        ("accept-ranges", "bytes"),
    ];
    headers.iter().for_each(|(name, value)| assert_eq!(got.header(name), Some(*value), "{name}"));
    let disposition = got.header("content-disposition").expect("one").to_owned();
    assert!(disposition.starts_with("attachment; filename=\"") && disposition.ends_with(".pdf\""), "{disposition}");
    let head = county.request("HEAD", &url(&content)).send().status(200);
    assert!(head.body.is_empty());
    headers.iter().for_each(|(name, value)| assert_eq!(head.header(name), Some(*value), "{name}"));
    for known in [tag.as_str(), "*", &format!("\"r1\", W/{tag}")] {
        let same = county.request("GET", &url(&content)).if_none_match(known).send().status(304);
        assert_eq!(same.header("etag"), Some(tag.as_str()));
    }
    county.request("GET", &url(&content)).if_none_match("\"other\"").send().status(200);
}

fn a_range_is_a_part_of_it(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(6, 200_000);
    upload(&county, &content).status(201);
    let ask = |range: &str| county.request("GET", &url(&content)).header("range", range).send();
    for (range, from, to) in [
        ("bytes=0-0", 0, 0),
        ("bytes=1000-170000", 1000, 170_000),
        ("bytes=199990-", 199_990, 199_999),
        ("bytes=-10", 199_990, 199_999),
        ("bytes=5-999999999", 5, 199_999),
    ] {
        let part = ask(range).status(206);
        assert_eq!(part.body, &content[from..=to], "{range}");
        assert_eq!(part.header("content-range"), Some(format!("bytes {from}-{to}/200000").as_str()));
    }
    let outside = ask("bytes=200000-").status(416);
    assert_eq!(outside.header("content-range"), Some("bytes */200000"));
    outside.problem("range_not_satisfiable");
    for whole in ["bytes=0-1,5-6", "lines=1-2", "bytes=x-"] {
        assert_eq!(ask(whole).status(200).body, content);
    }
    let tagged = |tag: &str| {
        county.request("GET", &url(&content)).header("range", "bytes=0-9").header("if-range", tag).send().status
    };
    assert_eq!([tagged(&format!("\"{}\"", hash(&content))), tagged("\"r1\"")], [206, 200]);
    let head = county.request("HEAD", &url(&content)).header("range", "bytes=0-9").send().status(206);
    assert_eq!(head.header("content-length"), Some("10"));
}

fn many_upload_the_same_file_at_once(ctx: &Ctx) {
    let app = ctx.app();
    let content = pdf(7, 300_000);
    let callers: Vec<_> = (0..4).map(|_| app.user("county_admin", SHAN)).collect();
    let sent: Vec<u16> = thread::scope(|scope| {
        let each = |n: usize| {
            let (by, content) = (&callers[n % 4], &content);
            scope.spawn(move || upload(by, content).status)
        };
        let running: Vec<_> = (0..32).map(each).collect();
        running.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert_eq!(sent.iter().filter(|status| **status == 201).count(), 1, "one of them brings it: {sent:?}");
    assert!(sent.iter().all(|status| matches!(status, 200 | 201)), "{sent:?}");
    assert_eq!(stored(&app).len(), 1);
    for caller in &callers {
        assert_eq!(caller.get(&url(&content)).status(200).body, content);
    }
}

fn nothing_of_a_file_is_in_the_log(ctx: &Ctx) {
    let app = App::start_with(ctx.engine, |command| {
        command.env("LAOGAN_LOG", "debug");
    });
    let county = app.user("county_admin", SHAN);
    let content = "绝密内容不入日志".as_bytes();
    county.request("PUT", &url(content)).body("text/plain", content).send().status(201);
    county.get(&url(content)).status(200);
    county.request("PUT", &url(content)).body("image/png", content).send().status(415);
    consent(&county, &[content]).status(201);
    let log = app.stderr();
    assert!(log.contains("/api/v1/files/{sha256}"), "requests are logged");
    // Statements are: the debug log of the database shows none.
    assert!(!log.contains("绝密") && !log.contains(&hash(content)), "{log}");
}

fn a_dry_run_keeps_nothing(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(8, 5000);
    let send = || county.request("PUT", &url(&content)).prefer("dry-run").body("application/pdf", content.clone());
    assert_eq!(send().send().status(201)["bytes"], json!(5000));
    assert_eq!(stored(&app), Vec::<std::path::PathBuf>::new());
    county.get(&url(&content)).status(404);
}
