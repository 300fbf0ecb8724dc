//! Somebody else holds the lock of the SQLite file, longer than the server waits for it.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    beneath::{Beneath, not_tested, shell},
    claim_private,
};
use crate::{
    racing::{at_once, records},
    support::{
        Case, Ctx, cases, random,
        raw::{Answer, Raw, open_files},
    },
};

pub fn tests() -> Vec<Case> {
    cases![sqlite: a_locked_file_is_a_503_and_its_release_is_noticed, a_full_queue_is_told_at_once]
}

/// A shell with a transaction open.
struct Holder {
    child: Child,
    input: ChildStdin,
}

impl Holder {
    /// Takes the lock; none where there is no shell for SQLite.
    fn of(file: &Path) -> Option<Self> {
        let mut child = shell()?.arg(file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("run sqlite3");
        let mut input = child.stdin.take().expect("its input");
        writeln!(input, "BEGIN EXCLUSIVE;\nSELECT 'held';").expect("tell it");
        input.flush().expect("tell it");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("hear it");
        assert_eq!(line.trim(), "held");
        Some(Self { child, input })
    }

    fn release(mut self) {
        writeln!(self.input, "ROLLBACK;").expect("tell it");
        drop(self.input);
        self.child.wait().expect("it ends");
    }
}

fn a_locked_file_is_a_503_and_its_release_is_noticed(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let unit = admin.post("/units", records::unit("文件锁定")).status(201);
    let path = format!("/units/{}", unit.id());
    let (number, name) = (records::id_number(78), "锁外之人");
    let cadre = records::cadre(name, &unit.id(), Some(&number));
    let Some(holder) = Holder::of(&app.data_dir().join("laogan.db")) else {
        return not_tested("a locked SQLite file, for there is no sqlite3");
    };
    let key = random();
    let post = || admin.request("POST", "/cadres").key(&key).json(cadre.clone()).send();
    at_once(8, |caller| {
        let started = Instant::now();
        if caller < 4 {
            let answer = match caller {
                0 => post(),
                1 => admin.patch_if(&path, "\"r1\"", json!({"sort_no": 1})),
                2 => admin.delete_if(&path, "\"r1\""),
                _ => admin.post("/units/batch", json!({"items": [records::unit("文件锁定")]})),
            };
            let answer = answer.status(503).problem("unavailable");
            assert!(answer.header("retry-after").is_some(), "{answer}");
            let took = started.elapsed();
            assert!(took > Duration::from_secs(3), "it is worth a wait, and not given up after {took:?}");
            assert!(took < Duration::from_secs(8), "it took {took:?}");
        } else {
            // Meanwhile readers read.
            while started.elapsed() < Duration::from_secs(5) {
                let asked = Instant::now();
                admin.get(&path).status(200);
                admin.get("/units?count=exact").status(200);
                app.anonymous().get("/health/ready").status(200);
                assert!(asked.elapsed() < Duration::from_secs(2), "reading took {:?}", asked.elapsed());
            }
        }
    });
    holder.release();
    // At once: nobody has to wait for the next turn of anything.
    post().status(201);
    admin.patch_if(&path, "\"r1\"", json!({"sort_no": 2})).status(200);
    Beneath::of(&app).claim_consistent();
    let stderr = app.stderr();
    assert!(stderr.contains("database is locked"), "the cause is in the log:\n{stderr}");
    claim_private(&stderr, &[name, &number]);
}

/// More writes wait than would be served in time: who comes then is told at once, the others when nothing more can be
/// hoped for, and all of them when to come again.
fn a_full_queue_is_told_at_once(ctx: &Ctx) {
    const QUEUE: usize = 2000;
    if open_files() < QUEUE + 500 {
        return not_tested("a full queue, for this process may not open so many files");
    }
    // The whole crowd comes from one address.
    let app = ctx.app_with(|command| {
        command.env("LAOGAN_LIMIT_CONNECTIONS_PER_ADDRESS", (2 * QUEUE).to_string());
    });
    let admin = app.admin();
    admin.post("/units", records::unit("排队单位")).status(201);
    let Some(holder) = Holder::of(&app.data_dir().join("laogan.db")) else {
        return not_tested("a full queue, for there is no sqlite3");
    };
    let send = || Raw::send(&admin, "POST", "/api/v1/units", &records::unit("排队单位").to_string());
    let begun = Instant::now();
    let crowd: Vec<Raw> = (0..QUEUE + 100).map(|_| send()).collect();
    // Who is answered while the lock is waited for has not waited for it.
    let (waiting, told): (Vec<Raw>, Vec<Raw>) = loop {
        assert!(begun.elapsed() < Duration::from_secs(4), "nobody is told that the queue is full");
        if crowd.iter().filter(|one| !one.waits()).count() >= 90 {
            break crowd.into_iter().partition(Raw::waits);
        }
    };
    assert!(waiting.len() >= QUEUE, "only {} wait", waiting.len());
    let refused = |answer: Answer| {
        assert_eq!((answer.status, &answer.body["code"]), (503, &json!("unavailable")), "{answer:?}");
        assert!(answer.head.contains("retry-after: "), "{answer:?}");
        assert!(!answer.body.to_string().contains("queue"), "the reason is for the log: {answer:?}");
    };
    told.into_iter().for_each(|one| refused(one.answer()));
    waiting.into_iter().for_each(|one| refused(one.answer()));
    holder.release();
    admin.post("/units", records::unit("排队单位")).status(201);
    Beneath::of(&app).claim_consistent();
}
