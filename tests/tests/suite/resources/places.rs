//! Divisions: what lies inside them, and when they are in force.

use serde_json::json;

use super::make::{CAO, CITY, SHAN, ids, unit};
use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![
        a_division_holds_all_inside_it,
        the_first_start_knows_the_divisions_of_the_city,
        records_may_belong_to_a_division_that_was_added,
        a_division_must_be_there_and_in_force,
        a_division_that_is_used_stays,
    ]
}

/// A township of 单县.
const TOWN: &str = "371722104";

fn a_division_holds_all_inside_it(ctx: &Ctx) {
    let app = ctx.app();
    let (of_city, of_cao, of_shan) = (unit(&app.admin(), CITY), unit(&app.admin(), CAO), unit(&app.admin(), SHAN));
    let inside = |code: &str| {
        let list = app.admin().request("GET", "/units").query(&[("filter[division_code]", code)]).send().status(200);
        ids(&list).into_iter().map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(inside("370000"), [of_city.as_str(), &of_cao, &of_shan]);
    assert_eq!(inside(CITY), [of_city.as_str(), &of_cao, &of_shan]);
    assert_eq!(inside(SHAN), [of_shan.as_str()]);
    assert_eq!(inside(CAO), [of_cao.as_str()]);
    assert_eq!(inside("371723"), [""; 0]);
    assert_eq!(inside(TOWN), [""; 0]);
    assert_eq!(inside("370800"), [""; 0]);
    for odd in ["3717", "37170", "37172a", "371722%", "", "000"] {
        let refused = app.admin().request("GET", "/units").query(&[("filter[division_code]", odd)]).send().status(400);
        assert_eq!(refused.problem("invalid_parameter")["errors"][0]["pointer"], "/filter[division_code]");
    }
}

fn the_first_start_knows_the_divisions_of_the_city(ctx: &Ctx) {
    let app = ctx.app();
    let query = [("filter[parent_code]", CITY), ("filter[level]", "county"), ("filter[valid_from][lte]", "2021-12-31")];
    let counties = app.admin().request("GET", "/divisions?limit=500&sort=code").query(&query).send().status(200);
    let in_force = |item: &&serde_json::Value| item["valid_to"].as_str().is_none_or(|day| day >= "2021-12-31");
    let codes: Vec<&str> = counties.items().iter().filter(in_force).filter_map(|item| item["code"].as_str()).collect();
    let eleven =
        ["371702", "371703", "371721", "371722", "371723", "371724", "371725", "371726", "371728", "371771", "371772"];
    assert_eq!(codes, eleven);
    // Their ids are the same in every installation.
    let shan = app.admin().get("/divisions?filter[code]=371722").status(200);
    let other = ctx.app();
    assert_eq!(ids(&shan), ids(&other.admin().get("/divisions?filter[code]=371722")));
}

fn records_may_belong_to_a_division_that_was_added(ctx: &Ctx) {
    let app = ctx.app();
    let town = json!({
        "division_code": SHAN, "code": TOWN, "name": "终兴镇", "level": "township", "kind": "administrative",
        "parent_code": SHAN, "valid_from": "2000-06-23",
    });
    app.admin().post("/units", json!({"division_code": TOWN, "name": "某所", "kind": "organ"})).status(422);
    app.admin().post("/divisions", town).status(201);
    let of_town = unit(&app.admin(), TOWN);
    let county = app.user("county_admin", SHAN);
    assert_eq!(ids(&county.get("/units")), [of_town.as_str()]);
    assert_eq!(ids(&county.get(&format!("/units?filter[division_code]={TOWN}"))), [of_town.as_str()]);
    let clerk = app.user("county_admin", TOWN);
    unit(&county, SHAN);
    assert_eq!(ids(&clerk.get("/units")), [of_town.as_str()]);
}

fn a_division_must_be_there_and_in_force(ctx: &Ctx) {
    let app = ctx.app();
    let make = |code: &str| app.admin().post("/units", json!({"division_code": code, "name": "某局", "kind": "organ"}));
    make("371799").status(422).problem("validation_failed").error_at("/division_code", "unknown_division");
    make("371727").status(422).problem("validation_failed").error_at("/division_code", "division_ended");
    make("370800").status(403).problem("forbidden").error_at("/division_code", "outside_scope");
    let standard = |code: &str, from: &str| {
        let body = json!({"division_code": code, "kind": "nursing", "scope": code, "amount": "1.00", "valid_from": from, "valid_to": from});
        app.admin().post("/benefit-standards", body)
    };
    // By the day the record is about, not by the day it is written.
    standard("371727", "2015-12-31").status(201);
    standard("371727", "2016-01-15").status(422).error_at("/division_code", "division_ended");
    // What happened before a division was founded is on record under the division of today.
    standard("371703", "2015-12-31").status(201);
    let coming = json!({
        "division_code": CITY, "code": "371774", "name": "新区", "level": "county", "kind": "administrative",
        "parent_code": CITY, "valid_from": "2190-01-01",
    });
    app.admin().post("/divisions", coming).status(201);
    make("371774").status(422).error_at("/division_code", "division_not_yet");
}

fn a_division_that_is_used_stays(ctx: &Ctx) {
    let app = ctx.app();
    unit(&app.admin(), SHAN);
    let id = ids(&app.admin().get("/divisions?filter[code]=371722"))[0].to_owned();
    let one = format!("/divisions/{id}");
    let etag = app.admin().get(&one).etag();
    app.admin().delete_if(&one, &etag).status(409).problem("in_use");
    unit(&app.admin(), SHAN);
}
