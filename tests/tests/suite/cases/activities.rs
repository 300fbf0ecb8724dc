//! Cases 40, 42, 43 and 45: programmes, activities, teams, exhibitions and wishes.
use super::make::{branch, cadre, member, start, with};
use crate::support::{Case, Ctx, cases, client::Client, response::Response};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_40_a_programme_has_come_as_far_as_what_was_held,
        case_42_two_sessions_at_one_school_are_two_sessions_at_one_school,
        case_43_of_minors_no_names_are_kept,
        case_45_a_lecture_corps_is_made_of_secretaries,
        a_target_of_persons_is_not_reached_by_attendances,
        a_county_sees_what_it_has_done_for_the_city_s_programme,
        an_activity_is_held_on_its_day_with_its_audience,
        an_exhibition_names_nobody_who_has_not_consented,
        a_wish_is_taken_on_and_fulfilled,
        what_waits_is_on_the_lists,
        every_kind_of_activity_can_be_said,
    ]
}

const SHAN: &str = "371722";

/// A programme of the city with these targets; its id.
fn programme(city: &Client, targets: Value) -> String {
    let programme = json!({
        "code": "bai-qian-wan", "name": "“百千万”宣讲行动", "starts_on": "2021-11-12", "targets": targets,
        "division_code": "371700",
    });
    city.post("/programmes", programme).status(201).id()
}

/// The body of a session that was held for the programme.
fn session(programme: &str, change: Value) -> Value {
    let plain = json!({
        "programme_id": programme, "kind": "lecture", "title": "宣讲", "held_on": "2021-12-01", "venue_kind": "community",
        "status": "held", "audience_count": 15, "division_code": SHAN,
    });
    with(plain, change)
}

fn held(city: &Client, programme: &str, sessions: Vec<Value>) {
    let items: Vec<Value> = sessions.into_iter().map(|change| session(programme, change)).collect();
    for chunk in items.chunks(100) {
        city.post("/activities/batch", json!({"items": chunk})).status(201);
    }
}

/// `done percent met` of each target.
fn progress(client: &Client, programme: &str, query: &str) -> Vec<String> {
    let answer = client.get(&format!("/programmes/{programme}/progress?{query}")).status(200);
    let targets = answer["targets"].as_array().expect("targets").clone();
    let told = |t: &Value| format!("{} {} {}", t["done"], t["percent"].as_str().expect("per cent"), t["met"]);
    targets.iter().map(told).collect()
}

fn case_40_a_programme_has_come_as_far_as_what_was_held(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let targets = json!([
        {"metric": "sessions", "op": "eq", "value": 1000}, {"metric": "audience", "op": "gte", "value": 10_000},
    ]);
    let id = programme(&city, targets);
    // 131 of 16 and 66 of 15: 3086.
    held(&city, &id, (0..197).map(|n| json!({"audience_count": if n < 131 { 16 } else { 15 }})).collect());
    let others = [
        json!({"status": "cancelled", "cancel_reason": "疫情", "audience_count": 900}),
        json!({"status": "planned", "audience_count": 900}),
        json!({"held_on": "2022-01-05", "audience_count": 900}),
        json!({"programme_id": null, "audience_count": 900}),
    ];
    held(&city, &id, others.to_vec());
    assert_eq!(progress(&city, &id, "as_of=2021-12-31"), ["197 19.7 false", "3086 30.9 false"]);
    // The cancelled session does not count, however late one asks; the one of January does then.
    assert_eq!(progress(&city, &id, "as_of=2022-12-31"), ["198 19.8 false", "3986 39.9 false"]);
    assert_eq!(progress(&city, &id, "as_of=2021-11-30"), ["0 0.0 false", "0 0.0 false"]);
    city.get(&format!("/programmes/{id}/progress?as_of=2021-2-1")).status(400).error_at("/as_of", "date_format");
    city.get(&format!("/programmes/{id}/progress?day=2021-12-31")).status(400).error_at("/day", "unknown_parameter");
    city.get(&format!("/programmes/{}/progress", uuid::Uuid::now_v7())).status(404).problem("not_found");
}

fn case_42_two_sessions_at_one_school_are_two_sessions_at_one_school(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let targets = json!([
        {"metric": "schools", "op": "eq", "value": 2}, {"metric": "sessions", "op": "eq", "value": 4},
        {"metric": "audience", "op": "gte", "value": 1000}, {"metric": "lecturers", "op": "eq", "value": 3},
    ]);
    let id = programme(&city, targets);
    let at = |school: &str, lecturer: &str| {
        json!({
            "theme": "drowning_prevention", "venue_kind": "school", "school_code": school, "minors_present": true,
            "audience_count": 605, "lecturer_name": lecturer,
        })
    };
    held(&city, &id, vec![at("3717220001", "孔令文"), at("3717220001", "孔令文")]);
    assert_eq!(progress(&city, &id, ""), ["1 50.0 false", "2 50.0 false", "1210 121.0 true", "1 33.3 false"]);
    held(&city, &id, vec![at("3717220002", "颜令仪")]);
    assert_eq!(progress(&city, &id, ""), ["2 100.0 true", "3 75.0 false", "1815 181.5 true", "2 66.7 false"]);
}

