//! Users, their passwords, and how soon a change of theirs bites.

use serde_json::json;

use super::make::{CAO, CITY, SHAN, cadre};
use crate::support::{App, Case, Ctx, cases, client::Client};

pub fn tests() -> Vec<Case> {
    cases![
        a_disabled_user_stops_at_the_next_request,
        a_deleted_user_stops_at_the_next_request,
        a_smaller_role_bites_at_the_next_request,
        nobody_hands_out_more_than_he_has,
        a_county_sees_its_own_users_only,
        a_user_changes_his_own_password,
        an_administrator_sets_the_password_of_others,
        a_wrong_login_tells_nothing,
    ]
}

fn a_disabled_user_stops_at_the_next_request(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let user = app.login(&name, &password);
    let token = user.post("/tokens", App::token_request(&["cadres:read"], SHAN)).status(201);
    let token = app.anonymous().bearing(token["token"].as_str().unwrap());
    let one = me(&user);
    user.get("/cadres").status(200);
    token.get("/cadres").status(200);
    app.admin().patch_if(&one, "\"r1\"", json!({"disabled": true})).status(200);
    user.get("/cadres").status(401).problem("unauthenticated");
    user.get("/me").status(401).problem("unauthenticated");
    token.get("/cadres").status(401).problem("unauthenticated");
    login(&app, &name, &password).status(401).problem("login_failed");
    app.admin().patch_if(&one, "\"r2\"", json!({"disabled": false})).status(200);
    user.get("/cadres").status(200);
    token.get("/cadres").status(200);
    login(&app, &name, &password).status(200);
}

fn a_deleted_user_stops_at_the_next_request(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let user = app.login(&name, &password);
    let token = user.post("/tokens", App::token_request(&["cadres:read"], SHAN)).status(201);
    let token = app.anonymous().bearing(token["token"].as_str().unwrap());
    token.get("/cadres").status(200);
    app.admin().delete_if(&me(&user), "\"r1\"").status(204);
    user.get("/cadres").status(401).problem("unauthenticated");
    token.get("/cadres").status(401).problem("unauthenticated");
    login(&app, &name, &password).status(401).problem("login_failed");
    // The name is free again, and what its first bearer held stays dead.
    let again = json!({"username": name, "display_name": name, "role": "county_admin", "division_code": SHAN});
    app.admin().post("/users", again).status(201);
    login(&app, &name, &password).status(401).problem("login_failed");
    user.get("/cadres").status(401).problem("unauthenticated");
}

fn a_smaller_role_bites_at_the_next_request(ctx: &Ctx) {
    let app = ctx.app();
    let user = app.user("county_admin", SHAN);
    let one = format!("/cadres/{}", cadre(&user, SHAN, json!({})).id());
    let me = me(&user);
    app.admin().patch_if(&me, "\"r1\"", json!({"role": "auditor"})).status(200);
    user.get(&one).status(200);
    user.patch_if(&one, "\"r1\"", json!({"name": "某人"})).status(403).problem("forbidden");
    app.admin().patch_if(&me, "\"r2\"", json!({"role": "sys_admin"})).status(200);
    user.get(&one).status(403).problem("forbidden");
}

fn nobody_hands_out_more_than_he_has(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("county_admin", SHAN);
    let user =
        |role: &str| json!({"username": format!("{}-x", role.replace('_', "-")), "display_name": "x", "role": role});
    for role in ["city_admin", "auditor", "security_admin", "sys_admin"] {
        let refused = county.post("/users", user(role)).status(422).problem("validation_failed");
        refused.error_at("/role", "role_not_grantable");
        let batch = county.post("/users/batch", json!({"items": [user(role)]})).status(422);
        batch.error_at("/items/0/role", "role_not_grantable");
    }
    for (role, field) in
        [("unit_user", "unit_id"), ("party_org_user", "party_organization_id"), ("cadre_self", "cadre_id")]
    {
        county.post("/users", user(role)).status(422).error_at(&format!("/{field}"), "required");
    }
    for role in ["county_admin", "sync_client", "app_public"] {
        let made = county.post("/users", user(role)).status(201);
        let one = format!("/users/{}", made.id());
        let raised = county.patch_if(&one, "\"r1\"", json!({"role": "city_admin"})).status(422);
        raised.error_at("/role", "role_not_grantable");
    }
    // Nor can he take hold of one who has more.
    let auditor = app.admin().post("/users", user("auditor")).status(201);
    let above = json!({"username": "above", "display_name": "x", "role": "auditor", "division_code": SHAN});
    let above = format!("/users/{}", app.admin().post("/users", above).status(201).id());
    county.get(&format!("/users/{}", auditor.id())).status(404);
    county
        .patch_if(&above, "\"r1\"", json!({"role": "sync_client"}))
        .status(422)
        .error_at("/role", "role_not_grantable");
    county.delete_if(&above, "\"r1\"").status(403).problem("forbidden").error_at("/role", "role_not_grantable");
    county.post(&format!("{above}/password"), json!({"password": "correct horse"})).status(403).problem("forbidden");
    county.patch_if(&me(&county), "\"r1\"", json!({"role": "city_admin"})).status(422);
    assert_eq!(county.get("/me")["role"], "county_admin");
}

