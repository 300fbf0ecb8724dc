//! Party age (党龄) and the year of the medal "光荣在党50年".
//!
//! The party age runs from the day someone became a full member. Which day that is depends on the
//! constitution of the party in force at admission: some knew no probation, so that approval made a
//! full member at once.
use crate::codes::{PartyAgeRule, PartyAgeState};
use crate::partial_date::{PartialDate, Precision, age};
use chrono::{Datelike, NaiveDate};

/// The first year in which the medal was given.
const FIRST_MEDAL_YEAR: i32 = 2021;

/// What is known of how someone came into the party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// When the person joined; it decides which rule applies.
    pub joined_on: PartialDate,
    /// When the superior organization approved, if the file tells it apart from joining.
    pub approved_on: Option<PartialDate>,
    /// When the probation was completed.
    pub converted_on: Option<PartialDate>,
    /// Whether the person left the party and was admitted again: only the new conversion counts then.
    pub re_admitted: bool,
}

/// From when the party age counts, by which rule, and how certain that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartyAge {
    /// The day it counts from. Also kept when it is to be verified, as the best the file says.
    pub start: Option<PartialDate>,
    /// The rule that was applied.
    pub rule: PartyAgeRule,
    /// How certain the start is.
    pub state: PartyAgeState,
}

/// Which event the party age counts from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Basis {
    /// Admitted without probation.
    Approval,
    /// Admitted on probation.
    Conversion,
    /// Some were admitted on probation and some were not: a date of conversion tells which.
    Either,
}

/// One period of admission, which lasts until the next begins.
type Row = ((i32, u32, u32), PartyAgeRule, Basis);

const ROWS: [Row; 9] = [
    ((1921, 7, 1), PartyAgeRule::From192107, Basis::Approval),
    ((1923, 6, 10), PartyAgeRule::From192306, Basis::Conversion),
    ((1927, 4, 27), PartyAgeRule::From192704, Basis::Either),
    ((1928, 6, 18), PartyAgeRule::From192806, Basis::Approval),
    ((1945, 4, 23), PartyAgeRule::From194504, Basis::Conversion),
    ((1956, 9, 15), PartyAgeRule::From195609, Basis::Conversion),
    ((1969, 4, 1), PartyAgeRule::From196904, Basis::Approval),
    ((1977, 8, 12), PartyAgeRule::From197708, Basis::Conversion),
    ((1982, 9, 6), PartyAgeRule::From198209, Basis::Conversion),
];

/// The row a day lies in; none before the founding of the party.
fn row(day: NaiveDate) -> Option<Row> {
    ROWS.into_iter().rfind(|(from, _, _)| *from <= (day.year(), day.month(), day.day()))
}

impl Admission {
    /// From when the party age of this person counts.
    pub fn party_age(&self) -> PartyAge {
        if self.re_admitted {
            return self.count(Basis::Conversion, PartyAgeRule::Conversion);
        }
        let last = self.joined_on.last_day();
        match (row(self.joined_on.first_day()), row(last)) {
            (_, None) => {
                PartyAge { start: None, rule: PartyAgeRule::BeforeFounding, state: PartyAgeState::NeedsReview }
            }
            // A year that begins before the founding, such as 1921, can only mean the part after it.
            (None, Some((_, rule, basis))) => self.count(basis, rule),
            (Some((_, first, basis)), Some((_, rule, _))) if first == rule => self.count(basis, rule),
            (Some((_, _, first)), Some((_, _, second))) => {
                self.between(if first == second { first } else { Basis::Either })
            }
        }
    }

    /// The answer by one row of the table.
    fn count(&self, basis: Basis, rule: PartyAgeRule) -> PartyAge {
        let start = self.start(basis);
        let state = match start.map(PartialDate::precision) {
            Some(Precision::Day) => PartyAgeState::Determined,
            Some(_) => PartyAgeState::NeedsReview,
            None => PartyAgeState::Undetermined,
        };
        PartyAge { start, rule, state }
    }

    /// The answer when the join date may lie in several rows: never certain, and no row can be named.
    fn between(&self, basis: Basis) -> PartyAge {
        let converted = match basis {
            Basis::Approval => false,
            Basis::Conversion => true,
            Basis::Either => self.converted_on.is_some(),
        };
        let rule = if converted { PartyAgeRule::Conversion } else { PartyAgeRule::Approval };
        PartyAge { start: self.start(basis), rule, state: PartyAgeState::NeedsReview }
    }

    fn start(&self, basis: Basis) -> Option<PartialDate> {
        let approved = self.approved_on.unwrap_or(self.joined_on);
        match basis {
            Basis::Approval => Some(approved),
            Basis::Conversion => self.converted_on,
            Basis::Either => Some(self.converted_on.unwrap_or(approved)),
        }
    }
}

