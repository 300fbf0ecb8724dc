//! Figures of “三化”建设.
use super::figure::{Display, Figure, Measure, Qualifier, Section, Unit};
use super::selection::{Cond, Selection, day, partial};

const PLANS: Selection = Selection::inside(
    "sanatorium-plans",
    &[Cond::OfYear("year", 0), Cond::Is("mode", "collective"), Cond::In("status", &["open", "closed", "completed"])],
);
const ALL_STAYS: Selection = Selection::inside(
    "sanatorium-stays",
    &[Cond::Is("status", "attended"), Cond::Among("sanatorium_plan_id", &PLANS, "id")],
);
/// Those of the plan that took the most.
pub(super) const STAYS: Selection = Selection::inside(
    "sanatorium-stays",
    &[Cond::Is("status", "attended"), Cond::Most("sanatorium_plan_id", &ALL_STAYS, "sanatorium_plan_id")],
);
const VISITS: Selection = Selection::inside(
    "visits",
    &[Cond::In("occasion", &["spring_festival", "july_1", "national_day"]), Cond::InYear(day("visited_on"))],
);
const ACCOUNTS: Selection = Selection::nearest(
    "media-accounts",
    &[
        Cond::Is("platform", "wechat"),
        Cond::In("level", &["national", "province", "city"]),
        Cond::Begun(partial("opened_on")),
        Cond::Going(day("closed_on")),
    ],
);
const MECHANISMS: Selection = Selection::inside("guarantee-statuses", &[Cond::OfYear("year", 0)]);
const POOL: Selection = Selection::nearest(
    "benefit-standards",
    &[
        Cond::Is("kind", "medical_pool"),
        Cond::Is("scope", "lixiu"),
        Cond::Begun(day("valid_from")),
        Cond::Known("amount"),
    ],
);

pub(super) const FIGURES: &[Figure] = &[
    Figure {
        id: "F25",
        section: Section::ThreeIzations,
        text: ("集体健康疗养的老干部(人数最多的一批)", "Cadres in a sanatorium together, in the largest group"),
        unit: Unit::Person,
        measure: Measure::Count(&STAYS),
        display: Display::Number(Qualifier::Exact, 1, "名"),
    },
    Figure {
        id: "F26",
        section: Section::ThreeIzations,
        text: ("走访慰问的节日", "Festivals with visits"),
        unit: Unit::Count,
        measure: Measure::Distinct(&VISITS, "occasion"),
        display: Display::Silent,
    },
    Figure {
        id: "F27",
        section: Section::ThreeIzations,
        text: ("用好的微信公众号", "Official accounts in use"),
        unit: Unit::Account,
        measure: Measure::Count(&ACCOUNTS),
        display: Display::Number(Qualifier::Exact, 1, "个"),
    },
    Figure {
        id: "F36",
        section: Section::ThreeIzations,
        text: ("离休干部保障机制", "Guarantee mechanisms for cadres in leave-rest"),
        unit: Unit::Count,
        measure: Measure::Distinct(&MECHANISMS, "mechanism"),
        display: Display::Named("个机制"),
    },
    Figure {
        id: "F37",
        section: Section::ThreeIzations,
        text: ("“三化”建设的方面", "Parts of the three izations"),
        unit: Unit::Count,
        measure: Measure::Parts(Section::ThreeIzations),
        display: Display::Named("化"),
    },
    Figure {
        id: "F40",
        section: Section::ThreeIzations,
        text: ("医药费统筹金标准", "Standard of the pooled medical fund, per person and year"),
        unit: Unit::Yuan,
        measure: Measure::Trend(&POOL, "amount", "valid_from"),
        display: Display::Trend,
    },
];
