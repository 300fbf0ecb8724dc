//! Classes of senior universities (班级、课程).
use super::{day, some};
use crate::codes::{ClassMode, ClassStatus, CourseTopic};
use crate::partial_date::age;
use crate::resource::{Classified, Module, Reference, Resource, Visibility};
use crate::violations::in_order;
use crate::{Findings, Machine, Money, NaiveDate, PartialDate, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A class: one course in one semester, with its places. Counties inside its division read it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// The school.
    pub senior_university_id: Uuid,
    /// Name of the course.
    #[schema(min_length = 2, max_length = 100)]
    pub course: String,
    /// What it is about.
    pub topic: CourseTopic,
    /// How it is held.
    #[serde(default = "onsite")]
    pub mode: ClassMode,
    /// Semester: the year and its half, such as `2021-autumn`.
    #[schema(pattern = r"^20\d{2}-(spring|autumn)$", example = "2021-autumn")]
    pub semester: String,
    /// First day on which one may apply.
    pub enrol_from: Option<NaiveDate>,
    /// Last day of it.
    pub enrol_to: Option<NaiveDate>,
    /// First day of the class. Ages are those of this day.
    pub starts_on: NaiveDate,
    /// Last day of the class.
    pub ends_on: Option<NaiveDate>,
    /// Places. Who applies when all are taken is put on the waiting list.
    #[schema(minimum = 1, maximum = 100_000)]
    pub capacity: i32,
    /// Full years that a student has at least when the class starts.
    #[schema(minimum = 18, maximum = 150)]
    pub age_min: Option<i32>,
    /// Full years that a student has at most.
    #[schema(minimum = 18, maximum = 150)]
    pub age_max: Option<i32>,
    /// From this age on a student comes with a companion (陪同); that of the school if absent.
    #[schema(minimum = 50, maximum = 150)]
    pub companion_from_age: Option<i32>,
    /// Tuition; nothing is due where it is absent or zero.
    pub tuition: Option<Money>,
    /// One of the featured courses (精品课程).
    #[serde(default)]
    pub is_featured: bool,
    /// Who teaches.
    #[schema(min_length = 2, max_length = 50)]
    pub teacher_name: Option<String>,
    /// Why it was cancelled. Needed there.
    #[schema(max_length = 200)]
    pub cancel_reason: Option<String>,
    /// Where it stands.
    #[serde(default = "planned")]
    pub status: ClassStatus,
}

fn onsite() -> ClassMode {
    ClassMode::Onsite
}
fn planned() -> ClassStatus {
    ClassStatus::Planned
}

impl Resource for Class {
    const NAME: &'static str = "class";
    const PATH: &'static str = "classes";
    const TITLE: (&'static str, &'static str) = ("班级", "class");
    const MODULE: Module = Module::Education;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: ClassStatus {
        "open" "开始招生" "Open for applications": [Planned] => Enrolling,
            Terms::none().sets(&["enrol_from", "enrol_to", "capacity"]);
        "start" "开课" "Start": [Enrolling] => Running, Terms::none().sets(&["starts_on"]);
        "finish" "结业" "Finish": [Running] => Finished,
            Terms::none().sets(&["ends_on"]).needs(&["ends_on"]);
        "cancel" "取消" "Cancel": [Planned, Enrolling, Running] => Cancelled,
            Terms::none().sets(&["cancel_reason"]).needs(&["cancel_reason"]);
    }));
    const VISIBILITY: Visibility = Visibility::Inherited;
    const CLASSES: &'static [Classified] =
        &[Classified::public("course"), Classified::public("topic"), Classified::personal("teacher_name")];
    const REFERENCES: &'static [Reference<Self>] = &[Reference {
        field: "senior_university_id",
        expand: "senior_university",
        to: "senior-universities",
        ids: |c| std::slice::from_ref(&c.senior_university_id),
    }];

    fn example() -> Self {
        Self {
            senior_university_id: some(10),
            course: "鲁西南民俗剪纸".into(),
            topic: CourseTopic::LocalCulture,
            mode: ClassMode::Onsite,
            semester: "2021-spring".into(),
            enrol_from: Some(day("2021-02-01")),
            enrol_to: Some(day("2021-02-28")),
            starts_on: day("2021-03-08"),
            ends_on: Some(day("2021-06-25")),
            capacity: 300,
            age_min: Some(50),
            age_max: None,
            companion_from_age: Some(95),
            tuition: None,
            is_featured: true,
            teacher_name: Some("孔守勤".into()),
            cancel_reason: None,
            status: ClassStatus::Enrolling,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        in_order(&[("enrol_from", self.enrol_from), ("enrol_to", self.enrol_to)], found);
        in_order(&[("starts_on", Some(self.starts_on)), ("ends_on", self.ends_on)], found);
        if let (Some(min), Some(max)) = (self.age_min, self.age_max)
            && max < min
        {
            found.push(Violation::new("age_max", Rule::TooSmall).with("min", min));
        }
        if self.tuition.is_some_and(|t| t.0 < 0) {
            found.push(Violation::new("tuition", Rule::TooSmall).with("min", 0));
        }
        let cancelled = self.status == ClassStatus::Cancelled;
        found.require(!cancelled || self.cancel_reason.is_some(), "cancel_reason", Rule::Required);
        let finished = self.status == ClassStatus::Finished;
        found.require(!finished || self.ends_on.is_some(), "ends_on", Rule::Required);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.starts_on))
    }
}

