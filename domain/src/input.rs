//! From a JSON body to a typed record, with every field error at once.
//!
//! serde stops at the first error. So the fast path is plain serde, and only when it fails is each
//! field tried alone: put into a copy of the resource's example, which is known to be good, it is the
//! only thing that can fail. Lengths, ranges and patterns come from the published schema
//! ([`Spec`]), so that the contract and the check cannot differ.
use crate::catalogue::Rule;
use crate::resource::{ExternalRef, Mask, Resource};
use crate::spec::Spec;
use crate::violations::{Findings, Violation};
use crate::{DivisionCode, Uuid};
use serde::de::value::MapDeserializer;
use serde_json::{Map, Value};

/// Fields of every record that the server keeps itself.
pub const SERVER_FIELDS: &[&str] = &["version", "created_at", "updated_at", "masked", "warnings", "expanded"];
/// Fields of every record that a client may give when it creates one.
pub const CREATE_FIELDS: &[&str] = &["id", "division_code", "external_ref"];

/// A serde error that carries a catalogue code instead of prose; the reader takes it apart again.
pub fn refuse<E: serde::de::Error>(rule: Rule, args: &[(&'static str, &str)]) -> E {
    let args: String = args.iter().map(|(k, v)| format!("\u{1f}{k}={v}")).collect();
    E::custom(format_args!("\u{1e}{}{args}\u{1e}", rule.code()))
}

/// Turns a serde error about one field into a finding. The value itself is never quoted.
fn read_error(pointer: String, error: &str) -> Violation {
    if let Some(marked) = error.split('\u{1e}').nth(1) {
        let mut parts = marked.split('\u{1f}');
        let rule = parts.next().and_then(Rule::parse).unwrap_or(Rule::WrongType);
        return parts.filter_map(|p| p.split_once('=')).fold(Violation::new(pointer, rule), |v, (k, value)| match k {
            "set" => v.with("set", value),
            _ => v,
        });
    }
    if let Some(field) = error.strip_prefix("missing field `").and_then(|r| r.split('`').next()) {
        return Violation::new(format!("{pointer}/{field}"), Rule::Required);
    }
    if let Some(field) = error.strip_prefix("unknown field `").and_then(|r| r.split('`').next()) {
        // The path ends with the field already, where the map was read key by key.
        let last = format!("/{}", escape(field));
        let pointer = if pointer.ends_with(&last) { pointer } else { format!("{pointer}{last}") };
        return Violation::new(pointer, Rule::UnknownField);
    }
    if error.contains("UUID") {
        return Violation::new(pointer, Rule::InvalidUuid);
    }
    if error.contains("input contains invalid characters")
        || error.contains("premature end of input")
        || error.contains("input is out of range")
    {
        return Violation::new(pointer, Rule::DateFormat);
    }
    let expected =
        error.rsplit_once("expected ").map_or("another type", |(_, e)| e.split(" at line").next().unwrap_or(e));
    Violation::new(pointer, Rule::WrongType).with("expected", expected)
}

/// Reads one typed value; the finding points below `pointer`.
fn read<T: serde::de::DeserializeOwned>(pointer: &str, value: Value) -> Result<T, Violation> {
    serde_path_to_error::deserialize(value).map_err(|e| {
        let mut at = pointer.to_owned();
        for segment in e.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => at.push_str(&format!("/{index}")),
                Segment::Map { key } => at.push_str(&format!("/{}", escape(key))),
                Segment::Enum { .. } | Segment::Unknown => {}
            }
        }
        read_error(at, &e.inner().to_string())
    })
}

/// Reads a body that is not a resource's.
///
/// # Errors
/// The finding about the first field that does not fit.
pub fn typed<T: serde::de::DeserializeOwned>(body: Value) -> Result<T, Findings> {
    let mut found = Findings::default();
    check_text("", &body, &mut found);
    match read::<T>("", body) {
        Ok(value) if found.errors.is_empty() => Ok(value),
        Ok(_) => Err(found),
        Err(violation) => {
            found.push(violation);
            Err(found)
        }
    }
}

/// Escapes one token of a JSON pointer.
pub fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// A record as a client gives it: its fields, and the few of the common ones that are the client's to give.
#[derive(Debug, Clone)]
pub struct Draft<R> {
    /// The client's own id, for records made offline.
    pub id: Option<Uuid>,
    /// The division the record belongs to; the caller's own by default.
    pub division_code: Option<DivisionCode>,
    /// Where it came from.
    pub external_ref: Option<ExternalRef>,
    /// The resource's fields.
    pub data: R,
    /// What the checks found worth a warning.
    pub warnings: Vec<Violation>,
}

/// Reads a whole record from a request body.
///
/// # Errors
/// All findings about all fields, when there is at least one error.
pub fn draft<R: Resource>(body: Value) -> Result<Draft<R>, Findings> {
    draft_of(&object(body)?)
}

