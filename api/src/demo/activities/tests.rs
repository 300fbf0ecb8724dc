//! The figures of the report, computed from the rows in the simplest way there is.
use super::super::tests::DATA;
use super::*;
use crate::demo::Draft;
use domain::Code;
use domain::activities::percent;
use domain::codes::*;
use domain::service::ServicePost;
use std::collections::HashMap;

/// The activities that were held in 2021.
fn held() -> impl Iterator<Item = &'static Draft<Activity>> {
    let year = (ymd(2021, 1, 1), ymd(2021, 12, 31));
    DATA.activities
        .activities
        .iter()
        .filter(move |a| a.data.status == ActivityStatus::Held && a.data.held_on >= year.0 && a.data.held_on <= year.1)
}
fn place<R>(row: &Draft<R>) -> &str {
    row.division_code.as_ref().unwrap().as_str()
}
/// How many, and their audience.
fn sum<'a>(rows: impl Iterator<Item = &'a Draft<Activity>>) -> (usize, i32) {
    rows.fold((0, 0), |(n, sum), row| (n + 1, sum + row.data.audience_count.unwrap()))
}
fn of_theme(theme: ActivityTheme) -> impl Iterator<Item = &'static Draft<Activity>> {
    held().filter(move |a| a.data.theme == Some(theme) && a.data.by_five_elders)
}

#[test]
fn a_corps_of_98_secretaries_has_given_197_lectures() {
    let here = &DATA.activities;
    let action = here.programmes.iter().find(|p| p.data.code == "bai-qian-wan").unwrap();
    let targets: Vec<_> = action.data.targets.iter().map(|t| (t.metric, t.value)).collect();
    use ProgrammeMetric::{Audience, Lecturers, Sessions};
    assert_eq!(targets, [(Lecturers, 100), (Sessions, 1_000), (Audience, 10_000)]);
    let corps = here.teams.iter().find(|t| t.data.kind == TeamKind::LectureCorps && t.data.ended_on.is_none()).unwrap();
    let now = here.members.iter().filter(|m| Some(m.data.team_id) == corps.id && m.data.ended_on.is_none());
    let now: HashSet<Uuid> = now.map(|m| m.data.cadre_id).collect();
    assert_eq!(now.len(), 98);
    let sessions = || held().filter(|a| a.data.programme_id == action.id);
    assert_eq!(sum(sessions()), (197, 3_086));
    assert_eq!((percent(197, 1_000), percent(3_086, 10_000)), ("19.7".into(), "30.9".into()));
    let lecturers: HashSet<Uuid> = sessions().map(|a| a.data.lecturer_id.unwrap()).collect();
    assert_eq!(lecturers, now);
    assert!(sessions().all(|a| a.data.held_on >= ymd(2021, 11, 12) && a.data.audience_unit == AudienceUnit::Person));
}

#[test]
fn five_elders_have_taught_the_young() {
    let red = || of_theme(ActivityTheme::RedEducation);
    assert_eq!(sum(red()), (3_026, 1_030_000));
    assert!(red().all(|a| a.data.audience_unit == AudienceUnit::PersonTime));
    let water = || of_theme(ActivityTheme::DrowningPrevention);
    assert_eq!(sum(water()), (506, 306_500));
    assert!(water().all(|a| a.data.audience_unit == AudienceUnit::Person && a.data.minors_present));
    assert_eq!(water().map(|a| a.data.school_code.clone().unwrap()).collect::<HashSet<_>>().len(), 506);
    assert_eq!(water().map(place).collect::<HashSet<_>>().len(), 11);
    let all = || DATA.activities.activities.iter();
    let other = |theme, held: bool| {
        let other = |a: &&Draft<Activity>| (a.data.status == ActivityStatus::Held) == held;
        all().filter(|a| a.data.theme == Some(theme)).filter(other).count()
    };
    for theme in [ActivityTheme::RedEducation, ActivityTheme::DrowningPrevention, ActivityTheme::PlenarySession] {
        assert!(other(theme, false) > 3, "{theme}: none that was cancelled or is planned");
        assert!(
            other(theme, true) > held().filter(|a| a.data.theme == Some(theme)).count()
                || theme == ActivityTheme::PlenarySession
        );
    }
}

#[test]
fn there_were_a_dialogue_and_six_lectures_in_the_hall() {
    let dialogues: Vec<_> = held().filter(|a| a.data.kind == ActivityKind::Dialogue).collect();
    assert_eq!(dialogues.iter().map(|a| place(a)).collect::<Vec<_>>(), ["371726"]);
    assert_eq!(dialogues[0].data.age_bands.len(), 2);
    let hall = DATA.activities.programmes.iter().find(|p| p.data.code == "peony_lecture_hall").unwrap();
    let issues: Vec<_> = held().filter(|a| a.data.programme_id == hall.id).collect();
    assert_eq!(issues.len(), 6);
    assert_eq!(issues.iter().map(|a| a.data.topic.unwrap().as_str()).collect::<HashSet<_>>().len(), 4);
    assert!(issues.iter().all(|a| a.data.lecturer_name.is_some()));
}

