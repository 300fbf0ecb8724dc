//! Retired cadres.
use domain::cadres::Cadre;

crate::resource_store! {
    cadres: Cadre { name, former_name, sex, birth_date, id_number, ethnicity, native_place, marital_status, education, politics, unit_id, retire_type, status, void_reason, join_work_date, join_revolution_date, retire_date, died_on, post_at_retirement, rank_code, grade_code, treatment_level, treatment_doc, settlement, settled_place, receiving_unit, residence_address, residence_division, mobile, landline, emergency_contacts, health_code, self_care, living_arrangement, disease_note, bank_card, specialties, hobbies, roles_played, archive_place, special_groups, pension_socialised, local_medical_insurance, party_relation_local, archive_local }
    filter { name, sex, ethnicity, politics, unit_id, retire_type, status, rank_code, treatment_level, settlement, residence_division, birth_date, join_work_date, join_revolution_date, retire_date, died_on }
    sort { name, birth_date }
    search { name }
}
