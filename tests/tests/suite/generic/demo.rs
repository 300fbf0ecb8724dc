//! The demo data on a running server: every state of every machine is there, a refused step says what it
//! compared, and what waits is counted as it is shown.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    resource::Resource,
    steps::{state_field, verbs_of},
};
use crate::support::{App, Case, Ctx, cases, client::Client};

pub fn tests() -> Vec<Case> {
    cases![the_demo_stands_in_every_state_and_its_worklists_show_what_they_count]
}

/// The day of the demo's clock.
const DAY: &str = "2021-12-31";
/// The county of the report with the most to do.
const COUNTY: &str = "371722";

/// One load serves all that is asked of it: it is the largest part of the time.
fn the_demo_stands_in_every_state_and_its_worklists_show_what_they_count(ctx: &Ctx) {
    let app = ctx.app();
    let loaded = app.cli(&["demo"]).output().expect("run the command");
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    every_state_of_every_machine_has_a_record(&app);
    a_step_from_the_wrong_state_says_which_and_what_is_open(&app);
    every_list_shows_what_it_counts(&app);
}

fn every_state_of_every_machine_has_a_record(app: &App) {
    let city = app.admin();
    let (mut machines, mut missing) = (0, BTreeSet::new());
    for r in Resource::all(city.contract()) {
        let Some(field) = state_field(&r) else { continue };
        machines += 1;
        assert!(r.filters.iter().any(|name| name == field), "{} cannot be filtered by its state", r.path);
        let states = r.field(field).expect("the field").schema["x-extensible-enum"].as_array().expect("states").clone();
        for state in states.iter().filter_map(Value::as_str) {
            let page = city.get(&format!("{}?filter[{field}]={state}&limit=1", r.url())).status(200);
            if page.items().is_empty() {
                missing.insert(format!("{} {state}", r.path));
            }
        }
    }
    assert!(machines >= 10, "only {machines} resources have states");
    assert!(missing.is_empty(), "the demo has no record in {missing:?}");
}

/// In each state each verb that does not leave it is refused with the state and the verbs that do.
fn a_step_from_the_wrong_state_says_which_and_what_is_open(app: &App) {
    let city = app.admin();
    for r in Resource::all(city.contract()) {
        let Some(field) = state_field(&r) else { continue };
        let verbs = verbs_of(city.contract(), &r);
        let states = r.field(field).expect("the field").schema["x-extensible-enum"].as_array().expect("states").clone();
        for state in states.iter().filter_map(Value::as_str) {
            let page = city.get(&format!("{}?filter[{field}]={state}&limit=1", r.url())).status(200);
            let id = page.items()[0]["id"].as_str().expect("an id").to_owned();
            let open: Vec<&str> = verbs.iter().filter(|v| v.leaves(state)).map(|v| v.name).collect();
            for verb in verbs.iter().filter(|v| !v.leaves(state)) {
                let path = format!("{}/{}", r.one(&id), verb.name);
                let refused = city.request("POST", &path).prefer("dry-run").json(json!({})).send();
                if refused.status == 422 {
                    // What is taken once says so in its own words.
                    let text = refused["errors"][0]["message"].as_str().expect("a message");
                    assert!(text.chars().any(|c| c.is_ascii_digit()), "{path} in {state}: {text} names no value");
                    continue;
                }
                let refused = refused.status(409).problem("wrong_state");
                let text = refused["errors"][0]["message"].as_str().expect("a message").to_owned();
                assert!(text.contains(state), "{path} in {state}: {text}");
                assert!(open.iter().all(|verb| text.contains(verb)), "{path} in {state}: {text} lacks one of {open:?}");
            }
        }
    }
}

/// All items behind a link, through all its pages.
fn behind(client: &Client, link: &str) -> usize {
    let link = link.strip_prefix("/api/v1").expect("a link below the base path");
    let (mut count, mut token) = (0, String::new());
    loop {
        let page = client.get(&format!("{link}{token}")).status(200);
        count += page.items().len();
        let Some(next) = page["next_page_token"].as_str() else { return count };
        token = format!("{}page_token={next}", if link.contains('?') { '&' } else { '?' });
    }
}

fn every_list_shows_what_it_counts(app: &App) {
    let mut filled = BTreeSet::new();
    let mut all = BTreeSet::new();
    for client in [app.admin(), app.user("county_admin", COUNTY), app.user("county_admin", "371721")] {
        let lists = client.get(&format!("/worklists?as_of={DAY}&empty=true")).status(200);
        for list in lists.items() {
            let (name, count) = (list["name"].as_str().expect("a name"), list["count"].as_u64().expect("a count"));
            let found = behind(&client, list["link"].as_str().expect("a link")) as u64;
            if list["more"] == true {
                assert!(found > count, "{name}: more than {count}, and the link shows {found}");
            } else {
                assert_eq!(found, count, "{name}: {}", list["link"]);
            }
            all.insert(name.to_owned());
            if count > 0 {
                filled.insert(name.to_owned());
            }
        }
    }
    // What waits nowhere in the demo proves nothing here.
    let empty: Vec<&String> = all.difference(&filled).collect();
    assert!(empty.len() * 4 <= all.len(), "nothing waits in {empty:?}");
}
