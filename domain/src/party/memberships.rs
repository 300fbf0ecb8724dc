//! Party membership of a cadre (党员组织关系).
use super::{Admission, PartyAge};
use crate::cadres::CadreTie;
use crate::codes::{MembershipStatus, MergePolicy, PartyAgeState, Role};
use crate::resource::{Classified, Module, Reference, Resource};
use crate::{Findings, Machine, Money, NaiveDate, PartialDate, Rate, Rule, Terms, Uuid, Violation};
use chrono::Months;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A membership in one organization: the formal one, or an affiliation with a functional branch.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyMembership {
    /// The member.
    pub cadre_id: Uuid,
    /// The organization.
    pub party_organization_id: Uuid,
    /// The formal relation, of which a person has one; `false` for an affiliation with a functional branch.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub formal: bool,
    /// When the member was admitted.
    pub joined_on: PartialDate,
    /// When the admission was approved.
    pub approved_on: Option<PartialDate>,
    /// When probation ended.
    pub converted_on: Option<PartialDate>,
    /// Who introduced the member.
    #[serde(default)]
    #[schema(max_items = 2)]
    pub introducers: Vec<String>,
    /// Where the membership stands.
    #[serde(default = "full")]
    pub status: MembershipStatus,
    /// Lives away from the organization for a time.
    #[serde(default)]
    pub floating: bool,
    /// Where to.
    #[schema(max_length = 100)]
    pub flow_to: Option<String>,
    /// Since when there is no contact.
    pub lost_contact_on: Option<NaiveDate>,
    /// When the membership was suspended.
    pub suspended_on: Option<NaiveDate>,
    /// When the member was removed.
    pub removed_on: Option<NaiveDate>,
    /// Monthly base of the dues.
    pub dues_base: Option<Money>,
    /// Rate of the dues.
    pub dues_rate: Option<Rate>,
    /// Month up to which dues are paid.
    pub dues_paid_until: Option<PartialDate>,
    /// The date from which a wrongly expelled member counts as restored.
    pub restored_from: Option<PartialDate>,
    /// Left and was admitted anew: only the new conversion counts.
    #[serde(default)]
    pub re_admitted: bool,
    /// The dates were verified in the archive.
    #[serde(default)]
    pub verified_by_archive: bool,
}

fn yes() -> bool {
    true
}
fn full() -> MembershipStatus {
    MembershipStatus::Full
}

