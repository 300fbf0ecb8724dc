//! The records of the cadres: what follows from a life, and where and how they live now.
use super::health::{self, Health};
use super::names;
use super::persons::{Named, Person};
use super::places::{PLACES, Place, compound};
use super::posts;
use super::random::{Random, ymd};
use super::units::{DemoUnit, Trade};
use super::{Rows, draft};
use chrono::Datelike;
use domain::cadres::{Cadre, EmergencyContact};
use domain::codes::*;
use domain::partial_date::age;
use domain::{DivisionCode, PartialDate};

/// The records of all cadres.
pub(super) fn cadres(persons: &[Person], units: &[DemoUnit]) -> Rows<Cadre> {
    let mut random = Random::new("cadres");
    let mut rows = Vec::with_capacity(persons.len());
    for (n, person) in persons.iter().enumerate() {
        let (Some(place), Some(unit)) = (PLACES.get(person.place), units.get(person.unit)) else { continue };
        rows.push(draft(person.id, place.code, record(&mut random, person, place, unit, n)));
    }
    rows
}

fn record(random: &mut Random, person: &Person, place: &Place, unit: &DemoUnit, n: usize) -> Cadre {
    let life = &person.life;
    let years = age(life.birth, person.died.unwrap_or(ymd(2021, 12, 31)));
    let lixiu = life.retire_type == RetireType::Lixiu;
    let named = person.named.is_some();
    let work = random.known(life.work, 450, 40);
    let position = posts::position(random, person, place, unit);
    let marital = marital(random, years);
    let health = health::health(random, years);
    let living = living(random, marital, years);
    let home = home(random, person, place);
    let company = unit.kind == UnitKind::Enterprise;
    Cadre {
        name: person.name.clone(),
        former_name: random.chance(12).then(|| names::relative(random, &person.name, person.sex)),
        sex: person.sex,
        birth_date: if named { PartialDate::day(life.birth) } else { random.known(life.birth, 30, 5) },
        id_number: person.id_number.clone(),
        ethnicity: person.ethnicity,
        native_place: Some(native_place(random, place)),
        marital_status: Some(marital),
        education: Some(education(random, life.birth.year(), unit.trade)),
        politics: politics(random, person),
        unit_id: unit.id,
        retire_type: life.retire_type,
        status: person.status,
        void_reason: (person.status == CadreStatus::Void).then(|| "重复录入".into()),
        join_work_date: Some(work),
        join_revolution_date: life
            .revolution
            .map(|day| if named { PartialDate::day(day) } else { random.known(day, 550, 20) }),
        retire_date: (person.status != CadreStatus::PreRegistered).then(|| random.known(life.retired, 550, 30)),
        died_on: person.died.map(|day| random.known(day, 60, 0)),
        post_at_retirement: position.post,
        rank_code: position.rank,
        grade_code: position.grade,
        treatment_level: Some(position.treatment),
        treatment_doc: position.document,
        settlement: if home.elsewhere { Settlement::Elsewhere } else { Settlement::Local },
        settled_place: home.elsewhere.then(|| home.town.clone()),
        receiving_unit: home.elsewhere.then(|| format!("{}某街道办事处", home.town)),
        residence_address: Some(home.address),
        residence_division: DivisionCode::parse(home.division),
        mobile: (lixiu || random.chance(930)).then(|| format!("1380000{:04}", n % 10_000)),
        landline: random.chance(250).then(|| format!("0530-{:07}", 1_000 + n)),
        emergency_contacts: contacts(random, person, n),
        health_code: Some(health.code),
        self_care: Some(health.self_care),
        living_arrangement: Some(living),
        disease_note: health.note.map(Into::into),
        bank_card: random.chance(600).then(|| format!("6200000000{n:09}")),
        specialties: some_of(
            random,
            350,
            &["书法", "国画", "写作", "二胡", "教学", "法律", "会计", "农技", "医疗", "摄影"],
        ),
        hobbies: hobbies(random, person),
        roles_played: roles(random, years, person.status),
        archive_place: Some(if company {
            format!("{}人才服务中心", place.name)
        } else {
            format!("{}档案室", unit.name)
        }),
        special_groups: special_groups(random, &health, living, years),
        pension_socialised: company || (unit.kind == UnitKind::Institution && life.retired >= ymd(2014, 10, 1)),
        local_medical_insurance: !home.elsewhere || random.chance(400),
        party_relation_local: matches!(person.standing, Some(MembershipStatus::Full | MembershipStatus::Probationary)),
        archive_local: random.chance(970),
    }
}

