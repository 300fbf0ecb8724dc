//! Who does the work with retired cadres (老干部工作者).
use super::{day, some};
use crate::codes::StaffKind;
use crate::resource::{Classified, Module, Reference, Resource};
use crate::violations::in_order;
use crate::{Findings, NaiveDate, PartialDate, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A member of the staff.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffMember {
    /// Name.
    #[schema(min_length = 2, max_length = 50)]
    pub name: String,
    /// The unit.
    pub unit_id: Uuid,
    /// Duty.
    #[schema(min_length = 1, max_length = 100)]
    pub duty: String,
    /// Telephone.
    #[schema(pattern = r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$")]
    pub phone: Option<String>,
    /// Full or part time.
    pub kind: StaffKind,
    /// Since when.
    pub started_on: NaiveDate,
    /// Until when; absent while the person works there.
    pub ended_on: Option<NaiveDate>,
}

impl Resource for StaffMember {
    const NAME: &'static str = "staff_member";
    const PATH: &'static str = "staff";
    const TITLE: (&'static str, &'static str) = ("老干部工作者", "staff member");
    const MODULE: Module = Module::Staff;
    const CLASSES: &'static [Classified] = &[Classified::personal("name"), Classified::personal("phone")];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "unit_id", expand: "unit", to: "units", ids: |s| std::slice::from_ref(&s.unit_id) }];

    fn example() -> Self {
        Self {
            name: "孟令勤".into(),
            unit_id: some(1),
            duty: "服务科科员".into(),
            phone: Some("13800000006".into()),
            kind: StaffKind::FullTime,
            started_on: day("2016-03-01"),
            ended_on: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        in_order(&[("started_on", Some(self.started_on)), ("ended_on", self.ended_on)], found);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.started_on))
    }
}
