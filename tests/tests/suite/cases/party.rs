//! Cases 21–26: terms, elections, seats.
use super::make::{branch, member, start, warnings, with};
use crate::support::{Case, Ctx, cases, client::Client};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_21_a_term_is_overdue_from_the_day_after_its_end,
        case_22_a_village_branch_is_elected_for_five_years,
        case_23_an_election_is_put_off_by_a_year_at_most,
        case_24_four_fifths_are_a_quorum,
        case_24_who_is_elected_has_more_than_half_of_those_who_should_attend,
        case_25_a_residential_branch_needs_three_full_members,
        case_26_a_small_branch_has_no_committee,
        a_new_term_replaces_the_one_before_it,
        a_person_has_one_post_in_an_organization,
        a_branch_has_nothing_below_it_and_ends_without_members,
        what_was_held_is_told_against_what_is_due,
        an_election_is_on_the_list_half_a_year_before,
    ]
}

/// A branch of a unit, and its id.
fn plain_branch(city: &Client, change: Value) -> String {
    let branch = json!({"name": "单县某某局离退休干部党支部", "kind": "branch", "division_code": "371722"});
    city.post("/party-organizations", with(branch, change)).status(201).id()
}

fn term(organization: &str, change: Value) -> Value {
    let plain = json!({
        "party_organization_id": organization, "term_no": 1, "elected_on": "2018-12-15", "division_code": "371722",
    });
    with(plain, change)
}

fn overdue(city: &Client, as_of: &str) -> Vec<String> {
    let page = city.get(&format!("/party-terms/overdue?as_of={as_of}")).status(200);
    page.items().iter().map(|i| i["party_organization_id"].as_str().unwrap().to_owned()).collect()
}

fn case_21_a_term_is_overdue_from_the_day_after_its_end(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let organization = plain_branch(&city, json!({}));
    let made = city.post("/party-terms", term(&organization, json!({}))).status(201);
    assert_eq!((&made["term_years"], &made["due_on"]), (&json!(3), &json!("2021-12-15")));
    assert_eq!(overdue(&city, "2021-12-15"), [""; 0], "on time");
    assert_eq!(overdue(&city, "2021-12-16"), [organization]);
}

fn case_22_a_village_branch_is_elected_for_five_years(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let village = plain_branch(&city, json!({"village_or_community": true}));
    let community = plain_branch(&city, json!({"kind": "community_branch"}));
    for organization in [village, community] {
        let made = city.post("/party-terms", term(&organization, json!({}))).status(201);
        assert_eq!(made["due_on"], "2023-12-15");
    }
    // What was elected before the rule of 2018 keeps the term it was elected for.
    let old = plain_branch(&city, json!({}));
    let made = city.post("/party-terms", term(&old, json!({"elected_on": "2018-06-30", "term_years": 2}))).status(201);
    assert_eq!(made["due_on"], "2020-06-30");
    let given = term(&old, json!({"term_no": 2, "due_on": "2030-01-01"}));
    city.post("/party-terms", given).status(422).error_at("/due_on", "read_only");
}

fn case_23_an_election_is_put_off_by_a_year_at_most(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let organization = plain_branch(&city, json!({}));
    let id = city.post("/party-terms", term(&organization, json!({}))).status(201).id();
    let extend = |until: &str| json!({"extended_until": until, "approval_doc": "单组〔2021〕12号"});
    let path = format!("/party-terms/{id}/extend");
    city.post(&path, extend("2023-06-15")).status(422).error_at("/extended_until", "extension_max_1y");
    city.post(&path, json!({"extended_until": "2022-06-15"})).status(422).error_at("/approval_doc", "required");
    let extended = city.post(&path, extend("2022-12-15")).status(200);
    assert_eq!((&extended["status"], &extended["ends_on"]), (&json!("extended"), &json!("2022-12-15")));
    assert_eq!(overdue(&city, "2022-12-15"), [""; 0]);
    assert_eq!(overdue(&city, "2022-12-16"), std::slice::from_ref(&organization));
    // Brought in at once, with the years left to the kind of the organization, it is judged alike.
    let late = json!({"term_no": 2, "status": "extended", "extended_until": "2023-06-15", "approval_doc": "x"});
    city.post("/party-terms", term(&organization, late)).status(422).error_at("/extended_until", "extension_max_1y");
}

