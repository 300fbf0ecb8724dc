//! A death ends what the cadre held, in whichever way it came to be known.
use super::{Cause, take_back};
use crate::error::{Error, Result};
use crate::query::Query;
use crate::registry;
use crate::rules::equal;
use crate::store::Store;
use crate::tx::Tx;
use domain::cadres::{Cadre, Death};
use domain::codes::{CadreStatus, DeathStatus};
use domain::{Problem, Record, Rule, Scope, Violation};

/// Whether a change is a death, or the correction of one. Of a record that is new nothing goes on.
pub fn dies(old: Option<&Record<Cadre>>, new: &Record<Cadre>) -> bool {
    let dead = |r: &Record<Cadre>| r.data.status == CadreStatus::Deceased;
    old.is_some_and(|o| dead(o) != dead(new))
}

/// When a cadre becomes deceased, what goes on ends on that day; when that turns out to be wrong, it goes on again.
pub fn cadre(tx: &mut Tx<'_>, old: Option<&Record<Cadre>>, new: &Record<Cadre>) -> Result<()> {
    if !dies(old, new) {
        return Ok(());
    }
    match new.data.died_on.filter(|_| new.data.status == CadreStatus::Deceased) {
        Some(died) => {
            // Of a day that is not known, the last it may mean: nothing ends too early.
            let day = died.last_day().min(tx.stamp.today);
            let lives: Vec<_> = registry::all().iter().filter_map(|kind| kind.life.as_ref()).collect();
            lives.into_iter().try_for_each(|life| (life.end)(tx, Cause::of(new), new.meta.id, day))
        }
        None => {
            // What a record of the death has confirmed is taken back there, with a reason.
            let mut query = Query::by("cadre_id", new.meta.id, 1);
            query.conditions.push(equal("status", DeathStatus::Confirmed));
            if let Some(death) = Death::list(tx.conn, &Scope::System, &query)?.items.first() {
                let why = Violation::new("status", Rule::SettledByDeath).with("died_on", death.data.died_on);
                return Err(Error::Refused(Problem::WrongState, vec![why]));
            }
            take_back(tx, Cause::of(new))
        }
    }
}
