//! Users (用户). The password is kept apart and is never part of the record.
use crate::policy::Role;
use crate::resource::{Classified, Module, Reference, Resource};
use crate::{Findings, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A user. The record's division is the one the user works for, and bounds what the user sees.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// Name to sign in with, unique.
    #[schema(min_length = 3, max_length = 50, pattern = r"^[a-z0-9][a-z0-9._-]*$")]
    pub username: String,
    /// Name to show.
    #[schema(min_length = 1, max_length = 50)]
    pub display_name: String,
    /// What the user may do.
    pub role: Role,
    /// The unit the user works for.
    pub unit_id: Option<Uuid>,
    /// A disabled user cannot sign in, and what was issued to the user stops working.
    #[serde(default)]
    pub disabled: bool,
}

impl Resource for User {
    const NAME: &'static str = "user";
    const PATH: &'static str = "users";
    const TITLE: (&'static str, &'static str) = ("用户", "user");
    const MODULE: Module = Module::Administration;
    const CLASSES: &'static [Classified] = &[Classified::personal("display_name")];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "unit_id", expand: "unit", to: "units", ids: |u| u.unit_id.as_slice() }];

    fn example() -> Self {
        Self {
            username: "shanxian-office".into(),
            display_name: "单县老干部局".into(),
            role: Role::CountyAdmin,
            unit_id: None,
            disabled: false,
        }
    }

    fn check(&mut self, _found: &mut Findings) {
        self.username.make_ascii_lowercase();
    }
}
