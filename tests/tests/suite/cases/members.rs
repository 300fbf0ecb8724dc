//! Cases 27–32: how members come and move.
use super::make::{branch, cadre, member, start, with};
use crate::support::{Case, Ctx, cases, client::Client};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_27_an_activist_is_observed_for_a_year,
        case_28_there_is_no_upper_limit_of_age,
        case_29_more_than_half_of_those_who_should_attend_are_in_favour,
        case_30_the_training_takes_24_hours,
        case_31_a_probation_is_extended_once_by_a_year_at_most,
        case_32_a_letter_is_void_after_its_last_day,
        a_letter_moves_the_member_when_it_is_accepted,
        an_application_that_succeeds_makes_a_member,
        whom_nobody_hears_from_is_suspended_and_removed,
    ]
}

/// The formal membership of a person, the one that was not transferred.
fn membership(city: &Client, person: &str) -> Value {
    let page = city.get(&format!("/party-memberships?filter[cadre_id]={person}&filter[formal]=true")).status(200);
    page.items().iter().find(|m| m["status"] != "transferred").cloned().unwrap()
}

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// An organization with two full members, and the ids of their memberships.
fn organization(city: &Client, unit: &str) -> (String, Vec<String>) {
    let organization = branch(city);
    let full = || member(city, unit, &organization, json!({"joined_on": "1975-01-01"}));
    let members = (0..2).map(|_| id(&membership(city, &full()))).collect();
    (organization, members)
}

fn application(organization: &str, change: Value) -> Value {
    let plain = json!({
        "name": "试验者", "birth_date": "1955-03-02", "party_organization_id": organization,
        "applied_on": "2020-12-01", "division_code": "371722",
    });
    with(plain, change)
}

/// An applicant who has become an activist on 2021-03-01.
fn activist(city: &Client, organization: &str, members: &[String], change: Value) -> String {
    let made = city.post("/membership-applications", application(organization, change)).status(201);
    let path = format!("/membership-applications/{}/advance", made.id());
    let step = json!({"talk_on": "2020-12-20", "activist_on": "2021-03-01", "mentor_ids": members[..1]});
    assert_eq!(city.post(&path, step).status(200)["status"], "activist");
    made.id()
}

fn advance(city: &Client, application: &str, step: Value) -> crate::support::response::Response {
    city.post(&format!("/membership-applications/{application}/advance"), step)
}

fn admission(members: &[String], change: Value) -> Value {
    let plain = json!({
        "introducer_ids": members, "political_review_on": "2022-03-20", "training_hours": 24,
        "pre_review_on": "2022-04-10", "meeting_on": "2022-05-01", "approved_on": "2022-06-10",
        "admission": {"eligible": 10, "present": 7, "in_favour": 6},
    });
    with(plain, change)
}

fn case_27_an_activist_is_observed_for_a_year(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let (organization, members) = organization(&city, &unit);
    let id = activist(&city, &organization, &members, json!({}));
    advance(&city, &id, json!({"target_on": "2022-02-28"})).status(422).error_at("/target_on", "activist_min_1_year");
    assert_eq!(advance(&city, &id, json!({"target_on": "2022-03-01"})).status(200)["status"], "target");
    // A patch is the same step.
    let other = activist(&city, &organization, &members, json!({}));
    let patch = |day: &str| {
        let body = json!({"status": "target", "target_on": day});
        city.patch_if(&format!("/membership-applications/{other}"), "\"r2\"", body)
    };
    patch("2022-02-28").status(422).error_at("/target_on", "activist_min_1_year");
    patch("2022-03-01").status(200);
}

fn case_28_there_is_no_upper_limit_of_age(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let (organization, _) = organization(&city, &unit);
    let born =
        |date: &str| city.post("/membership-applications", application(&organization, json!({"birth_date": date})));
    born("1927-11-30").status(201);
    born("2002-12-02").status(422).error_at("/birth_date", "applicant_min_18");
    born("2002-12-01").status(201);
    let late = application(&organization, json!({"talk_on": "2021-01-02"}));
    city.post("/membership-applications", late).status(422).error_at("/talk_on", "talk_within_1_month");
}

fn case_29_more_than_half_of_those_who_should_attend_are_in_favour(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let (organization, members) = organization(&city, &unit);
    let id = activist(&city, &organization, &members, json!({}));
    advance(&city, &id, json!({"target_on": "2022-03-01"})).status(200);
    let vote = |present: i32, in_favour: i32| {
        let vote = json!({"eligible": 10, "present": present, "in_favour": in_favour});
        advance(&city, &id, admission(&members, json!({"admission": vote})))
    };
    vote(7, 5).status(422).error_at("/admission/in_favour", "vote_majority");
    vote(5, 6).status(422).error_at("/admission/present", "vote_quorum");
    vote(11, 6).status(422).error_at("/admission/present", "too_large");
    let admitted = vote(7, 6).status(200);
    assert_eq!((&admitted["status"], &admitted["probation_until"]), (&json!("probationary"), &json!("2023-05-01")));
}

