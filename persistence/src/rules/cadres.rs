//! Transfers and deaths.
use crate::effects;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::tx::Tx;
use domain::cadres::{Cadre, CadreTransfer, Death};
use domain::codes::{CadreStatus, DeathStatus, TransferDirection, TransferStatus};
use domain::{Findings, Problem, Record, Rule, Scope, Violation};

/// Each side does what is its own: the giving side everything but accepting, the receiving side nothing but accepting
/// and rejecting. A cadre that is to go is in care.
pub fn cadre_transfer(
    tx: &mut Tx<'_>,
    scope: &Scope,
    old: Option<&Record<CadreTransfer>>,
    new: &Record<CadreTransfer>,
    found: &mut Findings,
) -> Result<()> {
    let transfer = &new.data;
    let giving = scope.covers(&new.meta.division_code);
    let receiving = transfer.to_division.as_ref().is_some_and(|d| scope.covers(d));
    if let Some(old) = old {
        let accepts = transfer.status == TransferStatus::ToAccepted && old.data.status != TransferStatus::ToAccepted;
        let rejects = transfer.status == TransferStatus::Rejected && old.data.status != TransferStatus::Rejected;
        let waits = transfer.status == old.data.status
            && matches!(transfer.status, TransferStatus::FromApproved | TransferStatus::ToAccepted);
        // What the receiving side may say beside its answer.
        let answered = CadreTransfer {
            status: transfer.status,
            to_unit_id: transfer.to_unit_id,
            accepted_on: transfer.accepted_on,
            effective_date: transfer.effective_date,
            paying_unit_after: transfer.paying_unit_after.clone(),
            handover_ack: transfer.handover_ack,
            handover_note: transfer.handover_note.clone(),
            closing_reason: transfer.closing_reason.clone(),
            ..old.data.clone()
        };
        let own = match (giving, receiving) {
            (true, true) => true,
            (true, false) => !accepts || transfer.to_division.is_none(),
            (false, _) => (accepts || rejects || waits) && answered == *transfer,
        };
        let draft = old.data.status == TransferStatus::Draft;
        found.require(draft || transfer.same_way(&old.data), "to_division", Rule::Settled);
        if !own {
            let other = if giving { transfer.to_division.as_ref() } else { Some(&new.meta.division_code) };
            let division = other.map(ToString::to_string).unwrap_or_default();
            let why = Violation::new("status", Rule::OtherSide).with("division", division);
            return Err(Error::Refused(Problem::Forbidden, vec![why]));
        }
    }
    let begins = transfer.under_way() && old.is_none_or(|o| !o.data.under_way());
    if begins
        && transfer.direction != TransferDirection::In
        && let Some(cadre) = Cadre::get(tx.conn, scope, transfer.cadre_id)?
        && !matches!(cadre.data.status, CadreStatus::InCare | CadreStatus::TransferPending)
    {
        found.push(Violation::new("cadre_id", Rule::CadreState).with("state", cadre.data.status));
    }
    let ends = transfer.status == TransferStatus::Done && old.is_some_and(|o| o.data.status != TransferStatus::Done);
    if !begins && !ends {
        return Ok(());
    }
    let open = effects::blockers_of(tx.conn, transfer.cadre_id)?;
    let blockers =
        open.into_iter().map(|(resource, _)| Violation::new("cadre_id", Rule::OpenItem).with("resource", resource));
    if ends && !transfer.handover_ack {
        let blockers: Vec<Violation> = blockers.collect();
        return if blockers.is_empty() { Ok(()) } else { Err(Error::Refused(Problem::TransferBlocked, blockers)) };
    }
    found.warnings.extend(blockers);
    Ok(())
}

/// Nobody dies before birth, in the future, or after having left.
pub fn death(
    tx: &mut Tx<'_>,
    scope: &Scope,
    old: Option<&Record<Death>>,
    new: &Record<Death>,
    found: &mut Findings,
) -> Result<()> {
    let death = &new.data;
    if old.is_some_and(|o| o.data.died_on == death.died_on && o.data.status == death.status) {
        return Ok(());
    }
    if let Some(old) = old.filter(|o| o.data.status == DeathStatus::Confirmed) {
        let same = (old.data.cadre_id, old.data.died_on) == (death.cadre_id, death.died_on);
        found.require(same, "died_on", Rule::Settled);
    }
    if death.died_on > tx.stamp.today {
        found.push(Violation::new("died_on", Rule::FutureDate).with("today", tx.stamp.today));
    }
    let Some(cadre) = Cadre::get(tx.conn, scope, death.cadre_id)? else { return Ok(()) };
    found.require(death.died_on >= cadre.data.birth_date.first_day(), "died_on", Rule::NotBeforeBirth);
    let standing = matches!(death.status, DeathStatus::Reported | DeathStatus::Confirmed);
    if standing && matches!(cadre.data.status, CadreStatus::TransferredOut | CadreStatus::Void) {
        found.push(Violation::new("cadre_id", Rule::CadreState).with("state", cadre.data.status));
    }
    Ok(())
}
