//! Sessions: refreshed once and only once, ended on every server at once.

use std::{sync::Barrier, thread};

use serde_json::json;

use super::{alarms, login, text, user_path};
use crate::support::{App, Case, Ctx, cases, client::Client, response::Response};

const SHAN: &str = "371722";

pub fn tests() -> Vec<Case> {
    [
        cases![
            a_refresh_gives_a_successor,
            fifty_at_once_with_one_key_get_one_successor,
            a_lost_answer_is_given_again,
            another_key_on_a_used_token_ends_the_session,
            a_thief_who_comes_first_is_found_out,
            nobody_is_signed_out_by_races,
            a_session_ends_when_its_user_says,
            a_session_ends_when_an_administrator_says,
            a_new_password_ends_the_other_sessions,
            a_disabled_user_refreshes_nothing,
        ],
        cases![postgres: what_one_server_ends_is_refused_by_the_next_request_at_another],
    ]
    .concat()
}

fn refresh(app: &App, token: &str, key: &str) -> Response {
    app.anonymous().request("POST", "/auth/refresh").key(key).json(json!({"refresh_token": token})).send()
}

fn fresh_key() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A signed-in user: the answer of the sign-in.
fn signed_in(app: &App) -> Response {
    let (name, password) = app.new_user("county_admin", SHAN);
    login(app, &name, &password).status(200)
}

fn bearer(app: &App, answer: &Response) -> Client {
    app.anonymous().bearing(&text(answer, "access_token"))
}

fn a_refresh_gives_a_successor(ctx: &Ctx) {
    let app = ctx.app();
    let first = signed_in(&app);
    assert_eq!(first["expires_in"], 600);
    let second = refresh(&app, &text(&first, "refresh_token"), &fresh_key()).status(200);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(second["session_id"], first["session_id"]);
    assert_eq!(second.header("cache-control"), Some("no-store"));
    bearer(&app, &second).get("/cadres").status(200);
    bearer(&app, &first).get("/cadres").status(200);
    refresh(&app, &text(&second, "refresh_token"), &fresh_key()).status(200);
    for none in
        ["", "lg_ref_", "lg_ref_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &text(&first, "access_token")[..99]]
    {
        refresh(&app, none, &fresh_key()).status(401).problem("session_ended");
    }
    let body = json!({"refresh_token": text(&second, "refresh_token")});
    app.anonymous()
        .request("POST", "/auth/refresh")
        .no_key()
        .json(body)
        .send()
        .status(400)
        .problem("idempotency_key_required");
    bearer(&app, &first).bearing(&text(&first, "refresh_token")).get("/me").status(401);
}

fn fifty_at_once_with_one_key_get_one_successor(ctx: &Ctx) {
    let app = ctx.app();
    let token = text(&signed_in(&app), "refresh_token");
    let (key, barrier) = (fresh_key(), Barrier::new(50));
    let mut successors = thread::scope(|scope| {
        let one = || {
            barrier.wait();
            text(&refresh(&app, &token, &key).status(200), "refresh_token")
        };
        let all: Vec<_> = (0..50).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|t| t.join().unwrap()).collect::<Vec<_>>()
    });
    successors.dedup();
    assert_eq!(successors.len(), 1);
    refresh(&app, &successors[0], &fresh_key()).status(200);
    assert_eq!(alarms(&app, "refresh_token_reused"), 0);
}

/// The client has kept its key; the answer was lost, and the server has been started anew since.
fn a_lost_answer_is_given_again(ctx: &Ctx) {
    let app = ctx.app();
    let (token, key) = (text(&signed_in(&app), "refresh_token"), fresh_key());
    let lost = refresh(&app, &token, &key).status(200);
    app.kill9();
    app.restart();
    let again = refresh(&app, &token, &key).status(200);
    assert_eq!(again["refresh_token"], lost["refresh_token"]);
    let next = refresh(&app, &text(&again, "refresh_token"), &fresh_key()).status(200);
    // Even when the client has moved on: a message that was late does no harm.
    assert_eq!(refresh(&app, &token, &key).status(200)["refresh_token"], lost["refresh_token"]);
    bearer(&app, &next).get("/me").status(200);
}

