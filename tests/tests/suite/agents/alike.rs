//! What goes which way.

use std::{thread::sleep, time::Duration};

use serde_json::json;

use super::county::{County, change};
use crate::{
    faults::{beneath::Beneath, process::run},
    resources::make::{CAO, ID_NUMBER, SHAN, branch, cadre, member, secret_cadre},
    support::{Case, Ctx, Engine, cases},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_county_begins_with_what_the_city_has_of_it,
        changes_go_both_ways_and_merge,
        what_waits_for_a_decision_is_as_the_city_has_it_meanwhile,
        what_the_city_refuses_becomes_again_what_it_is_there,
        an_edit_made_during_a_cycle_is_not_overwritten,
        a_record_that_left_is_gone,
        what_is_erased_is_kept_nowhere,
        verifying_mends_one_damaged_record,
        an_agent_that_is_killed_goes_on,
        the_agent_says_what_later_can_mend,
    ]
}

fn a_county_begins_with_what_the_city_has_of_it(ctx: &Ctx) {
    let city = ctx.app();
    let hers = secret_cadre(&city.admin(), SHAN).id();
    let theirs = cadre(&city.admin(), CAO, json!({})).id();
    let party = branch(&city.admin(), SHAN, json!({})).id();
    member(&city.admin(), SHAN, &hers, &party, json!({})).status(201);
    let shan = County::of(&city, SHAN);
    shan.sync(&city.url());
    let seeing = shan.app.token(&["cadres:read", "fields:sensitive"], SHAN);
    assert_eq!(seeing.get(&format!("/cadres/{hers}")).status(200)["id_number"], ID_NUMBER);
    shan.app.admin().get(&format!("/cadres/{theirs}")).status(404);
    shan.claim_alike(&city);
    assert!(shan.sync(&city.url()).contains("sent 0, took 0"));
    shan.sync(&city.url());
    let clients = city.admin().get("/sync/clients").status(200);
    let its = clients.items().iter().find(|c| c["division_code"] == SHAN).expect("the client");
    assert_eq!(its["lag"], "0");
}

fn changes_go_both_ways_and_merge(ctx: &Ctx) {
    let city = ctx.app();
    let known = cadre(&city.admin(), SHAN, json!({"mobile": "13800000001", "hobbies": ["门球"]})).id();
    let shan = County::of(&city, SHAN);
    shan.sync(&city.url());
    // Both work while the line is down.
    let made = shan.cadre(json!({"name": "韩梅", "id_number": ID_NUMBER, "sex": "2", "birth_date": "1928-03-07"}));
    change(&shan.app.admin(), &made, json!({"mobile": "13800000002"}));
    change(&shan.app.admin(), &known, json!({"landline": "0530-1234567"}));
    change(&shan.app.admin(), &known, json!({"landline": null, "hobbies": ["书法"]}));
    change(&city.admin(), &known, json!({"native_place": "单县", "hobbies": ["太极拳"]}));
    let gone = shan.cadre(json!({}));
    shan.app.admin().delete_if(&format!("/cadres/{gone}"), "\"r1\"").status(204);
    let new = cadre(&city.admin(), SHAN, json!({})).id();
    shan.sync(&city.url());
    let there = city.admin().get(&format!("/cadres/{known}")).status(200);
    // The policy gives the county its word on hobbies.
    assert_eq!((&there["native_place"], &there["hobbies"]), (&json!("单县"), &json!(["书法"])));
    assert!(there["landline"].is_null());
    assert_eq!(city.admin().get(&format!("/cadres/{made}")).status(200)["mobile"], "13800000002");
    city.admin().get(&format!("/cadres/{gone}")).status(404);
    shan.app.admin().get(&format!("/cadres/{new}")).status(200);
    city.admin().delete_if(&format!("/cadres/{new}"), "\"r1\"").status(204);
    shan.sync(&city.url());
    shan.app.admin().get(&format!("/cadres/{new}")).status(404);
    shan.claim_alike(&city);
}

fn what_waits_for_a_decision_is_as_the_city_has_it_meanwhile(ctx: &Ctx) {
    let city = ctx.app();
    let id = cadre(&city.admin(), SHAN, json!({"residence_address": "一号楼"})).id();
    let shan = County::of(&city, SHAN);
    shan.sync(&city.url());
    change(&shan.app.admin(), &id, json!({"residence_address": "三号楼", "landline": "0530-1234567"}));
    change(&city.admin(), &id, json!({"residence_address": "二号楼"}));
    let said = shan.sync(&city.url());
    assert!(said.contains("1 in conflict") && said.contains("waits for a decision") && said.contains(&id), "{said}");
    let here = shan.app.admin().get(&format!("/cadres/{id}")).status(200);
    assert_eq!((&here["residence_address"], &here["landline"]), (&json!("二号楼"), &json!("0530-1234567")));
    shan.claim_alike(&city);
    let open = city.admin().get("/sync/conflicts").status(200);
    let resolve = format!("/sync/conflicts/{}/resolve", open.items()[0].as_object().unwrap()["id"].as_str().unwrap());
    city.admin().request("POST", &resolve).if_match("\"r3\"").json(json!({"take": "yours"})).send().status(200);
    shan.sync(&city.url());
    assert_eq!(shan.app.admin().get(&format!("/cadres/{id}")).status(200)["residence_address"], "三号楼");
}

