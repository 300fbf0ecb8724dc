//! Sensitive fields: hidden wherever a record is shown, unless the caller's token may see them.

use serde_json::{Value, json};

use super::make::{CITY, ID_NUMBER, SHAN, branch, cadre_of, member, secret_cadre, unit, with};
use crate::support::{App, Case, Ctx, cases, random};

pub fn tests() -> Vec<Case> {
    cases![
        nobody_sees_sensitive_fields_by_default,
        a_conflict_names_a_hidden_field_and_keeps_its_value,
        a_token_for_sensitive_fields_sees_them_everywhere,
        a_masked_value_is_not_written_back,
        hidden_values_are_not_found_by_asking,
        no_log_and_no_message_tells_a_hidden_value,
    ]
}

/// What no answer below may contain: the number, the illness, the card.
const SECRETS: [&str; 3] = [ID_NUMBER, "高血压三级", "6200000000000000001"];
const HIDDEN: [&str; 5] = ["id_number", "health_code", "self_care", "disease_note", "bank_card"];

fn nobody_sees_sensitive_fields_by_default(ctx: &Ctx) {
    let app = ctx.app();
    let (made, id, unit_id) = person(&app);
    claim_hidden(&made);
    let one = format!("/cadres/{id}");
    let branch = branch(&app.admin(), SHAN, json!({})).id();
    let membership = member(&app.admin(), SHAN, &id, &branch, json!({})).status(201).id();
    let honor = json!({"division_code": SHAN, "kind": "other", "cadre_id": id, "title": "荣誉", "level": "county"});
    app.admin().post("/honors", honor).status(201);
    for caller in [app.admin(), app.user("county_admin", SHAN), app.token(&["*:*"], CITY)] {
        claim_hidden(caller.get(&one).status(200).json());
        claim_hidden(&caller.get("/cadres").status(200).items()[0]);
        claim_hidden(&caller.get("/cadres?count=exact&expand=unit").status(200).items()[0]);
        claim_hidden(&caller.get("/cadres/export").status(200).lines()[0]);
        claim_hidden(&caller.get(&format!("/units/{unit_id}?expand=cadres")).status(200)["expanded"]["cadres"][0]);
        claim_hidden(&caller.get("/units?expand=cadres").status(200).items()[0]["expanded"]["cadres"][0]);
        claim_hidden(
            &caller.get(&format!("/party-memberships/{membership}?expand=cadre")).status(200)["expanded"]["cadre"],
        );
        claim_hidden(&caller.get("/honors?expand=cadre").status(200).items()[0]["expanded"]["cadre"]);
        let part =
            caller.request("GET", &format!("{one}?fields=id_number,bank_card,masked")).unchecked().send().status(200);
        assert_eq!(part["id_number"], "37292519280307****");
        claim_silent(part.text());
        claim_silent(caller.get(&format!("{one}/history")).status(200).text());
    }
    let patched = app.admin().patch_if(&one, "\"r1\"", json!({"name": "某人"})).status(200);
    claim_hidden(patched.json());
    let dry =
        app.admin().request("PATCH", &one).if_match("\"r2\"").prefer("dry-run").json(json!({})).send().status(200);
    claim_hidden(dry.json());
    let replacement = with(cadre_of(&unit_id, SHAN), json!({"disease_note": SECRETS[1]}));
    let put = app.admin().put_if(&one, "\"r2\"", replacement.clone()).status(200);
    assert_eq!((&put["disease_note"], &put["masked"]), (&json!("******"), &json!(["disease_note"])));
    let batch = app.admin().post("/cadres/batch", json!({"items": [replacement]})).status(201);
    claim_silent(batch.text());
    // A second look under the same key is as blind as the first.
    let (key, body) = (random(), with(cadre_of(&unit_id, SHAN), json!({"bank_card": SECRETS[2]})));
    let ask = || app.admin().request("POST", "/cadres").key(&key).json(body.clone()).send().status(201);
    assert_eq!((ask()["bank_card"].clone(), ask()["bank_card"].clone()), (json!("******"), json!("******")));
}

