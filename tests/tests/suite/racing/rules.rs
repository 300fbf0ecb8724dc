//! What only one may have, or only so many: two requests at once must not both find room.

use serde_json::{Value, json};

use super::{Doors, at_once, records};
use crate::support::{Case, Ctx, cases, response::Response};

pub fn tests() -> Vec<Case> {
    cases![
        an_id_number_is_registered_once,
        a_client_id_is_taken_once,
        a_quota_is_used_up_and_not_exceeded,
        periods_of_a_standard_do_not_overlap,
        two_units_are_not_above_each_other,
        a_user_name_is_taken_once,
        batches_that_want_the_same_in_another_order_do_not_both_succeed,
    ]
}

/// Splits the answers into the successes and the problem codes.
fn outcome(all: Vec<Response>) -> (Vec<Response>, Vec<String>) {
    let (made, refused): (Vec<Response>, Vec<Response>) = all.into_iter().partition(|answer| answer.status < 300);
    let code = |answer: &Response| format!("{} {}", answer.status, answer["code"].as_str().unwrap_or_default());
    let codes = refused.iter().map(code).collect();
    (made, codes)
}

#[track_caller]
fn all_are(codes: &[String], expected: &str) {
    assert!(codes.iter().all(|code| code == expected), "expected only {expected}: {codes:?}");
}

fn an_id_number_is_registered_once(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let unit = admins[0].post("/units", records::unit("唯一")).status(201).id();
    for round in 0..10 {
        let number = records::id_number(round);
        let (made, codes) = outcome(at_once(16, |caller| {
            let cadre = records::cadre(&format!("第{caller}人"), &unit, Some(&number));
            admins[caller % admins.len()].post("/cadres", cadre)
        }));
        assert_eq!((made.len(), codes.len()), (1, 15), "{codes:?}");
        all_are(&codes, "409 duplicate_person");
    }
    assert_eq!(admins[0].get("/cadres?limit=100").items().len(), 10);
}

fn a_client_id_is_taken_once(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    for _ in 0..10 {
        let id = uuid::Uuid::now_v7().to_string();
        let (made, codes) = outcome(at_once(16, |caller| {
            let mut unit = records::unit(&format!("第{caller}人的单位"));
            unit["id"] = json!(id);
            admins[caller % admins.len()].request("POST", "/units").no_key().json(unit).send()
        }));
        assert_eq!(made.len(), 1, "{codes:?}");
        all_are(&codes, "409 already_exists");
        let now = admins[0].get(&format!("/units/{id}")).status(200);
        assert_eq!((&now["name"], &now["version"]), (&made[0]["name"], &json!(1)));
    }
}

fn a_quota_is_used_up_and_not_exceeded(ctx: &Ctx) {
    const QUOTA: usize = 5;
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let unit = admins[0].post("/units", records::unit("名额")).status(201).id();
    let cadres: Vec<Value> = (0..32).map(|n| records::cadre(&format!("候选{n}"), &unit, None)).collect();
    let cadres = records::batch(&admins[0], "/cadres", &cadres);
    for _ in 0..3 {
        let campaign = admins[0].post("/commendation-campaigns", records::campaign(QUOTA)).status(201).id();
        let (made, codes) = outcome(at_once(cadres.len(), |caller| {
            let honor = records::commendation(&campaign, &cadres[caller]);
            admins[caller % admins.len()].post("/honors", honor)
        }));
        assert_eq!(made.len(), QUOTA, "{codes:?}");
        all_are(&codes, "409 quota");
        // One that is rejected gives its place back, and only one gets it.
        let gone = format!("/honors/{}", made[0].id());
        admins[0]
            .patch_if(&gone, &made[0].etag(), json!({"status": "rejected", "decision_reason": "弃权"}))
            .status(200);
        let (made, codes) = outcome(at_once(8, |caller| {
            let honor = records::commendation(&campaign, &cadres[caller]);
            admins[caller % admins.len()].post("/honors", honor)
        }));
        assert_eq!(made.len(), 1, "{codes:?}");
        all_are(&codes, "409 quota");
    }
}

fn periods_of_a_standard_do_not_overlap(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    for round in 0..10 {
        let scope = format!("第{round}组");
        // All begin in another month of one year and end with it: any two overlap.
        let (made, codes) = outcome(at_once(12, |caller| {
            let standard = records::standard(&scope, &format!("2024-{:02}-01", caller + 1), "2024-12-31");
            admins[caller % admins.len()].post("/benefit-standards", standard)
        }));
        assert_eq!(made.len(), 1, "{codes:?}");
        all_are(&codes, "409 period_overlap");
    }
}

fn two_units_are_not_above_each_other(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    for round in 0..20 {
        let made = ["甲", "乙", "丙"].map(|name| {
            let unit = admins[0].post("/units", records::unit(&format!("{name}单位{round}"))).status(201);
            (unit.id(), unit.etag())
        });
        // Each under the next, the last under the first: any two may be, all three may not.
        let (under, codes) = outcome(at_once(made.len(), |caller| {
            let ((id, etag), (above, _)) = (&made[caller], &made[(caller + 1) % made.len()]);
            admins[caller % admins.len()].patch_if(&format!("/units/{id}"), etag, json!({"parent_id": above}))
        }));
        assert_eq!((under.len(), codes.len()), (2, 1), "{codes:?}");
        all_are(&codes, "422 validation_failed");
    }
}

fn a_user_name_is_taken_once(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    for round in 0..5 {
        let user = json!({"username": format!("clash-{round}"), "display_name": "同名", "role": "auditor", "division_code": "371722"});
        let (made, codes) = outcome(at_once(16, |caller| admins[caller % admins.len()].post("/users", user.clone())));
        assert_eq!(made.len(), 1, "{codes:?}");
        all_are(&codes, "409 already_exists");
    }
}

/// On PostgreSQL each waits for what the other has inserted: a deadlock, which the database breaks. Whoever it ends
/// may come again.
fn batches_that_want_the_same_in_another_order_do_not_both_succeed(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let unit = admins[0].post("/units", records::unit("次序")).status(201).id();
    let made: usize = (0..5)
        .map(|round| {
            let mut cadres: Vec<Value> =
                (0..20).map(|n| records::cadre("同一人", &unit, Some(&records::id_number(round * 20 + n)))).collect();
            let forth = json!({"items": cadres});
            cadres.reverse();
            let back = json!({"items": cadres});
            let all = at_once(8, |caller| {
                let body = if caller % 2 == 0 { &forth } else { &back };
                admins[caller / 2 % admins.len()].post("/cadres/batch", body.clone())
            });
            for answer in all.iter().filter(|answer| answer.status != 201) {
                assert!([409, 503].contains(&answer.status), "{answer}");
                assert!(answer.status == 409 || answer.header("retry-after").is_some(), "{answer}");
            }
            let made = all.iter().filter(|answer| answer.status == 201).count();
            assert!(made <= 1, "{all:?}");
            made * 20
        })
        .sum();
    assert_eq!(admins[0].get("/cadres?limit=200").items().len(), made, "all of a batch or nothing");
    assert!(made > 0, "somebody gets on");
}