fn native_place(random: &mut Random, place: &Place) -> String {
    let local = random.chance(900) && place.is_county();
    format!("山东{}", if local { place.name } else { random.text(&["菏泽", "菏泽", "济宁", "聊城"]) })
}

fn marital(random: &mut Random, years: i32) -> MaritalStatus {
    let widowed = match years {
        90.. => 560,
        80.. => 330,
        70.. => 120,
        _ => 40,
    };
    random.weighted(
        &[
            (widowed, MaritalStatus::Widowed),
            (12, MaritalStatus::Divorced),
            (4, MaritalStatus::Unmarried),
            (40, MaritalStatus::Remarried),
        ],
        MaritalStatus::Married,
    )
}

fn living(random: &mut Random, marital: MaritalStatus, years: i32) -> LivingArrangement {
    use LivingArrangement as L;
    let married = matches!(marital, MaritalStatus::Married | MaritalStatus::Remarried);
    match (married, years) {
        (true, 85..) => random.weighted(&[(560, L::Spouse), (300, L::Children), (100, L::Nanny)], L::Institution),
        (true, _) => random.weighted(&[(880, L::Spouse), (90, L::Children), (10, L::Nanny)], L::Other),
        (false, 80..) => random.weighted(&[(520, L::Children), (160, L::Nanny), (120, L::Institution)], L::Alone),
        (false, _) => random.weighted(&[(420, L::Children), (40, L::Institution)], L::Alone),
    }
}

fn education(random: &mut Random, born: i32, trade: Trade) -> Education {
    use Education as E;
    let learned = matches!(trade, Trade::School | Trade::Hospital);
    match born {
        ..=1939 => random.weighted(
            &[
                (250, E::PrimaryGraduated),
                (330, E::JuniorHighGraduated),
                (200, E::SpecializedGraduated),
                (80, E::JuniorCollegeGraduated),
            ],
            E::SeniorHighGraduated,
        ),
        _ if learned => random.weighted(
            &[(300, E::UndergraduateGraduated), (400, E::JuniorCollegeGraduated), (8, E::MasterGraduated)],
            E::SpecializedGraduated,
        ),
        _ => random.weighted(
            &[
                (170, E::UndergraduateGraduated),
                (380, E::JuniorCollegeGraduated),
                (180, E::SpecializedGraduated),
                (150, E::SeniorHighGraduated),
            ],
            E::JuniorHighGraduated,
        ),
    }
}

fn politics(random: &mut Random, person: &Person) -> Option<Politics> {
    match person.standing {
        Some(MembershipStatus::Probationary) => Some(Politics::CpcProbationary),
        Some(MembershipStatus::Removed) => Some(Politics::Masses),
        Some(_) => Some(Politics::CpcMember),
        // Told when the person retires.
        None if person.status == CadreStatus::PreRegistered => None,
        None if person.named.is_some() => Some(Politics::Masses),
        None => {
            let parties = [
                (30, Politics::RevolutionaryCommittee),
                (40, Politics::DemocraticLeague),
                (20, Politics::PromotingDemocracy),
                (20, Politics::PeasantsWorkers),
                (20, Politics::JiuSan),
                (40, Politics::NoParty),
            ];
            Some(random.weighted(&parties, Politics::Masses))
        }
    }
}

