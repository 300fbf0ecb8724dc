//! API tokens: what they may do, where, and for how long.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::make::{CAO, CITY, SHAN, cadre, cadre_of, ids, unit, with};
use crate::support::{App, Case, Ctx, cases, client::Client};

pub fn tests() -> Vec<Case> {
    cases![
        a_token_does_what_its_scopes_say,
        what_is_fetched_beside_a_record_needs_its_own_scope,
        a_replacement_under_a_new_id_is_a_create,
        a_token_works_in_its_division,
        a_token_is_never_more_than_its_owner,
        a_token_cannot_make_a_wider_one,
        a_token_ends_when_it_says,
        a_revoked_token_stops_at_the_next_request,
        a_token_is_shown_once,
        a_token_request_is_checked,
        the_use_of_a_token_is_noted,
    ]
}

fn a_token_does_what_its_scopes_say(ctx: &Ctx) {
    let app = ctx.app();
    let one = format!("/cadres/{}", cadre(&app.admin(), SHAN, json!({})).id());
    let reader = app.token(&["cadres:read"], CITY);
    reader.get(&one).status(200);
    reader.get(&format!("{one}/derived")).status(200);
    reader.get("/units").status(403).problem("forbidden");
    reader.get(&format!("{one}/party-age")).status(403).problem("forbidden");
    reader.patch_if(&one, "\"r1\"", json!({"name": "某人"})).status(403).problem("forbidden");
    reader.delete_if(&one, "\"r1\"").status(403).problem("forbidden");
    let writer = app.token(&["cadres:update", "cadres:delete"], CITY);
    writer.get(&one).status(403).problem("forbidden");
    writer.patch_if(&one, "\"r1\"", json!({"name": "某人"})).status(200);
    writer.post("/cadres", json!({})).status(403).problem("forbidden");
    app.token(&["*:read"], CITY).get("/honors").status(200);
    app.token(&["*:read"], CITY).delete_if(&one, "\"r2\"").status(403);
    writer.delete_if(&one, "\"r2\"").status(204);
    assert_eq!(reader.get("/me")["scopes"], json!(["cadres:read"]));
    assert!(app.token(&["fields:sensitive"], CITY).get("/cadres").status == 403, "a scope of fields opens no resource");
}

fn what_is_fetched_beside_a_record_needs_its_own_scope(ctx: &Ctx) {
    let app = ctx.app();
    let id = cadre(&app.admin(), SHAN, json!({})).id();
    let reader = app.token(&["units:read"], CITY);
    for path in ["/units?expand=cadres", "/units?expand=cadres&fields=id"] {
        let around = reader.request("GET", path).unchecked().send();
        assert!(around.status == 403 || !around.text().contains(&id), "a way around: {around}");
    }
    let both = app.token(&["units:read", "cadres:read"], CITY).get("/units?expand=cadres").status(200);
    assert!(both.text().contains(&id));
}

fn a_replacement_under_a_new_id_is_a_create(ctx: &Ctx) {
    let app = ctx.app();
    let body = cadre_of(&unit(&app.admin(), SHAN), SHAN);
    let new = "/cadres/0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
    app.token(&["cadres:update"], CITY).put(new, body.clone()).status(403).problem("forbidden");
    app.admin().get(new).status(404);
    app.token(&["cadres:update", "cadres:create"], CITY).put(new, body).status(201);
}

fn a_token_works_in_its_division(ctx: &Ctx) {
    let app = ctx.app();
    let (of_shan, of_cao) = (cadre(&app.admin(), SHAN, json!({})).id(), cadre(&app.admin(), CAO, json!({})).id());
    let shan = app.token(&["cadres:*", "units:*"], SHAN);
    assert_eq!(ids(&shan.get("/cadres")), [&of_shan]);
    shan.get(&format!("/cadres/{of_cao}")).status(404).problem("not_found");
    shan.delete_if(&format!("/cadres/{of_cao}"), "\"r1\"").status(404).problem("not_found");
    assert_eq!(shan.get("/me")["division_code"], SHAN);
    let unit = json!({"name": "某局", "kind": "organ"});
    assert_eq!(shan.post("/units", unit.clone()).status(201)["division_code"], SHAN);
    shan.post("/units", with(unit, json!({"division_code": CAO}))).status(403).problem("forbidden");
}

