//! Party organizations, how they are led, and their members.
use crate::conn::Conn;
use crate::error::Result;
use crate::query::Query;
use crate::store::Store;
use domain::codes::PartyPostRole;
use domain::party::{
    DuesPayment, Evaluation, EvaluationScheme, MembershipApplication, PartyMeeting, PartyMembership, PartyOrganization,
    PartyPost, PartyTerm, RelationTransfer, ThemeDayItem,
};
use domain::{NaiveDate, Scope, Uuid};

crate::resource_store! {
    party_organizations: PartyOrganization { name, kind, is_functional, parent_id, unit_id, joint_unit_ids, compound_name, established_on, standardization_level, group_count, retired_only, mixed_with_active, village_or_community, merged_into_id, ended_on, status }
    filter { name, kind, status, is_functional, parent_id, unit_id, established_on }
    sort { name }
    search { name }
    rules { crate::rules::party_organization }
}

crate::resource_store! {
    party_terms: PartyTerm { party_organization_id, term_no, elected_on, term_years, due_on, extended_until, ends_on, approval_doc, seats, eligible, excused, attendance, candidates, outcome, status }
    filter { party_organization_id, status, elected_on, due_on, ends_on }
    sort { term_no }
    search {}
    fills { crate::fills::party_term }
    rules { crate::rules::party_term }
    effects { crate::effects::party_term }
}

crate::resource_store! {
    party_posts: PartyPost { party_organization_id, cadre_id, role, started_on, ended_on, party_term_id }
    filter { party_organization_id, cadre_id, role, started_on, ended_on, party_term_id }
    sort { started_on }
    search {}
    rules { crate::rules::party_post }
}

crate::resource_store! {
    party_memberships: PartyMembership { cadre_id, party_organization_id, formal, joined_on, approved_on, converted_on, introducers, status, floating, flow_to, lost_contact_on, suspended_on, removed_on, dues_base, dues_rate, dues_paid_until, restored_from, re_admitted, verified_by_archive }
    filter { cadre_id, party_organization_id, formal, status, floating, joined_on, converted_on, lost_contact_on, suspended_on, dues_paid_until }
    sort { joined_on }
    search {}
    rules { crate::rules::party_membership }
}

crate::resource_store! {
    membership_applications: MembershipApplication { cadre_id, name, birth_date, party_organization_id, applied_on, talk_on, activist_on, mentor_ids, reviews, target_on, introducer_ids, political_review_on, training_hours, pre_review_on, meeting_on, admission, special_approval, approved_on, extension_months, probation_until, conversion_meeting_on, conversion, conversion_approved_on, converted_on, ended_on, end_reason, status }
    filter { cadre_id, party_organization_id, status, applied_on, talk_on, activist_on, target_on, meeting_on, probation_until, conversion_meeting_on }
    sort { applied_on }
    search { name }
    rules { crate::rules::membership_application }
    effects { crate::effects::membership_application }
}

crate::resource_store! {
    relation_transfers: RelationTransfer { party_membership_id, cadre_id, from_organization_id, to_organization_id, to_outside, letter_no, issued_on, valid_days, expires_on, dues_paid_to, accepted_on, receipt_on, return_reason, reissue_of_id, status }
    filter { party_membership_id, cadre_id, from_organization_id, to_organization_id, letter_no, status, issued_on, expires_on }
    sort { issued_on }
    search { letter_no }
    fills { crate::fills::relation_transfer }
    rules { crate::rules::relation_transfer }
    effects { crate::effects::relation_transfer }
}

crate::resource_store! {
    dues_payments: DuesPayment { cadre_id, party_organization_id, kind, period_from, period_to, base, rate, amount, reduction_reason, paid_on, receipt_no, donor_summary, forwarded_on, remitted_on, central_receipt_on, delivered_on, status }
    filter { cadre_id, party_organization_id, kind, status, paid_on, amount, period_from, period_to }
    sort { paid_on }
    search {}
    fills { crate::fills::dues_payment }
    rules { crate::rules::dues_payment }
}

crate::resource_store! {
    theme_day_items: ThemeDayItem { name, kind, position, valid_from, valid_to, document_no }
    filter { kind, valid_from, valid_to }
    sort { position }
    search { name }
}

crate::resource_store! {
    party_meetings: PartyMeeting { party_organization_id, kind, held_on, theme, items, should_attend, attended, home_delivered, excluded_reason, mode, minutes }
    filter { party_organization_id, kind, held_on, mode }
    sort { held_on }
    search { theme }
    rules { crate::rules::party_meeting }
}

crate::resource_store! {
    evaluation_schemes: EvaluationScheme { name, year, dimensions, veto_items, document_no }
    filter { year }
    sort { year }
    search { name }
    rules { crate::rules::evaluation_scheme }
}

crate::resource_store! {
    evaluations: Evaluation { evaluation_scheme_id, party_organization_id, self_scores, scores, vetoes, total, vetoed, synced_plan, synced_assessment, synced_reward, remark, status }
    filter { evaluation_scheme_id, party_organization_id, status, vetoed, total }
    sort {}
    search {}
    fills { crate::fills::evaluation }
    rules { crate::rules::evaluation }
}

/// Whether somebody holds the post of a secretary on a day, in whatever organization.
///
/// # Errors
/// What the database says.
pub fn is_secretary(conn: &mut Conn, cadre: Uuid, day: NaiveDate) -> Result<bool> {
    let posts = PartyPost::list(conn, &Scope::System, &Query::by("cadre_id", cadre, 500))?.items;
    Ok(posts.iter().any(|p| p.data.role == PartyPostRole::Secretary && p.data.held_on(day)))
}
