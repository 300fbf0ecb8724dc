//! Second factors: codes of a phone, recovery codes, and roles that must have them.

use std::{fs, thread};

use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

use super::{login, login_with, text, user_path};
use crate::support::{App, Case, Ctx, cases, client::Client, response::Response};

const SHAN: &str = "371722";

pub fn tests() -> Vec<Case> {
    cases![
        a_second_factor_is_asked_for_once_it_is_confirmed,
        a_code_is_good_once,
        a_recovery_code_is_good_once,
        a_second_factor_ends_with_password_and_code,
        an_administrator_takes_away_a_lost_one,
        a_role_that_must_have_one_does_nothing_before,
        codes_are_not_guessed,
    ]
}

/// A user's phone.
struct Phone(Totp);

impl Phone {
    fn of(secret: &str) -> Self {
        let secret = Secret::try_from_base32(secret).expect("base32");
        Self(Builder::new().with_secret(secret).build().expect("a secret of good length"))
    }
    /// The code of a step of the clock: 0 for now.
    fn code(&self, step: i64) -> String {
        let now = chrono::Utc::now().timestamp() + step * 30;
        self.0.generate(u64::try_from(now).unwrap()).to_string()
    }
}

/// A user with a second factor: name, password, phone, recovery codes, and the session that made it. Confirming it has
/// used the code of the step before this one.
fn enrolled(app: &App, role: &str) -> (String, String, Phone, Vec<String>, Client) {
    let (name, password) = app.new_user(role, SHAN);
    let user = app.login(&name, &password);
    let secret = user.post("/auth/totp", json!({"password": password})).status(200);
    let phone = Phone::of(&text(&secret, "secret"));
    let codes = user.post("/auth/totp/confirm", json!({"totp": phone.code(-1)})).status(200);
    let codes = codes["recovery_codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
    (name, password, phone, codes, user)
}

fn with_code(app: &App, name: &str, password: &str, code: &str) -> Response {
    login_with(app, json!({"username": name, "password": password, "totp": code}))
}

fn a_second_factor_is_asked_for_once_it_is_confirmed(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password) = app.new_user("county_admin", SHAN);
    let user = app.login(&name, &password);
    let state = user.get("/auth/totp").status(200);
    assert_eq!((&state["enabled"], &state["required"]), (&json!(false), &json!(false)));
    user.post("/auth/totp", json!({"password": "wrong password"})).status(401).problem("login_failed");
    let first = user.post("/auth/totp", json!({"password": password})).status(200);
    let made = user.post("/auth/totp", json!({"password": password})).status(200);
    assert_ne!(made["secret"], first["secret"]);
    assert!(text(&made, "link").starts_with("otpauth://totp/Laogan"), "{made}");
    // Not before it is confirmed.
    login(&app, &name, &password).status(200);
    let phone = Phone::of(&text(&made, "secret"));
    let lost = Phone::of(&text(&first, "secret"));
    for wrong in [lost.code(0).as_str(), "000000", "", "k4rt-9xwm-e2hn-c7pz"] {
        let refused = user.post("/auth/totp/confirm", json!({"totp": wrong})).status(422);
        refused.problem("validation_failed").error_at("/totp", "code_wrong");
    }
    let codes = user.post("/auth/totp/confirm", json!({"totp": phone.code(0)})).status(200);
    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
    let state = user.get("/auth/totp").status(200);
    assert_eq!((&state["enabled"], &state["recovery_codes_left"]), (&json!(true), &json!(10)));
    login(&app, &name, &password).status(401).problem("second_factor_required");
    with_code(&app, &name, &password, &lost.code(1)).status(401).error_at("/totp", "code_wrong");
    with_code(&app, &name, "wrong password", &phone.code(1)).status(401).problem("login_failed");
    with_code(&app, &name, &password, &phone.code(1)).status(200);
    // A second one takes the place of none.
    user.post("/auth/totp", json!({"password": password})).status(409).problem("already_exists");
    // What the database holds opens nothing.
    let secret = text(&made, "secret");
    let files = fs::read_dir(app.data_dir()).unwrap().flatten().filter_map(|file| fs::read(file.path()).ok());
    for file in files {
        let file = String::from_utf8_lossy(&file).into_owned();
        assert!(!file.contains(&secret) && !file.contains(codes["recovery_codes"][0].as_str().unwrap()));
    }
}

fn a_code_is_good_once(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password, phone, _, _) = enrolled(&app, "county_admin");
    let code = phone.code(0);
    let won = thread::scope(|scope| {
        let tries: Vec<_> = (0..6).map(|_| scope.spawn(|| with_code(&app, &name, &password, &code).status)).collect();
        tries.into_iter().map(|t| t.join().unwrap()).filter(|status| *status == 200).count()
    });
    assert_eq!(won, 1, "one code, one sign-in");
    with_code(&app, &name, &password, &code).status(401).problem("second_factor_required");
    // Nor is one of a step before the last that was used.
    with_code(&app, &name, &password, &phone.code(1)).status(200);
    with_code(&app, &name, &password, &phone.code(0)).status(401);
}

