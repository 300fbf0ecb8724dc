//! The divisions that a report or a table is about: their names, and of how many counties there is something.
use domain::Scope;
use domain::codes::DivisionLevel;
use domain::reference::Division;
use persistence::figures::Asked;
use persistence::{Conn, Query, Store};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

/// Of how many counties there is something in the report.
#[derive(Serialize, ToSchema, Clone)]
#[schema(as = ReportCoverage)]
pub(super) struct Coverage {
    /// Counties of the division that were in force in the year.
    pub counties: usize,
    /// Those of them that have a part in any figure.
    pub reporting: usize,
}

/// The divisions that matter to a question about a year.
pub(super) struct Places {
    /// Codes and names of the counties that were in force in the year, by their codes.
    pub counties: Vec<(String, String)>,
    /// Names of all divisions by their codes.
    names: HashMap<String, String>,
}
impl Places {
    /// Those of the moment of the question.
    ///
    /// # Errors
    /// What the database says.
    pub fn of(c: &mut Conn, asked: &Asked) -> persistence::Result<Self> {
        let all = Division::list(c, &Scope::System, &Query::all(10_000))?.items;
        let (first, last) = (asked.moment.first(), asked.moment.last());
        let counts = |d: &&Division| {
            let in_force = d.valid_from <= last && d.valid_to.is_none_or(|to| to >= first);
            d.level == DivisionLevel::County && asked.division.contains(&d.code) && in_force
        };
        let counties = all.iter().map(|d| &d.data).filter(counts);
        let mut counties: Vec<_> = counties.map(|d| (d.code.to_string(), d.name.clone())).collect();
        counties.sort();
        let names = all.into_iter().map(|d| (d.data.code.to_string(), d.data.name)).collect();
        Ok(Self { counties, names })
    }
    /// What a division is called; its code where it is not known.
    pub fn name(&self, code: &str) -> String {
        self.names.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }
    /// What a row of counties is called: a division that is none of them is there for what is its own.
    pub fn row(&self, code: &str) -> String {
        let county = self.counties.iter().any(|(known, _)| known == code);
        if county { self.name(code) } else { format!("{}本级", self.name(code)) }
    }
    /// Of how many of the counties there is something.
    pub fn coverage(&self, has: impl Fn(&str) -> bool) -> Coverage {
        let reporting = self.counties.iter().filter(|(code, _)| has(code)).count();
        Coverage { counties: self.counties.len(), reporting }
    }
}
