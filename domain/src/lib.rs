//! The model of the work with retired cadres (离退休干部): what the records are, what makes one valid,
//! and the rules that need nothing but the record itself.
//!
//! No storage, no HTTP, no clock and no other I/O: a date that a rule depends on is an argument.
//!
//! * [`resource`]: what every resource says about itself; [`for_each_resource!`] is the registry.
//! * [`input`] turns JSON into records with every error at once; [`spec`] holds the published limits.
//! * [`catalogue`]: every problem and rule the server can name, in Chinese and English.
//! * [`mod@codes`]: the code sets; [`code`]: how one is defined.
//! * [`partial_date`], [`money`], [`division`], [`id_number`], [`uscc`]: values with rules of their own.
//! * [`mod@machine`]: records that move through states.
//! * one folder a module of resources: [`mod@reference`], [`cadres`], [`party`], [`honors`], [`benefits`],
//!   [`activities`], [`service`], [`education`], [`publicity`], [`staff`], [`administration`].
//! * [`reports`]: the figures of the annual report as data, how each is worded, the sentences around them.
//!   [`statistics`]: the statutory tables as data, and the sums that must hold in them.
//! * [`mod@exchange`]: records as rows of a table, with [`titles`] as headers. [`search`]: what a text is found by.
//! * [`policy`]: who may do what; [`mod@scope`]: to which records; [`own`]: what a cadre does with its own.
//!   [`push`]: what a client made offline; [`merge`]: how that meets what others made.

pub mod activities;
pub mod administration;
pub mod benefits;
pub mod cadres;
pub mod catalogue;
pub mod code;
pub mod codes;
pub mod division;
pub mod education;
pub mod exchange;
pub mod hex;
pub mod honors;
pub mod id_number;
pub mod input;
pub mod instant;
pub mod machine;
pub mod merge;
pub mod money;
pub mod own;
pub mod partial_date;
pub mod party;
pub mod policy;
pub mod publicity;
pub mod push;
pub mod reference;
pub mod reports;
pub mod resource;
pub mod scope;
pub mod search;
pub mod service;
pub mod spec;
pub mod staff;
pub mod statistics;
pub mod titles;
pub mod uscc;
pub mod violations;

pub use catalogue::{Language, Problem, Rule};
pub use chrono::{DateTime, NaiveDate, Utc};
pub use code::Code;
pub use division::DivisionCode;
pub use hex::hex;
pub use machine::{Gate, Machine, Step, Terms};
pub use money::{Money, Rate};
pub use own::Own;
pub use partial_date::PartialDate;
pub use resource::{
    Classified, FieldClass, Mask, Meta, Module, Record, Reference, Resource, View, Visibility, Written,
};
pub use scope::{Part, Scope};
pub use uuid::Uuid;
pub use violations::{Findings, Violation};

/// The registry: calls the macro with every resource type, in an order in which nothing refers to
/// something later (but to its own kind). Routes, contract, scopes, and the generic tests come from it.
#[macro_export]
macro_rules! for_each_resource {
    ($callback:ident) => {
        $callback! {
            $crate::reference::Division,
            $crate::reference::Unit,
            $crate::cadres::Cadre,
            $crate::cadres::CadreFamilyMember,
            $crate::cadres::CadreTransfer,
            $crate::cadres::Death,
            $crate::cadres::HonoraryRetirement,
            $crate::party::PartyOrganization,
            $crate::party::PartyTerm,
            $crate::party::PartyPost,
            $crate::party::PartyMembership,
            $crate::party::MembershipApplication,
            $crate::party::RelationTransfer,
            $crate::party::DuesPayment,
            $crate::party::ThemeDayItem,
            $crate::party::PartyMeeting,
            $crate::party::EvaluationScheme,
            $crate::party::Evaluation,
            $crate::honors::CommendationCampaign,
            $crate::honors::Honor,
            $crate::benefits::BenefitStandard,
            $crate::benefits::GuaranteeStatus,
            $crate::benefits::MedicalClaim,
            $crate::benefits::MedicalPoolEntry,
            $crate::benefits::GreenChannelCase,
            $crate::benefits::SanatoriumPlan,
            $crate::benefits::SanatoriumStay,
            $crate::benefits::CarePair,
            $crate::benefits::CareContact,
            $crate::benefits::Visit,
            $crate::benefits::HardshipScheme,
            $crate::benefits::HardshipCase,
            $crate::benefits::HealthCheckup,
            $crate::publicity::MediaAccount,
            $crate::publicity::Article,
            $crate::publicity::MediaReport,
            $crate::publicity::Consent,
            $crate::activities::Programme,
            $crate::activities::Team,
            $crate::activities::TeamMember,
            $crate::activities::Activity,
            $crate::activities::ActivitySignup,
            $crate::activities::Exhibition,
            $crate::activities::ExhibitionShowing,
            $crate::activities::ContestResult,
            $crate::activities::Wish,
            $crate::service::ServicePost,
            $crate::service::Volunteer,
            $crate::service::VolunteerService,
            $crate::education::SeniorUniversity,
            $crate::education::Class,
            $crate::education::Enrollment,
            $crate::education::PartnerAgreement,
            $crate::education::TeachingBase,
            $crate::education::Facility,
            $crate::education::FacilityProject,
            // Before the consents on which it rests: where two records of one person become one, an article names the
            // one that stays when the consents move to it.
            $crate::staff::StaffMember,
            $crate::staff::StaffTraining,
            $crate::staff::PolicyDocument,
            $crate::administration::User,
        }
    };
}

macro_rules! paths {
    ($($resource:ty),+ $(,)?) => {
        /// [`Resource::PATH`] of every resource, in the registry's order.
        pub const PATHS: &[&str] = &[$(<$resource as Resource>::PATH),+];
    };
}
for_each_resource!(paths);
