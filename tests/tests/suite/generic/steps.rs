//! Steps from state to state: a verb and a change of the state field are one decision.

use serde_json::{Value, json};

use super::{each, resource::Resource, world::World};
use crate::support::{
    Case, Ctx, cases,
    contract::{Contract, Operation},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_verb_decides_as_the_change_of_the_state_does,
        a_step_takes_its_own_fields_only,
        a_step_that_is_asked_for_twice_is_taken_once,
        a_state_cannot_be_cleared,
    ]
}

/// Resources with states that a contract has at least.
const AT_LEAST: usize = 1;

/// A verb of a resource: its operation and the states it leads from and to.
pub struct Verb<'c> {
    pub name: &'c str,
    operation: &'c Operation,
    steps: Vec<(Vec<&'c str>, &'c str)>,
}

impl Verb<'_> {
    /// Whether it leads out of a state.
    pub fn leaves(&self, state: &str) -> bool {
        self.steps.iter().any(|(from, _)| from.contains(&state))
    }
}

fn verbs<'c>(world: &'c World, r: &Resource) -> Vec<Verb<'c>> {
    verbs_of(world.client.contract(), r)
}

/// The verbs of a resource.
pub fn verbs_of<'c>(contract: &'c Contract, r: &Resource) -> Vec<Verb<'c>> {
    let prefix = format!("/api/v1/{}/{{id}}/", r.path);
    let verb = |operation: &'c Operation| {
        let name = operation.path.strip_prefix(&prefix)?;
        let steps = operation.definition["x-transitions"].as_array()?;
        let texts = |list: &'c Value| list.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let steps = steps.iter().map(|s| (texts(&s["from"]), s["to"].as_str().expect("a state"))).collect();
        Some(Verb { name, operation, steps })
    };
    contract.operations().iter().filter(|o| o.method == "POST").filter_map(verb).collect()
}

/// The field that holds the state, of a resource that has states.
pub fn state_field(r: &Resource) -> Option<&str> {
    r.fields.iter().find(|f| f.schema["x-machine"] == true).map(|f| f.name.as_str())
}

fn a_verb_decides_as_the_change_of_the_state_does(ctx: &Ctx) {
    let seen = std::cell::Cell::new(0);
    each(ctx, |world, r| {
        let Some(field) = state_field(r) else { return };
        let verbs = verbs(world, r);
        assert!(!verbs.is_empty(), "{} has states and no verb", r.path);
        let one = r.one(&world.make(r).id());
        let now = world.client.get(&one).status(200);
        let state = now[field].as_str().expect("a state").to_owned();
        for verb in &verbs {
            let path = format!("{one}/{}", verb.name);
            let acted = world.client.request("POST", &path).prefer("dry-run").json(json!({})).send();
            match verb.steps.iter().find(|(from, _)| from.contains(&state.as_str())) {
                None => drop(acted.status(409).problem("wrong_state")),
                Some((_, to)) => {
                    let patch = json!({field: to});
                    let patched =
                        world.client.request("PATCH", &one).if_match(&now.etag()).prefer("dry-run").json(patch).send();
                    assert_eq!((acted.status, &acted["errors"]), (patched.status, &patched["errors"]), "{path}");
                }
            }
        }
        let reachable =
            |to: &str| verbs.iter().any(|v| v.steps.iter().any(|(f, t)| *t == to && f.contains(&state.as_str())));
        let schema = &r.field(field).expect("the field").schema;
        for to in schema["x-extensible-enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if to != state && !reachable(to) {
                let refused = world.client.patch_if(&one, &now.etag(), json!({field: to}));
                assert!(matches!(refused.status, 409 | 422), "from {state} to {to}: {refused}");
            }
        }
        assert_eq!(world.client.get(&one).json(), now.json());
        seen.set(seen.get() + 1);
    });
    assert!(seen.get() >= AT_LEAST, "only {} resources have states", seen.get());
}

fn a_step_takes_its_own_fields_only(ctx: &Ctx) {
    each(ctx, |world, r| {
        let Some(field) = state_field(r) else { return };
        let one = r.one(&world.make(r).id());
        let state = world.client.get(&one).status(200)[field].as_str().expect("a state").to_owned();
        for verb in verbs(world, r).iter().filter(|v| v.steps.iter().any(|(from, _)| from.contains(&state.as_str()))) {
            let path = format!("{one}/{}", verb.name);
            world
                .client
                .post(&path, json!({field: "x"}))
                .status(422)
                .error_at(&format!("/{field}"), "not_of_this_step");
            world.client.post(&path, json!({"no_such": 1})).status(422).error_at("/no_such", "not_of_this_step");
            world.client.post(&path, json!([])).status(422);
            assert!(verb.operation.definition["summary"].is_string());
        }
        world.client.post(&format!("/{}/{}/no-such-verb", r.path, uuid::Uuid::now_v7()), json!({})).status(404);
    });
}

fn a_step_that_is_asked_for_twice_is_taken_once(ctx: &Ctx) {
    each(ctx, |world, r| {
        let Some(field) = state_field(r) else { return };
        let one = r.one(&world.make(r).id());
        let before = world.client.get(&one).status(200);
        for verb in verbs(world, r) {
            let path = format!("{one}/{}", verb.name);
            let act = || world.client.request("POST", &path).key("step-taken-once").json(json!({})).send();
            let first = act();
            if first.status != 200 {
                continue;
            }
            let again = act();
            assert_eq!((again.status, again.json()), (200, first.json()));
            assert_eq!(again.header("idempotency-replayed"), Some("true"));
            world.client.post(&path, json!({})).status(409).problem("wrong_state");
            let after = world.client.get(&one).status(200);
            assert_eq!(after["version"].as_i64(), before["version"].as_i64().map(|v| v + 1));
            assert_ne!(after[field], before[field]);
            return;
        }
    });
}

fn a_state_cannot_be_cleared(ctx: &Ctx) {
    each(ctx, |world, r| {
        let Some(field) = state_field(r) else { return };
        let one = r.one(&world.make(r).id());
        let before = world.client.get(&one).status(200);
        let cleared = world.client.patch_if(&one, &before.etag(), json!({field: null}));
        // Where the record stands in its first state, nothing is cleared; elsewhere it would be a step.
        assert!(matches!(cleared.status, 200 | 403 | 409 | 422), "{cleared}");
        if cleared.status == 200 {
            let after = cleared[field].as_str().expect("a state").to_owned();
            let state = before[field].as_str().expect("a state");
            let led = verbs(world, r).iter().any(|v| v.steps.iter().any(|(f, t)| *t == after && f.contains(&state)));
            assert!(after == state || led, "from {state} to {after} without a step");
        }
    });
}
