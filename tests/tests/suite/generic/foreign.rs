//! Mass assignment: every column that any resource has, the server's own among them, in the body of every other.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    each,
    world::{new_id, pointers},
};
use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![no_body_sets_what_is_not_its_own]
}

/// Kept by the server: columns, and what answers add.
const KEPT: [&str; 24] = [
    "version",
    "created_at",
    "updated_at",
    "deleted_at",
    "external_system",
    "external_id",
    "masked",
    "warnings",
    "expanded",
    "id_number_index",
    "password",
    "password_hash",
    "hash",
    "seq",
    "actor",
    "client",
    "op_id",
    "epoch",
    "revoked_at",
    "division_before",
    "division_after",
    "changed_fields",
    "request_id",
    "is_admin",
];

fn no_body_sets_what_is_not_its_own(ctx: &Ctx) {
    each(ctx, |world, r| {
        let fields = world.resources.iter().flat_map(|other| other.fields.iter().map(|f| f.name.as_str()));
        let own = |name: &&str| r.field(name).is_none();
        let foreign: BTreeSet<&str> = fields.chain(KEPT).filter(own).collect();
        assert!(foreign.len() > 40);
        let with = |base: Value| {
            let mut body = base;
            foreign.iter().for_each(|name| body[*name] = json!("x"));
            body
        };
        let all_named = |pointers: Vec<String>, below: &str, what: &str| {
            for name in &foreign {
                assert!(pointers.contains(&format!("{below}/{name}")), "{what} of {}: {name} is not refused", r.path);
            }
        };
        let (url, one) = (r.url(), r.one(&world.some(&r.path)));
        let before = world.client.get(&one).status(200);
        let etag = before.etag();
        let posted = world.client.post(&url, with(world.spare(r))).status(422);
        all_named(pointers(&posted), "", "POST");
        let batch = world.client.post(&r.batch(), json!({"items": [with(world.spare(r))]})).status(422);
        all_named(pointers(&batch), "/items/0", "batch");
        let put = world.client.put_if(&one, &etag, with(world.spare(r))).status(422);
        all_named(pointers(&put), "", "PUT");
        let patched = world.client.patch_if(&one, &etag, with(json!({}))).status(422);
        all_named(pointers(&patched), "", "PATCH");
        if r.path != "users" {
            let epoch = world.client.get("/sync/state").status(200);
            let set: Map<String, Value> = with(world.spare(r)).as_object().cloned().expect("fields");
            let op = json!({
                "op_seq": epoch["expected_op_seq"], "op_id": new_id(), "entity": r.path, "action": "create",
                "id": new_id(), "set": set,
            });
            let answer = world.client.post("/sync/push", json!({"epoch": epoch["epoch"], "ops": [op]})).status(200);
            let result = &answer["results"][0];
            assert_eq!(result["status"], "rejected", "{answer}");
            let errors = result["problem"]["errors"].as_array().expect("errors");
            let told = errors.iter().filter_map(|e| e["pointer"].as_str().map(str::to_owned)).collect();
            all_named(told, "/set", "push");
        }
        let after = world.client.get(&one).status(200);
        assert_eq!(before.json(), after.json(), "nothing of it was done");
    });
}
