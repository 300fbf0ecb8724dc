//! `GET /statistics`: the statutory tables R1–R17 ([`domain::statistics`]).
//!
//! * `answer`: a table as data. `counted`: rows of counties, units and campaigns. `duties`: columns that the worklists count.
//!   `lists`: targets of programmes, and persons. `sheet`: a table as a file.
mod answer;
mod counted;
mod duties;
mod lists;
mod sheet;

use super::figures::of_a_year;
use super::kept::{self, Form, UNCHANGED};
use super::{Reader, asked};
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::exchange::files;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse, web};
use answer::{BrokenRow, CheckResult, ColumnView, StatisticsRow, StatisticsTable, TableView};
use domain::policy::Action;
use domain::statistics::{self, By, Content, Measure};
use domain::{FieldClass, Module, Problem, Resource};
use persistence::Conn;
use serde_json::json;

pub(super) fn routes(r: &mut Routes) {
    let names = &mut r.contract.schemas;
    let (view, table) = (schemas::register::<TableView>(names), schemas::register::<StatisticsTable>(names));
    for register in [schemas::register::<ColumnView>, schemas::register::<StatisticsRow>] {
        register(names);
    }
    for register in [schemas::register::<CheckResult>, schemas::register::<BrokenRow>] {
        register(names);
    }
    names.insert("StatisticsTablePage".into(), schemas::page("The tables", schemas::reference(&view)));
    let column = json!({"id": "total", "text": "离休干部总数", "text_en": "Cadres in leave-rest", "unit": "person"});
    let heading = json!({"id": "R1", "title": "离休干部基本情况", "title_en": "Cadres in leave-rest", "rule": "统计截至日在管人员。", "rule_en": "Those in care on the day.", "by": ["county", "unit"], "columns": [column]});
    let row = |code: &str, name: &str, n: i64| json!({"code": code, "name": name, "values": {"total": n}});
    let example = json!({"id": "R1", "title": "离休干部基本情况", "title_en": "Cadres in leave-rest", "year": 2021, "as_of": "2021-12-31", "division_code": "371700", "division_name": "菏泽市", "by": "county", "coverage": {"counties": 11, "reporting": 11}, "columns": [column], "rows": [row("371722", "单县", 40)], "total": row("371700", "合计", 40), "more": false, "checks": [{"text": "五个时期合计=总数", "text_en": "the five periods make the total", "ok": true, "rows": [], "resource": "cadres", "ids": []}]});
    r.add(
        "GET",
        "/api/v1/statistics",
        list,
        Operation::new("list_statistics", "reports", "统计报表目录 · The statutory tables")
            .says("What each table counts, by what rule, and its columns in the order of the form.")
            .permit("reports", Action::Read)
            .answers(200, "The tables", "StatisticsTablePage", json!({"items": [heading]})),
    );
    r.add(
        "GET",
        "/api/v1/statistics/{table}",
        get,
        of_a_year(Operation::new("get_statistics", "reports", "统计报表 · A statutory table of a year"))
            .says("Computed from the dates of the records, as of a day of the year. A row for each county, unit or campaign, and the division as a whole; persons who stand in two rows count once in it. `checks` tells what must add up, and where it does not the rows and the ids of at most 50 records. A number of persons that is made of a sensitive field is left out of the rows of units for who may not see the field. R16 names persons: it is for who may read personal data of cadres.")
            .parameter("path", "table", true, "The table", json!({"type": "string", "pattern": "^R[0-9]{1,2}$", "example": "R1"}))
            .parameter("query", "by", false, "What a row is; another than a county only where `by` of the table says so", json!({"type": "string", "enum": ["county", "unit", "campaign"], "default": "county"}))
            .parameter("query", "format", false, "The table as data, or as a file", json!({"type": "string", "enum": ["json", "csv", "xlsx"], "default": "json"}))
            .header("If-None-Match", false, UNCHANGED, "\"9f86d081884c7d659a2feaa0c55ad015\"")
            .fails(&[Problem::NotFound])
            .responds(200, "The table", Some(files("代码,名称,离休干部总数\r\n371722,单县,40\r\n", &[
                ("application/json", json!({"schema": schemas::reference(&table), "example": example})),
            ])), &["ETag"])
            .silent(304, "Nothing has changed", &["ETag"]),
    );
}

/// `GET /statistics`
async fn list(permit: Reader) -> Result<HttpResponse> {
    let _ = &permit;
    let items: Vec<TableView> = statistics::all().map(TableView::of).collect();
    Ok(std::future::ready(HttpResponse::Ok().json(json!({ "items": items }))).await)
}

/// `GET /statistics/{table}`
async fn get(permit: Reader, id: web::Path<String>, req: HttpRequest) -> Result<HttpResponse> {
    let table = statistics::find(&id).ok_or_else(|| ApiError::new(Problem::NotFound))?;
    let (asked, given) = asked(&permit, &req, &["by", "format"])?;
    // Opening, changes and what there is are of one year.
    if !(asked.moment.first()..=asked.moment.last()).contains(&asked.moment.as_of) {
        return Err(ApiError::not_a("as_of", "a day of the year"));
    }
    let by = match given.get("by").map_or("county", String::as_str) {
        "county" => By::County,
        other => *table.ways().iter().find(|by| by.as_str() == other).ok_or_else(|| {
            let ways: Vec<&str> = table.ways().iter().map(|by| by.as_str()).collect();
            let ways = ways.join(", ");
            ApiError::not_a("by", if ways.is_empty() { "county" } else { &ways })
        })?,
    };
    let form = Form::parse(given.get("format").map_or("json", String::as_str))
        .filter(|form| *form != Form::Html)
        .ok_or_else(|| ApiError::not_a("format", "json, csv, xlsx"))?;
    let sees = || permit.identity.may(domain::cadres::Cadre::PATH, Module::Cadres, Action::Read);
    // Nothing would be left of a list of persons whose names and days are hidden.
    if table.content == Content::Persons && !(sees() && permit.identity.sight() >= FieldClass::Personal) {
        return Err(ApiError::new(Problem::Forbidden));
    }
    let lecture_months = permit.app.config.reminders.lecture_months;
    let what = format!("{} {} {lecture_months}", table.id, by.as_str());
    let question = asked.clone();
    // In a small unit the number of the sick is who they are.
    let discreet = by == By::Unit && permit.identity.sight() < FieldClass::Sensitive;
    let make = move |c: &mut Conn| {
        let mut answer = match table.content {
            Content::Counties | Content::Units | Content::Honors => {
                counted::table(c, &question, table, by, lecture_months.into())?
            }
            Content::Targets => lists::targets(c, &question, table)?,
            Content::Persons => lists::persons(c, &question, table)?,
        };
        if discreet {
            let sealed = table.columns.iter().filter(|c| matches!(c.measure, Measure::Sealed(..)));
            sealed.for_each(|column| answer.rows.iter_mut().for_each(|row| drop(row.values.remove(column.id))));
        }
        match form {
            Form::File(format) => sheet::file(table, &answer, format),
            Form::Json | Form::Html => serde_json::to_vec(&answer).map_err(persistence::Error::internal),
        }
    };
    kept::answer(&permit, &req, &asked, (&what, form), make).await
}
