//! What rested on a consent is withdrawn when it ends.
use super::held;
use crate::error::Result;
use crate::publicity::{lock_of, uncovered};
use crate::steps::follow;
use crate::tx::Tx;
use domain::codes::ConsentPurpose;
use domain::publicity::{Article, Consent};
use domain::{Record, Uuid};

/// Whether a change may end a consent to publicity.
pub fn changes_consent(old: Option<&Record<Consent>>, new: &Record<Consent>) -> bool {
    old.is_some_and(|o| {
        o.data.purpose == ConsentPurpose::Publicity && (o.data != new.data || new.meta.deleted_at.is_some())
    })
}

/// Revoked, expired, changed or deleted: what is published about the person without another consent is withdrawn.
pub fn consent(tx: &mut Tx<'_>, old: Option<&Record<Consent>>, new: &Record<Consent>) -> Result<()> {
    let Some(old) = old.filter(|_| changes_consent(old, new)) else { return Ok(()) };
    let person = old.data.cadre_id;
    // Who publishes about the person at this moment comes before, and is withdrawn, or behind, and is refused.
    tx.serialize(&lock_of(person))?;
    withdraw(tx, Some(person)).map(drop)
}

/// Withdraws what is published about one person, or about anybody, who lives and whose consent is not in force today;
/// how many articles. Time ends a consent without a word, so this is asked now and then about all.
///
/// # Errors
/// What the database says.
pub fn withdraw(tx: &mut Tx<'_>, person: Option<Uuid>) -> Result<usize> {
    let today = tx.stamp.today;
    let mut count = 0;
    for id in uncovered(tx.conn, today, person)? {
        let Some(article) = held::<Article>(tx, id)?.filter(|a| a.data.is_public()) else { continue };
        follow(tx, &article, |a| a.data.withdraw_for_consent(today))?;
        count += 1;
    }
    Ok(count)
}
