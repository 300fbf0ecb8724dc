//! Search by text.

use serde_json::json;

use super::make::{SHAN, names};
use crate::support::{App, Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![
        a_text_is_found_anywhere_in_the_name,
        the_signs_of_a_pattern_are_signs_like_others,
        letters_are_found_in_either_case,
        a_search_goes_with_filters_and_order,
        a_search_that_cannot_be_is_refused,
    ]
}

fn a_text_is_found_anywhere_in_the_name(ctx: &Ctx) {
    let app = with_units(ctx, &["菏泽市老干部局", "单县老干部局", "单县教育局"]);
    assert_eq!(found(&app, "老干部"), ["单县老干部局", "菏泽市老干部局"]);
    assert_eq!(found(&app, "单县"), ["单县教育局", "单县老干部局"]);
    assert_eq!(found(&app, "局"), ["单县教育局", "单县老干部局", "菏泽市老干部局"]);
    assert_eq!(found(&app, "单局"), [""; 0]);
    assert_eq!(found(&app, "  单县  "), ["单县教育局", "单县老干部局"]);
    assert_eq!(found(&app, "").len(), 3, "nothing asked is everything found");
}

fn the_signs_of_a_pattern_are_signs_like_others(ctx: &Ctx) {
    let units = ["完成100%的单位", "完成100分的单位", "a_b单位", "axb单位", r"反斜\杠", r"反斜\%", "一'二", "一\"二"];
    let app = with_units(ctx, &units);
    assert_eq!(found(&app, "100%"), ["完成100%的单位"]);
    assert_eq!(found(&app, "%"), [r"反斜\%", "完成100%的单位"]);
    assert_eq!(found(&app, "a_b"), ["a_b单位"]);
    assert_eq!(found(&app, "_"), ["a_b单位"]);
    assert_eq!(found(&app, r"\"), [r"反斜\%", r"反斜\杠"]);
    assert_eq!(found(&app, r"\%"), [r"反斜\%"]);
    assert_eq!(found(&app, r"\\"), [""; 0]);
    assert_eq!(found(&app, "'"), ["一'二"]);
    assert_eq!(found(&app, "\""), ["一\"二"]);
    assert_eq!(found(&app, "*"), [""; 0]);
    assert_eq!(found(&app, "[a-z]"), [""; 0]);
}

fn letters_are_found_in_either_case(ctx: &Ctx) {
    let app = with_units(ctx, &["TCL公司", "tcl分公司", "ＡＢＣ厂", "Émile学校", "ЗИЛ厂"]);
    assert_eq!(found(&app, "tcl"), ["TCL公司", "tcl分公司"]);
    assert_eq!(found(&app, "TCL"), ["TCL公司", "tcl分公司"]);
    // Whatever is done about the case of other letters, a name is found by itself.
    for name in ["ＡＢＣ厂", "Émile学校", "ЗИЛ厂"] {
        assert_eq!(found(&app, name), [name]);
    }
}

fn a_search_goes_with_filters_and_order(ctx: &Ctx) {
    let app = with_units(ctx, &["甲局", "乙局", "丙局", "丁校"]);
    let query = [("q", "局"), ("sort", "-name"), ("limit", "2"), ("count", "exact"), ("filter[kind]", "organ")];
    let first = app.admin().request("GET", "/units").query(&query).send().status(200);
    assert_eq!((names(&first), &first["count"]), (vec!["甲局", "乙局"], &json!(3)));
    let token = first["next_page_token"].as_str().expect("there is more").to_owned();
    let next = app.admin().request("GET", "/units").query(&query).query(&[("page_token", &token)]).send().status(200);
    assert_eq!(names(&next), ["丙局"]);
    let other = [("q", "校"), ("sort", "-name"), ("page_token", &token), ("filter[kind]", "organ")];
    app.admin().request("GET", "/units").query(&other).send().status(400).problem("page_token_mismatch");
    let none = [("q", "局"), ("filter[kind]", "enterprise")];
    assert_eq!(names(&app.admin().request("GET", "/units").query(&none).send()), [""; 0]);
    let export = app.admin().request("GET", "/units/export").query(&[("q", "校")]).send().status(200);
    assert_eq!(export.lines().len(), 1);
}

fn a_search_that_cannot_be_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    let ask = |path: &str, q: &str| app.admin().request("GET", path).query(&[("q", q)]).send();
    ask("/units", &"长".repeat(100)).status(200);
    ask("/units", &"长".repeat(101)).status(400).problem("invalid_parameter").error_at("/q", "too_long");
    ask("/units", "a\0b").status(400).problem("invalid_parameter").error_at("/q", "control_character");
    ask("/party-memberships", "王").status(400).problem("invalid_parameter").error_at("/q", "unknown_parameter");
}

fn with_units(ctx: &Ctx, names: &[&str]) -> App {
    let app = ctx.app();
    for name in names {
        let unit = json!({"division_code": SHAN, "name": name, "kind": "organ"});
        app.admin().post("/units", unit).status(201);
    }
    app
}

/// What a search finds, in the order of the names.
fn found(app: &App, q: &str) -> Vec<String> {
    let list = app.admin().request("GET", "/units?sort=name").query(&[("q", q)]).send().status(200);
    names(&list).into_iter().map(str::to_owned).collect()
}
