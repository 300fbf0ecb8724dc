//! Cases 10–16: ID numbers and unified social credit codes.
use super::make::{cadre, start, warnings};
use crate::support::{Case, Ctx, cases};
use serde_json::json;

pub fn tests() -> Vec<Case> {
    cases![
        case_10_a_wrong_check_digit_is_refused,
        case_11_an_old_number_of_15_digits_is_upgraded,
        case_12_an_abolished_area_code_is_accepted,
        case_13_a_birth_date_that_is_no_date_is_refused,
        case_14_a_sex_that_differs_is_a_warning,
        case_15_a_small_x_becomes_a_large_one,
        case_16_a_wrong_check_character_needs_the_legacy_flag,
    ]
}

fn case_10_a_wrong_check_digit_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let wrong = cadre(&unit, json!({"id_number": "340524198001010010"}));
    city.post("/cadres", wrong).status(422).error_at("/id_number", "id_checksum");
    let check = json!({"value": "340524198001010010"});
    city.post("/validate/id-number", check).status(422).error_at("/value", "id_checksum");
}

fn case_11_an_old_number_of_15_digits_is_upgraded(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let old = cadre(&unit, json!({"id_number": "372925280307002", "birth_date": "1928-03-07", "retire_date": "1988"}));
    let made = city.post("/cadres", old).status(201);
    assert_eq!(made["id_number"], "372925192803070020");
    assert_eq!(made["sex"], "2");
    assert_eq!(warnings(&made), ["legacy_id"]);
    let check = city.post("/validate/id-number", json!({"value": "372925280307002"})).status(200);
    assert_eq!((&check["sex"], &check["birth_date"]), (&json!("2"), &json!("1928-03-07")));
}

fn case_12_an_abolished_area_code_is_accepted(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let check = city.post("/validate/id-number", json!({"value": "37292919300101001X"}));
    // 372929 is 鄄城 until 2000. Whatever its check digit, the area is no reason to refuse it.
    let area = |code: &str| code != "id_region" && code != "id_format";
    assert!(check.status == 200 || check["errors"][0]["code"].as_str().is_some_and(area));
    let digits = (0..10).map(|d| d.to_string()).chain(["X".to_owned()]);
    let accepted = digits.filter(|d| {
        let number = json!({"value": format!("37292919300101001{d}")});
        city.post("/validate/id-number", number).status == 200
    });
    assert_eq!(accepted.count(), 1, "exactly one check digit fits");
}

fn case_13_a_birth_date_that_is_no_date_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let wrong = cadre(&unit, json!({"id_number": "372925193002310012"}));
    city.post("/cadres", wrong).status(422).error_at("/id_number", "id_birth_date");
}

fn case_14_a_sex_that_differs_is_a_warning(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let odd = json!({"id_number": "372901193005120015", "sex": "2", "birth_date": "1930-05-12", "retire_date": "1990"});
    let made = city.post("/cadres", cadre(&unit, odd)).status(201);
    assert_eq!(made["sex"], "2", "what the archive says stays");
    assert_eq!(warnings(&made), ["id_sex_mismatch"]);
}

fn case_15_a_small_x_becomes_a_large_one(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let small = json!({"id_number": "34052419800101001x", "birth_date": "1980-01-01", "retire_type": "tuizhi", "retire_date": "2020"});
    let made = city.post("/cadres", cadre(&unit, small)).status(201);
    assert_eq!(made["id_number"], "34052419800101001X");
}

fn case_16_a_wrong_check_character_needs_the_legacy_flag(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let unit = json!({"name": "某某单位", "kind": "organ", "uscc": "1137170000TEAT0180"});
    city.post("/units", unit.clone()).status(422).error_at("/uscc", "uscc_checksum");
    let made = city.post("/units", super::make::with(unit, json!({"legacy_uscc": true}))).status(201);
    assert_eq!(made["uscc"], "1137170000TEAT0180");
    city.post("/validate/uscc", json!({"value": "1137170000TEAT018M"})).status(200);
}
