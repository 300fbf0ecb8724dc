//! Schemas: those of plain types, and the four that each resource has.
use crate::listing::{Expansion, expansions};
use crate::resource::BATCH_LIMIT;
use domain::spec::{Field, object_schema};
use domain::{DivisionCode, Mask, Resource};
use persistence::registry::Kind;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use utoipa::{PartialSchema, ToSchema};

/// A reference to a named schema.
pub fn reference(name: &str) -> Value {
    json!({"$ref": address(name)})
}

fn address(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

/// Registers a plain type under its name, everything inside inline. Answers its name.
pub fn register<T: ToSchema>(schemas: &mut Map<String, Value>) -> String {
    let name = T::name().into_owned();
    schemas.entry(name.clone()).or_insert_with(|| object_schema::<T>());
    name
}

/// Lets a member of a registered schema be another registered schema, by its name.
pub fn member(schemas: &mut Map<String, Value>, owner: &str, field: &str, of: &str) {
    if let Some(place) = schemas.get_mut(owner).and_then(|s| s.pointer_mut("/properties")) {
        place[field] = reference(of);
    }
}

/// Lets the items of a registered schema's list be another registered schema, by its name.
pub fn items(schemas: &mut Map<String, Value>, owner: &str, field: &str, item: &str) {
    if let Some(list) = schemas.get_mut(owner).and_then(|s| s.pointer_mut(&format!("/properties/{field}"))) {
        list["items"] = reference(item);
    }
}

/// Gives what lies inline in a schema its name, where it has one: a client that is generated has one type for it. A
/// schema that nothing refers to then is left out.
pub fn named(schemas: &mut Map<String, Value>, users: [&Value; 2]) {
    let mut known = Known::new();
    for (name, schema) in schemas.iter() {
        if let Some(shape) = schema.as_object().and_then(shape) {
            known.entry(shape).or_default().push((name.clone(), schema.clone()));
        }
    }
    schemas.values_mut().for_each(|schema| inside(schema, &known));
    let used = called(schemas, users);
    schemas.retain(|name, _| used.contains(&address(name)));
}

/// Schemas with their names, by what tells most of them apart at a glance.
type Known = HashMap<(usize, String), Vec<(String, Value)>>;

/// How many members an object has, and the first of them.
fn shape(schema: &Map<String, Value>) -> Option<(usize, String)> {
    let members = schema.get("properties")?.as_object()?;
    Some((members.len(), members.keys().next()?.clone()))
}

/// What refers to a schema.
fn called(schemas: &Map<String, Value>, users: [&Value; 2]) -> HashSet<String> {
    fn collect(value: &Value, all: &mut HashSet<String>) {
        match value {
            Value::Object(members) => match members.get("$ref").and_then(Value::as_str) {
                Some(to) if all.contains(to) => {}
                Some(to) => drop(all.insert(to.to_owned())),
                None => members.values().for_each(|member| collect(member, all)),
            },
            Value::Array(items) => items.iter().for_each(|item| collect(item, all)),
            _ => {}
        }
    }
    let mut all = HashSet::new();
    users.into_iter().chain(schemas.values()).for_each(|value| collect(value, &mut all));
    all
}

/// Refers to known schemas wherever they lie inline in a place.
fn inside(place: &mut Value, known: &Known) {
    let call = |part: &mut Value| {
        let alike = part.as_object().and_then(|members| {
            let mut candidates = known.get(&shape(members)?)?.iter();
            candidates.find(|(_, schema)| alike(members, schema))
        });
        match alike {
            Some((name, schema)) => {
                // What is said of this place stays, beside what is said of the schema.
                let about = part.get("description").filter(|about| schema.get("description") != Some(about)).cloned();
                *part = reference(name);
                if let Some(about) = about {
                    part["description"] = about;
                }
            }
            None => inside(part, known),
        }
    };
    match place {
        Value::Object(members) => members.values_mut().for_each(call),
        Value::Array(items) => items.iter_mut().for_each(call),
        _ => {}
    }
}

/// Whether both are the same but for what is said of them.
fn alike(members: &Map<String, Value>, schema: &Value) -> bool {
    let told = |members: &Map<String, Value>| members.len() - usize::from(members.contains_key("description"));
    members.contains_key("properties")
        && schema.as_object().is_some_and(|schema| {
            told(members) == told(schema)
                && schema.iter().all(|(word, value)| word == "description" || members.get(word) == Some(value))
        })
}

fn plain<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap_or_default()
}

