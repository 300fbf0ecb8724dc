//! What is built of facilities (新建、改建、扩建).
use super::{day, some};
use crate::codes::{ProjectKind, ProjectStatus};
use crate::resource::{Module, Reference, Resource};
use crate::violations::in_order;
use crate::{Findings, Machine, Money, NaiveDate, PartialDate, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A construction project.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FacilityProject {
    /// The facility that is built, rebuilt or extended.
    pub facility_id: Uuid,
    /// Kind.
    pub kind: ProjectKind,
    /// Name of the project.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// When work is to begin.
    pub planned_start: NaiveDate,
    /// When it is to be finished.
    pub planned_end: NaiveDate,
    /// When work began.
    pub started_on: Option<NaiveDate>,
    /// When it was finished.
    pub completed_on: Option<NaiveDate>,
    /// How much of the work is done, in percent.
    #[schema(minimum = 0, maximum = 100)]
    pub progress_percent: i32,
    /// A word about the progress. Where it falls, a new word says why.
    #[schema(max_length = 500)]
    pub progress_note: Option<String>,
    /// What it costs.
    pub investment: Option<Money>,
    /// What the area will be, in square metres.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub area_m2: Option<i32>,
    /// Why it was suspended or cancelled. Needed there.
    #[schema(max_length = 200)]
    pub stop_reason: Option<String>,
    /// Where it stands.
    #[serde(default = "planned")]
    pub status: ProjectStatus,
}

fn planned() -> ProjectStatus {
    ProjectStatus::Planned
}

impl Resource for FacilityProject {
    const NAME: &'static str = "facility_project";
    const PATH: &'static str = "facility-projects";
    const TITLE: (&'static str, &'static str) = ("阵地建设项目", "construction project");
    const MODULE: Module = Module::Education;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: ProjectStatus {
        "start" "开工" "Start": [Planned] => Building,
            Terms::none().sets(&["started_on"]).needs(&["started_on"]);
        "suspend" "停工" "Suspend": [Building] => Suspended,
            Terms::none().sets(&["stop_reason"]).needs(&["stop_reason"]);
        "resume" "复工" "Resume": [Suspended] => Building,
            Terms::none().sets(&["planned_end"]);
        "complete" "竣工" "Complete": [Building] => Completed,
            Terms::none().sets(&["completed_on", "progress_percent", "area_m2"]).needs(&["completed_on"]);
        "cancel" "取消" "Cancel": [Planned, Building, Suspended] => Cancelled,
            Terms::none().sets(&["stop_reason"]).needs(&["stop_reason"]);
    }));
    const REFERENCES: &'static [Reference<Self>] = &[Reference {
        field: "facility_id",
        expand: "facility",
        to: "facilities",
        ids: |p| std::slice::from_ref(&p.facility_id),
    }];

    fn example() -> Self {
        Self {
            facility_id: some(12),
            kind: ProjectKind::Extend,
            name: "单县老干部活动中心扩建工程".into(),
            planned_start: day("2021-03-01"),
            planned_end: day("2022-06-30"),
            started_on: Some(day("2021-03-15")),
            completed_on: None,
            progress_percent: 40,
            progress_note: Some("主体封顶".into()),
            investment: Some(Money(860_000_000)),
            area_m2: Some(4100),
            stop_reason: None,
            status: ProjectStatus::Building,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        use ProjectStatus::{Building, Cancelled, Completed, Suspended};
        in_order(&[("planned_start", Some(self.planned_start)), ("planned_end", Some(self.planned_end))], found);
        in_order(&[("started_on", self.started_on), ("completed_on", self.completed_on)], found);
        let begun = matches!(self.status, Building | Suspended | Completed);
        found.require(!begun || self.started_on.is_some(), "started_on", Rule::Required);
        let stopped = matches!(self.status, Suspended | Cancelled);
        found.require(!stopped || self.stop_reason.is_some(), "stop_reason", Rule::Required);
        if self.status == Completed {
            found.require(self.completed_on.is_some(), "completed_on", Rule::Required);
            if self.progress_percent < 100 {
                found.push(Violation::new("progress_percent", Rule::TooSmall).with("min", 100));
            }
        }
        if self.investment.is_some_and(|i| i.0 < 0) {
            found.push(Violation::new("investment", Rule::TooSmall).with("min", 0));
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.planned_start))
    }
}

impl FacilityProject {
    /// Days by which it is late on a day: work that has not begun, counted from the day on which it should have, and
    /// otherwise from the day on which it should have been finished. Nothing where it is in time, finished or given up.
    pub fn days_late(&self, as_of: NaiveDate) -> Option<i64> {
        let due = match self.status {
            ProjectStatus::Planned => self.planned_start,
            ProjectStatus::Building | ProjectStatus::Suspended => self.planned_end,
            ProjectStatus::Completed | ProjectStatus::Cancelled => return None,
        };
        Some((as_of - due).num_days()).filter(|days| *days > 0)
    }

    /// Progress does not fall without a new word about it.
    pub fn check_progress(&self, before: &Self, found: &mut Findings) {
        let silent = self.progress_note.is_none() || self.progress_note == before.progress_note;
        if self.progress_percent < before.progress_percent && silent {
            found.push(Violation::new("progress_note", Rule::ProgressFell).with("before", before.progress_percent));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_should_have_begun_is_late_and_who_is_finished_is_not() {
        let project = FacilityProject::example();
        let late = |status, on| FacilityProject { status, ..project.clone() }.days_late(day(on));
        assert_eq!(late(ProjectStatus::Planned, "2021-03-01"), None);
        assert_eq!(late(ProjectStatus::Planned, "2021-03-02"), Some(1));
        assert_eq!(late(ProjectStatus::Building, "2022-06-30"), None);
        assert_eq!(late(ProjectStatus::Suspended, "2022-07-10"), Some(10));
        assert_eq!(late(ProjectStatus::Completed, "2030-01-01"), None);
        assert_eq!(late(ProjectStatus::Cancelled, "2030-01-01"), None);
    }

    #[test]
    fn progress_falls_with_a_new_word_only() {
        let before = FacilityProject::example();
        let fell = |note: Option<&str>, percent| {
            let now =
                FacilityProject { progress_percent: percent, progress_note: note.map(Into::into), ..before.clone() };
            let mut found = Findings::default();
            now.check_progress(&before, &mut found);
            found.errors.iter().any(|e| e.rule == Rule::ProgressFell)
        };
        assert!(fell(Some("主体封顶"), 39) && fell(None, 39));
        assert!(!fell(Some("设计变更,返工"), 39) && !fell(Some("主体封顶"), 40) && !fell(None, 41));
    }
}
