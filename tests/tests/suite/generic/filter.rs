//! Every filter of a list finds what it is for, and nothing else.

use serde_json::{Value, json};

use super::{
    each,
    resource::Resource,
    values::{allowed, others},
    world::{World, masked},
};
use crate::support::{Case, Ctx, cases, random};

pub fn tests() -> Vec<Case> {
    cases![
        every_filter_finds_the_record_by_its_value,
        every_comparison_draws_its_line,
        presence_tells_which_records_have_a_value,
        a_value_of_another_form_is_refused
    ]
}

/// Filters that no record can be made for would be left out; so few that the test means nothing must not be.
const MOST: usize = 2;

fn every_filter_finds_the_record_by_its_value(ctx: &Ctx) {
    each(ctx, |world, r| {
        let record = made(world, r);
        let mut untested = Vec::new();
        for name in &r.filters {
            let Some(value) = value(&record, name) else {
                untested.push(name);
                continue;
            };
            assert!(finds(world, r, &record, &format!("filter[{name}]"), &value), "{name} = {value} does not find it");
            if let Some(other) = another(r, name, &value) {
                assert!(!finds(world, r, &record, &format!("filter[{name}]"), &other), "{name} = {other} finds it too");
            }
        }
        assert!(untested.len() <= MOST && untested.len() < r.filters.len(), "no record has {untested:?}");
    });
}

fn every_comparison_draws_its_line(ctx: &Ctx) {
    each(ctx, |world, r| {
        let record = made(world, r);
        let mut tested = 0;
        for (name, operator) in r.ranges.iter().filter(|(_, operator)| operator != "present") {
            let Some(value) = value(&record, name) else { continue };
            let found = finds(world, r, &record, &format!("filter[{name}][{operator}]"), &value);
            assert_eq!(found, operator.ends_with('e'), "{name} {operator} {value}");
            tested += 1;
        }
        assert!(tested >= 8, "the two instants alone have four comparisons each");
    });
}

fn presence_tells_which_records_have_a_value(ctx: &Ctx) {
    let seen = std::cell::Cell::new([0, 0]);
    each(ctx, |world, r| {
        let (full, plain) = (made(world, r), sparse(world, r));
        for (name, _) in r.ranges.iter().filter(|(_, operator)| operator == "present") {
            for record in [&full, &plain] {
                if masked(record).contains(&name.as_str()) {
                    continue;
                }
                let there = !record[name].is_null();
                let filter = format!("filter[{name}][present]");
                for asked in [true, false] {
                    let found = finds(world, r, record, &filter, &asked.to_string());
                    assert_eq!(found, asked == there, "{} {name} present={asked}", r.path);
                }
                let mut counts = seen.get();
                counts[usize::from(there)] += 1;
                seen.set(counts);
            }
            let wrong = world.client.get(&format!("{}?filter[{name}][present]=x", r.url())).status(400);
            wrong.error_at(&format!("/filter[{name}][present]"), "wrong_type");
        }
    });
    assert!(seen.get().into_iter().all(|n| n > 20), "values that are there and that are not: {:?}", seen.get());
}

fn a_value_of_another_form_is_refused(ctx: &Ctx) {
    each(ctx, |world, r| {
        let plain = ["external_system", "external_id"];
        for name in r.filters.iter().filter(|name| !plain.contains(&name.as_str())) {
            let schema = r.field(name).map(|field| &field.schema);
            let formless = schema.is_some_and(|s| s["format"].is_null() && allowed(s, &json!("!?")));
            let answer = world.client.request("GET", &r.url()).query(&[(&format!("filter[{name}]"), "!?")]).send();
            if answer.status == 200 {
                // A text that no record can have is a question all the same.
                assert!(formless || schema.is_some_and(|s| s["pattern"].is_string()), "{answer}");
                assert!(answer.items().is_empty());
            } else {
                assert!(!formless, "{answer}");
                let answer = answer.status(400).problem("invalid_parameter");
                assert_eq!(answer["errors"][0]["pointer"], format!("/filter[{name}]"), "{answer}");
            }
        }
    });
}

/// A record with all that it can have, an origin in another system among it.
fn made(world: &World, r: &Resource) -> Value {
    let mut body = world.full(r);
    body["external_ref"] = json!({"system": format!("system-{}", random()), "id": format!("id-{}", random())});
    let id = world.client.post(&r.url(), body).status(201).id();
    world.client.get(&r.one(&id)).status(200).json().clone()
}

/// A record with no more than it must have, and an origin.
fn sparse(world: &World, r: &Resource) -> Value {
    let mut body = world.body(r);
    body["external_ref"] = json!({"system": format!("system-{}", random()), "id": format!("id-{}", random())});
    let id = world.client.post(&r.url(), body).status(201).id();
    world.client.get(&r.one(&id)).status(200).json().clone()
}

/// The text that a filter of this name compares with the record.
fn value(record: &Value, name: &str) -> Option<String> {
    let value = match name {
        "external_system" => &record["external_ref"]["system"],
        "external_id" => &record["external_ref"]["id"],
        _ if masked(record).contains(&name) => return None,
        _ => &record[name],
    };
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// A value that the field allows and the record does not have.
fn another(r: &Resource, name: &str, value: &str) -> Option<String> {
    if r.derived.iter().any(|derived| derived == name) {
        return None;
    }
    let Some(field) = r.field(name) else {
        return match name {
            "division_code" => Some("371721".into()),
            "external_system" | "external_id" => Some(format!("{value}x")),
            _ => Some("2001-01-01T00:00:00.000Z".into()),
        };
    };
    let now = serde_json::from_str(value).unwrap_or(json!(value));
    let now = if field.schema["type"] == "string" { json!(value) } else { now };
    if field.references.is_some() {
        return Some(super::world::new_id());
    }
    // A date known to the year holds all its days: only a value of the same length is another one for certain.
    let same_form = |other: &Value| other.as_str().is_none_or(|text| text.len() == value.len() || text.contains('甲'));
    let other = others(&field.schema, &now, 1).into_iter().find(|other| real(other) && same_form(other))?;
    Some(other.as_str().map_or_else(|| other.to_string(), str::to_owned))
}

/// Whether a text that looks like a date is one: a month or a day is not zero.
fn real(value: &Value) -> bool {
    let parts = value.as_str().unwrap_or("1").split('-').map(|part| part.parse::<u32>().unwrap_or(1));
    parts.skip(1).all(|part| (1..=12).contains(&part))
}

fn finds(world: &World, r: &Resource, record: &Value, name: &str, value: &str) -> bool {
    // The origin belongs to this record alone, so that the page is never too short to show it.
    let origin = record["external_ref"]["id"].as_str().expect("an origin");
    let mut query = vec![(name, value), ("limit", "500")];
    if !name.contains("external_id") {
        query.push(("filter[external_id]", origin));
    }
    let page = world.client.request("GET", &r.url()).query(&query).send().status(200);
    page.items().iter().any(|item| item["id"] == record["id"])
}
