//! `GET /reports/annual`: the report of a year (R18), six sections in the order in which a bureau reports.
use super::figures::{FigureValue, YearBefore, example, number, of_a_year};
use super::kept::{self, Form, UNCHANGED};
use super::page::{Extras, Series, page};
use super::places::{Coverage, Places};
use super::sheet::table;
use super::{Reader, asked};
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::exchange::files;
use crate::routes::Routes;
use actix_web::{HttpRequest, HttpResponse};
use domain::reports::annual::{LISTINGS, SENTENCES, Sentence};
use domain::reports::{self, Figure, Measure, Moment, Section, Value, wording};
use domain::{DivisionCode, NaiveDate, Problem};
use persistence::Conn;
use persistence::figures::{self, Asked, Evaluated};
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;
use utoipa::ToSchema;

pub(super) fn routes(r: &mut Routes) {
    let report = schemas::register::<AnnualReport>(&mut r.contract.schemas);
    for register in [schemas::register::<ReportSection>, schemas::register::<ReportSentence>] {
        register(&mut r.contract.schemas);
    }
    schemas::register::<Coverage>(&mut r.contract.schemas);
    r.add(
        "GET",
        "/api/v1/reports/annual",
        annual,
        of_a_year(Operation::new("get_annual_report", "reports", "年度工作报告 · The annual work report"))
            .says("Sentences and figures of the six sections, computed from the records. A sentence without its figures is left out. Each figure names the records it is made of.")
            .parameter("query", "format", false, "The report as data, as a page to print, or its figures as a file: a line for each, with the counties as columns", json!({"type": "string", "enum": ["json", "html", "csv", "xlsx"], "default": "json"}))
            .header("If-None-Match", false, UNCHANGED, "\"9f86d081884c7d659a2feaa0c55ad015\"")
            .fails(&[Problem::NotFound])
            .responds(200, "The report", Some(files("部分,指标编号,指标\r\n政治建设,F04,宣讲行动已开展场次\r\n", &[
                ("application/json", json!({"schema": schemas::reference(&report), "example": example_report()})),
                ("text/html", json!({"schema": {"type": "string", "maxLength": 4_000_000}, "example": "<!doctype html>"})),
            ])), &["ETag"])
            .silent(304, "Nothing has changed", &["ETag"]),
    );
}

/// An example of a report.
pub(super) fn example_report() -> serde_json::Value {
    let mut figure = example();
    if let Some(fields) = figure.as_object_mut() {
        fields.insert("year_before".into(), json!({"value": 0, "display_text": "0场", "change": 197}));
    }
    json!({"year": 2021, "division_code": "371700", "division_name": "菏泽市", "as_of": "2021-12-31", "title": "菏泽市2021年老干部工作报告", "coverage": {"counties": 11, "reporting": 11}, "sections": [{"section": "political", "title": "政治建设", "sentences": [{"text": "已开展宣讲活动近200场，受众3000余人。", "figures": ["F04", "F05"]}], "figures": [figure]}]})
}

/// The report of a year.
#[derive(Serialize, ToSchema, Clone)]
pub(super) struct AnnualReport {
    /// The year.
    pub year: i32,
    /// The division.
    pub division_code: DivisionCode,
    /// Its name.
    #[schema(max_length = 50)]
    pub division_name: String,
    /// The day as of which it was asked.
    pub as_of: NaiveDate,
    /// The title.
    #[schema(max_length = 200)]
    pub title: String,
    /// Of how many counties there is something in it.
    pub coverage: Coverage,
    /// The six sections.
    #[schema(max_items = 6)]
    pub sections: Vec<ReportSection>,
}

/// A section.
#[derive(Serialize, ToSchema, Clone)]
pub(super) struct ReportSection {
    /// The section.
    #[schema(max_length = 40)]
    pub section: &'static str,
    /// Its heading.
    #[schema(max_length = 40)]
    pub title: &'static str,
    /// What it says.
    #[schema(max_items = 50)]
    pub sentences: Vec<ReportSentence>,
    /// Its figures.
    #[schema(max_items = 50)]
    pub figures: Vec<FigureValue>,
}

/// A sentence of the report.
#[derive(Serialize, ToSchema, Clone)]
pub(super) struct ReportSentence {
    /// The part of the section, where it has parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub part: Option<&'static str>,
    /// The text.
    #[schema(max_length = 2000)]
    pub text: String,
    /// The figures in it.
    #[schema(max_items = 10)]
    pub figures: Vec<&'static str>,
}

/// `GET /reports/annual`
async fn annual(permit: Reader, req: HttpRequest) -> Result<HttpResponse> {
    let (asked, given) = asked(&permit, &req, &["format"])?;
    let form = Form::parse(given.get("format").map_or("json", String::as_str))
        .ok_or_else(|| ApiError::not_a("format", "json, html, csv, xlsx"))?;
    let question = asked.clone();
    kept::answer(&permit, &req, &asked, ("annual-report", form), move |c| answer(c, &question, form)).await
}

fn answer(c: &mut Conn, asked: &Asked, form: Form) -> persistence::Result<Vec<u8>> {
    let (report, facts) = compute(c, asked)?;
    let counties = || facts.places.counties.clone();
    match form {
        Form::Json => serde_json::to_vec(&report).map_err(persistence::Error::internal),
        Form::Html => {
            let extras = Extras { counties: counties(), series: series(c, asked)? };
            Ok(page(&report, &extras).into_bytes())
        }
        Form::File(format) => table(&report, counties(), format),
    }
}

