//! Party organizations and memberships.
use super::{equal, no_cycle};
use crate::error::Result;
use crate::query::Query;
use crate::store::Store;
use crate::tx::Tx;
use domain::codes::{MembershipStatus, PartyOrganizationStatus};
use domain::party::{PartyMembership, PartyOrganization};
use domain::{Code, Findings, Record, Rule, Scope};

/// A party organization is not above itself, and has the members its kind needs.
pub fn party_organization(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<PartyOrganization>>,
    new: &Record<PartyOrganization>,
    found: &mut Findings,
) -> Result<()> {
    if old.is_none_or(|o| o.data.parent_id != new.data.parent_id) {
        no_cycle(tx, new.meta.id, new.data.parent_id, |o: &PartyOrganization| o.parent_id, found)?;
    }
    let begins = new.data.status == PartyOrganizationStatus::Active
        && old.is_none_or(|o| o.data.status != PartyOrganizationStatus::Active || o.data.kind != new.data.kind);
    if begins {
        let members = Query::by("party_organization_id", new.meta.id, 1);
        let standing = |s: MembershipStatus| Query {
            conditions: [members.conditions.clone(), vec![equal("status", s.as_str())]].concat(),
            ..members.clone()
        };
        let full = PartyMembership::count(tx.conn, &Scope::System, &standing(MembershipStatus::Full))?;
        let probationary = PartyMembership::count(tx.conn, &Scope::System, &standing(MembershipStatus::Probationary))?;
        new.data.check_size(full, full + probationary, found);
    }
    Ok(())
}

/// A formal membership is held by an organization that is not functional; an affiliation may be anywhere.
pub fn party_membership(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<PartyMembership>>,
    new: &Record<PartyMembership>,
    found: &mut Findings,
) -> Result<()> {
    let unchanged = old.is_some_and(|o| {
        o.data.party_organization_id == new.data.party_organization_id && o.data.formal == new.data.formal
    });
    if unchanged || !new.data.formal {
        return Ok(());
    }
    // A missing one is reported by the reference check.
    let organization = PartyOrganization::get(tx.conn, &Scope::System, new.data.party_organization_id)?;
    if organization.is_some_and(|o| o.data.is_functional) {
        found.error("party_organization_id", Rule::FunctionalMembership);
    }
    Ok(())
}
