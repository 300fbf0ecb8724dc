//! The routes of what clients push and of what it leaves for people, mounted and documented.
use super::{desk, push, stream};
use crate::contract::{Operation, schemas};
use crate::routes::{BASE, Routes};
use domain::Problem;
use domain::policy::Action;
use serde_json::{Value, json};

const TAG: &str = "sync";
const ID: &str = "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01";

fn pushing(id: &str, summary: &str) -> Operation {
    Operation::new(id, TAG, summary).permit("sync", Action::Push)
}
fn atomic(o: Operation, values: &[&str]) -> Operation {
    let schema = json!({"type": "string", "enum": values, "default": "group"});
    o.parameter("query", "atomic", false, "What succeeds or fails together: each operation, each group, or all", schema)
        .fails(&[Problem::OpGap, Problem::EpochChanged])
}
fn page(o: Operation) -> Operation {
    let schema = json!({"type": "string", "maxLength": 2000});
    o.parameter("query", "page_token", false, "`next_page_token` of the page before", schema)
        .fails(&[Problem::PageTokenMismatch])
}

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    let schemas = &mut r.contract.schemas;
    let head = schemas::register::<push::PushHead>(schemas);
    let request = "PushRequest".to_owned();
    schemas.insert(request.clone(), batch(schemas.get(&head)));
    schemas::register::<push::PushProblem>(schemas);
    let answer = schemas::register::<push::PushAnswer>(schemas);
    schemas.insert("PushLine".into(), line());
    let policy = schemas::register::<desk::SyncPolicy>(schemas);
    let conflicts = schemas::register::<desk::SyncConflicts>(schemas);
    let conflict = schemas::register::<desk::SyncConflict>(schemas);
    let decision = schemas::register::<desk::Decision>(schemas);
    let quarantine = schemas::register::<desk::SyncQuarantine>(schemas);
    for register in [schemas::register::<push::PushResult>, schemas::register::<desk::QuarantinedOp>] {
        register(schemas);
    }
    // It is read one by one: one that is no operation must not stop the others.
    let op = schemas::register::<domain::push::PushOp>(schemas);
    schemas::items(schemas, &request, "ops", &op);

    let patch = json!({"op_seq": 1042, "op_id": ID, "entity": "cadres", "id": ID, "action": "patch", "base_version": 17,
        "set": {"mobile": "13800000009"}, "unset": ["landline"], "observed_at": "2026-09-29T08:20:00.000Z"});
    let result = json!({"op_seq": 1042, "op_id": ID, "status": "applied", "entity": "cadres", "id": ID, "version": 18});
    let text = "Each operation is done once, however often it is sent, and one that is refused stops no other: it is kept in quarantine. Disjoint changes of one record merge; contested fields follow the policy or wait for a person. 409 `op_gap` and `epoch_changed` say that nothing was done, and from where to go on.";
    r.add(
        "POST",
        &format!("{BASE}/sync/push"),
        push::push,
        atomic(pushing("push_changes", "推送 · What was made offline").says(text), &["none", "group", "all"])
            .header("Prefer", false, "`dry-run`: check everything, change nothing", "dry-run")
            .body(&request, json!({"epoch": ID, "ops": [patch]}))
            .responds(
                200,
                "What became of each operation",
                Some(json!({"application/json": {"schema": schemas::reference(&answer),
                    "example": {"outcome": "complete", "results": [result], "accepted_through_op_seq": 1042, "write_cursor": "mJ0c", "write_seq": "48220"}}})),
                &["Preference-Applied"],
            ),
    );
    let lines = json!({"application/x-ndjson": {"schema": schemas::reference("PushLine")}});
    let stream = pushing("push_change_stream", "推送流 · The same as a stream of lines, for bulk loads")
        .says("The first line has the `epoch` (and `sent_at`, `agent`), each other line is an operation. They are carried out in batches of 500 while they arrive; the answer has a line for each, and an `end` with counts, and with `stopped` where the stream was cut short: what came before it is done.")
        .body_as("application/x-ndjson", "PushHead", json!({"epoch": ID}));
    r.add(
        "POST",
        &format!("{BASE}/sync/push/stream"),
        stream::push_stream,
        atomic(stream, &["none", "group"]).responds(200, "A line for each operation", Some(lines), &[]),
    );
    let entity = json!({"entity": "cadres", "fields": [{"field": "mobile", "policy": "latest_observed"}]});
    r.add(
        "GET",
        &format!("{BASE}/sync/policy"),
        desk::policy,
        Operation::new("get_sync_policy", TAG, "合并规则 · Who wins a contested field")
            .permit("sync", Action::Read)
            .answers(200, "The policy", &policy, json!({"version": 1, "default": "manual", "entities": [entity]})),
    );
    let contested = json!({"field": "residence_address", "base": "单县向阳小区1号楼", "yours": "单县向阳小区2号楼", "theirs": "单县胜利小区3号楼",
        "theirs_by": format!("user:{ID}"), "theirs_at": "2026-09-29T08:20:00.000Z", "policy": "manual"});
    let one = json!({"id": ID, "client": format!("user:{ID}"), "op_id": ID, "entity": "cadres", "entity_id": ID, "division_code": "371722",
        "action": "patch", "base_version": 17, "current_version": 19, "fields": [contested], "at": "2026-09-29T08:20:00.000Z", "resolved": false});
    let reading = |id: &str, summary: &str| Operation::new(id, TAG, summary).permit("sync", Action::Read);
    r.add(
        "GET",
        &format!("{BASE}/sync/conflicts"),
        desk::list_conflicts,
        page(reading("list_conflicts", "冲突 · What waits for a decision")).answers(
            200,
            "A page",
            &conflicts,
            json!({"items": [one.clone()]}),
        ),
    );
    r.add(
        "GET",
        &format!("{BASE}/sync/conflicts/{{id}}"),
        desk::get_conflict,
        reading("get_conflict", "冲突 · One conflict").id_in_path().answers(
            200,
            "The conflict",
            &conflict,
            one.clone(),
        ),
    );
    let mut closed = one;
    if let Some(resolved) = closed.get_mut("resolved") {
        *resolved = true.into();
    }
    r.add(
        "POST",
        &format!("{BASE}/sync/conflicts/{{id}}/resolve"),
        desk::resolve,
        pushing("resolve_conflict", "裁定冲突 · Decide a conflict")
            .says("Changes the record as a patch of the caller would. `If-Match` is the `ETag` of the record, so that nobody decides about values they have not seen.")
            .id_in_path()
            .header("If-Match", false, "The `ETag` of the record as the caller knows it; 428 without", "\"r19\"")
            .body(&decision, json!({"take": "yours"}))
            .fails(&[Problem::ConflictResolved, Problem::PreconditionFailed, Problem::PreconditionRequired])
            .responds(
                200,
                "Decided; the `ETag` is the record's",
                Some(json!({"application/json": {"schema": schemas::reference(&conflict), "example": closed}})),
                &["ETag"],
            ),
    );
    let refused = json!({"client": format!("user:{ID}"), "op_seq": 1044, "op_id": ID, "status": "rejected",
        "problem": {"code": "not_found", "title": "记录不存在", "status": 404, "retryable": false},
        "op": {"op_seq": 1044, "op_id": ID, "entity": "cadres", "id": ID, "action": "delete", "base_version": 3}, "at": "2026-09-29T08:20:00.000Z"});
    r.add(
        "GET",
        &format!("{BASE}/sync/quarantine"),
        desk::quarantine,
        page(pushing("list_quarantine", "隔离区 · Operations that were refused")).answers(
            200,
            "A page",
            &quarantine,
            json!({"items": [refused]}),
        ),
    );
    let id: Value = json!({"type": "string", "format": "uuid", "example": ID});
    r.add(
        "DELETE",
        &format!("{BASE}/sync/quarantine/{{op_id}}"),
        desk::dismiss,
        pushing("dismiss_quarantined", "移出隔离区 · Somebody has seen to it")
            .parameter("path", "op_id", true, "Id of the operation", id)
            .fails(&[Problem::NotFound])
            .silent(204, "It is in quarantine no more", &[]),
    );
}

