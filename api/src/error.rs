//! Every failure as a problem answer (RFC 9457), made in one place.
//!
//! A handler returns an [`ApiError`]. It travels in the response's extensions to [`crate::observe`], which
//! knows the reader's language and the request id and writes the body. Causes are logged, never sent.
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use domain::{Findings, Language, Problem, Rule, Violation};
use persistence::error::FieldDifference;
use serde::Serialize;
use utoipa::ToSchema;

/// The result of a handler.
pub type Result<T> = std::result::Result<T, ApiError>;

/// A failure on its way to the caller.
#[derive(Debug, Clone)]
pub struct ApiError {
    /// What went wrong.
    pub problem: Problem,
    /// Findings about single fields.
    pub violations: Vec<Violation>,
    /// For a stale write: the version now and the differing fields.
    pub conflict: Option<(i64, Vec<FieldDifference>)>,
    /// For the log only.
    pub cause: Option<String>,
    /// Seconds after which another try is worth while, where that is known.
    pub retry_after: Option<u64>,
}

/// Longest pointer in a finding, as the contract says.
const POINTER_MAX: usize = 1000;
/// Seconds after which a passing failure is worth another try. Not the same for all, or all would come back at once.
fn retry_after() -> u8 {
    1 + domain::Uuid::new_v4().as_bytes()[0] % 4
}

impl ApiError {
    /// A problem without details.
    pub fn new(problem: Problem) -> Self {
        Self { problem, violations: vec![], conflict: None, cause: None, retry_after: None }
    }
    /// A problem with one parameter or header.
    pub fn parameter(name: &str, rule: Rule) -> Self {
        Self::of(Problem::InvalidParameter, vec![Violation::new(format!("/{name}"), rule)])
    }
    /// A parameter whose value is not what it should be.
    pub fn not_a(name: &str, expected: &str) -> Self {
        let wrong = Violation::new(format!("/{name}"), Rule::WrongType).with("expected", expected);
        Self::of(Problem::InvalidParameter, vec![wrong])
    }
    /// A problem with findings.
    pub fn of(problem: Problem, violations: Vec<Violation>) -> Self {
        Self { violations, ..Self::new(problem) }
    }
    /// Too much was asked for; again after so many seconds.
    pub fn too_many(after: u64) -> Self {
        Self { retry_after: Some(after), ..Self::new(Problem::TooManyRequests) }
    }
    /// A defect; the cause goes to the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(Problem::Internal) }
    }

    /// The number that a client's next operation must have, where that is what is wrong.
    fn expected_op_seq(&self) -> Option<i64> {
        let found = self.violations.first().filter(|_| self.problem == Problem::OpGap)?;
        found.args.iter().find(|(name, _)| *name == "expected").and_then(|(_, n)| n.parse().ok())
    }
    /// The answer's body.
    pub fn body(&self, language: Language, request_id: &str) -> ProblemBody {
        let text = |p: Problem| match language {
            Language::Zh => p.zh(),
            Language::En => p.en(),
        };
        let count = self.violations.len();
        let detail = match language {
            _ if count == 0 => None,
            Language::Zh => Some(format!("{count} 处有误")),
            Language::En => Some(format!("{count} finding{}", if count == 1 { "" } else { "s" })),
        };
        let errors = self.violations.iter().map(|v| Finding::of(v, language)).collect();
        let conflict = self.conflict.as_ref().map(|(current_version, fields)| Conflict {
            current_version: *current_version,
            fields: fields
                .iter()
                .map(|f| ConflictField {
                    field: f.field.clone(),
                    base: f.base.clone(),
                    yours: f.yours.clone(),
                    theirs: f.theirs.clone(),
                })
                .collect(),
        });
        ProblemBody {
            kind: format!("urn:laogan:problem:{}", self.problem.code()),
            title: text(self.problem).to_owned(),
            status: self.problem.status(),
            detail,
            code: self.problem.code(),
            request_id: request_id.to_owned(),
            retryable: self.problem.retryable(),
            errors,
            conflict,
            expected_op_seq: self.expected_op_seq(),
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.problem.code())
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        match self.problem {
            Problem::Unavailable | Problem::TooManyRequests | Problem::IdempotencyInFlight | Problem::UploadBusy => {
                let seconds = self.retry_after.unwrap_or_else(|| u64::from(retry_after()));
                answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            Problem::RequestTimeout => {
                // What is still to come of the body is not waited for.
                answer.insert_header((header::RETRY_AFTER, retry_after().to_string())).force_close();
            }
            // Until the next day begins in Asia/Shanghai.
            Problem::RevealQuota => {
                let second_of_day = (domain::Utc::now().timestamp() + 8 * 3600).rem_euclid(86_400);
                answer.insert_header((header::RETRY_AFTER, (86_400 - second_of_day).to_string()));
            }
            Problem::Unauthenticated | Problem::LoginFailed | Problem::SecondFactorRequired | Problem::SessionEnded => {
                answer.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"laogan\""));
            }
            _ => {}
        }
        let mut answer = answer.finish();
        answer.extensions_mut().insert(self.clone());
        answer
    }
}

