//! Case 48, and the other rules about money: guarantees, claims, the pools they are paid from, what is due.
use super::care::{CAO, CITY, SHAN, claim, here, step};
use super::make::{warnings, with};
use crate::files::{pdf, upload};
use crate::support::files::hash;
use crate::support::{Case, Ctx, cases, client::Client};
use crate::sync::outbox::Outbox;
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_48_a_lower_standard_is_saved_with_a_warning,
        a_guarantee_is_told_once_and_arrears_have_an_amount,
        a_pool_is_the_sum_of_its_entries,
        a_pool_pays_what_it_holds_and_no_more,
        an_entry_of_a_pool_stays_as_it_is,
        a_claim_goes_back_and_comes_again,
        what_lies_before_a_death_stays_payable,
        what_is_due_comes_from_the_nearest_standard,
    ]
}

fn case_48_a_lower_standard_is_saved_with_a_warning(ctx: &Ctx) {
    let here = here(ctx);
    let pool = |year: i32, amount: &str| {
        let standard = json!({"kind": "medical_pool", "scope": "lixiu", "amount": amount, "division_code": CITY,
            "valid_from": format!("{year}-01-01"), "valid_to": format!("{year}-12-31")});
        here.city.post("/benefit-standards", standard).status(201)
    };
    assert_eq!(warnings(&pool(2021, "26000.00")), [""; 0]);
    assert_eq!(warnings(&pool(2022, "25999.99")), ["standard_decreased"]);
    assert_eq!(warnings(&pool(2023, "26000.00")), [""; 0]);
}

fn a_guarantee_is_told_once_and_arrears_have_an_amount(ctx: &Ctx) {
    let here = here(ctx);
    let told = |change: Value| {
        let plain = json!({"year": 2021, "mechanism": "pension", "status": "ok"});
        here.shan.post("/guarantee-statuses", with(plain, change))
    };
    told(json!({})).status(201);
    told(json!({})).status(409).problem("already_exists");
    for mechanism in ["medical", "fiscal_support"] {
        told(json!({"mechanism": mechanism})).status(201);
    }
    told(json!({"year": 2022})).status(201);
    let other = json!({"year": 2021, "mechanism": "pension", "status": "ok"});
    here.app.user("county_admin", CAO).post("/guarantee-statuses", other).status(201);
    let owed = json!({"year": 2023, "status": "arrears"});
    told(owed.clone()).status(422).error_at("/arrears_amount", "required");
    told(with(owed.clone(), json!({"arrears_amount": "0.00"}))).status(422).error_at("/arrears_amount", "too_small");
    told(with(owed, json!({"arrears_amount": "0.01", "persons_affected": 3}))).status(201);
    told(json!({"year": 2024, "arrears_amount": "1.00"})).status(422).error_at("/arrears_amount", "arrears_only");
    let listed = here.city.get("/guarantee-statuses?filter[year]=2021&filter[division_code]=371700").status(200);
    assert_eq!(listed.items().len(), 4);
}

