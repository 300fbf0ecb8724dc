//! Each field of each resource, by each kind of reader, in every way out: hidden everywhere or nowhere. Which fields
//! are of which class the contract says.

use serde_json::{Map, Value, json};

use super::{
    each,
    resource::{Field, Resource},
    world::{World, masked},
};
use crate::support::{Case, Ctx, cases, client::Client, response::Response};

pub fn tests() -> Vec<Case> {
    cases![every_way_out_hides_by_class, nobody_asks_by_what_they_may_not_see, a_stale_write_tells_no_hidden_value]
}

const CITY: &str = "371700";
/// From the least to the most.
const CLASSES: [&str; 4] = ["public", "internal", "personal", "sensitive"];

fn rank(class: &str) -> usize {
    CLASSES.iter().position(|c| *c == class).unwrap_or_else(|| panic!("there is no class {class}"))
}

fn class(field: &Field) -> usize {
    rank(field.schema["x-field-class"].as_str().expect("a field has a class"))
}

/// Who reads, and the highest class of fields they see.
fn readers(world: &World) -> Vec<(&'static str, Client, usize)> {
    let app = &world.app;
    vec![
        ("administrator", app.admin(), rank("personal")),
        ("token", app.token(&["*:*"], CITY), rank("personal")),
        ("auditor", app.user("auditor", CITY), rank("internal")),
        ("auditor's token", token_of(world, "auditor"), rank("internal")),
        ("seer", app.token(&["*:*", "fields:sensitive"], CITY), rank("sensitive")),
    ]
}

/// A token of a user with this role that asks for sensitive fields, which its owner's role never shows.
fn token_of(world: &World, role: &str) -> Client {
    let user = world.app.user(role, CITY);
    let me = user.get("/me").status(200);
    let request = crate::support::App::token_request(&["*:read", "fields:sensitive"], CITY);
    let mut request = request;
    request["user_id"] = me["user_id"].clone();
    let made = world.app.admin().post("/tokens", request);
    match made.status {
        201 => world.app.anonymous().bearing(made["token"].as_str().expect("a token")),
        // Where nobody can make such a token, the user is all there is.
        _ => user,
    }
}

/// The record as it leaves in each way: name of the way, the record, the whole text. A way that is closed to the
/// reader is left out.
fn ways(r: &Resource, by: &Client, id: &str) -> Vec<(String, Value, String)> {
    let mut out = vec![];
    let mut add = |name: &str, answer: Response, find: &dyn Fn(&Response) -> Option<Value>| {
        if answer.status == 200 {
            let record = find(&answer).unwrap_or_else(|| panic!("{name} does not show the record: {answer}"));
            out.push((name.to_owned(), record, answer.text().to_owned()));
        } else {
            assert!(answer.status == 403, "{name}: {answer}");
        }
    };
    let listed = |answer: &Response| answer.items().iter().find(|i| i["id"] == id).cloned();
    let newest = "sort=-created_at&limit=500";
    let (url, one) = (r.url(), r.one(id));
    add("item", by.get(&one), &|a| Some(a.json().clone()));
    add("list", by.get(&format!("{url}?{newest}")), &listed);
    add("counted list", by.get(&format!("{url}?{newest}&count=exact")), &listed);
    add("export", by.get(&format!("{url}/export")), &|a| a.lines().iter().find(|l| l["id"] == id).cloned());
    let all: Vec<&str> = r.fields.iter().map(|f| f.name.as_str()).chain(["masked"]).collect();
    let fields = format!("{one}?fields={}", all.join(","));
    add("chosen fields", by.request("GET", &fields).unchecked().send(), &|a| Some(a.json().clone()));
    for expansion in &r.expansions {
        add("item with relations", by.get(&format!("{one}?expand={}", expansion.name)), &|a| Some(a.json().clone()));
    }
    if r.path != "users" {
        let changes = by.get(&format!("/sync/changes?entities={}&limit=1000", r.path));
        add("feed", changes, &|a| {
            let changes = a["changes"].as_array()?.iter();
            changes.filter(|c| c["id"] == id).filter_map(|c| c.get("data")).next_back().cloned()
        });
    }
    out
}

/// Claims that a record shows what the reader may see of `sent`, and nothing else.
fn judge(r: &Resource, sight: usize, sent: &Map<String, Value>, (way, record, text): &(String, Value, String)) {
    for field in &r.fields {
        let Some(value) = sent.get(&field.name).filter(|v| !v.is_null()) else { continue };
        let (name, hidden) = (field.name.as_str(), class(field) > sight);
        let where_ = format!("{way}: {name} of {} ({})", r.path, CLASSES[class(field)]);
        assert_eq!(masked(record).contains(&name), hidden, "{where_}: what `masked` says: {record}");
        if !hidden {
            assert_eq!(&record[name], value, "{where_} is not as it was sent");
            continue;
        }
        assert_ne!(&record[name], value, "{where_} is shown");
        // Nor anywhere else in the answer: a text that is long enough to be this one's.
        if let Some(secret) = value.as_str().filter(|s| class(field) == rank("sensitive") && s.chars().count() >= 6) {
            assert!(!text.contains(secret), "{where_}: the answer tells {secret}");
        }
    }
}

