//! What an organization has to hold in a period, against what it held (三会一课, 主题党日, 组织生活会, 民主评议).
use super::plus_months;
use crate::codes::PartyMeetingKind;
use crate::{Code, NaiveDate};
use chrono::Datelike;

/// What decides about the obligations of an organization.
#[derive(Debug, Clone, Copy)]
pub struct Duties {
    /// First day of the period.
    pub from: NaiveDate,
    /// Last day of the period.
    pub to: NaiveDate,
    /// The organization works since this day; nothing is due before.
    pub since: Option<NaiveDate>,
    /// Whether it has a committee, whose meetings are due.
    pub committee: bool,
    /// Months within which a party lecture is due. The regulation says "regularly", so an office decides.
    pub lecture_months: u32,
}

/// One kind of meeting: what is due and what was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// The kind.
    pub kind: PartyMeetingKind,
    /// Months of which each needs one; none where no number is prescribed.
    pub every_months: Option<u32>,
    /// How many such spans lie in the period as a whole.
    pub due: usize,
    /// In how many of them one was held.
    pub met: usize,
    /// How many were held in the period.
    pub held: usize,
    /// The first days of the spans in which none was held.
    pub missing: Vec<NaiveDate>,
}

impl Duties {
    /// Months of which each needs a meeting of this kind (Party branch work regulations 2018). Party groups meet
    /// monthly where there are any, which is not on record.
    fn every(&self, kind: PartyMeetingKind) -> Option<u32> {
        match kind {
            PartyMeetingKind::MemberMeeting => Some(3),
            PartyMeetingKind::Committee => self.committee.then_some(1),
            PartyMeetingKind::ThemeDay => Some(1),
            PartyMeetingKind::Lecture => Some(self.lecture_months).filter(|months| *months > 0),
            PartyMeetingKind::OrgLife | PartyMeetingKind::Appraisal => Some(12),
            PartyMeetingKind::Group => None,
        }
    }

    /// The spans of the calendar that lie in the period as a whole, by their first and last days.
    fn spans(&self, months: u32) -> Vec<(NaiveDate, NaiveDate)> {
        let first = self.since.map_or(self.from, |since| since.max(self.from));
        let mut start = NaiveDate::from_ymd_opt(self.from.year(), 1, 1).unwrap_or(self.from);
        let mut spans = vec![];
        while start <= self.to {
            let next = plus_months(start, months);
            let last = next.pred_opt().unwrap_or(next);
            if first <= start && last <= self.to {
                spans.push((start, last));
            }
            if next <= start {
                break;
            }
            start = next;
        }
        spans
    }

    /// Every kind, with what was held among these meetings.
    pub fn against(&self, meetings: &[(PartyMeetingKind, NaiveDate)]) -> Vec<Obligation> {
        let of = |kind: PartyMeetingKind| {
            let days = || meetings.iter().filter(move |(k, day)| *k == kind && self.from <= *day && *day <= self.to);
            let every_months = self.every(kind);
            let spans = every_months.map(|months| self.spans(months)).unwrap_or_default();
            let empty = |(first, last): &&(NaiveDate, NaiveDate)| !days().any(|(_, day)| first <= day && day <= last);
            let missing: Vec<NaiveDate> = spans.iter().filter(empty).map(|(first, _)| *first).collect();
            let (due, held) = (spans.len(), days().count());
            Obligation { kind, every_months, due, met: due - missing.len(), held, missing }
        };
        PartyMeetingKind::ALL.iter().copied().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::day;
    use super::*;
    use proptest::prelude::*;

    fn year() -> Duties {
        Duties { from: day("2021-01-01"), to: day("2021-12-31"), since: None, committee: true, lecture_months: 3 }
    }
    fn of(duties: Duties, kind: PartyMeetingKind, days: &[&str]) -> Obligation {
        let meetings: Vec<_> = days.iter().map(|d| (kind, day(d))).collect();
        duties.against(&meetings).into_iter().find(|o| o.kind == kind).unwrap()
    }

    #[test]
    fn a_year_has_four_quarters_and_twelve_months() {
        let due = |kind| of(year(), kind, &[]).due;
        use PartyMeetingKind::*;
        assert_eq!([MemberMeeting, Committee, Group, Lecture].map(due), [4, 12, 0, 4]);
        assert_eq!([ThemeDay, OrgLife, Appraisal].map(due), [12, 1, 1]);
        let small = Duties { committee: false, lecture_months: 0, ..year() };
        assert_eq!([Committee, Lecture].map(|kind| of(small, kind, &[]).every_months), [None, None]);
    }

    #[test]
    fn two_in_one_quarter_do_not_stand_for_two_quarters() {
        let held =
            of(year(), PartyMeetingKind::MemberMeeting, &["2021-01-01", "2021-03-31", "2021-07-15", "2020-12-31"]);
        assert_eq!((held.due, held.met, held.held), (4, 2, 3));
        assert_eq!(held.missing, [day("2021-04-01"), day("2021-10-01")]);
    }

    #[test]
    fn nothing_is_due_of_a_span_that_is_not_over_or_began_before_the_organization() {
        let part = Duties { to: day("2021-11-29"), since: Some(day("2021-03-02")), ..year() };
        assert_eq!(of(part, PartyMeetingKind::MemberMeeting, &[]).missing, [day("2021-04-01"), day("2021-07-01")]);
        assert_eq!(of(part, PartyMeetingKind::ThemeDay, &["2021-03-20"]).due, 7);
        assert_eq!(of(part, PartyMeetingKind::OrgLife, &["2021-05-01"]).due, 0);
    }

    proptest! {
        #[test]
        fn what_is_met_and_what_is_missing_is_what_is_due(
            from in 0u64..900, length in 0u64..900, lecture_months in 0u32..13,
            days in prop::collection::vec((0usize..7, 0u64..2000), 0..40),
        ) {
            let start = day("2020-01-01");
            let on = |n: u64| start + chrono::Days::new(n);
            let duties = Duties { from: on(from), to: on(from + length), since: None, committee: true, lecture_months };
            let meetings: Vec<_> = days.iter().map(|(k, n)| (PartyMeetingKind::ALL[*k], on(*n))).collect();
            for one in duties.against(&meetings) {
                prop_assert_eq!(one.met + one.missing.len(), one.due);
                prop_assert!(one.met <= one.held);
                let inside = |d: &(PartyMeetingKind, NaiveDate)| d.0 == one.kind && duties.from <= d.1 && d.1 <= duties.to;
                prop_assert_eq!(one.held, meetings.iter().filter(|d| inside(d)).count());
                prop_assert!(one.missing.iter().all(|first| duties.from <= *first && *first <= duties.to));
            }
        }
    }
}
