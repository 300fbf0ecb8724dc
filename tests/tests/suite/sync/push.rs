//! `POST /sync/push`: each operation once, in order, and none in the way of another.

use std::thread;

use serde_json::{Value, json};

use super::{
    county,
    outbox::{Outbox, statuses},
};
use crate::{
    resources::make::{CAO, ID_NUMBER, SHAN, cadre_of, secret_cadre, unit},
    support::{App, Case, Ctx, cases},
};

pub fn tests() -> Vec<Case> {
    cases![
        operations_are_done_and_the_feed_says_by_which,
        what_is_sent_again_is_answered_again_and_done_once,
        an_id_is_used_for_one_operation_only,
        numbers_go_on_without_gaps,
        another_epoch_is_refused,
        a_poison_operation_stops_no_other,
        a_dry_run_answers_the_same_and_changes_nothing,
        a_push_may_no_more_than_a_request,
        a_person_in_care_elsewhere_is_told_without_her_data,
        a_system_with_its_own_ids_needs_no_other,
        a_stream_loads_many_and_tells_of_each,
        the_quarantine_hides_and_ends,
        the_account_is_the_client_whichever_token_it_shows,
        one_push_in_many_hands_has_one_effect,
    ]
}

/// A county's system with a unit to which its people belong.
pub fn outbox(app: &App) -> (Outbox, String) {
    let unit = unit(&app.admin(), SHAN);
    (Outbox::new(county(app, SHAN)), unit)
}

fn operations_are_done_and_the_feed_says_by_which(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let made = outbox.create("cadres", cadre_of(&unit, SHAN));
    let id = made["id"].as_str().expect("an id").to_owned();
    let changed = outbox.patch("cadres", &id, 1, json!({"mobile": "13800000001"}));
    let other = outbox.create("cadres", cadre_of(&unit, SHAN));
    let gone = outbox.op("delete", "cadres", json!({"id": other["id"], "base_version": 1}));
    let answer = outbox.push(&[made.clone(), changed.clone(), other.clone(), gone]);
    assert_eq!(statuses(&answer), ["applied"; 4], "{answer}");
    assert_eq!((&answer["outcome"], &answer["accepted_through_op_seq"]), (&json!("complete"), &json!(4)));
    let record = outbox.client().get(&format!("/cadres/{id}")).status(200);
    assert_eq!((&record["version"], &record["mobile"]), (&json!(2), &json!("13800000001")));
    outbox.client().get(&format!("/cadres/{}", other["id"].as_str().unwrap())).status(404);
    // The position behind the push is one from which nothing of it is told again.
    let cursor = answer["write_cursor"].as_str().expect("a cursor");
    let behind = outbox.client().get(&format!("/sync/changes?cursor={cursor}")).status(200);
    assert_eq!(behind["changes"], json!([]));
    assert_eq!(behind["head"], answer["write_seq"]);
    let feed = outbox.client().get("/sync/changes?entities=cadres&limit=2000").status(200);
    let its = feed["changes"].as_array().unwrap().iter().find(|c| c["id"] == *id).expect("its line");
    assert_eq!(its["origin"]["op_id"], changed["op_id"]);
    assert_eq!(outbox.client().get("/sync/state").status(200)["expected_op_seq"], 5);
}

fn what_is_sent_again_is_answered_again_and_done_once(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let made = outbox.create("cadres", cadre_of(&unit, SHAN));
    let bad = outbox.create("cadres", json!({"name": "无"}));
    let id = made["id"].as_str().unwrap().to_owned();
    let patch = outbox.patch("cadres", &id, 1, json!({"landline": "0530-1234567"}));
    let batch = [made, bad, patch];
    let first = outbox.push(&batch);
    assert_eq!(statuses(&first), ["applied", "rejected", "applied"]);
    for _ in 0..2 {
        let again = outbox.push(&batch);
        assert_eq!(statuses(&again), ["duplicate"; 3]);
        let was: Vec<&Value> = again["results"].as_array().unwrap().iter().map(|r| &r["first_status"]).collect();
        assert_eq!(was, ["applied", "rejected", "applied"]);
        assert_eq!(again["results"][0]["version"], 1);
        assert_eq!(again["results"][1]["problem"], first["results"][1]["problem"]);
    }
    assert_eq!(outbox.client().get(&format!("/cadres/{id}")).status(200)["version"], 2);
    // A client that was restored counts anew but knows its operations by their ids.
    let mut renumbered = batch[2].clone();
    renumbered["op_seq"] = json!(outbox.next);
    assert_eq!(outbox.one(&renumbered)["status"], "duplicate");
    assert_eq!(outbox.client().get("/sync/state").status(200)["expected_op_seq"], outbox.next + 1);
}

