//! Honors of persons, organizations and units, the 50-year medal among them (荣誉).
use crate::codes::{HonorCategory, HonorKind, HonorLevel, HonorStatus};
use crate::resource::{Module, Reference, Resource};
use crate::{Findings, PartialDate, Rule, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// An honor, from candidate to award.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Honor {
    /// Kind.
    pub kind: HonorKind,
    /// The campaign it comes from. Needed for a commendation.
    pub campaign_id: Option<Uuid>,
    /// The category within the campaign. Needed for a commendation.
    pub category: Option<HonorCategory>,
    /// The person honored. Exactly one of the three subjects is given.
    pub cadre_id: Option<Uuid>,
    /// The party organization honored.
    pub party_organization_id: Option<Uuid>,
    /// The unit honored.
    pub unit_id: Option<Uuid>,
    /// Title as on the certificate.
    #[schema(min_length = 1, max_length = 100)]
    pub title: String,
    /// Level of the awarding body.
    pub level: HonorLevel,
    /// Awarding body.
    #[schema(max_length = 100)]
    pub issuer: Option<String>,
    /// When it was awarded. Needed in the state `awarded`.
    pub awarded_on: Option<PartialDate>,
    /// Number of the certificate.
    #[schema(max_length = 50)]
    pub certificate_no: Option<String>,
    /// Document that proves it.
    #[schema(max_length = 100)]
    pub evidence_doc: Option<String>,
    /// Where it stands.
    #[serde(default = "candidate")]
    pub status: HonorStatus,
}

fn candidate() -> HonorStatus {
    HonorStatus::Candidate
}

impl Resource for Honor {
    const NAME: &'static str = "honor";
    const PATH: &'static str = "honors";
    const TITLE: (&'static str, &'static str) = ("荣誉", "honor");
    const MODULE: Module = Module::Honors;
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference {
            field: "campaign_id",
            expand: "campaign",
            to: "commendation-campaigns",
            ids: |h| h.campaign_id.as_slice(),
        },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |h| h.cadre_id.as_slice() },
        Reference {
            field: "party_organization_id",
            expand: "party_organization",
            to: "party-organizations",
            ids: |h| h.party_organization_id.as_slice(),
        },
        Reference { field: "unit_id", expand: "unit", to: "units", ids: |h| h.unit_id.as_slice() },
    ];

    fn example() -> Self {
        Self {
            kind: HonorKind::Other,
            campaign_id: None,
            category: None,
            cadre_id: Some(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002)),
            party_organization_id: None,
            unit_id: None,
            title: "优秀共产党员".into(),
            level: HonorLevel::County,
            issuer: Some("中共单县县委".into()),
            awarded_on: PartialDate::parse("2021-06-28"),
            certificate_no: Some("2021-017".into()),
            evidence_doc: None,
            status: HonorStatus::Awarded,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let subjects = [self.cadre_id, self.party_organization_id, self.unit_id].iter().flatten().count();
        found.require(subjects == 1, "cadre_id", Rule::OneSubject);
        if self.kind == HonorKind::Party50Medal && self.cadre_id.is_none() {
            found.error("cadre_id", Rule::MedalSubject);
        }
        if self.kind == HonorKind::Commendation {
            found.require(self.campaign_id.is_some(), "campaign_id", Rule::CategoryRequired);
            found.require(self.category.is_some(), "category", Rule::CategoryRequired);
        }
        if self.status == HonorStatus::Awarded && self.awarded_on.is_none() {
            found.error("awarded_on", Rule::Required);
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        self.awarded_on
    }
}

impl Honor {
    /// Whether it takes a place of its campaign's quota: all but rejected ones do.
    pub fn takes_quota(&self) -> bool {
        self.status != HonorStatus::Rejected
    }
}
