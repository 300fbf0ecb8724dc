//! Programmes and everything that is held, planned or cancelled.
use super::super::add;
use super::super::names;
use super::super::places::{CITY, PLACES};
use super::super::random::{Random, days_after, ymd};
use super::people::{Corps, FOUNDED};
use super::{Activities, Here};
use domain::activities::{Activity, AgeBandCount, Programme, ProgrammeTarget};
use domain::codes::*;
use domain::{NaiveDate, Resource, Uuid};

/// Sessions of the lecture corps until the end of the year: `近200场`, of which so many have an audience of one more
/// than 15: `3000余人`.
const CORPS_SESSIONS: (usize, usize) = (197, 131);
/// Sessions of red education: `3000余场次`; with 340 each and so many with one more: `103万人次`.
const RED: (usize, usize) = (3_026, 1_160);
/// Schools of each county in which a lecture is given against drowning: `506所`; of all so many with one more than 605.
const DROWNING: (usize, usize) = (46, 370);
/// Issues of the lecture hall, by topic.
const ISSUES: [ActivityTopic; 6] = [
    ActivityTopic::PartyHistory,
    ActivityTopic::Law,
    ActivityTopic::Health,
    ActivityTopic::TraditionalCulture,
    ActivityTopic::Health,
    ActivityTopic::PartyHistory,
];

pub(super) fn sessions(here: &Here<'_>, corps: &Corps, all: &mut Activities) {
    let mut maker = Maker { here, corps, all };
    let programmes = maker.programmes();
    maker.of_the_corps(programmes.0);
    maker.red_education();
    maker.against_drowning();
    maker.lecture_hall(programmes.1);
    maker.dialogue();
    maker.of_each_place();
    maker.coming();
}

struct Maker<'a, 'b> {
    here: &'a Here<'b>,
    corps: &'a Corps,
    all: &'a mut Activities,
}

/// An activity that was held, in persons, with nothing special about it.
fn plain(kind: ActivityKind, title: &str, theme: ActivityTheme, held_on: NaiveDate, audience: i32) -> Activity {
    Activity {
        programme_id: None,
        kind,
        title: title.into(),
        theme: Some(theme),
        topic: None,
        campaign: None,
        held_on,
        venue_kind: VenueKind::ActivityCentre,
        venue: None,
        host_unit_id: None,
        team_id: None,
        lecturer_id: None,
        audience_count: Some(audience),
        capacity: None,
        note: None,
        status: ActivityStatus::Held,
        ..Activity::example()
    }
}

/// The same, but it did not take place.
fn cancelled(activity: Activity) -> Activity {
    Activity {
        audience_count: None,
        age_bands: vec![],
        cancel_reason: Some("因疫情防控取消".into()),
        status: ActivityStatus::Cancelled,
        ..activity
    }
}

/// The same, still to come.
fn planned(activity: Activity, held_on: NaiveDate) -> Activity {
    Activity { audience_count: None, held_on, status: ActivityStatus::Planned, ..activity }
}

impl Maker<'_, '_> {
    fn add(&mut self, place: usize, activity: Activity) -> Uuid {
        add(&mut self.all.activities, PLACES.get(place).map_or("", |p| p.code), activity)
    }

    /// The action of the lecture corps, and the lecture hall.
    fn programmes(&mut self) -> (Uuid, Uuid) {
        let target = |metric, op, value| ProgrammeTarget { metric, op, value, unit: None };
        let owner_unit_id = self.here.bureau(CITY);
        let (y, m, d) = FOUNDED;
        let action = Programme {
            code: "bai-qian-wan".into(),
            name: "“百千万”宣讲行动".into(),
            theme: Some(ActivityTheme::PlenarySession),
            starts_on: ymd(y, m, d),
            ends_on: Some(ymd(2022, 12, 31)),
            targets: vec![
                target(ProgrammeMetric::Lecturers, TargetOp::Eq, 100),
                target(ProgrammeMetric::Sessions, TargetOp::Eq, 1_000),
                target(ProgrammeMetric::Audience, TargetOp::Gte, 10_000),
            ],
            owner_unit_id,
            document_no: Some("菏老干〔2021〕21号".into()),
        };
        let hall = Programme {
            code: "peony_lecture_hall".into(),
            name: "牡丹公益大讲堂".into(),
            theme: Some(ActivityTheme::PublicLecture),
            starts_on: ymd(2020, 9, 1),
            ends_on: None,
            targets: vec![],
            owner_unit_id,
            document_no: None,
        };
        let code = PLACES.get(CITY).map_or("", |p| p.code);
        (add(&mut self.all.programmes, code, action), add(&mut self.all.programmes, code, hall))
    }

