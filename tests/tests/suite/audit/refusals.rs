//! Refused requests are told, and a flood of them is told shortly.

use super::told;
use crate::{
    resources::make::{CITY, SHAN},
    support::{Case, Ctx, cases},
};

pub fn tests() -> Vec<Case> {
    cases![
        what_is_not_allowed_is_told_with_who_and_whence,
        a_token_that_does_not_hold_is_told_and_a_stranger_is_not,
        a_flood_of_refusals_takes_two_rows_and_keeps_its_number,
        what_waits_is_stored_at_a_normal_end,
    ]
}

fn what_is_not_allowed_is_told_with_who_and_whence(ctx: &Ctx) {
    let app = ctx.app();
    let user = app.user("sys_admin", SHAN);
    let id = user.get("/me")["user_id"].as_str().expect("an id").to_owned();
    let request =
        user.request("GET", "/cadres").header("user-agent", "a-test/1").header("x-request-id", "request-4711");
    request.send().status(403);
    let found = told(&app.admin(), &[("filter[kind]", "denied"), ("filter[actor]", &format!("user:{id}"))]);
    assert_eq!(found.len(), 1, "{found:?}");
    let event = &found[0];
    for (field, value) in [
        ("outcome", "denied"),
        ("address", "127.0.0.1"),
        ("user_agent", "a-test/1"),
        ("request_id", "request-4711"),
        ("entity", "GET /api/v1/cadres"),
        ("division_code", SHAN),
        ("detail", "forbidden"),
    ] {
        assert_eq!(event[field], value, "{event}");
    }
}

fn a_token_that_does_not_hold_is_told_and_a_stranger_is_not(ctx: &Ctx) {
    let app = ctx.app();
    app.anonymous().get("/cadres").status(401);
    app.anonymous().bearing("lg_pat_00000000000000000000000000000000000000").get("/cadres").status(401);
    let found = told(&app.admin(), &[("filter[kind]", "denied")]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0]["actor"] == "anonymous" && found[0]["detail"] == "unauthenticated", "{found:?}");
    assert_eq!(found[0]["division_code"], CITY);
    assert!(!found[0].to_string().contains("lg_pat_"), "the token itself is told: {found:?}");
}

fn a_flood_of_refusals_takes_two_rows_and_keeps_its_number(ctx: &Ctx) {
    let app = ctx.app();
    let user = app.user("sys_admin", SHAN);
    for _ in 0..300 {
        user.get("/honors").status(403);
    }
    // At the end of the server what was counted in the running minute is told too.
    assert!(app.terminate().success());
    app.restart();
    let found = told(&app.admin(), &[("filter[kind]", "denied"), ("filter[entity]", "GET /api/v1/honors")]);
    // A minute may have ended meanwhile.
    assert!((2..=4).contains(&found.len()), "{found:?}");
    assert_eq!(found.iter().map(|e| e["times"].as_i64().expect("a number")).sum::<i64>(), 300);
}

fn what_waits_is_stored_at_a_normal_end(ctx: &Ctx) {
    let app = ctx.app();
    app.user("sys_admin", SHAN).get("/cadres").status(403);
    assert!(app.terminate().success());
    app.restart();
    assert_eq!(told(&app.admin(), &[("filter[kind]", "denied")]).len(), 1);
}
