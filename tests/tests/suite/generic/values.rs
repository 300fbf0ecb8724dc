//! Values of a schema: others that it allows, and some that it does not.

use serde_json::{Value, json};

use crate::support::files;

/// Whether the schema allows it. An extensible code set allows its known codes: a request may send no other.
pub fn allowed(schema: &Value, value: &Value) -> bool {
    let known = schema["x-extensible-enum"].as_array().is_none_or(|codes| codes.contains(value));
    let items = value.as_array().into_iter().flatten().all(|item| allowed(&schema["items"], item));
    known && items && (schema.is_null() || jsonschema::is_valid(schema, value))
}

/// Values that the schema allows beside the one there is, the nearest first.
pub fn others(schema: &Value, now: &Value, seed: u32) -> Vec<Value> {
    let mut found = candidates(schema, now, seed);
    found.retain(|value| value != now && allowed(schema, value));
    found
}

fn candidates(schema: &Value, now: &Value, seed: u32) -> Vec<Value> {
    if let Some(codes) = schema["x-extensible-enum"].as_array() {
        return codes.clone();
    }
    match schema["type"].as_str() {
        Some("boolean") => vec![json!(true), json!(false)],
        Some("integer") => {
            let low = schema["minimum"].as_i64().unwrap_or(0);
            let number = now.as_i64().unwrap_or(low);
            [number + 1, number - 1, low, low + 1].map(Value::from).to_vec()
        }
        Some("array") => {
            let one: Vec<Value> = others(&schema["items"], &Value::Null, seed).into_iter().take(1).collect();
            vec![json!(one), json!([])]
        }
        Some("object") => {
            let properties = schema["properties"].as_object();
            let some = |(name, schema): (&String, &Value)| {
                others(schema, &Value::Null, seed).first().map(|value| (name.clone(), value.clone()))
            };
            let mut found = vec![Value::Object(properties.into_iter().flatten().filter_map(some).collect())];
            // What there is, with one member changed.
            for (name, schema) in properties.into_iter().flatten().filter(|_| now.is_object()) {
                found.extend(others(schema, &now[name], seed).into_iter().take(2).map(|value| {
                    let mut changed = now.clone();
                    changed[name] = value;
                    changed
                }));
            }
            found
        }
        _ => strings(schema, now.as_str().unwrap_or_default(), seed),
    }
}

fn strings(schema: &Value, now: &str, seed: u32) -> Vec<Value> {
    if schema["x-file"] == true {
        return files::HASHES.iter().skip(seed as usize % 7).map(|hash| json!(hash)).collect();
    }
    let mut found: Vec<Value> = Vec::new();
    // One digit of what there is: another date, another code, another number of the same form.
    for (at, _) in now.char_indices().rev().filter(|(_, c)| c.is_ascii_digit()) {
        found.extend((0..10).map(|digit| json!(format!("{}{digit}{}", &now[..at], &now[at + 1..]))));
    }
    found.extend(schema["examples"].as_array().into_iter().flatten().cloned());
    if schema["format"] == "date" {
        found.push(json!("2021-03-01"));
    }
    match schema["pattern"].as_str() {
        Some(pattern) => found.extend((0..40).map(|n| json!(matching(pattern, u64::from(seed) * 100 + n)))),
        None if schema["format"].is_null() => {
            found.insert(0, json!(fresh_text(now, seed, schema["maxLength"].as_u64())));
        }
        None => {}
    }
    found
}

/// Every known code, the ends of a range, texts of all forms and lengths: what a client may send by the contract.
pub fn all(schema: &Value) -> Vec<Value> {
    let length = |name| schema[name].as_u64().unwrap_or(0) as usize;
    let mut found = others(schema, &Value::Null, 7);
    found.extend(["minimum", "maximum"].map(|bound| schema[bound].clone()));
    match schema["type"].as_str() {
        Some("string") => found.extend(
            ["a", "é", "𠮷", "'", "%", " "]
                .iter()
                .flat_map(|text| [length("minLength"), length("maxLength")].map(|length| json!(text.repeat(length)))),
        ),
        Some("array") => {
            let items = all(&schema["items"]);
            let many = items.iter().cycle().take(length("maxItems").min(items.len())).cloned().collect();
            found.extend(items.iter().map(|item| json!([item])).chain([Value::Array(many)]));
        }
        _ => {}
    }
    if schema["format"] == "date" {
        found.extend(["0000-01-01", "0001-01-01", "1582-10-10", "9999-12-31"].map(|day| json!(day)));
    }
    found.retain(|value| !value.is_null() && allowed(schema, value));
    found.dedup();
    found
}

/// A value that was not there before, for a field that must be unique.
pub fn fresh(schema: &Value, now: &Value, seed: u32) -> Option<Value> {
    let fresh = match (schema["pattern"].as_str(), schema["type"].as_str()) {
        (Some(pattern), _) => {
            let made = (0..100).map(|n| json!(matching(pattern, u64::from(seed) * 100 + n)));
            return made.into_iter().find(|value| value != now && allowed(schema, value));
        }
        (None, Some("string")) if schema["format"].is_null() && schema["x-extensible-enum"].is_null() => {
            json!(fresh_text(now.as_str().unwrap_or_default(), seed, schema["maxLength"].as_u64()))
        }
        (None, Some("integer")) => json!(now.as_i64().unwrap_or_default() + i64::from(seed)),
        _ => return None,
    };
    allowed(schema, &fresh).then_some(fresh)
}

