//! What a change of one record makes of others, a file a module: in the same transaction, behind the write.
//!
//! Records that an effect creates have ids made of their cause, so that a county's server and the city's make
//! the same record of the same step.
mod party;

pub use party::{membership_application, party_term, relation_transfer};
