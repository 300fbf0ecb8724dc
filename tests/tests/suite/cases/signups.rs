//! How people sign up for an activity, wait for a place, and come.
use super::activities::{joins, team};
use super::make::{cadre, start, warnings, with};
use crate::support::{App, Case, Ctx, cases, client::Client, response::Response};
use serde_json::{Value, json};

const SHAN: &str = "371722";

pub fn tests() -> Vec<Case> {
    cases![
        who_finds_all_places_taken_waits_for_one,
        a_batch_of_sign_ups_fills_the_places_in_order,
        what_is_cancelled_needs_nobody,
        people_sign_up_in_time_and_once,
        a_death_leaves_teams_and_places,
    ]
}

/// A visit with places, planned for a day to come, and as many persons.
struct Visit {
    city: Client,
    id: String,
    people: Vec<String>,
}

impl Visit {
    fn new(app: &App, people: usize, change: Value) -> Self {
        let (city, unit) = start(app);
        let visit = json!({
            "kind": "field_visit", "title": "看发展变化", "held_on": "2199-01-15", "venue_kind": "other",
            "division_code": SHAN,
        });
        let id = city.post("/activities", with(visit, change)).status(201).id();
        let items: Vec<Value> = (0..people).map(|_| cadre(&unit, json!({}))).collect();
        let people = city.post("/cadres/batch", json!({"items": items})).status(201);
        let people = people.items().iter().map(|i| i["id"].as_str().expect("an id").to_owned()).collect();
        Self { city, id, people }
    }
    fn signup(&self, person: usize) -> Value {
        json!({"activity_id": self.id, "cadre_id": self.people[person], "division_code": SHAN})
    }
    fn signs_up(&self, person: usize) -> Response {
        self.city.post("/activity-signups", self.signup(person))
    }
    fn step(&self, signup: &str, verb: &str) -> Response {
        self.city.post(&format!("/activity-signups/{signup}/{verb}"), json!({}))
    }
    /// The state of each sign-up, in the order of the persons.
    fn states(&self) -> Vec<String> {
        let page = self.city.get(&format!("/activity-signups?filter[activity_id]={}&limit=100", self.id)).status(200);
        let of = |person: &String| page.items().iter().find(|s| s["cadre_id"] == person.as_str()).cloned();
        let state = |s: Value| s["status"].as_str().expect("a state").to_owned();
        self.people.iter().filter_map(of).map(state).collect()
    }
}

fn who_finds_all_places_taken_waits_for_one(ctx: &Ctx) {
    let app = ctx.app();
    let visit = Visit::new(&app, 6, json!({"capacity": 2}));
    let made: Vec<Response> = (0..5).map(|n| visit.signs_up(n).status(201)).collect();
    let ids: Vec<String> = made.iter().map(Response::id).collect();
    assert_eq!(warnings(&made[1]), [""; 0]);
    assert_eq!(warnings(&made[2]), ["waiting_list"]);
    assert_eq!(visit.states(), ["signed_up", "signed_up", "waiting", "waiting", "waiting"]);
    // Nobody jumps the queue while there is no place.
    visit.step(&ids[3], "promote").status(409).problem("capacity");
    visit.step(&ids[3], "check-in").status(409).problem("wrong_state");
    visit.step(&ids[0], "check-in").status(200);
    visit.step(&ids[0], "cancel").status(409).problem("wrong_state");
    visit.step(&ids[1], "cancel").status(200);
    assert_eq!(visit.states(), ["checked_in", "cancelled", "signed_up", "waiting", "waiting"]);
    // Who waits and cancels frees nothing; a record that is deleted does.
    visit.step(&ids[3], "cancel").status(200);
    let path = format!("/activity-signups/{}", ids[2]);
    visit.city.delete_if(&path, &visit.city.get(&path).etag()).status(204);
    assert_eq!(visit.states(), ["checked_in", "cancelled", "cancelled", "signed_up"]);
    visit.signs_up(5).status(201);
    // What came of it stands in the history as any change.
    let history = visit.city.get(&format!("/activity-signups/{}/history", ids[4])).status(200);
    assert_eq!(history.items().len(), 2);
    // More places are for those who wait.
    let path = format!("/activities/{}", visit.id);
    visit.city.patch_if(&path, &visit.city.get(&path).etag(), json!({"capacity": 3})).status(200);
    assert_eq!(visit.states(), ["checked_in", "cancelled", "cancelled", "signed_up", "signed_up"]);
}

