//! One operation on one record.
use super::conflicts;
use super::ledger::{Decided, Said};
use super::{Drafted, by_external};
use crate::conn::Engine;
use crate::error::{Error, Result};
use crate::journal;
use crate::ledger::Stored;
use crate::registry::{self, Kind};
use crate::select::visible;
use crate::statement::Sql;
use crate::store::Store;
use crate::tx::Tx;
use crate::write::{self, create, create_many};
use domain::codes::{OpAction, OpStatus};
use domain::input::{Draft, check_external, draft_of, patched, to_map};
use domain::merge::{self, Contested, Merged, Side, Touch};
use domain::push::PushOp;
use domain::{DateTime, DivisionCode, Findings, Meta, Problem, Record, Rule, Scope, Utc, Uuid, Violation, Written};
use serde_json::{Map, Value};

/// What the pusher may touch, and which side it is on.
#[derive(Clone, Copy)]
pub struct Bounds<'b> {
    /// What it sees and may change.
    pub scope: &'b Scope,
    /// The division of its new records.
    pub home: &'b DivisionCode,
    /// Its side in a merge.
    pub side: Side,
}

/// An operation that did not fail.
#[derive(Debug)]
pub struct Done {
    /// How it ended.
    pub status: OpStatus,
    /// The record.
    pub id: Uuid,
    /// Its version afterwards; absent where it is gone.
    pub version: Option<i64>,
    /// More about it.
    pub said: Said,
}
impl Done {
    fn with(status: OpStatus, meta: &Meta, warnings: &[Violation]) -> Self {
        let said = Said { warnings: warnings.iter().map(Stored::of).collect(), ..Said::default() };
        Self { status, id: meta.id, version: Some(meta.version), said }
    }
}

/// Carries out an operation.
///
/// # Errors
/// As the same change in a request of its own; `Refused(RecordDeleted)` where somebody deleted the record.
pub fn push<R: Store>(tx: &mut Tx<'_>, bounds: &Bounds<'_>, kind: &Kind, op: &PushOp) -> Result<Done> {
    let patch = referred(tx, kind, op)?;
    match op.action {
        OpAction::Create => {
            let drafted = drafted::<R>(op, &patch)?;
            let Written { record, warnings } = create::<R>(tx, bounds.scope, bounds.home, drafted, None)?;
            Ok(Done::with(OpStatus::Applied, &record.meta, &warnings))
        }
        OpAction::Patch => {
            let old = existing::<R>(tx, bounds.scope, kind, op)?;
            changed::<R>(tx, bounds, op, old, patch)
        }
        OpAction::Delete => match existing::<R>(tx, bounds.scope, kind, op) {
            Ok(old) => deleted::<R>(tx, bounds, op, old),
            Err(Error::Refused(Problem::RecordDeleted, _)) => {
                let id = op.id.unwrap_or_default();
                Ok(Done { status: OpStatus::Noop, id, version: None, said: Said::default() })
            }
            Err(e) => Err(e),
        },
    }
}

/// Carries out creations that need nothing but themselves, all or none, with what [`prepared`] made of each.
///
/// # Errors
/// As [`push`], for any of them.
pub fn creations<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    home: &DivisionCode,
    ops: &[&PushOp],
    drafts: Vec<Drafted>,
) -> Result<Vec<Done>> {
    let own = |draft: Drafted| draft.downcast::<Draft<R>>().map(|draft| *draft);
    let drafts = drafts.into_iter().map(own).collect::<std::result::Result<Vec<_>, _>>();
    let drafts = drafts.map_err(|_| Error::internal("a record of another resource"))?;
    let ids: Vec<Uuid> = ops.iter().map(|op| op.op_id).collect();
    let made = create_many::<R>(tx, scope, home, drafts, &ids)?;
    Ok(made.iter().map(|w| Done::with(OpStatus::Applied, &w.record.meta, &w.warnings)).collect())
}

/// The record of a creation, if it can be read.
pub fn prepared<R: Store>(op: &PushOp) -> Option<Drafted> {
    drafted::<R>(op, &op.set).ok().map(|draft| Box::new(draft) as Drafted)
}

fn drafted<R: Store>(op: &PushOp, fields: &Map<String, Value>) -> Result<Draft<R>> {
    let mut found = Findings::default();
    found.require(op.id.is_none() || !fields.contains_key("id"), "set/id", Rule::ReadOnly);
    found.require(
        op.external_ref.is_none() || !fields.contains_key("external_ref"),
        "set/external_ref",
        Rule::ReadOnly,
    );
    if !found.errors.is_empty() {
        return Err(Error::Invalid(found));
    }
    if let Some(external) = &op.external_ref {
        check_external(external, &mut found);
    }
    match draft_of::<R>(fields) {
        Ok(draft) if found.errors.is_empty() => {
            Ok(Draft { id: op.id.or(draft.id), external_ref: op.external_ref.clone().or(draft.external_ref), ..draft })
        }
        Ok(_) => Err(Error::Invalid(found.below("/set"))),
        Err(more) => {
            found.absorb(more);
            Err(Error::Invalid(found.below("/set")))
        }
    }
}