#[test]
fn the_posters_are_seen_and_the_gateball_is_won() {
    let here = &DATA.activities;
    let posters = here.exhibitions.iter().find(|e| e.data.consent_id.is_some()).unwrap();
    assert_eq!((posters.data.collection_size, posters.data.selected_items), (Some(20_400), Some(100)));
    let consent = here.consents.iter().find(|c| c.id == posters.data.consent_id).unwrap();
    assert_eq!(consent.data.cadre_id, Named::CollectorOf82.id());
    let seen: Vec<i32> = here
        .showings
        .iter()
        .filter(|s| Some(s.data.exhibition_id) == posters.id && s.data.shown_on <= ymd(2021, 12, 31))
        .map(|s| s.data.visitors.unwrap())
        .collect();
    assert_eq!((seen.len(), seen.iter().sum::<i32>()), (33, 51_200));
    let won = |year, metric| {
        here.contests.iter().filter(move |c| c.data.year == year && c.data.metric == metric && place(c) == "371728")
    };
    assert_eq!(won(2020, ContestMetric::TotalPoints).map(|c| c.data.rank).collect::<Vec<_>>(), [Some(1)]);
    assert_eq!(won(2019, ContestMetric::Title).count(), 1);
}

#[test]
fn every_state_and_kind_of_activity_is_there() {
    fn all<C: Code>(seen: impl Iterator<Item = C>) {
        let seen: HashSet<&str> = seen.map(Code::as_str).collect();
        let missing: Vec<&str> = C::ALL.iter().map(|c| c.as_str()).filter(|c| !seen.contains(c)).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", C::SET);
    }
    let here = &DATA.activities;
    all(here.activities.iter().map(|a| a.data.status));
    all(held().map(|a| a.data.kind));
    all(held().filter_map(|a| a.data.theme));
    all(here.signups.iter().map(|s| s.data.status));
    all(here.wishes.iter().map(|w| w.data.status));
    all(DATA.service.volunteers.iter().map(|v| v.data.status));
    all(DATA.service.volunteers.iter().map(|v| v.data.five_elder_kind));
    all(DATA.service.posts.iter().map(|p| p.data.body_kind));
    assert!(here.wishes.iter().any(|w| w.data.cadre_id.is_none()));
    // Nobody has a place beyond the places.
    for activity in here.activities.iter().filter(|a| a.data.capacity.is_some()) {
        let mine = here.signups.iter().filter(|s| Some(s.data.activity_id) == activity.id && s.data.takes_place());
        assert!(mine.count() <= activity.data.capacity.unwrap() as usize);
    }
}

#[test]
fn members_serve_in_city_and_countryside() {
    let members: HashSet<Uuid> = DATA
        .memberships
        .iter()
        .filter(|m| m.data.formal && m.data.status == MembershipStatus::Full)
        .map(|m| m.data.cadre_id)
        .collect();
    let died: HashSet<Uuid> = DATA.died.iter().map(|(person, _)| *person).collect();
    let living: HashMap<Uuid, &str> = DATA
        .cadres
        .iter()
        .filter(|c| c.data.status == CadreStatus::InCare && !died.contains(&c.id.unwrap()))
        .map(|c| (c.id.unwrap(), place(c)))
        .collect();
    let today = ymd(2021, 12, 31);
    let counts = |p: &ServicePost| {
        let now = p.started_on <= today && p.ended_on.is_none_or(|end| end >= today);
        now && members.contains(&p.cadre_id) && living.contains_key(&p.cadre_id)
    };
    let posts = &DATA.service.posts;
    let persons = |area: ServiceArea| -> HashSet<Uuid> {
        let of = |p: &&Draft<ServicePost>| p.data.area == area && p.data.body_kind != ServiceBody::RedProperty;
        posts.iter().filter(of).filter(|p| counts(&p.data)).map(|p| p.data.cadre_id).collect()
    };
    let (urban, rural) = (persons(ServiceArea::Urban), persons(ServiceArea::Rural));
    assert_eq!((urban.len(), rural.len()), (2_317, 4_523));
    assert_eq!(urban.intersection(&rural).count(), 99);
    assert!(posts.iter().filter(|p| counts(&p.data)).count() > urban.len() + rural.len() + 100, "some hold two");
    assert!(posts.iter().all(|p| living.get(&p.data.cadre_id).is_none_or(|code| *code == place(p))));
    assert!(posts.iter().filter(|p| !counts(&p.data)).count() > 150, "and some do not count");
}
