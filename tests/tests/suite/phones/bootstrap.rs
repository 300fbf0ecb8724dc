//! `GET /bootstrap`.

use std::{thread::sleep, time::Duration};

use serde_json::json;

use crate::{
    resources::make::{CITY, SHAN},
    support::{Case, Ctx, cases},
};

pub fn tests() -> Vec<Case> {
    cases![one_answer_has_what_an_app_needs, it_is_fetched_once_and_compressed, a_new_division_is_in_it]
}

fn one_answer_has_what_an_app_needs(ctx: &Ctx) {
    let app = ctx.app();
    let start = app.anonymous().get("/bootstrap").status(200);
    let admin = app.admin();
    assert_eq!(start["codes"], admin.get("/codes").status(200)["items"]);
    let divisions = admin.get("/divisions?limit=500").status(200);
    assert_eq!(start["divisions"].as_array().map(Vec::len), Some(divisions.items().len()));
    let of = |list: &str, key: &str, value: &str| {
        let all = start[list].as_array().expect("a list");
        all.iter().find(|one| one[key] == value).unwrap_or_else(|| panic!("{value} in {list}")).clone()
    };
    assert_eq!(of("divisions", "code", SHAN)["name"], "单县");
    assert_eq!(of("divisions", "code", SHAN)["parent_code"], CITY);
    let sex = of("codes", "set", "sex");
    assert_eq!([&sex["codes"][1]["zh"], &sex["codes"][1]["en"]], ["男性", "Male"]);
    let role = of("roles", "code", "cadre_self");
    assert!(role["reads"].as_array().is_some_and(|r| r.contains(&json!("party"))), "{role}");
    assert_eq!(role["keeps"], json!(["files"]));
    let consents = of("own", "resource", "consents");
    assert_eq!(consents["changes"], json!(["revoked_on"]));
    assert_eq!(of("own", "resource", "membership-applications")["steps"], json!(["withdraw"]));
    assert_eq!(start["limits"]["file_bytes"], 50 << 20);
    let document = app.anonymous().get("/openapi.json").status(200);
    assert_eq!(start["contract_version"], document["info"]["version"]);
}

fn it_is_fetched_once_and_compressed(ctx: &Ctx) {
    let app = ctx.app();
    let phone = app.anonymous();
    let plain = phone.get("/bootstrap").status(200);
    let packed = phone.request("GET", "/bootstrap").header("accept-encoding", "br, gzip").send().status(200);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() * 3 < plain.body.len(), "{} of {}", packed.body.len(), plain.body.len());
    for answer in [&plain, &packed] {
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        assert!(answer.header("cache-control").is_some_and(|c| c.starts_with("public, max-age=")), "{answer}");
    }
    // Two encodings are two representations; either is known again.
    let (one, other) = (plain.etag(), packed.etag());
    assert!(one != other && !one.starts_with("W/"), "{one} {other}");
    for tag in [&one, &other] {
        let same = phone.request("GET", "/bootstrap").if_none_match(tag).send().status(304);
        assert!(same.body.is_empty() && same.header("etag") == Some(one.as_str()));
    }
    phone.request("GET", "/bootstrap").if_none_match("\"other\"").send().status(200);
    // Another server of the same program and divisions has the same.
    assert_eq!(app.twin().anonymous().get("/bootstrap").etag(), one);
}

fn a_new_division_is_in_it(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, twin) = (app.admin(), app.twin());
    let before = twin.anonymous().get("/bootstrap").status(200).etag();
    let town = json!({"division_code": SHAN, "code": "371722990", "name": "试验镇", "level": "township",
        "kind": "administrative", "parent_code": SHAN, "valid_from": "2020-01-01"});
    let made = admin.post("/divisions", town).status(201);
    let reads = |text: &str, there: bool| {
        for server in [&app, &twin] {
            let now = || server.anonymous().get("/bootstrap").status(200).text().contains(text) == there;
            let found = (0..200).any(|_| {
                now() || {
                    sleep(Duration::from_millis(25));
                    false
                }
            });
            assert!(found, "{text} is {there} within five seconds");
        }
    };
    reads("试验镇", true);
    assert_ne!(twin.anonymous().get("/bootstrap").etag(), before);
    admin.patch_if(&format!("/divisions/{}", made.id()), "\"r1\"", json!({"name": "改名镇"})).status(200);
    reads("试验镇", false);
    reads("改名镇", true);
    admin.delete_if(&format!("/divisions/{}", made.id()), "\"r2\"").status(204);
    reads("改名镇", false);
    assert_eq!(twin.anonymous().get("/bootstrap").etag(), before);
}