fn a_batch_of_sign_ups_fills_the_places_in_order(ctx: &Ctx) {
    let app = ctx.app();
    let visit = Visit::new(&app, 5, json!({"capacity": 3}));
    let items: Vec<Value> = (0..5).map(|n| visit.signup(n)).collect();
    visit.city.post("/activity-signups/batch", json!({"items": items})).status(201);
    assert_eq!(visit.states(), ["signed_up", "signed_up", "signed_up", "waiting", "waiting"]);
}

fn what_is_cancelled_needs_nobody(ctx: &Ctx) {
    let app = ctx.app();
    let visit = Visit::new(&app, 4, json!({"capacity": 2}));
    (0..3).for_each(|n| drop(visit.signs_up(n).status(201)));
    visit.city.post(&format!("/activities/{}/cancel", visit.id), json!({"cancel_reason": "疫情"})).status(200);
    assert_eq!(visit.states(), ["cancelled"; 3]);
    visit.signs_up(3).status(422).error_at("/activity_id", "activity_state");
}

fn people_sign_up_in_time_and_once(ctx: &Ctx) {
    let app = ctx.app();
    let late = Visit::new(&app, 1, json!({"signup_until": "2021-12-10"}));
    late.signs_up(0).status(422).error_at("/activity_id", "signup_window");
    let early = Visit::new(&app, 1, json!({"signup_from": "2198-12-10"}));
    early.signs_up(0).status(422).error_at("/activity_id", "signup_window");
    let open = Visit::new(&app, 1, json!({"signup_from": "2021-12-01", "signup_until": "2198-12-31"}));
    let first = open.signs_up(0).status(201).id();
    open.signs_up(0).status(409).problem("already_exists").error_at("/cadre_id", "too_many");
    open.step(&first, "cancel").status(200);
    open.signs_up(0).status(201);
    // Who came to what was, is entered at any time.
    let came = with(late.signup(0), json!({"status": "checked_in", "checked_in_on": "2021-12-20"}));
    late.city.post("/activity-signups", came).status(201);
    let dead = json!({"status": "deceased", "died_on": "2021-06-30"});
    let path = format!("/cadres/{}", early.people[0]);
    early.city.patch_if(&path, "\"r1\"", dead).status(200);
    early.signs_up(0).status(422).error_at("/cadre_id", "cadre_state");
}

fn a_death_leaves_teams_and_places(ctx: &Ctx) {
    let app = ctx.app();
    let visit = Visit::new(&app, 3, json!({"capacity": 1}));
    let signups: Vec<String> = (0..2).map(|n| visit.signs_up(n).status(201).id()).collect();
    let care = team(&visit.city, "care_corps", SHAN);
    let membership = joins(&visit.city, &care, &visit.people[0], "2021-01-01").status(201).id();
    let wish =
        json!({"wish": "想看海", "cadre_id": visit.people[0], "collected_on": "2021-05-01", "division_code": SHAN});
    let wish = visit.city.post("/wishes", wish).status(201).id();
    let death = json!({
        "cadre_id": visit.people[0], "died_on": "2021-06-30", "reported_by": "家属", "division_code": SHAN,
    });
    let death = visit.city.post("/deaths", death).status(201).id();
    visit.city.post(&format!("/deaths/{death}/confirm"), json!({})).status(200);
    assert_eq!(visit.states(), ["cancelled", "signed_up"], "the place goes to who waits");
    assert_eq!(visit.city.get(&format!("/team-members/{membership}"))["ended_on"], "2021-06-30");
    assert_eq!(visit.city.get(&format!("/wishes/{wish}"))["status"], "withdrawn");
    let reverse = json!({"closing_reason": "误报"});
    visit.city.post(&format!("/deaths/{death}/reverse"), reverse).status(200);
    // The place is given away: who is back waits, and comes next.
    assert_eq!(visit.states(), ["waiting", "signed_up"]);
    assert!(visit.city.get(&format!("/team-members/{membership}"))["ended_on"].is_null());
    assert_eq!(visit.city.get(&format!("/wishes/{wish}"))["status"], "collected");
    visit.step(&signups[1], "cancel").status(200);
    assert_eq!(visit.states(), ["signed_up", "cancelled"]);
}
