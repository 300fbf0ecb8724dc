//! What was pushed: one row for each operation, and how far each client has come.
use super::{Batch, OpResult, Prepared};
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::ledger::Stored;
use crate::sealed::{Keyring, Place};
use crate::sql::JsonText;
use crate::statement::{self, Sql};
use crate::tx::Tx;
use crate::value::Value;
use domain::codes::{MergePolicy, OpStatus};
use domain::push::{OpName, Received};
use domain::{Code, DateTime, DivisionCode, Problem, Rule, Scope, Utc, Uuid, Violation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A contested field that the policy has decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decided {
    /// Field name.
    #[schema(example = "mobile", max_length = 100)]
    pub field: String,
    /// The policy.
    pub policy: MergePolicy,
    /// Whether the pushed value stands; otherwise the server's.
    pub yours: bool,
}

/// What an answer says about an operation beside its status. Names only, no values: the ledger holds no personal data.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Said {
    /// Fields that were changed in a record that others had changed too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged_fields: Vec<String>,
    /// Contested fields that the policy has decided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decided: Vec<Decided>,
    /// The conflict that waits for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Uuid>,
    /// Code of the problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Findings about fields of the operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Stored>,
    /// Warnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Stored>,
}
impl Said {
    /// What is said about a failure.
    pub fn failure(problem: Problem, errors: &[Violation]) -> Self {
        let errors = errors.iter().map(Stored::of).collect();
        Self { problem: Some(problem.code().into()), errors, ..Self::default() }
    }
    fn is_empty(&self) -> bool {
        let Self { merged_fields, decided, conflict, problem, errors, warnings } = self;
        (merged_fields.is_empty() && decided.is_empty() && errors.is_empty() && warnings.is_empty())
            && conflict.is_none()
            && problem.is_none()
    }
    fn json(&self, keys: &Keyring, id: &[u8]) -> Result<Option<JsonText>> {
        if self.is_empty() {
            return Ok(None);
        }
        let text = serde_json::to_string(self).map_err(Error::internal)?;
        keys.seal_json(places(id).1, &text).map(Some)
    }
    fn read(stored: Option<JsonText>, keys: &Keyring, id: &[u8]) -> Result<Self> {
        let Some(stored) = stored else { return Ok(Self::default()) };
        serde_json::from_str(&keys.open_json(places(id).1, &stored)?.0).map_err(Error::internal)
    }
}

/// What an operation is sealed for.
pub(crate) fn place_id(client: &str, op_id: Uuid) -> Vec<u8> {
    [op_id.as_bytes(), client.as_bytes()].concat()
}
/// Where an operation's body and what was said about it belong.
pub(crate) fn places(id: &[u8]) -> (Place<'_>, Place<'_>) {
    (Place { of: "sync_ops", field: "body", id }, Place { of: "sync_ops", field: "result", id })
}

/// Makes the client known, takes its row for the rest of the unit of work, and says which number it is at.
pub(super) fn begin(tx: &mut Tx<'_>, division: &DivisionCode, epoch: Uuid) -> Result<i64> {
    let row = [tx.stamp.client.as_str().into(), division.as_str().into(), epoch.into()];
    let mut sql = Sql::with_row("INSERT INTO sync_clients (client, division_code, epoch) VALUES ", row);
    sql.say(" ON CONFLICT (client) DO UPDATE SET division_code = excluded.division_code RETURNING next_op_seq");
    sql.row::<(i64,)>(tx.conn)?.map(|(n,)| n).ok_or_else(|| Error::internal("a client without a number"))
}

/// Notes how far the client has come.
pub(super) fn end(tx: &mut Tx<'_>, next: i64, batch: &Batch) -> Result<()> {
    let mut sql = Sql::new("UPDATE sync_clients SET next_op_seq = ");
    sql.bind(next).say(", pushed_at = ").bind(tx.stamp.now);
    sql.say(", clock_ahead = coalesce(").bind(batch.clock_ahead).say(", clock_ahead)");
    sql.say(", agent = coalesce(").bind(batch.agent.as_deref()).say(", agent)");
    sql.say(" WHERE client = ").bind(tx.stamp.client.as_str()).run(tx.conn).map(drop)
}

/// An operation that was seen before.
#[derive(Debug)]
pub(super) struct Seen {
    hash: Uuid,
    pub(super) status: OpStatus,
    entity: String,
    id: Option<Uuid>,
    version: Option<i64>,
    said: Said,
}

