//! The statutory tables of party organizations (R8), of what is due (R12) and of honors (R13), counted by hand.
use super::statistics::{SHAN, get, holds, row};
use crate::cases::make::{cadre, start, with};
use crate::support::{Case, Ctx, cases, client::Client};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        organizations_are_counted_by_who_is_in_them,
        what_is_due_is_counted_as_the_worklists_have_it,
        honors_are_counted_by_county_and_by_campaign,
    ]
}

/// Three active branches: of cadres in leave-rest, of both kinds, of retired ones beside others in service.
struct Branches {
    lixiu: String,
    members: Vec<String>,
}

fn organization(city: &Client, change: Value) -> String {
    let plain = json!({"name": "单县某某党支部", "kind": "branch", "established_on": "2015-01", "division_code": SHAN});
    city.post("/party-organizations", with(plain, change)).status(201).id()
}

fn branches(city: &Client, unit: &str) -> Branches {
    let lixiu = json!({"birth_date": "1930-05-12", "retire_type": "lixiu", "retire_date": "1988", "join_revolution_date": "1947-03"});
    let mut members = vec![];
    let mut branch = |change: Value, kinds: [&Value; 3]| {
        let branch = organization(city, change);
        for kind in kinds {
            let person = city.post("/cadres", cadre(unit, kind.clone())).status(201).id();
            let membership = json!({"cadre_id": person, "party_organization_id": branch, "joined_on": "1975-01-01", "division_code": SHAN});
            city.post("/party-memberships", membership).status(201);
            members.push(person);
        }
        city.post(&format!("/party-organizations/{branch}/activate"), json!({})).status(200);
        branch
    };
    let retired = json!({});
    let first = branch(json!({"group_count": 2}), [&lixiu; 3]);
    branch(json!({"kind": "joint_branch"}), [&lixiu, &retired, &retired]);
    branch(json!({"mixed_with_active": true}), [&retired; 3]);
    Branches { lixiu: first, members }
}

fn organizations_are_counted_by_who_is_in_them(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    branches(&city, &unit);
    // Groups are of branches, whatever a committee says.
    organization(&city, json!({"kind": "work_committee", "status": "active", "group_count": 5}));
    organization(&city, json!({"is_functional": true, "status": "active"}));
    let gone = organization(&city, json!({"kind": "general_branch", "status": "active"}));
    city.post(&format!("/party-organizations/{gone}/dissolve"), json!({"ended_on": "2021-06-30"})).status(200);
    let expected = |general: i32| {
        json!({"committees": 1, "general_branches": general, "branches": 3, "lixiu_branches": 1, "joint_branches": 1,
            "retired_branches": 0, "mixed_branches": 1, "groups": 2, "members": 9, "lixiu_members": 4})
    };
    let r8 = get(&city, "R8", "");
    assert_eq!((row(&r8, SHAN), row(&r8, "total")), (expected(0), expected(0)));
    holds(&r8);
    assert_eq!(row(&get(&city, "R8", "&as_of=2021-01-31"), SHAN), expected(1), "before it was dissolved");
}

