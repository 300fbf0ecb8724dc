//! Making many records in one request.

use serde_json::{Value, json};

use super::{
    each,
    resource::Resource,
    world::{World, new_id, pointers, shows},
};
use crate::support::{Case, Ctx, cases, random};

pub fn tests() -> Vec<Case> {
    cases![
        a_batch_makes_all_its_records,
        a_batch_with_one_bad_record_makes_none,
        the_same_batch_again_is_answered_again
    ]
}

fn a_batch_makes_all_its_records(ctx: &Ctx) {
    each(ctx, |world, r| {
        let mut bodies: Vec<Value> = (0..3).map(|_| world.full(r)).collect();
        let own = new_id();
        bodies[1]["id"] = json!(own);
        let made = world.client.post(&r.batch(), json!({"items": bodies})).status(201);
        assert_eq!(made.items().len(), 3);
        assert_eq!(made.items()[1]["id"], json!(own));
        for (item, body) in made.items().iter().zip(&bodies) {
            assert_eq!(item["version"], 1);
            let one = r.one(item["id"].as_str().expect("an id"));
            shows(world.client.get(&one).status(200).has_header("etag", "\"r1\"").json(), body);
        }
        for wrong in [json!({"items": []}), json!({}), json!([]), json!({"items": {}}), json!({"items": [], "more": 1})]
        {
            world.client.post(&r.batch(), wrong).status(422).problem("validation_failed");
        }
        let many = vec![json!({}); 501];
        world.client.post(&r.batch(), json!({"items": many})).status(422).error_at("/items", "too_many");
    });
}

fn a_batch_with_one_bad_record_makes_none(ctx: &Ctx) {
    each(ctx, |world, r| {
        let bad = |change: &dyn Fn(&mut Value)| {
            let mut bodies: Vec<Value> = (0..3).map(|_| world.body(r)).collect();
            change(&mut bodies[1]);
            json!({"items": bodies})
        };
        let mut batches = vec![
            bad(&|body| body["no_such_field"] = json!(1)),
            bad(&|body| body["division_code"] = json!("371799")),
            bad(&|body| *body = json!("x")),
        ];
        for field in r.fields.iter().filter(|field| field.required) {
            batches.push(bad(&|body| body[&field.name] = json!({"a": 1})));
            batches.push(bad(&|body| drop(body.as_object_mut().map(|body| body.remove(&field.name)))));
            if field.references.is_some() {
                batches.push(bad(&|body| body[&field.name] = json!(new_id())));
            }
        }
        let before = all(world, r);
        for batch in batches {
            // A division of their own is what these records are about.
            let stray = batch["items"][1]["division_code"] == "371799";
            let answer = world.client.request("POST", &r.batch()).prefer("dry-run").json(batch.clone()).send();
            if stray && answer.status == 201 {
                continue;
            }
            let answer = world.client.post(&r.batch(), batch).status(422).problem("validation_failed");
            let at = pointers(&answer);
            assert!(!at.is_empty() && at.iter().all(|at| at.starts_with("/items/1")), "{answer}");
            assert_eq!(all(world, r), before);
        }
    });
}

fn the_same_batch_again_is_answered_again(ctx: &Ctx) {
    each(ctx, |world, r| {
        let key = random();
        let bodies = json!({"items": [world.full(r), world.full(r)]});
        let ask = |body: &Value| world.client.request("POST", &r.batch()).key(&key).json(body.clone()).send();
        let first = ask(&bodies).status(201);
        let before = all(world, r);
        let again = ask(&bodies).status(201).has_header("idempotency-replayed", "true");
        assert_eq!(first.json(), again.json());
        assert_eq!(all(world, r), before);
        ask(&json!({"items": [world.body(r)]})).status(422).problem("idempotency_key_reused");
    });
}

fn all(world: &World, r: &Resource) -> Value {
    world.client.get(&format!("{}?limit=500&count=exact", r.url())).status(200).json().clone()
}
