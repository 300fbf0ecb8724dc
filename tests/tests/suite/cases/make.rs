//! The least that a case needs around its subject.
use crate::support::{App, client::Client, response::Response};
use serde_json::{Value, json};

/// A caller of the city that is shown sensitive fields, and the id of a unit in Shan County.
pub fn start(app: &App) -> (Client, String) {
    let city = app.token(&["*:*", "fields:sensitive"], "371700");
    let unit = json!({"name": "单县某某局", "kind": "organ", "division_code": "371722"});
    let unit = city.post("/units", unit).status(201).id();
    (city, unit)
}

/// The fields of a plain retired cadre, with some of them changed.
pub fn cadre(unit: &str, change: Value) -> Value {
    let plain = json!({
        "name": "试验者", "birth_date": "1935-05-01", "ethnicity": "01", "unit_id": unit,
        "retire_type": "tuixiu", "retire_date": "1995-06", "division_code": "371722",
    });
    with(plain, change)
}

/// `base` with the fields of `change`.
pub fn with(mut base: Value, change: Value) -> Value {
    for (name, value) in change.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

/// A cadre who is a full member of an organization since the dates given; both ids.
pub fn member(city: &Client, unit: &str, organization: &str, dates: Value) -> String {
    let person = city.post("/cadres", cadre(unit, json!({}))).status(201).id();
    let membership =
        with(json!({"cadre_id": person, "party_organization_id": organization, "division_code": "371722"}), dates);
    city.post("/party-memberships", membership).status(201);
    person
}

/// A branch that is being prepared.
pub fn branch(city: &Client) -> String {
    let branch = json!({"name": "单县某某小区党支部", "kind": "residential_branch", "division_code": "371722"});
    city.post("/party-organizations", branch).status(201).id()
}

/// The state in which a person is among the candidates of a year, if at all.
pub fn candidate(city: &Client, year: i32, person: &str) -> Option<String> {
    let page = city.get(&format!("/honors/party50-candidates?year={year}")).status(200);
    let found = page.items().iter().find(|c| c["cadre_id"] == person);
    found.map(|c| c["state"].as_str().unwrap().to_owned())
}

/// Codes of the warnings of an answer.
pub fn warnings(answer: &Response) -> Vec<&str> {
    answer["warnings"].as_array().into_iter().flatten().filter_map(|w| w["code"].as_str()).collect()
}
