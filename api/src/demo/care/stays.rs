//! Sanatoriums, green channels, check-ups.
use super::super::persons::Person;
use super::super::places::{CITY, PLACES, SHAN};
use super::super::random::{Random, days_after, ymd};
use super::{Care, add, code, turn};
use domain::benefits::{GreenChannelCase, HealthCheckup, SanatoriumPlan, SanatoriumStay};
use domain::codes::{GreenChannelNeed, GreenChannelStatus, SanatoriumMode, SanatoriumPlanStatus, SanatoriumStayStatus};
use domain::{Code, NaiveDate, Uuid};

/// Cadres of the city at the sanatorium in Qingdao in 2021 (F25).
const QINGDAO: usize = 33;

pub(super) fn fill(care: &mut Care, living: &[&Person], lixiu: &[&Person]) {
    sanatoriums(care, living);
    channels(care, lixiu);
    let mut random = Random::new("check-ups");
    for person in lixiu {
        for (year, share) in [(2020, 300), (2021, 850)] {
            if random.chance(share) {
                let checked = Some(random.day(ymd(year, 9, 1), ymd(year, 10, 31))).filter(|_| !random.chance(60));
                let data = HealthCheckup {
                    cadre_id: person.id,
                    year,
                    checked_on: checked,
                    hospital: checked.map(|_| "菏泽市某某医院体检中心".into()),
                    result: checked.map(|_| random.text(&["未见明显异常", "血压偏高", "血糖偏高", "听力减退"]).into()),
                    advice: checked.map(|_| "定期复查".into()),
                };
                add(&mut care.checkups, code(person), data);
            }
        }
    }
}

fn plan(
    care: &mut Care,
    place: usize,
    (mode, sanatorium): (SanatoriumMode, &str),
    starts_on: NaiveDate,
    (capacity, status): (usize, SanatoriumPlanStatus),
) -> Uuid {
    use chrono::Datelike;
    let data = SanatoriumPlan {
        year: starts_on.year(),
        mode,
        place: sanatorium.into(),
        starts_on,
        ends_on: days_after(starts_on, 6),
        capacity: i32::try_from(capacity).unwrap_or(1),
        criteria: Some("身体状况适宜外出疗养".into()),
        document_no: None,
        status,
    };
    add(&mut care.plans, PLACES.get(place).map_or("", |p| p.code), data)
}

fn stay(care: &mut Care, plan: Uuid, person: &Person, status: SanatoriumStayStatus) {
    let data = SanatoriumStay {
        sanatorium_plan_id: plan,
        cadre_id: person.id,
        year: None,
        companion_name: None,
        health_ok: Some(true),
        override_reason: None,
        feedback: (status == SanatoriumStayStatus::Attended).then(|| "安排周到".into()),
        status,
    };
    add(&mut care.stays, code(person), data);
}

fn sanatoriums(care: &mut Care, living: &[&Person]) {
    use SanatoriumMode::{Collective, Dispersed};
    use SanatoriumPlanStatus::{Cancelled, Closed, Completed, Draft, Open};
    use SanatoriumStayStatus::{Absent, Attended, SignedUp, Withdrawn};
    let of_city: Vec<&Person> = living.iter().copied().filter(|p| p.place == CITY).collect();
    let of_shan: Vec<&Person> = living.iter().copied().filter(|p| p.place == SHAN).collect();
    let qingdao = plan(care, CITY, (Collective, "青岛疗养院"), ymd(2021, 6, 7), (QINGDAO, Completed));
    of_city.iter().take(QINGDAO).for_each(|p| stay(care, qingdao, p, Attended));
    // What it must not count: who withdrew, who went alone, elsewhere, or in another year.
    of_city.iter().skip(QINGDAO).take(3).for_each(|p| stay(care, qingdao, p, Withdrawn));
    let alone = plan(care, CITY, (Dispersed, "青岛疗养院"), ymd(2021, 9, 6), (40, Completed));
    of_city.iter().skip(QINGDAO + 3).take(6).for_each(|p| stay(care, alone, p, Attended));
    of_city.iter().skip(QINGDAO + 9).take(2).for_each(|p| stay(care, alone, p, Absent));
    let earlier = plan(care, CITY, (Collective, "青岛疗养院"), ymd(2019, 6, 10), (30, Completed));
    of_city.iter().take(30).for_each(|p| stay(care, earlier, p, Attended));
    plan(care, CITY, (Collective, "青岛疗养院"), ymd(2020, 6, 8), (30, Cancelled));
    let county = plan(care, SHAN, (Collective, "济南疗养院"), ymd(2021, 10, 11), (20, Closed));
    of_shan.iter().take(12).for_each(|p| stay(care, county, p, Attended));
    let next = plan(care, CITY, (Collective, "青岛疗养院"), ymd(2022, 6, 6), (QINGDAO, Open));
    of_city.iter().take(5).for_each(|p| stay(care, next, p, SignedUp));
    of_shan.iter().take(2).for_each(|p| stay(care, next, p, SignedUp));
    plan(care, CITY, (Dispersed, "日照疗养院"), ymd(2022, 9, 5), (40, Draft));
}

fn channels(care: &mut Care, lixiu: &[&Person]) {
    use GreenChannelStatus::{Cancelled, Opened, Resolved};
    let mut random = Random::new("green channels");
    for (n, person) in lixiu.iter().enumerate().filter(|(n, _)| n % 4 == 1) {
        let status = turn(&[Resolved, Resolved, Opened, Resolved, Cancelled], n / 4, Resolved);
        let day = match status {
            Opened => random.day(ymd(2021, 12, 10), ymd(2021, 12, 30)),
            _ => random.day(ymd(2021, 1, 4), ymd(2021, 12, 1)),
        };
        let data = GreenChannelCase {
            cadre_id: person.id,
            opened_on: day,
            need: turn(GreenChannelNeed::ALL, n, GreenChannelNeed::Outpatient),
            hospital: "菏泽市某某医院".into(),
            contact_name: None,
            contact_phone: None,
            resolved_on: Some(days_after(day, 3)).filter(|_| status == Resolved),
            note: Some("协调床位".into()),
            status,
        };
        add(&mut care.channels, code(person), data);
    }
}