fn a_conflict_names_a_hidden_field_and_keeps_its_value(ctx: &Ctx) {
    let app = ctx.app();
    let (_, id, _) = person(&app);
    let one = format!("/cadres/{id}");
    let theirs = json!({"bank_card": "6200000000000000002", "disease_note": "无", "mobile": "13800000001"});
    app.admin().patch_if(&one, "\"r1\"", theirs).status(200);
    let yours = json!({"bank_card": "6200000000000000003", "mobile": "13800000002"});
    let stale = app.admin().patch_if(&one, "\"r1\"", yours).status(412).problem("precondition_failed");
    let fields = stale["conflict"]["fields"].as_array().unwrap();
    let about =
        |name: &str| fields.iter().find(|field| field["field"] == name).unwrap_or_else(|| panic!("{name}: {stale}"));
    assert_eq!(about("bank_card"), &json!({"field": "bank_card"}));
    assert_eq!(about("disease_note"), &json!({"field": "disease_note"}));
    let mobile = json!({"field": "mobile", "yours": "13800000002", "theirs": "13800000001"});
    assert_eq!(about("mobile"), &mobile);
    claim_silent(stale.text());
    assert!(!stale.text().contains("620000000000000000"), "{stale}");
    let put = with(cadre_of(&unit(&app.admin(), SHAN), SHAN), json!({"id_number": ID_NUMBER}));
    claim_silent(app.admin().put_if(&one, "\"r1\"", put).status(412).text());
}

fn a_token_for_sensitive_fields_sees_them_everywhere(ctx: &Ctx) {
    let app = ctx.app();
    let (_, id, unit_id) = person(&app);
    let one = format!("/cadres/{id}");
    let seer = app.token(&["cadres:read", "units:read", "cadres:update", "fields:sensitive"], SHAN);
    for record in [
        seer.get(&one).status(200).json(),
        &seer.get("/cadres").status(200).items()[0],
        &seer.get("/cadres/export").status(200).lines()[0],
        &seer.get(&format!("/units/{unit_id}?expand=cadres")).status(200)["expanded"]["cadres"][0],
        seer.patch_if(&one, "\"r1\"", json!({"name": "某人"})).status(200).json(),
    ] {
        assert_eq!(record["id_number"], ID_NUMBER);
        assert_eq!((&record["health_code"], &record["self_care"]), (&json!("20"), &json!("partial")));
        assert_eq!((&record["disease_note"], &record["bank_card"]), (&json!(SECRETS[1]), &json!(SECRETS[2])));
        assert!(record["masked"].is_null());
    }
    // In its division, and for its resources.
    let elsewhere = app.token(&["cadres:read", "fields:sensitive"], "371721");
    elsewhere.get(&one).status(404);
    app.token(&["units:read", "fields:sensitive"], SHAN).get(&one).status(403);
}

fn a_masked_value_is_not_written_back(ctx: &Ctx) {
    let app = ctx.app();
    let (_, id, _) = person(&app);
    let one = format!("/cadres/{id}");
    let shown = app.admin().get(&one).status(200);
    for field in ["id_number", "disease_note", "bank_card"] {
        let back = json!({field: shown[field]});
        let refused = app.admin().patch_if(&one, "\"r1\"", back).status(422).problem("validation_failed");
        refused.error_at(&format!("/{field}"), "masked_value");
    }
    // What a form reads and sends back as a whole.
    let mut whole = shown.json().clone();
    for kept in ["id", "division_code", "version", "created_at", "updated_at", "masked"] {
        whole.as_object_mut().unwrap().remove(kept);
    }
    let put = app.admin().put_if(&one, "\"r1\"", whole.clone()).status(422);
    let put = put.error_at("/id_number", "masked_value").error_at("/bank_card", "masked_value");
    put.error_at("/disease_note", "masked_value");
    app.admin().patch_if(&one, "\"r1\"", whole).status(422).error_at("/id_number", "masked_value");
    // Without them all is well, and they stay.
    app.admin().patch_if(&one, "\"r1\"", json!({"mobile": "13800000001"})).status(200);
    let seer = app.token(&["cadres:read", "fields:sensitive"], SHAN);
    let record = seer.get(&one).status(200);
    assert_eq!((&record["id_number"], &record["health_code"]), (&json!(ID_NUMBER), &json!("20")));
}

