//! What goes out as files, and comes back.

use serde_json::json;

use super::files::{read_csv, read_xlsx};
use super::{CSV, XLSX, counts, import};
use crate::generic::each;
use crate::resources::make::{CITY, ID_NUMBER, SHAN, secret_cadre};
use crate::support::{Case, Ctx, cases};

pub fn tests() -> Vec<Case> {
    cases![
        every_resource_goes_out_and_comes_back,
        nothing_in_a_file_runs,
        what_is_hidden_in_lists_is_hidden_in_files,
        headers_codes_and_encodings_are_as_asked,
        an_export_that_cannot_be_is_refused,
    ]
}

fn every_resource_goes_out_and_comes_back(ctx: &Ctx) {
    each(ctx, |world, r| {
        let body = world.full(r);
        world.client.post(&r.url(), body).status(201);
        for (format, kind) in [("csv", CSV), ("xlsx", XLSX)] {
            let file = world.client.get(&format!("{}/export?format={format}", r.url())).status(200);
            let rows = if format == "csv" { read_csv(&file.body) } else { read_xlsx(&file.body) };
            assert!(rows.len() > 1, "{}", r.path);
            let report = import(&world.client, &r.path, &[], kind, file.body);
            assert_eq!(counts(&report), [0, 0, rows.len() as i64 - 1, 0], "{} {format}: {report}", r.path);
        }
    });
}

fn nothing_in_a_file_runs(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    for name in ["=1+1公司", "+86公司", "-5公司", "@甲公司", "'=2公司"] {
        by.post("/units", json!({"division_code": SHAN, "name": name, "kind": "organ", "sort_no": 7})).status(201);
    }
    for (format, kind) in [("csv", CSV), ("xlsx", XLSX)] {
        let file = by.get(&format!("/units/export?format={format}")).status(200);
        let rows = if format == "csv" { read_csv(&file.body) } else { read_xlsx(&file.body) };
        let at = |title: &str| rows[0].iter().position(|h| h == title).expect("a column");
        for row in &rows[1..] {
            assert!(row[at("单位名称")].starts_with('\''), "{row:?}");
            assert_eq!(row[at("排序号")], "7");
            assert!(row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{row:?}");
        }
        assert_eq!(counts(&import(&by, "units", &[], kind, file.body)), [0, 0, 5, 0]);
    }
}

fn what_is_hidden_in_lists_is_hidden_in_files(ctx: &Ctx) {
    let app = ctx.app();
    secret_cadre(&app.admin(), SHAN);
    let all = app.token(&["cadres:*", "fields:sensitive"], CITY);
    let auditor = app.user("auditor", CITY);
    for (by, name, number, bank) in [
        (&app.admin(), "孔令文", "37292519280307****", "******"),
        (&all, "孔令文", ID_NUMBER, "6200000000000000001"),
        (&auditor, "孔**", "37292519280307****", "******"),
    ] {
        for format in ["csv", "xlsx"] {
            let file = by.get(&format!("/cadres/export?format={format}")).status(200);
            let rows = if format == "csv" { read_csv(&file.body) } else { read_xlsx(&file.body) };
            let cell = |title: &str| rows[1][rows[0].iter().position(|h| h == title).expect("a column")].clone();
            assert_eq!([cell("姓名"), cell("公民身份号码"), cell("银行卡号")], [name, number, bank]);
            assert_eq!(cell("健康状况").is_empty(), number != ID_NUMBER);
        }
    }
    // Who saw stars sends them back: they stand for what is there.
    let file = app.admin().get("/cadres/export?format=csv").status(200);
    assert_eq!(counts(&import(&app.admin(), "cadres", &[], CSV, file.body.clone())), [0, 0, 1, 0]);
    let other = String::from_utf8(file.body).expect("UTF-8").replace("37292519280307****", "37292519280308****");
    let report = import(&app.admin(), "cadres", &[], CSV, other);
    assert_eq!(super::findings(&report), [(2, "公民身份号码".into(), "masked_value".into())]);
    let kept = all.get("/cadres").items()[0].clone();
    assert_eq!((&kept["id_number"], &kept["version"]), (&json!(ID_NUMBER), &json!(1)));
}

fn headers_codes_and_encodings_are_as_asked(ctx: &Ctx) {
    let app = ctx.app();
    let by = app.admin();
    by.post("/units", json!({"division_code": SHAN, "name": "甲局", "kind": "organ", "active": false})).status(201);
    let usual = by.get("/units/export?format=csv").status(200);
    assert!(usual.body.starts_with("\u{feff}".as_bytes()));
    let rows = read_csv(&usual.body);
    let cell =
        |rows: &[Vec<String>], title: &str| rows[1][rows[0].iter().position(|h| h == title).expect("a column")].clone();
    assert_eq!([cell(&rows, "单位性质"), cell(&rows, "是否在用")], ["机关", "否"]);
    let plain = by.get("/units/export?format=csv&headers=field&codes=code&encoding=utf-8").status(200);
    let rows = read_csv(&plain.body);
    assert!(!plain.body.starts_with("\u{feff}".as_bytes()));
    assert_eq!([cell(&rows, "kind"), cell(&rows, "division_code")], ["organ", SHAN]);
    let gbk = by.get("/units/export?format=csv&encoding=gbk").status(200);
    let text = encoding_rs::GBK.decode(&gbk.body).0.into_owned();
    assert!(text.contains("甲局") && !String::from_utf8_lossy(&gbk.body).contains("甲局"));
    // Nothing found is a file with its headers.
    for format in ["csv", "xlsx"] {
        let none = by.request("GET", "/units/export").query(&[("format", format), ("q", "没有")]).send().status(200);
        let rows = if format == "csv" { read_csv(&none.body) } else { read_xlsx(&none.body) };
        assert_eq!((rows.len(), rows[0][0].as_str()), (1, "记录ID"));
    }
}

fn an_export_that_cannot_be_is_refused(ctx: &Ctx) {
    let app = ctx.app();
    for (query, pointer) in [
        ("format=pdf", "/format"),
        ("format=csv&encoding=latin1", "/encoding"),
        ("codes=label", "/codes"),
        ("format=csv&sort=name", "/sort"),
    ] {
        let answer = app.admin().get(&format!("/units/export?{query}")).status(400);
        assert_eq!(answer["errors"][0]["pointer"], pointer, "{answer}");
    }
}