impl Seen {
    /// The answer when it comes again.
    pub(super) fn again(&self, op: &Received, hash: Uuid) -> OpResult {
        let same = self.hash == hash;
        OpResult {
            name: op.name,
            status: if same { OpStatus::Duplicate } else { OpStatus::Rejected },
            first: same.then_some(self.status),
            entity: self.entity.clone(),
            id: self.id.filter(|_| same),
            version: self.version.filter(|_| same),
            said: if same { self.said.clone() } else { Said::failure(Problem::OpReused, &[]) },
        }
    }
}

/// Those of the client's operations that the ledger knows.
pub(super) fn seen(tx: &mut Tx<'_>, ids: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, Seen>> {
    let ids: Vec<String> = ids.map(|id| id.simple().to_string()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    // Each is looked for by itself, whatever the planner thinks of a table that it has no statistics of: by the client
    // it would go through all of its operations. One value for all, so that the statement is the same for any number.
    let (sqlite, postgres) = (Engine::Sqlite, Engine::Postgres);
    let list = match tx.conn.engine() {
        Engine::Sqlite => format!("[\"{}\"]", ids.join("\",\"")),
        Engine::Postgres => format!("{{{}}}", ids.join(",")),
    };
    let mut sql = Sql::new("SELECT op_id, hash, status, entity, entity_id, version, result FROM ");
    sql.say_to(sqlite, "json_each(").say_to(postgres, "unnest((").bind(list.as_str());
    sql.say_to(sqlite, ") AS asked CROSS JOIN sync_ops");
    sql.say_to(postgres, ")::uuid[]) AS asked (value) CROSS JOIN LATERAL (SELECT * FROM sync_ops");
    sql.say(" WHERE client = ").bind(tx.stamp.client.as_str()).say(" AND op_id = ");
    sql.say_to(sqlite, "unhex(asked.value)").say_to(postgres, "asked.value OFFSET 0) AS known");
    if tx.conn.engine() == postgres {
        // A plan that was made for an empty table would be kept for a full one.
        sql.once();
    }
    type Row = (Uuid, Uuid, OpStatus, String, Option<Uuid>, Option<i64>, Option<JsonText>);
    let rows: Vec<Row> = sql.rows(tx.conn)?;
    let (keys, client) = (tx.conn.keys().clone(), tx.stamp.client.as_str());
    let read = |(op_id, hash, status, entity, id, version, said): Row| {
        let said = Said::read(said, &keys, &place_id(client, op_id))?;
        Ok((op_id, Seen { hash, status, entity, id, version, said }))
    };
    rows.into_iter().map(read).collect()
}

/// Stores what became of the new operations.
pub(super) fn record(
    tx: &mut Tx<'_>,
    Prepared { batch, hashes, .. }: &Prepared,
    fresh: &[usize],
    results: &[OpResult],
) -> Result<()> {
    const INTO: &str = "sync_ops (client, op_seq, op_id, hash, status, entity, entity_id, version, result, body, \
         observed_at, at)";
    struct Rows;
    let mut told = std::collections::HashSet::new();
    let mut rows = vec![];
    let keys = tx.conn.keys().clone();
    let known = |i: &usize| Some((batch.ops.get(*i)?, hashes.get(*i)?, results.get(*i)?));
    for (op, hash, result) in fresh.iter().filter_map(known) {
        // The same id twice in one batch: the second one was told so and is not done.
        if !told.insert(op.name.op_id) {
            continue;
        }
        let failed = !result.status.stands();
        let id = place_id(&tx.stamp.client, op.name.op_id);
        let body = failed.then(|| keys.seal(places(&id).0, op.sent().to_string().as_bytes())).transpose()?;
        let observed = op.op.as_ref().ok().and_then(|o| observed(o.observed_at, batch.clock_ahead, tx.stamp.now));
        rows.push(Ok([
            tx.stamp.client.as_str().into(),
            op.name.op_seq.into(),
            op.name.op_id.into(),
            (*hash).into(),
            result.status.as_str().into(),
            result.entity.as_str().into(),
            result.id.into(),
            result.version.into(),
            result.said.json(&keys, &id)?.into(),
            body.map_or(Value::Text(None), Value::from),
            observed.into(),
            tx.stamp.now.into(),
        ]));
    }
    statement::insert::<Rows, _>(tx.conn, &[INTO], rows)
}

/// When something was observed, by our clock and never in the future: a client's clock orders nothing by itself.
pub(super) fn observed(
    at: Option<DateTime<Utc>>,
    clock_ahead: Option<i64>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let ahead = chrono::Duration::try_seconds(clock_ahead.unwrap_or(0)).unwrap_or_default();
    at.map(|at| at.checked_sub_signed(ahead).unwrap_or(now).min(now))
}

/// What makes two operations the same: everything but their number, in whatever order it is written. The first
/// half of a SHA-256.
pub(super) fn fingerprint(op: &Received) -> Uuid {
    let mut hash = Sha256::new();
    match op.parts() {
        (serde_json::Value::Object(fields), set) => object(fields, Some(set), &mut hash),
        (other, _) => hash.update(other.to_string()),
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut half = [0; 16];
    half.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
    Uuid::from_bytes(half)
}
fn object(fields: &Members, whole: Option<Option<&Members>>, hash: &mut Sha256) {
    let mut members: Vec<(&String, &serde_json::Value)> = fields.iter().collect();
    members.retain(|(name, _)| whole.is_none() || *name != "op_seq");
    members.sort_unstable_by_key(|(name, _)| *name);
    hash.update(b"{");
    for (name, value) in members {
        hash.update(name.as_bytes());
        hash.update(b"\0");
        match (value, whole) {
            (_, Some(Some(set))) if name == "set" => object(set, None, hash),
            (serde_json::Value::Object(inner), _) => object(inner, None, hash),
            (serde_json::Value::String(text), _) => hash.update(text.as_bytes()),
            (other, _) => hash.update(other.to_string()),
        }
        hash.update(b"\0");
    }
    hash.update(b"}");
}
type Members = serde_json::Map<String, serde_json::Value>;

/// An operation in quarantine.
#[derive(Debug, Clone)]
pub struct Quarantined {
    /// Who pushed it.
    pub client: String,
    /// The operation.
    pub name: OpName,
    /// `rejected` or `blocked`.
    pub status: OpStatus,
    /// As it was sent.
    pub body: serde_json::Value,
    /// Why it failed.
    pub said: Said,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// A page of the operations in quarantine of the clients in a scope, oldest first.
///
/// # Errors
/// What the database says.
pub fn quarantine(
    conn: &mut Conn,
    scope: &Scope,
    client: Option<&str>,
    after: Option<(&str, i64)>,
    limit: i64,
) -> Result<Vec<Quarantined>> {
    let mut sql =
        Sql::new("SELECT client, op_seq, op_id, status, body, result, at FROM sync_ops WHERE body IS NOT NULL");
    sql.say(" AND client IN (SELECT client FROM sync_clients WHERE 1 = 1");
    crate::select::within(&mut sql, scope, domain::Visibility::Scoped);
    sql.say(")");
    if let Some(client) = client {
        sql.say(" AND client = ").bind(client);
    }
    if let Some((client, seq)) = after {
        sql.say(" AND (client > ").bind(client).say(" OR (client = ").bind(client).say(" AND op_seq > ").bind(seq);
        sql.say("))");
    }
    sql.say(" ORDER BY client, op_seq LIMIT ").bind(limit).once();
    type Row = (String, i64, Uuid, OpStatus, String, Option<JsonText>, DateTime<Utc>);
    let rows: Vec<Row> = sql.rows(conn)?;
    let keys = conn.keys().clone();
    let read = |(client, op_seq, op_id, status, body, said, at): Row| {
        let id = place_id(&client, op_id);
        let body = serde_json::from_slice(&keys.open(places(&id).0, &body)?).map_err(Error::internal)?;
        let said = Said::read(said, &keys, &id)?;
        Ok(Quarantined { client, name: OpName { op_seq, op_id }, status, body, said, at })
    };
    rows.into_iter().map(read).collect()
}

/// Ends an operation's quarantine: somebody has seen to it. The ledger's row stays, without the operation itself.
///
/// # Errors
/// `NotFound` where there is no such operation in quarantine.
pub fn dismiss(tx: &mut Tx<'_>, scope: &Scope, client: Option<&str>, op_id: Uuid) -> Result<()> {
    let mut sql = Sql::new("UPDATE sync_ops SET body = NULL WHERE body IS NOT NULL AND op_id = ");
    sql.bind(op_id).say(" AND client IN (SELECT client FROM sync_clients WHERE 1 = 1");
    crate::select::within(&mut sql, scope, domain::Visibility::Scoped);
    sql.say(")");
    if let Some(client) = client {
        sql.say(" AND client = ").bind(client);
    }
    match sql.run(tx.conn)? {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

/// A finding that an operation failed because of another one.
pub(super) fn because(rule: Rule, op_id: Uuid) -> Violation {
    Violation::new("", rule).with("op_id", op_id)
}
