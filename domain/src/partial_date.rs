//! Dates from old files, known to the year, the month or the day.
use crate::catalogue::Rule;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// How much of a [`PartialDate`] is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// Only the year.
    Year,
    /// Year and month.
    Month,
    /// The full date.
    Day,
}

/// A date of which the month or the day may be unknown: `1971`, `1971-07` or `1971-07-01`.
///
/// It stands for every day it may mean, from [`first_day`](Self::first_day) to
/// [`last_day`](Self::last_day). A rule that needs certainty compares the side that could break it.
/// Order is by first day, then by precision, the coarser first: the order of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialDate {
    year: i32,
    month: Option<u32>,
    day: Option<u32>,
}

impl PartialDate {
    /// A full date.
    pub fn day(date: NaiveDate) -> Self {
        Self { year: date.year(), month: Some(date.month()), day: Some(date.day()) }
    }
    /// The month of a day.
    pub fn month_of(date: NaiveDate) -> Self {
        Self { day: None, ..Self::day(date) }
    }
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; years from 1800 to 2199.
    pub fn parse(text: &str) -> Option<Self> {
        let number =
            |digits: &[u8]| digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')));
        let (year, month, day) = match *text.as_bytes() {
            [ref y @ .., b'-', m1, m2, b'-', d1, d2] if y.len() == 4 => (number(y)?, Some([m1, m2]), Some([d1, d2])),
            [ref y @ .., b'-', m1, m2] if y.len() == 4 => (number(y)?, Some([m1, m2]), None),
            ref y if y.len() == 4 => (number(y)?, None, None),
            _ => return None,
        };
        let part = |digits: Option<[u8; 2]>| digits.map_or(Some(None), |d| number(&d).map(Some));
        let date = Self { year: i32::try_from(year).ok()?, month: part(month)?, day: part(day)? };
        let real = NaiveDate::from_ymd_opt(date.year, date.month.unwrap_or(1), date.day.unwrap_or(1)).is_some();
        (real && (1800..2200).contains(&date.year)).then_some(date)
    }
    /// How much is known.
    pub fn precision(self) -> Precision {
        match (self.month, self.day) {
            (Some(_), Some(_)) => Precision::Day,
            (Some(_), None) => Precision::Month,
            _ => Precision::Year,
        }
    }
    /// The earliest day it may mean.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1)).unwrap_or(NaiveDate::MIN)
    }
    /// The latest day it may mean.
    pub fn last_day(self) -> NaiveDate {
        match self.precision() {
            Precision::Day => self.first_day(),
            Precision::Month => end_of_month(self.year, self.month.unwrap_or(12)),
            Precision::Year => end_of_month(self.year, 12),
        }
    }
    /// The full date, if it is known to the day.
    pub fn exact(self) -> Option<NaiveDate> {
        (self.precision() == Precision::Day).then(|| self.first_day())
    }
    /// The year, which is always known.
    pub fn year(self) -> i32 {
        self.year
    }
    /// Whether every day it may mean lies before every day `other` may mean.
    pub fn surely_before(self, other: PartialDate) -> bool {
        self.last_day() < other.first_day()
    }
    /// Whether it lies after `other` for certain, so that "not later than" is broken.
    pub fn surely_after(self, other: PartialDate) -> bool {
        other.surely_before(self)
    }
    /// The least text that sorts at or after every date starting on [`first_day`](Self::first_day):
    /// `1930` for 1930-01-01, `1930-05` for 1930-05-01. The lower bound of a filter on stored texts.
    pub fn lower_text(self) -> String {
        let d = self.first_day();
        match (d.month(), d.day()) {
            (1, 1) => format!("{:04}", d.year()),
            (m, 1) => format!("{:04}-{m:02}", d.year()),
            _ => d.to_string(),
        }
    }
    /// The greatest text that still lies within: the last day in full. The upper bound of a filter.
    pub fn upper_text(self) -> String {
        self.last_day().to_string()
    }
}

fn end_of_month(year: i32, month: u32) -> NaiveDate {
    let (y, m) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    NaiveDate::from_ymd_opt(y, m, 1).and_then(|d| d.pred_opt()).unwrap_or(NaiveDate::MAX)
}

/// Full years from `birth` to `as_of`, counted on the birthday; a birthday on 29 February counts from 1 March.
pub fn age(birth: NaiveDate, as_of: NaiveDate) -> i32 {
    as_of.year() - birth.year() - i32::from((as_of.month(), as_of.day()) < (birth.month(), birth.day()))
}

/// The same day `years` later (28 February stands in for a missing 29 February).
pub fn plus_years(date: NaiveDate, years: u32) -> NaiveDate {
    date.checked_add_months(chrono::Months::new(12 * years)).unwrap_or(NaiveDate::MAX)
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(m) = self.month {
            write!(f, "-{m:02}")?;
        }
        if let Some(d) = self.day {
            write!(f, "-{d:02}")?;
        }
        Ok(())
    }
}
impl PartialOrd for PartialDate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for PartialDate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.year, self.month, self.day).cmp(&(other.year, other.month, other.day))
    }
}
impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| crate::input::refuse(Rule::PartialDateFormat, &[]))
    }
}
crate::spec::text_schema!(
    PartialDate,
    "1971-07",
    r"^\d{4}(-\d{2}(-\d{2})?)?$",
    "A date known to the year, the month or the day"
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn p(s: &str) -> PartialDate {
        PartialDate::parse(s).unwrap()
    }

    #[test]
    fn reads_three_precisions_and_nothing_else() {
        assert_eq!(p("1971").precision(), Precision::Year);
        assert_eq!(p("1971-07").last_day().to_string(), "1971-07-31");
        assert_eq!(p("1972-02").last_day().to_string(), "1972-02-29");
        assert_eq!(p("1971-07-01").exact().unwrap().to_string(), "1971-07-01");
        for bad in
            ["", "71", "1971-7", "1971-13", "1971-02-29", "1971-07-01-02", "1971-07-01T00", "1799", "+971", "１９７１"]
        {
            assert_eq!(PartialDate::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn ages_count_birthdays_not_years() {
        let as_of = NaiveDate::from_ymd_opt(2021, 12, 31).unwrap();
        assert_eq!(age(p("1930-12-31").first_day(), as_of), 91);
        assert_eq!(age(p("1931-01-01").first_day(), as_of), 90);
    }

    proptest! {
        #[test]
        fn text_order_is_date_order_and_bounds_hold(days in 0i64..73_000, cut in 0usize..3, other in 0i64..73_000, cut2 in 0usize..3) {
            let base = NaiveDate::from_ymd_opt(1880, 1, 1).unwrap();
            let make = |d: i64, cut: usize| { let t = (base + chrono::Duration::days(d)).to_string(); p(&t[..[4, 7, 10][cut]]) };
            let (a, b) = (make(days, cut), make(other, cut2));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            // "at or after b" on texts is "first day at or after b's first day"
            prop_assert_eq!(a.to_string() >= b.lower_text(), a.first_day() >= b.first_day());
            prop_assert_eq!(a.to_string() <= b.upper_text(), a.first_day() <= b.last_day());
        }
    }
}
