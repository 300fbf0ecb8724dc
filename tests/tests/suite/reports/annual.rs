//! The report of 2021 over the demo data: values and words as the domain reference has them, and every figure's
//! records add up to it.
use crate::support::{Case, Ctx, cases, client::Client};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};

pub fn tests() -> Vec<Case> {
    cases![case_53_the_report_of_2021_says_what_the_rows_say]
}

/// Figure, value, words.
const EXPECTED: [(&str, f64, &str); 38] = [
    ("F01", 98.0, "近100人"),
    ("F02", 1000.0, "1000场"),
    ("F03", 10_000.0, "10000人以上"),
    ("F04", 197.0, "近200场"),
    ("F05", 3086.0, "3000余人"),
    ("F06", 22.0, "22名"),
    ("F07", 4.0, "4名"),
    ("F08", 9.0, "9个"),
    ("F09", 106.0, "106个"),
    ("F10", 218.0, "200多名"),
    ("F11", 2.0, "2份"),
    ("F12", 2317.0, "2300余名"),
    ("F13", 4523.0, "4500余名"),
    ("F14", 3026.0, "3000余场次"),
    ("F15", 1_030_000.0, "103万人次"),
    ("F16", 11.0, "11个县区"),
    ("F17", 506.0, "506所"),
    ("F18", 306_500.0, "30余万人"),
    ("F19", 1.0, "—"),
    ("F20", 20_400.0, "两万多张"),
    ("F21", 100.0, "100幅"),
    ("F22", 33.0, "30多场"),
    ("F23", 51_200.0, "5万余人"),
    ("F24", 10_000.0, "1万元"),
    ("F25", 33.0, "33名"),
    ("F26", 3.0, "—"),
    ("F27", 3.0, "3个"),
    ("F28", 23.0, "20余所"),
    ("F29", 4.0, "4所"),
    ("F30", 6.0, "6期"),
    ("F31", 1.0, "第一名"),
    ("F32", 1.0, "—"),
    ("F33", 7.0, "7+N"),
    ("F34", 3.0, "百千万"),
    ("F35", 5.0, "五强"),
    ("F36", 3.0, "三个机制"),
    ("F37", 3.0, "三化"),
    ("F41", 100.0, "全部开放"),
];

