//! Aid for cadres in particular hardship (特殊困难帮扶).
use super::{CADRE, HardshipScheme, check_order, check_positive, ymd};
use crate::cadres::CadreTie;
use crate::codes::{HardshipApplicant, HardshipCategory, HardshipStatus, Role};
use crate::honors::working_days;
use crate::resource::{Classified, Mask, Module, Reference, Resource};
use crate::{Findings, Gate, Machine, Money, NaiveDate, Own, PartialDate, Rule, Step, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A cadre in hardship, from the application to the review. Window, publicity and amounts follow the hardship scheme in
/// force on the day of the application.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HardshipCase {
    /// The cadre.
    pub cadre_id: Uuid,
    /// Who applies.
    pub applicant: HardshipApplicant,
    /// Kind of hardship.
    pub category: HardshipCategory,
    /// What it is.
    #[schema(max_length = 1000)]
    pub situation: Option<String>,
    /// Proofs: the SHA-256 of each file.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub evidence: Vec<String>,
    /// What is asked for, in yuan.
    pub requested_amount: Option<Money>,
    /// When it was applied for.
    pub applied_on: NaiveDate,
    /// The scheme by which it is judged; absent where none was in force.
    pub hardship_scheme_id: Option<Uuid>,
    /// When it was verified.
    pub verified_on: Option<NaiveDate>,
    /// First day on which it is public for objections (公示).
    pub publicized_from: Option<NaiveDate>,
    /// Last day of it.
    pub publicized_to: Option<NaiveDate>,
    /// What is granted, in yuan.
    pub approved_amount: Option<Money>,
    /// When it was approved.
    pub approved_on: Option<NaiveDate>,
    /// When it was paid.
    pub granted_on: Option<NaiveDate>,
    /// Until when it is to be reviewed, by the scheme.
    pub review_due: Option<NaiveDate>,
    /// When it was reviewed.
    pub reviewed_on: Option<NaiveDate>,
    /// Why it was rejected. Needed there.
    #[schema(max_length = 500)]
    pub decision_reason: Option<String>,
    /// Where it stands.
    #[serde(default = "applied")]
    pub status: HardshipStatus,
}

fn applied() -> HardshipStatus {
    HardshipStatus::Applied
}

fn still_public(step: &Step<'_, HardshipCase>) -> Option<Violation> {
    let last = step.after.publicized_to?;
    (step.today <= last)
        .then(|| Violation::new("publicized_to", Rule::PublicityRunning).with("last", last).with("today", step.today))
}

impl HardshipCase {
    /// Judges it by the scheme in force on the day of the application, or by there being none. `began` says whether it
    /// is applied for just now or on another day than before.
    pub fn judge(&self, scheme: Option<&HardshipScheme>, began: bool, found: &mut Findings) {
        use HardshipStatus::{Approved, Granted, Publicized, Reviewed};
        let decided = matches!(self.status, Publicized | Approved | Granted | Reviewed);
        let Some(scheme) = scheme else {
            if decided {
                found.push(Violation::new("applied_on", Rule::SchemeMissing).with("day", self.applied_on));
            } else if began {
                found.note(Violation::new("applied_on", Rule::SchemeMissing).with("day", self.applied_on));
            }
            return;
        };
        if let (true, false, Some(from), Some(to)) =
            (began, scheme.takes(self.applied_on), &scheme.window_from, &scheme.window_to)
        {
            found.push(Violation::new("applied_on", Rule::WindowClosed).with("from", from).with("to", to));
        }
        if let (Some(from), Some(to)) = (self.publicized_from, self.publicized_to) {
            let least = usize::try_from(scheme.publicity_days).unwrap_or_default();
            let days = working_days(from, to, least);
            if days < least {
                found.push(Violation::new("publicized_to", Rule::PublicityDays).with("min", least).with("days", days));
            }
        }
        found.errors.extend(self.approved_amount.and_then(|amount| scheme.judge(amount)));
    }
}

/// Who decides about public money.
const DECIDE: &[Role] = &[Role::CityAdmin, Role::CountyAdmin];

