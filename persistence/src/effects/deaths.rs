//! What the record of a death makes of the cadre.
use super::{Cause, change, held, take_back};
use crate::error::{Error, Result};
use crate::tx::Tx;
use domain::cadres::{Cadre, Death};
use domain::codes::{CadreStatus, DeathStatus};
use domain::{PartialDate, Problem, Record, Resource};

/// Whether a change confirms a death or takes that back.
pub fn confirms(old: Option<&Record<Death>>, new: &Record<Death>) -> bool {
    let confirmed = |r: &Record<Death>| r.data.status == DeathStatus::Confirmed && r.meta.deleted_at.is_none();
    old.is_some_and(confirmed) != confirmed(new)
}

/// Confirmed, the cadre is deceased since that day, and with it ends what it held; reversed, all is as it was.
pub fn death(tx: &mut Tx<'_>, old: Option<&Record<Death>>, new: &Record<Death>) -> Result<()> {
    let was = old.is_some_and(|o| o.data.status == DeathStatus::Confirmed);
    let is = new.data.status == DeathStatus::Confirmed;
    if was && new.meta.deleted_at.is_some() {
        // It is reversed with a reason, by those who may, and never just gone.
        let why = Death::MACHINE.map(|machine| machine.wrong_state(new.data.status.code()));
        return Err(Error::Refused(Problem::WrongState, why.into_iter().collect()));
    }
    match (was, is) {
        (false, true) => {
            let Some(cadre) = held::<Cadre>(tx, new.data.cadre_id)? else { return Ok(()) };
            change(tx, Cause::of(new), &cadre, |cadre| {
                cadre.status = CadreStatus::Deceased;
                cadre.died_on = Some(PartialDate::day(new.data.died_on));
            })
        }
        (true, false) => take_back(tx, Cause::of(new)),
        _ => Ok(()),
    }
}
