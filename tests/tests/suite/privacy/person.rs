//! What a person may ask of us.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::sealed::on_disk;
use crate::{
    resources::make::{CAO, CITY, SHAN, branch, cadre, member, secret_cadre},
    support::{App, Case, Ctx, cases, response::Response},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_person_is_told_who_has_used_their_data,
        a_long_report_comes_in_pages,
        a_person_is_removed_for_good,
        who_has_removed_a_person_too_is_seen,
        what_mentions_a_person_comes_first,
        a_consent_is_kept_and_revoked,
    ]
}

fn report(app: &App, id: &str) -> Response {
    app.admin().get(&format!("/cadres/{id}/access-report")).status(200)
}

fn a_person_is_told_who_has_used_their_data(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let id = secret_cadre(&admin, SHAN).id();
    let county = app.user("county_admin", SHAN);
    county.patch_if(&format!("/cadres/{id}"), "\"r1\"", json!({"mobile": "13800000001"})).status(200);
    let org = branch(&admin, SHAN, json!({})).id();
    let membership = member(&admin, SHAN, &id, &org, json!({})).status(201).id();
    let other = cadre(&admin, SHAN, json!({})).id();
    let told = report(&app, &id);
    let has = |what: &str, entity: &str, id: &str| {
        told.items().iter().any(|i| i["what"] == what && i["entity"] == entity && i["entity_id"] == id)
    };
    assert!(has("create", "cadres", &id) && has("update", "cadres", &id), "{told}");
    assert!(has("create", "party-memberships", &membership), "{told}");
    assert!(!told.text().contains(&other) && !told.text().contains(&org));
    let update = told.items().iter().find(|i| i["what"] == "update").expect("the update");
    assert_eq!(update["fields"], json!(["mobile"]));
    assert!(update["name"].as_str().is_some_and(|name| name.starts_with("county-admin")));
    // That somebody asked is in the next report.
    assert!(report(&app, &id).items().iter().any(|i| i["what"] == "data_subject"));
    app.user("county_admin", CAO).get(&format!("/cadres/{id}/access-report")).status(404).problem("not_found");
    let nobody = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1cff";
    admin.get(&format!("/cadres/{nobody}/access-report")).status(404).problem("not_found");
}

