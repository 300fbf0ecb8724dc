//! Steps: `POST /{resource}/{id}/{verb}`.
#![expect(clippy::indexing_slicing, reason = "JSON objects: a key that is missing is made")]
use super::made::{self, Made, Of};
use crate::contract::operation::of;
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::extract::{IdempotencyKey, OptionalJson, Permit, Preconditions, Prefer, Update};
use crate::routes::{BASE, Routes};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::machine::Transition;
use domain::policy::Action;
use domain::{Code, Machine, Problem, Resource, Rule, Uuid, Violation};
use persistence::registry::{self, Kind};
use persistence::write::Expect;
use persistence::{Store, Tx, steps};
use serde_json::{Map, Value, json};

/// `POST /{resource}/{id}/{verb}`
pub async fn act<R: Store>(
    permit: Permit<R, Update>,
    id: web::Path<Uuid>,
    prefer: Prefer,
    expect: Preconditions,
    key: IdempotencyKey,
    req: HttpRequest,
    body: OptionalJson,
) -> Result<HttpResponse> {
    let verb = req.path().rsplit('/').next().unwrap_or_default().to_owned();
    let expected = match expect.0 {
        Expect::Version(version) => Some(version),
        Expect::Unsaid => None,
        Expect::Absent => return Err(ApiError::parameter("If-None-Match", Rule::Pattern)),
    };
    let key = key.bind(&permit, "POST", &body.bytes);
    let wrong = || Violation::new("", Rule::WrongType).with("expected", "a JSON object");
    let fields = match body.value {
        Value::Object(fields) => fields,
        _ => return Err(ApiError::of(Problem::ValidationFailed, vec![wrong()])),
    };
    let (scope, id, remembered) = (permit.scope(), *id, key.clone());
    let work = move |tx: &mut Tx<'_>| {
        let made = steps::act::<R>(tx, &scope, id, expected, (&verb, fields), remembered)?;
        Ok(made.map(|made| Made::new(StatusCode::OK, made)))
    };
    made::write(&permit, Of::resource::<R>(), prefer, key, Box::new(work)).await
}

/// Mounts and documents the steps of a resource.
pub fn routes<R: Store>(r: &mut Routes) {
    let Some(machine) = R::MACHINE else { return };
    for verb in machine.verbs() {
        let steps: Vec<_> = machine.transitions.iter().filter(|t| t.verb == verb).collect();
        let Some(first) = steps.first() else { continue };
        let step = Taken {
            kind: registry::of::<R>(),
            verb,
            title: first.title,
            says: steps.iter().map(|t| told(machine, t)).collect::<Vec<_>>().join("\n\n"),
            transitions: steps.iter().map(|t| json!({"from": t.from, "to": t.to})).collect(),
            sets: steps.iter().flat_map(|t| t.terms.sets).copied().collect(),
            example: example::<R>(machine, first),
        };
        let operation = step.operation(&mut r.contract.schemas);
        r.add("POST", &format!("{BASE}/{}/{{id}}/{verb}", R::PATH), act::<R>, operation);
    }
}

/// What the contract says of a verb. Nothing here is compiled for each resource.
struct Taken {
    kind: &'static Kind,
    verb: &'static str,
    title: (&'static str, &'static str),
    says: String,
    transitions: Value,
    /// The fields that its steps take.
    sets: Vec<&'static str>,
    /// A record after it.
    example: Value,
}

