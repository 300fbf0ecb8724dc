//! Classes in every state, and who takes part in them or waits.
use super::super::names;
use super::super::persons::Person;
use super::super::places::{PLACES, Place};
use super::super::random::{days_after, ymd};
use super::{COMPANION, Maker, add, code};
use domain::codes::*;
use domain::education::{Class, Enrollment};
use domain::partial_date::age;
use domain::{Money, NaiveDate, PartialDate, Uuid};

impl Maker<'_> {
    pub(super) fn classes(&mut self) {
        for (at, place) in PLACES.iter().enumerate() {
            self.classes_of(at, place);
        }
    }

    /// One class in each state, more in the city; the courses go round.
    fn classes_of(&mut self, at: usize, place: &Place) {
        use ClassStatus::{Cancelled, Enrolling, Finished, Planned, Running};
        let Some(main) = self.mains.get(&at).copied() else { return };
        let online = self.all.schools.iter().find(|s| s.data.kind == SchoolKind::Online).and_then(|s| s.id);
        let states = [Finished, Running, Running, Enrolling, Planned, Cancelled];
        for (n, status) in states.into_iter().enumerate() {
            // The city's second class that runs is online.
            let over_the_net = n == 2;
            let school = if over_the_net && place.is_city() { online.unwrap_or(main) } else { main };
            let class = self.class(school, at + n, status, over_the_net);
            let id = add(&mut self.all.classes, place.code, class.clone());
            self.enroll(at, id, &class);
        }
    }

    fn class(&mut self, school: Uuid, nth: usize, status: ClassStatus, online: bool) -> Class {
        use ClassStatus::{Cancelled, Enrolling, Finished, Planned, Running};
        use CourseTopic as T;
        const COURSES: [(&str, CourseTopic, bool); 9] = [
            ("曹州面塑", T::LocalCulture, true),
            ("鲁西南剪纸", T::LocalCulture, true),
            ("书法(楷书)", T::CalligraphyPainting, false),
            ("写意牡丹", T::CalligraphyPainting, true),
            ("声乐", T::MusicDance, false),
            ("党史故事", T::PartyHistory, false),
            ("智能手机", T::Digital, false),
            ("老年保健", T::Health, false),
            ("太极拳", T::Sports, false),
        ];
        let (course, topic, is_featured) =
            COURSES.get(nth % COURSES.len()).copied().unwrap_or(("书法(楷书)", T::CalligraphyPainting, false));
        let (semester, from, to, starts, ends) = match status {
            Finished => ("2021-spring", ymd(2021, 2, 18), ymd(2021, 3, 10), ymd(2021, 3, 8), ymd(2021, 6, 25)),
            Running | Cancelled => {
                ("2021-autumn", ymd(2021, 8, 15), ymd(2021, 9, 15), ymd(2021, 9, 6), ymd(2021, 12, 31))
            }
            Enrolling => ("2022-spring", ymd(2021, 12, 6), ymd(2022, 2, 25), ymd(2022, 3, 1), ymd(2022, 6, 30)),
            // Before the two development zones become part of the new district.
            Planned => ("2022-autumn", ymd(2022, 8, 1), ymd(2022, 8, 25), ymd(2022, 8, 29), ymd(2022, 12, 30)),
        };
        let costs = status != Running && nth % 3 == 1;
        Class {
            senior_university_id: school,
            course: course.into(),
            topic,
            mode: if online { ClassMode::Online } else { ClassMode::Onsite },
            semester: semester.into(),
            enrol_from: Some(from),
            enrol_to: Some(to),
            starts_on: starts,
            ends_on: Some(ends),
            capacity: if online { 200 } else { 12 },
            age_min: Some(50),
            age_max: None,
            companion_from_age: None,
            tuition: costs.then_some(Money(6_000)),
            is_featured,
            teacher_name: Some(names::person(&mut self.random, Sex::Female, Ethnicity::Han)),
            cancel_reason: (status == Cancelled).then(|| "报名人数不足".into()),
            status,
        }
    }

    /// Students of the place: a class that runs is full and has a waiting list.
    fn enroll(&mut self, at: usize, class_id: Uuid, class: &Class) {
        use EnrollmentStatus::{Active, Applied, Completed, Dropped, Paid, Waitlisted};
        let full = class.capacity as usize;
        let online = class.mode == ClassMode::Online;
        let count = match class.status {
            ClassStatus::Running if online => 16,
            ClassStatus::Running => full + 3,
            ClassStatus::Finished => full,
            ClassStatus::Enrolling => 8,
            ClassStatus::Cancelled => 2,
            ClassStatus::Planned => 0,
        };
        for n in 0..count {
            let status = match class.status {
                ClassStatus::Running if n >= full && !online => Waitlisted,
                ClassStatus::Running => Active,
                ClassStatus::Finished if n % 6 == 5 => Dropped,
                ClassStatus::Finished => Completed,
                ClassStatus::Enrolling if class.costs() && n % 2 == 0 => Paid,
                ClassStatus::Enrolling => Applied,
                ClassStatus::Cancelled | ClassStatus::Planned => Dropped,
            };
            // Somebody of the neighbourhood who is no cadre.
            let student = if n % 8 == 7 { None } else { self.students.get_mut(&at).and_then(Vec::pop) };
            let birth = student.map_or_else(|| self.random.day(ymd(1946, 1, 1), ymd(1961, 1, 1)), |s| s.life.birth);
            let applied_on = class.enrol_from.map_or(class.starts_on, |from| days_after(from, n as u64 % 12));
            let data = self.enrollment(class_id, class, (student, birth, applied_on), status);
            add(&mut self.all.enrollments, code(at), data);
        }
    }

    fn enrollment(
        &mut self,
        class_id: Uuid,
        class: &Class,
        (student, birth, applied_on): (Option<&Person>, NaiveDate, NaiveDate),
        status: EnrollmentStatus,
    ) -> Enrollment {
        use EnrollmentStatus::{Active, Completed, Dropped, Paid};
        // A birth date may be on record to the year only: then a companion may be needed a year sooner.
        let accompanied = age(birth, class.starts_on) + 1 >= COMPANION;
        let pays = class.costs() && matches!(status, Paid | Active | Completed);
        Enrollment {
            class_id,
            cadre_id: student.map(|s| s.id),
            student_name: student.is_none().then(|| names::person(&mut self.random, Sex::Female, Ethnicity::Han)),
            student_birth_date: student.is_none().then_some(PartialDate::day(birth)),
            student_phone: student.is_none().then(|| format!("1390000{:04}", self.random.range(0, 9_999))),
            companion_name: accompanied.then(|| names::person(&mut self.random, Sex::Male, Ethnicity::Han)),
            companion_phone: accompanied.then(|| format!("1380000{:04}", self.random.range(0, 9_999))),
            applied_on,
            queue_no: None,
            paid_on: pays.then(|| days_after(applied_on, 2)),
            receipt_no: None,
            completed_on: class.ends_on.filter(|_| status == Completed),
            certificate_no: None,
            dropped_on: (status == Dropped).then(|| days_after(applied_on, 20)),
            drop_reason: (status == Dropped).then(|| "个人原因".into()),
            status,
        }
    }
}
