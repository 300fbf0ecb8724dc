//! Building up oneself (自身建设): staff, their training, the documents they work by.
mod documents;
mod members;
mod trainings;

pub use documents::PolicyDocument;
pub use members::StaffMember;
pub use trainings::StaffTraining;

/// A date of an example.
fn day(text: &str) -> crate::NaiveDate {
    text.parse().unwrap_or_default()
}

/// The id of an example's reference.
fn some(n: u128) -> crate::Uuid {
    crate::Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + n)
}
