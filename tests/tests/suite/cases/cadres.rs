//! Cases 17–20, 25, 49 and 51: periods, ages, branches, divisions.
use super::make::{branch, cadre, member, start, warnings, with};
use crate::support::{Case, Ctx, cases};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_17_lixiu_ends_with_1949_09_30,
        case_18_a_retired_cadre_of_1948_is_of_the_liberation_war,
        case_19_the_anti_japanese_war_has_two_parts,
        case_20_age_is_counted_on_the_birthday,
        case_25_a_branch_needs_three_full_members,
        case_25_a_joint_branch_of_six_units_is_a_warning,
        case_49_a_county_writes_no_row_of_another_and_pushes_nobody_who_is_there,
        case_51_a_division_that_has_ended_names_its_successor,
    ]
}

fn case_17_lixiu_ends_with_1949_09_30(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let lixiu = |date: &str| {
        cadre(
            &unit,
            json!({"retire_type": "lixiu", "birth_date": "1930", "join_revolution_date": date, "retire_date": "1990"}),
        )
    };
    city.post("/cadres", lixiu("1949-10-01")).status(422).error_at("/join_revolution_date", "lixiu_date");
    city.post("/cadres", lixiu("1949-09-30")).status(201);
}

fn case_18_a_retired_cadre_of_1948_is_of_the_liberation_war(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let early = json!({"birth_date": "1930", "join_revolution_date": "1948-05-01", "retire_date": "1990"});
    let id = city.post("/cadres", cadre(&unit, early)).status(201).id();
    let facts = city.get(&format!("/cadres/{id}/derived")).status(200);
    assert_eq!(facts["revolution_period"], "liberation_war");
    assert_eq!(facts["joined_before_1949_10"], true);
}

fn case_19_the_anti_japanese_war_has_two_parts(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    for (period, months) in [("anti_japan_early", "1.5"), ("anti_japan_late", "1")] {
        let standard = json!({"kind": "subsidy_months", "scope": period, "rate": months, "valid_from": "1982-04-10"});
        city.post("/benefit-standards", standard).status(201);
    }
    for (joined, period, months) in [("1942-12-31", "anti_japan_early", "1.5"), ("1943-01-01", "anti_japan_late", "1")]
    {
        let lixiu = json!({"retire_type": "lixiu", "birth_date": "1922", "join_revolution_date": joined, "retire_date": "1983"});
        let id = city.post("/cadres", cadre(&unit, lixiu)).status(201).id();
        let facts = city.get(&format!("/cadres/{id}/derived?as_of=2021-12-31")).status(200);
        assert_eq!((&facts["revolution_period"], &facts["subsidy_months"]), (&json!(period), &json!(months)));
    }
}

fn case_20_age_is_counted_on_the_birthday(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    for (born, age) in [("1930-12-31", 91), ("1931-01-01", 90)] {
        let id = city.post("/cadres", cadre(&unit, json!({"birth_date": born}))).status(201).id();
        let facts = city.get(&format!("/cadres/{id}/derived?as_of=2021-12-31")).status(200);
        assert_eq!(facts["age"], age);
    }
}

fn case_25_a_branch_needs_three_full_members(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let organization = branch(&city);
    let begin =
        || city.patch_if(&format!("/party-organizations/{organization}"), "\"r1\"", json!({"status": "active"}));
    for _ in 0..2 {
        member(&city, &unit, &organization, json!({"joined_on": "1975-01-01"}));
    }
    begin().status(422).error_at("/status", "branch_min_3");
    member(&city, &unit, &organization, json!({"joined_on": "1975-01-01"}));
    begin().status(200);
}

fn case_25_a_joint_branch_of_six_units_is_a_warning(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let unit = |n: usize| json!({"name": format!("第{n}单位"), "kind": "organ"});
    let units: Vec<String> = (0..6).map(|n| city.post("/units", unit(n)).status(201).id()).collect();
    let joint = json!({"name": "联合党支部", "kind": "joint_branch"});
    let five =
        city.post("/party-organizations", with(joint.clone(), json!({"joint_unit_ids": units[..5]}))).status(201);
    assert_eq!(warnings(&five), [""; 0]);
    let six = city.post("/party-organizations", with(joint, json!({"joint_unit_ids": units}))).status(201);
    assert_eq!(warnings(&six), ["joint_units_max_5"]);
}

fn case_49_a_county_writes_no_row_of_another_and_pushes_nobody_who_is_there(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let there = json!({"name": "曹县某某局", "kind": "organ", "division_code": "371721"});
    let there = city.post("/units", there).status(201).id();
    let known =
        json!({"id_number": "372925192803070020", "sex": "2", "birth_date": "1928-03-07", "retire_date": "1988"});
    let known = cadre(&unit, known);
    let theirs = with(known.clone(), json!({"unit_id": there, "division_code": "371721", "name": "曹县人"}));
    let theirs = city.post("/cadres", theirs).status(201).id();
    let token = app.token(&["*:*"], "371722");
    // A row for the other county.
    let row = cadre(&unit, json!({"division_code": "371721"}));
    token.post("/cadres", row.clone()).status(403).problem("forbidden");
    // One that is there does not exist for this token, as everything outside its division.
    token.patch_if(&format!("/cadres/{theirs}"), "\"r1\"", json!({"name": "改名"})).status(404).problem("not_found");
    // The same pushed, and a person who is in care there.
    let state = token.get("/sync/state").status(200);
    let first = state["expected_op_seq"].as_i64().unwrap();
    let push = |n: i64, fields: Value| {
        let id = uuid::Uuid::now_v7();
        let op =
            json!({"op_seq": first + n, "op_id": id, "id": id, "entity": "cadres", "action": "create", "set": fields});
        let answer = token.post("/sync/push", json!({"epoch": state["epoch"], "ops": [op]})).status(200);
        assert_eq!(answer["results"][0]["status"], "rejected", "{answer}");
        assert!(!answer.to_string().contains(&theirs) && !answer.to_string().contains("曹县人"), "{answer}");
        answer["results"][0]["problem"].clone()
    };
    assert_eq!(push(0, row)["status"], 403);
    let refused = push(1, known);
    assert_eq!((&refused["status"], &refused["errors"][0]["code"]), (&json!(409), &json!("already_in_care_at")));
    assert_eq!(city.get(&format!("/cadres/{theirs}")).status(200)["version"], 1);
    assert_eq!(city.get("/cadres").status(200).items().len(), 1);
}

fn case_51_a_division_that_has_ended_names_its_successor(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let late = city.post("/cadres", cadre(&unit, json!({"division_code": "371771"}))).status(422);
    let late = late.error_at("/division_code", "division_ended");
    assert!(late["errors"][0]["message"].as_str().unwrap().contains("371773"), "the successor is named");
    let award = |on: &str| json!({"kind": "other", "unit_id": unit, "title": "先进单位", "level": "county", "status": "awarded", "awarded_on": on, "division_code": "371771"});
    city.post("/honors", award("2022-09-02")).status(422).error_at("/division_code", "division_ended");
    city.post("/honors", award("2022-09-01")).status(201);
}
