//! Teams of retired cadres (宣讲团、关爱团、艺术团).
use super::{day, some};
use crate::cadres::CadreTie;
use crate::codes::{TeamKind, TeamRole};
use crate::resource::{Module, Reference, Resource, Visibility};
use crate::violations::in_order;
use crate::{Findings, NaiveDate, Uuid};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

/// A team. Counties inside its division read it, and their cadres may be members.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Name.
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    /// Kind. A lecture corps takes only secretaries of party organizations.
    pub kind: TeamKind,
    /// When it was founded.
    pub founded_on: NaiveDate,
    /// When it was dissolved.
    pub ended_on: Option<NaiveDate>,
    /// The unit that leads it.
    pub unit_id: Option<Uuid>,
}

impl Resource for Team {
    const NAME: &'static str = "team";
    const PATH: &'static str = "teams";
    const TITLE: (&'static str, &'static str) = ("活动队伍", "team");
    const MODULE: Module = Module::Activities;
    const VISIBILITY: Visibility = Visibility::Inherited;
    const REFERENCES: &'static [Reference<Self>] =
        &[Reference { field: "unit_id", expand: "unit", to: "units", ids: |t| t.unit_id.as_slice() }];

    fn example() -> Self {
        Self {
            name: "单县“五老”关爱团".into(),
            kind: TeamKind::CareCorps,
            founded_on: day("2019-05-10"),
            ended_on: None,
            unit_id: Some(some(1)),
        }
    }

    fn check(&mut self, found: &mut Findings) {
        in_order(&[("founded_on", Some(self.founded_on)), ("ended_on", self.ended_on)], found);
    }
}

/// A cadre in a team.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamMember {
    /// The team.
    pub team_id: Uuid,
    /// The member. In a lecture corps, somebody who is secretary of a party organization on the first day.
    pub cadre_id: Uuid,
    /// Role.
    #[serde(default = "member")]
    pub role: TeamRole,
    /// First day.
    pub started_on: NaiveDate,
    /// Last day; absent while the cadre is a member.
    pub ended_on: Option<NaiveDate>,
}

fn member() -> TeamRole {
    TeamRole::Member
}

impl Resource for TeamMember {
    const NAME: &'static str = "team_member";
    const PATH: &'static str = "team-members";
    const TITLE: (&'static str, &'static str) = ("队伍成员", "member of a team");
    const MODULE: Module = Module::Activities;
    const REFERENCES: &'static [Reference<Self>] = &[
        Reference { field: "team_id", expand: "team", to: "teams", ids: |m| std::slice::from_ref(&m.team_id) },
        Reference { field: "cadre_id", expand: "cadre", to: "cadres", ids: |m| std::slice::from_ref(&m.cadre_id) },
    ];
    const TIE: Option<&'static CadreTie<Self>> = Some(&CadreTie {
        ends: |m, day| {
            if m.started_on <= day && m.ended_on.is_none_or(|end| end > day) {
                m.ended_on = Some(day);
            }
        },
        ..CadreTie::NOTHING
    });

    fn example() -> Self {
        Self {
            team_id: some(22),
            cadre_id: some(2),
            role: TeamRole::Member,
            started_on: day("2021-01-10"),
            ended_on: None,
        }
    }

    fn check(&mut self, found: &mut Findings) {
        in_order(&[("started_on", Some(self.started_on)), ("ended_on", self.ended_on)], found);
    }
}
