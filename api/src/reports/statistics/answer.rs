//! A table as data.
use crate::reports::places::{Coverage, Places};
use domain::reports::Unit;
use domain::statistics::{Column, Measure, Table, Values};
use domain::{DivisionCode, NaiveDate, Uuid};
use persistence::figures::Asked;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

/// What a table is.
#[derive(Serialize, ToSchema)]
#[schema(as = StatisticsDefinition)]
pub(super) struct TableView {
    /// Its number.
    #[schema(max_length = 10)]
    id: &'static str,
    /// What it is called.
    #[schema(max_length = 100)]
    title: &'static str,
    /// The same in English.
    #[schema(max_length = 200)]
    title_en: &'static str,
    /// Who and what is counted.
    #[schema(max_length = 300)]
    rule: &'static str,
    /// The same in English.
    #[schema(max_length = 500)]
    rule_en: &'static str,
    /// What its rows may be: `county`, `unit`, `campaign`; nothing where each is a target or a person.
    #[schema(max_items = 2)]
    by: Vec<&'static str>,
    /// Its columns, in the order of the form.
    #[schema(max_items = 100)]
    columns: Vec<ColumnView>,
}
impl TableView {
    pub fn of(table: &'static Table) -> Self {
        Self {
            id: table.id,
            title: table.title.0,
            title_en: table.title.1,
            rule: table.rule.0,
            rule_en: table.rule.1,
            by: table.ways().iter().map(|by| by.as_str()).collect(),
            columns: columns(table),
        }
    }
}

/// The columns of a table.
pub(super) fn columns(table: &'static Table) -> Vec<ColumnView> {
    table.columns.iter().map(ColumnView::of).collect()
}

/// A column.
#[derive(Serialize, ToSchema)]
#[schema(as = StatisticsColumn)]
pub(super) struct ColumnView {
    /// Stable name, by which rows have their values.
    #[schema(max_length = 60)]
    id: &'static str,
    /// Its header.
    #[schema(max_length = 100)]
    text: &'static str,
    /// The same in English.
    #[schema(max_length = 200)]
    text_en: &'static str,
    /// What it is counted in; `text` where it is not counted.
    #[schema(max_length = 20)]
    unit: &'static str,
}
impl ColumnView {
    fn of(column: &'static Column) -> Self {
        let unit = if matches!(column.measure, Measure::Text) { "text" } else { column.unit.as_str() };
        Self { id: column.id, text: column.text.0, text_en: column.text.1, unit }
    }
}

/// A table of a year.
#[derive(Serialize, ToSchema)]
#[schema(as = Statistics)]
pub(super) struct StatisticsTable {
    /// Its number.
    #[schema(max_length = 10)]
    pub id: &'static str,
    /// What it is called.
    #[schema(max_length = 100)]
    pub title: &'static str,
    /// The same in English.
    #[schema(max_length = 200)]
    pub title_en: &'static str,
    /// The year.
    pub year: i32,
    /// The day as of which it was asked.
    pub as_of: NaiveDate,
    /// The division.
    pub division_code: DivisionCode,
    /// Its name.
    #[schema(max_length = 50)]
    pub division_name: String,
    /// What a row is: `county`, `unit`, `campaign`, `target`, `person`.
    #[schema(max_length = 20)]
    pub by: &'static str,
    /// Of how many counties there is something in it.
    pub coverage: Coverage,
    /// Its columns, in the order of the form.
    #[schema(max_items = 100)]
    pub columns: Vec<ColumnView>,
    /// Its rows: what is the division's own first, then counties by their codes or units by their place.
    #[schema(max_items = 20_000)]
    pub rows: Vec<StatisticsRow>,
    /// The division as a whole; absent where rows are targets or persons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<StatisticsRow>,
    /// Whether there are more rows than are shown.
    pub more: bool,
    /// What must add up.
    #[schema(max_items = 10)]
    pub checks: Vec<CheckResult>,
}
impl StatisticsTable {
    /// The whole table with these rows, of which none is the division as a whole.
    pub fn of(
        table: &'static Table,
        asked: &Asked,
        places: &Places,
        by: &'static str,
        coverage: Coverage,
        rows: Vec<StatisticsRow>,
    ) -> Self {
        Self {
            id: table.id,
            title: table.title.0,
            title_en: table.title.1,
            year: asked.moment.year,
            as_of: asked.moment.as_of,
            division_code: asked.division.clone(),
            division_name: places.name(asked.division.as_str()),
            by,
            coverage,
            columns: columns(table),
            rows,
            total: None,
            more: false,
            checks: vec![],
        }
    }
}

/// A row.
#[derive(Serialize, ToSchema, Default)]
pub(super) struct StatisticsRow {
    /// The code of a county or a programme, the id of a unit, a campaign or a person; empty for honors of no campaign.
    #[schema(max_length = 60)]
    pub code: String,
    /// Its name.
    #[schema(max_length = 100)]
    pub name: String,
    /// Its numbers by the ids of the columns. One that cannot be told, such as a rate of nothing, is absent.
    #[schema(schema_with = numbers)]
    pub values: BTreeMap<&'static str, Value>,
    /// Its texts by the ids of the columns; absent where there are none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(schema_with = texts)]
    pub texts: BTreeMap<&'static str, String>,
}
/// Numbers by names.
fn numbers() -> Object {
    by_name("Its numbers by the ids of the columns. One that cannot be told, such as a rate of nothing, is absent.")
        .additional_properties(Some(ObjectBuilder::new().schema_type(Type::Number)))
        .build()
}
/// Texts by names.
fn texts() -> Object {
    by_name("Its texts by the ids of the columns; absent where there are none.")
        .additional_properties(Some(ObjectBuilder::new().schema_type(Type::String).max_length(Some(100))))
        .build()
}
fn by_name(text: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Object).description(Some(text))
}
impl StatisticsRow {
    /// A row with the numbers of a table as they are shown.
    pub fn of(table: &'static Table, code: String, name: String, numbers: &Values) -> Self {
        let shown = |c: &'static Column| Some((c.id, number(c, *numbers.get(c.id)?)));
        Self { code, name, values: table.columns.iter().filter_map(shown).collect(), texts: BTreeMap::new() }
    }
}

/// A number of a column as JSON shows it.
fn number(column: &Column, n: i64) -> Value {
    // Hundredths of whatever unit are shown as fen are.
    crate::reports::figures::number(if column.hundredths() { Unit::Yuan } else { Unit::Count }, n)
}

/// Whether what must add up does.
#[derive(Serialize, ToSchema)]
#[schema(as = StatisticsCheck)]
pub(super) struct CheckResult {
    /// The rule.
    #[schema(max_length = 200)]
    pub text: &'static str,
    /// The same in English.
    #[schema(max_length = 200)]
    pub text_en: &'static str,
    /// Whether it holds in every row and in the total.
    pub ok: bool,
    /// The rows in which it does not.
    #[schema(max_items = 20_000)]
    pub rows: Vec<BrokenRow>,
    /// The resource of the records.
    #[schema(max_length = 100)]
    pub resource: &'static str,
    /// The records by which it does not, at most 50.
    #[schema(max_items = 50)]
    pub ids: Vec<Uuid>,
}

/// A row in which something does not add up.
#[derive(Serialize, ToSchema)]
#[schema(as = StatisticsBrokenRow)]
pub(super) struct BrokenRow {
    /// The row's code; that of the division for the total.
    #[schema(max_length = 60)]
    pub code: String,
    /// What the parts make.
    pub expected: i64,
    /// What was counted.
    pub actual: i64,
}
