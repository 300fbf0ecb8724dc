//! The processes that the harness starts, kills and clears away.

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{
    App, Case, Ctx, cases,
    postgres::{Cluster, Settings},
    scratch,
};

/// Set in a second test process, which is there to be killed.
const VICTIM: &str = "LAOGAN_HARNESS_VICTIM";

pub fn tests() -> Vec<Case> {
    [
        cases![
            a_server_starts_and_knows_its_administrator,
            a_killed_server_comes_back_and_its_clients_follow,
            a_server_ends_when_asked,
            users_and_tokens_are_callers,
            two_servers_share_nothing,
        ],
        cases![
            postgres:
            twins_share_everything,
            fresh_databases_share_nothing,
            a_killed_cluster_comes_back_with_what_was_committed,
            a_server_runs_on_a_cluster_of_its_own,
            a_killed_test_process_leaves_nothing_behind,
        ],
    ]
    .concat()
}

fn a_server_starts_and_knows_its_administrator(ctx: &Ctx) {
    let app = ctx.app();
    app.anonymous().get("/health/ready").status(200);
    app.admin().get("/me").status(200);
    app.anonymous().get("/me").status(401);
}

fn a_killed_server_comes_back_and_its_clients_follow(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    app.kill9();
    assert!(admin.request("GET", "/me").try_send().is_err());
    app.restart();
    admin.get("/me").status(200);
}

fn a_server_ends_when_asked(ctx: &Ctx) {
    let app = ctx.app();
    assert!(app.terminate().success());
    app.restart();
    app.admin().get("/me").status(200);
}

fn users_and_tokens_are_callers(ctx: &Ctx) {
    let app = ctx.app();
    app.user("county_admin", "371722").get("/me").status(200);
    app.token(&["cadres:read"], "371722").get("/cadres").status(200);
}

fn two_servers_share_nothing(ctx: &Ctx) {
    let (one, other) = (ctx.app(), ctx.app());
    assert_ne!(one.url(), other.url());
    let (name, password) = one.new_user("county_admin", "371722");
    one.login(&name, &password);
    other.anonymous().post("/auth/login", json!({"username": name, "password": password})).status(401);
}

fn twins_share_everything(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", "371722");
    let twin = app.twin();
    twin.login(&name, &password).get("/me").status(200);
}

fn fresh_databases_share_nothing(_: &Ctx) {
    let cluster = Cluster::shared().unwrap();
    let (one, other) = (cluster.empty_database(), cluster.empty_database());
    cluster.sql(&one, "CREATE TABLE t (v text); INSERT INTO t VALUES ('王')");
    assert_eq!(cluster.sql(&one, "SELECT v FROM t"), "王");
    assert_eq!(cluster.sql(&other, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), "0");
    cluster.drop_database(&one);
    cluster.drop_database(&other);
    let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{}'", one.rsplit('/').next().unwrap());
    assert_eq!(cluster.sql("postgres", &left), "0");
}

fn a_killed_cluster_comes_back_with_what_was_committed(_: &Ctx) {
    let cluster = Cluster::start(Settings { durable: true });
    let database = cluster.empty_database();
    assert_eq!(cluster.sql(&database, "SHOW fsync"), "on");
    cluster.sql(&database, "CREATE TABLE t (v int)");
    cluster.sql(&database, "INSERT INTO t VALUES (7)");
    cluster.kill9();
    cluster.restart();
    assert_eq!(cluster.sql(&database, "SELECT v FROM t"), "7");
}

fn a_server_runs_on_a_cluster_of_its_own(_: &Ctx) {
    let cluster = Cluster::start(Settings::default());
    let app = App::start_on(&cluster.empty_database(), |_| {});
    app.admin().get("/me").status(200);
}

/// Starts this test again in a process of its own, kills that once it has a cluster and a server, and waits for the
/// guardian to do its work.
fn a_killed_test_process_leaves_nothing_behind(ctx: &Ctx) {
    if env::var_os(VICTIM).is_some() {
        let app = ctx.app();
        println!("victim {} {}", app.url(), scratch::root().display());
        sleep(Duration::from_secs(60));
        return;
    }
    let name = "postgres::harness::processes::a_killed_test_process_leaves_nothing_behind";
    let mut victim = Command::new(env::current_exe().unwrap())
        .args(["--exact", name])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told = lines.filter_map(|line| Some(line.strip_prefix("victim ")?.to_owned())).next();
    victim.kill().unwrap();
    victim.wait().unwrap();
    let told = told.expect("the second process has started a server");
    let (url, root) = told.split_once(' ').unwrap();
    let address = url.trim_start_matches("http://");
    let deadline = Instant::now() + Duration::from_secs(20);
    while Path::new(root).exists() || std::net::TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "{root} or the server at {address} is still there");
        sleep(Duration::from_millis(50));
    }
}
