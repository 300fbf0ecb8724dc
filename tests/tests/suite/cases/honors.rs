//! Cases 46 and 48: quotas and standards; and who has which honor.
use super::make::{cadre, start, warnings};
use crate::support::{Case, Ctx, cases};
use serde_json::json;

pub fn tests() -> Vec<Case> {
    cases![
        case_46_the_23rd_award_of_22_is_refused,
        case_48_a_medical_pool_that_falls_is_saved_with_a_warning,
        names_are_public_for_five_working_days_before_an_award,
        the_roll_of_honor_is_asked_by_person_organization_county_and_year,
    ]
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

fn the_roll_of_honor_is_asked_by_person_organization_county_and_year(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let person = city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
    let branch = super::make::branch(&city);
    let honor = |change: serde_json::Value| {
        let plain = json!({"kind": "other", "title": "先进", "level": "county", "status": "awarded", "awarded_on": "2021-06", "division_code": "371722"});
        city.post("/honors", super::make::with(plain, change))
    };
    let his = honor(json!({"cadre_id": person})).status(201).id();
    let before = honor(json!({"cadre_id": person, "awarded_on": "2019"})).status(201).id();
    honor(json!({"cadre_id": person, "status": "candidate", "awarded_on": null})).status(201);
    let its = honor(json!({"party_organization_id": branch, "awarded_on": "2021-12-31"})).status(201).id();
    let elsewhere =
        honor(json!({"unit_id": unit, "division_code": "371700", "awarded_on": "2022-01-01"})).status(201).id();
    // Given by others, on the word of a proof.
    honor(json!({"cadre_id": person, "external": true})).status(422).error_at("/evidence_doc", "proof_required");
    let external =
        json!({"cadre_id": person, "external": true, "evidence_doc": "济政〔2010〕3号", "awarded_on": "2010-05-01"});
    let external = honor(external).status(201).id();
    let roll = |filter: &str| {
        let page = city.get(&format!("/honors?filter[status]=awarded&{filter}&expand=cadre")).status(200);
        page.items().iter().map(|h| h["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(roll(&format!("filter[cadre_id]={person}")), [his.clone(), before, external.clone()]);
    assert_eq!(roll(&format!("filter[party_organization_id]={branch}")), [its.as_str()]);
    assert_eq!(roll(&format!("filter[unit_id]={unit}")), [elsewhere.as_str()]);
    assert_eq!(roll("filter[division_code]=371722&filter[awarded_on]=2021"), [his, its.clone()]);
    assert_eq!(roll("filter[awarded_on][gte]=2021-07&filter[awarded_on][lte]=2021"), [its]);
    assert_eq!(roll("filter[external]=true"), [external]);
}

fn names_are_public_for_five_working_days_before_an_award(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let campaign = json!({
        "name": "双先评选", "kind": "shuangxian", "year": 2021, "level": "city",
        "categories": [{"code": "collective", "quota": 2}],
    });
    let one = format!("/commendation-campaigns/{}", city.post("/commendation-campaigns", campaign).status(201).id());
    let step = |verb: &str, body: serde_json::Value| city.post(&format!("{one}/{verb}"), body);
    step("award", json!({})).status(409).problem("wrong_state");
    step("review", json!({})).status(200);
    // From Monday to Thursday are four; with a weekend between them five days are three.
    let public = |from: &str, to: &str| step("publicize", json!({"publicized_from": from, "publicized_to": to}));
    for (from, to, days) in [("2021-11-01", "2021-11-04", "4"), ("2021-11-04", "2021-11-08", "3")] {
        let short = public(from, to).status(422).error_at("/publicized_to", "publicity_days");
        let text = short["errors"][0]["message"].as_str().unwrap();
        assert!(text.contains('5') && text.contains(days), "{text}");
    }
    public("2021-11-01", "2999-11-05").status(200);
    let early = json!({"document_no": "菏老干〔2021〕20号", "awarded_on": "2999-12-01"});
    let early = step("award", early).status(422).error_at("/publicized_to", "publicity_running");
    assert!(early["errors"][0]["message"].as_str().unwrap().contains("2999-11-05"));
    step("reopen", json!({})).status(200);
    step("review", json!({})).status(200);
    public("2021-11-01", "2021-11-05").status(200);
    step("award", json!({"document_no": "菏老干〔2021〕20号", "awarded_on": "2021-11-05"})).status(422);
    let award = json!({"document_no": "菏老干〔2021〕20号", "awarded_on": "2021-12-01"});
    assert_eq!(step("award", award).status(200)["status"], "awarded");
    assert_eq!(step("close", json!({})).status(200)["status"], "closed");
}
