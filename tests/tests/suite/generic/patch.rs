//! Changing single fields of a record.

use serde_json::{Value, json};

use super::{
    each,
    resource::{Field, Resource},
    values::others,
    world::{World, essence, masked, pointers},
};
use crate::support::{Case, Ctx, cases, response::Response};

pub fn tests() -> Vec<Case> {
    cases![
        every_field_can_be_changed_or_the_record_stays,
        every_optional_field_can_be_cleared_where_a_create_may_leave_it_out,
        a_mask_says_which_fields_change,
        a_stale_change_is_told_what_differs,
        a_change_needs_the_version_it_knows,
    ]
}

/// What a value that the contract allows may not be refused for.
const FORM: [&str; 6] = ["wrong_type", "unknown_field", "unknown_code", "too_long", "too_short", "read_only"];

fn every_field_can_be_changed_or_the_record_stays(ctx: &Ctx) {
    each(ctx, |world, r| {
        let mut sent = world.full(r);
        let one = r.one(&world.client.post(&r.url(), sent.clone()).status(201).id());
        let mut now = world.client.get(&one).status(200);
        let mut unchanged = Vec::new();
        for field in &r.fields {
            let mut done = false;
            for value in alternatives(world, r, field, &sent[&field.name]) {
                let answer = world.client.patch_if(&one, &now.etag(), json!({&field.name: value}));
                let read = world.client.get(&one).status(200);
                if answer.status != 200 {
                    refused_by_a_rule(&answer);
                    assert_eq!(read.json(), now.json(), "it was refused: {answer}");
                    continue;
                }
                let version = now["version"].as_i64().expect("a version") + 1;
                assert_eq!((&read["version"], read.etag()), (&json!(version), format!("\"r{version}\"")));
                assert_eq!(answer.etag(), read.etag());
                assert!(read["updated_at"].as_str() >= now["updated_at"].as_str());
                let (mut before, mut after) = (essence(now.json()), essence(read.json()));
                for name in [field.name.as_str(), "masked"].into_iter().chain(r.derived.iter().map(String::as_str)) {
                    before.remove(name);
                    after.remove(name);
                }
                assert_eq!(before, after, "another field than {} has changed", field.name);
                done = masked(read.json()).contains(&field.name.as_str()) || read[&field.name] == value;
                sent[&field.name] = value;
                now = read;
                if done {
                    break;
                }
            }
            if !done {
                unchanged.push(&field.name);
            }
        }
        assert!(unchanged.len() * 3 <= r.fields.len(), "nothing could change {unchanged:?}");
    });
}

fn every_optional_field_can_be_cleared_where_a_create_may_leave_it_out(ctx: &Ctx) {
    each(ctx, |world, r| {
        let sent = world.full(r);
        let one = r.one(&world.client.post(&r.url(), sent.clone()).status(201).id());
        let mut cleared = 0;
        // To clear a state would be a step, which is a topic of its own.
        let plain = |field: &&Field| field.schema["x-machine"] != true;
        for field in r.fields.iter().filter(plain).filter(|field| !field.required && !sent[&field.name].is_null()) {
            let name = &field.name;
            let mut less = world.spare(r);
            less.as_object_mut().map(|less| less.remove(name));
            let without = world.client.request("POST", &r.url()).prefer("dry-run").json(less).send();
            let before = world.client.get(&one).status(200);
            let patched = world.client.patch_if(&one, &before.etag(), json!({name: null}));
            let after = world.client.get(&one).status(200);
            if without.status != 201 {
                assert_eq!(patched.status, without.status, "a create without {name} is refused: {without}\n{patched}");
                refused_by_a_rule(&patched);
                assert_eq!(after.json(), before.json());
                continue;
            }
            patched.status(200);
            assert_eq!(after[name], without[name], "{name} is as in a record that never had it: {after}");
            let back = world.client.patch_if(&one, &after.etag(), json!({name: sent[name]})).status(200);
            assert_eq!(essence(back.json()), essence(before.json()));
            cleared += 1;
        }
        let optional = r.fields.iter().filter(plain).filter(|field| !field.required).count();
        assert!(cleared > 0 || optional == 0, "none of {optional} optional fields can be cleared");
    });
}

