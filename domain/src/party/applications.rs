//! Applications for membership in five stages (发展党员).
use super::{day, in_order, needed, plus_months, some, written};
use crate::codes::ApplicationStatus as Status;
use crate::resource::{Classified, Module, Reference, Resource};
use crate::{Findings, Gate, Machine, NaiveDate, Own, PartialDate, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// Years of age an applicant has at least; there is no upper limit (constitution of the party, art. 1).
const MIN_AGE: u32 = 18;
/// Hours the training takes at least (rules of admission 2014, art. 12).
const TRAINING_HOURS: i32 = 24;

/// The way of an applicant from the application to full membership. Every stage keeps what the ones before it need.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MembershipApplication {
    /// The applicant, where it is a cadre in care. Only then a membership is made of the admission.
    pub cadre_id: Option<Uuid>,
    /// Name of the applicant.
    #[schema(min_length = 1, max_length = 50)]
    pub name: String,
    /// Birth date of the applicant.
    pub birth_date: PartialDate,
    /// The organization applied to.
    pub party_organization_id: Uuid,
    /// Day of the application.
    pub applied_on: NaiveDate,
    /// Day of the talk, within a month.
    pub talk_on: Option<NaiveDate>,
    /// When the applicant became an activist.
    pub activist_on: Option<NaiveDate>,
    /// The memberships of one or two full members who accompany the activist.
    #[serde(default)]
    #[schema(max_items = 2)]
    pub mentor_ids: Vec<Uuid>,
    /// The half-yearly reviews.
    #[serde(default)]
    #[schema(max_items = 40)]
    pub reviews: Vec<ApplicationReview>,
    /// When the activist became a development target, a year later at least.
    pub target_on: Option<NaiveDate>,
    /// The memberships of the two full members who introduce the target.
    #[serde(default)]
    #[schema(max_items = 2)]
    pub introducer_ids: Vec<Uuid>,
    /// When the political review was concluded.
    pub political_review_on: Option<NaiveDate>,
    /// Hours of the completed training.
    #[schema(minimum = 0, maximum = 1000)]
    pub training_hours: Option<i32>,
    /// When the superior committee agreed to the admission being voted on.
    pub pre_review_on: Option<NaiveDate>,
    /// The branch meeting that voted on the admission; probation counts from it.
    pub meeting_on: Option<NaiveDate>,
    /// Its vote.
    pub admission: Option<Vote>,
    /// The superior committee had special reasons for six months instead of three.
    #[serde(default)]
    pub special_approval: bool,
    /// When the superior committee approved the admission.
    pub approved_on: Option<NaiveDate>,
    /// By how many months the probation was extended: 6 to 12, once.
    #[schema(minimum = 1, maximum = 60)]
    pub extension_months: Option<i32>,
    /// The last day of probation: a year after the meeting, and the extension.
    pub probation_until: Option<NaiveDate>,
    /// The branch meeting that voted on the conversion.
    pub conversion_meeting_on: Option<NaiveDate>,
    /// Its vote.
    pub conversion: Option<Vote>,
    /// When the superior committee approved the conversion.
    pub conversion_approved_on: Option<NaiveDate>,
    /// From when the applicant is a full member.
    pub converted_on: Option<NaiveDate>,
    /// When the application ended without membership.
    pub ended_on: Option<NaiveDate>,
    /// Why it ended.
    #[schema(max_length = 500)]
    pub end_reason: Option<String>,
    /// The stage.
    #[serde(default = "applicant")]
    pub status: Status,
}

/// A review of an activist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationReview {
    /// Day of the review.
    pub on: NaiveDate,
    /// What it found.
    #[schema(min_length = 1, max_length = 500)]
    pub result: String,
}

/// A vote of a branch meeting. Written opinions of members who could not come count among those in favour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    /// Full members who have a vote and should attend.
    #[schema(minimum = 1, maximum = 100_000)]
    pub eligible: i32,
    /// How many of them were present.
    #[schema(minimum = 0, maximum = 100_000)]
    pub present: i32,
    /// How many were in favour.
    #[schema(minimum = 0, maximum = 100_000)]
    pub in_favour: i32,
}

fn applicant() -> Status {
    Status::Applicant
}

