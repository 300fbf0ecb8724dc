//! Places of an activity: as many are given as there are, and each that becomes free goes to who has waited longest.

use serde_json::{Value, json};

use super::{Doors, at_once, records};
use crate::support::{Case, Ctx, cases, client::Client, response::Response};

pub fn tests() -> Vec<Case> {
    cases![places_are_given_once_each, places_that_become_free_are_given_to_those_who_wait]
}

const PLACES: usize = 10;
const CLIENTS: usize = 32;

fn setting(admin: &Client) -> (String, Vec<String>) {
    let unit = admin.post("/units", records::unit("活动")).status(201).id();
    let people: Vec<Value> = (0..CLIENTS).map(|n| records::cadre(&format!("报名{n}"), &unit, None)).collect();
    (visit(admin), records::batch(admin, "/cadres", &people))
}

fn visit(admin: &Client) -> String {
    let visit = json!({
        "kind": "field_visit", "title": "参观", "held_on": "2199-01-15", "venue_kind": "other", "capacity": PLACES,
    });
    admin.post("/activities", visit).status(201).id()
}

fn signs_up(client: &Client, activity: &str, person: &str) -> Response {
    client.post("/activity-signups", json!({"activity_id": activity, "cadre_id": person})).status(201)
}

/// The sign-ups in a state, those first who came first.
fn in_state(admin: &Client, activity: &str, state: &str) -> Vec<Value> {
    let path =
        format!("/activity-signups?filter[activity_id]={activity}&filter[status]={state}&sort=created_at&limit=500");
    admin.get(&path).status(200).items().to_vec()
}

fn places_are_given_once_each(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let (first, people) = setting(&admins[0]);
    let more = (0..2).map(|_| visit(&admins[0]));
    for activity in [first].into_iter().chain(more).collect::<Vec<_>>() {
        let all = at_once(CLIENTS, |n| signs_up(&admins[n % admins.len()], &activity, &people[n]));
        let placed = all.iter().filter(|answer| answer["status"] == "signed_up").count();
        assert_eq!((placed, all.len() - placed), (PLACES, CLIENTS - PLACES));
        assert_eq!(in_state(&admins[0], &activity, "signed_up").len(), PLACES);
        assert_eq!(in_state(&admins[0], &activity, "waiting").len(), CLIENTS - PLACES);
    }
}

fn places_that_become_free_are_given_to_those_who_wait(ctx: &Ctx) {
    let doors = Doors::open(ctx);
    let admins = doors.admins();
    let (activity, people) = setting(&admins[0]);
    people.iter().for_each(|person| drop(signs_up(&admins[0], &activity, person)));
    let (placed, waiting) = (in_state(&admins[0], &activity, "signed_up"), in_state(&admins[0], &activity, "waiting"));
    assert_eq!((placed.len(), waiting.len()), (PLACES, CLIENTS - PLACES));
    // Six who have a place cancel, and the last who waits, all at once.
    let mut leaving: Vec<&Value> = placed.iter().take(6).collect();
    leaving.extend(waiting.last());
    at_once(leaving.len(), |n| {
        let path = format!("/activity-signups/{}/cancel", leaving[n]["id"].as_str().expect("an id"));
        admins[n % admins.len()].post(&path, json!({})).status(200)
    });
    let (now, left) = (in_state(&admins[0], &activity, "signed_up"), in_state(&admins[0], &activity, "waiting"));
    assert_eq!((now.len(), left.len()), (PLACES, CLIENTS - PLACES - 7));
    let ids = |list: &[Value]| list.iter().map(|s| s["id"].clone()).collect::<Vec<_>>();
    let expected: Vec<Value> = ids(&placed).into_iter().skip(6).chain(ids(&waiting).into_iter().take(6)).collect();
    assert_eq!(ids(&now), expected, "those who have waited longest");
    assert_eq!(ids(&left), ids(&waiting)[6..waiting.len() - 1]);
}
