//! Rules that need other rows: each gathers its facts and leaves the judgement to the domain where it can.
//!
//! A rule that counts or compares rows names what it must be alone with ([`Tx::serialize`]), or two
//! requests at once would both find room.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::identity;
use crate::query::{Condition, Op, Query, Sort};
use crate::store::Store;
use crate::tx::Tx;
use domain::administration::User;
use domain::benefits::BenefitStandard;
use domain::codes::{
    CadreStatus, CampaignStatus, HonorKind, HonorStatus, MembershipStatus, PartyOrganizationStatus, StandardKind,
};
use domain::honors::{CommendationCampaign, Honor};
use domain::party::{PartyMembership, PartyOrganization};
use domain::reference::Unit;
use domain::{Code, Findings, Problem, Record, Rule, Scope, Uuid, Violation};

/// Parents above a record that a rule walks at most.
const DEPTH: usize = 32;

/// A unit is not above itself.
pub fn unit(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<Unit>>,
    new: &Record<Unit>,
    found: &mut Findings,
) -> Result<()> {
    if old.is_none_or(|o| o.data.parent_id != new.data.parent_id) {
        no_cycle(tx, new.meta.id, new.data.parent_id, |u: &Unit| u.parent_id, found)?;
    }
    Ok(())
}

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

/// The subject lives, the campaign has the category, and its quota has room.
pub fn honor(
    tx: &mut Tx<'_>,
    scope: &Scope,
    old: Option<&Record<Honor>>,
    new: &Record<Honor>,
    found: &mut Findings,
) -> Result<()> {
    let honor = &new.data;
    if let (Some(cadre), None) = (honor.cadre_id, old)
        && honor.kind != HonorKind::Other
        && let Some(subject) = domain::cadres::Cadre::get(tx.conn, scope, cadre)?
        && subject.data.status == CadreStatus::Deceased
    {
        found.error("cadre_id", Rule::SubjectDeceased);
    }
    let (Some(campaign_id), Some(category)) = (honor.campaign_id, honor.category) else { return Ok(()) };
    let unchanged = old.is_some_and(|o| {
        o.data.campaign_id == honor.campaign_id
            && o.data.category == honor.category
            && (o.data.takes_quota() || !honor.takes_quota())
    });
    if unchanged {
        return Ok(());
    }
    tx.serialize(&format!("campaign:{campaign_id}"))?;
    let Some(campaign) = CommendationCampaign::get(tx.conn, scope, campaign_id)? else { return Ok(()) };
    if campaign.data.status == CampaignStatus::Closed {
        found.push(Violation::new("campaign_id", Rule::CampaignState).with("state", campaign.data.status));
    }
    let Some(quota) = campaign.data.quota(category) else {
        found.error("category", Rule::CategoryUnknown);
        return Ok(());
    };
    let mine =
        Query { conditions: vec![equal("campaign_id", campaign_id), equal("category", category)], ..Query::all(1) };
    let rejected = Query {
        conditions: [mine.conditions.clone(), vec![equal("status", HonorStatus::Rejected)]].concat(),
        ..mine.clone()
    };
    let taken = Honor::count(tx.conn, &Scope::System, &mine)? - Honor::count(tx.conn, &Scope::System, &rejected)?;
    if honor.takes_quota() && taken >= i64::from(quota) {
        let full = Violation::new("category", Rule::TooMany).with("max", quota);
        return Err(Error::Refused(Problem::Quota, vec![full]));
    }
    Ok(())
}

/// Periods of one kind and scope do not overlap within a division; the medical pool does not fall.
pub fn benefit_standard(
    tx: &mut Tx<'_>,
    _: &Scope,
    _: Option<&Record<BenefitStandard>>,
    new: &Record<BenefitStandard>,
    found: &mut Findings,
) -> Result<()> {
    let standard = &new.data;
    let division = &new.meta.division_code;
    tx.serialize(&format!("standard:{}:{}:{division}", standard.kind, standard.scope))?;
    let same = Query {
        conditions: vec![equal("kind", standard.kind), equal("scope", &standard.scope)],
        sort: Sort { key: "valid_from".into(), descending: true },
        ..Query::all(1000)
    };
    let others: Vec<_> = BenefitStandard::list(tx.conn, &Scope::System, &same)?
        .items
        .into_iter()
        .filter(|o| o.meta.division_code == *division && o.meta.id != new.meta.id)
        .collect();
    let overlaps = |o: &&Record<BenefitStandard>| {
        o.data.valid_to.is_none_or(|to| to >= standard.valid_from)
            && standard.valid_to.is_none_or(|to| to >= o.data.valid_from)
    };
    if let Some(other) = others.iter().find(overlaps) {
        let clash = Violation::new("valid_from", Rule::PeriodOrder)
            .with("other", format!("{} ({})", other.data.valid_from, other.meta.id));
        return Err(Error::Refused(Problem::PeriodOverlap, vec![clash]));
    }
    let before = others.iter().find(|o| o.data.valid_from < standard.valid_from);
    if let (StandardKind::MedicalPool, Some(amount), Some(previous)) =
        (standard.kind, standard.amount, before.and_then(|o| o.data.amount))
        && amount < previous
    {
        found.note(Violation::new("amount", Rule::StandardDecreased).with("previous", previous));
    }
    Ok(())
}

/// Nobody hands out a role that is more than their own. What was issued to the user is looked at anew.
pub fn user(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<User>>,
    new: &Record<User>,
    found: &mut Findings,
) -> Result<()> {
    tx.begin()?;
    identity::touch(tx.conn)?;
    let Some(granter) = tx.stamp.role else { return Ok(()) };
    let touched = [Some(new.data.role), old.map(|o| o.data.role)];
    found.require(touched.iter().flatten().all(|r| granter.may_grant(*r)), "role", Rule::RoleNotGrantable);
    Ok(())
}

fn equal(field: &str, value: impl ToString) -> Condition {
    Condition { field: field.into(), op: Op::Eq, value: value.to_string() }
}

/// Walks up from `parent`; meeting `id` would close a circle.
fn no_cycle<R: Store>(
    tx: &mut Tx<'_>,
    id: Uuid,
    parent: Option<Uuid>,
    up: fn(&R) -> Option<Uuid>,
    found: &mut Findings,
) -> Result<()> {
    let Some(mut at) = parent else { return Ok(()) };
    tx.serialize(R::PATH)?;
    for _ in 0..DEPTH {
        if at == id {
            found.error("parent_id", Rule::Cycle);
            return Ok(());
        }
        match above::<R>(tx.conn, at, up)? {
            Some(next) => at = next,
            None => return Ok(()),
        }
    }
    found.error("parent_id", Rule::Cycle);
    Ok(())
}

fn above<R: Store>(conn: &mut Conn, id: Uuid, up: fn(&R) -> Option<Uuid>) -> Result<Option<Uuid>> {
    Ok(R::get(conn, &Scope::System, id)?.and_then(|r| up(&r.data)))
}
