//! What the steps of a transfer make of the cadre.
use super::held;
use crate::conn::Conn;
use crate::error::Result;
use crate::registry;
use crate::steps;
use crate::store::Store;
use crate::tx::Tx;
use domain::cadres::{Cadre, CadreTransfer};
use domain::codes::{CadreStatus, TransferDirection, TransferStatus};
use domain::reference::Unit;
use domain::{DivisionCode, Record, Scope, Uuid};

/// Whether a change begins or ends the way of a cadre.
pub fn sets_out(old: Option<&Record<CadreTransfer>>, new: &Record<CadreTransfer>) -> bool {
    let under_way = |r: &Record<CadreTransfer>| r.data.under_way() && r.meta.deleted_at.is_none();
    old.is_some_and(under_way) != under_way(new)
}

/// On the way the cadre is pending; done, it belongs to the receiving side with what goes along; otherwise it stays.
/// A transfer that is brought in as done is paper: what it says has happened long ago.
pub fn cadre_transfer(tx: &mut Tx<'_>, old: Option<&Record<CadreTransfer>>, new: &Record<CadreTransfer>) -> Result<()> {
    if !sets_out(old, new) {
        return Ok(());
    }
    let is = new.data.under_way() && new.meta.deleted_at.is_none();
    let done = new.data.status == TransferStatus::Done;
    let Some(cadre) = held::<Cadre>(tx, new.data.cadre_id)? else { return Ok(()) };
    let stands = |status: CadreStatus| cadre.data.status == status;
    let incoming = new.data.direction == TransferDirection::In;
    match (is, done, new.data.direction) {
        (true, ..) if stands(CadreStatus::InCare) && !incoming => put(tx, &cadre, CadreStatus::TransferPending),
        (false, true, direction) => {
            let day = new.data.effective_date.unwrap_or(tx.stamp.today);
            for life in registry::all().iter().filter_map(|kind| kind.life.as_ref()) {
                (life.leave)(tx, cadre.meta.id, day)?;
            }
            match direction {
                TransferDirection::Out => put(tx, &cadre, CadreStatus::TransferredOut),
                _ => arrive(tx, &cadre, &new.data),
            }
        }
        (false, false, _) if stands(CadreStatus::TransferPending) => put(tx, &cadre, CadreStatus::InCare),
        _ => Ok(()),
    }
}

fn put(tx: &mut Tx<'_>, cadre: &Record<Cadre>, status: CadreStatus) -> Result<()> {
    steps::follow(tx, cadre, |c| c.data.status = status).map(drop)
}

/// The cadre and what goes along belong to the receiving unit and its division.
fn arrive(tx: &mut Tx<'_>, cadre: &Record<Cadre>, transfer: &CadreTransfer) -> Result<()> {
    let unit = match transfer.to_unit_id {
        Some(id) => Unit::get(tx.conn, &Scope::System, id)?,
        None => None,
    };
    let from = cadre.meta.division_code.clone();
    let to: DivisionCode = unit.as_ref().map_or_else(|| from.clone(), |u| u.meta.division_code.clone());
    steps::follow(tx, cadre, |c| {
        c.data.status = CadreStatus::InCare;
        if let Some(unit) = &unit {
            c.data.unit_id = unit.meta.id;
        }
        c.meta.division_code = to.clone();
    })?;
    if from != to {
        let lives: Vec<_> = registry::all().iter().filter_map(|kind| kind.life.as_ref()).collect();
        lives.into_iter().try_for_each(|life| (life.go)(tx, cadre.meta.id, &from, &to))?;
    }
    Ok(())
}

/// What is open of a cadre: resource, and how many. Each keeps a transfer from being completed.
///
/// # Errors
/// What the database says.
pub(crate) fn blockers_of(conn: &mut Conn, cadre: Uuid) -> Result<Vec<(&'static str, usize)>> {
    let mut found = vec![];
    for kind in registry::all() {
        let Some(life) = &kind.life else { continue };
        let open = (life.open)(conn, cadre)?;
        if open > 0 {
            found.push((kind.path, open));
        }
    }
    Ok(found)
}