fn a_long_report_comes_in_pages(ctx: &Ctx) {
    let app = ctx.app();
    let id = cadre(&app.admin(), SHAN, json!({})).id();
    let one = format!("/cadres/{id}");
    for n in 1..=230 {
        app.admin().patch_if(&one, &format!("\"r{n}\""), json!({"mobile": format!("138{n:08}")})).status(200);
    }
    let (mut found, mut token) = (vec![], None::<String>);
    loop {
        let query: Vec<(&str, &str)> = token.iter().map(|t| ("page_token", t.as_str())).collect();
        let page = app.admin().request("GET", &format!("{one}/access-report")).query(&query).send().status(200);
        found.extend(page.items().iter().map(|i| (i["at"].clone(), i["what"].clone())));
        token = page["next_page_token"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    let updates = found.iter().filter(|(_, what)| what == "update").count();
    let creations = found.iter().filter(|(_, what)| what == "create").count();
    assert_eq!((updates, creations, found.len()), (230, 1, 231), "the reports themselves come later");
    assert!(found.windows(2).all(|w| w[0].0.as_str() >= w[1].0.as_str()));
    let other = cadre(&app.admin(), SHAN, json!({})).id();
    let page = app.admin().get(&format!("{one}/access-report")).status(200);
    let token = page["next_page_token"].as_str().expect("a token");
    let (admin, path) = (app.admin(), format!("/cadres/{other}/access-report"));
    admin.request("GET", &path).query(&[("page_token", token)]).send().status(400).problem("page_token_mismatch");
}

const WHY: &str = "本人书面申请";

fn erase(app: &App, id: &str) -> Response {
    app.admin().post(&format!("/cadres/{id}/erase"), json!({"reason": "subject_request", "note": WHY}))
}

fn a_person_is_removed_for_good(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let id = cadre(&admin, SHAN, json!({"name": "端木无名氏", "residence_address": "消失巷404号"})).id();
    let one = format!("/cadres/{id}");
    admin.patch_if(&one, "\"r1\"", json!({"name": "端木无名者"})).status(200);
    let org = branch(&admin, SHAN, json!({})).id();
    let membership = member(&admin, SHAN, &id, &org, json!({})).status(201).id();
    let consent = json!({"division_code": SHAN, "cadre_id": id, "purpose": "photo", "granted_on": "2021-06-01"});
    let consent = admin.post("/consents", consent).status(201).id();
    admin.delete_if(&format!("/consents/{consent}"), "\"r1\"").status(204);
    let gone = json!({"reason": "subject_request", "note": WHY});
    let url = format!("{one}/erase");
    admin.request("POST", &url).if_match("\"r1\"").json(gone.clone()).send().status(412);
    let dry = admin.request("POST", &url).prefer("dry-run").json(gone.clone()).send().status(200);
    assert_eq!(dry["erased"].as_array().map(Vec::len), Some(3));
    admin.get(&one).status(200);
    for role in ["auditor", "sync_client"] {
        app.user(role, SHAN).post(&url, gone.clone()).status(403).problem("forbidden");
    }
    app.user("county_admin", CAO).post(&url, gone.clone()).status(404);
    admin.post(&url, json!({"reason": "because", "note": ""})).status(422).error_at("/reason", "unknown_code");
    let done = admin.request("POST", &url).if_match("\"r2\"").json(gone.clone()).send().status(200);
    let erased: Vec<(&str, &str)> = done["erased"]
        .as_array()
        .expect("records")
        .iter()
        .map(|e| (e["entity"].as_str().expect("a resource"), e["id"].as_str().expect("an id")))
        .collect();
    assert_eq!(erased.len(), 3, "{done}");
    for record in [("cadres", id.as_str()), ("party-memberships", &membership), ("consents", &consent)] {
        assert!(erased.contains(&record), "{done}");
    }
    for path in [one.clone(), format!("/party-memberships/{membership}"), format!("{one}/history")] {
        admin.get(&path).status(404).problem("not_found");
    }
    erase(&app, &id).status(404).problem("not_found");
    assert!(app.terminate().success());
    if ctx.engine == crate::support::Engine::Postgres
        && let Some(found) = on_disk(&app)
    {
        let text = String::from_utf8_lossy(&found);
        assert!(!text.contains("端木无名") && !text.contains("消失巷"), "the dump tells of the person");
        assert!(text.contains(WHY), "what stays is why");
    }
    app.restart();
    // A deleted record can be removed too.
    let late = cadre(&app.admin(), SHAN, json!({})).id();
    app.admin().delete_if(&format!("/cadres/{late}"), "\"r1\"").status(204);
    erase(&app, &late).status(200);
}

fn who_has_removed_a_person_too_is_seen(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let id = cadre(&admin, SHAN, json!({})).id();
    let state = |path: &str| admin.get(path);
    let erasure = format!("/cadres/{id}/erasure");
    state(&erasure).status(404).problem("not_found");
    let (shan, cao) = (app.user("sync_client", SHAN), app.user("sync_client", CAO));
    let follow = |by: &crate::support::client::Client| {
        let mut cursor = by.get("/sync/changes").status(200)["next_cursor"].as_str().expect("one").to_owned();
        loop {
            let page = by.get(&format!("/sync/changes?cursor={cursor}")).status(200);
            cursor = page["next_cursor"].as_str().expect("one").to_owned();
            if page["changes"].as_array().is_some_and(Vec::is_empty) {
                break;
            }
        }
        by.post("/sync/ack", json!({"cursor": cursor}));
    };
    follow(&shan);
    follow(&cao);
    erase(&app, &id).status(200);
    let begun = Instant::now();
    while state(&erasure).status(200)["seq"].is_null() {
        assert!(begun.elapsed() < Duration::from_secs(5), "no number");
        std::thread::sleep(Duration::from_millis(20));
    }
    let before = state(&erasure).status(200);
    assert_eq!((&before["complete"], before["clients"].as_array().map(Vec::len)), (&json!(false), Some(1)), "{before}");
    assert_eq!(before["clients"][0]["division_code"], SHAN);
    follow(&shan);
    let after = state(&erasure).status(200);
    assert_eq!((&after["complete"], &after["clients"][0]["acknowledged"]), (&json!(true), &json!(true)), "{after}");
    app.user("county_admin", CAO).get(&erasure).status(404).problem("not_found");
}

fn what_mentions_a_person_comes_first(ctx: &Ctx) {
    let app = ctx.app();
    let id = cadre(&app.admin(), SHAN, json!({})).id();
    // The person's own account is not about the person, and stays until somebody ends it.
    let user = json!({"username": "zishen", "display_name": "本人", "role": "cadre_self", "division_code": SHAN, "cadre_id": id});
    let user = app.admin().post("/users", user).status(201).id();
    let refused = erase(&app, &id).status(409).problem("in_use");
    assert_eq!(refused["errors"][0]["code"], "mentioned_by", "{refused}");
    app.admin().get(&format!("/cadres/{id}")).status(200);
    app.admin().delete_if(&format!("/users/{user}"), "\"r1\"").status(204);
    erase(&app, &id).status(200);
}

fn a_consent_is_kept_and_revoked(ctx: &Ctx) {
    let app = ctx.app();
    let id = cadre(&app.admin(), SHAN, json!({})).id();
    let consent = |more: Value| {
        let base = json!({"division_code": SHAN, "cadre_id": id, "purpose": "publicity", "granted_on": "2021-06-01", "evidence": "同意书在档"});
        crate::resources::make::with(base, more)
    };
    let made = app.admin().post("/consents", consent(json!({}))).status(201).id();
    let one = format!("/consents/{made}");
    app.admin()
        .patch_if(&one, "\"r1\"", json!({"revoked_on": "2021-05-31"}))
        .status(422)
        .error_at("/revoked_on", "period_order");
    app.admin().patch_if(&one, "\"r1\"", json!({"revoked_on": "2021-12-31"})).status(200);
    let seen = app.user("auditor", CITY).get(&one).status(200);
    assert_eq!((&seen["evidence"], &seen["masked"]), (&json!("******"), &json!(["evidence", "evidence_files"])));
    assert_eq!(app.admin().get(&format!("/consents?filter[cadre_id]={id}")).status(200).items().len(), 1);
}
