//! `GET /me` of a cadre.

use chrono::{Days, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::{
    resources::make::{SHAN, branch, member},
    support::{App, Case, Ctx, cases, client::Client},
};

pub fn tests() -> Vec<Case> {
    cases![a_cadre_is_told_about_itself, others_are_told_who_they_are, a_token_is_told_what_it_may_read]
}

fn today() -> NaiveDate {
    (Utc::now() + chrono::TimeDelta::hours(8)).date_naive()
}

/// A cadre who is signed in, and its id.
fn cadre(app: &App) -> (Client, String) {
    let me = app.user("cadre_self", SHAN);
    let id = me.get("/me").status(200)["cadre"]["record"]["id"].as_str().expect("an id").to_owned();
    (me, id)
}

fn a_cadre_is_told_about_itself(ctx: &Ctx) {
    let app = ctx.app();
    let admin = app.admin();
    let (me, id) = cadre(&app);
    let told = me.get("/me").status(200);
    assert_eq!(told["role"], "cadre_self");
    assert_eq!(told["cadre"]["record"]["name"], "孔令文");
    for part in ["branches", "honors", "membership_applications", "consents"] {
        assert_eq!(told["cadre"][part], json!([]), "{part}");
    }
    // What is sensitive is hidden here as everywhere.
    let secret = json!({"health_code": "20", "disease_note": "高血压"});
    admin.patch_if(&format!("/cadres/{id}"), "\"r1\"", secret).status(200);
    let record = me.get("/me").status(200)["cadre"]["record"].clone();
    assert_eq!(record, *me.get(&format!("/cadres/{id}")).status(200).json());
    assert!(
        record["masked"].to_string().contains("disease_note") && !record.to_string().contains("高血压"),
        "{record}"
    );

    let own = branch(&admin, SHAN, json!({"name": "单县第一党支部"})).id();
    let other = branch(&admin, SHAN, json!({})).id();
    member(&admin, SHAN, &id, &own, json!({})).status(201);
    let term = |org: &str, elected: &str, status: &str, no: i32| {
        let term = json!({"division_code": SHAN, "party_organization_id": org, "term_no": no, "elected_on": elected,
            "term_years": 3, "status": status});
        admin.post("/party-terms", term).status(201)
    };
    let now = today();
    let elected = now.checked_sub_days(Days::new(400)).expect("a day").to_string();
    let serving = term(&own, &elected, "serving", 2);
    let meeting = |org: &str, kind: &str, on: NaiveDate, theme: &str| {
        let meeting = json!({"division_code": SHAN, "party_organization_id": org, "kind": kind, "held_on": on.to_string(),
            "theme": theme, "should_attend": 10, "attended": 0});
        admin.post("/party-meetings", meeting).status(201);
    };
    let day = |days: i64| now.checked_add_signed(chrono::TimeDelta::days(days)).expect("a day");
    meeting(&own, "theme_day", day(-5), "过去的");
    meeting(&own, "theme_day", day(40), "以后的");
    meeting(&own, "theme_day", day(6), "下一次");
    meeting(&own, "member_meeting", day(1), "不是主题党日");
    meeting(&other, "theme_day", day(2), "别的支部");
    let honor = |cadre: &str, title: &str| {
        let honor = json!({"division_code": SHAN, "kind": "other", "cadre_id": cadre, "title": title,
            "level": "county", "awarded_on": "2019-07", "evidence_doc": "单组〔2019〕1号"});
        admin.post("/honors", honor).status(201);
    };
    honor(&id, "优秀共产党员");
    honor(&crate::resources::make::cadre(&admin, SHAN, json!({})).id(), "别人的");
    let told = me.get("/me").status(200);
    let branches = told["cadre"]["branches"].as_array().expect("a list").clone();
    assert_eq!(branches.len(), 1, "{told}");
    assert_eq!(branches[0]["name"], "单县第一党支部");
    assert_eq!(branches[0]["formal"], true);
    assert_eq!(branches[0]["term_ends_on"], serving["ends_on"]);
    assert_eq!(branches[0]["next_theme_day"]["theme"], "下一次");
    assert_eq!(branches[0]["next_theme_day"]["on"], day(6).to_string());
    let honors: Vec<&Value> =
        told["cadre"]["honors"].as_array().expect("a list").iter().map(|honor| &honor["title"]).collect();
    assert_eq!(honors, ["优秀共产党员"]);
}

fn others_are_told_who_they_are(ctx: &Ctx) {
    let app = ctx.app();
    for role in ["county_admin", "unit_user", "auditor", "app_public"] {
        let told = app.user(role, SHAN).get("/me").status(200);
        assert_eq!(told["role"], role);
        assert!(told["cadre"].is_null(), "{told}");
    }
}

fn a_token_is_told_what_it_may_read(ctx: &Ctx) {
    let app = ctx.app();
    let (me, _) = cadre(&app);
    let user = me.get("/me").status(200)["user_id"].clone();
    let mut asked = App::token_request(&["honors:read"], SHAN);
    asked["user_id"] = user;
    let token = app.admin().post("/tokens", asked).status(201);
    let told = app.anonymous().bearing(token["token"].as_str().expect("a token")).get("/me").status(200);
    let parts: Vec<&String> = told["cadre"].as_object().expect("parts").keys().collect();
    assert_eq!(parts, ["honors"], "{told}");
}
