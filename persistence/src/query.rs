//! A list as data: conditions, order, position.
use crate::error::{Error, Result};
use domain::{DivisionCode, FieldClass, PartialDate, Problem, Rule, Uuid, Violation};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Equal; for a partial date, within.
    Eq,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Whether there is a value.
    Present,
}
impl Op {
    /// Comparisons a field of ordered values takes.
    pub const RANGE: &'static [Op] = &[Op::Eq, Op::Gt, Op::Gte, Op::Lt, Op::Lte];
    /// Comparisons any other field takes.
    pub const EQ: &'static [Op] = &[Op::Eq];
    /// Comparisons of ordered values that may be absent.
    pub const RANGE_OR_NONE: &'static [Op] = &[Op::Eq, Op::Gt, Op::Gte, Op::Lt, Op::Lte, Op::Present];
    /// Comparisons of other values that may be absent.
    pub const EQ_OR_NONE: &'static [Op] = &[Op::Eq, Op::Present];
    /// The name in `filter[field][name]`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Op::Eq => "eq",
            Op::Gt => "gt",
            Op::Gte => "gte",
            Op::Lt => "lt",
            Op::Lte => "lte",
            Op::Present => "present",
        }
    }
    /// The operator.
    pub const fn sql(self) -> &'static str {
        match self {
            Op::Eq => " = ",
            Op::Gt => " > ",
            Op::Gte => " >= ",
            Op::Lt => " < ",
            Op::Lte => " <= ",
            Op::Present => " IS NOT NULL = ",
        }
    }
    /// The comparison with this name.
    pub fn parse(text: &str) -> Option<Op> {
        Op::RANGE_OR_NONE.iter().copied().find(|o| o.as_str() == text)
    }
}

/// `filter[field][op]=value`, not yet read as a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Field name.
    pub field: String,
    /// Comparison.
    pub op: Op,
    /// The text to compare with.
    pub value: String,
}
impl Condition {
    /// The value as `T`, read as it would be read from JSON.
    ///
    /// # Errors
    /// [`Error::Refused`] that names the parameter.
    pub fn value<T: DeserializeOwned>(&self) -> Result<T> {
        let text = Value::String(self.value.clone());
        serde_json::from_value(text)
            .or_else(|_| serde_json::from_str(&self.value))
            .map_err(|_| self.refused(Rule::WrongType).with("expected", "another value"))
            .map_err(|v| Error::Refused(Problem::InvalidParameter, vec![v]))
    }
    /// Bounds for a column of partial dates: `(at least, at most, below, above)`, as texts.
    pub fn fuzzy(&self) -> Result<PartialDate> {
        PartialDate::parse(&self.value)
            .ok_or_else(|| Error::Refused(Problem::InvalidParameter, vec![self.refused(Rule::PartialDateFormat)]))
    }
    /// A finding about this condition.
    pub fn refused(&self, rule: Rule) -> Violation {
        let op = if self.op == Op::Eq { String::new() } else { format!("[{}]", self.op.as_str()) };
        Violation::new(format!("/filter[{}]{op}", self.field), rule)
    }
}

/// The order of a list. Always completed with the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// `id`, `created_at`, `updated_at`, or one of the resource's own.
    pub key: String,
    /// Whether the greatest comes first.
    pub descending: bool,
}
impl Default for Sort {
    fn default() -> Self {
        Self { key: "id".into(), descending: false }
    }
}

/// A position in a list: after the record with this key.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// The value of the sort key, as in JSON.
    pub value: Value,
    /// The id.
    pub id: Uuid,
}
impl Cursor {
    /// The key's value as `T`.
    ///
    /// # Errors
    /// [`Error::Refused`] when the position is not one of this list.
    pub fn value<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.value.clone()).map_err(|_| Error::Refused(Problem::PageTokenMismatch, vec![]))
    }
}

/// One page's question.
#[derive(Debug, Clone)]
pub struct Query {
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// Text to find ([`domain::search`]).
    pub q: Option<String>,
    /// Order.
    pub sort: Sort,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// Items at most.
    pub limit: i64,
    /// The highest class of fields that who asks may see: what they may not see is not searched.
    pub sight: FieldClass,
}
impl Query {
    /// Everything in id order.
    pub fn all(limit: i64) -> Self {
        Self { conditions: vec![], q: None, sort: Sort::default(), after: None, limit, sight: FieldClass::Sensitive }
    }
    /// Records whose `field` is `value`.
    pub fn by(field: &str, value: impl ToString, limit: i64) -> Self {
        let condition = Condition { field: field.into(), op: Op::Eq, value: value.to_string() };
        Self { conditions: vec![condition], ..Self::all(limit) }
    }
    /// Whether an index may not bound the work, so that it should not run on a worker thread.
    pub fn may_scan(&self) -> bool {
        self.q.is_some() || self.conditions.iter().any(|c| c.field != "division_code")
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<I> {
    /// The items.
    pub items: I,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

/// The codes of everything inside a division as a range: from, to (exclusive).
pub fn division_range(division: &DivisionCode) -> (String, String) {
    let prefix = division.prefix();
    let mut end = prefix.as_bytes().to_vec();
    if let Some(last) = end.last_mut() {
        *last += 1; // digits, so at most ':'
    }
    (prefix.to_owned(), String::from_utf8(end).unwrap_or_default())
}