    fn of_the_corps(&mut self, programme: Uuid) {
        let (y, m, d) = FOUNDED;
        let (sessions, more) = CORPS_SESSIONS;
        let lecturers = self.corps.lecturers.clone();
        let venues = [VenueKind::Community, VenueKind::Office, VenueKind::Village, VenueKind::Enterprise];
        let session = |n: usize, (lecturer, place): (Uuid, usize)| {
            let held_on = days_after(ymd(y, m, d), (n * 48 / sessions) as u64);
            let audience = 15 + i32::from(n < more);
            let title = "十九届六中全会精神宣讲";
            let activity = Activity {
                programme_id: Some(programme),
                topic: Some(ActivityTopic::CurrentAffairs),
                campaign: Some("“百千万”宣讲行动".into()),
                venue_kind: venues.get(n % venues.len()).copied().unwrap_or(VenueKind::Other),
                team_id: Some(self.corps.id),
                lecturer_id: Some(lecturer),
                ..plain(ActivityKind::Lecture, title, ActivityTheme::PlenarySession, held_on, audience)
            };
            (place, activity)
        };
        let of = |from: usize, count: usize| {
            (from..from + count).zip(lecturers.iter().cycle()).map(|(n, l)| session(n, *l)).collect::<Vec<_>>()
        };
        let held = of(0, sessions);
        let off = of(more, 5).into_iter().map(|(place, a)| (place, cancelled(a)));
        let to_come = of(more, 6).into_iter().map(|(place, a)| (place, planned(a, ymd(2021, 12, 31))));
        // The same theme, but not of this programme.
        let others = of(more, 4).into_iter().map(|(place, a)| (place, Activity { programme_id: None, ..a }));
        for (place, activity) in held.into_iter().chain(off).chain(to_come).chain(others).collect::<Vec<_>>() {
            self.add(place, activity);
        }
    }

    fn red_education(&mut self) {
        let (sessions, more) = RED;
        let venues = [VenueKind::School, VenueKind::Enterprise, VenueKind::Community];
        let session = |n: usize| {
            let held_on = days_after(ymd(2021, 1, 6), (n * 350 / sessions) as u64);
            let venue_kind = venues.get(n % venues.len()).copied().unwrap_or(VenueKind::Other);
            Activity {
                by_five_elders: true,
                topic: Some(ActivityTopic::PartyHistory),
                venue_kind,
                audience_unit: AudienceUnit::PersonTime,
                minors_present: venue_kind == VenueKind::School,
                ..plain(
                    ActivityKind::Lecture,
                    "红色宣讲教育",
                    ActivityTheme::RedEducation,
                    held_on,
                    340 + i32::from(n < more),
                )
            }
        };
        let county = |n: usize| 1 + n % (PLACES.len() - 1);
        for n in 0..sessions {
            let session = self.add(county(n), session(n));
            self.all.red.push((county(n), session));
        }
        for n in 0..20 {
            self.add(county(n), Activity { held_on: days_after(ymd(2020, 9, 1), n as u64 * 3), ..session(n) });
        }
        for n in 0..15 {
            self.add(county(n), cancelled(session(n * 90)));
        }
        for n in 0..10 {
            self.add(county(n), Activity { by_five_elders: false, ..session(n * 70) });
        }
        for n in 0..8 {
            self.add(county(n), planned(session(n), ymd(2021, 12, 31)));
        }
    }

    fn against_drowning(&mut self) {
        let (schools, more) = DROWNING;
        let lecture = |place: usize, school: usize, n: usize, team_id| {
            let held_on = days_after(ymd(2021, 4, 12), (n * 80 / 506) as u64);
            Activity {
                by_five_elders: true,
                topic: Some(ActivityTopic::Safety),
                venue_kind: VenueKind::School,
                school_code: PLACES.get(place).map(|p| format!("{}{:04}", p.code, school + 1)),
                team_id,
                minors_present: true,
                ..plain(
                    ActivityKind::Lecture,
                    "预防青少年溺水主题宣讲",
                    ActivityTheme::DrowningPrevention,
                    held_on,
                    605 + i32::from(n < more),
                )
            }
        };
        let care: Vec<(usize, Uuid)> = self.corps.care.iter().copied().filter(|(at, _)| *at != CITY).collect();
        for (at, (place, team)) in care.iter().enumerate() {
            for school in 0..schools {
                self.add(*place, lecture(*place, school, at * schools + school, Some(*team)));
            }
            let next = lecture(*place, schools, at, Some(*team));
            if at % 2 == 0 {
                self.add(*place, cancelled(next));
            } else {
                self.add(*place, Activity { held_on: ymd(2020, 6, 10), ..next });
            }
        }
    }

