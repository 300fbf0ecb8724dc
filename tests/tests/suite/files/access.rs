//! Who may fetch a file: whoever sees a record's field that names it, and who has uploaded it until then.

use serde_json::json;

use super::{consent, consent_of, pdf, upload, url};
use crate::{
    resources::make::{CAO, SHAN, cadre},
    support::{Case, Ctx, cases, files::hash},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_file_is_the_uploader_s_until_a_record_names_it,
        another_county_cannot_fetch_it_nor_name_it,
        who_does_not_see_the_field_does_not_see_the_file,
        a_file_goes_with_the_record_however_that_is_written,
        what_is_not_there_cannot_be_named,
        a_county_s_system_may_bring_the_record_before_the_file,
        an_erased_person_s_files_are_nobody_s,
        a_token_needs_the_scopes,
    ]
}

fn a_file_is_the_uploader_s_until_a_record_names_it(ctx: &Ctx) {
    let app = ctx.app();
    let (one, other) = (app.user("county_admin", SHAN), app.user("county_admin", SHAN));
    let content = pdf(1, 3000);
    assert_eq!(upload(&one, &content).status(201)["media_type"], "application/pdf");
    assert_eq!(one.get(&url(&content)).status(200).body, content);
    other.get(&url(&content)).status(404).problem("not_found");
    app.admin().get(&url(&content)).status(404).problem("not_found");
    let made = consent(&one, &[&content]).status(201);
    assert_eq!(made["evidence_files"], json!([hash(&content)]));
    for reader in [&one, &other, &app.admin()] {
        assert_eq!(reader.get(&url(&content)).status(200).body, content);
    }
    // By the record alone: with it the file is out of everybody's sight, the uploader's too.
    app.admin().delete_if(&format!("/consents/{}", made.id()), "\"r1\"").status(204);
    for reader in [&one, &other, &app.admin()] {
        reader.get(&url(&content)).status(404).problem("not_found");
    }
    assert_eq!(upload(&other, &content).status(200)["bytes"], 3000);
    other.get(&url(&content)).status(200);
    one.get(&url(&content)).status(404);
}

fn another_county_cannot_fetch_it_nor_name_it(ctx: &Ctx) {
    let app = ctx.app();
    let (shan, cao) = (app.user("county_admin", SHAN), app.user("county_admin", CAO));
    let content = pdf(2, 2000);
    upload(&shan, &content).status(201);
    consent(&shan, &[&content]).status(201);
    let unknown = cao.get(&url(&pdf(3, 10))).status(404);
    let hidden = cao.get(&url(&content)).status(404);
    assert_eq!(hidden["title"], unknown["title"]);
    cao.request("HEAD", &url(&content)).send().status(404);
    // To know the hash is not to have the file: whoever names it hands it on.
    let cadre = cadre(&cao, CAO, json!({})).id();
    let mut naming = consent_of(&cadre, &[&content]);
    naming["division_code"] = json!(CAO);
    let refused = cao.post("/consents", naming.clone()).status(422);
    assert_eq!(refused["errors"][0]["code"], "unknown_file");
    assert_eq!(refused["errors"][0]["pointer"], "/evidence_files");
    let batch = cao.post("/consents/batch", json!({"items": [naming.clone()]})).status(422);
    assert_eq!(batch["errors"][0]["pointer"], "/items/0/evidence_files");
    // Who has the content has the file.
    upload(&cao, &content).status(200);
    cao.post("/consents", naming).status(201);
    cao.get(&url(&content)).status(200);
}

fn who_does_not_see_the_field_does_not_see_the_file(ctx: &Ctx) {
    let app = ctx.app();
    let (county, auditor) = (app.user("county_admin", SHAN), app.user("auditor", SHAN));
    let content = pdf(4, 2000);
    upload(&county, &content).status(201);
    let id = consent(&county, &[&content]).status(201).id();
    let seen = auditor.get(&format!("/consents/{id}")).status(200);
    assert!(seen["evidence_files"].is_null() && seen["masked"].to_string().contains("evidence_files"), "{seen}");
    auditor.get(&url(&content)).status(404).problem("not_found");
    county.get(&url(&content)).status(200);
    // A cadre sees its own.
    let me = app.user("cadre_self", SHAN);
    me.get(&url(&content)).status(404);
    upload(&me, &content).status(200);
    let own = me.get("/me").status(200)["cadre"]["record"]["id"].as_str().expect("an id").to_owned();
    me.post("/consents", consent_of(&own, &[&content])).status(201);
    me.get(&url(&content)).status(200);
}

