//! By which rules hardship aid is given, and since when (困难帮扶办法).
use super::{check_order, check_positive, ymd};
use crate::resource::{Module, Resource, Visibility};
use crate::{Findings, Money, NaiveDate, PartialDate, Rule, Violation};
use chrono::{Datelike, Months};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// The rules of hardship aid of a division. In force is the one that began last; that of the division nearest to a
/// case wins over those around it. What has no value here is not limited.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HardshipScheme {
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; absent while it is open.
    pub valid_to: Option<NaiveDate>,
    /// The document it comes from.
    #[schema(min_length = 2, max_length = 100)]
    pub document_no: String,
    /// First day of the year, as MM-DD, on which applications are taken.
    #[schema(pattern = r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
    pub window_from: Option<String>,
    /// Last day of the year, as MM-DD. Both or neither are given; before `window_from` it lies in the next year.
    #[schema(pattern = r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
    pub window_to: Option<String>,
    /// Working days for which a case is public for objections at least.
    #[schema(minimum = 0, maximum = 60)]
    pub publicity_days: i32,
    /// The least that is granted, in yuan.
    pub amount_min: Option<Money>,
    /// The most that is granted, in yuan.
    pub amount_max: Option<Money>,
    /// Months after the grant in which a case is to be reviewed.
    #[schema(minimum = 1, maximum = 60)]
    pub review_months: Option<i32>,
}

impl HardshipScheme {
    /// Whether it is in force on a day.
    pub fn is_in_force(&self, day: NaiveDate) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|to| to >= day)
    }
    /// Whether applications are taken on a day.
    pub fn takes(&self, day: NaiveDate) -> bool {
        let (Some(from), Some(to)) = (&self.window_from, &self.window_to) else { return true };
        let day = format!("{:02}-{:02}", day.month(), day.day());
        if from <= to { (from..=to).contains(&&day) } else { day >= *from || day <= *to }
    }
    /// What is wrong with an amount that is to be granted.
    pub fn judge(&self, amount: Money) -> Option<Violation> {
        if let Some(min) = self.amount_min.filter(|min| amount < *min) {
            return Some(Violation::new("approved_amount", Rule::TooSmall).with("min", min));
        }
        let max = self.amount_max.filter(|max| amount > *max)?;
        Some(Violation::new("approved_amount", Rule::TooLarge).with("max", max))
    }
    /// Until when a case is to be reviewed that was granted on a day.
    pub fn review_due(&self, granted: NaiveDate) -> Option<NaiveDate> {
        granted.checked_add_months(Months::new(u32::try_from(self.review_months?).ok()?))
    }
}

impl Resource for HardshipScheme {
    const NAME: &'static str = "hardship_scheme";
    const PATH: &'static str = "hardship-schemes";
    const TITLE: (&'static str, &'static str) = ("困难帮扶办法", "hardship scheme");
    const MODULE: Module = Module::Benefits;
    const VISIBILITY: Visibility = Visibility::Inherited;

    fn example() -> Self {
        Self {
            valid_from: ymd(2015, 1, 1),
            valid_to: Some(ymd(2015, 12, 31)),
            document_no: "示例〔2015〕1号".into(),
            window_from: Some("10-01".into()),
            window_to: Some("10-31".into()),
            publicity_days: 5,
            amount_min: Some(Money(300_000)),
            amount_max: Some(Money(500_000)),
            review_months: Some(6),
        }
    }

    fn check(&mut self, found: &mut Findings) {
        check_order(found, ("valid_from", Some(self.valid_from)), ("valid_to", self.valid_to));
        found.require(self.window_from.is_none() || self.window_to.is_some(), "window_to", Rule::Required);
        found.require(self.window_to.is_none() || self.window_from.is_some(), "window_from", Rule::Required);
        check_positive("amount_min", self.amount_min, found);
        check_positive("amount_max", self.amount_max, found);
        if let (Some(min), Some(max)) = (self.amount_min, self.amount_max)
            && min > max
        {
            let over = Violation::new("amount_min", Rule::NotMoreThan).with("other", "amount_max");
            found.push(over.with("max", max));
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.valid_from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_may_go_over_the_turn_of_the_year() {
        let mut scheme = HardshipScheme::example();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let taken = |s: &HardshipScheme, days: [&str; 4]| days.map(|d| s.takes(day(d)));
        assert_eq!(
            taken(&scheme, ["2021-09-30", "2021-10-01", "2021-10-31", "2021-11-01"]),
            [false, true, true, false]
        );
        (scheme.window_from, scheme.window_to) = (Some("12-15".into()), Some("01-15".into()));
        assert_eq!(
            taken(&scheme, ["2021-12-14", "2021-12-15", "2022-01-15", "2022-01-16"]),
            [false, true, true, false]
        );
        (scheme.window_from, scheme.window_to) = (None, None);
        assert!(scheme.takes(day("2021-03-01")));
        assert!(scheme.judge(Money(299_999)).is_some() && scheme.judge(Money(500_001)).is_some());
        assert!(scheme.judge(Money(300_000)).is_none() && scheme.judge(Money(500_000)).is_none());
        assert_eq!(scheme.review_due(day("2021-08-31")), Some(day("2022-02-28")));
    }
}
