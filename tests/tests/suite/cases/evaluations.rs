//! Meetings, theme party days, and evaluations.
use super::make::{branch, start, warnings, with};
use crate::support::{Case, Ctx, cases};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![a_theme_day_has_the_fixed_items_in_force, an_evaluation_is_weighted_ranked_and_then_read_only,]
}

fn a_theme_day_has_the_fixed_items_in_force(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let organization = branch(&city);
    let item = |name: &str, kind: &str, from: &str, to: Option<&str>| {
        let mut item =
            json!({"name": name, "kind": kind, "position": 1, "valid_from": from, "division_code": "371700"});
        if let Some(to) = to {
            item["valid_to"] = json!(to);
        }
        city.post("/theme-day-items", item).status(201);
    };
    item("奏唱国歌", "fixed", "2019-01-01", None);
    item("重温入党誓词", "fixed", "2019-01-01", None);
    item("收看教育片", "fixed", "2017-01-01", Some("2018-12-31"));
    item("参观见学", "optional", "2019-01-01", None);
    let hold = |kind: &str, items: &[&str], on: &str| {
        let items: Vec<Value> = items.iter().map(|text| json!({"kind": "fixed", "text": text})).collect();
        let meeting = json!({
            "party_organization_id": organization, "kind": kind, "held_on": on, "items": items, "should_attend": 12,
            "attended": 10, "home_delivered": 2, "division_code": "371722",
        });
        city.post("/party-meetings", meeting)
    };
    let whole = hold("theme_day", &["奏唱国歌", "重温入党誓词"], "2021-07-01").status(201);
    assert_eq!(warnings(&whole), [""; 0]);
    let part = hold("theme_day", &["奏唱国歌"], "2021-07-01").status(201);
    assert_eq!(warnings(&part), ["theme_item_missing"]);
    assert!(part["warnings"][0]["message"].as_str().unwrap().contains("重温入党誓词"));
    assert_eq!(warnings(&hold("theme_day", &["收看教育片"], "2018-07-01").status(201)), [""; 0]);
    assert_eq!(warnings(&hold("lecture", &[], "2021-07-01").status(201)), [""; 0]);
    let crowd = json!({
        "party_organization_id": organization, "kind": "lecture", "held_on": "2021-07-01", "should_attend": 12,
        "attended": 13, "division_code": "371722",
    });
    city.post("/party-meetings", crowd.clone()).status(422).error_at("/attended", "too_large");
    let both = with(crowd, json!({"attended": 10, "home_delivered": 3}));
    city.post("/party-meetings", both).status(422).error_at("/home_delivered", "too_large");
}

fn an_evaluation_is_weighted_ranked_and_then_read_only(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let scheme = |weights: [i32; 2]| {
        let dimensions = [("a", weights[0]), ("b", weights[1])]
            .map(|(code, weight)| json!({"code": code, "name": code, "weight": weight}));
        let veto = json!({"code": "v", "name": "否决项"});
        json!({"name": "党建评价", "year": 2021, "dimensions": dimensions, "veto_items": [veto]})
    };
    city.post("/evaluation-schemes", scheme([50, 51])).status(422).error_at("/dimensions", "weights_sum_100");
    let made = city.post("/evaluation-schemes", scheme([30, 70])).status(201).id();
    let scores = |a: &str, b: &str| json!([{"dimension": "a", "score": a}, {"dimension": "b", "score": b}]);
    let evaluate = |a: &str, b: &str, vetoes: &[&str]| {
        let organization = branch(&city);
        let plain =
            json!({"evaluation_scheme_id": made, "party_organization_id": organization, "division_code": "371722"});
        let id = city.post("/evaluations", plain.clone()).status(201).id();
        city.post("/evaluations", plain).status(409).error_at("/party_organization_id", "too_many");
        let act = |verb: &str, body: Value| city.post(&format!("/evaluations/{id}/{verb}"), body);
        act("publish", json!({})).status(409).problem("wrong_state");
        act("assess", json!({"self_scores": [{"dimension": "c", "score": "1"}]}))
            .status(422)
            .error_at("/self_scores/0/dimension", "dimension_unknown");
        act("assess", json!({"self_scores": scores("100", "100")})).status(200);
        let half = json!({"scores": [{"dimension": "a", "score": a}]});
        act("review", half).status(422).error_at("/scores", "scores_incomplete");
        act("review", json!({"scores": scores("100.5", b)})).status(422).error_at("/scores/0/score", "too_large");
        let reviewed = act("review", json!({"scores": scores(a, b), "vetoes": vetoes})).status(200);
        (id, reviewed["total"].as_str().unwrap().to_owned())
    };
    let (first, total) = evaluate("92.5", "90", &[]);
    assert_eq!(total, "90.75");
    let (second, _) = evaluate("90", "91", &[]);
    let (same, total) = evaluate("92.5", "90", &[]);
    assert_eq!(total, "90.75");
    let (vetoed, _) = evaluate("100", "100", &["v"]);
    let (last, _) = evaluate("0", "0", &[]);
    let ranking = city.get(&format!("/evaluation-schemes/{made}/ranking")).status(200);
    let places: Vec<(&str, Option<u64>)> =
        ranking.items().iter().map(|i| (i["evaluation_id"].as_str().unwrap(), i["rank"].as_u64())).collect();
    let mut tied = [first.as_str(), same.as_str()];
    tied.sort_unstable();
    let expected = [
        (tied[0], Some(1)),
        (tied[1], Some(1)),
        (second.as_str(), Some(3)),
        (last.as_str(), Some(4)),
        (vetoed.as_str(), None),
    ];
    assert_eq!(places, expected);
    let published = city.post(&format!("/evaluations/{first}/publish"), json!({"synced_reward": true})).status(200);
    let change = city.patch_if(&format!("/evaluations/{first}"), &published.etag(), json!({"remark": "x"}));
    change.status(409).problem("wrong_state").error_at("/status", "published_read_only");
    let other = json!({"dimensions": [{"code": "a", "name": "a", "weight": 100}]});
    let one = format!("/evaluation-schemes/{made}");
    city.patch_if(&one, "\"r1\"", other).status(422).error_at("/dimensions", "scheme_in_use");
    city.patch_if(&one, "\"r1\"", json!({"name": "2021年度党建评价"})).status(200);
    city.post(
        "/evaluations",
        json!({"evaluation_scheme_id": made, "party_organization_id": branch(&city), "total": "99"}),
    )
    .status(422)
    .error_at("/total", "read_only");
}
