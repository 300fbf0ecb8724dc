//! What holds for the data before any database sees it.
mod care;
mod party;
mod schooling;

use super::*;
use domain::codes::*;
use domain::partial_date::age;
use domain::{Code, NaiveDate, PartialDate, Resource, input};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

pub(super) static DATA: LazyLock<Data> = LazyLock::new(Data::new);

/// Hands the records of every resource in turn to a visitor.
macro_rules! visit {
    ($data:expr, $visitor:expr) => {
        $data.units.iter().for_each(|rows| $visitor.of(rows));
        $visitor.of(&$data.cadres);
        $data.organizations.iter().for_each(|rows| $visitor.of(rows));
        $visitor.of(&$data.memberships);
        $visitor.of(&$data.campaigns);
        $visitor.of(&$data.honors);
        $visitor.of(&$data.lives.families);
        $visitor.of(&$data.lives.retirements);
        $visitor.of(&$data.lives.transfers);
        $visitor.of(&$data.lives.deaths);
        $visitor.of(&$data.standards);
        $visitor.of(&$data.activities.consents);
        $visitor.of(&$data.activities.programmes);
        $visitor.of(&$data.activities.teams);
        $visitor.of(&$data.activities.members);
        $visitor.of(&$data.activities.activities);
        $visitor.of(&$data.activities.signups);
        $visitor.of(&$data.activities.exhibitions);
        $visitor.of(&$data.activities.showings);
        $visitor.of(&$data.activities.contests);
        $visitor.of(&$data.activities.wishes);
        $visitor.of(&$data.service.posts);
        $visitor.of(&$data.service.volunteers);
        $visitor.of(&$data.service.services);
        $visitor.of(&$data.care.guarantees);
        $visitor.of(&$data.care.entries);
        $visitor.of(&$data.care.claims);
        $visitor.of(&$data.care.channels);
        $visitor.of(&$data.care.plans);
        $visitor.of(&$data.care.stays);
        $visitor.of(&$data.care.pairs);
        $visitor.of(&$data.care.contacts);
        $visitor.of(&$data.care.visits);
        $visitor.of(&$data.care.schemes);
        $visitor.of(&$data.care.hardships);
        $visitor.of(&$data.care.checkups);
        $visitor.of(&$data.party.terms);
        $visitor.of(&$data.party.posts);
        $visitor.of(&$data.party.applications);
        $visitor.of(&$data.party.letters);
        $visitor.of(&$data.party.dues);
        $visitor.of(&$data.party.items);
        $visitor.of(&$data.party.meetings);
        $visitor.of(&$data.party.schemes);
        $visitor.of(&$data.party.evaluations);
        $visitor.of(&$data.schooling.schools);
        $visitor.of(&$data.schooling.agreements);
        $visitor.of(&$data.schooling.bases);
        $visitor.of(&$data.schooling.facilities);
        $visitor.of(&$data.schooling.projects);
        $visitor.of(&$data.schooling.classes);
        $visitor.of(&$data.schooling.enrollments);
        $visitor.of(&$data.publicity.accounts);
        $visitor.of(&$data.publicity.consents);
        $visitor.of(&$data.publicity.articles);
        $visitor.of(&$data.publicity.reports);
        $visitor.of(&$data.working.staff);
        $visitor.of(&$data.working.trainings);
        $visitor.of(&$data.working.documents);
    };
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}
fn cadres() -> HashMap<Uuid, &'static Draft<Cadre>> {
    DATA.cadres.iter().map(|c| (c.id.unwrap(), c)).collect()
}
fn organizations() -> impl Iterator<Item = &'static Draft<PartyOrganization>> {
    DATA.organizations.iter().flatten()
}
fn place<R>(row: &Draft<R>) -> &str {
    row.division_code.as_ref().unwrap().as_str()
}

