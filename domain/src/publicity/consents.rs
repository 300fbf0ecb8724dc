//! A person's separate consent (单独同意).
use super::{day, some};
use crate::cadres::CadreTie;
use crate::codes::ConsentPurpose;
use crate::resource::{Classified, Mask, Module, Reference, Resource};
use crate::violations::in_order;
use crate::{Findings, NaiveDate, Own, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A person's consent to one purpose. A consent that is revoked stays on record: what was done under it was lawful.
/// When one to publicity ends, the articles that rested on it are withdrawn.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Who consents.
    pub cadre_id: Uuid,
    /// To what.
    pub purpose: ConsentPurpose,
    /// Since when.
    pub granted_on: NaiveDate,
    /// When it was revoked.
    pub revoked_on: Option<NaiveDate>,
    /// Last day for which it was given; absent where it was given without an end.
    pub expires_on: Option<NaiveDate>,
    /// What proves it: where the signed sheet is kept, who was witness.
    #[schema(max_length = 500)]
    pub evidence: Option<String>,
    /// What proves it: the signed sheet, photographed or scanned.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub evidence_files: Vec<String>,
}

impl Consent {
    /// Whether it is in force on a day.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.granted_on <= day
            && self.revoked_on.is_none_or(|revoked| day < revoked)
            && self.expires_on.is_none_or(|last| day <= last)
    }
}

impl Resource for Consent {
    const NAME: &'static str = "consent";
    const PATH: &'static str = "consents";
    const TITLE: (&'static str, &'static str) = ("单独同意", "consent");
    const MODULE: Module = Module::Publicity;
    const CLASSES: &'static [Classified] =
        &[Classified::personal_as("evidence", Mask::All), Classified::personal("evidence_files")];
    const FILES: &'static [&'static str] = &["evidence_files"];
    // A consent is the person's own to give and to revoke.
    const OWN: Own = Own::gives(&["cadre_id", "purpose", "granted_on", "expires_on", "evidence", "evidence_files"])
        .changes(&["revoked_on"]);
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |c| std::slice::from_ref(&c.cadre_id) }];

    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie { moves: true, ..CadreTie::NOTHING });

    fn example() -> Self {
        Self {
            cadre_id: some(3),
            purpose: ConsentPurpose::Publicity,
            granted_on: day("2021-06-01"),
            revoked_on: None,
            expires_on: None,
            evidence: Some("书面同意书存县老干部局档案室".into()),
            evidence_files: vec![],
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let granted = ("granted_on", Some(self.granted_on));
        in_order(&[granted, ("revoked_on", self.revoked_on)], found);
        in_order(&[granted, ("expires_on", self.expires_on)], found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_ends_on_the_day_it_is_revoked() {
        let day = |d| NaiveDate::from_ymd_opt(2021, 6, d).unwrap();
        let consent = Consent { granted_on: day(1), revoked_on: Some(day(3)), ..Consent::example() };
        assert_eq!([1, 2, 3, 4].map(|d| consent.covers(day(d))), [true, true, false, false]);
        let until = Consent { revoked_on: None, expires_on: Some(day(3)), ..consent.clone() };
        assert_eq!([1, 2, 3, 4].map(|d| until.covers(day(d))), [true, true, true, false]);
        assert!(!consent.covers(NaiveDate::from_ymd_opt(2021, 5, 31).unwrap()));
    }
}
