//! What the life of a cadre asks of the records that are about it, for any resource that says so.
use super::{Cause, change};
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::query::Query;
use crate::steps;
use crate::store::Store;
use crate::tx::Tx;
use domain::input::to_map;
use domain::{DivisionCode, NaiveDate, Record, Scope, Uuid};
use serde_json::Value as Json;

/// Records of one resource that are about one cadre at most.
const MOST: i64 = 10_000;

/// The part that a resource takes in the life of a cadre.
pub(crate) struct Life {
    /// How many of the cadre's records are open items.
    pub open: fn(&mut Conn, Uuid) -> Result<usize>,
    /// The records that go along move from a division to another.
    pub go: fn(&mut Tx<'_>, Uuid, &DivisionCode, &DivisionCode) -> Result<()>,
    /// The cadre went to another unit.
    pub leave: fn(&mut Tx<'_>, Uuid, NaiveDate) -> Result<()>,
    /// The cadre died.
    pub end: fn(&mut Tx<'_>, Cause, Uuid, NaiveDate) -> Result<()>,
}

/// The part of `R`, if it takes one.
pub(crate) fn of<R: Store>() -> Option<Life> {
    R::TIE.map(|_| Life { open: open::<R>, go: go::<R>, leave: leave::<R>, end: end::<R> })
}

fn records<R: Store>(conn: &mut Conn, cadre: Uuid) -> Result<Vec<Record<R>>> {
    Ok(R::list(conn, &Scope::System, &Query::by("cadre_id", cadre, MOST))?.items)
}

fn open<R: Store>(conn: &mut Conn, cadre: Uuid) -> Result<usize> {
    let Some(tie) = R::TIE else { return Ok(0) };
    Ok(records::<R>(conn, cadre)?.iter().filter(|r| (tie.open)(&r.data)).count())
}

fn go<R: Store>(tx: &mut Tx<'_>, cadre: Uuid, from: &DivisionCode, to: &DivisionCode) -> Result<()> {
    if !R::TIE.is_some_and(|tie| tie.moves) {
        return Ok(());
    }
    for record in records::<R>(tx.conn, cadre)?.iter().filter(|r| r.meta.division_code == *from) {
        steps::follow(tx, record, |r| r.meta.division_code = to.clone())?;
    }
    Ok(())
}

fn leave<R: Store>(tx: &mut Tx<'_>, cadre: Uuid, day: NaiveDate) -> Result<()> {
    let Some(tie) = R::TIE else { return Ok(()) };
    for record in records::<R>(tx.conn, cadre)? {
        steps::follow(tx, &record, |r| (tie.leaves)(&mut r.data, day))?;
    }
    Ok(())
}

fn end<R: Store>(tx: &mut Tx<'_>, cause: Cause, cadre: Uuid, day: NaiveDate) -> Result<()> {
    let Some(tie) = R::TIE else { return Ok(()) };
    for record in records::<R>(tx.conn, cadre)? {
        change(tx, cause, &record, |data| (tie.ends)(data, day))?;
    }
    Ok(())
}

/// A field that an effect changed: its name, its value before, and the value it was given.
pub(crate) type Noted = (String, Option<Json>, Option<Json>);

/// Gives fields their values of before, where they still have the value that the effect gave them.
pub(crate) fn restore<R: Store>(tx: &mut Tx<'_>, id: Uuid, fields: &[Noted]) -> Result<()> {
    let Some(old) = super::held::<R>(tx, id)? else { return Ok(()) };
    let mut data = to_map(&old.data);
    for (field, before, after) in fields {
        if data.get(field) != after.as_ref() {
            continue;
        }
        match before {
            Some(value) => drop(data.insert(field.clone(), value.clone())),
            None => drop(data.remove(field)),
        }
    }
    let data: R = serde_json::from_value(Json::Object(data)).map_err(Error::internal)?;
    steps::follow(tx, &old, |r| r.data = data).map(drop)
}