fn case_24_four_fifths_are_a_quorum(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let organization = plain_branch(&city, json!({}));
    let election = |attendance: i32, eligible: i32| {
        city.post("/party-terms", term(&organization, json!({"attendance": attendance, "eligible": eligible})))
    };
    election(15, 19).status(422).error_at("/attendance", "quorum_4_5");
    election(16, 20).status(201);
    // The same through the verb.
    let other = plain_branch(&city, json!({}));
    let prepared =
        json!({"party_organization_id": other, "term_no": 1, "status": "preparing", "division_code": "371722"});
    let id = city.post("/party-terms", prepared).status(201).id();
    let elect = |attendance: i32, eligible: i32| {
        let held = json!({"elected_on": "2021-11-20", "attendance": attendance, "eligible": eligible});
        city.post(&format!("/party-terms/{id}/elect"), held)
    };
    elect(15, 19).status(422).error_at("/attendance", "quorum_4_5");
    assert_eq!(elect(16, 20).status(200)["due_on"], "2024-11-20");
}

fn case_24_who_is_elected_has_more_than_half_of_those_who_should_attend(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let organization = plain_branch(&city, json!({}));
    let election = |votes: i32| {
        let candidate = json!({"name": "试验者", "role": "secretary", "votes": votes, "elected": true});
        let held = json!({"attendance": 16, "eligible": 20, "candidates": [candidate]});
        city.post("/party-terms", term(&organization, held))
    };
    election(10).status(422).error_at("/candidates/0/elected", "votes_over_half");
    election(17).status(422).error_at("/candidates/0/votes", "too_large");
    election(11).status(201);
}

fn case_25_a_residential_branch_needs_three_full_members(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let organization = branch(&city);
    for _ in 0..2 {
        member(&city, &unit, &organization, json!({"joined_on": "1975-01-01"}));
    }
    let begin = || city.post(&format!("/party-organizations/{organization}/activate"), json!({}));
    begin().status(422).error_at("/status", "branch_min_3");
    let at_once = json!({"status": "active", "kind": "residential_branch"});
    let made = json!({"name": "单县某某小区党支部", "division_code": "371722"});
    city.post("/party-organizations", with(made, at_once)).status(422).error_at("/status", "branch_min_3");
    member(&city, &unit, &organization, json!({"joined_on": "1975-01-01"}));
    assert_eq!(begin().status(200)["status"], "active");
}

fn case_26_a_small_branch_has_no_committee(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let organization = plain_branch(&city, json!({}));
    let people: Vec<String> =
        (0..6).map(|_| member(&city, &unit, &organization, json!({"joined_on": "1975-01-01"}))).collect();
    let post = |person: &str, role: &str| {
        let post = json!({"party_organization_id": organization, "cadre_id": person, "role": role, "started_on": "2021-12-01", "division_code": "371722"});
        city.post("/party-posts", post)
    };
    let seats =
        |seats: i32, no: i32| city.post("/party-terms", term(&organization, json!({"seats": seats, "term_no": no})));
    seats(4, 1).status(422).error_at("/seats", "committee_seats");
    seats(2, 1).status(201);
    post(&people[0], "secretary").status(201);
    post(&people[1], "deputy_secretary").status(201);
    post(&people[2], "organization").status(422).error_at("/role", "committee_seats");
    let seventh = member(&city, &unit, &organization, json!({"joined_on": "1975-01-01"}));
    for (person, role) in [(&people[2], "organization"), (&people[3], "publicity"), (&people[4], "discipline")] {
        assert_eq!(warnings(&post(person, role).status(201)), [""; 0]);
    }
    // With five there is a committee as the regulation has it; six and seven are more than usual, eight too many.
    assert_eq!(warnings(&post(&people[5], "member").status(201)), ["committee_seats_usual"]);
    post(&seventh, "member").status(201);
    let eighth = member(&city, &unit, &organization, json!({"joined_on": "1975-01-01"}));
    post(&eighth, "member").status(422).error_at("/role", "committee_seats_max_7");
    for seats in 3..=5 {
        let elected = json!({"seats": seats, "term_no": seats, "elected_on": format!("2021-12-0{seats}")});
        city.post("/party-terms", term(&organization, elected)).status(201);
    }
}

