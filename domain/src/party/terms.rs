//! Terms of office of party organizations and their elections (党组织届期与换届选举).
use super::{day, plus_months, some, written};
use crate::codes::{PartyPostRole, PartyTermStatus};
use crate::partial_date::plus_years;
use crate::resource::{Classified, Module, Reference, Resource};
use crate::{Findings, Machine, NaiveDate, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A term of office: the election it begins with, how long it lasts, and what came of it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyTerm {
    /// The organization.
    pub party_organization_id: Uuid,
    /// Which term of the organization it is.
    #[schema(minimum = 1, maximum = 99)]
    pub term_no: i32,
    /// Day of the election; absent while it is being prepared.
    pub elected_on: Option<NaiveDate>,
    /// How many years it lasts; by default what the kind of the organization is elected for.
    #[schema(minimum = 1, maximum = 6)]
    pub term_years: Option<i32>,
    /// When the next election falls due: `term_years` after `elected_on`.
    pub due_on: Option<NaiveDate>,
    /// Until when the superior committee let it be put off, a year at most.
    pub extended_until: Option<NaiveDate>,
    /// The last day of the term: `extended_until` or `due_on`.
    pub ends_on: Option<NaiveDate>,
    /// The document of the superior committee that approved an extension or an early election.
    #[schema(max_length = 100)]
    pub approval_doc: Option<String>,
    /// Seats to fill.
    #[schema(minimum = 1, maximum = 30)]
    pub seats: Option<i32>,
    /// Members with a vote who should attend; those who are excused are not among them.
    #[schema(minimum = 1, maximum = 100_000)]
    pub eligible: Option<i32>,
    /// Members who are not counted as they are ill, cannot look after themselves or are long abroad.
    #[schema(minimum = 0, maximum = 100_000)]
    pub excused: Option<i32>,
    /// How many of the eligible attended.
    #[schema(minimum = 0, maximum = 100_000)]
    pub attendance: Option<i32>,
    /// Who stood for election.
    #[serde(default)]
    #[schema(max_items = 40)]
    pub candidates: Vec<Candidate>,
    /// What is worth telling about the outcome.
    #[schema(max_length = 500)]
    pub outcome: Option<String>,
    /// Where it stands.
    #[serde(default = "serving")]
    pub status: PartyTermStatus,
}

/// A candidate of an election.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Name.
    #[schema(min_length = 1, max_length = 50)]
    pub name: String,
    /// The post.
    pub role: PartyPostRole,
    /// Votes in favour.
    #[schema(minimum = 0, maximum = 100_000)]
    pub votes: i32,
    /// Whether the candidate was elected.
    pub elected: bool,
}

fn serving() -> PartyTermStatus {
    PartyTermStatus::Serving
}

impl Resource for PartyTerm {
    const NAME: &'static str = "party_term";
    const PATH: &'static str = "party-terms";
    const TITLE: (&'static str, &'static str) = ("党组织届期", "term of office");
    const MODULE: Module = Module::Party;
    const CLASSES: &'static [Classified] = &[Classified::personal("candidates")];
    const REFERENCES: &'static [Reference<Self>] = &[Reference {
        field: "party_organization_id",
        expand: "party_organization",
        to: "party-organizations",
        ids: |t| std::slice::from_ref(&t.party_organization_id),
    }];
    const DERIVED: &'static [&'static str] = &["due_on", "ends_on"];
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: PartyTermStatus {
        "elect" "选举" "Elect": [Preparing] => Serving, Terms::none()
            .sets(&["elected_on", "term_years", "seats", "eligible", "excused", "attendance", "candidates", "outcome", "approval_doc"])
            .needs(&["elected_on", "eligible", "attendance"])
            .also(&[Rule::TermServing, Rule::CommitteeSeats]);
        "extend" "延期换届" "Put the election off": [Serving, Expired] => Extended,
            Terms::none().sets(&["extended_until", "approval_doc"]).needs(&["extended_until", "approval_doc"]);
        "expire" "届满" "Expire": [Serving, Extended] => Expired, Terms::none();
        "replace" "换届" "Be replaced": [Serving, Extended, Expired] => Replaced, Terms::none();
    }));

    fn example() -> Self {
        Self {
            party_organization_id: some(3),
            term_no: 3,
            elected_on: Some(day("2018-12-15")),
            term_years: Some(5),
            due_on: Some(day("2023-12-15")),
            extended_until: None,
            ends_on: Some(day("2023-12-15")),
            approval_doc: None,
            seats: Some(3),
            eligible: Some(20),
            excused: Some(2),
            attendance: Some(16),
            candidates: vec![Candidate {
                name: "马德仁".into(),
                role: PartyPostRole::Secretary,
                votes: 15,
                elected: true,
            }],
            outcome: None,
            status: PartyTermStatus::Serving,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        if self.status != PartyTermStatus::Preparing && self.elected_on.is_none() {
            found.error("elected_on", Rule::Required);
        }
        self.derive();
        self.check_election(found);
        self.check_extension(found);
    }
}

