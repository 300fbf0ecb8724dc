//! Rules that need other rows, a file a module: each gathers its facts and leaves the judgement to the domain
//! where it can.
//!
//! A rule that counts or compares rows names what it must be alone with ([`Tx::serialize`]), or two
//! requests at once would both find room.
mod activities;
mod administration;
mod benefits;
mod cadres;
mod care;
mod education;
mod honors;
mod party;
mod publicity;
mod reference;

pub use activities::{activity_signup, exhibition, exhibition_showing, team_member};
pub(crate) use activities::{alone_with_places, signups, taken};
pub use administration::user;
pub use benefits::{benefit_standard, standard_for};
pub use cadres::{cadre_transfer, death};
pub(crate) use care::{book, scheme};
pub use care::{care_contact, hardship_case, medical_claim, medical_pool_entry, sanatorium_plan, sanatorium_stay};
pub use education::{class, enrollment, facility_project, senior_university};
pub use honors::honor;
pub use party::{
    dues_payment, evaluation, evaluation_scheme, membership_application, party_meeting, party_membership,
    party_organization, party_post, party_term, relation_transfer,
};
pub use publicity::article;
pub use reference::unit;

use crate::conn::Conn;
use crate::error::Result;
use crate::query::{Condition, Op};
use crate::store::Store;
use crate::tx::Tx;
use domain::{DivisionCode, Findings, Record, Rule, Scope, Uuid};

/// Parents above a record that a rule walks at most.
const DEPTH: usize = 32;

/// Those records of the division nearest to this one, itself or around it, that has any.
pub(crate) fn nearest<R>(records: Vec<Record<R>>, to: &DivisionCode) -> Vec<Record<R>> {
    let around = to.chain();
    let distance = |r: &Record<R>| around.iter().position(|code| *code == r.meta.division_code.as_str());
    let Some(least) = records.iter().filter_map(distance).min() else { return vec![] };
    records.into_iter().filter(|r| distance(r) == Some(least)).collect()
}

/// A condition of equality.
pub(crate) fn equal(field: &str, value: impl ToString) -> Condition {
    Condition { field: field.into(), op: Op::Eq, value: value.to_string() }
}

/// Walks up from `parent`; meeting `id` would close a circle.
fn no_cycle<R: Store>(
    tx: &mut Tx<'_>,
    id: Uuid,
    parent: Option<Uuid>,
    up: fn(&R) -> Option<Uuid>,
    found: &mut Findings,
) -> Result<()> {
    let Some(mut at) = parent else { return Ok(()) };
    tx.serialize(R::PATH)?;
    for _ in 0..DEPTH {
        if at == id {
            found.error("parent_id", Rule::Cycle);
            return Ok(());
        }
        match above::<R>(tx.conn, at, up)? {
            Some(next) => at = next,
            None => return Ok(()),
        }
    }
    found.error("parent_id", Rule::Cycle);
    Ok(())
}

fn above<R: Store>(conn: &mut Conn, id: Uuid, up: fn(&R) -> Option<Uuid>) -> Result<Option<Uuid>> {
    Ok(R::get(conn, &Scope::System, id)?.and_then(|r| up(&r.data)))
}
