//! Students who wait, construction that is late, agreements and consents that end.
use super::{By, Worklist, before, is};
use chrono::Days;
use domain::Resource;
use domain::codes::{ArticleStatus, ConsentPurpose, EnrollmentStatus};
use domain::education::{Enrollment, FacilityProject, PartnerAgreement};
use domain::publicity::{Article, Consent};
use persistence::{Condition, Op, education};

/// Days before the end of an agreement on which it is time to talk about another one.
const AGREEMENT: u64 = 90;
/// Days before the end of a consent on which it is time to ask again.
const CONSENT: u64 = 30;

/// From a day on, and before the day so many days later.
fn within(field: &str, from: domain::NaiveDate, days: u64) -> [Condition; 2] {
    let until = from.checked_add_days(Days::new(days)).unwrap_or(from);
    [Condition { field: field.into(), op: Op::Gte, value: from.to_string() }, before(field, until)]
}

pub(super) const LISTS: &[Worklist] = &[
    Worklist::of::<Enrollment>("enrollments_to_admit", ("待入学的学员", "Students to admit"), |_| {
        vec![is("status", EnrollmentStatus::Paid)]
    }),
    Worklist::of::<Enrollment>("enrollments_waiting", ("候补学员", "Students on waiting lists"), |_| {
        vec![is("status", EnrollmentStatus::Waitlisted)]
    }),
    Worklist {
        name: "projects_late",
        title: ("逾期的建设项目", "Construction that is late"),
        about: (FacilityProject::PATH, FacilityProject::MODULE),
        by: By::Own(
            |c, scope, a| education::count_late(c, scope, a.today),
            |a| format!("/facility-projects/delayed?as_of={}", a.today),
        ),
    },
    Worklist::of::<PartnerAgreement>(
        "agreements_ending",
        ("即将到期的合作协议", "Agreements that end soon"),
        |a| within("expires_on", a.today, AGREEMENT).to_vec(),
    ),
    Worklist::of::<Article>("articles_to_publish", ("待发布的稿件", "Articles to publish"), |_| {
        vec![is("status", ArticleStatus::Draft)]
    }),
    Worklist::of::<Consent>(
        "consents_ending",
        ("即将到期的宣传同意", "Consents to publicity that end soon"),
        |a| {
            let mut conditions = within("expires_on", a.today, CONSENT).to_vec();
            conditions.push(is("purpose", ConsentPurpose::Publicity));
            conditions
        },
    ),
];
