//! What somebody wants a token to be, and all that is wrong with it.
use super::{Sync, Tokens};
use crate::audit::Audit;
use crate::auth::Identity;
use crate::error::Result;
use crate::extract::Guarded;
use crate::files::Files;
use crate::reports::Reports;
use domain::policy::{Action, Grants};
use domain::{DateTime, DivisionCode, Rule, Utc, Uuid, Violation};
use persistence::tokens::Token;
use serde::Deserialize;
use utoipa::ToSchema;

/// Longest life of a token in days.
pub const MAX_DAYS: i64 = 366;
/// Longest life of a token for trying things out, in days.
const MAX_TEST_DAYS: i64 = 31;
/// What scopes may name beside the resources.
const ENDPOINTS: [&str; 5] = [Tokens::PATH, Sync::PATH, Audit::NAME, Files::NAME, Reports::NAME];
/// Methods a token may be bound to.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Classes of limits a token may be given.
const RATE_CLASSES: [&str; 3] = ["default", "sync", "bulk"];

/// A token to make.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// What it is called.
    #[schema(example = "单县业务系统", min_length = 1, max_length = 100)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    #[schema(example = "每日数据交换", max_length = 200)]
    pub purpose: String,
    /// `resource:action`, where either side may be `*`; and `fields:sensitive`, `tokens:self_rotate`.
    #[schema(example = json!(["cadres:read", "honors:*"]), min_items = 1, max_items = 50)]
    pub scopes: Vec<String>,
    /// Where it works; the owner's own division by default.
    pub division_code: Option<DivisionCode>,
    /// When it ends, at most 366 days from now.
    #[schema(example = "2027-01-31T00:00:00Z")]
    pub expires_at: DateTime<Utc>,
    /// Whose rights it draws on; the caller's own by default. Others need to be users whom the caller administers.
    pub user_id: Option<Uuid>,
    /// For trying things out: it begins with `lg_test_` and lives 31 days at most.
    #[serde(default)]
    pub test: bool,
    /// Networks it may be used from; any if empty.
    #[serde(default)]
    #[schema(example = json!(["10.17.22.0/24"]), max_items = 20)]
    pub cidrs: Vec<String>,
    /// HTTP methods it may be used with; any if empty.
    #[serde(default)]
    #[schema(example = json!(["GET"]), max_items = 5)]
    pub methods: Vec<String>,
    /// Which limits its requests count against: `default`, `sync` or `bulk`.
    #[schema(example = "sync", max_length = 20)]
    pub rate_class: Option<String>,
}

/// Changes of a token. What is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenPatch {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// What it is for.
    #[schema(max_length = 200)]
    purpose: Option<String>,
    /// What it may do.
    #[schema(min_items = 1, max_items = 50)]
    scopes: Option<Vec<String>>,
    /// Where it works.
    division_code: Option<DivisionCode>,
    /// When it ends, at most 366 days from now.
    expires_at: Option<DateTime<Utc>>,
    /// Networks it may be used from; any if empty.
    #[schema(max_items = 20)]
    cidrs: Option<Vec<String>>,
    /// HTTP methods it may be used with; any if empty.
    #[schema(max_items = 5)]
    methods: Option<Vec<String>>,
    /// Which limits its requests count against.
    #[schema(max_length = 20)]
    rate_class: Option<String>,
}

/// For whom a token is made.
pub struct Owner {
    /// The user.
    pub id: Uuid,
    /// The division the token must be within.
    pub division: DivisionCode,
    /// An account of a system: its tokens begin with `lg_svc_`.
    pub system: bool,
}

/// A token row for the request, or everything that is wrong with it. `may` says which scopes the caller may give.
///
/// # Errors
/// `validation_failed`.
pub fn prepare(
    request: TokenRequest,
    owner: &Owner,
    by: String,
    now: DateTime<Utc>,
    may: impl Fn(&str) -> bool,
) -> Result<Token> {
    let kind = match (request.test, owner.system) {
        (true, _) => "test",
        (false, true) => "svc",
        (false, false) => "pat",
    };
    let id = Uuid::now_v7();
    let token = Token {
        id,
        version: 1,
        kind: kind.into(),
        name: request.name,
        purpose: request.purpose,
        user_id: owner.id,
        created_by: by,
        scopes: request.scopes,
        division_code: request.division_code.unwrap_or_else(|| owner.division.clone()),
        cidrs: request.cidrs,
        methods: request.methods,
        rate_class: request.rate_class.unwrap_or_else(|| "default".into()),
        family_id: id,
        created_at: now,
        expires_at: request.expires_at,
        rotated_at: None,
        revoked_at: None,
        revoke_reason: None,
        last_used_at: None,
        last_used_address: None,
        last_used_agent: None,
    };
    checked(token, &owner.division, now, true, may)
}

