//! Administrative and statistical divisions with their validity (行政区划).
use crate::codes::{DivisionKind, DivisionLevel};
use crate::resource::{Classified, Module, Resource, Visibility};
use crate::{DivisionCode, Findings, NaiveDate, Rule, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A division, in force for a period. A code that has ended stays, with the code that took over:
/// old records and ID numbers keep it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Division {
    /// The code (GB/T 2260; statistical divisions use the code of the statistics bureau). Unique.
    pub code: DivisionCode,
    /// Name, such as 单县.
    #[schema(min_length = 1, max_length = 50)]
    pub name: String,
    /// Level.
    pub level: DivisionLevel,
    /// Whether it is an administrative division or exists for statistics only.
    pub kind: DivisionKind,
    /// Code of the division around it.
    pub parent_code: Option<DivisionCode>,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; absent while it is in force.
    pub valid_to: Option<NaiveDate>,
    /// The code to use after `valid_to`.
    pub successor_code: Option<DivisionCode>,
}

impl Resource for Division {
    const NAME: &'static str = "division";
    const PATH: &'static str = "divisions";
    const TITLE: (&'static str, &'static str) = ("行政区划", "division");
    const MODULE: Module = Module::Reference;
    const KEYS: &'static [&'static str] = &["code"];
    const NAMES: &'static [&'static str] = &["name"];
    const VISIBILITY: Visibility = Visibility::Everyone;
    const CLASSES: &'static [Classified] = &[
        Classified::public("code"),
        Classified::public("name"),
        Classified::public("level"),
        Classified::public("kind"),
        Classified::public("parent_code"),
    ];

    fn example() -> Self {
        Self {
            code: code("371722104"),
            name: "终兴镇".into(),
            level: DivisionLevel::Township,
            kind: DivisionKind::Administrative,
            parent_code: Some(code("371722")),
            valid_from: NaiveDate::from_ymd_opt(2000, 6, 23).unwrap_or_default(),
            valid_to: None,
            successor_code: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        if self.valid_to.is_some_and(|to| to < self.valid_from) {
            found.push(Violation::new("valid_to", Rule::PeriodOrder).with("other", "valid_from"));
        }
        if self.parent_code.as_ref() == Some(&self.code) {
            found.error("parent_code", Rule::Cycle);
        }
    }
}

impl Division {
    /// The record id of a division: derived from its code, the same in every installation.
    pub fn id_of(code: &str) -> Uuid {
        const SPACE: Uuid = Uuid::from_u128(0x6c61_6f67_616e_4000_8000_6469_7669_7369);
        Uuid::new_v5(&SPACE, code.as_bytes())
    }
}

/// A code written in this crate's own tables. Falls back to China itself, which no table uses.
pub(crate) fn code(text: &str) -> DivisionCode {
    DivisionCode::parse(text)
        .or_else(|| DivisionCode::parse("000000"))
        .unwrap_or_else(|| unreachable!("six digits are a code"))
}
