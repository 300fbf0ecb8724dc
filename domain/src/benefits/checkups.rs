//! Yearly check-ups (健康体检).
use super::{CADRE, ymd};
use crate::cadres::CadreTie;
use crate::resource::{Classified, Mask, Module, Reference, Resource};
use crate::{Findings, NaiveDate, PartialDate, Rule, Uuid, Violation};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A cadre's check-up of a year and what it found.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthCheckup {
    /// The cadre.
    pub cadre_id: Uuid,
    /// The year it counts for.
    #[schema(minimum = 1949, maximum = 2199)]
    pub year: i32,
    /// When it took place; absent where the cadre did not come.
    pub checked_on: Option<NaiveDate>,
    /// Where.
    #[schema(min_length = 2, max_length = 100)]
    pub hospital: Option<String>,
    /// What it found.
    #[schema(max_length = 1000)]
    pub result: Option<String>,
    /// What is advised.
    #[schema(max_length = 1000)]
    pub advice: Option<String>,
}

impl Resource for HealthCheckup {
    const NAME: &'static str = "health_checkup";
    const PATH: &'static str = "health-checkups";
    const TITLE: (&'static str, &'static str) = ("健康体检", "health check-up");
    const MODULE: Module = Module::Benefits;
    const CLASSES: &'static [Classified] = &[
        Classified::personal("hospital"),
        Classified::sensitive("result", Mask::All),
        Classified::sensitive("advice", Mask::All),
    ];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |h| std::slice::from_ref(&h.cadre_id) }];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie { moves: true, ..CadreTie::NOTHING });

    fn example() -> Self {
        Self {
            cadre_id: CADRE,
            year: 2021,
            checked_on: Some(ymd(2021, 9, 14)),
            hospital: Some("菏泽市某某医院体检中心".into()),
            result: Some("血压偏高".into()),
            advice: Some("低盐饮食,三个月后复查".into()),
        }
    }

    fn check(&mut self, found: &mut Findings) {
        // A round of the year may end in the first months of the next.
        if let Some(day) = self.checked_on.map(|day| day.year()) {
            if day < self.year {
                found.push(Violation::new("checked_on", Rule::PeriodOrder).with("other", "year"));
            } else if day > self.year + 1 {
                let late = Violation::new("checked_on", Rule::NotMoreThan).with("other", "year");
                found.push(late.with("max", self.year + 1));
            }
        }
        let told = self.result.is_some() || self.advice.is_some();
        found.require(!told || self.checked_on.is_some(), "checked_on", Rule::Required);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        self.checked_on.map(PartialDate::day)
    }
}
