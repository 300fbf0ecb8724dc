//! Cases 38 and 41: who serves is counted once, and not after death; and the hours of volunteers.
use super::make::{branch, cadre, start, with};
use crate::support::{Case, Ctx, cases, client::Client};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_38_who_died_does_not_serve_any_more,
        case_41_who_serves_in_the_city_and_in_a_village_is_one_person,
        a_body_belongs_to_its_area,
        only_members_of_the_party_on_request,
        who_has_left_is_not_counted_and_who_is_to_come_neither,
        a_county_counts_its_own,
        hours_are_those_of_activities_that_were_held,
        a_volunteer_leaves_with_a_day_and_with_death,
    ]
}

const SHAN: &str = "371722";

fn person(city: &Client, unit: &str) -> String {
    city.post("/cadres", cadre(unit, json!({}))).status(201).id()
}

fn post(city: &Client, person: &str, body: &str, change: Value) -> String {
    let area = if ["community", "grid", "social_org", "red_property"].contains(&body) { "urban" } else { "rural" };
    let plain = json!({
        "cadre_id": person, "area": area, "body_kind": body, "body_name": "某某社区", "started_on": "2020-03-01",
        "division_code": SHAN,
    });
    city.post("/service-posts", with(plain, change)).status(201).id()
}

/// All persons, urban ones, rural ones.
fn persons(client: &Client, query: &str) -> [i64; 3] {
    let told = client.get(&format!("/service-posts/persons?{query}")).status(200);
    let of = |area: &str| {
        let areas = told["by_area"].as_array().expect("areas");
        areas.iter().find(|a| a["area"] == area).and_then(|a| a["persons"].as_i64()).expect("an area")
    };
    [told["persons"].as_i64().expect("a number"), of("urban"), of("rural")]
}

fn case_38_who_died_does_not_serve_any_more(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let (died, lives) = (person(&city, &unit), person(&city, &unit));
    let held = post(&city, &died, "grid", json!({}));
    let over = post(&city, &died, "community", json!({"ended_on": "2021-02-01"}));
    post(&city, &lives, "grid", json!({}));
    assert_eq!(persons(&city, "as_of=2021-12-31"), [2, 2, 0]);
    let death = json!({"cadre_id": died, "died_on": "2021-06-30", "reported_by": "家属", "division_code": SHAN});
    let death = city.post("/deaths", death).status(201).id();
    city.post(&format!("/deaths/{death}/confirm"), json!({})).status(200);
    assert_eq!(city.get(&format!("/service-posts/{held}"))["ended_on"], "2021-06-30");
    assert_eq!(city.get(&format!("/service-posts/{over}"))["ended_on"], "2021-02-01");
    assert_eq!(persons(&city, "as_of=2021-12-31"), [1, 1, 0]);
    assert_eq!(persons(&city, "as_of=2021-06-29"), [2, 2, 0]);
    // A post that is entered afterwards, with nothing said of its end, does not bring anybody back.
    post(&city, &died, "elders_mediation", json!({}));
    assert_eq!(persons(&city, "as_of=2021-12-31"), [1, 1, 0]);
    assert_eq!(persons(&city, "as_of=2021-06-29"), [2, 2, 1]);
    city.post(&format!("/deaths/{death}/reverse"), json!({"closing_reason": "误报"})).status(200);
    assert_eq!(persons(&city, "as_of=2021-12-31"), [2, 2, 1]);
}

fn case_41_who_serves_in_the_city_and_in_a_village_is_one_person(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let both = person(&city, &unit);
    post(&city, &both, "grid", json!({}));
    post(&city, &both, "wedding_funeral_council", json!({}));
    assert_eq!(persons(&city, "as_of=2021-12-31"), [1, 1, 1]);
    // Two of one kind are one person too.
    post(&city, &both, "grid", json!({"body_name": "另一网格"}));
    let other = person(&city, &unit);
    post(&city, &other, "villagers_council", json!({}));
    let told = city.get("/service-posts/persons?as_of=2021-12-31").status(200);
    assert_eq!(persons(&city, "as_of=2021-12-31"), [2, 1, 2]);
    let bodies: Vec<(&str, i64)> = told["by_body"]
        .as_array()
        .expect("bodies")
        .iter()
        .filter(|b| b["persons"] != 0)
        .map(|b| (b["body_kind"].as_str().expect("a body"), b["persons"].as_i64().expect("a number")))
        .collect();
    assert_eq!(bodies, [("grid", 1), ("wedding_funeral_council", 1), ("villagers_council", 1)]);
}

