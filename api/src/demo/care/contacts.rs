//! Who keeps in contact with whom, and who was visited.
use super::super::names;
use super::super::persons::Person;
use super::super::places::PLACES;
use super::super::random::{Random, days_after, ymd};
use super::{Care, add, code, turn};
use domain::benefits::{CareContact, CarePair, Visit};
use domain::codes::{
    CareContactKind, CareNeed, CarerKind, Ethnicity, GiftKind, RetireType, Sex, VisitOccasion, VisitorLevel,
};
use domain::{Code, Money, NaiveDate, Uuid};

pub(super) fn fill(care: &mut Care, living: &[&Person], lixiu: &[&Person]) {
    let mut random = Random::new("contacts");
    for (n, person) in lixiu.iter().enumerate() {
        // Of some nobody has thought, and of some somebody does no more.
        if n % 23 == 7 {
            pair(care, &mut random, person, CarerKind::Staff, (ymd(2019, 3, 1), Some(ymd(2020, 12, 31))));
            continue;
        }
        if n % 23 == 15 {
            continue;
        }
        let kind = turn(&[CarerKind::Staff, CarerKind::Staff, CarerKind::Leader], n, CarerKind::Staff);
        let own = pair(care, &mut random, person, kind, (ymd(2021, 1, 1), None));
        had(care, &mut random, person, own);
        if n.is_multiple_of(9) {
            let second = pair(care, &mut random, person, CarerKind::Volunteer, (ymd(2021, 5, 4), None));
            contact(care, person, second, CareContactKind::Hospital, ymd(2021, 11, 9));
        }
    }
    visits(care, living, lixiu);
}

fn pair(
    care: &mut Care,
    random: &mut Random,
    person: &Person,
    contact_kind: CarerKind,
    (started_on, ended_on): (NaiveDate, Option<NaiveDate>),
) -> Uuid {
    let data = CarePair {
        cadre_id: person.id,
        contact_kind,
        contact_name: names::person(random, Sex::Female, Ethnicity::Han),
        contact_phone: Some(format!("1380000{:04}", random.below(10_000))),
        calls_per_month: 1,
        visits_per_quarter: 1,
        talks_per_half: i32::from(contact_kind != CarerKind::Volunteer),
        started_on,
        ended_on,
    };
    add(&mut care.pairs, code(person), data)
}

/// The contacts of the last months, of which some were not had.
fn had(care: &mut Care, random: &mut Random, person: &Person, pair: Uuid) {
    for month in 10..=12 {
        if random.chance(880) {
            contact(care, person, pair, CareContactKind::Call, random.day(ymd(2021, month, 1), ymd(2021, month, 28)));
        }
    }
    for (from, to) in [(ymd(2021, 7, 1), ymd(2021, 9, 30)), (ymd(2021, 10, 1), ymd(2021, 12, 28))] {
        if random.chance(910) {
            let kind = if random.chance(120) { CareContactKind::Hospital } else { CareContactKind::Visit };
            contact(care, person, pair, kind, random.day(from, to));
        }
    }
    if random.chance(930) {
        contact(care, person, pair, CareContactKind::Talk, random.day(ymd(2021, 7, 1), ymd(2021, 12, 28)));
    }
}

fn contact(care: &mut Care, person: &Person, care_pair_id: Uuid, kind: CareContactKind, contacted_on: NaiveDate) {
    let n = care.contacts.len();
    let data = CareContact {
        care_pair_id,
        cadre_id: None,
        contacted_on,
        kind,
        content: Some("了解身体和生活情况".into()),
        needs: if n.is_multiple_of(6) { vec![turn(CareNeed::ALL, n / 6, CareNeed::Other)] } else { vec![] },
    };
    add(&mut care.contacts, code(person), data);
}

/// Leaders of the city came before three festivals of the year (F26); others came on every occasion, and those of the
/// city in another year on another one.
fn visits(care: &mut Care, living: &[&Person], lixiu: &[&Person]) {
    use VisitOccasion as O;
    use VisitorLevel as L;
    let festivals = [
        (O::SpringFestival, ymd(2021, 2, 4), "2021年春节走访慰问"),
        (O::July1, ymd(2021, 6, 28), "2021年七一走访慰问"),
        (O::NationalDay, ymd(2021, 9, 28), "2021年国庆节走访慰问"),
    ];
    for (occasion, day, round) in festivals {
        for (n, person) in lixiu.iter().enumerate() {
            let level = if n.is_multiple_of(8) { L::City } else { turn(&[L::County, L::Bureau, L::Unit], n, L::Unit) };
            visit(care, Some(person), (occasion, level), days_after(day, (n % 3) as u64), Some(round));
        }
    }
    for (n, person) in lixiu.iter().enumerate().filter(|(n, _)| n % 12 == 3) {
        visit(care, Some(person), (O::DoubleNinth, L::City), ymd(2020, 10, 25), Some("2020年重阳节走访慰问"));
        let day = days_after(ymd(2021, 3, 1), (n % 250) as u64);
        visit(care, Some(person), (turn(O::ALL, n / 12, O::Illness), L::Bureau), day, None);
    }
    for (n, person) in living.iter().filter(|p| p.life.retire_type == RetireType::Tuixiu).enumerate().step_by(97) {
        let occasion = turn(&[O::Illness, O::Accident, O::Birthday, O::Condolence], n / 97, O::Illness);
        visit(care, Some(person), (occasion, L::Unit), days_after(ymd(2021, 1, 5), (n % 340) as u64), None);
    }
    // Where only a number is known.
    for place in PLACES.iter() {
        let data = Visit {
            occasion: O::Summer,
            visited_on: ymd(2021, 7, 20),
            leader_level: L::County,
            cadre_id: None,
            persons: Some(i32::try_from(place.cadres / 20).unwrap_or(1).max(1)),
            round: Some("2021年高温慰问".into()),
            gift_kind: Some(GiftKind::Goods),
            gift_amount: None,
            note: None,
        };
        add(&mut care.visits, place.code, data);
    }
}

fn visit(
    care: &mut Care,
    person: Option<&Person>,
    (occasion, leader_level): (VisitOccasion, VisitorLevel),
    visited_on: NaiveDate,
    round: Option<&str>,
) {
    let data = Visit {
        occasion,
        visited_on,
        leader_level,
        cadre_id: person.map(|p| p.id),
        persons: None,
        round: round.map(str::to_owned),
        gift_kind: Some(GiftKind::Both),
        gift_amount: Some(Money(if leader_level == VisitorLevel::City { 200_000 } else { 80_000 })),
        note: None,
    };
    add(&mut care.visits, person.map_or("", code), data);
}