fn what_the_city_refuses_becomes_again_what_it_is_there(ctx: &Ctx) {
    let city = ctx.app();
    secret_cadre(&city.admin(), CAO);
    let shan = County::of(&city, SHAN);
    shan.sync(&city.url());
    let person = json!({"id_number": ID_NUMBER, "sex": "2", "birth_date": "1928-03-07"});
    let double = shan.cadre(person);
    change(&shan.app.admin(), &double, json!({"mobile": "13800000002"}));
    let good = shan.cadre(json!({}));
    let said = shan.sync(&city.url());
    assert!(said.contains("2 refused") && said.contains("duplicate_person") && said.contains(&double), "{said}");
    assert!(!said.contains(ID_NUMBER), "no personal data in a log");
    shan.app.admin().get(&format!("/cadres/{double}")).status(404);
    city.admin().get(&format!("/cadres/{good}")).status(200);
    assert_eq!(city.admin().get("/sync/quarantine").items().len(), 2);
    shan.claim_alike(&city);
}

/// Somebody edits at the county without a pause while the agent works.
fn an_edit_made_during_a_cycle_is_not_overwritten(ctx: &Ctx) {
    let city = ctx.app();
    let id = cadre(&city.admin(), SHAN, json!({})).id();
    let shan = County::of(&city, SHAN);
    shan.sync(&city.url());
    std::thread::scope(|scope| {
        let agent = scope.spawn(|| (0..4).for_each(|_| drop(shan.sync(&city.url()))));
        let mut turn = 0;
        while !agent.is_finished() {
            // The agent may be faster and change the record in between; then it is tried again.
            let one = format!("/cadres/{id}");
            let etag = shan.app.admin().get(&one).status(200).etag();
            let patch = json!({"mobile": format!("138{turn:08}")});
            if shan.app.admin().patch_if(&one, &etag, patch).status == 200 {
                turn += 1;
            }
            change(&city.admin(), &id, json!({"landline": format!("0530-{turn:07}")}));
            sleep(Duration::from_millis(5));
        }
        agent.join().expect("the agent");
        shan.sync(&city.url());
        let there = city.admin().get(&format!("/cadres/{id}")).status(200);
        assert_eq!(there["mobile"], format!("138{:08}", turn - 1));
        assert_eq!(there["landline"], format!("0530-{turn:07}"));
    });
    shan.claim_alike(&city);
}

fn a_record_that_left_is_gone(ctx: &Ctx) {
    let city = ctx.app();
    let id = cadre(&city.admin(), SHAN, json!({})).id();
    let shan = County::of(&city, SHAN);
    shan.sync(&city.url());
    if !crate::sync::transferred(&Beneath::of(&city), &id, 1, SHAN, CAO) {
        return;
    }
    sleep(Duration::from_millis(700));
    shan.sync(&city.url());
    shan.app.admin().get(&format!("/cadres/{id}")).status(404);
    shan.claim_alike(&city);
}

fn verifying_mends_one_damaged_record(ctx: &Ctx) {
    let city = ctx.app();
    let ids: Vec<String> = (0..20).map(|_| cadre(&city.admin(), SHAN, json!({})).id()).collect();
    let shan = County::of(&city, SHAN);
    shan.sync(&city.url());
    shan.claim_alike(&city);
    let its = format!("X'{}'", ids[7].replace('-', ""));
    let damage = format!("UPDATE cadres SET name = '坏数据', version = version + 1 WHERE id = {its}");
    if Beneath::of(&shan.app).try_sql(&damage).is_none() {
        return;
    }
    let (code, stdout, stderr) = run(&mut shan.command(&city.url(), &["--verify"]));
    assert!(code == Some(0) && stdout.contains(" 1 of them mended"), "{stdout}{stderr}");
    assert!(stderr.contains(&ids[7]) && ids.iter().filter(|id| stderr.contains(*id)).count() == 1, "{stderr}");
    assert_eq!(shan.app.admin().get(&format!("/cadres/{}", ids[7])).status(200)["name"], "孔令文");
    shan.claim_alike(&city);
}

