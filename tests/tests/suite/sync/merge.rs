//! How what was made offline meets what others made meanwhile: field by field, by the published policy.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use super::{county, outbox::Outbox};
use crate::{
    resources::make::{SHAN, cadre, secret_cadre},
    support::{App, Case, Ctx, cases, client::Client},
};

pub fn tests() -> Vec<Case> {
    cases![
        disjoint_changes_merge,
        the_policy_decides_what_both_changed,
        what_nobody_decides_waits_for_a_person,
        a_decision_is_about_what_was_seen,
        own_changes_are_no_conflict,
        a_deletion_meets_a_change,
        a_change_meets_a_deletion,
        a_wrong_clock_orders_nothing,
        sensitive_values_of_a_conflict_are_hidden,
        bad_bases_are_refused,
    ]
}

/// A cadre that a county's system has at version 1, and that the city has changed since.
fn changed_by_the_city(app: &App, fields: Value) -> (Outbox, String) {
    let first = json!({"mobile": "13800000001", "rank_code": "131", "hobbies": ["门球"], "residence_address": "一号楼", "native_place": "单县"});
    let id = cadre(&app.admin(), SHAN, first).id();
    let outbox = Outbox::new(county(app, SHAN));
    change(&app.admin(), &id, fields);
    (outbox, id)
}
fn change(by: &Client, id: &str, fields: Value) {
    let one = format!("/cadres/{id}");
    let etag = by.get(&one).status(200).etag();
    by.patch_if(&one, &etag, fields).status(200);
}
fn record(by: &Client, id: &str) -> Value {
    by.get(&format!("/cadres/{id}")).status(200).json().clone()
}

fn disjoint_changes_merge(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, id) = changed_by_the_city(&app, json!({"residence_address": "二号楼"}));
    let op = outbox.patch("cadres", &id, 1, json!({"landline": "0530-1234567"}));
    let result = outbox.one(&op);
    assert_eq!((&result["status"], &result["version"]), (&json!("merged"), &json!(3)));
    assert_eq!(result["merged_fields"], json!(["landline"]));
    let now = record(outbox.client(), &id);
    assert_eq!((&now["residence_address"], &now["landline"]), (&json!("二号楼"), &json!("0530-1234567")));
    // The same change by both sides is none, and one that is sent along unchanged is no change.
    let op = outbox.patch("cadres", &id, 1, json!({"residence_address": "二号楼", "mobile": "13800000001"}));
    assert_eq!(outbox.one(&op)["status"], "noop");
    let op = outbox.patch("cadres", &id, 1, json!({"residence_address": "一号楼"}));
    assert_eq!(outbox.one(&op)["status"], "noop");
    assert_eq!(record(outbox.client(), &id)["version"], 3);
}

fn the_policy_decides_what_both_changed(ctx: &Ctx) {
    let app = ctx.app();
    let policy = app.admin().get("/sync/policy").status(200);
    let cadres = policy["entities"].as_array().unwrap().iter().find(|e| e["entity"] == "cadres").expect("cadres");
    let of = |field: &str| {
        let found = cadres["fields"].as_array().unwrap().iter().find(|f| f["field"] == field);
        found.map_or(policy["default"].clone(), |f| f["policy"].clone())
    };
    assert_eq!(of("rank_code"), "city_wins");
    assert_eq!(of("hobbies"), "county_wins");
    assert_eq!(of("residence_address"), "manual");
    let (mut outbox, id) = changed_by_the_city(&app, json!({"rank_code": "132", "hobbies": ["书法"]}));
    let op = outbox.patch("cadres", &id, 1, json!({"rank_code": "141", "hobbies": ["太极拳"]}));
    let result = outbox.one(&op);
    assert_eq!(result["status"], "merged");
    let decided = json!([
        {"field": "rank_code", "policy": "city_wins", "yours": false},
        {"field": "hobbies", "policy": "county_wins", "yours": true},
    ]);
    assert_eq!(result["decided"], decided);
    let now = record(outbox.client(), &id);
    assert_eq!((&now["rank_code"], &now["hobbies"]), (&json!("132"), &json!(["太极拳"])));
    // The city itself is offline sometimes.
    let mut city = Outbox::new(app.admin());
    change(outbox.client(), &id, json!({"rank_code": "150"}));
    let op = city.patch("cadres", &id, 3, json!({"rank_code": "122"}));
    assert_eq!(city.one(&op)["decided"][0]["yours"], true);
    assert_eq!(record(outbox.client(), &id)["rank_code"], "122");
}

