//! API tokens over their whole life: bound to networks and methods, rotated, revoked in numbers, found in wrong hands.

use std::{
    io::Write,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use super::{alarms, text, user_path};
use crate::{
    resources::make::{CAO, CITY, SHAN, cadre, with},
    support::{App, Case, Ctx, cases, client::Client, response::Response},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_token_is_bound_to_its_networks,
        a_token_is_bound_to_its_methods,
        a_token_is_changed_and_bites_at_once,
        a_rotated_token_works_for_the_overlap,
        a_token_that_was_rotated_out_raises_an_alarm,
        a_system_replaces_its_own_token,
        tokens_are_revoked_in_numbers,
        a_text_that_was_found_is_judged,
        what_a_token_was_used_for_is_told,
        a_system_is_warned_before_its_token_ends,
        tokens_are_made_for_the_accounts_of_systems,
        nobody_takes_over_a_token_of_one_who_may_more,
        the_command_line_does_the_same,
    ]
}

/// A fresh token with these fields: its answer, and its bearer.
fn made(app: &App, by: &Client, scopes: &[&str], fields: Value) -> (Response, Client) {
    let answer = by.post("/tokens", with(App::token_request(scopes, SHAN), fields)).status(201);
    let bearer = app.anonymous().bearing(&text(&answer, "token"));
    (answer, bearer)
}

fn path(answer: &Response) -> String {
    format!("/tokens/{}", text(answer, "token_id"))
}

fn a_token_is_bound_to_its_networks(ctx: &Ctx) {
    let app = super::behind_a_proxy(ctx);
    let cidrs = json!({"cidrs": ["10.17.22.9/24", "2001:db8:22::/48", "192.0.2.7"]});
    let (answer, token) = made(&app, &app.admin(), &["cadres:read"], cidrs);
    assert_eq!(answer["cidrs"], json!(["10.17.22.0/24", "2001:db8:22::/48", "192.0.2.7/32"]));
    let from = |address: &str| token.request("GET", "/cadres").header("x-forwarded-for", address).send();
    for good in ["10.17.22.1", "10.17.22.254", "2001:db8:22:1::1", "192.0.2.7", "6.6.6.6, 10.17.22.1"] {
        from(good).status(200);
    }
    // What the client itself writes in front counts for nothing.
    for bad in ["10.17.23.1", "192.0.2.8", "2001:db8:23::1", "10.17.22.1, 6.6.6.6", "unknown"] {
        from(bad).status(403).problem("token_address");
    }
    token.get("/cadres").status(403).problem("token_address");
    // Without a proxy that is trusted, nobody believes the header.
    let bare = ctx.app();
    let (_, token) = made(&bare, &bare.admin(), &["cadres:read"], json!({"cidrs": ["10.17.22.0/24"]}));
    token.request("GET", "/cadres").header("x-forwarded-for", "10.17.22.1").send().status(403).problem("token_address");
    let (_, token) = made(&bare, &bare.admin(), &["cadres:read"], json!({"cidrs": ["127.0.0.0/8"]}));
    token.request("GET", "/cadres").header("x-forwarded-for", "10.17.22.1").send().status(200);
    for bad in ["10.0.0.0/33", "county", ""] {
        let request = with(App::token_request(&["cadres:read"], SHAN), json!({"cidrs": ["10.0.0.0/8", bad]}));
        bare.admin().post("/tokens", request).status(422).error_at("/cidrs/1", "network_format");
    }
}

fn a_token_is_bound_to_its_methods(ctx: &Ctx) {
    let app = ctx.app();
    let one = format!("/cadres/{}", cadre(&app.admin(), SHAN, json!({})).id());
    let (_, token) = made(&app, &app.admin(), &["cadres:*"], json!({"methods": ["get", "PATCH"]}));
    token.get(&one).status(200);
    token.patch_if(&one, "\"r1\"", json!({"name": "某人"})).status(200);
    token.delete_if(&one, "\"r2\"").status(403).problem("token_method");
    token.post("/cadres", json!({})).status(403).problem("token_method");
    let request = with(App::token_request(&["cadres:read"], SHAN), json!({"methods": ["TRACE"], "rate_class": "free"}));
    let refused = app.admin().post("/tokens", request).status(422);
    refused.error_at("/methods/0", "unknown_code").error_at("/rate_class", "unknown_code");
}