fn an_id_is_used_for_one_operation_only(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let made = outbox.create("cadres", cadre_of(&unit, SHAN));
    outbox.push(std::slice::from_ref(&made));
    let mut other = outbox.create("cadres", cadre_of(&unit, SHAN));
    other["op_id"] = made["op_id"].clone();
    let result = outbox.one(&other);
    assert_eq!((&result["status"], &result["problem"]["code"]), (&json!("rejected"), &json!("op_reused")));
    // In one batch as well: the first is meant, the second is refused, and the third goes on.
    let first = outbox.create("cadres", cadre_of(&unit, SHAN));
    let mut second = outbox.create("cadres", cadre_of(&unit, SHAN));
    second["op_id"] = first["op_id"].clone();
    let third = outbox.create("cadres", cadre_of(&unit, SHAN));
    let answer = outbox.push(&[first, second, third]);
    assert_eq!(statuses(&answer), ["applied", "rejected", "applied"]);
    assert_eq!(answer["results"][1]["problem"]["code"], "op_reused");
}

fn numbers_go_on_without_gaps(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let first = outbox.create("cadres", cadre_of(&unit, SHAN));
    let skipped = outbox.create("cadres", cadre_of(&unit, SHAN));
    let third = outbox.create("cadres", cadre_of(&unit, SHAN));
    let gap = outbox.client().post("/sync/push", outbox.body(&[first.clone(), third.clone()]));
    let gap = gap.status(409).problem("op_gap");
    assert_eq!((&gap["expected_op_seq"], &gap["errors"][0]["pointer"]), (&json!(2), &json!("/ops/1/op_seq")));
    // Nothing of it was done.
    assert_eq!(outbox.client().get("/cadres?count=exact").status(200)["count"], 0);
    assert_eq!(statuses(&outbox.push(&[first, skipped, third])), ["applied"; 3]);
    let mut foreign = outbox.create("cadres", cadre_of(&unit, SHAN));
    foreign["op_seq"] = json!(2);
    let used = outbox.client().post("/sync/push", outbox.body(&[foreign])).status(409).problem("op_gap");
    assert_eq!((&used["expected_op_seq"], &used["errors"][0]["code"]), (&json!(4), &json!("op_number_used")));
    // Without a number or an id an operation could not be told of: the request itself is wrong.
    let nameless =
        outbox.client().post("/sync/push", outbox.body(&[json!({"op_seq": 4}), json!({"op_seq": "5", "op_id": "x"})]));
    let nameless = nameless.status(422).problem("validation_failed");
    let pointers: Vec<&Value> = nameless["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/ops/0/op_id", "/ops/1/op_seq"]);
}

fn another_epoch_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let op = outbox.create("cadres", cadre_of(&unit, SHAN));
    let other = json!({"epoch": uuid::Uuid::new_v4(), "ops": [op]});
    outbox.client().post("/sync/push", other).status(409).problem("epoch_changed");
    outbox.client().post("/sync/push", json!({"epoch": "x", "ops": []})).status(422).problem("validation_failed");
    outbox.client().post("/sync/push", outbox.body(&[])).status(422).problem("validation_failed");
}

/// Five hundred operations with all kinds of trouble among them.
fn a_poison_operation_stops_no_other(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let poison = [
        json!({"entity": "no-such-thing"}),
        json!({"action": "explode"}),
        json!({"set": {"name": "无"}}),
        json!({"set": {"name": "王\u{7}五"}}),
        json!({"unknown_member": true}),
        json!({"entity": "users", "set": {"username": "evil"}}),
        json!({"action": "patch", "id": uuid::Uuid::now_v7(), "base_version": 1, "set": {"name": "王五"}}),
        json!({"action": "patch"}),
        json!({"set": cadre_of(&uuid::Uuid::now_v7().to_string(), SHAN)}),
        json!({"set": {"division_code": CAO}}),
    ];
    let mut ops: Vec<Value> = vec![];
    for turn in 0..500 {
        let mut op = outbox.create("cadres", cadre_of(&unit, SHAN));
        if turn % 50 == 25 {
            for (name, value) in poison[turn / 50].as_object().unwrap() {
                op[name] = value.clone();
            }
        }
        ops.push(op);
    }
    let answer = outbox.push(&ops);
    assert_eq!(answer["outcome"], "partial");
    for (turn, status) in statuses(&answer).into_iter().enumerate() {
        let expected = if turn % 50 == 25 { "rejected" } else { "applied" };
        assert_eq!(status, expected, "operation {turn}: {}", answer["results"][turn]);
    }
    assert_eq!(outbox.client().get("/cadres?count=exact").status(200)["count"], 490);
    let kept = outbox.client().get("/sync/quarantine").status(200);
    assert_eq!(kept.items().len(), 10);
    for item in kept.items() {
        assert!(item["problem"]["code"].is_string() && item["op"]["op_id"] == item["op_id"], "{item}");
    }
    assert_eq!(answer["results"][75]["problem"]["errors"][0]["pointer"], "/action");
    assert!(
        answer["results"][125]["problem"]["errors"]
            .as_array()
            .unwrap()
            .iter()
            .any(|e| e["pointer"] == "/set/birth_date")
    );
}

