//! The server is killed while it writes, again and again. `LAOGAN_KILLS` says how often; a few times by default.

use std::{thread::sleep, time::Duration};

use serde_json::json;

use super::{
    beneath::Beneath,
    process::{Process, first_administrator},
    workload::Books,
};
use crate::{
    racing::records,
    support::{
        App, Case, Ctx, Engine, cases,
        postgres::{Cluster, Settings},
        scratch,
    },
};

pub fn tests() -> Vec<Case> {
    [
        cases![
            no_acknowledged_write_is_lost_when_the_server_is_killed,
            a_start_that_is_killed_is_made_good_by_the_next
        ],
        cases![postgres: no_acknowledged_write_is_lost_when_postgres_is_killed],
    ]
    .concat()
}

/// How often the server is killed; PostgreSQL itself, which takes longer to come back, a quarter as often.
fn kills() -> usize {
    std::env::var("LAOGAN_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(12)
}

/// A few milliseconds more or less, never the same twice.
fn chance(from: u64, to: u64) -> Duration {
    let random = uuid::Uuid::now_v7().as_u128() as u64;
    Duration::from_millis(from + random % (to - from))
}

fn no_acknowledged_write_is_lost_when_the_server_is_killed(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let mut books = Books::default();
    for _ in 0..kills() {
        books.write_until(&admin, || {
            sleep(chance(20, 300));
            app.kill9();
        });
        app.restart();
        books.settle(&admin);
    }
    books.settle_all(&admin);
    Beneath::of(&app).claim_consistent();
    assert!(books.acknowledged > 10 * kills(), "too few writes to prove anything: {}", books.acknowledged);
}

/// The server lives, its database does not: what it acknowledged must have been committed, what it refused with 503
/// may have been.
fn no_acknowledged_write_is_lost_when_postgres_is_killed(_: &Ctx) {
    let cluster = Cluster::start(Settings { durable: true });
    let url = cluster.empty_database();
    let app = App::start_on(&url, |_| {});
    let admin = app.admin();
    let mut books = Books::default();
    for _ in 0..kills().div_ceil(4) {
        books.write_until(&admin, || {
            sleep(chance(100, 600));
            cluster.kill9();
        });
        cluster.restart();
        back_again(&app);
        books.settle(&admin);
    }
    books.settle_all(&admin);
    Beneath::in_cluster(&cluster, &url).claim_consistent();
    assert!(books.acknowledged > 10, "too few writes to prove anything: {}", books.acknowledged);
}

/// The server recovers by itself: it is ready within a few seconds, and then stays so.
fn back_again(app: &App) {
    let ready = || app.anonymous().get("/health/ready").status == 200;
    let deadline = std::time::Instant::now() + Duration::from_secs(8);
    let mut quiet = 0;
    while quiet < 10 {
        assert!(std::time::Instant::now() < deadline, "it does not recover");
        quiet = if ready() { quiet + 1 } else { 0 };
        sleep(Duration::from_millis(20));
    }
}

/// Keys, schema, divisions and the administrator are made step by step at the first start. Whichever step it is
/// killed in, the next start makes the rest.
fn a_start_that_is_killed_is_made_good_by_the_next(ctx: &Ctx) {
    for _ in 0..kills().div_ceil(3) {
        let data = scratch::directory("data");
        let cluster = (ctx.engine == Engine::Postgres).then(|| Cluster::shared().expect("the shared cluster"));
        let url = cluster.map(Cluster::empty_database);
        for _ in 0..2 {
            let starting = Process::serve(&data, url.as_deref());
            sleep(chance(10, 400));
            starting.kill9();
        }
        let mut process = Process::serve(&data, url.as_deref());
        let admin = first_administrator(&process.ready(), &data);
        assert_eq!(admin.get("/users").status(200).items().len(), 1);
        let count = admin.get("/divisions?count=exact").status(200)["count"].clone();
        assert!(count.as_i64().is_some_and(|count| count > 9), "all divisions: {count}");
        admin.post("/units", records::unit("首次启动")).status(201);
        assert_eq!(admin.get("/me").status(200)["username"], json!("admin"));
        drop(process);
        scratch::remove(&data);
        if let (Some(cluster), Some(url)) = (cluster, url) {
            cluster.drop_database(&url);
        }
    }
}
