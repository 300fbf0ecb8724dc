//! What comes in from files.

use serde_json::json;

use super::files::{At, csv, gbk, read_csv, read_xlsx, xlsx};
use super::{CSV, XLSX, counts, findings, import, send};
use crate::resources::make::{CAO, CITY, ID_NUMBER, SHAN, secret_cadre};
use crate::support::{App, Case, Ctx, cases, response::Response};

pub fn tests() -> Vec<Case> {
    cases![
        a_spreadsheet_with_errors_comes_in_but_for_them,
        any_encoding_an_office_saves_is_read,
        a_record_is_named_by_what_people_know_of_it,
        a_row_that_names_a_record_changes_it,
        a_county_brings_nothing_into_another,
        a_column_that_means_nothing_is_told,
        a_file_that_is_none_fails,
        the_same_file_with_the_same_key_is_one_job,
        a_template_may_be_sent_as_it_is,
        a_request_that_cannot_be_is_refused,
        the_command_line_brings_in_and_hands_out,
    ]
}

const HEADERS: [&str; 8] =
    ["姓名*", "性别", "出生日期", "民族", "单位", "离退休类别", "离退休时间", "养老金社会化发放"];

fn unit(app: &App, division: &str, name: &str) -> String {
    app.admin().post("/units", json!({"division_code": division, "name": name, "kind": "organ"})).status(201).id()
}

/// Rows of cadres, of which each 33rd is wrong in one of three ways.
pub fn rows(count: usize) -> (Vec<Vec<At>>, Vec<i64>) {
    let mut rows: Vec<Vec<At>> = vec![HEADERS.iter().map(|h| (*h).into()).collect()];
    let mut wrong = vec![];
    for n in 0..count {
        let mut row: Vec<At> = vec![
            format!("孔{}{}", ["令", "庆", "繁", "祥"][n % 4], ["文", "武", "华", "国"][n / 4 % 4]).into(),
            ["男", "女"][n % 2].into(),
            match n % 4 {
                0 => At::Day(1930, 5, 12),
                1 => "1930.05".into(),
                2 => At::Number(1930.0),
                _ => "1930年5月12日".into(),
            },
            ["汉族", "01", "回族"][n % 3].into(),
            "单县水利局".into(),
            "退休".into(),
            "1990/06".into(),
            ["是", "否"][n % 2].into(),
        ];
        if n % 33 == 32 {
            match n / 33 % 3 {
                0 => row[0] = "".into(),
                1 => row[2] = "不详".into(),
                _ => row[4] = "没有的局".into(),
            }
            wrong.push(n as i64 + 2);
        }
        rows.push(row);
    }
    (rows, wrong)
}

/// How many rows: a few thousand where nothing is said.
pub fn many() -> usize {
    std::env::var("LAOGAN_IMPORT_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000)
}

/// The most memory that a process has had, in megabytes, without what is mapped of files: of a debug binary that
/// alone may be a hundred.
pub fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let kilobytes = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name)).expect("a line of it");
        line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number")
    };
    (kilobytes("VmHWM:") - kilobytes("RssFile:")) / 1024
}

fn cadres(app: &App) -> i64 {
    app.admin().get("/cadres?count=exact&limit=1").status(200)["count"].as_i64().expect("a count")
}

fn a_spreadsheet_with_errors_comes_in_but_for_them(ctx: &Ctx) {
    let app = ctx.app();
    unit(&app, SHAN, "单县水利局");
    let (rows, wrong) = rows(many());
    let file = xlsx(&rows);
    let into = [("division", SHAN)];
    let dry = import(&app.admin(), "cadres", &[("division", SHAN), ("dry_run", "true")], XLSX, file.clone());
    assert_eq!(cadres(&app), 0, "a dry run changes nothing");
    let real = import(&app.admin(), "cadres", &into, XLSX, file);
    let (good, bad) = ((rows.len() - 1 - wrong.len()) as i64, wrong.len() as i64);
    assert_eq!(counts(&real), [good, 0, 0, bad], "{real}");
    assert_eq!((counts(&dry), &dry["findings"]), (counts(&real), &real["findings"]), "both tell the same");
    assert_eq!((real["job"]["state"].as_str(), real["job"]["done"].as_i64()), (Some("done"), Some(good + bad)));
    assert_eq!(cadres(&app), good);
    for (n, (row, column, code)) in findings(&real).into_iter().enumerate() {
        let expected = [("姓名*", "required"), ("出生日期", "partial_date_format"), ("单位", "unknown_reference")];
        assert_eq!((row, (column.as_str(), code.as_str())), (wrong[n], expected[n % 3]), "{real}");
    }
    let used = peak(app.pid());
    assert!(used < 200, "{used} MB for {} rows", rows.len());

    // The rows that failed, mended, come in too.
    let id = real["job"]["id"].as_str().expect("an id");
    let errors = app.admin().get(&format!("/imports/{id}/errors")).status(200);
    let mut mended = read_xlsx(&errors.body);
    assert_eq!((mended.len() - 1, mended[0].last().map(String::as_str)), (wrong.len(), Some("错误")));
    assert!(mended[1].last().expect("a reason").contains("必填"), "{:?}", mended[1]);
    for row in &mut mended[1..] {
        (row[0], row[2], row[4]) = ("孔宪文".into(), "1931".into(), "单县水利局".into());
    }
    let mended: Vec<Vec<At>> = mended.into_iter().map(|row| row.into_iter().map(At::from).collect()).collect();
    assert_eq!(counts(&import(&app.admin(), "cadres", &into, XLSX, xlsx(&mended))), [bad, 0, 0, 0]);
    assert_eq!(cadres(&app), good + bad);
}

