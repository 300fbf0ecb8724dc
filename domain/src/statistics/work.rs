//! R10–R17: the work, its places, and what was done.
use super::table::{Column, Content, Duty, Measure, Table};
use crate::reports::people::THERE;
use crate::reports::selection::{day, partial};
use crate::reports::{Cond, Selection, Unit};
use Measure::{Count, Distinct, Number, Sum, Text};
use Unit::{Org, Person, PersonTime, Place, School, Session, SquareMetre, Year, Yuan};

static BUREAUS: Selection = Selection::inside("units", &[Cond::Is("kind", "bureau"), Cond::Yes("active")]);
static STAFF: Selection = Selection::inside("staff", &[Cond::Begun(day("started_on")), Cond::Going(day("ended_on"))]);
static TRAININGS: Selection = Selection::inside("staff-trainings", &[Cond::InYear(day("from_on"))]);
static FACILITIES: Selection = Selection::inside("facilities", &[Cond::Yes("open"), Cond::Begun(partial("opened_on"))]);
static SCHOOLS: Selection =
    Selection::inside("senior-universities", &[Cond::Begun(partial("opened_on")), Cond::Going(day("closed_on"))]);
static GRADUATES: Selection = Selection::inside(
    "enrollments",
    &[Cond::Is("status", "completed"), Cond::Known("completed_on"), Cond::Begun(day("completed_on"))],
);
static BUILDING: Selection = Selection::inside(
    "facility-projects",
    &[
        Cond::Known("started_on"),
        Cond::Begun(day("started_on")),
        Cond::Either(&[Cond::Unknown("completed_on"), Cond::Later(day("completed_on"))]),
        Cond::In("status", &["building", "suspended", "completed"]),
    ],
);
static BRIEFINGS: Selection = Selection::inside(
    "activities",
    &[Cond::Is("kind", "briefing"), Cond::Is("status", "held"), Cond::InYear(day("held_on"))],
);
static AWARDED: Selection =
    Selection::inside("honors", &[Cond::Is("status", "awarded"), Cond::InYear(partial("awarded_on"))]);
static POSTS: Selection = Selection::inside(
    "service-posts",
    &[Cond::Begun(day("started_on")), Cond::Going(day("ended_on")), Cond::Has("cadre_id", &THERE, "id")],
);
static CLAIMS: Selection =
    Selection::inside("medical-claims", &[Cond::Is("status", "paid"), Cond::InYear(day("paid_on"))]);
static HARDSHIP: Selection = Selection::inside(
    "hardship-cases",
    &[Cond::In("status", &["granted", "reviewed"]), Cond::InYear(day("granted_on"))],
);
static VISITS: Selection = Selection::inside("visits", &[Cond::InYear(day("visited_on"))]);
static CHANNELS: Selection = Selection::inside("green-channel-cases", &[Cond::InYear(day("opened_on"))]);
static GUARANTEES: Selection = Selection::inside("guarantee-statuses", &[Cond::OfYear("year", 0)]);

const fn column(id: &'static str, zh: &'static str, en: &'static str, unit: Unit, measure: Measure) -> Column {
    Column::new(id, (zh, en), unit, measure)
}

const R10: &[Column] = &[
    column("bodies", "老干部工作机构", "Bureaus", Org, Count(&BUREAUS, &[])),
    column("full_time", "专职工作人员", "Full-time staff", Person, Count(&STAFF, &[Cond::Is("kind", "full_time")])),
    column("part_time", "兼职工作人员", "Part-time staff", Person, Count(&STAFF, &[Cond::Is("kind", "part_time")])),
    column("trainings", "举办培训", "Trainings", Session, Count(&TRAININGS, &[])),
    column("trained", "培训人次", "Attendances of trainings", PersonTime, Sum(&TRAININGS, "persons", &[])),
];
const R11: &[Column] = &[
    column("facilities", "活动阵地", "Facilities", Place, Count(&FACILITIES, &[])),
    column("area", "活动阵地面积", "Area of the facilities", SquareMetre, Sum(&FACILITIES, "area_m2", &[])),
    column("daily_visits", "日均活动人次", "Visits a day", PersonTime, Sum(&FACILITIES, "daily_visits", &[])),
    column("schools", "老年大学", "Senior universities", School, Count(&SCHOOLS, &[])),
    column("school_area", "老年大学面积", "Area of the universities", SquareMetre, Sum(&SCHOOLS, "area_m2", &[])),
    column("staff", "老年大学工作人员", "Their staff", Person, Sum(&SCHOOLS, "staff", &[])),
    column("students", "在校学员", "Their students", Person, Sum(&SCHOOLS, "students", &[])),
    column("graduates", "累计结业人次", "Courses completed so far", PersonTime, Count(&GRADUATES, &[])),
    column("building", "在建项目", "Under construction", Place, Count(&BUILDING, &[])),
];

