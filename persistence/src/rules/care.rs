//! Medical expenses and the pools they are paid from, sanatoriums, contacts, hardship.
use super::{equal, nearest};
use crate::benefits::balance;
use crate::error::{Error, Result};
use crate::query::{Condition, Op, Query};
use crate::store::Store;
use crate::tx::Tx;
use domain::benefits::{
    CareContact, CarePair, HardshipCase, HardshipScheme, MedicalClaim, MedicalPoolEntry, SanatoriumPlan, SanatoriumStay,
};
use domain::cadres::Cadre;
use domain::codes::{CadreStatus, ClaimStatus, PoolEntryKind, SanatoriumPlanStatus, SanatoriumStayStatus};
use domain::{DivisionCode, Findings, Money, NaiveDate, Problem, Record, Rule, Scope, Violation};

/// What lies after a death is not claimed, and what is paid stays as it was paid.
pub fn medical_claim(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<MedicalClaim>>,
    new: &Record<MedicalClaim>,
    found: &mut Findings,
) -> Result<()> {
    use ClaimStatus::{Paid, Refunded, Rejected};
    let claim = &new.data;
    if let Some(old) = old.filter(|o| matches!(o.data.status, Paid | Refunded)) {
        let of = |c: &MedicalClaim| (c.cadre_id, c.amount, c.allowed_amount, c.paid_on, c.period_to);
        found.require(of(&old.data) == of(claim), "allowed_amount", Rule::ClaimSettled);
    }
    if matches!(claim.status, Rejected | Refunded) {
        return Ok(());
    }
    // A cadre that is not there is reported by the reference check.
    let Some(cadre) = Cadre::get(tx.conn, &Scope::System, claim.cadre_id)? else { return Ok(()) };
    if let Some(died) = cadre.data.died_on.filter(|_| cadre.data.status == CadreStatus::Deceased)
        && claim.period_to > died.last_day()
    {
        found.push(Violation::new("period_to", Rule::ClaimAfterDeath).with("died_on", died));
    }
    Ok(())
}

/// Makes all others wait who book in the pool of a division and year, and fails where it would hold less than nothing
/// after `amount` is added.
///
/// # Errors
/// `Refused(PoolExhausted)` with what it holds and what is to be taken.
pub(crate) fn book(tx: &mut Tx<'_>, division: &DivisionCode, year: i32, amount: Money) -> Result<()> {
    tx.serialize(&format!("medical-pool:{division}:{year}"))?;
    if amount.0 >= 0 {
        return Ok(());
    }
    let holds = balance(tx.conn, division, year)?;
    if holds.0 + amount.0 >= 0 {
        return Ok(());
    }
    let short = Violation::new("", Rule::PoolBalance).with("division", division).with("year", year);
    let short = short.with("balance", holds).with("amount", Money(-amount.0));
    Err(Error::Refused(Problem::PoolExhausted, vec![short]))
}

/// By hand a payment is neither made nor taken back; each entry is taken back once, where it stands.
pub fn medical_pool_entry(
    tx: &mut Tx<'_>,
    _: &Scope,
    _: Option<&Record<MedicalPoolEntry>>,
    new: &Record<MedicalPoolEntry>,
    found: &mut Findings,
) -> Result<()> {
    let entry = &new.data;
    found.require(entry.kind != PoolEntryKind::Payment, "kind", Rule::MadeByClaim);
    found.require(entry.claim_id.is_none(), "claim_id", Rule::MadeByClaim);
    // One that is not there is reported by the reference check.
    if let Some(id) = entry.reverses_id
        && let Some(reversed) = MedicalPoolEntry::get(tx.conn, &Scope::System, id)?
    {
        let Record { meta, data: reversed } = reversed;
        found.require(reversed.kind != PoolEntryKind::Payment, "reverses_id", Rule::MadeByClaim);
        found.require(reversed.kind != PoolEntryKind::Reversal, "reverses_id", Rule::ReversalOf);
        let there = (&meta.division_code, reversed.year) == (&new.meta.division_code, entry.year);
        found.require(there, "reverses_id", Rule::ReversalElsewhere);
        let expected = Money(-reversed.amount.unwrap_or_default().0);
        if entry.amount != Some(expected) {
            found.push(Violation::new("amount", Rule::ReversalAmount).with("expected", expected));
        }
    }
    if found.errors.is_empty() {
        book(tx, &new.meta.division_code, entry.year, entry.amount.unwrap_or_default())?;
    }
    Ok(())
}

/// The stays of a plan that take a place.
fn taken(tx: &mut Tx<'_>, stay: &Record<SanatoriumStay>) -> Result<i64> {
    let all = Query { limit: 10_000, ..Query::by("sanatorium_plan_id", stay.data.sanatorium_plan_id, 1) };
    let own = |s: &&Record<SanatoriumStay>| s.meta.id != stay.meta.id && s.data.takes_a_place();
    let stays = SanatoriumStay::list(tx.conn, &Scope::System, &all)?.items;
    Ok(i64::try_from(stays.iter().filter(own).count()).unwrap_or(i64::MAX))
}

fn full(field: &str, capacity: i32, taken: i64) -> Error {
    let full = Violation::new(field, Rule::CapacityFull).with("capacity", capacity).with("taken", taken);
    Error::Refused(Problem::Capacity, vec![full])
}

