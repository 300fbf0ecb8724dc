//! What retired cadres are entitled to.
mod standards;
pub use standards::BenefitStandard;