impl PartyAge {
    /// The full years on a day; none unless the start is certain and not after that day.
    pub fn full_years(&self, as_of: NaiveDate) -> Option<i32> {
        let certain = self.state == PartyAgeState::Determined;
        let start = self.start.filter(|_| certain)?.exact()?;
        (start <= as_of).then(|| age(start, as_of))
    }
}

/// The year in which the medal falls due: the first from 2021 on with 50 full years on 1 July.
pub fn medal_year(start: NaiveDate) -> i32 {
    let after_july_1 = (start.month(), start.day()) > (7, 1);
    (start.year() + 50 + i32::from(after_july_1)).max(FIRST_MEDAL_YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partial_date::plus_years;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }
    fn p(text: &str) -> PartialDate {
        PartialDate::parse(text).unwrap()
    }
    fn admission(joined: &str, approved: Option<&str>, converted: Option<&str>) -> Admission {
        let (approved_on, converted_on) = (approved.map(p), converted.map(p));
        Admission { joined_on: p(joined), approved_on, converted_on, re_admitted: false }
    }
    fn answer(start: Option<&str>, rule: PartyAgeRule, state: PartyAgeState) -> PartyAge {
        PartyAge { start: start.map(p), rule, state }
    }
    fn determined(joined: &str, approved: Option<&str>, converted: Option<&str>) -> NaiveDate {
        let found = admission(joined, approved, converted).party_age();
        assert_eq!(found.state, PartyAgeState::Determined, "{joined}");
        found.start.unwrap().exact().unwrap()
    }

    #[test]
    fn cases_1_and_2_the_medal_falls_due_on_the_first_of_july() {
        assert_eq!(medal_year(determined("1971-07-01", None, None)), 2021);
        assert_eq!(medal_year(determined("1971-07-02", None, None)), 2022);
    }

    #[test]
    fn case_3_a_probation_counts_from_conversion() {
        let start = determined("1965-05-10", Some("1965-05-20"), Some("1966-05-10"));
        assert_eq!((start, medal_year(start)), (day("1966-05-10"), 2021));
    }

    #[test]
    fn case_4_without_probation_it_counts_from_approval() {
        let start = determined("1970-11-20", Some("1970-11-20"), None);
        assert_eq!((start, medal_year(start)), (day("1970-11-20"), 2021));
        assert_eq!(determined("1970-11-20", Some("1970-12-01"), None), day("1970-12-01"));
    }

    #[test]
    fn case_5_the_probation_came_back_in_1977() {
        let start = determined("1978-03-01", None, Some("1979-03-01"));
        assert_eq!((start, medal_year(start)), (day("1979-03-01"), 2029));
    }

    #[test]
    fn case_6_without_a_conversion_it_is_undetermined() {
        let found = admission("1978-03-01", Some("1978-03-01"), None).party_age();
        assert_eq!(found, answer(None, PartyAgeRule::From197708, PartyAgeState::Undetermined));
        assert_eq!(found.full_years(day("2021-07-01")), None);
    }

    #[test]
    fn case_7_a_start_known_to_the_month_needs_review_and_is_kept() {
        let found = admission("1971-07", None, None).party_age();
        assert_eq!(found, answer(Some("1971-07"), PartyAgeRule::From196904, PartyAgeState::NeedsReview));
        assert_eq!(found.full_years(day("2021-12-31")), None);
        // A coarse join date does no harm where the day that counts is known.
        assert_eq!(determined("1965", None, Some("1966-05-10")), day("1966-05-10"));
        assert_eq!(determined("1970-11", Some("1970-11-20"), None), day("1970-11-20"));
    }

    #[test]
    fn every_row_begins_and_ends_on_its_days() {
        use PartyAgeRule as R;
        let rows = [
            ("1921-07-01", "1923-06-09", R::From192107, Some("approved")),
            ("1923-06-10", "1927-04-26", R::From192306, None),
            ("1927-04-27", "1928-06-17", R::From192704, Some("approved")),
            ("1928-06-18", "1945-04-22", R::From192806, Some("approved")),
            ("1945-04-23", "1956-09-14", R::From194504, None),
            ("1956-09-15", "1969-03-31", R::From195609, None),
            ("1969-04-01", "1977-08-11", R::From196904, Some("approved")),
            ("1977-08-12", "1982-09-05", R::From197708, None),
            ("1982-09-06", "2021-07-01", R::From198209, None),
        ];
        for (first, last, rule, without_conversion) in rows {
            for joined in [first, last] {
                let found = admission(joined, None, None).party_age();
                assert_eq!((found.rule, found.start), (rule, without_conversion.map(|_| p(joined))), "{joined}");
            }
        }
        let early = admission("1921-06-30", None, None).party_age();
        assert_eq!(early, answer(None, R::BeforeFounding, PartyAgeState::NeedsReview));
        let year = admission("1921", Some("1921-08-01"), None).party_age();
        assert_eq!(year, answer(Some("1921-08-01"), R::From192107, PartyAgeState::Determined));
    }

    #[test]
    fn where_some_had_a_probation_a_conversion_tells() {
        assert_eq!(determined("1927-08-01", Some("1927-08-02"), None), day("1927-08-02"));
        assert_eq!(determined("1927-08-01", Some("1927-08-02"), Some("1927-11-02")), day("1927-11-02"));
        // Where there was none, a conversion noted in the file does not move the start.
        assert_eq!(determined("1970-11-20", None, Some("1971-11-20")), day("1970-11-20"));
    }

    #[test]
    fn a_join_date_in_two_rows_needs_review() {
        use PartyAgeRule::{Approval, Conversion};
        let review = |joined: &str, converted| admission(joined, None, converted).party_age();
        let expect = |start, rule| answer(start, rule, PartyAgeState::NeedsReview);
        assert_eq!(review("1969", Some("1970-02-01")), expect(Some("1970-02-01"), Conversion));
        assert_eq!(review("1969", None), expect(Some("1969"), Approval));
        assert_eq!(review("1977-08", None), expect(Some("1977-08"), Approval));
        assert_eq!(review("1956", Some("1957-12-01")), expect(Some("1957-12-01"), Conversion));
        assert_eq!(review("1982-09", None), expect(None, Conversion));
    }

    #[test]
    fn a_second_admission_counts_from_its_conversion_only() {
        let mut again = Admission { re_admitted: true, ..admission("1970-11-20", Some("1970-11-20"), None) };
        assert_eq!(again.party_age(), answer(None, PartyAgeRule::Conversion, PartyAgeState::Undetermined));
        again.converted_on = Some(p("1986-05-01"));
        let found = again.party_age();
        assert_eq!(found, answer(Some("1986-05-01"), PartyAgeRule::Conversion, PartyAgeState::Determined));
    }

    #[test]
    fn full_years_are_exact() {
        let found = admission("1971-07-01", None, None).party_age();
        assert_eq!(found.full_years(day("2021-06-30")), Some(49));
        assert_eq!(found.full_years(day("2021-07-01")), Some(50));
        assert_eq!(found.full_years(day("1971-07-01")), Some(0));
        assert_eq!(found.full_years(day("1971-06-30")), None);
    }

    fn any_day() -> impl Strategy<Value = NaiveDate> {
        (0i64..45_000).prop_map(|d| day("1921-07-01") + chrono::Duration::days(d))
    }

    proptest! {
        #[test]
        fn an_earlier_start_never_gets_the_medal_later(a in any_day(), b in any_day()) {
            prop_assert!(medal_year(a.min(b)) <= medal_year(a.max(b)));
        }

        #[test]
        fn the_medal_year_is_the_first_with_fifty_years(start in any_day()) {
            let year = medal_year(start);
            let july_1 = |y| NaiveDate::from_ymd_opt(y, 7, 1).unwrap();
            prop_assert!(plus_years(start, 50) <= july_1(year));
            prop_assert!(age(start, july_1(year)) >= 50);
            prop_assert!(year == FIRST_MEDAL_YEAR || plus_years(start, 50) > july_1(year - 1));
        }

        #[test]
        fn a_determined_start_is_known_to_the_day(
            joined in any_day(), cut in 0usize..3, approved in prop::option::of(any_day()),
            converted in prop::option::of(any_day()), re_admitted in any::<bool>(), as_of in any_day(),
        ) {
            let joined_on = p(&joined.to_string()[..[4, 7, 10][cut]]);
            let approved_on = approved.map(PartialDate::day);
            let converted_on = converted.map(PartialDate::day);
            let found = Admission { joined_on, approved_on, converted_on, re_admitted }.party_age();
            match found.state {
                PartyAgeState::Determined => {
                    let start = found.start.and_then(PartialDate::exact).unwrap();
                    prop_assert_eq!(found.full_years(as_of).is_some(), start <= as_of);
                }
                PartyAgeState::Undetermined => prop_assert!(found.start.is_none() && converted.is_none()),
                PartyAgeState::NeedsReview => prop_assert_eq!(found.full_years(as_of), None),
            }
        }
    }
}
