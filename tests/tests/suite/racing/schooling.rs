//! Places in classes, and articles whose consent is revoked while they are published.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Doors, at_once, records};
use crate::support::{Case, Ctx, cases, client::Client};

pub fn tests() -> Vec<Case> {
    cases![
        places_are_given_once_and_the_others_wait_in_order,
        who_drops_out_makes_room_for_exactly_one,
        nothing_stays_public_whose_consent_is_revoked_at_the_same_moment,
    ]
}

fn class(by: &Client, capacity: usize) -> String {
    let school = json!({"name": "老年大学", "kind": "main", "level": "city"});
    let school = by.post("/senior-universities", school).status(201).id();
    let class = json!({
        "senior_university_id": school, "course": "书法", "topic": "calligraphy_painting", "semester": "2021-autumn",
        "starts_on": "2021-09-06", "capacity": capacity, "status": "enrolling",
    });
    by.post("/classes", class).status(201).id()
}

fn student(class: &str, n: usize) -> Value {
    json!({"class_id": class, "student_name": format!("学员{n}"), "student_birth_date": "1955-01-01", "applied_on": "2021-08-20"})
}

/// All enrollments of a class in one of the states.
fn of(by: &Client, class: &str, status: &str) -> Vec<Value> {
    let list = by.get(&format!("/enrollments?filter[class_id]={class}&filter[status]={status}&limit=500")).status(200);
    list.items().to_vec()
}

fn numbers(of: &[Value]) -> BTreeSet<i64> {
    of.iter().map(|e| e["queue_no"].as_i64().expect("a number")).collect()
}

fn places_are_given_once_and_the_others_wait_in_order(ctx: &Ctx) {
    const PLACES: usize = 5;
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    for _ in 0..3 {
        let class = class(&admins[0], PLACES);
        let all = at_once(32, |caller| {
            admins[caller % admins.len()].post("/enrollments", student(&class, caller)).status(201)
        });
        let told = all.iter().filter(|answer| answer["status"] == "applied").count();
        assert_eq!((told, of(&admins[0], &class, "applied").len()), (PLACES, PLACES));
        let waiting = of(&admins[0], &class, "waitlisted");
        assert_eq!(numbers(&waiting), (1..=32 - PLACES as i64).collect(), "each number once");
    }
}

fn who_drops_out_makes_room_for_exactly_one(ctx: &Ctx) {
    const PLACES: usize = 8;
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    for _ in 0..3 {
        let class = class(&admins[0], PLACES);
        let items: Vec<Value> = (0..20).map(|n| student(&class, n)).collect();
        let ids = records::batch(&admins[0], "/enrollments", &items);
        // Six of those with a place and two of those who wait give up, while eight more apply.
        let leaving = [&ids[..6], &ids[PLACES..PLACES + 2]].concat();
        at_once(16, |caller| {
            let by = &admins[caller % admins.len()];
            match leaving.get(caller / 2).filter(|_| caller % 2 == 0) {
                Some(id) => {
                    by.post(&format!("/enrollments/{id}/drop"), json!({"dropped_on": "2021-09-20"})).status(200)
                }
                None => by.post("/enrollments", student(&class, 100 + caller)).status(201),
            };
        });
        assert_eq!(of(&admins[0], &class, "applied").len(), PLACES);
        assert_eq!(of(&admins[0], &class, "dropped").len(), 8);
        let (applied, waiting) = (of(&admins[0], &class, "applied"), of(&admins[0], &class, "waitlisted"));
        assert_eq!(waiting.len(), 12);
        // Nobody was passed over: whoever got a place later came before all who still wait.
        let promoted = applied.iter().filter_map(|e| e["queue_no"].as_i64()).max().expect("somebody came in");
        assert!(numbers(&waiting).iter().all(|n| *n > promoted), "{promoted} before {:?}", numbers(&waiting));
    }
}

fn nothing_stays_public_whose_consent_is_revoked_at_the_same_moment(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let unit = admins[0].post("/units", records::unit("宣传")).status(201).id();
    let mut seen = BTreeSet::new();
    for round in 0..12 {
        let person = records::cadre(&format!("第{round}人"), &unit, None);
        let person = admins[0].post("/cadres", person).status(201).id();
        let consent = json!({"cadre_id": person, "purpose": "publicity", "granted_on": "2021-01-01"});
        let consent = format!("/consents/{}", admins[0].post("/consents", consent).status(201).id());
        let article =
            json!({"kind": "model_deed", "title": "银发生辉", "subject_cadre_ids": [person], "outlet_level": "city"});
        let articles: Vec<String> = (0..4)
            .map(|_| format!("/articles/{}", admins[0].post("/articles", article.clone()).status(201).id()))
            .collect();
        at_once(5, |caller| {
            let by = &admins[caller % admins.len()];
            match articles.get(caller) {
                Some(article) => {
                    let answer = by.post(&format!("{article}/publish"), json!({"published_on": "2021-06-01"}));
                    assert!(answer.status == 200 || answer.status == 409, "{answer}");
                }
                None => drop(by.patch_if(&consent, "\"r1\"", json!({"revoked_on": "2021-12-01"})).status(200)),
            }
        });
        for article in &articles {
            let status = admins[0].get(article).status(200)["status"].as_str().unwrap().to_owned();
            assert_ne!(status, "published", "round {round}");
            seen.insert(status);
        }
    }
    assert!(!seen.is_empty());
}
