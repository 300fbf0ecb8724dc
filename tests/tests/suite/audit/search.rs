//! Who finds what in the audit.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::told;
use crate::{
    resources::make::{CAO, CITY, SHAN, cadre, unit},
    support::{App, Case, Ctx, cases},
};

pub fn tests() -> Vec<Case> {
    cases![
        writes_and_events_stand_in_one_sequence,
        conditions_find_what_they_say,
        pages_neither_repeat_nor_leave_out,
        each_sees_its_own_divisions,
        who_audits_reads_and_nobody_else,
        reading_the_audit_is_told,
        an_export_has_what_the_list_has,
    ]
}

fn key(entry: &Value) -> (String, String) {
    let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    (if entry["kind"] == "write" { "journal".to_owned() } else { "events".to_owned() }, text("seq"))
}

fn writes_and_events_stand_in_one_sequence(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let id = unit(&admin, SHAN);
    app.user("sys_admin", SHAN).get("/cadres").status(403);
    let changed = admin.patch_if(&format!("/units/{id}"), "\"r1\"", json!({"name": "新名"})).status(200);
    let request = changed.header("x-request-id").expect("an id").to_owned();
    let all = told(&admin, &[]);
    let place = |of: &dyn Fn(&Value) -> bool| all.iter().position(of).unwrap_or_else(|| panic!("{all:?}"));
    let update = place(&|e| e["entity_id"] == id.as_str() && e["op"] == "update");
    let denied = place(&|e| e["kind"] == "denied");
    let create = place(&|e| e["entity_id"] == id.as_str() && e["op"] == "create");
    assert!(update < denied && denied < create, "newest first: {all:?}");
    let update = &all[update];
    assert!(update["kind"] == "write" && update["version"] == 2 && update["fields"] == json!(["name"]), "{update}");
    assert_eq!(update["request_id"], request);
    assert!(!update.to_string().contains("新名"), "a value is told: {update}");
}

fn conditions_find_what_they_say(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let (one, other) = (unit(&admin, SHAN), unit(&admin, CAO));
    app.user("sys_admin", CAO).get("/cadres").status(403);
    let me = format!("user:{}", admin.get("/me")["user_id"].as_str().expect("an id"));
    let of = |conditions: &[(&str, &str)]| told(&admin, conditions);
    let about = of(&[("filter[entity_id]", &one)]);
    assert!(about.len() == 1 && about[0]["op"] == "create", "{about:?}");
    assert!(of(&[("filter[entity]", "units"), ("filter[actor]", &me)]).len() >= 2);
    let shan = of(&[("filter[division_code]", SHAN)]);
    assert!(shan.iter().any(|e| e["entity_id"] == one.as_str()), "{shan:?}");
    assert!(shan.iter().all(|e| e["entity_id"] != other.as_str() && e["division_code"] == SHAN), "{shan:?}");
    assert!(of(&[("filter[kind]", "write")]).iter().all(|e| e["kind"] == "write"));
    let denied = of(&[("filter[outcome]", "denied")]);
    assert!(!denied.is_empty() && denied.iter().all(|e| e["outcome"] == "denied"), "{denied:?}");
    let at = about[0]["at"].as_str().expect("an instant");
    let since = of(&[("filter[at][gte]", at), ("filter[entity]", "units")]);
    assert!(since.iter().any(|e| e["entity_id"] == one.as_str()), "{since:?}");
    let before = of(&[("filter[at][lt]", at), ("filter[entity]", "units")]);
    assert!(before.iter().all(|e| e["entity_id"] != one.as_str()), "{before:?}");
    assert!(of(&[("filter[at][gte]", "2100-01-01T00:00:00Z")]).is_empty());
    for (name, value, code) in [
        ("filter[kind]", "no", "unknown_code"),
        ("filter[outcome]", "no", "unknown_code"),
        ("filter[entity_id]", "no", "invalid_uuid"),
        ("filter[division_code]", "no", "division_format"),
        ("filter[at][gte]", "yesterday", "instant_format"),
        ("filter[mobile]", "138", "unknown_filter"),
        ("limit", "501", "too_large"),
        ("limit", "0", "too_small"),
        ("order", "at", "unknown_parameter"),
    ] {
        let refused = admin.request("GET", "/audit").query(&[(name, value)]).send().status(400);
        refused.problem("invalid_parameter").error_at(&format!("/{name}"), code);
    }
}

