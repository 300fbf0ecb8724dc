//! Writing a whole record under an id of the client's own.

use serde_json::json;

use super::{
    each,
    patch::changes,
    world::{essence, new_id, shows},
};
use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![
        a_put_creates_what_is_not_there,
        a_put_replaces_the_version_it_knows,
        a_put_says_what_it_expects,
        what_a_replacement_leaves_out_is_gone,
    ]
}

fn a_put_creates_what_is_not_there(ctx: &Ctx) {
    each(ctx, |world, r| {
        for create_only in [false, true] {
            let (one, body) = (r.one(&new_id()), world.body(r));
            let put = world.client.request("PUT", &one).json(body.clone());
            let put = if create_only { put.if_none_match("*") } else { put };
            let made = put.send().status(201).has_header("etag", "\"r1\"");
            assert_eq!(made.header("location"), Some(format!("/api/v1{one}").as_str()));
            assert_eq!(r.one(&made.id()), one);
            shows(made.json(), &body);
            assert_eq!(essence(world.client.get(&one).status(200).json()), essence(made.json()));
        }
    });
}

fn a_put_replaces_the_version_it_knows(ctx: &Ctx) {
    each(ctx, |world, r| {
        let mut body = world.full(r);
        let made = world.client.post(&r.url(), body.clone()).status(201);
        let one = r.one(&made.id());
        for (n, (field, value)) in changes(world, r, &one, &body, 3).into_iter().enumerate() {
            body[&field] = value;
            let etag = format!("\"r{}\"", n + 1);
            let put = world.client.put_if(&one, &etag, body.clone()).status(200);
            assert_eq!((put.etag(), &put["version"]), (format!("\"r{}\"", n + 2), &json!(n + 2)));
            shows(put.json(), &body);
            assert_eq!(put["created_at"], made["created_at"]);
        }
        let minimal =
            world.client.request("PUT", &one).if_match(&world.client.get(&one).etag()).prefer("return=minimal");
        let minimal = minimal.json(body).send().status(204).has_header("preference-applied", "return=minimal");
        assert!(minimal.body.is_empty());
    });
}

fn a_put_says_what_it_expects(ctx: &Ctx) {
    each(ctx, |world, r| {
        let mut body = world.body(r);
        let one = r.one(&world.client.post(&r.url(), body.clone()).status(201).id());
        let before = world.client.get(&one);
        world.client.put(&one, body.clone()).status(428).problem("precondition_required");
        let create_only = world.client.request("PUT", &one).if_none_match("*").json(body.clone()).send();
        create_only.status(412).problem("precondition_failed");
        let stale = world.client.put_if(&one, "\"r7\"", body.clone()).status(412).problem("precondition_failed");
        assert_eq!(stale["conflict"]["current_version"], 1);
        let nowhere = r.one(&new_id());
        world.client.put_if(&nowhere, "\"r1\"", world.body(r)).status(412).problem("precondition_failed");
        world.client.get(&nowhere).status(404);
        let tag = world.client.request("PUT", &one).if_none_match("\"r1\"").json(body.clone()).send();
        tag.status(400).problem("invalid_parameter");
        body["id"] = json!(new_id());
        world.client.put_if(&one, "\"r1\"", body.clone()).status(422).error_at("/id", "read_only");
        body.as_object_mut().map(|body| body.remove("id"));
        body["division_code"] = json!("371721");
        world.client.put_if(&one, "\"r1\"", body.clone()).status(422).error_at("/division_code", "read_only");
        body["division_code"] = before["division_code"].clone();
        body["external_ref"] = json!({"system": "elsewhere", "id": "1"});
        world.client.put_if(&one, "\"r1\"", body).status(422).error_at("/external_ref", "read_only");
        assert_eq!(world.client.get(&one).json(), before.json());
    });
}

fn what_a_replacement_leaves_out_is_gone(ctx: &Ctx) {
    each(ctx, |world, r| {
        let body = world.full(r);
        let one = r.one(&world.client.post(&r.url(), body.clone()).status(201).id());
        let mut left_out = 0;
        for field in r.fields.iter().filter(|field| !field.required && !body[&field.name].is_null()) {
            // To leave out a state would be a step, which is a topic of its own.
            if field.schema["x-machine"] == true {
                continue;
            }
            let mut less = body.clone();
            less.as_object_mut().map(|less| less.remove(&field.name));
            let now = world.client.get(&one).status(200);
            let put = world.client.put_if(&one, &now.etag(), less.clone());
            if put.status == 422 {
                continue;
            }
            let put = put.status(200);
            shows(put.json(), &less);
            // It stays only where what it had is what it has without saying.
            let absent = world.client.request("POST", &r.url()).prefer("dry-run");
            let mut fresh = world.spare(r);
            fresh.as_object_mut().map(|fresh| fresh.remove(&field.name));
            let absent = absent.json(fresh).send().status(201);
            assert_eq!(put[&field.name], absent[&field.name], "{} is as if it had never been", field.name);
            left_out += 1;
        }
        assert!(left_out > 0 || r.fields.iter().all(|field| field.required));
    });
}