fn a_token_is_changed_and_bites_at_once(ctx: &Ctx) {
    let app = ctx.app();
    let (answer, token) = made(&app, &app.admin(), &["cadres:read", "units:read"], json!({}));
    let path = path(&answer);
    token.get("/units").status(200);
    app.admin().patch(&path, json!({"scopes": ["cadres:read"]})).status(428).problem("precondition_required");
    let changed = app.admin().patch_if(&path, "\"r1\"", json!({"scopes": ["cadres:read"], "name": "改名"})).status(200);
    assert_eq!((&changed["version"], &changed["name"], changed.etag().as_str()), (&json!(2), &json!("改名"), "\"r2\""));
    token.get("/units").status(403).problem("forbidden");
    token.get("/cadres").status(200);
    app.admin().patch_if(&path, "\"r1\"", json!({"name": "x"})).status(412).problem("precondition_failed");
    app.admin().patch_if(&path, "\"r2\"", json!({"methods": ["POST"]})).status(200);
    token.get("/cadres").status(403).problem("token_method");
    let long = app.admin().patch_if(&path, "\"r3\"", json!({"expires_at": "2099-01-01T00:00:00Z"})).status(422);
    long.error_at("/expires_at", "expiry_range");
    app.admin().patch_if(&path, "\"r3\"", json!({"division_code": "3717"})).status(422);
    app.admin().patch_if(&path, "\"r3\"", json!({"user_id": "x"})).status(422).error_at("/user_id", "unknown_field");
    app.admin().delete(&path).status(204);
    app.admin().patch_if(&path, "\"r4\"", json!({"name": "x"})).status(409).problem("token_not_active");
}

fn a_rotated_token_works_for_the_overlap(ctx: &Ctx) {
    let app = ctx.app();
    let (old, bearer) =
        made(&app, &app.admin(), &["cadres:read"], json!({"methods": ["GET"], "cidrs": ["127.0.0.0/8"]}));
    let new = app.admin().post(&format!("{}/rotate", path(&old)), json!({"overlap_hours": 48})).status(201);
    let successor = app.anonymous().bearing(&text(&new, "token"));
    for both in [&bearer, &successor] {
        both.get("/cadres").status(200);
        both.post("/cadres", json!({})).status(403).problem("token_method");
    }
    for same in ["name", "purpose", "scopes", "division_code", "cidrs", "methods", "family_id", "user_id", "kind"] {
        assert_eq!(new[same], old[same], "{same}");
    }
    let seen = app.admin().get(&path(&old)).status(200);
    assert_eq!(seen["state"], "superseded");
    assert_eq!(app.admin().get(&path(&new))["state"], "active");
    // Once is enough, and a week the longest.
    app.admin().post(&format!("{}/rotate", path(&old)), json!({})).status(409).problem("token_not_active");
    let long = app.admin().post(&format!("{}/rotate", path(&new)), json!({"overlap_hours": 169})).status(422);
    long.error_at("/overlap_hours", "too_large");
    let family = app.admin().get(&format!("/tokens?filter[family_id]={}", text(&old, "family_id"))).status(200);
    assert_eq!(family.items().len(), 2);
    assert_eq!(alarms(&app, "rotated_token_used"), 0);
}

fn a_token_that_was_rotated_out_raises_an_alarm(ctx: &Ctx) {
    let app = ctx.app_with(|command| {
        command.env("LAOGAN_REUSE_REVOKES_FAMILY", "true");
    });
    let (old, bearer) = made(&app, &app.admin(), &["cadres:read"], json!({}));
    bearer.get("/cadres").status(200);
    let new = app.admin().post(&format!("{}/rotate", path(&old)), json!({"overlap_hours": 0})).status(201);
    let successor = app.anonymous().bearing(&text(&new, "token"));
    successor.get("/cadres").status(200);
    assert_eq!(app.admin().get(&path(&old))["state"], "rotated_out");
    // Somebody has kept the old one: which of the two has the right to the new one, nobody knows.
    bearer.get("/cadres").status(401).problem("unauthenticated");
    assert_eq!(alarms(&app, "rotated_token_used"), 1);
    successor.get("/cadres").status(401).problem("unauthenticated");
    let seen = app.admin().get(&path(&new)).status(200);
    assert_eq!((&seen["state"], &seen["revoke_reason"]), (&json!("revoked"), &json!("rotated_token_used")));
    // A revoked one is told of as well, once a minute however often it comes.
    let (other, dead) = made(&app, &app.admin(), &["cadres:read"], json!({}));
    app.admin().delete(&path(&other)).status(204);
    (0..5).for_each(|_| drop(dead.get("/cadres").status(401)));
    assert!((1..=2).contains(&alarms(&app, "revoked_token_used")));
    // What never was a token of ours is no alarm.
    app.anonymous().bearing("lg_pat_0000000000000000000000000000000000000000").get("/cadres").status(401);
}