fn another_key_on_a_used_token_ends_the_session(ctx: &Ctx) {
    let app = ctx.app();
    let first = signed_in(&app);
    let token = text(&first, "refresh_token");
    let second = refresh(&app, &token, &fresh_key()).status(200);
    refresh(&app, &token, &fresh_key()).status(401).problem("session_ended");
    for dead in [&token, &text(&second, "refresh_token")] {
        refresh(&app, dead, &fresh_key()).status(401).problem("session_ended");
    }
    bearer(&app, &first).get("/me").status(401).problem("unauthenticated");
    bearer(&app, &second).get("/me").status(401).problem("unauthenticated");
    assert_eq!(alarms(&app, "refresh_token_reused"), 1);
}

fn a_thief_who_comes_first_is_found_out(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let (stolen, other) = (login(&app, &name, &password).status(200), login(&app, &name, &password).status(200));
    let thief = refresh(&app, &text(&stolen, "refresh_token"), &fresh_key()).status(200);
    bearer(&app, &thief).get("/me").status(200);
    refresh(&app, &text(&stolen, "refresh_token"), &fresh_key()).status(401).problem("session_ended");
    bearer(&app, &thief).get("/me").status(401).problem("unauthenticated");
    refresh(&app, &text(&thief, "refresh_token"), &fresh_key()).status(401).problem("session_ended");
    assert_eq!(alarms(&app, "refresh_token_reused"), 1);
    // The user's other devices go on.
    bearer(&app, &other).get("/me").status(200);
}

/// Four clients, each of which sends every refresh three times at once because the network is bad.
fn nobody_is_signed_out_by_races(ctx: &Ctx) {
    let app = ctx.app();
    let rounds = crate::support::soak().map_or(25, |_| 2500);
    thread::scope(|scope| {
        for _ in 0..4 {
            let app = &app;
            scope.spawn(move || {
                let mut token = text(&signed_in(app), "refresh_token");
                for _ in 0..rounds {
                    let key = fresh_key();
                    let next = thread::scope(|scope| {
                        let ask = || text(&refresh(app, &token, &key).status(200), "refresh_token");
                        let all = [scope.spawn(ask), scope.spawn(ask), scope.spawn(ask)];
                        all.map(|t| t.join().unwrap())
                    });
                    assert!(next[0] == next[1] && next[1] == next[2] && next[0] != token);
                    token.clone_from(&next[0]);
                }
            });
        }
    });
    assert_eq!(alarms(&app, "refresh_token_reused"), 0);
}