/// The text with a number behind it, as long as it may be.
fn fresh_text(now: &str, seed: u32, max: Option<u64>) -> String {
    let behind = format!("甲{seed}");
    let room = max.map_or(usize::MAX, |max| max as usize).saturating_sub(behind.chars().count());
    now.chars().take(room).chain(behind.chars()).collect()
}

/// Values of types that the schema does not know.
pub fn of_another_type(schema: &Value) -> Vec<Value> {
    match schema["type"].as_str() {
        Some("boolean") => vec![json!("x"), json!({"a": 1}), json!(7), json!([true])],
        Some("integer") => vec![json!("x"), json!({"a": 1}), json!(1.5), json!([1])],
        Some("array") => vec![json!("x"), json!({"a": 1}), json!(7), json!([{"no_such_field": 1}]), json!([null])],
        _ => vec![json!({"a": 1}), json!(7), json!(["x"]), json!(true)],
    }
}

/// Values of the right type beyond what the schema allows, each with the word that forbids it.
pub fn beyond(schema: &Value, good: &Value) -> Vec<(&'static str, Value)> {
    let mut found = Vec::new();
    if !schema["x-extensible-enum"].is_null() {
        found.push(("x-extensible-enum", json!("no_such_code")));
        return found;
    }
    if let Some(max) = schema["maxLength"].as_u64() {
        found.push(("maxLength", json!("长".repeat(max as usize + 1))));
    }
    if let Some(min) = schema["minLength"].as_u64().filter(|min| *min > 0) {
        found.push(("minLength", json!("短".repeat(min as usize - 1))));
    }
    if schema["pattern"].is_string() {
        let text = good.as_str().unwrap_or_default();
        found.extend(
            [json!("!"), json!(""), json!(format!("{text}\n")), json!(format!(" {text}"))].map(|v| ("pattern", v)),
        );
    }
    match schema["format"].as_str() {
        Some("uuid") => found.push(("format", json!("0192f0c1"))),
        Some("date") => found.extend(["2021-02-29", "2021-1-1", "20210101", ""].map(|text| ("format", json!(text)))),
        _ => {}
    }
    if let Some(min) = schema["minimum"].as_i64() {
        found.push(("minimum", json!(min - 1)));
    }
    if let Some(max) = schema["maximum"].as_i64() {
        found.push(("maximum", json!(max + 1)));
        found.push(("maximum", json!(i64::MAX)));
    }
    if let Some(max) = schema["maxItems"].as_u64() {
        let item = others(&schema["items"], &Value::Null, 1).into_iter().next().unwrap_or_default();
        found.push(("maxItems", json!(vec![item; max as usize + 1])));
    }
    if schema["minItems"].as_u64().is_some_and(|min| min > 0) {
        found.push(("minItems", json!([])));
    }
    found
}

/// A text that a pattern describes; another seed gives another one. Knows the words our contract uses.
fn matching(pattern: &str, seed: u64) -> String {
    let mut rest = pattern.trim_start_matches('^').trim_end_matches('$').chars().collect::<Vec<_>>();
    rest.reverse();
    let mut text = String::new();
    write(&choices(&mut rest), &mut Dice(seed), &mut text);
    text
}

/// Alternatives, each a sequence of parts with their counts.
type Choices = Vec<Vec<(Part, usize, usize)>>;

enum Part {
    OneOf(Vec<char>),
    Group(Choices),
}

/// Reads up to the closing bracket; `rest` is the pattern from its end.
fn choices(rest: &mut Vec<char>) -> Choices {
    let mut all: Choices = vec![vec![]];
    while let Some(c) = rest.pop() {
        let part = match c {
            ')' => break,
            '|' => {
                all.push(vec![]);
                continue;
            }
            '(' => Part::Group(choices(rest)),
            '[' => Part::OneOf(class(rest)),
            '\\' => match rest.pop() {
                Some('d') => Part::OneOf(('0'..='9').collect()),
                other => Part::OneOf(other.into_iter().collect()),
            },
            c => Part::OneOf(vec![c]),
        };
        let (low, high) = count(rest);
        all.last_mut().expect("one is always open").push((part, low, high));
    }
    all
}

fn class(rest: &mut Vec<char>) -> Vec<char> {
    let mut set = Vec::new();
    while let Some(c) = rest.pop().filter(|c| *c != ']') {
        let range = rest.len() > 1 && rest[rest.len() - 1] == '-' && rest[rest.len() - 2] != ']';
        if range {
            rest.pop();
            set.extend(c..=rest.pop().expect("the end of a range"));
        } else {
            set.push(c);
        }
    }
    set
}

fn count(rest: &mut Vec<char>) -> (usize, usize) {
    let counts = match rest.last() {
        Some('?') => (0, 1),
        Some('*') => (0, 12),
        Some('+') => (1, 12),
        Some('{') => {
            let text: String = std::iter::from_fn(|| rest.pop().filter(|c| *c != '}')).skip(1).collect();
            let (low, high) = text.split_once(',').unwrap_or((&text, &text));
            return (low.parse().unwrap_or(0), high.parse().unwrap_or(12));
        }
        _ => return (1, 1),
    };
    rest.pop();
    counts
}

fn write(choices: &Choices, dice: &mut Dice, text: &mut String) {
    for (part, low, high) in &choices[dice.below(choices.len())] {
        for _ in 0..low + dice.below(high - low + 1) {
            match part {
                Part::OneOf(set) => text.push(set[dice.below(set.len())]),
                Part::Group(inner) => write(inner, dice, text),
            }
        }
    }
}

/// Numbers that look random and are the same for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }
}
