//! Somebody who can write to the database changes what the audit tells: each way shows.

use std::{fs, thread};

use serde_json::Value;

use crate::{
    faults::{
        beneath::{Beneath, not_tested},
        process::run,
    },
    resources::make::{SHAN, unit},
    support::{App, Case, Ctx, cases, client::Client, scratch},
};

pub fn tests() -> Vec<Case> {
    cases![
        what_nobody_touched_is_intact,
        a_line_that_was_edited_shows,
        an_event_that_was_edited_shows,
        a_line_that_was_removed_from_the_middle_shows,
        a_link_that_was_edited_or_removed_shows,
        a_tail_that_was_cut_shows,
        a_chain_that_was_made_anew_shows,
        a_line_that_was_added_later_shows,
        servers_that_write_at_once_make_one_chain,
        a_long_chain_is_verified_in_parts,
        a_restore_is_told_and_is_no_alarm,
    ]
}

/// A server with a chain of some links over writes and events.
fn written(ctx: &Ctx) -> Option<(App, Client, Beneath<'static>)> {
    let app = ctx.app();
    let admin = app.admin();
    for _ in 0..4 {
        for _ in 0..3 {
            unit(&admin, SHAN);
        }
        app.user("sys_admin", SHAN).get("/cadres").status(403);
        linked(&admin);
    }
    let beneath = Beneath::of(&app);
    if beneath.try_sql("SELECT 1").is_none() {
        not_tested("meddling with SQLite, for there is no sqlite3");
        return None;
    }
    Some((app, admin, beneath))
}

/// The head when everything up to now is linked.
fn linked(by: &Client) -> Value {
    by.get("/audit/head").status(200)["head"].clone()
}

fn verify(by: &Client) -> Value {
    by.get("/audit/verify").status(200).json().clone()
}

fn codes(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().map(|f| f["code"].as_str().expect("a code")).collect()
}

/// Claims that the server and the command find exactly these codes.
#[track_caller]
fn claim(app: &App, by: &Client, expected: &[&str]) -> Value {
    let report = verify(by);
    assert_eq!(codes(&report), expected, "{report:#}");
    assert_eq!(report["intact"], expected.is_empty());
    let (code, stdout, stderr) = run(&mut app.cli(&["audit", "verify"]));
    assert_eq!(code, Some(i32::from(!expected.is_empty())), "{stdout}{stderr}");
    for code in expected {
        assert!(stdout.contains(code), "{stdout}{stderr}");
    }
    report
}

fn what_nobody_touched_is_intact(ctx: &Ctx) {
    let Some((app, admin, _)) = written(ctx) else { return };
    let report = claim(&app, &admin, &[]);
    assert!(report["complete"] == true && report["links"].as_i64() >= Some(4), "{report}");
    assert!(report["journal_lines"].as_i64() >= Some(12) && report["events"].as_i64() >= Some(4), "{report}");
    let (_, stdout, _) = run(&mut app.cli(&["audit", "verify", "--json"]));
    assert!(stdout.contains("\"intact\": true"), "{stdout}");
    assert!(app.admin().get("/metrics").text().contains("laogan_audit_broken 0"));
}

fn a_line_that_was_edited_shows(ctx: &Ctx) {
    let Some((app, admin, beneath)) = written(ctx) else { return };
    beneath.try_sql("UPDATE journal SET actor = 'user:somebody-else' WHERE seq = 5");
    let report = claim(&app, &admin, &["lines_changed"]);
    let found = &report["findings"][0];
    assert_eq!(found["book"], "journal");
    assert!(found["from"].as_i64() <= Some(5) && found["through"].as_i64() >= Some(5), "{found}");
    assert!(app.admin().get("/metrics").text().contains("laogan_audit_broken 1"));
    let alarms = super::told(&admin, &[("filter[kind]", "alarm")]);
    assert!(alarms[0]["detail"].as_str().unwrap_or_default().starts_with("lines_changed"), "{alarms:?}");
}

fn an_event_that_was_edited_shows(ctx: &Ctx) {
    let Some((app, admin, beneath)) = written(ctx) else { return };
    beneath.try_sql("UPDATE audit_events SET address = '10.0.0.1' WHERE seq = 2");
    let report = claim(&app, &admin, &["lines_changed"]);
    assert_eq!(report["findings"][0]["book"], "events");
}

fn a_line_that_was_removed_from_the_middle_shows(ctx: &Ctx) {
    let Some((app, admin, beneath)) = written(ctx) else { return };
    beneath.try_sql("DELETE FROM audit_events WHERE seq = 2");
    let report = claim(&app, &admin, &["lines_missing", "lines_changed"]);
    let found = &report["findings"][0];
    assert!(found["book"] == "events" && found["from"] == 2 && found["through"] == 2, "{report}");
    beneath.try_sql("DELETE FROM journal WHERE seq = 5");
    assert_eq!(verify(&admin)["found"], 4);
}