fn a_mask_says_which_fields_change(ctx: &Ctx) {
    each(ctx, |world, r| {
        let body = world.full(r);
        let one = r.one(&world.client.post(&r.url(), body.clone()).status(201).id());
        let before = world.client.get(&one).status(200);
        let changed = changes(world, r, &one, &body, 2);
        let (field, value) = changed.first().expect("some field can be changed");
        let (other, unlisted) = changed.last().expect("some field can be changed");
        let clearable = |cleared: &&Field| {
            let name = &cleared.name;
            let patch = json!({field: value, name: null});
            let tried =
                world.client.request("PATCH", &one).if_match(&before.etag()).prefer("dry-run").json(patch).send();
            !before[name].is_null() && !cleared.required && tried.status == 200 && tried.json().get(name).is_none()
        };
        let cleared = r.fields.iter().filter(|f| f.name != *field && f.name != *other).find(clearable);
        let mut mask = field.clone();
        cleared.iter().for_each(|cleared| mask.push_str(&format!(",{}", cleared.name)));
        let patch = json!({field: value, other: unlisted});
        let masked = |mask: &str, patch: &Value| {
            let path = format!("{one}?update_mask={mask}");
            let now = world.client.get(&one).etag();
            world.client.request("PATCH", &path).if_match(&now).json(patch.clone()).send()
        };
        masked(&mask, &patch).status(200);
        let after = world.client.get(&one).status(200);
        let mut expected = essence(before.json());
        expected.insert(field.clone(), value.clone());
        cleared.iter().for_each(|cleared| drop(expected.shift_remove(&cleared.name)));
        let mut actual = essence(after.json());
        for map in [&mut expected, &mut actual] {
            map.remove("masked");
        }
        assert_eq!(actual, expected, "only what is listed changes: {mask}");
        masked("no_such_field", &json!({})).status(422).error_at("/no_such_field", "unknown_field");
        world.client.patch_if(&format!("{one}?mask=x"), "\"r1\"", json!({})).status(400).problem("invalid_parameter");
    });
}

fn a_stale_change_is_told_what_differs(ctx: &Ctx) {
    each(ctx, |world, r| {
        let body = world.full(r);
        let one = r.one(&world.client.post(&r.url(), body.clone()).status(201).id());
        let (field, theirs) = changes(world, r, &one, &body, 1).pop().expect("a field that can be changed");
        world.client.patch_if(&one, "\"r1\"", json!({&field: theirs})).status(200);
        let schema = &r.field(&field).expect("it is a field").schema;
        let yours = others(schema, &theirs, world.next()).into_iter().next().unwrap_or(body[&field].clone());
        let stale =
            world.client.patch_if(&one, "\"r1\"", json!({&field: yours})).status(412).problem("precondition_failed");
        let base = &body[&field];
        let differs =
            json!({"current_version": 2, "fields": [{"field": field, "base": base, "yours": yours, "theirs": theirs}]});
        let mut differs = differs;
        if base.is_null() {
            differs["fields"][0].as_object_mut().map(|field| field.remove("base"));
        }
        assert_eq!(stale["conflict"], differs);
        assert_eq!(world.client.get(&one)["version"], 2);
    });
}

fn a_change_needs_the_version_it_knows(ctx: &Ctx) {
    each(ctx, |world, r| {
        let one = r.one(&world.make(r).id());
        let before = world.client.get(&one);
        world.client.patch(&one, json!({})).status(428).problem("precondition_required");
        world.client.delete(&one).status(428).problem("precondition_required");
        for tag in ["r1", "\"1\"", "W/\"r1\"", "*", "\"r0\"", "\"r99999999999999999999\"", ""] {
            world.client.patch_if(&one, tag, json!({})).status(400).problem("invalid_parameter");
            world.client.delete_if(&one, tag).status(400).problem("invalid_parameter");
        }
        world.client.patch_if(&one, "\"r7\"", json!({})).status(412).problem("precondition_failed");
        world.client.delete_if(&one, "\"r7\"").status(412).problem("precondition_failed");
        assert_eq!(world.client.get(&one).json(), before.json());
    });
}

/// Other values for a field of a record that exists.
pub fn alternatives(world: &World, r: &Resource, field: &Field, now: &Value) -> Vec<Value> {
    match &field.references {
        Some(to) => {
            let id = json!(world.make(world.resource(to)).id());
            vec![if field.schema["type"] == "array" { json!([id]) } else { id }]
        }
        None => {
            let found = others(&field.schema, now, world.next());
            assert!(!found.is_empty(), "no other value of {} {} is known than {now}", r.path, field.name);
            found.into_iter().take(8).collect()
        }
    }
}

/// Changes of one visible field each that the server would take as they are, so many at most.
pub fn changes(world: &World, r: &Resource, one: &str, body: &Value, most: usize) -> Vec<(String, Value)> {
    let now = world.client.get(one).status(200);
    let free = |field: &&Field| field.references.is_none() && !masked(now.json()).contains(&field.name.as_str());
    let taken = |field: &Field| {
        let fits = |value: &Value| {
            let patch = json!({&field.name: value});
            let answer =
                world.client.request("PATCH", one).if_match(&now.etag()).prefer("dry-run").json(patch.clone()).send();
            let (mut before, mut after) = (essence(now.json()), essence(answer.json()));
            before.remove(&field.name);
            after.remove(&field.name);
            answer.status == 200 && answer[&field.name] == *value && before == after
        };
        let value = alternatives(world, r, field, &body[&field.name]).into_iter().find(fits)?;
        Some((field.name.clone(), value))
    };
    r.fields.iter().filter(free).filter_map(taken).take(most).collect()
}

/// Claims that a refusal is by a rule over several fields, or over several records, and not by the form of the value.
#[track_caller]
pub fn refused_by_a_rule(answer: &Response) {
    assert!(matches!(answer.status, 409 | 422), "neither taken nor refused by a rule: {answer}");
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let form = |error: &Value| FORM.contains(&error["code"].as_str().unwrap_or_default());
    assert!(answer.status == 409 || !errors.is_empty() && !errors.iter().any(form), "refused for its form: {answer}");
    assert_eq!(pointers(answer).len(), errors.len());
}
