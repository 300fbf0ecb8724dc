//! The routes of imports and templates, mounted and documented. Exports are among those of each resource.
use super::{CSV, XLSX, report, template, upload};
use crate::contract::{Operation, schemas};
use crate::jobs::example;
use crate::routes::{BASE, Routes};
use domain::Problem;
use serde_json::{Value, json};

const TAG: &str = "exchange";

fn text(max: u32) -> Value {
    json!({"type": "string", "maxLength": max})
}
/// A file as content, in one of its forms or in one of these others.
pub fn files(example: &str, others: &[(&str, Value)]) -> Value {
    let bytes = json!({"schema": {"type": "string", "format": "binary"}, "example": example});
    // Generated clients take the first form for what they are given unless they ask for another.
    let (data, rest): (Vec<_>, Vec<_>) = others.iter().cloned().partition(|(kind, _)| *kind == "application/json");
    let forms = data.into_iter().chain([(CSV, bytes.clone()), (XLSX, bytes)]).chain(rest);
    forms.map(|(kind, content)| (kind.to_owned(), content)).collect()
}

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    let job = schemas::register::<crate::jobs::JobView>(&mut r.contract.schemas);
    schemas::register::<report::ImportFinding>(&mut r.contract.schemas);
    let found = schemas::register::<report::ImportReport>(&mut r.contract.schemas);
    let bytes = json!({"schema": {"type": "string", "format": "binary"}, "example": "姓名"});
    let body = files("姓名,出生日期\r\n孔令文,1930-05-12\r\n", &[("application/octet-stream", bytes)]);
    r.add(
        "POST",
        &format!("{BASE}/imports"),
        upload::upload,
        Operation::new("create_import", TAG, "导入文件 · Bring in a file of records")
            .says("The body is the file. The answer comes when all of it is here: a job, which goes on by itself, also after a restart. Each row goes through the same checks, rules, rights and scope as a request; one that fails stops no other. A row with the id, or the id in another system, of a record that is there changes it: an empty cell says nothing. Columns are known by the headers of the template or the names of the fields.")
            .parameter("query", "resource", true, "The resource, such as `cadres`", text(100))
            .parameter("query", "format", false, "By default what the content type says", json!({"type": "string", "enum": ["csv", "xlsx"]}))
            .parameter("query", "dry_run", false, "Check every row and change nothing; the report is that of the real run", json!({"type": "boolean", "default": false}))
            .parameter("query", "division", false, "The division of rows that name none; by default the caller's", text(12))
            .parameter("query", "system", false, "The other system whose ids the file has, for rows and references that name none", text(100))
            .parameter("query", "mapping", false, "JSON object from headers of the file to names of fields; an empty name leaves the column out", text(8000))
            .header("Prefer", false, "`dry-run`: as `dry_run`", "dry-run")
            .header("Idempotency-Key", false, "The same key and file give the first job again", "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01")
            .file_body(body)
            .fails(&[Problem::Forbidden, Problem::IdempotencyKeyReused, Problem::IdempotencyInFlight, Problem::NotFound])
            .responds(
                202,
                "The file is here, and the job begins",
                Some(json!({"application/json": {"schema": schemas::reference(&job), "example": example()}})),
                &["Location", "Idempotency-Replayed"],
            ),
    );
    let wrong = json!({"row": 17, "column": "出生日期", "pointer": "/birth_date", "code": "partial_date_format", "message": "应为 YYYY、YYYY-MM 或 YYYY-MM-DD"});
    r.add(
        "GET",
        &format!("{BASE}/imports/{{id}}"),
        report::report,
        Operation::new("get_import", TAG, "导入报告 · What became of a file")
            .fails(&[Problem::Forbidden])
            .id_in_path()
            .parameter(
                "query",
                "after_row",
                false,
                "Tell of the rows behind this one",
                json!({"type": "integer", "format": "int64", "minimum": 0, "default": 0}),
            )
            .answers(200, "The report so far", &found, json!({"job": example(), "findings": [wrong], "more": false})),
    );
    r.add(
        "GET",
        &format!("{BASE}/imports/{{id}}/errors"),
        report::errors,
        Operation::new("get_import_errors", TAG, "导入错误文件 · The rows that failed")
            .says("In the form of the file that was sent: the rows as they came, and a column 错误. Mend it and send it again; the column may stay. Only for the account that sent the file.")
            .fails(&[Problem::Forbidden])
            .id_in_path()
            .responds(200, "The file", Some(files("姓名,错误\r\n孔令文,必填\r\n", &[])), &[]),
    );
    r.add(
        "GET",
        &format!("{BASE}/import-templates/{{resource}}"),
        template::handler,
        Operation::new("get_import_template", TAG, "导入模板 · A file to fill in")
            .says("Chinese headers, with a star where a cell must be filled in, and how each column is written: in a second sheet, or in a second row, which may stay.")
            .parameter("path", "resource", true, "The resource, such as `cadres`", text(100))
            .parameter("query", "format", false, "A spreadsheet by default", json!({"type": "string", "enum": ["csv", "xlsx"], "default": "xlsx"}))
            .fails(&[Problem::NotFound, Problem::Forbidden])
            .responds(200, "The file", Some(files("姓名*,出生日期*\r\n说明:文本,日期\r\n", &[])), &[]),
    );
}
