//! Cases 33–35: dues.
use super::make::{branch, cadre, start, warnings, with};
use crate::support::{Case, Ctx, cases};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_33_the_whole_base_pays_the_higher_rate,
        case_34_a_large_voluntary_payment_goes_to_the_centre,
        case_35_dues_are_six_months_late_at_most,
        rates_are_those_of_the_standard_in_force,
    ]
}

fn case_33_the_whole_base_pays_the_higher_rate(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let organization = branch(&city);
    let pay = |base: &str, change: Value| {
        let person = city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
        let plain = json!({
            "cadre_id": person, "party_organization_id": organization, "kind": "monthly", "base": base,
            "period_from": "2021-12", "period_to": "2021-12", "paid_on": "2021-12-05", "division_code": "371722",
        });
        city.post("/dues-payments", with(plain, change))
    };
    let low = pay("5000.00", json!({})).status(201);
    assert_eq!((&low["amount"], &low["rate"]), (&json!("25.00"), &json!("0.005")));
    let high = pay("5000.01", json!({})).status(201);
    assert_eq!((&high["amount"], &high["rate"]), (&json!("50.00"), &json!("0.01")));
    pay("5000.00", json!({"amount": "25.00"})).status(201);
    pay("5000.00", json!({"amount": "24.99"})).status(422).error_at("/amount", "dues_amount");
    // Who is in hardship pays less, never more.
    let reduced = json!({"amount": "5.00", "reduction_reason": "因病致困"});
    pay("5000.00", reduced.clone()).status(201);
    pay("900.00", reduced).status(422).error_at("/amount", "dues_amount");
    // Months are rounded one by one.
    assert_eq!(pay("3333.00", json!({"period_to": "2022-02"})).status(201)["amount"], "50.01");
}

fn case_34_a_large_voluntary_payment_goes_to_the_centre(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let organization = branch(&city);
    let person = city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
    let give = |amount: &str, kind: &str| {
        let payment = json!({
            "cadre_id": person, "party_organization_id": organization, "kind": kind, "amount": amount,
            "paid_on": "2021-07-01", "division_code": "371722",
        });
        city.post("/dues-payments", payment).status(201)
    };
    for (amount, kind) in [("999.99", "supplement"), ("1000.00", "large_voluntary"), ("10000.00", "large_voluntary")] {
        assert_eq!(give(amount, kind)["kind"], kind);
        // Whatever it was called, the amount decides.
        let other = if kind == "supplement" { "large_voluntary" } else { "supplement" };
        let made = give(amount, other);
        assert_eq!((&made["kind"], warnings(&made)), (&json!(kind), vec!["voluntary_kind"]));
    }
    let large = give("10000.00", "large_voluntary");
    assert_eq!(large["status"], "received");
    let one = format!("/dues-payments/{}", large.id());
    let act = |verb: &str, body: Value| city.post(&format!("{one}/{verb}"), body);
    act("remit", json!({"remitted_on": "2021-08-01"})).status(409).problem("wrong_state");
    act("forward", json!({"forwarded_on": "2021-07-10"})).status(422).error_at("/donor_summary", "required");
    let summary = json!({"forwarded_on": "2021-07-10", "donor_summary": "1949年参加革命工作的离休干部"});
    assert_eq!(act("forward", summary.clone()).status(200)["status"], "forwarded_provincial");
    act("remit", json!({"remitted_on": "2021-07-09"})).status(422).error_at("/remitted_on", "period_order");
    assert_eq!(act("remit", json!({"remitted_on": "2021-08-01"})).status(200)["status"], "remitted_central");
    assert_eq!(act("receipt", json!({"central_receipt_on": "2021-09-01"})).status(200)["status"], "receipt_issued");
    assert_eq!(act("deliver", json!({"delivered_on": "2021-09-20"})).status(200)["status"], "delivered");
    let small = give("999.99", "supplement");
    let forwarded = city.post(&format!("/dues-payments/{}/forward", small.id()), summary);
    forwarded.status(422).error_at("/status", "large_voluntary_only");
}

fn case_35_dues_are_six_months_late_at_most(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let organization = branch(&city);
    let person = city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
    let pay = |from: &str, to: &str| {
        let payment = json!({
            "cadre_id": person, "party_organization_id": organization, "kind": "monthly", "base": "4000.00",
            "period_from": from, "period_to": to, "paid_on": "2021-12-05", "division_code": "371722",
        });
        city.post("/dues-payments", payment)
    };
    pay("2021-05", "2021-11").status(422).error_at("/period_from", "period_6m");
    pay("2021-12", "2022-07").status(422).error_at("/period_to", "period_6m");
    pay("2021-06", "2021-11").status(201);
    pay("2021-11", "2021-12").status(409).problem("already_exists").error_at("/period_from", "dues_paid");
    pay("2021-12", "2022-06").status(201);
    pay("2022-05", "2022-05").status(409).problem("already_exists");
}

fn rates_are_those_of_the_standard_in_force(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let standard = |scope: &str, rate: &str, division: &str| {
        let standard = json!({"kind": "dues_rate", "scope": scope, "rate": rate, "valid_from": "2021-01-01", "division_code": division});
        city.post("/benefit-standards", standard).status(201);
    };
    standard("base_up_to_6000", "0.004", "371700");
    standard("base_over_6000", "0.008", "371700");
    standard("base_over_0", "0.001", "371721");
    let organization = branch(&city);
    let person = city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
    let pay = |month: &str, division: &str, base: &str| {
        let payment = json!({
            "cadre_id": person, "party_organization_id": organization, "kind": "monthly", "base": base,
            "period_from": month, "period_to": month, "paid_on": format!("{month}-05"), "division_code": division,
        });
        city.post("/dues-payments", payment).status(201)["amount"].clone()
    };
    assert_eq!(pay("2020-12", "371722", "6000.00"), "60.00", "before the standard the country's rates hold");
    assert_eq!(pay("2021-01", "371722", "6000.00"), "24.00");
    assert_eq!(pay("2021-02", "371722", "6000.01"), "48.00");
    assert_eq!(pay("2021-03", "371721", "6000.00"), "6.00", "the nearest division's");
}
