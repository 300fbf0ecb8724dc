//! Which operations succeed or fail together, and what becomes of those that depend on others.
use super::ledger::{self, Said, Seen, because};
use super::{Atomic, Batch, Drafted, OpResult, Pusher, apply};
use crate::error::{Error, Result};
use crate::feed;
use crate::registry::Kind;
use crate::tx::Tx;
use domain::codes::{OpAction, OpStatus};
use domain::merge::Side;
use domain::policy::Action;
use domain::push::{PushOp, Received};
use domain::{Problem, Rule, Uuid, Violation};
use std::collections::{HashMap, HashSet};

/// The operations of one batch on their way.
pub(super) struct Units<'u, 'c, 'p> {
    tx: &'u mut Tx<'c>,
    pusher: &'u Pusher<'p>,
    batch: &'u Batch,
    results: &'u mut Vec<Option<OpResult>>,
    /// The records of plain creations, each until it is tried.
    drafts: Vec<Option<Drafted>>,
    /// Operations whose id an earlier one of this batch has.
    repeated: HashSet<usize>,
    /// Operations of earlier batches that operations of this one depend on.
    before: HashMap<Uuid, Seen>,
}

impl<'u, 'c, 'p> Units<'u, 'c, 'p> {
    pub(super) fn new(
        tx: &'u mut Tx<'c>,
        pusher: &'u Pusher<'p>,
        batch: &'u Batch,
        drafts: Vec<Option<Drafted>>,
        results: &'u mut Vec<Option<OpResult>>,
    ) -> Self {
        let mut ids = HashSet::with_capacity(batch.ops.len());
        let repeated = batch.ops.iter().enumerate().filter(|(_, op)| !ids.insert(op.name.op_id)).map(|(i, _)| i);
        let repeated = repeated.collect();
        Self { tx, pusher, batch, results, drafts, repeated, before: HashMap::new() }
    }

    /// Carries out the new operations, in order.
    pub(super) fn run(&mut self, fresh: &[usize]) -> Result<()> {
        let needed = self.batch.ops.iter().filter_map(|op| op.op.as_ref().ok()).flat_map(|op| op.depends_on.clone());
        self.before = ledger::seen(self.tx, needed)?;
        for unit in self.units(fresh)? {
            match unit.as_slice() {
                [] => {}
                [one] => {
                    if let Err((result, _)) = self.alone(*one)? {
                        self.put(*one, result);
                    }
                }
                many if self.creations(many)? => {}
                many if self.group_of(many).is_none() && self.batch.atomic != Atomic::All => {
                    for one in many {
                        if let Err((result, _)) = self.alone(*one)? {
                            self.put(*one, result);
                        }
                    }
                }
                many => self.together(many)?,
            }
        }
        Ok(())
    }

    /// Runs of operations to be tried together: groups, and plain creations of one resource, which are independent
    /// of each other but cheaper in one.
    fn units(&self, fresh: &[usize]) -> Result<Vec<Vec<usize>>> {
        if self.batch.atomic == Atomic::All {
            return Ok(vec![fresh.to_vec()]);
        }
        let mut units: Vec<Vec<usize>> = vec![];
        let mut groups: Vec<&str> = vec![];
        for i in fresh.iter().copied() {
            let last = units.last().and_then(|unit| unit.last()).copied();
            let group = self.group(i);
            if let Some(group) = group {
                if last.is_some_and(|last| self.group(last) == Some(group)) {
                    if let Some(unit) = units.last_mut() {
                        unit.push(i);
                    }
                    continue;
                }
                if groups.contains(&group) {
                    let torn = Violation::new(format!("/ops/{i}/group"), Rule::GroupTorn);
                    return Err(Error::Refused(Problem::ValidationFailed, vec![torn]));
                }
                groups.push(group);
            }
            let plain = |i: usize| self.op(i).filter(|op| self.group(i).is_none() && is_plain_creation(op));
            match (last.and_then(plain), plain(i)) {
                (Some(before), Some(now)) if before.entity == now.entity => {
                    if let Some(unit) = units.last_mut() {
                        unit.push(i);
                    }
                }
                _ => units.push(vec![i]),
            }
        }
        Ok(units)
    }

