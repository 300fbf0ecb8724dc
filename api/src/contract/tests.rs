//! The contract keeps its own promises, and the committed documents are it.
use super::{FILES, latest};
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;

fn document() -> Value {
    serde_json::from_str(&latest()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, o)| (format!("{method} {path}"), o.clone()))
    });
    each.collect()
}

/// Calls `f` with every object in the document and where it is.
fn walk(at: &str, value: &Value, f: &mut dyn FnMut(&str, &serde_json::Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            f(at, map);
            map.iter().for_each(|(k, v)| walk(&format!("{at}/{k}"), v, f));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| walk(&format!("{at}/{i}"), v, f)),
        _ => {}
    }
}

#[test]
fn the_committed_documents_are_the_contract() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (file, made) in FILES {
        let committed = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        assert!(committed == made(), "{file} is out of date: run `cargo run -- openapi --write`");
    }
}

#[test]
fn nothing_is_composed_and_no_answer_has_null() {
    let document = document();
    walk("", &document, &mut |at, map| {
        for word in ["oneOf", "anyOf", "allOf"] {
            assert!(!map.contains_key(word), "{word} at {at}");
        }
        let nullable = map.get("type").is_some_and(Value::is_array);
        assert!(!nullable || at.contains("Patch/properties/"), "a type that may be null at {at}");
    });
}

#[test]
fn every_operation_says_everything() {
    let document = document();
    let mut ids = HashSet::new();
    for (name, o) in operations(&document) {
        assert!(ids.insert(o["operationId"].as_str().unwrap().to_owned()), "{name}: its id is taken");
        assert!(o["summary"].as_str().is_some_and(|s| !s.is_empty()), "{name}: summary");
        assert_eq!(o["tags"].as_array().unwrap().len(), 1, "{name}: one tag");
        let secured = !o["security"].as_array().unwrap().is_empty();
        assert_eq!(secured, o.get("x-required-scopes").is_some(), "{name}: scopes go with security");
        let responses = o["responses"].as_object().unwrap();
        let mut demanded = vec!["400", "429", "500", "503"];
        if secured {
            demanded.extend(["401", "403"]);
        }
        if name.contains("{id}") {
            demanded.push("404");
        }
        if o.get("requestBody").is_some() {
            demanded.extend(["413", "415", "422"]);
        }
        for status in demanded {
            assert!(responses.contains_key(status), "{name}: {status}");
        }
        for (status, response) in responses.iter().filter(|(s, _)| s.starts_with('2')) {
            for (kind, content) in response["content"].as_object().into_iter().flatten() {
                let shown = kind == "application/x-ndjson" || content.get("example").is_some();
                assert!(shown, "{name} {status}: an example");
            }
        }
        if let Some(body) = o.get("requestBody") {
            let content = body["content"].as_object().unwrap().values().next().unwrap();
            assert!(content.get("example").is_some(), "{name}: an example of the body");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_text_is_bounded() {
    let document = document();
    walk("", &document, &mut |at, map| {
        if let Some(target) = map.get("$ref").and_then(Value::as_str) {
            assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target} at {at}");
        }
        let text = map.get("type").and_then(Value::as_str) == Some("string");
        let bounded =
            ["maxLength", "pattern", "format", "x-extensible-enum", "enum"].iter().any(|k| map.contains_key(*k));
        // A mask may stand for a value of another form; its field is bounded in the request.
        let masked = map.get("x-field-class").and_then(Value::as_str) == Some("sensitive");
        assert!(!text || bounded || masked || at.contains("/metrics/"), "a text without a bound at {at}");
    });
}

#[test]
fn every_field_of_a_resource_has_its_class() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let Some(record) = name.strip_suffix("Input") else { continue };
        for (field, input) in schema["properties"].as_object().unwrap() {
            if !domain::input::CREATE_FIELDS.contains(&field.as_str()) {
                assert!(input.get("x-field-class").is_some(), "{record}.{field}");
                assert!(input["description"].as_str().is_some_and(|d| !d.is_empty()), "{record}.{field}: description");
            }
        }
    }
}
