//! The code sets, one file a part of the model; `GET /codes` and `GET /codes/{set}` serve them.
//!
//! [`for_each_code!`](crate::for_each_code) is the one list of them: a set that is not in it exists
//! neither for the server nor for the store.
mod activities;
mod administration;
mod audit;
mod benefits;
mod cadres;
mod care;
mod education;
mod exchange;
mod honors;
mod life;
mod party;
mod people;
mod privacy;
mod publicity;
mod reference;
mod service;
mod staff;
mod sync;

pub use activities::*;
pub use administration::*;
pub use audit::*;
pub use benefits::*;
pub use cadres::*;
pub use care::*;
pub use education::*;
pub use exchange::*;
pub use honors::*;
pub use life::*;
pub use party::*;
pub use people::*;
pub use privacy::*;
pub use publicity::*;
pub use reference::*;
pub use service::*;
pub use staff::*;
pub use sync::*;

use crate::code::{CodeSet, code_set};

/// Calls another macro once with the type of every code set, separated by commas.
#[macro_export]
macro_rules! for_each_code {
    ($callback:ident) => {
        $callback! {
            $crate::codes::RevealPurpose,
            $crate::codes::ErasureReason,
            $crate::codes::ConsentPurpose,
            $crate::codes::Sex,
            $crate::codes::MaritalStatus,
            $crate::codes::HealthStatus,
            $crate::codes::Politics,
            $crate::codes::Education,
            $crate::codes::Ethnicity,
            $crate::codes::Rank,
            $crate::codes::Grade,
            $crate::codes::TreatmentLevel,
            $crate::codes::RetireType,
            $crate::codes::CadreStatus,
            $crate::codes::Settlement,
            $crate::codes::SelfCare,
            $crate::codes::LivingArrangement,
            $crate::codes::RevolutionPeriod,
            $crate::codes::SpecialGroup,
            $crate::codes::ContributionField,
            $crate::codes::FamilyRelation,
            $crate::codes::TransferDirection,
            $crate::codes::TransferReason,
            $crate::codes::TransferStatus,
            $crate::codes::DeathStatus,
            $crate::codes::DeathCircumstance,
            $crate::codes::GrantKind,
            $crate::codes::HonoraryRetirementStatus,
            $crate::codes::DuplicateReason,
            $crate::codes::PartyOrganizationKind,
            $crate::codes::PartyOrganizationStatus,
            $crate::codes::MembershipStatus,
            $crate::codes::PartyAgeRule,
            $crate::codes::PartyAgeState,
            $crate::codes::PartyTermStatus,
            $crate::codes::PartyPostRole,
            $crate::codes::ApplicationStatus,
            $crate::codes::RelationTransferStatus,
            $crate::codes::DuesKind,
            $crate::codes::DuesStatus,
            $crate::codes::PartyMeetingKind,
            $crate::codes::PartyMeetingMode,
            $crate::codes::ThemeItemKind,
            $crate::codes::EvaluationStatus,
            $crate::codes::CampaignKind,
            $crate::codes::CampaignStatus,
            $crate::codes::HonorLevel,
            $crate::codes::HonorKind,
            $crate::codes::HonorStatus,
            $crate::codes::HonorCategory,
            $crate::codes::CandidateState,
            $crate::codes::StandardKind,
            $crate::codes::ProgrammeMetric,
            $crate::codes::TargetOp,
            $crate::codes::ActivityKind,
            $crate::codes::ActivityTheme,
            $crate::codes::ActivityTopic,
            $crate::codes::VenueKind,
            $crate::codes::AudienceUnit,
            $crate::codes::AgeBand,
            $crate::codes::ActivityStatus,
            $crate::codes::SignupStatus,
            $crate::codes::TeamKind,
            $crate::codes::TeamRole,
            $crate::codes::ContestMetric,
            $crate::codes::WishStatus,
            $crate::codes::ServiceArea,
            $crate::codes::ServiceBody,
            $crate::codes::FiveElderKind,
            $crate::codes::VolunteerStatus,
            $crate::codes::ServiceEvaluation,
            $crate::codes::GuaranteeMechanism,
            $crate::codes::GuaranteeState,
            $crate::codes::EntitlementRule,
            $crate::codes::EntitlementState,
            $crate::codes::ClaimStatus,
            $crate::codes::PoolEntryKind,
            $crate::codes::GreenChannelNeed,
            $crate::codes::GreenChannelStatus,
            $crate::codes::SanatoriumMode,
            $crate::codes::SanatoriumPlanStatus,
            $crate::codes::SanatoriumStayStatus,
            $crate::codes::CarerKind,
            $crate::codes::CareContactKind,
            $crate::codes::CareNeed,
            $crate::codes::VisitOccasion,
            $crate::codes::VisitorLevel,
            $crate::codes::GiftKind,
            $crate::codes::HardshipApplicant,
            $crate::codes::HardshipCategory,
            $crate::codes::HardshipStatus,
            $crate::codes::SchoolKind,
            $crate::codes::SchoolLevel,
            $crate::codes::JointPartner,
            $crate::codes::CourseTopic,
            $crate::codes::ClassMode,
            $crate::codes::ClassStatus,
            $crate::codes::EnrollmentStatus,
            $crate::codes::BaseKind,
            $crate::codes::FacilityKind,
            $crate::codes::ProjectKind,
            $crate::codes::ProjectStatus,
            $crate::codes::PublicLevel,
            $crate::codes::MediaPlatform,
            $crate::codes::ArticleKind,
            $crate::codes::ArticleStatus,
            $crate::codes::WithdrawalReason,
            $crate::codes::StaffKind,
            $crate::codes::PolicyKind,
            $crate::codes::PolicyStatus,
            $crate::codes::PolicyTag,
            $crate::codes::DivisionLevel,
            $crate::codes::DivisionKind,
            $crate::codes::UnitKind,
            $crate::codes::UnitManagement,
            $crate::codes::Role,
            $crate::codes::Change,
            $crate::codes::OpAction,
            $crate::codes::OpStatus,
            $crate::codes::MergePolicy,
            $crate::codes::AuditKind,
            $crate::codes::AuditOutcome,
            $crate::codes::AuditFinding,
            $crate::codes::WitnessState,
            $crate::codes::JobState,
        }
    };
}

