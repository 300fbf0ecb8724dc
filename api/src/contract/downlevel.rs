//! OpenAPI 3.0 from 3.1, mechanically: for generators that have not learnt 3.1.
use serde_json::{Value, json};

/// The same contract in OpenAPI 3.0.3.
pub fn to_3_0(mut document: Value) -> Value {
    document["openapi"] = "3.0.3".into();
    if let Some(license) = document.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        license.remove("identifier");
        license.insert("url".into(), "https://spdx.org/licenses/MIT.html".into());
    }
    walk(&mut document);
    document
}

fn walk(value: &mut Value) {
    match value {
        Value::Object(map) => {
            // ["string", "null"] becomes string and nullable.
            if let Some(Value::Array(types)) = map.get("type").cloned() {
                let real = types.iter().find(|t| **t != json!("null")).cloned().unwrap_or_default();
                map.insert("type".into(), real);
                map.insert("nullable".into(), true.into());
            }
            // A list of examples is a word of 3.1; one example is a word of both. Media types keep theirs, which are named.
            if let Some(Value::Array(examples)) = map.get("examples").cloned() {
                map.remove("examples");
                if let Some(first) = examples.into_iter().next() {
                    map.insert("example".into(), first);
                }
            }
            for (word, flag) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                if let Some(bound) = map.get(word).filter(|b| b.is_number()).cloned() {
                    map.insert(flag.into(), bound);
                    map.insert(word.into(), true.into());
                }
            }
            // In 3.0 nothing may stand beside a reference.
            if map.contains_key("$ref") {
                map.retain(|word, _| word == "$ref");
            }
            map.values_mut().for_each(walk);
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        _ => {}
    }
}
