//! Medals on their way, and campaigns whose names have been public for long enough.
use super::{Asker, By, Worklist, before, is};
use crate::derived;
use chrono::Datelike;
use domain::Resource;
use domain::codes::{CampaignStatus, HonorKind, HonorStatus};
use domain::honors::{CommendationCampaign, Honor};
use persistence::Condition;

/// Medals in a state.
fn medals(status: HonorStatus) -> Vec<Condition> {
    vec![is("kind", HonorKind::Party50Medal), is("status", status)]
}

pub(super) const LISTS: &[Worklist] = &[
    Worklist::of::<Honor>("medals_to_verify", ("待党支部核实的纪念章", "Medals to verify"), |_| {
        medals(HonorStatus::Candidate)
    }),
    Worklist::of::<Honor>("medals_to_recommend", ("待党委推荐的纪念章", "Medals to recommend"), |_| {
        medals(HonorStatus::BranchVerified)
    }),
    Worklist::of::<Honor>("medals_to_review", ("待组织部门审核的纪念章", "Medals to review"), |_| {
        medals(HonorStatus::CommitteeRecommended)
    }),
    Worklist::of::<Honor>("medals_to_award", ("待授予的纪念章", "Medals to award"), |_| {
        medals(HonorStatus::DeptReviewed)
    }),
    Worklist::of::<Honor>("medals_in_question", ("待核实的纪念章", "Medals in question"), |_| {
        medals(HonorStatus::NeedsReview)
    }),
    Worklist::of::<Honor>("medals_to_decide", ("待研究决定的纪念章", "Medals to decide about"), |_| {
        medals(HonorStatus::NeedsDecision)
    }),
    Worklist {
        name: "medal_candidates",
        title: ("本年度纪念章人选", "Candidates of this year's medal"),
        about: (Honor::PATH, Honor::MODULE),
        by: By::Own(
            |c, scope, a: &Asker| derived::count_candidates(c, scope, a.today.year().max(2021)),
            |a| format!("/honors/party50-candidates?year={}&open=true", a.today.year().max(2021)),
        ),
    },
    Worklist::of::<CommendationCampaign>(
        "campaigns_to_award",
        ("公示期满待表扬", "Campaigns whose publicity is over"),
        |a| vec![is("status", CampaignStatus::Publicized), before("publicized_to", a.today)],
    ),
];
