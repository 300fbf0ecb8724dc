//! Who sees what, and who may do what.

use serde_json::json;

use super::make::{CAO, CITY, SHAN, cadre, cadre_of, ids, unit, with};
use crate::support::{App, Case, Ctx, cases, client::Client};

pub fn tests() -> Vec<Case> {
    cases![
        two_counties_do_not_see_each_other_and_the_city_sees_both,
        a_county_system_works_like_its_county,
        an_auditor_reads_everything_and_writes_nothing,
        who_has_no_business_with_cadres_sees_none,
        a_security_administrator_sees_users_and_no_cadres,
        what_is_for_all_counties_is_read_and_not_written,
        nobody_who_is_not_signed_in_gets_beyond_the_door,
    ]
}

fn two_counties_do_not_see_each_other_and_the_city_sees_both(ctx: &Ctx) {
    let app = ctx.app();
    let (city, shan, cao) = (app.admin(), app.user("county_admin", SHAN), app.user("county_admin", CAO));
    let (of_shan, of_cao) = (cadre(&shan, SHAN, json!({})).id(), cadre(&cao, CAO, json!({})).id());
    assert_eq!(ids(&shan.get("/cadres")), [&of_shan]);
    assert_eq!(ids(&cao.get("/cadres")), [&of_cao]);
    assert_eq!(ids(&city.get("/cadres")), [&of_shan, &of_cao]);
    shan.get(&format!("/cadres/{of_cao}")).status(404).problem("not_found");
    cao.get(&format!("/cadres/{of_shan}/party-age")).status(404).problem("not_found");
    cao.get(&format!("/cadres/{of_shan}/derived")).status(404).problem("not_found");
    for asked in ["filter[division_code]=371721", "filter[name]=孔令文", "q=孔", "count=exact"] {
        let seen = shan.request("GET", "/cadres").query(&[asked.split_once('=').unwrap()]).send().status(200);
        assert!(!ids(&seen).contains(&of_cao.as_str()));
        assert!(seen["count"].is_null() || seen["count"] == 1);
    }
    let moved = with(cadre_of(&unit(&city, CAO), CAO), json!({"name": "丁一"}));
    shan.post("/cadres", moved).status(403).problem("forbidden").error_at("/division_code", "outside_scope");
}

fn a_county_system_works_like_its_county(ctx: &Ctx) {
    let app = ctx.app();
    let system = app.user("sync_client", SHAN);
    let id = cadre(&system, SHAN, json!({})).id();
    let one = format!("/cadres/{id}");
    system.patch_if(&one, "\"r1\"", json!({"name": "孔令武"})).status(200);
    system.delete_if(&one, "\"r2\"").status(204);
    system.get("/users").status(403).problem("forbidden");
    system.get("/tokens").status(403).problem("forbidden");
}

fn an_auditor_reads_everything_and_writes_nothing(ctx: &Ctx) {
    let app = ctx.app();
    let (of_shan, of_cao) = (cadre(&app.admin(), SHAN, json!({})).id(), cadre(&app.admin(), CAO, json!({})).id());
    let (city, county) = (app.user("auditor", CITY), app.user("auditor", SHAN));
    assert_eq!(ids(&city.get("/cadres")), [&of_shan, &of_cao]);
    assert_eq!(ids(&county.get("/cadres")), [&of_shan]);
    let one = format!("/cadres/{of_shan}");
    for path in ["/units", "/users", "/tokens", "/honors", "/cadres/export", &one, &format!("{one}/history")] {
        city.get(path).status(200);
    }
    let body = cadre_of(&unit(&app.admin(), SHAN), SHAN);
    writes_nothing(&city, &one, body);
    city.post("/tokens", App::token_request(&["cadres:read"], CITY)).status(403).problem("forbidden");
    assert_eq!(app.admin().get(&one)["version"], 1);
}

fn who_has_no_business_with_cadres_sees_none(ctx: &Ctx) {
    let app = ctx.app();
    let id = cadre(&app.admin(), SHAN, json!({})).id();
    let one = format!("/cadres/{id}");
    for role in ["sys_admin", "app_public"] {
        let caller = app.user(role, SHAN);
        assert_eq!(caller.get("/me")["role"], role);
        assert!(!caller.get("/divisions").status(200).items().is_empty(), "{role} reads the reference data");
        for path in ["/cadres", "/cadres/export", &one, &format!("{one}/history"), &format!("{one}/derived")] {
            caller.get(path).status(403).problem("forbidden");
        }
        for path in ["/party-memberships", "/honors", "/benefit-standards", "/users", "/tokens"] {
            caller.get(path).status(403).problem("forbidden");
        }
        caller.get("/honors/party50-candidates?year=2021").status(403).problem("forbidden");
        caller.get(&format!("{one}/party-age")).status(403).problem("forbidden");
        writes_nothing(&caller, &one, json!({}));
        // The way over a resource that may be read is closed too.
        let way = caller.get("/units?expand=cadres");
        assert!(way.status == 403 || !way.text().contains(&id), "{role} reads cadres through their units: {way}");
    }
}

