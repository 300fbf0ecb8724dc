//! Records for tests that have something else to tell. All persons are invented.

use serde_json::{Value, json};

use crate::support::{client::Client, random, response::Response};

/// The city, and two of its counties.
pub const CITY: &str = "371700";
pub const SHAN: &str = "371722";
pub const CAO: &str = "371721";

/// An ID number with a right check digit: a woman, born on 1928-03-07.
pub const ID_NUMBER: &str = "372925192803070020";

/// Fields on top of others.
pub fn with(mut base: Value, more: Value) -> Value {
    for (name, value) in more.as_object().expect("fields") {
        base[name] = value.clone();
    }
    base
}

pub fn unit(by: &Client, division: &str) -> String {
    let unit = json!({"division_code": division, "name": format!("某局{}", random()), "kind": "organ"});
    by.post("/units", unit).status(201).id()
}

/// A retired cadre of this unit with nothing but what must be there.
pub fn cadre_of(unit: &str, division: &str) -> Value {
    json!({
        "division_code": division, "unit_id": unit, "name": "孔令文", "birth_date": "1930-05-12", "ethnicity": "01",
        "retire_type": "tuixiu", "retire_date": "1990-06",
    })
}

/// A cadre with these fields in a unit of its own.
pub fn cadre(by: &Client, division: &str, fields: Value) -> Response {
    by.post("/cadres", with(cadre_of(&unit(by, division), division), fields)).status(201)
}

/// A cadre whose every sensitive field has a value.
pub fn secret_cadre(by: &Client, division: &str) -> Response {
    let secrets = json!({
        "id_number": ID_NUMBER, "sex": "2", "birth_date": "1928-03-07", "health_code": "20", "self_care": "partial",
        "disease_note": "高血压三级", "bank_card": "6200000000000000001", "retire_date": "1988-04",
    });
    cadre(by, division, secrets)
}

pub fn branch(by: &Client, division: &str, fields: Value) -> Response {
    let branch = json!({"division_code": division, "name": format!("第{}党支部", random()), "kind": "branch"});
    by.post("/party-organizations", with(branch, fields)).status(201)
}

/// The formal membership of a cadre in a branch.
pub fn member(by: &Client, division: &str, cadre: &str, branch: &str, fields: Value) -> Response {
    let member = json!({
        "division_code": division, "cadre_id": cadre, "party_organization_id": branch, "joined_on": "1965-05-10",
        "converted_on": "1966-05-10",
    });
    by.post("/party-memberships", with(member, fields))
}

/// The names of the records of a list, in its order.
pub fn names(list: &Response) -> Vec<&str> {
    list.items().iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

/// The ids of the records of a list, in its order.
pub fn ids(list: &Response) -> Vec<&str> {
    list.items().iter().map(|item| item["id"].as_str().expect("an id")).collect()
}