fn case_30_the_training_takes_24_hours(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let (organization, members) = organization(&city, &unit);
    let id = activist(&city, &organization, &members, json!({}));
    advance(&city, &id, json!({"target_on": "2022-03-01"})).status(200);
    let with = |change: Value| advance(&city, &id, admission(&members, change));
    with(json!({"training_hours": 20})).status(422).error_at("/training_hours", "training_min_24h");
    with(json!({"approved_on": "2022-08-02"})).status(422).error_at("/approved_on", "approval_within");
    with(json!({"introducer_ids": [members[0]]})).status(422).error_at("/introducer_ids", "too_few");
    with(json!({"introducer_ids": [members[0], members[0]]})).status(422).error_at("/introducer_ids/1", "twice");
    let young = member(&city, &unit, &organization, json!({"joined_on": "2021-01-01", "status": "probationary"}));
    let young = [members[0].clone(), self::id(&membership(&city, &young))];
    with(json!({"introducer_ids": young})).status(422).error_at("/introducer_ids/1", "full_member");
    with(json!({"approved_on": "2022-10-31", "special_approval": true})).status(200);
}

fn case_31_a_probation_is_extended_once_by_a_year_at_most(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let (organization, members) = organization(&city, &unit);
    let id = activist(&city, &organization, &members, json!({}));
    advance(&city, &id, json!({"target_on": "2022-03-01"})).status(200);
    advance(&city, &id, admission(&members, json!({}))).status(200);
    let extend =
        |months: i32| city.post(&format!("/membership-applications/{id}/extend"), json!({"extension_months": months}));
    extend(13).status(422).error_at("/extension_months", "extension_6_12_months");
    extend(5).status(422).error_at("/extension_months", "extension_6_12_months");
    let extended = extend(6).status(200);
    assert_eq!((&extended["status"], &extended["probation_until"]), (&json!("extended"), &json!("2023-11-01")));
    extend(6).status(422).error_at("/extension_months", "extension_once");
    let longer = json!({"extension_months": 12});
    let patch = city.patch_if(&format!("/membership-applications/{id}"), &extended.etag(), longer);
    patch.status(422).error_at("/extension_months", "extension_once");
}

fn case_32_a_letter_is_void_after_its_last_day(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let (from, members) = organization(&city, &unit);
    let to = branch(&city);
    let letter = |member: &str| {
        let letter = json!({
            "party_membership_id": member, "to_organization_id": to, "letter_no": "单组介字第12号",
            "issued_on": "2021-01-01", "valid_days": 90, "division_code": "371722",
        });
        city.post("/relation-transfers", letter)
    };
    let late = letter(&members[0]).status(201);
    assert_eq!(late["expires_on"], "2021-04-01");
    letter(&members[0]).status(409).problem("already_exists").error_at("/party_membership_id", "too_many");
    let accept =
        |id: &str, day: &str| city.post(&format!("/relation-transfers/{id}/accept"), json!({"accepted_on": day}));
    accept(&late.id(), "2021-04-02").status(422).error_at("/accepted_on", "letter_expired");
    // The letter is void for good, and the member is where it was.
    let expired = city.get(&format!("/relation-transfers/{}", late.id())).status(200);
    assert_eq!((&expired["status"], expired.json().get("accepted_on")), (&json!("expired"), None));
    accept(&late.id(), "2021-04-01").status(409).problem("wrong_state");
    let still = city.get(&format!("/party-memberships/{}", members[0])).status(200);
    assert_eq!((&still["status"], &still["party_organization_id"]), (&json!("full"), &json!(from)));
    // It is issued anew.
    let again = json!({
        "party_membership_id": members[0], "to_organization_id": to, "letter_no": "单组介字第40号",
        "issued_on": "2021-05-01", "valid_days": 30, "reissue_of_id": late.id(), "division_code": "371722",
    });
    let again = city.post("/relation-transfers", again).status(201);
    accept(&again.id(), "2021-05-31").status(200);
    // On its last day a letter is good.
    let in_time = letter(&members[1]).status(201);
    accept(&in_time.id(), "2021-04-01").status(200);
    let long = json!({"party_membership_id": members[0], "to_outside": "济南", "letter_no": "1", "issued_on": "2021-01-01", "valid_days": 91, "division_code": "371722"});
    city.post("/relation-transfers", long).status(422).error_at("/valid_days", "too_large");
}

