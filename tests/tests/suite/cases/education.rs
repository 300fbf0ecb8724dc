//! Cases 47 and 51, and the rules of schools, classes and what is built.
use super::make::{cadre, start, warnings, with};
use crate::{
    support::{App, Case, Ctx, cases, client::Client, response::Response},
    sync::outbox::{Outbox, statuses},
};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_47_who_applies_to_a_full_class_waits,
        case_47_at_81_a_companion_is_needed_where_the_class_says_so,
        case_51_a_new_school_names_the_successor_of_an_ended_division,
        who_waits_gets_the_place_of_who_drops_out,
        a_batch_takes_no_more_places_than_there_are,
        more_places_go_to_those_who_wait_and_fewer_than_taken_are_refused,
        a_cancelled_class_lets_everybody_go,
        a_death_frees_a_place_and_its_correction_takes_none,
        tuition_is_paid_before_one_takes_part,
        one_applies_in_time_and_to_a_class_that_takes_students,
        a_place_given_by_a_county_that_was_offline_is_decided_here,
        schools_are_a_tree_without_circles,
        progress_does_not_fall_without_a_word,
        what_is_built_too_slowly_is_listed,
    ]
}

const SHAN: &str = "371722";

struct School {
    app: App,
    city: Client,
    unit: String,
    school: String,
}

impl School {
    fn new(ctx: &Ctx) -> Self {
        let app = ctx.app();
        let (city, unit) = start(&app);
        let school = json!({"name": "单县老年大学", "kind": "main", "level": "county", "division_code": SHAN});
        let school = city.post("/senior-universities", school).status(201).id();
        Self { app, city, unit, school }
    }
    /// A class that enrols, with some fields changed.
    fn class(&self, capacity: i64, change: Value) -> String {
        let class = json!({
            "senior_university_id": self.school, "course": "书法", "topic": "calligraphy_painting",
            "semester": "2021-autumn", "starts_on": "2021-09-06", "capacity": capacity, "status": "enrolling",
            "division_code": SHAN,
        });
        self.city.post("/classes", with(class, change)).status(201).id()
    }
    fn person(&self, birth: &str) -> String {
        self.city.post("/cadres", cadre(&self.unit, json!({"birth_date": birth}))).status(201).id()
    }
    fn application(&self, class: &str, change: Value) -> Value {
        let plain = json!({"class_id": class, "applied_on": "2021-08-20", "division_code": SHAN});
        with(plain, change)
    }
    /// Somebody of 60 years applies.
    fn apply(&self, class: &str) -> Response {
        let person = self.person("1961-01-01");
        self.city.post("/enrollments", self.application(class, json!({"cadre_id": person})))
    }
    fn status(&self, id: &str) -> String {
        self.city.get(&format!("/enrollments/{id}")).status(200)["status"].as_str().unwrap().to_owned()
    }
    fn places(&self, class: &str) -> (i64, i64) {
        let places = self.city.get(&format!("/classes/{class}/places")).status(200);
        (places["taken"].as_i64().unwrap(), places["waiting"].as_i64().unwrap())
    }
    #[track_caller]
    fn drop_out(&self, id: &str) {
        let drop = json!({"dropped_on": "2021-09-20"});
        self.city.post(&format!("/enrollments/{id}/drop"), drop).status(200);
    }
}

fn case_47_who_applies_to_a_full_class_waits(ctx: &Ctx) {
    let s = School::new(ctx);
    let class = s.class(2, json!({}));
    for _ in 0..2 {
        let taken = s.apply(&class).status(201);
        assert_eq!((&taken["status"], warnings(&taken)), (&json!("applied"), vec![]));
    }
    for number in [1, 2] {
        let waits = s.apply(&class).status(201);
        assert_eq!((&waits["status"], &waits["queue_no"]), (&json!("waitlisted"), &json!(number)));
        assert_eq!(warnings(&waits), ["queued_at"]);
        assert_eq!(s.status(&waits.id()), "waitlisted");
    }
    assert_eq!(s.places(&class), (2, 2));
    // What claims to take part already finds no place.
    let person = s.person("1961-01-01");
    let active = s.application(&class, json!({"cadre_id": person, "status": "active"}));
    s.city.post("/enrollments", active).status(409).problem("class_full").error_at("/class_id", "class_full");
    assert_eq!(s.places(&class), (2, 2));
}