impl Resource for MembershipApplication {
    const NAME: &'static str = "membership_application";
    const PATH: &'static str = "membership-applications";
    const TITLE: (&'static str, &'static str) = ("入党申请", "application for membership");
    const MODULE: Module = Module::Party;
    const CLASSES: &'static [Classified] =
        &[Classified::personal("name"), Classified::personal("birth_date"), Classified::personal("reviews")];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |a| a.cadre_id.as_slice() },
        Reference {
            field: "party_organization_id",
            expand: "party_organization",
            to: "party-organizations",
            ids: |a| std::slice::from_ref(&a.party_organization_id),
        },
        Reference { field: "mentor_ids", expand: "", to: "party-memberships", ids: |a| &a.mentor_ids },
        Reference { field: "introducer_ids", expand: "", to: "party-memberships", ids: |a| &a.introducer_ids },
    ];
    const DERIVED: &'static [&'static str] = &["probation_until"];
    const OWN: Own = Own::gives(&["cadre_id", "name", "birth_date", "party_organization_id", "applied_on"])
        .changes(&["name", "birth_date"])
        .steps(&["withdraw"]);
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: Status {
        "advance" "确定为入党积极分子" "Recognize as an activist": [Applicant] => Activist, Terms::none()
            .sets(&["talk_on", "activist_on", "mentor_ids"]).needs(&["talk_on", "activist_on", "mentor_ids"])
            .also(&[Rule::TalkWithin1Month, Rule::FullMember]);
        "advance" "确定为发展对象" "Make a development target": [Activist] => Target, Terms::none()
            .sets(&["target_on", "mentor_ids", "reviews"]).needs(&["target_on"]).also(&[Rule::ActivistMin1Year]);
        "advance" "接收为预备党员" "Admit on probation": [Target] => Probationary, Terms::none()
            .sets(&["cadre_id", "introducer_ids", "political_review_on", "training_hours", "pre_review_on", "meeting_on", "admission", "special_approval", "approved_on", "reviews"])
            .needs(&["introducer_ids", "political_review_on", "training_hours", "pre_review_on", "meeting_on", "admission", "approved_on"])
            .also(&[Rule::TrainingMin24H, Rule::FullMember, Rule::VoteQuorum, Rule::VoteMajority, Rule::ApprovalWithin]);
        "extend" "延长预备期" "Extend the probation": [Probationary] => Extended, Terms::none()
            .sets(&["extension_months"]).needs(&["extension_months"])
            .also(&[Rule::Extension6To12Months, Rule::ExtensionOnce])
            .once(Gate { rule: Rule::ExtensionOnce, shut: |step| step.before.extended_already() });
        "advance" "按期转正" "Convert": [Probationary, Extended] => Full, Terms::none()
            .sets(&["conversion_meeting_on", "conversion", "conversion_approved_on", "converted_on"])
            .needs(&["conversion_meeting_on", "conversion", "conversion_approved_on", "converted_on"])
            .also(&[Rule::ProbationNotOver, Rule::VoteQuorum, Rule::VoteMajority, Rule::ApprovalWithin]);
        "reject" "不予通过" "Reject": [Applicant, Activist, Target, Probationary, Extended] => Rejected,
            Terms::none().sets(&["ended_on", "end_reason"]).needs(&["ended_on", "end_reason"]);
        "withdraw" "撤回" "Withdraw": [Applicant, Activist, Target] => Withdrawn,
            Terms::none().sets(&["ended_on", "end_reason"]).needs(&["ended_on"]);
    }));

    fn example() -> Self {
        Self {
            cadre_id: None,
            name: "孟庆和".into(),
            birth_date: PartialDate::parse("1955-03-02").unwrap_or(PartialDate::day(NaiveDate::MIN)),
            party_organization_id: some(3),
            applied_on: day("2020-01-06"),
            talk_on: Some(day("2020-01-20")),
            activist_on: Some(day("2020-01-25")),
            mentor_ids: vec![some(5)],
            reviews: vec![ApplicationReview {
                on: day("2021-03-01"), result: "学习认真,参加活动积极".into()
            }],
            target_on: None,
            introducer_ids: vec![],
            political_review_on: None,
            training_hours: None,
            pre_review_on: None,
            meeting_on: None,
            admission: None,
            special_approval: false,
            approved_on: None,
            extension_months: None,
            probation_until: None,
            conversion_meeting_on: None,
            conversion: None,
            conversion_approved_on: None,
            converted_on: None,
            ended_on: None,
            end_reason: None,
            status: Status::Activist,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let extension = self.extension_months.and_then(|m| u32::try_from(m).ok()).unwrap_or_default();
        self.probation_until = self.meeting_on.and_then(|day| written(plus_months(day, 12 + extension)));
        self.check_dates(found);
        self.check_stage(found);
        for (field, vote) in [("admission", self.admission), ("conversion", self.conversion)] {
            vote.inspect(|vote| vote.check(field, found));
        }
        for (field, ids) in [("mentor_ids", &self.mentor_ids), ("introducer_ids", &self.introducer_ids)] {
            if let [first, second] = ids.as_slice()
                && first == second
            {
                found.error(format!("/{field}/1"), Rule::Twice);
            }
        }
    }
}

impl MembershipApplication {
    /// What is told to who would extend a probation that was extended.
    pub fn extended_already(&self) -> Option<Violation> {
        let until = self.probation_until.filter(|_| self.status == Status::Extended)?;
        Some(Violation::new("extension_months", Rule::ExtensionOnce).with("until", until))
    }

