//! Agreements with partners (合作办学协议) and bases outside the school (教学实践基地、党性教育基地).
use super::{day, some};
use crate::codes::BaseKind;
use crate::resource::{Classified, Module, Reference, Resource, Visibility};
use crate::violations::in_order;
use crate::{Findings, NaiveDate, PartialDate, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// An agreement of a senior university with a partner.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerAgreement {
    /// The school that made it.
    pub senior_university_id: Uuid,
    /// Name of the partner.
    #[schema(min_length = 2, max_length = 100)]
    pub partner_unit: String,
    /// The partner's record among the units, where it has one.
    pub unit_id: Option<Uuid>,
    /// The branch that was set up by it.
    pub branch_id: Option<Uuid>,
    /// Title of the document.
    #[schema(min_length = 2, max_length = 100)]
    pub document: String,
    /// Number of the document.
    #[schema(max_length = 50)]
    pub document_no: Option<String>,
    /// What both do for each other.
    #[schema(max_length = 1000)]
    pub scope: Option<String>,
    /// When it was signed.
    pub signed_on: NaiveDate,
    /// Last day in force; absent while it has no end.
    pub expires_on: Option<NaiveDate>,
}

impl Resource for PartnerAgreement {
    const NAME: &'static str = "partner_agreement";
    const PATH: &'static str = "partner-agreements";
    const TITLE: (&'static str, &'static str) = ("合作办学协议", "partner agreement");
    const MODULE: Module = Module::Education;
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference {
            field: "senior_university_id",
            expand: "senior_university",
            to: "senior-universities",
            ids: |a| std::slice::from_ref(&a.senior_university_id),
        },
        Reference { field: "unit_id", expand: "unit", to: "units", ids: |a| a.unit_id.as_slice() },
        Reference { field: "branch_id", expand: "branch", to: "senior-universities", ids: |a| a.branch_id.as_slice() },
    ];

    fn example() -> Self {
        Self {
            senior_university_id: some(10),
            partner_unit: "菏泽某某职业学院".into(),
            unit_id: None,
            branch_id: None,
            document: "合作办学协议书".into(),
            document_no: Some("菏老大〔2021〕1号".into()),
            scope: Some("共享师资与场地,共同开发地域特色课程".into()),
            signed_on: day("2021-05-20"),
            expires_on: Some(day("2026-05-19")),
        }
    }

    fn check(&mut self, found: &mut Findings) {
        in_order(&[("signed_on", Some(self.signed_on)), ("expires_on", self.expires_on)], found);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.signed_on))
    }
}

/// A place outside the school where students learn. Counties inside its division read it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeachingBase {
    /// Kind.
    pub kind: BaseKind,
    /// Name of the base.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// The museum, company or village that is host.
    #[schema(max_length = 100)]
    pub host: Option<String>,
    /// The host's record among the units, where it has one.
    pub unit_id: Option<Uuid>,
    /// The school that uses it.
    pub senior_university_id: Option<Uuid>,
    /// Where it is.
    #[schema(max_length = 200)]
    pub address: Option<String>,
    /// Since when.
    pub established_on: NaiveDate,
    /// Until when; absent while it is used.
    pub ended_on: Option<NaiveDate>,
}

impl Resource for TeachingBase {
    const NAME: &'static str = "teaching_base";
    const PATH: &'static str = "teaching-bases";
    const TITLE: (&'static str, &'static str) = ("教学实践与党性教育基地", "teaching base");
    const MODULE: Module = Module::Education;
    const VISIBILITY: Visibility = Visibility::Inherited;
    const CLASSES: &'static [Classified] = &[Classified::public("name"), Classified::public("kind")];
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "unit_id", expand: "unit", to: "units", ids: |b| b.unit_id.as_slice() },
        Reference {
            field: "senior_university_id",
            expand: "senior_university",
            to: "senior-universities",
            ids: |b| b.senior_university_id.as_slice(),
        },
    ];

    fn example() -> Self {
        Self {
            kind: BaseKind::Practice,
            name: "单县某某美术馆教学实践基地".into(),
            host: Some("单县某某美术馆".into()),
            unit_id: None,
            senior_university_id: Some(some(10)),
            address: Some("单县湖西路 8 号".into()),
            established_on: day("2021-02-16"),
            ended_on: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        in_order(&[("established_on", Some(self.established_on)), ("ended_on", self.ended_on)], found);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.established_on))
    }
}
