//! Training of the staff (学习培训).
use super::day;
use crate::codes::PublicLevel;
use crate::resource::{Module, Reference, Resource, Visibility};
use crate::violations::in_order;
use crate::{Findings, NaiveDate, PartialDate, Rule, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A training that was held, or is planned. Counties inside its division read it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffTraining {
    /// Topic.
    #[schema(min_length = 2, max_length = 200)]
    pub topic: String,
    /// Level of who holds it.
    pub level: PublicLevel,
    /// First day.
    pub from_on: NaiveDate,
    /// Last day.
    pub to_on: NaiveDate,
    /// How many took part.
    #[schema(minimum = 0, maximum = 100_000)]
    pub persons: i32,
    /// Hours of each.
    #[schema(minimum = 1, maximum = 10_000)]
    pub hours: i32,
    /// Where.
    #[schema(max_length = 200)]
    pub place: Option<String>,
    /// Those of the staff who took part, where it is on record who; not more than `persons`.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub staff_ids: Vec<Uuid>,
}

impl Resource for StaffTraining {
    const NAME: &'static str = "staff_training";
    const PATH: &'static str = "staff-trainings";
    const TITLE: (&'static str, &'static str) = ("工作者培训", "staff training");
    const MODULE: Module = Module::Staff;
    const VISIBILITY: Visibility = Visibility::Inherited;
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "staff_ids", expand: "", to: "staff", ids: |t| &t.staff_ids }];

    fn example() -> Self {
        Self {
            topic: "老干部工作业务培训".into(),
            level: PublicLevel::City,
            from_on: day("2021-05-11"),
            to_on: day("2021-05-13"),
            persons: 64,
            hours: 24,
            place: Some("菏泽市委党校".into()),
            staff_ids: vec![],
        }
    }

    fn check(&mut self, found: &mut Findings) {
        in_order(&[("from_on", Some(self.from_on)), ("to_on", Some(self.to_on))], found);
        let named = self.staff_ids.len();
        if usize::try_from(self.persons).unwrap_or_default() < named {
            found.push(Violation::new("persons", Rule::TooSmall).with("min", named));
        }
        for (i, id) in self.staff_ids.iter().enumerate() {
            if self.staff_ids.iter().take(i).any(|other| other == id) {
                found.error(format!("/staff_ids/{i}"), Rule::Twice);
            }
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.from_on))
    }
}