const fn duty(id: &'static str, zh: &'static str, en: &'static str, unit: Unit, duty: Duty) -> Column {
    Column::new(id, (zh, en), unit, Measure::Duty(duty))
}
const R12: &[Column] = &[
    duty("overdue_elections", "逾期未换届党组织", "Overdue elections", Org, Duty::OverdueElections),
    duty("meetings_due", "应开会议(三会一课等)", "Meetings due", Session, Duty::MeetingsDue),
    duty("meetings_met", "已按期召开", "Meetings held in time", Session, Duty::MeetingsMet),
    column("briefings", "情况通报会(每年应2次)", "Briefings, two a year", Session, Count(&BRIEFINGS, &[])),
    duty("overdue_contacts", "逾期未联系", "Overdue contacts", Unit::Count, Duty::OverdueContacts),
    duty("medal_candidates", "下次七一纪念章拟颁发", "Candidates for the next medals", Person, Duty::MedalCandidates),
    duty("lost_members", "失联党员", "Members without contact", Person, Duty::LostMembers),
];

/// Persons and others are counted apart: an award of an organization is no person.
const TO_PERSONS: Cond = Cond::Known("cadre_id");
macro_rules! r13 {
    ($($level:literal $persons:literal $others:literal $zh:literal $en:literal;)+) => {
        const R13: &[Column] = &[
            column("medals", "光荣在党50年纪念章", "Medals for 50 years in the party", Person, Count(&AWARDED, &[Cond::Is("kind", "party50_medal")])),
            column("members", "表扬离退休干部党员", "Members commended", Person, Count(&AWARDED, &[Cond::Is("kind", "commendation"), Cond::Is("category", "party_member")])),
            column("secretaries", "表扬党组织书记", "Secretaries commended", Person, Count(&AWARDED, &[Cond::Is("kind", "commendation"), Cond::Is("category", "party_secretary")])),
            column("organizations", "表扬党组织", "Organizations commended", Org, Count(&AWARDED, &[Cond::Is("kind", "commendation"), Cond::Is("category", "party_org")])),
            column("collectives", "先进集体", "Advanced collectives", Org, Count(&AWARDED, &[Cond::Is("kind", "commendation"), Cond::Is("category", "collective")])),
            $(
                column($persons, concat!($zh, "个人荣誉"), concat!($en, " honors of persons"), Person, Count(&AWARDED, &[TO_PERSONS, Cond::Is("level", $level)])),
                column($others, concat!($zh, "集体荣誉"), concat!($en, " honors of others"), Org, Count(&AWARDED, &[Cond::Not(&TO_PERSONS), Cond::Is("level", $level)])),
            )+
        ];
    };
}
r13! {
    "national" "national_persons" "national_others" "国家级" "National";
    "province" "province_persons" "province_others" "省级" "Provincial";
    "city" "city_persons" "city_others" "市级" "Municipal";
    "county" "county_persons" "county_others" "县级" "County";
}

macro_rules! r14 {
    ($($id:literal $zh:literal $en:literal $area:literal $($body:literal)?;)+) => {
        const R14: &[Column] = &[
            column("persons", "任职总人数", "Persons with posts", Person, Distinct(&POSTS, "cadre_id", &[])),
            $(column($id, $zh, $en, Person, Distinct(&POSTS, "cadre_id", &[Cond::Is("area", $area) $(, Cond::Is("body_kind", $body))?])),)+
        ];
    };
}
r14! {
    "urban" "城市基层治理" "In the city" "urban";
    "urban_community" "城市:社区" "In the city: communities" "urban" "community";
    "urban_grid" "城市:网格" "In the city: grids" "urban" "grid";
    "urban_social_org" "城市:社会组织" "In the city: social organizations" "urban" "social_org";
    "urban_red_property" "城市:红色物业" "In the city: red property management" "urban" "red_property";
    "rural" "乡村振兴" "In the countryside" "rural";
    "rural_wedding_funeral_council" "乡村:红白理事会" "In the countryside: councils for weddings and funerals" "rural" "wedding_funeral_council";
    "rural_elders_mediation" "乡村:乡贤调解会" "In the countryside: mediation by elders" "rural" "elders_mediation";
    "rural_villagers_council" "乡村:村民议事会" "In the countryside: councils of villagers" "rural" "villagers_council";
}

