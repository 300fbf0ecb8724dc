//! Small valid records.

use serde_json::{Value, json};

use crate::support::client::Client;

pub fn unit(name: &str) -> Value {
    json!({"name": name, "kind": "organ"})
}

/// A cadre who retired in an ordinary way.
pub fn cadre(name: &str, unit: &str, id_number: Option<&str>) -> Value {
    let mut cadre = json!({
        "name": name, "birth_date": "1942-05-12", "ethnicity": "01", "unit_id": unit, "retire_type": "tuixiu",
        "join_work_date": "1962-03", "retire_date": "2002-06",
    });
    if let Some(number) = id_number {
        cadre["id_number"] = number.into();
    }
    cadre
}

/// A valid citizen ID number; the same for the same `n`, another for another.
pub fn id_number(n: usize) -> String {
    let first = format!("371722{}{:02}{:02}{:03}", 1930 + n / 1000 % 60, n / 60_000 % 12 + 1, 12, n % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: usize = first.bytes().zip(weights).map(|(digit, weight)| usize::from(digit - b'0') * weight).sum();
    format!("{first}{}", &"10X98765432"[sum % 11..=sum % 11])
}

pub fn campaign(quota: usize) -> Value {
    json!({
        "name": "“本色家园”评选表扬", "kind": "bense_jiayuan", "year": 2021, "level": "city",
        "categories": [{"code": "party_member", "quota": quota}],
    })
}

pub fn commendation(campaign: &str, cadre: &str) -> Value {
    json!({
        "kind": "commendation", "campaign_id": campaign, "category": "party_member", "cadre_id": cadre,
        "title": "优秀共产党员", "level": "city",
    })
}

pub fn standard(scope: &str, from: &str, to: &str) -> Value {
    json!({"kind": "nursing", "scope": scope, "amount": "300.00", "valid_from": from, "valid_to": to})
}

/// Creates many records with one request, and gives their ids.
pub fn batch(client: &Client, path: &str, items: &[Value]) -> Vec<String> {
    let answer = client.post(&format!("{path}/batch"), json!({"items": items})).status(201);
    answer.items().iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}
