//! What a pair's plan asks for in the running month, quarter and half-year, and what of it was not done.
use super::CarePair;
use crate::NaiveDate;
use crate::codes::CareContactKind;
use chrono::{Datelike, Months};

/// A kind of contact that plans ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlannedContact {
    /// Calls of a month.
    Call,
    /// Visits of a quarter, at home or in hospital.
    Visit,
    /// Talks of half a year.
    Talk,
}

impl PlannedContact {
    /// All of them.
    pub const ALL: [PlannedContact; 3] = [Self::Call, Self::Visit, Self::Talk];
    /// Months of the period for which a number is planned.
    pub const fn months(self) -> u32 {
        match self {
            Self::Call => 1,
            Self::Visit => 3,
            Self::Talk => 6,
        }
    }
    /// How many of them a pair plans in its period.
    pub fn planned(self, pair: &CarePair) -> i32 {
        match self {
            Self::Call => pair.calls_per_month,
            Self::Visit => pair.visits_per_quarter,
            Self::Talk => pair.talks_per_half,
        }
    }
    /// The code of the contact that is asked for.
    pub const fn kind(self) -> CareContactKind {
        match self {
            Self::Call => CareContactKind::Call,
            Self::Visit => CareContactKind::Visit,
            Self::Talk => CareContactKind::Talk,
        }
    }
    /// Whether a contact of this kind counts.
    pub fn counts(self, kind: CareContactKind) -> bool {
        kind == self.kind() || (self == Self::Visit && kind == CareContactKind::Hospital)
    }
}

/// First and last day of the month, quarter or half-year (1, 3 or 6 months) around a day.
pub fn period(day: NaiveDate, months: u32) -> (NaiveDate, NaiveDate) {
    let first = NaiveDate::from_ymd_opt(day.year(), day.month0() / months * months + 1, 1).unwrap_or(day);
    let next = first.checked_add_months(Months::new(months)).unwrap_or(day);
    (first, next.pred_opt().unwrap_or(day))
}

/// A kind of contact of which a pair has had too few.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Kind.
    pub kind: CareContactKind,
    /// How many the plan asks for in the running month (call), quarter (visit) or half-year (talk).
    pub due: i32,
    /// How many there were in it up to the day asked for.
    pub done: i32,
    /// Since when they are due: the beginning of the period, or of the pair within it.
    pub since: NaiveDate,
    /// The last day on which they can be had in time.
    pub until: NaiveDate,
    /// Days since `since`.
    pub days: i64,
}

/// What is due by the plan of a pair on a day and was not done. `contacts` are those of the pair, of any time.
pub fn overdue(pair: &CarePair, as_of: NaiveDate, contacts: &[(CareContactKind, NaiveDate)]) -> Vec<Overdue> {
    if !pair.is_active(as_of) {
        return vec![];
    }
    let each = PlannedContact::ALL.into_iter().filter_map(|planned| {
        let (first, until) = period(as_of, planned.months());
        let since = first.max(pair.started_on);
        let within = |day: NaiveDate| since <= day && day <= as_of;
        let done = contacts.iter().filter(|(kind, day)| planned.counts(*kind) && within(*day)).count();
        let (due, done) = (planned.planned(pair), i32::try_from(done).unwrap_or(i32::MAX));
        let days = (as_of - since).num_days();
        (done < due).then_some(Overdue { kind: planned.kind(), due, done, since, until, days })
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Resource;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_the_running_one() {
        for (months, first, last) in
            [(1, "2021-11-01", "2021-11-30"), (3, "2021-10-01", "2021-12-31"), (6, "2021-07-01", "2021-12-31")]
        {
            assert_eq!(period(day("2021-11-17"), months), (day(first), day(last)));
        }
        assert_eq!(period(day("2024-02-29"), 1), (day("2024-02-01"), day("2024-02-29")));
        assert_eq!(period(day("2021-06-30"), 6), (day("2021-01-01"), day("2021-06-30")));
    }

    #[test]
    fn what_was_done_in_time_is_not_due() {
        let pair = CarePair { started_on: day("2021-10-15"), ..CarePair::example() };
        let kinds = |contacts: &[(CareContactKind, NaiveDate)], on: &str| -> Vec<CareContactKind> {
            overdue(&pair, day(on), contacts).into_iter().map(|o| o.kind).collect()
        };
        use CareContactKind::{Call, Hospital, Talk, Visit};
        assert_eq!(kinds(&[], "2021-12-20"), [Call, Visit, Talk]);
        assert_eq!(kinds(&[], "2021-10-14"), [], "before it began");
        // A call of November is none of December, one of tomorrow none of today; a visit in hospital is a visit.
        assert_eq!(kinds(&[(Call, day("2021-11-30")), (Hospital, day("2021-10-15"))], "2021-12-20"), [Call, Talk]);
        assert_eq!(kinds(&[(Call, day("2021-12-21"))], "2021-12-20"), [Call, Visit, Talk]);
        let all = [(Call, day("2021-12-01")), (Visit, day("2021-12-01")), (Talk, day("2021-12-20"))];
        assert_eq!(kinds(&all, "2021-12-20"), []);
        let found = overdue(&pair, day("2021-12-20"), &[]);
        assert_eq!((found[0].since, found[0].days), (day("2021-12-01"), 19));
        assert_eq!((found[1].since, found[1].until, found[1].days), (day("2021-10-15"), day("2021-12-31"), 66));
    }

    proptest! {
        #[test]
        fn what_is_due_is_more_than_what_was_done(
            calls in 0i32..5, days in proptest::collection::vec(0i64..400, 0..12), at in 0i64..400,
        ) {
            let pair = CarePair { calls_per_month: calls, ..CarePair::example() };
            let on = |n: i64| day("2021-01-01") + chrono::Duration::days(n);
            let contacts: Vec<_> = days.iter().map(|n| (CareContactKind::Call, on(*n))).collect();
            let found = overdue(&pair, on(at), &contacts);
            let first = period(on(at), 1).0;
            let done = contacts.iter().filter(|(_, d)| *d >= first && *d <= on(at)).count() as i32;
            let call = found.iter().find(|o| o.kind == CareContactKind::Call);
            prop_assert_eq!(call.is_some(), done < calls);
            prop_assert!(found.iter().all(|o| o.done < o.due && o.since <= on(at) && on(at) <= o.until));
        }
    }
}
