//! Post, rank and treatment at retirement.
use super::persons::{Named, Person};
use super::places::Place;
use super::random::{Random, ymd};
use super::units::{DemoUnit, Trade};
use chrono::Datelike;
use domain::codes::{Grade, Rank, RetireType, TreatmentLevel, UnitKind};

/// What a cadre was at retirement, and the treatment that follows from it.
pub(super) struct Position {
    pub post: Option<String>,
    pub rank: Option<Rank>,
    pub grade: Option<Grade>,
    pub treatment: TreatmentLevel,
    pub document: Option<String>,
}

/// The position of a cadre of this unit.
pub(super) fn position(random: &mut Random, person: &Person, place: &Place, unit: &DemoUnit) -> Position {
    let (rank, post) = match unit.trade {
        Trade::Head | Trade::Office => of_office(random, place, unit),
        // The bureau of education has officials and teachers.
        Trade::School if unit.kind == UnitKind::Organ && random.chance(150) => of_office(random, place, unit),
        Trade::School => of_trade(random, &["高级教师", "一级教师", "二级教师"], &["校长", "副校长", "教导主任"]),
        Trade::Hospital => of_trade(random, &["副主任医师", "主治医师", "主管护师"], &["院长", "副院长", "科主任"]),
        _ => of_trade(random, &["工程师", "会计师", "技术员", "业务员"], &["经理", "副经理", "办公室主任"]),
    };
    let post = if person.named == Some(Named::CollectorOf82) { "放映员" } else { post };
    let civil = unit.kind == UnitKind::Organ || unit.kind == UnitKind::Bureau;
    // The parallel grades of the law of 2018 came in June 2019.
    let graded = civil && person.life.retired >= ymd(2019, 6, 1);
    let grade = rank.filter(|_| graded).and_then(|rank| grade(random, rank));
    let treatment = treatment(random, person, rank);
    let granted = person.life.retire_type == RetireType::Lixiu || treatment != TreatmentLevel::SectionBelow;
    let document = granted.then(|| format!("菏干〔{}〕{}号", person.life.retired.year(), random.range(1, 180)));
    Position { post: Some(post.into()), rank, grade, treatment, document }
}

fn of_office(random: &mut Random, place: &Place, unit: &DemoUnit) -> (Option<Rank>, &'static str) {
    use Rank as R;
    let rank = if place.is_city() {
        let high = [(15, R::BureauHead), (70, R::BureauDeputy), (260, R::DivisionHead), (330, R::DivisionDeputy)];
        random.weighted(&high, R::SectionHead)
    } else if unit.trade == Trade::Head {
        random.weighted(&[(150, R::DivisionHead), (400, R::DivisionDeputy)], R::SectionHead)
    } else {
        let usual = [
            (4, R::DivisionHead),
            (25, R::DivisionDeputy),
            (270, R::SectionHead),
            (330, R::SectionDeputy),
            (330, R::SectionMember),
        ];
        random.weighted(&usual, R::Clerk)
    };
    let post = match (rank, place.is_city()) {
        (R::BureauHead, _) => "正厅级干部",
        (R::BureauDeputy, _) => "副厅级干部",
        (R::DivisionHead, true) => random.text(&["局长", "主任", "部长", "调研员"]),
        (R::DivisionDeputy, true) => random.text(&["副局长", "副主任", "副调研员"]),
        (R::SectionHead, true) => "科长",
        (R::DivisionHead, _) => "正县级干部",
        (R::DivisionDeputy, _) => "副县级干部",
        (R::SectionHead, _) => random.text(&["局长", "主任", "主任科员", "乡镇党委书记"]),
        (R::SectionDeputy, _) => random.text(&["副局长", "副主任", "副主任科员", "乡镇副镇长"]),
        (R::SectionMember, _) => "科员",
        _ => "办事员",
    };
    (Some(rank), post)
}

/// A technical post without a rank, or now and then one of the leaders.
fn of_trade(random: &mut Random, titles: &[&'static str], leaders: &[&'static str]) -> (Option<Rank>, &'static str) {
    if random.chance(120) {
        let rank = random.weighted(&[(300, Rank::SectionHead)], Rank::SectionDeputy);
        return (Some(rank), random.text(leaders));
    }
    let rank = random.weighted(&[(120, Some(Rank::Staff6)), (130, Some(Rank::Staff7))], None);
    (rank, random.text(titles))
}

fn grade(random: &mut Random, rank: Rank) -> Option<Grade> {
    let upper = random.chance(500);
    let of = |first, second| Some(if upper { first } else { second });
    match rank {
        Rank::BureauHead => Some(Grade::Inspector1),
        Rank::BureauDeputy => Some(Grade::Inspector2),
        Rank::DivisionHead => of(Grade::Researcher1, Grade::Researcher2),
        Rank::DivisionDeputy => of(Grade::Researcher3, Grade::Researcher4),
        Rank::SectionHead => of(Grade::ChiefClerk1, Grade::ChiefClerk2),
        Rank::SectionDeputy => of(Grade::ChiefClerk3, Grade::ChiefClerk4),
        _ => of(Grade::Clerk1, Grade::Clerk2),
    }
}

fn treatment(random: &mut Random, person: &Person, rank: Option<Rank>) -> TreatmentLevel {
    use TreatmentLevel as T;
    match rank {
        Some(Rank::BureauHead | Rank::BureauDeputy) => T::Bureau,
        // Most of those who joined before the founding were raised a level.
        _ if person.life.retire_type == RetireType::Lixiu => {
            let early = person.life.revolution.is_some_and(|day| day <= ymd(1942, 12, 31));
            random.weighted(&[(if early { 300 } else { 25 }, T::Bureau), (520, T::County)], T::SectionBelow)
        }
        Some(Rank::DivisionHead | Rank::DivisionDeputy) => T::County,
        _ => T::SectionBelow,
    }
}
