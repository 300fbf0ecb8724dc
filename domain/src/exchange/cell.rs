//! One cell: what stands in it as the value of a field, and the value as what stands in it.
use super::shape::Shape;
use crate::NaiveDate;
use crate::catalogue::Rule;
use serde_json::Value;

/// What a file has in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// A date of a spreadsheet, without its time of day.
    Day(NaiveDate),
}

/// What a cell shows: a number, or a text.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// Nothing.
    Empty,
    /// A text as a file may have it: nothing that a spreadsheet would run.
    Text(String),
    /// A number, as it is written.
    Number(String),
}

/// The greatest whole number of which a spreadsheet still has every digit.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// What stands between the items of a list.
const SEPARATORS: &[char] = &['、', ',', '\u{ff0c}', ';', '\u{ff1b}', '\n', '|'];

impl Cell {
    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
    /// The text in it, as it would be read aloud.
    pub fn text(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => decimal(*number),
            Cell::Flag(true) => "是".into(),
            Cell::Flag(false) => "否".into(),
            Cell::Day(day) => day.to_string(),
        }
    }
}

/// A number without noise in its last places.
fn decimal(number: f64) -> String {
    let rounded = format!("{number:.9}");
    let near = rounded.parse::<f64>().is_ok_and(|r| (r - number).abs() < 1e-9);
    let text = if near && number.abs() < 1e9 { rounded } else { format!("{number}") };
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The JSON value of a cell in a field of this shape; `None` where nothing stands there. References and divisions are
/// left as texts for who can look them up. What has not the form of the shape is passed on as it is: the field's own
/// check says what is wrong with it.
///
/// # Errors
/// What a cell can do wrong that a field cannot.
pub fn read(cell: &Cell, shape: &Shape) -> Result<Option<Value>, Rule> {
    if cell.is_empty() {
        return Ok(None);
    }
    if let Cell::Number(number) = cell
        && number.abs() >= EXACT
    {
        return Err(Rule::NumberPrecision);
    }
    let text = unguarded(cell.text().trim()).to_owned();
    Ok(Some(match shape {
        Shape::Text => text.into(),
        Shape::Code(set) => code(set, &text).into(),
        Shape::Day => day(cell, &text)?.into(),
        Shape::Fuzzy => fuzzy(cell, &text)?.into(),
        Shape::Money | Shape::Rate => number(&text).into(),
        Shape::Whole => {
            let digits = number(&text);
            digits.parse::<i64>().map_or(Value::String(text), Value::from)
        }
        Shape::Flag => match text.to_lowercase().as_str() {
            "是" | "true" | "1" | "y" | "yes" | "√" | "有" => true.into(),
            "否" | "false" | "0" | "n" | "no" | "×" | "无" => false.into(),
            _ => text.into(),
        },
        Shape::Instant | Shape::Id => text.into(),
        Shape::Division | Shape::Record(_) => narrow(&text).into(),
        Shape::List(one) => list(&text, one)?,
        Shape::Object => serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }))
}

fn list(text: &str, one: &Shape) -> Result<Value, Rule> {
    if let (true, Ok(list @ Value::Array(_))) = (text.starts_with('['), serde_json::from_str(text)) {
        return Ok(list);
    }
    let items = text.split(SEPARATORS).map(str::trim).filter(|item| !item.is_empty());
    let read = |item: &str| read(&Cell::Text(item.to_owned()), one).map(Option::unwrap_or_default);
    items.map(read).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// The code that a text is, or is the label of.
fn code(set: &crate::code::CodeSet, text: &str) -> String {
    let all = (set.codes)();
    let by = |part: fn(&(&'static str, &'static str, &'static str)) -> &'static str| {
        all.iter().find(|c| part(c).eq_ignore_ascii_case(text)).map(|c| c.0.to_owned())
    };
    // A code that was a number to the spreadsheet has lost its first zero.
    let padded = || {
        all.iter().find(|c| c.0.len() == text.len() + 1 && c.0.strip_prefix('0') == Some(text)).map(|c| c.0.to_owned())
    };
    // 男 for 男性, 汉 for 汉族, as everybody writes it.
    let short = || all.iter().find(|c| c.1.strip_suffix(['性', '族']) == Some(text)).map(|c| c.0.to_owned());
    by(|c| c.0)
        .or_else(|| by(|c| c.1))
        .or_else(|| by(|c| c.2))
        .or_else(short)
        .or_else(padded)
        .unwrap_or_else(|| text.to_owned())
}

/// Digits and signs in their narrow form.
fn narrow(text: &str) -> String {
    let one = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(one).collect()
}

/// `5,000.00 元` is 5000.00.
fn number(text: &str) -> String {
    let text = narrow(text);
    let bare = text.trim_start_matches(['¥', '\u{ffe5}', '+']).trim_end_matches('元').trim();
    let plain: String = bare.chars().filter(|c| *c != ',').collect();
    let is_number = plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    if is_number { plain } else { text }
}

/// The first of the days a spreadsheet counts.
fn serial(number: f64) -> Option<NaiveDate> {
    let days = number.floor();
    let known = (10_000.0..80_000.0).contains(&days);
    known.then(|| NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_signed(chrono::Duration::days(days as i64)))?
}

fn day(cell: &Cell, text: &str) -> Result<String, Rule> {
    match cell {
        Cell::Number(number) => Ok(serial(*number).map_or_else(|| dated(text), |day| day.to_string())),
        _ => Ok(dated(text)),
    }
}

fn fuzzy(cell: &Cell, text: &str) -> Result<String, Rule> {
    match cell {
        // 1947.1 may be the January that somebody typed, and the October whose zero the spreadsheet took.
        Cell::Number(_) if text.split_once('.').is_some_and(|(year, month)| year.len() == 4 && month.len() == 1) => {
            Err(Rule::AmbiguousDate)
        }
        _ => day(cell, text),
    }
}

/// A date as offices write it in the form of the model: `2021/12/31`, `2021.12`, `2021年12月`, `20211231`.
fn dated(text: &str) -> String {
    let text = narrow(text);
    let bare = text.split_once([' ', 'T']).map_or(text.as_str(), |(date, _)| date);
    let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = match bare.len() {
        6 | 8 if all_digits(bare) => match (bare.get(..4), bare.get(4..6), bare.get(6..)) {
            (Some(year), Some(month), Some("")) => vec![year, month],
            (Some(year), Some(month), Some(day)) => vec![year, month, day],
            _ => vec![bare],
        },
        _ => bare.split(['-', '/', '.', '年', '月', '日']).map(str::trim).filter(|p| !p.is_empty()).collect(),
    };
    let [year, rest @ ..] = parts.as_slice() else { return text.clone() };
    let fits =
        year.len() == 4 && rest.len() <= 2 && rest.iter().all(|p| p.len() <= 2 && all_digits(p)) && all_digits(year);
    if !fits {
        return text.clone();
    }
    rest.iter().fold((*year).to_owned(), |date, part| format!("{date}-{part:0>2}"))
}

/// What a field's value shows in a cell. With `labels` codes show their labels.
pub fn show(value: Option<&Value>, shape: &Shape, labels: bool) -> Shown {
    let Some(value) = value.filter(|v| !v.is_null()) else { return Shown::Empty };
    match (shape, value) {
        (shape, Value::String(text)) if shape.is_number() => Shown::Number(text.clone()),
        (_, Value::Number(number)) => Shown::Number(number.to_string()),
        (_, Value::Bool(flag)) => Shown::Text(if *flag { "是" } else { "否" }.into()),
        (Shape::List(one), Value::Array(items)) => several(items, one, labels),
        (shape, Value::String(text)) => Shown::Text(guarded(&worded(text, shape, labels))),
        (_, Value::Array(items)) if items.is_empty() => Shown::Empty,
        (_, other) => Shown::Text(guarded(&other.to_string())),
    }
}

fn worded(text: &str, shape: &Shape, labels: bool) -> String {
    let label = |set: &crate::code::CodeSet| (set.codes)().iter().find(|c| c.0 == text).map(|c| c.1.to_owned());
    match shape {
        Shape::Code(set) if labels => label(set).unwrap_or_else(|| text.to_owned()),
        _ => text.to_owned(),
    }
}

fn several(items: &[Value], one: &Shape, labels: bool) -> Shown {
    if items.is_empty() {
        return Shown::Empty;
    }
    let texts: Option<Vec<String>> = items.iter().map(|i| i.as_str().map(|text| worded(text, one, labels))).collect();
    let plain = |t: &String| !t.is_empty() && t.trim() == t && !t.contains(SEPARATORS) && !t.starts_with(['[', '\'']);
    match texts {
        Some(texts) if texts.iter().all(plain) => Shown::Text(guarded(&texts.join("、"))),
        _ => Shown::Text(guarded(&Value::Array(items.to_vec()).to_string())),
    }
}

/// Whether a spreadsheet would take a text for a formula, with or without our sign before it.
fn dangerous(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A text with a sign before it, where a spreadsheet would run it.
pub fn guarded(text: &str) -> String {
    if dangerous(text) { format!("'{text}") } else { text.to_owned() }
}

/// The text behind the sign.
fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| dangerous(rest)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;
    use proptest::prelude::*;
    use serde_json::json;

    fn text(t: &str) -> Cell {
        Cell::Text(t.into())
    }
    fn reads(cell: &Cell, shape: &Shape) -> Value {
        read(cell, shape).unwrap().unwrap_or_default()
    }

    #[test]
    fn dates_are_read_as_offices_write_them() {
        for (written, meant) in [
            ("2021-12-31", "2021-12-31"),
            ("2021/12/31", "2021-12-31"),
            ("2021.12", "2021-12"),
            ("20211231", "2021-12-31"),
            ("2021年1月5日", "2021-01-05"),
            ("1947", "1947"),
            ("194703", "1947-03"),
            ("２０２１-1-5", "2021-01-05"),
            ("2021-01-05 08:00:00", "2021-01-05"),
        ] {
            assert_eq!(reads(&text(written), &Shape::Fuzzy), json!(meant), "{written}");
        }
        assert_eq!(reads(&Cell::Number(44_561.0), &Shape::Day), json!("2021-12-31"));
        assert_eq!(reads(&Cell::Number(20_211_231.0), &Shape::Day), json!("2021-12-31"));
        assert_eq!(reads(&Cell::Number(1947.0), &Shape::Fuzzy), json!("1947"));
        assert_eq!(reads(&Cell::Number(1947.03), &Shape::Fuzzy), json!("1947-03"));
        assert_eq!(read(&Cell::Number(1947.1), &Shape::Fuzzy), Err(Rule::AmbiguousDate));
        assert_eq!(reads(&text("明天"), &Shape::Day), json!("明天"));
    }

    #[test]
    fn numbers_keep_their_digits_or_are_refused() {
        assert_eq!(reads(&text("5,000.00元"), &Shape::Money), json!("5000.00"));
        assert_eq!(reads(&Cell::Number(1234.56), &Shape::Money), json!("1234.56"));
        assert_eq!(reads(&Cell::Number(0.1 + 0.2), &Shape::Money), json!("0.3"));
        assert_eq!(reads(&Cell::Number(13_800_000_001.0), &Shape::Text), json!("13800000001"));
        assert_eq!(read(&Cell::Number(3.729_011_930_051_2e17), &Shape::Text), Err(Rule::NumberPrecision));
        assert_eq!(reads(&text("１２"), &Shape::Whole), json!(12));
        assert_eq!(reads(&text("x"), &Shape::Whole), json!("x"));
    }

    #[test]
    fn codes_are_read_by_code_and_label() {
        let sex = Shape::Code(codes::find("sex").unwrap());
        let ethnicity = Shape::Code(codes::find("ethnicity").unwrap());
        for written in ["男性", "男", "1", "male"] {
            assert_eq!(reads(&text(written), &sex), json!("1"), "{written}");
        }
        assert_eq!(reads(&Cell::Number(1.0), &ethnicity), json!("01"));
        assert_eq!(reads(&text("外星"), &sex), json!("外星"));
    }

    #[test]
    fn nothing_that_is_written_runs() {
        for text in ["=1+1", "+86", "-5", "@x", "\tx", "\rx", "'=1"] {
            let Shown::Text(shown) = show(Some(&json!(text)), &Shape::Text, true) else { panic!() };
            assert!(shown.starts_with('\''), "{text}");
        }
        assert_eq!(show(Some(&json!("-5.00")), &Shape::Money, true), Shown::Number("-5.00".into()));
    }

    #[test]
    fn no_label_is_the_code_of_another() {
        for set in codes::ALL {
            for (code, zh, _) in (set.codes)() {
                assert_eq!(super::code(set, code), code, "{}", set.set);
                assert_eq!(super::code(set, zh), code, "{}: {zh}", set.set);
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(t in "[='+@\\-a-z、,\\[\\]\"王\t]{0,8}", items in proptest::collection::vec("[=a-z、|'王\\[]{1,4}", 0..4)) {
            let trimmed = t.trim();
            if !trimmed.is_empty() && !t.starts_with('\t') {
                let Shown::Text(shown) = show(Some(&json!(trimmed)), &Shape::Text, true) else { unreachable!() };
                prop_assert_eq!(reads(&text(&shown), &Shape::Text), json!(trimmed));
            }
            let list = Shape::List(Box::new(Shape::Text));
            match show(Some(&json!(items)), &list, true) {
                Shown::Text(shown) => prop_assert_eq!(reads(&text(&shown), &list), json!(items)),
                _ => prop_assert!(items.is_empty()),
            }
        }
    }
}
