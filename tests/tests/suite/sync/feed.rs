//! `GET /sync/changes` and `/sync/events`.

use std::{
    io::BufRead,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{change, copy::Copy, county, numbered, transferred};
use crate::{
    faults::beneath::Beneath,
    resources::make::{CAO, CITY, ID_NUMBER, SHAN, branch, cadre, member, secret_cadre, unit},
    support::{App, Case, Ctx, Engine, cases, client::Client},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_copy_that_follows_the_feed_is_what_its_reader_sees,
        only_the_newest_line_of_a_record_is_told,
        a_record_that_leaves_is_told_even_when_newer_lines_follow,
        a_dead_cursor_says_why,
        a_cursor_is_for_one_question,
        what_a_caller_may_not_read_does_not_travel,
        sensitive_fields_travel_masked,
        a_wait_ends_with_the_change,
        a_reader_that_is_revoked_while_it_waits_hears_nothing,
        events_go_on_where_they_broke_off,
        a_hole_in_the_journal_is_an_alarm,
        bad_questions_are_refused,
    ]
}

const ALL: [&str; 7] =
    ["divisions", "units", "cadres", "party-organizations", "party-memberships", "honors", "benefit-standards"];

/// Writes of many kinds by city and counties, and two copies that follow them at their own pace.
fn a_copy_that_follows_the_feed_is_what_its_reader_sees(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let (mut shan, mut city) = (Copy::new(county(&app, SHAN)), Copy::new(app.admin()));
    let mut known: Vec<(String, String)> = vec![];
    for turn in 0..24 {
        let division = [SHAN, CAO][turn % 2];
        let person = cadre(&admin, division, json!({})).id();
        let party = branch(&admin, division, json!({})).id();
        known.push(("party-memberships".into(), member(&admin, division, &person, &party, json!({})).status(201).id()));
        if turn % 3 == 0 {
            let standard = json!({"division_code": CITY, "kind": "nursing", "scope": format!("第{turn}类"), "amount": "500.00", "valid_from": "2020-01-01"});
            known.push(("benefit-standards".into(), admin.post("/benefit-standards", standard).status(201).id()));
        }
        change(&admin, "cadres", &person, json!({"mobile": format!("138000000{turn:02}")}));
        if turn % 4 == 3 {
            let (entity, id) = known.remove(turn % known.len());
            let one = format!("/{entity}/{id}");
            let etag = admin.get(&one).status(200).etag();
            admin.delete_if(&one, &etag).status(204);
        }
        if turn % 5 == 0 {
            numbered(shan.client());
            shan.pull();
            shan.claim_right(&ALL);
        }
    }
    for copy in [&mut shan, &mut city] {
        numbered(&admin);
        copy.pull();
        copy.claim_right(&ALL);
    }
    assert!(shan.records.len() < city.records.len());
}

fn only_the_newest_line_of_a_record_is_told(ctx: &Ctx) {
    let app = ctx.app();
    let reader = county(&app, SHAN);
    let id = cadre(&app.admin(), SHAN, json!({})).id();
    for turn in 0..3 {
        change(&app.admin(), "cadres", &id, json!({"mobile": format!("1380000000{turn}")}));
    }
    numbered(&app.admin());
    let told = Copy::new(reader).pull();
    let its: Vec<&Value> = told.iter().filter(|c| c["id"] == *id).collect();
    assert_eq!(its.len(), 1, "{its:?}");
    assert_eq!((&its[0]["op"], &its[0]["version"]), (&json!("upsert"), &json!(4)));
    assert_eq!(its[0]["changed_fields"], json!(["mobile"]));
    assert_eq!(its[0]["data"]["mobile"], "13800000002");
    assert!(its[0]["origin"]["client"].as_str().expect("a client").starts_with("user:"));
}

/// A person goes from one county to another and is changed there, before the first one pulls.
fn a_record_that_leaves_is_told_even_when_newer_lines_follow(ctx: &Ctx) {
    let app = ctx.app();
    let beneath = Beneath::of(&app);
    let (mut shan, mut cao) = (Copy::new(county(&app, SHAN)), Copy::new(county(&app, CAO)));
    let id = cadre(&app.admin(), SHAN, json!({})).id();
    numbered(&app.admin());
    shan.pull();
    cao.pull();
    let key = ("cadres".to_owned(), id.clone());
    assert!(shan.records.contains_key(&key) && !cao.records.contains_key(&key));
    if !transferred(&beneath, &id, 1, SHAN, CAO) {
        return;
    }
    change(&app.admin(), "cadres", &id, json!({"mobile": "13800000009"}));
    numbered(&app.admin());
    let told = shan.pull();
    let leave = told.iter().find(|c| c["id"] == *id).expect("it is told");
    assert_eq!((&leave["op"], &leave["reason"]), (&json!("leave"), &json!("transferred")));
    cao.pull();
    assert!(!shan.records.contains_key(&key) && cao.records.contains_key(&key));
    shan.claim_right(&["cadres"]);
    cao.claim_right(&["cadres"]);
}

