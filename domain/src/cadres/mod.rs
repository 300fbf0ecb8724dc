//! Retired cadres: who they are and what may be derived from it.
mod cadre;
mod check;
pub use cadre::{Cadre, EmergencyContact};
