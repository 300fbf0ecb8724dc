//! Holds every answer against the server's own `/openapi.json`, and remembers what was seen of it.
//!
//! Stricter than OpenAPI in two ways: a status counts as documented only if the operation lists it (`default` would
//! excuse anything), and an object accepts the fields it lists and no others. The second is sound because the
//! contract has no `allOf`: each object schema is complete by itself.

use std::{
    collections::{BTreeSet, HashMap},
    env, fs,
    sync::{Arc, Mutex, OnceLock},
};

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

use super::{
    Engine,
    client::{Client, Remote},
    response::Response,
};

/// The name under which the schemas refer to each other.
const DOCUMENT: &str = "urn:laogan:openapi";

/// Operation and status.
type Pairs = BTreeSet<(String, u16)>;

static CONTRACTS: [OnceLock<Contract>; 2] = [OnceLock::new(), OnceLock::new()];
static SEEN: Mutex<Pairs> = Mutex::new(Pairs::new());
static DOCUMENTED: Mutex<Pairs> = Mutex::new(Pairs::new());

/// A contract that is ready to judge.
pub struct Contract {
    document: Value,
    operations: Vec<Operation>,
    registry: Registry<'static>,
    /// By the text of the schema: most operations share theirs.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
    problem_codes: BTreeSet<String>,
    /// What passes counts for the report; the harness's own tests do not.
    counts: bool,
}

/// One operation of the contract.
pub struct Operation {
    /// In capitals.
    pub method: String,
    /// The whole path with its `{parameters}`.
    pub path: String,
    pub id: String,
    /// As it stands in the contract.
    pub definition: Value,
}

