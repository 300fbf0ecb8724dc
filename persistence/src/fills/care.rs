//! Of what year a stay is, whom a contact was with, by which scheme a case is judged, what a reversal takes back.
use crate::error::Result;
use crate::rules::scheme;
use crate::store::Store;
use crate::tx::Tx;
use domain::benefits::{CareContact, CarePair, HardshipCase, MedicalPoolEntry, SanatoriumPlan, SanatoriumStay};
use domain::{Findings, Money, Record, Scope};

/// A stay is of its plan's year.
pub fn sanatorium_stay(tx: &mut Tx<'_>, record: &mut Record<SanatoriumStay>, _: &mut Findings) -> Result<()> {
    let plan = SanatoriumPlan::get(tx.conn, &Scope::System, record.data.sanatorium_plan_id)?;
    record.data.year = plan.map(|p| p.data.year).or(record.data.year);
    Ok(())
}

/// A contact is with the cadre of its pair.
pub fn care_contact(tx: &mut Tx<'_>, record: &mut Record<CareContact>, _: &mut Findings) -> Result<()> {
    let pair = CarePair::get(tx.conn, &Scope::System, record.data.care_pair_id)?;
    record.data.cadre_id = pair.map(|p| p.data.cadre_id).or(record.data.cadre_id);
    Ok(())
}

/// A case is judged by the scheme that was in force when it was applied for, and reviewed when that one says.
pub fn hardship_case(tx: &mut Tx<'_>, record: &mut Record<HardshipCase>, _: &mut Findings) -> Result<()> {
    let scheme = scheme(tx, &record.meta.division_code, record.data.applied_on)?;
    let granted = record.data.granted_on;
    record.data.review_due = scheme.as_ref().zip(granted).and_then(|(s, day)| s.data.review_due(day));
    record.data.hardship_scheme_id = scheme.map(|s| s.meta.id);
    Ok(())
}

/// A reversal takes back all of an entry.
pub fn medical_pool_entry(tx: &mut Tx<'_>, record: &mut Record<MedicalPoolEntry>, _: &mut Findings) -> Result<()> {
    if let (None, Some(id)) = (record.data.amount, record.data.reverses_id) {
        let reversed = MedicalPoolEntry::get(tx.conn, &Scope::System, id)?;
        record.data.amount = reversed.and_then(|r| r.data.amount).map(|amount| Money(-amount.0));
    }
    Ok(())
}
