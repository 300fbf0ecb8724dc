//! Who signs up for an activity, with places and a waiting list (报名签到).
use super::some;
use crate::cadres::CadreTie;
use crate::codes::SignupStatus;
use crate::resource::{Module, Reference, Resource};
use crate::{Findings, Machine, NaiveDate, Own, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A cadre's sign-up. Where all places are taken it becomes `waiting`; when a place is free again, who has waited
/// longest gets it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivitySignup {
    /// The activity. A person signs up for it once.
    pub activity_id: Uuid,
    /// Who signs up.
    pub cadre_id: Uuid,
    /// Why it was cancelled.
    #[schema(max_length = 200)]
    pub cancel_reason: Option<String>,
    /// The day of checking in.
    pub checked_in_on: Option<NaiveDate>,
    /// Where it stands.
    #[serde(default = "signed_up")]
    pub status: SignupStatus,
}

fn signed_up() -> SignupStatus {
    SignupStatus::SignedUp
}

impl Resource for ActivitySignup {
    const NAME: &'static str = "activity_signup";
    const PATH: &'static str = "activity-signups";
    const TITLE: (&'static str, &'static str) = ("活动报名", "sign-up for an activity");
    const MODULE: Module = Module::Activities;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: SignupStatus {
        "check-in" "签到" "Check in": [SignedUp] => CheckedIn, Terms::none().sets(&["checked_in_on"]);
        // Who waits is put up when a place becomes free, without this step.
        "promote" "递补" "Put up from the waiting list": [Waiting] => SignedUp, Terms::none();
        "cancel" "取消" "Cancel": [SignedUp, Waiting] => Cancelled,
            Terms::none().sets(&["cancel_reason"]);
    }));
    const OWN: Own = Own::gives(&["activity_id", "cadre_id"]).steps(&["cancel"]);
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference {
            field: "activity_id",
            expand: "activity",
            to: "activities",
            ids: |s| std::slice::from_ref(&s.activity_id),
        },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |s| std::slice::from_ref(&s.cadre_id) },
    ];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        ends: |s, _| {
            if s.takes_part() && s.status != SignupStatus::CheckedIn {
                s.status = SignupStatus::Cancelled;
            }
        },
        ..CadreTie::NOTHING
    });

    fn example() -> Self {
        Self {
            activity_id: some(23),
            cadre_id: some(2),
            checked_in_on: None,
            cancel_reason: None,
            status: SignupStatus::SignedUp,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let came = self.status == SignupStatus::CheckedIn;
        if self.checked_in_on.is_some() && !came {
            found.push(Violation::new("checked_in_on", Rule::StateOnly).with("state", SignupStatus::CheckedIn));
        }
    }
}

impl ActivitySignup {
    /// Whether it takes one of the places.
    pub fn takes_place(&self) -> bool {
        matches!(self.status, SignupStatus::SignedUp | SignupStatus::CheckedIn)
    }
    /// Whether it has a place or waits for one.
    pub fn takes_part(&self) -> bool {
        self.status != SignupStatus::Cancelled
    }
}