fn a_recovery_code_is_good_once(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password, phone, codes, user) = enrolled(&app, "county_admin");
    with_code(&app, &name, &password, &codes[3]).status(200);
    with_code(&app, &name, &password, &codes[3]).status(401).problem("second_factor_required");
    // As people type it.
    with_code(&app, &name, &password, &codes[4].to_uppercase().replace('-', " ")).status(200);
    assert_eq!(user.get("/auth/totp")["recovery_codes_left"], 8);
    let (other, his_password, ..) = enrolled(&app, "county_admin");
    with_code(&app, &other, &his_password, &codes[0]).status(401);
    // Fresh ones make the old ones void.
    let fresh = user.post("/auth/totp/confirm", json!({"totp": phone.code(1)})).status(200);
    with_code(&app, &name, &password, &codes[0]).status(401);
    with_code(&app, &name, &password, fresh["recovery_codes"][0].as_str().unwrap()).status(200);
}

fn a_second_factor_ends_with_password_and_code(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password, phone, _, user) = enrolled(&app, "county_admin");
    let disable =
        |password: &str, code: &str| user.post("/auth/totp/disable", json!({"password": password, "totp": code}));
    disable("wrong password", &phone.code(0)).status(401).problem("login_failed");
    disable(&password, "000000").status(422).error_at("/totp", "code_wrong");
    disable(&password, &phone.code(0)).status(204);
    login(&app, &name, &password).status(200);
    // An API token changes nothing about its owner.
    let token = user.post("/tokens", App::token_request(&["*:*"], SHAN)).status(201);
    let token = app.anonymous().bearing(&text(&token, "token"));
    token.post("/auth/totp", json!({"password": password})).status(403).problem("in_person");
    token.get("/auth/totp").status(403).problem("in_person");
    token.post("/auth/password", json!({"current_password": password, "new_password": "correct horse"})).status(403);
    token.get("/sessions").status(403).problem("in_person");
    token.post("/auth/logout", json!({})).status(403).problem("in_person");
}

fn an_administrator_takes_away_a_lost_one(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password, _, _, user) = enrolled(&app, "county_admin");
    let totp = format!("{}/totp", user_path(&user));
    app.user("auditor", SHAN).delete(&totp).status(403).problem("forbidden");
    app.user("county_admin", "371721").delete(&totp).status(404).problem("not_found");
    app.admin().delete(&totp).status(204);
    user.get("/me").status(401).problem("unauthenticated");
    login(&app, &name, &password).status(200);
    let (name, password, ..) = enrolled(&app, "county_admin");
    login(&app, &name, &password).status(401).problem("second_factor_required");
    assert!(app.cli(&["user", "reset-totp", "--username", &name]).status().unwrap().success());
    login(&app, &name, &password).status(200);
}

fn a_role_that_must_have_one_does_nothing_before(ctx: &Ctx) {
    let app = ctx.app_with(|command| {
        command.env("LAOGAN_REQUIRE_SECOND_FACTOR", "county_admin,sys_admin");
    });
    let (name, password) = app.new_user("county_admin", SHAN);
    let answer = login(&app, &name, &password).status(200);
    assert_eq!(answer["user"]["second_factor_missing"], true);
    let user = app.anonymous().bearing(&text(&answer, "access_token"));
    assert_eq!(user.get("/me").status(200)["second_factor_missing"], true);
    user.get("/cadres").status(403).problem("second_factor_missing");
    user.post("/tokens", App::token_request(&["cadres:read"], SHAN)).status(403).problem("second_factor_missing");
    user.get("/sync/state").status(403).problem("second_factor_missing");
    let secret = user.post("/auth/totp", json!({"password": password})).status(200);
    let phone = Phone::of(&text(&secret, "secret"));
    user.post("/auth/totp/confirm", json!({"totp": phone.code(0)})).status(200);
    user.get("/cadres").status(200);
    assert!(user.get("/me").status(200)["second_factor_missing"].is_null());
    // Others need none.
    app.user("auditor", SHAN).get("/cadres").status(200);
}

fn codes_are_not_guessed(ctx: &Ctx) {
    let app = ctx.app();
    let (name, password, phone, _, user) = enrolled(&app, "county_admin");
    let tries: Vec<u16> = (0..30).map(|n| with_code(&app, &name, &password, &format!("{n:06}")).status).collect();
    assert!(tries.iter().filter(|s| **s == 401).count() <= 14, "{tries:?}");
    assert!(tries.iter().all(|s| matches!(s, 401 | 429)) && tries.contains(&429), "{tries:?}");
    // The right password alone forgives nothing.
    login(&app, &name, &password).status(429);
    let tries: Vec<u16> =
        (0..30).map(|n| user.post("/auth/totp/confirm", json!({"totp": format!("{n:06}")})).status).collect();
    assert!(tries.contains(&429), "{tries:?}");
    app.admin().post(&format!("{}/unlock", user_path(&user)), json!({})).status(204);
    with_code(&app, &name, &password, &phone.code(0)).status(200);
}