fn a_system_replaces_its_own_token(ctx: &Ctx) {
    let app = ctx.app();
    let (_, fixed) = made(&app, &app.admin(), &["cadres:read", "tokens:*"], json!({}));
    fixed.post("/tokens/self/rotate", json!({})).status(403).problem("forbidden");
    let (old, bearer) = made(&app, &app.admin(), &["cadres:read", "tokens:self_rotate"], json!({}));
    let own = bearer.get("/tokens/self").status(200);
    assert_eq!((&own["token_id"], &own["state"]), (&old["token_id"], &json!("active")));
    assert!(own["token"].is_null());
    bearer.get("/tokens").status(403).problem("forbidden");
    let new = bearer.post("/tokens/self/rotate", json!({"overlap_hours": 0})).status(201);
    bearer.get("/cadres").status(401).problem("unauthenticated");
    let successor = app.anonymous().bearing(&text(&new, "token"));
    successor.get("/cadres").status(200);
    let next = successor.post("/tokens/self/rotate", json!({"overlap_hours": 1})).status(201);
    assert_eq!(next["family_id"], old["family_id"]);
    successor.get("/cadres").status(200);
    // A user who has signed in is no token.
    app.admin().get("/tokens/self").status(404).problem("not_found");
    app.admin().post("/tokens/self/rotate", json!({})).status(404);
}

fn tokens_are_revoked_in_numbers(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let id = user_path(&county).trim_start_matches("/users/").to_owned();
    let theirs: Vec<_> = (0..3).map(|_| made(&app, &county, &["cadres:read"], json!({}))).collect();
    let (_, other) = made(&app, &app.admin(), &["cadres:read"], json!({}));
    let elsewhere = app.token(&["cadres:read"], CAO);
    let revoke =
        |by: &Client, body: Value, prefer: &str| by.request("POST", "/tokens/revoke").prefer(prefer).json(body).send();
    let body = json!({"user_id": id, "reason": "人员离岗"});
    let dry = revoke(&app.admin(), body.clone(), "dry-run").status(200).has_header("preference-applied", "dry-run");
    theirs.iter().for_each(|(_, token)| drop(token.get("/cadres").status(200)));
    let done = revoke(&app.admin(), body.clone(), "return=representation").status(200);
    assert_eq!(dry["token_ids"], done["token_ids"]);
    assert_eq!(done["token_ids"].as_array().unwrap().len(), 3);
    theirs.iter().for_each(|(_, token)| drop(token.get("/cadres").status(401)));
    assert_eq!(app.admin().get(&path(&theirs[0].0))["revoke_reason"], "人员离岗");
    other.get("/cadres").status(200);
    assert_eq!(revoke(&app.admin(), body, "x")["token_ids"], json!([]));
    // By division, and never beyond one's own.
    let all = revoke(&county, json!({"division_code": CITY, "reason": "x"}), "x").status(200);
    assert_eq!(all["token_ids"].as_array().unwrap().len(), 1);
    other.get("/cadres").status(401);
    elsewhere.get("/cadres").status(200);
    revoke(&app.admin(), json!({"reason": "x"}), "x").status(422).problem("validation_failed");
    revoke(&app.admin(), json!({"division_code": CAO}), "x").status(422).error_at("/reason", "required");
    revoke(&app.user("auditor", SHAN), json!({"division_code": SHAN, "reason": "x"}), "x").status(403);
    let states = |state: &str| app.admin().get(&format!("/tokens?filter[state]={state}")).status(200).items().len();
    assert_eq!((states("active"), states("revoked"), states("expired")), (1, 4, 0));
    app.admin().get("/tokens?filter[state]=asleep").status(400).problem("invalid_parameter");
    assert_eq!(app.admin().get("/tokens?expiring_within_days=31&filter[state]=active").items().len(), 1);
    assert_eq!(app.admin().get("/tokens?expiring_within_days=7").items().len(), 0);
    assert_eq!(app.admin().get("/tokens?unused_for_days=1").items().len(), 0);
}

