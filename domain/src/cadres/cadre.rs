//! A retired cadre (离退休干部).
use crate::codes::*;
use crate::resource::{Classified, Mask, Module, Reference, Resource};
use crate::{DivisionCode, Findings, Machine, PartialDate, Rule, Terms, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A retired cadre. Age, revolutionary period and party age are derived, never stored.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cadre {
    /// Name.
    #[schema(min_length = 2, max_length = 50)]
    pub name: String,
    /// Former name.
    #[schema(max_length = 50)]
    pub former_name: Option<String>,
    /// Sex (GB/T 2261.1). Taken from the ID number when it is unknown.
    #[serde(default = "unknown_sex")]
    pub sex: Sex,
    /// Birth date as the archive has it; it may differ from the one in the ID number.
    pub birth_date: PartialDate,
    /// Citizen ID number (GB 11643). A 15-digit one is upgraded. Unique among living records.
    #[schema(max_length = 18)]
    pub id_number: Option<String>,
    /// Ethnic group (GB/T 3304).
    pub ethnicity: Ethnicity,
    /// Native place.
    #[schema(max_length = 100)]
    pub native_place: Option<String>,
    /// Marital status (GB/T 2261.2).
    pub marital_status: Option<MaritalStatus>,
    /// Education (GB/T 4658).
    pub education: Option<Education>,
    /// Political affiliation (GB/T 4762).
    pub politics: Option<Politics>,
    /// The unit that pays and manages the cadre.
    pub unit_id: Uuid,
    /// Kind of retirement: `lixiu` for those who joined before the founding of the republic.
    pub retire_type: RetireType,
    /// Where the record stands.
    #[serde(default = "in_care")]
    pub status: CadreStatus,
    /// Why the record is void.
    #[schema(max_length = 200)]
    pub void_reason: Option<String>,
    /// When the cadre began to work.
    pub join_work_date: Option<PartialDate>,
    /// When the cadre joined revolutionary work. Needed for `lixiu`, 1949-09-30 at the latest.
    pub join_revolution_date: Option<PartialDate>,
    /// When the cadre retired. Needed unless the status is `pre_registered`.
    pub retire_date: Option<PartialDate>,
    /// Date of death; given exactly when the status is `deceased`.
    pub died_on: Option<PartialDate>,
    /// Post at retirement.
    #[schema(max_length = 100)]
    pub post_at_retirement: Option<String>,
    /// Rank at retirement (GB/T 12407).
    pub rank_code: Option<Rank>,
    /// Parallel grade (2018 Civil Servant Law).
    pub grade_code: Option<Grade>,
    /// Level of treatment enjoyed.
    pub treatment_level: Option<TreatmentLevel>,
    /// Document that approved the treatment.
    #[schema(max_length = 100)]
    pub treatment_doc: Option<String>,
    /// Settled here or elsewhere; one settled elsewhere is still counted by the paying unit.
    #[serde(default = "local")]
    pub settlement: Settlement,
    /// Where the cadre settled.
    #[schema(max_length = 100)]
    pub settled_place: Option<String>,
    /// Unit that takes care of the cadre there.
    #[schema(max_length = 100)]
    pub receiving_unit: Option<String>,
    /// Residence.
    #[schema(max_length = 200)]
    pub residence_address: Option<String>,
    /// Division of the residence.
    pub residence_division: Option<DivisionCode>,
    /// Mobile number.
    #[schema(pattern = r"^1[3-9]\d{9}$")]
    pub mobile: Option<String>,
    /// Landline number with area code.
    #[schema(pattern = r"^0\d{2,3}-?\d{7,8}$")]
    pub landline: Option<String>,
    /// Whom to call.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub emergency_contacts: Vec<EmergencyContact>,
    /// Health (GB/T 2261.3).
    pub health_code: Option<HealthStatus>,
    /// Ability to care for oneself.
    pub self_care: Option<SelfCare>,
    /// With whom the cadre lives.
    pub living_arrangement: Option<LivingArrangement>,
    /// Illnesses.
    #[schema(max_length = 1000)]
    pub disease_note: Option<String>,
    /// Bank card for payments.
    #[schema(pattern = r"^\d{12,19}$")]
    pub bank_card: Option<String>,
    /// Special skills.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub specialties: Vec<String>,
    /// Hobbies.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub hobbies: Vec<String>,
    /// Fields in which the cadre contributes.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub roles_played: Vec<ContributionField>,
    /// Where the archive is kept.
    #[schema(max_length = 100)]
    pub archive_place: Option<String>,
    /// Groups that need special care.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub special_groups: Vec<SpecialGroup>,
    /// Pension paid by social insurance.
    #[serde(default)]
    pub pension_socialised: bool,
    /// In the local medical insurance.
    #[serde(default)]
    pub local_medical_insurance: bool,
    /// Party relation is local.
    #[serde(default)]
    pub party_relation_local: bool,
    /// Archive is local.
    #[serde(default)]
    pub archive_local: bool,
}

/// Whom to call in an emergency.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyContact {
    /// Name.
    #[schema(min_length = 1, max_length = 50)]
    pub name: String,
    /// Relation to the cadre.
    #[schema(max_length = 20)]
    pub relation: Option<String>,
    /// Telephone number.
    #[schema(pattern = r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$")]
    pub phone: String,
}

/// Who answers for a division.
const ADMINS: &[Role] = &[Role::CityAdmin, Role::CountyAdmin];

fn unknown_sex() -> Sex {
    Sex::Unknown
}
fn in_care() -> CadreStatus {
    CadreStatus::InCare
}
fn local() -> Settlement {
    Settlement::Local
}

