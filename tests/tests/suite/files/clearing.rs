//! What nobody names goes; what somebody names stays; and what a backup says of it.

use std::{
    fs::{self, File},
    process::Command,
    time::{Duration, SystemTime},
};

use serde_json::json;

use super::{consent, pdf, upload, url};
use crate::{
    faults::beneath::Beneath,
    resources::make::SHAN,
    support::{App, Case, Ctx, cases, files::hash},
};

pub fn tests() -> Vec<Case> {
    cases![
        what_nobody_names_is_removed_after_its_days,
        a_lost_content_is_told_and_brought_back,
        a_backup_names_the_files
    ]
}

fn said(mut command: Command) -> (String, bool) {
    let done = command.output().expect("run it");
    (String::from_utf8_lossy(&done.stdout).into_owned(), done.status.success())
}

/// Makes all that is known of files so many days older.
fn age(app: &App, days: i64) {
    for (table, column) in [("files", "touched_at"), ("file_uploads", "at")] {
        let less = match app.database() {
            None => (days * 86_400_000_000).to_string(),
            Some(_) => format!("interval '{days} days'"),
        };
        let aged = Beneath::of(app).try_sql(&format!("UPDATE {table} SET {column} = {column} - {less}"));
        assert!(aged.is_some(), "there is no sqlite3 on this machine");
    }
}

fn what_nobody_names_is_removed_after_its_days(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let (named, loose, fresh) = (pdf(1, 1000), pdf(2, 2000), pdf(3, 3000));
    upload(&county, &named).status(201);
    upload(&county, &loose).status(201);
    let consent = consent(&county, &[&named]).status(201).id();
    age(&app, 31);
    upload(&county, &fresh).status(201);
    let place = |content: &[u8]| {
        let name = hash(content);
        app.data_dir().join("files").join(&name[..2]).join(&name[2..4]).join(name)
    };
    // An upload that was given up, and a content of which nothing is known.
    let old = SystemTime::now() - Duration::from_secs(40 * 86_400);
    let stray = pdf(4, 100);
    let forgotten = [app.data_dir().join("files/incoming/x.parts"), place(&stray)];
    for path in &forgotten {
        fs::create_dir_all(path.parent().expect("a folder")).expect("make it");
        fs::write(path, &stray).expect("write it");
        File::options().write(true).open(path).and_then(|f| f.set_modified(old)).expect("make it old");
    }
    let (text, good) = said(app.cli(&["files", "gc", "--dry-run"]));
    assert!(good && text.starts_with("1 files of 2000 bytes would be removed"), "{text}");
    assert_eq!(county.get(&url(&loose)).status(200).body, loose);
    let (text, good) = said(app.cli(&["files", "gc"]));
    assert!(good && text == "1 files of 2000 bytes removed, 2 leftovers\n", "{text}");
    assert!(!place(&loose).exists() && place(&named).exists() && place(&fresh).exists());
    assert!(forgotten.iter().all(|path| !path.exists()));
    county.get(&url(&loose)).status(404);
    county.get(&url(&named)).status(200);
    // It comes again as a new one.
    upload(&county, &loose).status(201);
    assert_eq!(county.get(&url(&loose)).status(200).body, loose);
    // No longer named, it has its days again.
    county.patch_if(&format!("/consents/{consent}"), "\"r1\"", json!({"evidence_files": []})).status(200);
    let (text, _) = said(app.cli(&["files", "gc"]));
    assert!(text.starts_with("0 files"), "{text}");
    age(&app, 31);
    let (text, _) = said(app.cli(&["files", "gc"]));
    assert!(text.starts_with("3 files of 6000 bytes removed"), "{text}");
    assert_eq!(said(app.cli(&["files", "gc"])).0, "0 files of 0 bytes removed, 0 leftovers\n");
}

fn a_lost_content_is_told_and_brought_back(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let content = pdf(5, 1000);
    upload(&county, &content).status(201);
    let name = hash(&content);
    let place = app.data_dir().join("files").join(&name[..2]).join(&name[2..4]).join(&name);
    assert_eq!(said(app.cli(&["files", "check", "--content"])), ("1 files are there, 0 are not\n".to_owned(), true));
    let mut bent = content.clone();
    bent[500] ^= 1;
    fs::write(&place, bent).expect("bend it");
    assert!(said(app.cli(&["files", "check"])).1, "its length is right");
    let (text, good) = said(app.cli(&["files", "check", "--content"]));
    assert!(!good && text.contains(&name), "{text}");
    fs::remove_file(&place).expect("lose it");
    assert!(!said(app.cli(&["files", "check"])).1);
    county.get(&url(&content)).status(503).problem("unavailable");
    upload(&county, &content).status(200);
    assert_eq!(county.get(&url(&content)).status(200).body, content);
    assert!(said(app.cli(&["files", "check", "--content"])).1);
}

fn a_backup_names_the_files(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let to = |n: i32| app.data_dir().join(format!("backup-{n}"));
    let backup = |n: i32| said(app.cli(&["backup", to(n).to_str().expect("a path")]));
    let (text, good) = backup(1);
    assert!(good && text.lines().count() == 1, "{text}");
    upload(&county, &pdf(6, 1234)).status(201);
    let (text, good) = backup(2);
    let folder = app.data_dir().join("files");
    assert!(
        good && text.contains("1 files of 1234 bytes") && text.contains(folder.to_str().expect("a path")),
        "{text}"
    );
}
