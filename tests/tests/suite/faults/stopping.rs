//! SIGTERM while requests run: they are finished, new ones are not begun, and the process ends well.

use std::{
    io::{BufRead, Read, Write},
    net::TcpStream,
    process::Stdio,
    thread::{self, sleep},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::beneath::{Beneath, not_tested, shell};
use crate::{
    racing::records,
    support::{Case, Ctx, cases, client::Client, random},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_slow_write_is_finished_before_the_end,
        an_export_is_finished_before_the_end,
        a_body_on_its_way_is_waited_for,
        writers_hear_the_truth_while_it_stops,
    ]
}

/// A lock held beneath the server makes a write slow: it is under way when the signal comes, and is committed.
fn a_slow_write_is_finished_before_the_end(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let beneath = Beneath::of(&app);
    let held = thread::scope(|scope| {
        let Some(wait_until_held) = hold(scope, &beneath, Duration::from_millis(1500)) else { return false };
        wait_until_held();
        let write = scope.spawn(|| admin.post("/units", records::unit("停机之前")).status(201));
        sleep(Duration::from_millis(400));
        let asked = Instant::now();
        assert!(app.terminate().success());
        assert!(asked.elapsed() > Duration::from_millis(300), "it has waited for the write");
        write.join().expect("the write was answered");
        true
    });
    if !held {
        return not_tested("a slow write at the end of a server on SQLite, for there is no sqlite3");
    }
    app.restart();
    assert_eq!(admin.request("GET", "/units").query(&[("q", "停机之前")]).send().items().len(), 1);
    beneath.claim_consistent();
}

/// Takes the lock that a write of a unit needs, for a while. What it gives waits until it is taken.
fn hold<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    beneath: &'scope Beneath<'static>,
    time: Duration,
) -> Option<impl FnOnce() + use<'scope>> {
    match beneath {
        Beneath::Postgres(..) => {
            let seconds = time.as_secs_f64();
            scope.spawn(move || {
                beneath
                    .try_sql(&format!("BEGIN; LOCK TABLE units IN EXCLUSIVE MODE; SELECT pg_sleep({seconds}); COMMIT"))
            });
        }
        Beneath::Sqlite(file) => {
            let mut child =
                shell()?.arg(file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("run sqlite3");
            writeln!(child.stdin.as_ref().expect("its input"), "BEGIN IMMEDIATE;\nSELECT 'held';").expect("tell it");
            let mut answer = [0; 5];
            child.stdout.as_mut().expect("its output").read_exact(&mut answer).expect("hear it");
            scope.spawn(move || {
                sleep(time);
                drop(child.stdin.take());
                child.wait().expect("it ends");
            });
        }
    }
    Some(move || {
        let asleep =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
        while matches!(beneath, Beneath::Postgres(..)) && beneath.try_sql(asleep).as_deref() != Some("1") {
            sleep(Duration::from_millis(10));
        }
    })
}

/// More than fits on the way between server and reader, so that the server is still at it when the signal comes.
fn an_export_is_finished_before_the_end(ctx: &Ctx) {
    const RECORDS: usize = 700;
    let app = ctx.app();
    let admin = app.admin();
    large_cadres(&admin, RECORDS);
    let (head, mut body) = admin.request("GET", "/cadres/export").open();
    assert_eq!(head.status, 200);
    let mut first = String::new();
    body.read_line(&mut first).expect("a line");
    thread::scope(|scope| {
        let end = scope.spawn(|| app.terminate());
        sleep(Duration::from_millis(700));
        assert!(!end.is_finished(), "it waits for the reader");
        let lines: Vec<Value> = [first]
            .into_iter()
            .chain(body.lines().map(|line| line.expect("all of the export")))
            .map(|line| serde_json::from_str(&line).expect("a record a line"))
            .collect();
        assert_eq!(lines.len(), RECORDS, "no line is missing");
        assert!(end.join().expect("it ends").success());
    });
}

/// About 24 KB each.
fn large_cadres(admin: &Client, count: usize) {
    let unit = admin.post("/units", records::unit("大量记录")).status(201).id();
    let long = vec!["书法绘画摄影写作".repeat(25); 20];
    for start in (0..count).step_by(50) {
        let items: Vec<Value> = (start..count.min(start + 50))
            .map(|n| {
                let mut cadre = records::cadre(&format!("老同志{n}"), &unit, None);
                cadre["specialties"] = json!(long);
                cadre["hobbies"] = json!(long);
                cadre
            })
            .collect();
        let request = admin.request("POST", "/cadres/batch").json(json!({"items": items}));
        request.unchecked().send().status(201);
    }
}

/// Half of the body is there when the signal comes, the rest comes later.
fn a_body_on_its_way_is_waited_for(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let (name, token) = (format!("半途{}", random()), admin.bearer().expect("a token"));
    let body = records::unit(&name).to_string();
    let address = app.url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).expect("connect");
    let head = format!(
        "POST /api/v1/units HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        random(),
        body.len()
    );
    let (one, other) = body.as_bytes().split_at(10);
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(one)).expect("send half");
    sleep(Duration::from_millis(200));
    thread::scope(|scope| {
        let end = scope.spawn(|| app.terminate());
        sleep(Duration::from_millis(500));
        stream.write_all(other).expect("send the rest");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        assert!(end.join().expect("it ends").success());
    });
    app.restart();
    assert_eq!(admin.request("GET", "/units").query(&[("q", name.as_str())]).send().items().len(), 1);
}

/// Writers at full speed: each request was either answered with 201, and is there, or was not answered.
fn writers_hear_the_truth_while_it_stops(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let counts = thread::scope(|scope| {
        let writers: Vec<_> = (0..6).map(|_| scope.spawn(|| write_while_it_runs(&admin))).collect();
        sleep(Duration::from_millis(400));
        let asked = Instant::now();
        assert!(app.terminate().success());
        assert!(asked.elapsed() < Duration::from_secs(9), "short requests do not hold it up");
        writers.into_iter().map(|writer| writer.join().expect("a writer")).collect::<Vec<usize>>()
    });
    app.restart();
    let made: usize = counts.iter().sum();
    let there = admin.get("/units?count=exact&limit=1").status(200)["count"].as_u64().expect("a count") as usize;
    assert!((made..=made + counts.len()).contains(&there), "{made} acknowledged, {there} there");
    Beneath::of(&app).claim_consistent();
}

fn write_while_it_runs(admin: &Client) -> usize {
    let post = || admin.request("POST", "/units").json(records::unit("停机之时")).try_send();
    let mut made = 0;
    while let Ok(answer) = post() {
        answer.status(201);
        made += 1;
    }
    made
}
