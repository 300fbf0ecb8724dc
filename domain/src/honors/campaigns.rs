//! Rounds of selection and commendation (评选表扬).
use crate::codes::{CampaignKind, CampaignStatus, HonorCategory, HonorLevel};
use crate::resource::{Module, Resource, Visibility};
use crate::{Findings, Gate, Machine, NaiveDate, Rule, Step, Terms, Violation};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A campaign with its categories and quotas. Counties inside its division read it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommendationCampaign {
    /// Name.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// Kind.
    pub kind: CampaignKind,
    /// Year.
    #[schema(minimum = 1949, maximum = 2199)]
    pub year: i32,
    /// Level of the awarding body.
    pub level: HonorLevel,
    /// Categories, each once.
    #[schema(min_items = 1, max_items = 10)]
    pub categories: Vec<CampaignCategory>,
    /// Document that announces it.
    #[schema(max_length = 100)]
    pub document_no: Option<String>,
    /// The day on which a person to be honored must be alive; the day of the award if absent.
    pub cutoff_on: Option<NaiveDate>,
    /// First day on which the names are public for objections (公示).
    pub publicized_from: Option<NaiveDate>,
    /// Last day of it.
    pub publicized_to: Option<NaiveDate>,
    /// When it was awarded.
    pub awarded_on: Option<NaiveDate>,
    /// Where it stands.
    #[serde(default = "open")]
    pub status: CampaignStatus,
}

/// A category of a campaign and how many it may award.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignCategory {
    /// Category.
    pub code: HonorCategory,
    /// Awards at most.
    #[schema(minimum = 0, maximum = 100_000)]
    pub quota: i32,
}

/// Working days for which names are public before anything is awarded: the usual least of a 公示.
const PUBLICITY: usize = 5;

/// Working days from one day to another, both included, counted up to so many.
pub(crate) fn working_days(from: NaiveDate, to: NaiveDate, most: usize) -> usize {
    let days = from.iter_days().take_while(|day| *day <= to).filter(|day| day.weekday().number_from_monday() < 6);
    days.take(most).count()
}

fn too_short(step: &Step<'_, CommendationCampaign>) -> Option<Violation> {
    let (from, to) = (step.after.publicized_from?, step.after.publicized_to?);
    let days = working_days(from, to, PUBLICITY);
    (days < PUBLICITY)
        .then(|| Violation::new("publicized_to", Rule::PublicityDays).with("min", PUBLICITY).with("days", days))
}

fn still_public(step: &Step<'_, CommendationCampaign>) -> Option<Violation> {
    let last = step.after.publicized_to?;
    (step.today <= last)
        .then(|| Violation::new("publicized_to", Rule::PublicityRunning).with("last", last).with("today", step.today))
}

fn open() -> CampaignStatus {
    CampaignStatus::Open
}

impl Resource for CommendationCampaign {
    const NAME: &'static str = "commendation_campaign";
    const PATH: &'static str = "commendation-campaigns";
    const TITLE: (&'static str, &'static str) = ("评选表扬活动", "commendation campaign");
    const MODULE: Module = Module::Honors;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: CampaignStatus {
        "review" "转入评审" "Begin the review": [Open] => Review, Terms::none();
        "publicize" "公示" "Publicize": [Review] => Publicized,
            Terms::none()
                .sets(&["publicized_from", "publicized_to"])
                .needs(&["publicized_from", "publicized_to"])
                .gates(&[Gate { rule: Rule::PublicityDays, shut: too_short }]);
        "award" "表扬" "Award": [Publicized] => Awarded,
            Terms::none()
                .sets(&["document_no", "awarded_on"])
                .needs(&["document_no", "awarded_on", "publicized_to"])
                .gates(&[Gate { rule: Rule::PublicityRunning, shut: still_public }]);
        "close" "结束" "Close": [Awarded] => Closed, Terms::none();
        "reopen" "退回推荐申报" "Reopen": [Review, Publicized] => Open, Terms::none();
    }));
    const VISIBILITY: Visibility = Visibility::Inherited;

    fn example() -> Self {
        Self {
            name: "“本色家园”评选表扬".into(),
            kind: CampaignKind::BenseJiayuan,
            year: 2021,
            level: HonorLevel::City,
            categories: vec![
                CampaignCategory { code: HonorCategory::PartyMember, quota: 22 },
                CampaignCategory { code: HonorCategory::PartySecretary, quota: 4 },
                CampaignCategory { code: HonorCategory::PartyOrg, quota: 9 },
            ],
            document_no: Some("菏老干〔2021〕7号".into()),
            cutoff_on: NaiveDate::from_ymd_opt(2021, 6, 1),
            publicized_from: None,
            publicized_to: None,
            awarded_on: None,
            status: CampaignStatus::Open,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        if let (Some(from), Some(to)) = (self.publicized_from, self.publicized_to)
            && to < from
        {
            found.push(Violation::new("publicized_to", Rule::PeriodOrder).with("other", "publicized_from"));
        }
        if let (Some(to), Some(awarded)) = (self.publicized_to, self.awarded_on)
            && awarded <= to
        {
            found.push(Violation::new("awarded_on", Rule::DateOrder).with("other", "publicized_to"));
        }
        for (i, category) in self.categories.iter().enumerate() {
            if self.categories.iter().take(i).any(|c| c.code == category.code) {
                found.push(Violation::new(format!("/categories/{i}/code"), Rule::TooMany).with("max", 1));
            }
        }
    }
}

impl CommendationCampaign {
    /// How many awards a category may have; `None` where the campaign has no such category.
    pub fn quota(&self, category: HonorCategory) -> Option<i32> {
        self.categories.iter().find(|c| c.code == category).map(|c| c.quota)
    }
}
