//! Whether the guarantees are kept, what the pools were given, and what was claimed.
use super::super::persons::Person;
use super::super::places::{CAO, PLACES};
use super::super::random::{Random, days_after, ymd};
use super::{Care, add, code, turn};
use chrono::Datelike;
use domain::benefits::{GuaranteeStatus, MedicalClaim, MedicalPoolEntry};
use domain::codes::{CadreStatus, ClaimStatus, GuaranteeMechanism, GuaranteeState, PoolEntryKind, RetireType};
use domain::{Code, Money, NaiveDate, Uuid};

/// What a pool is given for each lixiu cadre, in fen: the standard of the year.
const PER_HEAD: [(i32, i64); 2] = [(2020, 2_300_000), (2021, 2_600_000)];

pub(super) fn fill(care: &mut Care, persons: &[Person], lixiu: &[&Person]) {
    let mut random = Random::new("expenses");
    guarantees(care);
    for (at, place) in PLACES.iter().enumerate() {
        let heads = lixiu.iter().filter(|p| p.place == at).count().max(1);
        for (year, each) in PER_HEAD {
            // Those who have died since are paid from it too.
            pool(care, place.code, year, (i64::try_from(heads).unwrap_or(1) + 6) * each);
        }
    }
    for (n, person) in lixiu.iter().enumerate() {
        use ClaimStatus::{Approved, Audited, Paid, Refunded, Rejected, Returned, Submitted};
        let states = [Paid, Paid, Approved, Paid, Audited, Paid, Submitted, Returned, Paid, Rejected, Paid, Refunded];
        let from = random.day(ymd(2021, 1, 10), ymd(2021, 10, 20));
        claim(care, &mut random, person, from, turn(&states, n, Paid));
        if n.is_multiple_of(5) {
            let from = random.day(ymd(2020, 1, 10), ymd(2020, 10, 20));
            claim(care, &mut random, person, from, Paid);
        }
    }
    // Who has died this year was treated before.
    let died = persons.iter().filter(|p| p.status == CadreStatus::Deceased && p.life.retire_type == RetireType::Lixiu);
    for (person, died) in died.filter_map(|p| Some((p, p.died?))).filter(|(_, day)| *day >= ymd(2021, 2, 1)) {
        let from = days_after(ymd(2021, 1, 1), u64::from(died.ordinal0()).saturating_sub(25));
        claim(care, &mut random, person, from, ClaimStatus::Paid);
    }
}

fn guarantees(care: &mut Care) {
    for (at, place) in PLACES.iter().enumerate() {
        for year in [2020, 2021] {
            for mechanism in GuaranteeMechanism::ALL {
                let owes = *mechanism == GuaranteeMechanism::Medical && at == CAO
                    || year == 2020 && *mechanism == GuaranteeMechanism::FiscalSupport && at == CAO + 2;
                let data = GuaranteeStatus {
                    year,
                    mechanism: *mechanism,
                    status: if owes { GuaranteeState::Arrears } else { GuaranteeState::Ok },
                    arrears_amount: owes.then_some(Money(18_640_000)),
                    persons_affected: owes.then_some(9),
                    note: owes.then(|| "已列入下年度预算".into()),
                };
                add(&mut care.guarantees, place.code, data);
            }
        }
    }
}

fn pool(care: &mut Care, division: &str, year: i32, amount: i64) {
    let entry = |kind, amount: Option<i64>, day, reverses_id: Option<Uuid>, note: &str| MedicalPoolEntry {
        kind,
        year,
        amount: amount.map(Money),
        booked_on: day,
        claim_id: None,
        reverses_id,
        document_no: (kind == PoolEntryKind::Allotment).then(|| format!("菏财社〔{year}〕6号")),
        note: Some(note.to_owned()).filter(|n| !n.is_empty()),
    };
    let mut book = |data| add(&mut care.entries, division, data);
    book(entry(PoolEntryKind::Allotment, Some(amount), ymd(year, 1, 5), None, ""));
    if year == 2021 {
        // Booked twice, which was noticed.
        let twice = book(entry(PoolEntryKind::Allotment, Some(amount), ymd(year, 1, 6), None, ""));
        book(MedicalPoolEntry {
            amount: Some(Money(-amount)),
            ..entry(PoolEntryKind::Reversal, None, ymd(year, 1, 8), Some(twice), "重复记账")
        });
        book(entry(PoolEntryKind::Adjustment, Some(-50_000), ymd(year, 6, 30), None, "上年度多拨扣回"));
    }
}

fn claim(care: &mut Care, random: &mut Random, person: &Person, from: NaiveDate, status: ClaimStatus) {
    use ClaimStatus::{Approved, Audited, Paid, Refunded, Rejected, Returned};
    let amount = i64::from(random.range(80_000, 1_900_000));
    let decided = matches!(status, Audited | Approved | Paid | Refunded);
    let approved = matches!(status, Approved | Paid | Refunded);
    let paid = matches!(status, Paid | Refunded);
    let after = |days, there: bool| Some(days_after(from, days)).filter(|_| there);
    let data = MedicalClaim {
        cadre_id: person.id,
        hospital: random.text(&["菏泽市某某医院", "某某县人民医院", "某某县中医院"]).into(),
        period_from: from,
        period_to: days_after(from, 12),
        amount: Money(amount),
        documents: vec![],
        submitted_on: days_after(from, 20),
        audited_on: after(27, decided),
        // What the rules of the insurance leave to the pool.
        allowed_amount: decided.then_some(Money(amount * 9 / 10)),
        approved_on: after(33, approved),
        paid_on: after(40, paid),
        document_no: paid.then(|| format!("支{}-{}", from.year(), care.claims.len() + 1)),
        decision: match status {
            Returned => Some("请补充出院小结".into()),
            Rejected => Some("不属于报销范围".into()),
            Refunded => Some("重复报销,已退回".into()),
            _ => None,
        },
        status,
    };
    add(&mut care.claims, code(person), data);
}
