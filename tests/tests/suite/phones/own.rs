//! What a cadre does by the ordinary endpoints: with its own records, what their resources leave to it.

use serde_json::{Value, json};

use crate::{
    resources::make::{CAO, SHAN, branch, cadre as another, with},
    support::{App, Case, Ctx, cases, client::Client, response::Response},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_cadre_gives_and_revokes_its_own_consents,
        a_cadre_applies_and_withdraws,
        what_is_the_office_s_stays_the_office_s,
        nobody_else_is_touched,
        what_a_cadre_makes_belongs_where_the_cadre_does,
        an_explanation_tells_it,
    ]
}

struct Person {
    me: Client,
    id: String,
    unit: String,
}

fn person(app: &App) -> Person {
    let me = app.user("cadre_self", SHAN);
    let record = me.get("/me").status(200)["cadre"]["record"].clone();
    let text = |field: &str| record[field].as_str().expect("an id").to_owned();
    Person { id: text("id"), unit: text("unit_id"), me }
}

fn consent(cadre: &str, more: Value) -> Value {
    with(json!({"cadre_id": cadre, "purpose": "photo", "granted_on": "2021-06-01"}), more)
}

fn application(cadre: &str, organization: &str, more: Value) -> Value {
    let plain = json!({"cadre_id": cadre, "party_organization_id": organization, "name": "孔令文",
        "birth_date": "1930-05-12", "applied_on": "2021-03-01"});
    with(plain, more)
}

#[track_caller]
fn pointers(answer: &Response) -> Vec<&str> {
    answer["errors"].as_array().into_iter().flatten().filter_map(|e| e["pointer"].as_str()).collect()
}

fn a_cadre_gives_and_revokes_its_own_consents(ctx: &Ctx) {
    let app = ctx.app();
    let Person { me, id, .. } = person(&app);
    let made = me.post("/consents", consent(&id, json!({}))).status(201);
    assert_eq!(made["division_code"], SHAN);
    let one = format!("/consents/{}", made.id());
    // The day it was given is what it is.
    let other_day = me.patch_if(&one, "\"r1\"", json!({"granted_on": "2020-01-01"})).status(422);
    assert_eq!(pointers(&other_day), ["/granted_on"]);
    assert_eq!(other_day["errors"][0]["code"], "field_of_others");
    me.put_if(&one, "\"r1\"", consent(&id, json!({"purpose": "share"}))).status(422);
    let revoked = me.patch_if(&one, "\"r1\"", json!({"revoked_on": "2021-08-01"})).status(200);
    assert_eq!(revoked["revoked_on"], "2021-08-01");
    // A consent that is given as revoked is none.
    let refused = me.post("/consents", consent(&id, json!({"revoked_on": "2021-08-01"}))).status(422);
    assert_eq!(pointers(&refused), ["/revoked_on"]);
    let many = json!({"items": [consent(&id, json!({})), consent(&id, json!({"revoked_on": "2021-08-01"}))]});
    assert_eq!(pointers(&me.post("/consents/batch", many).status(422)), ["/items/1/revoked_on"]);
    me.delete_if(&one, "\"r2\"").status(403).problem("forbidden");
    assert_eq!(me.get("/consents").status(200).items().len(), 1);
    let history = me.get(&format!("{one}/history")).status(200);
    assert_eq!(history.items().len(), 2);
}

fn a_cadre_applies_and_withdraws(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, Person { me, id, unit }) = (app.admin(), person(&app));
    let own = branch(&admin, SHAN, json!({"unit_id": unit})).id();
    let other = branch(&admin, SHAN, json!({})).id();
    // It sees the organization of its unit, and no other one.
    me.get(&format!("/party-organizations/{own}")).status(200);
    me.get(&format!("/party-organizations/{other}")).status(404);
    me.post("/membership-applications", application(&id, &other, json!({}))).status(422);
    let made = me.post("/membership-applications", application(&id, &own, json!({}))).status(201);
    assert_eq!(made["status"], "applicant");
    let one = format!("/membership-applications/{}", made.id());
    me.patch_if(&one, "\"r1\"", json!({"birth_date": "1930-05"})).status(200);
    let withdrawn = me.post(&format!("{one}/withdraw"), json!({"ended_on": "2021-04-01"})).status(200);
    assert_eq!(withdrawn["status"], "withdrawn");
    me.patch_if(&one, "\"r3\"", json!({"name": "别人"})).status(422);
    // The same step as a patch.
    let again = me.post("/membership-applications", application(&id, &own, json!({}))).status(201);
    let again = format!("/membership-applications/{}", again.id());
    let step = json!({"status": "withdrawn", "ended_on": "2021-04-01"});
    let with_more = with(step.clone(), json!({"training_hours": 24}));
    assert_eq!(pointers(&me.patch_if(&again, "\"r1\"", with_more).status(422)), ["/training_hours"]);
    me.patch_if(&again, "\"r1\"", step).status(200);
    let told = me.get("/me").status(200);
    assert_eq!(told["cadre"]["membership_applications"].as_array().map(Vec::len), Some(2));
}

