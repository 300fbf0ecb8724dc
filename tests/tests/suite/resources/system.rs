//! The endpoints of the server itself, and its catalogues.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![
        the_catalogue_explains_every_problem_in_two_languages,
        every_code_set_of_the_contract_has_its_labels,
        the_contract_is_served_in_two_versions,
        the_docs_page_needs_nothing_from_elsewhere,
        metrics_tell_of_requests_and_of_nobody,
        the_server_tells_that_it_is_well,
        numbers_are_checked_without_being_stored,
    ]
}

fn the_catalogue_explains_every_problem_in_two_languages(ctx: &Ctx) {
    let app = ctx.app();
    let all = app.anonymous().get("/problems").status(200);
    let mut codes = BTreeSet::new();
    for item in all.items() {
        let code = item["code"].as_str().expect("a code");
        assert!(codes.insert(code), "{code} twice");
        let text = |language: &str| item[language].as_str().unwrap_or_default().to_owned();
        assert!(!text("zh").is_ascii() && text("en").is_ascii() && text("en").len() > 5, "{item}");
        let problem = item["kind"] == "problem";
        assert!(problem || item["kind"] == "rule");
        assert_eq!(item["status"].is_u64(), problem, "{item}");
        let one = app.anonymous().get(&format!("/problems/{code}")).status(200);
        assert_eq!(one.json(), item);
    }
    assert!(codes.len() > 60, "{}", codes.len());
    let contract = app.anonymous().contract().document();
    let known = &contract["components"]["schemas"]["Problem"]["properties"]["code"]["x-extensible-enum"];
    let known: Vec<&str> = known.as_array().expect("codes").iter().filter_map(Value::as_str).collect();
    assert!(known.len() > 20 && known.iter().all(|code| codes.contains(code)));
    // Where the contract shows an example of a problem, it is the one of the catalogue.
    let mut shown = BTreeSet::new();
    for (status, response) in contract["components"]["responses"].as_object().expect("responses") {
        let examples = response["content"]["application/problem+json"]["examples"].as_object();
        for (code, example) in examples.into_iter().flatten() {
            let item = all.items().iter().find(|item| item["code"] == *code).expect("it is in the catalogue");
            assert_eq!(example["value"]["status"], item["status"]);
            assert_eq!(example["value"]["title"], item["zh"]);
            assert_eq!(*status, format!("Problem{}", item["status"]));
            shown.insert(code.as_str());
        }
    }
    assert!(shown.len() > 20 && shown.iter().all(|code| known.contains(code)));
    app.anonymous().get("/problems/no_such_problem").status(404).problem("not_found");
}

fn every_code_set_of_the_contract_has_its_labels(ctx: &Ctx) {
    let app = ctx.app();
    let sets = app.anonymous().get("/codes").status(200);
    for set in sets.items() {
        let name = set["set"].as_str().expect("a name");
        assert_eq!(app.anonymous().get(&format!("/codes/{name}")).status(200).json(), set);
        assert!(!set["zh"].as_str().unwrap().is_ascii() && !set["en"].as_str().unwrap().is_empty());
        for code in set["codes"].as_array().expect("codes") {
            assert!(!code["code"].as_str().unwrap().is_empty() && !code["zh"].as_str().unwrap().is_empty(), "{code}");
            assert!(!code["en"].as_str().unwrap().is_empty(), "{code}");
        }
    }
    let mut used = BTreeSet::new();
    walk(app.anonymous().contract().document(), &mut |schema| {
        let Some(name) = schema["x-code-set"].as_str() else { return };
        let set =
            sets.items().iter().find(|set| set["set"] == name).unwrap_or_else(|| panic!("there is no set {name}"));
        let labelled: Vec<&Value> = set["codes"].as_array().unwrap().iter().map(|code| &code["code"]).collect();
        let known: Vec<&Value> = schema["x-extensible-enum"].as_array().expect("known codes").iter().collect();
        assert_eq!(labelled, known, "{name}");
        used.insert(name.to_owned());
    });
    assert!(used.len() > 20, "{used:?}");
    app.anonymous().get("/codes/no_such_set").status(404).problem("not_found");
}

