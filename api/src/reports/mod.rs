//! Figures, the annual report and statistics: numbers made of the records, each with the way to them.
//!
//! * `figures`: one figure, its value in words, the records it is made of.
//! * `annual`: the report of a year (R18) as data; `page`: the same as a page to print, with `charts`; `sheet`: its figures as a file;
//!   `places`: the divisions in it.
//! * `snapshots`: reports that are frozen, and what has changed since.
//! * `statistics`: the statutory tables R1–R17. [`kept`]: answers that are still good.
mod annual;
mod charts;
mod figures;
pub mod kept;
mod page;
mod places;
mod sheet;
mod snapshots;
mod statistics;

use crate::computed::within;
use crate::error::{ApiError, Result};
use crate::extract::{Guarded, Permit, Read, SignedIn};
use crate::listing::pairs;
use crate::routes::Routes;
use actix_web::HttpRequest;
use domain::reports::Moment;
use domain::{DivisionCode, Module, NaiveDate, Problem, Rule};
use persistence::figures::Asked;
use std::collections::HashMap;

/// What a permit for numbers of a whole division is for.
pub struct Reports;
impl Guarded for Reports {
    const NAME: &'static str = "reports";
    const AREA: Module = Module::Reports;
}

/// A caller that may see them.
pub type Reader = Permit<Reports, Read>;

/// Mounts and documents them.
pub fn routes(r: &mut Routes) {
    figures::routes(r);
    annual::routes(r);
    snapshots::routes(r);
    statistics::routes(r);
}

/// The parameters that every question about a year has, and what else was given.
fn asked(caller: &SignedIn, req: &HttpRequest, others: &[&str]) -> Result<(Asked, HashMap<String, String>)> {
    let (mut year, mut division, mut as_of) = (None, caller.identity.division.clone(), None);
    let mut rest = HashMap::new();
    for (name, value) in pairs(req)? {
        match name.as_str() {
            "year" => {
                year = Some(within("year", &value, 1949, 2199)?);
            }
            "division" => {
                let code = DivisionCode::parse(&value);
                division = code.ok_or_else(|| ApiError::parameter("division", Rule::DivisionFormat))?;
            }
            "as_of" => {
                let day: Option<NaiveDate> = value.parse().ok().filter(|_| value.len() == 10);
                as_of = Some(day.ok_or_else(|| ApiError::parameter("as_of", Rule::DateFormat))?);
            }
            other if others.contains(&other) => drop(rest.insert(name, value)),
            _ => return Err(ApiError::parameter(&name, Rule::UnknownParameter)),
        }
    }
    let year = year.ok_or_else(|| ApiError::parameter("year", Rule::Required))?;
    let moment = Moment::of(year, as_of).ok_or_else(|| ApiError::not_a("year", "integer"))?;
    let scope = caller.scope();
    if !scope.covers(&division) || scope.part().is_some() {
        return Err(ApiError::new(Problem::NotFound));
    }
    Ok((Asked { scope, division, moment }, rest))
}
