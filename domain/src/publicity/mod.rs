//! Publicity (宣传): what is told to the public, and who has agreed to be told of.
mod articles;
mod consents;
mod media;

pub use articles::Article;
pub use consents::Consent;
pub use media::{MediaAccount, MediaReport};

/// A date of an example.
fn day(text: &str) -> crate::NaiveDate {
    text.parse().unwrap_or_default()
}

/// The id of an example's reference.
fn some(n: u128) -> crate::Uuid {
    crate::Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + n)
}