#[derive(Default)]
struct Text(Vec<String>);
impl Text {
    fn of<R: Resource>(&mut self, rows: &Rows<R>) {
        self.0.extend(rows.iter().map(|d| format!("{:?} {:?} {}", d.id, d.division_code, json!(d.data))));
    }
}

#[test]
fn two_loads_are_the_same() {
    let (mut first, mut second) = (Text::default(), Text::default());
    let again = Data::new();
    visit!(DATA, first);
    visit!(again, second);
    assert!(first.0 == second.0);
    assert_eq!((&DATA.active, &DATA.died, DATA.closed), (&again.active, &again.died, again.closed));
}

#[derive(Default)]
struct Ids(HashSet<Uuid>);
impl Ids {
    fn of<R: Resource>(&mut self, rows: &Rows<R>) {
        for id in rows.iter().map(|row| row.id.unwrap()) {
            assert_eq!((id.get_version_num(), format!("{:?}", id.get_variant())), (7, "RFC4122".into()));
            assert!(self.0.insert(id), "{} {id} is there twice", R::PATH);
        }
        let text: Vec<_> = rows.iter().map(|row| row.id.unwrap().to_string()).collect();
        assert!(text.is_sorted_by(|a, b| a < b), "{}: ids grow with the running number", R::PATH);
    }
}

#[test]
fn ids_are_unique_and_of_the_right_shape() {
    let mut ids = Ids::default();
    visit!(DATA, ids);
}

struct Read;
impl Read {
    /// A record is what a request with the same content would have become.
    fn of<R: Resource>(&self, rows: &Rows<R>) {
        // Some are enough: they are all made in the same way.
        for row in rows.iter().step_by(7) {
            let mut body = json!(row.data);
            if let Some(body) = body.as_object_mut() {
                body.retain(|name, _| !R::DERIVED.contains(&name.as_str()));
            }
            let read = input::draft::<R>(body).unwrap_or_else(|e| panic!("{} {:?}: {e:?}", R::PATH, row.id));
            assert_eq!(read.data, row.data, "{} {:?} is not in its normal form", R::PATH, row.id);
        }
    }
}

#[test]
fn every_record_passes_as_a_request() {
    visit!(DATA, Read);
}

#[test]
fn nobody_is_named_who_must_not_be() {
    let contacts = DATA.cadres.iter().flat_map(|c| c.data.emergency_contacts.iter().map(|e| &e.name));
    let former = DATA.cadres.iter().filter_map(|c| c.data.former_name.as_ref());
    let lecturers = DATA.activities.activities.iter().filter_map(|a| a.data.lecturer_name.as_ref());
    let introducers = DATA.memberships.iter().flat_map(|m| &m.data.introducers);
    for name in
        DATA.cadres.iter().map(|c| &c.data.name).chain(contacts).chain(former).chain(introducers).chain(lecturers)
    {
        assert!(!names::is_banned(name), "{name}");
        assert_eq!(name.chars().count(), 3);
    }
    // One of the hashes, and a name that is free.
    assert!(names::is_banned(&["李", "玉", "芝"].concat()) && !names::is_banned("孔令文"));
}

#[test]
fn telephone_numbers_are_plainly_made_up() {
    for cadre in &DATA.cadres {
        let phones = cadre.data.emergency_contacts.iter().map(|c| &c.phone).chain(&cadre.data.mobile);
        assert!(phones.into_iter().all(|p| p.starts_with("1380000") || p.starts_with("1390000")));
        assert!(cadre.data.landline.iter().all(|p| p.starts_with("0530-00")));
    }
}

#[test]
fn the_places_are_those_of_the_report() {
    let codes: Vec<_> = places::PLACES.iter().map(|p| p.code).collect();
    assert_eq!(codes[0], heze::CITY);
    assert_eq!(codes[1..], heze::COUNTIES);
    let names: HashMap<_, _> = heze::divisions().into_iter().map(|(_, d)| (d.code.to_string(), d.name)).collect();
    assert!(places::PLACES.iter().all(|p| names[p.code] == p.name));
    let compounds: HashSet<_> = (0..128).map(places::compound).collect();
    assert_eq!(compounds.len(), 128);
}