fn a_letter_moves_the_member_when_it_is_accepted(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let from = branch(&city);
    let to = branch(&city);
    let person = member(&city, &unit, &from, json!({"joined_on": "1965-05-10", "converted_on": "1966-05-10"}));
    let left = id(&membership(&city, &person));
    let letter = |change: Value| {
        let plain = json!({
            "party_membership_id": left, "letter_no": "单组介字第12号", "issued_on": "2021-01-01", "valid_days": 30,
            "dues_paid_to": "2021-01", "division_code": "371722",
        });
        city.post("/relation-transfers", with(plain, change))
    };
    letter(json!({})).status(422).error_at("/to_organization_id", "one_destination");
    letter(json!({"to_organization_id": to, "to_outside": "x"})).status(422);
    let functional =
        json!({"name": "单县老年大学功能型党支部", "kind": "branch", "is_functional": true, "division_code": "371722"});
    let functional = city.post("/party-organizations", functional).status(201).id();
    let nowhere = letter(json!({"to_organization_id": functional})).status(422);
    nowhere.error_at("/to_organization_id", "functional_membership");
    let sent = letter(json!({"to_organization_id": to})).status(201).id();
    city.post(&format!("/relation-transfers/{sent}/accept"), json!({"accepted_on": "2021-01-15"})).status(200);
    assert_eq!(city.get(&format!("/party-memberships/{left}")).status(200)["status"], "transferred");
    let now = membership(&city, &person);
    assert_eq!((&now["status"], &now["party_organization_id"]), (&json!("full"), &json!(to)));
    assert_eq!((&now["converted_on"], &now["dues_paid_until"]), (&json!("1966-05-10"), &json!("2021-01")));
    let age = city.get(&format!("/cadres/{person}/party-age")).status(200);
    assert_eq!(age["start"], "1966-05-10");
    letter(json!({"to_outside": "济南"})).status(422).error_at("/party_membership_id", "membership_not_in_force");
    let affiliation = json!({"cadre_id": person, "party_organization_id": functional, "formal": false, "joined_on": "1965-05-10", "converted_on": "1966-05-10", "division_code": "371722"});
    let affiliation = city.post("/party-memberships", affiliation).status(201).id();
    let moved = letter(json!({"party_membership_id": affiliation, "to_outside": "济南"})).status(422);
    moved.error_at("/party_membership_id", "formal_membership");
}

fn an_application_that_succeeds_makes_a_member(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let (organization, members) = organization(&city, &unit);
    let person = city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
    let id = activist(&city, &organization, &members, json!({"cadre_id": person}));
    advance(&city, &id, json!({"target_on": "2022-03-01"})).status(200);
    let none = city.get(&format!("/party-memberships?filter[cadre_id]={person}")).status(200);
    assert!(none.items().is_empty());
    advance(&city, &id, admission(&members, json!({}))).status(200);
    let made = membership(&city, &person);
    assert_eq!((&made["status"], &made["joined_on"]), (&json!("probationary"), &json!("2022-05-01")));
    assert_eq!(made["introducers"].as_array().map(Vec::len), Some(2));
    let conversion = |change: Value| {
        let plain = json!({
            "conversion_meeting_on": "2023-05-06", "conversion": {"eligible": 11, "present": 9, "in_favour": 8},
            "conversion_approved_on": "2023-06-01", "converted_on": "2023-05-01",
        });
        advance(&city, &id, with(plain, change))
    };
    let early = conversion(json!({"conversion_meeting_on": "2023-04-30", "converted_on": "2023-04-30"}));
    early.status(422).error_at("/converted_on", "probation_not_over");
    assert_eq!(conversion(json!({})).status(200)["status"], "full");
    let full = membership(&city, &person);
    assert_eq!((&full["status"], &full["converted_on"]), (&json!("full"), &json!("2023-05-01")));
    assert_eq!(full["id"], made["id"]);
    // Who was removed and comes again counts from the new conversion only.
    let again = member(
        &city,
        &unit,
        &organization,
        json!({
            "joined_on": "1970-11-20", "status": "removed", "lost_contact_on": "2010-01-01", "suspended_on": "2010-08-01",
            "removed_on": "2012-09-01",
        }),
    );
    let id = activist(&city, &organization, &members, json!({"cadre_id": again}));
    advance(&city, &id, json!({"target_on": "2022-03-01"})).status(200);
    advance(&city, &id, admission(&members, json!({}))).status(200);
    let age = city.get(&format!("/cadres/{again}/party-age")).status(200);
    assert_eq!((&age["rule"], &age["state"]), (&json!("conversion"), &json!("undetermined")));
    // Who is not in care becomes a member of no record here, and the answer says so.
    let stranger = activist(&city, &organization, &members, json!({}));
    advance(&city, &stranger, json!({"target_on": "2022-03-01"})).status(200);
    let admitted = advance(&city, &stranger, admission(&members, json!({}))).status(200);
    assert_eq!(super::make::warnings(&admitted), ["applicant_no_cadre"]);
}

fn whom_nobody_hears_from_is_suspended_and_removed(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let person = member(&city, &unit, &branch(&city), json!({"joined_on": "1975-01-01"}));
    let one = format!("/party-memberships/{}", id(&membership(&city, &person)));
    let suspend =
        |day: &str| city.post(&format!("{one}/suspend"), json!({"lost_contact_on": "2018-01-10", "suspended_on": day}));
    suspend("2018-07-09").status(422).error_at("/suspended_on", "lost_contact_6_months");
    suspend("2018-07-10").status(200);
    let remove = |day: &str| city.post(&format!("{one}/remove"), json!({"removed_on": day}));
    remove("2020-07-09").status(422).error_at("/removed_on", "removal_2_years");
    remove("2020-07-10").status(200);
    let restored = city.post(&format!("{one}/restore"), json!({"restored_from": "2018-07"})).status(200);
    assert_eq!(restored["status"], "full");
    let alone = city.post(&format!("{one}/convert"), json!({}));
    alone.status(409).problem("wrong_state");
}
