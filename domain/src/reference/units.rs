//! Units that employ or manage retired cadres (单位).
use crate::codes::{Rank, UnitKind, UnitManagement};
use crate::resource::{Classified, Module, Reference, Resource};
use crate::{Findings, Rule, Uuid, uscc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A unit. Its kind follows the independent accounting unit.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Full name.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// Unified social credit code (GB 32100), unique.
    #[schema(max_length = 18)]
    pub uscc: Option<String>,
    /// Accepts a `uscc` that fails its check character: some early codes do.
    #[serde(default)]
    pub legacy_uscc: bool,
    /// Kind.
    pub kind: UnitKind,
    /// Whether it is managed centrally or locally. Tables by units count those apart whose units do not say.
    pub management: Option<UnitManagement>,
    /// Rank of the unit (GB/T 12407).
    pub unit_level: Option<Rank>,
    /// Type of organization in the unit's own words.
    #[schema(max_length = 50)]
    pub org_type: Option<String>,
    /// The unit above it.
    pub parent_id: Option<Uuid>,
    /// Position among its siblings.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub sort_no: i32,
    /// Whether it still exists.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub active: bool,
}

fn yes() -> bool {
    true
}

impl Resource for Unit {
    const NAME: &'static str = "unit";
    const PATH: &'static str = "units";
    const TITLE: (&'static str, &'static str) = ("单位", "unit");
    const MODULE: Module = Module::Reference;
    const KEYS: &'static [&'static str] = &["uscc"];
    const NAMES: &'static [&'static str] = &["name"];
    const CLASSES: &'static [Classified] = &[Classified::public("name"), Classified::public("kind")];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "parent_id", expand: "parent", to: "units", ids: |u| u.parent_id.as_slice() }];

    fn example() -> Self {
        Self {
            name: "单县某某局".into(),
            uscc: Some("1137170000TEAT018M".into()),
            legacy_uscc: false,
            kind: UnitKind::Organ,
            management: Some(UnitManagement::Local),
            unit_level: Some(Rank::DivisionHead),
            org_type: Some("政府工作部门".into()),
            parent_id: None,
            sort_no: 10,
            active: true,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let Some(text) = &self.uscc else { return };
        match uscc::parse(text) {
            Ok(normal) => self.uscc = Some(normal),
            Err(Rule::UsccChecksum) if self.legacy_uscc => self.uscc = Some(text.to_uppercase()),
            Err(rule) => found.error("uscc", rule),
        }
    }
}
