//! Hardship aid: the rules of two periods, and cases in every state.
use super::super::persons::Person;
use super::super::places::{CITY, PLACES};
use super::super::random::{Random, ymd};
use super::{Care, add, code, turn};
use domain::benefits::{HardshipCase, HardshipScheme};
use domain::codes::{HardshipApplicant, HardshipCategory, HardshipStatus};
use domain::{Code, Money, NaiveDate};

pub(super) fn fill(care: &mut Care, living: &[&Person]) {
    let mut random = Random::new("hardship");
    let city = PLACES.get(CITY).map_or("", |p| p.code);
    for (from, to, document, most) in [
        (ymd(2016, 1, 1), Some(ymd(2020, 12, 31)), "菏老干〔2016〕8号", 400_000),
        (ymd(2021, 1, 1), None, "菏老干〔2021〕15号", 500_000),
    ] {
        let data = HardshipScheme {
            valid_from: from,
            valid_to: to,
            document_no: document.into(),
            window_from: Some("10-01".into()),
            window_to: Some("10-31".into()),
            publicity_days: 5,
            amount_min: Some(Money(300_000)),
            amount_max: Some(Money(most)),
            review_months: Some(6),
        };
        add(&mut care.schemes, city, data);
    }
    for (n, person) in living.iter().enumerate().filter(|(n, _)| n % 71 == 5) {
        let states = HardshipStatus::ALL;
        case(care, &mut random, person, 2021, turn(states, n / 71, HardshipStatus::Applied), n);
        if n.is_multiple_of(3) {
            case(care, &mut random, person, 2020, HardshipStatus::Reviewed, n);
        }
    }
}

fn case(care: &mut Care, random: &mut Random, person: &Person, year: i32, status: HardshipStatus, n: usize) {
    use HardshipStatus::{Applied, Approved, Granted, Publicized, Rejected, Reviewed, Verified};
    let reached = match status {
        Applied => 0,
        Verified | Rejected => 1,
        Publicized => 2,
        Approved => 3,
        Granted => 4,
        Reviewed => 5,
    };
    let when = |stage, day: NaiveDate| Some(day).filter(|_| reached >= stage);
    let data = HardshipCase {
        cadre_id: person.id,
        applicant: turn(HardshipApplicant::ALL, n, HardshipApplicant::Own),
        category: turn(HardshipCategory::ALL, n / 71, HardshipCategory::Other),
        situation: Some("家庭支出较大,生活困难".into()),
        evidence: vec![],
        requested_amount: Some(Money(500_000)),
        applied_on: random.day(ymd(year, 10, 8), ymd(year, 10, 14)),
        hardship_scheme_id: None,
        verified_on: when(1, ymd(year, 10, 19)),
        publicized_from: when(2, ymd(year, 10, 20)),
        publicized_to: when(2, ymd(year, 10, 29)),
        approved_amount: Some(Money(300_000)).filter(|_| reached >= 3),
        approved_on: when(3, ymd(year, 11, 2)),
        granted_on: when(4, ymd(year, 11, 20)),
        review_due: None,
        reviewed_on: when(5, ymd(year, 12, 22)),
        decision_reason: (status == Rejected).then(|| "不符合帮扶条件".into()),
        status,
    };
    add(&mut care.hardships, code(person), data);
}
