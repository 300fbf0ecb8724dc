//! Heads of the chain that others keep and bring back.

use serde_json::json;

use super::told;
use crate::{
    faults::beneath::Beneath,
    resources::make::{SHAN, unit},
    support::{Case, Ctx, cases},
};

pub fn tests() -> Vec<Case> {
    cases![a_head_that_comes_back_is_compared_and_kept, only_what_the_server_has_signed_can_accuse_it]
}

fn a_head_that_comes_back_is_compared_and_kept(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, county) = (app.admin(), app.user("sync_client", SHAN));
    unit(&admin, SHAN);
    let answer = county.get("/audit/head").status(200);
    let head = answer["head"].clone();
    let states = |heads: serde_json::Value| {
        let answer = county.post("/audit/witness", json!({"heads": heads})).status(200);
        answer["results"].as_array().expect("results").iter().map(|r| r["state"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(states(json!([head])), ["agrees"]);
    assert_eq!(admin.get("/audit/verify").status(200)["witnessed"].as_i64(), Some(2));
    // The chain is made anew; the head is not in it any more.
    if Beneath::of(&app).try_sql("DELETE FROM audit_links").is_none() {
        return;
    }
    unit(&admin, SHAN);
    let state = states(json!([head]));
    assert!(state == ["differs"] || state == ["unknown"], "{state:?}");
    // It stays known, whatever the county says later: also when the new chain is the longer one.
    let mut now = head.clone();
    while now["link"].as_i64() <= head["link"].as_i64() {
        unit(&admin, SHAN);
        now = county.get("/audit/head").status(200)["head"].clone();
    }
    assert_eq!(states(json!([now])), ["agrees"]);
    let report = admin.get("/audit/verify").status(200);
    let findings = report["findings"].as_array().expect("findings");
    assert!(findings.iter().any(|f| f["witness"].as_str().is_some_and(|w| w.starts_with("user:"))), "{report}");
    let told = told(&admin, &[("filter[kind]", "alarm")]);
    assert!(!told.is_empty(), "no alarm");
}

fn only_what_the_server_has_signed_can_accuse_it(ctx: &Ctx) {
    let app = ctx.app();
    let county = app.user("sync_client", SHAN);
    let mut head = county.get("/audit/head").status(200)["head"].clone();
    head["link"] = 4711.into();
    let refused = county.post("/audit/witness", json!({"heads": [head]})).status(422);
    refused.problem("validation_failed").error_at("/heads/0/signature", "signature_invalid");
    county.post("/audit/witness", json!({"heads": []})).status(422).error_at("/heads", "too_few");
    app.user("sys_admin", SHAN).post("/audit/witness", json!({"heads": []})).status(403);
    assert!(told(&app.admin(), &[("filter[kind]", "alarm")]).is_empty());
}
