//! Micro-wishes (微心愿): what somebody would like, and who makes it come true.
use super::{day, some};
use crate::cadres::CadreTie;
use crate::codes::WishStatus;
use crate::resource::{Classified, Mask, Module, Reference, Resource};
use crate::violations::in_order;
use crate::{Findings, Machine, NaiveDate, Own, Rule, Terms, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A wish, of a cadre or of somebody who is not named.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// The wish.
    #[schema(min_length = 2, max_length = 500)]
    pub wish: String,
    /// Whose it is; absent where the author is not named.
    pub cadre_id: Option<Uuid>,
    /// Label of the campaign it was collected in, such as 向党说句心里话.
    #[schema(max_length = 100)]
    pub campaign: Option<String>,
    /// When it was collected.
    pub collected_on: NaiveDate,
    /// Who takes it on.
    #[schema(max_length = 50)]
    pub claimed_by: Option<String>,
    /// The unit that takes it on, or whose it is who does.
    pub claimed_by_unit_id: Option<Uuid>,
    /// When it was taken on. Needed then.
    pub claimed_on: Option<NaiveDate>,
    /// The day by which it is to be fulfilled. Needed when it is taken on.
    pub due_on: Option<NaiveDate>,
    /// When it was fulfilled. Needed then.
    pub fulfilled_on: Option<NaiveDate>,
    /// What came of it.
    #[schema(max_length = 500)]
    pub outcome: Option<String>,
    /// Where it stands.
    #[serde(default = "collected")]
    pub status: WishStatus,
}

fn collected() -> WishStatus {
    WishStatus::Collected
}

impl Resource for Wish {
    const NAME: &'static str = "wish";
    const PATH: &'static str = "wishes";
    const TITLE: (&'static str, &'static str) = ("微心愿", "wish");
    const MODULE: Module = Module::Activities;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: WishStatus {
        "claim" "认领" "Take on": [Collected] => Claimed,
            Terms::none()
                .sets(&["claimed_by", "claimed_by_unit_id", "claimed_on", "due_on"])
                .needs(&["claimed_on", "due_on"]);
        "fulfil" "实现" "Fulfil": [Claimed] => Fulfilled,
            Terms::none().sets(&["fulfilled_on", "outcome"]).needs(&["fulfilled_on"]);
        "withdraw" "撤回" "Withdraw": [Collected, Claimed] => Withdrawn, Terms::none().sets(&["outcome"]);
    }));
    const OWN: Own =
        Own::gives(&["wish", "cadre_id", "campaign", "collected_on"]).changes(&["wish"]).steps(&["withdraw"]);
    const CLASSES: &'static [Classified] = &[
        Classified::personal_as("wish", Mask::All),
        Classified::personal_as("claimed_by", Mask::After(1)),
        Classified::personal_as("outcome", Mask::All),
    ];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |w| w.cadre_id.as_slice() },
        Reference {
            field: "claimed_by_unit_id",
            expand: "claimed_by_unit",
            to: "units",
            ids: |w| w.claimed_by_unit_id.as_slice(),
        },
    ];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        moves: true,
        ends: |w, _| {
            if matches!(w.status, WishStatus::Collected | WishStatus::Claimed) {
                w.status = WishStatus::Withdrawn;
            }
        },
        ..CadreTie::NOTHING
    });

    fn example() -> Self {
        Self {
            wish: "想回入党的老支部看一看".into(),
            cadre_id: Some(some(2)),
            campaign: Some("向党说句心里话".into()),
            collected_on: day("2021-02-10"),
            claimed_by: None,
            claimed_by_unit_id: None,
            claimed_on: None,
            due_on: None,
            fulfilled_on: None,
            outcome: None,
            status: WishStatus::Collected,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let fulfilled = self.status == WishStatus::Fulfilled;
        if fulfilled || self.status == WishStatus::Claimed {
            let taken = self.claimed_by.is_some() || self.claimed_by_unit_id.is_some();
            found.require(taken, "claimed_by", Rule::Required);
            found.require(self.claimed_on.is_some(), "claimed_on", Rule::Required);
            found.require(self.due_on.is_some(), "due_on", Rule::Required);
        }
        found.require(!fulfilled || self.fulfilled_on.is_some(), "fulfilled_on", Rule::Required);
        let collected = ("collected_on", Some(self.collected_on));
        in_order(&[collected, ("claimed_on", self.claimed_on), ("fulfilled_on", self.fulfilled_on)], found);
        in_order(&[collected, ("due_on", self.due_on)], found);
    }
}
