//! Terms of office and posts.
use super::members;
use crate::error::{Error, Result};
use crate::query::Query;
use crate::store::Store;
use crate::tx::Tx;
use domain::codes::{MembershipStatus, PartyPostRole};
use domain::party::{COMMITTEE_FROM_MEMBERS, PartyMembership, PartyOrganization, PartyPost, PartyTerm};
use domain::{Findings, Problem, Record, Rule, Scope, Violation};

/// A term has the seats its organization may fill, and does not begin before the one that is serving.
pub fn party_term(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<PartyTerm>>,
    new: &Record<PartyTerm>,
    found: &mut Findings,
) -> Result<()> {
    let organization = new.data.party_organization_id;
    let moved = old.is_none_or(|o| o.data.party_organization_id != organization);
    if let Some(seats) = new.data.seats.filter(|seats| moved || old.is_none_or(|o| o.data.seats != Some(*seats)))
        // A missing one is reported by the reference check.
        && let Some(of) = PartyOrganization::get(tx.conn, &Scope::System, organization)?
        && of.data.kind.is_lowest()
    {
        let full = members(tx.conn, organization, MembershipStatus::Full)?;
        of.data.check_seats("seats", seats.into(), full, found);
    }
    if !new.data.is_current() || (!moved && old.is_some_and(|o| o.data.is_current())) {
        return Ok(());
    }
    tx.serialize(&format!("terms:{organization}"))?;
    let all = Query::by("party_organization_id", organization, 100);
    let terms = PartyTerm::list(tx.conn, &Scope::System, &all)?.items;
    let later = terms
        .into_iter()
        .find(|t| t.meta.id != new.meta.id && t.data.is_current() && t.data.elected_on > new.data.elected_on);
    if let Some(day) = later.and_then(|t| t.data.elected_on) {
        let serving = Violation::new("status", Rule::TermServing).with("elected_on", day);
        return Err(Error::Refused(Problem::AlreadyExists, vec![serving]));
    }
    Ok(())
}

/// A branch with fewer than seven full members has a secretary and at most one deputy; with more, a committee.
pub fn party_post(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<PartyPost>>,
    new: &Record<PartyPost>,
    found: &mut Findings,
) -> Result<()> {
    let post = &new.data;
    let same = |o: &Record<PartyPost>| {
        o.data.party_organization_id == post.party_organization_id
            && o.data.role == post.role
            && o.data.ended_on.is_none()
            && o.data.cadre_id == post.cadre_id
    };
    if post.ended_on.is_some() || old.is_some_and(same) {
        return Ok(());
    }
    let organization = post.party_organization_id;
    tx.serialize(&format!("posts:{organization}"))?;
    let mine = Query::by("cadre_id", post.cadre_id, 100);
    let memberships = PartyMembership::list(tx.conn, &Scope::System, &mine)?.items;
    let member = memberships
        .iter()
        .any(|m| m.data.party_organization_id == organization && m.data.status == MembershipStatus::Full);
    if !member {
        found.warn("cadre_id", Rule::PostHolderNotMember);
    }
    let Some(of) = PartyOrganization::get(tx.conn, &Scope::System, organization)? else { return Ok(()) };
    if !of.data.kind.is_lowest() {
        return Ok(());
    }
    let full = members(tx.conn, organization, MembershipStatus::Full)?;
    let leads = matches!(post.role, PartyPostRole::Secretary | PartyPostRole::DeputySecretary);
    if full < COMMITTEE_FROM_MEMBERS && !leads {
        found.push(Violation::new("role", Rule::CommitteeSeats).with("count", full));
        return Ok(());
    }
    let there = PartyPost::list(tx.conn, &Scope::System, &Query::by("party_organization_id", organization, 500))?;
    let others = there.items.iter().filter(|p| p.data.ended_on.is_none() && p.meta.id != new.meta.id).count();
    of.data.check_seats("role", i64::try_from(others).unwrap_or(i64::MAX).saturating_add(1), full, found);
    Ok(())
}
