//! Evaluation of party building (党建评价): schemes with their dimensions, and how each organization did.
use super::some;
use crate::codes::EvaluationStatus;
use crate::resource::{Module, Reference, Resource, Visibility};
use crate::{Findings, Machine, Rate, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// The highest score of a dimension, 100.
const FULL_SCORE: Rate = Rate(100_000_000);

/// What is evaluated in a year. Counties inside its division read it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationScheme {
    /// Name.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// Year.
    #[schema(minimum = 1949, maximum = 2199)]
    pub year: i32,
    /// Dimensions, whose weights sum to 100.
    #[schema(min_items = 1, max_items = 20)]
    pub dimensions: Vec<Dimension>,
    /// What rules an organization out, whatever its scores.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub veto_items: Vec<VetoItem>,
    /// Document that announces it.
    #[schema(max_length = 100)]
    pub document_no: Option<String>,
}

/// A dimension of a scheme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dimension {
    /// Its code within the scheme.
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    /// Name.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Weight in per cent of the total.
    #[schema(minimum = 1, maximum = 100)]
    pub weight: i32,
}

/// Something that rules an organization out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VetoItem {
    /// Its code within the scheme.
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    /// What it is.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
}

impl Resource for EvaluationScheme {
    const NAME: &'static str = "evaluation_scheme";
    const PATH: &'static str = "evaluation-schemes";
    const TITLE: (&'static str, &'static str) = ("党建评价方案", "evaluation scheme");
    const MODULE: Module = Module::Party;
    const VISIBILITY: Visibility = Visibility::Inherited;

    fn example() -> Self {
        let dimension =
            |(code, name): &(&str, &str)| Dimension { code: (*code).into(), name: (*name).into(), weight: 20 };
        let five = [
            ("politics", "政治引领"),
            ("organization", "组织建设"),
            ("team", "队伍建设"),
            ("service", "服务保障"),
            ("contribution", "作用发挥"),
        ];
        Self {
            name: "2021年度离退休干部党建评价".into(),
            year: 2021,
            dimensions: five.iter().map(dimension).collect(),
            veto_items: vec![VetoItem { code: "discipline".into(), name: "党员受到党纪处分".into() }],
            document_no: Some("菏老干〔2021〕9号".into()),
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let sum: i64 = self.dimensions.iter().map(|d| i64::from(d.weight)).sum();
        if sum != 100 {
            found.push(Violation::new("dimensions", Rule::WeightsSum100).with("sum", sum));
        }
        twice("dimensions", self.dimensions.iter().map(|d| &d.code), found);
        twice("veto_items", self.veto_items.iter().map(|v| &v.code), found);
    }
}

/// Reports codes that a list has twice.
fn twice<'a>(list: &str, codes: impl Iterator<Item = &'a String>, found: &mut Findings) {
    let mut seen = std::collections::HashSet::new();
    for (i, code) in codes.enumerate() {
        if !seen.insert(code) {
            found.error(format!("/{list}/{i}"), Rule::Twice);
        }
    }
}

/// How an organization did in a scheme. A published evaluation is not changed any more.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// The scheme, and by it the year.
    pub evaluation_scheme_id: Uuid,
    /// The organization.
    pub party_organization_id: Uuid,
    /// Scores the organization gives itself.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub self_scores: Vec<Score>,
    /// Scores of the superior.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub scores: Vec<Score>,
    /// Codes of the veto items that apply.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub vetoes: Vec<String>,
    /// The weighted sum of the superior's scores, once all dimensions have one.
    pub total: Option<Rate>,
    /// Whether a veto item applies.
    #[serde(default)]
    pub vetoed: bool,
    /// Taken into account in the plan of the unit's party building.
    #[serde(default)]
    pub synced_plan: bool,
    /// Taken into account in the assessment of the unit.
    #[serde(default)]
    pub synced_assessment: bool,
    /// Taken into account in rewards and penalties.
    #[serde(default)]
    pub synced_reward: bool,
    /// Remark.
    #[schema(max_length = 500)]
    pub remark: Option<String>,
    /// Where it stands.
    #[serde(default = "draft")]
    pub status: EvaluationStatus,
}

/// The score of a dimension.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Code of the dimension.
    #[schema(min_length = 1, max_length = 40)]
    pub dimension: String,
    /// From 0 to 100.
    pub score: Rate,
}

