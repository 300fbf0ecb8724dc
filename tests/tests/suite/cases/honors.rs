//! Cases 46 and 48: quotas and standards.
use super::make::{cadre, start, warnings};
use crate::support::{Case, Ctx, cases};
use serde_json::json;

pub fn tests() -> Vec<Case> {
    cases![case_46_the_23rd_award_of_22_is_refused, case_48_a_medical_pool_that_falls_is_saved_with_a_warning]
}

fn case_46_the_23rd_award_of_22_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let campaign = json!({
        "name": "“本色家园”评选表扬", "kind": "bense_jiayuan", "year": 2021, "level": "city",
        "categories": [{"code": "party_member", "quota": 22}],
    });
    let campaign = city.post("/commendation-campaigns", campaign).status(201).id();
    let award = || {
        let person = city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
        let honor = json!({
            "kind": "commendation", "campaign_id": campaign, "category": "party_member", "cadre_id": person,
            "title": "优秀离退休干部党员", "level": "city", "status": "awarded", "awarded_on": "2021-12",
        });
        city.post("/honors", honor)
    };
    for _ in 0..22 {
        award().status(201);
    }
    award().status(409).problem("quota");
}

fn case_48_a_medical_pool_that_falls_is_saved_with_a_warning(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let pool = |year: i32, amount: &str| {
        json!({
            "kind": "medical_pool", "scope": "lixiu", "amount": amount,
            "valid_from": format!("{year}-01-01"), "valid_to": format!("{year}-12-31"),
        })
    };
    let first = city.post("/benefit-standards", pool(2021, "25000.00")).status(201);
    assert_eq!(warnings(&first), [""; 0]);
    let fallen = city.post("/benefit-standards", pool(2022, "24999.99")).status(201);
    assert_eq!(warnings(&fallen), ["standard_decreased"]);
    assert_eq!(fallen["amount"], "24999.99");
    city.post("/benefit-standards", pool(2022, "26000.00")).status(409).problem("period_overlap");
}