impl From<persistence::Error> for ApiError {
    fn from(error: persistence::Error) -> Self {
        use persistence::Error as E;
        match error {
            E::NotFound => Self::new(Problem::NotFound),
            E::Stale { current, fields } => {
                Self { conflict: Some((current, fields)), ..Self::new(Problem::PreconditionFailed) }
            }
            E::Invalid(found) => found.into(),
            E::Refused(problem, violations) => Self::of(problem, violations),
            E::KeySeen => Self::new(Problem::IdempotencyInFlight),
            E::Unavailable(cause) => Self { cause: Some(cause), ..Self::new(Problem::Unavailable) },
            E::Internal(cause) => Self::internal(cause),
        }
    }
}
impl From<Findings> for ApiError {
    fn from(found: Findings) -> Self {
        Self::of(Problem::ValidationFailed, found.errors)
    }
}

/// One shape for every failure (RFC 9457, `application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// A URN that names the problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:laogan:problem:validation_failed")]
    kind: String,
    /// What went wrong, in the reader's language.
    #[schema(example = "数据校验未通过")]
    title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// More about this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// Stable code; the catalogue is `GET /problems`.
    #[schema(example = "validation_failed")]
    code: &'static str,
    /// Leads to the cause in the server's log.
    #[schema(example = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01")]
    request_id: String,
    /// Whether the same request may succeed later unchanged.
    retryable: bool,
    /// All findings about single fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100_000)]
    errors: Vec<Finding>,
    /// For 412: how the record differs from the version named by `If-Match`.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<Conflict>,
    /// For `op_gap`: the number that the client's next operation must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1042)]
    expected_op_seq: Option<i64>,
}

/// A finding about one field or parameter.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// JSON pointer into the body, or the name of the parameter behind a slash.
    #[schema(example = "/birth_date", max_length = 1000)]
    pointer: String,
    /// Stable code; the catalogue is `GET /problems`.
    #[schema(example = "partial_date_format")]
    code: &'static str,
    /// What is wrong, in the reader's language.
    #[schema(example = "应为 YYYY、YYYY-MM 或 YYYY-MM-DD", max_length = 1000)]
    message: String,
}
impl Finding {
    /// The finding in the reader's language.
    pub fn of(v: &Violation, language: Language) -> Self {
        // The name of an unknown field or parameter is the caller's, and as long as the caller likes.
        let pointer = v.pointer.chars().take(POINTER_MAX).collect();
        Self { pointer, code: v.rule.code(), message: v.message(language) }
    }
}

/// How a record differs from the version the caller named.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conflict {
    /// The version it has now; 0 where there is no record.
    current_version: i64,
    /// The fields that differ.
    fields: Vec<ConflictField>,
}

/// One differing field. A value is absent where there is none, or where the caller may not see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConflictField {
    /// Field name.
    field: String,
    /// Value at the version the caller named.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<serde_json::Value>,
    /// Value the caller sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    yours: Option<serde_json::Value>,
    /// Value now.
    #[serde(skip_serializing_if = "Option::is_none")]
    theirs: Option<serde_json::Value>,
}
