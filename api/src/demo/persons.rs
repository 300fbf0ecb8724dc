//! Who the cadres are: the facts of each life that everything else follows from.
use super::names;
use super::places::{CAO, JUYE, PLACES, Place, YUNCHENG};
use super::random::{Random, days_after, id, next_month, years_after, ymd};
use super::units::{DemoUnit, Trade};
use domain::cadres::Cadre;
use domain::codes::{CadreStatus, Ethnicity, MembershipStatus, RetireType, Sex};
use domain::{NaiveDate, Resource, Uuid, id_number};
use std::collections::HashSet;

/// A cadre of the demo data.
#[derive(Clone)]
pub(super) struct Person {
    pub id: Uuid,
    pub place: usize,
    pub unit: usize,
    pub name: String,
    pub sex: Sex,
    pub ethnicity: Ethnicity,
    pub id_number: Option<String>,
    pub status: CadreStatus,
    /// The formal membership of the party, for those who have or had one.
    pub standing: Option<MembershipStatus>,
    pub life: Life,
    pub died: Option<NaiveDate>,
    /// The compound in whose branch the person takes part.
    pub compound: Option<usize>,
    pub named: Option<Named>,
}

/// The dates of a working life.
#[derive(Clone, Copy)]
pub(super) struct Life {
    pub retire_type: RetireType,
    pub birth: NaiveDate,
    pub revolution: Option<NaiveDate>,
    pub work: NaiveDate,
    pub retired: NaiveDate,
}

/// Persons that the report tells of, and that later records refer to. Their names are as made up as all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// The 离休 cadre of 巨野 who applies for membership at 91.
    ApplicantOf91,
    /// The one who applies at 93.
    ApplicantOf93,
    /// The 离休 cadre of 郓城 who pays 10,000 yuan of dues at 93.
    DonorOf93,
    /// The pensioner of the film company of 曹县 who shows his posters at 82.
    CollectorOf82,
}

impl Named {
    /// All of them.
    pub const ALL: [Named; 4] = [Named::ApplicantOf91, Named::ApplicantOf93, Named::DonorOf93, Named::CollectorOf82];

    /// The id of the cadre's record.
    pub fn id(self) -> Uuid {
        let (place, at) = self.position();
        let before: usize = PLACES.iter().take(place).map(|p| p.cadres).sum();
        id(Cadre::PATH, before + at)
    }
    /// Place, and position among its cadres.
    fn position(self) -> (usize, usize) {
        match self {
            Named::ApplicantOf91 => (JUYE, 0),
            Named::ApplicantOf93 => (JUYE, 1),
            Named::DonorOf93 => (YUNCHENG, 0),
            Named::CollectorOf82 => (CAO, 0),
        }
    }
    /// Where the person worked, whether as a member of the party, and when.
    fn story(self) -> (Trade, bool, Life) {
        let lixiu = |birth, joined, retired| Life {
            retire_type: RetireType::Lixiu,
            birth,
            revolution: Some(joined),
            work: joined,
            retired,
        };
        match self {
            Named::ApplicantOf91 => (Trade::School, false, lixiu(ymd(1930, 2, 18), ymd(1948, 9, 1), ymd(1990, 3, 1))),
            Named::ApplicantOf93 => (Trade::Hospital, false, lixiu(ymd(1928, 1, 20), ymd(1947, 5, 1), ymd(1988, 2, 1))),
            Named::DonorOf93 => (Trade::Power, true, lixiu(ymd(1928, 4, 9), ymd(1946, 11, 1), ymd(1988, 5, 1))),
            Named::CollectorOf82 => {
                let (birth, work, retired) = (ymd(1939, 3, 16), ymd(1958, 8, 1), ymd(1999, 4, 1));
                (Trade::Film, true, Life { retire_type: RetireType::Tuixiu, birth, revolution: None, work, retired })
            }
        }
    }
}

/// What makes one cadre differ from the usual; most of it has to be left out by one count or another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Usual,
    Named(Named),
    DiedThisYear,
    DiedEarlier,
    TransferredOut,
    TransferPending,
    /// Entered twice: a copy of the person before.
    Void,
    PreRegistered,
    Probationary,
    Suspended,
    Removed,
    /// Joined before the founding and is 退休 all the same.
    EarlyTuixiu,
}

/// The case of a cadre by its position in its place: a rare one at the end of each twentieth.
fn case(place: usize, at: usize, cadres: usize) -> Case {
    if let Some(named) = Named::ALL.into_iter().find(|n| n.position() == (place, at)) {
        return Case::Named(named);
    }
    let step = cadres / 20;
    if at % step != step - 1 {
        return Case::Usual;
    }
    match at / step {
        0 | 1 => Case::DiedThisYear,
        2..=4 => Case::DiedEarlier,
        5 | 6 => Case::TransferredOut,
        7 if place.is_multiple_of(2) => Case::TransferredOut,
        8 => Case::Void,
        9 => Case::PreRegistered,
        10 => Case::Probationary,
        11 if !place.is_multiple_of(3) => Case::Suspended,
        12 if place % 4 == 1 => Case::Removed,
        13 if place % 5 == 2 || place == 1 => Case::TransferPending,
        14 => Case::EarlyTuixiu,
        _ => Case::Usual,
    }
}

