//! One figure: its value, how it is said, and the records it is made of.
use super::{Reader, asked};
use crate::computed::within;
use crate::contract::{Operation, schemas};
use crate::error::{ApiError, Result};
use crate::routes::{BASE, Routes};
use actix_web::{HttpRequest, HttpResponse, web};
use domain::policy::Action;
use domain::reports::{self, Figure, Unit, wording};
use domain::{DivisionCode, Problem, Uuid};
use persistence::figures::{self, Asked, Evaluated};
use persistence::{Conn, registry};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Rows in a page where nothing is said, and at most.
const LIMIT: i64 = 200;

pub(super) fn routes(r: &mut Routes) {
    let definition = schemas::register::<Definition>(&mut r.contract.schemas);
    let figure = schemas::register::<FigureValue>(&mut r.contract.schemas);
    schemas::register::<CountyValue>(&mut r.contract.schemas);
    schemas::register::<YearBefore>(&mut r.contract.schemas);
    let row = schemas::register::<FigureRow>(&mut r.contract.schemas);
    let page = |text, item: &str| schemas::page(text, schemas::reference(item));
    r.contract.schemas.insert("FigureDefinitionPage".into(), page("The figures", &definition));
    r.contract.schemas.insert("FigureRowPage".into(), page("Records that a figure is made of", &row));
    r.add(
        "GET",
        "/api/v1/figures",
        list,
        Operation::new("list_figures", "reports", "指标定义 · What the figures are")
            .says("Each with what it counts, in which unit, and how its value is rounded in words. Persons and attendances are different units and are never added.")
            .permit("reports", Action::Read)
            .answers(200, "The figures", "FigureDefinitionPage", json!({"items": [{"figure_id": "F04", "section": "political", "text": "宣讲行动已开展场次", "unit": "session", "qualifier": "nearly", "step": 100, "measure": "count", "resource": "activities"}]})),
    );
    r.add(
        "GET",
        "/api/v1/figures/{figure}",
        get,
        of_a_year(Operation::new("get_figure", "reports", "指标数值 · A figure of a year"))
            .parameter(
                "path",
                "figure",
                true,
                "The figure",
                json!({"type": "string", "pattern": "^F[0-9]{2}$", "example": "F04"}),
            )
            .fails(&[Problem::NotFound])
            .answers(200, "The figure", &figure, example()),
    );
    r.add(
        "GET",
        "/api/v1/figures/{figure}/rows",
        rows,
        of_a_year(Operation::new("list_figure_rows", "reports", "指标明细 · The records a figure is made of"))
            .says("In the order of their ids, as the caller may see them. `counted` is what a record adds: an amount, or the value of which different ones are counted; absent where each counts as one.")
            .parameter("path", "figure", true, "The figure", json!({"type": "string", "pattern": "^F[0-9]{2}$", "example": "F04"}))
            .parameter("query", "limit", false, "Rows in the page at most", json!({"type": "integer", "minimum": 1, "maximum": LIMIT, "default": LIMIT}))
            .parameter("query", "page_token", false, "`next_page_token` of the page before", json!({"type": "string", "maxLength": 100}))
            .fails(&[Problem::NotFound])
            .answers(200, "A page", "FigureRowPage", json!({"items": [{"resource": "activities", "id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01", "division_code": "371722", "record": {"id": "0192f0c1-7a3b-7cc2-9a53-0d7a5f7a1c01"}}]})),
    );
}

/// An example of a figure in an answer.
pub(super) fn example() -> Value {
    json!({"figure_id": "F04", "section": "political", "text": "宣讲行动已开展场次", "value": 197, "unit": "session", "qualifier": "nearly", "display_text": "近200场", "rows": "/api/v1/figures/F04/rows?year=2021&division=371700&as_of=2021-12-31", "counties": [{"division_code": "371722", "value": 18}]})
}

/// An operation about a year.
pub(super) fn of_a_year(operation: Operation) -> Operation {
    operation
        .permit("reports", Action::Read)
        .parameter(
            "query",
            "year",
            true,
            "The year of the report",
            json!({"type": "integer", "minimum": 1949, "maximum": 2199, "example": 2021}),
        )
        .parameter(
            "query",
            "division",
            false,
            "This division and all inside it; the caller's own by default",
            json!({"type": "string", "pattern": "^[0-9]{6}([0-9]{3}){0,2}$", "example": "371700"}),
        )
        .parameter(
            "query",
            "as_of",
            false,
            "The day as of which it is asked; the last day of the year by default",
            json!({"type": "string", "format": "date", "example": "2021-12-31"}),
        )
}

