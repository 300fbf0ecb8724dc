//! Members of a cadre's family (家庭成员).
use super::tie::CadreTie;
use crate::codes::{FamilyRelation, Politics, Sex};
use crate::resource::{Classified, Mask, Module, Reference, Resource};
use crate::{Findings, PartialDate, Rule, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A member of a cadre's family: whom to tell, and whom to look after.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CadreFamilyMember {
    /// The cadre.
    pub cadre_id: Uuid,
    /// Relation to the cadre.
    pub relation: FamilyRelation,
    /// Name.
    #[schema(min_length = 2, max_length = 50)]
    pub name: String,
    /// Sex (GB/T 2261.1).
    pub sex: Option<Sex>,
    /// Year of birth; the month and the day where they are known.
    pub born_on: Option<PartialDate>,
    /// Political affiliation (GB/T 4762).
    pub politics: Option<Politics>,
    /// Where the member works or worked.
    #[schema(max_length = 100)]
    pub work_unit: Option<String>,
    /// Telephone number.
    #[schema(pattern = r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$")]
    pub phone: Option<String>,
    /// Whether the member is alive.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub alive: bool,
    /// When the member died; only for one who is not alive.
    pub died_on: Option<PartialDate>,
    /// Whether the cadre supports the member, who would be a survivor in need.
    #[serde(default)]
    pub dependent: bool,
    /// Health of a dependent member.
    #[schema(max_length = 500)]
    pub health_note: Option<String>,
}

fn yes() -> bool {
    true
}

impl Resource for CadreFamilyMember {
    const NAME: &'static str = "cadre_family_member";
    const PATH: &'static str = "cadre-family-members";
    const TITLE: (&'static str, &'static str) = ("家庭成员", "family member");
    const MODULE: Module = Module::Cadres;
    const CLASSES: &'static [Classified] = &[
        Classified::personal("name"),
        Classified::personal("born_on"),
        Classified::personal("work_unit"),
        Classified::personal("phone"),
        Classified::personal("died_on"),
        Classified::sensitive("health_note", Mask::All),
    ];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |m| std::slice::from_ref(&m.cadre_id) }];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie { moves: true, ..CadreTie::NOTHING });

    fn example() -> Self {
        Self {
            cadre_id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0002),
            relation: FamilyRelation::Spouse,
            name: "颜令仪".into(),
            sex: Some(Sex::Female),
            born_on: PartialDate::parse("1933"),
            politics: Some(Politics::Masses),
            work_unit: Some("单县第一小学".into()),
            phone: Some("13800000003".into()),
            alive: true,
            died_on: None,
            dependent: true,
            health_note: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        if self.alive && self.died_on.is_some() {
            found.error("died_on", Rule::DeceasedDate);
        }
        if let (Some(born), Some(died)) = (self.born_on, self.died_on)
            && died.surely_before(born)
        {
            found.push(crate::Violation::new("died_on", Rule::PeriodOrder).with("other", "born_on"));
        }
    }
}