/// All cadres, in the order of their places.
pub(super) fn persons(units: &[DemoUnit]) -> Vec<Person> {
    let mut maker = Maker { random: Random::new("persons"), lixiu: 0, numbers: HashSet::new() };
    let mut all: Vec<Person> = vec![];
    for (at, place) in PLACES.iter().enumerate() {
        let here = || units.iter().enumerate().filter(|(_, u)| u.place == at);
        let large: Vec<usize> = here().flat_map(|(n, u)| std::iter::repeat_n(n, u.weight)).collect();
        let small: Vec<usize> = here().filter(|(_, u)| u.weight == 0).map(|(n, _)| n).collect();
        for i in 0..place.cadres {
            let case = case(at, i, place.cadres);
            let id = id(Cadre::PATH, all.len());
            if let (Case::Void, Some(twin)) = (case, all.last()) {
                let copy = Person { id, status: CadreStatus::Void, standing: None, ..twin.clone() };
                all.push(copy);
                continue;
            }
            let trade = if let Case::Named(n) = case { Some(n.story().0) } else { None };
            let every = place.cadres / 8;
            let unit = match trade {
                Some(trade) => here().find(|(_, u)| u.trade == trade).map(|(n, _)| n),
                None if i % every == every / 2 => small.get(i / every % small.len().max(1)).copied(),
                None => large.get(maker.random.below(large.len())).copied(),
            };
            all.push(maker.person(id, at, unit.unwrap_or_default(), case));
        }
    }
    all
}

struct Maker {
    random: Random,
    /// How many 离休 cadres there are so far.
    lixiu: usize,
    numbers: HashSet<String>,
}

impl Maker {
    fn person(&mut self, id: Uuid, at: usize, unit: usize, case: Case) -> Person {
        let sex = match case {
            Case::Named(_) => Sex::Male,
            _ => self.random.weighted(&[(700, Sex::Male)], Sex::Female),
        };
        let groups = [(25, Ethnicity::Hui), (3, Ethnicity::Manchu), (2, Ethnicity::Mongol)];
        let ethnicity = self.random.weighted(&groups, Ethnicity::Han);
        let life = self.life(sex, case);
        let member = match case {
            Case::Named(named) => named.story().1,
            _ => self.random.chance(870),
        };
        let (status, standing) = match case {
            Case::DiedThisYear | Case::DiedEarlier => (CadreStatus::Deceased, MembershipStatus::Deceased),
            Case::TransferredOut => (CadreStatus::TransferredOut, MembershipStatus::Transferred),
            Case::TransferPending => (CadreStatus::TransferPending, MembershipStatus::Full),
            Case::PreRegistered => (CadreStatus::PreRegistered, MembershipStatus::Full),
            Case::Probationary => (CadreStatus::InCare, MembershipStatus::Probationary),
            Case::Suspended => (CadreStatus::InCare, MembershipStatus::Suspended),
            Case::Removed => (CadreStatus::InCare, MembershipStatus::Removed),
            _ => (CadreStatus::InCare, MembershipStatus::Full),
        };
        let surely = matches!(case, Case::Probationary | Case::Suspended | Case::Removed);
        // Whoever still works has the relation at work.
        let standing = (case != Case::PreRegistered && (member || surely)).then_some(standing);
        let died = match case {
            Case::DiedThisYear => Some(self.random.day(ymd(2021, 1, 8), ymd(2021, 12, 19))),
            Case::DiedEarlier => Some(self.random.day(ymd(2012, 3, 1), ymd(2020, 12, 20))),
            _ => None,
        };
        Person {
            id,
            place: at,
            unit,
            name: names::person(&mut self.random, sex, ethnicity),
            sex,
            ethnicity,
            id_number: PLACES.get(at).and_then(|place| self.id_number(place, life.birth, sex, case)),
            status,
            standing,
            life,
            died,
            compound: None,
            named: if let Case::Named(named) = case { Some(named) } else { None },
        }
    }