fn a_pool_is_the_sum_of_its_entries(ctx: &Ctx) {
    let here = here(ctx);
    let person = here.person(json!({}));
    let allotment = here.allot("10000.00");
    let book = |entry: Value| {
        let plain = json!({"year": 2021, "booked_on": "2021-02-01"});
        here.shan.post("/medical-pool-entries", with(plain, entry))
    };
    let adjustment = book(json!({"kind": "adjustment", "amount": "-500.00"})).status(201).id();
    book(json!({"kind": "adjustment", "amount": "0.00"})).status(422).error_at("/amount", "zero_amount");
    book(json!({"kind": "allotment", "amount": "-1.00"})).status(422).error_at("/amount", "too_small");
    let one = here.approved(&person, "2500.50");
    let pay = json!({"paid_on": "2021-04-05", "document_no": "支2021-1"});
    step(&here.shan, &one, "pay", pay.clone());
    assert_eq!(here.pool(), ("10000.00".into(), "-500.00".into(), "2500.50".into(), "6999.50".into(), 3));
    // The payment leads to its claim, and is paid once.
    let id = one.rsplit('/').next().unwrap();
    let entries = here.shan.get(&format!("/medical-pool-entries?filter[claim_id]={id}")).status(200);
    assert_eq!((&entries.items()[0]["amount"], entries.items().len()), (&json!("-2500.50"), 1));
    here.shan.post(&format!("{one}/pay"), pay).status(409).problem("wrong_state");
    // What is paid stays as it was paid, and is not just gone.
    let etag = here.shan.get(&one).etag();
    here.shan
        .patch_if(&one, &etag, json!({"allowed_amount": "1.00"}))
        .status(422)
        .error_at("/allowed_amount", "claim_settled");
    here.shan.delete_if(&one, &etag).status(409).problem("wrong_state");
    step(&here.shan, &one, "refund", json!({"decision": "重复报销"}));
    assert_eq!(here.pool(), ("10000.00".into(), "-500.00".into(), "0.00".into(), "9500.00".into(), 4));
    here.shan.post(&format!("{one}/pay"), json!({})).status(409).problem("wrong_state");
    // A claim that is brought in as paid has its payment too.
    let paper = json!({"status": "paid", "audited_on": "2021-04-01", "allowed_amount": "800.00",
        "approved_on": "2021-04-01", "paid_on": "2021-04-02"});
    here.shan.post("/medical-claims", with(claim(&person, "1000.00"), paper)).status(201);
    assert_eq!(here.pool(), ("10000.00".into(), "-500.00".into(), "800.00".into(), "8700.00".into(), 5));
    // A reversal takes back all of an entry, once, and never below nothing.
    let reversal = |of: &str| json!({"kind": "reversal", "reverses_id": of});
    book(reversal(&allotment)).status(409).problem("pool_exhausted");
    let twice = here.allot("10000.00");
    let wrong = with(reversal(&twice), json!({"amount": "-1.00"}));
    book(wrong).status(422).error_at("/amount", "reversal_amount");
    book(with(reversal(&twice), json!({"year": 2020}))).status(422).error_at("/reverses_id", "reversal_elsewhere");
    let reversed = book(reversal(&twice)).status(201);
    assert_eq!(reversed["amount"], "-10000.00");
    book(reversal(&reversed.id())).status(422).error_at("/reverses_id", "reversal_of");
    assert_eq!(here.pool(), ("10000.00".into(), "-500.00".into(), "800.00".into(), "8700.00".into(), 7));
    book(reversal(&adjustment)).status(201);
    book(reversal(&adjustment)).status(409).problem("already_exists");
    assert_eq!(here.pool(), ("10000.00".into(), "0.00".into(), "800.00".into(), "9200.00".into(), 8));
    // The city sees its counties together; a county nothing of another.
    let city = here.city.get("/medical-pools?year=2021").status(200);
    assert_eq!((&city["items"][0]["division_code"], &city["total"]["balance"]), (&json!(SHAN), &json!("9200.00")));
    let cao = here.app.user("county_admin", CAO);
    assert_eq!(cao.get("/medical-pools?year=2021").status(200)["items"], json!([]));
    cao.get("/medical-pools?year=2021&division=371722").status(404);
    cao.get("/medical-pools").status(400).error_at("/year", "required");
}

fn a_pool_pays_what_it_holds_and_no_more(ctx: &Ctx) {
    let here = here(ctx);
    let person = here.person(json!({}));
    here.allot("1000.00");
    let (one, other) = (here.approved(&person, "600.00"), here.approved(&person, "400.01"));
    step(&here.shan, &one, "pay", json!({"paid_on": "2021-04-05"}));
    let short = here.shan.post(&format!("{other}/pay"), json!({"paid_on": "2021-04-05"}));
    let short = short.status(409).problem("pool_exhausted");
    let told = short["errors"][0]["message"].as_str().unwrap();
    assert!(told.contains("400.00") && told.contains("400.01") && told.contains(SHAN), "{told}");
    assert_eq!(here.shan.get(&other)["status"], "approved", "nothing of it is stored");
    // The pool of another year is another pool.
    here.shan.post(&format!("{other}/pay"), json!({"paid_on": "2022-01-05"})).status(409).problem("pool_exhausted");
    here.allot("0.01");
    step(&here.shan, &other, "pay", json!({"paid_on": "2021-04-06"}));
    assert_eq!(here.pool().3, "0.00");
}

