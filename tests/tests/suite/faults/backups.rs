//! A backup taken amid writes, and what a restore does to those who followed the database of before.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::json;

use super::{beneath::not_tested, process::run};
use crate::{
    resources::make::{CITY, SHAN, ids, unit},
    support::{App, Case, Ctx, Engine, cases, random, scratch},
};

pub fn tests() -> Vec<Case> {
    cases![a_backup_amid_writes_is_whole_and_a_restore_has_another_epoch, what_is_no_backup_is_refused]
}

/// Whether the tools that a backup of this engine needs are here.
fn possible(ctx: &Ctx) -> bool {
    let found = ctx.engine == Engine::Sqlite || Command::new("pg_dump").arg("--version").output().is_ok();
    if !found {
        not_tested("backups of PostgreSQL, for there is no pg_dump");
    }
    found
}

fn laogan(app: &App, arguments: &[&str]) -> (Option<i32>, String, String) {
    run(&mut app.cli(arguments))
}

fn a_backup_amid_writes_is_whole_and_a_restore_has_another_epoch(ctx: &Ctx) {
    if !possible(ctx) {
        return;
    }
    let app = ctx.app();
    let admin = app.admin();
    let before: Vec<String> = (0..30).map(|_| unit(&admin, SHAN)).collect();
    let file = scratch::directory("backups").join("laogan.backup");
    let name = file.to_str().expect("a name");
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                unit(&admin, SHAN);
            }
        });
        let (code, _, stderr) = laogan(&app, &["backup", name]);
        over.store(true, Ordering::Relaxed);
        writer.join().expect("the writer");
        assert_eq!(code, Some(0), "{stderr}");
    });
    assert_eq!(fs::metadata(&file).expect("the file").permissions().mode() & 0o777, 0o600);
    let (code, _, stderr) = laogan(&app, &["backup", name]);
    assert!(code == Some(1) && stderr.contains("there already"), "{stderr}");
    let after = unit(&admin, SHAN);
    let state = admin.get("/sync/state").status(200);
    let cursor = admin.get("/sync/changes?cursor=now").status(200)["next_cursor"].as_str().expect("one").to_owned();
    // While the server runs, nothing is replaced under its feet.
    let (code, _, stderr) = laogan(&app, &["restore", name]);
    assert!(code == Some(75) && stderr.contains("stop"), "{code:?} {stderr}");
    admin.get(&format!("/units/{after}")).status(200);
    assert!(app.terminate().success());
    let (code, stdout, stderr) = laogan(&app, &["restore", name]);
    assert_eq!(code, Some(0), "{stderr}");
    app.restart();
    assert_eq!(stdout.contains("before-restore"), ctx.engine == Engine::Sqlite, "{stdout}");
    let admin = app.admin();
    admin.get(&format!("/units/{after}")).status(404);
    let there = admin.get(&format!("/units?limit=500&filter[division_code]={SHAN}")).status(200);
    assert!(before.iter().all(|id| ids(&there).contains(&id.as_str())));
    let restored = admin.get("/sync/state").status(200);
    assert_ne!(restored["epoch"], state["epoch"]);
    let gone = admin.get(&format!("/sync/changes?cursor={cursor}")).status(410);
    gone.problem("cursor_gone").error_at("/cursor", "epoch_changed");
    // It goes on as a database like any other.
    unit(&admin, SHAN);
    admin.get("/sync/changes").status(200);
}

fn what_is_no_backup_is_refused(ctx: &Ctx) {
    if !possible(ctx) {
        return;
    }
    let app = ctx.app();
    let kept = unit(&app.admin(), CITY);
    let directory = scratch::directory("backups");
    let (good, bad) = (directory.join("good"), directory.join("bad"));
    let text = |path: &std::path::Path| path.to_str().expect("a name").to_owned();
    assert_eq!(laogan(&app, &["backup", &text(&good)]).0, Some(0));
    assert!(app.terminate().success());
    let whole = fs::read(&good).expect("the backup");
    fs::write(&bad, &whole[..whole.len() / 2]).expect("half of it");
    for (file, name) in [(text(&bad), "half"), (text(&directory.join("none")), "none")] {
        let (code, _, stderr) = laogan(&app, &["restore", &file]);
        assert_eq!(code, Some(1), "{name}: {stderr}");
    }
    fs::write(&bad, random()).expect("some text");
    assert_eq!(laogan(&app, &["restore", &text(&bad)]).0, Some(1));
    app.restart();
    app.admin().get(&format!("/units/{kept}")).status(200);
    if ctx.engine == Engine::Sqlite {
        // What a backup is for: the database itself is broken.
        assert!(app.terminate().success());
        fs::write(app.data_dir().join("laogan.db"), random().repeat(1000)).expect("break it");
        let (code, _, stderr) = laogan(&app, &["restore", &text(&good)]);
        assert_eq!(code, Some(0), "{stderr}");
        app.restart();
        app.admin().get(&format!("/units/{kept}")).status(200);
    }
    app.admin().post("/units", json!({"division_code": CITY, "name": "某局", "kind": "organ"})).status(201);
}