fn case_47_at_81_a_companion_is_needed_where_the_class_says_so(ctx: &Ctx) {
    let s = School::new(ctx);
    let of_81 = s.person("1940-09-06");
    let asks = s.class(10, json!({"companion_from_age": 81}));
    let alone = s.application(&asks, json!({"cadre_id": of_81}));
    let refused = s.city.post("/enrollments", alone.clone()).status(422);
    refused.error_at("/companion_name", "companion_required");
    let accompanied = with(alone, json!({"companion_name": "试验者之子"}));
    let id = s.city.post("/enrollments", accompanied).status(201).id();
    let one = format!("/enrollments/{id}");
    s.city.patch_if(&one, "\"r1\"", json!({"companion_name": null})).status(422);
    // A day younger it is 80 when the class starts, and elsewhere nobody asks.
    let of_80 = s.person("1940-09-07");
    s.city.post("/enrollments", s.application(&asks, json!({"cadre_id": of_80}))).status(201);
    let asks_nothing = s.class(10, json!({}));
    s.city.post("/enrollments", s.application(&asks_nothing, json!({"cadre_id": of_81}))).status(201);
    // What the school says holds where the class says nothing, for students from outside as well.
    let school = format!("/senior-universities/{}", s.school);
    s.city.patch_if(&school, "\"r1\"", json!({"companion_from_age": 80})).status(200);
    let student = json!({"student_name": "社会学员", "student_birth_date": "1941-09-06"});
    let refused = s.city.post("/enrollments", s.application(&asks_nothing, student)).status(422);
    refused.error_at("/companion_name", "companion_required");
    // The bounds of the class hold on the day it starts.
    let for_some = s.class(10, json!({"age_min": 55, "age_max": 70}));
    for (birth, expected) in [("1966-09-07", "age_min"), ("1950-09-06", "age_max")] {
        let student = json!({"student_name": "社会学员", "student_birth_date": birth});
        s.city.post("/enrollments", s.application(&for_some, student)).status(422).error_at("/class_id", expected);
    }
    for birth in ["1966-09-06", "1950-09-07"] {
        let student = json!({"student_name": "社会学员", "student_birth_date": birth});
        s.city.post("/enrollments", s.application(&for_some, student)).status(201);
    }
}

fn case_51_a_new_school_names_the_successor_of_an_ended_division(ctx: &Ctx) {
    let s = School::new(ctx);
    let school = |opened: &str| json!({"name": "开发区老年大学", "kind": "main", "level": "county", "opened_on": opened, "division_code": "371771"});
    let late = s.city.post("/senior-universities", school("2022-09-02")).status(422);
    let late = late.error_at("/division_code", "division_ended");
    assert!(late["errors"][0]["message"].as_str().unwrap().contains("371773"), "the successor is named");
    s.city.post("/senior-universities", school("2022-09-01")).status(201);
    let class = json!({
        "senior_university_id": s.school, "course": "书法", "topic": "calligraphy_painting", "semester": "2022-autumn",
        "starts_on": "2022-09-05", "capacity": 10, "division_code": "371772",
    });
    s.city.post("/classes", class).status(422).error_at("/division_code", "division_ended");
}

