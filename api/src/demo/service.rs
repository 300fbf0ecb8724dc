//! Posts in communities and villages, and volunteers with what they have done. With those that no count of persons
//! may take in: ended and future posts, and posts of who has died, has left or is no member.
use super::persons::Person;
use super::places::PLACES;
use super::random::{Random, days_after, ymd};
use super::{Rows, add};
use domain::codes::*;
use domain::service::{Commendation, ServicePost, Training, Volunteer, VolunteerService};
use domain::{Code, NaiveDate, Rate, Uuid};
use std::collections::HashSet;

/// Members in urban posts of each county, and in how many counties there is one more: `2300余名`.
const URBAN: (usize, usize) = (210, 7);
/// Members in rural posts: `4500余名`.
const RURAL: (usize, usize) = (411, 2);
/// So many of each county hold both.
const BOTH: usize = 9;
/// Volunteers of each county.
const VOLUNTEERS: usize = 20;

/// All records of it.
#[derive(Default)]
pub(super) struct Service {
    pub posts: Rows<ServicePost>,
    pub volunteers: Rows<Volunteer>,
    pub services: Rows<VolunteerService>,
}

impl Service {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.posts.len() + self.volunteers.len() + self.services.len()
    }
}

/// All of it. `died` names cadres who die meanwhile; `red` are sessions that volunteers gave, by place.
pub(super) fn service(persons: &[Person], died: &[(Uuid, Uuid)], red: &[(usize, Uuid)]) -> Service {
    let died: HashSet<Uuid> = died.iter().map(|(person, _)| *person).collect();
    let mut maker = Maker { random: Random::new("service"), all: Service::default() };
    for (at, place) in PLACES.iter().enumerate().skip(1) {
        let here: Vec<&Person> = persons.iter().filter(|p| p.place == at).collect();
        let lives = |p: &&&Person| p.status == CadreStatus::InCare && !died.contains(&p.id);
        let member = |p: &&&Person| p.standing == Some(MembershipStatus::Full);
        let mut members: Vec<&Person> = here.iter().filter(lives).filter(member).copied().collect();
        maker.random.shuffle(&mut members);
        let others: Vec<&Person> = here.iter().filter(lives).filter(|p| p.standing.is_none()).copied().collect();
        let gone: Vec<&Person> = here.iter().filter(|p| p.status != CadreStatus::InCare).copied().collect();
        maker.posts(at, place.code, &members);
        maker.not_to_be_counted(place.code, &members, &others, &gone);
        let sessions: Vec<Uuid> = red.iter().filter(|(of, _)| *of == at).map(|(_, id)| *id).collect();
        maker.volunteers(place.code, place.name, &members, &sessions);
    }
    maker.all
}

struct Maker {
    random: Random,
    all: Service,
}

const CITY_BODIES: [(ServiceBody, &str, &str); 3] = [
    (ServiceBody::Community, "某某社区居民委员会", "社区党建指导员"),
    (ServiceBody::Grid, "某某社区第二网格", "网格员"),
    (ServiceBody::SocialOrg, "某某社区老年协会", "会长"),
];
const VILLAGE_BODIES: [(ServiceBody, &str, &str); 3] = [
    (ServiceBody::WeddingFuneralCouncil, "某某村红白理事会", "理事"),
    (ServiceBody::EldersMediation, "某某村乡贤调解会", "调解员"),
    (ServiceBody::VillagersCouncil, "某某村村民议事会", "成员"),
];
const RED: (ServiceBody, &str, &str) = (ServiceBody::RedProperty, "某某小区红色物业", "监督员");

impl Maker {
    fn post(&mut self, division: &str, cadre_id: Uuid, body: (ServiceBody, &str, &str), from: NaiveDate) {
        self.until(division, cadre_id, body, from, None);
    }
    fn until(
        &mut self,
        division: &str,
        cadre_id: Uuid,
        (body_kind, name, role): (ServiceBody, &str, &str),
        started_on: NaiveDate,
        ended_on: Option<NaiveDate>,
    ) {
        let area = body_kind.area();
        let (body_name, role) = (name.into(), Some(role.into()));
        let post = ServicePost { cadre_id, area, body_kind, body_name, role, started_on, ended_on };
        add(&mut self.all.posts, division, post);
    }
    fn start(&mut self) -> NaiveDate {
        self.random.day(ymd(2017, 3, 1), ymd(2021, 6, 30))
    }