impl Resource for PartyMembership {
    const NAME: &'static str = "party_membership";
    const PATH: &'static str = "party-memberships";
    const TITLE: (&'static str, &'static str) = ("党员组织关系", "party membership");
    const MODULE: Module = Module::Party;
    const CLASSES: &'static [Classified] = &[Classified::personal("dues_base")];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |m| std::slice::from_ref(&m.cadre_id) },
        Reference {
            field: "party_organization_id",
            expand: "party_organization",
            to: "party-organizations",
            ids: |m| std::slice::from_ref(&m.party_organization_id),
        },
    ];
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: MembershipStatus {
        "convert" "转正" "Convert": [Probationary] => Full, Terms::none().sets(&["converted_on"]).needs(&["converted_on"]);
        "cancel" "取消预备党员资格" "End the probation": [Probationary] => Cancelled, Terms::none();
        "suspend" "停止党籍" "Suspend": [Full, Probationary] => Suspended,
            Terms::none().sets(&["lost_contact_on", "suspended_on"]).needs(&["lost_contact_on", "suspended_on"])
                .also(&[Rule::LostContact6Months]);
        "remove" "除名" "Remove from the roll": [Suspended] => Removed,
            Terms::none().sets(&["removed_on"]).needs(&["removed_on"]).also(&[Rule::Removal2Years]);
        "restore" "恢复党籍" "Restore": [Suspended, Removed] => Full,
            Terms::none().sets(&["restored_from", "lost_contact_on"]).needs(&["restored_from"]);
        // A letter of introduction does it; by hand it is a correction.
        "transfer" "转出" "Transfer": [Full, Probationary] => Transferred, Terms::none().who(&[Role::CityAdmin]);
        "decease" "去世" "Record a death": [Full, Probationary, Suspended] => Deceased, Terms::none();
    }));
    // The relation has a transfer of its own; a death ends it.
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        ends: |m, _| {
            use MembershipStatus::{Deceased, Full, Probationary, Suspended};
            if matches!(m.status, Probationary | Full | Suspended) {
                m.status = Deceased;
            }
        },
        ..CadreTie::NOTHING
    });
    const MERGING: &'static [(&'static str, MergePolicy)] = &[
        // The branch knows where its members are and what they have paid.
        ("flow_to", MergePolicy::CountyWins),
        ("lost_contact_on", MergePolicy::CountyWins),
        ("dues_paid_until", MergePolicy::LatestObserved),
    ];

    fn example() -> Self {
        Self {
            cadre_id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002),
            party_organization_id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0003),
            formal: true,
            joined_on: PartialDate::parse("1965-05-10").unwrap_or(PartialDate::day(NaiveDate::MIN)),
            approved_on: None,
            converted_on: PartialDate::parse("1966-05-10"),
            introducers: vec!["马德仁".into(), "孟庆和".into()],
            status: MembershipStatus::Full,
            floating: false,
            flow_to: None,
            lost_contact_on: None,
            suspended_on: None,
            removed_on: None,
            dues_base: Some(Money(500_000)),
            dues_rate: Some(Rate(5_000)),
            dues_paid_until: PartialDate::parse("2021-12"),
            restored_from: None,
            re_admitted: false,
            verified_by_archive: true,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        for (name, date) in [("approved_on", self.approved_on), ("converted_on", self.converted_on)] {
            if date.is_some_and(|d| d.surely_before(self.joined_on)) {
                found.push(Violation::new(name, Rule::PeriodOrder).with("other", "joined_on"));
            }
        }
        let dues = [("dues_base", self.dues_base.map(|m| m.0)), ("dues_rate", self.dues_rate.map(|r| r.0))];
        for (name, _) in dues.iter().filter(|(_, value)| value.is_some_and(|v| v < 0)) {
            found.push(Violation::new(*name, Rule::TooSmall).with("min", 0));
        }
        self.check_standing(found);
        if !self.formal && self.dues_base.is_some() {
            // Dues are paid where the formal membership is.
            found.error("dues_base", Rule::FormalMembership);
        }
        if self.status == MembershipStatus::Full && self.party_age().state == PartyAgeState::Undetermined {
            found.warn("converted_on", Rule::PartyAgeUndetermined);
        }
    }
}

impl PartyMembership {
    /// Whether it is in force: the person is a member here, be it suspended.
    pub fn in_force(&self) -> bool {
        use MembershipStatus::{Full, Probationary, Suspended};
        matches!(self.status, Full | Probationary | Suspended)
    }

    /// Party age by the admission table.
    pub fn party_age(&self) -> PartyAge {
        Admission {
            joined_on: self.joined_on,
            approved_on: self.approved_on,
            converted_on: self.converted_on,
            re_admitted: self.re_admitted,
        }
        .party_age()
    }

    /// Six months without contact before suspension, two years more before removal (member rules 2019, ch. 5).
    fn check_standing(&self, found: &mut Findings) {
        if matches!(self.status, MembershipStatus::Suspended | MembershipStatus::Removed) {
            match (self.lost_contact_on, self.suspended_on) {
                (None, _) => found.error("lost_contact_on", Rule::Required),
                (_, None) => found.error("suspended_on", Rule::Required),
                (Some(lost), Some(suspended)) => {
                    let due = lost.checked_add_months(Months::new(6)).unwrap_or(lost);
                    if suspended < due {
                        found.push(Violation::new("suspended_on", Rule::LostContact6Months).with("min", due));
                    }
                }
            }
        }
        if self.status == MembershipStatus::Removed {
            match (self.suspended_on, self.removed_on) {
                (_, None) => found.error("removed_on", Rule::Required),
                (Some(suspended), Some(removed)) => {
                    let due = suspended.checked_add_months(Months::new(24)).unwrap_or(suspended);
                    if removed < due {
                        found.push(Violation::new("removed_on", Rule::Removal2Years).with("min", due));
                    }
                }
                _ => {}
            }
        }
    }
}