fn a_session_ends_when_its_user_says(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let all: Vec<Response> = (0..4).map(|_| login(&app, &name, &password).status(200)).collect();
    let [a, b, c, d] = [0, 1, 2, 3].map(|n| bearer(&app, &all[n]));
    let list = a.get("/sessions").status(200);
    assert_eq!(list.items().len(), 4);
    let current: Vec<_> = list.items().iter().filter(|s| s["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!((&current[0]["id"], &current[0]["address"]), (&all[0]["session_id"], &json!("127.0.0.1")));
    b.post("/auth/logout", json!({})).status(204);
    b.get("/me").status(401).problem("unauthenticated");
    refresh(&app, &text(&all[1], "refresh_token"), &fresh_key()).status(401).problem("session_ended");
    // Another's session is none of his.
    let other = signed_in(&app);
    a.delete(&format!("/sessions/{}", text(&other, "session_id"))).status(404).problem("not_found");
    a.delete(&format!("/sessions/{}", text(&all[2], "session_id"))).status(204);
    c.get("/me").status(401);
    d.get("/me").status(200);
    a.delete("/sessions").status(204);
    d.get("/me").status(401);
    a.get("/me").status(200);
    assert_eq!(a.get("/sessions").items().len(), 1);
    bearer(&app, &other).get("/me").status(200);
}

fn a_session_ends_when_an_administrator_says(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let all: Vec<Response> = (0..3).map(|_| login(&app, &name, &password).status(200)).collect();
    let user = bearer(&app, &all[0]);
    let path = format!("{}/sessions", user_path(&user));
    assert_eq!(app.admin().get(&path).status(200).items().len(), 3);
    app.user("county_admin", "371721").get(&path).status(404).problem("not_found");
    app.user("auditor", SHAN).delete(&path).status(403).problem("forbidden");
    let first = format!("{path}/{}", text(&all[0], "session_id"));
    app.admin().delete(&first).status(204);
    user.get("/me").status(401);
    let elsewhere = format!("{path}/{}", text(&signed_in(&app), "session_id"));
    app.admin().delete(&elsewhere).status(404).problem("not_found");
    bearer(&app, &all[1]).get("/me").status(200);
    app.admin().delete(&path).status(204);
    bearer(&app, &all[1]).get("/me").status(401);
    assert_eq!(app.admin().get(&path).items().len(), 0);
    login(&app, &name, &password).status(200);
}

fn a_new_password_ends_the_other_sessions(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let (one, two) = (app.login(&name, &password), app.login(&name, &password));
    let change = json!({"current_password": password, "new_password": "another horse, another battery"});
    one.post("/auth/password", change).status(204);
    one.get("/me").status(200);
    two.get("/me").status(401).problem("unauthenticated");
    let path = format!("{}/password", user_path(&one));
    app.admin().post(&path, json!({"password": "a third horse, no battery"})).status(204);
    one.get("/me").status(401).problem("unauthenticated");
    // From the command line as well.
    let user = app.login(&name, "a third horse, no battery");
    let mut set = app.cli(&["user", "password", "--username", &name, "--password-stdin"]);
    let mut set = set.stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut set.stdin.take().unwrap(), "a fourth horse\n".as_bytes()).unwrap();
    assert!(set.wait().unwrap().success());
    user.get("/me").status(401).problem("unauthenticated");
    login(&app, &name, "a fourth horse").status(200);
}

fn a_disabled_user_refreshes_nothing(ctx: &Ctx) {
    let app = ctx.app();
    let answer = signed_in(&app);
    let path = user_path(&bearer(&app, &answer));
    app.admin().patch_if(&path, "\"r1\"", json!({"disabled": true})).status(200);
    refresh(&app, &text(&answer, "refresh_token"), &fresh_key()).status(401).problem("session_ended");
    bearer(&app, &answer).get("/me").status(401).problem("unauthenticated");
}

/// Not a moment later: the answer to whoever ends it comes when it is so everywhere.
fn what_one_server_ends_is_refused_by_the_next_request_at_another(ctx: &Ctx) {
    let app = ctx.app();
    let twin = app.twin();
    let there = |client: &Client| twin.anonymous().bearing(client.bearer().unwrap());
    for round in 0..5 {
        let (name, password) = app.new_user("county_admin", SHAN);
        let user = app.login(&name, &password);
        let made = app.admin().post("/tokens", App::token_request(&["cadres:read"], SHAN)).status(201);
        let token = twin.anonymous().bearing(&text(&made, "token"));
        let path = user_path(&user);
        (0..3).for_each(|_| drop(there(&user).get("/cadres").status(200)));
        token.get("/cadres").status(200);
        match round {
            0 => drop(user.post("/auth/logout", json!({})).status(204)),
            1 => drop(app.admin().delete(&format!("{path}/sessions")).status(204)),
            2 => drop(app.admin().patch_if(&path, "\"r1\"", json!({"disabled": true})).status(200)),
            3 => drop(app.admin().post(&format!("{path}/password"), json!({"password": "another horse"})).status(204)),
            _ => drop(app.admin().delete_if(&path, "\"r1\"").status(204)),
        }
        there(&user).get("/cadres").status(401).problem("unauthenticated");
        app.admin().delete(&format!("/tokens/{}", text(&made, "token_id"))).status(204);
        token.get("/cadres").status(401).problem("unauthenticated");
    }
    // What signs in here is known there.
    twin.login("admin", &admin_password(&app)).get("/cadres").status(200);
}

fn admin_password(app: &App) -> String {
    let text = std::fs::read_to_string(app.data_dir().join("initial-admin.txt")).unwrap();
    text.lines().find_map(|line| line.strip_prefix("password: ")).unwrap().to_owned()
}
