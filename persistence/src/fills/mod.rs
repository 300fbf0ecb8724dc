//! What of a record follows from other rows, a file a module: worked out before the rules judge it.
mod activities;
mod care;
mod education;
mod party;

pub use activities::{activity_signup, exhibition, volunteer_service};
pub use care::{care_contact, hardship_case, medical_pool_entry, sanatorium_stay};
pub use education::enrollment;
pub use party::{dues_payment, evaluation, party_term, relation_transfer};