/// Figures that are drawn over years.
const OVER_YEARS: [&str; 4] = ["F12", "F14", "F28", "F39"];
/// How many years.
const YEARS: i32 = 5;

fn series(c: &mut Conn, asked: &Asked) -> persistence::Result<Vec<Series>> {
    let of = |id: &&str| reports::find(id);
    let mut all = vec![];
    for figure in OVER_YEARS.iter().filter_map(of) {
        let mut values = vec![];
        for year in asked.moment.year - YEARS + 1..=asked.moment.year {
            let as_of = (year == asked.moment.year).then_some(asked.moment.as_of);
            let Some(moment) = Moment::of(year, as_of) else { continue };
            values.push((year, figures::total(c, &Asked { moment, ..asked.clone() }, figure)?.number));
        }
        all.push(Series { text: figure.text.0, unit: figure.unit, values });
    }
    Ok(all)
}

/// What has been evaluated.
pub(super) struct Facts<'a> {
    asked: &'a Asked,
    figures: HashMap<&'static str, (&'static Figure, Evaluated)>,
    lists: HashMap<&'static str, Vec<String>>,
    places: Places,
}

/// The whole report, as of one moment of the database.
pub(super) fn compute<'a>(c: &mut Conn, asked: &'a Asked) -> persistence::Result<(AnnualReport, Facts<'a>)> {
    let earlier = asked.moment.year_before().map(|moment| Asked { moment, ..asked.clone() });
    let places = Places::of(c, asked)?;
    let mut facts = Facts { asked, figures: HashMap::new(), lists: HashMap::new(), places };
    let mut before = HashMap::new();
    for figure in reports::all() {
        facts.figures.insert(figure.id, (figure, figures::evaluate(c, asked, figure)?));
        if let Some(earlier) = &earlier {
            before.insert(figure.id, figures::total(c, earlier, figure)?);
        }
    }
    for listing in LISTINGS {
        facts.lists.insert(listing.id, figures::names(c, asked, listing)?);
    }
    let has_part =
        |code: &str| facts.figures.values().any(|(_, e)| e.counties.iter().any(|(c, n)| c == code && *n > 0));
    let coverage = facts.places.coverage(has_part);
    let division_name = facts.places.name(asked.division.as_str());
    let report = AnnualReport {
        year: asked.moment.year,
        division_code: asked.division.clone(),
        title: format!("{division_name}{}年老干部工作报告", asked.moment.year),
        division_name,
        as_of: asked.moment.as_of,
        coverage,
        sections: Section::ALL.iter().map(|section| facts.section(*section, &before)).collect(),
    };
    Ok((report, facts))
}

impl Facts<'_> {
    fn section(&self, section: Section, before: &HashMap<&'static str, Value>) -> ReportSection {
        let of_section = SENTENCES.iter().filter(|s| s.section == section);
        let figures = reports::all().into_iter().filter(|f| f.section == section);
        ReportSection {
            section: section.as_str(),
            title: section.title().0,
            sentences: of_section.filter_map(|s| self.sentence(s)).collect(),
            figures: figures.filter_map(|figure| self.figure(figure, before.get(figure.id).copied())).collect(),
        }
    }

    fn figure(&self, figure: &'static Figure, before: Option<Value>) -> Option<FigureValue> {
        let (_, now) = self.figures.get(figure.id)?;
        let earlier = before.unwrap_or_default();
        let year_before = YearBefore {
            value: number(figure.unit, earlier.number),
            display_text: wording::say(figure.display, figure.unit, earlier).0,
            change: number(figure.unit, now.value.number - earlier.number),
        };
        Some(FigureValue { year_before: Some(year_before), ..FigureValue::of(figure, self.asked, now) })
    }

    /// The sentence with its figures and lists; `None` where one of them is missing.
    fn sentence(&self, sentence: &Sentence) -> Option<ReportSentence> {
        let (mut text, mut rest, mut named) = (String::new(), sentence.text, vec![]);
        while let Some((before, behind)) = rest.split_once('{') {
            let (place, after) = behind.split_once('}')?;
            text.push_str(before);
            match place.split_once(':') {
                Some(("if", id)) => drop(self.lists.get(id).filter(|list| !list.is_empty())?),
                Some((_, id)) => text.push_str(&self.county(id)?),
                None if place.starts_with('L') => {
                    let list = self.lists.get(place).filter(|list| !list.is_empty())?;
                    text.push_str(&list.join("、"));
                }
                None => {
                    let (figure, evaluated) = self.figures.get(place).filter(|(_, e)| e.value.number > 0)?;
                    text.push_str(&wording::say(figure.display, figure.unit, evaluated.value).0);
                    named.push(figure.id);
                }
            }
            rest = after;
        }
        text.push_str(rest);
        Some(ReportSentence { part: sentence.part, text, figures: named })
    }

    /// The county in which all of a figure lies, or the division that is asked about.
    fn county(&self, id: &str) -> Option<String> {
        let (figure, evaluated) = self.figures.get(id)?;
        let best = matches!(figure.measure, Measure::Least(..)).then_some(evaluated.value.number);
        let mut parts = evaluated.counties.iter().filter(|(_, n)| best.map_or(*n > 0, |best| *n == best));
        let first = parts.next()?;
        Some(self.places.name(if parts.next().is_none() { &first.0 } else { self.asked.division.as_str() }))
    }
}
