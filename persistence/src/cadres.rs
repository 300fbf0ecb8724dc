//! Retired cadres.
use domain::cadres::Cadre;
use domain::codes::*;
use domain::{DivisionCode, PartialDate};

crate::resource_store! {
    cadres: Cadre {
        name: Text, former_name: Nullable<Text>, sex: CodeText, birth_date: FuzzyDate, id_number: Nullable<Text>,
        ethnicity: CodeText, native_place: Nullable<Text>, marital_status: Nullable<CodeText>,
        education: Nullable<CodeText>, politics: Nullable<CodeText>, unit_id: Uid, retire_type: CodeText,
        status: CodeText, void_reason: Nullable<Text>, join_work_date: Nullable<FuzzyDate>,
        join_revolution_date: Nullable<FuzzyDate>, retire_date: Nullable<FuzzyDate>, died_on: Nullable<FuzzyDate>,
        post_at_retirement: Nullable<Text>, rank_code: Nullable<CodeText>, grade_code: Nullable<CodeText>,
        treatment_level: Nullable<CodeText>, treatment_doc: Nullable<Text>, settlement: CodeText,
        settled_place: Nullable<Text>, receiving_unit: Nullable<Text>, residence_address: Nullable<Text>,
        residence_division: Nullable<Division>, mobile: Nullable<Text>, landline: Nullable<Text>,
        emergency_contacts: Doc, health_code: Nullable<CodeText>, self_care: Nullable<CodeText>,
        living_arrangement: Nullable<CodeText>, disease_note: Nullable<Text>, bank_card: Nullable<Text>,
        specialties: Doc, hobbies: Doc, roles_played: Doc, archive_place: Nullable<Text>, special_groups: Doc,
        pension_socialised: Bool, local_medical_insurance: Bool, party_relation_local: Bool, archive_local: Bool,
    }
    eq {
        name: Text, String;
        sex: CodeText, Sex;
        ethnicity: CodeText, Ethnicity;
        politics: CodeText, Politics;
        unit_id: Uid, Uuid;
        retire_type: CodeText, RetireType;
        status: CodeText, CadreStatus;
        rank_code: CodeText, Rank;
        treatment_level: CodeText, TreatmentLevel;
        settlement: CodeText, Settlement;
        residence_division: Division, DivisionCode;
    }
    range {}
    fuzzy { birth_date, join_work_date, join_revolution_date, retire_date, died_on }
    sort { name: Text, String; birth_date: FuzzyDate, PartialDate; }
    search { name }
}
