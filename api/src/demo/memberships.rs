//! Party memberships, with dates in every row of the table by which the party age counts.
use super::names;
use super::organizations::Organizations;
use super::persons::Person;
use super::places::PLACES;
use super::random::{Random, days_after, id, month, months_after, year, years_after, ymd};
use super::{Rows, draft};
use domain::codes::{CadreStatus, Ethnicity, MembershipStatus, RetireType, Sex};
use domain::party::PartyMembership;
use domain::{Money, NaiveDate, PartialDate, Rate, Resource, Uuid};
use std::collections::BTreeMap;

/// Before this day, and in the years without a probation, approval made a full member at once.
const PROBATION_FROM: (i32, u32, u32) = (1945, 4, 23);
const NO_PROBATION: [(i32, u32, u32); 2] = [(1969, 4, 1), (1977, 8, 11)];
/// Dues: half of one per cent up to this base, one per cent of all of it above.
const LOW_BASE: i64 = 500_000;

/// The memberships: the formal one of each person with its id, and all records.
pub(super) struct Memberships {
    pub formal: BTreeMap<usize, (Uuid, PartyMembership)>,
    pub rows: Rows<PartyMembership>,
}

/// All memberships.
pub(super) fn memberships(persons: &[Person], organizations: &Organizations) -> Memberships {
    let mut maker = Maker { random: Random::new("memberships"), around_the_medal: 0 };
    let (mut formal, mut rows): (BTreeMap<_, (Uuid, PartyMembership)>, Rows<PartyMembership>) = Default::default();
    let mut add = |person: &Person, data: PartyMembership| {
        let id = id(PartyMembership::PATH, rows.len());
        rows.push(draft(id, PLACES.get(person.place).map_or("", |p| p.code), data));
        id
    };
    for (n, organization) in &organizations.formal {
        let Some((person, status)) = persons.get(*n).and_then(|p| Some((p, p.standing?))) else { continue };
        let data = maker.formal(person, status, *organization);
        // Some have moved from another branch of their county.
        if status == MembershipStatus::Full && maker.random.chance(5) {
            let elsewhere =
                organizations.branches.iter().find(|(place, b)| *place == person.place && b != organization);
            if let Some((_, branch)) = elsewhere {
                let before = PartyMembership {
                    party_organization_id: *branch,
                    status: MembershipStatus::Transferred,
                    dues_paid_until: PartialDate::parse("2018-06"),
                    ..data.clone()
                };
                add(person, before);
            }
        }
        formal.insert(*n, (add(person, data.clone()), data));
    }
    for (n, branch) in &organizations.affiliations {
        if let (Some(person), Some((_, formal))) = (persons.get(*n), formal.get(n)) {
            let data = PartyMembership {
                party_organization_id: *branch,
                formal: false,
                // Dues are paid where the formal membership is.
                dues_base: None,
                dues_rate: None,
                dues_paid_until: None,
                ..formal.clone()
            };
            add(person, data);
        }
    }
    // One whose probation ended without conversion, in the branch of a colleague.
    let outside = |p: &&Person| p.standing.is_none() && p.status == CadreStatus::InCare && p.named.is_none();
    let branch =
        |p: &Person| organizations.formal.iter().find(|(n, _)| persons.get(**n).is_some_and(|c| c.unit == p.unit));
    let cancelled = persons.iter().rev().filter(outside).find_map(|p| Some((p, *branch(p)?.1)));
    if let Some((person, organization)) = cancelled {
        let joined = PartialDate::day(ymd(2019, 6, 20));
        let data = maker.formal(person, MembershipStatus::Probationary, organization);
        let data = PartyMembership {
            joined_on: joined,
            approved_on: None,
            dues_base: None,
            dues_rate: None,
            dues_paid_until: None,
            status: MembershipStatus::Cancelled,
            ..data
        };
        add(person, data);
    }
    Memberships { formal, rows }
}

struct Maker {
    random: Random,
    /// How many dates right at the limit for the medal of 2021 have been given out.
    around_the_medal: usize,
}

impl Maker {
    fn formal(&mut self, person: &Person, status: MembershipStatus, organization: Uuid) -> PartyMembership {
        let joined = self.joined(person, status);
        let mut data = PartyMembership {
            cadre_id: person.id,
            party_organization_id: organization,
            formal: true,
            joined_on: PartialDate::day(joined),
            approved_on: None,
            converted_on: None,
            introducers: self.introducers(),
            status,
            floating: false,
            flow_to: None,
            lost_contact_on: None,
            suspended_on: None,
            removed_on: None,
            dues_base: None,
            dues_rate: None,
            dues_paid_until: None,
            restored_from: None,
            re_admitted: false,
            verified_by_archive: self.random.chance(850),
        };
        self.admission(&mut data, joined);
        self.standing(&mut data);
        self.dues(&mut data, person);
        data
    }