impl PartyTerm {
    /// Works out the days that follow from the others.
    pub fn derive(&mut self) {
        let years = self.term_years.and_then(|y| u32::try_from(y).ok());
        self.due_on = self.elected_on.zip(years).and_then(|(day, years)| written(plus_years(day, years)));
        self.ends_on = self.due_on.map(|due| self.extended_until.map_or(due, |until| until.max(due)));
    }

    /// Whether an election is overdue on a day: the term is over, nobody was elected since.
    pub fn overdue(&self, as_of: NaiveDate) -> bool {
        use PartyTermStatus::{Expired, Extended, Serving};
        matches!(self.status, Serving | Extended | Expired) && self.ends_on.is_some_and(|last| as_of > last)
    }

    /// Whether it is the term its organization is in.
    pub fn is_current(&self) -> bool {
        matches!(self.status, PartyTermStatus::Serving | PartyTermStatus::Extended)
    }

    /// Four fifths of those with a vote attend, and who is elected has more than half of the votes of those who
    /// should attend (rules of elections in basic organizations 2020).
    fn check_election(&self, found: &mut Findings) {
        let Some(eligible) = self.eligible else {
            needed_with(self.attendance.is_some() || !self.candidates.is_empty(), found);
            return;
        };
        if let Some(attendance) = self.attendance {
            if attendance > eligible {
                found.push(Violation::new("attendance", Rule::TooLarge).with("max", eligible));
            } else if i64::from(attendance) * 5 < i64::from(eligible) * 4 {
                let short = Violation::new("attendance", Rule::Quorum4Of5);
                found.push(short.with("attendance", attendance).with("eligible", eligible));
            }
        }
        for (i, candidate) in self.candidates.iter().enumerate() {
            let at = |field: &str| format!("/candidates/{i}/{field}");
            let cast = self.attendance.unwrap_or(eligible);
            if candidate.votes > cast {
                found.push(Violation::new(at("votes"), Rule::TooLarge).with("max", cast));
            }
            if candidate.elected && i64::from(candidate.votes) * 2 <= i64::from(eligible) {
                let few = Violation::new(at("elected"), Rule::VotesOverHalf);
                found.push(few.with("votes", candidate.votes).with("eligible", eligible));
            }
        }
    }

    /// A year later at most, with the superior committee's approval (opinion on terms of office 2018).
    fn check_extension(&self, found: &mut Findings) {
        let Some(until) = self.extended_until else {
            found.require(self.status != PartyTermStatus::Extended, "extended_until", Rule::Required);
            return;
        };
        found.require(self.approval_doc.is_some(), "approval_doc", Rule::Required);
        // Without the years, which the kind of the organization may give, the store looks again.
        let Some(due) = self.due_on else { return };
        let latest = plus_months(due, 12);
        if until > latest {
            found.push(Violation::new("extended_until", Rule::ExtensionMax1Y).with("max", latest));
        } else if until <= due {
            found.push(Violation::new("extended_until", Rule::DateOrder).with("other", "due_on"));
        }
    }
}

fn needed_with(told: bool, found: &mut Findings) {
    found.require(!told, "eligible", Rule::Required);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn checked(change: impl FnOnce(&mut PartyTerm)) -> (PartyTerm, Vec<Rule>) {
        let mut term = PartyTerm::example();
        change(&mut term);
        let mut found = Findings::default();
        term.check(&mut found);
        (term, found.errors.iter().map(|e| e.rule).collect())
    }

    #[test]
    fn the_day_it_ends_is_still_in_time() {
        let (term, errors) = checked(|t| t.term_years = Some(3));
        assert_eq!(errors, []);
        assert_eq!(term.due_on, Some(day("2021-12-15")));
        assert!(!term.overdue(day("2021-12-15")) && term.overdue(day("2021-12-16")));
    }

    proptest! {
        #[test]
        fn a_term_is_overdue_from_the_day_after_its_end(start in 0i64..40_000, years in 1i32..6, months in 0u32..24, later in -2000i64..2000) {
            let elected = day("1950-01-01") + chrono::Duration::days(start);
            let (term, errors) = checked(|t| {
                t.elected_on = Some(elected);
                t.term_years = Some(years);
                t.extended_until = (months > 0).then(|| plus_months(plus_years(elected, years.unsigned_abs()), months));
                t.approval_doc = Some("批复".into());
            });
            prop_assert_eq!(errors.is_empty(), months <= 12, "{:?}", errors);
            let last = term.ends_on.unwrap();
            prop_assert!(last >= term.due_on.unwrap());
            let as_of = last + chrono::Duration::days(later);
            prop_assert_eq!(term.overdue(as_of), later > 0);
        }

        #[test]
        fn four_fifths_are_a_quorum(eligible in 1i32..500, attendance in 0i32..500) {
            let (_, errors) = checked(|t| {
                t.eligible = Some(eligible);
                t.attendance = Some(attendance);
                t.candidates.clear();
            });
            let valid = attendance <= eligible && f64::from(attendance) / f64::from(eligible) >= 0.8;
            prop_assert_eq!(errors.is_empty(), valid);
        }
    }
}