fn a_new_term_replaces_the_one_before_it(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let organization = plain_branch(&city, json!({}));
    let first = city.post("/party-terms", term(&organization, json!({}))).status(201).id();
    let second = json!({"term_no": 2, "elected_on": "2021-12-10"});
    city.post("/party-terms", term(&organization, second)).status(201);
    let replaced = city.get(&format!("/party-terms/{first}")).status(200);
    assert_eq!((&replaced["status"], &replaced["version"]), (&json!("replaced"), &json!(2)));
    assert_eq!(overdue(&city, "2022-06-01"), [""; 0]);
    city.post(&format!("/party-terms/{first}/extend"), json!({})).status(409).problem("wrong_state");
    let again = term(&organization, json!({"term_no": 2, "elected_on": "2022-12-10"}));
    city.post("/party-terms", again).status(409).problem("already_exists").error_at("/term_no", "too_many");
    let before = term(&organization, json!({"term_no": 3, "elected_on": "2015-12-10"}));
    city.post("/party-terms", before.clone()).status(409).error_at("/status", "term_serving");
    city.post("/party-terms", with(before, json!({"status": "replaced"}))).status(201);
}

fn a_person_has_one_post_in_an_organization(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let (here, there) = (plain_branch(&city, json!({})), plain_branch(&city, json!({})));
    let person = member(&city, &unit, &here, json!({"joined_on": "1975-01-01"}));
    let post = |organization: &str, role: &str| {
        let post = json!({"party_organization_id": organization, "cadre_id": person, "role": role, "started_on": "2021-12-01", "division_code": "371722"});
        city.post("/party-posts", post)
    };
    let first = post(&here, "deputy_secretary").status(201).id();
    post(&here, "secretary").status(409).problem("already_exists").error_at("/cadre_id", "too_many");
    assert_eq!(warnings(&post(&there, "secretary").status(201)), ["post_holder_not_member"]);
    let end = json!({"ended_on": "2021-12-20"});
    city.patch_if(&format!("/party-posts/{first}"), "\"r1\"", end).status(200);
    post(&here, "secretary").status(201);
}

fn a_branch_has_nothing_below_it_and_ends_without_members(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let upper = plain_branch(&city, json!({}));
    let below = json!({"name": "单县某某党支部", "kind": "branch", "parent_id": upper, "division_code": "371722"});
    city.post("/party-organizations", below).status(422).error_at("/parent_id", "parent_kind");
    let person = member(&city, &unit, &upper, json!({"joined_on": "1975-01-01"}));
    let end = || city.post(&format!("/party-organizations/{upper}/dissolve"), json!({"ended_on": "2021-12-01"}));
    end().status(422).error_at("/status", "still_has_members");
    let membership = city.get(&format!("/party-memberships?filter[cadre_id]={person}")).status(200).items()[0].clone();
    let path = format!("/party-memberships/{}", membership["id"].as_str().unwrap());
    city.patch_if(&path, "\"r1\"", json!({"status": "deceased"})).status(200);
    assert_eq!(end().status(200)["status"], "dissolved");
}

