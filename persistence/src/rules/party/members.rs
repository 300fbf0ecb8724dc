//! Members: how they come, move and pay.
use super::super::equal;
use crate::error::{Error, Result};
use crate::query::Query;
use crate::store::Store;
use crate::tx::Tx;
use domain::codes::{ApplicationStatus, DuesKind, MembershipStatus, RelationTransferStatus};
use domain::party::{DuesPayment, MembershipApplication, PartyMembership, PartyOrganization, RelationTransfer};
use domain::{Code, Findings, Problem, Record, Rule, Scope, Violation};

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

/// Mentors and introducers are full members; a probation is extended once.
pub fn membership_application(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<MembershipApplication>>,
    new: &Record<MembershipApplication>,
    found: &mut Findings,
) -> Result<()> {
    let application = &new.data;
    let before = old.map(|o| (&o.data.mentor_ids, &o.data.introducer_ids));
    for (field, ids, known) in [
        ("mentor_ids", &application.mentor_ids, before.map(|b| b.0)),
        ("introducer_ids", &application.introducer_ids, before.map(|b| b.1)),
    ] {
        if known == Some(ids) {
            continue;
        }
        // One that is missing is reported by the reference check.
        for membership in PartyMembership::by_ids(tx.conn, &Scope::System, ids)? {
            if membership.data.status != MembershipStatus::Full
                && let Some(at) = ids.iter().position(|id| *id == membership.meta.id)
            {
                let other = Violation::new(format!("/{field}/{at}"), Rule::FullMember);
                found.push(other.with("status", membership.data.status));
            }
        }
    }
    let longer = |o: &&Record<MembershipApplication>| o.data.extension_months != application.extension_months;
    found.errors.extend(old.filter(longer).and_then(|o| o.data.extended_already()));
    let admitted = application.status == ApplicationStatus::Probationary
        && old.is_some_and(|o| o.data.status != ApplicationStatus::Probationary);
    if admitted && application.cadre_id.is_none() {
        found.warn("cadre_id", Rule::ApplicantNoCadre);
    }
    Ok(())
}

/// What moves is a formal membership in force, and where it goes there is a formal organization at work.
pub fn relation_transfer(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<RelationTransfer>>,
    new: &Record<RelationTransfer>,
    found: &mut Findings,
) -> Result<()> {
    use RelationTransferStatus::{Accepted, Issued};
    let transfer = &new.data;
    let opens =
        transfer.status == Issued && old.is_none_or(|o| o.data.party_membership_id != transfer.party_membership_id);
    let accepts = transfer.status == Accepted && old.is_some_and(|o| o.data.status != Accepted);
    if accepts {
        tx.serialize(&format!("membership:{}", transfer.party_membership_id))?;
    }
    // Those that are missing are reported by the reference check.
    let membership = PartyMembership::get(tx.conn, &Scope::System, transfer.party_membership_id)?;
    if let Some(membership) = membership.filter(|_| opens || accepts) {
        found.require(membership.data.formal, "party_membership_id", Rule::FormalMembership);
        let moves = matches!(membership.data.status, MembershipStatus::Full | MembershipStatus::Probationary);
        found.require(moves, "party_membership_id", Rule::MembershipNotInForce);
        if transfer.to_organization_id == Some(membership.data.party_organization_id) {
            if accepts {
                found.error("to_organization_id", Rule::SameOrganization);
            } else {
                found.warn("to_organization_id", Rule::SameOrganization);
            }
        }
    }
    let redirected = old.is_none_or(|o| o.data.to_organization_id != transfer.to_organization_id);
    if let Some(to) = transfer.to_organization_id.filter(|_| redirected || accepts)
        && let Some(organization) = PartyOrganization::get(tx.conn, &Scope::System, to)?
        && (transfer.status == Issued || accepts)
    {
        found.require(!organization.data.is_functional, "to_organization_id", Rule::FunctionalMembership);
        found.require(organization.data.lives(), "to_organization_id", Rule::OrganizationEnded);
    }
    Ok(())
}

/// A month is paid once.
pub fn dues_payment(
    tx: &mut Tx<'_>,
    _: &Scope,
    _: Option<&Record<DuesPayment>>,
    new: &Record<DuesPayment>,
    found: &mut Findings,
) -> Result<()> {
    let payment = &new.data;
    let (DuesKind::Monthly, Some(from), Some(to)) = (payment.kind, payment.period_from, payment.period_to) else {
        return Ok(());
    };
    if !found.errors.is_empty() {
        return Ok(());
    }
    tx.serialize(&format!("dues:{}", payment.cadre_id))?;
    let mut query = Query::by("cadre_id", payment.cadre_id, 1);
    query.conditions.push(equal("kind", DuesKind::Monthly.as_str()));
    // The first payment that ends in these months or behind them.
    let at_least = crate::Condition { field: "period_to".into(), op: crate::Op::Gte, value: from.to_string() };
    let at_most = crate::Condition { field: "period_from".into(), op: crate::Op::Lte, value: to.to_string() };
    query.conditions.extend([at_least, at_most]);
    query.limit = 2;
    let paid = DuesPayment::list(tx.conn, &Scope::System, &query)?.items;
    if paid.iter().any(|p| p.meta.id != new.meta.id) {
        return Err(Error::Refused(Problem::AlreadyExists, vec![Violation::new("period_from", Rule::DuesPaid)]));
    }
    Ok(())
}