fn any_encoding_an_office_saves_is_read(ctx: &Ctx) {
    let app = ctx.app();
    let text = csv(&[vec!["单位名称", "单位性质"], vec!["单县镕基局", "机关"], vec!["单县喆学院", "机关"]]);
    let marked = format!("\u{feff}{text}");
    let tabs = text.replace(',', "\t");
    for (n, file) in
        [text.clone().into_bytes(), marked.into_bytes(), gbk(&text), tabs.into_bytes()].into_iter().enumerate()
    {
        let report = import(&app.admin(), "units", &[("division", SHAN)], CSV, file);
        assert_eq!(counts(&report), [2, 0, 0, 0], "{n}: {report}");
    }
    let found = app.admin().request("GET", "/units").query(&[("q", "镕基")]).send().status(200);
    assert_eq!(found.items().len(), 4);
    assert_eq!(found.items()[0]["division_code"], SHAN);
}

fn a_record_is_named_by_what_people_know_of_it(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    let coded = json!({"division_code": SHAN, "name": "单县档案馆", "kind": "organ", "uscc": "1137170000TEAT018M"});
    by.post("/units", coded).status(201);
    for division in [SHAN, CAO] {
        unit(&app, division, "老干部局");
    }
    unit(&app, SHAN, "两个局");
    unit(&app, SHAN, "两个局");
    let elsewhere = json!({"division_code": SHAN, "name": "外部局", "kind": "organ", "external_ref": {"system": "hr", "id": "U-7"}});
    by.post("/units", elsewhere).status(201);
    let row = |name: &str, unit: &str| {
        vec![name.to_owned(), unit.to_owned(), "1930".into(), "01".into(), "退休".into(), "1990".into()]
    };
    let mut rows = vec![["姓名", "单位", "出生日期", "民族", "离退休类别", "离退休时间"].map(str::to_owned).to_vec()];
    for (name, unit) in [
        ("王甲", "单县档案馆"),
        ("王乙", "1137170000teat018m"),
        ("王丙", "老干部局"),
        ("王丁", "两个局"),
        ("王戊", "U-7"),
        ("王己", "U-8"),
    ] {
        rows.push(row(name, unit));
    }
    let report = import(&by, "cadres", &[("division", SHAN), ("system", "hr")], CSV, csv(&rows));
    assert_eq!(counts(&report), [4, 0, 0, 2], "{report}");
    let told = findings(&report);
    assert_eq!(told[0], (5, "单位".into(), "ambiguous_reference".into()));
    assert_eq!(told[1], (7, "单位".into(), "unknown_reference".into()));

    // A person by its number, whoever may register persons.
    secret_cadre(&by, SHAN);
    let family = csv(&[vec!["干部", "与干部关系", "姓名"], vec![ID_NUMBER, "配偶", "李秀英"]]);
    let county = app.user("county_admin", SHAN);
    let report = import(&county, "cadre-family-members", &[], CSV, family.clone());
    assert_eq!(counts(&report), [1, 0, 0, 0], "{report}");
    // Not one of another county.
    let other = app.user("county_admin", CAO);
    let report = import(&other, "cadre-family-members", &[], CSV, family);
    assert_eq!(findings(&report), [(2, "干部".into(), "unknown_reference".into())]);
}