fn a_dry_run_answers_the_same_and_changes_nothing(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let ops = [outbox.create("cadres", cadre_of(&unit, SHAN)), outbox.create("cadres", json!({}))];
    let before = outbox.client().get("/sync/state").status(200);
    let dry = outbox.client().request("POST", "/sync/push").header("Prefer", "dry-run").json(outbox.body(&ops)).send();
    let dry = dry.status(200);
    assert_eq!(dry.header("preference-applied"), Some("dry-run"));
    let after = outbox.client().get("/sync/state").status(200);
    assert_eq!((&before["head"], &before["expected_op_seq"]), (&after["head"], &after["expected_op_seq"]));
    assert_eq!(outbox.client().get("/sync/quarantine").items().len(), 0);
    let real = outbox.push(&ops);
    assert_eq!(statuses(&dry), statuses(&real));
    assert_eq!(dry["results"][1]["problem"], real["results"][1]["problem"]);
}

fn a_push_may_no_more_than_a_request(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, _) = outbox(&app);
    let caos = unit(&app.admin(), CAO);
    let theirs = app.admin().post("/cadres", cadre_of(&caos, CAO)).status(201);
    let foreign = outbox.create("cadres", cadre_of(&caos, CAO));
    let reached = outbox.patch("cadres", &theirs.id(), 1, json!({"mobile": "13800000001"}));
    let removed = outbox.op("delete", "cadres", json!({"id": theirs.id(), "base_version": 1}));
    let server_side =
        outbox.patch("cadres", &theirs.id(), 1, json!({"version": 9, "created_at": "2020-01-01T00:00:00Z"}));
    let answer = outbox.push(&[foreign, reached, removed, server_side]);
    let codes: Vec<&Value> = answer["results"].as_array().unwrap().iter().map(|r| &r["problem"]["code"]).collect();
    assert_eq!(codes, ["forbidden", "not_found", "not_found", "not_found"]);
    assert_eq!(app.admin().get(&format!("/cadres/{}", theirs.id())).status(200)["version"], 1);
    // A token that may push, but not delete.
    let mut narrow = Outbox::new(app.token(&["sync:*", "cadres:read", "cadres:create"], SHAN));
    let shans = unit(&app.admin(), SHAN);
    let made = narrow.create("cadres", cadre_of(&shans, SHAN));
    let gone = narrow.op("delete", "cadres", json!({"id": made["id"], "base_version": 1}));
    let unseen = narrow.create("honors", json!({}));
    let answer = narrow.push(&[made, gone, unseen]);
    let codes: Vec<&Value> = answer["results"].as_array().unwrap().iter().map(|r| &r["problem"]["code"]).collect();
    assert_eq!(codes, [&Value::Null, &json!("forbidden"), &json!("forbidden")]);
    app.token(&["sync:pull", "cadres:*"], SHAN).post("/sync/push", narrow.body(&[])).status(403).problem("forbidden");
}

fn a_person_in_care_elsewhere_is_told_without_her_data(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let hers = secret_cadre(&app.admin(), CAO);
    let mut person = cadre_of(&unit, SHAN);
    (person["id_number"], person["sex"], person["birth_date"]) = (json!(ID_NUMBER), json!("2"), json!("1928-03-07"));
    let result = outbox.create("cadres", person.clone());
    let result = outbox.one(&result);
    assert_eq!((&result["status"], &result["problem"]["code"]), (&json!("rejected"), &json!("duplicate_person")));
    let found = &result["problem"]["errors"][0];
    assert_eq!((&found["code"], &found["pointer"]), (&json!("already_in_care_at"), &json!("/id_number")));
    assert!(found["message"].as_str().unwrap().contains(CAO) && !result.to_string().contains(&hers.id()), "{result}");
    // A single request is told the same. Who may see the record is told that it is there, not which it is.
    let refused = outbox.client().post("/cadres", person.clone()).status(409).problem("duplicate_person");
    assert_eq!(refused["errors"][0]["code"], "already_in_care_at");
    let refused = app.admin().post("/cadres", person).status(409).problem("duplicate_person");
    assert_eq!(refused["errors"][0]["code"], "already_registered");
    assert!(!refused.to_string().contains(&hers.id()));
}