fn a_token_is_never_more_than_its_owner(ctx: &Ctx) {
    let app = ctx.app();
    let one = format!("/cadres/{}", cadre(&app.admin(), SHAN, json!({})).id());
    let owner = app.user("county_admin", SHAN);
    for division in [CITY, CAO, "370000", "371723"] {
        let refused = owner.post("/tokens", App::token_request(&["cadres:read"], division)).status(422);
        refused.problem("validation_failed").error_at("/division_code", "outside_scope");
    }
    let token = owner.post("/tokens", App::token_request(&["*:*"], SHAN)).status(201);
    let token = app.anonymous().bearing(token["token"].as_str().unwrap());
    token.patch_if(&one, "\"r1\"", json!({"name": "某人"})).status(200);
    let user = format!("/users/{}", owner.get("/me")["user_id"].as_str().unwrap());
    app.admin().patch_if(&user, "\"r1\"", json!({"role": "auditor"})).status(200);
    token.get(&one).status(200);
    token.patch_if(&one, "\"r2\"", json!({"name": "别人"})).status(403).problem("forbidden");
    app.admin().patch_if(&user, "\"r2\"", json!({"role": "sys_admin"})).status(200);
    token.get(&one).status(403).problem("forbidden");
}

fn a_token_cannot_make_a_wider_one(ctx: &Ctx) {
    let app = ctx.app();
    let minter = app.token(&["tokens:create", "tokens:read", "cadres:read", "honors:*"], SHAN);
    let wider = ["cadres:update", "cadres:*", "*:read", "*:*", "units:read", "tokens:delete", "fields:sensitive"];
    for scope in wider {
        let refused = minter.post("/tokens", App::token_request(&["cadres:read", scope], SHAN)).status(422);
        refused.problem("validation_failed").error_at("/scopes/1", "scope_exceeds_owner");
    }
    for division in [CITY, CAO] {
        let refused = minter.post("/tokens", App::token_request(&["cadres:read"], division)).status(422);
        refused.error_at("/division_code", "outside_scope");
    }
    let child = minter.post("/tokens", App::token_request(&["cadres:read", "honors:read"], SHAN)).status(201);
    let child = app.anonymous().bearing(child["token"].as_str().unwrap());
    child.get("/cadres").status(200);
    child.get("/honors").status(200);
    child.post("/tokens", App::token_request(&["cadres:read"], SHAN)).status(403).problem("forbidden");
    app.token(&["cadres:*"], SHAN).get("/tokens").status(403).problem("forbidden");
}

fn a_token_ends_when_it_says(ctx: &Ctx) {
    let app = ctx.app();
    for (days, good) in [(0, false), (-1, false), (365, true), (366, true), (367, false), (100_000, false)] {
        // A minute less, for what passes between here and there.
        let end = Utc::now() + TimeDelta::days(days) - TimeDelta::minutes(1);
        let request = with(App::token_request(&["cadres:read"], SHAN), json!({"expires_at": instant(end)}));
        let answer = app.admin().post("/tokens", request);
        if good {
            assert_eq!(answer.status(201)["expires_at"], instant(end));
        } else {
            answer.status(422).error_at("/expires_at", "expiry_range");
        }
    }
    let end = Utc::now() + TimeDelta::milliseconds(1500);
    let request = with(App::token_request(&["cadres:read"], SHAN), json!({"expires_at": instant(end)}));
    let made = app.admin().post("/tokens", request).status(201);
    let token = app.anonymous().bearing(made["token"].as_str().unwrap());
    token.get("/cadres").status(200);
    sleep((end - Utc::now()).to_std().unwrap_or_default() + Duration::from_millis(20));
    token.get("/cadres").status(401).problem("unauthenticated");
    let seen = app.admin().get(&format!("/tokens/{}", made["token_id"].as_str().unwrap())).status(200);
    assert_eq!(seen["state"], "expired");
}

fn a_revoked_token_stops_at_the_next_request(ctx: &Ctx) {
    let app = ctx.app();
    let (made, token) = token(&app, &app.admin(), &["cadres:read"]);
    token.get("/cadres").status(200);
    let county = app.user("county_admin", CAO);
    county.delete(&made).status(404).problem("not_found");
    county.get(&made).status(404).problem("not_found");
    token.delete(&made).status(403).problem("forbidden");
    token.get("/cadres").status(200);
    app.admin().delete(&made).status(204);
    token.get("/cadres").status(401).problem("unauthenticated");
    token.get("/me").status(401).problem("unauthenticated");
    assert_eq!(app.admin().get(&made).status(200)["state"], "revoked");
    assert!(app.admin().delete(&made).status < 500);
    // It is no matter of memory.
    app.kill9();
    app.restart();
    token.get("/cadres").status(401).problem("unauthenticated");
}

