//! Figures of 作用发挥.
use super::figure::{Display, Figure, Measure, Qualifier, Section, Unit};
use super::leading::LIXIU;
use super::people::{MEMBERSHIPS, THERE};
use super::selection::{Cond, Selection, day};

macro_rules! posts {
    ($name:ident, $area:literal, $bodies:expr) => {
        static $name: Selection = Selection::inside(
            "service-posts",
            &[
                Cond::Is("area", $area),
                Cond::In("body_kind", $bodies),
                Cond::Begun(day("started_on")),
                Cond::Going(day("ended_on")),
                Cond::Has("cadre_id", &MEMBERSHIPS, "cadre_id"),
                Cond::Has("cadre_id", &THERE, "id"),
            ],
        );
    };
}
posts!(URBAN, "urban", &["community", "grid", "social_org"]);
posts!(RURAL, "rural", &["wedding_funeral_council", "elders_mediation", "villagers_council"]);

const RED: Selection = Selection::inside(
    "activities",
    &[
        Cond::Is("theme", "red_education"),
        Cond::Is("status", "held"),
        Cond::Yes("by_five_elders"),
        Cond::InYear(day("held_on")),
    ],
);
const DROWNING: Selection = Selection::inside(
    "activities",
    &[Cond::Is("theme", "drowning_prevention"), Cond::Is("status", "held"), Cond::InYear(day("held_on"))],
);
const DIALOGUES: Selection = Selection::inside(
    "activities",
    &[Cond::Is("kind", "dialogue"), Cond::Is("status", "held"), Cond::InYear(day("held_on"))],
);
const ALL_SHOWINGS: Selection = Selection::inside("exhibition-showings", &[Cond::InYear(day("shown_on"))]);
/// Those of the exhibition that was shown most often.
const SHOWINGS: Selection = Selection::inside(
    "exhibition-showings",
    &[Cond::InYear(day("shown_on")), Cond::Most("exhibition_id", &ALL_SHOWINGS, "exhibition_id")],
);
const EXHIBITIONS: Selection = Selection::inside("exhibitions", &[Cond::Among("id", &SHOWINGS, "exhibition_id")]);
const LARGE_DUES: Selection = Selection::inside(
    "dues-payments",
    &[Cond::Is("kind", "large_voluntary"), Cond::InYear(day("paid_on")), Cond::Has("cadre_id", &LIXIU, "id")],
);

pub(super) const FIGURES: &[Figure] = &[
    Figure {
        id: "F12",
        section: Section::Service,
        text: (
            "在社区、网格及其他社会组织任职的离退休党员干部",
            "Party members with posts in communities, grids and social organizations",
        ),
        unit: Unit::Person,
        measure: Measure::Distinct(&URBAN, "cadre_id"),
        display: Display::Number(Qualifier::Over, 100, "名"),
    },
    Figure {
        id: "F13",
        section: Section::Service,
        text: ("活跃在乡村振兴第一线的离退休党员干部", "Party members with posts in bodies of villages"),
        unit: Unit::Person,
        measure: Measure::Distinct(&RURAL, "cadre_id"),
        display: Display::Number(Qualifier::Over, 100, "名"),
    },
    Figure {
        id: "F14",
        section: Section::Service,
        text: ("“五老”红色宣讲教育活动", "Sessions of red education by the five elders"),
        unit: Unit::Session,
        measure: Measure::Count(&RED),
        display: Display::Number(Qualifier::Over, 1000, "场次"),
    },
    Figure {
        id: "F15",
        section: Section::Service,
        text: ("红色宣讲教育受众", "Attendances of red education"),
        unit: Unit::PersonTime,
        measure: Measure::Sum(&RED, "audience_count"),
        display: Display::Number(Qualifier::Wan, 10_000, "人次"),
    },
    Figure {
        id: "F16",
        section: Section::Service,
        text: ("开展预防溺水宣讲的县区", "Counties in which drowning prevention was taught"),
        unit: Unit::Place,
        measure: Measure::Counties(&DROWNING),
        display: Display::Number(Qualifier::Exact, 1, "个县区"),
    },
    Figure {
        id: "F17",
        section: Section::Service,
        text: ("开展预防溺水宣讲的学校", "Schools in which drowning prevention was taught"),
        unit: Unit::School,
        measure: Measure::Distinct(&DROWNING, "school_code"),
        display: Display::Number(Qualifier::Exact, 1, "所"),
    },
    Figure {
        id: "F18",
        section: Section::Service,
        text: ("预防溺水宣讲受众", "Young people taught drowning prevention"),
        unit: Unit::Person,
        measure: Measure::Sum(&DROWNING, "audience_count"),
        display: Display::Number(Qualifier::Over, 100_000, "人"),
    },
    Figure {
        id: "F19",
        section: Section::Service,
        text: ("老党员与青年干部对话活动", "Dialogues between old members and young cadres"),
        unit: Unit::Session,
        measure: Measure::Count(&DIALOGUES),
        display: Display::Silent,
    },
    Figure {
        id: "F20",
        section: Section::Service,
        text: ("巡展藏品(场次最多的展览)", "Items of the collection that was shown most often"),
        unit: Unit::Item,
        measure: Measure::Sum(&EXHIBITIONS, "collection_size"),
        display: Display::ManyInWords(10_000, "张"),
    },
    Figure {
        id: "F21",
        section: Section::Service,
        text: ("展览精选", "Items selected for the exhibitions"),
        unit: Unit::Item,
        measure: Measure::Sum(&EXHIBITIONS, "selected_items"),
        display: Display::Number(Qualifier::Exact, 1, "幅"),
    },
    Figure {
        id: "F22",
        section: Section::Service,
        text: ("巡回展览", "Showings of the exhibitions"),
        unit: Unit::Session,
        measure: Measure::Count(&SHOWINGS),
        display: Display::Many(10, "场"),
    },
    Figure {
        id: "F23",
        section: Section::Service,
        text: ("巡回展览参观群众", "Visitors of the exhibitions"),
        unit: Unit::Person,
        measure: Measure::Sum(&SHOWINGS, "visitors"),
        display: Display::Number(Qualifier::Over, 10_000, "人"),
    },
    Figure {
        id: "F24",
        section: Section::Service,
        text: ("离休干部缴纳的大额党费", "Large voluntary dues of cadres in leave-rest"),
        unit: Unit::Yuan,
        measure: Measure::Sum(&LARGE_DUES, "amount"),
        display: Display::Number(Qualifier::Exact, 1, "元"),
    },
];