fn an_entry_of_a_pool_stays_as_it_is(ctx: &Ctx) {
    let here = here(ctx);
    let id = here.allot("1000.00");
    let one = format!("/medical-pool-entries/{id}");
    here.shan.request("PATCH", &one).if_match("\"r1\"").json(json!({"amount": "1.00"})).unchecked().send().status(405);
    here.shan.request("DELETE", &one).if_match("\"r1\"").unchecked().send().status(405);
    let mut outbox = Outbox::new(here.app.user("sync_client", SHAN));
    let ops = [
        outbox.patch("medical-pool-entries", &id, 1, json!({"note": "x"})),
        outbox.op("delete", "medical-pool-entries", json!({"id": id, "base_version": 1})),
    ];
    for op in &ops {
        let answer = outbox.one(op);
        assert_eq!(
            (&answer["status"], &answer["problem"]["code"]),
            (&json!("rejected"), &json!("append_only")),
            "{answer}"
        );
    }
    // By hand nobody pays.
    let payment = json!({"kind": "payment", "year": 2021, "amount": "-1.00", "booked_on": "2021-04-05"});
    here.shan.post("/medical-pool-entries", payment).status(422).error_at("/kind", "made_by_claim");
    let person = here.person(json!({}));
    let claim = here.approved(&person, "10.00");
    step(&here.shan, &claim, "pay", json!({"paid_on": "2021-04-05"}));
    let paid = here.shan.get("/medical-pool-entries?filter[kind]=payment").status(200).items()[0]["id"].clone();
    let back = json!({"kind": "reversal", "reverses_id": paid, "year": 2021, "booked_on": "2021-04-06"});
    here.shan.post("/medical-pool-entries", back).status(422).error_at("/reverses_id", "made_by_claim");
    // A unit's user neither pays nor books.
    let user = here.app.user("unit_user", SHAN);
    let entry = json!({"kind": "allotment", "year": 2021, "amount": "1.00", "booked_on": "2021-01-05"});
    user.post("/medical-pool-entries", entry).status(403);
    assert_eq!(here.pool().3, "990.00");
}

fn a_claim_goes_back_and_comes_again(ctx: &Ctx) {
    let here = here(ctx);
    let person = here.person(json!({}));
    let bill = pdf(7, 300);
    upload(&here.shan, &bill).status(201);
    let bills = json!({"documents": [hash(&bill)]});
    let made = here.shan.post("/medical-claims", with(claim(&person, "100.00"), bills.clone())).status(201);
    assert_eq!(made["documents"], bills["documents"]);
    let one = format!("/medical-claims/{}", made.id());
    // Who handles the claim fetches the bill; an auditor sees neither, another county nothing of it.
    here.city.get(&format!("/files/{}", hash(&bill))).status(200);
    let auditor = here.app.user("auditor", SHAN);
    assert!(auditor.get(&one)["masked"].to_string().contains("documents"));
    auditor.get(&format!("/files/{}", hash(&bill))).status(404);
    here.app.user("county_admin", "371721").get(&format!("/files/{}", hash(&bill))).status(404);
    here.shan.post(&format!("{one}/return"), json!({})).status(422).error_at("/decision", "required");
    step(&here.shan, &one, "return", json!({"decision": "请补充发票"}));
    // Case 50: without a purpose never, with one the person is told.
    assert_eq!(here.shan.get(&one)["decision"], "******");
    let reveal = |body: Value| here.shan.post(&format!("{one}/reveal"), body);
    reveal(json!({"fields": ["decision"]})).status(403).problem("purpose_required");
    let shown = reveal(json!({"fields": ["decision"], "purpose": "benefits", "reason": "核对票据,第7号"})).status(200);
    assert_eq!(shown["values"]["decision"], "请补充发票");
    let told = here.app.admin().get(&format!("/cadres/{person}/access-report")).status(200);
    assert!(told.items().iter().any(|i| i["what"] == "reveal" && i["entity"] == "medical-claims"), "{told}");
    let over = json!({"audited_on": "2021-04-01", "allowed_amount": "120.01"});
    here.shan.post(&format!("{one}/audit"), over.clone()).status(409).problem("wrong_state");
    step(&here.shan, &one, "resubmit", json!({"amount": "120.00"}));
    here.shan.post(&format!("{one}/audit"), over).status(422).error_at("/allowed_amount", "not_more_than");
    step(&here.shan, &one, "reject", json!({"decision": "不在范围"}));
    for (bad, pointer, code) in
        [("x".to_owned(), "/documents/0", "pattern"), ("ab".repeat(32), "/documents", "unknown_file")]
    {
        let bad = with(claim(&person, "1.00"), json!({"documents": [bad]}));
        here.shan.post("/medical-claims", bad).status(422).error_at(pointer, code);
    }
    let back = json!({"period_to": "2021-02-28"});
    here.shan
        .post("/medical-claims", with(claim(&person, "1.00"), back))
        .status(422)
        .error_at("/period_to", "period_order");
    // Only who answers for the money decides.
    let clerk = here.app.user("unit_user", SHAN);
    assert!(matches!(clerk.post(&format!("{one}/audit"), json!({})).status, 403 | 404));
}

