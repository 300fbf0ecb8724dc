//! R1–R7: those in care.
use super::check::Check;
use super::table::{Column, Content, Measure, Table};
use crate::codes::RevolutionPeriod as Period;
use crate::reports::people::{IN_CARE, MEMBERSHIPS};
use crate::reports::{Cond, People, Selection, Unit};
use Measure::{Count, Formula, MeanAge, Ratio, Sealed};
use Unit::{Percent, Person, Year};

const IS_LIXIU: &[Cond] = &[Cond::Is("retire_type", "lixiu")];
const IS_RETIRED: &[Cond] = &[Cond::In("retire_type", &["tuixiu", "tuizhi", "neitui"])];

static LIXIU: Selection = Selection::people(People::InCare, IS_LIXIU);
static LIXIU_BEFORE: Selection = Selection::people(People::InCareBefore, IS_LIXIU);
static LIXIU_NEW: Selection = Selection::people(People::Retired, IS_LIXIU);
static LIXIU_DIED: Selection = Selection::people(People::Died, IS_LIXIU);
static LIXIU_IN: Selection = Selection::people(People::MovedIn, IS_LIXIU);
static LIXIU_OUT: Selection = Selection::people(People::MovedOut, IS_LIXIU);
static RETIRED: Selection = Selection::people(People::InCare, IS_RETIRED);
static RETIRED_BEFORE: Selection = Selection::people(People::InCareBefore, IS_RETIRED);
static RETIRED_NEW: Selection = Selection::people(People::Retired, IS_RETIRED);
static RETIRED_DIED: Selection = Selection::people(People::Died, IS_RETIRED);
static RETIRED_IN: Selection = Selection::people(People::MovedIn, IS_RETIRED);
static RETIRED_OUT: Selection = Selection::people(People::MovedOut, IS_RETIRED);
/// Whoever has a membership, of whatever time.
static EVER_MEMBERS: Selection = Selection::inside("party-memberships", &[Cond::Yes("formal")]);
/// Members of the party: by their membership where there is one on record, by what is known of the person elsewhere.
pub(super) const MEMBERS: Cond = Cond::Either(&[
    Cond::Among("id", &MEMBERSHIPS, "cadre_id"),
    Cond::All(&[Cond::In("politics", &["01", "02"]), Cond::Not(&Cond::Among("id", &EVER_MEMBERS, "cadre_id"))]),
]);
const EARLY: Cond = Cond::Either(&[
    Cond::InPeriod("join_revolution_date", Period::FirstCivilWar),
    Cond::InPeriod("join_revolution_date", Period::SecondCivilWar),
    Cond::InPeriod("join_revolution_date", Period::AntiJapanEarly),
    Cond::InPeriod("join_revolution_date", Period::AntiJapanLate),
    Cond::InPeriod("join_revolution_date", Period::LiberationWar),
]);

macro_rules! units {
    ($($name:ident $of:ident: $that:expr;)+) => {$(
        static $name: Selection = Selection::inside("units", &[$that]);
        const $of: &[Cond] = &[Cond::Among("unit_id", &$name, "id")];
    )+};
}
units! {
    ORGANS OF_ORGANS: Cond::In("kind", &["organ", "bureau"]);
    INSTITUTIONS OF_INSTITUTIONS: Cond::Is("kind", "institution");
    ENTERPRISES OF_ENTERPRISES: Cond::Is("kind", "enterprise");
    OTHERS OF_OTHERS: Cond::Is("kind", "other");
    CENTRAL OF_CENTRAL: Cond::Is("management", "central");
    LOCAL OF_LOCAL: Cond::Is("management", "local");
    UNSTATED OF_UNSTATED: Cond::Unknown("management");
}

/// How many of a selection.
const fn count(
    id: &'static str,
    zh: &'static str,
    en: &'static str,
    of: &'static Selection,
    that: &'static [Cond],
) -> Column {
    Column::new(id, (zh, en), Person, Count(of, that))
}

