//! Accounts of one's own (公众号) and what others report (媒体报道).
use super::{day, some};
use crate::codes::{MediaPlatform, PublicLevel};
use crate::resource::{Classified, Module, Reference, Resource, Visibility};
use crate::{Findings, NaiveDate, PartialDate, Rule, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// An account by which retired cadres are informed. Counties inside its division read it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaAccount {
    /// Name.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// Platform.
    pub platform: MediaPlatform,
    /// Level of who runs it.
    pub level: PublicLevel,
    /// The unit that runs it.
    pub unit_id: Option<Uuid>,
    /// The account's own id on the platform.
    #[schema(max_length = 100)]
    pub account: Option<String>,
    /// How many follow it.
    #[schema(minimum = 0, maximum = 2_000_000_000)]
    pub followers: Option<i32>,
    /// Since when.
    pub opened_on: Option<PartialDate>,
    /// Since when it is closed.
    pub closed_on: Option<NaiveDate>,
    /// Whether it is in use.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub open: bool,
}

fn yes() -> bool {
    true
}

impl Resource for MediaAccount {
    const NAME: &'static str = "media_account";
    const PATH: &'static str = "media-accounts";
    const TITLE: (&'static str, &'static str) = ("宣传账号", "media account");
    const MODULE: Module = Module::Publicity;
    const VISIBILITY: Visibility = Visibility::Inherited;
    const CLASSES: &'static [Classified] =
        &[Classified::public("name"), Classified::public("platform"), Classified::public("level")];
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "unit_id", expand: "unit", to: "units", ids: |a| a.unit_id.as_slice() }];

    fn example() -> Self {
        Self {
            name: "单县老干部".into(),
            platform: MediaPlatform::Wechat,
            level: PublicLevel::County,
            unit_id: Some(some(1)),
            account: Some("sx-lgb".into()),
            followers: Some(2600),
            opened_on: PartialDate::parse("2018-05"),
            closed_on: None,
            open: true,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        if let (Some(opened), Some(closed)) = (self.opened_on, self.closed_on)
            && closed < opened.first_day()
        {
            found.push(Violation::new("closed_on", Rule::PeriodOrder).with("other", "opened_on"));
        }
        found.require(self.closed_on.is_none() || !self.open, "open", Rule::ClosedForGood);
    }
}

/// A report of the media about the work.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaReport {
    /// The medium.
    #[schema(min_length = 2, max_length = 100)]
    pub outlet: String,
    /// Its level.
    pub level: PublicLevel,
    /// Title of the report.
    #[schema(min_length = 2, max_length = 200)]
    pub title: String,
    /// Where it is read.
    #[schema(max_length = 500, pattern = r"^https?://\S+$")]
    pub url: Option<String>,
    /// When it appeared.
    pub reported_on: NaiveDate,
    /// What it is about, in a few words: an experience, an activity.
    #[schema(min_length = 2, max_length = 200)]
    pub subject: String,
    /// The party organization it is about.
    pub party_organization_id: Option<Uuid>,
    /// The unit it is about.
    pub unit_id: Option<Uuid>,
}

impl Resource for MediaReport {
    const NAME: &'static str = "media_report";
    const PATH: &'static str = "media-reports";
    const TITLE: (&'static str, &'static str) = ("媒体报道", "media report");
    const MODULE: Module = Module::Publicity;
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference {
            field: "party_organization_id",
            expand: "party_organization",
            to: "party-organizations",
            ids: |r| r.party_organization_id.as_slice(),
        },
        Reference { field: "unit_id", expand: "unit", to: "units", ids: |r| r.unit_id.as_slice() },
    ];

    fn example() -> Self {
        Self {
            outlet: "某某日报".into(),
            level: PublicLevel::Province,
            title: "支部建在小区里".into(),
            url: Some("https://example.org/reports/1".into()),
            reported_on: day("2021-07-12"),
            subject: "小区党支部".into(),
            party_organization_id: Some(some(4)),
            unit_id: None,
        }
    }

    fn check(&mut self, _: &mut Findings) {}

    fn effective_on(&self) -> Option<PartialDate> {
        Some(PartialDate::day(self.reported_on))
    }
}
