//! Party organizations, how they are led, and their members.
mod evaluations;
mod leading;
mod members;
mod organizations;

pub use evaluations::{evaluation, evaluation_scheme, party_meeting};
pub use leading::{party_post, party_term};
pub use members::{dues_payment, membership_application, party_membership, relation_transfer};
pub use organizations::party_organization;

use super::equal;
use crate::conn::Conn;
use crate::error::Result;
use crate::query::Query;
use crate::store::Store;
use domain::codes::MembershipStatus;
use domain::party::PartyMembership;
use domain::{Code, Scope, Uuid};

/// How many members of an organization are in a state.
fn members(conn: &mut Conn, organization: Uuid, status: MembershipStatus) -> Result<i64> {
    let mut query = Query::by("party_organization_id", organization, 1);
    query.conditions.push(equal("status", status.as_str()));
    PartyMembership::count(conn, &Scope::System, &query)
}
