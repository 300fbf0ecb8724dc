//! Transfers of a member's relation to another organization (组织关系转接).
use super::{day, in_order, needed, some, written};
use crate::codes::RelationTransferStatus;
use crate::resource::{Module, Reference, Resource};
use crate::{Findings, Machine, NaiveDate, PartialDate, Rule, Terms, Uuid, Violation};
use chrono::Days;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A letter of introduction. Until the other organization has accepted it, the member stays where it was.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelationTransfer {
    /// The membership that moves.
    pub party_membership_id: Uuid,
    /// The member.
    pub cadre_id: Option<Uuid>,
    /// The organization of departure.
    pub from_organization_id: Option<Uuid>,
    /// Number of the letter.
    #[schema(min_length = 1, max_length = 50)]
    pub letter_no: String,
    /// The organization that receives the member, where it is one of this system.
    pub to_organization_id: Option<Uuid>,
    /// The organization that receives the member elsewhere.
    #[schema(max_length = 100)]
    pub to_outside: Option<String>,
    /// Day of the letter.
    pub issued_on: NaiveDate,
    /// How many days it is valid: about 10 within the city, 30 outside, 90 at most.
    #[schema(minimum = 1, maximum = 90)]
    pub valid_days: i32,
    /// The last day of its validity: `valid_days` after `issued_on`.
    pub expires_on: Option<NaiveDate>,
    /// Month up to which the dues are paid.
    pub dues_paid_to: Option<PartialDate>,
    /// Day of acceptance.
    pub accepted_on: Option<NaiveDate>,
    /// When the receipt slip came back to the sender.
    pub receipt_on: Option<NaiveDate>,
    /// Why it was returned.
    #[schema(max_length = 200)]
    pub return_reason: Option<String>,
    /// The letter that this one replaces.
    pub reissue_of_id: Option<Uuid>,
    /// Where it stands.
    #[serde(default = "issued")]
    pub status: RelationTransferStatus,
}

fn issued() -> RelationTransferStatus {
    RelationTransferStatus::Issued
}

impl Resource for RelationTransfer {
    const NAME: &'static str = "relation_transfer";
    const PATH: &'static str = "relation-transfers";
    const TITLE: (&'static str, &'static str) = ("组织关系转接", "transfer of a party relation");
    const MODULE: Module = Module::Party;
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference {
            field: "party_membership_id",
            expand: "party_membership",
            to: "party-memberships",
            ids: |t| std::slice::from_ref(&t.party_membership_id),
        },
        Reference {
            field: "to_organization_id",
            expand: "to_organization",
            to: "party-organizations",
            ids: |t| t.to_organization_id.as_slice(),
        },
        Reference {
            field: "reissue_of_id",
            expand: "reissue_of",
            to: "relation-transfers",
            ids: |t| t.reissue_of_id.as_slice(),
        },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |t| t.cadre_id.as_slice() },
        Reference {
            field: "from_organization_id",
            expand: "from_organization",
            to: "party-organizations",
            ids: |t| t.from_organization_id.as_slice(),
        },
    ];
    const DERIVED: &'static [&'static str] = &["cadre_id", "from_organization_id", "expires_on"];
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: RelationTransferStatus {
        "accept" "接收" "Accept": [Issued] => Accepted,
            Terms::none().sets(&["accepted_on", "receipt_on"]).needs(&["accepted_on"]).lapses(Rule::LetterExpired, "expire");
        "expire" "失效" "Expire": [Issued] => Expired, Terms::none();
        "return" "退回" "Return": [Issued] => Returned,
            Terms::none().sets(&["return_reason"]).needs(&["return_reason"]);
    }));

    fn example() -> Self {
        Self {
            party_membership_id: some(5),
            cadre_id: Some(some(2)),
            from_organization_id: Some(some(4)),
            to_organization_id: Some(some(3)),
            to_outside: None,
            letter_no: "菏组介字第2021001号".into(),
            issued_on: day("2021-01-10"),
            valid_days: 30,
            expires_on: Some(day("2021-02-09")),
            dues_paid_to: PartialDate::parse("2021-01"),
            accepted_on: None,
            receipt_on: None,
            return_reason: None,
            reissue_of_id: None,
            status: RelationTransferStatus::Issued,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let days = u64::try_from(self.valid_days).unwrap_or_default();
        self.expires_on = self.issued_on.checked_add_days(Days::new(days)).and_then(written);
        let destinations = usize::from(self.to_organization_id.is_some()) + usize::from(self.to_outside.is_some());
        found.require(destinations == 1, "to_organization_id", Rule::OneDestination);
        if self.status == RelationTransferStatus::Accepted {
            needed(&[("accepted_on", self.accepted_on.is_some())], found);
            if let Some(expires_on) = self.expires_on.filter(|last| self.accepted_on.is_some_and(|day| day > *last)) {
                found.push(Violation::new("accepted_on", Rule::LetterExpired).with("expires_on", expires_on));
            }
        }
        let days =
            [("issued_on", Some(self.issued_on)), ("accepted_on", self.accepted_on), ("receipt_on", self.receipt_on)];
        in_order(&days, found);
    }
}

impl RelationTransfer {
    /// Whether it is open and no longer valid on a day.
    pub fn lapsed(&self, as_of: NaiveDate) -> bool {
        self.status == RelationTransferStatus::Issued && self.expires_on.is_some_and(|last| as_of > last)
    }
}