    fn check_dates(&self, found: &mut Findings) {
        // The youngest the applicant may have been.
        let of_age = plus_months(self.birth_date.first_day(), 12 * MIN_AGE);
        found.require(self.applied_on >= of_age, "birth_date", Rule::ApplicantMin18);
        let stages = [
            ("applied_on", Some(self.applied_on)),
            ("talk_on", self.talk_on),
            ("activist_on", self.activist_on),
            ("target_on", self.target_on),
            ("meeting_on", self.meeting_on),
            ("approved_on", self.approved_on),
        ];
        in_order(&stages, found);
        in_order(&[("pre_review_on", self.pre_review_on), ("meeting_on", self.meeting_on)], found);
        let talk_by = plus_months(self.applied_on, 1);
        if self.talk_on.is_some_and(|day| day > talk_by) {
            found.push(Violation::new("talk_on", Rule::TalkWithin1Month).with("max", talk_by));
        }
        if let (Some(activist), Some(target)) = (self.activist_on, self.target_on) {
            let earliest = plus_months(activist, 12);
            if target < earliest {
                found.push(Violation::new("target_on", Rule::ActivistMin1Year).with("min", earliest));
            }
        }
        if let Some(hours) = self.training_hours.filter(|hours| *hours < TRAINING_HOURS) {
            let short = Violation::new("training_hours", Rule::TrainingMin24H);
            found.push(short.with("min", TRAINING_HOURS).with("hours", hours));
        }
        if let Some(months) = self.extension_months.filter(|months| !(6..=12).contains(months)) {
            found.push(Violation::new("extension_months", Rule::Extension6To12Months).with("months", months));
        }
        let special = if self.special_approval { 6 } else { 3 };
        let approvals = [
            ("approved_on", self.meeting_on, self.approved_on, special),
            ("conversion_approved_on", self.conversion_meeting_on, self.conversion_approved_on, 3),
        ];
        for (field, meeting, approval, months) in approvals {
            let (Some(meeting), Some(approval)) = (meeting, approval) else { continue };
            let last = plus_months(meeting, months);
            if approval > last {
                found.push(Violation::new(field, Rule::ApprovalWithin).with("months", months).with("max", last));
            } else if approval < meeting {
                found.push(Violation::new(field, Rule::PeriodOrder).with("other", "the meeting"));
            }
        }
    }

    /// What each stage needs, those before it included.
    fn check_stage(&self, found: &mut Findings) {
        let reached = match self.status {
            Status::Activist => 1,
            Status::Target => 2,
            Status::Probationary => 3,
            Status::Extended => 4,
            Status::Full => 5,
            Status::Applicant | Status::Rejected | Status::Withdrawn => 0,
        };
        if reached >= 1 {
            needed(&[("talk_on", self.talk_on.is_some()), ("activist_on", self.activist_on.is_some())], found);
            if self.mentor_ids.is_empty() {
                found.push(Violation::new("mentor_ids", Rule::TooFew).with("min", 1));
            }
        }
        if reached >= 2 {
            needed(&[("target_on", self.target_on.is_some())], found);
        }
        if reached >= 3 {
            let fields = [
                ("political_review_on", self.political_review_on.is_some()),
                ("training_hours", self.training_hours.is_some()),
                ("pre_review_on", self.pre_review_on.is_some()),
                ("meeting_on", self.meeting_on.is_some()),
                ("admission", self.admission.is_some()),
                ("approved_on", self.approved_on.is_some()),
            ];
            needed(&fields, found);
            if self.introducer_ids.len() < 2 {
                found.push(Violation::new("introducer_ids", Rule::TooFew).with("min", 2));
            }
            self.admission.inspect(|vote| vote.must_carry("admission", found));
        }
        if reached == 4 {
            needed(&[("extension_months", self.extension_months.is_some())], found);
        }
        if reached == 5 {
            let fields = [
                ("conversion_meeting_on", self.conversion_meeting_on.is_some()),
                ("conversion", self.conversion.is_some()),
                ("conversion_approved_on", self.conversion_approved_on.is_some()),
                ("converted_on", self.converted_on.is_some()),
            ];
            needed(&fields, found);
            self.conversion.inspect(|vote| vote.must_carry("conversion", found));
            for (field, day) in
                [("conversion_meeting_on", self.conversion_meeting_on), ("converted_on", self.converted_on)]
            {
                if let Some(until) = self.probation_until.filter(|until| day.is_some_and(|day| day < *until)) {
                    found.push(Violation::new(field, Rule::ProbationNotOver).with("until", until));
                }
            }
        }
    }
}

impl Vote {
    fn check(self, field: &str, found: &mut Findings) {
        for (part, count) in [("present", self.present), ("in_favour", self.in_favour)] {
            if count > self.eligible {
                found.push(Violation::new(format!("/{field}/{part}"), Rule::TooLarge).with("max", self.eligible));
            }
        }
    }

    /// More than half are present, and more than half of those who should attend are in favour (rules of admission
    /// 2014, art. 19).
    fn must_carry(self, field: &str, found: &mut Findings) {
        let half = |count: i32| i64::from(count) * 2 <= i64::from(self.eligible);
        if half(self.present) {
            let few = Violation::new(format!("/{field}/present"), Rule::VoteQuorum);
            found.push(few.with("present", self.present).with("eligible", self.eligible));
        }
        if half(self.in_favour) {
            let few = Violation::new(format!("/{field}/in_favour"), Rule::VoteMajority);
            found.push(few.with("in_favour", self.in_favour).with("eligible", self.eligible));
        }
    }
}
