//! What is told of it to those who audit.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{login, text, user_path};
use crate::support::{App, Case, Ctx, cases, postgres::Cluster};

const SHAN: &str = "371722";

pub fn tests() -> Vec<Case> {
    cases![postgres: what_happens_to_accounts_and_tokens_is_told]
}

fn what_happens_to_accounts_and_tokens_is_told(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let user = app.login(&name, &password);
    let id = user_path(&user).trim_start_matches("/users/").to_owned();
    (0..4).for_each(|_| drop(login(&app, &name, "wrong password").status(401)));
    login(&app, "a secret in the wrong field", "wrong password").status(401);
    let made = user.post("/tokens", App::token_request(&["cadres:read"], SHAN)).status(201);
    let token = text(&made, "token_id");
    user.post(&format!("/tokens/{token}/rotate"), json!({"overlap_hours": 0})).status(201);
    app.anonymous().bearing(&text(&made, "token")).get("/cadres").status(401);
    app.admin().post(&format!("{}/unlock", user_path(&user)), json!({})).status(204);
    user.post("/auth/logout", json!({})).status(204);
    let told = [
        ("one for many of a minute", format!("kind = 'sign_in' AND outcome = 'failure' AND entity_id = '{id}'"), 1..=2),
        ("who signed in", format!("kind = 'sign_in' AND outcome = 'success' AND actor = 'user:{id}'"), 1..=1),
        ("a name that is nobody's is not told", "detail LIKE '%secret%' OR actor LIKE '%secret%'".into(), 0..=0),
        ("made and rotated", format!("kind = 'token' AND entity_id = '{token}'"), 2..=2),
        ("a dead token", format!("kind = 'alarm' AND detail = 'rotated_token_used' AND token_id = '{token}'"), 1..=1),
        ("unlocked", format!("kind = 'account' AND detail = 'unlocked' AND entity_id = '{id}'"), 1..=1),
        ("signed out", "kind = 'session' AND detail = 'signed_out'".into(), 1..=1),
        ("the password was set", format!("kind = 'credential' AND entity_id = '{id}'"), 1..=1),
    ];
    let deadline = Instant::now() + Duration::from_secs(10);
    for (what, condition, expected) in told {
        let count = || -> i32 {
            let cluster = Cluster::shared().expect("the shared cluster");
            let url = app.database().expect("a database");
            cluster.sql(url, &format!("SELECT count(*) FROM audit_events WHERE {condition}")).parse().expect("a number")
        };
        while !expected.contains(&count()) {
            assert!(Instant::now() < deadline, "{what}: {}", count());
            sleep(Duration::from_millis(100));
        }
    }
}
