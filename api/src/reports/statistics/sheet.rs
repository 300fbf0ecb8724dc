//! A table as a file: Chinese headers in the order of the form, the whole in the last line.
use super::answer::{StatisticsRow, StatisticsTable};
use crate::exchange::Format;
use crate::exchange::write::{Encoding, whole};
use crate::reports::sheet::{number, text};
use domain::exchange::Shown;
use domain::statistics::Table;

pub(super) fn file(table: &'static Table, answer: &StatisticsTable, format: Format) -> persistence::Result<Vec<u8>> {
    let headers = ["代码", "名称"].into_iter().chain(table.columns.iter().map(|c| c.text.0)).map(text).collect();
    let row = |row: &StatisticsRow| {
        let cell = |id: &str| match (row.values.get(id), row.texts.get(id)) {
            (Some(value), _) => number(value),
            (_, Some(value)) => text(value),
            _ => Shown::Empty,
        };
        let mut cells = vec![text(&row.code), text(&row.name)];
        cells.extend(table.columns.iter().map(|c| cell(c.id)));
        cells
    };
    let rows = answer.rows.iter().chain(&answer.total).map(row).collect();
    whole(format, headers, rows, Encoding::Marked).map_err(persistence::Error::internal)
}
