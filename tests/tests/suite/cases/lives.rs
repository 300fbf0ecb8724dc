//! Cases 8, 20 and 38: deaths, and what becomes of a cadre's record.
use super::make::{branch, candidate, member, start, with};
use super::transfers::{SHAN, path, step, two};
use crate::support::{Case, Ctx, cases, client::Client};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        case_08_a_death_by_its_own_record_leaves_an_approved_medal_to_a_decision,
        case_38_a_death_is_counted_in_its_year,
        a_reversed_death_leaves_no_trace,
        who_changed_a_record_since_the_death_keeps_the_change,
        nobody_dies_twice_or_in_the_future,
        grants_are_an_advice_from_the_standards_of_the_day,
        an_honorary_retirement_is_complete_when_its_list_is,
        two_records_of_one_person_become_one,
        what_a_person_has_once_stops_a_merge,
        birthdays_are_in_the_order_of_the_calendar,
        what_waits_is_counted_for_who_must_do_it,
    ]
}

fn death(person: &str, day: &str) -> Value {
    json!({"cadre_id": person, "died_on": day, "reported_by": "试验者之子", "division_code": SHAN})
}

fn case_08_a_death_by_its_own_record_leaves_an_approved_medal_to_a_decision(ctx: &Ctx) {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let dates = json!({"joined_on": "1958-12-01", "converted_on": "1960-01-01"});
    let person = member(&city, &unit, &branch(&city), dates);
    let medal = json!({
        "kind": "party50_medal", "cadre_id": person, "title": "光荣在党50年", "level": "national",
        "status": "dept_reviewed", "division_code": SHAN,
    });
    let medal = path("honors", &city.post("/honors", medal).status(201).id());
    let id = city.post("/deaths", death(&person, "2021-05-20")).status(201).id();
    assert_eq!(city.get(&medal)["status"], "dept_reviewed", "a report changes nothing");
    step(&city, &path("deaths", &id), "confirm", json!({}));
    assert_eq!(city.get(&medal)["status"], "needs_decision");
    assert_eq!(candidate(&city, 2021, &person).as_deref(), Some("needs_decision"));
    // People decide.
    step(&city, &medal, "award", json!({"awarded_on": "2021-07-01"}));
}

fn case_38_a_death_is_counted_in_its_year(ctx: &Ctx) {
    let two = two(ctx);
    let branch = branch(&two.city);
    let person = member(&two.city, &two.unit, &branch, json!({"joined_on": "1975-01-01"}));
    let post = json!({"party_organization_id": branch, "cadre_id": person, "role": "secretary",
        "started_on": "2018-12-15", "division_code": SHAN});
    let post = path("party-posts", &two.city.post("/party-posts", post).status(201).id());
    two.person(json!({"name": "另一人"}));
    let id = two.shan.post("/deaths", death(&person, "2021-06-30")).status(201).id();
    assert_eq!(two.stock(SHAN, "2021-12-31")["total"], 2);
    step(&two.shan, &path("deaths", &id), "confirm", json!({}));
    let year = two.stock(SHAN, "2021-12-31");
    assert_eq!(
        (&year["opening"], &year["deaths"], &year["total"], &year["added"]),
        (&json!(2), &json!(1), &json!(1), &json!(0))
    );
    assert_eq!(two.stock(SHAN, "2021-06-29")["total"], 2);
    assert_eq!(two.stock(SHAN, "2022-12-31")["deaths"], 0);
    let cadre = two.shan.get(&path("cadres", &person)).status(200);
    assert_eq!((&cadre["status"], &cadre["died_on"]), (&json!("deceased"), &json!("2021-06-30")));
    let membership = two.shan.get(&format!("/party-memberships?filter[cadre_id]={person}")).status(200);
    assert_eq!(membership.items()[0]["status"], "deceased", "what goes on ends");
    assert_eq!(two.shan.get(&post)["ended_on"], "2021-06-30");
}

