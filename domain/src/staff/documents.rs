//! The documents by which the work is done (政策文件).
use super::day;
use crate::codes::{PolicyKind, PolicyStatus, PolicyTag};
use crate::resource::{Classified, Module, Reference, Resource, Visibility};
use crate::violations::in_order;
use crate::{Findings, Machine, NaiveDate, PartialDate, Rule, Terms, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A policy document. Counties inside its division read it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    /// Number (文号), unique within the division that keeps it.
    #[schema(min_length = 2, max_length = 50)]
    pub document_no: Option<String>,
    /// Title.
    #[schema(min_length = 2, max_length = 200)]
    pub title: String,
    /// Issuing body.
    #[schema(min_length = 2, max_length = 100)]
    pub issuer: String,
    /// Kind.
    pub kind: PolicyKind,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// First day in force; the day of issue if absent.
    pub effective_from: Option<NaiveDate>,
    /// When it was repealed. Needed there.
    pub repealed_on: Option<NaiveDate>,
    /// The document that took its place.
    pub replaced_by_id: Option<Uuid>,
    /// What it is about.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub tags: Vec<PolicyTag>,
    /// What it says, in short.
    #[schema(max_length = 2000)]
    pub summary: Option<String>,
    /// SHA-256 of the file, as 64 hexadecimal digits: with it a copy proves to be the document.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub file_sha256: Option<String>,
    /// Whether it is in force.
    #[serde(default = "in_force")]
    pub status: PolicyStatus,
}

fn in_force() -> PolicyStatus {
    PolicyStatus::InForce
}

impl Resource for PolicyDocument {
    const NAME: &'static str = "policy_document";
    const PATH: &'static str = "policy-documents";
    const TITLE: (&'static str, &'static str) = ("政策文件", "policy document");
    const MODULE: Module = Module::Staff;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: PolicyStatus {
        "repeal" "废止" "Repeal": [InForce] => Repealed,
            Terms::none().sets(&["repealed_on", "replaced_by_id"]).needs(&["repealed_on"]);
    }));
    const FILES: &'static [&'static str] = &["file_sha256"];
    const VISIBILITY: Visibility = Visibility::Inherited;
    const CLASSES: &'static [Classified] =
        &[Classified::public("document_no"), Classified::public("title"), Classified::public("issuer")];
    const REFERENCES: &'static [Reference<Self>] = &[Reference {
        field: "replaced_by_id",
        expand: "replaced_by",
        to: "policy-documents",
        ids: |d| d.replaced_by_id.as_slice(),
    }];

    fn example() -> Self {
        Self {
            document_no: Some("菏老干〔2021〕5号".into()),
            title: "关于做好老干部服务工作的通知".into(),
            issuer: "中共菏泽市委老干部局".into(),
            kind: PolicyKind::Notice,
            issued_on: day("2021-02-10"),
            effective_from: Some(day("2021-03-01")),
            repealed_on: None,
            replaced_by_id: None,
            tags: vec![PolicyTag::GeneralWork, PolicyTag::Ageing],
            summary: Some("明确走访慰问、情况通报等制度".into()),
            file_sha256: None,
            status: PolicyStatus::InForce,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let issued = ("issued_on", Some(self.issued_on));
        in_order(&[issued, ("effective_from", self.effective_from)], found);
        in_order(&[issued, ("repealed_on", self.repealed_on)], found);
        let repealed = self.status == PolicyStatus::Repealed;
        found.require(!repealed || self.repealed_on.is_some(), "repealed_on", Rule::Required);
        for (i, tag) in self.tags.iter().enumerate() {
            if self.tags.iter().take(i).any(|other| other == tag) {
                found.error(format!("/tags/{i}"), Rule::Twice);
            }
        }
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.issued_on))
    }
}