/// What a figure is.
#[derive(Serialize, ToSchema)]
#[schema(as = FigureDefinition)]
struct Definition {
    /// Its number.
    #[schema(max_length = 10)]
    figure_id: &'static str,
    /// The section of the annual report it stands in.
    #[schema(max_length = 40)]
    section: &'static str,
    /// What it says.
    #[schema(max_length = 100)]
    text: &'static str,
    /// What it is counted in.
    #[schema(max_length = 20)]
    unit: &'static str,
    /// How its value is rounded in words, where it fits: `exact`, `nearly`, `over`, `at_least`, `wan`.
    #[schema(max_length = 20)]
    qualifier: &'static str,
    /// The step of the rounding.
    step: i64,
    /// How it is computed: `count`, `distinct`, `counties`, `sum`, `least`, `items`, `targets`, `share`, `trend`, `parts`.
    #[schema(max_length = 20)]
    measure: &'static str,
    /// The resource whose records it is made of; absent where it is a part of the report itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    resource: Option<&'static str>,
    /// The field that it adds, or of which it counts different values.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    field: Option<&'static str>,
}

fn definition(figure: &Figure) -> Definition {
    let (qualifier, step) = figure.display.rounding();
    Definition {
        figure_id: figure.id,
        section: figure.section.as_str(),
        text: figure.text.0,
        unit: figure.unit.as_str(),
        qualifier: qualifier.as_str(),
        step,
        measure: figure.measure.name(),
        resource: figure.measure.selection().map(|s| s.of),
        field: figure.measure.field(),
    }
}

/// A figure of a year.
#[derive(Serialize, ToSchema, Clone)]
pub(super) struct FigureValue {
    /// Its number.
    #[schema(max_length = 10)]
    pub figure_id: &'static str,
    /// The section of the annual report it stands in.
    #[schema(max_length = 40)]
    pub section: &'static str,
    /// What it says.
    #[schema(max_length = 100)]
    pub text: &'static str,
    /// The exact value, as the records give it; of money in yuan.
    #[schema(value_type = f64)]
    pub value: Value,
    /// What it is counted in.
    #[schema(max_length = 20)]
    pub unit: &'static str,
    /// How the value is rounded in the words.
    #[schema(max_length = 20)]
    pub qualifier: &'static str,
    /// The value in words, as the report says it; `—` where it is not said as a number.
    #[schema(max_length = 100)]
    pub display_text: String,
    /// The records it is made of; absent where it is a part of the report itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub rows: Option<String>,
    /// What each county adds. Who counts in two counties counts in both of them, so persons need not add up.
    #[schema(max_items = 500)]
    pub counties: Vec<CountyValue>,
    /// The same a year before; in the annual report only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year_before: Option<YearBefore>,
}

/// A figure a year before.
#[derive(Serialize, ToSchema, Clone)]
pub(super) struct YearBefore {
    /// The value.
    #[schema(value_type = f64)]
    pub value: Value,
    /// The value in words.
    #[schema(max_length = 100)]
    pub display_text: String,
    /// How much more it is now.
    #[schema(value_type = f64)]
    pub change: Value,
}

/// A county's part in a figure.
#[derive(Serialize, ToSchema, Clone)]
pub(super) struct CountyValue {
    /// The county, or the city for what is its own.
    pub division_code: DivisionCode,
    /// Its value.
    #[schema(value_type = f64)]
    pub value: Value,
}

/// A whole number of the unit as JSON shows it: fen as yuan.
pub(super) fn number(unit: Unit, n: i64) -> Value {
    match unit {
        // Two decimals of a sum of money fit a double exactly up to 90 trillion yuan.
        Unit::Yuan if n % 100 != 0 => serde_json::from_str(&format!("{}.{:02}", n / 100, n % 100)).unwrap_or_default(),
        Unit::Yuan => json!(n / 100),
        _ => json!(n),
    }
}