macro_rules! sets {
    ($($code:ty),+ $(,)?) => { &[$(code_set::<$code>()),+] };
}

/// Every code set, in the order of the model's parts.
pub const ALL: &[CodeSet] = for_each_code!(sets);

/// The code set of this name.
pub fn find(set: &str) -> Option<&'static CodeSet> {
    ALL.iter().find(|c| c.set == set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use std::collections::HashSet;

    #[test]
    fn every_set_is_listed_once_under_a_name_of_its_own() {
        let names: HashSet<_> = ALL.iter().map(|s| s.set).collect();
        assert_eq!(names.len(), ALL.len());
        assert_eq!(find("sex").unwrap().zh, Sex::ZH);
        assert!(find("no_such_set").is_none());
        // What the files define and what the list holds: a set forgotten in the list fails here.
        let files = [
            include_str!("activities.rs"),
            include_str!("administration.rs"),
            include_str!("audit.rs"),
            include_str!("benefits.rs"),
            include_str!("cadres.rs"),
            include_str!("care.rs"),
            include_str!("education.rs"),
            include_str!("exchange.rs"),
            include_str!("honors.rs"),
            include_str!("life.rs"),
            include_str!("party.rs"),
            include_str!("people.rs"),
            include_str!("privacy.rs"),
            include_str!("publicity.rs"),
            include_str!("reference.rs"),
            include_str!("service.rs"),
            include_str!("staff.rs"),
            include_str!("sync.rs"),
        ];
        // A set begins `Name "set" "中文" "English" "standard" {`: five parts in quotes and a brace.
        let begins = |l: &&str| l.ends_with(" {") && l.matches('"').count() == 8;
        let defined: usize = files.iter().map(|f| f.lines().filter(begins).count()).sum();
        assert_eq!(defined, ALL.len());
    }

    #[test]
    fn codes_and_labels_are_unique_and_written_in_their_language() {
        for set in ALL {
            let codes = (set.codes)();
            for part in [|c: &(_, _, _)| c.0, |c: &(&'static str, &'static str, &'static str)| c.1, |c: &(_, _, _)| c.2]
            {
                let different: HashSet<_> = codes.iter().map(part).collect();
                assert_eq!(different.len(), codes.len(), "{}", set.set);
            }
            let han = |s: &str| s.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            let snake = |s: &str| s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            assert!(snake(set.set) && han(set.zh) && set.en.is_ascii(), "{}", set.set);
            for (code, zh, en) in codes {
                assert!(snake(code) && !code.is_empty() && code.len() <= 40, "{}: {code}", set.set);
                assert!(han(zh) && !zh.trim().is_empty(), "{}: {zh}", set.set);
                assert!(en.is_ascii() && !en.trim().is_empty(), "{}: {en}", set.set);
            }
        }
    }

    #[test]
    fn a_code_reads_back_and_another_is_refused() {
        fn check<C: Code + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned>() {
            for c in C::ALL {
                let json = serde_json::to_string(c).unwrap();
                assert_eq!(json, format!("\"{}\"", c.as_str()));
                assert_eq!(serde_json::from_str::<C>(&json).unwrap(), *c);
            }
            assert!(serde_json::from_str::<C>("\"no such code\"").is_err());
        }
        macro_rules! check_all { ($($code:ty),+ $(,)?) => { $(check::<$code>();)+ }; }
        for_each_code!(check_all);
    }
}