    /// Between coming of age and retirement, sooner rather than later.
    fn joined(&mut self, person: &Person, status: MembershipStatus) -> NaiveDate {
        if status == MembershipStatus::Probationary {
            return self.random.day(ymd(2021, 1, 20), ymd(2021, 11, 25));
        }
        let life = &person.life;
        let lixiu = life.retire_type == RetireType::Lixiu;
        let from = if lixiu { years_after(life.birth, 17).max(life.work) } else { years_after(life.birth, 19) };
        let span = self.random.weighted(&[(450, 8), (350, 16), (150, 24)], 34);
        let to = years_after(from, span).min(days_after(life.retired, 400)).min(ymd(2016, 6, 30));
        let joined = self.random.day(from, to.max(from));
        // Two who are at the limit: 50 years on 1 July 2021, and a day too few.
        if (ymd(1971, 5, 1)..=ymd(1971, 9, 1)).contains(&joined) && self.around_the_medal < 2 {
            self.around_the_medal += 1;
            return days_after(ymd(1971, 6, 30), self.around_the_medal as u64);
        }
        joined
    }

    /// Approval and conversion as the constitution of the party then in force had them.
    fn admission(&mut self, data: &mut PartyMembership, joined: NaiveDate) {
        let day = |(y, m, d)| ymd(y, m, d);
        let [none_from, none_to] = NO_PROBATION.map(day);
        let at_once = joined < day(PROBATION_FROM) || (none_from..=none_to).contains(&joined);
        let at_limit = joined == ymd(1971, 7, 1) || joined == ymd(1971, 7, 2);
        if data.status == MembershipStatus::Probationary {
            data.approved_on = Some(PartialDate::day(days_after(joined, 20)));
            return;
        }
        let converted = match joined {
            _ if at_once => None,
            // Half a year, one or two by the class a member came from.
            _ if joined < ymd(1956, 9, 15) => Some(self.random.weighted(&[(400, 6), (450, 12)], 24)),
            _ => Some(self.random.weighted(&[(25, 18), (15, 24)], 12)),
        };
        data.converted_on = converted.map(|months| PartialDate::day(months_after(joined, months)));
        // A few files do not tell when the probation ended.
        if self.random.chance(10) {
            data.converted_on = None;
        }
        let approved = days_after(joined, self.random.below(40) as u64);
        if !at_limit && self.random.chance(if at_once { 700 } else { 550 }) {
            data.approved_on = Some(PartialDate::day(approved));
        }
        if !at_limit && self.random.chance(90) {
            let cut = if self.random.chance(120) { year } else { month };
            data.joined_on = cut(joined);
            data.approved_on = None;
            data.converted_on = converted.map(|months| cut(months_after(joined, months)));
        }
        if !at_once && joined > ymd(1985, 1, 1) && self.random.chance(3) {
            data.re_admitted = true;
        }
        if at_once && self.random.chance(4) {
            data.restored_from = Some(month(years_after(joined, 6)));
        }
    }

    /// Those who live away for a time, those nobody hears from, and what came of that.
    fn standing(&mut self, data: &mut PartyMembership) {
        let lost = self.random.day(ymd(2016, 1, 10), ymd(2018, 6, 30));
        let suspended = months_after(lost, 7);
        match data.status {
            MembershipStatus::Full if self.random.chance(12) => {
                data.floating = true;
                let towns = ["山东省济南市", "山东省青岛市", "江苏省苏州市", "上海市", "北京市", "广东省深圳市"];
                data.flow_to = Some(self.random.text(&towns).into());
            }
            MembershipStatus::Full if self.random.chance(2) => {
                data.lost_contact_on = Some(self.random.day(ymd(2021, 2, 1), ymd(2021, 11, 30)));
            }
            MembershipStatus::Suspended => {
                let lost = self.random.day(ymd(2019, 9, 1), ymd(2020, 12, 20));
                data.lost_contact_on = Some(lost);
                data.suspended_on = Some(months_after(lost, 7));
            }
            MembershipStatus::Removed => {
                data.lost_contact_on = Some(lost);
                data.suspended_on = Some(suspended);
                data.removed_on = Some(months_after(suspended, 26));
            }
            _ => {}
        }
    }

    fn dues(&mut self, data: &mut PartyMembership, person: &Person) {
        let lixiu = person.life.retire_type == RetireType::Lixiu;
        let base = if lixiu { self.random.range(5_600, 9_800) } else { self.random.range(2_400, 6_900) };
        let base = i64::from(base / 10) * 1_000;
        if matches!(data.status, MembershipStatus::Full | MembershipStatus::Probationary) {
            data.dues_base = Some(Money(base));
            data.dues_rate = Some(Rate(if base <= LOW_BASE { 5_000 } else { 10_000 }));
            let months = [(870, "2021-12"), (70, "2021-09"), (30, "2021-06")];
            let paid =
                if data.lost_contact_on.is_some() { "2021-01" } else { self.random.weighted(&months, "2022-03") };
            data.dues_paid_until = PartialDate::parse(paid);
        }
    }

    fn introducers(&mut self) -> Vec<String> {
        let known = if self.random.chance(500) { 2 } else { 0 };
        (0..known)
            .map(|_| {
                let sex = self.random.weighted(&[(750, Sex::Male)], Sex::Female);
                names::person(&mut self.random, sex, Ethnicity::Han)
            })
            .collect()
    }
}
