//! A token as it is shown.
use domain::{DateTime, DivisionCode, Utc, Uuid};
use persistence::tokens::Token;
use serde::Serialize;
use utoipa::ToSchema;

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub struct TokenView {
    /// Public id.
    token_id: Uuid,
    /// Counts its changes from 1; the `ETag` is `"r{version}"`.
    version: i64,
    /// `pat` of a person, `svc` of a system, `test` for trying things out.
    #[schema(example = "pat")]
    kind: String,
    /// What it is called.
    name: String,
    /// What it is for.
    purpose: String,
    /// The user whose rights it draws on.
    user_id: Uuid,
    /// Who made it: `user:…`, `token:…` or `system:…`.
    created_by: String,
    /// What it may do.
    #[schema(example = json!(["cadres:read"]))]
    scopes: Vec<String>,
    /// Where.
    division_code: DivisionCode,
    /// Networks it may be used from; any if empty.
    #[schema(example = json!(["10.17.22.0/24"]))]
    cidrs: Vec<String>,
    /// HTTP methods it may be used with; any if empty.
    #[schema(example = json!(["GET"]))]
    methods: Vec<String>,
    /// Which limits its requests count against.
    #[schema(example = "default")]
    rate_class: String,
    /// It and those it was rotated from and to share this.
    family_id: Uuid,
    /// `active`; `superseded`: rotated, and good for a while yet; `rotated_out`: that while is over; `expired`; `revoked`.
    #[schema(example = "active")]
    state: &'static str,
    /// When it was made.
    #[serde(serialize_with = "domain::resource::instant")]
    created_at: DateTime<Utc>,
    /// When it ends.
    #[serde(serialize_with = "domain::resource::instant")]
    expires_at: DateTime<Utc>,
    /// When it was rotated.
    #[serde(serialize_with = "optional_instant", skip_serializing_if = "Option::is_none")]
    rotated_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    #[serde(serialize_with = "optional_instant", skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
    /// Why it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke_reason: Option<String>,
    /// When it was last used, to the minute.
    #[serde(serialize_with = "optional_instant", skip_serializing_if = "Option::is_none")]
    last_used_at: Option<DateTime<Utc>>,
    /// From where.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_address: Option<String>,
    /// What the program called itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_agent: Option<String>,
    /// The token itself; only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "lg_pat_0000000000000000000000000000000000000000")]
    token: Option<String>,
}

/// An instant that may be absent.
///
/// # Errors
/// What the serializer says.
pub fn optional_instant<S: serde::Serializer>(at: &Option<DateTime<Utc>>, s: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => domain::resource::instant(at, s),
        None => s.serialize_none(),
    }
}

impl TokenView {
    /// A token, and its secret where it has just been made.
    pub fn of(token: Token, secret: Option<String>) -> Self {
        Self {
            state: token.state(Utc::now()).as_str(),
            token_id: token.id,
            version: token.version,
            kind: token.kind,
            name: token.name,
            purpose: token.purpose,
            user_id: token.user_id,
            created_by: token.created_by,
            scopes: token.scopes,
            division_code: token.division_code,
            cidrs: token.cidrs,
            methods: token.methods,
            rate_class: token.rate_class,
            family_id: token.family_id,
            created_at: token.created_at,
            expires_at: token.expires_at,
            rotated_at: token.rotated_at,
            revoked_at: token.revoked_at,
            revoke_reason: token.revoke_reason,
            last_used_at: token.last_used_at,
            last_used_address: token.last_used_address,
            last_used_agent: token.last_used_agent,
            token: secret,
        }
    }
}
