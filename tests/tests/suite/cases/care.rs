//! Cases 48 and 52, and the other rules of benefits and care.
use super::make::{cadre, start, warnings, with};
use crate::support::{App, Case, Ctx, cases, client::Client, response::Response};
use crate::sync::outbox::Outbox;
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_48_a_lower_standard_is_saved_with_a_warning,
        case_52_the_34th_of_33_finds_no_place,
        a_cadre_has_one_stay_in_a_year,
        a_guarantee_is_told_once_and_arrears_have_an_amount,
        a_pool_is_the_sum_of_its_entries,
        a_pool_pays_what_it_holds_and_no_more,
        an_entry_of_a_pool_stays_as_it_is,
        a_claim_goes_back_and_comes_again,
        what_lies_before_a_death_stays_payable,
        what_is_due_comes_from_the_nearest_standard,
        what_a_pair_owes_is_listed_until_it_is_done,
        a_death_and_a_transfer_end_a_pair,
        a_visit_to_many_is_listed_for_each_of_them,
        hardship_aid_follows_the_scheme_of_its_day,
        what_waits_in_care_is_counted,
    ]
}

const SHAN: &str = "371722";
const CAO: &str = "371721";
const CITY: &str = "371700";

/// A step that must succeed.
#[track_caller]
fn step(client: &Client, path: &str, verb: &str, body: Value) -> Response {
    client.post(&format!("{path}/{verb}"), body).status(200)
}

struct Here {
    app: App,
    city: Client,
    shan: Client,
    unit: String,
}

fn here(ctx: &Ctx) -> Here {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let shan = app.user("county_admin", SHAN);
    Here { app, city, shan, unit }
}

impl Here {
    fn person(&self, change: Value) -> String {
        self.shan.post("/cadres", cadre(&self.unit, change)).status(201).id()
    }
    fn lixiu(&self, change: Value) -> String {
        let plain = json!({"retire_type": "lixiu", "join_revolution_date": "1944-05", "birth_date": "1926-05-01",
            "retire_date": "1986-06"});
        self.person(with(plain, change))
    }
    fn allot(&self, amount: &str) -> String {
        let entry = json!({"kind": "allotment", "year": 2021, "amount": amount, "booked_on": "2021-01-05"});
        self.shan.post("/medical-pool-entries", entry).status(201).id()
    }
    /// A claim that waits for its payment.
    fn approved(&self, person: &str, amount: &str) -> String {
        let claim = format!("/medical-claims/{}", self.shan.post("/medical-claims", claim(person, amount)).status(201).id());
        step(&self.shan, &claim, "audit", json!({"audited_on": "2021-04-01", "allowed_amount": amount}));
        step(&self.shan, &claim, "approve", json!({"approved_on": "2021-04-02"}));
        claim
    }
    /// Allotted, adjusted, paid, balance, entries; that the entries add up to the balance is claimed on the way.
    #[track_caller]
    fn pool(&self) -> (String, String, String, String, i64) {
        let pools = self.shan.get("/medical-pools?year=2021").status(200);
        let entries = self.shan.get("/medical-pool-entries?filter[year]=2021&limit=500").status(200);
        let fen = |v: &Value| v.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        let sum: i64 = entries.items().iter().map(|e| fen(&e["amount"])).sum();
        let total = &pools["total"];
        assert_eq!((sum, entries.items().len() as i64), (fen(&total["balance"]), total["entries"].as_i64().unwrap()));
        assert_eq!(fen(&total["allotted"]) + fen(&total["adjusted"]) - fen(&total["paid"]), sum);
        let text = |name: &str| total[name].as_str().unwrap().to_owned();
        (text("allotted"), text("adjusted"), text("paid"), text("balance"), entries.items().len() as i64)
    }
}