macro_rules! r1 {
    ($($id:literal $away:literal $zh:literal $en:literal $period:ident;)+) => {
        const R1: &[Column] = &[
            count("total", "离休干部总数", "Cadres in leave-rest", &LIXIU, &[]),
            count("members", "中共党员", "Party members", &LIXIU, &[MEMBERS]),
            Column::new("dependent", ("生活不能自理", "Cannot care for themselves"), Person, Sealed(&LIXIU, "self_care", "none")),
            count("aged_70", "70至79岁", "Aged 70-79", &LIXIU, &[Cond::Aged("birth_date", Some(70), Some(79))]),
            count("aged_80", "80岁及以上", "Aged 80 and more", &LIXIU, &[Cond::Aged("birth_date", Some(80), None)]),
            $(
                count($id, $zh, $en, &LIXIU, &[Cond::InPeriod("join_revolution_date", Period::$period)]),
                count(
                    $away,
                    concat!($zh, "其中市外居住"),
                    concat!($en, ", settled outside the city"),
                    &LIXIU,
                    &[Cond::All(&[
                        Cond::InPeriod("join_revolution_date", Period::$period),
                        Cond::Is("settlement", "elsewhere"),
                    ])],
                ),
            )+
        ];
    };
}
r1! {
    "first_civil_war" "first_civil_war_away" "第一次国内革命战争时期" "Joined in the first civil war" FirstCivilWar;
    "second_civil_war" "second_civil_war_away" "第二次国内革命战争时期" "Joined in the second civil war" SecondCivilWar;
    "anti_japan_early" "anti_japan_early_away" "抗战前期" "Joined early in the war of resistance" AntiJapanEarly;
    "anti_japan_late" "anti_japan_late_away" "抗战后期" "Joined late in the war of resistance" AntiJapanLate;
    "liberation_war" "liberation_war_away" "解放战争时期" "Joined in the war of liberation" LiberationWar;
}

const CHANGE: Check = Check::Balance {
    text: ("实有人数=上年末人数+新增+转入-转出-去世", "actual = last year-end + new + moved in - moved out - died"),
    opening: "opening",
    plus: &["new", "moved_in"],
    minus: &["moved_out", "died"],
    closing: "actual",
};
const EXPECTED: Measure = Formula { plus: &["opening", "new", "moved_in"], minus: &["moved_out", "died"] };
const DEATH_RATE: Column = Column::new(
    "death_rate",
    ("去世率(去世人数占上年末人数)", "Death rate: deaths by last year-end"),
    Percent,
    Ratio { of: "died", by: "opening" },
);

const R2: &[Column] = &[
    count("opening", "上年末人数", "Last year-end", &LIXIU_BEFORE, &[]),
    count("died", "本年去世", "Died", &LIXIU_DIED, &[]),
    Column::new("expected", ("应有人数", "Expected"), Person, EXPECTED),
    count("actual", "实有人数", "Actual", &LIXIU, &[]),
    count("new", "本年新增", "New", &LIXIU_NEW, &[]),
    count("moved_in", "本年转入", "Moved in", &LIXIU_IN, &[]),
    count("moved_out", "本年转出", "Moved out", &LIXIU_OUT, &[]),
    DEATH_RATE,
];
const R3: &[Column] = &[
    count("opening", "上年末人数", "Last year-end", &RETIRED_BEFORE, &[]),
    count("new", "本年新退休", "Newly retired", &RETIRED_NEW, &[]),
    count("died", "本年去世", "Died", &RETIRED_DIED, &[]),
    Column::new("expected", ("应有人数", "Expected"), Person, EXPECTED),
    count("actual", "实有人数", "Actual", &RETIRED, &[]),
    count("members", "其中中共党员", "Of them party members", &RETIRED, &[MEMBERS]),
    count("early", "其中建国前参加革命工作", "Of them joined before the founding", &RETIRED, &[EARLY]),
    count("moved_in", "本年转入", "Moved in", &RETIRED_IN, &[]),
    count("moved_out", "本年转出", "Moved out", &RETIRED_OUT, &[]),
    DEATH_RATE,
];
const R4: &[Column] = &[
    count("total", "离休干部总数", "Cadres in leave-rest", &LIXIU, &[]),
    count(
        "vice_provincial_up",
        "副省(部)级及以上",
        "Vice-provincial and above",
        &LIXIU,
        &[Cond::Is("treatment_level", "vice_provincial_up")],
    ),
    count("bureau", "厅局级", "Bureau", &LIXIU, &[Cond::Is("treatment_level", "bureau")]),
    count("county", "县处级", "County", &LIXIU, &[Cond::Is("treatment_level", "county")]),
    count("section_below", "科级及以下", "Section and below", &LIXIU, &[Cond::Is("treatment_level", "section_below")]),
];

