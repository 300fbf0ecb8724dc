//! Making records, and making them again.

use serde_json::json;

use super::{
    each,
    values::others,
    world::{new_id, shows},
};
use crate::support::{Case, Ctx, cases, random};

pub fn tests() -> Vec<Case> {
    cases![
        a_created_record_comes_back_as_it_was_sent,
        a_client_may_give_the_id,
        the_same_key_and_body_give_the_first_answer_again,
        a_key_belongs_to_one_body_and_one_caller,
        a_create_needs_a_key_or_an_id,
        a_minimal_answer_has_no_body,
    ]
}

fn a_created_record_comes_back_as_it_was_sent(ctx: &Ctx) {
    each(ctx, |world, r| {
        let body = world.full(r);
        let made = world.client.post(&r.url(), body.clone()).status(201).has_header("etag", "\"r1\"");
        let id = made.id();
        assert_eq!(made["version"], 1);
        assert_eq!(made["created_at"], made["updated_at"]);
        assert_eq!(made.header("location"), Some(format!("/api/v1{}", r.one(&id)).as_str()));
        shows(made.json(), &body);
        let mut read = world.client.get(&r.one(&id)).status(200).has_header("etag", "\"r1\"").json().clone();
        if let Some(warnings) = made.json().get("warnings") {
            read["warnings"] = warnings.clone();
        }
        assert_eq!(made.json(), &read);
    });
}

fn a_client_may_give_the_id(ctx: &Ctx) {
    each(ctx, |world, r| {
        let mut body = world.body(r);
        body["id"] = json!(new_id());
        let made = world.client.request("POST", &r.url()).no_key().json(body.clone()).send().status(201);
        assert_eq!(made["id"], body["id"]);
        let mut again = world.body(r);
        again["id"] = body["id"].clone();
        world.client.post(&r.url(), again).status(409).problem("already_exists").error_at("/id", "too_many");
    });
}

fn the_same_key_and_body_give_the_first_answer_again(ctx: &Ctx) {
    each(ctx, |world, r| {
        let (key, body) = (random(), world.full(r));
        let ask = || world.client.request("POST", &r.url()).key(&key).json(body.clone()).send();
        let first = ask().status(201);
        assert_eq!(first.header("idempotency-replayed"), None);
        let again = ask().status(201).has_header("idempotency-replayed", "true");
        assert_eq!((first.json(), first.etag()), (again.json(), again.etag()));
        assert_eq!(first.header("location"), again.header("location"));
        // What has happened since does not change what was answered then.
        let one = r.one(&first.id());
        let texts = r.fields.iter().filter(|field| field.schema["type"] == "string" && field.references.is_none());
        let changed = texts.into_iter().any(|field| {
            let patch = |value| world.client.patch_if(&one, "\"r1\"", json!({&field.name: value})).status;
            others(&field.schema, &body[&field.name], world.next()).into_iter().any(|value| patch(value) == 200)
        });
        assert!(changed, "no text can be changed");
        assert_eq!(first.json(), ask().status(201).json());
        assert_eq!(world.client.get(&one)["version"], 2);
    });
}

fn a_key_belongs_to_one_body_and_one_caller(ctx: &Ctx) {
    each(ctx, |world, r| {
        let (key, body) = (random(), world.body(r));
        let first = world.client.request("POST", &r.url()).key(&key).json(body).send().status(201);
        let mut other = world.body(r);
        other["external_ref"] = json!({"system": "elsewhere", "id": "1"});
        let other = world.client.request("POST", &r.url()).key(&key).json(other).send();
        other.status(422).problem("idempotency_key_reused");
        let wrong = world.client.request("POST", &r.url()).key(&key).json(json!({"no_such_field": 1})).send();
        wrong.status(422).problem("idempotency_key_reused");
        let colleague = world.app.user("city_admin", "371700");
        let theirs = colleague.request("POST", &r.url()).key(&key).json(world.body(r)).send().status(201);
        assert_eq!(theirs.header("idempotency-replayed"), None);
        assert_ne!(first.id(), theirs.id());
    });
}

fn a_create_needs_a_key_or_an_id(ctx: &Ctx) {
    each(ctx, |world, r| {
        let ask = |path: &str, body| world.client.request("POST", path).no_key().json(body).send();
        ask(&r.url(), world.body(r)).status(400).problem("idempotency_key_required");
        let one = json!({"items": [world.body(r)]});
        ask(&r.batch(), one).status(400).problem("idempotency_key_required");
        let short = world.client.request("POST", &r.url()).key("short").json(world.body(r)).send();
        short.status(400).problem("invalid_parameter").error_at("/Idempotency-Key", "pattern");
    });
}

fn a_minimal_answer_has_no_body(ctx: &Ctx) {
    each(ctx, |world, r| {
        let ask = world.client.request("POST", &r.url()).prefer("return=minimal").json(world.body(r));
        let made = ask.send().has_header("preference-applied", "return=minimal").has_header("etag", "\"r1\"");
        assert!(made.body.is_empty() && matches!(made.status, 201 | 204), "{made}");
        let one = made.header("location").expect("where it is").to_owned();
        let mut plain = r.fields.iter().filter(|field| field.references.is_none());
        let field = plain.clone().find(|field| field.required).or_else(|| plain.next()).expect("a field of its own");
        let now = world.client.get(&one).status(200).json()[&field.name].clone();
        let change = |value| {
            let body = json!({&field.name: value});
            world.client.request("PATCH", &one).if_match("\"r1\"").prefer("return=minimal").json(body).send()
        };
        let answers = others(&field.schema, &now, world.next()).into_iter().map(change);
        let changed =
            answers.into_iter().find(|answer| answer.status < 300).expect("a change that is taken").status(204);
        let changed = changed.has_header("preference-applied", "return=minimal").has_header("etag", "\"r2\"");
        assert!(changed.body.is_empty());
    });
}