fn every_way_out_hides_by_class(ctx: &Ctx) {
    let (readers, seen) = (std::cell::OnceCell::new(), std::cell::Cell::new([0_usize; 4]));
    each(ctx, |world, r| {
        let body = world.full(r);
        let id = world.client.post(&r.url(), body.clone()).status(201).id();
        // As the store has normalised it.
        let readers = readers.get_or_init(|| self::readers(world));
        let (_, seer, _) = &readers[4];
        let record = seer.get(&r.one(&id)).status(200).json().clone();
        let sent: Map<String, Value> =
            r.fields.iter().filter_map(|f| Some((f.name.clone(), record.get(&f.name)?.clone()))).collect();
        assert!(masked(&record).is_empty(), "the seer sees all: {record}");
        for field in r.fields.iter().filter(|f| sent.contains_key(&f.name)) {
            let mut counts = seen.get();
            counts[class(field)] += 1;
            seen.set(counts);
        }
        wait_for_number(world, r, &id);
        for (_, by, sight) in readers {
            let ways = ways(r, by, &id);
            ways.iter().for_each(|way| judge(r, *sight, &sent, way));
        }
    });
    let seen = seen.get();
    assert!(seen.iter().all(|n| *n > 0), "no field of some class was looked at: {seen:?}");
}

/// On PostgreSQL the feed shows a record a moment after it was written.
fn wait_for_number(world: &World, r: &Resource, id: &str) {
    let numbered = || {
        let history = world.client.get(&format!("{}/history", r.one(id))).status(200);
        history.items().iter().all(|line| line["seq"].is_string())
    };
    for _ in 0..200 {
        if numbered() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("{} {id} gets no number", r.path);
}

fn nobody_asks_by_what_they_may_not_see(ctx: &Ctx) {
    let auditor = std::cell::OnceCell::new();
    each(ctx, |world, r| {
        let auditor = auditor.get_or_init(|| world.app.user("auditor", CITY));
        let body = world.body(r);
        let hidden = |name: &&String| r.field(name).is_some_and(|f| class(f) > rank("internal"));
        for name in r.filters.iter().filter(hidden) {
            let value = match &body[name] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            for path in [r.url(), format!("{}/export", r.url())] {
                let asked = auditor.request("GET", &path).query(&[(&format!("filter[{name}]"), &value)]).send();
                asked.status(403).error_at(&format!("/filter[{name}]"), "field_hidden");
            }
        }
        // Neither whether there is a value.
        for (name, _) in r.ranges.iter().filter(|(name, operator)| operator == "present" && hidden(&name)) {
            let filter = format!("filter[{name}][present]");
            let asked = auditor.get(&format!("{}?{filter}=true", r.url()));
            asked.status(403).error_at(&format!("/{filter}"), "field_hidden");
        }
        for name in r.sorts.iter().filter(hidden) {
            let asked = auditor.get(&format!("{}?sort=-{name}", r.url()));
            asked.status(403).problem("forbidden").error_at("/sort", "field_hidden");
        }
        // What is searched is searched in what is seen only.
        let texts = r.fields.iter().filter(|f| class(f) > rank("internal")).filter_map(|f| body[&f.name].as_str());
        for text in texts {
            let found = auditor.request("GET", &r.url()).query(&[("q", text)]).send();
            assert!(
                matches!(found.status, 400 | 403) || found.items().is_empty() || text.chars().count() < 2,
                "{} are found by {text}: {found}",
                r.path
            );
        }
    });
}

fn a_stale_write_tells_no_hidden_value(ctx: &Ctx) {
    each(ctx, |world, r| {
        let body = world.full(r);
        let id = world.client.post(&r.url(), body.clone()).status(201).id();
        let secret = |f: &&Field| class(f) == rank("sensitive") && body[&f.name].is_string();
        let patch: Map<String, Value> =
            r.fields.iter().filter(secret).map(|f| (f.name.clone(), body[&f.name].clone())).collect();
        if patch.is_empty() {
            return;
        }
        let stale = world.client.patch_if(&r.one(&id), "\"r9\"", json!(patch)).status(412);
        for value in patch.values().filter_map(Value::as_str).filter(|v| v.chars().count() >= 6) {
            assert!(!stale.text().contains(value), "{}: {stale}", r.path);
        }
    });
}
