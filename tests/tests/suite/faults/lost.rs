//! PostgreSQL is gone, and comes back.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{beneath::Beneath, claim_private};
use crate::{
    racing::{at_once, records},
    support::{
        App, Case, Ctx, cases,
        client::{Client, Request},
        postgres::{Cluster, Settings},
        random,
        response::Response,
    },
};

/// Within this a caller wants to know that it does not work now.
const ANSWER: Duration = Duration::from_secs(6);

pub fn tests() -> Vec<Case> {
    cases![
        postgres:
        a_lost_database_is_a_503_and_its_return_is_noticed,
        a_restarted_database_is_used_again_by_idle_servers,
        a_row_that_somebody_else_holds_is_a_503,
    ]
}

/// Sends it, and claims that it is refused for now, soon and with the time for another try.
#[track_caller]
fn refused(request: Request) -> Response {
    let started = Instant::now();
    let answer = request.send().status(503).problem("unavailable");
    let took = started.elapsed();
    assert!(took < ANSWER, "it took {took:?}: {answer}");
    assert!(answer.header("retry-after").is_some_and(|value| value.parse::<u32>().is_ok()), "{answer}");
    assert_eq!(answer["retryable"], true);
    answer
}

fn a_lost_database_is_a_503_and_its_return_is_noticed(_: &Ctx) {
    let cluster = Cluster::start(Settings { durable: true });
    let url = cluster.empty_database();
    let app = App::start_on(&url, |_| {});
    let admin = app.admin();
    let unit = admin.post("/units", records::unit("数据库停机")).status(201);
    let path = format!("/units/{}", unit.id());
    let (number, name) = (records::id_number(77), "失联之人");
    let cadre = records::cadre(name, &unit.id(), Some(&number));

    cluster.kill9();
    app.anonymous().get("/health/live").status(200);
    refused(app.anonymous().request("GET", "/health/ready"));
    // More callers than connections: none waits for another one's wait.
    at_once(24, |caller| match caller % 6 {
        0 => refused(admin.request("GET", &path)),
        1 => refused(admin.request("GET", "/cadres").query(&[("q", name)])),
        2 => refused(admin.request("POST", "/cadres").json(cadre.clone())),
        3 => refused(admin.request("PATCH", &path).if_match("\"r1\"").json(json!({"sort_no": 1}))),
        4 => refused(
            app.anonymous()
                .request("POST", "/auth/login")
                .json(json!({"username": "admin", "password": "not this one"})),
        ),
        _ => refused(admin.request("GET", "/cadres/export")),
    });
    // A caller who is not known yet: the token cannot be looked up.
    let stranger = admin.bearing("lg_pat_00000000000000000000000000000000000000");
    assert!([401, 503].contains(&stranger.get("/me").status));

    cluster.restart();
    let back = Instant::now();
    let key = random();
    let post = || admin.request("POST", "/cadres").key(&key).json(cadre.clone()).send();
    let made = loop {
        let answer = post();
        if answer.status == 201 {
            break answer;
        }
        answer.status(503);
        assert!(back.elapsed() < Duration::from_secs(5), "it does not recover");
        std::thread::sleep(Duration::from_millis(50));
    };
    // From here on nobody stumbles over what is left of the time before.
    at_once(24, |_| {
        admin.get(&path).status(200);
        admin.request("GET", "/cadres").query(&[("q", name)]).send().status(200);
        admin.get("/cadres/export").status(200);
    });
    app.anonymous().get("/health/ready").status(200);
    let lines = || admin.get(&format!("/cadres/{}/history", made.id())).items()[0]["seq"].is_string();
    while !lines() {
        assert!(back.elapsed() < Duration::from_secs(8), "journal lines are not numbered any more");
        std::thread::sleep(Duration::from_millis(50));
    }
    Beneath::in_cluster(&cluster, &url).claim_consistent();
    let stderr = app.stderr();
    let causes = ["Connection refused", "server closed the connection", "terminating connection"];
    assert!(causes.iter().any(|cause| stderr.contains(cause)), "the cause is in the log:\n{stderr}");
    claim_private(&stderr, &[name, &number]);
}

/// Nothing was asked while the database was away, so the server holds connections that are dead without knowing it.
fn a_restarted_database_is_used_again_by_idle_servers(_: &Ctx) {
    let cluster = Cluster::start(Settings::default());
    let app = App::start_on(&cluster.empty_database(), |_| {});
    let admin = app.admin();
    let path = format!("/units/{}", admin.post("/units", records::unit("无人察觉")).status(201).id());
    let every = |admin: &Client| {
        admin.get(&path).status(200);
        admin.get("/units?count=exact").status(200);
        admin.get("/units/export").status(200);
        admin.post("/units", records::unit("无人察觉")).status(201);
    };
    at_once(16, |_| every(&admin));
    // So that no connection was used a moment before.
    std::thread::sleep(Duration::from_millis(1100));
    cluster.kill9();
    cluster.restart();
    std::thread::sleep(Duration::from_millis(1100));
    at_once(16, |_| every(&admin));
}

/// Somebody looks at a row in a psql of their own and goes for lunch. Writes of that row are refused in the end; all
/// others go on.
fn a_row_that_somebody_else_holds_is_a_503(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let beneath = Beneath::of(&app);
    let [held, free] =
        ["被锁", "未锁"].map(|name| format!("/units/{}", admin.post("/units", records::unit(name)).status(201).id()));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            beneath.try_sql("BEGIN; SELECT 1 FROM units WHERE name = '被锁' FOR UPDATE; SELECT pg_sleep(13); COMMIT")
        });
        let asleep =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
        while beneath.try_sql(asleep).as_deref() != Some("1") {
            std::thread::sleep(Duration::from_millis(10));
        }
        scope.spawn(|| {
            let answer = admin.patch_if(&held, "\"r1\"", json!({"sort_no": 1})).status(503).problem("unavailable");
            assert!(answer.header("retry-after").is_some(), "{answer}");
        });
        for version in 1..=20 {
            admin.patch_if(&free, &format!("\"r{version}\""), json!({"sort_no": version})).status(200);
            admin.get(&held).status(200);
        }
    });
    admin.patch_if(&held, "\"r1\"", json!({"sort_no": 1})).status(200);
    assert!(app.stderr().contains("lock timeout"), "the cause is in the log:\n{}", app.stderr());
}
