//! A record's data is removed, with everything that was kept of it. What stays is that it was: the lines of the
//! journal, which hold no personal data, and one more that tells everybody who ever had it to remove it too.
use crate::error::Result;
use crate::registry::Kind;
use crate::statement::Sql;
use crate::tx::Tx;
use crate::value::Value;
use domain::{DivisionCode, Uuid};

/// Erases a record of whatever state; whether there was one. What refers to it is the caller's to see to.
///
/// # Errors
/// What the database says.
pub fn erase(tx: &mut Tx<'_>, kind: &Kind, id: Uuid) -> Result<bool> {
    tx.begin()?;
    let mut sql = Sql::new("SELECT version, division_code FROM ");
    let found: Option<(i64, DivisionCode)> = sql.say(kind.table).say(" WHERE id = ").bind(id).row(tx.conn)?;
    let Some((version, division)) = found else { return Ok(false) };
    Sql::new("DELETE FROM ").say(kind.table).say(" WHERE id = ").bind(id).run(tx.conn)?;
    (kind.forget)(tx.conn, id)?;
    for rest in ["DELETE FROM history WHERE entity = ", "DELETE FROM sync_conflicts WHERE entity = "] {
        Sql::new(rest).bind(kind.path).say(" AND entity_id = ").bind(id).run(tx.conn)?;
    }
    Sql::new("DELETE FROM effects WHERE entity_id = ").bind(id).say(" OR cause_id = ").bind(id).run(tx.conn)?;
    let mut sql = Sql::new("UPDATE sync_ops SET body = NULL WHERE body IS NOT NULL AND entity = ");
    sql.bind(kind.path).say(" AND entity_id = ").bind(id).run(tx.conn)?;
    crate::files::forget(tx, kind.path, id)?;
    let line: [Value<'_>; 11] = [
        kind.path.into(),
        id.into(),
        "erase".into(),
        (version + 1).into(),
        crate::sql::JsonText("[]".into()).into(),
        division.as_str().into(),
        tx.stamp.actor.as_str().into(),
        tx.stamp.client.as_str().into(),
        tx.op_id.into(),
        tx.stamp.request_id.as_deref().into(),
        tx.stamp.now.into(),
    ];
    const INSERT: &str = "INSERT INTO journal (entity, entity_id, op, version, changed_fields, division_before, actor, \
         client, op_id, request_id, at) VALUES ";
    Sql::with_row(INSERT, line).run(tx.conn).map(|_| true)
}