/// A plan keeps the places that are taken.
pub fn sanatorium_plan(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<SanatoriumPlan>>,
    new: &Record<SanatoriumPlan>,
    _: &mut Findings,
) -> Result<()> {
    if old.is_none_or(|o| o.data.capacity <= new.data.capacity) {
        return Ok(());
    }
    tx.serialize(&format!("sanatorium-plan:{}", new.meta.id))?;
    let all = Query::by("sanatorium_plan_id", new.meta.id, 1);
    let withdrawn = Query {
        conditions: [all.conditions.clone(), vec![equal("status", SanatoriumStayStatus::Withdrawn)]].concat(),
        ..all.clone()
    };
    let taken = SanatoriumStay::count(tx.conn, &Scope::System, &all)?
        - SanatoriumStay::count(tx.conn, &Scope::System, &withdrawn)?;
    if taken > i64::from(new.data.capacity) { Err(full("capacity", new.data.capacity, taken)) } else { Ok(()) }
}

/// The plan takes sign-ups and has room, and the cadre has no other stay in the year, or a reason for one.
pub fn sanatorium_stay(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<SanatoriumStay>>,
    new: &Record<SanatoriumStay>,
    found: &mut Findings,
) -> Result<()> {
    use SanatoriumPlanStatus::{Cancelled, Draft, Open};
    let stay = &new.data;
    let same = |o: &Record<SanatoriumStay>| {
        let kept = (o.data.sanatorium_plan_id, o.data.cadre_id) == (stay.sanatorium_plan_id, stay.cadre_id);
        kept && o.data.takes_a_place() && (o.data.override_reason.is_some() == stay.override_reason.is_some())
    };
    if !stay.takes_a_place() || old.is_some_and(same) {
        return Ok(());
    }
    let Some(plan) = SanatoriumPlan::get(tx.conn, &Scope::System, stay.sanatorium_plan_id)? else { return Ok(()) };
    // What took place is put on record afterwards; a place is asked for while there is sign-up.
    let fits = match stay.status {
        SanatoriumStayStatus::SignedUp => plan.data.status == Open,
        _ => !matches!(plan.data.status, Draft | Cancelled),
    };
    if !fits {
        found.push(Violation::new("sanatorium_plan_id", Rule::PlanState).with("state", plan.data.status));
        return Ok(());
    }
    // Always the plan first, so that two who want the same two things never wait for each other.
    tx.serialize(&format!("sanatorium-plan:{}", plan.meta.id))?;
    tx.serialize(&format!("sanatorium-stay:{}:{}", stay.cadre_id, plan.data.year))?;
    // What was read before the wait may be another now.
    let Some(plan) = SanatoriumPlan::get(tx.conn, &Scope::System, plan.meta.id)? else { return Ok(()) };
    let taken = taken(tx, new)?;
    if taken >= i64::from(plan.data.capacity) {
        return Err(full("sanatorium_plan_id", plan.data.capacity, taken));
    }
    let mut of_year = Query::by("cadre_id", stay.cadre_id, 100);
    of_year.conditions.push(equal("year", plan.data.year));
    let others = SanatoriumStay::list(tx.conn, &Scope::System, &of_year)?.items;
    let mut others = others.iter().filter(|o| o.meta.id != new.meta.id && o.data.takes_a_place()).peekable();
    let excused = stay.override_reason.is_some();
    // In one plan nobody has two places, whatever the reason.
    if others.peek().is_some() && (!excused || others.any(|o| o.data.sanatorium_plan_id == plan.meta.id)) {
        let reason = Violation::new("cadre_id", Rule::StayReason).with("year", plan.data.year);
        return Err(Error::Refused(Problem::StayOfYear, vec![reason]));
    }
    Ok(())
}

/// A contact is within its pair's time, and has taken place.
pub fn care_contact(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<CareContact>>,
    new: &Record<CareContact>,
    found: &mut Findings,
) -> Result<()> {
    let contact = &new.data;
    let same = |o: &Record<CareContact>| {
        (o.data.care_pair_id, o.data.contacted_on) == (contact.care_pair_id, contact.contacted_on)
    };
    if old.is_some_and(same) {
        return Ok(());
    }
    if contact.contacted_on > tx.stamp.today {
        found.push(Violation::new("contacted_on", Rule::FutureDate).with("today", tx.stamp.today));
    }
    if let Some(pair) = CarePair::get(tx.conn, &Scope::System, contact.care_pair_id)? {
        found.require(pair.data.is_active(contact.contacted_on), "contacted_on", Rule::OutsidePair);
    }
    Ok(())
}

/// The hardship scheme in force on a day: of those of the division nearest to a case that has any, the one that began
/// last.
pub(crate) fn scheme(
    tx: &mut Tx<'_>,
    division: &DivisionCode,
    day: NaiveDate,
) -> Result<Option<Record<HardshipScheme>>> {
    let begun = Condition { field: "valid_from".into(), op: Op::Lte, value: day.to_string() };
    let all = HardshipScheme::list(tx.conn, &Scope::System, &Query { conditions: vec![begun], ..Query::all(1000) })?;
    let in_force = all.items.into_iter().filter(|s| s.data.is_in_force(day)).collect();
    Ok(nearest(in_force, division).into_iter().max_by_key(|s| (s.data.valid_from, s.meta.id)))
}

/// Window, publicity and amounts are those of the scheme in force on the day of the application.
pub fn hardship_case(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<HardshipCase>>,
    new: &Record<HardshipCase>,
    found: &mut Findings,
) -> Result<()> {
    let scheme = match new.data.hardship_scheme_id {
        Some(id) => HardshipScheme::get(tx.conn, &Scope::System, id)?,
        None => None,
    };
    let began = old.is_none_or(|o| o.data.applied_on != new.data.applied_on);
    new.data.judge(scheme.as_ref().map(|s| &s.data), began, found);
    Ok(())
}