fn a_reversed_death_leaves_no_trace(ctx: &Ctx) {
    let two = two(ctx);
    let person = member(&two.city, &two.unit, &branch(&two.city), json!({"joined_on": "1975-01-01"}));
    let retirement = json!({"cadre_id": person, "effective_date": "2021-12-01", "division_code": SHAN});
    let retirement = path("honorary-retirements", &two.shan.post("/honorary-retirements", retirement).status(201).id());
    let membership = two.shan.get(&format!("/party-memberships?filter[cadre_id]={person}")).items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let all = [path("cadres", &person), retirement, path("party-memberships", &membership)];
    let state = || -> Vec<Value> {
        let plain = |one: &String| {
            let mut fields = two.city.get(one).status(200).json().clone();
            for kept in ["version", "updated_at"] {
                fields.as_object_mut().unwrap().remove(kept);
            }
            fields
        };
        all.iter().map(plain).collect()
    };
    let before = state();
    let id = two.shan.post("/deaths", death(&person, "2021-06-30")).status(201).id();
    let record = path("deaths", &id);
    step(&two.shan, &record, "confirm", json!({}));
    assert!(state().iter().zip(&before).all(|(now, then)| now != then), "each of them has changed");
    let effects = two.shan.get(&format!("{record}/effects")).status(200);
    assert!(effects.items().iter().any(|e| e["resource"] == "cadres" && e["field"] == "status"));
    assert!(effects.items().iter().any(|e| e["resource"] == "party-memberships"));
    let etag = two.shan.get(&record).etag();
    two.shan.delete_if(&record, &etag).status(409).problem("wrong_state");
    two.shan.patch_if(&record, &etag, json!({"died_on": "2021-06-29"})).status(422).error_at("/died_on", "settled");
    step(&two.shan, &record, "reverse", json!({"closing_reason": "同名误报"}));
    assert_eq!(state(), before);
    assert_eq!(two.shan.get(&format!("{record}/effects")).items().len(), 0);
    // A right one may follow.
    two.shan.post("/deaths", death(&person, "2021-07-30")).status(201);
}

fn who_changed_a_record_since_the_death_keeps_the_change(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({}));
    let medal = json!({
        "kind": "party50_medal", "cadre_id": person, "title": "光荣在党50年", "level": "national",
        "status": "dept_reviewed", "division_code": SHAN,
    });
    let medal = path("honors", &two.shan.post("/honors", medal).status(201).id());
    let record = path("deaths", &two.shan.post("/deaths", death(&person, "2021-06-30")).status(201).id());
    step(&two.shan, &record, "confirm", json!({}));
    step(&two.shan, &medal, "award", json!({"awarded_on": "2021-07-01"}));
    step(&two.shan, &record, "reverse", json!({"closing_reason": "误报"}));
    assert_eq!(two.shan.get(&medal)["status"], "awarded");
    assert_eq!(two.shan.get(&path("cadres", &person))["status"], "in_care");
}

fn nobody_dies_twice_or_in_the_future(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({}));
    two.shan.post("/deaths", death(&person, "2199-01-01")).status(422).error_at("/died_on", "future_date");
    two.shan.post("/deaths", death(&person, "1930-01-01")).status(422).error_at("/died_on", "not_before_birth");
    let first = two.shan.post("/deaths", death(&person, "2021-06-30")).status(201).id();
    two.shan.post("/deaths", death(&person, "2021-06-30")).status(409).problem("already_exists");
    step(&two.shan, &path("deaths", &first), "withdraw", json!({"closing_reason": "尚在"}));
    two.shan.post("/deaths", death(&person, "2021-07-30")).status(201);
    // Only those who answer for the division take a death back.
    let confirmed = two.shan.get("/deaths?filter[status]=reported").items()[0]["id"].as_str().unwrap().to_owned();
    step(&two.shan, &path("deaths", &confirmed), "confirm", json!({}));
    two.cao.post(&format!("/deaths/{confirmed}/reverse"), json!({"closing_reason": "x"})).status(404);
}

fn grants_are_an_advice_from_the_standards_of_the_day(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({}));
    let standard = |kind: &str, scope: &str, value: Value, from: &str, to: &str| {
        let standard =
            json!({"kind": kind, "scope": scope, "valid_from": from, "valid_to": to, "division_code": "371700"});
        two.city.post("/benefit-standards", with(standard, value)).status(201);
    };
    let record = path("deaths", &two.shan.post("/deaths", death(&person, "2021-06-30")).status(201).id());
    let nothing = two.shan.get(&format!("{record}/grants")).status(200);
    assert_eq!(nothing["grants"][1]["missing"].as_array().unwrap().len(), 4);
    standard("funeral", "all", json!({"amount": "5000.00"}), "2019-01-01", "2021-12-31");
    standard("death_grant", "income_per_head", json!({"amount": "43834.00"}), "2020-01-01", "2020-12-31");
    standard("death_grant", "income_per_head", json!({"amount": "47412.00"}), "2021-01-01", "2021-12-31");
    standard("death_grant", "income_multiple_illness", json!({"rate": "2"}), "2011-08-01", "2099-12-31");
    standard("death_grant", "pension_months", json!({"rate": "40"}), "2011-08-01", "2099-12-31");
    let advice = two.shan.get(&format!("{record}/grants?monthly_pension=6000.00")).status(200);
    assert_eq!(advice["grants"][0]["amount"], "5000.00");
    // 2 x 43834.00 of the year before + 40 x 6000.00
    assert_eq!(advice["grants"][1]["amount"], "327668.00");
    assert_eq!((&advice["advisory"], advice["parameters"].as_array().unwrap().len()), (&json!(true), 4));
    two.shan.get(&format!("{record}/grants?monthly_pension=x")).status(400);
}

