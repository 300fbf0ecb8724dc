//! Reading one record, and choosing what is shown of it.

use serde_json::{Value, json};

use super::{
    each,
    world::{masked, new_id, pointers},
};
use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![
        a_record_that_is_known_already_is_not_sent_again,
        an_unknown_id_is_not_found,
        fields_chooses_what_is_shown,
        every_relation_can_be_expanded,
        an_export_is_what_the_list_shows,
        what_a_list_does_not_know_is_refused,
    ]
}

fn a_record_that_is_known_already_is_not_sent_again(ctx: &Ctx) {
    each(ctx, |world, r| {
        let made = world.make(r);
        let one = r.one(&made.id());
        let ask = |tag: &str| world.client.request("GET", &one).if_none_match(tag).send();
        for tag in ["\"r1\"", "W/\"r1\"", "\"r7\", \"r1\""] {
            assert!(ask(tag).status(304).has_header("etag", "\"r1\"").body.is_empty());
        }
        assert_eq!(ask("\"r2\"").status(200).id(), made.id());
    });
}

fn an_unknown_id_is_not_found(ctx: &Ctx) {
    each(ctx, |world, r| {
        world.some(&r.path);
        let new = new_id();
        for id in [new.as_str(), "0", "x", "%20", "00000000-0000-0000-0000-000000000000"] {
            world.client.get(&r.one(id)).status(404).problem("not_found");
            world.client.get(&format!("{}/history", r.one(id))).status(404).problem("not_found");
            world.client.patch_if(&r.one(id), "\"r1\"", json!({})).status(404).problem("not_found");
            world.client.delete_if(&r.one(id), "\"r1\"").status(404).problem("not_found");
        }
    });
}

fn fields_chooses_what_is_shown(ctx: &Ctx) {
    each(ctx, |world, r| {
        let whole = world.client.post(&r.url(), world.full(r)).status(201);
        let whole = world.client.get(&r.one(&whole.id())).status(200);
        let id = whole.id();
        let names = |record: &Value| record.as_object().expect("a record").keys().cloned().collect::<Vec<String>>();
        let own = names(whole.json());
        assert!(own.len() > 5, "{whole}");
        for name in &own {
            // Only the shape is promised by the contract when fields are chosen; what there is must be as it was.
            let only =
                world.client.request("GET", &r.one(&id)).query(&[("fields", name)]).unchecked().send().status(200);
            let shown: Vec<String> = names(only.json()).into_iter().filter(|n| n != "id" && n != "version").collect();
            let wanted: Vec<&String> = [name].into_iter().filter(|n| *n != "id" && *n != "version").collect();
            assert_eq!(shown.iter().collect::<Vec<_>>(), wanted, "{only}");
            assert_eq!((&only["id"], &only["version"], &only[name]), (&whole["id"], &whole["version"], &whole[name]));
        }
        let two = format!("{},{}", own[0], own[own.len() - 1]);
        let list =
            world.client.request("GET", &r.url()).query(&[("fields", &two), ("limit", "500")]).unchecked().send();
        let mine = list.items().iter().find(|item| item["id"] == whole["id"]).expect("it is in the list");
        assert!(names(mine).iter().all(|name| two.split(',').chain(["id", "version"]).any(|wanted| wanted == name)));
        let odd = world.client.get(&format!("{}?fields=no_such_field", r.url())).status(400);
        odd.problem("invalid_parameter").error_at("/fields", "unknown_field");
    });
}