fn a_file_goes_with_the_record_however_that_is_written(ctx: &Ctx) {
    let app = ctx.app();
    let (county, reader) = (app.user("county_admin", SHAN), app.user("county_admin", SHAN));
    let contents: Vec<Vec<u8>> = (10..16).map(|n| pdf(n, 1500)).collect();
    contents.iter().for_each(|content| drop(upload(&county, content).status(201)));
    let seen = |n: usize, status: u16| drop(reader.get(&url(&contents[n])).status(status));
    let cadre = cadre(&county, SHAN, json!({})).id();
    // Created alone and among many.
    let one = county.post("/consents", consent_of(&cadre, &[&contents[0], &contents[0]])).status(201).id();
    let batch = json!({"items": [consent_of(&cadre, &[&contents[1]]), consent_of(&cadre, &[&contents[2]])]});
    county.post("/consents/batch", batch).status(201);
    (0..3).for_each(|n| seen(n, 200));
    // A dry run changes nothing.
    let path = format!("/consents/{one}");
    let naming = |n: usize| json!({"evidence_files": [hash(&contents[n])]});
    county.request("PATCH", &path).if_match("\"r1\"").prefer("dry-run").json(naming(3)).send().status(200);
    seen(0, 200);
    seen(3, 404);
    county.patch_if(&path, "\"r1\"", naming(3)).status(200);
    seen(0, 404);
    seen(3, 200);
    county.put_if(&path, "\"r2\"", consent_of(&cadre, &[&contents[4]])).status(200);
    seen(3, 404);
    seen(4, 200);
    // What was named before is not named again by who cannot fetch it any more.
    county.patch_if(&path, "\"r3\"", naming(3)).status(422);
    county.patch_if(&path, "\"r3\"", json!({"evidence": "同前"})).status(200);
    seen(4, 200);
    // Pushed.
    let state = county.get("/sync/state").status(200);
    let op = json!({"op_seq": 1, "op_id": uuid::Uuid::now_v7(), "entity": "consents", "id": one, "action": "patch",
        "base_version": 4, "set": {"evidence_files": [hash(&contents[5])]}});
    let pushed = county.post("/sync/push", json!({"epoch": state["epoch"], "ops": [op]})).status(200);
    assert_eq!(pushed["results"][0]["status"], "applied", "{pushed}");
    seen(4, 404);
    seen(5, 200);
    county.delete_if(&path, "\"r5\"").status(204);
    seen(5, 404);
}

fn what_is_not_there_cannot_be_named(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let refused = consent(&county, &[&pdf(20, 100)]).status(422);
    assert_eq!(refused["errors"][0]["code"], "unknown_file");
    let cadre = cadre(&county, SHAN, json!({})).id();
    let mut odd = consent_of(&cadre, &[]);
    for wrong in ["", "abc", &"A".repeat(64), &format!("{}\n", "a".repeat(64))] {
        odd["evidence_files"] = json!([wrong]);
        let refused = county.post("/consents", odd.clone()).status(422);
        assert_eq!(refused["errors"][0]["pointer"], "/evidence_files/0", "{refused}");
    }
}

fn a_county_s_system_may_bring_the_record_before_the_file(ctx: &Ctx) {
    let app = ctx.app();
    let (system, county) = (app.user("sync_client", SHAN), app.user("county_admin", SHAN));
    let content = pdf(21, 4000);
    consent(&system, &[&content]).status(201);
    county.get(&url(&content)).status(404);
    upload(&system, &content).status(201);
    assert_eq!(county.get(&url(&content)).status(200).body, content);
    // But what is there and is another county's it cannot name either.
    let secret = pdf(22, 400);
    upload(&app.user("county_admin", CAO), &secret).status(201);
    consent(&system, &[&secret]).status(422);
}

fn an_erased_person_s_files_are_nobody_s(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let content = pdf(23, 400);
    upload(&admin, &content).status(201);
    let cadre = cadre(&admin, SHAN, json!({})).id();
    admin.post("/consents", consent_of(&cadre, &[&content])).status(201);
    admin.get(&url(&content)).status(200);
    let why = json!({"reason": "subject_request", "note": "本人书面申请"});
    admin.post(&format!("/cadres/{cadre}/erase"), why).status(200);
    admin.get(&url(&content)).status(404);
    let cleared = app.cli(&["files", "gc"]).output().expect("run it");
    let said = String::from_utf8_lossy(&cleared.stdout).into_owned();
    assert!(said.starts_with("1 files of 400 bytes removed"), "{said}");
}

fn a_token_needs_the_scopes(ctx: &Ctx) {
    let app = ctx.app();
    let content = pdf(24, 400);
    let writer = app.token(&["files:create"], SHAN);
    upload(&writer, &content).status(201);
    writer.get(&url(&content)).status(403);
    let reader = app.token(&["files:read"], SHAN);
    // The administrator's, who has uploaded it: an account is one, whichever token it uses.
    reader.get(&url(&content)).status(200);
    upload(&reader, &content).status(403);
    consent(&app.admin(), &[&content]).status(201);
    // Not without the right to read what names it.
    reader.get(&url(&content)).status(404);
    app.token(&["files:read", "consents:read"], SHAN).get(&url(&content)).status(200);
    for role in ["app_public", "sys_admin", "security_admin"] {
        app.user(role, SHAN).get(&url(&content)).status(403).problem("forbidden");
    }
}