fn an_honorary_retirement_is_complete_when_its_list_is(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({}));
    let plan = json!({"cadre_id": person, "effective_date": "2021-09-01", "division_code": SHAN,
        "checklist": [{"item": "谈话"}, {"item": "颁证"}]});
    let one = path("honorary-retirements", &two.shan.post("/honorary-retirements", plan).status(201).id());
    step(&two.shan, &one, "start", json!({}));
    let complete =
        |list: Value| two.shan.post(&format!("{one}/complete"), json!({"certificate_no": "1", "checklist": list}));
    let open = json!([{"item": "谈话", "done_on": "2021-08-25"}, {"item": "颁证"}]);
    complete(open).status(422).error_at("/checklist/1/done_on", "checklist_open");
    let twice = json!([{"item": "谈话"}, {"item": "谈话"}]);
    complete(twice).status(422).error_at("/checklist/1/item", "too_many");
    let done = json!([{"item": "谈话", "done_on": "2021-08-25"}, {"item": "颁证", "done_on": "2021-08-30"}]);
    assert_eq!(complete(done).status(200)["status"], "completed");
}

fn two_records_of_one_person_become_one(ctx: &Ctx) {
    let two = two(ctx);
    let number = "372901193005120015";
    let twice = json!({"name": "同一人", "birth_date": "1930-05-12", "id_number": number, "sex": "1"});
    let gone =
        two.person(with(twice.clone(), json!({"status": "void", "void_reason": "重复", "mobile": "13800000009"})));
    let kept = two.person(twice);
    two.person(json!({"name": "不相干", "birth_date": "1930-05-12"}));
    let pairs = two.shan.get("/cadres/duplicates").status(200);
    assert_eq!(pairs.items().len(), 1, "{pairs}");
    assert_eq!((&pairs.items()[0]["cadre_id"], &pairs.items()[0]["reason"]), (&json!(gone), &json!("same_id_number")));
    assert_eq!(two.cao.get("/cadres/duplicates").items().len(), 0);
    let family = json!({"cadre_id": gone, "relation": "spouse", "name": "其妻某", "division_code": SHAN});
    let family = two.shan.post("/cadre-family-members", family).status(201).id();
    let merge = |client: &Client| client.post(&format!("/cadres/{gone}/merge"), json!({"into": kept}));
    two.cao.post(&format!("/cadres/{gone}/merge"), json!({"into": kept})).status(404);
    let cursor = two.shan.get("/sync/changes?cursor=now").status(200)["next_cursor"].as_str().unwrap().to_owned();
    let merged = merge(&two.shan).status(200);
    assert_eq!((merged["id"].as_str(), &merged["mobile"]), (Some(kept.as_str()), &json!("13800000009")));
    assert_eq!(merge(&two.shan).status(200)["version"], merged["version"], "asked for again");
    assert_eq!(two.shan.get(&path("cadre-family-members", &family))["cadre_id"], json!(kept));
    let moved = two.shan.get(&path("cadres", &gone)).status(308);
    assert_eq!(moved.header("location"), Some(format!("/api/v1/cadres/{kept}").as_str()));
    two.cao.get(&path("cadres", &gone)).status(404);
    assert_eq!(two.shan.get("/cadres/duplicates").items().len(), 0);
    let page = two.shan.get(&format!("/sync/changes?cursor={cursor}&entities=cadres"));
    let page =
        if page.status == 200 { page } else { two.shan.get("/sync/changes?entities=cadres&limit=2000").status(200) };
    let its = page["changes"].as_array().unwrap().iter().rfind(|c| c["id"] == gone.as_str()).unwrap();
    assert_eq!((&its["op"], &its["reason"]), (&json!("delete"), &json!("merged")));
    two.shan.post(&format!("/cadres/{kept}/merge"), json!({"into": kept})).status(422).error_at("/into", "same_record");
}

fn what_a_person_has_once_stops_a_merge(ctx: &Ctx) {
    let two = two(ctx);
    let branch = branch(&two.city);
    let one = member(&two.city, &two.unit, &branch, json!({"joined_on": "1975-01-01"}));
    let other = member(&two.city, &two.unit, &branch, json!({"joined_on": "1975-01-01"}));
    let refused = two.shan.post(&format!("/cadres/{one}/merge"), json!({"into": other})).status(409);
    refused.error_at("/into", "merge_clash");
    two.shan.get(&path("cadres", &one)).status(200);
}