fn a_link_that_was_edited_or_removed_shows(ctx: &Ctx) {
    let Some((app, admin, beneath)) = written(ctx) else { return };
    let head = linked(&admin)["link"].as_i64().expect("a number");
    beneath.try_sql("UPDATE audit_links SET journal_through = journal_through + 1 WHERE id = 2");
    let report = verify(&admin);
    assert!(codes(&report).contains(&"link_changed"), "{report:#}");
    beneath.try_sql("UPDATE audit_links SET journal_through = journal_through - 1 WHERE id = 2");
    claim(&app, &admin, &[]);
    let forged = "UPDATE audit_links SET signature = (SELECT signature FROM audit_links WHERE id = 1) WHERE id = 2";
    beneath.try_sql(forged);
    claim(&app, &admin, &["signature_invalid"]);
    beneath.try_sql("DELETE FROM audit_links WHERE id = 2");
    let report = claim(&app, &admin, &["link_missing"]);
    assert!(report["findings"][0]["from"] == 2 && report["findings"][0]["link"] == 3, "{report}");
    assert!(head >= 3);
}

/// Removes what came last, so that what is left is in itself a good chain.
fn cut(ctx: &Ctx, beneath: &Beneath<'_>, keep: i64) {
    for book in [("journal", "journal_through"), ("audit_events", "events_through")] {
        let kept = format!("(SELECT {} FROM audit_links WHERE id = {keep})", book.1);
        beneath.try_sql(&format!("DELETE FROM {} WHERE seq > {kept}", book.0));
        if ctx.engine == crate::support::Engine::Sqlite {
            beneath.try_sql(&format!("UPDATE sqlite_sequence SET seq = {kept} WHERE name = '{}'", book.0));
        }
    }
    if ctx.engine == crate::support::Engine::Postgres {
        beneath.try_sql(&format!(
            "UPDATE feed_state SET seq = l.journal_through, events_seq = l.events_through FROM audit_links AS l \
             WHERE l.id = {keep}"
        ));
    }
    beneath.try_sql(&format!("DELETE FROM audit_links WHERE id > {keep}"));
}

fn a_tail_that_was_cut_shows(ctx: &Ctx) {
    let Some((app, admin, beneath)) = written(ctx) else { return };
    let head = linked(&admin);
    let seen = scratch::directory("heads").join("heads");
    fs::write(&seen, head.to_string()).expect("write the head");
    assert!(app.terminate().success());
    cut(ctx, &beneath, 2);
    // What was noted beside the database shows it, and so does what a county has kept.
    let seen = seen.to_str().expect("a name");
    let (code, stdout, _) = run(&mut app.cli(&["audit", "verify", "--heads", seen]));
    assert_eq!(code, Some(1), "{stdout}");
    assert_eq!(stdout.matches("tail_cut").count(), 2, "{stdout}");
    // Without them nobody could tell: that is why they are kept.
    let noted = app.data_dir().join("audit-head.json");
    let text = fs::read_to_string(&noted).expect("the noted head");
    fs::remove_file(&noted).expect("remove it");
    let (code, stdout, _) = run(&mut app.cli(&["audit", "verify"]));
    assert_eq!(code, Some(0), "{stdout}");
    fs::write(&noted, text).expect("put it back");
    // The server notices as soon as it makes the next link.
    app.restart();
    let admin = app.admin();
    unit(&admin, SHAN);
    linked(&admin);
    assert!(app.admin().get("/metrics").text().contains("laogan_audit_broken 1"));
    let alarms = super::told(&admin, &[("filter[kind]", "alarm")]);
    assert!(!alarms.is_empty(), "no alarm");
}

fn a_chain_that_was_made_anew_shows(ctx: &Ctx) {
    let Some((app, admin, beneath)) = written(ctx) else { return };
    let head = linked(&admin);
    // The server itself makes a good chain over what was changed, with good signatures.
    beneath.try_sql("UPDATE journal SET actor = 'user:somebody-else' WHERE seq = 5");
    beneath.try_sql("DELETE FROM audit_links");
    for _ in 0..6 {
        unit(&admin, SHAN);
        linked(&admin);
    }
    assert!(app.admin().get("/metrics").text().contains("laogan_audit_broken 1"));
    let seen = scratch::directory("heads").join("heads");
    fs::write(&seen, head.to_string()).expect("write the head");
    let (code, stdout, _) = run(&mut app.cli(&["audit", "verify", "--heads", seen.to_str().expect("a name")]));
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stdout.contains("replaced") || stdout.contains("tail_cut"), "{stdout}");
}

