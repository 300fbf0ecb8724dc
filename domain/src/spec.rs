//! A resource's fields as data, read from its published schema.
//!
//! The schema attributes on a struct are the one place where a length, a range or a pattern is
//! stated: the contract publishes them and [`Limits::check`] enforces them.
use crate::catalogue::Rule;
use crate::resource::{FieldClass, Mask, Resource};
use crate::violations::{Findings, Violation};
use regex::Regex;
use serde_json::Value;
use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{LazyLock, RwLock};

/// Longest text where the schema states none.
const TEXT_MAX: u64 = 200;
/// Most items where the schema states none.
const ITEMS_MAX: u64 = 100;

/// The form of a file's name: the SHA-256 of its content.
pub const SHA256: &str = "^[0-9a-f]{64}$";

/// All fields of a resource in declared order.
pub struct Spec {
    /// The fields.
    pub fields: Vec<Field>,
}

/// One field.
pub struct Field {
    /// Name in JSON.
    pub name: String,
    /// Whether a create must give it.
    pub required: bool,
    /// Its class.
    pub class: FieldClass,
    /// How it is hidden from some readers.
    pub mask: Option<Mask>,
    /// Whether the server works it out, so that no request carries it.
    pub derived: bool,
    /// Its schema without `null`, references to scalars resolved, limits filled in.
    pub schema: Value,
    /// What [`Limits::check`] enforces.
    pub limits: Limits,
}

/// Bounds of a value, taken from its schema.
#[derive(Default)]
pub struct Limits {
    min_length: Option<u64>,
    max_length: Option<u64>,
    max_items: Option<u64>,
    min_items: Option<u64>,
    minimum: Option<i64>,
    maximum: Option<i64>,
    pattern: Option<Regex>,
    /// A full date; the reader by itself would also take `2021-1-1`.
    date: bool,
    items: Option<Box<Limits>>,
    properties: Vec<(String, Limits)>,
}

impl Spec {
    /// The fields of `R`, worked out once and kept.
    pub fn of<R: Resource>() -> &'static Spec {
        static MEMO: LazyLock<RwLock<HashMap<TypeId, &'static Spec>>> = LazyLock::new(Default::default);
        let key = TypeId::of::<R>();
        if let Some(spec) = MEMO.read().unwrap_or_else(|e| e.into_inner()).get(&key) {
            return spec;
        }
        MEMO.write()
            .unwrap_or_else(|e| e.into_inner())
            .entry(key)
            .or_insert_with(|| Box::leak(Box::new(Spec::build::<R>())))
    }

    /// The field with this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// The same and its place, looked for from a place on: members mostly come in the order of the fields.
    pub(crate) fn field_from(&self, at: usize, name: &str) -> Option<(usize, &Field)> {
        let turned = self.fields.iter().enumerate();
        turned.clone().skip(at).chain(turned.take(at)).find(|(_, field)| field.name == name)
    }

    fn build<R: Resource>() -> Spec {
        let schema = object_schema::<R>();
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        let fields = properties.into_iter().flatten().map(|(name, schema)| {
            let mut schema = schema.clone();
            if let Some(class) = R::REFERENCES.iter().find(|r| r.field == name)
                && let Some(o) = schema.as_object_mut()
            {
                o.insert("x-references".into(), class.to.into());
            }
            if R::FILES.contains(&name.as_str()) {
                let of = if schema.get("items").is_some() { schema.pointer_mut("/items") } else { Some(&mut schema) };
                of.and_then(Value::as_object_mut).into_iter().for_each(holds_a_file);
            }
            Field {
                required: required.contains(&name.as_str()),
                class: R::CLASSES.iter().find(|c| c.field == name).map_or(FieldClass::Internal, |c| c.class),
                mask: R::CLASSES.iter().find(|c| c.field == name).and_then(|c| c.mask),
                derived: R::DERIVED.contains(&name.as_str()),
                limits: Limits::of(&schema),
                name: name.clone(),
                schema,
            }
        });
        Spec { fields: fields.collect() }
    }
}

/// A text that is the hash of a file.
fn holds_a_file(schema: &mut serde_json::Map<String, Value>) {
    schema.insert("maxLength".into(), 64.into());
    schema.insert("pattern".into(), SHA256.into());
    schema.insert("x-file".into(), true.into());
}

/// The schema of a type as plain JSON: everything inline, no `null`, and a limit on every text and list.
pub fn object_schema<T: utoipa::ToSchema>() -> Value {
    let mut named = vec![];
    T::schemas(&mut named);
    let named: HashMap<String, Value> =
        named.into_iter().map(|(n, s)| (n, serde_json::to_value(s).unwrap_or_default())).collect();
    let mut schema = serde_json::to_value(T::schema()).unwrap_or_default();
    settle(&mut schema, &named);
    schema
}

/// Whether any text will do.
fn free_of_form(schema: &serde_json::Map<String, Value>) -> bool {
    ["pattern", "format", "x-extensible-enum"].iter().all(|word| !schema.contains_key(*word))
}

