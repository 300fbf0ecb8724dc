//! Users.
use crate::error::Result;
use crate::identity;
use crate::tx::Tx;
use domain::administration::User;
use domain::{Findings, Record, Rule, Scope};

/// Nobody hands out a role that is more than their own. What was issued to the user is looked at anew.
pub fn user(
    tx: &mut Tx<'_>,
    _: &Scope,
    old: Option<&Record<User>>,
    new: &Record<User>,
    found: &mut Findings,
) -> Result<()> {
    tx.begin()?;
    identity::touch(tx.conn)?;
    let Some(granter) = tx.stamp.role else { return Ok(()) };
    let touched = [Some(new.data.role), old.map(|o| o.data.role)];
    found.require(touched.iter().flatten().all(|r| granter.may_grant(*r)), "role", Rule::RoleNotGrantable);
    Ok(())
}
