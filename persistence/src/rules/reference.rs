//! Units.
use super::no_cycle;
use crate::error::Result;
use crate::tx::Tx;
use domain::reference::Unit;
use domain::{Findings, Record, Scope};

/// A unit is not above itself.
pub fn unit(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<Unit>>,
    new: &Record<Unit>,
    found: &mut Findings,
) -> Result<()> {
    if old.is_none_or(|o| o.data.parent_id != new.data.parent_id) {
        no_cycle(tx, new.meta.id, new.data.parent_id, |u: &Unit| u.parent_id, found)?;
    }
    Ok(())
}
