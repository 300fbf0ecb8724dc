//! What clients made offline: a batch of operations, each done once, in order, and none in the way of another.
//!
//! An operation is known by its id: the ledger's row commits with its effect, so that a batch that is sent again
//! is answered again and done once. Its number counts the client's operations without gaps, so that nothing is
//! lost between two batches, or when the server is restored: it then expects a lower number, and the client
//! sends again from there. One that fails is kept in quarantine and counts as seen.
//!
//! * [`apply`]: one operation on one resource, the three-way merge in it. * `units`: what succeeds or fails together.
//! * [`ledger`]: what was seen. * [`conflicts`]: fields that wait for a person.
pub mod apply;
pub mod conflicts;
pub mod ledger;
mod units;

use crate::error::{Error, Result};
use crate::registry::Kind;
use crate::tx::Tx;
use crate::{feed, statement::Sql};
use domain::codes::OpStatus;
use domain::policy::Action;
use domain::push::{OpName, Received};
use domain::{DivisionCode, Problem, Rule, Scope, Uuid, Violation};
use ledger::Said;
use std::collections::HashMap;

/// Who pushes.
pub struct Pusher<'p> {
    /// What it sees and may change.
    pub scope: &'p Scope,
    /// The division of its new records, where they name none.
    pub home: &'p DivisionCode,
    /// Whether it may do this to records of this kind.
    pub may: &'p dyn Fn(&Kind, Action) -> bool,
}

/// What succeeds or fails together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Atomic {
    /// Each operation by itself, whatever its group.
    Each,
    /// The operations of a group.
    Group,
    /// The whole batch.
    All,
}

/// A batch.
pub struct Batch {
    /// The epoch that the client knows.
    pub epoch: Uuid,
    /// What succeeds or fails together.
    pub atomic: Atomic,
    /// The operations.
    pub ops: Vec<Received>,
    /// Seconds by which the client's clock is ahead of ours, where it said what it shows.
    pub clock_ahead: Option<i64>,
    /// What the client calls itself.
    pub agent: Option<String>,
}

/// How one operation ended.
#[derive(Debug, Clone)]
pub struct OpResult {
    /// The operation.
    pub name: OpName,
    /// How it ended.
    pub status: OpStatus,
    /// How it ended the first time, where it is a duplicate.
    pub first: Option<OpStatus>,
    /// The resource's path, as it was sent.
    pub entity: String,
    /// The record.
    pub id: Option<Uuid>,
    /// Its version afterwards.
    pub version: Option<i64>,
    /// More about it.
    pub said: Said,
}

/// How a batch ended.
pub struct Report {
    /// The conflicts that the results name.
    pub conflicts: Vec<conflicts::Conflict>,
    /// One for each operation, in order.
    pub results: Vec<OpResult>,
    /// The number that the client's next operation must have.
    pub expected_op_seq: i64,
    /// The batch, handed back: to clear it away takes time for which all other writers would wait.
    pub spent: Prepared,
}

/// A batch with what can be found out about it before a connection is taken for it.
pub struct Prepared {
    batch: Batch,
    /// What makes each operation the same when it comes again.
    hashes: Vec<Uuid>,
    /// The records of creations that need nothing but themselves, where they can be read.
    drafts: Vec<Option<Drafted>>,
}

/// A [`domain::input::Draft`] of some resource.
pub type Drafted = Box<dyn std::any::Any + Send>;

impl Batch {
    /// Reads what can be read without the database: on SQLite one thread writes for all.
    pub fn prepared(self) -> Prepared {
        let hashes = self.ops.iter().map(ledger::fingerprint).collect();
        let drafted = |op: &Received| {
            let op = op.op.as_deref().ok().filter(|op| units::is_plain_creation(op))?;
            (feed::kinds().find(|k| k.path == op.entity)?.draft)(op)
        };
        let drafts = self.ops.iter().map(drafted).collect();
        Prepared { batch: self, hashes, drafts }
    }
}

/// Carries out a batch.
///
/// # Errors
/// `Refused(EpochChanged)` after a restore, `Refused(OpGap)` where the numbers do not go on, `Unavailable`. Nothing
/// of the batch is done then.
pub fn batch(tx: &mut Tx<'_>, pusher: &Pusher<'_>, mut prepared: Prepared) -> Result<Report> {
    tx.begin()?;
    let drafts = std::mem::take(&mut prepared.drafts);
    let Prepared { batch, hashes, .. } = &prepared;
    let state = feed::state(tx.conn)?;
    if state.epoch != batch.epoch {
        return Err(Error::Refused(Problem::EpochChanged, vec![]));
    }
    let next = ledger::begin(tx, pusher.home, state.epoch)?;
    let seen = ledger::seen(tx, batch.ops.iter().map(|op| op.name.op_id))?;
    let (fresh, expected) = sorted(&batch.ops, &seen, next)?;
    let mut results: Vec<Option<OpResult>> =
        batch.ops.iter().zip(hashes).map(|(op, hash)| Some(seen.get(&op.name.op_id)?.again(op, *hash))).collect();
    let mut units = units::Units::new(tx, pusher, batch, drafts, &mut results);
    units.run(&fresh)?;
    let results: Vec<OpResult> = results.into_iter().flatten().collect();
    ledger::record(tx, &prepared, &fresh, &results)?;
    ledger::end(tx, expected, batch)?;
    let waiting: Vec<Uuid> = results.iter().filter_map(|r| r.said.conflict).collect();
    let conflicts = conflicts::by_ids(tx.conn, &waiting)?;
    Ok(Report { conflicts, results, expected_op_seq: expected, spent: prepared })
}

/// The places of the operations that are new, and the number expected behind them all. An operation that was seen
/// before may come again under its old number, or under a new one from a client that was restored itself.
fn sorted(ops: &[Received], seen: &HashMap<Uuid, ledger::Seen>, next: i64) -> Result<(Vec<usize>, i64)> {
    let (mut fresh, mut expected) = (vec![], next);
    for (i, op) in ops.iter().enumerate() {
        let refused = |rule| {
            let wrong = Violation::new(format!("/ops/{i}/op_seq"), rule).with("expected", expected);
            Err(Error::Refused(Problem::OpGap, vec![wrong]))
        };
        let known = seen.contains_key(&op.name.op_id);
        match op.name.op_seq {
            seq if seq > expected => return refused(Rule::OpOrder),
            seq if seq == expected => expected += 1,
            _ if known => {}
            _ => return refused(Rule::OpNumberUsed),
        }
        if !known {
            fresh.push(i);
        }
    }
    Ok((fresh, expected))
}

/// The record that an id of another system stands for, the deleted ones included.
pub(crate) fn by_external(tx: &mut Tx<'_>, kind: &Kind, of: &domain::resource::ExternalRef) -> Result<Option<Uuid>> {
    let mut sql = Sql::new("SELECT id FROM ");
    sql.say(kind.table).say(" WHERE external_system = ").bind(of.system.as_str());
    sql.say(" AND external_id = ").bind(of.id.as_str());
    Ok(sql.row::<(Uuid,)>(tx.conn)?.map(|(id,)| id))
}