fn the_contract_is_served_in_two_versions(ctx: &Ctx) {
    let app = ctx.app();
    let (new, old) =
        (app.anonymous().get("/openapi.json").status(200), app.anonymous().get("/openapi-3.0.json").status(200));
    assert_eq!((&new["openapi"], &old["openapi"]), (&json!("3.1.0"), &json!("3.0.3")));
    let paths = |document: &Value| document["paths"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(paths(new.json()), paths(old.json()));
    let mut ids = BTreeSet::new();
    for operation in app.anonymous().contract().operations() {
        let said = &operation.definition;
        assert!(ids.insert(&operation.id), "{} twice", operation.id);
        assert!(
            said["summary"].is_string() && said["tags"][0].is_string() && said["security"].is_array(),
            "{}",
            operation.id
        );
        assert!(said["responses"]["500"].is_object(), "{}", operation.id);
    }
    // What 3.0 does not know: a list of types, and examples without names.
    walk(old.json(), &mut |schema| assert!(!schema["type"].is_array() && !schema["examples"].is_array(), "{schema}"));
}

fn the_docs_page_needs_nothing_from_elsewhere(ctx: &Ctx) {
    let app = ctx.app();
    let to = app.anonymous().get("/docs").status(301).has_header("location", "/docs/");
    assert!(to.body.is_empty());
    let page = app.anonymous().get("/docs/").status(200);
    assert_eq!(page.content_type(), "text/html");
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'self'")));
    let links = page.text().split('"').filter(|text| text.contains(".js") || text.contains(".css")).collect::<Vec<_>>();
    assert!(!links.is_empty());
    for link in links {
        assert!(!link.contains("//"), "{link}");
        app.anonymous().get(&format!("/docs/{}", link.trim_start_matches("./"))).status(200);
    }
    for odd in ["/docs/no-such-file", "/docs/../Cargo.toml", "/docs/%2e%2e/%2e%2e/etc/passwd", "/docs/..%2fx"] {
        let answer = app.anonymous().request("GET", odd).send();
        assert!(matches!(answer.status, 400 | 404), "{answer}");
    }
}

fn metrics_tell_of_requests_and_of_nobody(ctx: &Ctx) {
    let app = ctx.app();
    app.admin().get("/units").status(200);
    app.admin().get("/cadres/0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01").status(404);
    let metrics = app.anonymous().get("/metrics").status(200);
    assert_eq!(metrics.content_type(), "text/plain");
    let text = metrics.text();
    assert!(text.contains("/api/v1/units") && text.contains("not_found") && text.contains("# TYPE laogan"), "{text}");
    assert!(!text.contains("0192f0c1"), "a pattern of a path, never a path");
}

fn the_server_tells_that_it_is_well(ctx: &Ctx) {
    let app = ctx.app();
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(app.anonymous().get(path).status(200)["status"], "ok");
    }
    let keys = app.anonymous().get("/.well-known/jwks.json").status(200);
    assert_eq!((&keys["keys"][0]["alg"], &keys["keys"][0]["crv"]), (&json!("EdDSA"), &json!("Ed25519")));
    assert!(keys["keys"][0]["d"].is_null(), "the secret half stays here");
}

fn numbers_are_checked_without_being_stored(ctx: &Ctx) {
    let app = ctx.app();
    let id = |value: &str| app.admin().post("/validate/id-number", json!({"value": value}));
    let old = id("372925280307002").status(200);
    let expected = json!({"normalized": "372925192803070020", "legacy": true, "sex": "2", "birth_date": "1928-03-07"});
    assert_eq!(old.json(), &expected);
    for (value, rule) in [
        ("340524198001010010", "id_checksum"),
        ("37292519300231001X", "id_birth_date"),
        ("992925192803070020", "id_region"),
        ("3729251928030700", "id_length"),
        ("37292519280307002a", "id_format"),
        ("", "id_length"),
    ] {
        let refused = id(value).status(422).problem("validation_failed").error_at("/value", rule);
        assert!(value.is_empty() || !refused.text().contains(value), "a message never repeats the number");
    }
    let uscc = |value: &str| app.admin().post("/validate/uscc", json!({"value": value}));
    assert_eq!(uscc("1137170000teat018m").status(200)["normalized"], "1137170000TEAT018M");
    for (value, rule) in
        [("1137170000TEAT0180", "uscc_checksum"), ("113717", "uscc_length"), ("1137170000TEAT01IM", "uscc_format")]
    {
        uscc(value).status(422).problem("validation_failed").error_at("/value", rule);
    }
    for body in [json!({}), json!({"value": 7}), json!({"value": "x", "more": 1}), json!("x")] {
        app.admin().post("/validate/uscc", body).status(422).problem("validation_failed");
    }
}

/// Shows every object of a document.
fn walk(value: &Value, see: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(map) => {
            see(value);
            map.values().for_each(|value| walk(value, see));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, see)),
        _ => {}
    }
}