fn a_dead_cursor_says_why(ctx: &Ctx) {
    let app = ctx.app();
    let beneath = Beneath::of(&app);
    let reader = county(&app, SHAN);
    numbered(&app.admin());
    let cursor = reader.get("/sync/changes").status(200)["next_cursor"].as_str().expect("a cursor").to_owned();
    let ask = |by: &Client| by.get(&format!("/sync/changes?cursor={cursor}"));
    ask(&reader).status(200);
    // Somebody who sees something else: another county, another role, a mask less.
    for other in [
        county(&app, CAO),
        app.token(&["sync:pull", "cadres:read"], SHAN),
        app.token(&["*:*", "fields:sensitive"], SHAN),
    ] {
        ask(&other).status(410).problem("cursor_gone").error_at("/cursor", "scope_changed");
    }
    let gone = |code: &str| {
        ask(&reader).status(410).problem("cursor_gone").error_at("/cursor", code);
        reader.post("/sync/ack", json!({"cursor": cursor}))
    };
    if beneath.try_sql("UPDATE feed_state SET horizon = 1000000").is_some() {
        gone("expired");
        reader.get("/sync/changes").status(410).error_at("/cursor", "expired");
        beneath.try_sql("UPDATE feed_state SET horizon = 0");
        let epoch = if ctx.engine == Engine::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
        beneath.try_sql(&format!("UPDATE feed_state SET epoch = {epoch}"));
        gone("epoch_changed").status(410).error_at("/cursor", "epoch_changed");
    }
}

fn a_cursor_is_for_one_question(ctx: &Ctx) {
    let app = ctx.app();
    let reader = county(&app, SHAN);
    let cursor =
        reader.get("/sync/changes?entities=cadres,units").status(200)["next_cursor"].as_str().expect("one").to_owned();
    reader.get(&format!("/sync/changes?entities=units,cadres&cursor={cursor}")).status(200);
    let other = reader.get(&format!("/sync/changes?entities=cadres&cursor={cursor}")).status(400);
    other.problem("invalid_cursor").error_at("/entities", "other_question");
    let mut broken = cursor.clone();
    broken.replace_range(3..4, if &cursor[3..4] == "A" { "B" } else { "A" });
    for text in [broken.as_str(), "mJ0c", "%20", &cursor[..cursor.len() - 2]] {
        reader.get(&format!("/sync/changes?cursor={text}")).status(400).problem("invalid_cursor");
    }
}

fn what_a_caller_may_not_read_does_not_travel(ctx: &Ctx) {
    let app = ctx.app();
    cadre(&app.admin(), SHAN, json!({}));
    numbered(&app.admin());
    let narrow = app.token(&["sync:pull", "units:read"], SHAN);
    let told = Copy::new(narrow.clone()).pull();
    assert!(!told.is_empty() && told.iter().all(|c| c["entity"] == "units"), "{told:?}");
    narrow.get("/sync/changes?entities=cadres").status(403).problem("forbidden");
    narrow.get("/sync/digest?entity=cadres").status(403);
    narrow.get("/sync/snapshot?entities=cadres").status(403);
    let reader = app.token(&["cadres:read"], SHAN);
    for path in ["/sync/changes", "/sync/state", "/sync/snapshot", "/sync/digest?entity=cadres", "/sync/events"] {
        reader.get(path).status(403).problem("forbidden");
        app.anonymous().get(path).status(401);
    }
    // The users of the system stay at home.
    let all = Copy::new(app.admin()).pull();
    assert!(all.iter().all(|c| c["entity"] != "users"));
    app.admin().get("/sync/changes?entities=users").status(400).error_at("/entities", "unknown_code");
}

fn sensitive_fields_travel_masked(ctx: &Ctx) {
    let app = ctx.app();
    let id = secret_cadre(&app.admin(), SHAN).id();
    numbered(&app.admin());
    for by in [county(&app, SHAN), app.token(&["*:*"], SHAN)] {
        for text in [by.get("/sync/changes").status(200), by.get("/sync/snapshot").status(200)] {
            assert!(text.text().contains(&id) && text.text().contains("masked"));
            assert!(!text.text().contains(ID_NUMBER) && !text.text().contains("高血压"));
        }
    }
    let seer = app.token(&["*:*", "fields:sensitive"], SHAN);
    assert!(seer.get("/sync/changes").status(200).text().contains(ID_NUMBER));
}

fn a_wait_ends_with_the_change(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, reader) = (app.admin(), county(&app, SHAN));
    let cursor = reader.get("/sync/changes?cursor=now").status(200)["next_cursor"].as_str().expect("one").to_owned();
    let begun = Instant::now();
    let empty = reader.get(&format!("/sync/changes?cursor={cursor}&wait=1")).status(200);
    assert!(empty["changes"].as_array().expect("changes").is_empty() && begun.elapsed() >= Duration::from_millis(900));
    let cursor = empty["next_cursor"].as_str().expect("one").to_owned();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let begun = Instant::now();
            (reader.get(&format!("/sync/changes?cursor={cursor}&wait=20")).status(200), begun.elapsed())
        });
        thread::sleep(Duration::from_millis(400));
        // What happens elsewhere wakes nobody up.
        unit(&admin, CAO);
        thread::sleep(Duration::from_millis(400));
        let id = unit(&admin, SHAN);
        let (page, waited) = waiting.join().expect("an answer");
        assert_eq!(page["changes"][0]["id"], *id);
        assert!(waited >= Duration::from_millis(700) && waited < Duration::from_secs(5), "{waited:?}");
    });
}