fn a_security_administrator_sees_users_and_no_cadres(ctx: &Ctx) {
    let app = ctx.app();
    let id = cadre(&app.admin(), SHAN, json!({})).id();
    let security = app.user("security_admin", CITY);
    security.get("/cadres").status(403).problem("forbidden");
    security.get(&format!("/cadres/{id}")).status(403).problem("forbidden");
    assert!(security.get("/users").status(200).items().len() >= 2);
    let user = json!({"username": "new-user", "display_name": "新用户", "role": "county_admin", "division_code": SHAN});
    let user = security.post("/users", user).status(201).id();
    security.post(&format!("/users/{user}/password"), json!({"password": "correct horse"})).status(204);
    app.login("new-user", "correct horse").get("/cadres").status(200);
}

fn what_is_for_all_counties_is_read_and_not_written(ctx: &Ctx) {
    let app = ctx.app();
    let (city, shan) = (app.admin(), app.user("county_admin", SHAN));
    let standard = json!({"kind": "nursing", "scope": "lixiu", "amount": "500.00", "valid_from": "2021-01-01"});
    let made =
        |division: &str| city.post("/benefit-standards", with(standard.clone(), json!({"division_code": division})));
    let (of_city, of_cao) = (made(CITY).status(201).id(), made(CAO).status(201).id());
    let own = shan.post("/benefit-standards", standard.clone()).status(201);
    assert_eq!(own["division_code"], SHAN);
    assert_eq!(ids(&shan.get("/benefit-standards")), [of_city.as_str(), &own.id()]);
    shan.get(&format!("/benefit-standards/{of_cao}")).status(404).problem("not_found");
    let one = format!("/benefit-standards/{of_city}");
    assert_eq!(shan.get(&one).status(200)["amount"], "500.00");
    shan.patch_if(&one, "\"r1\"", json!({"amount": "1.00"})).status(403).problem("forbidden");
    shan.delete_if(&one, "\"r1\"").status(403).problem("forbidden");
    let city_wide = with(standard, json!({"division_code": CITY, "scope": "tuixiu"}));
    shan.post("/benefit-standards", city_wide).status(403).problem("forbidden");
    let divisions = shan.get("/divisions?limit=500").status(200);
    assert!(["371700", "371721", "371722"].iter().all(|code| divisions.text().contains(code)));
}

fn nobody_who_is_not_signed_in_gets_beyond_the_door(ctx: &Ctx) {
    let app = ctx.app();
    let stranger = app.anonymous();
    let open = ["/health/live", "/health/ready", "/metrics", "/openapi.json", "/openapi-3.0.json", "/docs/"];
    let catalogues =
        ["/.well-known/jwks.json", "/bootstrap", "/codes", "/codes/sex", "/problems", "/problems/not_found"];
    for path in open.into_iter().chain(catalogues) {
        stranger.get(path).status(200);
    }
    for operation in stranger.contract().operations() {
        let secured = operation.definition["security"].as_array().is_none_or(|schemes| !schemes.is_empty());
        if !secured {
            continue;
        }
        let path = operation.path.replace("{id}", "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01");
        let answer = stranger.request(&operation.method, &path).json(json!({})).send().status(401);
        if operation.method != "HEAD" {
            answer.problem("unauthenticated");
        }
    }
}

/// Claims that this caller may change no cadre.
#[track_caller]
fn writes_nothing(caller: &Client, one: &str, body: serde_json::Value) {
    for answer in [
        caller.post("/cadres", body.clone()),
        caller.post("/cadres/batch", json!({"items": [body]})),
        caller.put(one, body.clone()),
        caller.put_if(one, "\"r1\"", body),
        caller.patch_if(one, "\"r1\"", json!({"name": "某人"})),
        caller.delete_if(one, "\"r1\""),
    ] {
        answer.status(403).problem("forbidden");
    }
}
