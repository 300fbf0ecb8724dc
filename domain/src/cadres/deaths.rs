//! Deaths of cadres, and what is due after them (去世登记).
use super::tie::CadreTie;
use crate::codes::{DeathCircumstance, DeathStatus, FamilyRelation, GrantKind, Role};
use crate::resource::{Classified, Mask, Module, Reference, Resource};
use crate::{Findings, Machine, Money, NaiveDate, PartialDate, Rule, Terms, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// The death of a cadre, from the report to the last grant. Confirming it ends what the cadre held.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Death {
    /// The cadre.
    pub cadre_id: Uuid,
    /// Day of death.
    pub died_on: NaiveDate,
    /// Circumstances; they decide the lump sum.
    #[serde(default = "illness")]
    pub circumstance: DeathCircumstance,
    /// Cause.
    #[schema(max_length = 500)]
    pub cause: Option<String>,
    /// Place.
    #[schema(max_length = 100)]
    pub place: Option<String>,
    /// Who reported it.
    #[schema(min_length = 1, max_length = 50)]
    pub reported_by: String,
    /// When it was reported.
    pub reported_on: Option<NaiveDate>,
    /// What was granted.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub grants: Vec<DeathGrant>,
    /// Who survives.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub survivors: Vec<Survivor>,
    /// Why it was withdrawn or reversed. Needed there.
    #[schema(max_length = 200)]
    pub closing_reason: Option<String>,
    /// Where it stands.
    #[serde(default = "reported")]
    pub status: DeathStatus,
}

/// A grant that was decided. What it should be is `GET /deaths/{id}/grants`; what it is, is decided by people.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeathGrant {
    /// Kind.
    pub kind: GrantKind,
    /// Amount.
    pub amount: Money,
    /// How it was calculated.
    #[schema(max_length = 200)]
    pub formula: Option<String>,
    /// The document it rests on.
    #[schema(max_length = 100)]
    pub document_no: Option<String>,
    /// When it was paid.
    pub paid_on: Option<NaiveDate>,
}

/// Someone who survives.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Survivor {
    /// Name.
    #[schema(min_length = 2, max_length = 50)]
    pub name: String,
    /// Relation to the cadre.
    pub relation: FamilyRelation,
    /// Telephone number.
    #[schema(pattern = r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$")]
    pub phone: Option<String>,
    /// In need of an allowance.
    #[serde(default)]
    pub in_need: bool,
}

fn illness() -> DeathCircumstance {
    DeathCircumstance::Illness
}
fn reported() -> DeathStatus {
    DeathStatus::Reported
}

impl Resource for Death {
    const NAME: &'static str = "death";
    const PATH: &'static str = "deaths";
    const TITLE: (&'static str, &'static str) = ("去世登记", "death");
    const MODULE: Module = Module::Cadres;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: DeathStatus {
        "confirm" "确认" "Confirm": [Reported] => Confirmed,
            Terms::none().sets(&["circumstance", "cause", "place", "grants", "survivors"]).also(&[Rule::CadreState]);
        "withdraw" "撤回" "Withdraw": [Reported] => Withdrawn,
            Terms::none().sets(&["closing_reason"]).needs(&["closing_reason"]);
        "reverse" "撤销确认" "Reverse what was confirmed in error": [Confirmed] => Reversed,
            Terms::none().who(&[Role::CityAdmin, Role::CountyAdmin]).sets(&["closing_reason"]).needs(&["closing_reason"]);
    }));
    const CLASSES: &'static [Classified] = &[
        Classified::sensitive("cause", Mask::All),
        Classified::personal("place"),
        Classified::personal_as("reported_by", Mask::After(1)),
        Classified::personal("grants"),
        Classified::personal("survivors"),
    ];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |d| std::slice::from_ref(&d.cadre_id) }];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie { moves: true, ..CadreTie::NOTHING });

    fn example() -> Self {
        Self {
            cadre_id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002),
            died_on: NaiveDate::from_ymd_opt(2021, 6, 30).unwrap_or_default(),
            circumstance: DeathCircumstance::Illness,
            cause: Some("肺部感染".into()),
            place: Some("单县中心医院".into()),
            reported_by: "孔小文".into(),
            reported_on: NaiveDate::from_ymd_opt(2021, 7, 1),
            grants: vec![DeathGrant {
                kind: GrantKind::Funeral,
                amount: Money(500_000),
                formula: None,
                document_no: Some("菏老干〔2021〕9号".into()),
                paid_on: NaiveDate::from_ymd_opt(2021, 7, 20),
            }],
            survivors: vec![Survivor {
                name: "颜令仪".into(),
                relation: FamilyRelation::Spouse,
                phone: Some("13800000003".into()),
                in_need: false,
            }],
            closing_reason: None,
            status: DeathStatus::Reported,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        if self.reported_on.is_some_and(|day| day < self.died_on) {
            found.push(Violation::new("reported_on", Rule::PeriodOrder).with("other", "died_on"));
        }
        for (i, grant) in self.grants.iter().enumerate() {
            if grant.amount.0 < 0 {
                found.push(Violation::new(format!("/grants/{i}/amount"), Rule::TooSmall).with("min", 0));
            }
            if grant.paid_on.is_some_and(|day| day < self.died_on) {
                found.push(Violation::new(format!("/grants/{i}/paid_on"), Rule::PeriodOrder).with("other", "died_on"));
            }
            if self.grants.iter().take(i).any(|g| g.kind == grant.kind && g.kind != GrantKind::Survivor) {
                found.push(Violation::new(format!("/grants/{i}/kind"), Rule::TooMany).with("max", 1));
            }
        }
        let closed = matches!(self.status, DeathStatus::Withdrawn | DeathStatus::Reversed);
        found.require(!closed || self.closing_reason.is_some(), "closing_reason", Rule::Required);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.died_on))
    }
}
