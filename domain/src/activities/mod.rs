//! Study and activities: programmes with their targets, activities and who signs up, teams, exhibitions, contests, wishes.
mod activity;
mod contests;
mod exhibitions;
mod programmes;
mod signups;
mod teams;
mod wishes;

pub use activity::{Activity, AgeBandCount};
pub use contests::ContestResult;
pub use exhibitions::{Exhibition, ExhibitionShowing};
pub use programmes::{Programme, ProgrammeTarget, percent};
pub use signups::ActivitySignup;
pub use teams::{Team, TeamMember};
pub use wishes::Wish;

use crate::{NaiveDate, Uuid};

/// A date of an example.
fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

/// The id of an example's reference.
fn some(n: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + n)
}
