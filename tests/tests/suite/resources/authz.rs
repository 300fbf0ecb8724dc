//! Decisions explained, and access in an emergency.

use serde_json::{Value, json};

use crate::support::{App, Case, Ctx, cases, client::Client};

pub fn tests() -> Vec<Case> {
    cases![
        an_explanation_names_the_rule_that_decides,
        only_who_administers_others_asks_about_them,
        an_emergency_is_read_only_short_and_on_record,
    ]
}

fn cadre(by: &Client, division: &str) -> String {
    let unit = by.post("/units", json!({"name": "某局", "kind": "organ", "division_code": division})).status(201).id();
    let cadre = json!({
        "unit_id": unit, "name": "孔令文", "birth_date": "1930-05-12", "ethnicity": "01", "retire_type": "tuixiu",
        "retire_date": "1990-06", "division_code": division,
    });
    by.post("/cadres", cadre).status(201).id()
}
fn id(app: &App, of: &Client) -> String {
    let _ = app;
    of.get("/me").status(200)["user_id"].as_str().expect("an id").to_owned()
}
fn ask(by: &Client, subject: Value, method: &str, path: &str) -> (bool, u16, String) {
    let mut question = json!({"method": method, "path": format!("/api/v1{path}")});
    subject.as_object().into_iter().flatten().for_each(|(name, value)| question[name] = value.clone());
    let told = by.post("/authz/explain", question).status(200);
    let rules = told["rules"].as_array().expect("rules");
    let last = rules.last().map(|r| r["rule"].as_str().unwrap_or_default().to_owned()).unwrap_or_default();
    assert_eq!(told["allowed"] == true, rules.iter().all(|r| r["holds"] == true), "{told}");
    let status = u16::try_from(told["status"].as_u64().expect("a status")).expect("a status");
    (told["allowed"] == true, status, last)
}

fn an_explanation_names_the_rule_that_decides(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let (own, other) = (cadre(&admin, "371722"), cadre(&admin, "371721"));
    let county = app.user("county_admin", "371722");
    let about = json!({"user_id": id(&app, &county)});
    let asked = |method: &str, path: &str| ask(&admin, about.clone(), method, path);
    assert_eq!(asked("GET", &format!("/cadres/{own}")), (true, 200, "record".into()));
    assert_eq!(asked("PATCH", &format!("/cadres/{own}")), (true, 200, "writable".into()));
    assert_eq!(asked("GET", &format!("/cadres/{other}")), (false, 404, "record".into()));
    assert_eq!(asked("GET", "/no-such-thing"), (false, 404, "operation".into()));
    assert!(asked("GET", "/codes").0);
    let security = json!({"user_id": id(&app, &app.user("security_admin", "371700"))});
    assert_eq!(ask(&admin, security, "GET", &format!("/cadres/{own}")), (false, 403, "role".into()));
    let token = admin.post("/tokens", App::token_request(&["cadres:read"], "371722")).status(201);
    let token = json!({"token_id": token["token_id"]});
    assert!(ask(&admin, token.clone(), "GET", "/cadres").0);
    assert_eq!(ask(&admin, token.clone(), "GET", "/honors"), (false, 403, "token_scopes".into()));
    assert_eq!(ask(&admin, token.clone(), "POST", "/cadres"), (false, 403, "token_scopes".into()));
    assert_eq!(ask(&admin, token, "GET", &format!("/cadres/{other}")), (false, 404, "record".into()));
    // Who was disabled may nothing.
    let path = format!("/users/{}", about["user_id"].as_str().expect("an id"));
    let etag = admin.get(&path).etag();
    admin.patch_if(&path, &etag, json!({"disabled": true})).status(200);
    assert_eq!(asked("GET", &format!("/cadres/{own}")), (false, 401, "credential".into()));
}

fn only_who_administers_others_asks_about_them(ctx: &Ctx) {
    let app = ctx.app();
    let (auditor, unit) = (app.user("auditor", "371722"), app.user("unit_user", "371722"));
    let question = |who: &Client| json!({"method": "GET", "path": "/api/v1/cadres", "user_id": id(&app, who)});
    unit.post("/authz/explain", question(&auditor)).status(403).problem("forbidden");
    let elsewhere = app.user("county_admin", "371721");
    elsewhere.post("/authz/explain", question(&unit)).status(404).problem("not_found");
    auditor.post("/authz/explain", question(&unit)).status(200);
    let both =
        json!({"method": "GET", "path": "/api/v1/cadres", "user_id": id(&app, &unit), "token_id": id(&app, &unit)});
    app.admin().post("/authz/explain", both).status(422);
    assert_eq!(ask(&unit, json!({}), "GET", "/cadres"), (true, 200, "token_scopes".into()));
}

fn an_emergency_is_read_only_short_and_on_record(ctx: &Ctx) {
    let app = ctx.app();
    let other = cadre(&app.admin(), "371721");
    let county = app.user("county_admin", "371722");
    county.get(&format!("/cadres/{other}")).status(404);
    let wanted = |reason: &str, minutes: i64, division: &str| json!({"division_code": division, "reason": reason, "minutes": minutes});
    county.post("/authz/break-glass", wanted("急", 30, "371700")).status(422).error_at("/reason", "too_short");
    county
        .post("/authz/break-glass", wanted("老同志在外县突发疾病", 61, "371700"))
        .status(422)
        .error_at("/minutes", "too_large");
    county.post("/authz/break-glass", wanted("老同志在外县突发疾病", 5, "370800")).status(422);
    app.user("sys_admin", "371700").post("/authz/break-glass", wanted("老同志在外县突发疾病", 5, "371700")).status(403);
    let given = county.post("/authz/break-glass", wanted("老同志在外县突发疾病", 5, "371700")).status(201);
    let reader = app.anonymous().bearing(given["token"].as_str().expect("a token"));
    reader.get(&format!("/cadres/{other}")).status(200);
    reader.patch_if(&format!("/cadres/{other}"), "\"r1\"", json!({})).status(403).problem("forbidden");
    reader.post("/authz/break-glass", wanted("老同志在外县突发疾病", 5, "371700")).status(403);
    reader.get("/users").status(403).problem("forbidden");
    reader.get("/cadres").status(200);
    // Whoever administers tokens sees it, with its reason, and can end it but not prolong it.
    let one = format!("/tokens/{}", given["token_id"].as_str().expect("an id"));
    let seen = app.admin().get(&one).status(200);
    assert_eq!((&seen["purpose"], &seen["kind"]), (&json!("老同志在外县突发疾病"), &json!("bgl")));
    app.admin().post(&format!("{one}/rotate"), json!({})).status(403).problem("forbidden");
    let longer = json!({"expires_at": "2999-01-01T00:00:00Z"});
    app.admin().patch_if(&one, &seen.etag(), longer).status(403).problem("forbidden");
    app.admin().delete(&one).status(204);
    reader.get(&format!("/cadres/{other}")).status(401);
}
