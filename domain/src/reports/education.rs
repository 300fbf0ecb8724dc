//! Figures of 平台建设.
use super::figure::{Display, Figure, Measure, Qualifier, Section, Unit};
use super::selection::{Cond, Selection, day, partial};

const BRANCHES: Selection =
    Selection::inside("senior-universities", &[Cond::Is("kind", "branch"), Cond::InYear(partial("opened_on"))]);
const TOWNSHIPS: Selection = Selection::inside(
    "senior-universities",
    &[
        Cond::Is("kind", "branch"),
        Cond::Is("level", "township"),
        Cond::Is("joint_with", "township_party_school"),
        Cond::InYear(partial("opened_on")),
    ],
);
const HALLS: Selection = Selection::inside(
    "programmes",
    &[Cond::Is("theme", "public_lecture"), Cond::Touches(day("starts_on"), day("ends_on"))],
);
const LECTURES: Selection = Selection::inside(
    "activities",
    &[Cond::Is("status", "held"), Cond::InYear(day("held_on")), Cond::Among("programme_id", &HALLS, "id")],
);
/// Contests are of the season before the report.
const RANKS: Selection = Selection::inside(
    "contest-results",
    &[Cond::OfYear("year", -1), Cond::Is("metric", "total_points"), Cond::Known("rank")],
);
const TITLES: Selection = Selection::inside(
    "contest-results",
    &[Cond::OfYear("year", -2), Cond::Is("metric", "title"), Cond::Known("title")],
);
const ONLINE: Selection = Selection::inside(
    "classes",
    &[
        Cond::Is("mode", "online"),
        Cond::In("status", &["enrolling", "running", "finished"]),
        Cond::InYear(day("starts_on")),
    ],
);
const PLACES: Selection = Selection::inside(
    "facilities",
    &[Cond::In("kind", &["activity_centre", "senior_university"]), Cond::Begun(partial("opened_on"))],
);

pub(super) const FIGURES: &[Figure] = &[
    Figure {
        id: "F28",
        section: Section::Platforms,
        text: ("新增老年大学分校", "Branches of senior universities opened"),
        unit: Unit::School,
        measure: Measure::Count(&BRANCHES),
        display: Display::Number(Qualifier::Over, 10, "所"),
    },
    Figure {
        id: "F29",
        section: Section::Platforms,
        text: ("与乡镇党校联合办学的新增乡镇老年大学", "Of these in townships, run with party schools"),
        unit: Unit::School,
        measure: Measure::Count(&TOWNSHIPS),
        display: Display::Number(Qualifier::Exact, 1, "所"),
    },
    Figure {
        id: "F30",
        section: Section::Platforms,
        text: ("公益大讲堂", "Lectures for the public"),
        unit: Unit::Issue,
        measure: Measure::Count(&LECTURES),
        display: Display::Number(Qualifier::Exact, 1, "期"),
    },
    Figure {
        id: "F31",
        section: Section::Platforms,
        text: ("上年赛事总积分名次", "Rank by total points in the contests of the year before"),
        unit: Unit::Place,
        measure: Measure::Least(&RANKS, "rank"),
        display: Display::Rank,
    },
    Figure {
        id: "F32",
        section: Section::Platforms,
        text: ("此前一年获得的赛事称号", "Titles of the year before that"),
        unit: Unit::Count,
        measure: Measure::Count(&TITLES),
        display: Display::Silent,
    },
    Figure {
        id: "F38",
        section: Section::Platforms,
        text: ("网上老年大学班次", "Classes of the online senior university"),
        unit: Unit::Count,
        measure: Measure::Count(&ONLINE),
        display: Display::Number(Qualifier::Exact, 1, "个班"),
    },
    Figure {
        id: "F41",
        section: Section::Platforms,
        text: ("老年大学及活动中心开放率", "Share of senior universities and activity centres that are open"),
        unit: Unit::Percent,
        measure: Measure::Share(&PLACES, &Cond::Yes("open")),
        display: Display::Open,
    },
];
