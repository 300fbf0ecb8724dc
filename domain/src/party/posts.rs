//! Posts in party organizations (党内职务).
use super::{day, in_order, some};
use crate::cadres::CadreTie;
use crate::codes::PartyPostRole;
use crate::resource::{Module, Reference, Resource};
use crate::{Findings, NaiveDate, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// Somebody's post in an organization. A person has one post in an organization, and may have others elsewhere.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyPost {
    /// The organization.
    pub party_organization_id: Uuid,
    /// Who holds it.
    pub cadre_id: Uuid,
    /// The post.
    pub role: PartyPostRole,
    /// First day.
    pub started_on: NaiveDate,
    /// Last day; absent while it is held.
    pub ended_on: Option<NaiveDate>,
    /// The term it was elected for.
    pub party_term_id: Option<Uuid>,
}

impl Resource for PartyPost {
    const NAME: &'static str = "party_post";
    const PATH: &'static str = "party-posts";
    const TITLE: (&'static str, &'static str) = ("党内职务", "party post");
    const MODULE: Module = Module::Party;
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        ends: |post, day| {
            if post.started_on <= day && post.ended_on.is_none_or(|end| end > day) {
                post.ended_on = Some(day);
            }
        },
        ..CadreTie::NOTHING
    });
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference {
            field: "party_organization_id",
            expand: "party_organization",
            to: "party-organizations",
            ids: |p| std::slice::from_ref(&p.party_organization_id),
        },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |p| std::slice::from_ref(&p.cadre_id) },
        Reference {
            field: "party_term_id",
            expand: "party_term",
            to: "party-terms",
            ids: |p| p.party_term_id.as_slice(),
        },
    ];

    fn example() -> Self {
        Self {
            party_organization_id: some(3),
            cadre_id: some(2),
            role: PartyPostRole::Secretary,
            started_on: day("2018-12-15"),
            ended_on: None,
            party_term_id: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        in_order(&[("started_on", Some(self.started_on)), ("ended_on", self.ended_on)], found);
    }
}

impl PartyPost {
    /// Whether it is held on a day.
    pub fn held_on(&self, day: NaiveDate) -> bool {
        self.started_on <= day && self.ended_on.is_none_or(|last| day <= last)
    }
}
