//! Programmes with targets (宣讲行动、公益讲堂).
use super::{day, some};
use crate::codes::{ActivityTheme, AudienceUnit, ProgrammeMetric, TargetOp};
use crate::resource::{Module, Reference, Resource, Visibility};
use crate::violations::in_order;
use crate::{Findings, NaiveDate, Rule, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A programme under which activities are held, with what it wants to reach. Counties inside its division read it
/// and hold activities for it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// Code, unique in a division.
    #[schema(min_length = 2, max_length = 40, pattern = r"^[0-9A-Za-z_-]{2,40}$")]
    pub code: String,
    /// Name.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// Theme.
    pub theme: Option<ActivityTheme>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day; absent where it has no end yet.
    pub ends_on: Option<NaiveDate>,
    /// What it wants to reach, each metric once in each unit.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub targets: Vec<ProgrammeTarget>,
    /// The unit that leads it.
    pub owner_unit_id: Option<Uuid>,
    /// Document that announces it.
    #[schema(max_length = 100)]
    pub document_no: Option<String>,
}

/// A number that a programme wants to reach.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeTarget {
    /// What is counted.
    pub metric: ProgrammeMetric,
    /// How the number is meant. Either is reached when that many are there.
    pub op: TargetOp,
    /// The number.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub value: i64,
    /// What an audience is counted in; persons by default. Attendances and persons are never added, so an activity
    /// counts for the target of its own unit only.
    pub unit: Option<AudienceUnit>,
}

impl ProgrammeTarget {
    /// The unit of a target of audience.
    pub fn audience_unit(&self) -> AudienceUnit {
        self.unit.unwrap_or(AudienceUnit::Person)
    }
}

/// `done` of `value` in per cent with one place, rounded half up: `19.7`. Nothing is done of nothing.
pub fn percent(done: i64, value: i64) -> String {
    let (done, value) = (i128::from(done.max(0)), i128::from(value.max(1)));
    let tenths = (done * 2000 + value) / (value * 2);
    format!("{}.{}", tenths / 10, tenths % 10)
}

impl Resource for Programme {
    const NAME: &'static str = "programme";
    const PATH: &'static str = "programmes";
    const TITLE: (&'static str, &'static str) = ("活动计划", "programme");
    const MODULE: Module = Module::Activities;
    const VISIBILITY: Visibility = Visibility::Inherited;
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "owner_unit_id", expand: "owner_unit", to: "units", ids: |p| p.owner_unit_id.as_slice() }];

    fn example() -> Self {
        let target = |metric, op, value| ProgrammeTarget { metric, op, value, unit: None };
        Self {
            code: "bai-qian-wan-2021".into(),
            name: "“百千万”宣讲行动".into(),
            theme: Some(ActivityTheme::PlenarySession),
            starts_on: day("2021-11-12"),
            ends_on: Some(day("2022-12-31")),
            targets: vec![
                target(ProgrammeMetric::Lecturers, TargetOp::Eq, 100),
                target(ProgrammeMetric::Sessions, TargetOp::Eq, 1000),
                target(ProgrammeMetric::Audience, TargetOp::Gte, 10_000),
            ],
            owner_unit_id: Some(some(1)),
            document_no: Some("菏老干〔2021〕21号".into()),
        }
    }

    fn check(&mut self, found: &mut Findings) {
        in_order(&[("starts_on", Some(self.starts_on)), ("ends_on", self.ends_on)], found);
        for (i, target) in self.targets.iter().enumerate() {
            if target.unit.is_some() && target.metric != ProgrammeMetric::Audience {
                found.error(format!("/targets/{i}/unit"), Rule::AudienceUnitOnly);
            }
            let same = |t: &&ProgrammeTarget| t.metric == target.metric && t.audience_unit() == target.audience_unit();
            if self.targets.iter().take(i).any(|t| same(&t)) {
                found.push(Violation::new(format!("/targets/{i}/metric"), Rule::TooMany).with("max", 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_percentage_is_rounded_half_up_to_one_place() {
        assert_eq!(percent(197, 1000), "19.7");
        assert_eq!(percent(3086, 10_000), "30.9");
        assert_eq!(percent(1, 3), "33.3");
        assert_eq!((percent(1, 2000), percent(1, 2001)), ("0.1".into(), "0.0".into()));
        assert_eq!(
            (percent(0, 7), percent(98, 100), percent(1200, 1000)),
            ("0.0".into(), "98.0".into(), "120.0".into())
        );
        assert_eq!(percent(i64::MAX, 1), format!("{}00.0", i64::MAX));
    }

    proptest! {
        #[test]
        fn a_percentage_is_off_by_half_a_tenth_at_most(done in 0i64..2_000_000_000, value in 1i64..1_000_000_000) {
            let (whole, place) = percent(done, value).split_once('.').map(|(w, p)| (w.to_owned(), p.to_owned())).unwrap();
            prop_assert_eq!(place.len(), 1);
            let tenths: i128 = format!("{whole}{place}").parse().unwrap();
            let error = tenths * i128::from(value) - i128::from(done) * 1000;
            prop_assert!(error * 2 <= i128::from(value) && -error * 2 < i128::from(value));
        }
    }

    #[test]
    fn each_metric_has_one_target_in_a_unit() {
        let mut programme = Programme::example();
        programme.targets.push(ProgrammeTarget { op: TargetOp::Gte, ..programme.targets[2].clone() });
        let mut found = Findings::default();
        programme.check(&mut found);
        assert_eq!(found.errors.iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>(), ["/targets/3/metric"]);
        programme.targets[3].unit = Some(AudienceUnit::PersonTime);
        let mut found = Findings::default();
        programme.check(&mut found);
        assert_eq!(found, Findings::default());
    }
}
