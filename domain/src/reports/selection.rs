//! Which records a figure counts.
use crate::NaiveDate;
use crate::codes::RevolutionPeriod;
use chrono::Datelike;

/// Live records of a resource that meet conditions.
#[derive(Debug)]
pub struct Selection {
    /// [`Resource::PATH`](crate::Resource::PATH).
    pub of: &'static str,
    /// All of these.
    pub that: &'static [Cond],
    /// Of which divisions.
    pub reach: Reach,
}
impl Selection {
    /// The records of a division and of all inside it.
    pub const fn inside(of: &'static str, that: &'static [Cond]) -> Self {
        Self { of, that, reach: Reach::Inside }
    }
    /// What is in force for a division.
    pub const fn nearest(of: &'static str, that: &'static [Cond]) -> Self {
        Self { of, that, reach: Reach::Nearest }
    }
    /// Cadres, where they belonged then.
    pub const fn people(who: People, that: &'static [Cond]) -> Self {
        Self { of: "cadres", that, reach: Reach::People(who) }
    }
}

/// The records of which divisions are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Of the division that is asked about and of all inside it.
    Inside,
    /// Of the nearest one, itself or around it, that has any: what a city sets holds for its counties.
    Nearest,
    /// As `Inside`, but a cadre belongs to the division and the unit that answered for it then, not to those of today.
    People(People),
}

/// Cadres by what dated facts tell of them: retirement, death, transfers that are done. A date that is known to the
/// month or the year only counts from the first day it may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    /// In care on the day that is asked about: retired, alive, and not handed over. Until a transfer takes effect the
    /// giving side counts the cadre; one settled elsewhere is counted where it is paid.
    InCare,
    /// The same at the end of the year before.
    InCareBefore,
    /// Who retired in the year, where it happened.
    Retired,
    /// Who died in the year.
    Died,
    /// Who came by a transfer that took effect in the year. Moves within what a row is about are none.
    MovedIn,
    /// Who left by one.
    MovedOut,
}

/// A field with a date.
#[derive(Debug, Clone, Copy)]
pub struct When {
    /// Field name.
    pub field: &'static str,
    /// Whether it may be known to the month or the year only; such a date counts from the first day it may mean.
    pub partial: bool,
}

/// A date known to the day.
pub const fn day(field: &'static str) -> When {
    When { field, partial: false }
}
/// A date that may be known to the month or the year only.
pub const fn partial(field: &'static str) -> When {
    When { field, partial: true }
}

/// A condition on a record.
#[derive(Debug)]
pub enum Cond {
    /// The field has this code.
    Is(&'static str, &'static str),
    /// The field has one of these codes.
    In(&'static str, &'static [&'static str]),
    /// The field is true.
    Yes(&'static str),
    /// The field holds something.
    Known(&'static str),
    /// A field with a year: that of the report, or so many years later.
    OfYear(&'static str, i32),
    /// The date lies in the year of the report, and not after the day it is asked for.
    InYear(When),
    /// The date does not lie after the day it is asked for; a date that is not known counts.
    Begun(When),
    /// The date is not known, or lies on or after the day it is asked for: what ends on a day goes on until its end.
    Going(When),
    /// The period from the first to the second date and the year of the report have a day in common.
    Touches(When, When),
    /// The date is known and lies after the day it is asked for.
    Later(When),
    /// The field holds nothing.
    Unknown(&'static str),
    /// One of these.
    Either(&'static [Cond]),
    /// All of these.
    All(&'static [Cond]),
    /// Not this; what cannot be told is not this.
    Not(&'static Cond),
    /// The list in the field has an item.
    Filled(&'static str),
    /// The birth date in the field makes at least, and at most, so many full years on the day that is asked about.
    Aged(&'static str, Option<i32>, Option<i32>),
    /// The date in the field begins in this period.
    InPeriod(&'static str, RevolutionPeriod),
    /// The field is among the values that another selection has in a field.
    Among(&'static str, &'static Selection, &'static str),
    /// The same, asked of each record: where the other selection is large and what is asked about is not.
    Has(&'static str, &'static Selection, &'static str),
    /// The field has the value that stands most often in a field of another selection within the division asked about:
    /// the exhibition that was shown most often. Of several, the least.
    Most(&'static str, &'static Selection, &'static str),
    /// The record lies in the county that has the most records of a selection within the division asked about: the one
    /// that leads the way.
    MostCounty(&'static Selection),
}

/// What is asked for: a year, as it stood on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The year of the report.
    pub year: i32,
    /// The day.
    pub as_of: NaiveDate,
}
impl Moment {
    /// A year as it stood on a day; at its end where nothing is said.
    pub fn of(year: i32, as_of: Option<NaiveDate>) -> Option<Self> {
        let last = NaiveDate::from_ymd_opt(year, 12, 31)?;
        Some(Self { year, as_of: as_of.unwrap_or(last) })
    }
    /// The first day of the year.
    pub fn first(&self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, 1, 1).unwrap_or(self.as_of)
    }
    /// The last day of the year that is asked about.
    pub fn last(&self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, 12, 31).map_or(self.as_of, |last| last.min(self.as_of))
    }
    /// The same a year before.
    pub fn year_before(&self) -> Option<Self> {
        let as_of = self
            .as_of
            .with_year(self.as_of.year() - 1)
            .or_else(|| self.as_of.pred_opt()?.with_year(self.as_of.year() - 1));
        Some(Self { year: self.year - 1, as_of: as_of? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_asked_as_it_stood_on_a_day() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let whole = Moment::of(2021, None).unwrap();
        assert_eq!((whole.first(), whole.last(), whole.as_of), (day(2021, 1, 1), day(2021, 12, 31), day(2021, 12, 31)));
        let summer = Moment::of(2021, Some(day(2021, 6, 30))).unwrap();
        assert_eq!((summer.first(), summer.last()), (day(2021, 1, 1), day(2021, 6, 30)));
        // Asked later, the year is over and nothing after it counts as of the year.
        assert_eq!(Moment::of(2021, Some(day(2022, 3, 1))).unwrap().last(), day(2021, 12, 31));
        let leap = Moment::of(2024, Some(day(2024, 2, 29))).unwrap().year_before().unwrap();
        assert_eq!((leap.year, leap.as_of), (2023, day(2023, 2, 28)));
    }
}
