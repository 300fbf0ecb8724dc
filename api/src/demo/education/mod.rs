//! Senior universities and their branches, partners, bases, facilities and what is built; `classes`: classes and their
//! students.
mod classes;

use super::persons::Person;
use super::places::{CITY, PLACES};
use super::random::{Random, days_after, id, ymd};
use super::units::DemoUnit;
use super::{Rows, draft};
use domain::codes::*;
use domain::education::*;
use domain::reference::heze;
use domain::{Money, PartialDate, Resource, Uuid};
use std::collections::{BTreeMap, HashSet};

/// All of it.
#[derive(Default)]
pub(super) struct Schooling {
    pub schools: Rows<SeniorUniversity>,
    pub agreements: Rows<PartnerAgreement>,
    pub bases: Rows<TeachingBase>,
    pub facilities: Rows<Facility>,
    pub projects: Rows<FacilityProject>,
    pub classes: Rows<Class>,
    pub enrollments: Rows<Enrollment>,
}

impl Schooling {
    /// How many records there are.
    pub fn len(&self) -> usize {
        let places = self.bases.len() + self.facilities.len() + self.projects.len();
        self.schools.len() + self.agreements.len() + places + self.classes.len() + self.enrollments.len()
    }
}

/// The county whose townships run schools with their party schools.
const JUANCHENG: &str = "371726";
/// Townships that do not exist.
const TOWNSHIPS: [&str; 4] = ["永兴镇", "安和镇", "福泽镇", "康宁镇"];
/// Branches that other counties opened in the year of the report, beside those of the townships and the college.
const OTHERS_2021: usize = 18;
/// From this age on a student comes with a companion.
const COMPANION: i32 = 80;

/// All of it, with these persons as students but for those who have died since.
pub(super) fn schooling(units: &[DemoUnit], persons: &[Person], died: &[(Uuid, Uuid)]) -> Schooling {
    let mut maker = Maker {
        random: Random::new("education"),
        all: Schooling::default(),
        mains: BTreeMap::new(),
        students: BTreeMap::new(),
    };
    let died: HashSet<Uuid> = died.iter().map(|(person, _)| *person).collect();
    for person in persons.iter().filter(|p| p.status == CadreStatus::InCare && !died.contains(&p.id)) {
        maker.students.entry(person.place).or_default().push(person);
    }
    maker.schools(units);
    maker.partners();
    maker.places(units);
    maker.classes();
    maker.all
}

struct Maker<'a> {
    random: Random,
    all: Schooling,
    /// The main school of each place.
    mains: BTreeMap<usize, Uuid>,
    /// Who has not taken part in a class yet, by place.
    students: BTreeMap<usize, Vec<&'a Person>>,
}

fn code(place: usize) -> &'static str {
    PLACES.get(place).map_or(heze::CITY, |p| p.code)
}

fn add<R: Resource>(rows: &mut Rows<R>, division: &str, data: R) -> Uuid {
    let id = id(R::PATH, rows.len());
    rows.push(draft(id, division, data));
    id
}

fn school(name: String, kind: SchoolKind, level: SchoolLevel, opened: &str) -> SeniorUniversity {
    SeniorUniversity {
        name,
        kind,
        level,
        parent_id: None,
        unit_id: None,
        joint_with: None,
        joint_partner: None,
        opened_on: PartialDate::parse(opened),
        closed_on: None,
        address: None,
        area_m2: None,
        staff: None,
        students: None,
        companion_from_age: None,
        open: true,
    }
}

