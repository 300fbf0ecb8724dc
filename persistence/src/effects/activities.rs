//! Places that become free go to those who wait.
use crate::error::Result;
use crate::rules;
use crate::steps;
use crate::store::Store;
use crate::tx::Tx;
use domain::activities::{Activity, ActivitySignup};
use domain::codes::{ActivityStatus, SignupStatus};
use domain::{Record, Scope, Uuid};

/// Sign-ups of one activity at most.
const MOST: i64 = 100_000;

/// Whether a change cancels an activity or gives it more places.
pub fn makes_room(old: Option<&Record<Activity>>, new: &Record<Activity>) -> bool {
    let more = |old: &Activity| match (old.capacity, new.data.capacity) {
        (Some(before), Some(after)) => after > before,
        (before, after) => before.is_some() && after.is_none(),
    };
    old.is_some_and(|o| more(&o.data) || (is_off(new) && !is_off(o)))
}

fn is_off(activity: &Record<Activity>) -> bool {
    activity.data.status == ActivityStatus::Cancelled
}

/// Nobody signs up for what is cancelled, and more places are given to those who wait.
pub fn activity(tx: &mut Tx<'_>, old: Option<&Record<Activity>>, new: &Record<Activity>) -> Result<()> {
    if !makes_room(old, new) {
        return Ok(());
    }
    if !is_off(new) {
        return put_up(tx, new.meta.id);
    }
    rules::alone_with_places(tx, new.meta.id)?;
    // Those who wait first, or they would be put up for what is not held.
    for status in [SignupStatus::Waiting, SignupStatus::SignedUp] {
        for signup in rules::signups(tx.conn, new.meta.id, status, MOST)? {
            steps::follow(tx, &signup, |s| s.data.status = SignupStatus::Cancelled)?;
        }
    }
    Ok(())
}

/// Whether a change of a sign-up frees a place, or takes one that may be gone.
pub fn frees_a_place(old: Option<&Record<ActivitySignup>>, new: &Record<ActivitySignup>) -> bool {
    old.is_some_and(|o| frees(o, new) || is_back(o, new))
}

fn frees(old: &Record<ActivitySignup>, new: &Record<ActivitySignup>) -> bool {
    let stays = new.data.takes_place() && new.meta.deleted_at.is_none() && old.data.activity_id == new.data.activity_id;
    old.data.takes_place() && !stays
}

/// Whether it was cancelled and is not any more: no step does that, only a death that is taken back.
fn is_back(old: &Record<ActivitySignup>, new: &Record<ActivitySignup>) -> bool {
    !old.data.takes_part() && new.data.takes_place()
}

/// A place that is free is given to who has waited longest. Who comes back finds a place or waits.
pub fn activity_signup(
    tx: &mut Tx<'_>,
    old: Option<&Record<ActivitySignup>>,
    new: &Record<ActivitySignup>,
) -> Result<()> {
    let Some(old) = old else { return Ok(()) };
    if frees(old, new) {
        return put_up(tx, old.data.activity_id);
    }
    if is_back(old, new) {
        rules::alone_with_places(tx, new.data.activity_id)?;
        let capacity = Activity::get(tx.conn, &Scope::System, new.data.activity_id)?.and_then(|a| a.data.capacity);
        let others = rules::taken(tx.conn, new.data.activity_id, new.meta.id)?;
        if capacity.is_some_and(|capacity| others >= i64::from(capacity)) {
            return steps::follow(tx, new, |s| s.data.status = SignupStatus::Waiting).map(drop);
        }
    }
    Ok(())
}

/// Gives the free places of a planned activity to those who wait, in the order in which they came.
fn put_up(tx: &mut Tx<'_>, activity: Uuid) -> Result<()> {
    rules::alone_with_places(tx, activity)?;
    let Some(of) = Activity::get(tx.conn, &Scope::System, activity)? else { return Ok(()) };
    if of.data.status != ActivityStatus::Planned {
        return Ok(());
    }
    let room = match of.data.capacity {
        Some(capacity) => i64::from(capacity) - rules::taken(tx.conn, activity, Uuid::nil())?,
        None => MOST,
    };
    if room <= 0 {
        return Ok(());
    }
    for signup in rules::signups(tx.conn, activity, SignupStatus::Waiting, room)? {
        steps::follow(tx, &signup, |s| s.data.status = SignupStatus::SignedUp)?;
    }
    Ok(())
}
