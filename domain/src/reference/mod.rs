//! Divisions and units: what every other record refers to.
mod divisions;
pub mod heze;
mod units;
pub use divisions::Division;
pub use units::Unit;