/// The same from a body's members.
///
/// # Errors
/// As [`draft`].
pub fn draft_of<R: Resource>(fields: &Map<String, Value>) -> Result<Draft<R>, Findings> {
    let mut found = Findings::default();
    let take = |name: &str| fields.get(name).filter(|v| !v.is_null()).cloned();
    let (id, division, external) = (take("id"), take("division_code"), take("external_ref"));
    let common = |found: &mut Findings, v: Violation| found.push(v);
    let id = id.and_then(|v| read::<Uuid>("/id", v).map_err(|e| common(&mut found, e)).ok());
    let division_code =
        division.and_then(|v| read::<DivisionCode>("/division_code", v).map_err(|e| common(&mut found, e)).ok());
    let external_ref = external.and_then(|v| {
        check_text("/external_ref", &v, &mut found);
        read::<ExternalRef>("/external_ref", v).map_err(|e| common(&mut found, e)).ok()
    });
    if let Some(e) = &external_ref {
        check_external(e, &mut found);
    }
    let data = match quick::<R>(fields) {
        Some(mut data) => {
            data.check(&mut found);
            Some(data)
        }
        None => {
            let own = fields.iter().filter(|(name, _)| !CREATE_FIELDS.contains(&name.as_str()));
            fields_of::<R>(own.map(|(name, value)| (name.clone(), value.clone())).collect(), &mut found)
        }
    };
    match data {
        Some(data) if found.errors.is_empty() => {
            Ok(Draft { id, division_code, external_ref, data, warnings: found.warnings })
        }
        _ => Err(found),
    }
}

/// The lengths of an id in another system.
pub fn check_external(of: &ExternalRef, found: &mut Findings) {
    for (name, text) in [("system", &of.system), ("id", &of.id)] {
        let length = text.chars().count();
        if length == 0 || length > 100 {
            let rule = if length == 0 { Rule::Required } else { Rule::TooLong };
            found.push(Violation::new(format!("/external_ref/{name}"), rule).with("max", 100));
        }
    }
}

/// Reads a good record in one pass and without a copy of it. Nothing where anything at all is wrong with its form:
/// what that is, the slow way finds out.
fn quick<R: Resource>(fields: &Map<String, Value>) -> Option<R> {
    let spec = Spec::of::<R>();
    let (mut found, mut next, mut required) = (Findings::default(), 0, 0);
    let mut own = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        if CREATE_FIELDS.contains(&name.as_str()) {
            continue;
        }
        let (at, field) = spec.field_from(next, name)?;
        next = at + 1;
        if value.is_null() {
            continue;
        }
        if field.derived {
            return None;
        }
        let masked = field.mask.is_some_and(Mask::stars) && value.as_str().is_some_and(|text| text.contains('*'));
        if masked || !is_clean(value) {
            return None;
        }
        field.limits.check(&field.name, value, &mut found);
        if !found.errors.is_empty() {
            return None;
        }
        required += usize::from(field.required);
        own.push((name.as_str(), value));
    }
    if required < spec.fields.iter().filter(|field| field.required).count() {
        return None;
    }
    R::deserialize(MapDeserializer::<_, serde_json::Error>::new(own.into_iter())).ok()
}

/// Applies a JSON merge patch (RFC 7396) to a record. With a `mask`, only the fields it lists change,
/// and a listed field that is absent from the patch is cleared.
///
/// # Errors
/// All findings about all fields of the result, when there is at least one error.
pub fn patched<R: Resource>(
    current: &R,
    patch: Value,
    mask: Option<&[String]>,
) -> Result<(R, Vec<Violation>), Findings> {
    let mut patch = object(patch)?;
    let mut found = Findings::default();
    if let Some(mask) = mask {
        patch.retain(|k, _| mask.iter().any(|m| m == k));
        for name in mask {
            if !patch.contains_key(name) {
                patch.insert(name.clone(), Value::Null);
            }
        }
    }
    let spec = Spec::of::<R>();
    for name in patch.keys() {
        if SERVER_FIELDS.contains(&name.as_str()) || CREATE_FIELDS.contains(&name.as_str()) || derived::<R>(name) {
            found.error(escape_pointer(name), Rule::ReadOnly);
        } else if spec.field(name).is_none() {
            found.error(escape_pointer(name), Rule::UnknownField);
        }
    }
    let mut fields = to_map(current);
    check_masked::<R>(&patch, &mut found);
    merge(&mut fields, patch);
    // What the patch did wrong is listed already; look at the rest of the record without it.
    fields.retain(|k, _| spec.field(k).is_some());
    match read_fields::<R>(fields, &mut found) {
        Some(data) if found.errors.is_empty() => Ok((data, found.warnings)),
        _ => Err(found),
    }
}