/// Names of a resource's schemas.
pub struct Names {
    /// A record in an answer.
    pub record: String,
    /// A record in a request.
    pub input: String,
    /// A merge patch.
    pub patch: String,
    /// A page.
    pub page: String,
    /// Many records in a request.
    pub batch: String,
}

/// The names for a resource.
pub fn names(kind: &Kind) -> Names {
    let record = pascal(kind.name);
    Names {
        input: format!("{record}Input"),
        patch: format!("{record}Patch"),
        page: format!("{record}Page"),
        batch: format!("{record}Batch"),
        record,
    }
}

/// Registers the schemas of a resource.
pub fn resource(kind: &Kind, schemas: &mut Map<String, Value>) {
    let names = names(kind);
    let spec = (kind.spec)();
    let title = kind.title;
    register::<domain::resource::ExternalRef>(schemas);
    register::<crate::error::Finding>(schemas);
    let external_ref = reference("ExternalRef");
    let id = |text: &str| json!({"type": "string", "format": "uuid", "description": text});
    let instant = |text: &str| json!({"type": "string", "format": "date-time", "description": text});

    let mut record = Map::new();
    record.insert("id".into(), id("UUIDv7"));
    record.insert("division_code".into(), plain::<DivisionCode>());
    record.insert("version".into(), json!({"type": "integer", "format": "int64", "minimum": 1, "description": "Counts the changes from 1; the `ETag` is `\"r{version}\"`"}));
    record.insert("created_at".into(), instant("When it was created"));
    record.insert("updated_at".into(), instant("When it was last changed"));
    record.insert("external_ref".into(), external_ref.clone());
    let mut input = Map::new();
    input.insert("id".into(), id("The client's own id (UUIDv7), for records made offline"));
    input.insert("division_code".into(), plain::<DivisionCode>());
    input.insert("external_ref".into(), external_ref);
    let mut patch = Map::new();
    for field in &spec.fields {
        let mut schema = field.schema.clone();
        schema["x-field-class"] = field.class.as_str().into();
        if kind.machine.is_some_and(|name| name == field.name) {
            schema["x-machine"] = true.into();
        }
        let mut nullable = schema.clone();
        if !field.required {
            nullable["type"] = json!([schema["type"], "null"]);
        }
        let mut shown = schema.clone();
        if let Some(shown) = shown.as_object_mut().filter(|_| field.mask.is_some_and(Mask::stars)) {
            // What a caller sees of it may be a mask, which has another form.
            shown.remove("pattern");
        }
        if field.derived {
            shown["readOnly"] = true.into();
            record.insert(field.name.clone(), shown);
            continue;
        }
        record.insert(field.name.clone(), shown);
        input.insert(field.name.clone(), schema);
        patch.insert(field.name.clone(), nullable);
    }
    record.insert("masked".into(), json!({"type": "array", "items": {"type": "string", "maxLength": 100}, "maxItems": 100, "description": "Fields that have a value the caller does not see"}));
    record.insert("warnings".into(), json!({"type": "array", "items": reference("Finding"), "maxItems": 1000, "description": "In the answer to a write: what the checks found doubtful"}));
    if let Some(expanded) = expanded(kind) {
        record.insert("expanded".into(), expanded);
    }
    let given: Vec<&str> = spec.fields.iter().filter(|f| f.required).map(|f| f.name.as_str()).collect();
    let shown: Vec<&str> = ["id", "division_code", "version", "created_at", "updated_at"]
        .into_iter()
        .chain(spec.fields.iter().filter(|f| f.required && !may_be_absent(f)).map(|f| f.name.as_str()))
        .collect();
    let object = |text: String, properties: Map<String, Value>, required: &[&str]| {
        let mut schema =
            json!({"type": "object", "description": text, "properties": properties, "additionalProperties": false});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema
    };
    let about = |what: &str| format!("{} {}: {what}", title.0, title.1);
    schemas.insert(names.record.clone(), {
        // An answer may grow: a client must not refuse a field it does not know.
        let mut schema = object(about("a record"), record, &shown);
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("additionalProperties");
        }
        schema
    });
    schemas.insert(names.input.clone(), object(about("a record to create, or to put in place of one"), input, &given));
    schemas.insert(names.patch, object(about("a JSON merge patch; null clears a field"), patch, &[]));
    let batch =
        json!({"items": {"type": "array", "minItems": 1, "maxItems": BATCH_LIMIT, "items": reference(&names.input)}})
            .as_object()
            .cloned()
            .unwrap_or_default();
    schemas.insert(names.batch, object(about("records to create, all or none"), batch, &["items"]));
    schemas.insert(names.page, page(&about("a page"), reference(&names.record)));
}

