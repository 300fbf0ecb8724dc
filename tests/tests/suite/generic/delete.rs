//! Deleting a record.

use super::{each, world::pointers};
use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![a_deleted_record_is_nowhere, what_others_refer_to_stays]
}

fn a_deleted_record_is_nowhere(ctx: &Ctx) {
    each(ctx, |world, r| {
        let (kept, gone) = (world.make(r).id(), world.make(r).id());
        let one = r.one(&gone);
        let deleted = world.client.delete_if(&one, "\"r1\"").status(204);
        assert!(deleted.body.is_empty());
        world.client.get(&one).status(404).problem("not_found");
        world.client.get(&format!("{one}/history")).status(404).problem("not_found");
        world.client.delete_if(&one, "\"r2\"").status(404).problem("not_found");
        world.client.patch_if(&one, "\"r2\"", serde_json::json!({})).status(404).problem("not_found");
        let list = world.client.get(&format!("{}?limit=500", r.url())).status(200);
        let there = |id: &str| list.items().iter().any(|item| item["id"] == id);
        assert!(there(&kept) && !there(&gone));
        // What it had for itself alone is free again.
        world.client.post(&r.url(), world.body(r)).status(201);
    });
}

fn what_others_refer_to_stays(ctx: &Ctx) {
    each(ctx, |world, r| {
        let document = world.client.contract().document();
        for expansion in r.expansions.iter().filter(|expansion| expansion.many) {
            let other = world.resources.iter().find(|other| other.schema_name(document) == expansion.schema);
            let other = other.expect("what refers to it is a resource");
            let refers = |name: &&str| other.field(name).is_some_and(|f| f.references.as_ref() == Some(&r.path));
            // What the server works out, no request can make refer to a record.
            let Some(field) = other.fields.iter().map(|f| f.name.as_str()).find(refers) else { continue };
            let id = world.make(r).id();
            let body = world.referring(other, field, &id).expect("a record that refers to it");
            let user = other.one(&world.client.post(&other.url(), body).status(201).id());
            let refused = world.client.delete_if(&r.one(&id), "\"r1\"").status(409).problem("in_use");
            assert!(!pointers(&refused).is_empty(), "it says by what: {refused}");
            world.client.get(&r.one(&id)).status(200);
            world.client.delete_if(&user, "\"r1\"").status(204);
            world.client.delete_if(&r.one(&id), "\"r1\"").status(204);
        }
    });
}