/// A batch: the head, and operations.
fn batch(head: Option<&Value>) -> Value {
    let mut schema = head.cloned().unwrap_or_default();
    if let Some(members) = schema.as_object_mut() {
        members.insert("description".into(), "A batch of operations".into());
    }
    let ops = json!({"type": "array", "items": {}, "minItems": 1, "maxItems": 500, "description": "The operations, in the order of their numbers"});
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("ops".into(), ops);
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.push("ops".into());
    }
    schema
}

fn line() -> Value {
    let text = |description: &str| json!({"type": "string", "maxLength": 2000, "description": description});
    json!({
        "type": "object",
        "description": "A line of the answer: a `result` has the members of a batch's result, the `end` those named so",
        "required": ["kind"],
        "additionalProperties": true,
        "properties": {
            "kind": {"type": "string", "description": "What the line is", "x-extensible-enum": ["result", "end"]},
            "counts": {"type": "object", "description": "end: operations by status", "additionalProperties": {"type": "integer", "format": "int64"}},
            "accepted_through_op_seq": {"type": "integer", "format": "int64", "description": "end: the last number that was taken"},
            "write_cursor": text("end: a position behind everything that was written"),
            "write_seq": text("end: the number of the feed there"),
            "problem": schemas::reference("PushProblem"),
            "stopped": schemas::reference("Problem"),
        },
    })
}
