//! Standards of benefits with the period they are in force (待遇标准).
use crate::codes::StandardKind;
use crate::resource::{Module, Resource, Visibility};
use crate::{Findings, Money, NaiveDate, PartialDate, Rate, Rule, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// One standard for one period. Periods of the same kind, scope and division do not overlap.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BenefitStandard {
    /// Kind.
    pub kind: StandardKind,
    /// To whom it applies: a revolutionary period for `subsidy_months`, a group such as `lixiu` otherwise.
    #[schema(min_length = 1, max_length = 50)]
    pub scope: String,
    /// Amount. Exactly one of amount and rate is given.
    pub amount: Option<Money>,
    /// Rate or factor, such as months of salary.
    pub rate: Option<Rate>,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; absent while it is open.
    pub valid_to: Option<NaiveDate>,
    /// The document it comes from.
    #[schema(max_length = 100)]
    pub document_no: Option<String>,
}

impl Resource for BenefitStandard {
    const NAME: &'static str = "benefit_standard";
    const PATH: &'static str = "benefit-standards";
    const TITLE: (&'static str, &'static str) = ("待遇标准", "benefit standard");
    const MODULE: Module = Module::Benefits;
    const VISIBILITY: Visibility = Visibility::Inherited;

    fn example() -> Self {
        Self {
            kind: StandardKind::MedicalPool,
            scope: "lixiu".into(),
            amount: Some(Money(2_500_000)),
            rate: None,
            valid_from: NaiveDate::from_ymd_opt(2021, 1, 1).unwrap_or_default(),
            valid_to: NaiveDate::from_ymd_opt(2021, 12, 31),
            document_no: Some("菏老干〔2021〕3号".into()),
        }
    }

    fn check(&mut self, found: &mut Findings) {
        found.require(self.amount.is_some() != self.rate.is_some(), "amount", Rule::AmountOrRate);
        if self.amount.is_some_and(|a| a.0 < 0) {
            found.push(Violation::new("amount", Rule::TooSmall).with("min", 0));
        }
        if self.valid_to.is_some_and(|to| to < self.valid_from) {
            found.push(Violation::new("valid_to", Rule::PeriodOrder).with("other", "valid_from"));
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.valid_from))
    }
}
