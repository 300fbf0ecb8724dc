//! Decisions about rights, explained; and rights for an emergency.
//!
//! * [`explain`]: whether somebody may do something, and by which rule.
//! * [`emergency`]: a wider view for a while, with a reason, seen by everybody who keeps watch.
pub mod emergency;
pub mod explain;

use crate::contract::Operation;
use crate::contract::schemas::register;
use crate::routes::{BASE, Routes};
use domain::Problem;
use serde_json::json;

const TAG: &str = "authz";

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    let (asked, told) = (
        register::<explain::Question>(&mut r.contract.schemas),
        register::<explain::Explanation>(&mut r.contract.schemas),
    );
    r.add(
        "POST",
        &format!("{BASE}/authz/explain"),
        explain::explain,
        Operation::new("explain_access", TAG, "解释访问权限 · Explain whether somebody may do something")
            .says("The caller's own rights, or those of a user or of an API token that the caller administers. The answer is made of what decides real requests; what a request says in its body is not looked at.")
            .body(&asked, json!({"method": "GET", "path": "/api/v1/cadres/0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01"}))
            .answers(200, "The decision", &told, json!({"allowed": false, "status": 404, "operation": "get_cadre", "rules": [{"rule": "role", "holds": true, "text": "角色 county_admin"}, {"rule": "record", "holds": false, "text": "记录不在可见范围内"}]}))
            .fails(&[Problem::Forbidden, Problem::NotFound]),
    );
    let (wanted, given) = (
        register::<emergency::EmergencyRequest>(&mut r.contract.schemas),
        register::<emergency::EmergencyAccess>(&mut r.contract.schemas),
    );
    r.add(
        "POST",
        &format!("{BASE}/authz/break-glass"),
        emergency::break_glass,
        Operation::new("break_glass", TAG, "紧急访问 · Access in an emergency")
            .says("A token that reads a wider division for at most an hour. It raises an alarm, every request with it is on record, and whoever administers tokens can revoke it.")
            .body(&wanted, json!({"division_code": "371700", "reason": "老同志在外县突发疾病,需联系家属", "minutes": 30}))
            .answers(201, "The token, shown once", &given, json!({"token_id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "token": "lg_pat_…", "division_code": "371700", "expires_at": "2026-09-29T08:50:00.000Z"}))
            .fails(&[Problem::Forbidden]),
    );
}