fn what_is_the_office_s_stays_the_office_s(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, Person { me, id, unit }) = (app.admin(), person(&app));
    let own = branch(&admin, SHAN, json!({"unit_id": unit})).id();
    let post = |more: Value| me.post("/membership-applications", application(&id, &own, more)).status(422);
    assert_eq!(pointers(&post(json!({"training_hours": 24}))), ["/training_hours"]);
    assert_eq!(pointers(&post(json!({"special_approval": true}))), ["/special_approval"]);
    // Not even one that the office would take: a creation begins at the beginning.
    let ended = json!({"status": "withdrawn", "ended_on": "2021-04-01"});
    assert!(pointers(&post(ended)).contains(&"/status"));
    let one = me.post("/membership-applications", application(&id, &own, json!({}))).status(201).id();
    let one = format!("/membership-applications/{one}");
    let reject = json!({"ended_on": "2021-04-01", "end_reason": "自己"});
    me.post(&format!("{one}/reject"), reject.clone()).status(403).problem("forbidden");
    me.post(&format!("{one}/advance"), json!({})).status(403).problem("forbidden");
    me.patch_if(&one, "\"r1\"", with(reject, json!({"status": "rejected"}))).status(403).problem("forbidden");
    // When the office has it in hand, nothing is changed any more but by the step that is left.
    let activist = json!({"talk_on": "2021-03-10", "activist_on": "2021-03-20",
        "mentor_ids": [full_member(&app, &own)]});
    admin.post(&format!("{one}/advance"), activist).status(200);
    assert_eq!(pointers(&me.patch_if(&one, "\"r2\"", json!({"name": "别人"})).status(422)), ["/name"]);
    me.post(&format!("{one}/withdraw"), json!({"ended_on": "2021-04-01"})).status(200);
    // Of everything else a cadre changes nothing.
    let itself = format!("/cadres/{id}");
    me.patch_if(&itself, "\"r1\"", json!({"name": "别人"})).status(403).problem("forbidden");
    for path in ["/cadres", "/honors", "/party-memberships", "/units", "/deaths"] {
        me.post(path, json!({})).status(403).problem("forbidden");
    }
    me.post("/sync/push", json!({"epoch": uuid::Uuid::nil(), "ops": []})).status(403);
}

fn full_member(app: &App, organization: &str) -> String {
    let admin = app.admin();
    let cadre = another(&admin, SHAN, json!({})).id();
    crate::resources::make::member(&admin, SHAN, &cadre, organization, json!({})).status(201).id()
}

fn nobody_else_is_touched(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, Person { me, .. }) = (app.admin(), person(&app));
    let other = another(&admin, SHAN, json!({})).id();
    let refused = me.post("/consents", consent(&other, json!({}))).status(422);
    assert_eq!(refused["errors"][0]["code"], "unknown_reference");
    let of_other = admin.post("/consents", consent(&other, json!({"division_code": SHAN}))).status(201).id();
    let one = format!("/consents/{of_other}");
    me.get(&one).status(404);
    me.patch_if(&one, "\"r1\"", json!({"revoked_on": "2021-08-01"})).status(404).problem("not_found");
    // Nor given away: a change that its maker would not see is undone.
    let mine = person(&app);
    let own = mine.me.post("/consents", consent(&mine.id, json!({}))).status(201).id();
    mine.me.patch_if(&format!("/consents/{own}"), "\"r1\"", json!({"cadre_id": other})).status(422);
    let stranger = json!({"cadre_id": mine.id, "division_code": CAO});
    mine.me.post("/consents", consent(&mine.id, stranger)).status(403);
}

fn what_a_cadre_makes_belongs_where_the_cadre_does(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let cadre = another(&admin, SHAN, json!({})).id();
    // The account was made by the city.
    let (name, password) = ("kong-lingwen", "Kx7-lingwen-1930");
    let user = json!({"username": name, "display_name": "孔", "role": "cadre_self", "division_code": "371700", "cadre_id": cadre});
    let user = admin.post("/users", user).status(201).id();
    admin.post(&format!("/users/{user}/password"), json!({"password": password})).status(204);
    let me = app.login(name, password);
    assert_eq!(me.post("/consents", consent(&cadre, json!({}))).status(201)["division_code"], SHAN);
    let many = json!({"items": [consent(&cadre, json!({}))]});
    let made = me.post("/consents/batch", many).status(201).items()[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(me.get(&format!("/consents/{made}")).status(200)["division_code"], SHAN);
}

fn an_explanation_tells_it(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, Person { me, id, unit }) = (app.admin(), person(&app));
    let own = branch(&admin, SHAN, json!({"unit_id": unit})).id();
    let application = me.post("/membership-applications", application(&id, &own, json!({}))).status(201).id();
    let user = me.get("/me").status(200)["user_id"].clone();
    let ask = |method: &str, path: &str| {
        let told = admin.post("/authz/explain", json!({"user_id": user, "method": method, "path": path})).status(200);
        let last = told["rules"].as_array().and_then(|rules| rules.last().cloned()).unwrap_or_default();
        (told["allowed"] == json!(true), last["rule"].as_str().unwrap_or_default().to_owned())
    };
    let step = |verb: &str| format!("/api/v1/membership-applications/{application}/{verb}");
    assert_eq!(ask("POST", &step("withdraw")), (true, "step".into()));
    assert_eq!(ask("POST", &step("reject")), (false, "step".into()));
    assert_eq!(ask("POST", "/api/v1/consents"), (true, "division".into()));
    assert_eq!(ask("POST", "/api/v1/honors"), (false, "role".into()));
    let one = format!("/api/v1/membership-applications/{application}");
    assert_eq!(ask("PATCH", &one), (true, "writable".into()));
    assert_eq!(ask("DELETE", &one), (false, "role".into()));
}