fn what_is_due_is_counted_as_the_worklists_have_it(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let branches = branches(&city, &unit);
    let add = |path: &str, body: Value| city.post(path, with(body, json!({"division_code": SHAN}))).status(201).id();
    let its = |body: Value| with(json!({"party_organization_id": branches.lixiu}), body);
    add("/party-terms", its(json!({"term_no": 1, "elected_on": "2018-01-10", "term_years": 3})));
    let meeting = |kind: &str, day: &str| {
        let held = json!({"kind": kind, "held_on": day, "should_attend": 3, "attended": 3});
        add("/party-meetings", its(held));
    };
    meeting("member_meeting", "2021-02-10");
    meeting("member_meeting", "2021-03-10");
    meeting("theme_day", "2021-01-05");
    let briefing = json!({"kind": "briefing", "title": "情况通报", "venue_kind": "other", "audience_count": 30});
    add("/activities", with(briefing.clone(), json!({"held_on": "2021-03-01", "status": "held"})));
    add("/activities", with(briefing, json!({"held_on": "2021-09-01", "status": "planned"})));
    add(
        "/care-pairs",
        json!({"cadre_id": branches.members[0], "contact_kind": "staff", "contact_name": "孟小宁", "started_on": "2021-01-01"}),
    );
    // One more member, of 1970, whom nobody has heard from since June.
    let old = city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
    add(
        "/party-memberships",
        its(json!({"cadre_id": old, "joined_on": "1970-05-01", "lost_contact_on": "2021-06-20"})),
    );
    let r12 = |more: &str| row(&get(&city, "R12", more), SHAN);
    // Of each of three branches: a meeting a quarter, a theme day a month, a lecture a quarter, one meeting of its life and one appraisal.
    let due = 3 * (4 + 12 + 4 + 1 + 1);
    assert_eq!(
        r12(""),
        json!({"overdue_elections": 1, "meetings_due": due, "meetings_met": 2, "briefings": 1, "overdue_contacts": 3,
            "medal_candidates": 1, "lost_members": 1})
    );
    assert_eq!(r12("&as_of=2021-12-19")["lost_members"], 0, "six months are not over");
    let early = r12("&as_of=2021-01-09");
    assert_eq!(
        (&early["overdue_elections"], &early["meetings_due"], &early["briefings"]),
        (&json!(0), &json!(0), &json!(0))
    );
}

fn honors_are_counted_by_county_and_by_campaign(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let branch = organization(&city, json!({}));
    let campaign = json!({"name": "“本色家园”评选表扬", "kind": "bense_jiayuan", "year": 2021, "level": "city",
        "categories": [{"code": "party_member", "quota": 22}, {"code": "party_org", "quota": 5}]});
    let campaign = city.post("/commendation-campaigns", campaign).status(201).id();
    let honor = |change: Value| {
        let plain = json!({"title": "表扬", "level": "city", "status": "awarded", "awarded_on": "2021-12", "division_code": SHAN});
        city.post("/honors", with(plain, change)).status(201);
    };
    let person = || city.post("/cadres", cadre(&unit, json!({}))).status(201).id();
    let of = |category: &str| json!({"kind": "commendation", "campaign_id": campaign, "category": category});
    for _ in 0..2 {
        honor(with(of("party_member"), json!({"cadre_id": person()})));
    }
    honor(with(of("party_org"), json!({"party_organization_id": branch})));
    let other = json!({"kind": "other", "unit_id": unit, "level": "county"});
    honor(other.clone());
    honor(with(other, json!({"awarded_on": "2020-12"})));
    let none = json!({"medals": 0, "members": 0, "secretaries": 0, "organizations": 0, "collectives": 0,
        "national_persons": 0, "national_others": 0, "province_persons": 0, "province_others": 0,
        "city_persons": 0, "city_others": 0, "county_persons": 0, "county_others": 0});
    let of_the_campaign = json!({"members": 2, "organizations": 1, "city_persons": 2, "city_others": 1});
    let all = with(with(none.clone(), of_the_campaign.clone()), json!({"county_others": 1}));
    assert_eq!(row(&get(&city, "R13", ""), SHAN), all);
    let by_campaign = get(&city, "R13", "&by=campaign");
    let rows: Vec<(&str, &str)> = by_campaign["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["code"].as_str().unwrap(), r["name"].as_str().unwrap()))
        .collect();
    assert_eq!(rows, [(campaign.as_str(), "“本色家园”评选表扬"), ("", "不属于表彰项目")]);
    assert_eq!(row(&by_campaign, &campaign), with(none.clone(), of_the_campaign));
    assert_eq!(row(&by_campaign, ""), with(none, json!({"county_others": 1})));
    assert_eq!((row(&by_campaign, "total"), &by_campaign["coverage"]["reporting"]), (all, &json!(1)));
    let wrong = city.request("GET", "/statistics/R13?year=2021&by=unit").unchecked().send().status(400);
    wrong.error_at("/by", "wrong_type");
}
