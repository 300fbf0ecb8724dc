//! A dry run answers what the real call would, and changes nothing.

use serde_json::{Value, json};

use super::{
    each,
    patch::changes,
    resource::Resource,
    world::{World, essence, new_id},
};
use crate::support::{Case, Ctx, cases, client::Request, random, response::Response};

pub fn tests() -> Vec<Case> {
    cases![a_dry_run_of_every_write_changes_nothing, a_dry_run_of_a_bad_write_is_refused_alike]
}

fn a_dry_run_of_every_write_changes_nothing(ctx: &Ctx) {
    each(ctx, |world, r| {
        let body = world.body(r);
        let made = world.client.post(&r.url(), body.clone()).status(201);
        let one = r.one(&made.id());
        let (field, value) = changes(world, r, &one, &body, 1).pop().expect("a field that can be changed");
        let mut replacement = body.clone();
        replacement[&field] = value.clone();
        let (key, new) = (random(), r.one(&new_id()));
        let (fresh, newer) = (world.body(r), world.body(r));
        let many = json!({"items": [world.body(r), world.body(r)]});
        let ask = |method, path: &str| world.client.request(method, path);
        both(world, r, &one, &|| ask("POST", &r.url()).key(&key).json(fresh.clone()), 201);
        both(world, r, &one, &|| ask("POST", &r.batch()).key(&key).json(many.clone()), 201);
        both(world, r, &one, &|| ask("PUT", &new).json(newer.clone()), 201);
        both(world, r, &one, &|| ask("PATCH", &one).if_match("\"r1\"").json(json!({&field: value})), 200);
        both(world, r, &one, &|| ask("PUT", &one).if_match("\"r2\"").json(replacement.clone()), 200);
        let minimal = ask("PATCH", &one).if_match("\"r3\"").prefer("return=minimal, dry-run").json(json!({})).send();
        assert_eq!(minimal.status(204).header("preference-applied"), Some("dry-run, return=minimal"));
        both(world, r, &new, &|| ask("DELETE", &new).if_match("\"r1\""), 204);
    });
}

fn a_dry_run_of_a_bad_write_is_refused_alike(ctx: &Ctx) {
    each(ctx, |world, r| {
        let body = world.body(r);
        let id = world.client.post(&r.url(), body.clone()).status(201).id();
        let (one, mut taken) = (r.one(&id), world.body(r));
        taken["id"] = json!(id);
        let odd = json!({"no_such_field": 1});
        let ask = |method, path: &str| world.client.request(method, path);
        both(world, r, &one, &|| ask("POST", &r.url()).json(odd.clone()), 422);
        both(world, r, &one, &|| ask("POST", &r.url()).json(taken.clone()), 409);
        both(world, r, &one, &|| ask("POST", &r.url()).no_key().json(body.clone()), 400);
        both(world, r, &one, &|| ask("POST", &r.batch()).json(json!({"items": [odd]})), 422);
        both(world, r, &one, &|| ask("PUT", &one).json(body.clone()), 428);
        both(world, r, &one, &|| ask("PUT", &one).if_none_match("*").json(body.clone()), 412);
        both(world, r, &one, &|| ask("PATCH", &one).if_match("\"r1\"").json(odd.clone()), 422);
        both(world, r, &one, &|| ask("PATCH", &one).if_match("\"r7\"").json(json!({})), 412);
        both(world, r, &one, &|| ask("PATCH", &r.one(&new_id())).if_match("\"r1\"").json(json!({})), 404);
        both(world, r, &one, &|| ask("DELETE", &one), 428);
        both(world, r, &one, &|| ask("DELETE", &one).if_match("\"r7\""), 412);
        let stranger = world.app.user("sys_admin", "371700");
        let forbidden = stranger.request("DELETE", &one).if_match("\"r1\"").prefer("dry-run").send();
        forbidden.status(403).problem("forbidden");
    });
}

/// Runs a write dry, and then for good.
#[track_caller]
fn both<'a>(world: &'a World, r: &Resource, one: &str, ask: &dyn Fn() -> Request<'a>, status: u16) {
    let before = state(world, r, one);
    let dry = ask().prefer("dry-run").send().status(status);
    assert_eq!(state(world, r, one), before, "the dry run has changed something: {dry}");
    let real = ask().send().status(status);
    assert_eq!(real.header("preference-applied"), None);
    assert_eq!(real.header("idempotency-replayed"), None, "the dry run has used up the key");
    if status < 300 {
        assert_eq!(dry.header("preference-applied"), Some("dry-run"));
        assert_ne!(state(world, r, one), before, "the real call has changed nothing: {real}");
    }
    assert_eq!(told(&dry), told(&real), "the dry run has told something else");
}

/// What the list, one record and its history show.
fn state(world: &World, r: &Resource, one: &str) -> Value {
    let list = world.client.get(&format!("{}?limit=500&count=exact", r.url())).status(200);
    let history = world.client.get(&format!("{one}/history"));
    // The number of a line comes a moment after the line.
    let lines =
        history["items"].as_array().into_iter().flatten().map(|line| line["version"].clone()).collect::<Value>();
    json!([list.json(), world.client.get(one).header("etag"), lines])
}

/// The answer without what is different each time.
fn told(answer: &Response) -> Value {
    if answer.body.is_empty() {
        return Value::Null;
    }
    let mut told = Value::Object(essence(answer.json()));
    for item in told.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
        item.as_object_mut().map(|item| item.remove("id"));
    }
    for name in ["request_id", "created_at", "id"] {
        told.as_object_mut().map(|told| told.remove(name));
    }
    told
}