fn a_body_belongs_to_its_area(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let person = person(&city, &unit);
    for (area, body) in [("rural", "grid"), ("urban", "elders_mediation")] {
        let wrong = json!({
            "cadre_id": person, "area": area, "body_kind": body, "body_name": "某某社区", "started_on": "2020-03-01",
            "division_code": SHAN,
        });
        city.post("/service-posts", wrong).status(422).error_at("/area", "body_area");
    }
}

fn only_members_of_the_party_on_request(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let organization = branch(&city);
    let people: Vec<String> = (0..6).map(|_| person(&city, &unit)).collect();
    people.iter().for_each(|p| drop(post(&city, p, "grid", json!({}))));
    let membership = |person: &str, change: Value| {
        let plain = json!({
            "cadre_id": person, "party_organization_id": organization, "joined_on": "1975", "division_code": SHAN,
        });
        city.post("/party-memberships", with(plain, change)).status(201);
    };
    membership(&people[0], json!({}));
    membership(&people[1], json!({"status": "probationary", "joined_on": "2021-05"}));
    // A guest in a branch is no member by that; nor who was let go, or was no member yet.
    membership(&people[2], json!({"formal": false}));
    let lost = json!({"lost_contact_on": "2018-01-01", "suspended_on": "2019-01-01", "removed_on": "2021-06-01"});
    membership(&people[3], with(lost, json!({"status": "removed"})));
    membership(&people[4], json!({"joined_on": "2022-01-05"}));
    assert_eq!(persons(&city, "as_of=2021-12-31"), [6, 6, 0]);
    assert_eq!(persons(&city, "as_of=2021-12-31&party_members=true"), [2, 2, 0]);
    assert_eq!(persons(&city, "as_of=2021-04-30&party_members=true"), [1, 1, 0]);
    assert_eq!(persons(&city, "as_of=2022-01-05&party_members=true"), [3, 3, 0]);
    city.get("/service-posts/persons?party_members=yes").status(400).error_at("/party_members", "wrong_type");
}

fn who_has_left_is_not_counted_and_who_is_to_come_neither(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let people: Vec<String> = (0..4).map(|_| person(&city, &unit)).collect();
    post(&city, &people[0], "grid", json!({"ended_on": "2021-11-30"}));
    post(&city, &people[1], "grid", json!({"started_on": "2021-12-31"}));
    post(&city, &people[2], "grid", json!({}));
    post(&city, &people[3], "grid", json!({}));
    assert_eq!(persons(&city, "as_of=2021-11-30"), [3, 3, 0], "the last day counts");
    assert_eq!(persons(&city, "as_of=2021-12-01"), [2, 2, 0]);
    assert_eq!(persons(&city, "as_of=2021-12-31"), [3, 3, 0], "and the first");
    // Out of the city, and entered by mistake.
    let out = json!({
        "cadre_id": people[2], "cadre_name": "试验者", "direction": "out", "reason": "move", "from_unit_id": unit,
        "outside_place": "济南市", "applied_on": "2021-11-01", "status": "submitted", "division_code": SHAN,
    });
    let out = format!("/cadre-transfers/{}", city.post("/cadre-transfers", out).status(201).id());
    for (verb, body) in [
        ("approve", json!({})),
        ("accept", json!({"accepted_on": "2021-12-10"})),
        ("complete", json!({"effective_date": "2021-12-20"})),
    ] {
        city.post(&format!("{out}/{verb}"), body).status(200);
    }
    assert_eq!(persons(&city, "as_of=2021-12-19"), [2, 2, 0]);
    assert_eq!(persons(&city, "as_of=2021-12-31"), [2, 2, 0]);
    let path = format!("/cadres/{}", people[3]);
    let void = json!({"status": "void", "void_reason": "重复"});
    city.patch_if(&path, &city.get(&path).etag(), void).status(200);
    assert_eq!(persons(&city, "as_of=2021-12-31"), [1, 1, 0]);
}

fn a_county_counts_its_own(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let someone = person(&city, &unit);
    post(&city, &someone, "grid", json!({}));
    post(&city, &someone, "grid", json!({"division_code": "371721"}));
    assert_eq!(persons(&city, ""), [1, 1, 0]);
    assert_eq!(persons(&app.user("county_admin", "371721"), ""), [1, 1, 0]);
    assert_eq!(persons(&app.user("county_admin", "371724"), ""), [0, 0, 0]);
    let shan = app.user("county_admin", SHAN);
    assert_eq!(persons(&shan, &format!("division={SHAN}")), [1, 1, 0]);
    shan.get("/service-posts/persons?division=371700").status(404).problem("not_found");
    app.user("unit_user", SHAN).get("/service-posts/persons").status(404).problem("not_found");
}

