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
    support::{Case, Ctx, cases, random},
};

pub fn tests() -> Vec<Case> {
    cases![sqlite: a_locked_file_is_a_503_and_its_release_is_noticed]
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