fn who_waits_gets_the_place_of_who_drops_out(ctx: &Ctx) {
    let s = School::new(ctx);
    let class = s.class(1, json!({}));
    let [first, second, third, fourth] = [0; 4].map(|_| s.apply(&class).status(201).id());
    // Who gives up waiting frees no place.
    s.drop_out(&second);
    assert_eq!([&first, &third, &fourth].map(|id| s.status(id)), ["applied", "waitlisted", "waitlisted"]);
    s.drop_out(&first);
    assert_eq!([&third, &fourth].map(|id| s.status(id)), ["applied", "waitlisted"]);
    let history = s.city.get(&format!("/enrollments/{third}/history")).status(200);
    assert_eq!(history.items().len(), 2, "the promotion is on record");
    // A deleted one gives its place back too.
    let etag = s.city.get(&format!("/enrollments/{third}")).etag();
    s.city.delete_if(&format!("/enrollments/{third}"), &etag).status(204);
    assert_eq!(s.status(&fourth), "applied");
    assert_eq!(s.places(&class), (1, 0));
    // Numbers are not given again.
    assert_eq!(s.apply(&class).status(201)["queue_no"], 4);
}

fn a_batch_takes_no_more_places_than_there_are(ctx: &Ctx) {
    let s = School::new(ctx);
    let class = s.class(3, json!({}));
    let items: Vec<Value> = (0..5)
        .map(|n| {
            s.application(&class, json!({"student_name": format!("社会学员{n}"), "student_birth_date": "1960-01-01"}))
        })
        .collect();
    let made = s.city.post("/enrollments/batch", json!({"items": items})).status(201);
    let states: Vec<String> = made.items().iter().map(|i| s.status(i["id"].as_str().unwrap())).collect();
    assert_eq!(states, ["applied", "applied", "applied", "waitlisted", "waitlisted"]);
    assert_eq!(s.places(&class), (3, 2));
}

fn more_places_go_to_those_who_wait_and_fewer_than_taken_are_refused(ctx: &Ctx) {
    let s = School::new(ctx);
    let class = s.class(2, json!({}));
    let all = [0; 5].map(|_| s.apply(&class).status(201).id());
    let one = format!("/classes/{class}");
    s.city.patch_if(&one, "\"r1\"", json!({"capacity": 1})).status(422).error_at("/capacity", "places_taken");
    s.city.patch_if(&one, "\"r1\"", json!({"capacity": 4})).status(200);
    assert_eq!(all.map(|id| s.status(&id)), ["applied", "applied", "applied", "applied", "waitlisted"]);
}

fn a_cancelled_class_lets_everybody_go(ctx: &Ctx) {
    let s = School::new(ctx);
    let class = s.class(1, json!({}));
    let [active, waiting] = [0; 2].map(|_| s.apply(&class).status(201).id());
    s.city.post(&format!("/enrollments/{active}/admit"), json!({})).status(200);
    s.city.post(&format!("/classes/{class}/cancel"), json!({})).status(422).error_at("/cancel_reason", "required");
    s.city.post(&format!("/classes/{class}/cancel"), json!({"cancel_reason": "教师病假"})).status(200);
    assert_eq!([&active, &waiting].map(|id| s.status(id)), ["dropped", "dropped"]);
    s.apply(&class).status(422).error_at("/class_id", "class_state");
}

fn a_death_frees_a_place_and_its_correction_takes_none(ctx: &Ctx) {
    let s = School::new(ctx);
    let class = s.class(1, json!({}));
    let person = s.person("1961-01-01");
    let first = s.application(&class, json!({"cadre_id": person}));
    let first = s.city.post("/enrollments", first).status(201).id();
    let second = s.apply(&class).status(201).id();
    let death = json!({"cadre_id": person, "died_on": "2021-10-01", "reported_by": "家属", "division_code": SHAN});
    let death = format!("/deaths/{}", s.city.post("/deaths", death).status(201).id());
    s.city.post(&format!("{death}/confirm"), json!({})).status(200);
    assert_eq!([&first, &second].map(|id| s.status(id)), ["dropped", "applied"]);
    s.city.post(&format!("{death}/reverse"), json!({"closing_reason": "误报"})).status(200);
    // The place was given away meanwhile: back again, one waits for the next.
    assert_eq!([&first, &second].map(|id| s.status(id)), ["waitlisted", "applied"]);
    assert_eq!(s.places(&class), (1, 1));
    s.drop_out(&second);
    assert_eq!(s.status(&first), "applied");
}

