//! Rounds of selection and commendation (评选表扬).
use crate::codes::{CampaignKind, CampaignStatus, HonorCategory, HonorLevel};
use crate::resource::{Module, Resource, Visibility};
use crate::{Findings, Machine, Rule, Terms, Violation};
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
        "publicize" "公示" "Publicize": [Review] => Publicized, Terms::none();
        "award" "表扬" "Award": [Publicized] => Awarded, Terms::none().sets(&["document_no"]).needs(&["document_no"]);
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
            status: CampaignStatus::Open,
        }
    }

    fn check(&mut self, found: &mut Findings) {
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
