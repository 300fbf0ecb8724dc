//! Which operations of a push succeed or fail together.

use serde_json::{Value, json};

use super::{outbox::statuses, push::outbox};
use crate::{
    resources::make::{SHAN, cadre_of},
    support::{Case, Ctx, cases},
};

pub fn tests() -> Vec<Case> {
    cases![
        a_group_succeeds_or_fails_together,
        all_or_nothing_if_that_is_asked,
        what_depends_on_a_refused_operation_is_blocked,
    ]
}

fn a_group_succeeds_or_fails_together(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let group = |mut op: Value, name: &str| {
        op["group"] = json!(name);
        op
    };
    let before = outbox.create("cadres", cadre_of(&unit, SHAN));
    let one = group(outbox.create("cadres", cadre_of(&unit, SHAN)), "g1");
    let bad = group(outbox.create("cadres", json!({})), "g1");
    let two = group(outbox.create("cadres", cadre_of(&unit, SHAN)), "g1");
    let other = group(outbox.create("cadres", cadre_of(&unit, SHAN)), "g2");
    let its = group(outbox.create("cadres", cadre_of(&unit, SHAN)), "g2");
    let answer = outbox.push(&[before, one.clone(), bad.clone(), two, other, its]);
    assert_eq!(statuses(&answer), ["applied", "blocked", "rejected", "blocked", "applied", "applied"]);
    let reason = &answer["results"][1]["problem"];
    assert_eq!(reason["errors"][0]["code"], "group_failed");
    assert!(reason["errors"][0]["message"].as_str().unwrap().contains(bad["op_id"].as_str().unwrap()));
    assert_eq!(outbox.client().get("/cadres?count=exact").status(200)["count"], 3);
    outbox.client().get(&format!("/cadres/{}", one["id"].as_str().unwrap())).status(404);
    // Each by itself, if that is asked.
    let one = group(outbox.create("cadres", cadre_of(&unit, SHAN)), "g3");
    let bad = group(outbox.create("cadres", json!({})), "g3");
    let answer = outbox.client().post("/sync/push?atomic=none", outbox.body(&[one, bad])).status(200);
    assert_eq!(statuses(&answer), ["applied", "rejected"]);
    // A group in two pieces would be two groups.
    let torn =
        [("a", "g4"), ("b", "g5"), ("c", "g4")].map(|(_, g)| group(outbox.create("cadres", cadre_of(&unit, SHAN)), g));
    let refused = outbox.client().post("/sync/push", outbox.body(&torn)).status(422).problem("validation_failed");
    assert_eq!(refused["errors"][0]["pointer"], "/ops/2/group");
}

fn all_or_nothing_if_that_is_asked(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let ops = [outbox.create("cadres", cadre_of(&unit, SHAN)), outbox.create("cadres", json!({}))];
    let answer = outbox.client().post("/sync/push?atomic=all", outbox.body(&ops)).status(200);
    assert_eq!((statuses(&answer), &answer["outcome"]), (vec!["blocked", "rejected"], &json!("refused")));
    assert_eq!(outbox.client().get("/cadres?count=exact").status(200)["count"], 0);
    let ops = [outbox.create("cadres", cadre_of(&unit, SHAN)), outbox.create("cadres", cadre_of(&unit, SHAN))];
    let answer = outbox.client().post("/sync/push?atomic=all", outbox.body(&ops)).status(200);
    assert_eq!(statuses(&answer), ["applied"; 2]);
    outbox.client().post("/sync/push?atomic=some", outbox.body(&ops)).status(400).problem("invalid_parameter");
}

fn what_depends_on_a_refused_operation_is_blocked(ctx: &Ctx) {
    let app = ctx.app();
    let (mut outbox, unit) = outbox(&app);
    let on = |mut op: Value, others: &[&Value]| {
        op["depends_on"] = others.iter().map(|o| o["op_id"].clone()).collect();
        op
    };
    let good = outbox.create("cadres", cadre_of(&unit, SHAN));
    let bad = outbox.create("cadres", json!({}));
    let on_good = on(outbox.create("cadres", cadre_of(&unit, SHAN)), &[&good]);
    let on_bad = on(outbox.create("cadres", cadre_of(&unit, SHAN)), &[&good, &bad]);
    let on_that = on(outbox.create("cadres", cadre_of(&unit, SHAN)), &[&on_bad]);
    let free = outbox.create("cadres", cadre_of(&unit, SHAN));
    let answer = outbox.push(&[good, bad.clone(), on_good, on_bad, on_that.clone(), free]);
    assert_eq!(statuses(&answer), ["applied", "rejected", "applied", "blocked", "blocked", "applied"]);
    // In a later push too, and on what nobody has seen.
    let late = on(outbox.create("cadres", cadre_of(&unit, SHAN)), &[&bad]);
    let lost = on(outbox.create("cadres", cadre_of(&unit, SHAN)), &[&json!({"op_id": uuid::Uuid::now_v7()})]);
    let answer = outbox.push(&[late, lost]);
    assert_eq!(statuses(&answer), ["blocked"; 2]);
    assert_eq!(answer["results"][0]["problem"]["errors"][0]["code"], "dependency_failed");
}