fn a_system_with_its_own_ids_needs_no_other(ctx: &Ctx) {
    let app = ctx.app();
    let mut outbox = Outbox::new(county(&app, SHAN));
    let own = |id: &str| json!({"system": "shan", "id": id});
    let unit = json!({"external_ref": own("U1"), "set": {"division_code": SHAN, "name": "某局", "kind": "organ"}});
    let unit = outbox.op("create", "units", unit);
    let mut fields = cadre_of("", SHAN);
    fields.as_object_mut().unwrap().remove("unit_id");
    let person = json!({"external_ref": own("C1"), "refs": {"unit_id": own("U1")}, "set": fields.clone()});
    let person = outbox.op("create", "cadres", person);
    let change = outbox.op(
        "patch",
        "cadres",
        json!({"external_ref": own("C1"), "base_version": 1, "set": {"mobile": "13800000001"}}),
    );
    let again = outbox.op(
        "create",
        "cadres",
        json!({"external_ref": own("C1"), "refs": {"unit_id": own("U1")}, "set": fields.clone()}),
    );
    let lost = outbox.op(
        "create",
        "cadres",
        json!({"external_ref": own("C2"), "refs": {"unit_id": own("U9")}, "set": fields}),
    );
    let answer = outbox.push(&[unit, person, change, again, lost]);
    assert_eq!(statuses(&answer), ["applied", "applied", "applied", "rejected", "rejected"]);
    assert_eq!(answer["results"][3]["problem"]["code"], "already_exists");
    assert_eq!(answer["results"][4]["problem"]["errors"][0]["pointer"], "/refs/unit_id");
    let id = answer["results"][2]["id"].as_str().expect("the record's id");
    let record = outbox.client().get(&format!("/cadres/{id}")).status(200);
    assert_eq!((&record["mobile"], &record["external_ref"]), (&json!("13800000001"), &own("C1")));
    assert_eq!(record["unit_id"], answer["results"][0]["id"]);
}

fn a_stream_loads_many_and_tells_of_each(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let mut ops: Vec<Value> = (0..1_203).map(|_| outbox.create("cadres", cadre_of(&unit, SHAN))).collect();
    ops[700]["set"] = json!({});
    let send = |outbox: &Outbox, ops: &[Value], tail: &str| {
        let head = json!({"epoch": outbox.body(&[])["epoch"], "agent": "test/1"});
        let lines: String = std::iter::once(&head).chain(ops).map(|l| format!("{l}\n")).collect();
        let request = outbox.client().request("POST", "/sync/push/stream");
        request.body("application/x-ndjson", format!("{lines}{tail}")).send()
    };
    let lines = |text: &str| -> Vec<Value> { text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect() };
    let answer = send(&outbox, &ops, "").status(200);
    let told = lines(answer.text());
    assert_eq!(told.len(), 1_204);
    assert_eq!(told[1_203]["counts"], json!({"applied": 1_202, "rejected": 1}));
    assert_eq!((&told[1_203]["accepted_through_op_seq"], &told[700]["status"]), (&json!(1_203), &json!("rejected")));
    assert_eq!(outbox.client().get("/cadres?count=exact").status(200)["count"], 1_202);
    // Cut short: what came before stands and is told, and the same stream may be sent again.
    let more: Vec<Value> = (0..600).map(|_| outbox.create("cadres", cadre_of(&unit, SHAN))).collect();
    let told = lines(send(&outbox, &more[..550], "{\"op_seq\":").status(200).text());
    assert_eq!((told.len(), &told[550]["stopped"]["code"]), (551, &json!("malformed_json")));
    assert_eq!(told[550]["accepted_through_op_seq"], 1_753);
    let told = lines(send(&outbox, &more, "").status(200).text());
    assert_eq!(told[600]["counts"], json!({"applied": 50, "duplicate": 550}));
    let refused =
        outbox.client().request("POST", "/sync/push/stream").body("application/x-ndjson", "{\"epoch\":1}").send();
    refused.status(422).problem("validation_failed");
}

