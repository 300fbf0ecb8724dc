//! `GET /sync/snapshot`, `/sync/digest`, `/sync/state`, `POST /sync/ack`.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::{Value, json};

use super::{copy::Copy, county};
use crate::{
    resources::make::{CAO, SHAN, unit},
    support::{Case, Ctx, cases, random},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_snapshot_taken_amid_writes_and_the_changes_behind_it_make_a_copy,
        a_broken_snapshot_is_taken_up_again,
        a_digest_finds_what_is_wrong_in_a_copy,
        what_is_acknowledged_is_remembered,
        an_administrator_sees_who_is_behind,
    ]
}

fn a_snapshot_taken_amid_writes_and_the_changes_behind_it_make_a_copy(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let many: Vec<Value> = (0..400)
        .map(|n| json!({"division_code": if n % 2 == 0 { SHAN } else { CAO }, "name": format!("某局{n}-{}", random()), "kind": "organ"}))
        .collect();
    for _ in 0..2 {
        admin.post("/units/batch", json!({"items": many})).status(201);
    }
    let over = AtomicBool::new(false);
    let mut copy = Copy::new(county(&app, SHAN));
    copy.limit = 100;
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut ids = vec![];
            while !over.load(Ordering::Relaxed) || ids.len() < 20 {
                let id = unit(&admin, SHAN);
                admin.patch_if(&format!("/units/{id}"), "\"r1\"", json!({"sort_no": 7})).status(200);
                if ids.len() % 3 == 1 {
                    admin.delete_if(&format!("/units/{id}"), "\"r2\"").status(204);
                }
                ids.push(id);
            }
        });
        for _ in 0..3 {
            copy.records.clear();
            copy.begin();
            copy.pull();
        }
        over.store(true, Ordering::Relaxed);
        writer.join().expect("the writer");
    });
    // What was written last gets its number in a moment.
    let last = unit(&admin, SHAN);
    while !copy.records.contains_key(&("units".to_owned(), last.clone())) {
        copy.pull();
    }
    copy.claim_right(&["divisions", "units"]);
}

fn a_broken_snapshot_is_taken_up_again(ctx: &Ctx) {
    let app = ctx.app();
    let items: Vec<Value> = (0..500)
        .map(|n| json!({"division_code": SHAN, "name": format!("某局{n}-{}", random()), "kind": "organ"}))
        .collect();
    for _ in 0..3 {
        app.admin().post("/units/batch", json!({"items": items})).status(201);
    }
    let reader = county(&app, SHAN);
    let whole = reader.get("/sync/snapshot").status(200);
    let mut copy = Copy::new(reader.clone());
    copy.take(whole.text());
    // The stream breaks in the middle of a line, some way behind the second checkpoint.
    let lines: Vec<Value> = whole.lines();
    let checkpoints: Vec<usize> = (0..lines.len()).filter(|n| lines[*n]["kind"] == "checkpoint").collect();
    assert!(checkpoints.len() > 3);
    let begun = &lines[..=checkpoints[1]];
    let token = lines[checkpoints[1]]["page_token"].as_str().expect("a token");
    let rest = reader.get(&format!("/sync/snapshot?page_token={token}")).status(200);
    let rest_lines = rest.lines();
    assert_eq!((&rest_lines[0]["resumed"], &rest_lines[0]["start_cursor"]), (&json!(true), &lines[0]["start_cursor"]));
    let records = |lines: &[Value]| -> BTreeMap<String, Value> {
        let records = lines.iter().filter(|l| l["kind"] == "record");
        records.map(|l| (l["data"]["id"].as_str().expect("an id").to_owned(), l["data"].clone())).collect()
    };
    let (first, second) = (records(begun), records(&rest_lines));
    assert!(first.keys().all(|id| !second.contains_key(id)), "nothing comes twice");
    assert_eq!(first.len() + second.len(), copy.records.len());
    Copy::new(reader.clone()).take(rest.text());
    county(&app, CAO).get(&format!("/sync/snapshot?page_token={token}")).status(410).problem("cursor_gone");
    reader.get("/sync/snapshot?page_token=x").status(400).problem("page_token_mismatch");
}

fn a_digest_finds_what_is_wrong_in_a_copy(ctx: &Ctx) {
    let app = ctx.app();
    let ids: Vec<String> = (0..20).map(|_| unit(&app.admin(), SHAN)).collect();
    let reader = county(&app, SHAN);
    let before = reader.get("/sync/digest?entity=units").status(200);
    app.admin().patch_if(&format!("/units/{}", ids[7]), "\"r1\"", json!({"sort_no": 3})).status(200);
    let after = reader.get("/sync/digest?entity=units").status(200);
    let differing: Vec<usize> = (0..256).filter(|n| before["buckets"][n] != after["buckets"][n]).collect();
    assert_eq!(differing, [usize::from_str_radix(&ids[7][34..], 16).expect("hex")]);
    let bucket = reader.get(&format!("/sync/digest/{}?entity=units", differing[0])).status(200);
    assert!(bucket.items().contains(&json!({"id": ids[7], "version": 2})));
    assert_eq!(county(&app, CAO).get("/sync/digest?entity=units").status(200)["count"], 0);
}

fn what_is_acknowledged_is_remembered(ctx: &Ctx) {
    let app = ctx.app();
    let reader = county(&app, SHAN);
    let fresh = reader.get("/sync/state").status(200);
    assert!(fresh["acked"].is_null());
    assert_eq!(fresh["division_code"], SHAN);
    unit(&app.admin(), SHAN);
    let mut copy = Copy::new(reader.clone());
    while copy.records.keys().all(|(entity, _)| entity != "units") {
        copy.pull();
    }
    reader.post("/sync/ack", json!({"cursor": copy.cursor})).status(204);
    let state = reader.get("/sync/state").status(200);
    assert_eq!(state["acked"]["lag"], "0");
    assert_eq!(state["acked"]["seq"], state["head"]);
    unit(&app.admin(), CAO);
    let lag = || reader.get("/sync/state").status(200)["acked"]["lag"].clone();
    while lag() != "1" {
        thread::sleep(std::time::Duration::from_millis(10));
    }
    app.terminate();
    app.restart();
    assert_eq!(lag(), "1");
    assert!(county(&app, SHAN).get("/sync/state").status(200)["acked"].is_null(), "each has a position of its own");
}

fn an_administrator_sees_who_is_behind(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let token = app.token(&["sync:pull", "units:read"], SHAN);
    let mut copy = Copy::new(token.clone());
    unit(&admin, SHAN);
    while copy.records.is_empty() {
        copy.pull();
    }
    let of = |by: &crate::support::client::Client| {
        let all = by.get("/sync/clients").status(200);
        all.items().iter().find(|c| c["division_code"] == SHAN).cloned()
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
    let first = loop {
        assert!(std::time::Instant::now() < deadline, "the pull is not noted");
        if let Some(client) = of(&admin) {
            break client;
        }
    };
    // The account that the token belongs to: tokens come and go.
    assert!(first["name"] == "admin" && first["acked_seq"].is_null(), "{first}");
    assert_eq!((&first["current_epoch"], &first["days_left"]), (&json!(true), &json!(400)));
    token.post("/sync/ack", json!({"cursor": copy.cursor})).status(204);
    assert_eq!(of(&admin).expect("it")["lag"], "0");
    unit(&admin, CAO);
    while of(&admin).expect("it")["lag"] != "1" {
        thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(of(&app.user("county_admin", SHAN)).is_some() && of(&app.user("county_admin", CAO)).is_none());
    token.get("/sync/clients").status(403);
}