fn pages_neither_repeat_nor_leave_out(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    for n in 0..12 {
        unit(&admin, SHAN);
        if n % 3 == 0 {
            app.user("sys_admin", SHAN).get("/cadres").status(403);
        }
    }
    let until = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let window = [("filter[at][lt]", until.as_str())];
    let whole: Vec<_> = told(&admin, &window).iter().map(key).collect();
    let (mut paged, mut token) = (vec![], None::<String>);
    loop {
        let mut asked = vec![("limit", "7"), window[0]];
        asked.extend(token.as_deref().map(|t| ("page_token", t)));
        let page = admin.request("GET", "/audit").query(&asked).send().status(200);
        paged.extend(page.items().iter().map(key));
        unit(&admin, CAO);
        token = page["next_page_token"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
        let other = admin.request("GET", "/audit?limit=7").query(&[("page_token", token.as_deref().unwrap())]).send();
        other.status(400).problem("page_token_mismatch");
    }
    assert_eq!(paged, whole);
    assert_eq!(paged.iter().collect::<HashSet<_>>().len(), paged.len());
}

fn each_sees_its_own_divisions(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let (shan, cao) = (cadre(&admin, SHAN, json!({})).id(), cadre(&admin, CAO, json!({})).id());
    app.user("sys_admin", SHAN).get("/cadres").status(403);
    app.user("sys_admin", CAO).get("/honors").status(403);
    let (county, city) = (app.user("auditor", SHAN), app.user("auditor", CITY));
    let seen = told(&county, &[]);
    assert!(seen.iter().any(|e| e["entity_id"] == shan.as_str()), "{seen:?}");
    assert!(seen.iter().any(|e| e["kind"] == "denied"), "{seen:?}");
    assert!(seen.iter().all(|e| e["division_code"] == SHAN), "{seen:?}");
    let seen = told(&city, &[]);
    for id in [&shan, &cao] {
        assert!(seen.iter().any(|e| e["entity_id"] == id.as_str()), "{seen:?}");
    }
    // A record that moves is told on both sides.
    let target = unit(&admin, CAO);
    let moved = json!({"division_code": CAO, "unit_id": target, "name": "孔令文", "birth_date": "1930-05-12",
        "ethnicity": "01", "retire_type": "tuixiu", "retire_date": "1990-06"});
    let moved = admin.put_if(&format!("/cadres/{shan}"), "\"r1\"", moved);
    if moved.status == 200 {
        let left = told(&county, &[("filter[entity_id]", &shan)]);
        assert_eq!(left[0]["division_before"], SHAN, "{left:?}");
    }
    let outside = told(&county, &[("filter[division_code]", CAO)]);
    assert!(outside.iter().all(|e| e["division_before"] == SHAN), "{outside:?}");
}

fn who_audits_reads_and_nobody_else(ctx: &Ctx) {
    let app = ctx.app();
    for role in ["auditor", "security_admin", "city_admin"] {
        let caller = app.user(role, CITY);
        for path in ["/audit", "/audit/export", "/audit/verify", "/audit/head"] {
            caller.get(path).status(200);
        }
    }
    for role in ["county_admin", "unit_user", "sys_admin", "sync_client", "cadre_self"] {
        let caller = app.user(role, SHAN);
        for path in ["/audit", "/audit/export", "/audit/verify"] {
            caller.get(path).status(403).problem("forbidden");
        }
        caller.get("/audit/head").status(200);
    }
    app.token(&["cadres:read"], CITY).get("/audit").status(403);
    app.token(&["audit:read"], CITY).get("/audit").status(200);
    let refused = app.admin().post("/tokens", App::token_request(&["audits:read"], CITY)).status(422);
    refused.error_at("/scopes/0", "unknown_scope");
}

fn reading_the_audit_is_told(ctx: &Ctx) {
    let app = ctx.app();
    let auditor = app.user("auditor", CITY);
    let who = format!("user:{}", auditor.get("/me")["user_id"].as_str().expect("an id"));
    told(&auditor, &[("filter[entity]", "units")]);
    auditor.get("/audit/export").status(200);
    auditor.get("/audit/verify").status(200);
    let read = told(&app.admin(), &[("filter[kind]", "audit_read"), ("filter[actor]", &who)]);
    let details: Vec<_> = read.iter().map(|e| e["detail"].as_str().unwrap_or_default()).collect();
    for detail in ["search", "export", "verify"] {
        assert!(details.contains(&detail), "{read:?}");
    }
    assert!(read.iter().any(|e| e["fields"] == json!(["filter[entity]"])), "{read:?}");
}

fn an_export_has_what_the_list_has(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    for _ in 0..20 {
        unit(&admin, SHAN);
    }
    let conditions = [("filter[kind]", "write"), ("filter[entity]", "units")];
    let listed = told(&admin, &conditions);
    let exported = admin.request("GET", "/audit/export").query(&conditions).send().status(200);
    assert_eq!(exported.content_type(), "application/x-ndjson");
    assert_eq!(exported.lines(), listed);
    admin.get("/audit/export?limit=3").status(400);
}
