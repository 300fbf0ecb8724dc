//! Honors of persons, organizations and units, the 50-year medal among them (荣誉).
use crate::cadres::CadreTie;
use crate::codes::{HonorCategory, HonorKind, HonorLevel, HonorStatus};
use crate::resource::{Module, Reference, Resource};
use crate::violations::in_order;
use crate::{Findings, Gate, Machine, NaiveDate, PartialDate, Rule, Step, Terms, Uuid, Violation};
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
    /// More that proves it: certificates, photographs, reports, where they are kept.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub evidence: Vec<Evidence>,
    /// Awarded by a body outside this system, on whose word it stands here. Needs a proof.
    #[serde(default)]
    pub external: bool,
    /// When the branch verified the party age, or the nomination.
    pub verified_on: Option<NaiveDate>,
    /// When the township or basic committee recommended it.
    pub recommended_on: Option<NaiveDate>,
    /// When the organization department reviewed it.
    pub reviewed_on: Option<NaiveDate>,
    /// The bodies that were asked, such as those of discipline inspection.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub consulted: Vec<String>,
    /// Why it was questioned, deferred, rejected or decided so.
    #[schema(max_length = 200)]
    pub decision_reason: Option<String>,
    /// Where it stands.
    #[serde(default = "candidate")]
    pub status: HonorStatus,
}

/// Something that proves an honor.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What it is.
    #[schema(min_length = 1, max_length = 100)]
    pub title: String,
    /// Its number.
    #[schema(max_length = 50)]
    pub document_no: Option<String>,
    /// Where it is kept.
    #[schema(max_length = 200)]
    pub kept_at: Option<String>,
}

fn candidate() -> HonorStatus {
    HonorStatus::Candidate
}

impl Resource for Honor {
    const NAME: &'static str = "honor";
    const PATH: &'static str = "honors";
    const TITLE: (&'static str, &'static str) = ("荣誉", "honor");
    const MODULE: Module = Module::Honors;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: HonorStatus {
        "verify" "党支部核实" "Verify by the branch": [Candidate, NeedsReview] => BranchVerified,
            Terms::none().sets(&["verified_on", "evidence", "evidence_doc"]);
        "recommend" "党委推荐" "Recommend by the committee": [BranchVerified] => CommitteeRecommended,
            Terms::none().sets(&["recommended_on"]);
        "review" "组织部门审核" "Review by the organization department": [CommitteeRecommended] => DeptReviewed,
            Terms::none().sets(&["reviewed_on", "consulted"]);
        "award" "授予" "Award": [Candidate, DeptReviewed, NeedsDecision] => Awarded,
            Terms::none()
                .sets(&["awarded_on", "certificate_no", "issuer", "evidence", "evidence_doc"])
                .needs(&["awarded_on"])
                .gates(&[Gate { rule: Rule::MedalSteps, shut: not_reviewed }])
                .also(&[Rule::CampaignState]);
        "question" "存疑" "Question": [Candidate, BranchVerified, CommitteeRecommended, DeptReviewed] => NeedsReview,
            Terms::none().sets(&["decision_reason"]).needs(&["decision_reason"]);
        "defer" "提请研究" "Put to a decision": [CommitteeRecommended, DeptReviewed] => NeedsDecision,
            Terms::none().sets(&["decision_reason"]).needs(&["decision_reason"]);
        "reject" "不予授予" "Reject":
            [Candidate, BranchVerified, CommitteeRecommended, DeptReviewed, NeedsReview, NeedsDecision] => Rejected,
            Terms::none().sets(&["decision_reason"]).needs(&["decision_reason"]);
    }));
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        moves: true,
        open: |h| h.on_the_way(),
        // Whether one who died between approval and ceremony gets the medal is for people to decide.
        ends: |h, _| {
            if h.kind == HonorKind::Party50Medal && h.on_the_way() && h.status != HonorStatus::NeedsReview {
                h.status = HonorStatus::NeedsDecision;
            }
        },
        ..CadreTie::NOTHING
    });
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
            awarded_on: None,
            certificate_no: None,
            evidence_doc: None,
            evidence: vec![Evidence {
                title: "荣誉证书扫描件".into(),
                document_no: None,
                kept_at: Some("单县档案馆".into()),
            }],
            external: false,
            verified_on: None,
            recommended_on: None,
            reviewed_on: None,
            consulted: vec![],
            decision_reason: None,
            status: HonorStatus::Candidate,
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
        if self.external && self.evidence.is_empty() && self.evidence_doc.is_none() {
            found.error("evidence_doc", Rule::ProofRequired);
        }
        let steps = [
            ("verified_on", self.verified_on),
            ("recommended_on", self.recommended_on),
            ("reviewed_on", self.reviewed_on),
        ];
        in_order(&steps, found);
        if self.status == HonorStatus::Awarded && self.awarded_on.is_none() {
            found.error("awarded_on", Rule::Required);
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        self.awarded_on
    }
}

/// A medal is awarded when the three bodies have looked at it, or people have decided (中组部 2021).
fn not_reviewed(step: &Step<'_, Honor>) -> Option<Violation> {
    let skips = step.before.kind == HonorKind::Party50Medal && step.before.status == HonorStatus::Candidate;
    skips.then(|| Violation::new("status", Rule::MedalSteps).with("state", step.before.status))
}

impl Honor {
    /// Whether it is neither awarded nor rejected.
    pub fn on_the_way(&self) -> bool {
        !matches!(self.status, HonorStatus::Awarded | HonorStatus::Rejected)
    }
    /// Whether it takes a place of its campaign's quota: all but rejected ones do.
    pub fn takes_quota(&self) -> bool {
        self.status != HonorStatus::Rejected
    }
}
