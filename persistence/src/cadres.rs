//! Retired cadres, and what happens to them.
use domain::cadres::{Cadre, CadreFamilyMember, CadreTransfer, Death, HonoraryRetirement};

crate::resource_store! {
    cadres: Cadre { name, former_name, sex, birth_date, id_number, ethnicity, native_place, marital_status, education, politics, unit_id, retire_type, status, void_reason, join_work_date, join_revolution_date, retire_date, died_on, post_at_retirement, rank_code, grade_code, treatment_level, treatment_doc, settlement, settled_place, receiving_unit, residence_address, residence_division, mobile, landline, emergency_contacts, health_code, self_care, living_arrangement, disease_note, bank_card, specialties, hobbies, roles_played, archive_place, special_groups, pension_socialised, local_medical_insurance, party_relation_local, archive_local }
    filter { name, sex, ethnicity, politics, unit_id, retire_type, status, rank_code, treatment_level, settlement, residence_division, birth_date, join_work_date, join_revolution_date, retire_date, died_on }
    sort { name, birth_date }
    search { name, former_name, mobile, landline }
    effects { crate::effects::cadre, when crate::effects::dies }
}

crate::resource_store! {
    cadre_family_members: CadreFamilyMember { cadre_id, relation, name, sex, born_on, politics, work_unit, phone, alive, died_on, dependent, health_note }
    filter { cadre_id, relation, alive, dependent }
    sort { name }
    search { name, phone }
}

crate::resource_store! {
    cadre_transfers: CadreTransfer { cadre_id, cadre_name, direction, reason, from_unit_id, to_division, to_unit_id, outside_place, paying_unit_after, letter_no, applied_on, approved_on, accepted_on, effective_date, handover_ack, handover_note, closing_reason, status }
    filter { cadre_id, direction, reason, from_unit_id, to_division, to_unit_id, status, applied_on, effective_date }
    sort { applied_on }
    search { cadre_name }
    rules { crate::rules::cadre_transfer }
    effects { crate::effects::cadre_transfer, when crate::effects::sets_out }
}

crate::resource_store! {
    deaths: Death { cadre_id, died_on, circumstance, cause, place, reported_by, reported_on, grants, survivors, closing_reason, status }
    filter { cadre_id, circumstance, status, died_on, reported_on }
    sort { died_on }
    search {}
    rules { crate::rules::death }
    effects { crate::effects::death, when crate::effects::confirms }
}

crate::resource_store! {
    honorary_retirements: HonoraryRetirement { cadre_id, effective_date, checklist, certificate_no, branch_joined_on, ceremony_on, status }
    filter { cadre_id, effective_date, status }
    sort { effective_date }
    search {}
}
