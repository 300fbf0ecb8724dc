//! What of a record follows from other rows, a file a module: worked out before the rules judge it.
mod education;
mod party;

pub use education::enrollment;
pub use party::{dues_payment, evaluation, party_term, relation_transfer};
