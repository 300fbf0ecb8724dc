//! Party organizations among retired cadres (离退休干部党组织).
use crate::codes::{PartyOrganizationKind, PartyOrganizationStatus};
use crate::resource::{Classified, Module, Reference, Resource};
use crate::{Findings, Machine, NaiveDate, PartialDate, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// Full members a branch needs (Party branch work regulations 2018).
pub const BRANCH_MIN_MEMBERS: i64 = 3;
/// Full members from whom on a branch has a committee (same regulations).
pub const COMMITTEE_FROM_MEMBERS: i64 = 7;
/// Members of a branch committee at most (same regulations).
const COMMITTEE_MAX: i64 = 7;
/// Units a joint branch usually spans at most.
const JOINT_UNITS_MAX: usize = 5;

/// A party organization.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyOrganization {
    /// Full name.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// Kind.
    pub kind: PartyOrganizationKind,
    /// A functional branch: its members keep their formal relation elsewhere, and it is left out of formal counts.
    #[serde(default)]
    pub is_functional: bool,
    /// The organization above it.
    pub parent_id: Option<Uuid>,
    /// The unit it belongs to.
    pub unit_id: Option<Uuid>,
    /// The units a joint branch spans.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub joint_unit_ids: Vec<Uuid>,
    /// The residential compound of a residential branch.
    #[schema(max_length = 100)]
    pub compound_name: Option<String>,
    /// When it was established.
    pub established_on: Option<PartialDate>,
    /// Level reached in standardisation.
    #[schema(max_length = 20)]
    pub standardization_level: Option<String>,
    /// Party groups (党小组) into which a branch is divided.
    #[schema(minimum = 0, maximum = 1000)]
    pub group_count: Option<i32>,
    /// Has retired members only.
    #[serde(default)]
    pub retired_only: bool,
    /// Retired and active members together.
    #[serde(default)]
    pub mixed_with_active: bool,
    /// An organization of a village or a community, which is elected for five years whatever its kind.
    #[serde(default)]
    pub village_or_community: bool,
    /// The organization it was merged into.
    pub merged_into_id: Option<Uuid>,
    /// When it was merged or dissolved.
    pub ended_on: Option<NaiveDate>,
    /// Where it stands. A branch becomes `active` with 3 full members.
    #[serde(default = "preparing")]
    pub status: PartyOrganizationStatus,
}

fn preparing() -> PartyOrganizationStatus {
    PartyOrganizationStatus::Preparing
}

impl Resource for PartyOrganization {
    const NAME: &'static str = "party_organization";
    const PATH: &'static str = "party-organizations";
    const TITLE: (&'static str, &'static str) = ("党组织", "party organization");
    const MODULE: Module = Module::Party;
    const NAMES: &'static [&'static str] = &["name"];
    const CLASSES: &'static [Classified] = &[Classified::public("name"), Classified::public("kind")];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "parent_id", expand: "parent", to: "party-organizations", ids: |o| o.parent_id.as_slice() },
        Reference { field: "unit_id", expand: "unit", to: "units", ids: |o| o.unit_id.as_slice() },
        Reference {
            field: "merged_into_id",
            expand: "merged_into",
            to: "party-organizations",
            ids: |o| o.merged_into_id.as_slice(),
        },
        Reference { field: "joint_unit_ids", expand: "", to: "units", ids: |o| &o.joint_unit_ids },
    ];
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: PartyOrganizationStatus {
        "activate" "成立" "Activate": [Preparing] => Active,
            Terms::none().sets(&["established_on"]).also(&[Rule::BranchMin3]);
        "merge" "合并" "Merge into another": [Active] => Merged, Terms::none()
            .sets(&["merged_into_id", "ended_on"]).needs(&["merged_into_id", "ended_on"]).also(&[Rule::StillHasMembers]);
        "dissolve" "撤销" "Dissolve": [Preparing, Active] => Dissolved,
            Terms::none().sets(&["ended_on"]).needs(&["ended_on"]).also(&[Rule::StillHasMembers]);
    }));

    fn example() -> Self {
        Self {
            name: "单县离退休干部工作委员会".into(),
            kind: PartyOrganizationKind::WorkCommittee,
            is_functional: false,
            parent_id: None,
            unit_id: None,
            joint_unit_ids: vec![],
            compound_name: None,
            established_on: PartialDate::parse("2021-03"),
            standardization_level: Some("示范".into()),
            group_count: None,
            retired_only: true,
            mixed_with_active: false,
            village_or_community: false,
            merged_into_id: None,
            ended_on: None,
            status: PartyOrganizationStatus::Preparing,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let units = self.joint_unit_ids.len();
        if self.kind == PartyOrganizationKind::JointBranch && units > JOINT_UNITS_MAX {
            found.note(Violation::new("joint_unit_ids", Rule::JointUnitsMax5).with("count", units));
        }
    }
}

impl PartyOrganization {
    /// Years for which an organization of its kind is elected (opinion on terms of office 2018).
    pub fn term_years(&self) -> i32 {
        use PartyOrganizationKind::{BasicCommittee, CommunityBranch, WorkCommittee};
        let five = self.village_or_community || matches!(self.kind, BasicCommittee | WorkCommittee | CommunityBranch);
        if five { 5 } else { 3 }
    }

    /// Whether it works or is about to.
    pub fn lives(&self) -> bool {
        matches!(self.status, PartyOrganizationStatus::Preparing | PartyOrganizationStatus::Active)
    }

    /// Rules about the leading group, for the seats it would have and the full members there are. A committee's
    /// are its congress's affair.
    pub fn check_seats(&self, field: &'static str, seats: i64, full_members: i64, found: &mut Findings) {
        if !self.kind.is_lowest() {
            return;
        }
        if full_members < COMMITTEE_FROM_MEMBERS {
            if seats > 2 {
                found.push(Violation::new(field, Rule::CommitteeSeats).with("count", full_members));
            }
        } else if seats > COMMITTEE_MAX {
            let many = Violation::new(field, Rule::CommitteeSeatsMax7);
            found.push(many.with("max", COMMITTEE_MAX).with("seats", seats));
        } else if seats > 5 {
            found.note(Violation::new(field, Rule::CommitteeSeatsUsual).with("count", seats));
        }
    }

    /// Rules about size, for the number of full members and of all members it has.
    pub fn check_size(&self, full_members: i64, members: i64, found: &mut Findings) {
        if self.status != PartyOrganizationStatus::Active {
            return;
        }
        if self.kind.is_branch() && !self.is_functional && full_members < BRANCH_MIN_MEMBERS {
            found.push(Violation::new("status", Rule::BranchMin3).with("count", full_members));
        }
        // Texts differ on whether 50 and 100 themselves are included, so this only ever suggests.
        let suggestion = match self.kind {
            k if k.is_branch() && members > 50 && members <= 100 => Some(Rule::SuggestGeneralBranch),
            k if (k.is_branch() || k == PartyOrganizationKind::GeneralBranch) && members > 100 => {
                Some(Rule::SuggestCommittee)
            }
            _ => None,
        };
        if let Some(rule) = suggestion {
            found.note(Violation::new("kind", rule).with("count", members));
        }
    }
}
