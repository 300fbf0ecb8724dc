//! Party organizations and memberships.
use domain::PartialDate;
use domain::codes::{MembershipStatus, PartyOrganizationKind, PartyOrganizationStatus};
use domain::party::{PartyMembership, PartyOrganization};

crate::resource_store! {
    party_organizations: PartyOrganization {
        name: Text, kind: CodeText, is_functional: Bool, parent_id: Nullable<Uid>, unit_id: Nullable<Uid>,
        joint_unit_ids: Doc, compound_name: Nullable<Text>, established_on: Nullable<FuzzyDate>,
        standardization_level: Nullable<Text>, retired_only: Bool, mixed_with_active: Bool, status: CodeText,
    }
    eq {
        name: Text, String;
        kind: CodeText, PartyOrganizationKind;
        status: CodeText, PartyOrganizationStatus;
        is_functional: Bool, bool;
        parent_id: Uid, Uuid;
        unit_id: Uid, Uuid;
    }
    range {}
    fuzzy { established_on }
    sort { name: Text, String; }
    search { name }
    rules { crate::rules::party_organization }
}

crate::resource_store! {
    party_memberships: PartyMembership {
        cadre_id: Uid, party_organization_id: Uid, formal: Bool, joined_on: FuzzyDate,
        approved_on: Nullable<FuzzyDate>, converted_on: Nullable<FuzzyDate>, introducers: Doc, status: CodeText,
        floating: Bool, flow_to: Nullable<Text>, lost_contact_on: Nullable<Date>, suspended_on: Nullable<Date>,
        removed_on: Nullable<Date>, dues_base: Nullable<Fen>, dues_rate: Nullable<Millionths>,
        dues_paid_until: Nullable<FuzzyDate>, restored_from: Nullable<FuzzyDate>, re_admitted: Bool,
        verified_by_archive: Bool,
    }
    eq {
        cadre_id: Uid, Uuid;
        party_organization_id: Uid, Uuid;
        formal: Bool, bool;
        status: CodeText, MembershipStatus;
        floating: Bool, bool;
    }
    range {}
    fuzzy { joined_on, converted_on, dues_paid_until }
    sort { joined_on: FuzzyDate, PartialDate; }
    search {}
    rules { crate::rules::party_membership }
}