fn a_token_is_shown_once(ctx: &Ctx) {
    let app = ctx.app();
    let made = app.admin().post("/tokens", App::token_request(&["cadres:read"], SHAN)).status(201);
    let (secret, id) = (made["token"].as_str().unwrap(), made["token_id"].as_str().unwrap());
    assert!(secret.starts_with("lg_pat_") && secret.len() == "lg_pat_".len() + 38, "{secret}");
    assert_eq!(made.header("location"), Some(format!("/api/v1/tokens/{id}").as_str()));
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let one = app.admin().get(&format!("/tokens/{id}")).status(200);
    let list = app.admin().get("/tokens").status(200);
    assert!(list.items().iter().any(|item| item["token_id"] == id));
    for shown in [&one, &list] {
        assert!(!shown.text().contains(secret) && !shown.text().contains(&secret[8..]), "{shown}");
    }
    let files = std::fs::read_dir(app.data_dir()).unwrap().flatten().filter_map(|file| std::fs::read(file.path()).ok());
    for file in files {
        assert!(!String::from_utf8_lossy(&file).contains(secret), "the token lies in the data directory");
    }
    assert!(!app.stderr().contains(secret));
    // Mistyped, cut, or with another word in front.
    let cut = &secret[..secret.len() - 1];
    let (mut mistyped, last) = (cut.to_owned(), if secret.ends_with('0') { '1' } else { '0' });
    mistyped.push(last);
    for wrong in [cut, &mistyped, &secret[7..], &secret.to_uppercase(), &secret.replace("pat", "svc")] {
        app.anonymous().bearing(wrong).get("/cadres").status(401).problem("unauthenticated");
    }
    let nobody = app.anonymous();
    let ask =
        |scheme: &str| nobody.request("GET", "/cadres").header("authorization", &format!("{scheme} {secret}")).send();
    for scheme in ["bearer", "BEARER"] {
        ask(scheme).status(200);
    }
    ask("Basic").status(401);
}

fn a_token_request_is_checked(ctx: &Ctx) {
    let app = ctx.app();
    let good = App::token_request(&["cadres:read"], SHAN);
    let cases: [(&str, Value, &str, &str); 10] = [
        ("name", json!(""), "/name", "required"),
        ("name", json!("长".repeat(101)), "/name", "too_long"),
        ("purpose", json!("长".repeat(201)), "/purpose", "too_long"),
        ("scopes", json!([]), "/scopes", "too_few"),
        ("scopes", json!(vec!["cadres:read"; 51]), "/scopes", "too_many"),
        ("scopes", json!(["cadres:read", "cadres:fly"]), "/scopes/1", "unknown_scope"),
        ("scopes", json!(["pets:read"]), "/scopes/0", "unknown_scope"),
        ("scopes", json!("cadres:read"), "/scopes", "wrong_type"),
        ("division_code", json!("3717"), "/division_code", "division_format"),
        ("no_such_field", json!(1), "/no_such_field", "unknown_field"),
    ];
    for (field, value, pointer, rule) in cases {
        let refused = app.admin().post("/tokens", with(good.clone(), json!({field: value}))).status(422);
        refused.problem("validation_failed").error_at(pointer, rule);
    }
    for missing in ["name", "scopes", "expires_at"] {
        let mut less = good.clone();
        less.as_object_mut().unwrap().remove(missing);
        app.admin().post("/tokens", less).status(422).error_at(&format!("/{missing}"), "required");
    }
    for end in ["2027", "tomorrow", "2027-01-31", ""] {
        let refused = app.admin().post("/tokens", with(good.clone(), json!({"expires_at": end}))).status(422);
        assert_eq!(refused["errors"][0]["pointer"], "/expires_at", "{refused}");
    }
    app.admin().get("/tokens?limit=0").status(400).problem("invalid_parameter");
    app.admin().get("/tokens?page_token=x").status(400).problem("page_token_mismatch");
    (0..3).for_each(|_| drop(app.admin().post("/tokens", good.clone()).status(201)));
    let first = app.admin().get("/tokens?limit=2").status(200);
    let next = first["next_page_token"].as_str().expect("there is more").to_owned();
    let second = app.admin().get(&format!("/tokens?limit=2&page_token={next}")).status(200);
    assert_eq!((first.items().len(), second.items().len()), (2, 1));
    assert!(second["next_page_token"].is_null());
}

fn the_use_of_a_token_is_noted(ctx: &Ctx) {
    let app = ctx.app();
    let (made, token) = token(&app, &app.admin(), &["cadres:read"]);
    assert!(app.admin().get(&made)["last_used_at"].is_null());
    token.get("/cadres").status(200);
    let deadline = Instant::now() + Duration::from_secs(5);
    while app.admin().get(&made)["last_used_at"].is_null() {
        assert!(Instant::now() < deadline, "the use was not noted");
        sleep(Duration::from_millis(20));
    }
}

/// A fresh token: where it is kept, and its bearer.
fn token(app: &App, by: &Client, scopes: &[&str]) -> (String, Client) {
    let made = by.post("/tokens", App::token_request(scopes, SHAN)).status(201);
    let path = format!("/tokens/{}", made["token_id"].as_str().unwrap());
    (path, app.anonymous().bearing(made["token"].as_str().unwrap()))
}

fn instant(at: chrono::DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
