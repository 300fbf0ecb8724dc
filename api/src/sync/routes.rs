//! The routes of synchronisation, mounted and documented.
#![expect(clippy::indexing_slicing, reason = "JSON objects: a key that is missing is made")]
use super::{changes, clients, digest, events, snapshot, state};
use crate::contract::{Operation, schemas};
use crate::routes::{BASE, Routes};
use domain::Problem;
use domain::policy::Action;
use serde_json::{Value, json};

const TAG: &str = "sync";

fn pulling(id: &str, summary: &str) -> Operation {
    Operation::new(id, TAG, summary).permit("sync", Action::Pull)
}
fn query(o: Operation, name: &str, text: &str, schema: Value) -> Operation {
    o.parameter("query", name, false, text, schema)
}
fn entities(o: Operation) -> Operation {
    let schema = json!({"type": "string", "maxLength": 2000, "example": "cadres,honors"});
    query(o, "entities", "Only these resources, separated by commas; all the caller may read if absent", schema)
}
fn cursor(o: Operation) -> Operation {
    let text = "`next_cursor` of the page before, `now` for the end of the feed; absent for its beginning";
    query(o, "cursor", text, json!({"type": "string", "maxLength": 2000}))
        .fails(&[Problem::InvalidCursor, Problem::CursorGone])
}
fn limit(o: Operation) -> Operation {
    let schema = json!({"type": "integer", "minimum": 1, "maximum": 2000, "default": 500});
    query(o, "limit", "Lines of the journal to read at most; the page may hold fewer changes", schema)
}

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    super::pushing::routes(r);
    let schemas = &mut r.contract.schemas;
    let sync_state = schemas::register::<state::SyncState>(schemas);
    let ack = schemas::register::<state::AckRequest>(schemas);
    let sync_digest = schemas::register::<digest::SyncDigest>(schemas);
    let bucket = schemas::register::<digest::SyncBucket>(schemas);
    schemas.insert("SyncChange".into(), change());
    schemas.insert("SyncChanges".into(), page());
    schemas.insert("SyncSnapshotLine".into(), snapshot_line());
    let epoch = "0192f0c1-7a3b-4cc2-9a53-0d7a5f7a1c01";
    r.add(
        "GET",
        &format!("{BASE}/sync/state"),
        state::state,
        pulling("get_sync_state", "同步状态 · Where the feed stands, and where the caller does").answers(
            200,
            "The state",
            &sync_state,
            json!({"epoch": epoch, "head": "48213", "horizon": "0", "retention_days": 400, "schema": 1, "division_code": "371722",
                "entities": ["divisions", "units", "cadres"], "server_time": "2026-09-29T08:20:00.000Z", "expected_op_seq": 1045, "policy_version": 1, "poll_after_s": 60, "warnings": []}),
        ),
    );
    let one = json!({"seq": "48211", "entity": "cadres", "id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "op": "leave", "version": 4,
        "changed_fields": ["division_code"], "origin": {"client": "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02"}, "at": "2026-09-29T08:20:00.000Z", "reason": "transferred"});
    let example = json!({"changes": [one], "next_cursor": "mJ0c", "has_more": false, "consistent": true, "head": "48213", "lag": "0", "poll_after_s": 60, "epoch": epoch});
    let list = pulling("list_changes", "变更 · What has changed behind a position")
        .says("Applied in order, and until `consistent` in one local transaction, the changes make the caller's copy equal to what it may see. `leave`: the record belongs to somebody else now and is removed from the copy. An empty page moves the position too. 410 names the reason why a position is dead: begin anew with a snapshot.");
    let list = query(
        limit(entities(cursor(list))),
        "wait",
        "Seconds to wait for a change where there is none",
        json!({"type": "integer", "minimum": 0, "maximum": 30, "default": 0}),
    );
    r.add(
        "GET",
        &format!("{BASE}/sync/changes"),
        changes::changes,
        list.answers(200, "A page of changes", "SyncChanges", example),
    );
    let stream = json!({"text/event-stream": {"schema": {"type": "string", "format": "event-stream"}, "example": "id: mJ0c\nevent: change\ndata: {}\n\n"}});
    let listen = pulling("listen_to_changes", "变更事件流 · The same as server-sent events")
        .says("`id` is the position behind the event: a reader that comes back sends it as `Last-Event-ID`. `position` events without data move it on.")
        .header("Last-Event-ID", false, "Position of the last event that was seen", "mJ0c");
    r.add(
        "GET",
        &format!("{BASE}/sync/events"),
        events::events,
        limit(entities(cursor(listen))).responds(200, "Events", Some(stream), &[]),
    );
    let lines = json!({"application/x-ndjson": {"schema": schemas::reference("SyncSnapshotLine")}});
    let begin = pulling("get_snapshot", "全量快照 · Everything the caller sees, to begin a copy with")
        .says("One JSON object a line: a `manifest` with `start_cursor`, then `record` lines in an order in which nothing refers to something later, `checkpoint` lines from whose `page_token` a broken stream can be taken up, and a `trailer` with counts and the SHA-256 of all lines before it. Then pull changes from `start_cursor`.")
        .fails(&[Problem::PageTokenMismatch, Problem::InvalidCursor, Problem::CursorGone]);
    let begin = query(
        entities(begin),
        "page_token",
        "`page_token` of the last checkpoint that arrived",
        json!({"type": "string", "maxLength": 2000}),
    );
    r.add("GET", &format!("{BASE}/sync/snapshot"), snapshot::snapshot, begin.responds(200, "Lines", Some(lines), &[]));
    r.add(
        "POST",
        &format!("{BASE}/sync/ack"),
        state::ack,
        pulling("ack_changes", "确认 · How far the caller has come, durably")
            .body(&ack, json!({"cursor": "mJ0c"}))
            .silent(204, "Noted", &[])
            .fails(&[Problem::InvalidCursor, Problem::CursorGone]),
    );
    let clients = schemas::register::<clients::SyncClients>(&mut r.contract.schemas);
    let one = json!({"client": "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c02", "name": "county-371722", "division_code": "371722", "current_epoch": true,
        "pulled_seq": "48213", "pulled_at": "2026-09-29T08:20:00.000Z", "lag": "3", "lag_s": 42, "days_left": 400, "expected_op_seq": 1045, "open_conflicts": 0, "quarantined": 0});
    r.add(
        "GET",
        &format!("{BASE}/sync/clients"),
        clients::clients,
        Operation::new("list_sync_clients", TAG, "同步客户端 · Who follows the feed, and how far behind")
            .permit("sync", Action::Read)
            .answers(200, "The clients", &clients, json!({"items": [one]})),
    );
    let entity = |o: Operation| {
        let schema = json!({"type": "string", "maxLength": 100, "example": "cadres"});
        o.parameter("query", "entity", true, "The resource", schema)
    };
    let buckets = vec!["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; 2];
    r.add(
        "GET",
        &format!("{BASE}/sync/digest"),
        digest::digest,
        entity(pulling("get_digest", "摘要 · What a copy of one resource should hold")).answers(
            200,
            "The digest",
            &sync_digest,
            json!({"entity": "cadres", "count": 0, "head": "48213", "buckets": buckets}),
        ),
    );
    let place = json!({"type": "integer", "minimum": 0, "maximum": 255, "example": 7});
    r.add(
        "GET",
        &format!("{BASE}/sync/digest/{{bucket}}"),
        digest::bucket,
        entity(pulling("get_digest_bucket", "摘要分桶 · The records of one bucket"))
            .parameter("path", "bucket", true, "Last byte of the ids", place)
            .fails(&[Problem::NotFound])
            .answers(
                200,
                "Its records",
                &bucket,
                json!({"entity": "cadres", "items": [{"id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c07", "version": 3}]}),
            ),
    );
}

