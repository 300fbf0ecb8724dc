//! Other data, another year, other words: nothing of a report is fixed but its form.
use crate::support::{Case, Ctx, cases};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![figures_are_those_of_the_rows_of_the_year, questions_that_make_no_sense_are_refused]
}

fn figures_are_those_of_the_rows_of_the_year(ctx: &Ctx) {
    let app = ctx.app();
    let city = app.admin();
    let programme = json!({
        "code": "LECTURES-2023", "name": "宣讲", "theme": "plenary_session", "starts_on": "2023-01-01",
        "targets": [{"metric": "sessions", "op": "eq", "value": 40}, {"metric": "audience", "op": "gte", "value": 500}],
        "division_code": "371700",
    });
    let programme = city.post("/programmes", programme).status(201).id();
    let session = |day: &str, audience: i32, status: &str, division: &str| {
        json!({
            "programme_id": programme, "kind": "lecture", "title": "宣讲一场", "held_on": day, "venue_kind": "community",
            "audience_count": audience, "status": status, "division_code": division,
        })
    };
    for (day, audience, status, division) in [
        ("2023-03-01", 30, "held", "371722"),
        ("2023-04-01", 45, "held", "371721"),
        ("2023-12-31", 25, "held", "371721"),
        // None of these is of the year, or was held.
        ("2024-01-01", 500, "held", "371722"),
        ("2022-12-31", 500, "held", "371722"),
        ("2023-05-01", 500, "planned", "371722"),
    ] {
        city.post("/activities", session(day, audience, status, division)).status(201);
    }
    let figure = |id: &str, more: &str| city.get(&format!("/figures/{id}?year=2023{more}")).status(200);
    let said = |f: &Value| (f["value"].as_i64(), f["display_text"].as_str().map(str::to_owned));
    let is = |value: i64, text: &str| (Some(value), Some(text.to_owned()));
    assert_eq!(said(figure("F02", "").json()), is(40, "40场"));
    assert_eq!(said(figure("F03", "").json()), is(500, "500人以上"));
    assert_eq!(said(figure("F04", "").json()), is(3, "3场"));
    assert_eq!(said(figure("F05", "").json()), is(100, "100人"));
    assert_eq!(said(figure("F34", "").json()), is(2, "2项指标"));
    // As of a day, and of one county.
    assert_eq!(said(figure("F05", "&as_of=2023-06-30").json()), is(75, "75人"));
    assert_eq!(said(figure("F05", "&division=371721").json()), is(70, "70人"));
    let counties = figure("F05", "");
    assert_eq!(
        counties["counties"],
        json!([{"division_code": "371721", "value": 70}, {"division_code": "371722", "value": 30}])
    );
    let report = city.get("/reports/annual?year=2023").status(200);
    let text = report.text();
    assert!(text.contains("已开展宣讲活动3场，受众100人"), "{text}");
    assert!(!text.contains("疗养院") && !text.contains("门球"), "what has no rows is not said");
    let before = city.get("/reports/annual?year=2024").status(200);
    let figures = before["sections"][0]["figures"].as_array().unwrap();
    let f05 = figures.iter().find(|f| f["figure_id"] == "F05").unwrap();
    let of_2024 = (&f05["value"], &f05["year_before"]["value"], &f05["year_before"]["change"]);
    assert_eq!(of_2024, (&json!(500), &json!(100), &json!(400)));
}

fn questions_that_make_no_sense_are_refused(ctx: &Ctx) {
    let app = ctx.app();
    let city = app.admin();
    for (query, name) in [
        ("", "/year"),
        ("year=21", "/year"),
        ("year=2021&as_of=yesterday", "/as_of"),
        ("year=2021&division=x", "/division"),
        ("year=2021&format=doc", "/format"),
    ] {
        city.request("GET", &format!("/reports/annual?{query}")).unchecked().send().status(400).error_at(
            name,
            match name {
                "/as_of" => "date_format",
                "/division" => "division_format",
                "/year" if query.is_empty() => "required",
                "/year" => "too_small",
                _ => "wrong_type",
            },
        );
    }
    city.request("GET", "/figures/F99?year=2021").send().status(404);
    app.user("unit_user", "371722").get("/figures/F04?year=2021").status(403);
    app.user("auditor", "371722").get("/figures/F04?year=2021").status(200);
}
