//! What the cells of a field hold, read off its published schema.
use crate::code::CodeSet;
use crate::{DivisionCode, Money, PartialDate, Rate, codes};
use serde_json::Value;
use std::sync::LazyLock;
use utoipa::PartialSchema;

/// What a cell of a field holds.
#[derive(Debug, Clone)]
pub enum Shape {
    /// Any text.
    Text,
    /// A code of a set.
    Code(&'static CodeSet),
    /// A full date.
    Day,
    /// A date of which the month or the day may be unknown.
    Fuzzy,
    /// An instant.
    Instant,
    /// An amount.
    Money,
    /// A rate.
    Rate,
    /// A whole number.
    Whole,
    /// Yes or no.
    Flag,
    /// A division, by its code or its name.
    Division,
    /// A record of the resource with this path.
    Record(String),
    /// An id of something else.
    Id,
    /// Several of one kind.
    List(Box<Shape>),
    /// Something with parts, as JSON.
    Object,
}

/// The patterns of value types that are texts in JSON.
static PATTERNS: LazyLock<Vec<(String, Shape)>> = LazyLock::new(|| {
    let pattern = |schema: utoipa::openapi::RefOr<utoipa::openapi::Schema>| {
        let schema = serde_json::to_value(schema).unwrap_or_default();
        schema.get("pattern").and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    vec![
        (pattern(PartialDate::schema()), Shape::Fuzzy),
        (pattern(Money::schema()), Shape::Money),
        (pattern(Rate::schema()), Shape::Rate),
        (pattern(DivisionCode::schema()), Shape::Division),
    ]
});

impl Shape {
    /// The shape of a field with this schema.
    pub fn of(schema: &Value) -> Self {
        let text = |name: &str| schema.get(name).and_then(Value::as_str);
        if let Some(path) = text("x-references") {
            let one = Shape::Record(path.to_owned());
            return if text("type") == Some("array") { Shape::List(Box::new(one)) } else { one };
        }
        if let Some(set) = text("x-code-set").and_then(codes::find) {
            return Shape::Code(set);
        }
        match (text("type"), text("format")) {
            (Some("boolean"), _) => Shape::Flag,
            (Some("integer"), _) => Shape::Whole,
            (Some("array"), _) => match Shape::of(schema.get("items").unwrap_or(&Value::Null)) {
                // A list of things with parts is one JSON text.
                Shape::Object | Shape::List(_) => Shape::Object,
                one => Shape::List(Box::new(one)),
            },
            (Some("string"), Some("date")) => Shape::Day,
            (Some("string"), Some("date-time")) => Shape::Instant,
            (Some("string"), Some("uuid")) => Shape::Id,
            (Some("string"), _) => {
                let own = text("pattern").and_then(|p| PATTERNS.iter().find(|(pattern, _)| pattern == p));
                own.map_or(Shape::Text, |(_, shape)| shape.clone())
            }
            _ => Shape::Object,
        }
    }

    /// Whether its cells are numbers, also where everything else would be a text.
    pub fn is_number(&self) -> bool {
        matches!(self, Shape::Money | Shape::Rate | Shape::Whole)
    }

    /// How its cells are filled in, for who does it.
    pub fn explained(&self) -> String {
        match self {
            Shape::Text => "文本".into(),
            Shape::Code(set) => {
                let labels: Vec<&str> = (set.codes)().iter().map(|(_, zh, _)| *zh).collect();
                format!("{}:{}", set.zh, labels.join("、"))
            }
            Shape::Day => "日期,如 2021-12-31".into(),
            Shape::Fuzzy => "日期,可只填到年或月,如 1971、1971-07、1971-07-01".into(),
            Shape::Instant => "时间,如 2021-12-31T08:00:00Z".into(),
            Shape::Money => "金额(元),最多两位小数".into(),
            Shape::Rate => "数,最多六位小数".into(),
            Shape::Whole => "整数".into(),
            Shape::Flag => "是 或 否".into(),
            Shape::Division => "行政区划代码或名称".into(),
            Shape::Record(_) => "所指记录的 id、外部编号,或唯一确定它的名称、号码".into(),
            Shape::Id => "UUID".into(),
            Shape::List(one) => format!("多项用“、”隔开;{}", one.explained()),
            Shape::Object => "JSON 文本".into(),
        }
    }
}