#[test]
fn each_place_has_the_units_the_report_names() {
    let units: Vec<_> = DATA.units.iter().flatten().collect();
    for here in places::PLACES {
        let bureaus = units.iter().filter(|u| u.data.kind == UnitKind::Bureau);
        assert_eq!(bureaus.filter(|u| place(u) == here.code).count(), 1);
    }
    for (code, name) in [("371726", "鄄城县税务局"), ("371721", "曹县电影公司"), ("371725", "郓城县供电公司")]
    {
        assert!(units.iter().any(|u| place(u) == code && u.data.name == name), "{name}");
    }
    let early: Vec<_> = units.iter().filter(|u| u.data.legacy_uscc).collect();
    assert_eq!(early.len(), 1);
    assert!(domain::uscc::parse(early[0].data.uscc.as_ref().unwrap()).is_err());
}

#[test]
fn the_named_persons_are_as_told() {
    let all = cadres();
    let told = [
        (Named::ApplicantOf91, "371724", 91, RetireType::Lixiu, false),
        (Named::ApplicantOf93, "371724", 93, RetireType::Lixiu, false),
        (Named::DonorOf93, "371725", 93, RetireType::Lixiu, true),
        (Named::CollectorOf82, "371721", 82, RetireType::Tuixiu, true),
    ];
    assert_eq!(told.map(|t| t.0), Named::ALL);
    for (named, code, years, retire_type, member) in told {
        let cadre = all[&named.id()];
        assert_eq!((place(cadre), cadre.data.retire_type), (code, retire_type), "{named:?}");
        let birth = cadre.data.birth_date.exact().unwrap();
        assert!([day("2021-06-01"), day("2021-12-31")].iter().all(|on| age(birth, *on) == years), "{named:?}");
        assert_eq!(cadre.data.politics == Some(Politics::CpcMember), member, "{named:?}");
        assert_eq!(cadre.data.politics == Some(Politics::Masses), !member, "{named:?}");
    }
}

#[test]
fn each_county_has_the_members_that_posts_of_service_need() {
    let all = cadres();
    let mut members: HashMap<&str, HashSet<Uuid>> = HashMap::new();
    for membership in DATA.memberships.iter().filter(|m| m.data.formal && m.data.status == MembershipStatus::Full) {
        if all[&membership.data.cadre_id].data.status == CadreStatus::InCare {
            members.entry(place(membership)).or_default().insert(membership.data.cadre_id);
        }
    }
    for code in heze::COUNTIES {
        // 210 urban posts, 411 rural ones and, in 单县, 218 posts in branches.
        let needed = if code == "371722" { 621 + 218 } else { 621 };
        assert!(members[code].len() >= needed + 10, "{code}: {}", members[code].len());
    }
    assert!(DATA.cadres.len() >= 7_000);
}

#[test]
fn all_kinds_of_cadres_are_there() {
    let count = |f: fn(&Cadre) -> bool| DATA.cadres.iter().filter(|c| f(&c.data)).count();
    assert!((50..=70).contains(&count(|c| c.status == CadreStatus::Deceased)));
    assert!(count(|c| c.died_on.is_some_and(|d| d.year() == 2021)) >= 20);
    assert_eq!(count(|c| c.status == CadreStatus::TransferredOut), 30);
    assert_eq!(count(|c| c.status == CadreStatus::Void), 12);
    assert_eq!(count(|c| c.status == CadreStatus::PreRegistered), 12);
    assert_eq!(count(|c| c.retire_type == RetireType::Tuixiu && c.join_revolution_date.is_some()), 12);
    assert!(count(|c| c.id_number.is_none()) >= 30);
    assert!(count(|c| c.settlement == Settlement::Elsewhere) * 1000 / DATA.cadres.len() >= 15);
    let lixiu = |c: &&Cadre| c.retire_type == RetireType::Lixiu && c.status == CadreStatus::InCare;
    let mut periods: HashMap<&str, usize> = HashMap::new();
    for cadre in DATA.cadres.iter().map(|c| &c.data).filter(lixiu) {
        let joined = cadre.join_revolution_date.unwrap().first_day();
        *periods.entry(RevolutionPeriod::from_date(joined).unwrap().as_str()).or_default() += 1;
    }
    let by_period: Vec<usize> = RevolutionPeriod::ALL.iter().map(|p| periods[p.as_str()]).collect();
    assert!(by_period.is_sorted(), "{by_period:?}");
    let share = by_period.iter().sum::<usize>() * 1000 / DATA.cadres.len();
    assert!((35..=45).contains(&share), "{share}");
}

