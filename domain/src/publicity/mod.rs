//! Publicity (宣传): what is told to the public, and who has agreed to be told of.
mod consents;

pub use consents::Consent;