fn a_row_that_names_a_record_changes_it(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    let file = |name: &str| {
        csv(&[vec!["外部系统", "外部编号", "单位名称", "单位性质", "排序号"], vec!["hr", "U-1", name, "机关", ""]])
    };
    let into = [("division", SHAN)];
    assert_eq!(counts(&import(&by, "units", &into, CSV, file("单县一局"))), [1, 0, 0, 0]);
    assert_eq!(counts(&import(&by, "units", &into, CSV, file("单县一局"))), [0, 0, 1, 0]);
    assert_eq!(counts(&import(&by, "units", &into, CSV, file("单县二局"))), [0, 1, 0, 0]);
    let id = by.get("/units?filter[external_id]=U-1").items()[0]["id"].as_str().expect("an id").to_owned();
    let unit = by.get(&format!("/units/{id}"));
    assert_eq!((&unit["name"], &unit["version"]), (&json!("单县二局"), &json!(2)));
    // Twice in one file is a mistake.
    let twice = csv(&[vec!["id", "单位名称", "kind"], vec![&id, "单县三局", "organ"], vec![&id, "单县四局", "organ"]]);
    let report = import(&by, "units", &into, CSV, twice);
    assert_eq!((counts(&report), findings(&report)), ([0, 1, 0, 1], vec![(3, String::new(), "repeated_row".into())]));
}

fn a_county_brings_nothing_into_another(ctx: &Ctx) {
    let app = ctx.app();
    let shan = app.user("county_admin", SHAN);
    let file = csv(&[
        vec!["单位名称", "单位性质", "行政区划"],
        vec!["甲局", "机关", ""],
        vec!["乙局", "机关", CAO],
        vec!["丙局", "机关", "单县"],
    ]);
    send(&shan, &[("resource", "units"), ("division", CAO)], CSV, file.clone())
        .status(403)
        .error_at("/division", "outside_scope");
    let report = import(&shan, "units", &[], CSV, file);
    assert_eq!(counts(&report), [2, 0, 0, 1], "{report}");
    assert_eq!(findings(&report), [(3, "行政区划".into(), "outside_scope".into())]);
    let id = report["job"]["id"].as_str().expect("an id");
    let cao = app.user("county_admin", CAO);
    for path in [format!("/imports/{id}"), format!("/jobs/{id}"), format!("/imports/{id}/errors")] {
        cao.get(&path).status(404);
    }
    // Who answers for the county sees how it went; the rows are the sender's.
    let second = app.user("county_admin", SHAN);
    second.get(&format!("/jobs/{id}")).status(200);
    second.get(&format!("/imports/{id}/errors")).status(404);
    let auditor = app.user("auditor", CITY);
    send(&auditor, &[("resource", "units")], CSV, "a").status(403);
}

fn a_column_that_means_nothing_is_told(ctx: &Ctx) {
    let app = ctx.app();
    let file = csv(&[vec!["序号", "名字", "单位性质", "备注"], vec!["1", "甲局", "机关", "x"]]);
    let report = import(&app.admin(), "units", &[], CSV, file.clone());
    assert_eq!((report["job"]["state"].as_str(), counts(&report)), (Some("failed"), [0; 4]));
    assert_eq!(
        findings(&report),
        [(0, "名字".into(), "unknown_column".into()), (0, "备注".into(), "unknown_column".into())]
    );
    let mapping = json!({"名字": "name", "备注": ""}).to_string();
    assert_eq!(counts(&import(&app.admin(), "units", &[("mapping", &mapping)], CSV, file)), [1, 0, 0, 0]);
}

fn a_file_that_is_none_fails(ctx: &Ctx) {
    let app = ctx.app();
    for (kind, file) in [(XLSX, &b"no spreadsheet"[..]), (CSV, &b"\xff\xff\xff,\xff\n\xff\xff"[..]), (CSV, b"")] {
        let report = import(&app.admin(), "units", &[], kind, file);
        assert_eq!(report["job"]["state"], "failed", "{report}");
        assert_eq!(findings(&report)[0].2, "unreadable_file", "{report}");
    }
    // Numbers that have lost digits, months that may be two.
    let cells: Vec<Vec<At>> = vec![
        vec!["姓名".into(), "公民身份号码".into(), "出生日期".into()],
        vec!["孔令文".into(), At::Number(3.729_251_928_030_7e17), At::Number(1928.1)],
    ];
    let report = import(&app.admin(), "cadres", &[], XLSX, xlsx(&cells));
    let told = findings(&report);
    assert!(told.contains(&(2, "公民身份号码".into(), "number_precision".into())), "{report}");
    assert!(told.contains(&(2, "出生日期".into(), "ambiguous_date".into())), "{report}");
}

