//! Service (发挥作用): posts in communities and villages, and volunteers of the five elders.
mod posts;
mod volunteers;

pub use posts::ServicePost;
pub use volunteers::{Commendation, Training, Volunteer, VolunteerService};

use crate::{NaiveDate, Uuid};

/// A date of an example.
fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

/// The id of an example's reference.
fn some(n: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + n)
}