fn a_text_that_was_found_is_judged(ctx: &Ctx) {
    let app = ctx.app();
    let (answer, _) = made(&app, &app.admin(), &["cadres:read"], json!({}));
    let secret = text(&answer, "token");
    let check = |by: &Client, token: &str| by.post("/tokens/check", json!({"token": token})).status(200);
    let known = check(&app.admin(), &format!(" {secret}\n"));
    assert_eq!((&known["well_formed"], &known["known"]), (&json!(true), &json!(true)));
    assert_eq!((&known["details"]["token_id"], &known["details"]["state"]), (&answer["token_id"], &json!("active")));
    assert!(!known.text().contains(&secret));
    // One of another division is not known.
    let hidden = check(&app.user("county_admin", CAO), &secret);
    assert_eq!(
        (&hidden["well_formed"], &hidden["known"], &hidden["details"]),
        (&json!(true), &json!(false), &Value::Null)
    );
    for none in [&secret[..secret.len() - 1], "", "hello", &secret.replace("pat", "svc"), &"x".repeat(190)] {
        assert_eq!(check(&app.admin(), none)["known"], false);
    }
    assert_eq!(check(&app.admin(), &secret[..20])["well_formed"], false);
    // Looking is not using.
    assert!(app.admin().get(&path(&answer))["last_used_at"].is_null());
}

fn what_a_token_was_used_for_is_told(ctx: &Ctx) {
    let app = super::behind_a_proxy(ctx);
    let (answer, token) =
        made(&app, &app.admin(), &["cadres:read", "honors:*", "units:update", "fields:sensitive"], json!({}));
    let get = |path: &str| {
        token.request("GET", path).header("x-forwarded-for", "10.17.22.5").header("user-agent", "county/2.1").send()
    };
    (0..3).for_each(|_| drop(get("/cadres").status(200)));
    get("/honors").status(200);
    get("/units").status(403);
    let usage = format!("{}/usage", path(&answer));
    let deadline = Instant::now() + Duration::from_secs(5);
    while app.admin().get(&usage).status(200)["last_used_at"].is_null() {
        assert!(Instant::now() < deadline, "the use was not noted");
        sleep(Duration::from_millis(20));
    }
    let told = app.admin().get(&usage).status(200);
    assert_eq!((&told["last_used_address"], &told["last_used_agent"]), (&json!("10.17.22.5"), &json!("county/2.1")));
    let uses: Vec<_> =
        told["requests"].as_array().unwrap().iter().map(|u| (&u["resource"], &u["action"], &u["requests"])).collect();
    assert_eq!(uses, [(&json!("cadres"), &json!("read"), &json!(3)), (&json!("honors"), &json!("read"), &json!(1))]);
    assert_eq!(told["unused_scopes"], json!(["units:update"]));
    app.admin().get(&format!("{usage}?days=0")).status(400).problem("invalid_parameter");
    app.user("county_admin", CAO).get(&usage).status(404).problem("not_found");
    // What was counted is stored when the server ends.
    get("/cadres").status(200);
    assert!(app.terminate().success());
    app.restart();
    assert_eq!(app.admin().get(&usage)["requests"][0]["requests"], 4);
}

/// The county's system has an account without a password, and its administrator makes tokens for it.
fn tokens_are_made_for_the_accounts_of_systems(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let account = json!({"username": "shanxian-system", "display_name": "单县业务系统", "role": "sync_client"});
    let account = county.post("/users", account).status(201).id();
    let (answer, token) =
        made(&app, &county, &["sync:pull", "cadres:read"], json!({"user_id": account, "rate_class": "sync"}));
    assert!(text(&answer, "token").starts_with("lg_svc_") && answer["user_id"] == account.as_str(), "{answer}");
    assert_eq!((&answer["kind"], &answer["rate_class"]), (&json!("svc"), &json!("sync")));
    assert_eq!(token.get("/me")["username"], "shanxian-system");
    token.get("/sync/state").status(200);
    let login = json!({"username": "shanxian-system", "password": ""});
    app.anonymous().post("/auth/login", login).status(401).problem("login_failed");
    let (answer, _) = made(&app, &county, &["cadres:read"], json!({"test": true, "expires_at": instant(20)}));
    assert!(text(&answer, "token").starts_with("lg_test_"));
    let long = with(App::token_request(&["cadres:read"], SHAN), json!({"test": true, "expires_at": instant(40)}));
    county.post("/tokens", long).status(422).error_at("/expires_at", "expiry_range");
    // Not for those of others, nor for those who may more.
    let elsewhere = user_path(&app.user("county_admin", CAO)).trim_start_matches("/users/").to_owned();
    let ask =
        |user: &str| county.post("/tokens", with(App::token_request(&["cadres:read"], SHAN), json!({"user_id": user})));
    ask(&elsewhere).status(422).error_at("/user_id", "unknown_reference");
    let above = json!({"username": "above", "display_name": "x", "role": "city_admin", "division_code": SHAN});
    ask(&app.admin().post("/users", above).status(201).id()).status(403).problem("forbidden");
}

