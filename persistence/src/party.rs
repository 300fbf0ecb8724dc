//! Party organizations and memberships.
use domain::party::{PartyMembership, PartyOrganization};

crate::resource_store! {
    party_organizations: PartyOrganization { name, kind, is_functional, parent_id, unit_id, joint_unit_ids, compound_name, established_on, standardization_level, retired_only, mixed_with_active, status }
    filter { name, kind, status, is_functional, parent_id, unit_id, established_on }
    sort { name }
    search { name }
    rules { crate::rules::party_organization }
}

crate::resource_store! {
    party_memberships: PartyMembership { cadre_id, party_organization_id, formal, joined_on, approved_on, converted_on, introducers, status, floating, flow_to, lost_contact_on, suspended_on, removed_on, dues_base, dues_rate, dues_paid_until, restored_from, re_admitted, verified_by_archive }
    filter { cadre_id, party_organization_id, formal, status, floating, joined_on, converted_on, dues_paid_until }
    sort { joined_on }
    search {}
    rules { crate::rules::party_membership }
}
