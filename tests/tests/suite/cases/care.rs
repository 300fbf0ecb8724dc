//! Case 52, and the other rules of care; `expenses` has those about money.
use super::make::{cadre, start, warnings, with};
use crate::support::{App, Case, Ctx, cases, client::Client, response::Response};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_52_the_34th_of_33_finds_no_place,
        a_cadre_has_one_stay_in_a_year,
        what_a_pair_owes_is_listed_until_it_is_done,
        a_death_and_a_transfer_end_a_pair,
        a_visit_to_many_is_listed_for_each_of_them,
        hardship_aid_follows_the_scheme_of_its_day,
        what_waits_in_care_is_counted,
    ]
}

pub const SHAN: &str = "371722";
pub const CAO: &str = "371721";
pub const CITY: &str = "371700";

/// A step that must succeed.
#[track_caller]
pub fn step(client: &Client, path: &str, verb: &str, body: Value) -> Response {
    client.post(&format!("{path}/{verb}"), body).status(200)
}

pub struct Here {
    pub app: App,
    pub city: Client,
    pub shan: Client,
    pub unit: String,
}

pub fn here(ctx: &Ctx) -> Here {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let shan = app.user("county_admin", SHAN);
    Here { app, city, shan, unit }
}

impl Here {
    pub fn person(&self, change: Value) -> String {
        self.shan.post("/cadres", cadre(&self.unit, change)).status(201).id()
    }
    pub fn lixiu(&self, change: Value) -> String {
        let plain = json!({"retire_type": "lixiu", "join_revolution_date": "1944-05", "birth_date": "1926-05-01",
            "retire_date": "1986-06"});
        self.person(with(plain, change))
    }
    pub fn allot(&self, amount: &str) -> String {
        let entry = json!({"kind": "allotment", "year": 2021, "amount": amount, "booked_on": "2021-01-05"});
        self.shan.post("/medical-pool-entries", entry).status(201).id()
    }
    /// A claim that waits for its payment.
    pub fn approved(&self, person: &str, amount: &str) -> String {
        let claim =
            format!("/medical-claims/{}", self.shan.post("/medical-claims", claim(person, amount)).status(201).id());
        step(&self.shan, &claim, "audit", json!({"audited_on": "2021-04-01", "allowed_amount": amount}));
        step(&self.shan, &claim, "approve", json!({"approved_on": "2021-04-02"}));
        claim
    }
    /// Allotted, adjusted, paid, balance, entries; that the entries add up to the balance is claimed on the way.
    #[track_caller]
    pub fn pool(&self) -> (String, String, String, String, i64) {
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

pub fn claim(person: &str, amount: &str) -> Value {
    json!({"cadre_id": person, "hospital": "单县某某医院", "period_from": "2021-03-01", "period_to": "2021-03-12",
        "amount": amount, "submitted_on": "2021-03-20", "division_code": SHAN})
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
    let listed = here.city.get(&format!(
        "/sanatorium-stays?filter[sanatorium_plan_id]={}&filter[status]=signed_up&limit=100&count=exact",
        made.id()
    ));
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
    let excused = json!({"override_reason": "术后康复,医嘱疗养"});
    stay(&one, excused.clone()).status(409).problem("stay_of_year");
    stay(&other, excused).status(201);
    assert_eq!(stay(&next, json!({})).status(201)["year"], 2022);
    let draft = plan_of(json!({"status": "draft", "year": 2023, "starts_on": "2023-06-06", "ends_on": "2023-06-12"}));
    stay(&draft, json!({})).status(422).error_at("/sanatorium_plan_id", "plan_state");
    // What a doctor said is not for everybody.
    let seen = stay(
        &plan_of(json!({"year": 2024, "starts_on": "2024-06-06", "ends_on": "2024-06-12"})),
        json!({"health_ok": true}),
    );
    let seen = seen.status(201);
    assert_eq!((seen.json().get("health_ok"), &seen["masked"]), (None, &json!(["health_ok"])));
    let whole = here.city.get(&format!("/sanatorium-stays/{}", seen.id())).status(200);
    assert_eq!(whole["health_ok"], true);
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
        page.items()
            .iter()
            .map(|o| (o["kind"].as_str().unwrap().to_owned(), o["days"].as_i64().unwrap()))
            .collect::<Vec<_>>()
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
    let second =
        here.shan.get(&format!("/care-pairs/overdue?as_of=2021-12-20&limit=500&page_token={next}")).status(200);
    assert_eq!((first.items().len(), second.items().len()), (3, 3));
    assert_eq!(here.app.user("county_admin", CAO).get("/care-pairs/overdue?as_of=2021-12-20").items().len(), 0);
}

fn a_death_and_a_transfer_end_a_pair(ctx: &Ctx) {
    let here = here(ctx);
    let person = here.lixiu(json!({}));
    let one = format!("/care-pairs/{}", here.shan.post("/care-pairs", pair(&person, json!({}))).status(201).id());
    let death =
        json!({"cadre_id": person, "died_on": "2021-06-30", "reported_by": "试验者之子", "division_code": SHAN});
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
    let round =
        here.shan.request("GET", "/visits").query(&[("filter[round]", "2021年春节走访慰问")]).send().status(200);
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
