//! Synthetic cadres: valid, each different, the same in every run.
//!
//! A record has the fields of the model's example, with gaps such as files have: so it comes to 900
//! bytes as the server answers it, and a page of 50 to 45 kB, the sizes the targets were set for.
use anyhow::{Context, Result, ensure};
use chrono::{Datelike, Days, NaiveDate};
use domain::cadres::{Cadre, EmergencyContact};
use domain::codes::{ContributionField, Ethnicity, RetireType, Sex};
use domain::{DivisionCode, PartialDate, Resource, Uuid};
use serde::Serialize;

/// Days over which births are spread.
const DAYS: u64 = 4_900;
const SURNAMES: [&str; 20] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "孔",
];
const GIVEN: [&str; 24] = [
    "建", "国", "文", "秀", "英", "德", "明", "玉", "兰", "志", "强", "桂", "芳", "永", "庆", "春", "华", "保", "忠",
    "素", "珍", "广", "成", "义",
];
const POSTS: [&str; 6] = ["局长", "副局长", "主任科员", "办公室主任", "科长", "股长"];
const ILLNESSES: [&str; 4] = ["高血压", "糖尿病,每日服药", "冠心病", "腰椎间盘突出"];
const HOBBIES: [&str; 5] = ["门球", "太极拳", "京剧", "下棋", "种花"];

/// A division and the units in it.
pub struct County {
    /// Its code.
    pub code: DivisionCode,
    /// Its name.
    pub name: String,
    /// Ids of its units.
    pub units: Vec<Uuid>,
}

/// The counties of Heze to which records can be added today, without units yet: the server refuses
/// new records for the two development zones, which were merged in 2022.
pub fn counties() -> Vec<County> {
    let city = domain::reference::heze::CITY;
    let all = domain::reference::heze::divisions().into_iter().map(|(_, division)| division);
    all.filter(|d| d.valid_to.is_none() && d.parent_code.as_ref().is_some_and(|p| p.as_str() == city))
        .map(|d| County { code: d.code, name: d.name, units: vec![] })
        .collect()
}

/// Makes records by number.
pub struct Source {
    counties: Vec<County>,
    pattern: Cadre,
}

/// A record as a client sends it.
#[derive(Serialize)]
struct Sent<'a> {
    division_code: &'a DivisionCode,
    #[serde(flatten)]
    data: &'a Cadre,
}

impl Source {
    /// Records for these counties, each of which has at least one unit.
    pub fn new(counties: Vec<County>) -> Self {
        Self { counties, pattern: Cadre::example() }
    }

    /// Record number `n` and its division. Every tenth is 离休, evenly over the counties.
    pub fn cadre(&self, n: u64) -> (&DivisionCode, Cadre) {
        let counties = self.counties.len() as u64;
        let county = &self.counties[(n % counties) as usize];
        // Number and county give back n, and day and sequence give back the number: so no ID number repeats.
        let number = n / counties;
        let lixiu = number.is_multiple_of(10);
        let (day, sequence) = (number % DAYS, number / DAYS * 2 + number % 2);
        let birth = start(if lixiu { 1920 } else { 1935 }) + Days::new(day);
        let pick = |list: &[&str], salt: u64| list[(mix(n, salt) % list.len() as u64) as usize].to_owned();
        let name = pick(&SURNAMES, 1) + &pick(&GIVEN, 2) + &pick(&GIVEN, 3);
        let retired = birth.year() + 60;
        let month = format!("{retired}-{:02}", birth.month());
        let mut cadre = Cadre {
            sex: if sequence % 2 == 1 { Sex::Male } else { Sex::Female },
            birth_date: PartialDate::day(birth),
            id_number: id_number(county.code.as_str(), birth, sequence),
            ethnicity: if mix(n, 4).is_multiple_of(20) { Ethnicity::Hui } else { Ethnicity::Han },
            native_place: Some(format!("山东{}", county.name)),
            unit_id: county.units[(number % county.units.len() as u64) as usize],
            retire_type: if lixiu { RetireType::Lixiu } else { RetireType::Tuixiu },
            join_work_date: PartialDate::parse(&format!("{}", birth.year() + 20)),
            join_revolution_date: lixiu.then(|| PartialDate::parse("1947-03")).flatten(),
            retire_date: PartialDate::parse(&month),
            post_at_retirement: Some(pick(&POSTS, 5)),
            treatment_doc: Some(format!("菏干〔{retired}〕{}号", mix(n, 6) % 90 + 1)),
            residence_address: Some(format!("{}向阳小区{}号楼", county.name, mix(n, 7) % 60 + 1)),
            residence_division: Some(county.code.clone()),
            mobile: Some(format!("138{:08}", mix(n, 8) % 100_000_000)),
            landline: Some(format!("0530-{:07}", mix(n, 9) % 10_000_000)),
            emergency_contacts: vec![EmergencyContact {
                name: format!("{}小{}", pick(&SURNAMES, 1), pick(&GIVEN, 10)),
                relation: Some("子".into()),
                phone: format!("139{:08}", mix(n, 11) % 100_000_000),
            }],
            disease_note: Some(pick(&ILLNESSES, 12)),
            bank_card: Some(format!("62{:017}", mix(n, 13) % 100_000_000_000_000_000)),
            hobbies: vec![pick(&HOBBIES, 14)],
            roles_played: vec![ContributionField::SocialGovernance],
            archive_place: Some(format!("{}档案馆", county.name)),
            name,
            ..self.pattern.clone()
        };
        thin(n, &mut cadre);
        (&county.code, cadre)
    }

