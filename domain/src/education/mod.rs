//! Education of the old (老年教育): senior universities, their classes and students, partners, bases, and places.
mod classes;
mod enrollments;
mod facilities;
mod partners;
mod projects;
mod schools;

pub use classes::Class;
pub use enrollments::Enrollment;
pub use facilities::Facility;
pub use partners::{PartnerAgreement, TeachingBase};
pub use projects::FacilityProject;
pub use schools::SeniorUniversity;

/// A date of an example.
fn day(text: &str) -> crate::NaiveDate {
    text.parse().unwrap_or_default()
}

/// The id of an example's reference.
fn some(n: u128) -> crate::Uuid {
    crate::Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + n)
}

/// `true`, for a place that is open unless something is said.
fn yes() -> bool {
    true
}
