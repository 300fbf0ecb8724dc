//! What of a record follows from other rows, a file a module: worked out before the rules judge it.
mod party;

pub use party::{dues_payment, evaluation, party_term, relation_transfer};