fn what_was_held_is_told_against_what_is_due(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let organization = plain_branch(&city, json!({"established_on": "2020-11"}));
    for _ in 0..3 {
        member(&city, &unit, &organization, json!({"joined_on": "1975-01-01"}));
    }
    city.post(&format!("/party-organizations/{organization}/activate"), json!({})).status(200);
    let functional = json!({"is_functional": true, "status": "active"});
    plain_branch(&city, functional);
    let hold = |kind: &str, day: &str| {
        let meeting = json!({"party_organization_id": organization, "kind": kind, "held_on": day, "should_attend": 3, "attended": 3, "division_code": "371722"});
        city.post("/party-meetings", meeting).status(201);
    };
    let of = |query: &str, kind: &str| {
        let page = city.get(&format!("/party-organizations/obligations?{query}")).status(200);
        assert_eq!(page.items().len(), 1, "{page}");
        let its = page.items()[0]["kinds"].as_array().unwrap().iter().find(|k| k["kind"] == kind).unwrap().clone();
        (its, page.items()[0]["complete"].clone())
    };
    for day in ["2021-02-10", "2021-02-11", "2021-04-01", "2021-12-31"] {
        hold("member_meeting", day);
    }
    hold("theme_day", "2021-01-05");
    let (quarters, complete) = of("from=2021-01&to=2021-12", "member_meeting");
    let expected =
        json!({"kind": "member_meeting", "every_months": 3, "due": 4, "met": 3, "held": 4, "missing": ["2021-07"]});
    assert_eq!((quarters, complete), (expected, json!(false)));
    let (theme, _) = of("from=2021-01&to=2021-03", "theme_day");
    assert_eq!(
        (&theme["due"], &theme["met"], &theme["missing"]),
        (&json!(3), &json!(1), &json!(["2021-02", "2021-03"]))
    );
    // Without a committee none of its meetings is due, and a year that has only begun is not due yet.
    let (committee, _) = of("from=2021-01&to=2021-12", "committee");
    assert_eq!((&committee["due"], committee.get("every_months")), (&json!(0), None));
    assert_eq!(of("from=2021-01&to=2021-11", "org_life").0["due"], 0);
    assert_eq!(of("from=2021-01&to=2021-12", "org_life").0["due"], 1);
    // Nothing is due before it was established, nor of a month in which it was.
    assert_eq!(of("from=2020-10&to=2020-12", "theme_day").0["missing"], json!(["2020-12"]));
    hold("theme_day", "2020-12-01");
    let done = city.get("/party-organizations/obligations?from=2020-12&to=2020-12&open=true").status(200);
    assert_eq!(done.items().len(), 0, "{done}");
    let other = app.user("county_admin", "371721");
    assert_eq!(other.get("/party-organizations/obligations?from=2021-01&to=2021-12").status(200).items().len(), 0);
    for wrong in ["from=2021", "to=2021-13", "from=2022-01&to=2021-01", "from=2001-01&to=2021-01", "x=1"] {
        city.get(&format!("/party-organizations/obligations?{wrong}")).status(400).problem("invalid_parameter");
    }
}

fn an_election_is_on_the_list_half_a_year_before(ctx: &Ctx) {
    let app = ctx.app_with(|command| {
        command.env("LAOGAN_REMIND_ELECTION_DAYS", "30");
    });
    let (city, _) = start(&app);
    let organization = plain_branch(&city, json!({}));
    let id = city.post("/party-terms", term(&organization, json!({}))).status(201).id();
    let due = |query: &str| {
        let page = city.get(&format!("/party-terms/due?{query}")).status(200);
        page.items().iter().map(|t| t["days_left"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(due("as_of=2021-06-15&days=183"), [183]);
    assert_eq!(due("as_of=2021-06-14&days=183"), [0_i64; 0]);
    assert_eq!(due("as_of=2021-12-15&days=0"), [0]);
    assert_eq!(due("as_of=2021-12-16&days=183"), [0_i64; 0], "it is overdue");
    // What is left out is what this server was told.
    assert_eq!((due("as_of=2021-11-15"), due("as_of=2021-11-14")), (vec![30], vec![]));
    let waits = |day: &str| {
        let lists = city.get(&format!("/worklists?as_of={day}")).status(200);
        let named: Vec<String> = lists.items().iter().map(|l| l["name"].as_str().unwrap().to_owned()).collect();
        named.into_iter().filter(|name| name.contains("election")).collect::<Vec<_>>()
    };
    assert_eq!(waits("2021-11-14"), [""; 0]);
    assert_eq!(waits("2021-11-15"), ["elections_to_prepare"]);
    assert_eq!(waits("2021-12-16"), ["overdue_elections"]);
    let extend = json!({"extended_until": "2022-12-15", "approval_doc": "单组〔2021〕12号"});
    city.post(&format!("/party-terms/{id}/extend"), extend).status(200);
    assert_eq!(waits("2021-12-16"), [""; 0]);
    assert_eq!(due("as_of=2022-12-01"), [14]);
}
