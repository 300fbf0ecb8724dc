//! Answers about cadres that are computed from many records: how many there were, birthdays, doubles; what a
//! transfer waits for; what follows a death.
mod deaths;
mod population;

pub(crate) use population::Page;

use crate::error::{ApiError, Result};
use crate::routes::Routes;
use domain::{NaiveDate, Problem, Rule};
use std::str::FromStr;

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    population::routes(r);
    deaths::routes(r);
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
