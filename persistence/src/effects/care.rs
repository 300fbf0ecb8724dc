//! What a claim takes from its pool when it is paid, and gives back when that was wrong.
use super::{bring_about, brought_about};
use crate::error::{Error, Result};
use crate::rules::book;
use crate::store::Store;
use crate::tx::Tx;
use chrono::Datelike;
use domain::benefits::{MedicalClaim, MedicalPoolEntry};
use domain::codes::{ClaimStatus, PoolEntryKind};
use domain::{Money, Problem, Record, Resource, Scope};

/// What a payment and its reversal are called where their ids are made.
const PAYMENT: &str = "payment";
const REFUND: &str = "refund";

/// Whether money has been taken for a claim, be it given back since.
fn drew(claim: &Record<MedicalClaim>) -> bool {
    matches!(claim.data.status, ClaimStatus::Paid | ClaimStatus::Refunded)
}

/// Whether a change takes money from a pool or gives it back. A claim that is brought in as paid takes it too, so that
/// the payments of a pool are the paid claims.
pub fn moves_money(old: Option<&Record<MedicalClaim>>, new: &Record<MedicalClaim>) -> bool {
    let refunded = |r: &Record<MedicalClaim>| r.data.status == ClaimStatus::Refunded;
    let gone = new.meta.deleted_at.is_some() && drew(new);
    gone || old.is_some_and(drew) != drew(new) || old.is_some_and(refunded) != refunded(new)
}

/// Paid, a claim takes what was allowed from the pool of its division for the year of the payment; refunded, the same
/// goes back to where it came from.
pub fn medical_claim(tx: &mut Tx<'_>, old: Option<&Record<MedicalClaim>>, new: &Record<MedicalClaim>) -> Result<()> {
    if !moves_money(old, new) {
        return Ok(());
    }
    if new.meta.deleted_at.is_some() {
        // The ledger says that it was paid: it is refunded with a reason, and never just gone.
        let why = MedicalClaim::MACHINE.map(|machine| machine.wrong_state(new.data.status.code()));
        return Err(Error::Refused(Problem::WrongState, why.into_iter().collect()));
    }
    if !old.is_some_and(drew) && drew(new) {
        pay(tx, new)?;
    }
    if new.data.status == ClaimStatus::Refunded { refund(tx, new) } else { Ok(()) }
}

fn pay(tx: &mut Tx<'_>, claim: &Record<MedicalClaim>) -> Result<()> {
    let (Some(allowed), Some(paid_on)) = (claim.data.allowed_amount, claim.data.paid_on) else { return Ok(()) };
    let amount = Money(-allowed.0);
    book(tx, &claim.meta.division_code, paid_on.year(), amount)?;
    let entry = MedicalPoolEntry {
        kind: PoolEntryKind::Payment,
        year: paid_on.year(),
        amount: Some(amount),
        booked_on: paid_on,
        claim_id: Some(claim.meta.id),
        reverses_id: None,
        document_no: claim.data.document_no.clone(),
        note: None,
    };
    bring_about(tx, (claim.meta.id, PAYMENT), claim.meta.division_code.clone(), entry)
}

fn refund(tx: &mut Tx<'_>, claim: &Record<MedicalClaim>) -> Result<()> {
    let payment = brought_about(claim.meta.id, PAYMENT);
    let Some(payment) = MedicalPoolEntry::get(tx.conn, &Scope::System, payment)? else { return Ok(()) };
    let amount = Money(-payment.data.amount.unwrap_or_default().0);
    book(tx, &payment.meta.division_code, payment.data.year, amount)?;
    let entry = MedicalPoolEntry {
        kind: PoolEntryKind::Reversal,
        amount: Some(amount),
        booked_on: tx.stamp.today,
        reverses_id: Some(payment.meta.id),
        ..payment.data
    };
    bring_about(tx, (claim.meta.id, REFUND), payment.meta.division_code, entry)
}
