//! One `ETag` in many hands: one change goes in, everybody else learns how the record looks now.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{Doors, at_once, records};
use crate::support::{Case, Ctx, cases, client::Client, random, response::Response};

const ROUNDS: i64 = 200;
const CALLERS: usize = 8;

pub fn tests() -> Vec<Case> {
    cases![
        of_many_patches_with_one_etag_one_succeeds,
        of_many_patches_under_a_lock_one_succeeds,
        of_patch_put_and_delete_with_one_etag_one_succeeds,
        counting_up_together_loses_nothing,
        dry_runs_in_a_race_change_nothing,
    ]
}

fn of_many_patches_with_one_etag_one_succeeds(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let unit = admins[0].post("/units", records::unit("并发修改")).status(201);
    let path = format!("/units/{}", unit.id());
    race(&admins, &path, unit.etag(), ROUNDS, |round, caller| json!({"name": format!("第{round}轮第{caller}人")}));
}

/// Resources whose rules look at other rows hold a lock while they do, within a transaction of several statements:
/// the other way in which two can meet.
fn of_many_patches_under_a_lock_one_succeeds(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let standard =
        admins[0].post("/benefit-standards", records::standard("lixiu", "2021-01-01", "2021-12-31")).status(201);
    let path = format!("/benefit-standards/{}", standard.id());
    race(&admins, &path, standard.etag(), 20, |round, caller| json!({"amount": format!("{}.00", round * 10 + caller)}));

    let user = json!({"username": format!("user-{}", random()), "display_name": "并发", "role": "auditor", "division_code": "371722"});
    let user = admins[0].post("/users", user).status(201);
    let path = format!("/users/{}", user.id());
    race(&admins, &path, user.etag(), 20, |round, caller| json!({"display_name": format!("第{round}轮第{caller}人")}));
}

/// In each round all callers name the same version: one gets it, the others are told the version it made.
fn race(admins: &[Client], path: &str, mut etag: String, rounds: i64, change: impl Fn(i64, i64) -> Value + Sync) {
    for round in 1..=rounds {
        let all = at_once(CALLERS, |caller| {
            admins[caller % admins.len()].patch_if(path, &etag, change(round, caller as i64))
        });
        let (winners, others): (Vec<Response>, Vec<Response>) =
            all.into_iter().partition(|answer| answer.status == 200);
        assert_eq!(winners.len(), 1, "one of them: {winners:?} {others:?}");
        assert_eq!(winners[0]["version"], round + 1);
        for other in others {
            let other = other.status(412).problem("precondition_failed");
            assert_eq!(other["conflict"]["current_version"], round + 1, "{other}");
            assert!(!other["conflict"]["fields"].as_array().expect("fields").is_empty(), "{other}");
        }
        etag = winners[0].etag();
        if round % 10 == 0 {
            let now = admins[0].get(path).status(200);
            assert_eq!(
                (now.etag(), now.json()),
                (etag.clone(), winners[0].json()),
                "what the winner was told is there"
            );
        }
    }
    let lines = admins[0].get(&format!("{path}/history")).status(200);
    let versions: Vec<i64> = lines.items().iter().filter_map(|line| line["version"].as_i64()).collect();
    assert_eq!(versions, (1..=rounds + 1).collect::<Vec<_>>(), "one line for each change, and none for the others");
}

/// Whoever comes too late is told so in the same words, whatever they wanted, and whatever the faster one did.
fn of_patch_put_and_delete_with_one_etag_one_succeeds(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    for round in 0..20 {
        let unit = admins[0].post("/units", records::unit("先到先得")).status(201);
        let (path, etag) = (format!("/units/{}", unit.id()), unit.etag());
        let all = at_once(6, |caller| {
            let admin = &admins[caller % admins.len()];
            match caller / 2 {
                0 => admin.patch_if(&path, &etag, json!({"sort_no": round * 10 + caller})),
                1 => admin.put_if(&path, &etag, records::unit(&format!("先到先得{caller}"))),
                _ => admin.delete_if(&path, &etag),
            }
        });
        let done = all.iter().filter(|answer| answer.status < 300).count();
        assert_eq!(done, 1, "{all:?}");
        let deleted = all.iter().any(|answer| answer.status == 204);
        for answer in all.iter().filter(|answer| answer.status >= 300) {
            match answer.status {
                // A PUT without a record to replace names a version that does not exist any more.
                412 if deleted && answer.method == "PUT" => {
                    assert_eq!(answer["conflict"]["current_version"], 0, "{answer}")
                }
                412 if !deleted => assert_eq!(answer["conflict"]["current_version"], 2, "{answer}"),
                404 if deleted => {}
                _ => panic!("neither too late nor gone: {answer}"),
            }
        }
        admins[0].get(&path).status(if deleted { 404 } else { 200 });
    }
}

/// Read, add one, write, and again if somebody else was faster: the sum is what all of them added.
fn counting_up_together_loses_nothing(ctx: &Ctx) {
    const EACH: usize = 10;
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let path = format!("/units/{}", admins[0].post("/units", records::unit("计数")).status(201).id());
    let tries = AtomicUsize::new(0);
    at_once(CALLERS, |caller| {
        let admin = &admins[caller % admins.len()];
        let mut left = EACH;
        while left > 0 {
            assert!(tries.fetch_add(1, Ordering::Relaxed) < 100 * CALLERS * EACH, "nobody gets on");
            let now = admin.get(&path).status(200);
            let next = now["sort_no"].as_u64().expect("a number") + 1;
            let answer = admin.patch_if(&path, &now.etag(), json!({"sort_no": next}));
            if answer.status != 412 {
                answer.status(200);
                left -= 1;
            }
        }
    });
    let end = admins[0].get(&path).status(200);
    assert_eq!((&end["sort_no"], &end["version"]), (&json!(CALLERS * EACH), &json!(CALLERS * EACH + 1)));
}

/// A dry run takes the locks of the real thing and meets the same rivals.
fn dry_runs_in_a_race_change_nothing(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let unit = admins[0].post("/units", records::unit("试运行")).status(201);
    let (path, mut etag) = (format!("/units/{}", unit.id()), unit.etag());
    for round in 1..=20 {
        let all = at_once(CALLERS, |caller| {
            let request = admins[caller % admins.len()].request("PATCH", &path).if_match(&etag);
            let request = if caller == 0 { request } else { request.prefer("dry-run") };
            request.json(json!({"sort_no": round * 10 + caller})).send()
        });
        assert_eq!(all[0].status, 200, "a dry run is in nobody's way: {}", all[0]);
        for answer in &all[1..] {
            assert!([200, 412].contains(&answer.status), "{answer}");
        }
        etag = all[0].etag();
        let now = admins[0].get(&path).status(200);
        assert_eq!((now.etag(), &now["sort_no"]), (etag.clone(), &json!(round * 10)));
    }
}
