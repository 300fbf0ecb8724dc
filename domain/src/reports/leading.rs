//! Figures of 党建引领.
use super::figure::{Display, Figure, Measure, Qualifier, Section, Unit};
use super::selection::{Cond, Selection, day, partial};

const CAMPAIGNS: Selection =
    Selection::inside("commendation-campaigns", &[Cond::Is("kind", "bense_jiayuan"), Cond::OfYear("year", 0)]);

macro_rules! commended {
    ($name:ident, $category:literal) => {
        const $name: Selection = Selection::inside(
            "honors",
            &[
                Cond::Is("category", $category),
                Cond::Is("status", "awarded"),
                Cond::InYear(partial("awarded_on")),
                Cond::Among("campaign_id", &CAMPAIGNS, "id"),
            ],
        );
    };
}
commended!(MEMBERS, "party_member");
commended!(SECRETARIES, "party_secretary");
commended!(ORGANIZATIONS, "party_org");

/// Party branches of residential compounds that stand on the day.
const BRANCHES: Selection = Selection::inside(
    "party-organizations",
    &[
        Cond::Is("kind", "residential_branch"),
        Cond::Begun(partial("established_on")),
        Cond::Either(&[Cond::Is("status", "active"), Cond::Later(day("ended_on"))]),
    ],
);
/// Those of the county that leads the way.
const RESIDENTIAL: Selection = Selection::inside(
    "party-organizations",
    &[
        Cond::Is("kind", "residential_branch"),
        Cond::Begun(partial("established_on")),
        Cond::Either(&[Cond::Is("status", "active"), Cond::Later(day("ended_on"))]),
        Cond::MostCounty(&BRANCHES),
    ],
);
const POSTS: Selection = Selection::inside(
    "party-posts",
    &[
        Cond::Begun(day("started_on")),
        Cond::Going(day("ended_on")),
        Cond::Among("party_organization_id", &RESIDENTIAL, "id"),
    ],
);
/// Those who left the service before the founding of the republic made it a retirement with full pay (离休).
pub(super) const LIXIU: Selection = Selection::inside("cadres", &[Cond::Is("retire_type", "lixiu")]);
const APPLICATIONS: Selection = Selection::inside(
    "membership-applications",
    &[Cond::InYear(day("applied_on")), Cond::Has("cadre_id", &LIXIU, "id")],
);
const THEME_DAY: Selection = Selection::nearest(
    "theme-day-items",
    &[Cond::Is("kind", "fixed"), Cond::Begun(day("valid_from")), Cond::Going(day("valid_to"))],
);
const SCHEMES: Selection = Selection::nearest("evaluation-schemes", &[Cond::OfYear("year", 0)]);

pub(super) const FIGURES: &[Figure] = &[
    Figure {
        id: "F06",
        section: Section::Leading,
        text: ("“本色家园”受表彰离退休干部党员", "Party members commended"),
        unit: Unit::Person,
        measure: Measure::Count(&MEMBERS),
        display: Display::Number(Qualifier::Exact, 1, "名"),
    },
    Figure {
        id: "F07",
        section: Section::Leading,
        text: ("“本色家园”受表彰党组织书记", "Secretaries commended"),
        unit: Unit::Person,
        measure: Measure::Count(&SECRETARIES),
        display: Display::Number(Qualifier::Exact, 1, "名"),
    },
    Figure {
        id: "F08",
        section: Section::Leading,
        text: ("“本色家园”受表彰党组织", "Party organizations commended"),
        unit: Unit::Org,
        measure: Measure::Count(&ORGANIZATIONS),
        display: Display::Number(Qualifier::Exact, 1, "个"),
    },
    Figure {
        id: "F09",
        section: Section::Leading,
        text: ("小区党支部(建得最多的县区)", "Branches of residential compounds, in the county with the most"),
        unit: Unit::Org,
        measure: Measure::Count(&RESIDENTIAL),
        display: Display::Number(Qualifier::Exact, 1, "个"),
    },
    Figure {
        id: "F10",
        section: Section::Leading,
        text: ("在小区党支部任书记或委员的离退休党员干部", "Retired cadres on the committees of these branches"),
        unit: Unit::Person,
        measure: Measure::Distinct(&POSTS, "cadre_id"),
        display: Display::Many(100, "名"),
    },
    Figure {
        id: "F11",
        section: Section::Leading,
        text: ("离休干部递交的入党申请书", "Applications for membership by cadres in leave-rest"),
        unit: Unit::Count,
        measure: Measure::Count(&APPLICATIONS),
        display: Display::Number(Qualifier::Exact, 1, "份"),
    },
    Figure {
        id: "F33",
        section: Section::Leading,
        text: ("主题党日规定动作", "Fixed items of the theme party day"),
        unit: Unit::Count,
        measure: Measure::Count(&THEME_DAY),
        display: Display::PlusOptional,
    },
    Figure {
        id: "F35",
        section: Section::Leading,
        text: ("党建评价维度", "Dimensions of the evaluation of party building"),
        unit: Unit::Count,
        measure: Measure::Items(&SCHEMES, "dimensions"),
        display: Display::Named("强"),
    },
];
