//! A person is in care once: what to say to who registers a person that is registered already.
use crate::error::{Error, Result};
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::Tx;
use domain::{DivisionCode, Problem, Record, Rule, Scope, Violation};

/// The error with a word on where the person is: with the caller, or with which other division, so that the two can
/// arrange a transfer. Never which record it is: who may not see ID numbers must not find persons by them.
pub(crate) fn explained<R: Store>(tx: &mut Tx<'_>, scope: &Scope, record: &Record<R>, error: Error) -> Error {
    match error {
        Error::Refused(Problem::DuplicatePerson, _) => match holder(tx, scope, record) {
            Ok(found) => Error::Refused(Problem::DuplicatePerson, found.into_iter().collect()),
            Err(e) => e,
        },
        other => other,
    }
}

fn holder<R: Store>(tx: &mut Tx<'_>, scope: &Scope, record: &Record<R>) -> Result<Option<Violation>> {
    let fields = domain::input::to_map(&record.data);
    let Some(number) = fields.get("id_number").and_then(|v| v.as_str()) else { return Ok(None) };
    tx.abandon()?;
    let number = serde_json::to_vec(number).map_err(Error::internal)?;
    let index = tx.conn.keys().index(R::PATH, "id_number", &number)?;
    let mut sql = Sql::new("SELECT division_code FROM cadres WHERE id_number_index = ");
    sql.bind(index).say(" AND deleted_at IS NULL AND status NOT IN ('transferred_out', 'void') AND id <> ");
    let found: Option<(DivisionCode,)> = sql.bind(record.meta.id).row(tx.conn)?;
    Ok(found.map(|(division,)| match scope.covers(&division) {
        true => Violation::new("id_number", Rule::AlreadyRegistered),
        false => Violation::new("id_number", Rule::AlreadyInCare).with("division", division),
    }))
}
