//! Answers about cadres that are computed from many records: how many there were, birthdays, doubles; what a
//! transfer waits for; what follows a death.
mod deaths;
mod population;

pub(crate) use population::Page;

use crate::contract::Operation;
use crate::error::{ApiError, Result};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::HttpRequest;
use domain::{DivisionCode, NaiveDate, Problem, Rule};
use serde_json::json;
use std::str::FromStr;

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    population::routes(r);
    deaths::routes(r);
}

/// The day and the division that a question about many records is about.
pub(crate) struct Within {
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
pub(crate) fn read<T: FromStr>(name: &str, value: &str) -> Result<T> {
    value.parse().map_err(|_| ApiError::parameter(name, Rule::WrongType))
}
/// A number of a query parameter within bounds.
pub(crate) fn within<T: FromStr + PartialOrd>(name: &str, value: &str, least: T, most: T) -> Result<T> {
    let number: T = read(name, value)?;
    if number < least || number > most {
        return Err(ApiError::parameter(name, if number < least { Rule::TooSmall } else { Rule::TooLarge }));
    }
    Ok(number)
}
/// The day of a query parameter.
pub(crate) fn day(name: &str, value: &str) -> Result<NaiveDate> {
    let day = value.parse().ok().filter(|_| value.len() == 10);
    day.ok_or_else(|| ApiError::parameter(name, Rule::DateFormat))
}
/// The position of a page token.
pub(crate) fn token<T>(read: Option<T>) -> Result<T> {
    read.ok_or_else(|| ApiError::new(Problem::PageTokenMismatch))
}
pub(crate) fn today() -> NaiveDate {
    persistence::tx::business_day(domain::Utc::now())
}