fn tuition_is_paid_before_one_takes_part(ctx: &Ctx) {
    let s = School::new(ctx);
    let class = s.class(5, json!({"tuition": "60.00"}));
    let one = format!("/enrollments/{}", s.apply(&class).status(201).id());
    s.city.post(&format!("{one}/admit"), json!({})).status(422).error_at("/paid_on", "tuition_due");
    s.city.post(&format!("{one}/pay"), json!({})).status(422).error_at("/paid_on", "required");
    s.city.post(&format!("{one}/pay"), json!({"paid_on": "2021-08-21"})).status(200);
    s.city.post(&format!("{one}/admit"), json!({})).status(200);
    s.city.post(&format!("{one}/complete"), json!({"completed_on": "2021-12-24"})).status(200);
    let free = s.class(5, json!({"tuition": "0.00"}));
    let one = format!("/enrollments/{}", s.apply(&free).status(201).id());
    s.city.post(&format!("{one}/admit"), json!({})).status(200);
}

fn one_applies_in_time_and_to_a_class_that_takes_students(ctx: &Ctx) {
    let s = School::new(ctx);
    let window = s.class(5, json!({"enrol_from": "2021-08-21", "enrol_to": "2021-08-31"}));
    s.apply(&window).status(422).error_at("/applied_on", "enrolment_window");
    let planned = s.class(5, json!({"status": "planned"}));
    s.apply(&planned).status(422).error_at("/class_id", "class_state");
    s.city.post(&format!("/classes/{planned}/open"), json!({})).status(200);
    let made = s.apply(&planned).status(201);
    // Once, and not in another class by a change.
    let again = s.application(&planned, json!({"cadre_id": made["cadre_id"]}));
    s.city.post("/enrollments", again).status(409).problem("already_exists");
    let one = format!("/enrollments/{}", made.id());
    s.city.patch_if(&one, "\"r1\"", json!({"class_id": window})).status(422).error_at("/class_id", "settled");
}

fn a_place_given_by_a_county_that_was_offline_is_decided_here(ctx: &Ctx) {
    let s = School::new(ctx);
    let class = s.class(1, json!({}));
    let mut outbox = Outbox::new(s.app.user("sync_client", SHAN));
    let ops = [0; 3].map(|_| {
        let student = json!({"student_name": "社会学员", "student_birth_date": "1960-01-01", "status": "applied"});
        outbox.create("enrollments", s.application(&class, student))
    });
    let answer = outbox.push(&ops);
    assert_eq!(statuses(&answer), ["applied"; 3], "{answer}");
    let states = ops.each_ref().map(|op| s.status(op["id"].as_str().unwrap()));
    assert_eq!(states, ["applied", "waitlisted", "waitlisted"]);
    let fields = json!({"status": "dropped", "dropped_on": "2021-09-20"});
    let gone = outbox.patch("enrollments", ops[0]["id"].as_str().unwrap(), 1, fields);
    assert_eq!(statuses(&outbox.push(&[gone])), ["applied"]);
    assert_eq!(s.status(ops[1]["id"].as_str().unwrap()), "applied");
}

fn schools_are_a_tree_without_circles(ctx: &Ctx) {
    let s = School::new(ctx);
    let branch = |name: &str, parent: Option<&str>| {
        let plain = json!({"name": name, "kind": "branch", "level": "township", "division_code": SHAN});
        with(plain, json!({"parent_id": parent}))
    };
    s.city.post("/senior-universities", branch("无上级分校", None)).status(422).error_at("/parent_id", "required");
    let below = s.city.post("/senior-universities", branch("某镇分校", Some(&s.school))).status(201).id();
    let lowest = s.city.post("/senior-universities", branch("某村分校", Some(&below))).status(201).id();
    let school = format!("/senior-universities/{}", s.school);
    s.city.patch_if(&school, "\"r1\"", json!({"parent_id": lowest})).status(422).error_at("/parent_id", "cycle");
    s.class(3, json!({"senior_university_id": below, "status": "running"}));
    s.class(3, json!({"senior_university_id": below, "status": "planned"}));
    let tree = s.city.get(&format!("{school}/branches")).status(200);
    let seen: Vec<(&str, i64, i64)> = tree
        .items()
        .iter()
        .map(|i| (i["id"].as_str().unwrap(), i["depth"].as_i64().unwrap(), i["classes"].as_i64().unwrap()))
        .collect();
    assert_eq!(seen, [(below.as_str(), 1, 1), (lowest.as_str(), 2, 0)]);
    s.app.user("county_admin", "371721").get(&format!("{school}/branches")).status(404);
    let closed = json!({"closed_on": "2021-06-30"});
    s.city
        .patch_if(&format!("/senior-universities/{lowest}"), "\"r1\"", closed)
        .status(422)
        .error_at("/open", "closed_for_good");
}