    fn life(&mut self, sex: Sex, case: Case) -> Life {
        match case {
            Case::Named(named) => named.story().2,
            Case::EarlyTuixiu => {
                let joined = self.random.day(ymd(1947, 6, 1), ymd(1949, 9, 20));
                let birth = self.random.day(ymd(1929, 1, 10), ymd(1932, 12, 20));
                Life {
                    retire_type: RetireType::Tuixiu,
                    birth,
                    revolution: Some(joined),
                    work: joined,
                    retired: next_month(years_after(birth, at_work_until(sex))),
                }
            }
            // The few of the first periods are alive.
            Case::DiedThisYear if self.lixiu > 5 && self.random.chance(500) => self.left(sex),
            Case::DiedThisYear | Case::DiedEarlier => self.retired(sex, 1928, 1941),
            Case::Probationary => self.retired(sex, 1956, 1959),
            Case::PreRegistered => {
                // Retires in the coming year.
                let birth = years_after(self.random.day(ymd(2022, 1, 5), ymd(2022, 11, 20)), -at_work_until(sex));
                let work = years_after(birth, self.random.range(18, 23));
                let retired = next_month(years_after(birth, at_work_until(sex)));
                Life { retire_type: RetireType::Tuixiu, birth, revolution: None, work, retired }
            }
            Case::Usual if self.random.chance(41) => self.left(sex),
            Case::Usual if self.random.chance(6) => self.early(RetireType::Tuizhi, 1938, 1960),
            Case::Usual if self.random.chance(9) => self.early(RetireType::Neitui, 1962, 1968),
            _ => {
                const DECADES: [(usize, (i32, i32)); 5] = [
                    (40, (1931, 1935)),
                    (90, (1936, 1940)),
                    (150, (1941, 1945)),
                    (200, (1946, 1950)),
                    (250, (1951, 1955)),
                ];
                let (from, to) = self.random.weighted(&DECADES, (1956, 1960));
                let later = if sex == Sex::Female && self.random.chance(350) { 5 } else { 0 };
                self.retired(sex, from + later, to + later)
            }
        }
    }

    /// 离休: over all five periods, and most in the last ones, as life has left it.
    fn left(&mut self, sex: Sex) -> Life {
        let (from, to) = match self.lixiu {
            0 => (ymd(1927, 2, 1), ymd(1927, 6, 30)),
            1..=4 => (ymd(1936, 9, 1), ymd(1937, 6, 20)),
            _ => self.random.weighted(
                &[(90, (ymd(1937, 7, 7), ymd(1942, 12, 31))), (230, (ymd(1943, 1, 1), ymd(1945, 9, 2)))],
                (ymd(1945, 9, 3), ymd(1949, 9, 30)),
            ),
        };
        let joined = self.random.day(from, to);
        let years = self.random.range(14, 20);
        let birth = years_after(joined, -years) - chrono::Duration::days(i64::from(self.random.range(0, 300)));
        let (oldest, youngest) = (ymd(1922, 1, 6), ymd(1934, 12, 20));
        let birth = match self.lixiu {
            0 => ymd(1912, 10, 9),
            _ if birth < oldest => self.random.day(oldest, ymd(1922, 8, 30)),
            _ => birth.min(youngest),
        };
        self.lixiu += 1;
        let begun = days_after(ymd(1982, 5, 1), self.random.below(900) as u64);
        let retired = next_month(years_after(birth, at_work_until(sex)).max(begun));
        Life { retire_type: RetireType::Lixiu, birth, revolution: Some(joined), work: joined, retired }
    }

    /// 退休, born between these years.
    fn retired(&mut self, sex: Sex, from: i32, to: i32) -> Life {
        let birth = self.random.day(ymd(from, 1, 1), ymd(to, 11, 20));
        let usual = years_after(birth, at_work_until(sex));
        let years = self.random.weighted(&[(60, -4), (50, -2), (30, 1), (10, 3)], 0);
        let retired = next_month(years_after(usual, years));
        let retired = if retired > ymd(2021, 12, 1) { next_month(usual).min(ymd(2021, 12, 1)) } else { retired };
        let work = days_after(years_after(birth, self.random.range(16, 23)), self.random.below(300) as u64);
        Life { retire_type: RetireType::Tuixiu, birth, revolution: None, work, retired }
    }

    /// 退职 or 内退, born between these years.
    fn early(&mut self, retire_type: RetireType, from: i32, to: i32) -> Life {
        let birth = self.random.day(ymd(from, 1, 1), ymd(to, 12, 20));
        let work = years_after(birth, self.random.range(17, 22));
        let retired = next_month(years_after(birth, self.random.range(48, 52)));
        Life { retire_type, birth, revolution: None, work, retired }
    }

    /// A valid number no other cadre has; the area is where the person was first registered. A few have told
    /// none, and in a few the birth date is not the archive's.
    fn id_number(&mut self, place: &Place, birth: NaiveDate, sex: Sex, case: Case) -> Option<String> {
        const ELSEWHERE: [&str; 8] = ["372921", "372927", "370102", "370802", "320322", "410928", "411422", "341224"];
        if self.random.chance(8) && !matches!(case, Case::Named(_)) {
            return None;
        }
        let moved = self.random.chance(90);
        let area = if moved { self.random.text(&ELSEWHERE) } else { place.old_area };
        let birth = match self.random.chance(10) && !matches!(case, Case::Named(_)) {
            true => days_after(birth, self.random.weighted(&[(500, 365)], 34)),
            false => birth,
        };
        loop {
            let sequence = self.random.below(499) * 2 + if sex == Sex::Female { 2 } else { 1 };
            let first17 = format!("{area}{}{sequence:03}", birth.format("%Y%m%d"));
            let number = format!("{first17}{}", id_number::check_digit(&first17)?);
            if self.numbers.insert(number.clone()) {
                return Some(number);
            }
        }
    }
}

/// The age at which men and women cadres retire.
fn at_work_until(sex: Sex) -> i32 {
    if sex == Sex::Female { 55 } else { 60 }
}