impl Resource for Cadre {
    const NAME: &'static str = "cadre";
    const PATH: &'static str = "cadres";
    const TITLE: (&'static str, &'static str) = ("离退休干部", "retired cadre");
    const MODULE: Module = Module::Cadres;
    const KEYS: &'static [&'static str] = &["id_number"];
    const NAMES: &'static [&'static str] = &["name"];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "unit_id", expand: "unit", to: "units", ids: |c| std::slice::from_ref(&c.unit_id) }];
    const MERGES: bool = true;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: CadreStatus {
        "register" "转为在管" "Take into care": [PreRegistered] => InCare,
            Terms::none().sets(&["retire_date", "unit_id"]).needs(&["retire_date"]);
        "leave" "补录转出" "Note that the cadre left long ago, without a transfer here": [InCare] => TransferredOut,
            Terms::none().who(ADMINS);
        "return" "补录转回" "Note that the cadre is back": [TransferredOut] => InCare, Terms::none().who(ADMINS);
        "mark-deceased" "记为去世" "Note the death": [PreRegistered, InCare, TransferPending, TransferredOut] => Deceased,
            Terms::none().sets(&["died_on"]).needs(&["died_on"]);
        "correct-death" "更正去世" "Correct a death that was noted in error": [Deceased] => InCare,
            Terms::none().who(ADMINS).sets(&["died_on"]).also(&[Rule::SettledByDeath]);
        "void" "作废" "Void": [PreRegistered, InCare, TransferredOut, Deceased] => Void,
            Terms::none().sets(&["void_reason", "died_on"]).needs(&["void_reason"]);
        "restore" "恢复" "Restore what was void": [Void] => InCare,
            Terms::none().who(ADMINS).sets(&["void_reason", "retire_date"]);
    }));
    const CLASSES: &'static [Classified] = &[
        Classified::personal("name"),
        Classified::personal("former_name"),
        Classified::personal_as("birth_date", Mask::First(4)),
        Classified::sensitive("id_number", Mask::After(14)).found_by("id_number_index"),
        Classified::personal("residence_address"),
        Classified::personal("mobile"),
        Classified::personal("landline"),
        Classified::personal("emergency_contacts"),
        Classified::sensitive("health_code", Mask::Drop),
        Classified::sensitive("self_care", Mask::Drop),
        Classified::personal("living_arrangement"),
        Classified::sensitive("disease_note", Mask::All),
        Classified::sensitive("bank_card", Mask::All),
        Classified::personal("special_groups"),
    ];
    const MERGING: &'static [(&'static str, MergePolicy)] = &[
        // Decided by the organization departments above the county.
        ("retire_type", MergePolicy::CityWins),
        ("rank_code", MergePolicy::CityWins),
        ("grade_code", MergePolicy::CityWins),
        ("treatment_level", MergePolicy::CityWins),
        ("treatment_doc", MergePolicy::CityWins),
        // Known best to those who visit.
        ("emergency_contacts", MergePolicy::CountyWins),
        ("self_care", MergePolicy::CountyWins),
        ("living_arrangement", MergePolicy::CountyWins),
        ("special_groups", MergePolicy::CountyWins),
        ("specialties", MergePolicy::CountyWins),
        ("hobbies", MergePolicy::CountyWins),
        ("roles_played", MergePolicy::CountyWins),
        // The newest is the true one.
        ("mobile", MergePolicy::LatestObserved),
        ("landline", MergePolicy::LatestObserved),
        ("health_code", MergePolicy::LatestObserved),
    ];

    fn example() -> Self {
        let date = |t: &str| PartialDate::parse(t);
        Self {
            name: "孔令文".into(),
            former_name: None,
            sex: Sex::Male,
            birth_date: date("1930-05-12").unwrap_or_else(|| PartialDate::day(crate::NaiveDate::MIN)),
            id_number: Some("372901193005120015".into()),
            ethnicity: Ethnicity::Han,
            native_place: Some("山东单县".into()),
            marital_status: Some(MaritalStatus::Married),
            education: Some(Education::Secondary),
            politics: Some(Politics::CpcMember),
            unit_id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001),
            retire_type: RetireType::Lixiu,
            status: CadreStatus::InCare,
            void_reason: None,
            join_work_date: date("1947-03"),
            join_revolution_date: date("1947-03"),
            retire_date: date("1990-06"),
            died_on: None,
            post_at_retirement: Some("局长".into()),
            rank_code: Some(Rank::DivisionHead),
            grade_code: None,
            treatment_level: Some(TreatmentLevel::County),
            treatment_doc: Some("菏干〔1990〕12号".into()),
            settlement: Settlement::Local,
            settled_place: None,
            receiving_unit: None,
            residence_address: Some("单县向阳小区1号楼".into()),
            residence_division: DivisionCode::parse("371722"),
            mobile: Some("13800000001".into()),
            landline: Some("0530-1234567".into()),
            emergency_contacts: vec![EmergencyContact {
                name: "孔小文".into(),
                relation: Some("子".into()),
                phone: "13800000002".into(),
            }],
            health_code: Some(HealthStatus::Fair),
            self_care: Some(SelfCare::Able),
            living_arrangement: Some(LivingArrangement::Spouse),
            disease_note: Some("高血压".into()),
            bank_card: Some("6200000000000000001".into()),
            specialties: vec!["书法".into()],
            hobbies: vec!["门球".into()],
            roles_played: vec![ContributionField::SocialGovernance],
            archive_place: Some("单县档案馆".into()),
            special_groups: vec![],
            pension_socialised: false,
            local_medical_insurance: true,
            party_relation_local: true,
            archive_local: true,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        super::check::check(self, found);
    }
}