fn hidden_values_are_not_found_by_asking(ctx: &Ctx) {
    let app = ctx.app();
    let (_, id, _) = person(&app);
    for (name, value) in
        [("filter[id_number]", ID_NUMBER), ("filter[bank_card]", SECRETS[2]), ("filter[health_code]", "20")]
    {
        let refused = app.admin().request("GET", "/cadres").query(&[(name, value)]).send().status(400);
        refused.problem("invalid_parameter").error_at(&format!("/{name}"), "unknown_filter");
    }
    for field in HIDDEN {
        app.admin().get(&format!("/cadres?sort={field}")).status(400).error_at("/sort", "unknown_sort");
    }
    for text in [ID_NUMBER, "372925", SECRETS[1], "620000"] {
        assert!(app.admin().request("GET", "/cadres").query(&[("q", text)]).send().status(200).items().is_empty());
    }
    // A clash tells that there is one, and not which.
    let other = with(cadre_of(&unit(&app.admin(), SHAN), SHAN), json!({"id_number": ID_NUMBER}));
    let clash = app.admin().post("/cadres", other).status(409).problem("duplicate_person");
    assert!(!clash.text().contains(&id));
    claim_silent(clash.text());
}

fn no_log_and_no_message_tells_a_hidden_value(ctx: &Ctx) {
    let app = ctx.app_with(|command| {
        command.env("LAOGAN_LOG", "trace");
    });
    let (_, id, _) = person(&app);
    let one = format!("/cadres/{id}");
    let wrong = [
        json!({"id_number": "372925192803070021"}),
        json!({"bank_card": "6200-0000-0000-0000-001"}),
        json!({"disease_note": "高血压三级\u{0}"}),
        json!({"health_code": "高血压三级"}),
        json!({"id_number": ["372925192803070020"]}),
    ];
    for patch in wrong {
        let refused = app.admin().patch_if(&one, "\"r1\"", patch).status(422);
        assert!(!refused.text().contains("3729251928") && !refused.text().contains("6200"), "{refused}");
        claim_silent(refused.text());
    }
    app.admin().request("POST", "/validate/id-number").json(json!({"value": ID_NUMBER})).send().status(200);
    app.admin().request("GET", "/cadres").query(&[("q", ID_NUMBER)]).send().status(200);
    let log = app.stderr();
    assert!(log.contains("/api/v1/cadres"), "the log tells of requests");
    for secret in ["372925192803070020", "372925192803070021", SECRETS[1], SECRETS[2], "孔令文"] {
        assert!(!log.contains(secret), "the log has {secret}");
    }
}

fn person(app: &App) -> (Value, String, String) {
    let made = secret_cadre(&app.admin(), SHAN);
    (made.json().clone(), made.id(), made["unit_id"].as_str().expect("a unit").to_owned())
}

/// Claims that a record hides what it must, and says so.
#[track_caller]
fn claim_hidden(record: &Value) {
    assert_eq!(record["id_number"], "37292519280307****", "{record}");
    assert_eq!((&record["disease_note"], &record["bank_card"]), (&json!("******"), &json!("******")));
    assert!(record.get("health_code").is_none() && record.get("self_care").is_none(), "{record}");
    assert_eq!(record["masked"], json!(HIDDEN));
    claim_silent(&record.to_string());
}

#[track_caller]
fn claim_silent(text: &str) {
    let told = SECRETS.iter().find(|secret| text.contains(**secret));
    assert!(told.is_none(), "it tells {told:?}: {text}");
}
