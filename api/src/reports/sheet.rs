//! The figures of the annual report as a file: a line for each, with what each county adds.
use super::annual::AnnualReport;
use crate::exchange::Format;
use crate::exchange::write::{Encoding, whole};
use domain::exchange::{Shown, cell};
use serde_json::Value;

/// A text in a cell, nothing that a spreadsheet would run.
pub(super) fn text(text: &str) -> Shown {
    if text.is_empty() { Shown::Empty } else { Shown::Text(cell::guarded(text)) }
}

/// A number in a cell.
pub(super) fn number(value: &Value) -> Shown {
    if value.is_null() { Shown::Empty } else { Shown::Number(value.to_string()) }
}

/// The file. `counties` are codes and names, in their order; what is the division's own stands before them.
pub(super) fn table(
    report: &AnnualReport,
    counties: Vec<(String, String)>,
    format: Format,
) -> persistence::Result<Vec<u8>> {
    let own = report.division_code.to_string();
    let mut places = counties;
    if !places.iter().any(|(code, _)| *code == own) {
        places.insert(0, (own, format!("{}本级", report.division_name)));
    }
    let fixed = ["部分", "指标编号", "指标", "数值", "计量单位", "修饰", "表述", "上年数值", "上年表述", "增减"];
    let names = places.iter().map(|(_, name)| name.as_str());
    let headers = fixed.into_iter().chain(names).chain(["明细"]).map(text).collect();
    let mut rows = vec![];
    for section in &report.sections {
        for figure in &section.figures {
            let before = figure.year_before.as_ref();
            let of_place = |(code, _): &(String, String)| {
                let part = figure.counties.iter().find(|c| c.division_code.as_str() == code);
                part.map_or(Shown::Empty, |part| number(&part.value))
            };
            let mut row = vec![
                text(section.title),
                text(figure.figure_id),
                text(figure.text),
                number(&figure.value),
                text(figure.unit),
                text(figure.qualifier),
                text(&figure.display_text),
                before.map_or(Shown::Empty, |b| number(&b.value)),
                before.map_or(Shown::Empty, |b| text(&b.display_text)),
                before.map_or(Shown::Empty, |b| number(&b.change)),
            ];
            row.extend(places.iter().map(of_place));
            row.push(figure.rows.as_deref().map_or(Shown::Empty, text));
            rows.push(row);
        }
    }
    whole(format, headers, rows, Encoding::Marked).map_err(persistence::Error::internal)
}
