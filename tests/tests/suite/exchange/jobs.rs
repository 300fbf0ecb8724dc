//! Jobs that outlive a request and a server.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use super::files::csv;
use super::{CSV, counts, ended, send};
use crate::resources::make::SHAN;
use crate::support::{App, Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![
        a_job_goes_on_when_the_server_was_killed,
        a_job_goes_on_when_the_server_was_stopped,
        a_job_that_is_cancelled_stops,
        jobs_are_listed_newest_first,
        a_job_goes_by_the_rights_of_the_moment,
        what_a_job_keeps_goes_over_to_another_key,
    ]
}

fn units(count: usize) -> String {
    let mut rows = vec![vec!["单位名称".to_owned(), "单位性质".to_owned()]];
    rows.extend(
        (0..count).map(|n| vec![if n % 40 == 39 { "局".into() } else { format!("单县第{n}局") }, "机关".into()]),
    );
    csv(&rows)
}

/// Waits until a job has done something, and not all.
fn under_way(app: &App, id: &str) -> i64 {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let job = app.admin().get(&format!("/jobs/{id}")).status(200);
        let done = job["done"].as_i64().expect("a number");
        if done > 0 {
            assert_eq!(job["state"], "running", "it was too fast for this test: {job}");
            return done;
        }
        assert!(Instant::now() < deadline, "it does not begin: {job}");
        sleep(Duration::from_millis(2));
    }
}

fn whole(app: &App, id: &str, count: usize) {
    let report = ended(&app.admin(), id);
    let failed = (count / 40) as i64;
    assert_eq!(report["job"]["state"], "done", "{report}");
    assert_eq!(counts(&report), [count as i64 - failed, 0, 0, failed]);
    assert_eq!(
        (report["job"]["done"].as_i64(), report["job"]["total"].as_i64()),
        (Some(count as i64), Some(count as i64))
    );
    let stored = app.admin().get("/units?count=exact&limit=1").status(200);
    assert_eq!(stored["count"], count as i64 - failed, "none twice, none lost");
    let rows: Vec<i64> = super::findings(&report).into_iter().map(|(row, ..)| row).collect();
    let expected: Vec<i64> = (1..=failed).map(|n| n * 40 + 1).take(100).collect();
    assert_eq!(rows, expected);
}

fn a_job_goes_on_when_the_server_was_killed(ctx: &Ctx) {
    let app = ctx.app();
    let count = super::imports::many() * 2;
    let id = send(&app.admin(), &[("resource", "units"), ("division", SHAN)], CSV, units(count)).status(202).id();
    let mut last = 0;
    for _ in 0..3 {
        let done = under_way(&app, &id);
        assert!(done >= last);
        last = done;
        app.kill9();
        app.restart();
        let job = app.admin().get(&format!("/jobs/{id}")).status(200);
        if job["done"].as_i64() == Some(count as i64) {
            break;
        }
        // Its lease must end before somebody goes on.
        let deadline = Instant::now() + Duration::from_secs(60);
        while app.admin().get(&format!("/jobs/{id}"))["done"] == job["done"] && Instant::now() < deadline {
            sleep(Duration::from_millis(5));
        }
        if app.admin().get(&format!("/jobs/{id}"))["state"] != "running" {
            break;
        }
    }
    whole(&app, &id, count);
}

fn a_job_goes_on_when_the_server_was_stopped(ctx: &Ctx) {
    let app = ctx.app();
    let count = super::imports::many();
    let id = send(&app.admin(), &[("resource", "units"), ("division", SHAN)], CSV, units(count)).status(202).id();
    under_way(&app, &id);
    assert!(app.terminate().success());
    app.restart();
    whole(&app, &id, count);
}

