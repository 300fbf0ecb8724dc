//! Meetings of party organizations (三会一课, 主题党日) and what a theme party day consists of.
use super::{day, some};
use crate::codes::{PartyMeetingKind, PartyMeetingMode, ThemeItemKind};
use crate::resource::{Module, Reference, Resource, Visibility};
use crate::{Findings, NaiveDate, Rule, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A meeting that was held.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyMeeting {
    /// The organization.
    pub party_organization_id: Uuid,
    /// Kind.
    pub kind: PartyMeetingKind,
    /// Day.
    pub held_on: NaiveDate,
    /// Theme.
    #[schema(max_length = 200)]
    pub theme: Option<String>,
    /// What was done, in order.
    #[serde(default)]
    #[schema(max_items = 30)]
    pub items: Vec<MeetingItem>,
    /// Members who should attend; those who are excused are not among them.
    #[schema(minimum = 0, maximum = 100_000)]
    pub should_attend: i32,
    /// How many of them attended.
    #[schema(minimum = 0, maximum = 100_000)]
    pub attended: i32,
    /// Members to whom the study was brought home, beside those who attended.
    #[schema(minimum = 0, maximum = 100_000)]
    pub home_delivered: Option<i32>,
    /// Why some are not among those who should attend.
    #[schema(max_length = 200)]
    pub excluded_reason: Option<String>,
    /// How it was held.
    #[serde(default = "onsite")]
    pub mode: PartyMeetingMode,
    /// What was decided or talked about.
    #[schema(max_length = 2000)]
    pub minutes: Option<String>,
}

/// An item of a meeting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeetingItem {
    /// Fixed or optional.
    pub kind: ThemeItemKind,
    /// What it was; for a fixed item its name in `theme-day-items`.
    #[schema(min_length = 1, max_length = 200)]
    pub text: String,
}

fn onsite() -> PartyMeetingMode {
    PartyMeetingMode::Onsite
}

impl Resource for PartyMeeting {
    const NAME: &'static str = "party_meeting";
    const PATH: &'static str = "party-meetings";
    const TITLE: (&'static str, &'static str) = ("组织生活", "party meeting");
    const MODULE: Module = Module::Party;
    const REFERENCES: &'static [Reference<Self>] = &[Reference {
        field: "party_organization_id",
        expand: "party_organization",
        to: "party-organizations",
        ids: |m| std::slice::from_ref(&m.party_organization_id),
    }];

    fn example() -> Self {
        Self {
            party_organization_id: some(3),
            kind: PartyMeetingKind::ThemeDay,
            held_on: day("2021-07-01"),
            theme: Some("庆祝建党百年".into()),
            items: vec![
                MeetingItem { kind: ThemeItemKind::Fixed, text: "重温入党誓词".into() },
                MeetingItem { kind: ThemeItemKind::Optional, text: "参观冀鲁豫边区革命纪念馆".into() },
            ],
            should_attend: 20,
            attended: 16,
            home_delivered: Some(3),
            excluded_reason: None,
            mode: PartyMeetingMode::Onsite,
            minutes: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        let reached = i64::from(self.attended) + i64::from(self.home_delivered.unwrap_or_default());
        if self.attended > self.should_attend {
            found.push(Violation::new("attended", Rule::TooLarge).with("max", self.should_attend));
        } else if reached > i64::from(self.should_attend) {
            let most = self.should_attend - self.attended;
            found.push(Violation::new("home_delivered", Rule::TooLarge).with("max", most));
        }
    }
}

impl PartyMeeting {
    /// Notes the fixed items of the day that a theme party day left out.
    pub fn check_fixed_items(&self, fixed: &[String], found: &mut Findings) {
        if self.kind != PartyMeetingKind::ThemeDay {
            return;
        }
        let missing: Vec<&str> =
            fixed.iter().filter(|name| self.items.iter().all(|i| i.text != **name)).map(String::as_str).collect();
        if !missing.is_empty() {
            found.note(Violation::new("items", Rule::ThemeItemMissing).with("items", missing.join("、")));
        }
    }
}

/// An item that theme party days consist of, while it is in force: a city decides which seven are fixed ("7+N").
/// Counties inside its division read it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThemeDayItem {
    /// Name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Fixed or optional.
    pub kind: ThemeItemKind,
    /// Its place in the order.
    #[schema(minimum = 1, maximum = 99)]
    pub position: i32,
    /// First day in force.
    pub valid_from: NaiveDate,
    /// Last day in force; absent while it is open.
    pub valid_to: Option<NaiveDate>,
    /// The document it comes from.
    #[schema(max_length = 100)]
    pub document_no: Option<String>,
}

impl Resource for ThemeDayItem {
    const NAME: &'static str = "theme_day_item";
    const PATH: &'static str = "theme-day-items";
    const TITLE: (&'static str, &'static str) = ("主题党日环节", "item of the theme party day");
    const MODULE: Module = Module::Party;
    const VISIBILITY: Visibility = Visibility::Inherited;

    fn example() -> Self {
        Self {
            name: "重温入党誓词".into(),
            kind: ThemeItemKind::Fixed,
            position: 2,
            valid_from: day("2019-01-01"),
            valid_to: None,
            document_no: Some("菏老干〔2019〕5号".into()),
        }
    }

    fn check(&mut self, found: &mut Findings) {
        super::in_order(&[("valid_from", Some(self.valid_from)), ("valid_to", self.valid_to)], found);
    }
}
