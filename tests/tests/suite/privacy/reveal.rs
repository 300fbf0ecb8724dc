//! Case 50: sensitive fields of one record, for a purpose.

use std::thread;

use serde_json::{Value, json};

use crate::{
    resources::make::{CAO, ID_NUMBER, SHAN, cadre, secret_cadre},
    support::{App, Case, Ctx, cases, client::Client, response::Response},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_field_is_revealed_for_a_purpose_and_that_is_told,
        case_50_without_a_purpose_nothing_is_revealed,
        only_what_is_hidden_can_be_revealed,
        only_who_may_reveals,
        an_account_reveals_so_much_a_day_and_no_more,
    ]
}

fn ask(by: &Client, id: &str, fields: &[&str]) -> Response {
    let body = json!({"fields": fields, "purpose": "identity", "reason": "核对身份，第7号"});
    by.post(&format!("/cadres/{id}/reveal"), body)
}

/// What the person is told of reveals: field and purpose, the newest first.
fn reveals(app: &App, id: &str) -> Vec<(Value, Value)> {
    let report = app.admin().get(&format!("/cadres/{id}/access-report")).status(200);
    let told = report.items().iter().filter(|item| item["what"] == "reveal");
    told.map(|item| (item["fields"].clone(), item["purpose"].clone())).collect()
}

fn a_field_is_revealed_for_a_purpose_and_that_is_told(ctx: &Ctx) {
    let app = ctx.app();
    let id = secret_cadre(&app.admin(), SHAN).id();
    let county = app.user("county_admin", SHAN);
    let shown = ask(&county, &id, &["id_number", "health_code", "id_number"]).status(200);
    assert_eq!(shown["values"], json!({"id_number": ID_NUMBER, "health_code": "20"}));
    assert_eq!((&shown["id"], &shown["version"]), (&json!(id), &json!(1)));
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    // One entry a field, with who, why and what for, and never the value.
    let report = app.admin().get(&format!("/cadres/{id}/access-report")).status(200);
    let told: Vec<&Value> = report.items().iter().filter(|item| item["what"] == "reveal").collect();
    assert_eq!(told.len(), 2, "{report}");
    for item in told {
        assert_eq!((&item["entity"], &item["entity_id"]), (&json!("cadres"), &json!(id)));
        assert_eq!(item["purpose"], "identity: 核对身份，第7号");
        assert!(item["name"].as_str().is_some_and(|name| name.starts_with("county-admin")), "{item}");
        assert_eq!(item["fields"].as_array().map(Vec::len), Some(1));
    }
    assert!(!report.text().contains(ID_NUMBER));
    // It stays hidden everywhere else.
    assert_eq!(county.get(&format!("/cadres/{id}")).status(200)["id_number"], "37292519280307****");
    // What has no value is told by its absence.
    let plain = cadre(&app.admin(), SHAN, json!({})).id();
    assert_eq!(ask(&county, &plain, &["bank_card"]).status(200)["values"], json!({}));
}

fn case_50_without_a_purpose_nothing_is_revealed(ctx: &Ctx) {
    let app = ctx.app();
    let id = secret_cadre(&app.admin(), SHAN).id();
    let path = format!("/cadres/{id}/reveal");
    for body in [
        json!({"fields": ["id_number"]}),
        json!({"fields": ["id_number"], "purpose": "identity"}),
        json!({"fields": ["id_number"], "reason": "核对"}),
        json!({"fields": ["id_number"], "purpose": "identity", "reason": "  　 "}),
    ] {
        let refused = app.admin().post(&path, body).status(403).problem("purpose_required");
        assert!(!refused.text().contains("3729251928"));
    }
    let odd = json!({"fields": ["id_number"], "purpose": "curiosity", "reason": "看看"});
    app.admin().post(&path, odd).status(422).error_at("/purpose", "unknown_code");
    assert_eq!(reveals(&app, &id), []);
}

fn only_what_is_hidden_can_be_revealed(ctx: &Ctx) {
    let app = ctx.app();
    let id = secret_cadre(&app.admin(), SHAN).id();
    let refused = ask(&app.admin(), &id, &["id_number", "name", "no_such_field"]).status(422);
    refused.error_at("/fields/1", "not_hidden").error_at("/fields/2", "unknown_field");
    ask(&app.admin(), &id, &[]).status(422);
    assert_eq!(reveals(&app, &id), []);
}

fn only_who_may_reveals(ctx: &Ctx) {
    let app = ctx.app();
    let id = secret_cadre(&app.admin(), SHAN).id();
    for role in ["auditor", "sync_client", "security_admin", "sys_admin"] {
        ask(&app.user(role, SHAN), &id, &["id_number"]).status(403).problem("forbidden");
    }
    ask(&app.token(&["cadres:read"], SHAN), &id, &["id_number"]).status(403).problem("forbidden");
    ask(&app.user("county_admin", CAO), &id, &["id_number"]).status(404).problem("not_found");
    assert_eq!(reveals(&app, &id), []);
    ask(&app.token(&["cadres:reveal"], SHAN), &id, &["id_number"]).status(200);
    assert_eq!(reveals(&app, &id).len(), 1);
}

fn an_account_reveals_so_much_a_day_and_no_more(ctx: &Ctx) {
    let app = ctx.app_with(|command| {
        command.env("LAOGAN_REVEALS_PER_DAY", "5");
    });
    let id = secret_cadre(&app.admin(), SHAN).id();
    let county = app.user("county_admin", SHAN);
    // At once, so that nobody counts before the other has written.
    let answers: Vec<u16> = thread::scope(|scope| {
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(|| ask(&county, &id, &["bank_card"]).status)).collect();
        tries.into_iter().map(|t| t.join().expect("an answer")).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 5, "{answers:?}");
    let refused =
        ask(&county, &id, &["bank_card"]).status(429).problem("reveal_quota").error_at("/fields", "reveals_left");
    let wait: i64 = refused.header("retry-after").expect("when to come again").parse().expect("seconds");
    assert!((1..=86_400).contains(&wait), "{wait}");
    assert_eq!(reveals(&app, &id).len(), 5, "what was refused revealed nothing");
    // The limit is an account's, and not a whole request's at once.
    let other = app.user("county_admin", SHAN);
    ask(&other, &id, &["bank_card", "id_number", "disease_note"]).status(200);
    ask(&other, &id, &["bank_card", "id_number", "disease_note"]).status(429);
    ask(&other, &id, &["bank_card", "id_number"]).status(200);
}
