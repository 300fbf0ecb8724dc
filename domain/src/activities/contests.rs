//! What a place or a team has won (赛事成绩).
use crate::codes::{ContestMetric, HonorLevel};
use crate::resource::{Module, Reference, Resource};
use crate::{Findings, NaiveDate, Rule, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// The result of a contest, of the division it belongs to or of one of its teams.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContestResult {
    /// The contest.
    #[schema(min_length = 2, max_length = 100)]
    pub event: String,
    /// What is contested, such as 门球.
    #[schema(max_length = 50)]
    pub discipline: Option<String>,
    /// The year the contest is named by.
    #[schema(minimum = 1949, maximum = 2199)]
    pub year: i32,
    /// The day of the result.
    pub decided_on: Option<NaiveDate>,
    /// Level of the contest.
    pub level: HonorLevel,
    /// What the result states.
    pub metric: ContestMetric,
    /// Rank, from 1. A rank or a title is needed.
    #[schema(minimum = 1, maximum = 10_000)]
    pub rank: Option<i32>,
    /// Title or prize.
    #[schema(max_length = 100)]
    pub title: Option<String>,
    /// The team.
    pub team_id: Option<Uuid>,
}

impl Resource for ContestResult {
    const NAME: &'static str = "contest_result";
    const PATH: &'static str = "contest-results";
    const TITLE: (&'static str, &'static str) = ("赛事成绩", "contest result");
    const MODULE: Module = Module::Activities;
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "team_id", expand: "team", to: "teams", ids: |r| r.team_id.as_slice() }];

    fn example() -> Self {
        Self {
            event: "美丽中国全国门球大赛总决赛".into(),
            discipline: Some("门球".into()),
            year: 2020,
            decided_on: NaiveDate::from_ymd_opt(2021, 5, 20),
            level: HonorLevel::National,
            metric: ContestMetric::TotalPoints,
            rank: Some(1),
            title: None,
            team_id: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        found.require(self.rank.is_some() || self.title.is_some(), "rank", Rule::RankOrTitle);
    }
}
