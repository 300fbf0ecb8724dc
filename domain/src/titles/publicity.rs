//! Fields of consents.
use super::Titles;

/// Resource, and the names of its fields.
pub const TITLES: &[(&str, Titles)] = &[(
    "consents",
    &[("purpose", "同意事项"), ("granted_on", "同意日期"), ("revoked_on", "撤回日期"), ("evidence", "同意凭证")],
)];
