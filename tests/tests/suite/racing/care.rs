//! Money and places: 32 at once take what there is, and no more.

use serde_json::{Value, json};

use super::{Doors, at_once, records};
use crate::support::{Case, Ctx, cases, client::Client};

pub fn tests() -> Vec<Case> {
    cases![a_pool_never_holds_less_than_nothing, a_place_is_given_once, two_stays_of_a_year_are_not_both_given]
}

/// Callers at once.
const MANY: usize = 32;

fn persons(admin: &Client) -> Vec<String> {
    let unit = admin.post("/units", records::unit("关怀")).status(201).id();
    let cadres: Vec<Value> = (0..MANY).map(|n| records::cadre(&format!("疗养{n}"), &unit, None)).collect();
    records::batch(admin, "/cadres", &cadres)
}

fn fen(value: &Value) -> i64 {
    value.as_str().expect("an amount").replace('.', "").parse().expect("fen")
}

fn a_pool_never_holds_less_than_nothing(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let persons = persons(&admins[0]);
    for (round, year) in [2021, 2022].into_iter().enumerate() {
        let entry = json!({"kind": "allotment", "year": year, "amount": "1000.00", "booked_on": "2021-01-05"});
        admins[0].post("/medical-pool-entries", entry).status(201);
        let claims: Vec<Value> = persons
            .iter()
            .map(|person| {
                json!({"cadre_id": person, "hospital": "某某医院", "period_from": "2021-01-10", "period_to": "2021-01-12",
                    "amount": "130.00", "submitted_on": "2021-01-20", "audited_on": "2021-01-21",
                    "allowed_amount": "120.00", "approved_on": "2021-01-22", "status": "approved"})
            })
            .collect();
        let claims = records::batch(&admins[0], "/medical-claims", &claims);
        // By the verb, by a change of the state, and beside them one who takes money out of the pool.
        let answers = at_once(MANY + 1, |caller| {
            let admin = &admins[caller % admins.len()];
            if caller == MANY {
                let less = json!({"kind": "adjustment", "year": year, "amount": "-45.00", "booked_on": "2021-02-01"});
                return admin.post("/medical-pool-entries", less);
            }
            let (claim, paid_on) = (format!("/medical-claims/{}", claims[caller]), format!("{year}-03-01"));
            if caller % 3 == round {
                return admin.patch_if(&claim, "\"r1\"", json!({"status": "paid", "paid_on": paid_on}));
            }
            admin.post(&format!("{claim}/pay"), json!({"paid_on": paid_on}))
        });
        let paid = answers[..MANY].iter().filter(|a| a.status == 200).count() as i64;
        for answer in answers.iter().filter(|a| a.status >= 300) {
            assert_eq!((answer.status, &answer["code"]), (409, &json!("pool_exhausted")), "{answer}");
        }
        let adjusted = i64::from(answers[MANY].status == 201) * 4_500;
        let pool = admins[0].get(&format!("/medical-pools?year={year}")).status(200);
        let balance = fen(&pool["total"]["balance"]);
        assert_eq!(balance, 100_000 - adjusted - paid * 12_000);
        assert!((0..12_000).contains(&balance), "it pays as long as it can and never more: {balance}");
        let entries = admins[0].get(&format!("/medical-pool-entries?filter[year]={year}&limit=500")).status(200);
        assert_eq!(entries.items().iter().map(|e| fen(&e["amount"])).sum::<i64>(), balance);
        let claims = admins[0].get(&format!("/medical-claims?filter[paid_on]={year}-03-01&limit=500")).status(200);
        assert_eq!(claims.items().iter().filter(|c| c["status"] == "paid").count() as i64, paid);
    }
}

fn plan(admin: &Client, capacity: usize) -> String {
    let plan = json!({"year": 2021, "mode": "collective", "place": "青岛疗养院", "starts_on": "2021-06-07",
        "ends_on": "2021-06-13", "capacity": capacity, "status": "open"});
    admin.post("/sanatorium-plans", plan).status(201).id()
}

fn a_place_is_given_once(ctx: &Ctx) {
    const PLACES: usize = 5;
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let persons = persons(&admins[0]);
    let plan = plan(&admins[0], PLACES);
    let stay = |caller: usize| json!({"sanatorium_plan_id": plan, "cadre_id": persons[caller]});
    let answers = at_once(MANY, |caller| admins[caller % admins.len()].post("/sanatorium-stays", stay(caller)));
    let made: Vec<_> = answers.iter().filter(|a| a.status == 201).collect();
    assert_eq!(made.len(), PLACES);
    for answer in answers.iter().filter(|a| a.status != 201) {
        assert_eq!((answer.status, &answer["code"]), (409, &json!("capacity")), "{answer}");
    }
    // One goes, while all the others ask again and somebody takes a place away.
    let one = format!("/sanatorium-stays/{}", made[0].id());
    admins[0].post(&format!("{one}/withdraw"), json!({})).status(200);
    let answers = at_once(MANY, |caller| {
        let admin = &admins[caller % admins.len()];
        if caller == 0 {
            return admin.patch_if(&format!("/sanatorium-plans/{plan}"), "\"r1\"", json!({"capacity": PLACES - 1}));
        }
        let body = json!({"sanatorium_plan_id": plan, "cadre_id": persons[caller], "override_reason": "再次报名"});
        admin.post("/sanatorium-stays", body)
    });
    let smaller = usize::from(answers[0].status == 200);
    let more = answers[1..].iter().filter(|a| a.status == 201).count();
    assert_eq!(smaller + more, 1, "the place goes to one or is taken away");
    let taken = admins[0].get(&format!("/sanatorium-stays?filter[sanatorium_plan_id]={plan}&filter[status]=signed_up"));
    assert_eq!(taken.items().len(), PLACES - smaller);
}

fn two_stays_of_a_year_are_not_both_given(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let persons = persons(&admins[0]);
    let plans: Vec<String> = (0..8).map(|_| plan(&admins[0], 30)).collect();
    for person in &persons[..4] {
        let answers = at_once(plans.len(), |caller| {
            let stay = json!({"sanatorium_plan_id": plans[caller], "cadre_id": person});
            admins[caller % admins.len()].post("/sanatorium-stays", stay)
        });
        assert_eq!(answers.iter().filter(|a| a.status == 201).count(), 1);
        for answer in answers.iter().filter(|a| a.status != 201) {
            assert_eq!((answer.status, &answer["code"]), (409, &json!("stay_of_year")), "{answer}");
        }
    }
}
