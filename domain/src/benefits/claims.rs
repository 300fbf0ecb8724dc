//! Medical expenses to be paid from the pool (医药费报销).
use super::{CADRE, check_order, check_positive, ymd};
use crate::cadres::CadreTie;
use crate::codes::{ClaimStatus, Role};
use crate::resource::{Classified, Mask, Module, Reference, Resource};
use crate::{Findings, Machine, Money, NaiveDate, Own, PartialDate, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// Medical expenses of a cadre on their way from the bill to the payment. Paying takes the amount from the pool of the
/// claim's division for the year of the payment.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MedicalClaim {
    /// The cadre.
    pub cadre_id: Uuid,
    /// Where the cadre was treated.
    #[schema(min_length = 2, max_length = 100)]
    pub hospital: String,
    /// First day of the treatment.
    pub period_from: NaiveDate,
    /// Last day of the treatment. What lies after a death is not paid.
    pub period_to: NaiveDate,
    /// What is claimed, in yuan.
    pub amount: Money,
    /// Bills and records: the SHA-256 of each file.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub documents: Vec<String>,
    /// When it was submitted.
    pub submitted_on: NaiveDate,
    /// When it was audited.
    pub audited_on: Option<NaiveDate>,
    /// What the audit allows, in yuan; at most what is claimed. This is what is paid.
    pub allowed_amount: Option<Money>,
    /// When it was approved.
    pub approved_on: Option<NaiveDate>,
    /// When it was paid.
    pub paid_on: Option<NaiveDate>,
    /// The document of the payment.
    #[schema(max_length = 100)]
    pub document_no: Option<String>,
    /// Why it was returned, rejected or refunded. Needed there.
    #[schema(max_length = 500)]
    pub decision: Option<String>,
    /// Where it stands.
    #[serde(default = "submitted")]
    pub status: ClaimStatus,
}

fn submitted() -> ClaimStatus {
    ClaimStatus::Submitted
}

impl MedicalClaim {
    /// Whether somebody has still to do something about it.
    pub fn is_open(&self) -> bool {
        use ClaimStatus::{Approved, Audited, Returned, Submitted};
        matches!(self.status, Submitted | Audited | Approved | Returned)
    }
}

/// Who decides about public money.
const DECIDE: &[Role] = &[Role::CityAdmin, Role::CountyAdmin];

impl Resource for MedicalClaim {
    const NAME: &'static str = "medical_claim";
    const PATH: &'static str = "medical-claims";
    const TITLE: (&'static str, &'static str) = ("医药费报销", "medical claim");
    const MODULE: Module = Module::Benefits;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: ClaimStatus {
        "audit" "审核" "Audit": [Submitted] => Audited,
            Terms::none().who(DECIDE).sets(&["audited_on", "allowed_amount"]).needs(&["audited_on", "allowed_amount"]);
        "approve" "批准" "Approve": [Audited] => Approved,
            Terms::none().who(DECIDE).sets(&["approved_on"]).needs(&["approved_on"]);
        "pay" "支付" "Pay from the pool": [Approved] => Paid,
            Terms::none().who(DECIDE).sets(&["paid_on", "document_no"]).needs(&["paid_on"]).also(&[Rule::PoolBalance]);
        "return" "退回补充" "Return to be completed": [Submitted, Audited, Approved] => Returned,
            Terms::none().who(DECIDE).sets(&["decision"]).needs(&["decision"]);
        "resubmit" "重新提交" "Submit again": [Returned] => Submitted,
            Terms::none().sets(&["hospital", "period_from", "period_to", "amount", "documents", "submitted_on"]);
        "reject" "不予报销" "Reject": [Submitted, Audited] => Rejected,
            Terms::none().who(DECIDE).sets(&["decision"]).needs(&["decision"]);
        "refund" "退款" "Take a payment back that was made in error": [Paid] => Refunded,
            Terms::none().who(DECIDE).sets(&["decision"]).needs(&["decision"]);
    }));
    const CLASSES: &'static [Classified] = &[
        Classified::personal("hospital"),
        Classified::personal("amount"),
        Classified::personal("allowed_amount"),
        Classified::personal("documents"),
        Classified::sensitive("decision", Mask::All),
    ];
    const FILES: &'static [&'static str] = &["documents"];
    const OWN: Own =
        Own::gives(&["cadre_id", "hospital", "period_from", "period_to", "amount", "documents", "submitted_on"])
            .changes(&["hospital", "period_from", "period_to", "amount", "documents"])
            .steps(&["resubmit"]);
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |c| std::slice::from_ref(&c.cadre_id) }];
    // What lies before a death stays payable, so that a death ends nothing here.
    const TIE: Option<&'static CadreTie<Self>> =
        Some(&CadreTie { moves: true, open: Self::is_open, ..CadreTie::NOTHING });

    fn example() -> Self {
        Self {
            cadre_id: CADRE,
            hospital: "菏泽市某某医院".into(),
            period_from: ymd(2021, 3, 1),
            period_to: ymd(2021, 3, 12),
            amount: Money(1_286_050),
            documents: vec![],
            submitted_on: ymd(2021, 3, 20),
            audited_on: None,
            allowed_amount: None,
            approved_on: None,
            paid_on: None,
            document_no: None,
            decision: None,
            status: ClaimStatus::Submitted,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        use ClaimStatus::{Approved, Audited, Paid, Refunded, Rejected, Returned};
        check_positive("amount", Some(self.amount), found);
        check_positive("allowed_amount", self.allowed_amount, found);
        if self.allowed_amount.is_some_and(|allowed| allowed > self.amount) {
            let over = Violation::new("allowed_amount", Rule::NotMoreThan).with("other", "amount");
            found.push(over.with("max", self.amount));
        }
        check_order(found, ("period_from", Some(self.period_from)), ("period_to", Some(self.period_to)));
        check_order(found, ("period_from", Some(self.period_from)), ("submitted_on", Some(self.submitted_on)));
        check_order(found, ("audited_on", self.audited_on), ("approved_on", self.approved_on));
        check_order(found, ("approved_on", self.approved_on), ("paid_on", self.paid_on));
        let decided = matches!(self.status, Audited | Approved | Paid | Refunded);
        found.require(!decided || self.audited_on.is_some(), "audited_on", Rule::Required);
        found.require(!decided || self.allowed_amount.is_some(), "allowed_amount", Rule::Required);
        let approved = matches!(self.status, Approved | Paid | Refunded);
        found.require(!approved || self.approved_on.is_some(), "approved_on", Rule::Required);
        let paid = matches!(self.status, Paid | Refunded);
        found.require(!paid || self.paid_on.is_some(), "paid_on", Rule::Required);
        let told = matches!(self.status, Returned | Rejected | Refunded);
        found.require(!told || self.decision.is_some(), "decision", Rule::Required);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.submitted_on))
    }
}