    fn lecture_hall(&mut self, programme: Uuid) {
        let mut random = Random::new("lecture hall");
        let mut issue = |topic, held_on, audience| {
            let sex = random.weighted(&[(500, Sex::Male)], Sex::Female);
            Activity {
                programme_id: Some(programme),
                topic: Some(topic),
                lecturer_name: Some(names::person(&mut random, sex, Ethnicity::Han)),
                ..plain(ActivityKind::Lecture, "牡丹公益大讲堂", ActivityTheme::PublicLecture, held_on, audience)
            }
        };
        let mut rows: Vec<Activity> = vec![];
        for (n, topic) in ISSUES.into_iter().enumerate() {
            rows.push(issue(topic, days_after(ymd(2021, 3, 18), n as u64 * 42), 160 + n as i32 * 7));
        }
        rows.push(issue(ActivityTopic::Law, ymd(2020, 9, 24), 150));
        rows.push(issue(ActivityTopic::Health, ymd(2020, 10, 22), 140));
        rows.push(cancelled(issue(ActivityTopic::Health, ymd(2021, 8, 12), 0)));
        rows.push(planned(issue(ActivityTopic::Law, ymd(2021, 12, 30), 0), ymd(2022, 1, 13)));
        for row in rows {
            self.add(CITY, row);
        }
    }

    /// 90后与“90后”: the young staff of a tax bureau and members of over 90.
    fn dialogue(&mut self) {
        let host = self.here.units.iter().find(|u| u.name == "鄄城县税务局");
        let Some((place, host_unit_id)) = host.map(|u| (u.place, u.id)) else { return };
        let title = "我是共产党员—90后与“90后”对话";
        let band = |band, count| AgeBandCount { band, count };
        let dialogue = Activity {
            topic: Some(ActivityTopic::PartyHistory),
            venue_kind: VenueKind::Office,
            host_unit_id: Some(host_unit_id),
            age_bands: vec![band(AgeBand::From18, 26), band(AgeBand::From90, 4)],
            ..plain(ActivityKind::Dialogue, title, ActivityTheme::PartyHistory, ymd(2021, 6, 18), 30)
        };
        self.add(place, dialogue.clone());
        self.add(place, cancelled(dialogue));
    }

    /// Every place informs, visits, studies, sings, plays and competes.
    fn of_each_place(&mut self) {
        use ActivityKind as K;
        use ActivityTheme as T;
        const YEAR: [(K, &str, T, (u32, u32)); 17] = [
            (K::Briefing, "上半年情况通报会", T::PolicyStudy, (6, 25)),
            (K::Briefing, "下半年情况通报会", T::PolicyStudy, (12, 16)),
            (K::FieldVisit, "“看发展变化·助强市建设”现场参观", T::CityDevelopment, (10, 14)),
            (K::Seminar, "党史学习教育交流研讨", T::PartyHistory, (5, 20)),
            (K::OnlineReport, "网上专题报告会", T::PartyHistory, (4, 22)),
            (K::RedBaseVisit, "参观红色教育基地", T::PartyHistory, (6, 11)),
            (K::Film, "观看红色教育影片", T::PartyHistory, (7, 9)),
            (K::RedSong, "红歌传唱", T::Culture, (6, 29)),
            (K::ArtExhibition, "庆祝建党百年书画作品展", T::Culture, (6, 28)),
            (K::KnowledgeContest, "党史知识竞赛", T::PartyHistory, (6, 17)),
            (K::Performance, "文艺演出", T::Culture, (9, 29)),
            (K::Choir, "歌咏比赛", T::Culture, (6, 24)),
            (K::Sports, "老干部门球赛", T::Culture, (10, 13)),
            (K::Teaching, "智能手机培训班", T::Other, (9, 8)),
            (K::Volunteering, "社区志愿服务", T::Governance, (3, 5)),
            (K::Lecture, "家教家风进校园", T::YouthCare, (9, 16)),
            (K::Other, "入党纪念日座谈", T::Other, (7, 1)),
        ];
        for at in 0..PLACES.len() {
            for (n, (kind, title, theme, (month, day))) in YEAR.into_iter().enumerate() {
                let held_on = days_after(ymd(2021, month, day), at as u64);
                let visit = kind == K::FieldVisit;
                let activity = Activity {
                    campaign: visit.then(|| "看发展变化·助强市建设".into()),
                    host_unit_id: self.here.bureau(at),
                    minors_present: theme == T::YouthCare,
                    // A bus has so many seats.
                    capacity: visit.then_some(12),
                    ..plain(kind, title, theme, held_on, if visit { 12 } else { 40 + ((at * 7 + n * 13) % 60) as i32 })
                };
                self.add(at, activity);
            }
        }
    }

    /// Visits for which people sign up.
    fn coming(&mut self) {
        for (at, capacity) in [(CITY, 10), (4, 8), (8, 6)] {
            let (title, theme) = ("迎新春参观", ActivityTheme::CityDevelopment);
            let visit = plain(ActivityKind::FieldVisit, title, theme, ymd(2021, 12, 31), 0);
            let visit = Activity {
                host_unit_id: self.here.bureau(at),
                capacity: Some(capacity),
                signup_from: Some(ymd(2021, 12, 20)),
                signup_until: Some(ymd(2022, 1, 10)),
                ..planned(visit, ymd(2022, 1, 15))
            };
            self.add(at, visit);
        }
    }
}