impl Contract {
    /// The contract of the server under test, read once per process and engine.
    pub fn of(engine: Engine, remote: &Remote) -> &'static Self {
        CONTRACTS[engine as usize].get_or_init(|| {
            let document = remote.fetch("/openapi.json").unwrap_or_else(|error| panic!("/openapi.json: {error}"));
            let mut contract = Self::new(document);
            contract.counts = true;
            if contract.problem_codes.is_empty() {
                let catalogue = remote.fetch("/api/v1/problems?limit=500").unwrap_or_default();
                contract.problem_codes = codes(&catalogue["items"], |item| &item["code"]);
            }
            let statuses = |operation: &Operation| {
                let responses = operation.definition["responses"].as_object().cloned().unwrap_or_default();
                let id = operation.id.clone();
                responses.into_iter().filter_map(move |(status, _)| Some((id.clone(), status.parse().ok()?)))
            };
            DOCUMENTED.lock().unwrap().extend(contract.operations.iter().flat_map(statuses));
            contract
        })
    }

    /// A contract from its text.
    pub fn new(document: Value) -> Self {
        let mut schemas = document["components"]["schemas"].clone();
        schemas.as_object_mut().into_iter().flatten().for_each(|(_, schema)| close(schema));
        let registry = Registry::new()
            .add(DOCUMENT, json!({"components": {"schemas": schemas}}))
            .and_then(|registry| registry.prepare())
            .unwrap_or_else(|error| panic!("the schemas of the contract: {error}"));
        let code = &document["components"]["schemas"]["Problem"]["properties"]["code"];
        let mut problem_codes = codes(&code["enum"], |value| value);
        problem_codes.extend(codes(&code["x-extensible-enum"], |value| value));
        let operations = operations(&document);
        Self { document, operations, registry, validators: Mutex::default(), problem_codes, counts: false }
    }

    /// The whole document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// All operations: for tests that walk through the contract.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation that answers to this method and path; a literal segment goes before a parameter.
    pub fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        self.operations
            .iter()
            .filter(|operation| operation.method == method && matches(&operation.path, path))
            .min_by_key(|operation| operation.path.split('/').map(is_parameter).collect::<Vec<_>>())
    }

    /// What is wrong with this answer, if anything is.
    pub fn check(&self, response: &Response) -> Result<(), String> {
        let path = response.path.split('?').next().unwrap_or_default();
        let method = response.method.as_str();
        let Some(operation) = self.operation(if method == "HEAD" { "GET" } else { method }, path) else {
            return self.check_unknown(method, path, response);
        };
        let documented = &operation.definition["responses"][response.status.to_string()];
        let documented = self.resolve(documented);
        if documented.is_null() {
            return Err(format!("{} documents no status {}", operation.id, response.status));
        }
        if self.counts {
            SEEN.lock().unwrap().insert((operation.id.clone(), response.status));
        }
        self.check_body(&documented["content"], response).map_err(|error| format!("{}: {error}", operation.id))
    }

    /// Outside the contract there is nothing to hold an answer against, except that `/api` has nothing undocumented.
    fn check_unknown(&self, method: &str, path: &str, response: &Response) -> Result<(), String> {
        let known_path = self.operations.iter().any(|operation| matches(&operation.path, path));
        if method == "OPTIONS" || !(known_path || path.starts_with("/api/")) {
            return Ok(());
        }
        if !matches!(response.status, 404 | 405) {
            return Err(format!("{method} {path} is not in the contract"));
        }
        let schema = match &self.document["components"]["schemas"]["Problem"] {
            Value::Null => json!({}),
            _ => json!({"$ref": "#/components/schemas/Problem"}),
        };
        self.check_body(&json!({"application/problem+json": {"schema": schema}}), response)
    }

    fn check_body(&self, content: &Value, response: &Response) -> Result<(), String> {
        let media_types = content.as_object().filter(|types| !types.is_empty());
        if response.method == "HEAD" || matches!(response.status, 204 | 304) || media_types.is_none() {
            let empty = response.body.is_empty();
            return if empty { Ok(()) } else { Err("there must be no body".into()) };
        }
        let kind = response.content_type();
        let documented = |name: &str| name.split(';').next().unwrap_or_default().trim() == kind;
        let Some((_, media)) = media_types.into_iter().flatten().find(|(name, _)| documented(name)) else {
            return Err(format!("the content type {kind:?} is not documented for {}", response.status));
        };
        let compressed = response.header("content-encoding").is_some_and(|encoding| encoding != "identity");
        if response.streaming || compressed {
            return Ok(());
        }
        if response.body.is_empty() && !kind.ends_with("ndjson") {
            return Err(format!("there must be a body of {kind}"));
        }
        if kind == "application/x-ndjson" {
            for (number, line) in response.text().lines().enumerate() {
                self.check_json(&media["schema"], line.as_bytes())
                    .map_err(|error| format!("line {}: {error}", number + 1))?;
            }
        } else if kind == "application/json" || kind.ends_with("+json") {
            let value = self.check_json(&media["schema"], &response.body)?;
            let code = value["code"].as_str().unwrap_or_default();
            if kind == "application/problem+json" && !self.problem_codes.contains(code) {
                return Err(format!("the problem code {code:?} is neither in the contract nor in the catalogue"));
            }
        }
        Ok(())
    }

    fn check_json(&self, schema: &Value, text: &[u8]) -> Result<Value, String> {
        let value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if !schema.is_null() {
            let validator = self.validator(schema)?;
            let clip = |text: String| text.chars().take(400).collect::<String>();
            let describe = |error: jsonschema::ValidationError<'_>| {
                let place = error.instance_path().to_string();
                let place = if place.is_empty() { "the whole body".into() } else { place };
                format!("{place}: {}", clip(error.to_string()))
            };
            let errors: Vec<String> = validator.iter_errors(&value).take(5).map(describe).collect();
            if !errors.is_empty() {
                return Err(errors.join("\n"));
            }
        }
        Ok(value)
    }

    fn validator(&self, schema: &Value) -> Result<Arc<Validator>, String> {
        let key = schema.to_string();
        if let Some(validator) = self.validators.lock().unwrap().get(&key) {
            return Ok(validator.clone());
        }
        let mut closed = schema.clone();
        close(&mut closed);
        anchor(&mut closed);
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry)
            .should_validate_formats(true)
            .build(&closed)
            .map_err(|error| format!("the contract has a schema that does not compile: {error}"))?;
        let validator = Arc::new(validator);
        self.validators.lock().unwrap().insert(key, validator.clone());
        Ok(validator)
    }

    /// A shared response may stand in the components.
    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
            Some(pointer) => self.document.pointer(pointer).unwrap_or(&Value::Null),
            None => value,
        }
    }
}