macro_rules! r5 {
    ($($total:literal $zh:literal $en:literal $of:ident $organ:literal $institution:literal $enterprise:literal $other:literal / $central:literal $local:literal $unstated:literal;)+) => {
        const R5: &[Column] = &[$(
            count($total, concat!($zh, "总数"), $en, &$of, &[]),
            count($organ, concat!($zh, "机关"), concat!($en, ", organs"), &$of, OF_ORGANS),
            count($institution, concat!($zh, "事业单位"), concat!($en, ", institutions"), &$of, OF_INSTITUTIONS),
            count($enterprise, concat!($zh, "企业"), concat!($en, ", enterprises"), &$of, OF_ENTERPRISES),
            count($other, concat!($zh, "其他单位"), concat!($en, ", other units"), &$of, OF_OTHERS),
            count($central, concat!($zh, "中央单位"), concat!($en, ", central units"), &$of, OF_CENTRAL),
            count($local, concat!($zh, "地方单位"), concat!($en, ", local units"), &$of, OF_LOCAL),
            count($unstated, concat!($zh, "隶属关系未填"), concat!($en, ", units that do not say"), &$of, OF_UNSTATED),
        )+];
    };
}
r5! {
    "lixiu" "离休干部" "Leave-rest" LIXIU "lixiu_organ" "lixiu_institution" "lixiu_enterprise" "lixiu_other"
        / "lixiu_central" "lixiu_local" "lixiu_unstated";
    "retired" "退休干部" "Retired" RETIRED "retired_organ" "retired_institution" "retired_enterprise" "retired_other"
        / "retired_central" "retired_local" "retired_unstated";
}

const R6: &[Column] = &[
    count("total", "在管总数", "In care", &IN_CARE, &[]),
    count(
        "pension_socialised",
        "养老金社会化发放",
        "Pension paid by social insurance",
        &IN_CARE,
        &[Cond::Yes("pension_socialised")],
    ),
    count(
        "local_medical_insurance",
        "参加属地医疗保险",
        "In the local medical insurance",
        &IN_CARE,
        &[Cond::Yes("local_medical_insurance")],
    ),
    count(
        "party_relation_local",
        "党组织关系移交属地",
        "Party relation handed over",
        &IN_CARE,
        &[Cond::Yes("party_relation_local")],
    ),
    count("archive_local", "人事档案移交属地", "Archive handed over", &IN_CARE, &[Cond::Yes("archive_local")]),
    count("roles_played", "发挥作用人数", "Who contribute", &IN_CARE, &[Cond::Filled("roles_played")]),
];

macro_rules! r7 {
    ($($id:literal $zh:literal $en:literal $from:expr, $to:expr;)+) => {
        const R7: &[Column] = &[
            count("total", "在管总数", "In care", &IN_CARE, &[]),
            $(count($id, $zh, $en, &IN_CARE, &[Cond::Aged("birth_date", $from, $to)]),)+
            Column::new(
                "average_age",
                ("平均年龄", "Average age"),
                Year,
                MeanAge { of: &IN_CARE, born: "birth_date", by: "total" },
            ),
        ];
    };
}
r7! {
    "to_45" "45岁及以下" "Aged 45 and less" None, Some(45);
    "from_46" "46至50岁" "Aged 46-50" Some(46), Some(50);
    "from_51" "51至55岁" "Aged 51-55" Some(51), Some(55);
    "from_56" "56至60岁" "Aged 56-60" Some(56), Some(60);
    "from_61" "61至70岁" "Aged 61-70" Some(61), Some(70);
    "from_71" "71至80岁" "Aged 71-80" Some(71), Some(80);
    "from_81" "81至90岁" "Aged 81-90" Some(81), Some(90);
    "from_91" "91至99岁" "Aged 91-99" Some(91), Some(99);
    "from_100" "100岁及以上" "Aged 100 and more" Some(100), None;
}

