//! Who keeps in contact with whom, and what came of it (“一对一”联系关怀).
use super::{CADRE, check_order, ymd};
use crate::cadres::CadreTie;
use crate::codes::{CareContactKind, CareNeed, CarerKind};
use crate::resource::{Classified, Module, Reference, Resource};
use crate::{Findings, NaiveDate, PartialDate, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// Somebody who keeps in contact with a cadre, and how often. A death and a transfer end it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CarePair {
    /// The cadre.
    pub cadre_id: Uuid,
    /// Who keeps in contact.
    pub contact_kind: CarerKind,
    /// That person's name.
    #[schema(min_length = 2, max_length = 50)]
    pub contact_name: String,
    /// That person's telephone number.
    #[schema(pattern = r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$")]
    pub contact_phone: Option<String>,
    /// Calls planned in a month.
    #[serde(default = "one")]
    #[schema(minimum = 0, maximum = 31)]
    pub calls_per_month: i32,
    /// Visits planned in a quarter; one in hospital counts too.
    #[serde(default = "one")]
    #[schema(minimum = 0, maximum = 31)]
    pub visits_per_quarter: i32,
    /// Talks planned in half a year.
    #[serde(default = "one")]
    #[schema(minimum = 0, maximum = 31)]
    pub talks_per_half: i32,
    /// First day.
    pub started_on: NaiveDate,
    /// Last day; absent while it goes on.
    pub ended_on: Option<NaiveDate>,
}

fn one() -> i32 {
    1
}

impl CarePair {
    /// Whether it goes on on a day.
    pub fn is_active(&self, day: NaiveDate) -> bool {
        self.started_on <= day && self.ended_on.is_none_or(|end| end >= day)
    }
    fn end(&mut self, day: NaiveDate) {
        if self.ended_on.is_none_or(|end| end > day) {
            self.ended_on = Some(day.max(self.started_on));
        }
    }
}

impl Resource for CarePair {
    const NAME: &'static str = "care_pair";
    const PATH: &'static str = "care-pairs";
    const TITLE: (&'static str, &'static str) = ("结对联系", "care pair");
    const MODULE: Module = Module::Benefits;
    const CLASSES: &'static [Classified] =
        &[Classified::personal("contact_name"), Classified::personal("contact_phone")];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |p| std::slice::from_ref(&p.cadre_id) }];
    const TIE: Option<&'static CadreTie<Self>> =
        Some(&CadreTie { moves: true, ends: Self::end, leaves: Self::end, ..CadreTie::NOTHING });

    fn example() -> Self {
        Self {
            cadre_id: CADRE,
            contact_kind: CarerKind::Staff,
            contact_name: "孟小宁".into(),
            contact_phone: Some("13800000005".into()),
            calls_per_month: 1,
            visits_per_quarter: 1,
            talks_per_half: 1,
            started_on: ymd(2021, 1, 1),
            ended_on: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        check_order(found, ("started_on", Some(self.started_on)), ("ended_on", self.ended_on));
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.started_on))
    }
}

/// One contact of a pair.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CareContact {
    /// The pair.
    pub care_pair_id: Uuid,
    /// The cadre of the pair.
    pub cadre_id: Option<Uuid>,
    /// The day.
    pub contacted_on: NaiveDate,
    /// Kind.
    pub kind: CareContactKind,
    /// What was said.
    #[schema(max_length = 1000)]
    pub content: Option<String>,
    /// What the cadre needs.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub needs: Vec<CareNeed>,
}

impl Resource for CareContact {
    const NAME: &'static str = "care_contact";
    const PATH: &'static str = "care-contacts";
    const TITLE: (&'static str, &'static str) = ("联系记录", "care contact");
    const MODULE: Module = Module::Benefits;
    const DERIVED: &'static [&'static str] = &["cadre_id"];
    const CLASSES: &'static [Classified] = &[Classified::personal("content"), Classified::personal("needs")];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference {
            field: "care_pair_id",
            expand: "care_pair",
            to: "care-pairs",
            ids: |c| std::slice::from_ref(&c.care_pair_id),
        },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |c| c.cadre_id.as_slice() },
    ];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie { moves: true, ..CadreTie::NOTHING });

    fn example() -> Self {
        Self {
            care_pair_id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0032),
            cadre_id: None,
            contacted_on: ymd(2021, 3, 8),
            kind: CareContactKind::Call,
            content: Some("身体尚好,询问疗养安排".into()),
            needs: vec![CareNeed::Policy],
        }
    }

    fn check(&mut self, _: &mut Findings) {
        let mut seen = vec![];
        self.needs.retain(|need| {
            !seen.contains(need) && {
                seen.push(*need);
                true
            }
        });
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.contacted_on))
    }
}
