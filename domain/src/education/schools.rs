//! Senior universities and their branches (老年大学、分校).
use super::{some, yes};
use crate::codes::{JointPartner, SchoolKind, SchoolLevel};
use crate::resource::{Classified, Module, Reference, Resource, Visibility};
use crate::{Findings, NaiveDate, PartialDate, Rule, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A senior university, or a branch of one. Counties inside its division read it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeniorUniversity {
    /// Full name.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// Kind.
    pub kind: SchoolKind,
    /// Level at which it works: a branch may be one of a township, a community, a village.
    pub level: SchoolLevel,
    /// The school above it. Needed for a branch.
    pub parent_id: Option<Uuid>,
    /// The unit that runs it.
    pub unit_id: Option<Uuid>,
    /// With what kind of partner it is run together (联合办学).
    pub joint_with: Option<JointPartner>,
    /// Name of that partner.
    #[schema(max_length = 100)]
    pub joint_partner: Option<String>,
    /// When it was opened. A branch counts as new in the year of this date.
    pub opened_on: Option<PartialDate>,
    /// When it was closed for good.
    pub closed_on: Option<NaiveDate>,
    /// Where it is.
    #[schema(max_length = 200)]
    pub address: Option<String>,
    /// Floor area in square metres.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub area_m2: Option<i32>,
    /// How many work there, part-time teachers included.
    #[schema(minimum = 0, maximum = 100_000)]
    pub staff: Option<i32>,
    /// How many study there now, as the school reports it.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub students: Option<i32>,
    /// From this age on a student comes with a companion (陪同). A class may say otherwise.
    #[schema(minimum = 50, maximum = 150)]
    pub companion_from_age: Option<i32>,
    /// Whether it is open to students at present.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub open: bool,
}

impl Resource for SeniorUniversity {
    const NAME: &'static str = "senior_university";
    const PATH: &'static str = "senior-universities";
    const TITLE: (&'static str, &'static str) = ("老年大学", "senior university");
    const MODULE: Module = Module::Education;
    const VISIBILITY: Visibility = Visibility::Inherited;
    const CLASSES: &'static [Classified] = &[
        Classified::public("name"),
        Classified::public("kind"),
        Classified::public("level"),
        Classified::public("address"),
        Classified::public("open"),
    ];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "parent_id", expand: "parent", to: "senior-universities", ids: |s| s.parent_id.as_slice() },
        Reference { field: "unit_id", expand: "unit", to: "units", ids: |s| s.unit_id.as_slice() },
    ];

    fn example() -> Self {
        Self {
            name: "单县老年大学".into(),
            kind: SchoolKind::Main,
            level: SchoolLevel::County,
            parent_id: None,
            unit_id: Some(some(1)),
            joint_with: Some(JointPartner::College),
            joint_partner: Some("单县某某职业中专".into()),
            opened_on: PartialDate::parse("2005-09"),
            closed_on: None,
            address: Some("单县文化路 1 号".into()),
            area_m2: Some(3200),
            staff: Some(18),
            students: Some(860),
            companion_from_age: Some(80),
            open: true,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let branch = self.kind == SchoolKind::Branch;
        found.require(!branch || self.parent_id.is_some(), "parent_id", Rule::Required);
        found.require(self.joint_partner.is_none() || self.joint_with.is_some(), "joint_with", Rule::Required);
        if let (Some(opened), Some(closed)) = (self.opened_on, self.closed_on)
            && closed < opened.first_day()
        {
            found.push(Violation::new("closed_on", Rule::PeriodOrder).with("other", "opened_on"));
        }
        found.require(self.closed_on.is_none() || !self.open, "open", Rule::ClosedForGood);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        self.opened_on
    }
}