fn a_county_sees_its_own_users_only(ctx: &Ctx) {
    let app = ctx.app();
    let (shan, cao) = (app.user("county_admin", SHAN), app.user("county_admin", CAO));
    let list = shan.get("/users").status(200);
    assert_eq!(list.items().len(), 1);
    assert_eq!(list.items()[0]["division_code"], SHAN);
    shan.get(&me(&cao)).status(404).problem("not_found");
    shan.patch_if(&me(&cao), "\"r1\"", json!({"disabled": true})).status(404).problem("not_found");
    shan.post(&format!("{}/password", me(&cao)), json!({"password": "correct horse"})).status(404).problem("not_found");
    let elsewhere = json!({"username": "spy", "display_name": "x", "role": "county_admin", "division_code": CAO});
    shan.post("/users", elsewhere).status(403).problem("forbidden");
    cao.get("/me").status(200);
}

fn a_user_changes_his_own_password(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let user = app.login(&name, &password);
    let change = |current: &str, new: &str| {
        user.post("/auth/password", json!({"current_password": current, "new_password": new}))
    };
    change("wrong password", "correct horse").status(401).problem("login_failed");
    change(&password, "too short").status(422).error_at("/new_password", "password_length");
    change(&password, &"长".repeat(257)).status(422).error_at("/new_password", "password_length");
    login(&app, &name, &password).status(200);
    change(&password, "正确的马电池订书钉").status(422);
    change(&password, "正确的马、电池和订书钉").status(204);
    login(&app, &name, &password).status(401).problem("login_failed");
    login(&app, &name, "正确的马、电池和订书钉").status(200);
    let whole = user.get(&me(&user)).status(200);
    assert!(!whole.text().contains("password") && !whole.text().contains("argon2"), "{whole}");
}

fn an_administrator_sets_the_password_of_others(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("unit_user", SHAN);
    let user = app.login(&name, &password);
    let county = app.user("county_admin", SHAN);
    let path = format!("{}/password", me(&user));
    county.post(&path, json!({"password": "short"})).status(422).error_at("/password", "password_length");
    county.post(&path, json!({"password": "correct horse", "more": 1})).status(422).error_at("/more", "unknown_field");
    county.post(&path, json!({"password": "correct horse"})).status(204);
    login(&app, &name, &password).status(401).problem("login_failed");
    let user = app.login(&name, "correct horse");
    user.post(&path, json!({"password": "correct horses"})).status(403).problem("forbidden");
    app.admin()
        .post("/users/0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01/password", json!({"password": "correct horse"}))
        .status(404);
    let auditor = app.user("auditor", CITY);
    auditor.post(&path, json!({"password": "correct horses"})).status(403).problem("forbidden");
}

fn a_wrong_login_tells_nothing(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let wrong = login(&app, &name, "wrong password").status(401).problem("login_failed");
    let unknown = login(&app, "nobody-of-this-name", "wrong password").status(401).problem("login_failed");
    for field in ["type", "title", "status", "code", "detail", "errors"] {
        assert_eq!(wrong[field], unknown[field]);
    }
    for odd in ["", "' OR 1=1 --", "a\u{7f}", "%", &"x".repeat(10_000)] {
        let answer = login(&app, odd, odd);
        assert!(matches!(answer.status, 401 | 422), "{answer}");
    }
    for body in [json!({}), json!({"username": name}), json!({"username": 1, "password": []}), json!([])] {
        app.anonymous().post("/auth/login", body).status(422).problem("validation_failed");
    }
    login(&app, &name.to_uppercase(), &password).status(200);
    let answer = login(&app, &name, &password).status(200);
    assert_eq!((&answer["token_type"], &answer["user"]["username"]), (&json!("Bearer"), &json!(name)));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

fn me(user: &Client) -> String {
    format!("/users/{}", user.get("/me").status(200)["user_id"].as_str().expect("my id"))
}

fn login(app: &App, username: &str, password: &str) -> crate::support::response::Response {
    app.anonymous().post("/auth/login", json!({"username": username, "password": password}))
}
