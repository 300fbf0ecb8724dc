//! Stays at sanatoriums (健康疗养).
use super::{CADRE, check_order, ymd};
use crate::cadres::CadreTie;
use crate::codes::{SanatoriumMode, SanatoriumPlanStatus, SanatoriumStayStatus};
use crate::resource::{Classified, Mask, Module, Reference, Resource, Visibility};
use crate::{Findings, Machine, NaiveDate, PartialDate, Rule, Terms, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A round of stays with its places. Counties inside its division read it and sign their cadres up.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SanatoriumPlan {
    /// Year.
    #[schema(minimum = 1949, maximum = 2199)]
    pub year: i32,
    /// Together or dispersed.
    pub mode: SanatoriumMode,
    /// The sanatorium and its city.
    #[schema(min_length = 2, max_length = 100)]
    pub place: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// Cadres at most. It does not fall below the places that are taken.
    #[schema(minimum = 1, maximum = 10_000)]
    pub capacity: i32,
    /// Who may come.
    #[schema(max_length = 500)]
    pub criteria: Option<String>,
    /// The document that announces it.
    #[schema(max_length = 100)]
    pub document_no: Option<String>,
    /// Where it stands.
    #[serde(default = "draft")]
    pub status: SanatoriumPlanStatus,
}

fn draft() -> SanatoriumPlanStatus {
    SanatoriumPlanStatus::Draft
}

impl Resource for SanatoriumPlan {
    const NAME: &'static str = "sanatorium_plan";
    const PATH: &'static str = "sanatorium-plans";
    const TITLE: (&'static str, &'static str) = ("疗养计划", "sanatorium plan");
    const MODULE: Module = Module::Benefits;
    const VISIBILITY: Visibility = Visibility::Inherited;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: SanatoriumPlanStatus {
        "open" "开放报名" "Open for sign-up": [Draft, Closed] => Open, Terms::none();
        "close" "截止报名" "End the sign-up": [Open] => Closed, Terms::none();
        "complete" "完成" "Complete": [Open, Closed] => Completed, Terms::none();
        "cancel" "取消" "Cancel": [Draft, Open, Closed] => Cancelled, Terms::none();
    }));

    fn example() -> Self {
        Self {
            year: 2021,
            mode: SanatoriumMode::Collective,
            place: "青岛疗养院".into(),
            starts_on: ymd(2021, 6, 7),
            ends_on: ymd(2021, 6, 13),
            capacity: 330,
            criteria: Some("身体状况适宜外出的市级老干部".into()),
            document_no: Some("菏老干〔2021〕11号".into()),
            status: SanatoriumPlanStatus::Open,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        check_order(found, ("starts_on", Some(self.starts_on)), ("ends_on", Some(self.ends_on)));
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.starts_on))
    }
}

/// A cadre's place in a plan.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SanatoriumStay {
    /// The plan.
    pub sanatorium_plan_id: Uuid,
    /// The cadre.
    pub cadre_id: Uuid,
    /// The plan's year. A cadre has one stay in a year.
    pub year: Option<i32>,
    /// Who comes along.
    #[schema(min_length = 2, max_length = 50)]
    pub companion_name: Option<String>,
    /// Whether a doctor has found the cadre fit for it.
    pub health_ok: Option<bool>,
    /// Why the cadre has another stay in the year.
    #[schema(min_length = 2, max_length = 200)]
    pub override_reason: Option<String>,
    /// What the cadre says about it.
    #[schema(max_length = 500)]
    pub feedback: Option<String>,
    /// Where it stands.
    #[serde(default = "signed_up")]
    pub status: SanatoriumStayStatus,
}

fn signed_up() -> SanatoriumStayStatus {
    SanatoriumStayStatus::SignedUp
}

impl SanatoriumStay {
    /// Whether it takes a place: one who did not come took it all the same.
    pub fn takes_a_place(&self) -> bool {
        self.status != SanatoriumStayStatus::Withdrawn
    }
}

impl Resource for SanatoriumStay {
    const NAME: &'static str = "sanatorium_stay";
    const PATH: &'static str = "sanatorium-stays";
    const TITLE: (&'static str, &'static str) = ("疗养安排", "sanatorium stay");
    const MODULE: Module = Module::Benefits;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: SanatoriumStayStatus {
        "attend" "已参加" "The cadre came": [SignedUp] => Attended, Terms::none().sets(&["companion_name", "feedback"]);
        "miss" "未参加" "The cadre did not come": [SignedUp] => Absent, Terms::none().sets(&["feedback"]);
        "withdraw" "退出" "Withdraw": [SignedUp] => Withdrawn, Terms::none();
        "sign-up" "重新报名" "Sign up again": [Withdrawn] => SignedUp,
            Terms::none().sets(&["override_reason"]).also(&[Rule::PlanState, Rule::CapacityFull, Rule::StayReason]);
    }));
    const DERIVED: &'static [&'static str] = &["year"];
    const CLASSES: &'static [Classified] = &[
        Classified::personal("companion_name"),
        Classified::sensitive("health_ok", Mask::Drop),
        Classified::personal("override_reason"),
    ];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference {
            field: "sanatorium_plan_id",
            expand: "sanatorium_plan",
            to: "sanatorium-plans",
            ids: |s| std::slice::from_ref(&s.sanatorium_plan_id),
        },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |s| std::slice::from_ref(&s.cadre_id) },
    ];
    // It stays with those who gave the place: another county does not see this one's plans.
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        ends: |s, _| {
            if s.status == SanatoriumStayStatus::SignedUp {
                s.status = SanatoriumStayStatus::Withdrawn;
            }
        },
        ..CadreTie::NOTHING
    });

    fn example() -> Self {
        Self {
            sanatorium_plan_id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0031),
            cadre_id: CADRE,
            year: None,
            companion_name: Some("孔小文".into()),
            health_ok: Some(true),
            override_reason: None,
            feedback: None,
            status: SanatoriumStayStatus::SignedUp,
        }
    }
}
