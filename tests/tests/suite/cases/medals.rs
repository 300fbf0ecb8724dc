//! Cases 1–9: party age and the medal of 50 years.
use super::make::{branch, cadre, candidate, member, start};
use crate::support::{Case, Ctx, cases};
use serde_json::json;

pub fn tests() -> Vec<Case> {
    cases![
        case_01_a_member_since_1971_07_01_is_a_candidate_of_2021,
        case_02_one_day_later_is_a_candidate_of_2022,
        case_03_the_band_of_1956_counts_from_conversion,
        case_04_the_band_of_1969_counts_from_approval,
        case_05_the_band_of_1977_counts_from_conversion,
        case_06_without_conversion_the_age_is_undetermined,
        case_07_a_date_known_to_the_month_needs_review,
        case_08_who_died_before_any_approval_is_no_candidate,
        case_09_there_is_one_medal_a_person,
    ]
}

fn case_01_a_member_since_1971_07_01_is_a_candidate_of_2021(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let person = member(&city, &unit, &branch(&city), json!({"joined_on": "1971-07-01"}));
    assert_eq!(candidate(&city, 2021, &person).as_deref(), Some("candidate"));
    let age = city.get(&format!("/cadres/{person}/party-age?as_of=2021-07-01")).status(200);
    assert_eq!((&age["medal_year"], &age["full_years"]), (&json!(2021), &json!(50)));
}

fn case_02_one_day_later_is_a_candidate_of_2022(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let person = member(&city, &unit, &branch(&city), json!({"joined_on": "1971-07-02"}));
    assert_eq!(candidate(&city, 2021, &person), None);
    assert_eq!(candidate(&city, 2022, &person).as_deref(), Some("candidate"));
}

fn case_03_the_band_of_1956_counts_from_conversion(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let dates = json!({"joined_on": "1965-05-10", "converted_on": "1966-05-10"});
    let person = member(&city, &unit, &branch(&city), dates);
    let age = city.get(&format!("/cadres/{person}/party-age")).status(200);
    assert_eq!((&age["start"], &age["medal_year"]), (&json!("1966-05-10"), &json!(2021)));
}

fn case_04_the_band_of_1969_counts_from_approval(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let dates = json!({"joined_on": "1970-11-20", "approved_on": "1970-11-20"});
    let person = member(&city, &unit, &branch(&city), dates);
    let age = city.get(&format!("/cadres/{person}/party-age")).status(200);
    assert_eq!((&age["start"], &age["medal_year"]), (&json!("1970-11-20"), &json!(2021)));
}

fn case_05_the_band_of_1977_counts_from_conversion(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let dates = json!({"joined_on": "1978-03-01", "converted_on": "1979-03-01"});
    let person = member(&city, &unit, &branch(&city), dates);
    let age = city.get(&format!("/cadres/{person}/party-age")).status(200);
    assert_eq!((&age["start"], &age["medal_year"]), (&json!("1979-03-01"), &json!(2029)));
    assert_eq!(candidate(&city, 2028, &person), None);
    assert_eq!(candidate(&city, 2029, &person).as_deref(), Some("candidate"));
}

fn case_06_without_conversion_the_age_is_undetermined(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let person = member(&city, &unit, &branch(&city), json!({"joined_on": "1978-03-01"}));
    let age = city.get(&format!("/cadres/{person}/party-age")).status(200);
    assert_eq!((&age["state"], &age["needs_review"]), (&json!("undetermined"), &json!(true)));
    assert!(age["start"].is_null() && age["medal_year"].is_null());
    assert_eq!(candidate(&city, 2040, &person), None, "not listed");
}

fn case_07_a_date_known_to_the_month_needs_review(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let person = member(&city, &unit, &branch(&city), json!({"joined_on": "1971-07"}));
    assert_eq!(candidate(&city, 2021, &person).as_deref(), Some("needs_review"));
}

fn case_08_who_died_before_any_approval_is_no_candidate(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let branch = branch(&city);
    let dates = json!({"joined_on": "1958-12-01", "converted_on": "1960-01-01"});
    let never = member(&city, &unit, &branch, dates.clone());
    let approved = member(&city, &unit, &branch, dates);
    let medal = json!({
        "kind": "party50_medal", "cadre_id": approved, "title": "光荣在党50年", "level": "national",
        "status": "dept_reviewed", "division_code": "371722",
    });
    city.post("/honors", medal).status(201);
    for person in [&never, &approved] {
        let death = json!({"status": "deceased", "died_on": "2021-05-20"});
        city.patch_if(&format!("/cadres/{person}"), "\"r1\"", death).status(200);
    }
    assert_eq!(candidate(&city, 2021, &never), None);
    assert_eq!(candidate(&city, 2021, &approved).as_deref(), Some("needs_decision"));
}

fn case_09_there_is_one_medal_a_person(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let person = city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
    let medal = json!({
        "kind": "party50_medal", "cadre_id": person, "title": "光荣在党50年", "level": "national",
        "status": "awarded", "awarded_on": "2021-07-01", "division_code": "371722",
    });
    city.post("/honors", medal.clone()).status(201);
    city.post("/honors", medal).status(409).problem("medal_exists");
}
