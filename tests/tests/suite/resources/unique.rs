//! What there is only once, and what others still need.

use serde_json::{Value, json};

use super::make::{CAO, ID_NUMBER, SHAN, branch, cadre, cadre_of, member, unit, with};
use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![
        an_origin_belongs_to_one_record_of_a_resource,
        a_person_is_registered_once,
        a_person_has_one_formal_membership,
        names_and_codes_are_taken_once,
        what_is_referred_to_cannot_be_deleted,
        nothing_is_above_itself,
        two_at_once_get_one_record,
    ]
}

fn an_origin_belongs_to_one_record_of_a_resource(ctx: &Ctx) {
    let app = ctx.app();
    let origin = json!({"external_ref": {"system": "county-371722", "id": "C-1"}});
    let unit_of = |more: &Value| with(json!({"division_code": SHAN, "name": "某局", "kind": "organ"}), more.clone());
    let first = app.admin().post("/units", unit_of(&origin)).status(201);
    assert_eq!(first["external_ref"], origin["external_ref"]);
    let clash = app.admin().post("/units", unit_of(&origin)).status(409).problem("already_exists");
    let clash = clash.error_at("/external_ref", "too_many");
    assert!(!clash.text().contains(&first.id()));
    // Whoever holds it, in whatever county.
    let elsewhere = with(unit_of(&origin), json!({"division_code": CAO}));
    let cao = app.user("county_admin", CAO);
    let hidden = cao.post("/units", elsewhere.clone()).status(409).problem("already_exists");
    assert!(!hidden.text().contains(&first.id()));
    cao.put("/units/0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", elsewhere).status(409).problem("already_exists");
    for other in [("county-371722", "C-2"), ("county-371721", "C-1"), ("C-1", "county-371722")] {
        let other = json!({"external_ref": {"system": other.0, "id": other.1}});
        app.admin().post("/units", unit_of(&other)).status(201);
    }
    cadre(&app.admin(), SHAN, origin.clone());
    let batch = json!({"items": [unit_of(&json!({})), unit_of(&origin)]});
    app.admin().post("/units/batch", batch).status(409).problem("already_exists");
    // A deleted record keeps its origin: the other system's next message is about that one.
    let one = format!("/units/{}", first.id());
    app.admin().delete_if(&one, "\"r1\"").status(204);
    app.admin().post("/units", unit_of(&origin)).status(409).problem("already_exists");
}

fn a_person_is_registered_once(ctx: &Ctx) {
    let app = ctx.app();
    let person = json!({"id_number": ID_NUMBER, "birth_date": "1928-03-07", "sex": "2", "retire_date": "1988-04"});
    let first = format!("/cadres/{}", cadre(&app.admin(), SHAN, person.clone()).id());
    let again = with(cadre_of(&unit(&app.admin(), CAO), CAO), person);
    app.user("county_admin", CAO).post("/cadres", again.clone()).status(409).problem("duplicate_person");
    // The old form and the small letter are the same number.
    let old = with(again.clone(), json!({"id_number": "372925280307002"}));
    app.admin().post("/cadres", old).status(409).problem("duplicate_person");
    // Without a number nobody is the same.
    let mut nameless = again.clone();
    nameless.as_object_mut().unwrap().remove("id_number");
    app.admin().post("/cadres", nameless.clone()).status(201);
    let other = app.admin().post("/cadres", nameless).status(201);
    let patch = json!({"id_number": ID_NUMBER});
    app.admin().patch_if(&format!("/cadres/{}", other.id()), "\"r1\"", patch).status(409).problem("duplicate_person");
    // Whoever has left may be received.
    app.admin().patch_if(&first, "\"r1\"", json!({"status": "transferred_out"})).status(200);
    let received = format!("/cadres/{}", app.admin().post("/cadres", again.clone()).status(201).id());
    app.admin().patch_if(&first, "\"r2\"", json!({"status": "in_care"})).status(409).problem("duplicate_person");
    app.admin().delete_if(&received, "\"r1\"").status(204);
    app.admin().patch_if(&first, "\"r2\"", json!({"status": "in_care"})).status(200);
}

fn a_person_has_one_formal_membership(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    let id = cadre(&by, SHAN, json!({})).id();
    let (one, other) = (branch(&by, SHAN, json!({})).id(), branch(&by, SHAN, json!({})).id());
    let functional = branch(&by, SHAN, json!({"is_functional": true})).id();
    let first = format!("/party-memberships/{}", member(&by, SHAN, &id, &one, json!({})).status(201).id());
    let second = member(&by, SHAN, &id, &other, json!({})).status(409).problem("already_exists");
    second.error_at("/cadre_id", "one_formal_membership");
    let formal = member(&by, SHAN, &id, &functional, json!({"status": "transferred"})).status(422);
    formal.error_at("/party_organization_id", "functional_membership");
    member(&by, SHAN, &id, &functional, json!({"formal": false})).status(201);
    by.patch_if(&first, "\"r1\"", json!({"status": "transferred"})).status(200);
    member(&by, SHAN, &id, &other, json!({})).status(201);
    by.patch_if(&first, "\"r2\"", json!({"status": "full"})).status(409).problem("wrong_state");
}

