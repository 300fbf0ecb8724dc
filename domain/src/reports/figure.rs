//! What a figure of the report is.
use super::selection::{Cond, Selection};

/// A figure: what it counts, in what, and how it is said.
#[derive(Debug)]
pub struct Figure {
    /// `F01` …
    pub id: &'static str,
    /// The section of the report it stands in.
    pub section: Section,
    /// What it says, in Chinese and English.
    pub text: (&'static str, &'static str),
    /// What it is counted in. Persons and attendances are never added.
    pub unit: Unit,
    /// What it is made of.
    pub measure: Measure,
    /// How it is said.
    pub display: Display,
}

/// What a figure is made of. Its rows are always the records of one selection.
#[derive(Debug)]
pub enum Measure {
    /// How many records.
    Count(&'static Selection),
    /// How many different values of a field.
    Distinct(&'static Selection, &'static str),
    /// How many different counties (the first six digits of the division).
    Counties(&'static Selection),
    /// The sum of a field.
    Sum(&'static Selection, &'static str),
    /// The least value of a field: the best rank.
    Least(&'static Selection, &'static str),
    /// How many items the lists in a field have, and the sum of their values, where they have one.
    Items(&'static Selection, &'static str),
    /// Of the targets in a field of programmes, the sum of those with this metric.
    Targets(&'static Selection, &'static str, &'static str),
    /// How many of the records meet a condition, as whole percents, rounded down.
    Share(&'static Selection, &'static Cond),
    /// The amounts in a field in the order of a date: the last one, which has risen each time or not.
    Trend(&'static Selection, &'static str, &'static str),
    /// The parts of a section of this report.
    Parts(Section),
}
impl Measure {
    /// The records it is made of; none where it is the report itself.
    pub const fn selection(&self) -> Option<&'static Selection> {
        match self {
            Measure::Count(s)
            | Measure::Distinct(s, _)
            | Measure::Counties(s)
            | Measure::Sum(s, _)
            | Measure::Least(s, _)
            | Measure::Items(s, _)
            | Measure::Targets(s, ..)
            | Measure::Share(s, _)
            | Measure::Trend(s, ..) => Some(s),
            Measure::Parts(_) => None,
        }
    }
    /// The name of the way it is computed.
    pub const fn name(&self) -> &'static str {
        match self {
            Measure::Count(_) => "count",
            Measure::Distinct(..) => "distinct",
            Measure::Counties(_) => "counties",
            Measure::Sum(..) => "sum",
            Measure::Least(..) => "least",
            Measure::Items(..) => "items",
            Measure::Targets(..) => "targets",
            Measure::Share(..) => "share",
            Measure::Trend(..) => "trend",
            Measure::Parts(_) => "parts",
        }
    }
    /// The field it counts or adds, if there is one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Measure::Distinct(_, f)
            | Measure::Sum(_, f)
            | Measure::Least(_, f)
            | Measure::Items(_, f)
            | Measure::Targets(_, f, _)
            | Measure::Trend(_, f, _) => Some(f),
            Measure::Counties(_) => Some("division_code"),
            Measure::Count(_) | Measure::Share(..) | Measure::Parts(_) => None,
        }
    }
}

/// A value: a whole number of its unit (fen for money), and what else the wording needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Value {
    /// The number.
    pub number: i64,
    /// Of a trend: whether it has risen each time, and there was a time before.
    pub rising: bool,
    /// Of a share: of how many. Of items: the sum of their values.
    pub of: i64,
}
impl Value {
    /// A plain number.
    pub const fn of(number: i64) -> Self {
        Self { number, rising: false, of: 0 }
    }
}

/// How the number of a figure may be rounded in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualifier {
    /// The number itself.
    Exact,
    /// 近N: a little less than N.
    Nearly,
    /// N余, N多: N and some more.
    Over,
    /// N以上: N or more.
    AtLeast,
    /// N万, the rest left out.
    Wan,
}
impl Qualifier {
    /// The code in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Qualifier::Exact => "exact",
            Qualifier::Nearly => "nearly",
            Qualifier::Over => "over",
            Qualifier::AtLeast => "at_least",
            Qualifier::Wan => "wan",
        }
    }
}

/// How a figure is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// A number with its measure word, rounded as the qualifier says in steps of so many.
    Number(Qualifier, i64, &'static str),
    /// The same with 多 instead of 余.
    Many(i64, &'static str),
    /// The same with 多 and in Chinese numerals: 两万多张.
    ManyInWords(i64, &'static str),
    /// 第一名
    Rank,
    /// 7+N
    PlusOptional,
    /// 百千万: the targets by their powers of ten.
    Powers,
    /// A numeral with a word behind it: 五强, 三个机制.
    Named(&'static str),
    /// 持续提高
    Trend,
    /// 全部开放
    Open,
    /// The number is not said.
    Silent,
}

impl Display {
    /// The qualifier where the value fits it, and the step of its rounding.
    pub const fn rounding(self) -> (Qualifier, i64) {
        match self {
            Display::Number(qualifier, step, _) => (qualifier, step),
            Display::Many(step, _) | Display::ManyInWords(step, _) => (Qualifier::Over, step),
            _ => (Qualifier::Exact, 1),
        }
    }
}

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 人, 名
    Person,
    /// 人次
    PersonTime,
    /// 场, 场次
    Session,
    /// 个, of organizations
    Org,
    /// 所
    School,
    /// 张, 幅
    Item,
    /// 期
    Issue,
    /// 元
    Yuan,
    /// 县区, 次序
    Place,
    /// Accounts
    Account,
    /// Per cent
    Percent,
    /// 岁
    Year,
    /// 平方米
    SquareMetre,
    /// Anything else that is counted in whole ones
    Count,
}
impl Unit {
    /// The code in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Unit::Person => "person",
            Unit::PersonTime => "person_time",
            Unit::Session => "session",
            Unit::Org => "org",
            Unit::School => "school",
            Unit::Item => "item",
            Unit::Issue => "issue",
            Unit::Yuan => "yuan",
            Unit::Place => "place",
            Unit::Account => "account",
            Unit::Percent => "percent",
            Unit::Year => "year",
            Unit::SquareMetre => "square_metre",
            Unit::Count => "count",
        }
    }
}

/// The sections of the report in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// 政治建设
    Political,
    /// 党建引领
    Leading,
    /// 作用发挥
    Service,
    /// “三化”建设
    ThreeIzations,
    /// 平台建设
    Platforms,
    /// 自身建设
    Staff,
}
impl Section {
    /// All of them.
    pub const ALL: &'static [Section] = &[
        Section::Political,
        Section::Leading,
        Section::Service,
        Section::ThreeIzations,
        Section::Platforms,
        Section::Staff,
    ];
    /// The code in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Section::Political => "political",
            Section::Leading => "leading",
            Section::Service => "service",
            Section::ThreeIzations => "three_izations",
            Section::Platforms => "platforms",
            Section::Staff => "staff",
        }
    }
    /// Its heading, in Chinese and English.
    pub const fn title(self) -> (&'static str, &'static str) {
        match self {
            Section::Political => ("政治建设", "Political work"),
            Section::Leading => ("党建引领", "Party building"),
            Section::Service => ("作用发挥", "What the cadres contribute"),
            Section::ThreeIzations => ("“三化”建设", "Precision, order, information"),
            Section::Platforms => ("平台建设", "Schools and places"),
            Section::Staff => ("自身建设", "The bureau itself"),
        }
    }
}
