//! One operation of the contract, said in the same breath in which its route is mounted.
use super::response_name;
use super::schemas::reference;
use domain::Problem;
use domain::policy::Action;
use persistence::registry::Kind;
use serde_json::{Map, Value, json};

/// What stands before an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Nothing.
    Open,
    /// The caller is signed in.
    SignedIn,
    /// The caller may do this to what has this name in scopes.
    Permit(String, Action),
}

/// An operation under construction.
pub struct Operation {
    id: String,
    tag: String,
    summary: String,
    description: String,
    parameters: Vec<Value>,
    body: Option<Value>,
    responses: Map<String, Value>,
    secured: bool,
    permit: Option<(String, Action)>,
    problems: Vec<Problem>,
    extensions: Map<String, Value>,
}

impl Operation {
    /// An operation with its id, tag and summary. Every operation may answer that the server cannot.
    pub fn new(id: impl Into<String>, tag: &str, summary: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            tag: tag.into(),
            summary: summary.into(),
            description: String::new(),
            parameters: vec![],
            body: None,
            responses: Map::new(),
            secured: true,
            permit: None,
            problems: vec![
                Problem::InvalidParameter,
                Problem::TooManyRequests,
                Problem::Internal,
                Problem::Unavailable,
            ],
            extensions: Map::new(),
        }
    }
    /// Says something for machines, under a name that begins with `x-`.
    pub fn extension(mut self, name: &str, value: Value) -> Self {
        self.extensions.insert(name.to_owned(), value);
        self
    }
    /// Open to callers that are not signed in.
    pub fn open(mut self) -> Self {
        self.secured = false;
        self
    }
    /// Its id, and what stands before it.
    pub fn guarded(&self) -> (String, Guard) {
        let guard = match (&self.permit, self.secured) {
            (Some((name, action)), _) => Guard::Permit(name.clone(), *action),
            (None, true) => Guard::SignedIn,
            (None, false) => Guard::Open,
        };
        (self.id.clone(), guard)
    }
    /// More about it.
    pub fn says(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }
    /// Needs a permit; the scope is what a token must have.
    pub fn permit(mut self, path: &str, action: Action) -> Self {
        self.permit = Some((path.to_owned(), action));
        self.problems.push(Problem::Forbidden);
        self
    }
    /// May fail with these too.
    pub fn fails(mut self, problems: &[Problem]) -> Self {
        self.problems.extend(problems);
        self
    }
    /// Takes a parameter.
    pub fn parameter(mut self, place: &str, name: &str, required: bool, text: &str, schema: Value) -> Self {
        self.parameters
            .push(json!({"name": name, "in": place, "required": required, "description": text, "schema": schema}));
        self
    }
    /// Takes an id in the path.
    pub fn id_in_path(self) -> Self {
        let id = json!({"type": "string", "format": "uuid", "example": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01"});
        self.fails(&[Problem::NotFound]).parameter("path", "id", true, "Id of the record", id)
    }
    /// Takes the parameters of a page: items where nothing is said and at most, and the length of a token.
    pub fn paged(self, (usual, most): (i64, i64), token: u32) -> Self {
        let limit = json!({"type": "integer", "minimum": 1, "maximum": most, "default": usual});
        let token = json!({"type": "string", "maxLength": token});
        self.parameter("query", "limit", false, "Items in the page at most", limit).parameter(
            "query",
            "page_token",
            false,
            "`next_page_token` of the page before",
            token,
        )
    }
    /// Takes a header.
    pub fn header(self, name: &str, required: bool, text: &str, example: &str) -> Self {
        self.parameter("header", name, required, text, json!({"type": "string", "maxLength": 200, "example": example}))
    }
    /// Takes a JSON body of a named schema.
    pub fn body(self, schema: &str, example: Value) -> Self {
        self.body_as("application/json", schema, example)
    }
    /// Takes a JSON body of a named schema, or none.
    pub fn optional_body(self, schema: &str, example: Value) -> Self {
        let mut operation = self.body(schema, example);
        if let Some(required) = operation.body.as_mut().and_then(|b| b.get_mut("required")) {
            *required = false.into();
        }
        operation
    }
    /// Takes a body of another JSON type.
    pub fn body_as(mut self, kind: &str, schema: &str, example: Value) -> Self {
        self.body = Some(json!({
            "required": true, "content": {kind: {"schema": reference(schema), "example": example}},
        }));
        self.fails(&[
            Problem::MalformedJson,
            Problem::RequestTimeout,
            Problem::PayloadTooLarge,
            Problem::UnsupportedMediaType,
            Problem::ValidationFailed,
        ])
    }
    /// Takes a body that is no JSON.
    pub fn content(mut self, kind: &str, content: Value) -> Self {
        self.body = Some(json!({"required": true, "content": {kind: content}}));
        // Whatever is sent may be found wanting.
        self.fails(&[Problem::ValidationFailed])
    }
    /// Takes a file in one of these forms.
    pub fn file_body(mut self, content: Value) -> Self {
        self.body = Some(json!({"required": true, "content": content}));
        self.fails(&[
            Problem::RequestTimeout,
            Problem::PayloadTooLarge,
            Problem::UnsupportedMediaType,
            Problem::ValidationFailed,
        ])
    }
    /// Answers with a named schema.
    pub fn answers(self, status: u16, text: &str, schema: &str, example: Value) -> Self {
        let content = json!({"application/json": {"schema": reference(schema), "example": example}});
        self.responds(status, text, Some(content), &[])
    }
    /// Answers without a body.
    pub fn silent(self, status: u16, text: &str, headers: &[&str]) -> Self {
        self.responds(status, text, None, headers)
    }
    /// Answers with content as given.
    pub fn responds(mut self, status: u16, text: &str, content: Option<Value>, headers: &[&str]) -> Self {
        let mut all = Map::new();
        for name in ["X-Request-Id", "RateLimit", "RateLimit-Policy"].iter().chain(headers) {
            let component = name.trim_start_matches("X-").replace('-', "");
            all.insert((*name).to_owned(), json!({"$ref": format!("#/components/headers/{component}")}));
        }
        let mut response = json!({"description": text, "headers": all});
        if let Some(content) = content {
            response["content"] = content;
        }
        self.responses.insert(status.to_string(), response);
        self
    }

    /// The operation object.
    pub fn into_json(mut self) -> Value {
        if self.secured {
            // A token may be bound to a network and to methods, whatever the operation.
            self.problems.extend([Problem::Unauthenticated, Problem::TokenAddress]);
        }
        let mut statuses: Vec<u16> = self.problems.iter().map(|p| p.status()).collect();
        statuses.sort_unstable();
        statuses.dedup();
        for status in statuses {
            let shared = json!({"$ref": format!("#/components/responses/{}", response_name(status))});
            self.responses.insert(status.to_string(), shared);
        }
        let mut operation = json!({"operationId": self.id, "tags": [self.tag], "summary": self.summary});
        if !self.description.is_empty() {
            operation["description"] = self.description.into();
        }
        if !self.parameters.is_empty() {
            operation["parameters"] = self.parameters.into();
        }
        if let Some(body) = self.body {
            operation["requestBody"] = body;
        }
        operation["responses"] = Value::Object(self.responses);
        if self.secured {
            operation["security"] = json!([{"bearer": []}]);
            operation["x-required-scopes"] = json!(
                self.permit.iter().map(|(name, action)| format!("{name}:{}", action.as_str())).collect::<Vec<_>>()
            );
        } else {
            operation["security"] = json!([]);
        }
        self.extensions.into_iter().for_each(|(name, value)| operation[name] = value);
        operation
    }
}

/// What the operations of a resource share: its tag and its permit. Those of many records are called by its path.
pub fn of(kind: &Kind, verb: &str, action: Action, zh: &str, en: &str) -> Operation {
    let (name_zh, name_en) = kind.title;
    let many = matches!(verb, "list" | "export" | "batch_create");
    let (name, name_en) = if many {
        (kind.path.replace('-', "_"), kind.path.replace('-', " "))
    } else {
        (kind.name.to_owned(), name_en.to_owned())
    };
    Operation::new(format!("{verb}_{name}"), kind.module.tag().0, format!("{zh}{name_zh} · {en} {name_en}"))
        .permit(kind.path, action)
}