impl FigureValue {
    pub fn of(figure: &Figure, asked: &Asked, evaluated: &Evaluated) -> Self {
        let (display_text, qualifier) = wording::say(figure.display, figure.unit, evaluated.value);
        let county = |(code, n): &(String, i64)| {
            Some(CountyValue { division_code: DivisionCode::parse(code)?, value: number(figure.unit, *n) })
        };
        let moment = asked.moment;
        Self {
            figure_id: figure.id,
            section: figure.section.as_str(),
            text: figure.text.0,
            value: number(figure.unit, evaluated.value.number),
            unit: figure.unit.as_str(),
            qualifier: qualifier.as_str(),
            display_text,
            rows: figure.measure.selection().map(|_| {
                let (year, division, as_of) = (moment.year, &asked.division, moment.as_of);
                format!("{BASE}/figures/{}/rows?year={year}&division={division}&as_of={as_of}", figure.id)
            }),
            counties: evaluated.counties.iter().filter_map(county).collect(),
            year_before: None,
        }
    }
}

/// A record that a figure is made of.
#[derive(Serialize, ToSchema)]
struct FigureRow {
    /// Its resource.
    #[schema(max_length = 100)]
    resource: &'static str,
    /// Its id.
    id: Uuid,
    /// Its division.
    division_code: DivisionCode,
    /// What it adds, or of what different values are counted; absent where each record counts as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    counted: Option<String>,
    /// The record as the caller sees it.
    #[schema(value_type = Object)]
    record: Value,
}

#[derive(Serialize)]
struct Page {
    items: Vec<FigureRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
}

/// `GET /figures`
async fn list(permit: Reader) -> Result<HttpResponse> {
    let _ = &permit;
    let items: Vec<Definition> = reports::all().into_iter().map(definition).collect();
    Ok(std::future::ready(HttpResponse::Ok().json(json!({ "items": items }))).await)
}

fn find(id: &str) -> Result<&'static Figure> {
    reports::find(id).ok_or_else(|| ApiError::new(Problem::NotFound))
}

/// `GET /figures/{figure}`
async fn get(permit: Reader, id: web::Path<String>, req: HttpRequest) -> Result<HttpResponse> {
    let figure = find(&id)?;
    let (asked, _) = asked(&permit, &req, &[])?;
    let question = asked.clone();
    let evaluated = permit.app.db.read_long(move |c| figures::evaluate(c, &question, figure)).await?;
    Ok(HttpResponse::Ok().json(FigureValue::of(figure, &asked, &evaluated)))
}

/// `GET /figures/{figure}/rows`
async fn rows(permit: Reader, id: web::Path<String>, req: HttpRequest) -> Result<HttpResponse> {
    let figure = find(&id)?;
    let (asked, given) = asked(&permit, &req, &["limit", "page_token"])?;
    let limit = given.get("limit").map(|text| within("limit", text, 1, LIMIT)).transpose()?.unwrap_or(LIMIT);
    let after = given.get("page_token").map(|text| text.parse::<Uuid>());
    let after = after.transpose().map_err(|_| ApiError::new(Problem::PageTokenMismatch))?;
    let Some(selection) = figure.measure.selection() else {
        return Ok(HttpResponse::Ok().json(Page { items: vec![], next_page_token: None }));
    };
    let kind = registry::find(selection.of).ok_or_else(|| ApiError::internal(selection.of))?;
    if !permit.identity.may(kind.path, kind.module, Action::Read) {
        return Err(ApiError::new(Problem::Forbidden));
    }
    let sight = permit.identity.sight();
    let page = permit.app.db.read_long(move |c: &mut Conn| {
        let mut ids = figures::rows(c, &asked, selection, after, limit + 1)?;
        let more = i64::try_from(ids.len()).unwrap_or_default() > limit;
        ids.truncate(usize::try_from(limit).unwrap_or_default());
        let mut records = (kind.by_ids)(c, &asked.scope, &ids, sight)?;
        records.sort_by_key(|(id, _)| *id);
        let next_page_token = records.last().filter(|_| more).map(|(id, _)| id.to_string());
        let items = records.into_iter().filter_map(|(id, record)| row(figure, kind.path, id, record)).collect();
        Ok(Page { items, next_page_token })
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

fn row(figure: &Figure, resource: &'static str, id: Uuid, record: Value) -> Option<FigureRow> {
    let fields: &Map<String, Value> = record.as_object()?;
    let division_code = DivisionCode::parse(fields.get("division_code")?.as_str()?)?;
    let counted = figure.measure.field().and_then(|field| fields.get(field)).map(|value| match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.len().to_string(),
        other => other.to_string(),
    });
    Some(FigureRow { resource, id, division_code, counted, record })
}