/// The operation's patch, with ids in the place of what it refers to by ids of the client's own system.
fn referred(tx: &mut Tx<'_>, kind: &Kind, op: &PushOp) -> Result<Map<String, Value>> {
    let mut patch = op.patch();
    let mut found = Findings::default();
    for (field, external) in &op.refs {
        let pointer = format!("/refs/{}", domain::input::escape(field));
        let to = kind.references.iter().find(|(name, expand, _)| name == field && !expand.is_empty());
        let Some(to) = to.and_then(|(.., path)| registry::find(path)) else {
            found.error(pointer, Rule::UnknownField);
            continue;
        };
        match by_external(tx, to, external)? {
            Some(id) => drop(patch.insert(field.clone(), id.to_string().into())),
            None => found.error(pointer, Rule::UnknownReference),
        }
    }
    if found.errors.is_empty() { Ok(patch) } else { Err(Error::Invalid(found)) }
}

/// The record an operation is about, which nobody else changes until this unit of work ends.
fn existing<R: Store>(tx: &mut Tx<'_>, scope: &Scope, kind: &Kind, op: &PushOp) -> Result<Record<R>> {
    let id = match (op.id, &op.external_ref) {
        (Some(id), _) => id,
        (None, Some(external)) => by_external(tx, kind, external)?.ok_or(Error::NotFound)?,
        (None, None) => return Err(Error::NotFound),
    };
    if tx.conn.engine() == Engine::Postgres {
        let mut sql = Sql::new("SELECT 1 FROM ");
        sql.say(R::TABLE).say(" WHERE id = ").bind(id).say(" FOR UPDATE").run(tx.conn)?;
    }
    if let Some(record) = R::get(tx.conn, scope, id)? {
        write::writable(scope, &record)?;
        return Ok(record);
    }
    let mut sql = Sql::new("SELECT division_code FROM ");
    sql.say(R::TABLE).say(" WHERE deleted_at IS NOT NULL AND id = ").bind(id);
    let gone: Option<(DivisionCode,)> = sql.row(tx.conn)?;
    match gone {
        Some((division,)) if crate::select::sees(R::VISIBILITY, scope, &division, None) => {
            Err(Error::Refused(Problem::RecordDeleted, vec![]))
        }
        _ => Err(Error::NotFound),
    }
}

fn changed<R: Store>(
    tx: &mut Tx<'_>,
    bounds: &Bounds<'_>,
    op: &PushOp,
    old: Record<R>,
    patch: Map<String, Value>,
) -> Result<Done> {
    let base_version = ancestor(tx, op, &old.meta)?;
    let touched = touched_since(tx, R::PATH, &old.meta, base_version)?;
    let (merged, fields) = if touched.is_empty() {
        let fields = patch.keys().cloned().collect();
        (Merged { patch, ..Merged::default() }, fields)
    } else {
        merged::<R>(tx, bounds, &old, base_version, patch, &touched)?
    };
    let (data, warnings) =
        patched(&old.data, Value::Object(merged.patch), None).map_err(|found| Error::Invalid(found.below("/set")))?;
    let unchanged = data == old.data;
    let meta = old.meta.clone();
    let (meta, warnings) = if unchanged {
        (meta, warnings)
    } else {
        let made = write::update(tx, bounds.scope, old, data, Findings { warnings, errors: vec![] });
        let made = made.map_err(below_set)?;
        (made.record.meta, made.warnings)
    };
    let status = match (merged.waiting.is_empty(), unchanged, touched.is_empty()) {
        (false, ..) => OpStatus::Conflict,
        (true, true, _) => OpStatus::Noop,
        (true, false, true) => OpStatus::Applied,
        (true, false, false) => OpStatus::Merged,
    };
    let mut done = Done::with(status, &meta, &warnings);
    if !touched.is_empty() && !unchanged {
        done.said.merged_fields = fields;
    }
    done.said.decided = merged.decided.iter().map(|c| decided(c, bounds.side)).collect();
    if !merged.waiting.is_empty() {
        done.said.conflict = Some(conflicts::open(tx, R::PATH, &meta, op, base_version, &merged.waiting)?);
    }
    Ok(done)
}

fn below_set(error: Error) -> Error {
    match error {
        Error::Invalid(found) => Error::Invalid(found.below("/set")),
        other => other,
    }
}

fn decided(contested: &Contested, side: Side) -> Decided {
    use domain::codes::MergePolicy as P;
    let yours = match contested.policy {
        P::CityWins => side.city,
        P::CountyWins => !side.city,
        P::LatestObserved => side.observed_at > contested.theirs_at,
        P::Manual => false,
    };
    Decided { field: contested.field.clone(), policy: contested.policy, yours }
}