impl TokenPatch {
    /// A change of the end alone.
    pub fn ending(at: DateTime<Utc>) -> Self {
        Self { expires_at: Some(at), ..Self::default() }
    }
    /// The token with these changes, or everything that is wrong with them.
    ///
    /// # Errors
    /// `validation_failed`.
    pub fn applied(
        self,
        old: &Token,
        division: &DivisionCode,
        now: DateTime<Utc>,
        may: impl Fn(&str) -> bool,
    ) -> Result<Token> {
        let old = old.clone();
        let new_end = self.expires_at.is_some();
        let token = Token {
            version: old.version + 1,
            name: self.name.unwrap_or(old.name),
            purpose: self.purpose.unwrap_or(old.purpose),
            scopes: self.scopes.unwrap_or(old.scopes),
            division_code: self.division_code.unwrap_or(old.division_code),
            expires_at: self.expires_at.unwrap_or(old.expires_at),
            cidrs: self.cidrs.unwrap_or(old.cidrs),
            methods: self.methods.unwrap_or(old.methods),
            rate_class: self.rate_class.unwrap_or(old.rate_class),
            ..old
        };
        checked(token, division, now, new_end, may)
    }
}

/// The token in its usual form.
fn checked(
    mut token: Token,
    home: &DivisionCode,
    now: DateTime<Utc>,
    new_end: bool,
    may: impl Fn(&str) -> bool,
) -> Result<Token> {
    let mut found = domain::Findings::default();
    let paths: Vec<&str> = domain::PATHS.iter().copied().chain(ENDPOINTS).collect();
    if token.scopes.is_empty() {
        found.push(Violation::new("scopes", Rule::TooFew).with("min", 1));
    }
    for (i, scope) in token.scopes.iter().enumerate() {
        if !Grants::known(scope, &paths) {
            found.error(format!("/scopes/{i}"), Rule::UnknownScope);
        } else if !may(scope) {
            found.error(format!("/scopes/{i}"), Rule::ScopeExceedsOwner);
        }
    }
    found.require(home.contains(&token.division_code), "division_code", Rule::OutsideScope);
    let name = token.name.chars().count();
    if !(1..=100).contains(&name) {
        found.push(Violation::new("name", if name == 0 { Rule::Required } else { Rule::TooLong }).with("max", 100));
    }
    if token.purpose.chars().count() > 200 {
        found.push(Violation::new("purpose", Rule::TooLong).with("max", 200));
    }
    for (field, length, max) in
        [("scopes", token.scopes.len(), 50), ("cidrs", token.cidrs.len(), 20), ("methods", token.methods.len(), 5)]
    {
        if length > max {
            found.push(Violation::new(field, Rule::TooMany).with("max", max));
        }
    }
    for (i, cidr) in token.cidrs.iter_mut().enumerate() {
        match crate::address::network(cidr) {
            Ok(net) => *cidr = net.trunc().to_string(),
            Err(_) => found.error(format!("/cidrs/{i}"), Rule::NetworkFormat),
        }
    }
    for (i, method) in token.methods.iter_mut().enumerate() {
        method.make_ascii_uppercase();
        if !METHODS.contains(&method.as_str()) {
            found.push(Violation::new(format!("/methods/{i}"), Rule::UnknownCode).with("set", METHODS.join(", ")));
        }
    }
    if !RATE_CLASSES.contains(&token.rate_class.as_str()) {
        found.push(Violation::new("rate_class", Rule::UnknownCode).with("set", RATE_CLASSES.join(", ")));
    }
    let days = if token.kind == "test" { MAX_TEST_DAYS } else { MAX_DAYS };
    if new_end && (token.expires_at <= now || token.expires_at > now + chrono::Duration::days(days)) {
        found.push(Violation::new("expires_at", Rule::ExpiryRange).with("max", days));
    }
    if found.errors.is_empty() { Ok(token) } else { Err(found.into()) }
}

/// Whether the caller may hand out this scope. A token cannot make one that may more than itself; what a user hands
/// out is bounded by the owner's role on each use.
pub fn may_hand_out(caller: &Identity, scope: &str) -> bool {
    match &caller.token {
        None => true,
        Some((_, grants)) => grants.as_slice().iter().any(|g| g == scope) || within(grants, scope),
    }
}

/// Whether grants cover every resource and action a scope names.
fn within(grants: &Grants, scope: &str) -> bool {
    let named = |(resource, verb): &(&str, &str)| *resource == "fields" || *verb == Grants::SELF_ROTATE_VERB;
    let Some((resource, verb)) = scope.split_once(':').filter(|s| !named(s)) else { return false };
    let paths = domain::PATHS.iter().copied().chain(ENDPOINTS).filter(|p| resource == "*" || *p == resource);
    let mut pairs =
        paths.flat_map(|p| Action::ALL.iter().filter(move |a| verb == "*" || a.as_str() == verb).map(move |a| (p, *a)));
    pairs.all(|(p, a)| grants.allow(p, a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_cannot_widen_itself() {
        let grants = Grants::new(vec!["cadres:*".into()]);
        assert!(within(&grants, "cadres:read") && within(&grants, "cadres:*"));
        assert!(!within(&grants, "*:read") && !within(&grants, "honors:read") && !within(&grants, "fields:sensitive"));
        assert!(!within(&Grants::new(vec!["*:*".into()]), "tokens:self_rotate"));
    }
}