fn what_nobody_decides_waits_for_a_person(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, id) = changed_by_the_city(&app, json!({"residence_address": "二号楼"}));
    let op = outbox.patch("cadres", &id, 1, json!({"residence_address": "三号楼", "mobile": "13800000009"}));
    let result = outbox.one(&op);
    assert_eq!(result["status"], "conflict");
    let conflict = &result["conflict"];
    let field = &conflict["fields"][0];
    assert_eq!(
        (&field["base"], &field["yours"], &field["theirs"]),
        (&json!("一号楼"), &json!("三号楼"), &json!("二号楼"))
    );
    assert_eq!((&conflict["base_version"], &conflict["current_version"]), (&json!(1), &json!(3)));
    assert_eq!(result["merged_fields"], json!(["mobile"]));
    let now = record(outbox.client(), &id);
    assert_eq!((&now["mobile"], &now["residence_address"]), (&json!("13800000009"), &json!("二号楼")));
    // Sent again it names the same conflict.
    assert_eq!(outbox.one(&op)["conflict"]["id"], conflict["id"]);
    let open = outbox.client().get("/sync/conflicts").status(200);
    assert_eq!(open.items().len(), 1);
    assert_eq!(open.items()[0]["id"], conflict["id"]);
    assert_eq!(app.admin().get("/sync/clients").status(200).items()[0]["open_conflicts"], 1);
    let one = format!("/sync/conflicts/{}", conflict["id"].as_str().unwrap());
    let elsewhere = county(&app, "371721");
    elsewhere.get(&one).status(404);
    let decide = |decision: Value| {
        app.admin().request("POST", &format!("{one}/resolve")).if_match("\"r3\"").json(decision).send()
    };
    decide(json!({"take": "values", "values": {"mobile": "13800000001"}})).status(422);
    decide(json!({"take": "somebody"})).status(422);
    let done = decide(json!({"take": "yours"})).status(200);
    assert_eq!((&done["resolved"], done.etag()), (&json!(true), "\"r4\"".to_owned()));
    assert_eq!(record(outbox.client(), &id)["residence_address"], "三号楼");
    assert_eq!(outbox.client().get("/sync/conflicts").items().len(), 0);
    decide(json!({"take": "theirs"})).status(409);
}

fn a_decision_is_about_what_was_seen(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, id) = changed_by_the_city(&app, json!({"residence_address": "二号楼"}));
    let op = outbox.patch("cadres", &id, 1, json!({"residence_address": "三号楼"}));
    let conflict = outbox.one(&op)["conflict"]["id"].as_str().expect("a conflict").to_owned();
    change(&app.admin(), &id, json!({"residence_address": "四号楼"}));
    let resolve = format!("/sync/conflicts/{conflict}/resolve");
    let decide =
        |etag: &str| app.admin().request("POST", &resolve).if_match(etag).json(json!({"take": "yours"})).send();
    app.admin().post(&resolve, json!({"take": "yours"})).status(428);
    let stale = decide("\"r2\"").status(412);
    assert_eq!(stale["conflict"]["fields"][0]["theirs"], "四号楼");
    assert_eq!(app.admin().get(&format!("/sync/conflicts/{conflict}")).status(200)["resolved"], false);
    decide("\"r3\"").status(200);
    assert_eq!(record(&app.admin(), &id)["residence_address"], "三号楼");
    // Other values than either.
    let op = outbox.patch("cadres", &id, 1, json!({"native_place": "曹县"}));
    change(&app.admin(), &id, json!({"native_place": "成武"}));
    let conflict = outbox.one(&op)["conflict"]["id"].as_str().expect("a conflict").to_owned();
    let resolve = format!("/sync/conflicts/{conflict}/resolve");
    let decision = json!({"take": "values", "values": {"native_place": null}});
    app.admin().request("POST", &resolve).if_match("\"r5\"").json(decision).send().status(200);
    assert!(record(&app.admin(), &id)["native_place"].is_null());
}

/// A client that works offline for long sends many changes on the same base.
fn own_changes_are_no_conflict(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, id) = changed_by_the_city(&app, json!({"native_place": "曹县"}));
    let ops: Vec<Value> = ["三号楼", "四号楼", "五号楼"]
        .iter()
        .map(|place| outbox.patch("cadres", &id, 1, json!({"residence_address": place})))
        .collect();
    for op in &ops {
        assert_eq!(outbox.one(op)["status"], "merged");
    }
    assert_eq!(record(outbox.client(), &id)["residence_address"], "五号楼");
    // Another has the last word in between: now it is one.
    change(&app.admin(), &id, json!({"residence_address": "六号楼"}));
    let op = outbox.patch("cadres", &id, 1, json!({"residence_address": "七号楼"}));
    assert_eq!(outbox.one(&op)["status"], "conflict");
}

fn a_deletion_meets_a_change(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, id) = changed_by_the_city(&app, json!({"mobile": "13800000007"}));
    let op = outbox.op("delete", "cadres", json!({"id": id, "base_version": 1}));
    let result = outbox.one(&op);
    assert_eq!((&result["status"], &result["conflict"]["fields"]), (&json!("conflict"), &json!([])));
    assert_eq!(record(outbox.client(), &id)["version"], 2);
    let resolve = format!("/sync/conflicts/{}/resolve", result["conflict"]["id"].as_str().unwrap());
    app.admin().request("POST", &resolve).if_match("\"r2\"").json(json!({"take": "yours"})).send().status(200);
    outbox.client().get(&format!("/cadres/{id}")).status(404);
}