fn the_same_file_with_the_same_key_is_one_job(ctx: &Ctx) {
    let app = ctx.app();
    let file = csv(&[vec!["单位名称", "单位性质"], vec!["甲局", "机关"]]);
    let post = |file: &str| {
        app.admin()
            .request("POST", "/imports")
            .query(&[("resource", "units")])
            .key("import-of-today")
            .body(CSV, file)
            .send()
    };
    let first = post(&file).status(202);
    let again = post(&file).status(202).has_header("idempotency-replayed", "true");
    assert_eq!(first.id(), again.id());
    post("单位名称\n乙局").status(422).problem("idempotency_key_reused");
    assert_eq!(counts(&super::ended(&app.admin(), &first.id())), [1, 0, 0, 0]);
    assert_eq!(app.admin().get("/jobs").status(200).items().len(), 1);
}

fn a_template_may_be_sent_as_it_is(ctx: &Ctx) {
    let app = ctx.app();
    for format in ["csv", "xlsx"] {
        let template = app.admin().get(&format!("/import-templates/cadres?format={format}")).status(200);
        let (kind, rows) = match format {
            "csv" => (CSV, read_csv(&template.body)),
            _ => (XLSX, read_xlsx(&template.body)),
        };
        assert!(rows[0].contains(&"姓名*".to_owned()) && rows[0].contains(&"公民身份号码".to_owned()), "{rows:?}");
        let report = import(&app.admin(), "cadres", &[], kind, template.body);
        assert_eq!(
            (report["job"]["state"].as_str(), report["job"]["done"].as_i64()),
            (Some("done"), Some(0)),
            "{report}"
        );
    }
    app.admin().get("/import-templates/nothing").status(404);
}

fn a_request_that_cannot_be_is_refused(ctx: &Ctx) {
    let app = ctx.app_with(|command| {
        command.args(["--import-mb", "1"]);
    });
    let by = app.admin();
    let refused = |answer: Response, pointer: &str, code: &str| drop(answer.status(400).error_at(pointer, code));
    refused(send(&by, &[], CSV, "a"), "/resource", "required");
    refused(send(&by, &[("resource", "nothing")], CSV, "a"), "/resource", "unknown_entity");
    refused(send(&by, &[("resource", "units"), ("mapping", "x")], CSV, "a"), "/mapping", "wrong_type");
    refused(send(&by, &[("resource", "units"), ("format", "pdf")], CSV, "a"), "/format", "unknown_code");
    send(&by, &[("resource", "units")], "application/pdf", "a").status(415);
    send(&by, &[("resource", "units")], CSV, vec![b'a'; 1_100_000]).status(413).problem("payload_too_large");
    assert_eq!(by.get("/jobs").status(200).items().len(), 0, "nothing is left of them");
}

fn the_command_line_brings_in_and_hands_out(ctx: &Ctx) {
    let app = ctx.app();
    let file = app.data_dir().join("units.csv");
    let run = |arguments: &[&str]| app.cli(arguments).output().expect("a command");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let path = file.display().to_string();
    std::fs::write(&file, csv(&[vec!["单位名称", "单位性质"], vec!["甲局", "机关"], vec!["乙", "机关"]]))
        .expect("a file");
    let errors = app.data_dir().join("errors.csv").display().to_string();
    let done = run(&["import", "units", &path, "--division", SHAN, "--errors", &errors]);
    assert_eq!(done.status.code(), Some(1), "{}", text(&done.stderr));
    assert!(
        text(&done.stdout).contains("1 created") && text(&done.stdout).contains("row 3 [单位名称]"),
        "{}",
        text(&done.stdout)
    );
    let failed = read_csv(&std::fs::read(&errors).expect("the errors"));
    assert_eq!(failed.len(), 2, "{failed:?}");
    let dry = run(&["import", "units", &path, "--division", SHAN, "--dry-run"]);
    assert!(text(&dry.stdout).contains("nothing was changed"), "{}", text(&dry.stdout));
    assert_eq!(run(&["import", "nothing", &path]).status.code(), Some(2));
    assert_eq!(run(&["import", "units", "none.csv"]).status.code(), Some(2));
    let out = run(&["export", "units", "--division", SHAN]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let rows = read_csv(&out.stdout);
    assert_eq!((rows.len(), rows[0][0].as_str()), (2, "记录ID"));
    let target = app.data_dir().join("units.xlsx").display().to_string();
    assert_eq!(run(&["export", "units", "--out", &target]).status.code(), Some(0));
    let back = run(&["import", "units", &target]);
    assert!(
        back.status.success() && text(&back.stdout).contains("1 unchanged"),
        "{}{}",
        text(&back.stdout),
        text(&back.stderr)
    );
}
