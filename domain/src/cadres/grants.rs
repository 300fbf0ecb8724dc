//! What is due after a death, as an advice: the formula, the parameters it took, the result. The decision is people's.
use crate::codes::{DeathCircumstance, GrantKind};
use crate::{Money, Rate};

/// What the calculation needs. All of it is a standard with a period of validity, but for the pension.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GrantBasis {
    /// Funeral grant.
    pub funeral: Option<Money>,
    /// Income of an urban household per head in the year before the death, national.
    pub income_per_head: Option<Money>,
    /// How many of these.
    pub income_multiple: Option<Rate>,
    /// How many months of the basic pension.
    pub pension_months: Option<Rate>,
    /// The basic pension of a month.
    pub monthly_pension: Option<Money>,
}

/// One grant: how it is calculated, and what comes of it where every parameter is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantAdvice {
    /// Kind.
    pub kind: GrantKind,
    /// The formula, in the names of the parameters.
    pub formula: &'static str,
    /// The amount; absent where a parameter is missing.
    pub amount: Option<Money>,
    /// Parameters that are not known.
    pub missing: Vec<&'static str>,
}

/// Names of the standards of kind `death_grant` that hold the multiple of the income (民发〔2011〕: state organs).
pub const fn multiple_of(circumstance: DeathCircumstance) -> &'static str {
    match circumstance {
        DeathCircumstance::Illness => "income_multiple_illness",
        DeathCircumstance::LineOfDuty => "income_multiple_line_of_duty",
        DeathCircumstance::Martyr => "income_multiple_martyr",
    }
}

impl GrantBasis {
    /// What it comes to.
    pub fn advice(&self) -> Vec<GrantAdvice> {
        let named = |known: bool, name| (!known).then_some(name);
        let missing = [
            named(self.income_per_head.is_some(), "income_per_head"),
            named(self.income_multiple.is_some(), "income_multiple"),
            named(self.pension_months.is_some(), "pension_months"),
            named(self.monthly_pension.is_some(), "monthly_pension"),
        ];
        vec![
            GrantAdvice {
                kind: GrantKind::Funeral,
                formula: "funeral",
                amount: self.funeral,
                missing: named(self.funeral.is_some(), "funeral").into_iter().collect(),
            },
            GrantAdvice {
                kind: GrantKind::LumpSum,
                formula: "income_per_head * income_multiple + monthly_pension * pension_months",
                amount: self.lump_sum(),
                missing: missing.into_iter().flatten().collect(),
            },
        ]
    }

    /// Rounded half up to the fen, once, at the end.
    fn lump_sum(&self) -> Option<Money> {
        let times = |amount: Money, by: Rate| i128::from(amount.0) * i128::from(by.0);
        let sum =
            times(self.income_per_head?, self.income_multiple?) + times(self.monthly_pension?, self.pension_months?);
        i64::try_from((sum + 500_000).div_euclid(1_000_000)).ok().map(Money)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lump_sum_of_an_illness_is_two_incomes_and_forty_pensions() {
        let basis = GrantBasis {
            funeral: None,
            income_per_head: Some(Money(4_383_400)),
            income_multiple: Some(Rate(2_000_000)),
            pension_months: Some(Rate(40_000_000)),
            monthly_pension: Some(Money(600_000)),
        };
        let advice = basis.advice();
        assert_eq!(advice[1].amount, Some(Money(2 * 4_383_400 + 40 * 600_000)));
        assert_eq!((advice[0].amount, &advice[0].missing), (None, &vec!["funeral"]));
        let without = GrantBasis { monthly_pension: None, ..basis };
        assert_eq!((without.advice()[1].amount, &without.advice()[1].missing), (None, &vec!["monthly_pension"]));
    }
}
