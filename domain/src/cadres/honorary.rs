//! Honorary retirement (荣誉退休): the dignified way from the last day of work into retirement.
use super::tie::CadreTie;
use crate::codes::HonoraryRetirementStatus;
use crate::resource::{Module, Reference, Resource};
use crate::{Findings, Machine, NaiveDate, PartialDate, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// The honorary retirement of a cadre, with the steps that belong to it (中办发〔2022〕31号).
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HonoraryRetirement {
    /// The cadre.
    pub cadre_id: Uuid,
    /// The day of retirement.
    pub effective_date: NaiveDate,
    /// The steps, each once.
    #[serde(default)]
    #[schema(max_items = 30)]
    pub checklist: Vec<ChecklistItem>,
    /// Number of the certificate of honorary retirement.
    #[schema(max_length = 50)]
    pub certificate_no: Option<String>,
    /// When the cadre came to the branch of the retired.
    pub branch_joined_on: Option<NaiveDate>,
    /// When the farewell was held.
    pub ceremony_on: Option<NaiveDate>,
    /// Where it stands.
    #[serde(default = "planned")]
    pub status: HonoraryRetirementStatus,
}

/// One step: a talk, a ceremony, a certificate, a visit to the new branch.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChecklistItem {
    /// What is to be done.
    #[schema(min_length = 1, max_length = 50)]
    pub item: String,
    /// When it was done.
    pub done_on: Option<NaiveDate>,
}

fn planned() -> HonoraryRetirementStatus {
    HonoraryRetirementStatus::Planned
}

impl Resource for HonoraryRetirement {
    const NAME: &'static str = "honorary_retirement";
    const PATH: &'static str = "honorary-retirements";
    const TITLE: (&'static str, &'static str) = ("荣誉退休", "honorary retirement");
    const MODULE: Module = Module::Cadres;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: HonoraryRetirementStatus {
        "start" "启动" "Start": [Planned] => InProgress, Terms::none().sets(&["checklist"]);
        "complete" "完成" "Complete": [InProgress] => Completed,
            Terms::none()
                .sets(&["checklist", "certificate_no", "branch_joined_on", "ceremony_on"])
                .needs(&["certificate_no"])
                .also(&[Rule::ChecklistOpen]);
        "cancel" "取消" "Cancel": [Planned, InProgress] => Cancelled, Terms::none();
    }));
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |h| std::slice::from_ref(&h.cadre_id) }];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        moves: true,
        open: |h| h.status == HonoraryRetirementStatus::InProgress,
        ends: |h, _| {
            if matches!(h.status, HonoraryRetirementStatus::Planned | HonoraryRetirementStatus::InProgress) {
                h.status = HonoraryRetirementStatus::Cancelled;
            }
        },
        ..CadreTie::NOTHING
    });

    fn example() -> Self {
        let done = |item: &str, day| ChecklistItem { item: item.into(), done_on: day };
        Self {
            cadre_id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002),
            effective_date: NaiveDate::from_ymd_opt(2021, 9, 1).unwrap_or_default(),
            checklist: vec![
                done("退休谈话", NaiveDate::from_ymd_opt(2021, 8, 25)),
                done("颁发荣誉退休证书", None),
                done("转接党组织关系", None),
            ],
            certificate_no: None,
            branch_joined_on: None,
            ceremony_on: None,
            status: HonoraryRetirementStatus::Planned,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        for (i, step) in self.checklist.iter().enumerate() {
            if self.checklist.iter().take(i).any(|other| other.item == step.item) {
                found.push(Violation::new(format!("/checklist/{i}/item"), Rule::TooMany).with("max", 1));
            }
        }
        if self.status == HonoraryRetirementStatus::Completed {
            if let Some((at, step)) = self.checklist.iter().enumerate().find(|(_, step)| step.done_on.is_none()) {
                let open = Violation::new(format!("/checklist/{at}/done_on"), Rule::ChecklistOpen);
                found.push(open.with("item", &step.item));
            }
            found.require(self.certificate_no.is_some(), "certificate_no", Rule::Required);
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.effective_date))
    }
}
