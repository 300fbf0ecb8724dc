//! Transfers of cadres between units, counties, and the world outside (转接).
use super::tie::CadreTie;
use crate::codes::{TransferDirection, TransferReason, TransferStatus};
use crate::resource::{Classified, Module, Reference, Resource, Visibility};
use crate::violations::in_order;
use crate::{DivisionCode, Findings, Machine, NaiveDate, Rule, Terms, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A transfer. It belongs to the giving division, and both sides see it. Until it is done the giving unit answers for
/// the cadre and counts it (统计归属转出单位).
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CadreTransfer {
    /// The cadre.
    pub cadre_id: Uuid,
    /// The cadre's name as in the letter of introduction: the receiving side does not see the cadre's record before
    /// the transfer is done.
    #[schema(min_length = 2, max_length = 50)]
    pub cadre_name: String,
    /// Direction.
    pub direction: TransferDirection,
    /// Why.
    pub reason: TransferReason,
    /// The giving unit. Needed unless the cadre comes from outside.
    pub from_unit_id: Option<Uuid>,
    /// The receiving division, which sees the transfer. Needed for `internal`.
    pub to_division: Option<DivisionCode>,
    /// The receiving unit, named by the side that accepts. Needed from `to_accepted` on, unless the cadre leaves.
    pub to_unit_id: Option<Uuid>,
    /// Where outside this system the cadre goes or comes from. Needed for `out` and `in`.
    #[schema(max_length = 100)]
    pub outside_place: Option<String>,
    /// Who pays afterwards.
    #[schema(max_length = 100)]
    pub paying_unit_after: Option<String>,
    /// Number of the letter of introduction.
    #[schema(max_length = 50)]
    pub letter_no: Option<String>,
    /// When it was applied for.
    pub applied_on: NaiveDate,
    /// When the giving side approved.
    pub approved_on: Option<NaiveDate>,
    /// When the receiving side accepted.
    pub accepted_on: Option<NaiveDate>,
    /// The first day on which the receiving unit answers for the cadre. Needed when it is done.
    pub effective_date: Option<NaiveDate>,
    /// The receiving side takes over what is still open with the giving side.
    #[serde(default)]
    pub handover_ack: bool,
    /// What is handed over, and how.
    #[schema(max_length = 500)]
    pub handover_note: Option<String>,
    /// Why it was rejected or cancelled. Needed there.
    #[schema(max_length = 200)]
    pub closing_reason: Option<String>,
    /// Where it stands.
    #[serde(default = "draft")]
    pub status: TransferStatus,
}

fn draft() -> TransferStatus {
    TransferStatus::Draft
}

impl Resource for CadreTransfer {
    const NAME: &'static str = "cadre_transfer";
    const PATH: &'static str = "cadre-transfers";
    const TITLE: (&'static str, &'static str) = ("干部转接", "cadre transfer");
    const MODULE: Module = Module::Cadres;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: TransferStatus {
        "submit" "提交" "Submit": [Draft] => Submitted, Terms::none().sets(&["letter_no"]).also(&[Rule::CadreState]);
        "approve" "转出方批准" "Approve by the giving side": [Submitted] => FromApproved,
            Terms::none().sets(&["approved_on", "letter_no", "effective_date"]).also(&[Rule::OtherSide]);
        "accept" "转入方接收" "Accept by the receiving side": [FromApproved] => ToAccepted,
            Terms::none()
                .sets(&["to_unit_id", "accepted_on", "effective_date", "paying_unit_after", "handover_ack", "handover_note"])
                .also(&[Rule::OtherSide]);
        "complete" "办结" "Complete": [ToAccepted] => Done,
            Terms::none()
                .sets(&["effective_date", "handover_ack", "handover_note"])
                .needs(&["effective_date"])
                .also(&[Rule::OtherSide, Rule::OpenItem]);
        "reject" "退回" "Reject": [Submitted, FromApproved, ToAccepted] => Rejected,
            Terms::none().sets(&["closing_reason"]).needs(&["closing_reason"]);
        "cancel" "撤销" "Cancel": [Draft, Submitted, FromApproved, ToAccepted] => Cancelled,
            Terms::none().sets(&["closing_reason"]).needs(&["closing_reason"]).also(&[Rule::OtherSide]);
    }));
    const VISIBILITY: Visibility = Visibility::Shared("to_division");
    const CLASSES: &'static [Classified] = &[Classified::personal("cadre_name")];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |t| std::slice::from_ref(&t.cadre_id) },
        Reference { field: "from_unit_id", expand: "from_unit", to: "units", ids: |t| t.from_unit_id.as_slice() },
        Reference { field: "to_unit_id", expand: "to_unit", to: "units", ids: |t| t.to_unit_id.as_slice() },
    ];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        // A transfer of the dead goes nowhere.
        ends: |t, _| {
            if t.under_way() {
                t.status = TransferStatus::Cancelled;
                t.closing_reason = t.closing_reason.take().or_else(|| Some("去世".into()));
            }
        },
        ..CadreTie::NOTHING
    });

    fn example() -> Self {
        Self {
            cadre_id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002),
            cadre_name: "孔令文".into(),
            direction: TransferDirection::Internal,
            reason: TransferReason::Resettle,
            from_unit_id: Some(Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001)),
            to_division: DivisionCode::parse("371721"),
            to_unit_id: None,
            outside_place: None,
            paying_unit_after: Some("单县某某局".into()),
            letter_no: Some("菏老干介〔2021〕12号".into()),
            applied_on: NaiveDate::from_ymd_opt(2021, 12, 20).unwrap_or_default(),
            approved_on: None,
            accepted_on: None,
            effective_date: None,
            handover_ack: false,
            handover_note: None,
            closing_reason: None,
            status: TransferStatus::Draft,
        }
    }

    fn shared_with(&self) -> Option<&DivisionCode> {
        self.to_division.as_ref()
    }

    fn check(&mut self, found: &mut Findings) {
        use TransferDirection as D;
        use TransferStatus as S;
        found.require(self.direction == D::In || self.from_unit_id.is_some(), "from_unit_id", Rule::Required);
        found.require(self.direction != D::Internal || self.to_division.is_some(), "to_division", Rule::Required);
        found.require(self.direction == D::Internal || self.outside_place.is_some(), "outside_place", Rule::Required);
        let taken = matches!(self.status, S::ToAccepted | S::Done) && self.direction != D::Out;
        found.require(!taken || self.to_unit_id.is_some(), "to_unit_id", Rule::Required);
        found.require(self.status != S::Done || self.effective_date.is_some(), "effective_date", Rule::Required);
        let closed = matches!(self.status, S::Rejected | S::Cancelled);
        found.require(!closed || self.closing_reason.is_some(), "closing_reason", Rule::Required);
        if self.from_unit_id.is_some() && self.from_unit_id == self.to_unit_id {
            found.error("to_unit_id", Rule::SameUnit);
        }
        let steps = [
            ("applied_on", Some(self.applied_on)),
            ("approved_on", self.approved_on),
            ("accepted_on", self.accepted_on),
            ("effective_date", self.effective_date),
        ];
        in_order(&steps, found);
    }
}

impl CadreTransfer {
    /// Whether it is neither a draft nor closed: the cadre is on the way.
    pub fn under_way(&self) -> bool {
        matches!(self.status, TransferStatus::Submitted | TransferStatus::FromApproved | TransferStatus::ToAccepted)
    }
    /// Whether who goes where is the same in another state of it.
    pub fn same_way(&self, other: &Self) -> bool {
        (self.cadre_id, self.direction, self.from_unit_id, &self.to_division)
            == (other.cadre_id, other.direction, other.from_unit_id, &other.to_division)
    }
}
