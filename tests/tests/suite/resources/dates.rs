//! Dates of which the month or the day is unknown: order and filters at each precision.

use serde_json::json;

use super::make::{SHAN, cadre_of, names, unit, with};
use crate::support::{App, Case, Ctx, cases, response::Response};

pub fn tests() -> Vec<Case> {
    cases![
        a_date_is_found_at_every_precision,
        comparisons_take_a_date_by_its_first_and_last_day,
        dates_of_all_precisions_stand_in_one_order,
        what_is_no_date_is_refused,
        days_are_written_in_full,
    ]
}

/// Born at the end of 1929, in 1930, in May of it, on a day of that month, and on the first day of 1931.
const BORN: [(&str, &str); 5] = [
    ("前年底", "1929-12-31"),
    ("只知年", "1930"),
    ("只知月", "1930-05"),
    ("知其日", "1930-05-12"),
    ("次年初", "1931-01-01"),
];

fn a_date_is_found_at_every_precision(ctx: &Ctx) {
    let app = with_five(ctx);
    assert_eq!(found(&app, "filter[birth_date]", "1930"), ["只知年", "只知月", "知其日"]);
    assert_eq!(found(&app, "filter[birth_date]", "1930-05"), ["只知月", "知其日"]);
    assert_eq!(found(&app, "filter[birth_date]", "1930-05-12"), ["知其日"]);
    assert_eq!(found(&app, "filter[birth_date]", "1930-05-13"), [""; 0]);
    assert_eq!(found(&app, "filter[birth_date]", "1930-06"), [""; 0]);
    assert_eq!(found(&app, "filter[birth_date]", "1929"), ["前年底"]);
}

fn comparisons_take_a_date_by_its_first_and_last_day(ctx: &Ctx) {
    let app = with_five(ctx);
    let claims: [(&str, &str, &[&str]); 14] = [
        ("gte", "1930", &["只知年", "只知月", "知其日", "次年初"]),
        ("gte", "1930-01-01", &["只知年", "只知月", "知其日", "次年初"]),
        ("gte", "1930-05", &["只知月", "知其日", "次年初"]),
        ("gte", "1930-05-02", &["知其日", "次年初"]),
        ("gte", "1930-05-12", &["知其日", "次年初"]),
        ("gt", "1930", &["次年初"]),
        ("gt", "1930-05", &["次年初"]),
        ("gt", "1929-12-31", &["只知年", "只知月", "知其日", "次年初"]),
        ("lte", "1930", &["前年底", "只知年", "只知月", "知其日"]),
        ("lte", "1930-05", &["前年底", "只知年", "只知月", "知其日"]),
        ("lte", "1930-05-11", &["前年底", "只知年", "只知月"]),
        ("lt", "1930", &["前年底"]),
        ("lt", "1930-05", &["前年底", "只知年"]),
        ("lt", "1931-01-01", &["前年底", "只知年", "只知月", "知其日"]),
    ];
    for (operator, value, expected) in claims {
        assert_eq!(found(&app, &format!("filter[birth_date][{operator}]"), value), expected, "{operator} {value}");
    }
    let between = [("filter[birth_date][gte]", "1930-02"), ("filter[birth_date][lt]", "1931"), ("sort", "birth_date")];
    let between = app.admin().request("GET", "/cadres").query(&between).send().status(200);
    assert_eq!(names(&between), ["只知月", "知其日"]);
}

fn dates_of_all_precisions_stand_in_one_order(ctx: &Ctx) {
    let app = with_five(ctx);
    let all = BORN.map(|(name, _)| name);
    assert_eq!(names(&app.admin().get("/cadres?sort=birth_date")), all);
    let backwards: Vec<&str> = all.into_iter().rev().collect();
    assert_eq!(names(&app.admin().get("/cadres?sort=-birth_date")), backwards);
    let first = app.admin().get("/cadres?sort=birth_date&limit=2").status(200);
    let token = first["next_page_token"].as_str().expect("there is more").to_owned();
    let rest = app.admin().get(&format!("/cadres?sort=birth_date&page_token={token}")).status(200);
    assert_eq!([names(&first), names(&rest)].concat(), all);
}

fn what_is_no_date_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let body = cadre_of(&unit(&app.admin(), SHAN), SHAN);
    let wrong = [
        "",
        "30",
        "1930-5",
        "1930-13",
        "1930-00",
        "1930-02-30",
        "1929-02-29",
        "1930-05-12-01",
        "1930-05-12T00:00:00Z",
        "+1930",
        "-1930",
        "1799",
        "2200",
        "１９３０",
        "1930/05/12",
        "1930-05-12 ",
        "19300512",
    ];
    for text in wrong {
        let refused = app.admin().post("/cadres", with(body.clone(), json!({"birth_date": text}))).status(422);
        refused.problem("validation_failed").error_at("/birth_date", "partial_date_format");
        let asked =
            app.admin().request("GET", "/cadres").query(&[("filter[birth_date][gte]", text)]).send().status(400);
        asked.problem("invalid_parameter").error_at("/filter[birth_date][gte]", "partial_date_format");
    }
    for text in ["1800", "1930", "1930-05", "1928-02-29", "1930-12-31"] {
        let made = app.admin().post("/cadres", with(body.clone(), json!({"birth_date": text}))).status(201);
        assert_eq!(made["birth_date"], text);
    }
}

fn days_are_written_in_full(ctx: &Ctx) {
    let app = ctx.app();
    let standard = |from: &str| {
        let body = json!({"kind": "nursing", "scope": from, "amount": "1.00", "valid_from": from});
        app.admin().post("/benefit-standards", body)
    };
    for text in ["2021", "2021-1-1", "2021-02-29", "2021-01-01T00:00:00Z", "20210101", "01.01.2021", "+2021-01-01"] {
        standard(text).status(422).problem("validation_failed").error_at("/valid_from", "date_format");
    }
    assert_eq!(standard("2020-02-29").status(201)["valid_from"], "2020-02-29");
}

fn with_five(ctx: &Ctx) -> App {
    let app = ctx.app();
    let unit = unit(&app.admin(), SHAN);
    // Not in their order, so that it is none by chance.
    for at in [3, 0, 4, 1, 2] {
        let (name, born) = BORN[at];
        let person = with(cadre_of(&unit, SHAN), json!({"name": name, "birth_date": born}));
        app.admin().post("/cadres", person).status(201);
    }
    app
}

fn found(app: &App, filter: &str, value: &str) -> Vec<String> {
    let list: Response = app.admin().request("GET", "/cadres?sort=birth_date").query(&[(filter, value)]).send();
    names(&list.status(200)).into_iter().map(str::to_owned).collect()
}
