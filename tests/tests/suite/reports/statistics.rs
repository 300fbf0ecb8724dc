//! The statutory tables over a handful of persons, every value counted by hand: partial dates, transfers over the end
//! of the year, exact ages, a date in no period, roles and scopes.
use crate::cases::make::{cadre, start, with};
use crate::exchange::files::{read_csv, read_xlsx};
use crate::support::{App, Case, Ctx, cases, client::Client};
use serde_json::{Value, json};

pub fn tests() -> Vec<Case> {
    cases![
        tables_of_people_are_what_the_dates_tell,
        what_does_not_add_up_is_named,
        tables_of_the_work_are_what_was_done,
        who_may_see_which_table,
        tables_as_files,
    ]
}

pub const SHAN: &str = "371722";
const CAO: &str = "371721";

struct World {
    app: App,
    city: Client,
    unit: String,
    cao_unit: String,
    /// One who joined in no period.
    odd: String,
    /// One who cannot care for herself, and is a member.
    first: String,
}

/// Three cadres in leave-rest and one who died; of the retired one new, one on the way to Cao County within the year
/// and one after it, one who left the city, one who came.
fn world(ctx: &Ctx) -> World {
    let app = ctx.app();
    let (city, unit) = start(&app);
    let there = json!({"name": "曹县某某厂", "kind": "enterprise", "management": "central", "division_code": CAO});
    let cao_unit = city.post("/units", there).status(201).id();
    let person = |change: Value| city.post("/cadres", cadre(&unit, change)).status(201).id();
    let lixiu = |name: &str, born: &str, joined: &str, more: Value| {
        let fields = json!({"name": name, "birth_date": born, "retire_type": "lixiu", "retire_date": "1988",
            "join_revolution_date": joined, "treatment_level": "county"});
        person(with(fields, more))
    };
    let first = lixiu("离休甲", "1930-05-12", "1947-03", json!({"self_care": "none", "politics": "01"}));
    lixiu("离休乙", "1925", "1944", json!({"settlement": "elsewhere", "treatment_level": "bureau", "politics": "13"}));
    lixiu("离休丙", "1932-01-01", "1949-09-30", json!({"status": "deceased", "died_on": "2021-05"}));
    let odd = lixiu("离休丁", "1912-01-01", "1921-06", json!({"treatment_level": "section_below"}));
    let social = json!({"pension_socialised": true, "party_relation_local": true, "politics": "02",
        "roles_played": ["youth_care"]});
    person(with(json!({"name": "退休甲", "birth_date": "1960-12-31", "retire_date": "2021-12"}), social));
    let moved = json!({"unit_id": cao_unit, "division_code": CAO});
    let paper = |person: &str, direction: &str, day: &str| {
        let mut letter = json!({
            "cadre_id": person, "cadre_name": "试验者", "direction": direction, "reason": "move", "applied_on": "2021-01-04",
            "effective_date": day, "status": "done", "division_code": SHAN,
        });
        let more = match direction {
            "internal" => json!({"to_division": CAO, "from_unit_id": unit, "to_unit_id": cao_unit}),
            "out" => json!({"outside_place": "济南市", "from_unit_id": unit}),
            _ => json!({"outside_place": "济南市", "to_unit_id": unit}),
        };
        letter = with(letter, more);
        city.post("/cadre-transfers", letter).status(201);
    };
    let moves = [
        ("退休乙", moved.clone(), "internal", "2021-10-01"),
        ("退休丙", json!({"status": "transferred_out"}), "out", "2021-03-01"),
        ("退休丁", json!({"archive_local": true, "local_medical_insurance": true}), "in", "2021-07-01"),
        ("退休戊", moved, "internal", "2022-01-05"),
    ];
    for (name, change, direction, day) in moves {
        paper(&person(with(json!({"name": name}), change)), direction, day);
    }
    // None of these is in care: one is not retired yet, one is void.
    person(json!({"name": "未退休", "status": "pre_registered", "retire_date": "2021-03"}));
    person(json!({"name": "作废者", "status": "void", "void_reason": "重复"}));
    World { app, city, unit, cao_unit, odd, first }
}

/// The numbers of a row, or of the whole.
pub fn row(table: &Value, code: &str) -> Value {
    if code == "total" {
        return table["total"]["values"].clone();
    }
    let rows = table["rows"].as_array().unwrap();
    rows.iter().find(|r| r["code"] == code).unwrap_or_else(|| panic!("no row {code} in {table}"))["values"].clone()
}

