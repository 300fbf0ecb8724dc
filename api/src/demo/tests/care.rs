//! Benefits and care.
use super::*;
use chrono::Datelike;

#[test]
fn every_state_of_care_is_there() {
    let care = &DATA.care;
    all(care.guarantees.iter().map(|r| r.data.mechanism));
    all(care.guarantees.iter().map(|r| r.data.status));
    all(care.claims.iter().map(|r| r.data.status));
    all(care.channels.iter().map(|r| r.data.status));
    all(care.channels.iter().map(|r| r.data.need));
    all(care.plans.iter().map(|r| r.data.status));
    all(care.plans.iter().map(|r| r.data.mode));
    all(care.stays.iter().map(|r| r.data.status));
    all(care.pairs.iter().map(|r| r.data.contact_kind));
    all(care.contacts.iter().map(|r| r.data.kind));
    all(care.contacts.iter().flat_map(|r| r.data.needs.iter().copied()));
    all(care.visits.iter().map(|r| r.data.occasion));
    all(care.hardships.iter().map(|r| r.data.status));
    all(care.hardships.iter().map(|r| r.data.category));
}

#[test]
fn the_figures_of_care_are_those_of_the_report() {
    let care = &DATA.care;
    // F25: 33 of the city together in Qingdao.
    let plan = |id: Uuid| &care.plans.iter().find(|p| p.id == Some(id)).unwrap().data;
    let stays = care.stays.iter().filter(|s| {
        let plan = plan(s.data.sanatorium_plan_id);
        let there = plan.year == 2021 && plan.mode == SanatoriumMode::Collective && plan.place.contains("青岛");
        there && s.data.status == SanatoriumStayStatus::Attended
    });
    let stays: Vec<_> = stays.collect();
    assert_eq!((stays.len(), stays.iter().all(|s| place(s) == heze::CITY)), (33, true));
    assert!(care.stays.len() > 33 + 30);
    // F26: leaders of the city before three festivals; the year before on another occasion.
    let of_city = |year| {
        let visits = care.visits.iter().map(|v| &v.data).filter(|v| v.leader_level == VisitorLevel::City);
        visits.filter(|v| v.visited_on.year() == year).map(|v| v.occasion.as_str()).collect::<HashSet<_>>()
    };
    assert_eq!(of_city(2021), HashSet::from(["spring_festival", "july_1", "national_day"]));
    assert_eq!(of_city(2020), HashSet::from(["double_ninth"]));
    // F36: three mechanisms of each place and year.
    for here in places::PLACES {
        let of = |year| care.guarantees.iter().filter(|g| place(g) == here.code && g.data.year == year).count();
        assert_eq!((of(2020), of(2021)), (3, 3));
    }
}
