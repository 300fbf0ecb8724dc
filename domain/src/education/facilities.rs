//! Places for the old to meet: activity centres, premises of schools (阵地).
use super::{some, yes};
use crate::codes::FacilityKind;
use crate::resource::{Classified, Module, Reference, Resource, Visibility};
use crate::{Findings, PartialDate, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A facility. Counties inside its division read it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Facility {
    /// Kind.
    pub kind: FacilityKind,
    /// Name.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// The unit that keeps it.
    pub unit_id: Option<Uuid>,
    /// The school whose premises it is.
    pub senior_university_id: Option<Uuid>,
    /// Where it is.
    #[schema(max_length = 200)]
    pub address: Option<String>,
    /// Floor area in square metres.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub area_m2: Option<i32>,
    /// Visits on an ordinary day.
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub daily_visits: Option<i32>,
    /// Since when it is used.
    pub opened_on: Option<PartialDate>,
    /// Whether it is open at present.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub open: bool,
}

impl Resource for Facility {
    const NAME: &'static str = "facility";
    const PATH: &'static str = "facilities";
    const TITLE: (&'static str, &'static str) = ("活动阵地", "facility");
    const MODULE: Module = Module::Education;
    const VISIBILITY: Visibility = Visibility::Inherited;
    const CLASSES: &'static [Classified] = &[
        Classified::public("name"),
        Classified::public("kind"),
        Classified::public("address"),
        Classified::public("open"),
    ];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "unit_id", expand: "unit", to: "units", ids: |f| f.unit_id.as_slice() },
        Reference {
            field: "senior_university_id",
            expand: "senior_university",
            to: "senior-universities",
            ids: |f| f.senior_university_id.as_slice(),
        },
    ];

    fn example() -> Self {
        Self {
            kind: FacilityKind::ActivityCentre,
            name: "单县老干部活动中心".into(),
            unit_id: Some(some(1)),
            senior_university_id: None,
            address: Some("单县舜师路 6 号".into()),
            area_m2: Some(2600),
            daily_visits: Some(180),
            opened_on: PartialDate::parse("2009"),
            open: true,
        }
    }

    fn check(&mut self, _: &mut Findings) {}

    fn effective_on(&self) -> Option<PartialDate> {
        self.opened_on
    }
}