fn what_lies_before_a_death_stays_payable(ctx: &Ctx) {
    let here = here(ctx);
    let person = here.person(json!({}));
    here.allot("1000.00");
    let early = here.approved(&person, "100.00");
    let death =
        json!({"cadre_id": person, "died_on": "2021-03-12", "reported_by": "试验者之子", "division_code": SHAN});
    let death = format!("/deaths/{}", here.shan.post("/deaths", death).status(201).id());
    step(&here.shan, &death, "confirm", json!({}));
    // Treated until the day of death, claimed before and after it.
    step(&here.shan, &early, "pay", json!({"paid_on": "2021-05-05"}));
    let late = here.approved(&person, "50.00");
    step(&here.shan, &late, "pay", json!({"paid_on": "2021-05-06"}));
    let after = with(claim(&person, "10.00"), json!({"period_to": "2021-03-13"}));
    here.shan.post("/medical-claims", after).status(422).error_at("/period_to", "claim_after_death");
    assert_eq!(here.pool().2, "150.00");
}

fn what_is_due_comes_from_the_nearest_standard(ctx: &Ctx) {
    let here = here(ctx);
    let standard = |division: &str, kind: &str, scope: &str, value: Value, from: &str| {
        let standard = json!({"kind": kind, "scope": scope, "valid_from": from, "division_code": division});
        here.city.post("/benefit-standards", with(standard, value)).status(201).id()
    };
    let person = here.lixiu(json!({"self_care": "none"}));
    let due = |client: &Client, id: &str, as_of: &str| {
        client.get(&format!("/cadres/{id}/entitlements?as_of={as_of}")).status(200).items().to_vec()
    };
    let nothing = due(&here.city, &person, "2021-12-31");
    assert_eq!(nothing.len(), 3);
    assert!(nothing.iter().all(|b| b["state"] == "no_standard" && b.get("amount").is_none()), "{nothing:?}");
    standard(CITY, "subsidy_months", "anti_japan_late", json!({"rate": "1"}), "1982-04-10");
    standard(CITY, "subsidy_months", "anti_japan_early", json!({"rate": "1.5"}), "1982-04-10");
    standard(CITY, "medical_pool", "lixiu", json!({"amount": "26000.00"}), "2021-01-01");
    let own = standard(SHAN, "medical_pool", "lixiu", json!({"amount": "28000.00"}), "2021-07-01");
    standard(CAO, "medical_pool", "lixiu", json!({"amount": "99000.00"}), "2021-01-01");
    standard(CITY, "nursing", "lixiu", json!({"amount": "1500.00"}), "2020-01-01");
    let found = due(&here.city, &person, "2021-12-31");
    assert_eq!((&found[0]["rate"], &found[0]["rule"]), (&json!("1"), &json!("subsidy_by_period")));
    assert_eq!((&found[1]["amount"], &found[1]["standard_id"]), (&json!("28000.00"), &json!(own)));
    assert_eq!((&found[1]["division_code"], &found[2]["amount"]), (&json!(SHAN), &json!("1500.00")));
    // Before the county had one of its own, and before the city had one.
    assert_eq!(due(&here.city, &person, "2021-06-30")[1]["amount"], "26000.00");
    assert_eq!(due(&here.city, &person, "2020-12-31")[1]["state"], "no_standard");
    // Who may not see how well he can care for himself hears neither yes nor no.
    let able = here.lixiu(json!({"self_care": "able"}));
    for id in [&person, &able] {
        let told = &due(&here.shan, id, "2021-12-31")[2];
        assert_eq!(*told, json!({"benefit": "nursing", "rule": "nursing_by_care", "state": "undisclosed"}));
    }
    assert_eq!(due(&here.city, &able, "2021-12-31").len(), 2);
    let open = here.lixiu(json!({"join_revolution_date": "1945"}));
    assert_eq!(due(&here.city, &open, "2021-12-31")[0]["state"], "undetermined");
    assert_eq!(due(&here.city, &here.person(json!({})), "2021-12-31"), [Value::Null; 0]);
    here.app.user("county_admin", CAO).get(&format!("/cadres/{person}/entitlements")).status(404);
}
