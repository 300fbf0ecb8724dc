//! Commendations and medals.
use super::equal;
use crate::error::{Error, Result};
use crate::query::Query;
use crate::store::Store;
use crate::tx::Tx;
use domain::codes::{CadreStatus, CampaignStatus, HonorKind, HonorStatus};
use domain::honors::{CommendationCampaign, Honor};
use domain::{Findings, PartialDate, Problem, Record, Rule, Scope, Violation};

/// Whether who has died since was alive on the day that the campaign asks about.
fn alive_at_cutoff(tx: &mut Tx<'_>, scope: &Scope, honor: &Honor, died: Option<PartialDate>) -> Result<bool> {
    let Some(campaign) = honor.campaign_id else { return Ok(false) };
    let cutoff = CommendationCampaign::get(tx.conn, scope, campaign)?.and_then(|c| c.data.cutoff_on);
    Ok(cutoff.zip(died).is_some_and(|(cutoff, died)| died.first_day() >= cutoff))
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
        && !alive_at_cutoff(tx, scope, honor, subject.data.died_on)?
    {
        found.error("cadre_id", Rule::SubjectDeceased);
    }
    let awarded = |h: &Honor| h.status == HonorStatus::Awarded;
    if let (Some(campaign), Some(old)) = (honor.campaign_id, old)
        && awarded(honor)
        && !awarded(&old.data)
        && let Some(campaign) = CommendationCampaign::get(tx.conn, scope, campaign)?
        && !matches!(campaign.data.status, CampaignStatus::Publicized | CampaignStatus::Awarded)
    {
        found.push(Violation::new("campaign_id", Rule::CampaignState).with("state", campaign.data.status));
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
