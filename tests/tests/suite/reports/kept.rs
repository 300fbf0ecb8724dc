//! Reports that are kept: "not modified" as long as nothing is written, by whichever server.
use crate::cases::make::{cadre, start};
use crate::support::{Case, Ctx, cases, client::Client};
use serde_json::json;

pub fn tests() -> Vec<Case> {
    cases![a_kept_report_is_good_until_something_is_written]
}

const R1: &str = "/statistics/R1?year=2021";

fn a_kept_report_is_good_until_something_is_written(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let other_server = app.twin();
    let elsewhere = other_server.anonymous().bearing(city.bearer().unwrap());
    let lixiu = || cadre(&unit, json!({"retire_type": "lixiu", "join_revolution_date": "1947", "birth_date": "1930"}));
    for path in [
        R1,
        "/reports/annual?year=2021",
        "/reports/annual?year=2021&format=csv",
        "/statistics/R1?year=2021&format=xlsx",
    ] {
        let first = city.get(path).status(200);
        let etag = first.etag();
        assert!(etag.starts_with('"'), "a strong one: {etag}");
        city.request("GET", path).if_none_match(&etag).send().status(304).has_header("etag", &etag);
        let again = city.get(path).status(200);
        assert_eq!((again.etag(), &again.body), (etag.clone(), &first.body));
        // The other server has made the same of the same.
        let same = elsewhere.get(path).status(200);
        assert_eq!((same.etag(), &same.body), (etag.clone(), &first.body), "{path}");
        // Each server learns of what the other one writes.
        for writer in [&city, &elsewhere] {
            let total = |client: &Client| client.get(R1).status(200)["total"]["values"]["total"].as_i64().unwrap();
            let before = total(&city);
            writer.post("/cadres", lixiu()).status(201);
            assert_eq!((total(&city), total(&elsewhere)), (before + 1, before + 1));
            for reader in [&city, &elsewhere] {
                let now = reader.request("GET", path).if_none_match(&etag).send().status(200);
                assert_ne!(now.etag(), etag, "something was written");
            }
        }
    }
    // What differs in anything that matters has a tag of its own.
    let tags: Vec<String> = [
        R1.to_owned(),
        format!("{R1}&as_of=2021-06-30"),
        format!("{R1}&by=unit"),
        format!("{R1}&division=371722"),
        format!("{R1}&format=csv"),
        "/statistics/R1?year=2020".to_owned(),
        "/statistics/R2?year=2021".to_owned(),
    ]
    .iter()
    .map(|path| city.get(path).status(200).etag())
    .collect();
    let different: std::collections::HashSet<&String> = tags.iter().collect();
    assert_eq!(different.len(), tags.len());
    assert_eq!(city.get(&format!("{R1}&as_of=2021-12-31")).etag(), tags[0], "the default is the end of the year");
    assert_ne!(app.admin().get(R1).status(200).etag(), tags[0], "another reader, another sight");
}