fn case_43_of_minors_no_names_are_kept(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let pupils = json!(["小明", "小红"]);
    let school = |change: Value| {
        let session = json!({
            "kind": "lecture", "title": "预防青少年溺水宣讲", "held_on": "2021-06-01", "venue_kind": "school",
            "school_code": "3717220001", "status": "held", "audience_count": 600, "division_code": SHAN,
        });
        city.post("/activities", with(session, change))
    };
    let refused = |answer: Response| drop(answer.status(422).error_at("/participants", "minors_no_names"));
    refused(school(json!({"minors_present": true, "participants": pupils})));
    refused(school(json!({"age_bands": [{"band": "under_18", "count": 600}], "participants": pupils})));
    let made = school(json!({"minors_present": true})).status(201);
    let path = format!("/activities/{}", made.id());
    refused(city.patch_if(&path, &made.etag(), json!({"participants": pupils})));
    let known =
        school(json!({"age_bands": [{"band": "under_18", "count": 580}, {"band": "from_60_to_79", "count": 3}]}));
    assert_eq!(known.status(201)["minors_present"], true);
    // A circle of grown-ups may be named, until it turns out that children were there.
    let grown_ups = school(json!({"participants": ["孔令文"]})).status(201);
    let path = format!("/activities/{}", grown_ups.id());
    refused(city.patch_if(&path, &grown_ups.etag(), json!({"minors_present": true})));
    city.patch_if(&path, &grown_ups.etag(), json!({"minors_present": true, "participants": []})).status(200);
    // Nor does a child's name come in by another way.
    city.post("/activities", json!({"pupils": pupils})).status(422).error_at("/pupils", "unknown_field");
}

pub(super) fn team(city: &Client, kind: &str, division: &str) -> String {
    let team = json!({"name": "本色家园宣讲团", "kind": kind, "founded_on": "2021-11-12", "division_code": division});
    city.post("/teams", team).status(201).id()
}

pub(super) fn joins(city: &Client, team: &str, person: &str, on: &str) -> Response {
    let member = json!({"team_id": team, "cadre_id": person, "started_on": on, "division_code": SHAN});
    city.post("/team-members", member)
}

fn case_45_a_lecture_corps_is_made_of_secretaries(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let corps = team(&city, "lecture_corps", "371700");
    let organization = branch(&city);
    let person = member(&city, &unit, &organization, json!({"joined_on": "1975-01-01"}));
    let post = |role: &str, from: &str, to: Option<&str>| {
        let post = json!({
            "party_organization_id": organization, "cadre_id": person, "role": role, "started_on": from,
            "ended_on": to, "division_code": SHAN,
        });
        city.post("/party-posts", post).status(201)
    };
    let refused =
        |on: &str| drop(joins(&city, &corps, &person, on).status(422).error_at("/cadre_id", "secretary_required"));
    refused("2021-11-12");
    post("deputy_secretary", "2015-01-01", Some("2017-12-31"));
    post("secretary", "2018-01-01", Some("2021-11-11"));
    refused("2021-11-12");
    refused("2016-05-01");
    joins(&city, &corps, &person, "2021-11-11").status(201);
    // Another team takes anybody; the corps of a county is one too.
    let other = member(&city, &unit, &organization, json!({"joined_on": "1975-01-01"}));
    joins(&city, &team(&city, "care_corps", SHAN), &other, "2021-11-12").status(201);
    joins(&city, &team(&city, "lecture_corps", SHAN), &other, "2021-11-12").status(422);
    let again = joins(&city, &corps, &person, "2021-11-01").status(409).problem("already_exists");
    assert_eq!(again["errors"][1]["pointer"], "/cadre_id");
}

fn a_target_of_persons_is_not_reached_by_attendances(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let targets = json!([
        {"metric": "audience", "op": "gte", "value": 100},
        {"metric": "audience", "op": "gte", "value": 100, "unit": "person_time"},
    ]);
    let id = programme(&city, targets);
    held(
        &city,
        &id,
        vec![json!({"audience_count": 99}), json!({"audience_count": 250, "audience_unit": "person_time"})],
    );
    assert_eq!(progress(&city, &id, ""), ["99 99.0 false", "250 250.0 true"]);
    let wrong = json!({
        "code": "x-1", "name": "计划", "starts_on": "2021-01-01", "division_code": "371700",
        "targets": [{"metric": "sessions", "op": "eq", "value": 5, "unit": "person"}],
    });
    city.post("/programmes", wrong).status(422).error_at("/targets/0/unit", "audience_unit_only");
}