fn names_and_codes_are_taken_once(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    let unit = json!({"division_code": SHAN, "name": "某局", "kind": "organ", "uscc": "1137170000TEAT018M"});
    let first = format!("/units/{}", by.post("/units", unit.clone()).status(201).id());
    by.post("/units", unit.clone()).status(409).problem("already_exists").error_at("/uscc", "too_many");
    let small = with(unit.clone(), json!({"uscc": "1137170000teat018m"}));
    by.post("/units", small).status(409).problem("already_exists").error_at("/uscc", "too_many");
    by.delete_if(&first, "\"r1\"").status(204);
    by.post("/units", unit).status(201);
    let user = json!({"username": "somebody", "display_name": "x", "role": "county_admin", "division_code": SHAN});
    by.post("/users", user.clone()).status(201);
    by.post("/users", user).status(409).problem("already_exists").error_at("/username", "too_many");
    let division = json!({
        "division_code": SHAN, "code": SHAN, "name": "单县", "level": "county", "kind": "administrative",
        "valid_from": "2000-06-23",
    });
    by.post("/divisions", division).status(409).problem("already_exists").error_at("/code", "too_many");
}

fn what_is_referred_to_cannot_be_deleted(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    let id = cadre(&by, SHAN, json!({})).id();
    let unit = by.get(&format!("/cadres/{id}"))["unit_id"].as_str().unwrap().to_owned();
    let joint = super::make::unit(&by, SHAN);
    let branch = branch(&by, SHAN, json!({"kind": "joint_branch", "joint_unit_ids": [joint]})).id();
    let membership = member(&by, SHAN, &id, &branch, json!({})).status(201).id();
    let honor = json!({"division_code": SHAN, "kind": "other", "cadre_id": id, "title": "荣誉", "level": "county"});
    let honor = by.post("/honors", honor).status(201).id();
    let refused = |path: String| by.delete_if(&path, "\"r1\"").status(409).problem("in_use").text().to_owned();
    assert!(refused(format!("/units/{unit}")).contains("cadres"));
    let by_two = refused(format!("/cadres/{id}"));
    assert!(by_two.contains("party-memberships") && by_two.contains("honors"), "{by_two}");
    assert!(refused(format!("/party-organizations/{branch}")).contains("party-memberships"));
    assert!(refused(format!("/units/{joint}")).contains("party-organizations"), "a joint branch spans it");
    for path in [format!("/honors/{honor}"), format!("/party-memberships/{membership}"), format!("/cadres/{id}")] {
        by.delete_if(&path, "\"r1\"").status(204);
    }
    by.delete_if(&format!("/units/{unit}"), "\"r1\"").status(204);
}

fn nothing_is_above_itself(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    let ids: Vec<String> = (0..3).map(|_| unit(&by, SHAN)).collect();
    let below = |one: usize, other: usize| {
        let path = format!("/units/{}", ids[one]);
        let etag = by.get(&path).etag();
        by.patch_if(&path, &etag, json!({"parent_id": ids[other]}))
    };
    below(0, 0).status(422).error_at("/parent_id", "cycle");
    below(0, 1).status(200);
    below(1, 2).status(200);
    below(1, 0).status(422).error_at("/parent_id", "cycle");
    below(2, 0).status(422).error_at("/parent_id", "cycle");
    let own = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";
    let body = json!({"division_code": SHAN, "name": "某局", "kind": "organ", "parent_id": own});
    by.put(&format!("/units/{own}"), body).status(422).problem("validation_failed");
}

fn two_at_once_get_one_record(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    let body = |n: usize| {
        let origin = json!({"system": "county-371722", "id": "C-1"});
        json!({"division_code": SHAN, "name": format!("某局{n}"), "kind": "organ", "external_ref": origin})
    };
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|n| {
                scope.spawn({
                    let by = &by;
                    let body = body(n);
                    move || by.post("/units", body).status
                })
            })
            .collect();
        tries.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    // One key, sent eight times at once, has one effect too.
    let same = json!({"division_code": SHAN, "name": "同一局", "kind": "organ"});
    let answers: Vec<_> = std::thread::scope(|scope| {
        let ask = || by.request("POST", "/units").key("one-key-for-all").json(same.clone()).send();
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        tries.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    let made: Vec<String> = answers.iter().filter(|answer| answer.status == 201).map(|answer| answer.id()).collect();
    assert!(!made.is_empty() && made.iter().all(|id| *id == made[0]), "{made:?}");
    assert!(answers.iter().all(|answer| answer.status == 201 || answer["code"] == "idempotency_in_flight"));
    assert_eq!(by.request("GET", "/units").query(&[("filter[name]", "同一局")]).send().items().len(), 1);
}
