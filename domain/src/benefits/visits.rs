//! Visits on occasions (走访慰问).
//!
//! There is one record for each cadre visited, so that everything that follows a cadre (lists, transfers, the person's
//! own data) finds it by `cadre_id`. Who visits many on one way sends them in one batch and gives them the same `round`.
use super::{CADRE, check_positive, ymd};
use crate::cadres::CadreTie;
use crate::codes::{GiftKind, VisitOccasion, VisitorLevel};
use crate::resource::{Classified, Module, Reference, Resource};
use crate::{Findings, Money, NaiveDate, PartialDate, Rule, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A visit to a cadre on an occasion; or, where only a number is known, to so many.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Occasion.
    pub occasion: VisitOccasion,
    /// The day.
    pub visited_on: NaiveDate,
    /// Level of those who visited. Their names are not kept.
    pub leader_level: VisitorLevel,
    /// The cadre visited. Exactly one of this and `persons` is given.
    pub cadre_id: Option<Uuid>,
    /// How many were visited, where they are not named.
    #[schema(minimum = 1, maximum = 100_000)]
    pub persons: Option<i32>,
    /// What belongs together: the visits of one round have the same text here, such as `2021年春节走访慰问`.
    #[schema(min_length = 2, max_length = 100)]
    pub round: Option<String>,
    /// Kind of gift.
    pub gift_kind: Option<GiftKind>,
    /// Its value in yuan; of all together, where only a number is given.
    pub gift_amount: Option<Money>,
    /// What was said.
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

impl Resource for Visit {
    const NAME: &'static str = "visit";
    const PATH: &'static str = "visits";
    const TITLE: (&'static str, &'static str) = ("走访慰问", "visit");
    const MODULE: Module = Module::Benefits;
    const CLASSES: &'static [Classified] = &[Classified::personal("note")];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |v| v.cadre_id.as_slice() }];
    // Whom a county has visited, it has visited, wherever the cadre goes.
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie::NOTHING);

    fn example() -> Self {
        Self {
            occasion: VisitOccasion::SpringFestival,
            visited_on: ymd(2021, 2, 4),
            leader_level: VisitorLevel::City,
            cadre_id: Some(CADRE),
            persons: None,
            round: Some("2021年春节走访慰问".into()),
            gift_kind: Some(GiftKind::Both),
            gift_amount: Some(Money(150_000)),
            note: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        found.require(self.cadre_id.is_some() != self.persons.is_some(), "cadre_id", Rule::CadreOrCount);
        check_positive("gift_amount", self.gift_amount, found);
        found.require(self.gift_amount.is_none() || self.gift_kind.is_some(), "gift_kind", Rule::GiftNamed);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.visited_on))
    }
}