fn birthdays_are_in_the_order_of_the_calendar(ctx: &Ctx) {
    let two = two(ctx);
    for (name, born, more) in [
        ("甲某", "1931-05-20", json!({})),
        ("乙某", "1931-05", json!({})),
        ("丙某", "1921-05-03", json!({})),
        ("丁某", "1940-06-01", json!({})),
        ("戊某", "1935", json!({})),
        ("己某", "1930-05-04", json!({"status": "deceased", "died_on": "2020"})),
        ("庚某", "1942-05-04", json!({"retire_date": "2002"})),
    ] {
        two.person(with(json!({"name": name, "birth_date": born}), more));
    }
    let names = |query: &str| {
        let page = two.shan.get(&format!("/cadres/birthdays?month=5&year=2021{query}")).status(200);
        page.items().iter().map(|b| b["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["乙某", "丙某", "庚某", "甲某"]);
    assert_eq!(names("&min_age=90"), ["乙某", "丙某", "甲某"]);
    assert_eq!(names("&min_age=100"), ["丙某"]);
    assert_eq!(names("&decades=true"), ["乙某", "丙某", "甲某"]);
    let first = two.shan.get("/cadres/birthdays?month=5&year=2021&limit=2").status(200);
    let next = first["next_page_token"].as_str().unwrap();
    assert_eq!(names(&format!("&limit=2&page_token={next}")), ["庚某", "甲某"]);
    assert_eq!(first.items()[1]["turns"], 100);
    two.shan.get("/cadres/birthdays?month=13").status(400);
    // Of some days, which may lie in two years, one page after the other.
    for (name, born) in [("辛某", "1940-12-30"), ("壬某", "1950-01-02"), ("癸某", "1950-01-05")] {
        two.person(json!({"name": name, "birth_date": born, "retire_date": "2011"}));
    }
    let (mut week, mut token) = (vec![], String::new());
    loop {
        let page = two.shan.get(&format!("/cadres/birthdays?from=2021-12-29&days=7&limit=1{token}")).status(200);
        week.extend(page.items().iter().map(|b| (b["name"].as_str().unwrap().to_owned(), b["turns"].clone())));
        let Some(next) = page["next_page_token"].as_str() else { break };
        token = format!("&page_token={next}");
    }
    assert_eq!(week, [("辛某".to_owned(), json!(81)), ("壬某".to_owned(), json!(72))]);
    for wrong in ["month=5&from=2021-05-01", "month=5&days=3", "from=2021-05-01&year=2021", "from=2021-05-01&days=0"] {
        two.shan.get(&format!("/cadres/birthdays?{wrong}")).status(400).problem("invalid_parameter");
    }
    two.shan.get("/cadres/birthdays").status(400);
    assert_eq!(two.cao.get("/cadres/birthdays?month=5").items().len(), 0);
}

fn what_waits_is_counted_for_who_must_do_it(ctx: &Ctx) {
    let two = two(ctx);
    let person = two.person(json!({"birth_date": "1931-12-30"}));
    let born = two.person(json!({"name": "新年生", "birth_date": "1940-01-02", "mobile": "13800000001"}));
    let transfer = path("cadre-transfers", &two.submitted(&person, "2021-12-20").id());
    two.shan.post("/deaths", death(&born, "2021-12-01")).status(201);
    let lists = |client: &Client| {
        let answer = client.get("/worklists?as_of=2021-12-29").status(200);
        let counted = |l: &Value| (l["name"].as_str().unwrap().to_owned(), l["count"].as_i64().unwrap());
        answer.items().iter().map(counted).collect::<std::collections::BTreeMap<_, _>>()
    };
    let here = lists(&two.shan);
    let expected =
        [("transfers_to_approve", 1), ("deaths_to_confirm", 1), ("birthdays_of_the_week", 2), ("incomplete_cadres", 2)];
    for (name, count) in expected {
        assert_eq!(here.get(name), Some(&count), "{name}: {here:?}");
    }
    assert_eq!(lists(&two.cao).len(), 0, "nothing for it to do yet");
    step(&two.shan, &transfer, "approve", json!({}));
    assert_eq!(lists(&two.cao).get("transfers_to_accept"), Some(&1));
    assert_eq!(lists(&two.shan).get("transfers_to_accept"), None);
    // Each link leads to what was counted.
    let all = two.shan.get("/worklists?as_of=2021-12-29&empty=true").status(200);
    for list in all.items() {
        let page = two.shan.get(list["link"].as_str().unwrap().trim_start_matches("/api/v1")).status(200);
        assert_eq!(page.items().len() as i64, list["count"].as_i64().unwrap(), "{}", list["name"]);
    }
}