/// The merge, and the names of the fields it changes.
fn merged<R: Store>(
    tx: &mut Tx<'_>,
    bounds: &Bounds<'_>,
    old: &Record<R>,
    base_version: i64,
    mut patch: Map<String, Value>,
    touched: &[Touch],
) -> Result<(Merged, Vec<String>)> {
    let base = journal::state_at::<R>(tx.conn, old.meta.id, base_version)?.map(|(data, ..)| to_map(&data));
    // In the form in which the server keeps them, where they can be brought into it.
    if let Ok((wanted, _)) = patched(&old.data, Value::Object(patch.clone()), None) {
        let wanted = to_map(&wanted);
        for (field, value) in &mut patch {
            *value = wanted.get(field).cloned().unwrap_or(Value::Null);
        }
    }
    let theirs = to_map(&old.data);
    let merged = merge::merge(base.as_ref(), &theirs, &patch, touched, bounds.side, merge::policy::<R>);
    let fields = merged.patch.keys().cloned().collect();
    Ok((merged, fields))
}

/// The version that both sides began from. After a restore the client may know versions that are lost here: both
/// began from the last one that the backup had.
fn ancestor(tx: &mut Tx<'_>, op: &PushOp, now: &Meta) -> Result<i64> {
    let known = op.base_version.unwrap_or_default();
    let ended: Option<i64> = match op.base_epoch {
        Some(epoch) if epoch != crate::feed::state(tx.conn)?.epoch => {
            let seq: Option<(i64,)> =
                Sql::new("SELECT seq FROM feed_epochs WHERE epoch = ").bind(epoch).row(tx.conn)?;
            let unknown = || Error::invalid(Violation::new("base_epoch", Rule::UnknownEpoch));
            Some(seq.ok_or_else(unknown)?.0)
        }
        _ => None,
    };
    if let Some(seq) = ended {
        let mut sql = Sql::new("SELECT max(version) FROM journal WHERE entity_id = ");
        sql.bind(now.id).say(" AND seq <= ").bind(seq);
        let kept = sql.row::<(Option<i64>,)>(tx.conn)?.and_then(|(version,)| version);
        return Ok(known.min(kept.unwrap_or_default()));
    }
    if known > now.version {
        return Err(Error::invalid(Violation::new("base_version", Rule::TooLarge).with("max", now.version)));
    }
    Ok(known)
}

/// The fields that others than the client itself have changed after a version.
fn touched_since(tx: &mut Tx<'_>, entity: &'static str, now: &Meta, version: i64) -> Result<Vec<Touch>> {
    if version == now.version {
        return Ok(vec![]);
    }
    let mut sql = Sql::new(
        "SELECT j.changed_fields, j.client, coalesce(o.observed_at, j.at) FROM journal AS j \
         LEFT JOIN sync_ops AS o ON o.op_id = j.op_id AND o.client = j.client WHERE j.entity = ",
    );
    sql.bind(entity).say(" AND j.entity_id = ").bind(now.id).say(" AND j.version > ").bind(version);
    sql.say(" AND j.client <> ").bind(tx.stamp.client.as_str()).say(" ORDER BY j.version");
    let lines: Vec<(Vec<String>, String, DateTime<Utc>)> = sql.rows(tx.conn)?;
    let mut touched: Vec<Touch> = vec![];
    for (fields, by, at) in lines {
        for field in fields {
            touched.retain(|t| t.field != field);
            touched.push(Touch { field, by: by.clone(), at });
        }
    }
    Ok(touched)
}

fn deleted<R: Store>(tx: &mut Tx<'_>, bounds: &Bounds<'_>, op: &PushOp, old: Record<R>) -> Result<Done> {
    let base_version = ancestor(tx, op, &old.meta)?;
    if touched_since(tx, R::PATH, &old.meta, base_version)?.is_empty() {
        let gone = write::delete::<R>(tx, bounds.scope, old.meta.id, old.meta.version)?;
        return Ok(Done::with(OpStatus::Applied, &gone.meta, &[]));
    }
    // What somebody has changed is not deleted unseen.
    let mut done = Done::with(OpStatus::Conflict, &old.meta, &[]);
    done.said.conflict = Some(conflicts::open(tx, R::PATH, &old.meta, op, base_version, &[])?);
    Ok(done)
}

/// Decides an open conflict by setting the fields `wanted`, or by deleting the record where the operation wanted that.
///
/// # Errors
/// As a patch or a deletion by the person who decides; `Stale` where the record has changed since they looked.
pub fn decide<R: Store>(
    tx: &mut Tx<'_>,
    scope: &Scope,
    id: Uuid,
    expected: i64,
    wanted: Option<Map<String, Value>>,
) -> Result<i64> {
    let Some(wanted) = wanted else {
        return write::delete::<R>(tx, scope, id, expected).map(|gone| gone.meta.version);
    };
    if wanted.is_empty() {
        let record = R::get(tx.conn, scope, id)?.ok_or(Error::NotFound)?;
        return if visible(&record, scope) { Ok(record.meta.version) } else { Err(Error::NotFound) };
    }
    write::patch::<R>(tx, scope, id, expected, Value::Object(wanted), None).map(|made| made.record.meta.version)
}