#[test]
fn honors_fill_their_quotas_and_no_more() {
    let honors = || DATA.honors.iter().map(|h| &h.data);
    for campaign in &DATA.campaigns {
        for category in &campaign.data.categories {
            let mine = honors().filter(|h| h.campaign_id == campaign.id && h.category == Some(category.code));
            let filled = campaign.data.kind == CampaignKind::BenseJiayuan || category.code == HonorCategory::Collective;
            assert_eq!(mine.count(), if filled { category.quota as usize } else { 0 });
        }
    }
    let this_year: Vec<_> = DATA.campaigns.iter().filter(|c| c.data.year == 2021).map(|c| c.data.kind).collect();
    assert_eq!(this_year, [CampaignKind::BenseJiayuan, CampaignKind::Shuangxian]);
    let memberships: HashMap<_, _> = DATA
        .memberships
        .iter()
        .filter(|m| m.data.formal && m.data.status == MembershipStatus::Full)
        .map(|m| (m.data.cadre_id, &m.data))
        .collect();
    let mut medals = HashSet::new();
    for medal in honors().filter(|h| h.kind == HonorKind::Party50Medal) {
        let person = medal.cadre_id.unwrap();
        assert!(medals.insert(person), "{person} has two");
        let years = memberships[&person].party_age().full_years(day("2021-07-01"));
        assert_eq!(years.is_some_and(|y| y >= 50), medal.status != HonorStatus::NeedsReview);
    }
    for status in HonorStatus::ALL {
        assert!(honors().any(|h| h.kind == HonorKind::Party50Medal && h.status == *status), "{}", status.as_str());
    }
}

#[test]
fn every_state_of_a_cadres_life_is_there() {
    let lives = &DATA.lives;
    for status in TransferStatus::ALL {
        assert!(lives.transfers.iter().any(|t| t.data.status == *status), "{}", status.as_str());
    }
    for status in DeathStatus::ALL {
        assert!(lives.deaths.iter().any(|d| d.data.status == *status), "{}", status.as_str());
    }
    for status in HonoraryRetirementStatus::ALL {
        assert!(lives.retirements.iter().any(|r| r.data.status == *status), "{}", status.as_str());
    }
}

#[test]
fn the_medical_pool_rises_every_year() {
    let pool: Vec<_> = DATA.standards.iter().filter(|s| s.data.kind == StandardKind::MedicalPool).collect();
    assert_eq!(pool.len(), 3);
    assert!(pool.is_sorted_by(|a, b| a.data.valid_from < b.data.valid_from && a.data.amount < b.data.amount));
}

/// Claims that every code of a set is seen.
fn all<C: Code + std::fmt::Debug>(seen: impl Iterator<Item = C>) {
    let seen: HashSet<&str> = seen.map(Code::as_str).collect();
    let missing: Vec<&str> = C::ALL.iter().map(|c| c.as_str()).filter(|c| !seen.contains(c)).collect();
    assert!(missing.is_empty(), "{}: {missing:?}", C::SET);
}