fn a_county_sees_what_it_has_done_for_the_city_s_programme(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let id = programme(&city, json!([{"metric": "sessions", "op": "eq", "value": 4}]));
    let (shan, cao) = (app.user("county_admin", SHAN), app.user("county_admin", "371721"));
    for (county, division, count) in [(&shan, SHAN, 2), (&cao, "371721", 1)] {
        for _ in 0..count {
            county.post("/activities", session(&id, json!({"division_code": division}))).status(201);
        }
    }
    assert_eq!(progress(&city, &id, ""), ["3 75.0 false"]);
    assert_eq!(progress(&city, &id, "division=371721"), ["1 25.0 false"]);
    assert_eq!(progress(&shan, &id, ""), ["2 50.0 false"]);
    for elsewhere in ["371700", "371721"] {
        shan.get(&format!("/programmes/{id}/progress?division={elsewhere}")).status(404).problem("not_found");
    }
    // They read the city's programme and change nothing of it.
    let path = format!("/programmes/{id}");
    shan.patch_if(&path, &shan.get(&path).status(200).etag(), json!({"name": "别的"})).status(403);
    let own = json!({"code": "own", "name": "县里的计划", "starts_on": "2021-01-01", "division_code": "371721"});
    let own = cao.post("/programmes", own).status(201).id();
    shan.get(&format!("/programmes/{own}/progress")).status(404).problem("not_found");
}

fn an_activity_is_held_on_its_day_with_its_audience(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let plan = |day: &str| {
        let plan = json!({"kind": "briefing", "title": "情况通报会", "held_on": day, "venue_kind": "office", "division_code": SHAN});
        format!("/activities/{}", city.post("/activities", plan).status(201).id())
    };
    let (past, future) = (plan("2021-12-16"), plan("2199-01-01"));
    let hold = |path: &str, body: Value| city.post(&format!("{path}/hold"), body);
    hold(&past, json!({})).status(422).error_at("/audience_count", "required");
    hold(&future, json!({"audience_count": 50})).status(422).error_at("/held_on", "not_held_yet");
    assert_eq!(hold(&past, json!({"audience_count": 50})).status(200)["status"], "held");
    city.post(&format!("{past}/cancel"), json!({"cancel_reason": "疫情"})).status(409).problem("wrong_state");
    city.post(&format!("{future}/cancel"), json!({})).status(422).error_at("/cancel_reason", "required");
    assert_eq!(
        city.post(&format!("{future}/cancel"), json!({"cancel_reason": "疫情"})).status(200)["status"],
        "cancelled"
    );
}

fn an_exhibition_names_nobody_who_has_not_consented(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let person = city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
    let consent = |purpose: &str, from: &str, to: Option<&str>| {
        let consent = json!({
            "cadre_id": person, "purpose": purpose, "granted_on": from, "revoked_on": to, "division_code": SHAN,
        });
        city.post("/consents", consent).status(201).id()
    };
    let exhibition = |change: Value| {
        let plain =
            json!({"title": "红色画报", "collection_size": 20_400, "selected_items": 100, "division_code": SHAN});
        city.post("/exhibitions", with(plain, change))
    };
    let refused = |answer: Response, field: &str| {
        drop(answer.status(409).problem("consent_required").error_at(field, "consent_not_in_force"));
    };
    // The cadre stands there by the consent and by nothing else.
    exhibition(json!({"cadre_id": person})).status(422).error_at("/cadre_id", "read_only");
    refused(exhibition(json!({"consent_id": consent("photo", "2021-06-01", None)})), "/consent_id");
    refused(exhibition(json!({"consent_id": consent("publicity", "2020-06-01", Some("2021-05-01"))})), "/consent_id");
    let given = consent("publicity", "2021-06-01", None);
    let made = exhibition(json!({"consent_id": given})).status(201);
    assert_eq!(made["cadre_id"], person.as_str());
    assert!(exhibition(json!({})).status(201)["cadre_id"].is_null());
    exhibition(json!({"selected_items": 20_401})).status(422).error_at("/selected_items", "too_large");
    let shown = |on: &str| {
        let showing = json!({
            "exhibition_id": made.id(), "shown_on": on, "venue_kind": "fair", "place": "大集", "visitors": 1551,
            "division_code": SHAN,
        });
        city.post("/exhibition-showings", showing)
    };
    refused(shown("2021-05-31"), "/shown_on");
    shown("2021-06-15").status(201);
    let path = format!("/consents/{given}");
    city.patch_if(&path, "\"r1\"", json!({"revoked_on": "2021-09-01"})).status(200);
    shown("2021-08-31").status(201);
    refused(shown("2021-09-01"), "/shown_on");
}