/// A project of a facility, with some fields changed.
fn project(s: &School, change: Value) -> Response {
    let facility = json!({"kind": "activity_centre", "name": "单县老干部活动中心", "division_code": SHAN});
    let facility = s.city.post("/facilities", facility).status(201).id();
    let plain = json!({
        "facility_id": facility, "kind": "extend", "name": "扩建工程", "planned_start": "2021-03-01",
        "planned_end": "2021-10-31", "started_on": "2021-03-15", "progress_percent": 40, "progress_note": "主体封顶",
        "status": "building", "division_code": SHAN,
    });
    s.city.post("/facility-projects", with(plain, change)).status(201)
}

fn progress_does_not_fall_without_a_word(ctx: &Ctx) {
    let s = School::new(ctx);
    let one = format!("/facility-projects/{}", project(&s, json!({})).id());
    s.city
        .patch_if(&one, "\"r1\"", json!({"progress_percent": 39}))
        .status(422)
        .error_at("/progress_note", "progress_fell");
    let word = json!({"progress_percent": 39, "progress_note": "设计变更,部分返工"});
    s.city.patch_if(&one, "\"r1\"", word).status(200);
    s.city.patch_if(&one, "\"r2\"", json!({"progress_percent": 60})).status(200);
    let early = json!({"completed_on": "2021-12-01"});
    s.city.post(&format!("{one}/complete"), early).status(422).error_at("/progress_percent", "too_small");
    let complete = json!({"completed_on": "2021-12-01", "progress_percent": 100});
    s.city.post(&format!("{one}/complete"), complete).status(200);
}

fn what_is_built_too_slowly_is_listed(ctx: &Ctx) {
    let s = School::new(ctx);
    let building = project(&s, json!({})).id();
    let planned =
        project(&s, json!({"status": "planned", "planned_start": "2021-10-01", "planned_end": "2022-10-01"})).id();
    project(&s, json!({"planned_end": "2022-06-30"}));
    project(&s, json!({"status": "completed", "completed_on": "2021-11-30", "progress_percent": 100}));
    project(&s, json!({"status": "cancelled", "stop_reason": "规划调整"}));
    let late = |query: &str| {
        let page = s.city.get(&format!("/facility-projects/delayed?{query}")).status(200);
        let one = |i: &Value| (i["facility_project_id"].as_str().unwrap().to_owned(), i["days_late"].as_i64().unwrap());
        (page.items().iter().map(one).collect::<Vec<_>>(), page["next_page_token"].as_str().map(str::to_owned))
    };
    assert_eq!(late("as_of=2021-10-31").0, [(planned.clone(), 30)], "the last day is in time");
    let both = [(building.clone(), 61), (planned.clone(), 91)];
    assert_eq!(late("as_of=2021-12-31").0, both);
    let (first, token) = late("as_of=2021-12-31&limit=1");
    assert_eq!(first, both[..1]);
    assert_eq!(late(&format!("as_of=2021-12-31&limit=1&page_token={}", token.unwrap())), (both[1..].to_vec(), None));
    assert!(late("as_of=2021-12-31&division=371721").0.is_empty());
    let lists = s.city.get("/worklists?as_of=2021-12-31").status(200);
    let count = lists.items().iter().find(|l| l["name"] == "projects_late").map(|l| l["count"].as_i64());
    assert_eq!(count, Some(Some(2)));
}
