//! Who takes part in a class, and who waits for a place (报名、候补).
use super::{day, some};
use crate::cadres::CadreTie;
use crate::codes::EnrollmentStatus;
use crate::resource::{Classified, Mask, Module, Reference, Resource};
use crate::violations::in_order;
use crate::{Findings, Machine, NaiveDate, Own, PartialDate, Rule, Terms, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// The enrollment of a student in a class: a cadre, or somebody of whom there is no other record here (社会学员).
/// Who applies while all places are taken is on the waiting list; the first of it gets the next place that is free.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrollment {
    /// The class. It stays: who goes to another class drops this one and applies there.
    pub class_id: Uuid,
    /// The cadre. Exactly one of the cadre and a student's name is given.
    pub cadre_id: Option<Uuid>,
    /// Name of a student who is no cadre.
    #[schema(min_length = 2, max_length = 50)]
    pub student_name: Option<String>,
    /// Birth date of such a student. Needed with the name.
    pub student_birth_date: Option<PartialDate>,
    /// Telephone of such a student.
    #[schema(pattern = r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$")]
    pub student_phone: Option<String>,
    /// Who comes along. Needed from the age on that the class or its school sets.
    #[schema(min_length = 2, max_length = 50)]
    pub companion_name: Option<String>,
    /// Telephone of the companion.
    #[schema(pattern = r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$")]
    pub companion_phone: Option<String>,
    /// When the student applied.
    pub applied_on: NaiveDate,
    /// Number on the waiting list of the class, counted from 1; the lowest is first. Given once and never again.
    pub queue_no: Option<i32>,
    /// When the tuition was paid. Needed to take part where tuition is due.
    pub paid_on: Option<NaiveDate>,
    /// Number of the receipt.
    #[schema(max_length = 50)]
    pub receipt_no: Option<String>,
    /// When the student completed the class. Needed there.
    pub completed_on: Option<NaiveDate>,
    /// Number of the certificate.
    #[schema(max_length = 50)]
    pub certificate_no: Option<String>,
    /// When the student dropped out. Needed there.
    pub dropped_on: Option<NaiveDate>,
    /// Why.
    #[schema(max_length = 200)]
    pub drop_reason: Option<String>,
    /// Where it stands. A new one is `applied` or, where the class is full, `waitlisted`: the server decides.
    #[serde(default = "applied")]
    pub status: EnrollmentStatus,
}

fn applied() -> EnrollmentStatus {
    EnrollmentStatus::Applied
}

impl Resource for Enrollment {
    const NAME: &'static str = "enrollment";
    const PATH: &'static str = "enrollments";
    const TITLE: (&'static str, &'static str) = ("班级报名", "enrollment");
    const MODULE: Module = Module::Education;
    const DERIVED: &'static [&'static str] = &["queue_no"];
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: EnrollmentStatus {
        "pay" "缴费" "Pay the tuition": [Applied] => Paid,
            Terms::none().sets(&["paid_on", "receipt_no"]).needs(&["paid_on"]);
        "admit" "入学" "Admit": [Applied, Paid] => Active, Terms::none().also(&[Rule::TuitionDue]);
        "complete" "结业" "Complete": [Active] => Completed,
            Terms::none().sets(&["completed_on", "certificate_no"]).needs(&["completed_on"]);
        "drop" "退出" "Drop": [Applied, Waitlisted, Paid, Active] => Dropped,
            Terms::none().sets(&["dropped_on", "drop_reason"]).needs(&["dropped_on"]);
    }));
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        // The place is in the class, wherever the student is counted.
        moves: false,
        open: |_| false,
        ends: |e, day| {
            if e.is_open() {
                e.status = EnrollmentStatus::Dropped;
                e.dropped_on = Some(day.max(e.applied_on));
            }
        },
        ..CadreTie::NOTHING
    });
    const OWN: Own =
        Own::gives(&["class_id", "cadre_id", "companion_name", "companion_phone", "applied_on"]).steps(&["drop"]);
    const CLASSES: &'static [Classified] = &[
        Classified::personal("student_name"),
        Classified::personal_as("student_birth_date", Mask::First(4)),
        Classified::personal("student_phone"),
        Classified::personal("companion_name"),
        Classified::personal("companion_phone"),
    ];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "class_id", expand: "class", to: "classes", ids: |e| std::slice::from_ref(&e.class_id) },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |e| e.cadre_id.as_slice() },
    ];

    fn example() -> Self {
        Self {
            class_id: some(11),
            cadre_id: Some(some(2)),
            student_name: None,
            student_birth_date: None,
            student_phone: None,
            companion_name: Some("孔小文".into()),
            companion_phone: Some("13800000005".into()),
            applied_on: day("2021-02-12"),
            queue_no: None,
            paid_on: None,
            receipt_no: None,
            completed_on: None,
            certificate_no: None,
            dropped_on: None,
            drop_reason: None,
            status: EnrollmentStatus::Applied,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let external = self.student_name.is_some();
        found.require(self.cadre_id.is_some() != external, "cadre_id", Rule::OneStudent);
        found.require(external == self.student_birth_date.is_some(), "student_birth_date", Rule::StudentBirthDate);
        found.require(external || self.student_phone.is_none(), "student_phone", Rule::StudentBirthDate);
        found.require(
            self.companion_phone.is_none() || self.companion_name.is_some(),
            "companion_name",
            Rule::Required,
        );
        let status = self.status;
        let needed = |state, there: bool| status != state || there;
        found.require(needed(EnrollmentStatus::Paid, self.paid_on.is_some()), "paid_on", Rule::Required);
        found.require(needed(EnrollmentStatus::Completed, self.completed_on.is_some()), "completed_on", Rule::Required);
        found.require(needed(EnrollmentStatus::Dropped, self.dropped_on.is_some()), "dropped_on", Rule::Required);
        let first = ("applied_on", Some(self.applied_on));
        for then in [("paid_on", self.paid_on), ("completed_on", self.completed_on), ("dropped_on", self.dropped_on)] {
            in_order(&[first, then], found);
        }
    }
}

