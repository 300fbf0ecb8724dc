//! Whether the three guarantee mechanisms are kept (离休费保障、医药费保障、财政支持机制).
use super::in_year;
use crate::codes::{GuaranteeMechanism, GuaranteeState};
use crate::resource::{Module, Resource};
use crate::{Findings, Money, PartialDate, Rule, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// How one mechanism stands in one division and year. There is one record of each.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuaranteeStatus {
    /// Mechanism.
    pub mechanism: GuaranteeMechanism,
    /// Year.
    #[schema(minimum = 1949, maximum = 9999)]
    pub year: i32,
    /// How it stands.
    pub status: GuaranteeState,
    /// What is owed, in yuan; more than nothing. Arrears need it and nothing else has it.
    pub arrears_amount: Option<Money>,
    /// Cadres to whom it is owed. Belongs to arrears only.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub persons_affected: Option<i32>,
    /// Why, and when it will be made good.
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

impl Resource for GuaranteeStatus {
    const NAME: &'static str = "guarantee_status";
    const PATH: &'static str = "guarantee-statuses";
    const TITLE: (&'static str, &'static str) = ("保障机制落实情况", "guarantee status");
    const MODULE: Module = Module::Benefits;

    fn example() -> Self {
        Self {
            mechanism: GuaranteeMechanism::Medical,
            year: 2021,
            status: GuaranteeState::Arrears,
            arrears_amount: Some(Money(12_500_000)),
            persons_affected: Some(7),
            note: Some("已列入2022年预算".into()),
        }
    }

    fn check(&mut self, found: &mut Findings) {
        if self.status == GuaranteeState::Arrears {
            match self.arrears_amount {
                None => found.error("arrears_amount", Rule::Required),
                Some(owed) if owed.0 <= 0 => {
                    found.push(Violation::new("arrears_amount", Rule::TooSmall).with("min", "0.01"));
                }
                Some(_) => {}
            }
        } else {
            found.require(self.arrears_amount.is_none(), "arrears_amount", Rule::ArrearsOnly);
            found.require(self.persons_affected.is_none(), "persons_affected", Rule::ArrearsOnly);
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        in_year(self.year)
    }
}