pub fn get(client: &Client, id: &str, more: &str) -> Value {
    client.get(&format!("/statistics/{id}?year=2021&division=371700{more}")).status(200).json().clone()
}

#[track_caller]
pub fn holds(table: &Value) {
    for check in table["checks"].as_array().unwrap() {
        assert_eq!((&check["ok"], &check["ids"]), (&json!(true), &json!([])), "{check}");
    }
}

fn tables_of_people_are_what_the_dates_tell(ctx: &Ctx) {
    let w = world(ctx);
    let table = |id: &str| get(&w.city, id, "");
    let r1 = table("R1");
    let expected = json!({
        "total": 3, "members": 1, "dependent": 1, "aged_70": 0, "aged_80": 3,
        "first_civil_war": 0, "first_civil_war_away": 0, "second_civil_war": 0, "second_civil_war_away": 0,
        "anti_japan_early": 0, "anti_japan_early_away": 0, "anti_japan_late": 1, "anti_japan_late_away": 1,
        "liberation_war": 1, "liberation_war_away": 0,
    });
    assert_eq!((row(&r1, SHAN), row(&r1, "total")), (expected.clone(), expected));
    assert_eq!(row(&r1, CAO)["total"], 0, "a county without anything has its row");
    assert_eq!(r1["coverage"]["reporting"], 1);
    let r2 = table("R2");
    let change = json!({"opening": 4, "died": 1, "expected": 3, "actual": 3, "new": 0, "moved_in": 0, "moved_out": 0, "death_rate": 25});
    assert_eq!(row(&r2, SHAN), change);
    assert!(row(&r2, CAO).get("death_rate").is_none(), "nothing is no share of nothing");
    holds(&r2);
    let r3 = table("R3");
    let change = |opening, new, actual, members, moved_in, moved_out| {
        json!({"opening": opening, "new": new, "died": 0, "expected": actual, "actual": actual, "members": members,
            "early": 0, "moved_in": moved_in, "moved_out": moved_out, "death_rate": 0})
    };
    assert_eq!(row(&r3, SHAN), change(3, 1, 3, 1, 1, 2));
    let mut cao = change(0, 0, 1, 0, 1, 0);
    cao.as_object_mut().unwrap().remove("death_rate");
    assert_eq!(row(&r3, CAO), cao);
    // What moves within the city neither comes nor goes.
    assert_eq!(row(&r3, "total"), change(3, 1, 4, 1, 1, 1));
    holds(&r3);
    let r4 = table("R4");
    assert_eq!(
        row(&r4, SHAN),
        json!({"total": 3, "vice_provincial_up": 0, "bureau": 1, "county": 1, "section_below": 1})
    );
    holds(&r4);
    let r5 = table("R5");
    // The bureau does not say to whom it belongs; the factory is a central one.
    let kinds = |lixiu, organ, enterprise| {
        json!({"lixiu": lixiu, "lixiu_organ": lixiu, "lixiu_institution": 0, "lixiu_enterprise": 0, "lixiu_other": 0,
            "lixiu_central": 0, "lixiu_local": 0, "lixiu_unstated": lixiu,
            "retired": organ + enterprise, "retired_organ": organ, "retired_institution": 0,
            "retired_enterprise": enterprise, "retired_other": 0,
            "retired_central": enterprise, "retired_local": 0, "retired_unstated": organ})
    };
    assert_eq!((row(&r5, SHAN), row(&r5, CAO)), (kinds(3, 3, 0), kinds(0, 0, 1)));
    holds(&r5);
    let etag = w.city.get(&format!("/units/{}", w.unit)).etag();
    w.city.patch_if(&format!("/units/{}", w.unit), &etag, json!({"management": "local"})).status(200);
    let r5 = row(&table("R5"), SHAN);
    assert_eq!((&r5["lixiu_local"], &r5["retired_local"], &r5["retired_unstated"]), (&json!(3), &json!(3), &json!(0)));
    let r6 = table("R6");
    assert_eq!(
        row(&r6, SHAN),
        json!({"total": 6, "pension_socialised": 1, "local_medical_insurance": 1,
        "party_relation_local": 1, "archive_local": 1, "roles_played": 1})
    );
    let ages = |a56, a61, average: f64| {
        json!({"total": 7, "to_45": 0, "from_46": 0, "from_51": 0, "from_56": a56, "from_61": a61, "from_71": 0,
            "from_81": 3, "from_91": 2, "from_100": 1, "average_age": average})
    };
    let r7 = table("R7");
    // 91 + 96 + 109 + 61 + three times 86: 615 of 7 persons.
    assert_eq!(row(&r7, "total"), ages(0, 1, 87.86));
    holds(&r7);
    // The day before, the youngest is 60, whatever the difference of the years.
    assert_eq!(row(&get(&w.city, "R7", "&as_of=2021-12-30"), "total"), ages(1, 0, 87.71));
    let r9 = table("R9");
    assert_eq!(row(&r9, "total"), json!({"members": 2, "unit": 1, "local": 1, "registered": 0}));
    holds(&r9);
    by_unit(&w);
    as_of_a_day(&w);
}