impl Enrollment {
    /// Whether it takes one of the class's places.
    pub fn takes_place(&self) -> bool {
        use EnrollmentStatus::{Active, Applied, Completed, Paid};
        matches!(self.status, Applied | Paid | Active | Completed)
    }
    /// Whether the student wants to take part, or does.
    pub fn is_open(&self) -> bool {
        !matches!(self.status, EnrollmentStatus::Completed | EnrollmentStatus::Dropped)
    }
    /// Whether it asks for a place, which the server gives.
    pub fn asks_for_place(&self) -> bool {
        matches!(self.status, EnrollmentStatus::Applied | EnrollmentStatus::Waitlisted)
    }
    /// Whether a change touches what the rules about age depend on.
    pub fn same_student(&self, other: &Self) -> bool {
        (self.cadre_id, self.student_birth_date, self.companion_name.is_some())
            == (other.cadre_id, other.student_birth_date, other.companion_name.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(change: impl FnOnce(&mut Enrollment)) -> Vec<(String, Rule)> {
        let mut enrollment = Enrollment::example();
        change(&mut enrollment);
        let mut found = Findings::default();
        enrollment.check(&mut found);
        found.errors.into_iter().map(|e| (e.pointer, e.rule)).collect()
    }

    #[test]
    fn a_student_is_a_cadre_or_somebody_with_a_birth_date() {
        assert_eq!(errors(|_| {}), []);
        assert_eq!(errors(|e| e.cadre_id = None), [("/cadre_id".into(), Rule::OneStudent)]);
        let named = |e: &mut Enrollment| {
            e.cadre_id = None;
            e.student_name = Some("试验者".into());
        };
        assert_eq!(errors(named), [("/student_birth_date".into(), Rule::StudentBirthDate)]);
        let dated = |e: &mut Enrollment| {
            named(e);
            e.student_birth_date = PartialDate::parse("1950-01");
        };
        assert_eq!(errors(dated), []);
        assert_eq!(errors(|e| e.student_name = Some("试验者".into())).len(), 2, "not both");
    }

    #[test]
    fn a_death_ends_what_is_open_and_nothing_else() {
        let tie = Enrollment::TIE.unwrap();
        for status in <EnrollmentStatus as crate::Code>::ALL {
            let mut enrollment = Enrollment { status: *status, ..Enrollment::example() };
            let open = enrollment.is_open();
            (tie.ends)(&mut enrollment, day("2021-10-01"));
            let dropped = enrollment.status == EnrollmentStatus::Dropped && enrollment.dropped_on.is_some();
            assert_eq!(dropped, open, "{status}");
        }
    }
}