fn draft() -> EvaluationStatus {
    EvaluationStatus::Draft
}

impl Resource for Evaluation {
    const NAME: &'static str = "evaluation";
    const PATH: &'static str = "evaluations";
    const TITLE: (&'static str, &'static str) = ("党建评价", "evaluation");
    const MODULE: Module = Module::Party;
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference {
            field: "evaluation_scheme_id",
            expand: "evaluation_scheme",
            to: "evaluation-schemes",
            ids: |e| std::slice::from_ref(&e.evaluation_scheme_id),
        },
        Reference {
            field: "party_organization_id",
            expand: "party_organization",
            to: "party-organizations",
            ids: |e| std::slice::from_ref(&e.party_organization_id),
        },
    ];
    const DERIVED: &'static [&'static str] = &["total", "vetoed"];
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: EvaluationStatus {
        "assess" "自评" "Assess oneself": [Draft] => SelfAssessed,
            Terms::none().sets(&["self_scores", "remark"]).needs(&["self_scores"]);
        "review" "评审" "Review": [SelfAssessed] => Reviewed,
            Terms::none().sets(&["scores", "vetoes", "remark"]).needs(&["scores"]).also(&[Rule::ScoresIncomplete]);
        "return" "退回" "Return": [SelfAssessed, Reviewed] => Draft, Terms::none().sets(&["remark"]);
        "publish" "公布" "Publish": [Reviewed] => Published,
            Terms::none().sets(&["synced_plan", "synced_assessment", "synced_reward"]).also(&[Rule::ScoresIncomplete]);
    }));

    fn example() -> Self {
        Self {
            evaluation_scheme_id: some(8),
            party_organization_id: some(3),
            self_scores: vec![Score { dimension: "politics".into(), score: Rate(95_000_000) }],
            scores: vec![Score { dimension: "politics".into(), score: Rate(92_500_000) }],
            vetoes: vec![],
            total: None,
            vetoed: false,
            synced_plan: false,
            synced_assessment: false,
            synced_reward: false,
            remark: Some("材料齐全".into()),
            status: EvaluationStatus::Draft,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        self.vetoed = !self.vetoes.is_empty();
        for (list, scores) in [("self_scores", &self.self_scores), ("scores", &self.scores)] {
            twice(list, scores.iter().map(|s| &s.dimension), found);
            for (i, score) in scores.iter().enumerate() {
                if score.score.0 < 0 {
                    found.push(Violation::new(format!("/{list}/{i}/score"), Rule::TooSmall).with("min", 0));
                } else if score.score > FULL_SCORE {
                    found.push(Violation::new(format!("/{list}/{i}/score"), Rule::TooLarge).with("max", FULL_SCORE));
                }
            }
        }
        twice("vetoes", self.vetoes.iter(), found);
    }
}

impl Evaluation {
    /// Judges the scores by the scheme and works out the total: the sum of score times weight.
    pub fn settle(&mut self, scheme: &EvaluationScheme, found: &mut Findings) {
        for (list, scores) in [("self_scores", &self.self_scores), ("scores", &self.scores)] {
            for (i, score) in scores.iter().enumerate() {
                let known = scheme.dimensions.iter().any(|d| d.code == score.dimension);
                found.require(known, format!("/{list}/{i}/dimension"), Rule::DimensionUnknown);
            }
        }
        for (i, veto) in self.vetoes.iter().enumerate() {
            let known = scheme.veto_items.iter().any(|v| v.code == *veto);
            found.require(known, format!("/vetoes/{i}"), Rule::DimensionUnknown);
        }
        let of = |d: &Dimension| self.scores.iter().find(|s| s.dimension == d.code);
        let missing: Vec<&str> =
            scheme.dimensions.iter().filter(|d| of(d).is_none()).map(|d| d.code.as_str()).collect();
        let weighted = || scheme.dimensions.iter().filter_map(|d| Some(of(d)?.score.0.saturating_mul(d.weight.into())));
        // To six places, half of the last one up.
        self.total = missing.is_empty().then(|| Rate((weighted().sum::<i64>() + 50).div_euclid(100)));
        let judged = matches!(self.status, EvaluationStatus::Reviewed | EvaluationStatus::Published);
        if judged && !missing.is_empty() {
            found.push(Violation::new("scores", Rule::ScoresIncomplete).with("items", missing.join("、")));
        }
    }
}
