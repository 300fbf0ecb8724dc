//! Places that become free go to those who wait for them, in order.
use super::held;
use crate::education::{lock_of, next_in_queue, places, waiting};
use crate::error::Result;
use crate::query::Query;
use crate::steps::follow;
use crate::store::Store;
use crate::tx::Tx;
use domain::codes::{ClassStatus, EnrollmentStatus};
use domain::education::{Class, Enrollment};
use domain::{Record, Scope, Uuid};

/// Enrollments of one class at most.
const MOST: i64 = 100_000;

/// Whether a change frees a place, takes one back that was given up, or makes somebody wait. Who is put up from the
/// waiting list moves nothing: whoever puts them up goes on by itself.
pub fn moves_queue(old: Option<&Record<Enrollment>>, new: &Record<Enrollment>) -> bool {
    let takes = |r: &Record<Enrollment>| r.meta.deleted_at.is_none() && r.data.takes_place();
    let waits = new.data.status == EnrollmentStatus::Waitlisted && new.meta.deleted_at.is_none();
    match old {
        None => waits,
        Some(old) => (takes(old) && !takes(new)) || returns(old, new),
    }
}

fn returns(old: &Record<Enrollment>, new: &Record<Enrollment>) -> bool {
    old.data.status == EnrollmentStatus::Dropped && new.data.takes_place()
}

/// Who waits gets the place that has become free. Who gets one back that was given away meanwhile, because a death
/// turned out to be an error, waits again.
pub fn enrollment(tx: &mut Tx<'_>, old: Option<&Record<Enrollment>>, new: &Record<Enrollment>) -> Result<()> {
    if !moves_queue(old, new) {
        return Ok(());
    }
    let class = new.data.class_id;
    tx.serialize(&lock_of(class))?;
    let Some(of) = Class::get(tx.conn, &Scope::System, class)? else { return Ok(()) };
    if old.is_some_and(|old| returns(old, new)) && places(tx.conn, class, None)?.0 > i64::from(of.data.capacity) {
        let number = next_in_queue(tx.conn, class)?;
        return follow(tx, new, |e| {
            e.data.status = EnrollmentStatus::Waitlisted;
            e.data.queue_no = Some(number);
        })
        .map(drop);
    }
    fill(tx, &of)
}

/// Whether a change gives a class more places, or ends it.
pub fn changes_places(old: Option<&Record<Class>>, new: &Record<Class>) -> bool {
    old.is_some_and(|o| o.data.capacity < new.data.capacity || ended(o) != ended(new))
}

fn ended(class: &Record<Class>) -> bool {
    matches!(class.data.status, ClassStatus::Finished | ClassStatus::Cancelled)
}

/// New places go to those who wait; when a class ends, nobody waits for it any more, and when it is cancelled, nobody
/// takes part.
pub fn class(tx: &mut Tx<'_>, old: Option<&Record<Class>>, new: &Record<Class>) -> Result<()> {
    if !changes_places(old, new) || new.meta.deleted_at.is_some() {
        return Ok(());
    }
    tx.serialize(&lock_of(new.meta.id))?;
    if !ended(new) {
        return fill(tx, new);
    }
    let cancelled = new.data.status == ClassStatus::Cancelled;
    let reason = if cancelled { "班级取消" } else { "班级已结业" };
    let today = tx.stamp.today;
    let all = Enrollment::list(tx.conn, &Scope::System, &Query::by("class_id", new.meta.id, MOST))?.items;
    for one in all {
        let Some(one) = held::<Enrollment>(tx, one.meta.id)? else { continue };
        if one.data.asks_for_place() || cancelled && one.data.is_open() {
            follow(tx, &one, |e| {
                e.data.status = EnrollmentStatus::Dropped;
                e.data.dropped_on = Some(today.max(e.data.applied_on));
                e.data.drop_reason = e.data.drop_reason.take().or_else(|| Some(reason.into()));
            })?;
        }
    }
    Ok(())
}

/// Gives the places that are free to those who wait, in order. The caller is alone with the class.
fn fill(tx: &mut Tx<'_>, class: &Record<Class>) -> Result<()> {
    if !class.data.fills_places() {
        return Ok(());
    }
    let (taken, waits) = places(tx.conn, class.meta.id, None)?;
    let mut free = i64::from(class.data.capacity) - taken;
    if free <= 0 || waits == 0 {
        return Ok(());
    }
    for id in waiting(tx.conn, class.meta.id)? {
        if free == 0 {
            break;
        }
        free -= i64::from(promote(tx, id)?);
    }
    Ok(())
}

/// Gives a place to somebody, unless they have given up waiting in this very moment.
fn promote(tx: &mut Tx<'_>, id: Uuid) -> Result<bool> {
    let next = held::<Enrollment>(tx, id)?.filter(|e| e.data.status == EnrollmentStatus::Waitlisted);
    let Some(next) = next else { return Ok(false) };
    follow(tx, &next, |e| e.data.status = EnrollmentStatus::Applied).map(|_| true)
}
