//! `POST /sync/push`: what a client made offline, as a batch or as a stream of lines.
use super::cursor::Cursor;
use super::{Pusher, readable};
use crate::error::{ApiError, Finding, Result};
use crate::extract::{Json, Prefer};
use crate::listing::pairs;
use actix_web::{HttpRequest, HttpResponse, web};
use domain::codes::OpStatus;
use domain::merge::Contested;
use domain::push::{PUSH_LIMIT, Received};
use domain::{DateTime, Problem, Rule, Utc, Uuid, Violation};
use persistence::push::ledger::Decided;
use persistence::push::{self, Atomic, Batch, OpResult, Report, conflicts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// What stands above the operations: the members of a batch beside `ops`, or the first line of a stream.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushHead {
    /// The epoch the client knows, as in the state.
    pub(super) epoch: Uuid,
    /// What the client's clock shows as it sends this. Tells how far it is off.
    pub(super) sent_at: Option<DateTime<Utc>>,
    /// What the client calls itself, with its version.
    #[schema(max_length = 100, example = "shanxian-archive/2.3")]
    pub(super) agent: Option<String>,
}

/// What became of a batch.
#[derive(Serialize, ToSchema)]
pub struct PushAnswer {
    /// `complete`: every operation stands; `partial`: some were refused; `refused`: all were.
    #[schema(example = "complete")]
    outcome: &'static str,
    /// One for each operation, in order.
    #[schema(max_items = 500)]
    results: Vec<PushResult>,
    /// The last number that was taken. Refused operations count: they are in quarantine.
    #[schema(example = 1044)]
    accepted_through_op_seq: i64,
    /// A position for all the caller may read, behind everything this batch has written. Absent from a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "mJ0c")]
    write_cursor: Option<String>,
    /// The number of the feed there: a page whose `head` is as high shows what this batch has written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "48220")]
    write_seq: Option<String>,
}

/// What became of an operation.
#[derive(Serialize, ToSchema)]
pub struct PushResult {
    /// The operation's number.
    #[schema(example = 1042)]
    op_seq: i64,
    /// The operation's id.
    op_id: Uuid,
    /// How it ended.
    pub(super) status: OpStatus,
    /// How it ended when it came first, where it is a duplicate.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_status: Option<OpStatus>,
    /// The resource.
    #[schema(example = "cadres")]
    entity: String,
    /// The record.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    /// Its version now, or after the operation where it is a duplicate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 18)]
    version: Option<i64>,
    /// Fields that were changed in a record that others had changed too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    merged_fields: Vec<String>,
    /// Contested fields that the policy has decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decided: Vec<Decided>,
    /// What waits for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<PushConflict>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<PushProblem>,
    /// What the checks found worth a warning.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Finding>,
}

/// A conflict that an operation has opened.
#[derive(Serialize, ToSchema)]
pub struct PushConflict {
    /// Its id, for `POST /sync/conflicts/{id}/resolve`.
    id: Uuid,
    /// The version both sides began from.
    #[schema(example = 17)]
    base_version: i64,
    /// The record's version when they met.
    #[schema(example = 19)]
    current_version: i64,
    /// The contested fields; none where the operation wanted to delete a record that others had changed.
    fields: Vec<Contested>,
}

/// Why an operation was refused.
#[derive(Serialize, ToSchema)]
pub struct PushProblem {
    /// Stable code; the catalogue is `GET /problems`.
    #[schema(example = "validation_failed")]
    code: &'static str,
    /// The text in the reader's language.
    #[schema(example = "数据校验未通过")]
    title: &'static str,
    /// The HTTP status the same change would have had in a request of its own.
    #[schema(example = 422)]
    status: u16,
    /// Whether it may succeed later unchanged, as a new operation.
    retryable: bool,
    /// Findings about fields of the operation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100_000)]
    errors: Vec<Finding>,
}
impl PushProblem {
    /// What the ledger says about a failure, in the caller's language.
    pub(super) fn of(permit: &Pusher, said: &push::ledger::Said) -> Option<Self> {
        let problem = Problem::parse(said.problem.as_deref()?).unwrap_or(Problem::Internal);
        let title = match permit.language {
            domain::Language::Zh => problem.zh(),
            domain::Language::En => problem.en(),
        };
        let (code, status, retryable) = (problem.code(), problem.status(), problem.retryable());
        Some(Self { code, title, status, retryable, errors: findings(permit, &said.errors) })
    }
}

fn findings(permit: &Pusher, kept: &[persistence::ledger::Stored]) -> Vec<Finding> {
    kept.iter().filter_map(|s| s.clone().violation()).map(|v| Finding::of(&v, permit.language)).collect()
}