impl Taken {
    fn operation(self, schemas: &mut Map<String, Value>) -> Operation {
        let body = self.body_schema(schemas);
        let names = schemas::names(self.kind);
        let record =
            json!({"application/json": {"schema": schemas::reference(&names.record), "example": self.example}});
        let (zh, en) = self.title;
        of(self.kind, &self.verb.replace('-', "_"), Action::Update, zh, en)
            .says(self.says)
            .extension("x-transitions", self.transitions)
            .id_in_path()
            .header(
                "If-Match",
                false,
                "The `ETag` of the record as the caller knows it; 412 where it has changed",
                "\"r17\"",
            )
            .header(
                "Idempotency-Key",
                false,
                "The same key and body give the first answer again",
                "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01",
            )
            .header(
                "Prefer",
                false,
                "`dry-run`: check everything, change nothing; `return=minimal`: answer without the record",
                "dry-run",
            )
            .optional_body(&body, json!({}))
            .responds(
                200,
                "The record in its new state",
                Some(record),
                &["ETag", "Preference-Applied", "Idempotency-Replayed"],
            )
            .silent(204, "Done, with `return=minimal`", &["ETag", "Preference-Applied", "Idempotency-Replayed"])
            .fails(&[Problem::WrongState, Problem::PreconditionFailed, Problem::IdempotencyKeyReused])
    }

    fn body_schema(&self, schemas: &mut Map<String, Value>) -> String {
        let spec = (self.kind.spec)();
        let mut properties = Map::new();
        for name in &self.sets {
            if let Some(field) = spec.field(name) {
                let mut schema = field.schema.clone();
                schema["x-field-class"] = field.class.as_str().into();
                properties.insert((*name).to_owned(), schema);
            }
        }
        let name = schemas::pascal(&format!("{}_{}", self.kind.name, self.verb.replace('-', "_")));
        let text = format!("{}: what comes with the step {}", self.kind.title.1, self.verb);
        let schema =
            json!({"type": "object", "description": text, "properties": properties, "additionalProperties": false});
        schemas.insert(name.clone(), schema);
        name
    }
}

/// A step in words.
fn told<R>(machine: &Machine<R>, t: &Transition<R>) -> String {
    let state = |code: &str| format!("`{code}` {}", (machine.label)(code).0);
    let from: Vec<String> = t.from.iter().map(|s| state(s)).collect();
    let mut text = format!("{} → {}.", from.join(" | "), state(t.to));
    let list = |names: &[&str]| names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if !t.terms.needs.is_empty() {
        text.push_str(&format!(" Needs {}.", list(t.terms.needs)));
    }
    if !t.terms.who.is_empty() {
        text.push_str(&format!(" Only {}.", list(&t.terms.who.iter().map(|r| r.as_str()).collect::<Vec<_>>())));
    }
    if let Some((rule, verb)) = t.terms.lapse {
        let (code, zh, en) = (rule.code(), rule.zh(), rule.en());
        text.push_str(&format!("\n* `{code}`: {zh} {en}; the record takes the step `{verb}` instead"));
    }
    for rule in t.terms.gates.iter().map(|g| g.rule).chain(t.terms.also.iter().copied()) {
        text.push_str(&format!("\n* `{}`: {} {}", rule.code(), rule.zh(), rule.en()));
    }
    text
}

/// A record after the step, for the contract.
fn example<R: Resource>(machine: &Machine<R>, t: &Transition<R>) -> Value {
    let mut record = schemas::example::<R>();
    record[machine.field] = t.to.into();
    record
}

/// The diagrams of all machines, as `docs/STATES.md` shows them.
pub fn states() -> String {
    let mut text = String::from(
        "# States\n\nMade by `laogan openapi --write` from the tables in `domain/`; each arrow is \
         `POST /api/v1/{resource}/{id}/{verb}`, and a patch or a pushed operation that changes the state is judged as the same step.\n",
    );
    macro_rules! each {
        ($($resource:ty),+ $(,)?) => { $(text.push_str(&section::<$resource>());)+ };
    }
    domain::for_each_resource!(each);
    text
}

fn section<R: Resource>() -> String {
    let Some(machine) = R::MACHINE else { return String::new() };
    let steps: Vec<String> = machine
        .transitions
        .iter()
        .map(|t| format!("* **{}** {}: {}", t.verb, t.title.0, told(machine, t).replace("\n*", "\n  *")))
        .collect();
    format!("\n## {} · {}\n\n```mermaid\n{}\n```\n\n{}\n", R::TITLE.0, R::PATH, machine.diagram(), steps.join("\n"))
}