impl Maker<'_> {
    fn schools(&mut self, units: &[DemoUnit]) {
        for (at, place) in PLACES.iter().enumerate() {
            let level = if place.is_city() { SchoolLevel::City } else { SchoolLevel::County };
            let opened = format!("{}-09", self.random.range(1988, 2012));
            let main = SeniorUniversity {
                parent_id: self.mains.get(&CITY).copied(),
                unit_id: units.iter().find(|u| u.place == at && u.kind == UnitKind::Bureau).map(|u| u.id),
                area_m2: Some(if place.is_city() { 9_800 } else { self.random.range(1_200, 4_800) }),
                staff: Some(self.random.range(8, 40)),
                students: Some(self.random.range(300, 1_600)),
                companion_from_age: Some(COMPANION),
                ..school(format!("{}老年大学", place.name), SchoolKind::Main, level, &opened)
            };
            let main = add(&mut self.all.schools, place.code, main);
            self.mains.insert(at, main);
        }
        let city = self.mains.get(&CITY).copied();
        let online = school("菏泽网上老年大学".into(), SchoolKind::Online, SchoolLevel::City, "2020-03-02");
        add(&mut self.all.schools, heze::CITY, SeniorUniversity { parent_id: city, ..online });
        let college = SeniorUniversity {
            parent_id: city,
            joint_with: Some(JointPartner::College),
            joint_partner: Some("菏泽职业学院".into()),
            students: Some(120),
            ..school("菏泽职业学院老年大学分校".into(), SchoolKind::Branch, SchoolLevel::College, "2021-06-10")
        };
        add(&mut self.all.schools, heze::CITY, college);
        self.township_schools();
        self.other_branches();
    }

    /// The four of 2021, and one of the year before.
    fn township_schools(&mut self) {
        let at = PLACES.iter().position(|p| p.code == JUANCHENG).unwrap_or(CITY);
        let days = ["2021-04-15", "2021-05-20", "2021-09-09", "2021-10-14"];
        let opened = TOWNSHIPS.iter().zip(days).chain([(&"太平镇", "2020-09-10")]);
        for (township, day) in opened {
            let branch = SeniorUniversity {
                parent_id: self.mains.get(&at).copied(),
                joint_with: Some(JointPartner::TownshipPartySchool),
                joint_partner: Some(format!("鄄城县{township}党校")),
                area_m2: Some(self.random.range(200, 600)),
                students: Some(self.random.range(40, 120)),
                ..school(format!("鄄城县{township}老年大学"), SchoolKind::Branch, SchoolLevel::Township, day)
            };
            add(&mut self.all.schools, JUANCHENG, branch);
        }
    }

    /// Branches of the other counties: of the year, of the year before, and one that is closed.
    fn other_branches(&mut self) {
        use SchoolLevel::{Community, Township, Village};
        let levels = [(Township, "兴华镇"), (Community, "和平社区"), (Village, "王家庄村")];
        let counties: Vec<usize> = (1..PLACES.len()).filter(|at| code(*at) != JUANCHENG).collect();
        for n in 0..OTHERS_2021 + 6 {
            let Some(at) = counties.get(n % counties.len()).copied() else { continue };
            let Some((level, name)) = levels.get((n + n / counties.len()) % levels.len()).copied() else { continue };
            let year = if n < OTHERS_2021 { 2021 } else { 2020 };
            let opened = self.random.day(ymd(year, 3, 1), ymd(year, 11, 30));
            let nth = if n < counties.len() { "" } else { "第二" };
            let title = format!("{}{name}{nth}老年大学分校", PLACES.get(at).map_or("", |p| p.name));
            let mut branch = SeniorUniversity {
                parent_id: self.mains.get(&at).copied(),
                joint_with: (level != Township).then_some(JointPartner::Community),
                students: Some(self.random.range(25, 90)),
                ..school(title, SchoolKind::Branch, level, &opened.to_string())
            };
            if n + 1 == OTHERS_2021 + 6 {
                branch.closed_on = Some(ymd(2021, 6, 30));
                branch.open = false;
            }
            add(&mut self.all.schools, code(at), branch);
        }
    }

    fn partners(&mut self) {
        let Some(city) = self.mains.get(&CITY).copied() else { return };
        let college = self.all.schools.iter().find(|s| s.data.level == SchoolLevel::College).and_then(|s| s.id);
        let agreement = |partner: &str, branch_id, signed_on, expires_on| PartnerAgreement {
            senior_university_id: city,
            partner_unit: partner.into(),
            unit_id: None,
            branch_id,
            document: "合作办学协议书".into(),
            document_no: None,
            scope: Some("共享师资,加强老年教育理论研究,开发地域特色和民俗特色课程".into()),
            signed_on,
            expires_on: Some(expires_on),
        };
        let agreements = [
            agreement("菏泽职业学院", college, ymd(2021, 5, 20), ymd(2026, 5, 19)),
            agreement("菏泽某某艺术学校", None, ymd(2017, 3, 1), ymd(2020, 2, 29)),
            agreement("菏泽某某科技公司", None, ymd(2019, 2, 15), ymd(2022, 2, 14)),
        ];
        for data in agreements {
            add(&mut self.all.agreements, heze::CITY, data);
        }
        let bases = [
            (BaseKind::Practice, "清泉美术馆", CITY, None),
            (BaseKind::Practice, "舜泽湖酒业", 10, None),
            (BaseKind::Practice, "曹州牡丹种植园", 1, None),
            (BaseKind::Practice, "古塔陶艺馆", 9, Some(ymd(2020, 12, 31))),
            (BaseKind::PartySpirit, "鲁西南烽火纪念馆", 4, None),
            (BaseKind::PartySpirit, "舜泽湖酒业红色车间", 10, None),
            (BaseKind::PartySpirit, "湖西旧址陈列室", 4, None),
        ];
        for (kind, host, at, ended_on) in bases {
            let kept = if kind == BaseKind::Practice { "教学实践基地" } else { "党性教育基地" };
            let base = TeachingBase {
                kind,
                name: format!("{host}{kept}"),
                host: Some(host.into()),
                unit_id: None,
                senior_university_id: self.mains.get(&at).copied(),
                address: None,
                established_on: if ended_on.is_some() {
                    ymd(2016, 4, 1)
                } else {
                    self.random.day(ymd(2021, 3, 1), ymd(2021, 11, 1))
                },
                ended_on,
            };
            add(&mut self.all.bases, code(at), base);
        }
    }

    /// An activity centre and the premises of the school in each place, all of them open; and what is built of them.
    fn places(&mut self, units: &[DemoUnit]) {
        for (at, place) in PLACES.iter().enumerate() {
            let bureau = units.iter().find(|u| u.place == at && u.kind == UnitKind::Bureau).map(|u| u.id);
            let kinds = [
                (FacilityKind::ActivityCentre, "老干部活动中心"),
                (FacilityKind::SeniorUniversity, "老年大学校舍"),
                (FacilityKind::SportsGround, "老干部门球场"),
            ];
            for (kind, name) in kinds.into_iter().take(if place.is_zone() { 2 } else { 3 }) {
                let data = Facility {
                    kind,
                    name: format!("{}{name}", place.name),
                    unit_id: bureau,
                    senior_university_id: self
                        .mains
                        .get(&at)
                        .copied()
                        .filter(|_| kind == FacilityKind::SeniorUniversity),
                    address: None,
                    area_m2: Some(self.random.range(600, 5_200)),
                    daily_visits: Some(self.random.range(40, 420)),
                    opened_on: PartialDate::parse(&self.random.range(1990, 2016).to_string()),
                    open: true,
                };
                add(&mut self.all.facilities, place.code, data);
            }
        }
        self.projects();
    }

    fn projects(&mut self) {
        use ProjectKind::{Extend, New, Rebuild};
        use ProjectStatus::{Building, Cancelled, Completed, Planned, Suspended};
        let rows = [
            (New, Planned, (2022, 3), (2023, 10), 0),
            (Extend, Planned, (2021, 10), (2022, 12), 0),
            (Extend, Building, (2021, 3), (2022, 6), 62),
            (Rebuild, Building, (2020, 9), (2021, 10), 85),
            (New, Building, (2021, 5), (2022, 12), 30),
            (Rebuild, Suspended, (2020, 6), (2021, 8), 45),
            (New, Completed, (2019, 4), (2021, 6), 100),
            (Extend, Completed, (2020, 3), (2021, 9), 100),
            (Rebuild, Cancelled, (2020, 5), (2021, 5), 10),
        ];
        let facilities: Vec<_> = self
            .all
            .facilities
            .iter()
            .step_by(3)
            .filter_map(|f| Some((f.id?, f.division_code.clone()?, f.data.name.clone())))
            .collect();
        for ((kind, status, start, end, progress_percent), (facility_id, division, name)) in
            rows.into_iter().zip(facilities)
        {
            let stopped = matches!(status, Suspended | Cancelled);
            let (planned_start, planned_end) = (ymd(start.0, start.1, 1), ymd(end.0, end.1, 28));
            let data = FacilityProject {
                facility_id,
                kind,
                name: format!("{name}{}", domain::Code::zh(kind)),
                planned_start,
                planned_end,
                started_on: matches!(status, Building | Suspended | Completed).then(|| days_after(planned_start, 20)),
                completed_on: (status == Completed).then(|| days_after(planned_end, 14)),
                progress_percent,
                progress_note: None,
                investment: Some(Money(i64::from(self.random.range(80, 3_600)) * 1_000_000)),
                area_m2: Some(self.random.range(800, 9_000)),
                stop_reason: stopped.then(|| "用地手续调整".into()),
                status,
            };
            add(&mut self.all.projects, division.as_str(), data);
        }
    }
}