fn by_unit(w: &World) {
    let r3 = get(&w.city, "R3", "&by=unit");
    let values: Vec<(&str, i64, i64)> = r3["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            (
                r["code"].as_str().unwrap(),
                r["values"]["moved_in"].as_i64().unwrap(),
                r["values"]["actual"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(values, [(w.cao_unit.as_str(), 1, 1), (w.unit.as_str(), 1, 3)], "by division, then by place");
    holds(&r3);
    // Who reads no sensitive fields learns of no single person's health from a small unit.
    assert_eq!(row(&get(&w.city, "R1", "&by=unit"), &w.unit)["dependent"], 1);
    let admin = get(&w.app.admin(), "R1", "&by=unit");
    assert!(row(&admin, &w.unit).get("dependent").is_none());
    assert_eq!(admin["total"]["values"]["dependent"], 1);
}

/// Before anything has happened in the year, and in the year after.
fn as_of_a_day(w: &World) {
    let early = get(&w.city, "R3", "&as_of=2021-01-31");
    assert_eq!(row(&early, SHAN)["actual"], 3);
    assert_eq!(row(&early, "total")["moved_in"], 0);
    let died = |day: &str| row(&get(&w.city, "R2", &format!("&as_of={day}")), SHAN)["died"].clone();
    // A death known to the month counts from its first day.
    assert_eq!((died("2021-04-30"), died("2021-05-01")), (json!(0), json!(1)));
    let next = w.city.get("/statistics/R3?year=2022&division=371700").status(200).json().clone();
    assert_eq!((row(&next, SHAN)["opening"].clone(), row(&next, SHAN)["moved_out"].clone()), (json!(3), json!(1)));
    assert_eq!(row(&next, CAO)["actual"], 2);
    holds(&next);
}

fn what_does_not_add_up_is_named(ctx: &Ctx) {
    let w = world(ctx);
    let r1 = get(&w.city, "R1", "");
    let check = &r1["checks"][0];
    assert_eq!(check["ok"], false, "who joined before the first period does not vanish");
    let broken = |code: &str| json!({"code": code, "expected": 2, "actual": 3});
    assert_eq!(check["rows"], json!([broken(SHAN), broken("371700")]));
    assert_eq!((&check["resource"], &check["ids"]), (&json!("cadres"), &json!([w.odd])));
    // A level of treatment that is not known is a gap in the table.
    let etag = w.city.get(&format!("/cadres/{}", w.first)).etag();
    w.city.patch_if(&format!("/cadres/{}", w.first), &etag, json!({"treatment_level": null})).status(200);
    let r4 = get(&w.city, "R4", "");
    assert_eq!(r4["checks"][0]["ids"], json!([w.first]));
    // Who came by a transfer before retiring was never counted as coming: the sum says so, and who it is.
    let letter = json!({
        "cadre_id": w.first, "cadre_name": "离休甲", "direction": "in", "reason": "move", "applied_on": "2021-01-04",
        "outside_place": "济南市", "to_unit_id": w.unit, "effective_date": "2021-02-01", "status": "done", "division_code": SHAN,
    });
    w.city.post("/cadre-transfers", letter).status(201);
    let r2 = get(&w.city, "R2", "");
    assert_eq!((row(&r2, SHAN)["opening"].clone(), row(&r2, SHAN)["moved_in"].clone()), (json!(3), json!(1)));
    holds(&r2);
    let etag = w.city.get(&format!("/cadres/{}", w.first)).etag();
    w.city.patch_if(&format!("/cadres/{}", w.first), &etag, json!({"retire_date": "2021-06-01"})).status(200);
    let r2 = get(&w.city, "R2", "");
    let check = &r2["checks"][0];
    assert_eq!((&check["ok"], &check["ids"]), (&json!(false), &json!([w.first])), "{check}");
}

fn tables_of_the_work_are_what_was_done(ctx: &Ctx) {
    let w = world(ctx);
    let city = &w.city;
    let add = |path: &str, body: Value| city.post(path, with(body, json!({"division_code": SHAN}))).status(201).id();
    for (kind, ended) in [("full_time", None), ("part_time", None), ("full_time", Some("2021-06-30"))] {
        let staff =
            json!({"name": "工作者", "unit_id": w.unit, "duty": "服务", "kind": kind, "started_on": "2020-01-01"});
        add("/staff", ended.map_or(staff.clone(), |day| with(staff, json!({"ended_on": day}))));
    }
    add(
        "/staff-trainings",
        json!({"topic": "业务", "level": "county", "from_on": "2021-04-01", "to_on": "2021-04-02", "persons": 30, "hours": 8}),
    );
    let r10 = get(city, "R10", "");
    assert_eq!(row(&r10, SHAN), json!({"bodies": 0, "full_time": 1, "part_time": 1, "trainings": 1, "trained": 30}));
    let facility = json!({"kind": "activity_centre", "name": "活动中心", "area_m2": 800, "daily_visits": 60, "open": true, "opened_on": "2010"});
    add("/facilities", facility);
    let r11 = get(city, "R11", "");
    assert_eq!(
        row(&r11, SHAN),
        json!({"facilities": 1, "area": 800, "daily_visits": 60, "schools": 0, "school_area": 0,
        "staff": 0, "students": 0, "graduates": 0, "building": 0})
    );
    for (area, body) in [("urban", "community"), ("urban", "grid"), ("rural", "villagers_council")] {
        add(
            "/service-posts",
            json!({"cadre_id": w.first, "area": area, "body_kind": body, "body_name": "某处", "role": "委员", "started_on": "2019-01-01"}),
        );
    }
    let r14 = row(&get(city, "R14", ""), SHAN);
    assert_eq!(
        r14,
        json!({"persons": 1, "urban": 1, "urban_community": 1, "urban_grid": 1, "urban_social_org": 0,
        "urban_red_property": 0, "rural": 1, "rural_wedding_funeral_council": 0, "rural_elders_mediation": 0,
        "rural_villagers_council": 1}),
        "one person, in whatever many posts"
    );
    let programme = json!({"code": "P-2021", "name": "宣讲", "theme": "plenary_session", "starts_on": "2021-01-01",
        "targets": [{"metric": "sessions", "op": "eq", "value": 2}, {"metric": "audience", "op": "gte", "value": 50}]});
    let programme = add("/programmes", programme);
    add(
        "/activities",
        json!({"programme_id": programme, "kind": "lecture", "title": "宣讲", "held_on": "2021-05-01",
        "venue_kind": "community", "audience_count": 60, "status": "held"}),
    );
    let r15 = get(city, "R15", "");
    let told: Vec<(Value, Value, Value)> = r15["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["values"]["target"].clone(), r["values"]["done"].clone(), r["texts"]["met"].clone()))
        .collect();
    assert_eq!(told, [(json!(2), json!(1), json!("否")), (json!(50), json!(60), json!("是"))]);
    assert_eq!(r15["coverage"]["reporting"], 1, "where something was held for it");
    add(
        "/visits",
        json!({"occasion": "spring_festival", "visited_on": "2021-02-05", "leader_level": "county", "cadre_id": w.first}),
    );
    add(
        "/visits",
        json!({"occasion": "spring_festival", "visited_on": "2021-02-06", "leader_level": "county", "persons": 12}),
    );
    add(
        "/guarantee-statuses",
        json!({"mechanism": "medical", "year": 2021, "status": "arrears", "arrears_amount": "1200.50", "persons_affected": 3}),
    );
    let r17 = row(&get(city, "R17", ""), SHAN);
    assert_eq!(
        r17,
        json!({"claims": 0, "claims_amount": 0, "hardship": 0, "hardship_amount": 0, "visits": 2,
        "visited_named": 1, "visited_counted": 12, "visited": 13, "channels": 0, "guarantees_ok": 0,
        "guarantees_arrears": 1, "arrears": 1200.5})
    );
}

fn who_may_see_which_table(ctx: &Ctx) {
    let w = world(ctx);
    let list = w.city.get("/statistics").status(200);
    assert_eq!(list.items().len(), 17);
    let r16 = get(&w.city, "R16", "");
    let told: Vec<(Value, Value)> =
        r16["rows"].as_array().unwrap().iter().map(|r| (r["name"].clone(), r["values"]["turns"].clone())).collect();
    assert_eq!(told, [(json!("离休丁"), json!(109)), (json!("离休乙"), json!(96)), (json!("离休甲"), json!(91))]);
    // Names and days are personal: an auditor has the numbers, not the list.
    let auditor = w.app.user("auditor", SHAN);
    auditor.get("/statistics/R1?year=2021").status(200);
    auditor.get("/statistics/R16?year=2021").status(403);
    w.app.token(&["reports:read"], "371700").get("/statistics/R16?year=2021").status(403);
    w.app.user("unit_user", SHAN).get("/statistics/R1?year=2021").status(403);
    let cao = w.app.user("county_admin", CAO);
    cao.get("/statistics/R1?year=2021&division=371700").status(404);
    assert_eq!(cao.get("/statistics/R3?year=2021").status(200)["total"]["values"]["actual"], 1);
    for (query, name) in [
        ("R1?year=2021&as_of=2022-01-01", "/as_of"),
        ("R8?year=2021&by=unit", "/by"),
        ("R1?year=2021&format=html", "/format"),
    ] {
        w.city
            .request("GET", &format!("/statistics/{query}"))
            .unchecked()
            .send()
            .status(400)
            .error_at(name, "wrong_type");
    }
    w.city.get("/statistics/R18?year=2021").status(404);
}

fn tables_as_files(ctx: &Ctx) {
    let w = world(ctx);
    let runs = json!({"name": "=1+1局", "kind": "organ", "division_code": SHAN});
    let runs = w.city.post("/units", runs).status(201).id();
    w.city.post("/cadres", cadre(&runs, json!({}))).status(201);
    for format in ["csv", "xlsx"] {
        let file = w.city.get(&format!("/statistics/R3?year=2021&by=unit&format={format}")).status(200);
        let rows = if format == "csv" { read_csv(&file.body) } else { read_xlsx(&file.body) };
        assert!(rows.iter().any(|row| row[1] == "'=1+1局"), "nothing that a spreadsheet would run: {rows:?}");
    }
    let table = |id: &str, format: &str| {
        let file = w.city.get(&format!("/statistics/{id}?year=2021&format={format}")).status(200);
        if format == "csv" { read_csv(&file.body) } else { read_xlsx(&file.body) }
    };
    for format in ["csv", "xlsx"] {
        let r4 = table("R4", format);
        assert_eq!(r4[0], ["代码", "名称", "离休干部总数", "副省(部)级及以上", "厅局级", "县处级", "科级及以下"]);
        assert!(r4.contains(&["371722", "单县", "3", "0", "1", "1", "1"].map(str::to_owned).to_vec()), "{r4:?}");
        assert_eq!(r4.last().unwrap()[..3], ["371700", "合计", "3"].map(str::to_owned));
        let r16 = table("R16", format);
        assert_eq!(r16[3][1..4], ["离休甲", "371722", "1930-05-12"].map(str::to_owned));
    }
    let csv = w.city.get("/statistics/R1?year=2021&format=csv").status(200);
    assert!(csv.body.starts_with("\u{feff}".as_bytes()), "the mark by which a spreadsheet program knows it");
    let report = |format: &str| w.city.get(&format!("/reports/annual?year=2021&format={format}")).status(200);
    let rows = read_csv(&report("csv").body);
    assert_eq!(rows.len(), 42);
    assert_eq!(rows[0][..4], ["部分", "指标编号", "指标", "数值"].map(str::to_owned));
    assert_eq!(rows[0].last().unwrap(), "明细");
    let sheet = read_xlsx(&report("xlsx").body);
    assert_eq!((sheet.len(), &sheet[0]), (42, &rows[0]));
}