fn a_line_that_was_added_later_shows(ctx: &Ctx) {
    let Some((app, admin, beneath)) = written(ctx) else { return };
    // In the place of one that was removed, so that no number is missing.
    let columns = "at, kind, outcome, actor, client, token_id, address, user_agent, request_id, entity, entity_id, \
                   fields, purpose, division_code, detail, times";
    beneath.try_sql(&format!(
        "DELETE FROM audit_events WHERE seq = 2; INSERT INTO audit_events (seq, {columns}) \
         SELECT 2, {columns} FROM audit_events WHERE seq = 1"
    ));
    claim(&app, &admin, &["lines_changed"]);
}

fn servers_that_write_at_once_make_one_chain(ctx: &Ctx) {
    let app = ctx.app();
    let twin = app.twin();
    let admin = app.admin();
    let there = Client::clone(&twin.anonymous().bearing(admin.bearer().expect("a token")));
    thread::scope(|scope| {
        for by in [&admin, &there, &admin, &there] {
            scope.spawn(move || {
                for n in 0..40 {
                    unit(by, SHAN);
                    by.bearing("no token").get("/units").status(401);
                    if n % 5 == 0 {
                        linked(by);
                    }
                }
            });
        }
    });
    let (one, other) = (linked(&admin), linked(&there));
    let report = claim(&app, &admin, &[]);
    assert!(report["journal_lines"].as_i64() >= Some(160), "{report}");
    let numbers: Vec<i64> = [one, other].iter().filter_map(|h| h["link"].as_i64()).collect();
    assert!(numbers.iter().all(|n| *n <= report["head"]["link"].as_i64().expect("a number")));
    let beneath = Beneath::of(&app);
    if let Some(forks) = beneath.try_sql("SELECT count(*) - max(id) FROM audit_links") {
        assert_eq!(forks, "0", "links are not 1, 2, 3 and so on");
    }
}

fn a_long_chain_is_verified_in_parts(ctx: &Ctx) {
    let Some((_app, admin, beneath)) = written(ctx) else { return };
    beneath.try_sql("UPDATE journal SET actor = 'user:somebody-else' WHERE seq = 8");
    let (mut after, mut found, mut parts) = (0, vec![], 0);
    loop {
        let report = admin.get(&format!("/audit/verify?lines=1&after_link={after}")).status(200);
        found.extend(codes(report.json()).into_iter().map(str::to_owned));
        parts += 1;
        match report["next_after_link"].as_i64() {
            Some(next) => after = next,
            None => break assert_eq!(report["complete"], true),
        }
    }
    assert!(parts >= 4, "{parts}");
    assert_eq!(found, ["lines_changed"]);
    admin.get("/audit/verify?lines=0").status(400).problem("invalid_parameter");
    admin.get("/audit/verify?after=1").status(400).error_at("/after", "unknown_parameter");
}

fn a_restore_is_told_and_is_no_alarm(ctx: &Ctx) {
    let tools = std::process::Command::new("pg_dump").arg("--version").output().is_ok();
    let Some((app, admin, _)) = written(ctx).filter(|_| tools) else { return };
    let file = scratch::directory("backups").join("laogan.backup");
    let name = file.to_str().expect("a name");
    let (code, _, stderr) = run(&mut app.cli(&["backup", name]));
    assert_eq!(code, Some(0), "{stderr}");
    unit(&admin, SHAN);
    let lost = linked(&admin);
    assert!(app.terminate().success());
    let (code, _, stderr) = run(&mut app.cli(&["restore", name]));
    assert_eq!(code, Some(0), "{stderr}");
    app.restart();
    let admin = app.admin();
    linked(&admin);
    let seen = scratch::directory("heads").join("heads");
    fs::write(&seen, lost.to_string()).expect("write the head");
    let (code, stdout, stderr) = run(&mut app.cli(&["audit", "verify", "--heads", seen.to_str().expect("a name")]));
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("restored from a backup before link"), "{stdout}");
    assert!(stdout.contains("1 ended by a restore") || stdout.contains("2 ended by a restore"), "{stdout}");
    let report = verify(&admin);
    assert!(report["intact"] == true && report["restores"].as_array().map(Vec::len) == Some(1), "{report}");
    assert!(!super::told(&admin, &[("filter[kind]", "restore")]).is_empty());
    assert!(app.admin().get("/metrics").text().contains("laogan_audit_broken 0"));
}
