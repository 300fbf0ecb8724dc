//! What the answers that are computed from many records have in common: parameters and pages.
use crate::contract::Operation;
use crate::error::{ApiError, Result};
use crate::listing::pairs;
use actix_web::HttpRequest;
use domain::{DivisionCode, NaiveDate, Problem, Rule, Violation};
use serde::Serialize;
use serde_json::json;
use std::fmt::Display;
use std::str::FromStr;

/// Items in a page where nothing is said, and at most.
pub const LIMIT: i64 = 500;

/// Documents the parameters of a page.
pub fn paged(o: Operation) -> Operation {
    o.paged((LIMIT, LIMIT), 100)
}

/// The day and the division that a question about many records is about.
pub struct Within {
    /// The day; today by default.
    pub as_of: NaiveDate,
    /// The division and all inside it; the caller's own by default.
    pub division: DivisionCode,
}
impl Within {
    /// Documents the two parameters.
    pub fn parameters(operation: Operation) -> Operation {
        let date = json!({"type": "string", "format": "date", "example": "2021-12-31"});
        let code = json!({"type": "string", "pattern": "^[0-9]{6}([0-9]{3}){0,2}$", "example": "371722"});
        operation.parameter("query", "as_of", false, "The day it is asked for; today by default", date).parameter(
            "query",
            "division",
            false,
            "This division and all inside it; the caller's own by default",
            code,
        )
    }
    /// Reads them, and leaves the other parameters.
    ///
    /// # Errors
    /// `invalid_parameter` with the name.
    pub fn read(req: &HttpRequest, own: &DivisionCode) -> Result<(Self, Vec<(String, String)>)> {
        let (mut within, mut others) = (Self { as_of: today(), division: own.clone() }, vec![]);
        for (name, value) in pairs(req)? {
            match name.as_str() {
                "as_of" => within.as_of = day("as_of", &value)?,
                "division" => {
                    within.division = DivisionCode::parse(&value)
                        .ok_or_else(|| ApiError::parameter("division", Rule::DivisionFormat))?;
                }
                _ => others.push((name, value)),
            }
        }
        Ok((within, others))
    }
}

/// The value of a query parameter.
pub fn read<T: FromStr>(name: &str, value: &str) -> Result<T> {
    let expected = if std::any::type_name::<T>() == "bool" { "true, false" } else { "integer" };
    value.parse().map_err(|_| ApiError::not_a(name, expected))
}
/// A number of a query parameter within bounds.
pub fn within<T: FromStr + PartialOrd + Display>(name: &str, value: &str, least: T, most: T) -> Result<T> {
    let number: T = read(name, value)?;
    let at = || format!("/{name}");
    let wrong = if number < least {
        Violation::new(at(), Rule::TooSmall).with("min", least)
    } else if number > most {
        Violation::new(at(), Rule::TooLarge).with("max", most)
    } else {
        return Ok(number);
    };
    Err(ApiError::of(Problem::InvalidParameter, vec![wrong]))
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