fn activity(city: &Client, held_on: &str, change: Value) -> String {
    let plain = json!({
        "kind": "volunteering", "title": "志愿服务", "held_on": held_on, "venue_kind": "community", "status": "held",
        "audience_count": 10, "division_code": SHAN,
    });
    city.post("/activities", with(plain, change)).status(201).id()
}

fn volunteer(city: &Client, person: &str) -> String {
    let volunteer = json!({
        "cadre_id": person, "five_elder_kind": "old_teacher", "registered_on": "2020-01-01", "status": "active",
        "division_code": SHAN,
    });
    city.post("/volunteers", volunteer).status(201).id()
}

fn hours_are_those_of_activities_that_were_held(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let someone = person(&city, &unit);
    let id = volunteer(&city, &someone);
    let other = volunteer(&city, &person(&city, &unit));
    let serves = |who: &str, activity: &str, hours: &str| {
        let service = json!({"volunteer_id": who, "activity_id": activity, "hours": hours, "division_code": SHAN});
        city.post("/volunteer-services", service)
    };
    let (spring, winter) = (activity(&city, "2021-03-05", json!({})), activity(&city, "2021-12-01", json!({})));
    let planned = activity(&city, "2199-01-01", json!({"status": "planned"}));
    let off = activity(&city, "2021-08-01", json!({"status": "cancelled", "cancel_reason": "疫情"}));
    let first = serves(&id, &spring, "2.5").status(201);
    assert_eq!(first["cadre_id"], someone.as_str());
    for (activity, hours) in [(&winter, "0.75"), (&planned, "8"), (&off, "8")] {
        serves(&id, activity, hours).status(201);
    }
    serves(&other, &spring, "4").status(201);
    serves(&id, &spring, "1").status(409).problem("already_exists");
    serves(&id, &winter, "0").status(422).error_at("/hours", "too_small");
    serves(&id, &winter, "24.5").status(422).error_at("/hours", "too_large");
    let hours = |query: &str| {
        let told = city.get(&format!("/volunteers/{id}/hours?{query}")).status(200);
        (told["hours"].as_str().expect("hours").to_owned(), told["activities"].as_i64().expect("a number"))
    };
    assert_eq!(hours(""), ("3.25".into(), 2));
    assert_eq!(hours("from=2021-03-05&to=2021-03-05"), ("2.5".into(), 1));
    assert_eq!(hours("from=2021-03-06"), ("0.75".into(), 1));
    assert_eq!(hours("from=2022-01-01"), ("0".into(), 0));
    // It is held after all.
    let path = format!("/activities/{planned}");
    let held = json!({"held_on": "2021-12-20", "audience_count": 5});
    city.post(&format!("{path}/hold"), held).status(200);
    assert_eq!(hours(""), ("11.25".into(), 3));
    city.get(&format!("/volunteers/{id}/hours?as_of=2021-12-31")).status(400);
    app.user("county_admin", "371721").get(&format!("/volunteers/{id}/hours")).status(404).problem("not_found");
}

fn a_volunteer_leaves_with_a_day_and_with_death(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let someone = person(&city, &unit);
    let id = volunteer(&city, &someone);
    let again = json!({
        "cadre_id": someone, "five_elder_kind": "old_cadre", "registered_on": "2021-01-01", "division_code": SHAN,
    });
    city.post("/volunteers", again.clone()).status(409).problem("already_exists").error_at("/cadre_id", "too_many");
    let step = |verb: &str, body: Value| city.post(&format!("/volunteers/{id}/{verb}"), body);
    step("exit", json!({})).status(422).error_at("/exited_on", "required");
    assert_eq!(step("pause", json!({})).status(200)["status"], "paused");
    assert_eq!(step("activate", json!({})).status(200)["status"], "active");
    assert_eq!(step("exit", json!({"exited_on": "2020-12-31"})).status(200)["status"], "exited");
    let second = city.post("/volunteers", again).status(201).id();
    let death = json!({"cadre_id": someone, "died_on": "2021-06-30", "reported_by": "家属", "division_code": SHAN});
    let death = city.post("/deaths", death).status(201).id();
    city.post(&format!("/deaths/{death}/confirm"), json!({})).status(200);
    let left = |id: &str| city.get(&format!("/volunteers/{id}")).status(200)["exited_on"].clone();
    assert_eq!((left(&id), left(&second)), (json!("2020-12-31"), json!("2021-06-30")));
    city.post(&format!("/deaths/{death}/reverse"), json!({"closing_reason": "误报"})).status(200);
    let back = city.get(&format!("/volunteers/{second}")).status(200);
    assert_eq!((&back["status"], &back["exited_on"]), (&json!("registered"), &Value::Null));
}
