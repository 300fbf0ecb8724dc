//! Who does the work, what they learn, and the documents they work by.
use super::names;
use super::places::PLACES;
use super::random::{Random, id, ymd};
use super::units::DemoUnit;
use super::{Rows, draft};
use domain::codes::*;
use domain::reference::heze;
use domain::staff::*;
use domain::{Resource, Uuid};

/// All of it.
#[derive(Default)]
pub(super) struct Working {
    pub staff: Rows<StaffMember>,
    pub trainings: Rows<StaffTraining>,
    pub documents: Rows<PolicyDocument>,
}

impl Working {
    /// How many records there are.
    pub fn len(&self) -> usize {
        self.staff.len() + self.trainings.len() + self.documents.len()
    }
}

/// Full-time staff of each bureau.
const FULL_TIME: [&str; 5] = ["局长", "副局长", "服务科科长", "党建科科员", "办公室科员"];

fn add<R: Resource>(rows: &mut Rows<R>, division: &str, data: R) -> Uuid {
    let id = id(R::PATH, rows.len());
    rows.push(draft(id, division, data));
    id
}

/// The staff of the bureaus and of some other units, their training, the documents.
pub(super) fn working(units: &[DemoUnit]) -> Working {
    let mut random = Random::new("staff");
    let mut all = Working::default();
    for unit in units {
        let bureau = unit.kind == UnitKind::Bureau;
        let organ = unit.kind == UnitKind::Organ && unit.weight >= 5;
        let duties: &[&str] = match (bureau, organ) {
            (true, _) => &FULL_TIME,
            (false, true) => &["老干部工作联络员"],
            (false, false) => &[],
        };
        for (n, duty) in duties.iter().enumerate() {
            let sex = if n % 2 == 0 { Sex::Male } else { Sex::Female };
            let data = StaffMember {
                name: names::person(&mut random, sex, Ethnicity::Han),
                unit_id: unit.id,
                duty: (*duty).into(),
                phone: Some(format!("1390000{:04}", random.range(0, 9_999))),
                kind: if bureau { StaffKind::FullTime } else { StaffKind::PartTime },
                started_on: random.day(ymd(2012, 1, 1), ymd(2020, 12, 1)),
                // Now and then somebody has gone.
                ended_on: random.chance(60).then(|| ymd(2021, 8, 31)),
            };
            add(&mut all.staff, PLACES.get(unit.place).map_or(heze::CITY, |p| p.code), data);
        }
    }
    trainings(&mut all);
    documents(&mut all);
    all
}

fn trainings(all: &mut Working) {
    let rows = [
        ("十九届六中全会精神专题学习", PublicLevel::City, ymd(2021, 12, 6), 2, 96, 16),
        ("老干部工作业务培训班", PublicLevel::City, ymd(2021, 5, 11), 3, 64, 24),
        ("党史学习教育读书班", PublicLevel::City, ymd(2021, 4, 13), 2, 58, 16),
        ("信息化平台操作培训", PublicLevel::City, ymd(2021, 9, 15), 1, 41, 8),
        ("全省老干部局长培训班", PublicLevel::Province, ymd(2021, 10, 18), 4, 12, 32),
        // Of the year before.
        ("老干部工作业务培训班", PublicLevel::City, ymd(2020, 10, 20), 3, 60, 24),
    ];
    let at_work: Vec<Uuid> = all.staff.iter().filter(|s| s.data.ended_on.is_none()).filter_map(|s| s.id).collect();
    for (n, (topic, level, from_on, days, persons, hours)) in rows.into_iter().enumerate() {
        let data = StaffTraining {
            topic: topic.into(),
            level,
            from_on,
            to_on: super::random::days_after(from_on, days - 1),
            persons,
            hours,
            place: None,
            // Of the others only the number is on record.
            staff_ids: at_work.iter().skip(n).step_by(5).take(persons as usize / 4).copied().collect(),
        };
        add(&mut all.trainings, heze::CITY, data);
    }
}

fn documents(all: &mut Working) {
    use PolicyTag::{Ageing, Benefits, Education, GeneralWork, Medical, PartyBuilding};
    const BUREAU: &str = "中共菏泽市委老干部局";
    let document = |title: &str, kind, issued_on, tags: &[PolicyTag]| PolicyDocument {
        document_no: None,
        title: title.into(),
        issuer: BUREAU.into(),
        kind,
        issued_on,
        effective_from: None,
        repealed_on: None,
        replaced_by_id: None,
        tags: tags.to_vec(),
        summary: None,
        file_sha256: None,
        status: PolicyStatus::InForce,
    };
    let opinion =
        document("关于进一步推动全市老干部工作高质量发展的意见", PolicyKind::Opinion, ymd(2021, 3, 18), &[GeneralWork]);
    let measures = document(
        "关于对全市离退休干部党建工作进行评价的实施办法",
        PolicyKind::Measures,
        ymd(2021, 5, 8),
        &[PartyBuilding],
    );
    let ageing = document("敬老养老孝老政策汇编", PolicyKind::Other, ymd(2021, 10, 11), &[Ageing, Benefits, Medical]);
    let schools = document("老年大学分校建设方案", PolicyKind::Plan, ymd(2021, 2, 26), &[Education, Ageing]);
    let replaced_by_id = Some(add(&mut all.documents, heze::CITY, opinion));
    for data in [measures, ageing, schools] {
        add(&mut all.documents, heze::CITY, data);
    }
    let before = PolicyDocument {
        document_no: Some("菏老干〔2016〕3号".into()),
        status: PolicyStatus::Repealed,
        repealed_on: Some(ymd(2021, 3, 18)),
        replaced_by_id,
        ..document("全市老干部工作要点", PolicyKind::Opinion, ymd(2016, 3, 9), &[GeneralWork])
    };
    add(&mut all.documents, heze::CITY, before);
    let notice = document("关于做好困难老干部帮扶工作的通知", PolicyKind::Notice, ymd(2021, 6, 2), &[Benefits]);
    add(&mut all.documents, "371722", PolicyDocument { issuer: "中共单县县委老干部局".into(), ..notice });
}
