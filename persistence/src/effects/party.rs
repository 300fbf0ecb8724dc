//! Terms that replace others, and memberships that begin, move and end.
use super::bring_about;
use crate::error::Result;
use crate::query::Query;
use crate::steps::follow;
use crate::store::Store;
use crate::tx::Tx;
use domain::codes::{ApplicationStatus, MembershipStatus, PartyTermStatus, RelationTransferStatus};
use domain::party::{MembershipApplication, PartyMembership, PartyOrganization, PartyTerm, RelationTransfer};
use domain::{PartialDate, Record, Scope, Uuid};

/// What an application or a letter brings about.
const MEMBERSHIP: &str = "membership";

/// A new term replaces the one before it.
pub fn party_term(tx: &mut Tx<'_>, old: Option<&Record<PartyTerm>>, new: &Record<PartyTerm>) -> Result<()> {
    let begins = new.data.is_current() && old.is_none_or(|o| !o.data.is_current());
    if !begins || new.meta.deleted_at.is_some() {
        return Ok(());
    }
    let all = Query::by("party_organization_id", new.data.party_organization_id, 100);
    let earlier = PartyTerm::list(tx.conn, &Scope::System, &all)?.items.into_iter().filter(|t| {
        let over = t.data.is_current() || t.data.status == PartyTermStatus::Expired;
        over && t.meta.id != new.meta.id && t.data.elected_on <= new.data.elected_on
    });
    for term in earlier {
        follow(tx, &term, |t| t.data.status = PartyTermStatus::Replaced)?;
    }
    Ok(())
}

/// Admission makes a membership on probation, conversion a full one. An application that is brought in at its end
/// changes nothing: its membership is on record by itself.
pub fn membership_application(
    tx: &mut Tx<'_>,
    old: Option<&Record<MembershipApplication>>,
    new: &Record<MembershipApplication>,
) -> Result<()> {
    use ApplicationStatus::{Full, Probationary, Rejected};
    let (Some(old), Some(cadre)) = (old, new.data.cadre_id) else { return Ok(()) };
    if old.data.status == new.data.status || new.meta.deleted_at.is_some() {
        return Ok(());
    }
    let known = PartyMembership::list(tx.conn, &Scope::System, &Query::by("cadre_id", cadre, 100))?.items;
    match new.data.status {
        Probationary => {
            let introducers = PartyMembership::by_ids(tx.conn, &Scope::System, &new.data.introducer_ids)?;
            let persons: Vec<Uuid> = introducers.iter().map(|m| m.data.cadre_id).collect();
            let persons = domain::cadres::Cadre::by_ids(tx.conn, &Scope::System, &persons)?;
            let mut data = admitted(&new.data, cadre);
            data.introducers = persons.into_iter().map(|p| p.data.name).collect();
            data.re_admitted = known.iter().any(|m| m.data.formal && m.data.status == MembershipStatus::Removed);
            bring_about(tx, (new.meta.id, MEMBERSHIP), new.meta.division_code.clone(), data)
        }
        Full | Rejected => {
            let on_probation = known.into_iter().find(|m| {
                m.data.formal
                    && m.data.status == MembershipStatus::Probationary
                    && m.data.party_organization_id == new.data.party_organization_id
            });
            let Some(membership) = on_probation else { return Ok(()) };
            let converted = new.data.converted_on.map(PartialDate::day).filter(|_| new.data.status == Full);
            let change = |m: &mut Record<PartyMembership>| {
                m.data.converted_on = converted;
                m.data.status = if converted.is_some() { MembershipStatus::Full } else { MembershipStatus::Cancelled };
            };
            follow(tx, &membership, change).map(drop)
        }
        _ => Ok(()),
    }
}

fn admitted(application: &MembershipApplication, cadre_id: Uuid) -> PartyMembership {
    let meeting = application.meeting_on.unwrap_or(application.applied_on);
    PartyMembership {
        cadre_id,
        party_organization_id: application.party_organization_id,
        formal: true,
        joined_on: PartialDate::day(meeting),
        approved_on: application.approved_on.map(PartialDate::day),
        converted_on: None,
        introducers: vec![],
        status: MembershipStatus::Probationary,
        floating: false,
        flow_to: None,
        lost_contact_on: None,
        suspended_on: None,
        removed_on: None,
        dues_base: None,
        dues_rate: None,
        dues_paid_until: None,
        restored_from: None,
        re_admitted: false,
        verified_by_archive: true,
    }
}

/// Acceptance moves the member: the membership of departure ends, and one in the other organization begins with
/// the same dates, if it is one of this system.
pub fn relation_transfer(
    tx: &mut Tx<'_>,
    old: Option<&Record<RelationTransfer>>,
    new: &Record<RelationTransfer>,
) -> Result<()> {
    let accepted = |r: &Record<RelationTransfer>| r.data.status == RelationTransferStatus::Accepted;
    if !accepted(new) || old.is_none_or(accepted) || new.meta.deleted_at.is_some() {
        return Ok(());
    }
    let Some(from) = PartyMembership::get(tx.conn, &Scope::System, new.data.party_membership_id)? else {
        return Ok(());
    };
    follow(tx, &from, |m| m.data.status = MembershipStatus::Transferred)?;
    let Some(to) = new.data.to_organization_id else { return Ok(()) };
    let Some(organization) = PartyOrganization::get(tx.conn, &Scope::System, to)? else { return Ok(()) };
    let data = PartyMembership {
        party_organization_id: to,
        dues_paid_until: new.data.dues_paid_to.or(from.data.dues_paid_until),
        floating: false,
        flow_to: None,
        ..from.data
    };
    bring_about(tx, (new.meta.id, MEMBERSHIP), organization.meta.division_code, data)
}
