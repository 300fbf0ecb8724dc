//! Teams and their members, sign-ups, wishes.
use super::super::places::{CITY, PLACES};
use super::super::random::{Random, days_after, ymd};
use super::super::{Rows, add};
use super::{Activities, Here};
use domain::activities::{Activity, ActivitySignup, Team, TeamMember, Wish};
use domain::codes::{ActivityStatus, PartyPostRole, SignupStatus, TeamKind, TeamRole, WishStatus};
use domain::party::PartyPost;
use domain::{NaiveDate, Uuid};
use std::collections::HashSet;

/// The lecture corps of the city: `近100人`.
const CORPS: usize = 98;
/// The day after the plenary session, on which it was founded.
pub(super) const FOUNDED: (i32, u32, u32) = (2021, 11, 12);

/// The lecture corps, its members with their places, and the care corps of each place.
pub(super) struct Corps {
    pub id: Uuid,
    pub lecturers: Vec<(Uuid, usize)>,
    pub care: Vec<(usize, Uuid)>,
}

pub(super) fn teams(here: &Here<'_>, posts: &Rows<PartyPost>, all: &mut Activities) -> Corps {
    let (y, m, d) = FOUNDED;
    let founded = ymd(y, m, d);
    let mut team = |place: usize, name: String, kind, founded_on, ended_on| {
        let unit_id = here.bureau(place);
        let code = PLACES.get(place).map_or("", |p| p.code);
        add(&mut all.teams, code, Team { name, kind, founded_on, ended_on, unit_id })
    };
    let corps = team(CITY, "“本色家园”离退休干部党组织书记宣讲团".into(), TeamKind::LectureCorps, founded, None);
    let before = (ymd(2019, 6, 1), Some(ymd(2020, 12, 31)));
    team(CITY, "“不忘初心”宣讲团".into(), TeamKind::LectureCorps, before.0, before.1);
    let mut care = vec![];
    for (at, place) in PLACES.iter().enumerate() {
        let since = ymd(2018, 5, 10);
        care.push((at, team(at, format!("{}“五老”关爱团", place.name), TeamKind::CareCorps, since, None)));
        let (name, kind) = match at % 4 {
            0 => ("老干部艺术团", TeamKind::Performance),
            1 => ("老干部合唱团", TeamKind::Choir),
            2 => ("老干部门球队", TeamKind::Sports),
            _ => ("老干部书画社", TeamKind::Calligraphy),
        };
        team(at, format!("{}{name}", place.name), kind, since, None);
    }
    let secretaries = secretaries(here, posts, founded);
    let step = (secretaries.len() / (CORPS + 2)).max(1);
    let mut chosen = secretaries.into_iter().step_by(step);
    let lecturers: Vec<(Uuid, usize)> = chosen.by_ref().take(CORPS).collect();
    let mut member = |team_id, (cadre_id, place): (Uuid, usize), role, started_on, ended_on| {
        let code = PLACES.get(place).map_or("", |p| p.code);
        add(&mut all.members, code, TeamMember { team_id, cadre_id, role, started_on, ended_on });
    };
    for (n, lecturer) in lecturers.iter().enumerate() {
        let role = if n == 0 { TeamRole::Leader } else { TeamRole::Member };
        member(corps, *lecturer, role, founded, None);
    }
    // One has left it again.
    if let Some(left) = chosen.next() {
        member(corps, left, TeamRole::Member, founded, Some(ymd(2021, 12, 1)));
    }
    for (place, team) in &care {
        for (n, person) in here.of(*place).step_by(37).take(6).enumerate() {
            let role = match n {
                0 => TeamRole::Leader,
                1 => TeamRole::DeputyLeader,
                _ => TeamRole::Member,
            };
            member(*team, (person.id, *place), role, ymd(2018, 5, 10), None);
        }
    }
    Corps { id: corps, lecturers, care }
}

/// Secretaries since before the day, each once.
fn secretaries(here: &Here<'_>, posts: &Rows<PartyPost>, day: NaiveDate) -> Vec<(Uuid, usize)> {
    let mut seen = HashSet::new();
    let leads = |p: &PartyPost| p.role == PartyPostRole::Secretary && p.ended_on.is_none() && p.started_on <= day;
    let now = posts.iter().map(|p| &p.data).filter(|p| leads(p) && seen.insert(p.cadre_id));
    now.filter_map(|p| here.living.iter().find(|l| l.id == p.cadre_id).map(|l| (l.id, l.place))).collect()
}

/// Who signed up: for what is coming, with a waiting list and some who have thought better of it; and for what was.
pub(super) fn signups(here: &Here<'_>, all: &mut Activities) {
    let wanted = |a: &Activity| a.capacity.and_then(|c| usize::try_from(c).ok());
    for row in &all.activities {
        let (Some(activity_id), Some(capacity)) = (row.id, wanted(&row.data)) else { continue };
        let Some(division) = row.division_code.as_ref().map(|d| d.as_str()) else { continue };
        let Some(place) = PLACES.iter().position(|p| p.code == division) else { continue };
        let held = row.data.status == ActivityStatus::Held;
        for (n, person) in here.of(place).step_by(11).take(capacity + 5).enumerate() {
            let status = match n {
                _ if n < capacity && held => SignupStatus::CheckedIn,
                _ if n < capacity => SignupStatus::SignedUp,
                _ if n < capacity + 3 && !held => SignupStatus::Waiting,
                _ => SignupStatus::Cancelled,
            };
            let came = status == SignupStatus::CheckedIn;
            let cancelled = status == SignupStatus::Cancelled;
            let signup = ActivitySignup {
                activity_id,
                cadre_id: person.id,
                checked_in_on: came.then_some(row.data.held_on),
                cancel_reason: cancelled.then(|| "家中有事".into()),
                status,
            };
            add(&mut all.signups, division, signup);
        }
    }
}

/// “向党说句心里话”: wishes in every state, half of them of nobody who is named.
pub(super) fn wishes(here: &Here<'_>, all: &mut Activities) {
    const WISHES: [&str; 6] = [
        "想回入党的老支部看一看",
        "想给孩子们讲一讲当年的故事",
        "希望有人教我用手机看新闻",
        "想要一本新出的党史",
        "希望楼道里装一个扶手",
        "想与老战友见上一面",
    ];
    let mut random = Random::new("wishes");
    for (at, place) in PLACES.iter().enumerate() {
        for (n, person) in here.of(at).step_by(53).take(8).enumerate() {
            let status = match n % 4 {
                0 => WishStatus::Collected,
                1 => WishStatus::Claimed,
                2 => WishStatus::Fulfilled,
                _ => WishStatus::Withdrawn,
            };
            let collected_on = random.day(ymd(2021, 5, 10), ymd(2021, 7, 1));
            let taken = matches!(status, WishStatus::Claimed | WishStatus::Fulfilled);
            let fulfilled = status == WishStatus::Fulfilled;
            let wish = Wish {
                wish: random.text(&WISHES).into(),
                cadre_id: (n < 4).then_some(person.id),
                campaign: Some("向党说句心里话".into()),
                collected_on,
                claimed_by: None,
                claimed_by_unit_id: here.bureau(at).filter(|_| taken),
                claimed_on: taken.then(|| days_after(collected_on, 9)),
                due_on: taken.then(|| days_after(collected_on, if n == 1 { 60 } else { 240 })),
                fulfilled_on: fulfilled.then(|| days_after(collected_on, 40)),
                outcome: fulfilled.then(|| "已办妥".into()),
                status,
            };
            add(&mut all.wishes, place.code, wish);
        }
    }
}
