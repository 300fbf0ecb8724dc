//! The routes of the audit, mounted and documented.
use super::chain::AuditHead;
use super::{report, search, witness};
use crate::contract::{Operation, schemas};
use crate::listing::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::routes::{BASE, Routes};
use domain::policy::Action;
use serde_json::json;

const TAG: &str = "audit";

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    let all = &mut r.contract.schemas;
    let entry = schemas::register::<persistence::audit::search::Entry>(all);
    schemas::register::<AuditHead>(all);
    let answer = schemas::register::<witness::AuditHeadAnswer>(all);
    let request = schemas::register::<witness::WitnessRequest>(all);
    let witnessed = schemas::register::<witness::WitnessAnswer>(all);
    let verified = schemas::register::<report::AuditReport>(all);
    all.insert("AuditPage".into(), schemas::page("A page of the audit", schemas::reference(&entry)));
    let one = json!({"seq": "9120", "at": "2026-09-29T08:20:00.000Z", "kind": "denied", "outcome": "denied",
        "actor": "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "client": "user:0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01",
        "address": "10.37.17.22", "entity": "GET /api/v1/cadres", "fields": [], "division_code": "371722", "detail": "forbidden", "times": 1});
    let seen = json!({"epoch": "0192f0c1-7a3b-4cc2-9a53-0d7a5f7a1c01", "link": 1042, "at": "2026-09-29T08:20:00.000Z",
        "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "signature": "kZ3x"});
    let conditions = |mut o: Operation| {
        for (name, text) in search::CONDITIONS {
            o = o.parameter("query", name, false, text, json!({"type": "string", "maxLength": 200}));
        }
        o
    };
    let reading = |id: &str, summary: &str| Operation::new(id, TAG, summary).permit("audit", Action::Read);
    r.add(
        "GET",
        &format!("{BASE}/audit"),
        search::list,
        conditions(reading("list_audit", "审计记录 · What happened"))
            .says("Writes and everything else, newest first. Reading the audit is an entry of it too.")
            .paged((DEFAULT_LIMIT, MAX_LIMIT), 2000)
            .answers(200, "A page", "AuditPage", json!({"items": [one]})),
    );
    r.add(
        "GET",
        &format!("{BASE}/audit/export"),
        search::export,
        conditions(reading("export_audit", "导出审计记录 · Export what happened")).responds(
            200,
            "One entry a line",
            Some(json!({"application/x-ndjson": {"schema": schemas::reference(&entry)}})),
            &[],
        ),
    );
    r.add(
        "GET",
        &format!("{BASE}/audit/verify"),
        report::handler,
        reading("verify_audit", "核验审计链 · Hold the audit against its chain")
            .says("Finds lines that were changed or removed, a tail that was cut and a chain that was made anew. Looks at a bounded number of lines: while `complete` is false, ask again with `after_link`.")
            .parameter(
                "query",
                "after_link",
                false,
                "Begin behind this link",
                json!({"type": "integer", "format": "int64", "minimum": 0, "default": 0}),
            )
            .parameter(
                "query",
                "lines",
                false,
                "Lines to read, about",
                json!({"type": "integer", "minimum": 1, "maximum": report::MAX_LINES, "default": report::LINES}),
            )
            .answers(
                200,
                "What was found",
                &verified,
                json!({"intact": true, "complete": true, "links": 1042, "journal_lines": 48213, "events": 9120, "head": seen,
                    "findings": [], "found": 0, "restores": [], "witnessed": 310, "ended": 0}),
            ),
    );
    r.add(
        "GET",
        &format!("{BASE}/audit/head"),
        witness::head,
        Operation::new("get_audit_head", TAG, "审计链头 · The head of the audit's chain")
            .says("Kept elsewhere, it shows later that nothing before it was changed or removed.")
            .answers(
                200,
                "The head and its key",
                &answer,
                json!({"head": seen, "key_id": "9f86d081884c7d65", "public_key": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
            ),
    );
    r.add(
        "POST",
        &format!("{BASE}/audit/witness"),
        witness::bring,
        Operation::new("witness_audit", TAG, "见证审计链头 · Bring back heads that were seen")
            .says("The server says how they stand to its chain now. One that is not there any more is an alarm, and stays one.")
            .permit("sync", Action::Pull)
            .body(&request, json!({"heads": [seen]}))
            .answers(200, "How they stand", &witnessed, json!({"results": [{"link": 1042, "state": "agrees"}]})),
    );
}
