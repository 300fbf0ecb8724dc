//! The pooled medical fund of a division and year, as a ledger (医药费统筹金).
use super::{in_year, ymd};
use crate::codes::PoolEntryKind;
use crate::resource::{Module, Reference, Resource};
use crate::{Findings, Money, NaiveDate, PartialDate, Rule, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// An entry of the ledger. What a pool holds is the sum of its entries and is never less than nothing. An entry stays as
/// it is for good; a mistake is reversed by another one. Payments are made by the steps of claims alone.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MedicalPoolEntry {
    /// Kind. Only an allotment, an adjustment, and the reversal of one of these are entered by hand.
    pub kind: PoolEntryKind,
    /// The year of the pool.
    #[schema(minimum = 1949, maximum = 9999)]
    pub year: i32,
    /// What it adds to the pool, in yuan; a payment has a minus. Of a reversal it is worked out and may be left out.
    pub amount: Option<Money>,
    /// When it was booked.
    pub booked_on: NaiveDate,
    /// Of a payment and its reversal, the claim. When the person's data is erased the entry stays and leads nowhere.
    pub claim_id: Option<Uuid>,
    /// Of a reversal, the entry that it takes back; each is taken back once at most.
    pub reverses_id: Option<Uuid>,
    /// The document it rests on.
    #[schema(max_length = 100)]
    pub document_no: Option<String>,
    /// Why.
    #[schema(max_length = 200)]
    pub note: Option<String>,
}

impl Resource for MedicalPoolEntry {
    const NAME: &'static str = "medical_pool_entry";
    const PATH: &'static str = "medical-pool-entries";
    const TITLE: (&'static str, &'static str) = ("医药费统筹金账目", "medical pool entry");
    const MODULE: Module = Module::Benefits;
    const APPEND_ONLY: bool = true;
    // The claim is named and not referred to: the ledger outlives what is erased of a person.
    const REFERENCES: &'static [Reference<Self>] = &[Reference {
        field: "reverses_id",
        expand: "reverses",
        to: "medical-pool-entries",
        ids: |e| e.reverses_id.as_slice(),
    }];

    fn example() -> Self {
        Self {
            kind: PoolEntryKind::Allotment,
            year: 2021,
            amount: Some(Money(130_000_000)),
            booked_on: ymd(2021, 1, 15),
            claim_id: None,
            reverses_id: None,
            document_no: Some("菏财社〔2021〕6号".into()),
            note: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let reversal = self.kind == PoolEntryKind::Reversal;
        found.require(reversal == self.reverses_id.is_some(), "reverses_id", Rule::ReversalOnly);
        found.require(reversal || self.amount.is_some(), "amount", Rule::Required);
        match (self.kind, self.amount) {
            (PoolEntryKind::Allotment, Some(amount)) if amount.0 <= 0 => {
                found.push(Violation::new("amount", Rule::TooSmall).with("min", "0.01"));
            }
            (PoolEntryKind::Adjustment, Some(Money(0))) => found.error("amount", Rule::ZeroAmount),
            _ => {}
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        in_year(self.year)
    }
}

/// What a pool has and had: `balance` is what the others make of each other, and the sum of all entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolSums {
    /// Allotments without those taken back.
    pub allotted: i64,
    /// Adjustments without those taken back.
    pub adjusted: i64,
    /// Payments without those taken back, as a positive sum.
    pub paid: i64,
    /// All entries.
    pub entries: i64,
}

impl PoolSums {
    /// Adds entries of one kind, a reversal under the kind of what it reverses.
    pub fn add(&mut self, kind: PoolEntryKind, sum: i64, entries: i64) {
        match kind {
            PoolEntryKind::Allotment => self.allotted += sum,
            PoolEntryKind::Payment => self.paid -= sum,
            PoolEntryKind::Adjustment | PoolEntryKind::Reversal => self.adjusted += sum,
        }
        self.entries += entries;
    }
    /// Adds another pool.
    pub fn absorb(&mut self, other: PoolSums) {
        self.allotted += other.allotted;
        self.adjusted += other.adjusted;
        self.paid += other.paid;
        self.entries += other.entries;
    }
    /// What is left.
    pub fn balance(self) -> i64 {
        self.allotted + self.adjusted - self.paid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_balance_is_the_sum_of_whatever_entries(entries in proptest::collection::vec((0..4_usize, -1_000_000i64..1_000_000), 0..50)) {
            let kinds = [PoolEntryKind::Allotment, PoolEntryKind::Payment, PoolEntryKind::Adjustment, PoolEntryKind::Reversal];
            let (mut one, mut other) = (PoolSums::default(), PoolSums::default());
            for (i, (kind, amount)) in entries.iter().enumerate() {
                if i % 2 == 0 { &mut one } else { &mut other }.add(kinds[*kind], *amount, 1);
            }
            one.absorb(other);
            prop_assert_eq!(one.balance(), entries.iter().map(|(_, amount)| amount).sum::<i64>());
            prop_assert_eq!(one.entries, entries.len() as i64);
        }
    }
}
