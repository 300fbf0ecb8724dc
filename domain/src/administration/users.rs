//! Users (用户). The password is kept apart and is never part of the record.
use crate::policy::Role;
use crate::resource::{Classified, Module, Reference, Resource};
use crate::{DivisionCode, Findings, Part, Rule, Scope, Uuid};
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
    /// The party organization whose records a `party_org_user` keeps.
    pub party_organization_id: Option<Uuid>,
    /// The cadre that a `cadre_self` is.
    pub cadre_id: Option<Uuid>,
    /// A disabled user cannot sign in, and what was issued to the user stops working.
    #[serde(default)]
    pub disabled: bool,
}

impl Resource for User {
    const NAME: &'static str = "user";
    const PATH: &'static str = "users";
    const TITLE: (&'static str, &'static str) = ("用户", "user");
    const MODULE: Module = Module::Administration;
    const KEYS: &'static [&'static str] = &["username"];
    const CLASSES: &'static [Classified] = &[Classified::personal("display_name")];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "unit_id", expand: "unit", to: "units", ids: |u| u.unit_id.as_slice() },
        Reference {
            field: "party_organization_id",
            expand: "party_organization",
            to: "party-organizations",
            ids: |u| u.party_organization_id.as_slice(),
        },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |u| u.cadre_id.as_slice() },
    ];

    fn example() -> Self {
        Self::new("shanxian-office", "单县老干部局", Role::CountyAdmin)
    }

    fn check(&mut self, found: &mut Findings) {
        self.username.make_ascii_lowercase();
        match self.role {
            Role::UnitUser => found.require(self.unit_id.is_some(), "unit_id", Rule::Required),
            Role::PartyOrgUser => {
                found.require(self.party_organization_id.is_some(), "party_organization_id", Rule::Required);
            }
            Role::CadreSelf => found.require(self.cadre_id.is_some(), "cadre_id", Rule::Required),
            _ => {}
        }
    }
}

impl User {
    /// A user who is tied to no unit, organization or cadre.
    pub fn new(username: &str, display_name: &str, role: Role) -> Self {
        Self {
            username: username.into(),
            display_name: display_name.into(),
            role,
            unit_id: None,
            party_organization_id: None,
            cadre_id: None,
            disabled: false,
        }
    }
    /// What the user sees within a division.
    pub fn scope(&self, division: &DivisionCode) -> Scope {
        let part = match self.role {
            Role::UnitUser => self.unit_id.map(Part::Unit),
            Role::PartyOrgUser => self.party_organization_id.map(Part::Organization),
            Role::CadreSelf => self.cadre_id.map(Part::Person),
            Role::AppPublic => None,
            _ => return Scope::Division(division.clone()),
        };
        part.map_or(Scope::Public, |part| Scope::Part(division.clone(), part))
    }
}
