//! Sensitive fields of one record, for a purpose: counted, and told of before anybody sees them.
use crate::audit::{self, Event};
use crate::error::{Error, Result};
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::Tx;
use domain::input::to_map;
use domain::{NaiveDate, Problem, Rule, Scope, Uuid, Violation};
use serde_json::{Map, Value};

/// Reveals fields of a record: its version and their values. In the same transaction each field leaves an event of
/// the audit, `event` with the field and the record, and is counted on the account's day.
///
/// # Errors
/// `NotFound`; `Refused(RevealQuota)` beyond `most` fields a day.
pub fn reveal<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: Uuid,
    fields: &[&'static str],
    most: i64,
    event: &Event,
) -> Result<(i64, Map<String, Value>)> {
    tx.begin()?;
    let record = R::get(tx.conn, scope, id)?.ok_or(Error::NotFound)?;
    spend(tx, i64::try_from(fields.len()).map_err(Error::internal)?, most)?;
    for field in fields {
        let one = event.clone().about(R::PATH, Some(id)).fields(vec![(*field).to_owned()]);
        audit::note(tx, &Event { division: record.meta.division_code.clone(), ..one })?;
    }
    let mut values = to_map(&record.data);
    values.retain(|name, _| fields.contains(&name.as_str()));
    Ok((record.meta.version, values))
}

/// Counts fields on the account's day. Two requests of one account are one after the other here.
fn spend(tx: &mut Tx<'_>, fields: i64, most: i64) -> Result<()> {
    let row = [tx.stamp.client.as_str().into(), tx.stamp.today.into(), fields.into()];
    let mut sql = Sql::with_row("INSERT INTO reveal_counts (client, day, fields) VALUES ", row);
    sql.say(" ON CONFLICT (client, day) DO UPDATE SET fields = reveal_counts.fields + excluded.fields");
    let spent = sql.say(" RETURNING fields").row::<(i64,)>(tx.conn)?.map_or(fields, |(n,)| n);
    if spent > most {
        let left = (most - (spent - fields)).max(0);
        let why = Violation::new("fields", Rule::RevealsLeft).with("max", most).with("left", left);
        return Err(Error::Refused(Problem::RevealQuota, vec![why]));
    }
    Ok(())
}

/// Forgets the counts of days before.
///
/// # Errors
/// What the database says.
pub fn expire(tx: &mut Tx<'_>, today: NaiveDate) -> Result<()> {
    Sql::new("DELETE FROM reveal_counts WHERE day < ").bind(today).run(tx.conn).map(drop)
}