/// Whether a reader who may not see the field may find it left out.
fn may_be_absent(field: &Field) -> bool {
    field.mask.is_some_and(|mask| mask == Mask::Drop || field.schema["type"] != "string")
}

/// A page of items.
pub fn page(text: &str, items: Value) -> Value {
    json!({
        "type": "object", "description": text, "required": ["items"],
        "properties": {
            "items": {"type": "array", "maxItems": BATCH_LIMIT, "items": items},
            "next_page_token": {"type": "string", "maxLength": 2000, "description": "For the page after this one; absent on the last"},
            "count": {"type": "integer", "format": "int64", "minimum": 0, "description": "All that the conditions meet, with `count=exact`"},
        },
    })
}

/// What `expand` may put beside a record.
fn expanded(kind: &Kind) -> Option<Value> {
    let mut properties = Map::new();
    for expansion in expansions(kind.path) {
        let (name, schema) = match expansion {
            Expansion::One(_, name, kind) => (name.to_owned(), reference(&pascal(kind.name))),
            Expansion::Many(kind, _) => (
                kind.path.replace('-', "_"),
                json!({"type": "array", "maxItems": crate::listing::MAX_EXPANDED, "items": reference(&pascal(kind.name))}),
            ),
        };
        properties.insert(name, schema);
    }
    (!properties.is_empty())
        .then(|| json!({"type": "object", "description": "What `expand` asked for", "properties": properties}))
}

/// `CadreTransfer` for `cadre_transfer`.
pub fn pascal(name: &str) -> String {
    name.split('_')
        .flat_map(|word| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)))
        .collect()
}

/// A record of `R` as an answer shows it.
pub fn example<R: Resource>() -> Value {
    let division: domain::Uuid = domain::Uuid::from_u128(0x0192_f0c1_7a3b_7cc2_9a53_0d7a_5f7a_1c01);
    let meta = domain::Meta {
        id: division,
        division_code: DivisionCode::parse("371722").unwrap_or_else(|| unreachable!("six digits")),
        version: 1,
        created_at: Default::default(),
        updated_at: Default::default(),
        deleted_at: None,
        external_ref: None,
    };
    shown(domain::Record { meta, data: R::example() }.view(domain::FieldClass::Personal))
}

fn shown(view: serde_json::Result<domain::View>) -> Value {
    let mut record = json!({
        "id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "division_code": "371722", "version": 1,
        "created_at": "2026-09-29T08:20:00.000Z", "updated_at": "2026-09-29T08:20:00.000Z",
    });
    if let (Some(record), Ok(Value::Object(shown))) = (record.as_object_mut(), view.map(domain::View::into_value)) {
        for (name, value) in shown {
            record.entry(name).or_insert(value);
        }
    }
    record
}

/// A record of `R` as a request gives it.
pub fn example_input<R: Resource>() -> Value {
    let mut input = json!({"division_code": "371722"});
    if let Some(input) = input.as_object_mut() {
        input.extend(domain::input::to_map(&R::example()));
        input.retain(|name, _| !R::DERIVED.contains(&name.as_str()));
    }
    input
}
