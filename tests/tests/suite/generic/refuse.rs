//! Bodies that are refused, and what is said about each of their fields.

use serde_json::{Value, json};

use super::{
    each,
    patch::refused_by_a_rule,
    resource::Resource,
    values::{all, beyond, of_another_type},
    world::{World, error_within, new_id, pointers},
};
use crate::support::{Case, Ctx, cases, response::Response};

pub fn tests() -> Vec<Case> {
    cases![
        an_unknown_field_is_named,
        a_field_that_the_server_keeps_is_refused,
        a_required_field_is_required,
        every_field_has_one_type_only,
        all_errors_are_told_at_once,
        every_limit_of_the_contract_holds,
        a_reference_leads_to_a_record,
        no_text_holds_a_nul,
        a_body_is_an_object,
        whatever_the_contract_allows_is_taken_or_refused_by_a_rule,
    ]
}

fn an_unknown_field_is_named(ctx: &Ctx) {
    each(ctx, |world, r| {
        let target = Target::new(world, r);
        for name in ["no_such_field", "a/b~c", "__proto__", "$ref", "ID", "字段"] {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            target.refuses(json!({name: 1}), &pointer, &["unknown_field"]);
        }
        target.stays();
    });
}

fn a_field_that_the_server_keeps_is_refused(ctx: &Ctx) {
    each(ctx, |world, r| {
        let target = Target::new(world, r);
        for name in ["version", "created_at", "updated_at", "masked", "warnings", "expanded"] {
            for value in [json!(1), json!("2021-01-01T00:00:00Z"), json!([])] {
                target.refuses(json!({name: value}), &format!("/{name}"), &["read_only"]);
            }
        }
        let one = r.one(&world.some(&r.path));
        let etag = world.client.get(&one).etag();
        for (name, value) in [
            ("id", json!(new_id())),
            ("division_code", json!("371721")),
            ("external_ref", json!({"system": "a", "id": "b"})),
        ] {
            let answer = world.client.patch_if(&one, &etag, json!({name: value}));
            answer.status(422).problem("validation_failed").error_at(&format!("/{name}"), "read_only");
        }
        // Not known, and not to be told from what is unknown.
        for name in ["deleted_at", "password", "password_hash"] {
            target.refuses(json!({name: "x"}), &format!("/{name}"), &["unknown_field"]);
        }
        target.stays();
    });
}

fn a_required_field_is_required(ctx: &Ctx) {
    each(ctx, |world, r| {
        let target = Target::new(world, r);
        let required: Vec<&str> = r.fields.iter().filter(|f| f.required).map(|f| f.name.as_str()).collect();
        assert!(!required.is_empty());
        for name in &required {
            target.refuses(json!({*name: null}), &format!("/{name}"), &["required"]);
            let mut body = world.spare(r);
            body.as_object_mut().map(|body| body.remove(*name));
            let answer = world.client.post(&r.url(), body).status(422).problem("validation_failed");
            answer.error_at(&format!("/{name}"), "required");
        }
        let nothing = world.client.post(&r.url(), json!({})).status(422);
        required.iter().for_each(|name| error_within(&nothing, &format!("/{name}")));
        target.stays();
    });
}

fn every_field_has_one_type_only(ctx: &Ctx) {
    each(ctx, |world, r| {
        let target = Target::new(world, r);
        for field in &r.fields {
            for value in of_another_type(&field.schema) {
                target.refuses(json!({&field.name: value}), &format!("/{}", field.name), &[]);
            }
        }
        for (name, values) in [
            ("id", vec![json!(7), json!("x"), json!({})]),
            ("division_code", vec![json!(371_722), json!("3717"), json!("37172a"), json!([])]),
            ("external_ref", vec![json!("x"), json!({}), json!({"system": "a"}), json!({"system": "", "id": ""})]),
        ] {
            for value in values {
                let mut body = world.spare(r);
                body[name] = value;
                let answer = world.client.post(&r.url(), body).status(422).problem("validation_failed");
                error_within(&answer, &format!("/{name}"));
            }
        }
        target.stays();
    });
}

