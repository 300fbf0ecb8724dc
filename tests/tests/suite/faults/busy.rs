//! SQLite in a crowd: writers, long readers and backups at the same time; a few seconds of it, or `LAOGAN_SOAK`
//! minutes.

use std::{
    io::BufRead,
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    beneath::{Beneath, not_tested, shell},
    process::run,
};
use crate::{
    racing::{Ending, at_once, records},
    support::{App, Case, Ctx, cases, client::Client, response::Response, scratch, soak},
};

const WRITERS: usize = 32;
const WHILE: Duration = Duration::from_millis(3500);

pub fn tests() -> Vec<Case> {
    cases![sqlite: nobody_hears_of_a_busy_database]
}

fn nobody_hears_of_a_busy_database(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    // Enough for an export to take its time.
    for _ in 0..4 {
        let items: Vec<Value> = (0..400).map(|n| records::unit(&format!("既有单位{n}"))).collect();
        admin.request("POST", "/units/batch").json(json!({"items": items})).unchecked().send().status(201);
    }
    let (made, over) = (AtomicUsize::new(1600), AtomicBool::new(false));
    let took = Mutex::new(vec![]);
    let copies = thread::scope(|scope| {
        let ending = Ending(&over);
        let copies = scope.spawn(|| back_up_until(&app, &over));
        for _ in 0..3 {
            scope.spawn(|| export_until(&admin, &made, &over));
        }
        scope.spawn(|| snapshots_until(&admin, &over));
        scope.spawn(|| other_processes_write(&app));
        let deadline = Instant::now() + soak().unwrap_or(WHILE);
        at_once(WRITERS, |writer| {
            while Instant::now() < deadline {
                let begun = Instant::now();
                write(&admin, writer, &made);
                took.lock().expect("times").push(begun.elapsed());
            }
        });
        drop(ending);
        copies.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    match copies {
        Some(copies) => assert!(copies > 1, "no backup was made"),
        None => not_tested("a backup of a busy SQLite file, for there is no sqlite3"),
    }
    let mut took = took.into_inner().expect("times");
    took.sort();
    // Of three or four requests together, and with the other tests beside them on the same machine.
    let p99 = took[took.len() * 99 / 100];
    assert!(p99 < Duration::from_secs(5), "one in a hundred waits {p99:?} and longer");
    let count = admin.get("/units?count=exact&limit=1").status(200)["count"].as_u64();
    assert_eq!(count, Some(made.load(Ordering::Relaxed) as u64), "what was acknowledged is there");
    Beneath::of(&app).claim_consistent();
    let stderr = app.stderr().to_lowercase();
    assert!(!stderr.contains("busy") && !stderr.contains("locked"), "the log tells of a lock:\n{stderr}");
}

/// Done, or to be tried again: nothing else, and no word of the reason.
fn fine(answer: Response) -> Option<Response> {
    let text = String::from_utf8_lossy(&answer.body).to_lowercase();
    assert!(!text.contains("busy") && !text.contains("locked"), "{answer}");
    if answer.status == 503 {
        assert!(answer.header("retry-after").is_some(), "{answer}");
        return None;
    }
    assert!(answer.status < 300, "{answer}");
    Some(answer)
}

fn write(admin: &Client, writer: usize, made: &AtomicUsize) {
    let unit = records::unit(&format!("忙时单位{writer}"));
    let Some(unit) = fine(admin.request("POST", "/units").json(unit).unchecked().send()) else { return };
    made.fetch_add(1, Ordering::Relaxed);
    let path = format!("/units/{}", unit.id());
    let patch = admin.request("PATCH", &path).if_match(&unit.etag()).json(json!({"sort_no": writer}));
    let Some(unit) = fine(patch.unchecked().send()) else { return };
    fine(admin.request("GET", &path).unchecked().send());
    if writer.is_multiple_of(4)
        && fine(admin.request("DELETE", &path).if_match(&unit.etag()).unchecked().send()).is_some()
    {
        made.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Every record once, in spite of all that happens meanwhile.
fn export_until(admin: &Client, made: &AtomicUsize, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let (head, body) = admin.request("GET", "/units/export").open();
        if head.status == 503 {
            continue;
        }
        assert_eq!(head.status, 200);
        let lines = body.lines().inspect(|line| assert!(line.is_ok(), "the export is not cut short")).count();
        assert!(lines >= 1600, "{lines} of at least 1600, {} by now", made.load(Ordering::Relaxed));
    }
}

/// A reader of the feed's snapshot who takes his time: he holds up nobody.
fn snapshots_until(admin: &Client, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let (head, body) = admin.request("GET", "/sync/snapshot").open();
        assert_eq!(head.status, 200);
        let mut last = String::new();
        for (number, line) in body.lines().enumerate() {
            last = line.expect("the snapshot is not cut short");
            if number.is_multiple_of(300) && !over.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(50));
            }
        }
        assert!(last.contains("trailer"), "{last}");
    }
}

/// Copies of the running database, made in turn by another program and by our own, are whole.
fn back_up_until(app: &App, over: &AtomicBool) -> Option<usize> {
    let (file, dir) = (app.data_dir().join("laogan.db"), scratch::directory("backup"));
    let mut copies = 0;
    while !over.load(Ordering::Relaxed) || copies < 2 {
        let copy = dir.join(format!("copy-{copies}.db"));
        let mut program = shell()?;
        program.arg(&file).arg(format!(".backup '{}'", copy.display()));
        if copies % 2 == 1 {
            program = app.cli(&["backup", copy.to_str().expect("a name")]);
        }
        let output = program.stdin(Stdio::null()).output().expect("run it");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let check = Beneath::Sqlite(copy.clone());
        assert_eq!(check.try_sql("PRAGMA integrity_check").as_deref(), Some("ok"));
        check.claim_consistent();
        // In a long run they would fill the disk.
        let _ = std::fs::remove_file(copy);
        copies += 1;
    }
    scratch::remove(&dir);
    Some(copies)
}

/// The command line writes to the same file from a process of its own.
fn other_processes_write(app: &App) {
    for n in 0..3 {
        let name = format!("busy-{n}");
        let create = ["token", "create", "--name", &name, "--scopes", "units:read", "--expires-in", "1h"];
        let (code, stdout, stderr) = run(&mut app.cli(&create));
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.starts_with("lg_pat_"), "{stdout}");
    }
}
