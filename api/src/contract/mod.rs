//! The contract: OpenAPI 3.1 from the list that mounts the routes, and 3.0 made from it.
#![expect(clippy::indexing_slicing, reason = "JSON objects: a key that is missing is made, or read as null")]
pub mod downlevel;
pub mod operation;
pub mod schemas;
#[cfg(test)]
mod tests;

pub use operation::Operation;

use domain::{Module, Problem};
use serde_json::{Map, Value, json};

/// A document's file and what makes it.
type Document = (&'static str, fn() -> String);

/// The documents in the repository that are made from the code.
pub const FILES: [Document; 3] = [
    ("openapi/openapi.json", latest),
    ("openapi/openapi-3.0.json", downleveled),
    ("docs/STATES.md", crate::resource::act::states),
];

/// OpenAPI 3.1 as text.
pub fn latest() -> String {
    pretty(&crate::routes::ALL.document())
}
/// OpenAPI 3.0 as text.
pub fn downleveled() -> String {
    pretty(&downlevel::to_3_0(crate::routes::ALL.document()))
}
fn pretty(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

/// Everything the contract says, collected while the routes are listed.
#[derive(Default, Clone)]
pub struct Contract {
    paths: Map<String, Value>,
    /// Named schemas.
    pub schemas: Map<String, Value>,
}

impl Contract {
    /// Documents one operation.
    pub fn add(&mut self, method: &str, path: &str, operation: Operation) {
        let item = self.paths.entry(path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(method.to_ascii_lowercase(), operation.into_json());
        }
    }

    /// The whole document.
    pub fn document(mut self) -> Value {
        schemas::register::<crate::error::ProblemBody>(&mut self.schemas);
        if let Some(code) = self.schemas.get_mut("Problem").and_then(|s| s.pointer_mut("/properties/code"))
            && let Some(code) = code.as_object_mut()
        {
            let codes: Vec<&str> = Problem::ALL.iter().map(|p| p.code()).collect();
            code.remove("maxLength");
            code.insert("x-extensible-enum".into(), json!(codes));
        }
        let (paths, responses) = (Value::Object(self.paths), problem_responses());
        schemas::named(&mut self.schemas, [&paths, &responses]);
        let tags = Module::ALL.iter().map(|m| m.tag()).chain([
            ("auth", "登录 Sign-in"),
            ("authz", "访问权限 Decisions about rights, and rights for an emergency"),
            ("codes", "代码集与问题目录 Code sets and the catalogue of problems"),
            ("exchange", "导入、导出与任务 Files of records, and long work"),
            ("system", "系统 The server itself"),
        ]);
        let tags: Vec<Value> = tags.map(|(name, text)| json!({"name": name, "description": text})).collect();
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Laogan 老干",
                "version": env!("CARGO_PKG_VERSION"),
                "description": INTRODUCTION,
                "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
            },
            "servers": [{"url": "/", "description": "This server"}],
            "security": [{"bearer": []}],
            "tags": tags,
            "paths": paths,
            "components": {
                "schemas": self.schemas,
                "responses": responses,
                "headers": headers(),
                "securitySchemes": {"bearer": {
                    "type": "http", "scheme": "bearer",
                    "description": "An access token from `POST /api/v1/auth/login`, or an API token (`lg_pat_…`).",
                }},
            },
        })
    }
}

const INTRODUCTION: &str = "The open backend for the work with retired cadres (离退休干部).\n\n\
    * Lists are paged: follow `next_page_token` (or the `Link` header) until it is absent. A page token belongs to its query and caller.\n\
    * Filters: `filter[field]=value`, and `[gte]`, `[gt]`, `[lte]`, `[lt]` for ordered fields. A division includes all inside it.\n\
    * Every item has a strong `ETag`. PATCH, DELETE and PUT of an existing record need it in `If-Match` (428 without, 412 with the differing fields when it is stale).\n\
    * `Prefer: dry-run` on a write runs every check and changes nothing; `Prefer: return=minimal` answers without the record.\n\
    * A create without a client id needs an `Idempotency-Key`; the same key and body give the first answer again (`Idempotency-Replayed: true`) for 72 hours.\n\
    * A missing value is absent, never `null`. Codes are strings; new ones may be added (`x-extensible-enum`).\n\
    * Failures are `application/problem+json`; the catalogue is `GET /api/v1/problems`. Texts follow `Accept-Language` (zh-CN, en).";

fn header(text: &str, example: &str) -> Value {
    json!({"description": text, "schema": {"type": "string", "maxLength": 500}, "example": example})
}
fn headers() -> Value {
    json!({
        "RequestId": header("Id of the request, also in the log and the journal", "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01"),
        "ETag": header("Version of the record, for `If-Match`", "\"r17\""),
        "Location": header("Where the new record is", "/api/v1/cadres/0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01"),
        "Link": header("`rel=\"next\"`: the next page", "</api/v1/cadres?page_token=…>; rel=\"next\""),
        "PreferenceApplied": header("The preferences that were honoured", "dry-run"),
        "IdempotencyReplayed": header("`true` where the answer is the stored one", "true"),
        "RateLimit": header("What is left of the quota: `r` requests, all of it again in `t` seconds (draft-ietf-httpapi-ratelimit-headers); absent where there is no limit", "\"general\";r=29999;t=1"),
        "RateLimitPolicy": header("The quota: `q` requests in `w` seconds", "\"general\";q=30000;w=60"),
        "AcceptRanges": header("Ranges may be asked for", "bytes"),
        "ContentRange": header("Which bytes of how many these are", "bytes 0-65535/482110"),
        "ContentDisposition": header("To be kept, not shown in a page", "attachment; filename=\"9f86d081884c7d65.pdf\""),
        "RetryAfter": header("Seconds after which another try is worth while", "2"),
    })
}

/// The name of the shared response of a problem status.
pub fn response_name(status: u16) -> String {
    format!("Problem{status}")
}

/// One shared response a status, with an example for each problem that has it.
fn problem_responses() -> Value {
    let mut responses = Map::new();
    // A wrong method is answered where there is no operation, so no operation refers to it.
    for problem in Problem::ALL.iter().filter(|p| **p != Problem::MethodNotAllowed) {
        let name = response_name(problem.status());
        let example = json!({
            "type": format!("urn:laogan:problem:{}", problem.code()), "title": problem.zh(), "status": problem.status(),
            "code": problem.code(), "request_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "retryable": problem.retryable(),
        });
        let response = responses.entry(name).or_insert_with(|| {
            let mut headers = json!({"X-Request-Id": {"$ref": "#/components/headers/RequestId"}});
            if problem == &Problem::TooManyRequests {
                headers["RateLimit"] = json!({"$ref": "#/components/headers/RateLimit"});
                headers["RateLimit-Policy"] = json!({"$ref": "#/components/headers/RateLimitPolicy"});
            }
            if problem.retryable() {
                headers["Retry-After"] = json!({"$ref": "#/components/headers/RetryAfter"});
            }
            json!({
                "description": "", "headers": headers,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            })
        });
        let text = response["description"].as_str().unwrap_or_default();
        let text = [text, problem.en()].iter().filter(|t| !t.is_empty()).copied().collect::<Vec<_>>().join("; ");
        response["description"] = text.into();
        response["content"]["application/problem+json"]["examples"][problem.code()] = json!({"value": example});
    }
    Value::Object(responses)
}