impl Remote {
    /// Reads a document without asking the contract, which may not be there yet.
    fn fetch(&self, path: &str) -> Result<Value, String> {
        let remote = Self::other(&self.base(), None);
        let response = Client::anonymous(&remote).request("GET", path).try_send()?;
        if response.status == 200 { Ok(response.json().clone()) } else { Err(response.to_string()) }
    }
}

/// One line on how much of the contract was exercised. With `LAOGAN_CONTRACT_REPORT=FILE` the file lists each pair.
pub fn coverage() -> String {
    let (seen, documented) = (SEEN.lock().unwrap(), DOCUMENTED.lock().unwrap());
    if documented.is_empty() {
        return "Contract: no server was asked.".into();
    }
    let operations = |pairs: &Pairs| pairs.iter().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>().len();
    if let Some(file) = env::var_os("LAOGAN_CONTRACT_REPORT") {
        let mark = |pair: &(String, u16)| if seen.contains(pair) { "seen " } else { "never" };
        let lines = documented.iter().map(|pair| format!("{} {} {}\n", mark(pair), pair.0, pair.1));
        fs::write(file, lines.collect::<String>()).expect("write the contract report");
    }
    format!(
        "Contract: {} of {} documented (operation, status) pairs seen, {} of {} operations.",
        seen.len(),
        documented.len(),
        operations(&seen),
        operations(&documented),
    )
}

fn operations(document: &Value) -> Vec<Operation> {
    // The paths of the document may be relative to a base path.
    let server = document["servers"][0]["url"].as_str().unwrap_or_default();
    let after_host = server.split_once("://").map_or(server, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let prefix = after_host.trim_end_matches('/');
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let methods = ["get", "put", "post", "delete", "patch", "head", "options"];
        for (method, definition) in item.as_object().into_iter().flatten() {
            if methods.contains(&method.as_str()) {
                let method = method.to_uppercase();
                let id = definition["operationId"].as_str().map_or(format!("{method} {path}"), str::to_owned);
                operations.push(Operation {
                    method,
                    path: format!("{prefix}{path}"),
                    id,
                    definition: definition.clone(),
                });
            }
        }
    }
    operations
}

fn matches(template: &str, path: &str) -> bool {
    let (mut left, mut right) = (template.split('/'), path.split('/'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(name), Some(value)) if name == value || is_parameter(name) && !value.is_empty() => {}
            _ => return false,
        }
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.contains('{')
}

fn codes<'a>(list: &'a Value, code: impl Fn(&'a Value) -> &'a Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(|item| Some(code(item).as_str()?.to_owned())).collect()
}

/// Lets no object accept more than it lists. Walks through schemas only, not through examples and defaults.
fn close(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    if object.contains_key("properties") && !object.contains_key("additionalProperties") {
        object.insert("additionalProperties".into(), json!(false));
    }
    for (keyword, value) in object.iter_mut() {
        match keyword.as_str() {
            "properties" | "patternProperties" | "$defs" => {
                value.as_object_mut().into_iter().flatten().for_each(|(_, schema)| close(schema));
            }
            "items" | "additionalProperties" => close(value),
            "prefixItems" | "anyOf" | "oneOf" => value.as_array_mut().into_iter().flatten().for_each(close),
            _ => {}
        }
    }
}

/// Points the references of a schema that stands alone to the document it came from.
fn anchor(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(target)) = object.get_mut("$ref")
                && target.starts_with('#')
            {
                target.insert_str(0, DOCUMENT);
            }
            object.values_mut().for_each(anchor);
        }
        Value::Array(items) => items.iter_mut().for_each(anchor),
        _ => {}
    }
}
