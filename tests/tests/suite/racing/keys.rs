//! One `Idempotency-Key` in many hands: one effect, and everybody learns of it.

use serde_json::{Value, json};

use super::{Doors, at_once, records};
use crate::support::{Case, Ctx, cases, client::Client, random, response::Response};

const ROUNDS: usize = 20;
const CALLERS: usize = 16;

pub fn tests() -> Vec<Case> {
    cases![
        one_key_and_one_body_have_one_effect,
        one_key_and_two_bodies_have_one_effect,
        one_key_for_a_batch_has_one_effect,
        a_key_is_remembered_after_a_restart,
    ]
}

/// What a caller may hear when others send the same key at the same time.
#[derive(Clone, Debug, PartialEq)]
enum Heard {
    /// It was the first.
    Made(Value),
    /// The answer of the first, again.
    Replayed(Value),
    /// The first is not done yet, or the key stands for another body.
    Refused(u16),
}

fn heard(answer: Response) -> Heard {
    match answer.status {
        201 if answer.header("idempotency-replayed") == Some("true") => Heard::Replayed(answer.json().clone()),
        201 => Heard::Made(answer.json().clone()),
        409 => {
            assert!(answer.header("retry-after").is_some(), "when to come again: {answer}");
            Heard::Refused(answer.problem("idempotency_in_flight").status)
        }
        _ => Heard::Refused(answer.status(422).problem("idempotency_key_reused").status),
    }
}

/// One caller made it; whoever heard of a result heard of that one.
fn one_effect(all: &[Heard]) -> Value {
    let made: Vec<&Value> =
        all.iter().filter_map(|heard| if let Heard::Made(v) = heard { Some(v) } else { None }).collect();
    assert_eq!(made.len(), 1, "one effect: {all:?}");
    for replayed in all.iter().filter_map(|heard| if let Heard::Replayed(v) = heard { Some(v) } else { None }) {
        assert_eq!(replayed, made[0]);
    }
    made[0].clone()
}

fn how_many(client: &Client, name: &str) -> usize {
    client.request("GET", "/units").query(&[("q", name)]).send().status(200).items().len()
}

fn one_key_and_one_body_have_one_effect(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    for round in 0..ROUNDS {
        let (key, name) = (random(), format!("一键一事{round}-{}", random()));
        let all = at_once(CALLERS, |caller| {
            let admin = &admins[caller % admins.len()];
            heard(admin.request("POST", "/units").key(&key).json(records::unit(&name)).send())
        });
        assert!(!all.contains(&Heard::Refused(422)), "the body is the same: {all:?}");
        let made = one_effect(&all);
        assert_eq!(how_many(&admins[0], &name), 1);
        // All is quiet now: the key stands for the answer, through every door.
        for admin in &admins {
            let again = heard(admin.request("POST", "/units").key(&key).json(records::unit(&name)).send());
            assert_eq!(again, Heard::Replayed(made.clone()));
        }
    }
}

fn one_key_and_two_bodies_have_one_effect(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    for round in 0..ROUNDS {
        let key = random();
        let names = ["甲", "乙"].map(|body| format!("一键二事{body}{round}-{}", random()));
        let post = |admin: &Client, body: usize| {
            heard(admin.request("POST", "/units").key(&key).json(records::unit(&names[body])).send())
        };
        let all = at_once(CALLERS, |caller| (caller % 2, post(&admins[caller / 2 % admins.len()], caller % 2)));
        let winner = one_effect(&all.iter().map(|(_, heard)| heard.clone()).collect::<Vec<_>>());
        let body = names.iter().position(|name| winner["name"] == **name).expect("one of the two bodies");
        for (its, heard) in &all {
            match heard {
                Heard::Refused(422) => assert_ne!(*its, body, "the body that won is not another one"),
                Heard::Refused(409) => {}
                _ => assert_eq!(*its, body, "the answer of another body"),
            }
        }
        assert_eq!(names.iter().map(|name| how_many(&admins[0], name)).sum::<usize>(), 1);
        assert_eq!(post(&admins[0], body), Heard::Replayed(winner));
        assert_eq!(post(&admins[0], 1 - body), Heard::Refused(422));
    }
}

fn one_key_for_a_batch_has_one_effect(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    for round in 0..ROUNDS / 4 {
        let (key, name) = (random(), format!("一键多件{round}-{}", random()));
        let items: Vec<Value> = (0..5).map(|n| records::unit(&format!("{name}-{n}"))).collect();
        let all = at_once(CALLERS, |caller| {
            let request = admins[caller % admins.len()].request("POST", "/units/batch").key(&key);
            heard(request.json(json!({"items": items})).send())
        });
        one_effect(&all);
        assert_eq!(how_many(&admins[0], &name), 5);
    }
}

/// The key commits with its effect, so it lives as long.
fn a_key_is_remembered_after_a_restart(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, key) = (app.admin(), random());
    let post = || heard(admin.request("POST", "/units").key(&key).json(records::unit("重启之前的单位")).send());
    let Heard::Made(made) = post() else { panic!("the first is no replay") };
    app.kill9();
    app.restart();
    assert_eq!(post(), Heard::Replayed(made));
}
