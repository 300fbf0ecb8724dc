//! What the answers that are computed from many records have in common: parameters and pages.
use crate::contract::Operation;
use crate::error::{ApiError, Result};
use domain::{NaiveDate, Problem, Rule};
use serde::Serialize;
use serde_json::json;
use std::str::FromStr;

/// Items in a page where nothing is said, and at most.
pub const LIMIT: i64 = 500;

/// Documents the parameters of a page.
pub fn paged(o: Operation) -> Operation {
    let limit = json!({"type": "integer", "minimum": 1, "maximum": LIMIT, "default": LIMIT});
    let token = json!({"type": "string", "maxLength": 100});
    o.parameter("query", "limit", false, "Items in the page at most", limit).parameter(
        "query",
        "page_token",
        false,
        "`next_page_token` of the page before",
        token,
    )
}

/// The value of a query parameter.
pub fn read<T: FromStr>(name: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| ApiError::parameter(name, Rule::WrongType))
}
/// A number of a query parameter within bounds.
pub fn within<T: FromStr + PartialOrd>(name: &str, value: &str, least: T, most: T) -> Result<T> {
    let number: T = read(name, value)?;
    if number < least || number > most {
        return Err(ApiError::parameter(name, if number < least { Rule::TooSmall } else { Rule::TooLarge }));
    }
    Ok(number)
}
/// The day of a query parameter.
pub fn day(name: &str, value: &str) -> Result<NaiveDate> {
    let day = value.parse().ok().filter(|_| value.len() == 10);
    day.ok_or_else(|| ApiError::parameter(name, Rule::DateFormat))
}
/// The position of a page token.
pub fn token<T>(read: Option<T>) -> Result<T> {
    read.ok_or_else(|| ApiError::new(Problem::PageTokenMismatch))
}
/// The day it is, in Asia/Shanghai.
pub fn today() -> NaiveDate {
    persistence::tx::business_day(domain::Utc::now())
}

/// A page of an answer.
#[derive(Serialize)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}
impl<T> Page<T> {
    /// The first `limit` of the items, and the position behind them where there are more.
    pub fn of(mut items: Vec<T>, limit: i64, position: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or_default();
        let more = items.len() > limit;
        items.truncate(limit);
        let next_page_token = items.last().filter(|_| more).map(position);
        Self { items, next_page_token }
    }
}