fn every_relation_can_be_expanded(ctx: &Ctx) {
    each(ctx, |world, r| {
        let document = world.client.contract().document();
        for expansion in &r.expansions {
            let other = world.resources.iter().find(|other| other.schema_name(document) == expansion.schema);
            let other = other.unwrap_or_else(|| panic!("{} is no resource", expansion.schema));
            let (id, related) = if expansion.many {
                let id = world.make(r).id();
                let refers = |field: &&str| other.field(field).is_some_and(|f| f.references.as_ref() == Some(&r.path));
                // What the server works out, no request can make refer to a record.
                let Some(field) = other.fields.iter().map(|f| f.name.as_str()).find(refers) else { continue };
                let body = world.referring(other, field, &id).unwrap_or_else(|| panic!("no {field} can be given"));
                (id, world.client.post(&other.url(), body).status(201))
            } else {
                let field = format!("{}_id", expansion.name);
                if r.derived.contains(&field) {
                    continue;
                }
                let related = world.make(other);
                let body =
                    world.referring(r, &field, &related.id()).unwrap_or_else(|| panic!("no {field} can be given"));
                (world.client.post(&r.url(), body).status(201).id(), related)
            };
            let mut related = world.client.get(&other.one(&related.id())).status(200).json().clone();
            if expansion.many {
                related = json!([related]);
            }
            let query = [("expand", expansion.name.as_str())];
            let one = world.client.request("GET", &r.one(&id)).query(&query).send().status(200);
            assert_eq!(one["expanded"], json!({&expansion.shown: related}), "{one}");
            let list =
                world.client.request("GET", &r.url()).query(&query).query(&[("limit", "500")]).send().status(200);
            let mine = list.items().iter().find(|item| item["id"] == id.as_str()).expect("it is in the list");
            assert_eq!(mine, one.json());
        }
        let odd = world.client.get(&format!("{}?expand=no_such_relation", r.url())).status(400);
        odd.problem("invalid_parameter").error_at("/expand", "unknown_expand");
        let renamed: Vec<&str> = r.expansions.iter().filter(|e| e.name != e.shown).map(|e| e.name.as_str()).collect();
        assert!(renamed.is_empty(), "asked for by one name and shown by another: {renamed:?}");
    });
}

fn an_export_is_what_the_list_shows(ctx: &Ctx) {
    each(ctx, |world, r| {
        let kept: Vec<String> = (0..3).map(|_| world.make(r).id()).collect();
        let gone = world.make(r).id();
        world.client.delete_if(&r.one(&gone), "\"r1\"").status(204);
        let export = world.client.get(&format!("{}/export", r.url())).status(200);
        let list = world.client.get(&format!("{}?limit=500", r.url())).status(200);
        let lines = export.lines();
        assert_eq!(lines, list.items());
        assert!(kept.iter().all(|id| lines.iter().any(|line| line["id"] == id.as_str())));
        assert!(!lines.iter().any(|line| line["id"] == gone.as_str()));
        assert!(
            lines.iter().any(|line| !masked(line).is_empty()) == list.items().iter().any(|i| !masked(i).is_empty())
        );
        let mut body = world.body(r);
        body["external_ref"] = json!({"system": "elsewhere", "id": "one"});
        let id = world.client.post(&r.url(), body).status(201).id();
        let some = world.client.request("GET", &format!("{}/export", r.url())).query(&[("filter[external_id]", "one")]);
        let some = some.send().status(200).lines();
        assert!(some.len() == 1 && some[0]["id"] == json!(id), "{some:?}");
        world.client.get(&format!("{}/export?limit=1", r.url())).status(400).error_at("/limit", "unknown_parameter");
    });
}

fn what_a_list_does_not_know_is_refused(ctx: &Ctx) {
    each(ctx, |world, r| {
        let odd = [
            ("no_such_parameter", "1", "unknown_parameter"),
            ("filter[no_such_field]", "1", "unknown_filter"),
            ("filter[created_at][like]", "2021", "unknown_filter"),
            ("filter[division_code][gt]", "371722", "unknown_filter"),
            ("sort", "no_such_key", "unknown_sort"),
            ("limit", "0", "too_small"),
            ("limit", "-1", "too_small"),
            ("limit", "x", "too_small"),
            ("limit", "501", "too_large"),
            ("count", "about", "unknown_code"),
        ];
        for (name, value, rule) in odd {
            let answer = world.client.request("GET", &r.url()).query(&[(name, value)]).send().status(400);
            answer.problem("invalid_parameter").error_at(&format!("/{name}"), rule);
        }
        let all = odd.map(|(name, value, _)| (name, value));
        let all = world.client.request("GET", &r.url()).query(&all).send().status(400);
        assert_eq!(pointers(&all).len(), odd.len(), "all at once: {all}");
    });
}
