//! Who may do what: roles, actions, and the scopes of tokens. Deny is the default.
pub use crate::codes::Role;
use crate::resource::{FieldClass, Module};
use serde::Serialize;

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Item, list, export, history.
    Read,
    /// Create.
    Create,
    /// Replace, patch, state transitions.
    Update,
    /// Delete.
    Delete,
    /// Follow the change feed.
    Pull,
    /// Send changes made offline.
    Push,
    /// See sensitive fields of one record, for a purpose.
    Reveal,
    /// Remove a person's data for good.
    Erase,
}

impl Action {
    /// All actions.
    pub const ALL: [Action; 8] = [
        Action::Read,
        Action::Create,
        Action::Update,
        Action::Delete,
        Action::Pull,
        Action::Push,
        Action::Reveal,
        Action::Erase,
    ];
    /// The name in scopes such as `cadres:read`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Action::Read => "read",
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
            Action::Pull => "pull",
            Action::Push => "push",
            Action::Reveal => "reveal",
            Action::Erase => "erase",
        }
    }
}

impl Role {
    /// Whether the role may do this to resources of the module. To which of them, its [`Scope`](crate::Scope) says:
    /// a user of a unit, of an organization or a cadre sees only what belongs to it.
    pub fn allows(self, module: Module, action: Action) -> bool {
        use Module::{
            Activities, Administration, Audit, Benefits, Cadres, Education, Honors, Party, Publicity, Reference,
            Service, Staff,
        };
        let read = action == Action::Read;
        let keep = matches!(action, Action::Read | Action::Create | Action::Update);
        match (self, module) {
            // Nobody writes it by asking, and who administers a county is not who audits it.
            (Role::CityAdmin | Role::Auditor | Role::SecurityAdmin, Audit) => read,
            (_, Audit) => false,
            (Role::CityAdmin | Role::CountyAdmin, _) => true,
            // A person does this, and answers for it.
            _ if matches!(action, Action::Reveal | Action::Erase) => false,
            (Role::SyncClient, Administration) => false,
            (Role::SyncClient, _) => true,
            (Role::Auditor, _) => read,
            (Role::SecurityAdmin, Administration) => true,
            (Role::UnitUser, Cadres | Benefits | Activities | Service) => keep,
            (Role::UnitUser, Reference | Party | Honors | Education | Publicity | Staff) => read,
            (Role::PartyOrgUser, Party) => keep,
            (Role::PartyOrgUser, Reference | Cadres | Honors | Activities | Service | Education) => read,
            (
                Role::CadreSelf,
                Reference | Cadres | Party | Honors | Benefits | Activities | Service | Education | Publicity,
            ) => read,
            (Role::SecurityAdmin | Role::SysAdmin | Role::AppPublic, Reference) => read,
            (
                Role::UnitUser
                | Role::PartyOrgUser
                | Role::CadreSelf
                | Role::SecurityAdmin
                | Role::SysAdmin
                | Role::AppPublic,
                _,
            ) => false,
        }
    }

    /// The highest class of fields that users of the role are shown without further ado. Sensitive ones are shown to
    /// nobody so: they are revealed one by one, or to a token with [`Grants::SENSITIVE`].
    pub fn sight(self) -> FieldClass {
        match self {
            Role::CityAdmin
            | Role::CountyAdmin
            | Role::UnitUser
            | Role::PartyOrgUser
            | Role::CadreSelf
            | Role::SyncClient
            | Role::SecurityAdmin => FieldClass::Personal,
            Role::Auditor | Role::SysAdmin | Role::AppPublic => FieldClass::Internal,
        }
    }

    /// Whether a user of this role may give `other` to someone: nobody hands out more than they have.
    pub fn may_grant(self, other: Role) -> bool {
        match self {
            Role::CityAdmin | Role::SecurityAdmin => true,
            Role::CountyAdmin => matches!(
                other,
                Role::CountyAdmin
                    | Role::UnitUser
                    | Role::PartyOrgUser
                    | Role::CadreSelf
                    | Role::SyncClient
                    | Role::AppPublic
            ),
            _ => false,
        }
    }
}

/// A token's scopes: `resource:action`, where either side may be `*`, and named ones such as `fields:sensitive`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants(Vec<String>);

impl Grants {
    /// The scope that lifts the mask from sensitive fields.
    pub const SENSITIVE: &'static str = "fields:sensitive";

    /// The scope by which a token may put a successor in its own place.
    pub const SELF_ROTATE: &'static str = "tokens:self_rotate";
    /// Its verb, which no `*` covers.
    pub const SELF_ROTATE_VERB: &'static str = "self_rotate";

    /// Scopes as stored or given.
    pub fn new(scopes: Vec<String>) -> Self {
        Self(scopes)
    }
    /// The scopes.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
    /// Whether they allow this action on this resource.
    pub fn allow(&self, path: &str, action: Action) -> bool {
        self.0.iter().filter_map(|s| s.split_once(':')).any(|(resource, verb)| {
            resource != "fields" && (resource == "*" || resource == path) && (verb == "*" || verb == action.as_str())
        })
    }
    /// Whether they allow sensitive fields to be seen.
    pub fn sensitive(&self) -> bool {
        self.0.iter().any(|s| s == Self::SENSITIVE)
    }
    /// Whether a scope has a meaning, given the paths there are.
    pub fn known(scope: &str, paths: &[&str]) -> bool {
        scope == Self::SENSITIVE
            || scope == Self::SELF_ROTATE
            || scope.split_once(':').is_some_and(|(resource, verb)| {
                (resource == "*" || paths.contains(&resource))
                    && (verb == "*" || Action::ALL.iter().any(|a| a.as_str() == verb))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_allows_what_it_says_and_no_more() {
        let grants = Grants::new(vec!["cadres:read".into(), "honors:*".into(), "fields:sensitive".into()]);
        assert!(grants.allow("cadres", Action::Read) && !grants.allow("cadres", Action::Update));
        assert!(grants.allow("honors", Action::Delete) && !grants.allow("units", Action::Read));
        assert!(!grants.allow("fields", Action::Read));
        assert!(Grants::known("cadres:read", &["cadres"]) && !Grants::known("cadres:write", &["cadres"]));
        assert!(!Grants::known("all", &["cadres"]));
    }

    #[test]
    fn the_system_administrator_sees_no_business_data_and_narrow_roles_delete_none() {
        for role in [Role::SecurityAdmin, Role::SysAdmin, Role::AppPublic] {
            assert!(!role.allows(Module::Cadres, Action::Read), "{role}");
        }
        for (role, module) in
            Module::ALL.iter().flat_map(|m| [Role::UnitUser, Role::PartyOrgUser, Role::CadreSelf].map(|r| (r, *m)))
        {
            assert!(![Action::Delete, Action::Pull, Action::Push].iter().any(|a| role.allows(module, *a)), "{role}");
        }
        assert!(!Role::CountyAdmin.may_grant(Role::CityAdmin));
    }
}
