//! One side comes back from a backup, and nothing that was written is lost or doubled.

use std::{collections::HashSet, path::PathBuf, process::Command};

use serde_json::{Value, json};

use super::county::{County, change};
use crate::{
    faults::process::run,
    resources::make::{SHAN, cadre},
    support::{App, Case, Ctx, Engine, cases, scratch},
};

pub fn tests() -> Vec<Case> {
    cases![the_city_is_restored, the_county_is_restored]
}

fn backup(app: &App) -> PathBuf {
    let file = scratch::directory("backups").join("laogan.backup");
    let (code, _, stderr) = run(&mut app.cli(&["backup", file.to_str().expect("a name")]));
    assert_eq!(code, Some(0), "{stderr}");
    file
}
fn restore(app: &App, file: &std::path::Path) {
    assert!(app.terminate().success());
    let (code, _, stderr) = run(&mut app.cli(&["restore", file.to_str().expect("a name")]));
    assert_eq!(code, Some(0), "{stderr}");
    app.restart();
}
fn ids(app: &App) -> HashSet<String> {
    let all = app.admin().get("/cadres?limit=500").status(200);
    all.items().iter().map(|c| c["id"].as_str().expect("an id").to_owned()).collect()
}

fn the_city_is_restored(ctx: &Ctx) {
    if ctx.engine == Engine::Postgres && Command::new("pg_dump").arg("--version").output().is_err() {
        return;
    }
    let city = ctx.app();
    let shared = cadre(&city.admin(), SHAN, json!({"residence_address": "一号楼", "mobile": "13800000001"})).id();
    let shan = County::of(&city, SHAN);
    shan.sync(&city.url());
    let before = shan.cadre(json!({}));
    change(&shan.app.admin(), &shared, json!({"landline": "0530-0000001"}));
    shan.sync(&city.url());
    let file = backup(&city);
    let state = |county: &County| {
        let token = std::fs::read_to_string(&county.token).expect("the token");
        city.anonymous().bearing(token.trim()).get("/sync/state").status(200).json().clone()
    };
    // The promise that lets the county forget.
    assert_eq!(state(&shan)["durable_op_seq"], json!(state(&shan)["expected_op_seq"].as_i64().unwrap() - 1));
    // After the backup: changes of the county that the city confirms and loses, on top of one that the city makes.
    let after = shan.cadre(json!({"mobile": "13800000002"}));
    shan.sync(&city.url());
    change(&city.admin(), &shared, json!({"native_place": "曹县"}));
    shan.sync(&city.url());
    change(&shan.app.admin(), &shared, json!({"residence_address": "二号楼"}));
    change(&shan.app.admin(), &after, json!({"mobile": "13800000003"}));
    shan.sync(&city.url());
    let unsent = shan.cadre(json!({}));
    change(&shan.app.admin(), &shared, json!({"landline": "0530-0000002"}));
    restore(&city, &file);
    assert!(!ids(&city).contains(&after));
    // Meanwhile others work with the restored server: the same fields, and others.
    change(&city.admin(), &shared, json!({"mobile": "13800000009"}));
    let said = shan.sync(&city.url());
    assert!(said.contains("numbered anew") && said.contains("0 refused") && said.contains("0 in conflict"), "{said}");
    assert_eq!(ids(&city), HashSet::from([shared.clone(), before, after.clone(), unsent]));
    let there: Value = city.admin().get(&format!("/cadres/{shared}")).status(200).json().clone();
    assert_eq!((&there["residence_address"], &there["landline"]), (&json!("二号楼"), &json!("0530-0000002")));
    assert_eq!(there["mobile"], "13800000009");
    assert_eq!(city.admin().get(&format!("/cadres/{after}")).status(200)["mobile"], "13800000003");
    shan.claim_alike(&city);
    assert!(shan.sync(&city.url()).contains("sent 0, took 0"));
}

fn the_county_is_restored(ctx: &Ctx) {
    let city = ctx.app();
    let shared = cadre(&city.admin(), SHAN, json!({"mobile": "13800000001"})).id();
    let shan = County::of(&city, SHAN);
    shan.sync(&city.url());
    // Written, and in the backup, but on its way only afterwards.
    let waiting = shan.cadre(json!({}));
    change(&shan.app.admin(), &shared, json!({"landline": "0530-0000001"}));
    let file = backup(&shan.app);
    let later = shan.cadre(json!({}));
    shan.sync(&city.url());
    change(&shan.app.admin(), &shared, json!({"mobile": "13800000002"}));
    shan.sync(&city.url());
    restore(&shan.app, &file);
    assert!(!ids(&shan.app).contains(&later));
    // The restored instance goes on working before it speaks to the city again.
    let new = shan.cadre(json!({}));
    change(&shan.app.admin(), &shared, json!({"native_place": "单县"}));
    let said = shan.sync(&city.url());
    assert!(said.contains("numbered anew") && said.contains("0 refused"), "{said}");
    assert_eq!(ids(&city), HashSet::from([shared.clone(), waiting, later, new]));
    let there = city.admin().get(&format!("/cadres/{shared}")).status(200);
    assert_eq!((&there["mobile"], &there["landline"]), (&json!("13800000002"), &json!("0530-0000001")));
    assert_eq!(there["native_place"], "单县");
    shan.claim_alike(&city);
}
