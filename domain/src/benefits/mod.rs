//! What retired cadres are entitled to, and how they are cared for.
//!
//! * `standards`, [`entitlements`]: what is due to whom. `guarantees`: whether the counties keep it.
//! * `claims`, `pool`: medical expenses and the ledger they are paid from.
//! * `channels`, `sanatorium`, `checkups`: health. `pairs`, `visits`: who looks after whom. `hardship`: aid in need.
mod channels;
mod checkups;
mod claims;
pub mod entitlements;
mod guarantees;
mod hardship;
mod overdue;
mod pairs;
mod pool;
mod sanatorium;
mod schemes;
mod standards;
mod visits;

pub use channels::GreenChannelCase;
pub use checkups::HealthCheckup;
pub use claims::MedicalClaim;
pub use guarantees::GuaranteeStatus;
pub use hardship::HardshipCase;
pub use overdue::{Overdue, PlannedContact, overdue, period};
pub use pairs::{CareContact, CarePair};
pub use pool::{MedicalPoolEntry, PoolSums};
pub use sanatorium::{SanatoriumPlan, SanatoriumStay};
pub use schemes::HardshipScheme;
pub use standards::BenefitStandard;
pub use visits::Visit;

use crate::{Findings, Money, NaiveDate, PartialDate, Rule, Uuid, Violation};

/// The cadre of the examples.
const CADRE: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002);

fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// The year as a date by which a division must be in force.
fn in_year(year: i32) -> Option<PartialDate> {
    PartialDate::parse(&format!("{year:04}"))
}

/// An amount that is there is more than nothing.
fn check_positive(field: &str, amount: Option<Money>, found: &mut Findings) {
    if amount.is_some_and(|a| a.0 <= 0) {
        found.push(Violation::new(field, Rule::TooSmall).with("min", "0.01"));
    }
}

/// A later day is not before an earlier one, where both are there.
fn check_order(
    found: &mut Findings,
    (first, day): (&str, Option<NaiveDate>),
    (then, later): (&str, Option<NaiveDate>),
) {
    if day.zip(later).is_some_and(|(day, later)| later < day) {
        found.push(Violation::new(then, Rule::PeriodOrder).with("other", first));
    }
}