fn instant(days: i64) -> String {
    let at = chrono::Utc::now() + chrono::TimeDelta::days(days);
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// A token of the city's administrator works in the county, whose administrator sees it there.
fn nobody_takes_over_a_token_of_one_who_may_more(ctx: &Ctx) {
    let app = ctx.app();
    let (answer, bearer) = made(&app, &app.admin(), &["*:*"], json!({}));
    let county = app.user("county_admin", SHAN);
    county.get(&path(&answer)).status(200);
    county.post(&format!("{}/rotate", path(&answer)), json!({})).status(403).problem("forbidden");
    county.patch_if(&path(&answer), "\"r1\"", json!({"name": "x"})).status(403).problem("forbidden");
    // Nor does a token get at one with more scopes by rotating it.
    let (_, minter) = made(&app, &app.admin(), &["tokens:*", "cadres:read"], json!({}));
    minter.post(&format!("{}/rotate", path(&answer)), json!({})).status(403).problem("forbidden");
    let (narrow, _) = made(&app, &app.admin(), &["cadres:read"], json!({}));
    minter.post(&format!("{}/rotate", path(&narrow)), json!({})).status(201);
    minter.patch_if(&path(&narrow), "\"r2\"", json!({"scopes": ["honors:read"]})).status(422);
    // To end it is another matter.
    county.delete(&path(&answer)).status(204);
    bearer.get("/cadres").status(401);
}

fn the_command_line_does_the_same(ctx: &Ctx) {
    let app = ctx.app();
    let run = |arguments: &[&str]| {
        let done = app.cli(arguments).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    run(&["user", "create", "--username", "shan-system", "--role", "sync_client", "--division", SHAN, "--no-password"]);
    let create = ["token", "create", "--name", "t", "--scopes", "cadres:read,units:read", "--expires-in", "30d"];
    let token = run(&[&create[..], &["--user", "shan-system", "--cidrs", "127.0.0.0/8", "--methods", "get"]].concat());
    assert!(token.starts_with("lg_svc_"), "{token}");
    let bearer = app.anonymous().bearing(&token);
    bearer.get("/cadres").status(200);
    let id = text(&bearer.get("/tokens/self").status(200), "token_id");
    let list = run(&["token", "list", "--user", "shan-system"]);
    assert!(list.contains(&id) && list.contains("active") && list.lines().count() == 1, "{list}");
    assert_eq!(run(&["token", "list", "--expiring-within", "7d"]), "");
    let new = run(&["token", "rotate", &id, "--overlap", "0h"]);
    bearer.get("/cadres").status(401).problem("unauthenticated");
    let successor = app.anonymous().bearing(&new);
    successor.get("/cadres").status(200);
    let judge = |token: &str| {
        let mut check = app
            .cli(&["token", "check"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        check.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
        let done = check.wait_with_output().unwrap();
        (done.status.success(), String::from_utf8(done.stdout).unwrap())
    };
    let (good, line) = judge(&token);
    assert!(good && line.contains("rotated_out") && line.contains(&id), "{line}");
    assert!(!judge(&new[..new.len() - 1]).0);
    let dry = run(&["token", "revoke", "--user", "shan-system", "--dry-run"]);
    successor.get("/cadres").status(200);
    assert_eq!(dry.lines().count(), 2, "{dry}");
    run(&["token", "revoke", "--user", "shan-system", "--reason", "ended"]);
    successor.get("/cadres").status(401).problem("unauthenticated");
    assert_eq!(app.cli(&["token", "revoke"]).output().unwrap().status.code(), Some(1));
}

fn a_system_is_warned_before_its_token_ends(ctx: &Ctx) {
    let app = ctx.app();
    let warned = |days: i64| {
        let mut request = App::token_request(&["sync:pull"], "371722");
        request["expires_at"] = json!((Utc::now() + TimeDelta::days(days)).to_rfc3339());
        let token = app.admin().post("/tokens", request).status(201);
        let system = app.anonymous().bearing(token["token"].as_str().expect("a token"));
        system.get("/sync/state").status(200)["warnings"].clone()
    };
    assert_eq!((warned(20), warned(10)), (json!([]), json!(["token_ending"])));
    // Who has signed in has no token that ends.
    assert_eq!(app.user("county_admin", "371722").get("/sync/state").status(200)["warnings"], json!([]));
    let soon = app.admin().get("/tokens?expiring_within_days=14").status(200);
    assert_eq!(soon.items().len(), 1);
}