fn claim(person: &str, amount: &str) -> Value {
    json!({"cadre_id": person, "hospital": "单县某某医院", "period_from": "2021-03-01", "period_to": "2021-03-12",
        "amount": amount, "submitted_on": "2021-03-20", "division_code": SHAN})
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

fn plan(capacity: i32) -> Value {
    json!({"year": 2021, "mode": "collective", "place": "青岛疗养院", "starts_on": "2021-06-07", "ends_on": "2021-06-13",
        "capacity": capacity, "status": "open", "division_code": CITY})
}

fn case_52_the_34th_of_33_finds_no_place(ctx: &Ctx) {
    let here = here(ctx);
    let made = here.city.post("/sanatorium-plans", plan(33)).status(201);
    let path = format!("/sanatorium-plans/{}", made.id());
    // The county reads the city's plan and signs its cadres up.
    here.shan.get(&path).status(200);
    let stay = |person: &str| json!({"sanatorium_plan_id": made.id(), "cadre_id": person, "division_code": SHAN});
    let persons: Vec<Value> = (0..34).map(|_| cadre(&here.unit, json!({}))).collect();
    let persons = here.shan.post("/cadres/batch", json!({"items": persons})).status(201);
    let persons: Vec<&str> = persons.items().iter().map(|p| p["id"].as_str().unwrap()).collect();
    let first: Vec<Value> = persons[..33].iter().map(|p| stay(p)).collect();
    let stays = here.shan.post("/sanatorium-stays/batch", json!({"items": first})).status(201);
    let full = here.shan.post("/sanatorium-stays", stay(persons[33])).status(409).problem("capacity");
    full.error_at("/sanatorium_plan_id", "capacity_full");
    // Nor does the plan shrink below what is taken.
    here.city.patch_if(&path, "\"r1\"", json!({"capacity": 32})).status(409).problem("capacity");
    // Who withdraws leaves a place, for one.
    let gone = format!("/sanatorium-stays/{}", stays.items()[0]["id"].as_str().unwrap());
    step(&here.shan, &gone, "withdraw", json!({}));
    here.shan.post("/sanatorium-stays", stay(persons[33])).status(201);
    here.shan.post(&format!("{gone}/sign-up"), json!({})).status(409).problem("capacity");
    let listed = here.city.get(&format!("/sanatorium-stays?filter[sanatorium_plan_id]={}&filter[status]=signed_up&limit=100&count=exact", made.id()));
    assert_eq!(listed.status(200).items().len(), 33);
    // When the sign-up is over nobody asks for a place any more; a larger plan does not change that.
    let etag = step(&here.city, &path, "close", json!({})).etag();
    here.city.patch_if(&path, &etag, json!({"capacity": 40})).status(200);
    here.shan.post(&format!("{gone}/sign-up"), json!({})).status(422).error_at("/sanatorium_plan_id", "plan_state");
}

fn a_cadre_has_one_stay_in_a_year(ctx: &Ctx) {
    let here = here(ctx);
    let person = here.person(json!({}));
    let plan_of = |change: Value| here.city.post("/sanatorium-plans", with(plan(10), change)).status(201).id();
    let stay = |plan: &str, change: Value| {
        let plain = json!({"sanatorium_plan_id": plan, "cadre_id": person, "division_code": SHAN});
        here.shan.post("/sanatorium-stays", with(plain, change))
    };
    let (one, other) = (plan_of(json!({})), plan_of(json!({"mode": "dispersed"})));
    let next = plan_of(json!({"year": 2022, "starts_on": "2022-06-06", "ends_on": "2022-06-12"}));
    assert_eq!(stay(&one, json!({})).status(201)["year"], 2021);
    stay(&other, json!({})).status(409).problem("stay_of_year").error_at("/cadre_id", "stay_reason");
    stay(&other, json!({"override_reason": "术后康复,医嘱疗养"})).status(201);
    assert_eq!(stay(&next, json!({})).status(201)["year"], 2022);
    let draft = plan_of(json!({"status": "draft", "year": 2023, "starts_on": "2023-06-06", "ends_on": "2023-06-12"}));
    stay(&draft, json!({})).status(422).error_at("/sanatorium_plan_id", "plan_state");
    // What a doctor said is not for everybody.
    let seen = stay(&plan_of(json!({"year": 2024, "starts_on": "2024-06-06", "ends_on": "2024-06-12"})), json!({"health_ok": true}));
    let seen = seen.status(201);
    assert_eq!((seen.json().get("health_ok"), &seen["masked"]), (None, &json!(["health_ok"])));
    let whole = here.city.get(&format!("/sanatorium-stays/{}", seen.id())).status(200);
    assert_eq!(whole["health_ok"], true);
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
    book(json!({"kind": "adjustment", "amount": "-500.00"})).status(201);
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
    here.shan.patch_if(&one, &etag, json!({"allowed_amount": "1.00"})).status(422).error_at("/allowed_amount", "claim_settled");
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
    book(reversal(&twice)).status(409);
    book(reversal(&reversed.id())).status(422).error_at("/reverses_id", "reversal_of");
    assert_eq!(here.pool(), ("10000.00".into(), "-500.00".into(), "800.00".into(), "8700.00".into(), 7));
    // The city sees its counties together; a county nothing of another.
    let city = here.city.get("/medical-pools?year=2021").status(200);
    assert_eq!((&city["items"][0]["division_code"], &city["total"]["balance"]), (&json!(SHAN), &json!("8700.00")));
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
        assert_eq!((&answer["status"], &answer["problem"]["code"]), (&json!("rejected"), &json!("append_only")), "{answer}");
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
    let bill = "AB".repeat(32);
    let made = here.shan.post("/medical-claims", with(claim(&person, "100.00"), json!({"documents": [bill]}))).status(201);
    assert_eq!((made.json().get("documents"), &made["masked"]), (None, &json!(["documents"])), "bills are not for all");
    let one = format!("/medical-claims/{}", made.id());
    assert_eq!(here.city.get(&one)["documents"], json!(["ab".repeat(32)]));
    here.shan.post(&format!("{one}/return"), json!({})).status(422).error_at("/decision", "required");
    step(&here.shan, &one, "return", json!({"decision": "请补充发票"}));
    let over = json!({"audited_on": "2021-04-01", "allowed_amount": "120.01"});
    here.shan.post(&format!("{one}/audit"), over.clone()).status(409).problem("wrong_state");
    step(&here.shan, &one, "resubmit", json!({"amount": "120.00"}));
    here.shan.post(&format!("{one}/audit"), over).status(422).error_at("/allowed_amount", "not_more_than");
    step(&here.shan, &one, "reject", json!({"decision": "不在范围"}));
    for bad in [json!({"documents": ["x"]}), json!({"documents": ["g".repeat(64)]})] {
        here.shan.post("/medical-claims", with(claim(&person, "1.00"), bad)).status(422).error_at("/documents/0", "file_hash");
    }
    let back = json!({"period_to": "2021-02-28"});
    here.shan.post("/medical-claims", with(claim(&person, "1.00"), back)).status(422).error_at("/period_to", "period_order");
    // Only who answers for the money decides.
    let clerk = here.app.user("unit_user", SHAN);
    assert!(matches!(clerk.post(&format!("{one}/audit"), json!({})).status, 403 | 404));
}

fn what_lies_before_a_death_stays_payable(ctx: &Ctx) {
    let here = here(ctx);
    let person = here.person(json!({}));
    here.allot("1000.00");
    let early = here.approved(&person, "100.00");
    let death = json!({"cadre_id": person, "died_on": "2021-03-12", "reported_by": "试验者之子", "division_code": SHAN});
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

fn pair(person: &str, change: Value) -> Value {
    let plain = json!({"cadre_id": person, "contact_kind": "staff", "contact_name": "孟小宁", "started_on": "2021-01-01",
        "division_code": SHAN});
    with(plain, change)
}

fn what_a_pair_owes_is_listed_until_it_is_done(ctx: &Ctx) {
    let here = here(ctx);
    let (person, other) = (here.lixiu(json!({})), here.lixiu(json!({})));
    let missing = |as_of: &str| here.shan.get(&format!("/care-pairs/missing?as_of={as_of}")).status(200).items().len();
    assert_eq!(missing("2021-12-20"), 2);
    let own = here.shan.post("/care-pairs", pair(&person, json!({}))).status(201).id();
    assert_eq!((missing("2021-12-20"), missing("2020-12-31")), (1, 2));
    here.shan.post("/care-pairs", pair(&other, json!({"ended_on": "2021-06-30"}))).status(201);
    assert_eq!((missing("2021-12-20"), missing("2021-06-30")), (1, 0));
    let owes = || {
        let page = here.shan.get("/care-pairs/overdue?as_of=2021-12-20").status(200);
        page.items().iter().map(|o| (o["kind"].as_str().unwrap().to_owned(), o["days"].as_i64().unwrap())).collect::<Vec<_>>()
    };
    let all = [("call".to_owned(), 19), ("visit".to_owned(), 80), ("talk".to_owned(), 172)];
    assert_eq!(owes(), all);
    let had = |kind: &str, day: &str| {
        let contact = json!({"care_pair_id": own, "contacted_on": day, "kind": kind, "needs": ["medical", "medical"]});
        here.shan.post("/care-contacts", contact)
    };
    let made = had("call", "2021-11-30").status(201);
    assert_eq!((&made["cadre_id"], &made["needs"]), (&json!(person), &json!(["medical"])));
    assert_eq!(owes(), all, "a call of November is none of December");
    had("call", "2021-12-01").status(201);
    had("hospital", "2021-10-01").status(201);
    assert_eq!(owes(), all[2..]);
    had("talk", "2021-07-01").status(201);
    assert_eq!(owes(), []);
    had("call", "2020-12-31").status(422).error_at("/contacted_on", "outside_pair");
    had("call", "2199-01-01").status(422).error_at("/contacted_on", "future_date");
    let listed = here.shan.get(&format!("/care-contacts?filter[cadre_id]={person}&filter[kind]=call")).status(200);
    assert_eq!(listed.items().len(), 2);
    // In pages of one pair, and for nobody else.
    let third = here.lixiu(json!({}));
    here.shan.post("/care-pairs", pair(&third, json!({}))).status(201);
    here.shan.post("/care-pairs", pair(&other, json!({}))).status(201);
    let first = here.shan.get("/care-pairs/overdue?as_of=2021-12-20&limit=1").status(200);
    let next = first["next_page_token"].as_str().unwrap();
    let second = here.shan.get(&format!("/care-pairs/overdue?as_of=2021-12-20&limit=500&page_token={next}")).status(200);
    assert_eq!((first.items().len(), second.items().len()), (3, 3));
    assert_eq!(here.app.user("county_admin", CAO).get("/care-pairs/overdue?as_of=2021-12-20").items().len(), 0);
}

fn a_death_and_a_transfer_end_a_pair(ctx: &Ctx) {
    let here = here(ctx);
    let person = here.lixiu(json!({}));
    let one = format!("/care-pairs/{}", here.shan.post("/care-pairs", pair(&person, json!({}))).status(201).id());
    let death = json!({"cadre_id": person, "died_on": "2021-06-30", "reported_by": "试验者之子", "division_code": SHAN});
    let death = format!("/deaths/{}", here.shan.post("/deaths", death).status(201).id());
    step(&here.shan, &death, "confirm", json!({}));
    assert_eq!(here.shan.get(&one)["ended_on"], "2021-06-30");
    step(&here.shan, &death, "reverse", json!({"closing_reason": "误报"}));
    assert_eq!(here.shan.get(&one).json().get("ended_on"), None);
    let unit = json!({"name": "曹县某某局", "kind": "organ", "division_code": CAO});
    let unit = here.city.post("/units", unit).status(201).id();
    let cao = here.app.user("county_admin", CAO);
    let transfer = json!({"cadre_id": person, "cadre_name": "试验者", "direction": "internal", "reason": "resettle",
        "from_unit_id": here.unit, "to_division": CAO, "applied_on": "2021-12-01", "status": "submitted",
        "division_code": SHAN});
    let transfer = format!("/cadre-transfers/{}", here.shan.post("/cadre-transfers", transfer).status(201).id());
    step(&here.shan, &transfer, "approve", json!({}));
    step(&cao, &transfer, "accept", json!({"to_unit_id": unit, "accepted_on": "2021-12-10"}));
    step(&here.shan, &transfer, "complete", json!({"effective_date": "2021-12-15"}));
    // It is over, and told to those who look after the cadre now.
    here.shan.get(&one).status(404);
    assert_eq!(cao.get(&one).status(200)["ended_on"], "2021-12-15");
    assert_eq!(cao.get("/care-pairs/missing?as_of=2021-12-20").items().len(), 1);
}

fn a_visit_to_many_is_listed_for_each_of_them(ctx: &Ctx) {
    let here = here(ctx);
    let persons: Vec<String> = (0..3).map(|_| here.lixiu(json!({}))).collect();
    let visit = |change: Value| {
        let plain = json!({"occasion": "spring_festival", "visited_on": "2021-02-04", "leader_level": "city",
            "round": "2021年春节走访慰问", "gift_kind": "both", "gift_amount": "1500.00", "division_code": SHAN});
        with(plain, change)
    };
    let items: Vec<Value> = persons.iter().map(|p| visit(json!({"cadre_id": p}))).collect();
    here.shan.post("/visits/batch", json!({"items": items})).status(201);
    for person in &persons {
        let listed = here.shan.get(&format!("/visits?filter[cadre_id]={person}&filter[occasion]=spring_festival"));
        assert_eq!(listed.status(200).items().len(), 1);
    }
    let round = here.shan.request("GET", "/visits").query(&[("filter[round]", "2021年春节走访慰问")]).send().status(200);
    assert_eq!(round.items().len(), 3);
    here.shan.post("/visits", visit(json!({"persons": 120, "gift_amount": "36000.00"}))).status(201);
    here.shan.post("/visits", visit(json!({}))).status(422).error_at("/cadre_id", "cadre_or_count");
    let both = visit(json!({"cadre_id": persons[0], "persons": 2}));
    here.shan.post("/visits", both).status(422).error_at("/cadre_id", "cadre_or_count");
    let mut bare = visit(json!({"cadre_id": persons[0]}));
    bare.as_object_mut().unwrap().remove("gift_kind");
    here.shan.post("/visits", bare).status(422).error_at("/gift_kind", "gift_named");
    let wrong = json!({"items": [visit(json!({"cadre_id": persons[0]})), visit(json!({}))]});
    here.shan.post("/visits/batch", wrong).status(422).error_at("/items/1/cadre_id", "cadre_or_count");
}

fn hardship_aid_follows_the_scheme_of_its_day(ctx: &Ctx) {
    let here = here(ctx);
    let person = here.person(json!({}));
    let apply = |day: &str| {
        let case = json!({"cadre_id": person, "applicant": "spouse", "category": "serious_illness", "applied_on": day,
            "requested_amount": "6000.00", "division_code": SHAN});
        here.shan.post("/hardship-cases", case)
    };
    let before = apply("2021-10-11").status(201);
    assert_eq!(warnings(&before), ["scheme_missing"]);
    let before = format!("/hardship-cases/{}", before.id());
    step(&here.shan, &before, "verify", json!({"verified_on": "2021-10-12"}));
    let days = |from: &str, to: &str| json!({"publicized_from": from, "publicized_to": to});
    let week = days("2021-10-18", "2021-10-22");
    here.shan.post(&format!("{before}/publicize"), week.clone()).status(422).error_at("/applied_on", "scheme_missing");
    let scheme = |division: &str, from: &str, change: Value| {
        let plain = json!({"valid_from": from, "document_no": "示例〔2021〕1号", "window_from": "10-01", "window_to": "10-31",
            "publicity_days": 5, "amount_min": "3000.00", "amount_max": "5000.00", "review_months": 6,
            "division_code": division});
        here.city.post("/hardship-schemes", with(plain, change)).status(201).id()
    };
    let city = scheme(CITY, "2020-01-01", json!({}));
    let later = scheme(CITY, "2021-11-01", json!({"window_from": "11-01", "window_to": "11-30"}));
    scheme(CAO, "2021-01-01", json!({"amount_max": "9000.00"}));
    apply("2021-09-30").status(422).error_at("/applied_on", "window_closed");
    assert_eq!(apply("2021-10-31").status(201)["hardship_scheme_id"], json!(city));
    assert_eq!(apply("2021-11-30").status(201)["hardship_scheme_id"], json!(later));
    // The case of before goes on by the scheme there is now.
    let four = days("2021-10-18", "2021-10-21");
    here.shan.post(&format!("{before}/publicize"), four).status(422).error_at("/publicized_to", "publicity_days");
    step(&here.shan, &before, "publicize", days("2021-10-18", "2199-12-31"));
    let approve = |amount: &str| json!({"approved_amount": amount, "approved_on": "2021-11-01"});
    let early = json!({"approved_amount": "3000.00", "approved_on": "2200-01-01"});
    here.shan.post(&format!("{before}/approve"), early).status(422).error_at("/publicized_to", "publicity_running");
    let etag = here.shan.get(&before).etag();
    here.shan.patch_if(&before, &etag, week).status(200);
    for (amount, code) in [("2999.99", "too_small"), ("5000.01", "too_large")] {
        here.shan.post(&format!("{before}/approve"), approve(amount)).status(422).error_at("/approved_amount", code);
    }
    step(&here.shan, &before, "approve", approve("5000.00"));
    let granted = step(&here.shan, &before, "grant", json!({"granted_on": "2021-11-20"}));
    assert_eq!(granted["review_due"], "2022-05-20");
    // Until it is reviewed it is an open item of the cadre.
    step(&here.shan, &before, "review", json!({"reviewed_on": "2022-03-01"}));
    let own = scheme(SHAN, "2021-01-01", json!({"window_from": "01-01", "window_to": "12-31"}));
    let county = apply("2021-03-01").status(201);
    assert_eq!(county["hardship_scheme_id"], json!(own), "the county's own wins");
    let reject = format!("/hardship-cases/{}/reject", county.id());
    here.shan.post(&reject, json!({})).status(422).error_at("/decision_reason", "required");
    here.shan.post(&reject, json!({"decision_reason": "不符合条件"})).status(200);
}

fn what_waits_in_care_is_counted(ctx: &Ctx) {
    let here = here(ctx);
    let (person, alone) = (here.lixiu(json!({})), here.lixiu(json!({})));
    here.shan.post("/care-pairs", pair(&person, json!({}))).status(201);
    here.shan.post("/medical-claims", claim(&person, "1.00")).status(201);
    here.approved(&alone, "2.00");
    let lists = here.shan.get("/worklists?as_of=2021-12-20").status(200);
    let count = |name: &str| {
        let list = lists.items().iter().find(|l| l["name"] == name).unwrap_or_else(|| panic!("{name}: {lists}"));
        let there = here.shan.get(list["link"].as_str().unwrap().strip_prefix("/api/v1").unwrap()).status(200);
        assert_eq!(there.items().len() as i64, list["count"].as_i64().unwrap(), "{name}");
        list["count"].as_i64().unwrap()
    };
    assert_eq!((count("claims_to_audit"), count("claims_to_pay")), (1, 1));
    assert_eq!((count("contacts_overdue"), count("lixiu_without_pair")), (3, 1));
}