const BASE: (&str, &str) = (
    "统计截至日在管人员;转接办结前由转出单位统计,异地安置的由发放待遇的单位统计。",
    "Those in care on the day. Until a transfer takes effect the giving unit counts; who is settled elsewhere is counted where they are paid.",
);

pub(super) static TABLES: &[Table] = &[
    Table {
        id: "R1",
        title: ("离休干部基本情况", "Cadres in leave-rest"),
        rule: BASE,
        content: Content::Units,
        columns: R1,
        checks: &[Check::Sum {
            text: ("五个时期合计=总数", "the five periods make the total"),
            parts: &["first_civil_war", "second_civil_war", "anti_japan_early", "anti_japan_late", "liberation_war"],
            total: "total",
        }],
    },
    Table {
        id: "R2",
        title: ("离休干部两年变化情况", "Change of cadres in leave-rest over two years"),
        rule: (
            "各项分别按退休、去世、转接的日期统计,互不推算。",
            "Each is counted by itself, by the dates of retirement, death and transfer.",
        ),
        content: Content::Units,
        columns: R2,
        checks: &[CHANGE],
    },
    Table {
        id: "R3",
        title: ("退休干部两年变化情况", "Change of retired cadres over two years"),
        rule: (
            "含退职、内退;各项分别按退休、去世、转接的日期统计,互不推算。",
            "With those who resigned or retired early. Each is counted by itself, by the dates of retirement, death and transfer.",
        ),
        content: Content::Units,
        columns: R3,
        checks: &[CHANGE],
    },
    Table {
        id: "R4",
        title: ("离休干部享受待遇情况", "Cadres in leave-rest by treatment"),
        rule: BASE,
        content: Content::Units,
        columns: R4,
        checks: &[Check::Sum {
            text: ("各待遇级别合计=总数", "the levels of treatment make the total"),
            parts: &["vice_provincial_up", "bureau", "county", "section_below"],
            total: "total",
        }],
    },
    Table {
        id: "R5",
        title: ("离退休干部所在单位情况", "Those in care by kind of unit"),
        rule: (
            "按独立核算单位的类型和隶属关系统计;老干部局计入机关。",
            "By the kind of the independent accounting unit, and by whether it is managed centrally or locally; bureaus of veteran cadres are organs.",
        ),
        content: Content::Units,
        columns: R5,
        checks: &[
            Check::Sum {
                text: ("离休干部各类单位合计=离休干部总数", "leave-rest: the kinds of units make the total"),
                parts: &["lixiu_organ", "lixiu_institution", "lixiu_enterprise", "lixiu_other"],
                total: "lixiu",
            },
            Check::Sum {
                text: (
                    "离休干部中央、地方和未填合计=离休干部总数",
                    "leave-rest: central, local and unstated make the total",
                ),
                parts: &["lixiu_central", "lixiu_local", "lixiu_unstated"],
                total: "lixiu",
            },
            Check::Sum {
                text: ("退休干部各类单位合计=退休干部总数", "retired: the kinds of units make the total"),
                parts: &["retired_organ", "retired_institution", "retired_enterprise", "retired_other"],
                total: "retired",
            },
            Check::Sum {
                text: (
                    "退休干部中央、地方和未填合计=退休干部总数",
                    "retired: central, local and unstated make the total",
                ),
                parts: &["retired_central", "retired_local", "retired_unstated"],
                total: "retired",
            },
        ],
    },
    Table {
        id: "R6",
        title: ("离退休干部管理服务现状", "How those in care are managed"),
        rule: BASE,
        content: Content::Units,
        columns: R6,
        checks: &[],
    },
    Table {
        id: "R7",
        title: ("离退休干部年龄结构", "Ages of those in care"),
        rule: (
            "按统计截至日的周岁,不按年份相减;只知年月的生日按首日计。",
            "Full years on the day, not the difference of the years. A birth date known to the month or year counts from its first day.",
        ),
        content: Content::Units,
        columns: R7,
        checks: &[Check::Sum {
            text: ("各年龄段合计=总数", "the ages make the total"),
            parts: &["to_45", "from_46", "from_51", "from_56", "from_61", "from_71", "from_81", "from_91", "from_100"],
            total: "total",
        }],
    },
];