fn a_wish_is_taken_on_and_fulfilled(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let wish = |change: Value| {
        let plain = json!({"wish": "想回老支部看看", "collected_on": "2021-06-01", "division_code": SHAN});
        city.post("/wishes", with(plain, change))
    };
    // Of nobody who is named.
    let id = wish(json!({})).status(201).id();
    let step = |verb: &str, body: Value| city.post(&format!("/wishes/{id}/{verb}"), body);
    step("fulfil", json!({"fulfilled_on": "2021-07-01"})).status(409).problem("wrong_state");
    let missing = step("claim", json!({"claimed_on": "2021-06-05", "due_on": "2021-07-31"})).status(422);
    missing.error_at("/claimed_by", "required");
    let early = json!({"claimed_by_unit_id": unit, "claimed_on": "2021-06-05", "due_on": "2021-05-31"});
    step("claim", early.clone()).status(422).error_at("/due_on", "period_order");
    assert_eq!(step("claim", with(early, json!({"due_on": "2021-07-31"}))).status(200)["status"], "claimed");
    step("fulfil", json!({"fulfilled_on": "2021-06-04"})).status(422).error_at("/fulfilled_on", "period_order");
    assert_eq!(step("fulfil", json!({"fulfilled_on": "2021-07-01"})).status(200)["status"], "fulfilled");
    step("withdraw", json!({})).status(409).problem("wrong_state");
}

fn what_waits_is_on_the_lists(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let wish = |change: Value| {
        let plain = json!({"wish": "想回老支部看看", "collected_on": "2021-06-01", "division_code": SHAN});
        city.post("/wishes", with(plain, change)).status(201)
    };
    let claimed = json!({"status": "claimed", "claimed_by_unit_id": unit, "claimed_on": "2021-06-05"});
    wish(json!({}));
    wish(with(claimed.clone(), json!({"due_on": "2021-07-31"})));
    wish(with(claimed, json!({"due_on": "2021-08-02"})));
    for (day, division) in [("2021-07-31", SHAN), ("2021-08-01", SHAN), ("2021-07-01", "371700")] {
        let plan =
            json!({"kind": "film", "title": "影片", "held_on": day, "venue_kind": "other", "division_code": division});
        city.post("/activities", plan).status(201);
    }
    let lists = |client: &Client| {
        let answer = client.get("/worklists?as_of=2021-08-01").status(200);
        let of = |name: &str| answer.items().iter().find(|l| l["name"] == name).and_then(|l| l["count"].as_i64());
        ["activities_to_close", "wishes_to_claim", "wishes_overdue"].map(of)
    };
    assert_eq!(lists(&app.user("county_admin", SHAN)), [Some(1), Some(1), Some(1)]);
    assert_eq!(lists(&app.user("county_admin", "371721")), [None; 3]);
    assert_eq!(lists(&app.user("city_admin", "371700")), [Some(2), Some(1), Some(1)]);
}

/// What the report tells of: whatever was done can be entered as what it was.
fn every_kind_of_activity_can_be_said(ctx: &Ctx) {
    let app = ctx.app();
    let (city, _) = start(&app);
    let told = [
        ("briefing", "policy_study", "office", "情况通报"),
        ("field_visit", "city_development", "enterprise", "“看发展变化·助强市建设”现场参观"),
        ("seminar", "party_history", "office", "交流研讨"),
        ("online_report", "party_history", "online", "网上专题报告会"),
        ("red_base_visit", "party_history", "red_base", "参观红色教育基地"),
        ("film", "party_history", "activity_centre", "观看红色教育影片"),
        ("red_song", "culture", "square", "红歌传唱"),
        ("art_exhibition", "culture", "activity_centre", "书画作品展览"),
        ("knowledge_contest", "party_history", "activity_centre", "党史知识竞赛"),
        ("lecture", "plenary_session", "community", "宣讲"),
        ("lecture", "red_education", "school", "红色宣讲教育"),
        ("lecture", "drowning_prevention", "school", "预防青少年溺水宣讲"),
        ("lecture", "public_lecture", "activity_centre", "牡丹公益大讲堂"),
        ("dialogue", "party_history", "office", "90后与“90后”对话"),
        ("performance", "culture", "square", "文艺演出"),
        ("choir", "culture", "activity_centre", "歌咏比赛"),
        ("sports", "culture", "other", "体育赛事"),
    ];
    for (kind, theme, venue_kind, title) in told {
        let activity = json!({
            "kind": kind, "theme": theme, "venue_kind": venue_kind, "title": title, "held_on": "2021-10-14",
            "campaign": "看发展变化·助强市建设", "status": "held", "audience_count": 30, "division_code": SHAN,
        });
        city.post("/activities", activity).status(201);
    }
    let found = city.get("/activities?filter[theme]=drowning_prevention&filter[status]=held&count=exact").status(200);
    assert_eq!(found["count"], 1, "{found}");
}
