//! Files in an S3-compatible store: a small one of our own, which takes only what is signed.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use super::{consent, pdf, upload, url};
use crate::{
    resources::make::SHAN,
    support::{App, Case, Ctx, cases, files::hash},
};

pub fn tests() -> Vec<Case> {
    cases![files_are_kept_in_a_bucket, a_store_that_fails_is_told_as_one]
}

type Objects = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// A store; `broken` it answers nothing but 500.
fn store(broken: bool) -> (String, Objects) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("listen");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let objects = Objects::default();
    let kept = objects.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let objects = kept.clone();
            thread::spawn(move || while serve(&stream, &objects, broken).is_some() {});
        }
    });
    (address, objects)
}

fn serve(stream: &TcpStream, objects: &Objects, broken: bool) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|n| *n > 0)?;
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|v| v.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let signed = query.contains("X-Amz-Signature=") && query.contains("X-Amz-Credential=key-of-the-test%2F");
    let mut objects = objects.lock().expect("nobody panics here");
    let mut head = String::new();
    let (status, answer) = match (method, objects.get(path)) {
        _ if broken => (500, vec![]),
        _ if !signed => (403, vec![]),
        ("PUT", _) => {
            objects.insert(path.to_owned(), body);
            (200, vec![])
        }
        ("DELETE", _) => {
            objects.remove(path);
            (204, vec![])
        }
        (_, None) => (404, vec![]),
        ("HEAD", Some(object)) => {
            head = format!("Content-Length: {}\r\n", object.len());
            (200, vec![])
        }
        (_, Some(object)) => {
            let range = headers.get("range").and_then(|r| r.strip_prefix("bytes=")?.split_once('-')).expect("a range");
            let (from, to): (usize, usize) = (range.0.parse().ok()?, range.1.parse().ok()?);
            (206, object[from..=to].to_vec())
        }
    };
    if head.is_empty() && status != 204 {
        head = format!("Content-Length: {}\r\n", answer.len());
    }
    let mut stream = stream;
    stream.write_all(format!("HTTP/1.1 {status} X\r\n{head}\r\n").as_bytes()).ok()?;
    stream.write_all(&answer).ok()
}

fn app(ctx: &Ctx, address: String) -> App {
    App::start_with(ctx.engine, move |command| {
        command.envs([
            ("LAOGAN_FILES_S3_ENDPOINT", address.as_str()),
            ("LAOGAN_FILES_S3_BUCKET", "laogan"),
            ("LAOGAN_FILES_S3_KEY", "key-of-the-test"),
            ("LAOGAN_FILES_S3_SECRET", "secret-of-the-test"),
            ("LAOGAN_LOG", "debug"),
        ]);
    })
}

fn files_are_kept_in_a_bucket(ctx: &Ctx) {
    let (address, objects) = store(false);
    let app = app(ctx, address);
    let county = app.user("county_admin", SHAN);
    let content = pdf(1, 2_000_000);
    upload(&county, &content).status(201);
    upload(&county, &content).status(200);
    let name = hash(&content);
    let key = format!("/laogan/{}/{}/{name}", &name[..2], &name[2..4]);
    assert_eq!(objects.lock().unwrap().keys().collect::<Vec<_>>(), [&key]);
    assert_eq!(county.get(&url(&content)).status(200).body, content);
    let part = county.request("GET", &url(&content)).header("range", "bytes=1000-1500000").send().status(206);
    assert_eq!(part.body, &content[1000..=1_500_000]);
    consent(&county, &[&content]).status(201);
    // In parts.
    let other = pdf(2, 300_000);
    for (from, to) in [(0, 100_000), (100_000, 300_000)] {
        let path = format!("{}/parts?offset={from}&size=300000", url(&other));
        county.request("POST", &path).body("application/octet-stream", &other[from..to]).send().status(200);
    }
    assert_eq!(county.get(&url(&other)).status(200).body, other);
    let incoming = std::fs::read_dir(app.data_dir().join("files/incoming")).expect("the folder").count();
    assert_eq!(incoming, 0, "nothing is left on the way");
    objects.lock().unwrap().remove(&key);
    county.get(&url(&content)).status(503);
    let log = app.stderr();
    for secret in ["secret-of-the-test", "key-of-the-test", "X-Amz-Signature", &name] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}

fn a_store_that_fails_is_told_as_one(ctx: &Ctx) {
    let (address, _) = store(true);
    let app = app(ctx, address);
    let county = app.user("county_admin", SHAN);
    let content = pdf(3, 20_000);
    upload(&county, &content).status(503).problem("unavailable");
    county.get(&url(&content)).status(404);
    // What came in parts is kept for the next try.
    let path = format!("{}/parts?offset=0&size=20000", url(&content));
    county.request("POST", &path).body("application/octet-stream", content.clone()).send().status(503);
    assert_eq!(county.get(&format!("{}/parts", url(&content))).status(200)["received"], 20_000);
    let nowhere = App::start_with(ctx.engine, |command| {
        command.envs([
            ("LAOGAN_FILES_S3_ENDPOINT", "http://127.0.0.1:9"),
            ("LAOGAN_FILES_S3_BUCKET", "laogan"),
            ("LAOGAN_FILES_S3_KEY", "k"),
            ("LAOGAN_FILES_S3_SECRET", "s"),
        ]);
    });
    upload(&nowhere.user("county_admin", SHAN), &content).status(503);
}