    fn posts(&mut self, at: usize, division: &str, members: &[&Person]) {
        let urban = URBAN.0 + usize::from(at <= URBAN.1);
        let rural = RURAL.0 + usize::from(at <= RURAL.1);
        let of = |list: &'static [(ServiceBody, &str, &str); 3], n: usize| list.get(n % 3).copied().unwrap_or(RED);
        for (n, person) in members.iter().take(urban).enumerate() {
            let from = self.start();
            self.post(division, person.id, of(&CITY_BODIES, n), from);
            // Another one of the same kind, or of another.
            if n % 20 == 7 {
                self.post(division, person.id, of(&CITY_BODIES, n), days_after(from, 90));
            }
            if n % 30 == 11 {
                self.post(division, person.id, RED, days_after(from, 30));
            }
        }
        for (n, person) in members.iter().skip(urban - BOTH).take(rural).enumerate() {
            let from = self.start();
            self.post(division, person.id, of(&VILLAGE_BODIES, n), from);
            if n % 40 == 3 {
                self.post(division, person.id, of(&VILLAGE_BODIES, n + 1), days_after(from, 60));
            }
        }
    }

    fn not_to_be_counted(&mut self, division: &str, members: &[&Person], others: &[&Person], gone: &[&Person]) {
        let [grid, village] = [CITY_BODIES[1], VILLAGE_BODIES[0]];
        let idle: Vec<Uuid> = members.iter().rev().take(7).map(|p| p.id).collect();
        for (n, person) in idle.into_iter().enumerate() {
            let from = ymd(2018, 4, 1);
            match n {
                0..=3 => {
                    self.until(division, person, if n < 2 { grid } else { village }, from, Some(ymd(2020, 12, 31)))
                }
                4 | 5 => self.post(division, person, if n < 5 { grid } else { village }, ymd(2022, 1, 1)),
                _ => self.post(division, person, RED, from),
            }
        }
        // No members; the dead, the departed, the doubly entered.
        for (n, person) in others.iter().take(5).chain(gone.iter().take(8)).enumerate() {
            self.post(division, person.id, if n % 2 == 0 { grid } else { village }, ymd(2016, 4, 1));
        }
    }

    fn volunteers(&mut self, division: &str, name: &str, members: &[&Person], sessions: &[Uuid]) {
        for (n, person) in members.iter().take(VOLUNTEERS).enumerate() {
            let status = match n {
                17 => VolunteerStatus::Registered,
                18 => VolunteerStatus::Paused,
                19 => VolunteerStatus::Exited,
                _ => VolunteerStatus::Active,
            };
            let registered_on = self.random.day(ymd(2016, 5, 1), ymd(2021, 3, 31));
            let kind = FiveElderKind::ALL.get(n % FiveElderKind::ALL.len()).copied();
            let training = Training {
                held_on: ymd(2021, 3, 24),
                subject: "红色宣讲与青少年安全培训".into(),
                hours: Rate(4_000_000),
            };
            let award = Commendation {
                awarded_on: ymd(2021, 12, 5),
                title: format!("{name}优秀“五老”志愿者"),
                level: HonorLevel::County,
            };
            let volunteer = Volunteer {
                cadre_id: person.id,
                five_elder_kind: kind.unwrap_or(FiveElderKind::OldCadre),
                registration_no: Some(format!("WL-{division}-{:04}", n + 1)),
                registered_on,
                topics: vec![ActivityTopic::PartyHistory, ActivityTopic::Safety],
                training: if status == VolunteerStatus::Registered { vec![] } else { vec![training] },
                commendations: if n < 2 { vec![award] } else { vec![] },
                exited_on: (status == VolunteerStatus::Exited).then(|| ymd(2021, 9, 30)),
                status,
            };
            let volunteer_id = add(&mut self.all.volunteers, division, volunteer);
            if status == VolunteerStatus::Active {
                self.served(division, volunteer_id, sessions.iter().skip(n).step_by(VOLUNTEERS).take(8));
            }
        }
    }

    fn served<'s>(&mut self, division: &str, volunteer_id: Uuid, sessions: impl Iterator<Item = &'s Uuid>) {
        for (n, session) in sessions.enumerate() {
            let evaluations = ServiceEvaluation::ALL.get(n % 3).copied();
            let service = VolunteerService {
                volunteer_id,
                cadre_id: None,
                activity_id: *session,
                hours: Rate(1_500_000 + 500_000 * (n as i64 % 3)),
                evaluation: evaluations.filter(|_| n.is_multiple_of(2)),
                note: None,
            };
            add(&mut self.all.services, division, service);
        }
    }
}