fn the_quarantine_hides_and_ends(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, _) = outbox(&app);
    let bad = outbox.create("cadres", json!({"id_number": ID_NUMBER, "name": "孔令文", "disease_note": "高血压"}));
    let good_name = bad["op_id"].as_str().unwrap().to_owned();
    outbox.push(&[bad]);
    let kept = outbox.client().get("/sync/quarantine").status(200);
    assert_eq!(kept.items()[0]["op"]["set"]["name"], "孔令文");
    assert!(!kept.to_string().contains(ID_NUMBER) && !kept.to_string().contains("高血压"));
    let seeing = app.token(&["sync:*", "fields:sensitive"], SHAN).get("/sync/quarantine").status(200);
    assert_eq!(seeing.items()[0]["op"]["set"]["id_number"], ID_NUMBER);
    assert_eq!(county(&app, CAO).get("/sync/quarantine").items().len(), 0);
    let one = format!("/sync/quarantine/{good_name}");
    county(&app, CAO).request("DELETE", &one).send().status(404).problem("not_found");
    let clients = app.admin().get("/sync/clients").status(200);
    assert!(clients.items().iter().any(|c| c["quarantined"] == 1 && c["expected_op_seq"] == 2), "{clients}");
    let metrics = app.anonymous().get("/metrics").status(200);
    let line = metrics.text().lines().find(|l| l.starts_with("laogan_sync_quarantined")).expect("a metric").to_owned();
    assert!(line.contains("division=\"371722\"") && line.ends_with(" 1"), "{line}");
    outbox.client().request("DELETE", &one).send().status(204);
    assert_eq!(outbox.client().get("/sync/quarantine").items().len(), 0);
    outbox.client().request("DELETE", &one).send().status(404).problem("not_found");
}

fn the_account_is_the_client_whichever_token_it_shows(ctx: &Ctx) {
    let app = ctx.app();
    let unit = unit(&app.admin(), SHAN);
    let scopes = ["sync:*", "cadres:*"];
    let mut outbox = Outbox::new(app.token(&scopes, SHAN));
    let op = outbox.create("cadres", cadre_of(&unit, SHAN));
    assert_eq!(outbox.one(&op)["status"], "applied");
    app.kill9();
    app.restart();
    let later = Outbox::new(app.token(&scopes, SHAN));
    assert_eq!(later.next, outbox.next);
    assert_eq!(later.one(&op)["status"], "duplicate");
}

/// One batch from many threads at once, and batches of many clients on the same records.
fn one_push_in_many_hands_has_one_effect(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let ops: Vec<Value> = (0..20).map(|_| outbox.create("cadres", cadre_of(&unit, SHAN))).collect();
    let answers: Vec<_> = thread::scope(|scope| {
        let hands: Vec<_> = (0..6).map(|_| scope.spawn(|| outbox.push(&ops))).collect();
        hands.into_iter().map(|hand| hand.join().expect("an answer")).collect()
    });
    let first = answers.iter().filter(|a| statuses(a)[0] == "applied").count();
    assert_eq!(first, 1);
    assert!(answers.iter().all(|a| matches!(statuses(a)[0], "applied" | "duplicate")));
    assert_eq!(outbox.client().get("/cadres?count=exact").status(200)["count"], 20);
    // Two systems change the same records in opposite orders: each operation ends, and every field has a value.
    let ids: Vec<String> = ops.iter().map(|op| op["id"].as_str().unwrap().to_owned()).collect();
    let (mut left, mut right) = (Outbox::new(county(&app, SHAN)), Outbox::new(county(&app, SHAN)));
    let a: Vec<Value> = ids.iter().map(|id| left.patch("cadres", id, 1, json!({"native_place": "单县"}))).collect();
    let b: Vec<Value> =
        ids.iter().rev().map(|id| right.patch("cadres", id, 1, json!({"archive_place": "单县"}))).collect();
    thread::scope(|scope| {
        for (outbox, ops) in [(&left, &a), (&right, &b)] {
            scope.spawn(move || {
                // Two that wait for each other are told to try again: 503, and nothing is lost.
                for _ in 0..20 {
                    let answer = outbox.client().post("/sync/push", outbox.body(ops));
                    match answer.status {
                        200 => return assert!(statuses(&answer).iter().all(|s| matches!(*s, "applied" | "merged"))),
                        503 => continue,
                        _ => panic!("{answer}"),
                    }
                }
                panic!("it never came through");
            });
        }
    });
    for id in ids {
        let record = outbox.client().get(&format!("/cadres/{id}")).status(200);
        assert_eq!((&record["native_place"], &record["archive_place"]), (&json!("单县"), &json!("单县")));
    }
}