impl Resource for HardshipCase {
    const NAME: &'static str = "hardship_case";
    const PATH: &'static str = "hardship-cases";
    const TITLE: (&'static str, &'static str) = ("困难帮扶", "hardship case");
    const MODULE: Module = Module::Benefits;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: HardshipStatus {
        "verify" "核实" "Verify": [Applied] => Verified,
            Terms::none().sets(&["verified_on", "situation", "evidence"]).needs(&["verified_on"]);
        "publicize" "公示" "Publicize": [Verified] => Publicized,
            Terms::none()
                .who(DECIDE)
                .sets(&["publicized_from", "publicized_to"])
                .needs(&["publicized_from", "publicized_to"])
                .also(&[Rule::PublicityDays, Rule::SchemeMissing]);
        "approve" "批准" "Approve": [Publicized] => Approved,
            Terms::none()
                .who(DECIDE)
                .sets(&["approved_amount", "approved_on"])
                .needs(&["approved_amount", "approved_on", "publicized_to"])
                .gates(&[Gate { rule: Rule::PublicityRunning, shut: still_public }])
                .also(&[Rule::TooSmall, Rule::TooLarge]);
        "grant" "发放" "Pay": [Approved] => Granted,
            Terms::none().who(DECIDE).sets(&["granted_on"]).needs(&["granted_on"]);
        "review" "回访" "Review": [Granted] => Reviewed, Terms::none().sets(&["reviewed_on"]).needs(&["reviewed_on"]);
        "reject" "不予帮扶" "Reject": [Applied, Verified, Publicized] => Rejected,
            Terms::none().who(DECIDE).sets(&["decision_reason"]).needs(&["decision_reason"]);
    }));
    const DERIVED: &'static [&'static str] = &["hardship_scheme_id", "review_due"];
    const CLASSES: &'static [Classified] = &[
        Classified::personal("category"),
        Classified::sensitive("situation", Mask::All),
        Classified::personal("evidence"),
        Classified::personal("decision_reason"),
    ];
    const FILES: &'static [&'static str] = &["evidence"];
    const OWN: Own =
        Own::gives(&["cadre_id", "applicant", "category", "situation", "evidence", "requested_amount", "applied_on"])
            .changes(&["situation", "evidence", "requested_amount"]);
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |h| std::slice::from_ref(&h.cadre_id) },
        Reference {
            field: "hardship_scheme_id",
            expand: "hardship_scheme",
            to: "hardship-schemes",
            ids: |h| h.hardship_scheme_id.as_slice(),
        },
    ];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        moves: true,
        open: |h| !matches!(h.status, HardshipStatus::Reviewed | HardshipStatus::Rejected),
        ..CadreTie::NOTHING
    });

    fn example() -> Self {
        Self {
            cadre_id: CADRE,
            applicant: HardshipApplicant::Spouse,
            category: HardshipCategory::SeriousIllness,
            situation: Some("长期住院,自付费用较高".into()),
            evidence: vec![],
            requested_amount: Some(Money(500_000)),
            applied_on: ymd(2021, 10, 11),
            hardship_scheme_id: None,
            verified_on: None,
            publicized_from: None,
            publicized_to: None,
            approved_amount: None,
            approved_on: None,
            granted_on: None,
            review_due: None,
            reviewed_on: None,
            decision_reason: None,
            status: HardshipStatus::Applied,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        use HardshipStatus::{Applied, Approved, Granted, Publicized, Rejected, Reviewed, Verified};
        check_positive("requested_amount", self.requested_amount, found);
        check_positive("approved_amount", self.approved_amount, found);
        check_order(found, ("applied_on", Some(self.applied_on)), ("verified_on", self.verified_on));
        check_order(found, ("verified_on", self.verified_on), ("publicized_from", self.publicized_from));
        check_order(found, ("publicized_from", self.publicized_from), ("publicized_to", self.publicized_to));
        check_order(found, ("approved_on", self.approved_on), ("granted_on", self.granted_on));
        check_order(found, ("granted_on", self.granted_on), ("reviewed_on", self.reviewed_on));
        if self.publicized_to.zip(self.approved_on).is_some_and(|(last, approved)| approved <= last) {
            found.push(Violation::new("approved_on", Rule::DateOrder).with("other", "publicized_to"));
        }
        let reached = match self.status {
            Applied | Rejected => 0,
            Verified => 1,
            Publicized => 2,
            Approved => 3,
            Granted => 4,
            Reviewed => 5,
        };
        let needed = [
            (1, "verified_on", self.verified_on.is_some()),
            (2, "publicized_from", self.publicized_from.is_some()),
            (2, "publicized_to", self.publicized_to.is_some()),
            (3, "approved_amount", self.approved_amount.is_some()),
            (3, "approved_on", self.approved_on.is_some()),
            (4, "granted_on", self.granted_on.is_some()),
            (5, "reviewed_on", self.reviewed_on.is_some()),
        ];
        for (_, field, there) in needed.into_iter().filter(|(stage, ..)| *stage <= reached) {
            found.require(there, field, Rule::Required);
        }
        found.require(self.status != Rejected || self.decision_reason.is_some(), "decision_reason", Rule::Required);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.applied_on))
    }
}
