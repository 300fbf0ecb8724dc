//! Figures of 政治建设.
use super::figure::{Display, Figure, Measure, Qualifier, Section, Unit};
use super::selection::{Cond, Selection, day, partial};

/// The lecture programme about a plenary session (“百千万”宣讲行动).
const PROGRAMMES: Selection = Selection::inside(
    "programmes",
    &[Cond::Is("theme", "plenary_session"), Cond::Touches(day("starts_on"), day("ends_on"))],
);
/// Its sessions that were held.
const SESSIONS: Selection = Selection::inside(
    "activities",
    &[Cond::Is("status", "held"), Cond::InYear(day("held_on")), Cond::Among("programme_id", &PROGRAMMES, "id")],
);
const CORPS: Selection = Selection::inside(
    "teams",
    &[Cond::Is("kind", "lecture_corps"), Cond::Begun(day("founded_on")), Cond::Going(day("ended_on"))],
);
const LECTURERS: Selection = Selection::inside(
    "team-members",
    &[Cond::Among("team_id", &CORPS, "id"), Cond::Begun(day("started_on")), Cond::Going(day("ended_on"))],
);
const MEDALS: Selection = Selection::inside(
    "honors",
    &[Cond::Is("kind", "party50_medal"), Cond::Is("status", "awarded"), Cond::InYear(partial("awarded_on"))],
);

pub(super) const FIGURES: &[Figure] = &[
    Figure {
        id: "F01",
        section: Section::Political,
        text: ("离退休干部党组织书记宣讲团成员", "Members of the lecture corps of secretaries"),
        unit: Unit::Person,
        measure: Measure::Distinct(&LECTURERS, "cadre_id"),
        display: Display::Number(Qualifier::Nearly, 100, "人"),
    },
    Figure {
        id: "F02",
        section: Section::Political,
        text: ("宣讲行动计划场次", "Sessions that the lecture programme aims at"),
        unit: Unit::Session,
        measure: Measure::Targets(&PROGRAMMES, "targets", "sessions"),
        display: Display::Number(Qualifier::Exact, 1, "场"),
    },
    Figure {
        id: "F03",
        section: Section::Political,
        text: ("宣讲行动计划受众", "Audience that the lecture programme aims at"),
        unit: Unit::Person,
        measure: Measure::Targets(&PROGRAMMES, "targets", "audience"),
        display: Display::Number(Qualifier::AtLeast, 1, "人"),
    },
    Figure {
        id: "F04",
        section: Section::Political,
        text: ("宣讲行动已开展场次", "Sessions of the lecture programme held"),
        unit: Unit::Session,
        measure: Measure::Count(&SESSIONS),
        display: Display::Number(Qualifier::Nearly, 100, "场"),
    },
    Figure {
        id: "F05",
        section: Section::Political,
        text: ("宣讲行动受众", "Audience of the lecture programme"),
        unit: Unit::Person,
        measure: Measure::Sum(&SESSIONS, "audience_count"),
        display: Display::Number(Qualifier::Over, 1000, "人"),
    },
    Figure {
        id: "F34",
        section: Section::Political,
        text: ("宣讲行动的指标", "Targets of the lecture programme"),
        unit: Unit::Count,
        measure: Measure::Items(&PROGRAMMES, "targets"),
        display: Display::Powers,
    },
    Figure {
        id: "F39",
        section: Section::Political,
        text: ("颁发“光荣在党50年”纪念章", "Medals for 50 years in the party"),
        unit: Unit::Person,
        measure: Measure::Count(&MEDALS),
        display: Display::Number(Qualifier::Exact, 1, "枚"),
    },
];
