//! Who gets a place, and who waits for one.
use crate::education::{lock_of, next_in_queue, places};
use crate::error::Result;
use crate::store::Store;
use crate::tx::Tx;
use domain::codes::EnrollmentStatus;
use domain::education::{Class, Enrollment};
use domain::{Findings, Record, Rule, Scope, Violation};

/// A new application gets a place, or a number on the waiting list where all are taken or others wait already.
pub fn enrollment(tx: &mut Tx<'_>, record: &mut Record<Enrollment>, found: &mut Findings) -> Result<()> {
    let enrollment = &mut record.data;
    if record.meta.version > 1 || !enrollment.asks_for_place() {
        return Ok(());
    }
    // A missing class is reported by the reference check.
    let Some(class) = Class::get(tx.conn, &Scope::System, enrollment.class_id)? else { return Ok(()) };
    tx.serialize(&lock_of(enrollment.class_id))?;
    let (taken, waiting) = places(tx.conn, enrollment.class_id, None)?;
    enrollment.status = EnrollmentStatus::Applied;
    if taken >= i64::from(class.data.capacity) || waiting > 0 {
        let number = next_in_queue(tx.conn, enrollment.class_id)?;
        enrollment.status = EnrollmentStatus::Waitlisted;
        enrollment.queue_no = Some(number);
        found.note(Violation::new("status", Rule::QueuedAt).with("number", number));
    }
    Ok(())
}