fn a_reader_that_is_revoked_while_it_waits_hears_nothing(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let made = admin.post("/tokens", App::token_request(&["sync:pull", "units:read"], SHAN)).status(201);
    let reader = app.anonymous().bearing(made["token"].as_str().expect("a token"));
    let cursor = reader.get("/sync/changes?cursor=now").status(200)["next_cursor"].as_str().expect("one").to_owned();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| reader.get(&format!("/sync/changes?cursor={cursor}&wait=20")));
        thread::sleep(Duration::from_millis(400));
        admin.delete(&format!("/tokens/{}", made["token_id"].as_str().expect("an id"))).status(204);
        unit(&admin, SHAN);
        waiting.join().expect("an answer").status(401).problem("unauthenticated");
    });
}

fn events_go_on_where_they_broke_off(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, reader) = (app.admin(), county(&app, SHAN));
    numbered(&admin);
    let (_, mut stream) = reader.request("GET", "/sync/events?cursor=now").open();
    let first = unit(&admin, SHAN);
    let (last, data) = event(&mut stream);
    assert_eq!(data["id"], *first);
    drop(stream);
    let second = unit(&admin, SHAN);
    let (_, mut stream) = reader.request("GET", "/sync/events").header("last-event-id", &last).open();
    assert_eq!(event(&mut stream).1["id"], *second);
    // What changes about others does not end it.
    county(&app, CAO);
    let third = unit(&admin, SHAN);
    assert_eq!(event(&mut stream).1["id"], *third);
}

/// The next change of a stream: its id and data.
fn event(stream: &mut impl BufRead) -> (String, Value) {
    let (mut id, mut is_change) = (String::new(), false);
    for line in stream.lines() {
        let line = line.expect("a line");
        if let Some(text) = line.strip_prefix("id: ") {
            text.clone_into(&mut id);
        }
        is_change |= line == "event: change";
        if let Some(data) = line.strip_prefix("data: ").filter(|_| is_change) {
            return (id, serde_json::from_str(data).expect("JSON"));
        }
    }
    panic!("the stream ended");
}

fn a_hole_in_the_journal_is_an_alarm(ctx: &Ctx) {
    let app = ctx.app();
    let beneath = Beneath::of(&app);
    let made: Vec<String> = (0..4).map(|_| unit(&app.admin(), SHAN)).collect();
    numbered(&app.admin());
    let whole = Copy::new(county(&app, SHAN)).pull();
    assert!(made.iter().all(|id| whole.iter().any(|c| c["id"] == **id)));
    let seq = whole.iter().find(|c| c["id"] == *made[1]).expect("it")["seq"].as_str().expect("a number").to_owned();
    if beneath.try_sql(&format!("DELETE FROM journal WHERE seq = {seq}")).is_none() {
        return;
    }
    county(&app, SHAN).request("GET", "/sync/changes").unchecked().send().status(500).problem("internal");
    let metrics = app.anonymous().request("GET", "/metrics").unchecked().send();
    let metrics = if metrics.status == 200 { metrics.text().to_owned() } else { outside(&app.url(), "/metrics") };
    assert!(metrics.contains("laogan_feed_holes_total 1"), "{metrics}");
}

fn outside(url: &str, path: &str) -> String {
    let root = url.trim_end_matches("/api/v1");
    ureq::get(format!("{root}{path}")).call().expect("an answer").body_mut().read_to_string().expect("a text")
}

fn bad_questions_are_refused(ctx: &Ctx) {
    let app = ctx.app();
    let reader = county(&app, SHAN);
    for (query, pointer, code) in [
        ("limit=0", "/limit", "too_small"),
        ("limit=2001", "/limit", "too_large"),
        ("limit=many", "/limit", "too_small"),
        ("wait=31", "/wait", "too_large"),
        ("entities=castles", "/entities", "unknown_code"),
        ("since=yesterday", "/since", "unknown_parameter"),
    ] {
        let refused = reader.request("GET", &format!("/sync/changes?{query}")).unchecked().send().status(400);
        refused.problem("invalid_parameter").error_at(pointer, code);
    }
    reader.request("GET", "/sync/digest").unchecked().send().status(400).error_at("/entity", "required");
    reader.request("GET", "/sync/digest/256?entity=cadres").unchecked().send().status(404);
    reader.post("/sync/ack", json!({"cursor": "x"})).status(400).problem("invalid_cursor");
    reader
        .request("POST", "/sync/ack")
        .unchecked()
        .json(json!({"cursor": 7}))
        .send()
        .status(422)
        .error_at("/cursor", "wrong_type");
}