const R15: &[Column] = &[
    column("metric", "指标", "Metric", Unit::Count, Text),
    column("metric_unit", "计量单位", "Unit", Unit::Count, Text),
    column("op", "要求", "Rule", Unit::Count, Text),
    column("target", "目标值", "Target", Unit::Count, Number),
    column("done", "完成值", "Done", Unit::Count, Number),
    column("met", "是否完成", "Met", Unit::Count, Text),
];
const R16: &[Column] = &[
    column("division_code", "行政区划代码", "Division", Unit::Count, Text),
    column("birth_date", "出生日期", "Birth date", Unit::Count, Text),
    column("birthday", "生日", "Birthday", Unit::Count, Text),
    column("age", "统计截至日周岁", "Age on the day", Year, Number),
    column("turns", "本年满岁", "Turns in the year", Year, Number),
    column("aged_90", "90岁以上", "90 and more", Person, Number),
    column("aged_100", "100岁以上", "100 and more", Person, Number),
];

const VISITED: Measure = Measure::Formula { plus: &["visited_named", "visited_counted"], minus: &[] };
const R17: &[Column] = &[
    column("claims", "支付医药费", "Medical claims paid", Unit::Count, Count(&CLAIMS, &[])),
    column("claims_amount", "支付医药费金额", "Amount of medical claims", Yuan, Sum(&CLAIMS, "allowed_amount", &[])),
    column("hardship", "困难帮扶", "Hardship cases granted", Unit::Count, Count(&HARDSHIP, &[])),
    column("hardship_amount", "困难帮扶金额", "Amount of hardship aid", Yuan, Sum(&HARDSHIP, "approved_amount", &[])),
    column("visits", "走访慰问", "Visits", Session, Count(&VISITS, &[])),
    column("visited_named", "走访到人", "Visits to a person", PersonTime, Count(&VISITS, &[Cond::Known("cadre_id")])),
    column("visited_counted", "集体走访人次", "Visited in groups", PersonTime, Sum(&VISITS, "persons", &[])),
    column("visited", "走访慰问人次合计", "All visited, each time", PersonTime, VISITED),
    column("channels", "绿色通道", "Green-channel cases", Unit::Count, Count(&CHANNELS, &[])),
    column(
        "guarantees_ok",
        "三个机制已落实",
        "Guarantees kept",
        Unit::Count,
        Count(&GUARANTEES, &[Cond::Is("status", "ok")]),
    ),
    column(
        "guarantees_arrears",
        "三个机制有拖欠",
        "Guarantees in arrears",
        Unit::Count,
        Count(&GUARANTEES, &[Cond::Is("status", "arrears")]),
    ),
    column("arrears", "拖欠金额", "Arrears", Yuan, Sum(&GUARANTEES, "arrears_amount", &[])),
];

const fn table(
    id: &'static str,
    title: (&'static str, &'static str),
    rule: (&'static str, &'static str),
    content: Content,
    columns: &'static [Column],
) -> Table {
    Table { id, title, rule, content, columns, checks: &[] }
}

pub(super) static TABLES: &[Table] = &[
    table(
        "R10",
        ("老干部工作机构与队伍", "Bodies, staff and training"),
        (
            "截至日在岗人员,本年培训;人与人次不相加。",
            "Staff on the day, trainings of the year. Persons and attendances are never added.",
        ),
        Content::Counties,
        R10,
    ),
    table(
        "R11",
        ("活动阵地与老年大学", "Facilities and senior universities"),
        ("截至日开放的阵地与办学情况。", "Those that are open on the day."),
        Content::Counties,
        R11,
    ),
    table(
        "R12",
        ("职责落实情况", "What is due and what was done"),
        (
            "与待办清单同一口径;会议按本年一月至截至日所在月。",
            "As the worklists count. Meetings from January to the month of the day.",
        ),
        Content::Counties,
        R12,
    ),
    table(
        "R13",
        ("本年表彰奖励", "Honors of the year"),
        ("本年颁发;个人与集体分别统计。", "Awarded in the year, persons and others apart."),
        Content::Honors,
        R13,
    ),
    table(
        "R14",
        ("离退休干部任职发挥作用", "Posts of service"),
        (
            "截至日在任;同一人每栏只计一次,各栏不可相加。",
            "Held on the day. A person counts once in each column, so columns do not add up.",
        ),
        Content::Counties,
        R14,
    ),
    table(
        "R15",
        ("项目进度", "How far programmes have come"),
        ("每个项目的每项目标一行。", "A row for each target of each programme of the year."),
        Content::Targets,
        R15,
    ),
    table(
        "R16",
        ("高龄祝寿名单", "Birthdays of those of 90 years and more"),
        (
            "截至日在管、本年满90岁及以上者;仅限可查看个人信息的角色。",
            "Those in care on the day who turn 90 or more in the year. For roles that see personal data.",
        ),
        Content::Persons,
        R16,
    ),
    table(
        "R17",
        ("生活待遇与走访慰问", "Benefits and visits"),
        ("本年发放与办理;三个机制按年度。", "Of the year; the guarantees as stated for the year."),
        Content::Counties,
        R17,
    ),
];
