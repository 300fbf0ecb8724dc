//! Party organizations, their members, and party age.
mod memberships;
mod organizations;
mod party_age;
pub use memberships::PartyMembership;
pub use organizations::{BRANCH_MIN_MEMBERS, PartyOrganization};
pub use party_age::{Admission, PartyAge, medal_year};