impl Class {
    /// Whether one may apply for a place.
    pub fn takes_students(&self) -> bool {
        matches!(self.status, ClassStatus::Enrolling | ClassStatus::Running)
    }
    /// Whether a place that becomes free is given to who waits for it.
    pub fn fills_places(&self) -> bool {
        self.takes_students() || self.status == ClassStatus::Planned
    }
    /// Whether tuition is due.
    pub fn costs(&self) -> bool {
        self.tuition.is_some_and(|t| t.0 > 0)
    }
    /// Whether one may apply on this day.
    pub fn enrols_on(&self, day: NaiveDate) -> bool {
        self.enrol_from.is_none_or(|from| from <= day) && self.enrol_to.is_none_or(|to| day <= to)
    }

    /// The rules about a student's age, in full years on the day on which the class starts: of a birth date that is
    /// known to the month or the year, what is out of bounds for certain is refused, and a companion is asked for where
    /// one may be needed. `otherwise` is the school's age from which on a companion is needed.
    pub fn check_age(&self, birth: PartialDate, otherwise: Option<i32>, companion: bool, found: &mut Findings) {
        let (least, most) = (age(birth.last_day(), self.starts_on), age(birth.first_day(), self.starts_on));
        if let Some(min) = self.age_min.filter(|min| most < *min) {
            found.push(Violation::new("class_id", Rule::AgeMin).with("age", most).with("min", min));
        }
        if let Some(max) = self.age_max.filter(|max| least > *max) {
            found.push(Violation::new("class_id", Rule::AgeMax).with("age", least).with("max", max));
        }
        let from = self.companion_from_age.or(otherwise);
        if let Some(from) = from.filter(|from| most >= *from && !companion) {
            found.push(Violation::new("companion_name", Rule::CompanionRequired).with("age", most).with("min", from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules(class: &Class, birth: &str, otherwise: Option<i32>, companion: bool) -> Vec<Rule> {
        let mut found = Findings::default();
        class.check_age(PartialDate::parse(birth).unwrap(), otherwise, companion, &mut found);
        found.errors.iter().map(|e| e.rule).collect()
    }

    #[test]
    fn an_age_is_exact_on_the_day_the_class_starts() {
        let class = Class {
            starts_on: day("2021-09-06"),
            age_min: Some(50),
            age_max: Some(80),
            companion_from_age: None,
            ..Class::example()
        };
        let cases: [(&str, &[Rule]); 4] = [
            ("1971-09-06", &[]),
            ("1971-09-07", &[Rule::AgeMin]),
            ("1940-09-07", &[]),
            ("1940-09-06", &[Rule::AgeMax]),
        ];
        for (birth, expected) in cases {
            assert_eq!(rules(&class, birth, None, false), expected, "{birth}");
        }
    }

    #[test]
    fn a_date_known_to_the_year_is_refused_only_for_certain() {
        let class =
            Class { starts_on: day("2021-09-06"), age_min: Some(50), companion_from_age: Some(81), ..Class::example() };
        assert_eq!(rules(&class, "1971", None, false), []);
        assert_eq!(rules(&class, "1972", None, false), [Rule::AgeMin]);
        assert_eq!(rules(&class, "1940", None, false), [Rule::CompanionRequired], "81 is possible");
        assert_eq!(rules(&class, "1940", None, true), []);
    }

    #[test]
    fn a_class_says_from_which_age_and_its_school_where_it_does_not() {
        let class = Class { starts_on: day("2021-09-06"), companion_from_age: None, ..Class::example() };
        assert_eq!(rules(&class, "1940-01-01", None, false), []);
        assert_eq!(rules(&class, "1940-01-01", Some(80), false), [Rule::CompanionRequired]);
        let own = Class { companion_from_age: Some(85), ..class };
        assert_eq!(rules(&own, "1940-01-01", Some(80), false), []);
    }

    proptest! {
        /// What is refused for a date known to the month is refused for every day of it.
        #[test]
        fn vague_dates_are_judged_no_harder_than_their_days(year in 1925_i32..1975, month in 1_u32..13, d in 1_u32..29) {
            let class = Class { age_min: Some(55), age_max: Some(85), companion_from_age: None, ..Class::example() };
            let vague = rules(&class, &format!("{year}-{month:02}"), None, false);
            let exact = rules(&class, &format!("{year}-{month:02}-{d:02}"), None, false);
            prop_assert!(vague.iter().all(|rule| exact.contains(rule)));
        }
    }
}
