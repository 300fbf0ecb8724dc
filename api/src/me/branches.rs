//! The party organizations of a cadre: how long they are elected for, and when they meet next.
use super::Asked;
use super::parts::Part;
use crate::contract::schemas;
use domain::codes::{MembershipStatus, PartyMeetingKind, PartyMeetingMode, PartyOrganizationKind};
use domain::party::{PartyMeeting, PartyMembership, PartyOrganization, PartyTerm};
use domain::{Code, NaiveDate, Resource, Uuid};
use persistence::{Condition, Conn, Error, Op, Query, Result, Sort, Store};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// A party organization of which the cadre is a member.
#[derive(Serialize, ToSchema)]
pub struct MyBranch {
    /// The organization.
    party_organization_id: Uuid,
    /// Its name.
    #[schema(max_length = 200)]
    name: String,
    /// Its kind.
    kind: PartyOrganizationKind,
    /// Whether the membership is the formal one (组织关系), not one that only takes part.
    formal: bool,
    /// The last day for which it is elected.
    #[serde(skip_serializing_if = "Option::is_none")]
    term_ends_on: Option<NaiveDate>,
    /// The next theme party day that is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_theme_day: Option<MyThemeDay>,
}

/// A theme party day that is planned.
#[derive(Serialize, ToSchema)]
pub struct MyThemeDay {
    /// The meeting.
    party_meeting_id: Uuid,
    /// Its day.
    on: NaiveDate,
    /// Its theme.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200)]
    theme: Option<String>,
    /// How it is held.
    mode: PartyMeetingMode,
}

pub(super) fn part() -> Part {
    Part {
        name: "branches".into(),
        about: (PartyMembership::PATH, PartyMembership::MODULE),
        schema: |all| {
            let branch = schemas::register::<MyBranch>(all);
            json!({"type": "array", "maxItems": 20, "items": schemas::reference(&branch),
                "description": "The party organizations of which the cadre is a member"})
        },
        read: |conn, asked| serde_json::to_value(read(conn, asked)?).map_err(Error::internal),
    }
}

fn read(conn: &mut Conn, asked: &Asked<'_>) -> Result<Vec<MyBranch>> {
    use MembershipStatus::{Full, Probationary, Suspended};
    let memberships = PartyMembership::list(conn, asked.scope, &Query::by("cadre_id", asked.cadre, 20))?.items;
    let mut branches = vec![];
    for membership in memberships.into_iter().filter(|m| matches!(m.data.status, Full | Probationary | Suspended)) {
        let id = membership.data.party_organization_id;
        let Some(organization) = PartyOrganization::get(conn, asked.scope, id)? else { continue };
        let terms = PartyTerm::list(conn, asked.scope, &Query::by("party_organization_id", id, 100))?.items;
        branches.push(MyBranch {
            party_organization_id: id,
            name: organization.data.name,
            kind: organization.data.kind,
            formal: membership.data.formal,
            term_ends_on: terms.iter().filter(|t| t.data.is_current()).filter_map(|t| t.data.ends_on).max(),
            next_theme_day: next_theme_day(conn, asked, id)?,
        });
    }
    Ok(branches)
}

fn next_theme_day(conn: &mut Conn, asked: &Asked<'_>, organization: Uuid) -> Result<Option<MyThemeDay>> {
    let mut query = Query::by("party_organization_id", organization, 1);
    let condition = |field: &str, op, value: String| Condition { field: field.into(), op, value };
    query.conditions.push(condition("kind", Op::Eq, PartyMeetingKind::ThemeDay.as_str().into()));
    query.conditions.push(condition("held_on", Op::Gte, asked.today.to_string()));
    query.sort = Sort { key: "held_on".into(), descending: false };
    let next = PartyMeeting::list(conn, asked.scope, &query)?.items.into_iter().next();
    Ok(next.map(|m| MyThemeDay {
        party_meeting_id: m.meta.id,
        on: m.data.held_on,
        theme: m.data.theme,
        mode: m.data.mode,
    }))
}