/// The fields of a record as a JSON object, absent ones left out.
pub fn to_map<R: Resource>(data: &R) -> Map<String, Value> {
    match serde_json::to_value(data) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Whether the server works the field out.
fn derived<R: Resource>(name: &str) -> bool {
    R::DERIVED.contains(&name)
}

fn escape_pointer(name: &str) -> String {
    format!("/{}", escape(name))
}

fn object(body: Value) -> Result<Map<String, Value>, Findings> {
    match body {
        Value::Object(map) => Ok(map),
        _ => {
            let mut found = Findings::default();
            found.push(Violation::new("", Rule::WrongType).with("expected", "a JSON object"));
            Err(found)
        }
    }
}

fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (key, value) in patch {
        match value {
            Value::Null => {
                target.remove(&key);
            }
            Value::Object(inner) => match target.get_mut(&key) {
                Some(Value::Object(old)) => merge(old, inner),
                _ => {
                    let mut fresh = Map::new();
                    merge(&mut fresh, inner);
                    target.insert(key, Value::Object(fresh));
                }
            },
            other => {
                target.insert(key, other);
            }
        }
    }
}

/// Field names, then form, then the resource's own check.
fn fields_of<R: Resource>(mut fields: Map<String, Value>, found: &mut Findings) -> Option<R> {
    let spec = Spec::of::<R>();
    for name in fields.keys() {
        if SERVER_FIELDS.contains(&name.as_str()) || derived::<R>(name) {
            found.error(escape_pointer(name), Rule::ReadOnly);
        } else if spec.field(name).is_none() {
            found.error(escape_pointer(name), Rule::UnknownField);
        }
    }
    fields.retain(|name, value| spec.field(name).is_some() && !value.is_null());
    check_masked::<R>(&fields, found);
    read_fields(fields, found)
}

fn read_fields<R: Resource>(fields: Map<String, Value>, found: &mut Findings) -> Option<R> {
    let spec = Spec::of::<R>();
    for field in &spec.fields {
        match fields.get(&field.name) {
            Some(value) => {
                let pointer = escape_pointer(&field.name);
                check_text(&pointer, value, found);
                field.limits.check(&pointer, value, found);
            }
            None if field.required => found.error(escape_pointer(&field.name), Rule::Required),
            None => {}
        }
    }
    if !found.errors.is_empty() {
        probe::<R>(&fields, found);
        return None;
    }
    match R::deserialize(&fields) {
        Ok(mut data) => {
            data.check(found);
            Some(data)
        }
        Err(_) => {
            probe::<R>(&fields, found);
            None
        }
    }
}

/// Tries each field alone on the resource's example, so that one bad field hides no other.
fn probe<R: Resource>(fields: &Map<String, Value>, found: &mut Findings) {
    let good = to_map(&R::example());
    for (name, value) in fields {
        let pointer = escape_pointer(name);
        let within = |at: &str| at.strip_prefix(pointer.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'));
        if found.errors.iter().any(|e| within(&e.pointer)) {
            continue;
        }
        let mut map = good.clone();
        map.insert(name.clone(), value.clone());
        if let Err(violation) = read::<R>("", Value::Object(map)) {
            found.push(violation);
        }
    }
}

/// No control characters in any text: PostgreSQL cannot store NUL, and no name or address has any.
fn check_text(pointer: &str, value: &Value, found: &mut Findings) {
    if is_clean(value) {
        return;
    }
    match value {
        Value::String(_) => found.error(pointer, Rule::ControlCharacter),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| check_text(&format!("{pointer}/{i}"), v, found))
        }
        Value::Object(map) => map.iter().for_each(|(k, v)| {
            if k.chars().any(char::is_control) {
                found.error(pointer, Rule::ControlCharacter);
            }
            check_text(&format!("{pointer}/{}", escape(k)), v, found);
        }),
        _ => {}
    }
}

/// Whether [`check_text`] would find nothing.
pub(crate) fn is_clean(value: &Value) -> bool {
    // Control characters are single bytes, or begin with this one.
    let suspect = |b: u8| b < 0x20 || b == 0x7f || b == 0xc2;
    match value {
        Value::String(s) => !s.bytes().any(suspect) || !s.chars().any(|c| c.is_control() && c != '\n' && c != '\t'),
        Value::Array(items) => items.iter().all(is_clean),
        Value::Object(map) => {
            map.iter().all(|(k, v)| (!k.bytes().any(suspect) || !k.chars().any(char::is_control)) && is_clean(v))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A masked value that a client read and sends back would destroy the real one.
fn check_masked<R: Resource>(fields: &Map<String, Value>, found: &mut Findings) {
    for class in R::CLASSES.iter().filter(|c| c.mask.is_some_and(Mask::stars)) {
        if let Some(Value::String(s)) = fields.get(class.field)
            && s.contains('*')
        {
            found.error(class.field, Rule::MaskedValue);
        }
    }
}