/// What succeeds or fails together.
pub(super) fn atomic(req: &HttpRequest) -> Result<Atomic> {
    let mut atomic = Atomic::Group;
    for (name, value) in pairs(req)? {
        match (name.as_str(), value.as_str()) {
            ("atomic", "none") => atomic = Atomic::Each,
            ("atomic", "group") => atomic = Atomic::Group,
            ("atomic", "all") => atomic = Atomic::All,
            ("atomic", _) => return Err(ApiError::parameter("atomic", Rule::Pattern)),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    Ok(atomic)
}

/// Seconds by which a clock is ahead of ours.
pub(super) fn ahead(sent_at: Option<DateTime<Utc>>) -> Option<i64> {
    sent_at.map(|at| (at - Utc::now()).num_seconds())
}

/// A client's name for itself, as far as we keep it.
pub(super) fn named(agent: Option<String>) -> Option<String> {
    agent.map(|name| name.chars().filter(|c| !c.is_control()).take(100).collect())
}

/// Carries out a batch.
pub(super) async fn carry_out(permit: &Pusher, batch: Batch, dry_run: bool) -> Result<(Vec<PushResult>, i64)> {
    let identity = Arc::clone(&permit.identity);
    let prepared = web::block(move || batch.prepared()).await.map_err(ApiError::internal)?;
    let work = move |tx: &mut persistence::Tx<'_>| {
        let may = |kind: &persistence::registry::Kind, action| identity.may(kind.path, kind.module, action);
        let pusher = push::Pusher { scope: &identity.scope, home: &identity.division, may: &may };
        push::batch(tx, &pusher, prepared)
    };
    let report = permit.app.db.write(permit.stamp(), dry_run, work).await?;
    let Report { conflicts, results, expected_op_seq, .. } = report;
    Ok((results.into_iter().map(|r| shown(permit, r, &conflicts)).collect(), expected_op_seq))
}

fn shown(permit: &Pusher, result: OpResult, conflicts: &[conflicts::Conflict]) -> PushResult {
    let OpResult { name, status, first, entity, id, version, said } = result;
    let conflict = conflicts.iter().find(|c| Some(c.id) == said.conflict).map(|c| PushConflict {
        id: c.id,
        base_version: c.base_version,
        current_version: c.current_version,
        fields: c.shown(permit.identity.sight()),
    });
    PushResult {
        op_seq: name.op_seq,
        op_id: name.op_id,
        status,
        first_status: first,
        entity,
        id,
        version,
        conflict,
        problem: PushProblem::of(permit, &said),
        warnings: findings(permit, &said.warnings),
        merged_fields: said.merged_fields,
        decided: said.decided,
    }
}

/// The position behind what was just written: its cursor and its number.
pub(super) async fn written(permit: &Pusher) -> Result<(String, String)> {
    let state = permit.app.db.number().await?;
    let cursor = Cursor::at(&permit.identity, &readable(&permit.identity), state, state.head);
    Ok((cursor.seal(permit), state.head.to_string()))
}

/// `POST /sync/push`
pub async fn push(permit: Pusher, prefer: Prefer, req: HttpRequest, body: Json) -> Result<HttpResponse> {
    let atomic = atomic(&req)?;
    let mut head = body.value;
    // An operation that cannot be read must not make the request one.
    let ops = head.as_object_mut().and_then(|members| members.remove("ops"));
    let PushHead { epoch, sent_at, agent } = domain::input::typed(head)?;
    let Some(serde_json::Value::Array(ops)) = ops else {
        let wrong = Violation::new("/ops", Rule::WrongType).with("expected", "an array");
        return Err(ApiError::of(Problem::ValidationFailed, vec![wrong]));
    };
    if ops.is_empty() || ops.len() > PUSH_LIMIT {
        let rule = if ops.is_empty() { Rule::TooFew } else { Rule::TooMany };
        let wrong = Violation::new("/ops", rule).with("min", 1).with("max", PUSH_LIMIT);
        return Err(ApiError::of(Problem::ValidationFailed, vec![wrong]));
    }
    let ops = received(ops)?;
    let batch = Batch { epoch, atomic, ops, clock_ahead: ahead(sent_at), agent: named(agent) };
    let (results, expected) = carry_out(&permit, batch, prefer.dry_run).await?;
    let (cursor, seq) =
        if prefer.dry_run { (None, None) } else { written(&permit).await.map(|(c, s)| (Some(c), Some(s)))? };
    let mut answer = HttpResponse::Ok();
    if prefer.dry_run {
        answer.insert_header(("preference-applied", "dry-run"));
    }
    Ok(answer.json(PushAnswer {
        outcome: outcome(results.iter().map(|r| r.first_status.unwrap_or(r.status))),
        results,
        accepted_through_op_seq: expected - 1,
        write_cursor: cursor,
        write_seq: seq,
    }))
}

/// The operations of a batch.
///
/// # Errors
/// All findings about operations that nobody could name in an answer.
pub(super) fn received(ops: Vec<serde_json::Value>) -> Result<Vec<Received>> {
    let (mut read, mut found) = (Vec::with_capacity(ops.len()), vec![]);
    for (i, op) in ops.into_iter().enumerate() {
        match Received::read(op, &format!("/ops/{i}")) {
            Ok(op) => read.push(op),
            Err(violation) => found.push(violation),
        }
    }
    if found.is_empty() { Ok(read) } else { Err(ApiError::of(Problem::ValidationFailed, found)) }
}

fn outcome(statuses: impl Iterator<Item = OpStatus>) -> &'static str {
    let (mut stood, mut fell) = (false, false);
    for status in statuses {
        if status.stands() { stood = true } else { fell = true }
    }
    match (stood, fell) {
        (_, false) => "complete",
        (true, true) => "partial",
        (false, true) => "refused",
    }
}

/// How many operations ended how.
pub(super) type Counts = BTreeMap<&'static str, u64>;