/// Where a cadre lives.
struct Home {
    elsewhere: bool,
    town: String,
    address: String,
    division: &'static str,
}

fn home(random: &mut Random, person: &Person, place: &Place) -> Home {
    const TOWNS: [(&str, &str); 6] = [
        ("山东省济南市", "370100"),
        ("山东省青岛市", "370200"),
        ("山东省济宁市", "370800"),
        ("江苏省徐州市", "320300"),
        ("河南省郑州市", "410100"),
        ("北京市", "110000"),
    ];
    let elsewhere = person.compound.is_none() && person.named.is_none() && random.chance(20);
    let which = person.compound.unwrap_or_else(|| random.below(128));
    let (building, door, floor) = (random.range(1, 28), random.range(1, 4), random.range(1, 6));
    let (town, division) =
        TOWNS.get(random.below(TOWNS.len())).filter(|_| elsewhere).copied().unwrap_or((place.name, place.code));
    let address = format!("{town}{}{building}号楼{door}单元{floor}0{}室", compound(which), random.range(1, 2));
    Home { elsewhere, town: town.into(), address, division }
}

fn contacts(random: &mut Random, person: &Person, n: usize) -> Vec<EmergencyContact> {
    let count = random.weighted(&[(700, 1), (200, 2)], 0);
    let number = |k: usize| format!("1390000{:04}", (n + 5_000 * k) % 10_000);
    (0..count)
        .map(|k| {
            let (relation, sex) =
                random.weighted(&[(450, ("子", Sex::Male)), (350, ("女", Sex::Female))], ("侄", Sex::Male));
            // Children have their father's surname.
            let name = match person.sex {
                Sex::Female => names::person(random, sex, person.ethnicity),
                _ => names::relative(random, &person.name, sex),
            };
            EmergencyContact { name, relation: Some(relation.into()), phone: number(k) }
        })
        .collect()
}

/// None, one or two of the texts.
fn some_of(random: &mut Random, per_mille: usize, of: &[&'static str]) -> Vec<String> {
    let mut chosen: Vec<String> = vec![];
    while chosen.len() < 2 && random.chance(per_mille) {
        let text = random.text(of);
        if !chosen.iter().any(|c| c == text) {
            chosen.push(text.into());
        }
    }
    chosen
}

fn hobbies(random: &mut Random, person: &Person) -> Vec<String> {
    if person.named == Some(Named::CollectorOf82) {
        return vec!["收藏电影海报".into()];
    }
    some_of(
        random,
        600,
        &["门球", "书法", "象棋", "太极拳", "种花", "读报", "戏曲", "合唱", "钓鱼", "散步", "摄影", "广场舞"],
    )
}

fn roles(random: &mut Random, years: i32, status: CadreStatus) -> Vec<ContributionField> {
    use ContributionField as F;
    let active = status == CadreStatus::InCare && random.chance(if years < 75 { 380 } else { 130 });
    let fields = [
        (230, F::EpidemicControl),
        (60, F::EconomicDevelopment),
        (110, F::PovertyRelief),
        (100, F::Livelihood),
        (250, F::SocialGovernance),
    ];
    let mut roles = vec![];
    for _ in 0..if active { random.range(1, 2) } else { 0 } {
        let field = random.weighted(&fields, F::YouthCare);
        if !roles.contains(&field) {
            roles.push(field);
        }
    }
    roles
}

fn special_groups(random: &mut Random, health: &Health, living: LivingArrangement, years: i32) -> Vec<SpecialGroup> {
    let mut groups = vec![];
    let mut add = |yes: bool, group| groups.extend(yes.then_some(group));
    add(years >= 80 && living == LivingArrangement::Alone && random.chance(120), SpecialGroup::LonelyElder);
    add(random.chance(18), SpecialGroup::Hardship);
    add(health.disabled, SpecialGroup::Disabled);
    add(years >= 85 && health.note.is_some(), SpecialGroup::HighNeedStage);
    groups
}