    /// Record number `n` as the JSON of a request.
    ///
    /// # Errors
    /// None in practice: the record is plain data.
    pub fn json(&self, n: u64, into: &mut Vec<u8>) -> Result<()> {
        let (division_code, data) = self.cadre(n);
        Ok(serde_json::to_writer(into, &Sent { division_code, data: &data })?)
    }

    /// How many different records there are.
    pub fn capacity(&self) -> u64 {
        self.counties.len() as u64 * DAYS * 500
    }

    /// Makes sure that record number `n` would not repeat an ID number.
    ///
    /// # Errors
    /// When it would.
    pub fn reaches(&self, n: u64) -> Result<()> {
        ensure!(n < self.capacity(), "no more than {} records can be made; start without --keep", self.capacity());
        Ok(())
    }
}

/// Leaves out what is often unknown or does not apply; a treatment is only approved for 离休.
fn thin(n: u64, cadre: &mut Cadre) {
    let missing = |salt: u64, percent: u64| mix(n, 100 + salt) % 100 < percent;
    if cadre.retire_type != RetireType::Lixiu {
        (cadre.treatment_level, cadre.treatment_doc) = (None, None);
    }
    fn gap<T>(field: &mut Option<T>, missing: bool) {
        field.take_if(|_| missing);
    }
    gap(&mut cadre.native_place, missing(1, 80));
    gap(&mut cadre.rank_code, missing(2, 40));
    gap(&mut cadre.residence_address, missing(3, 30));
    gap(&mut cadre.residence_division, missing(3, 30));
    gap(&mut cadre.landline, missing(4, 80));
    gap(&mut cadre.self_care, missing(5, 50));
    gap(&mut cadre.living_arrangement, missing(5, 50));
    gap(&mut cadre.health_code, missing(6, 50));
    gap(&mut cadre.disease_note, missing(6, 70));
    gap(&mut cadre.bank_card, missing(7, 80));
    gap(&mut cadre.archive_place, missing(8, 90));
    gap(&mut cadre.join_work_date, missing(9, 30));
    gap(&mut cadre.marital_status, missing(10, 40));
    if missing(11, 60) {
        cadre.emergency_contacts.clear();
    }
    if missing(12, 70) {
        cadre.specialties.clear();
        cadre.roles_played.clear();
    }
}

fn start(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default()
}

fn id_number(area: &str, birth: NaiveDate, sequence: u64) -> Option<String> {
    let first17 = format!("{area}{}{sequence:03}", birth.format("%Y%m%d"));
    domain::id_number::check_digit(&first17).map(|check| format!("{first17}{check}"))
}

/// A number that looks random and is the same in every run (splitmix64).
pub fn mix(n: u64, salt: u64) -> u64 {
    let mut z = n.wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A new random UUID as text, for an idempotency key.
///
/// # Errors
/// When the system has no randomness.
pub fn random_key() -> Result<Uuid> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok().context("no randomness")?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// A number far into the generated data.
#[cfg(test)]
pub const COUNT_FOR_TESTS: u64 = 123_456;

#[cfg(test)]
impl Source {
    /// Counties with one unit each.
    pub fn for_tests() -> Self {
        let mut counties = counties();
        for county in &mut counties {
            county.units.push(Uuid::nil());
        }
        Self::new(counties)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Findings;
    use std::collections::HashSet;

    #[test]
    fn records_are_valid_full_and_different() -> Result<()> {
        let source = Source::for_tests();
        let (mut numbers, mut bytes, mut filtered) = (HashSet::new(), 0, 0);
        let last = source.capacity() - 1;
        for n in (0..20_000).chain(last - 1000..=last) {
            let (division, mut cadre) = source.cadre(n);
            let mut found = Findings::default();
            cadre.check(&mut found);
            assert_eq!(found, Findings::default(), "record {n}: {cadre:?}");
            assert!(numbers.insert(cadre.id_number), "record {n} repeats an ID number");
            filtered += u32::from(division.as_str() == "371722" && cadre.retire_type == RetireType::Lixiu);
            let mut json = vec![];
            source.json(n, &mut json)?;
            bytes += json.len();
        }
        assert!(filtered >= 50, "the filtered list finds a full page: {filtered}");
        // The server's id, version and two instants come to about 140 bytes more.
        println!("a request has {} bytes", bytes / 21_001);
        assert_eq!(source.counties.len(), 10);
        Ok(())
    }
}