fn all_errors_are_told_at_once(ctx: &Ctx) {
    each(ctx, |world, r| {
        let types = |n: usize| -> Value {
            let wrong = |schema| of_another_type(schema).into_iter().cycle().nth(n).expect("a wrong value");
            r.fields
                .iter()
                .map(|field| (field.name.clone(), wrong(&field.schema)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        for n in 0..3 {
            let answer = world.client.post(&r.url(), types(n)).status(422).problem("validation_failed");
            r.fields.iter().for_each(|field| error_within(&answer, &format!("/{}", field.name)));
            assert!(answer["detail"].as_str().is_some_and(|text| text.contains(&pointers(&answer).len().to_string())));
        }
    });
}

fn every_limit_of_the_contract_holds(ctx: &Ctx) {
    each(ctx, |world, r| {
        let good = world.full(r);
        let mut tested = 0;
        for field in &r.fields {
            let mut limits = beyond(&field.schema, &good[&field.name]);
            if let Some(items) = field.schema.get("items") {
                let whole = |(word, value): (&'static str, Value)| (word, json!([value]));
                limits.extend(beyond(items, &Value::Null).into_iter().map(whole));
            }
            for (word, value) in limits {
                let what = format!("{word} of {} against {value}", field.name);
                let mut body = world.spare(r);
                body[&field.name] = value;
                let answer = world.client.post(&r.url(), body);
                assert!(answer.status == 422, "{what}: {answer}");
                error_within(&answer, &format!("/{}", field.name));
                tested += 1;
            }
        }
        assert!(tested >= r.fields.len() / 2, "{tested} limits of {} fields", r.fields.len());
    });
}

fn a_reference_leads_to_a_record(ctx: &Ctx) {
    each(ctx, |world, r| {
        for field in r.fields.iter().filter(|field| field.references.is_some()) {
            let target = world.resource(field.references.as_ref().unwrap());
            let gone = world.make(target).id();
            world.client.delete_if(&target.one(&gone), "\"r1\"").status(204);
            // A record of another kind is none of this one.
            let stranger = world.resources.iter().find(|other| other.path != target.path).expect("another resource");
            let good = world.make(target).id();
            for id in [new_id(), gone, world.some(&stranger.path)] {
                let mut body = world.referring(r, &field.name, &good).expect("a record that refers to it");
                let list = field.schema["type"] == "array";
                body[&field.name] = if list { json!([good, id]) } else { json!(id) };
                let pointer = if list { format!("/{}/1", field.name) } else { format!("/{}", field.name) };
                let refused = world.client.post(&r.url(), body).status(422).problem("validation_failed");
                refused.error_at(&pointer, "unknown_reference");
            }
        }
    });
}

fn no_text_holds_a_nul(ctx: &Ctx) {
    each(ctx, |world, r| {
        let target = Target::new(world, r);
        for field in &r.fields {
            let texts = |text: &str| match field.schema["type"].as_str() {
                Some("array") => json!([text]),
                _ => json!(text),
            };
            for text in ["a\0b", "\u{1b}[31m", "\u{7f}", "a\u{85}b"] {
                target.refuses(json!({&field.name: texts(text)}), &format!("/{}", field.name), &[]);
            }
        }
        for filter in &r.filters {
            let answer = world.client.request("GET", &r.url()).query(&[(&format!("filter[{filter}]"), "a\0b")]).send();
            answer.status(400).problem("invalid_parameter");
        }
        target.stays();
    });
}

fn a_body_is_an_object(ctx: &Ctx) {
    each(ctx, |world, r| {
        let one = r.one(&world.some(&r.path));
        let etag = world.client.get(&one).etag();
        for body in [json!([]), json!("x"), json!(7), json!(null), json!(true)] {
            let created = world.client.post(&r.url(), body.clone());
            created.status(422).problem("validation_failed").error_at("", "wrong_type");
            world.client.patch_if(&one, &etag, body.clone()).status(422).error_at("", "wrong_type");
            world.client.put_if(&one, &etag, body).status(422).error_at("", "wrong_type");
        }
    });
}

fn whatever_the_contract_allows_is_taken_or_refused_by_a_rule(ctx: &Ctx) {
    each(ctx, |world, r| {
        for field in r.fields.iter().filter(|field| field.references.is_none()) {
            for value in all(&field.schema) {
                let mut body = world.spare(r);
                body[&field.name] = value;
                // Run dry, it meets the tables all the same.
                let answer = world.client.request("POST", &r.url()).prefer("dry-run").json(body).send();
                if answer.status != 201 {
                    refused_by_a_rule(&answer);
                }
            }
        }
    });
}

/// What must be refused, as a create, as a patch and as a replacement of a record that is there.
struct Target<'a> {
    world: &'a World,
    r: &'a Resource,
    body: Value,
    one: String,
    before: Response,
}

impl<'a> Target<'a> {
    fn new(world: &'a World, r: &'a Resource) -> Self {
        let one = r.one(&world.some(&r.path));
        Self { world, r, body: world.spare(r), before: world.client.get(&one).status(200), one }
    }

    /// Claims that these fields are refused at this place, by these rules.
    #[track_caller]
    fn refuses(&self, fields: Value, pointer: &str, rules: &[&str]) {
        let mut body = self.body.clone();
        for (name, value) in fields.as_object().expect("fields") {
            body[name] = value.clone();
        }
        let (client, tag) = (&self.world.client, self.before.etag());
        for answer in [
            client.post(&self.r.url(), body.clone()),
            client.patch_if(&self.one, &tag, fields),
            client.put_if(&self.one, &tag, body),
        ] {
            let answer = answer.status(422).problem("validation_failed");
            error_within(&answer, pointer);
            let errors = answer["errors"].as_array().into_iter().flatten();
            let here: Vec<&Value> = errors.filter(|e| e["pointer"] == pointer).map(|e| &e["code"]).collect();
            let named = rules.iter().all(|rule| here.iter().any(|code| *code == rule));
            assert!(named, "expected {rules:?} at {pointer}: {answer}");
        }
    }

    /// Claims that all that was refused has changed nothing.
    #[track_caller]
    fn stays(self) {
        assert_eq!(self.world.client.get(&self.one).json(), self.before.json());
    }
}
