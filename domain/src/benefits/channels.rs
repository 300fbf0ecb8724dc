//! Priority access to medical treatment (就医绿色通道).
use super::{CADRE, check_order, ymd};
use crate::cadres::CadreTie;
use crate::codes::{GreenChannelNeed, GreenChannelStatus};
use crate::resource::{Classified, Mask, Module, Reference, Resource};
use crate::{Findings, Machine, NaiveDate, PartialDate, Rule, Terms, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A green channel opened for a cadre at a hospital.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GreenChannelCase {
    /// The cadre.
    pub cadre_id: Uuid,
    /// When it was opened.
    pub opened_on: NaiveDate,
    /// What is needed.
    pub need: GreenChannelNeed,
    /// The hospital.
    #[schema(min_length = 2, max_length = 100)]
    pub hospital: String,
    /// Who helps the cadre there.
    #[schema(min_length = 2, max_length = 50)]
    pub contact_name: Option<String>,
    /// That person's telephone number.
    #[schema(pattern = r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})$")]
    pub contact_phone: Option<String>,
    /// When it was settled.
    pub resolved_on: Option<NaiveDate>,
    /// What the matter is.
    #[schema(max_length = 500)]
    pub note: Option<String>,
    /// Where it stands.
    #[serde(default = "opened")]
    pub status: GreenChannelStatus,
}

fn opened() -> GreenChannelStatus {
    GreenChannelStatus::Opened
}

impl Resource for GreenChannelCase {
    const NAME: &'static str = "green_channel_case";
    const PATH: &'static str = "green-channel-cases";
    const TITLE: (&'static str, &'static str) = ("就医绿色通道", "green channel case");
    const MODULE: Module = Module::Benefits;
    const MACHINE: Option<&'static Machine<Self>> = Some(&crate::machine!(status: GreenChannelStatus {
        "resolve" "办结" "Resolve": [Opened] => Resolved,
            Terms::none().sets(&["resolved_on", "note"]).needs(&["resolved_on"]);
        "cancel" "取消" "Cancel": [Opened] => Cancelled, Terms::none().sets(&["note"]);
    }));
    const CLASSES: &'static [Classified] = &[
        Classified::personal("hospital"),
        Classified::personal("contact_name"),
        Classified::personal("contact_phone"),
        Classified::sensitive("note", Mask::All),
    ];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |c| std::slice::from_ref(&c.cadre_id) }];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        moves: true,
        open: |c| c.status == GreenChannelStatus::Opened,
        ends: |c, _| {
            if c.status == GreenChannelStatus::Opened {
                c.status = GreenChannelStatus::Cancelled;
            }
        },
        ..CadreTie::NOTHING
    });

    fn example() -> Self {
        Self {
            cadre_id: CADRE,
            opened_on: ymd(2021, 5, 6),
            need: GreenChannelNeed::Inpatient,
            hospital: "菏泽市某某医院".into(),
            contact_name: Some("孟小宁".into()),
            contact_phone: Some("13800000005".into()),
            resolved_on: None,
            note: Some("心内科住院".into()),
            status: GreenChannelStatus::Opened,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        check_order(found, ("opened_on", Some(self.opened_on)), ("resolved_on", self.resolved_on));
        let resolved = self.status == GreenChannelStatus::Resolved;
        found.require(!resolved || self.resolved_on.is_some(), "resolved_on", Rule::Required);
    }

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.opened_on))
    }
}
