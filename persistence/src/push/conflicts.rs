//! Conflicts that wait for a person: the fields that two have changed, with what it was and what each wants.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::registry;
use crate::rows::{Cells, FromRow};
use crate::sealed::Place;
use crate::statement::Sql;
use crate::tx::Tx;
use crate::value::Value;
use diesel::deserialize;
use domain::codes::OpAction;
use domain::merge::Contested;
use domain::push::PushOp;
use domain::{DateTime, DivisionCode, FieldClass, Meta, Problem, Scope, Utc, Uuid, Visibility};
use serde_json::{Map, Value as Json};

/// A conflict.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// Its id.
    pub id: Uuid,
    /// Who pushed the operation.
    pub client: String,
    /// The operation.
    pub op_id: Uuid,
    /// The resource's path.
    pub entity: String,
    /// The record.
    pub entity_id: Uuid,
    /// The division the record belonged to.
    pub division_code: DivisionCode,
    /// What the operation wanted to do.
    pub action: OpAction,
    /// The version both sides began from.
    pub base_version: i64,
    /// The record's version when they met.
    pub current_version: i64,
    /// The contested fields; none where one side wanted to delete the record.
    pub fields: Vec<Contested>,
    /// When they met.
    pub at: DateTime<Utc>,
    /// When it was decided.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Who decided.
    pub resolved_by: Option<String>,
}

const COLUMNS: &str = "SELECT id, client, op_id, entity, entity_id, division_code, action, base_version, \
     current_version, fields, at, resolved_at, resolved_by FROM sync_conflicts WHERE ";

impl FromRow for Conflict {
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
        let id: Uuid = cells.next()?;
        Ok(Self {
            id,
            client: cells.next()?,
            op_id: cells.next()?,
            entity: cells.next()?,
            entity_id: cells.next()?,
            division_code: cells.next()?,
            action: cells.next()?,
            base_version: cells.next()?,
            current_version: cells.next()?,
            fields: serde_json::from_slice(&cells.sealed_json(place(&id))?.ok_or("a conflict without fields")?)?,
            at: cells.next()?,
            resolved_at: cells.next()?,
            resolved_by: cells.next()?,
        })
    }
}

impl Conflict {
    /// The contested fields as a reader sees them who sees fields up to a class: the values of others are left out.
    pub fn shown(&self, sight: FieldClass) -> Vec<Contested> {
        let kind = registry::find(&self.entity);
        let hide = |c: &Contested| match kind.is_none_or(|k| k.hides(&c.field, sight)) {
            true => Contested { base: None, yours: None, theirs: None, ..c.clone() },
            false => c.clone(),
        };
        self.fields.iter().map(hide).collect()
    }
    /// What the operation wanted: a merge patch; `None` for a deletion.
    pub fn yours(&self) -> Option<Map<String, Json>> {
        (self.action != OpAction::Delete)
            .then(|| self.fields.iter().map(|c| (c.field.clone(), c.yours.clone().unwrap_or(Json::Null))).collect())
    }
}

/// Where the fields of a conflict belong, which are sealed as a whole.
pub(crate) fn place(id: &Uuid) -> Place<'_> {
    Place { of: "sync_conflicts", field: "fields", id: id.as_bytes() }
}

/// Opens a conflict.
pub(super) fn open(
    tx: &mut Tx<'_>,
    entity: &'static str,
    now: &Meta,
    op: &PushOp,
    base_version: i64,
    fields: &[Contested],
) -> Result<Uuid> {
    const INSERT: &str = "INSERT INTO sync_conflicts (id, client, op_id, entity, entity_id, division_code, action, \
         base_version, current_version, fields, at) VALUES ";
    let id = Uuid::now_v7();
    let text = serde_json::to_string(fields).map_err(Error::internal)?;
    let row: [Value<'_>; 11] = [
        id.into(),
        tx.stamp.client.as_str().into(),
        op.op_id.into(),
        entity.into(),
        now.id.into(),
        now.division_code.as_str().into(),
        domain::Code::as_str(op.action).into(),
        base_version.into(),
        now.version.into(),
        tx.conn.keys().seal_json(place(&id), &text)?.into(),
        tx.stamp.now.into(),
    ];
    Sql::with_row(INSERT, row).run(tx.conn).map(|_| id)
}

/// The open conflicts about records of these resources in a scope, oldest first, behind `after`.
///
/// # Errors
/// What the database says.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    entities: &[&'static str],
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Conflict>> {
    if entities.is_empty() {
        return Ok(vec![]);
    }
    let mut sql = Sql::new(COLUMNS);
    sql.say("resolved_at IS NULL AND entity IN (").bind_all(entities.iter().map(|e| Value::from(*e))).say(")");
    crate::select::within(&mut sql, scope, Visibility::Scoped);
    if let Some(after) = after {
        sql.say(" AND id > ").bind(after);
    }
    sql.say(" ORDER BY id LIMIT ").bind(limit).once().rows(conn)
}

/// A conflict in a scope, decided or not.
///
/// # Errors
/// `NotFound`.
pub fn get(conn: &mut Conn, scope: &Scope, id: Uuid) -> Result<Conflict> {
    let mut sql = Sql::new(COLUMNS);
    sql.say("id = ").bind(id);
    crate::select::within(&mut sql, scope, Visibility::Scoped);
    sql.row(conn)?.ok_or(Error::NotFound)
}

/// The conflicts with these ids, whoever may see them.
///
/// # Errors
/// What the database says.
pub fn by_ids(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Conflict>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let mut sql = Sql::new(COLUMNS);
    sql.say("id IN (").bind_all(ids.iter().map(|id| Value::from(*id))).say(")").once().rows(conn)
}

/// Closes a conflict.
///
/// # Errors
/// `Refused(ConflictResolved)` where somebody else was first.
pub fn close(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    let mut sql = Sql::new("UPDATE sync_conflicts SET resolved_at = ");
    sql.bind(tx.stamp.now).say(", resolved_by = ").bind(tx.stamp.actor.as_str());
    match sql.say(" WHERE resolved_at IS NULL AND id = ").bind(id).run(tx.conn)? {
        0 => Err(Error::Refused(Problem::ConflictResolved, vec![])),
        _ => Ok(()),
    }
}