fn text(description: &str) -> Value {
    json!({"type": "string", "maxLength": 2000, "description": description})
}

fn change() -> Value {
    let mut schema = json!({
        "type": "object",
        "description": "What happened to a record, for the caller",
        "required": ["seq", "entity", "id", "op", "version", "changed_fields", "origin", "at"],
        "properties": {
            "seq": text("Position"),
            "entity": text("The resource"),
            "id": {"type": "string", "format": "uuid", "description": "The record"},
            "op": {"type": "string", "description": "`upsert`: it is like `data` now; `delete`; `leave`: it belongs to somebody else now; `erase`: its data is removed for good, and is to be removed from the copy with all that was kept of it",
                "x-extensible-enum": ["upsert", "delete", "leave", "erase"]},
            "version": {"type": "integer", "format": "int64", "description": "Its version after the change"},
            "changed_fields": {"type": "array", "items": {"type": "string", "maxLength": 100}, "description": "Names of the fields that changed; empty for a creation"},
            "origin": {"type": "object", "description": "Who wrote it", "required": ["client"], "properties": {
                "client": text("The client"),
                "op_id": {"type": "string", "format": "uuid", "description": "The operation it wrote it with"}}},
            "at": {"type": "string", "format": "date-time", "description": "When"},
            "reason": text("Why it is deleted or has left"),
        },
    });
    schema["properties"]["data"] = json!({"type": "object", "description": "The record, in the form of its resource", "additionalProperties": true});
    schema
}

fn page() -> Value {
    json!({
        "type": "object",
        "description": "A page of the feed",
        "required": ["changes", "next_cursor", "has_more", "consistent", "head", "lag", "poll_after_s", "epoch"],
        "properties": {
            "changes": {"type": "array", "items": schemas::reference("SyncChange"), "description": "In order"},
            "next_cursor": text("The position behind the page"),
            "has_more": {"type": "boolean", "description": "Whether to ask again at once"},
            "consistent": {"type": "boolean", "description": "Whether the page reaches the end of the feed as it was read"},
            "head": text("The last number given"),
            "lag": text("Lines of the journal behind the page"),
            "poll_after_s": {"type": "integer", "format": "int64", "description": "Seconds after which to ask again"},
            "epoch": {"type": "string", "format": "uuid", "description": "Changes when the server is restored from a backup"},
        },
    })
}

fn snapshot_line() -> Value {
    json!({
        "type": "object",
        "description": "A line of a snapshot; which members there are depends on `kind`",
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string", "description": "What the line is", "x-extensible-enum": ["manifest", "record", "checkpoint", "trailer"]},
            "start_cursor": text("manifest: the position to pull from afterwards"),
            "epoch": {"type": "string", "format": "uuid", "description": "manifest: as in the state"},
            "schema": {"type": "integer", "format": "int64", "description": "manifest: as in the state"},
            "entities": {"type": "array", "items": {"type": "string", "maxLength": 100}, "description": "manifest: the resources that follow, in order"},
            "resumed": {"type": "boolean", "description": "manifest: whether this stream continues another"},
            "entity": text("record: the resource"),
            "data": {"type": "object", "description": "record: the record, in the form of its resource", "additionalProperties": true},
            "page_token": text("checkpoint: where to take up a broken stream"),
            "counts": {"type": "object", "description": "trailer: records of each resource in this stream", "additionalProperties": {"type": "integer", "format": "int64"}},
            "lines": {"type": "integer", "format": "int64", "description": "trailer: records in this stream"},
            "sha256": text("trailer: SHA-256 of all lines before it, line ends included, in hexadecimal"),
        },
    })
}