    fn received(&self, i: usize) -> Result<&'u Received> {
        self.batch.ops.get(i).ok_or_else(|| Error::internal("an operation that is not there"))
    }
    fn op(&self, i: usize) -> Option<&'u PushOp> {
        self.batch.ops.get(i).and_then(|r| r.op.as_deref().ok())
    }
    fn group(&self, i: usize) -> Option<&'u str> {
        self.op(i).and_then(|op| op.group.as_deref()).filter(|_| self.batch.atomic == Atomic::Group)
    }
    fn group_of(&self, unit: &[usize]) -> Option<&'u str> {
        unit.first().and_then(|i| self.group(*i))
    }
    fn put(&mut self, i: usize, result: OpResult) {
        if let Some(place) = self.results.get_mut(i) {
            *place = Some(result);
        }
    }

    /// Carries out one operation as an attempt of its own. A failure is told as a result and the problem behind it.
    fn alone(&mut self, i: usize) -> Result<std::result::Result<(), (OpResult, Problem)>> {
        let received = self.received(i)?;
        let attempted = match self.standing(i) {
            Ok((op, kind)) => self.attempt(received, op, kind),
            Err(e) => Err(e),
        };
        match attempted {
            Ok(result) => {
                self.put(i, result);
                Ok(Ok(()))
            }
            Err(e @ Error::Unavailable(_)) => Err(e),
            Err(e) => Ok(Err(self.failed(i, e)?)),
        }
    }

    fn attempt(&mut self, received: &Received, op: &PushOp, kind: &Kind) -> Result<OpResult> {
        let side = Side {
            city: self.pusher.home.is_city(),
            observed_at: ledger::observed(op.observed_at, self.batch.clock_ahead, self.tx.stamp.now)
                .unwrap_or(self.tx.stamp.now),
        };
        let scope = self.pusher.scope;
        let home = self.pusher.home;
        let done = self.tx.attempt(|tx| {
            tx.op_id = Some(op.op_id);
            let done = (kind.push)(tx, &apply::Bounds { scope, home, side }, kind, op);
            tx.op_id = None;
            done
        });
        self.tx.op_id = None;
        let done = done?;
        Ok(OpResult {
            name: received.name,
            status: done.status,
            first: None,
            entity: op.entity.clone(),
            id: Some(done.id),
            version: done.version,
            said: done.said,
        })
    }

    /// The operation, if it can be read, may be done, and what it depends on stands.
    fn standing(&self, i: usize) -> Result<(&'u PushOp, &'static Kind)> {
        let received = self.received(i)?;
        let op = received.op.as_deref().map_err(|found| Error::Invalid(found.clone()))?;
        let kind = feed::kinds().find(|k| k.path == op.entity);
        let kind = kind.ok_or_else(|| Error::invalid(Violation::new("entity", Rule::UnknownEntity)))?;
        let action = match op.action {
            OpAction::Create => Action::Create,
            OpAction::Patch => Action::Update,
            OpAction::Delete => Action::Delete,
        };
        if !(self.pusher.may)(kind, action) {
            return Err(Error::Refused(Problem::Forbidden, vec![]));
        }
        for needed in &op.depends_on {
            let here = self.batch.ops.iter().zip(self.results.iter()).find(|(r, _)| r.name.op_id == *needed);
            let status = match here {
                Some((_, result)) => result.as_ref().map(|r| r.first.unwrap_or(r.status)),
                None => self.before.get(needed).map(|seen| seen.status),
            };
            if !status.is_some_and(OpStatus::stands) {
                return Err(Error::Refused(Problem::Blocked, vec![because(Rule::DependencyFailed, *needed)]));
            }
        }
        // The same id twice in one batch: only the first is meant.
        if self.repeated.contains(&i) {
            return Err(Error::Refused(Problem::OpReused, vec![]));
        }
        Ok((op, kind))
    }

    fn failed(&self, i: usize, error: Error) -> Result<(OpResult, Problem)> {
        if let Error::Internal(cause) = &error {
            tracing::error!(%cause, "a pushed operation failed");
        }
        let received = self.received(i)?;
        let (problem, errors) = error.told();
        let field = |name| received.parts().0.get(name).and_then(|v| v.as_str());
        let result = OpResult {
            name: received.name,
            status: if problem == Problem::Blocked { OpStatus::Blocked } else { OpStatus::Rejected },
            first: None,
            // Whatever stands there: it is shown, and PostgreSQL stores no NUL.
            entity: field("entity").unwrap_or_default().chars().filter(|c| !c.is_control()).take(100).collect(),
            id: field("id").and_then(|id| id.parse().ok()),
            version: None,
            said: Said::failure(problem, &errors),
        };
        Ok((result, problem))
    }

    /// All or none. The one that fails says why, the others that they were kept back by it.
    fn together(&mut self, unit: &[usize]) -> Result<()> {
        let before = self.tx.conn.savepoint("SAVEPOINT together")?;
        for (at, i) in unit.iter().enumerate() {
            let Err((result, _)) = self.alone(*i)? else { continue };
            let culprit = result.name.op_id;
            self.put(*i, result);
            self.tx.conn.undo("ROLLBACK TO SAVEPOINT together", before)?;
            for (other, i) in unit.iter().enumerate().filter(|(other, _)| *other != at) {
                let failed = because(Rule::GroupFailed, culprit);
                let (result, _) = self.failed(*i, Error::Refused(Problem::Blocked, vec![failed]))?;
                // A second copy of an operation in one batch keeps its own reason.
                if other != at {
                    self.put(*i, result);
                }
            }
            break;
        }
        self.tx.conn.say("RELEASE SAVEPOINT together")
    }

    /// Plain creations in one statement each of a kind, if none of them fails. Otherwise nothing is done and they go
    /// one by one.
    fn creations(&mut self, unit: &[usize]) -> Result<bool> {
        let mut ops = vec![];
        let mut kind = None;
        for i in unit {
            let plain = self.op(*i).is_some_and(is_plain_creation) && self.group(*i).is_none();
            if !plain || self.batch.atomic == Atomic::All {
                return Ok(false);
            }
            match self.standing(*i) {
                Ok((op, its)) => {
                    ops.push(op);
                    kind = Some(its);
                }
                Err(e @ Error::Unavailable(_)) => return Err(e),
                Err(_) => return Ok(false),
            }
        }
        let Some(kind) = kind else { return Ok(false) };
        // One that cannot be read says so when it goes alone.
        let drafts = unit.iter().map(|i| self.drafts.get_mut(*i).and_then(Option::take));
        let Some(drafts) = drafts.collect::<Option<Vec<_>>>() else { return Ok(false) };
        let (scope, home) = (self.pusher.scope, self.pusher.home);
        match self.tx.attempt(|tx| (kind.push_creations)(tx, scope, home, &ops, drafts)) {
            Ok(done) => {
                for ((i, op), done) in unit.iter().zip(&ops).zip(done) {
                    let name = self.received(*i)?.name;
                    let apply::Done { status, id, version, said } = done;
                    let entity = op.entity.clone();
                    self.put(*i, OpResult { name, status, first: None, entity, id: Some(id), version, said });
                }
                Ok(true)
            }
            Err(e @ Error::Unavailable(_)) => Err(e),
            Err(_) => Ok(false),
        }
    }
}

/// Whether an operation makes a record and needs nothing but itself.
pub(super) fn is_plain_creation(op: &PushOp) -> bool {
    op.action == OpAction::Create && op.refs.is_empty() && op.depends_on.is_empty()
}