fn an_agent_that_is_killed_goes_on(ctx: &Ctx) {
    let city = ctx.app();
    for turn in 0..40 {
        cadre(&city.admin(), SHAN, json!({"mobile": format!("138000000{turn:02}")}));
    }
    let shan = County::of(&city, SHAN);
    for turn in 0..8_u64 {
        shan.cadre(json!({}));
        let mut agent = shan.command(&city.url(), &["--once"]);
        let mut agent =
            agent.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("it");
        sleep(Duration::from_millis(20 + turn * 15));
        let _ = agent.kill();
        let _ = agent.wait();
    }
    let said = shan.sync(&city.url());
    assert!(said.contains("0 refused"), "{said}");
    assert_eq!(city.admin().get("/cadres?count=exact").status(200)["count"], 48);
    shan.claim_alike(&city);
}

fn the_agent_says_what_later_can_mend(ctx: &Ctx) {
    let city = ctx.app();
    secret_cadre(&city.admin(), SHAN);
    let shan = County::of(&city, SHAN);
    let (code, _, stderr) = run(&mut shan.command("http://127.0.0.1:9", &["--once"]));
    assert_eq!(code, Some(75), "{stderr}");
    let token = std::fs::read_to_string(&shan.token).expect("the token");
    std::fs::write(&shan.token, "lg_pat_wrong").expect("write");
    let (code, _, stderr) = run(&mut shan.command(&city.url(), &["--once"]));
    assert!(code == Some(1) && stderr.contains("401"), "{stderr}");
    // Stars are no copy of a number.
    let masked = city.token(&["sync:*", "cadres:*", "units:*", "divisions:*"], SHAN);
    std::fs::write(&shan.token, masked.bearer().expect("a token")).expect("write");
    let (code, _, stderr) = run(&mut shan.command(&city.url(), &["--once"]));
    assert!(code == Some(1) && stderr.contains("fields:sensitive"), "{stderr}");
    std::fs::remove_file(&shan.token).expect("remove");
    let (code, _, stderr) = run(&mut shan.command(&city.url(), &["--once"]));
    assert!(code == Some(1) && stderr.contains("--token-file"), "{stderr}");
    assert_eq!(run(&mut shan.command(&city.url(), &["--wait", "31"])).0, Some(2));
    std::fs::write(&shan.token, token).expect("write");
    shan.sync(&city.url());
    // It is kept alike with one server only.
    let other = ctx.app();
    let (code, _, stderr) = run(&mut shan.command(&other.url(), &["--once"]));
    assert!(code == Some(1) && stderr.contains("--moved"), "{stderr}");
    let elsewhere = super::wire::Wire::to(&city.url());
    let (code, _, stderr) = run(&mut shan.command(&elsewhere.url, &["--once", "--moved"]));
    assert_eq!(code, Some(0), "{stderr}");
    shan.sync(&elsewhere.url);
}

/// Beneath the server, for there is no request for it yet.
fn what_is_erased_is_kept_nowhere(ctx: &Ctx) {
    let city = ctx.app();
    let hers = secret_cadre(&city.admin(), SHAN).id();
    let (shan, cao) = (County::of(&city, SHAN), County::of(&city, CAO));
    change(&city.admin(), &hers, json!({"mobile": "13800000001"}));
    shan.sync(&city.url());
    cao.sync(&city.url());
    let beneath = Beneath::of(&city);
    // She moves away, and is erased where she is then: the county she left is told too.
    if !crate::sync::transferred(&beneath, &hers, 2, SHAN, CAO) {
        return;
    }
    let (its, now) = match ctx.engine {
        Engine::Sqlite => (format!("X'{}'", hers.replace('-', "")), "0"),
        Engine::Postgres => (format!("'{hers}'"), "now()"),
    };
    let erase = format!(
        "BEGIN; DELETE FROM cadres WHERE id = {its}; DELETE FROM history WHERE entity_id = {its};
         INSERT INTO journal (entity, entity_id, op, version, changed_fields, division_before, actor, client, at)
         VALUES ('cadres', {its}, 'erase', 4, '[]', '{CAO}', 'system:test', 'system:test', {now}); COMMIT"
    );
    beneath.try_sql(&erase).expect("it worked above");
    let stranger = city.user("sync_client", "371723");
    shan.sync(&city.url());
    let told = |by: &crate::support::client::Client| {
        let all = by.get("/sync/changes?limit=2000").status(200);
        all["changes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|c| c["id"] == *hers)
            .map(|c| c["op"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&city.user("sync_client", SHAN)), ["leave", "erase"]);
    assert_eq!(told(&city.user("sync_client", CAO)), ["erase"]);
    assert!(told(&stranger).is_empty());
    let here = Beneath::of(&shan.app);
    let left = here.try_sql(&format!("SELECT (SELECT count(*) FROM cadres WHERE id = X'{0}') + (SELECT count(*) FROM history WHERE entity_id = X'{0}')", hers.replace('-', "")));
    assert_eq!(left.as_deref().unwrap_or("0"), "0");
    shan.claim_alike(&city);
}
