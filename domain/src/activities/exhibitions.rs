//! Exhibitions that tour squares, fairs and schools (巡回展览).
use super::{day, some};
use crate::cadres::CadreTie;
use crate::codes::VenueKind;
use crate::resource::{Module, Reference, Resource};
use crate::{Findings, NaiveDate, PartialDate, Rule, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// An exhibition. The cadre whose collection it is stands in it only by a consent to publicity.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Exhibition {
    /// Title.
    #[schema(min_length = 2, max_length = 100)]
    pub title: String,
    /// Items in the collection it is drawn from.
    #[schema(minimum = 0, maximum = 100_000_000)]
    pub collection_size: Option<i32>,
    /// Items that are shown.
    #[schema(minimum = 0, maximum = 100_000_000)]
    pub selected_items: Option<i32>,
    /// The consent to publicity of the cadre whose collection it is.
    pub consent_id: Option<Uuid>,
    /// That cadre.
    pub cadre_id: Option<Uuid>,
    /// What is shown.
    #[schema(max_length = 500)]
    pub description: Option<String>,
}

impl Resource for Exhibition {
    const NAME: &'static str = "exhibition";
    const PATH: &'static str = "exhibitions";
    const TITLE: (&'static str, &'static str) = ("展览", "exhibition");
    const MODULE: Module = Module::Activities;
    const DERIVED: &'static [&'static str] = &["cadre_id"];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "consent_id", expand: "consent", to: "consents", ids: |e| e.consent_id.as_slice() },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |e| e.cadre_id.as_slice() },
    ];
    // What was shown stays shown; with a transfer the collection goes where its owner goes, the records do not.
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie::NOTHING);

    fn example() -> Self {
        Self {
            title: "“红色画报”巡回展".into(),
            collection_size: Some(20_000),
            selected_items: Some(100),
            consent_id: Some(some(24)),
            cadre_id: None,
            description: Some("宣传画、电影海报".into()),
        }
    }

    fn check(&mut self, found: &mut Findings) {
        if let (Some(all), Some(selected)) = (self.collection_size, self.selected_items)
            && selected > all
        {
            found.push(Violation::new("selected_items", Rule::TooLarge).with("max", all));
        }
    }
}

/// One showing of an exhibition.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExhibitionShowing {
    /// The exhibition.
    pub exhibition_id: Uuid,
    /// The day.
    pub shown_on: NaiveDate,
    /// Kind of venue.
    pub venue_kind: VenueKind,
    /// Place.
    #[schema(min_length = 2, max_length = 100)]
    pub place: String,
    /// How many came; absent while it is only planned.
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub visitors: Option<i32>,
}

impl Resource for ExhibitionShowing {
    const NAME: &'static str = "exhibition_showing";
    const PATH: &'static str = "exhibition-showings";
    const TITLE: (&'static str, &'static str) = ("展出场次", "showing of an exhibition");
    const MODULE: Module = Module::Activities;
    const REFERENCES: &'static [Reference<Self>] = &[Reference {
        field: "exhibition_id",
        expand: "exhibition",
        to: "exhibitions",
        ids: |s| std::slice::from_ref(&s.exhibition_id),
    }];

    fn example() -> Self {
        Self {
            exhibition_id: some(25),
            shown_on: day("2021-07-01"),
            venue_kind: VenueKind::Square,
            place: "曹县人民广场".into(),
            visitors: Some(1_551),
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.shown_on))
    }
}