fn settle(schema: &mut Value, named: &HashMap<String, Value>) {
    // Option<T> comes as ["string", "null"] or as oneOf [null, T]: absence says the same.
    if let Some(Value::Array(choices)) = schema.get("oneOf").or_else(|| schema.get("anyOf"))
        && let Some(real) = choices.iter().find(|c| c.get("type") != Some(&Value::from("null")))
    {
        let mut real = real.clone();
        if let (Some(text), Some(o)) = (schema.get("description"), real.as_object_mut()) {
            o.insert("description".into(), text.clone());
        }
        *schema = real;
    }
    if let Some(target) =
        schema.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next()).and_then(|n| named.get(n))
    {
        let description = schema.get("description").cloned();
        let mut target = target.clone();
        if let (Some(text), Some(o)) = (description, target.as_object_mut()) {
            o.insert("description".into(), text);
        }
        *schema = target;
    }
    let Some(map) = schema.as_object_mut() else { return };
    if let Some(Value::Array(types)) = map.get("type")
        && let Some(real) = types.iter().find(|t| t.as_str() != Some("null")).cloned()
    {
        map.insert("type".into(), real);
    }
    // What the names of members look like is said of the members; not every generator of clients knows the word.
    map.remove("propertyNames");
    // utoipa keeps extensions in a hash map; the contract is compared as text.
    for word in ["x-code-set", "x-extensible-enum"] {
        if let Some(value) = map.shift_remove(word) {
            map.insert(word.into(), value);
        }
    }
    let kind = map.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    if kind == "string" && free_of_form(map) && !map.contains_key("maxLength") {
        map.insert("maxLength".into(), TEXT_MAX.into());
    }
    if kind == "array" && !map.contains_key("maxItems") {
        map.insert("maxItems".into(), ITEMS_MAX.into());
    }
    if let Some(items) = map.get_mut("items") {
        settle(items, named);
        // A list does not grow by a text that says nothing.
        if let Some(text) = items.as_object_mut().filter(|items| items.get("type").is_some_and(|t| t == "string"))
            && free_of_form(text)
        {
            text.entry("minLength").or_insert(1.into());
        }
    }
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        properties.values_mut().for_each(|p| settle(p, named));
    }
}

impl Limits {
    fn of(schema: &Value) -> Limits {
        let number = |k: &str| schema.get(k).and_then(Value::as_u64);
        let bound = |k: &str| schema.get(k).and_then(|v| v.as_i64().or_else(|| v.as_f64().map(|f| f as i64)));
        Limits {
            min_length: number("minLength"),
            max_length: number("maxLength"),
            max_items: number("maxItems"),
            min_items: number("minItems"),
            minimum: bound("minimum"),
            maximum: bound("maximum"),
            // A value type with a pattern of its own reports its own, more telling code when it is read.
            pattern: schema
                .get("pattern")
                .and_then(Value::as_str)
                .filter(|_| schema.get("examples").is_none())
                .and_then(|p| Regex::new(p).ok()),
            date: schema.get("format").and_then(Value::as_str) == Some("date"),
            items: schema.get("items").map(|i| Box::new(Limits::of(i))),
            properties: schema
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(k, s)| (k.clone(), Limits::of(s)))
                .collect(),
        }
    }

    /// Reports where `value` breaks a bound. Wrong types are left to the reader.
    pub fn check(&self, pointer: &str, value: &Value, found: &mut Findings) {
        let mut report = |broken: bool, rule: Rule, name: &'static str, limit: String| {
            if broken {
                found.push(Violation::new(pointer, rule).with(name, limit));
            }
        };
        match value {
            Value::String(text) => {
                let length = text.chars().count() as u64;
                self.max_length.inspect(|max| report(length > *max, Rule::TooLong, "max", max.to_string()));
                self.min_length.inspect(|min| report(length < *min, Rule::TooShort, "min", min.to_string()));
                if self.pattern.as_ref().is_some_and(|p| !p.is_match(text)) {
                    found.error(pointer, Rule::Pattern);
                }
                if self.date && !full_date(text) {
                    found.error(pointer, Rule::DateFormat);
                }
            }
            Value::Number(n) => {
                if let Some(n) = n.as_i64() {
                    self.minimum.inspect(|min| report(n < *min, Rule::TooSmall, "min", min.to_string()));
                    self.maximum.inspect(|max| report(n > *max, Rule::TooLarge, "max", max.to_string()));
                }
            }
            Value::Array(items) => {
                let length = items.len() as u64;
                self.max_items.inspect(|max| report(length > *max, Rule::TooMany, "max", max.to_string()));
                self.min_items.inspect(|min| report(length < *min, Rule::TooFew, "min", min.to_string()));
                if let Some(limits) = &self.items {
                    items
                        .iter()
                        .take(1000)
                        .enumerate()
                        .for_each(|(i, v)| limits.check(&format!("{pointer}/{i}"), v, found));
                }
            }
            Value::Object(map) => {
                for (name, limits) in &self.properties {
                    if let Some(v) = map.get(name) {
                        limits.check(&format!("{pointer}/{name}"), v, found);
                    }
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
}

/// RFC 3339's `full-date`.
fn full_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<crate::NaiveDate>().is_ok_and(|d| d.format("%Y-%m-%d").to_string() == text)
}

/// The schema of a value that is a string in JSON.
macro_rules! text_schema {
    ($t:ty, $example:literal, $pattern:literal, $text:literal) => {
        impl utoipa::PartialSchema for $t {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some($pattern))
                    .description(Some($text))
                    .examples([$example])
                    .into()
            }
        }
        impl utoipa::ToSchema for $t {}
    };
}
pub(crate) use text_schema;
