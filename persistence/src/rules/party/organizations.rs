//! Party organizations.
use super::super::no_cycle;
use super::members;
use crate::error::Result;
use crate::store::Store;
use crate::tx::Tx;
use domain::codes::{MembershipStatus, PartyOrganizationStatus};
use domain::party::PartyOrganization;
use domain::{Findings, Record, Rule, Scope, Violation};

/// A party organization is not above itself, stands below one that can have others below it, has the members its
/// kind needs, and ends without members.
pub fn party_organization(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<PartyOrganization>>,
    new: &Record<PartyOrganization>,
    found: &mut Findings,
) -> Result<()> {
    if old.is_none_or(|o| o.data.parent_id != new.data.parent_id)
        && let Some(parent) = new.data.parent_id
    {
        no_cycle(tx, new.meta.id, Some(parent), |o: &PartyOrganization| o.parent_id, found)?;
        // A missing one is reported by the reference check.
        if let Some(parent) = PartyOrganization::get(tx.conn, &Scope::System, parent)? {
            found.require(!parent.data.kind.is_lowest(), "parent_id", Rule::ParentKind);
            found.require(parent.data.lives(), "parent_id", Rule::ParentEnded);
        }
    }
    let begins = new.data.status == PartyOrganizationStatus::Active
        && old.is_none_or(|o| o.data.status != PartyOrganizationStatus::Active || o.data.kind != new.data.kind);
    let ends = !new.data.lives() && old.is_some_and(|o| o.data.lives());
    if !begins && !ends {
        return Ok(());
    }
    let full = members(tx.conn, new.meta.id, MembershipStatus::Full)?;
    let probationary = members(tx.conn, new.meta.id, MembershipStatus::Probationary)?;
    if begins {
        new.data.check_size(full, full + probationary, found);
    } else {
        let left = full + probationary + members(tx.conn, new.meta.id, MembershipStatus::Suspended)?;
        if left > 0 {
            found.push(Violation::new("status", Rule::StillHasMembers).with("count", left));
        }
    }
    Ok(())
}