fn a_change_meets_a_deletion(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, id) = changed_by_the_city(&app, json!({"mobile": "13800000007"}));
    let one = format!("/cadres/{id}");
    app.admin().delete_if(&one, "\"r2\"").status(204);
    let change = outbox.patch("cadres", &id, 1, json!({"mobile": "13800000008"}));
    let gone = outbox.op("delete", "cadres", json!({"id": id, "base_version": 1}));
    let answer = outbox.push(&[change, gone]);
    assert_eq!(answer["results"][0]["problem"]["code"], "record_deleted");
    assert_eq!(answer["results"][1]["status"], "noop");
    // What it wanted is kept, for a person to look at.
    assert_eq!(outbox.client().get("/sync/quarantine").items()[0]["op"]["set"]["mobile"], "13800000008");
}

/// A client whose clock is two years off, in either direction, and says so by what it shows.
fn a_wrong_clock_orders_nothing(ctx: &Ctx) {
    let app = ctx.app();
    let text = |at: chrono::DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    for (days, own, wins) in [(730, -3600, false), (-730, 0, true), (730, 0, true), (-730, -3600, false)] {
        let (mut outbox, id) = changed_by_the_city(&app, json!({"mobile": "13800000007"}));
        let clock = Utc::now() + TimeDelta::days(days);
        let mut op = outbox.patch("cadres", &id, 1, json!({"mobile": "13800000008"}));
        // Observed an hour ago, before the city's change, or now, behind it. The second is more than the clocks' grain.
        op["observed_at"] = json!(text(clock + TimeDelta::seconds(own + 1)));
        let body = json!({"epoch": outbox.body(&[])["epoch"], "sent_at": text(clock), "agent": "test/1", "ops": [op]});
        std::thread::sleep(std::time::Duration::from_millis(1100));
        let body = if own == 0 {
            json!({"epoch": body["epoch"], "sent_at": text(Utc::now() + TimeDelta::days(days)), "agent": "test/1", "ops": body["ops"]})
        } else {
            body
        };
        let answer = outbox.client().post("/sync/push", body).status(200);
        assert_eq!(answer["results"][0]["decided"][0]["yours"], wins, "{days} {own}: {answer}");
        let mine = outbox.client().get("/me").status(200)["username"].clone();
        let clients = app.admin().get("/sync/clients").status(200);
        let client = clients.items().iter().find(|c| c["name"] == mine).expect("the client");
        let ahead = client["clock_ahead_s"].as_i64().expect("a skew");
        assert!((ahead - days * 86_400).abs() < 10, "{ahead}");
        assert_eq!(client["agent"], "test/1");
        // Its changes stand in the feed at the server's time.
        let feed = outbox.client().get("/sync/changes?entities=cadres&limit=2000").status(200);
        let at = feed["changes"].as_array().unwrap().iter().find(|c| c["id"] == *id).unwrap()["at"].as_str().unwrap();
        let at: chrono::DateTime<Utc> = at.parse().expect("an instant");
        assert!((Utc::now() - at).num_minutes().abs() < 5);
    }
}

fn sensitive_values_of_a_conflict_are_hidden(ctx: &Ctx) {
    let app = ctx.app();
    let id = secret_cadre(&app.admin(), SHAN).id();
    let mut outbox = Outbox::new(county(&app, SHAN));
    change(&app.admin(), &id, json!({"disease_note": "冠心病"}));
    let op = outbox.patch("cadres", &id, 1, json!({"disease_note": "糖尿病"}));
    let result = outbox.one(&op);
    assert_eq!(result["status"], "conflict");
    let open = app.admin().get("/sync/conflicts").status(200);
    for text in [result.to_string(), open.to_string()] {
        assert!(text.contains("disease_note") && !text.contains("冠心病") && !text.contains("糖尿病"), "{text}");
    }
    let seeing = app.token(&["sync:*", "cadres:*", "fields:sensitive"], SHAN).get("/sync/conflicts").status(200);
    assert_eq!(seeing.items()[0]["fields"][0]["theirs"], "冠心病");
}

fn bad_bases_are_refused(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, id) = changed_by_the_city(&app, json!({"mobile": "13800000007"}));
    let ahead = outbox.patch("cadres", &id, 9, json!({"mobile": "13800000008"}));
    let none = outbox.op("patch", "cadres", json!({"id": id, "set": {"mobile": "13800000008"}}));
    let mut epoch = outbox.patch("cadres", &id, 1, json!({"mobile": "13800000008"}));
    epoch["base_epoch"] = json!(uuid::Uuid::new_v4());
    let masked = outbox.patch("cadres", &id, 2, json!({"id_number": "37292519280307****", "version": 3}));
    let answer = outbox.push(&[ahead, none, epoch, masked]);
    let codes: Vec<String> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            format!("{}{}", r["problem"]["errors"][0]["pointer"], r["problem"]["errors"][0]["code"]).replace('"', " ")
        })
        .collect();
    let expected = [
        " /base_version  too_large ",
        " /base_version  required ",
        " /base_epoch  unknown_epoch ",
        " /set/version  read_only ",
    ];
    assert_eq!(codes, expected);
    assert_eq!(record(outbox.client(), &id)["version"], 2);
}