fn case_53_the_report_of_2021_says_what_the_rows_say(ctx: &Ctx) {
    let app = ctx.app();
    let loaded = app.cli(&["demo"]).output().expect("run the command");
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let city = app.admin();
    let report = city.get("/reports/annual?year=2021&division=371700").status(200);
    let sections = report["sections"].as_array().expect("sections");
    let titles: Vec<&str> = sections.iter().filter_map(|s| s["title"].as_str()).collect();
    assert_eq!(titles, ["政治建设", "党建引领", "作用发挥", "“三化”建设", "平台建设", "自身建设"]);
    assert_eq!(report["coverage"], serde_json::json!({"counties": 11, "reporting": 11}));
    let figures: BTreeMap<&str, &Value> = sections
        .iter()
        .flat_map(|s| s["figures"].as_array().into_iter().flatten())
        .map(|f| (f["figure_id"].as_str().expect("an id"), f))
        .collect();
    assert_eq!(figures.len(), 41);
    let told: Vec<(&str, f64, &str)> = EXPECTED
        .iter()
        .map(|(id, ..)| {
            let f = figures[id];
            (*id, f["value"].as_f64().expect("a number"), f["display_text"].as_str().expect("words"))
        })
        .collect();
    assert_eq!(told, EXPECTED);
    // No number in the source text: any, but the standard rises and the medals are counted.
    assert_eq!(figures["F40"]["display_text"], "持续提高");
    assert!(figures["F38"]["value"].as_i64() > Some(0) && figures["F39"]["value"].as_i64() > Some(0));
    let text: String = sections
        .iter()
        .flat_map(|s| s["sentences"].as_array().into_iter().flatten())
        .filter_map(|s| s["text"].as_str())
        .collect();
    for said in [
        "单县在106个小区建立党支部，200多名",
        "巨野县离休干部（现年91岁、93岁）",
        "曹县退休老干部从珍藏的两万多张",
        "33名老干部到青岛疗养院",
        "东明县在",
        "鄄城县与乡镇党校联合办学",
        "郓城县离休干部缴纳大额党费1万元",
    ] {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    for figure in figures.values() {
        adds_up(&city, figure);
    }
    // A county's report is about the county, and no other's.
    let shan = app.user("county_admin", "371722");
    let here = shan.get("/figures/F09?year=2021").status(200);
    assert_eq!((here["value"].as_i64(), here["display_text"].as_str()), (Some(106), Some("106个")));
    shan.get("/reports/annual?year=2021&division=371700").status(404);
    shan.get("/figures/F09/rows?year=2021&division=371721").status(404);
    let whole: i64 = figures["F14"]["counties"].as_array().unwrap().iter().filter_map(|c| c["value"].as_i64()).sum();
    assert_eq!(whole, 3026, "what the counties add is the whole");
    // As a page to print.
    let page = city.get("/reports/annual?year=2021&division=371700&format=html").status(200);
    for part in ["<h1>菏泽市2021年老干部工作报告</h1>", "近200场", "<svg", "附件一 主要指标", "单县"]
    {
        assert!(page.text().contains(part), "{part}");
    }
    assert!(
        !page.text().contains("<script") && !page.text().contains("http://127"),
        "nothing runs, nothing is fetched"
    );
    frozen(&city);
}

/// The records of a figure, all pages of them, give its value.
fn adds_up(city: &Client, figure: &Value) {
    let Some(rows) = figure["rows"].as_str() else { return };
    let path = rows.strip_prefix("/api/v1").expect("a path of the API");
    let (mut count, mut sum, mut different, mut token) = (0_i64, 0.0, HashSet::new(), String::new());
    loop {
        let page = city.get(&format!("{path}{token}")).status(200);
        for row in page.items() {
            count += 1;
            let counted = row["counted"].as_str().unwrap_or_default();
            sum += counted.parse::<f64>().unwrap_or_default();
            different.insert(counted.to_owned());
        }
        match page["next_page_token"].as_str() {
            Some(next) => token = format!("&page_token={next}"),
            None => break,
        }
    }
    let (id, value) = (figure["figure_id"].as_str().unwrap(), figure["value"].as_f64().unwrap());
    let distinct = different.len() as f64;
    let fits = match id {
        "F01" | "F10" | "F12" | "F13" | "F16" | "F17" | "F26" | "F36" => distinct == value,
        "F05" | "F15" | "F18" | "F20" | "F21" | "F23" | "F24" | "F34" | "F35" => sum == value,
        // The best of the ranks, the last of the standards, a share, targets: made of these records in another way.
        "F31" | "F40" | "F41" | "F02" | "F03" => count > 0,
        _ => count as f64 == value,
    };
    assert!(fits, "{id}: {value} of {count} records, sum {sum}, different {distinct}");
}

/// What changes after a report is frozen is told with the record that changed.
fn frozen(city: &Client) {
    let frozen = city.post("/report-snapshots", serde_json::json!({"year": 2021, "note": "上报稿"})).status(201);
    let path = format!("/report-snapshots/{}", frozen.id());
    let calm = city.get(&format!("{path}/changes")).status(200);
    assert_eq!(calm["figures"], serde_json::json!([]));
    let session = city.get("/figures/F04/rows?year=2021&limit=1").status(200).items()[0].clone();
    let activity = format!("/activities/{}", session["id"].as_str().unwrap());
    let seats = session["record"]["audience_count"].as_i64().expect("an audience");
    let now = city.get(&activity).status(200);
    city.patch_if(&activity, &now.etag(), serde_json::json!({"audience_count": seats + 1000})).status(200);
    let told = city.get(&format!("{path}/changes")).status(200);
    let ids: Vec<&str> = told["figures"].as_array().unwrap().iter().filter_map(|f| f["figure_id"].as_str()).collect();
    assert_eq!(ids, ["F05"], "{told}");
    let change = &told["figures"][0];
    assert_eq!((change["was"].as_i64(), change["is"].as_i64()), (Some(3086), Some(4086)));
    let row = &change["rows"][0];
    assert_eq!((&row["change"], &row["id"]), (&Value::from("changed"), &session["id"]));
    assert_eq!(row["steps"][0]["changed_fields"], serde_json::json!(["audience_count"]));
    // The frozen one stays as it was.
    let kept = city.get(&path).status(200);
    assert!(kept.text().contains("3000余人"));
    assert_eq!(city.get("/report-snapshots").status(200).items().len(), 1);
}
