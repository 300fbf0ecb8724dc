//! Retired cadres: who they are, what happens to them, and what may be derived from it.
mod cadre;
mod check;
mod deaths;
mod family;
mod grants;
mod honorary;
pub mod tie;
mod transfers;

pub use cadre::{Cadre, EmergencyContact};
pub use deaths::{Death, DeathGrant, Survivor};
pub use family::CadreFamilyMember;
pub use grants::{GrantAdvice, GrantBasis, multiple_of};
pub use honorary::{ChecklistItem, HonoraryRetirement};
pub use tie::CadreTie;
pub use transfers::CadreTransfer;