fn a_job_that_is_cancelled_stops(ctx: &Ctx) {
    let app = ctx.app();
    let count = super::imports::many() * 2;
    let id = send(&app.admin(), &[("resource", "units"), ("division", SHAN)], CSV, units(count)).status(202).id();
    under_way(&app, &id);
    let cancelled = app.admin().request("POST", &format!("/jobs/{id}/cancel")).send().status(200);
    assert_eq!(cancelled["state"], "cancelled");
    app.admin().request("POST", &format!("/jobs/{id}/cancel")).send().status(409).problem("job_ended");
    sleep(Duration::from_millis(500));
    let stored = app.admin().get("/units?count=exact&limit=1").status(200)["count"].as_i64();
    let job = app.admin().get(&format!("/jobs/{id}")).status(200);
    assert_eq!(
        (job["created"].as_i64(), job["done"].as_i64()),
        (stored, cancelled["done"].as_i64()),
        "what was done stays"
    );
    assert!(stored < Some(count as i64 - count as i64 / 40));
}

fn jobs_are_listed_newest_first(ctx: &Ctx) {
    let app = ctx.app();
    let sent: Vec<String> =
        (0..3).map(|_| send(&app.admin(), &[("resource", "units")], CSV, units(1)).status(202).id()).collect();
    sent.iter().for_each(|id| drop(ended(&app.admin(), id)));
    let listed = app.admin().get("/jobs").status(200);
    let ids: Vec<&str> = listed.items().iter().filter_map(|j| j["id"].as_str()).collect();
    assert_eq!(ids, sent.iter().rev().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(app.admin().get("/jobs?state=done").status(200).items().len(), 3);
    assert_eq!(app.admin().get("/jobs?state=running").status(200).items().len(), 0);
    app.admin().get("/jobs?state=lost").status(400).error_at("/state", "unknown_code");
    app.admin().get("/jobs?page_token=x").status(400).problem("page_token_mismatch");
    app.user("unit_user", SHAN).get(&format!("/jobs/{}", sent[0])).status(404);
}

fn a_job_goes_by_the_rights_of_the_moment(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let county = app.login(&name, &password);
    let count = super::imports::many() * 2;
    let id = send(&county, &[("resource", "units")], CSV, units(count)).status(202).id();
    under_way(&app, &id);
    let users = app.admin().request("GET", "/users").query(&[("filter[username]", name.as_str())]).send().status(200);
    let user = format!("/users/{}", users.items()[0]["id"].as_str().expect("an id"));
    let etag = app.admin().get(&user).etag();
    app.admin().patch_if(&user, &etag, serde_json::json!({"disabled": true})).status(200);
    let report = ended(&app.admin(), &id);
    assert_eq!(report["job"]["state"], "failed", "{report}");
    assert_eq!(super::findings(&report)[0], (0, String::new(), "unauthenticated".into()), "{report}");
    let stored = app.admin().get("/units?count=exact&limit=1").status(200)["count"].as_i64();
    assert_eq!(report["job"]["created"].as_i64(), stored);
    assert!(stored < Some(count as i64 - count as i64 / 40));
}

fn what_a_job_keeps_goes_over_to_another_key(ctx: &Ctx) {
    let app = ctx.app();
    let id = send(&app.admin(), &[("resource", "units"), ("division", SHAN)], CSV, units(40)).status(202).id();
    let before = counts(&ended(&app.admin(), &id));
    let text = |arguments: &[&str]| {
        let done = app.cli(arguments).output().expect("a command");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    text(&["keys", "rotate"]);
    let listed = text(&["keys", "list"]);
    let old = listed.lines().find(|line| line.contains("  opens  ")).expect("the key of before");
    assert!(old.ends_with("  0 values"), "{listed}");
    text(&["keys", "retire", old.split(' ').next().expect("its id")]);
    let report = ended(&app.admin(), &id);
    assert_eq!((counts(&report), super::findings(&report)[0].0), (before, 41));
    let errors = app.admin().get(&format!("/imports/{id}/errors")).status(200);
    assert_eq!(super::files::read_csv(&errors.body).len(), 2);
}
