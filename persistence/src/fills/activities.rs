//! Who finds all places taken waits; an exhibition is of whom the consent is.
use crate::error::Result;
use crate::rules;
use crate::store::Store;
use crate::tx::Tx;
use domain::activities::{Activity, ActivitySignup, Exhibition};
use domain::codes::SignupStatus;
use domain::publicity::Consent;
use domain::service::{Volunteer, VolunteerService};
use domain::{Findings, Record, Rule, Scope, Violation};

/// A new sign-up gets a place or stands on the waiting list. The place is the record's from now on: nobody else
/// counts before it is stored.
pub fn activity_signup(tx: &mut Tx<'_>, record: &mut Record<ActivitySignup>, found: &mut Findings) -> Result<()> {
    if record.meta.version > 1 || record.data.status != SignupStatus::SignedUp {
        return Ok(());
    }
    let id = record.data.activity_id;
    rules::alone_with_places(tx, id)?;
    // A missing one is reported by the reference check.
    let Some(capacity) = Activity::get(tx.conn, &Scope::System, id)?.and_then(|a| a.data.capacity) else {
        return Ok(());
    };
    if rules::taken(tx.conn, id, record.meta.id)? >= i64::from(capacity) {
        record.data.status = SignupStatus::Waiting;
        found.note(Violation::new("status", Rule::WaitingList).with("max", capacity));
    }
    Ok(())
}

/// The cadre who has given the consent.
pub fn exhibition(tx: &mut Tx<'_>, record: &mut Record<Exhibition>, _: &mut Findings) -> Result<()> {
    let consent = match record.data.consent_id {
        Some(id) => Consent::get(tx.conn, &Scope::System, id)?,
        None => None,
    };
    record.data.cadre_id = consent.map(|c| c.data.cadre_id);
    Ok(())
}

/// The volunteer's person.
pub fn volunteer_service(tx: &mut Tx<'_>, record: &mut Record<VolunteerService>, _: &mut Findings) -> Result<()> {
    let volunteer = Volunteer::get(tx.conn, &Scope::System, record.data.volunteer_id)?;
    record.data.cadre_id = volunteer.map(|v| v.data.cadre_id);
    Ok(())
}
