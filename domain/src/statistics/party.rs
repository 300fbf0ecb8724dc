//! R8 and R9: party organizations and where members belong.
use super::check::Check;
use super::people::MEMBERS;
use super::table::{Column, Content, Measure, Table};
use crate::reports::people::{IN_CARE, MEMBERSHIPS};
use crate::reports::selection::{day, partial};
use crate::reports::{Cond, Selection, Unit};
use Measure::{Count, Distinct, Sum};
use Unit::{Org, Person};

const STANDS: &[Cond] = &[
    Cond::Not(&Cond::Yes("is_functional")),
    Cond::Begun(partial("established_on")),
    Cond::Either(&[Cond::Is("status", "active"), Cond::Later(day("ended_on"))]),
];
/// Organizations that stand on the day; those that only unite members whose relation is elsewhere are left out.
static ORGANIZATIONS: Selection = Selection::inside("party-organizations", STANDS);
static LIXIU: Selection = Selection::inside("cadres", &[Cond::Is("retire_type", "lixiu")]);
static OTHERS: Selection = Selection::inside("cadres", &[Cond::In("retire_type", &["tuixiu", "tuizhi", "neitui"])]);

macro_rules! members {
    ($($name:ident $($cond:expr)?;)+) => {$(
        static $name: Selection = Selection::inside(
            "party-memberships",
            &[
                Cond::Yes("formal"),
                Cond::In("status", &["full", "probationary"]),
                Cond::Begun(partial("joined_on")),
                Cond::Among("party_organization_id", &ORGANIZATIONS, "id"),
                $($cond,)?
            ],
        );
    )+};
}
members! {
    MEMBERS_OF;
    LIXIU_OF Cond::Among("cadre_id", &LIXIU, "id");
    OTHERS_OF Cond::Among("cadre_id", &OTHERS, "id");
}

const BRANCH: Cond = Cond::In("kind", &["branch", "joint_branch", "residential_branch", "community_branch"]);
const MIXED: Cond = Cond::Yes("mixed_with_active");
const HAS_LIXIU: Cond = Cond::Among("id", &LIXIU_OF, "party_organization_id");
const HAS_OTHERS: Cond = Cond::Among("id", &OTHERS_OF, "party_organization_id");

const fn org(id: &'static str, zh: &'static str, en: &'static str, that: &'static [Cond]) -> Column {
    Column::new(id, (zh, en), Org, Count(&ORGANIZATIONS, that))
}

const R8: &[Column] = &[
    org("committees", "党委、党工委", "Committees", &[Cond::In("kind", &["work_committee", "basic_committee"])]),
    org("general_branches", "党总支", "General branches", &[Cond::Is("kind", "general_branch")]),
    org("branches", "党支部", "Branches", &[BRANCH]),
    org(
        "lixiu_branches",
        "离休干部党支部",
        "Branches of cadres in leave-rest",
        &[BRANCH, Cond::Not(&MIXED), HAS_LIXIU, Cond::Not(&HAS_OTHERS)],
    ),
    org(
        "joint_branches",
        "离退休干部混编党支部",
        "Branches of both kinds",
        &[BRANCH, Cond::Not(&MIXED), HAS_LIXIU, HAS_OTHERS],
    ),
    org(
        "retired_branches",
        "退休干部党支部",
        "Branches of retired cadres",
        &[BRANCH, Cond::Not(&MIXED), Cond::Not(&HAS_LIXIU)],
    ),
    org("mixed_branches", "与在职混编党支部", "Branches with members in active service", &[BRANCH, MIXED]),
    Column::new(
        "groups",
        ("党小组", "Party groups of the branches"),
        Org,
        Sum(&ORGANIZATIONS, "group_count", &[BRANCH]),
    ),
    Column::new("members", ("党员人数", "Members"), Person, Distinct(&MEMBERS_OF, "cadre_id", &[])),
    Column::new(
        "lixiu_members",
        ("其中离休干部党员", "Of them cadres in leave-rest"),
        Person,
        Distinct(&LIXIU_OF, "cadre_id", &[]),
    ),
];

const REGISTERED: &[Cond] = &[Cond::Among("id", &MEMBERSHIPS, "cadre_id")];
const R9: &[Column] = &[
    Column::new("members", ("党员人数", "Members"), Person, Count(&IN_CARE, &[MEMBERS])),
    Column::new(
        "unit",
        ("党组织关系在原单位", "Relation with the unit"),
        Person,
        Count(&IN_CARE, &[MEMBERS, Cond::Not(&Cond::Yes("party_relation_local"))]),
    ),
    Column::new(
        "local",
        ("党组织关系在属地", "Relation where they live"),
        Person,
        Count(&IN_CARE, &[MEMBERS, Cond::Yes("party_relation_local")]),
    ),
    Column::new(
        "registered",
        ("其中本系统有党籍记录", "Of them with a membership on record"),
        Person,
        Count(&IN_CARE, REGISTERED),
    ),
];

pub(super) static TABLES: &[Table] = &[
    Table {
        id: "R8",
        title: ("离退休干部党组织设置情况", "Party organizations"),
        rule: (
            "统计截至日存续的党组织,不含功能型党组织;党员按正式组织关系所在党组织统计。",
            "Those that stand on the day, without functional ones. Members are counted where their formal relation is.",
        ),
        content: Content::Counties,
        columns: R8,
        checks: &[Check::Sum {
            text: ("各类党支部合计=党支部总数", "the kinds of branches make the total"),
            parts: &["lixiu_branches", "joint_branches", "retired_branches", "mixed_branches"],
            total: "branches",
        }],
    },
    Table {
        id: "R9",
        title: ("离退休干部党员组织关系所在", "Where the relation of members is"),
        rule: ("统计截至日在管的党员。", "Members in care on the day."),
        content: Content::Units,
        columns: R9,
        checks: &[Check::Sum {
            text: ("原单位+属地=党员人数", "unit and local make the members"),
            parts: &["unit", "local"],
            total: "members",
        }],
    },
];
