//! Citizen ID numbers (公民身份号码) after GB 11643-1999.
//!
//! A number is lifelong: one given before a county was renamed or abolished keeps the old area code.
//! So only the province is checked, never whether the area still exists.
use crate::catalogue::Rule;
use crate::codes::Sex;
use chrono::{Datelike, NaiveDate};
use std::fmt;

/// The weights of the first seventeen digits in the checksum.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// A valid ID number of 18 characters, the last of which may be `X`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdNumber {
    text: String,
    legacy: bool,
    birth: NaiveDate,
    sex: Sex,
}

impl IdNumber {
    /// Reads a number of 18 characters, or one of the old form of 15 digits, which is upgraded.
    /// Blanks are not trimmed; a lower-case `x` is made upper-case.
    ///
    /// # Errors
    /// The first that applies of [`IdLength`](Rule::IdLength), [`IdFormat`](Rule::IdFormat),
    /// [`IdRegion`](Rule::IdRegion), [`IdBirthDate`](Rule::IdBirthDate), [`IdChecksum`](Rule::IdChecksum).
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let legacy = match text.chars().count() {
            18 => false,
            15 => true,
            _ => return Err(Rule::IdLength),
        };
        let (first17, given) = split(text, legacy).ok_or(Rule::IdFormat)?;
        if !is_province(first17.get(..2)) {
            return Err(Rule::IdRegion);
        }
        let birth = birth_date(&first17).ok_or(Rule::IdBirthDate)?;
        let check = check_digit(&first17).ok_or(Rule::IdFormat)?;
        if given.is_some_and(|c| c != check) {
            return Err(Rule::IdChecksum);
        }
        let odd = first17.bytes().last().is_some_and(|b| b % 2 == 1);
        let sex = if odd { Sex::Male } else { Sex::Female };
        Ok(Self { text: format!("{first17}{check}"), legacy, birth, sex })
    }
    /// The number in its normal form: 18 characters, `X` in upper case.
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// Whether it was given in the old form of 15 digits.
    pub fn was_legacy(&self) -> bool {
        self.legacy
    }
    /// The birth date in the number. The archive may know another one.
    pub fn birth_date(&self) -> NaiveDate {
        self.birth
    }
    /// The sex in the number: male or female.
    pub fn sex(&self) -> Sex {
        self.sex
    }
}

/// Never the number itself, which must not reach a log.
impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdNumber(******************)")
    }
}

/// The eighteenth character for the first seventeen; none unless those are seventeen digits.
pub fn check_digit(first17: &str) -> Option<char> {
    if first17.len() != WEIGHTS.len() || !all_digits(first17) {
        return None;
    }
    let sum: u32 = first17.bytes().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    "10X98765432".chars().nth((sum % 11) as usize)
}

/// The first seventeen digits and the check character, which the old form lacks; none when the form is wrong.
fn split(text: &str, legacy: bool) -> Option<(String, Option<char>)> {
    if legacy {
        let (area, rest) = text.split_at_checked(6)?;
        return all_digits(text).then(|| (format!("{area}19{rest}"), None));
    }
    let (first17, last) = text.split_at_checked(17)?;
    let check = last.chars().next()?.to_ascii_uppercase();
    let formed = all_digits(first17) && (check.is_ascii_digit() || check == 'X');
    formed.then(|| (first17.to_owned(), Some(check)))
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn birth_date(first17: &str) -> Option<NaiveDate> {
    let part = |range: std::ops::Range<usize>| first17.get(range)?.parse::<u32>().ok();
    let date = NaiveDate::from_ymd_opt(part(6..10)? as i32, part(10..12)?, part(12..14)?)?;
    (1800..2200).contains(&date.year()).then_some(date)
}

/// The provinces of GB/T 2260 by their first two digits; 91 marks numbers given to foreigners.
fn is_province(code: Option<&str>) -> bool {
    let Some(code) = code.and_then(|c| c.parse::<u8>().ok()) else { return false };
    matches!(code, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81 | 82 | 91)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_known_numbers_are_read() {
        let standard = IdNumber::parse("34052419800101001X").unwrap();
        assert_eq!(standard.as_str(), "34052419800101001X");
        assert_eq!((standard.birth_date(), standard.sex()), (day("1980-01-01"), Sex::Male));
        assert!(!standard.was_legacy());
        let heze = IdNumber::parse("372901193005120015").unwrap();
        assert_eq!((heze.birth_date(), heze.sex()), (day("1930-05-12"), Sex::Male));
    }

    #[test]
    fn case_10_a_wrong_check_digit_is_refused() {
        assert_eq!(IdNumber::parse("340524198001010010"), Err(Rule::IdChecksum));
        assert_eq!(IdNumber::parse("372901193005120016"), Err(Rule::IdChecksum));
    }

    #[test]
    fn case_11_an_old_number_is_upgraded() {
        let old = IdNumber::parse("372925280307002").unwrap();
        assert_eq!(old.as_str(), "372925192803070020");
        assert!(old.was_legacy());
        assert_eq!((old.birth_date(), old.sex()), (day("1928-03-07"), Sex::Female));
        let new = IdNumber::parse("372925192803070020").unwrap();
        assert_eq!((new.as_str(), new.was_legacy()), (old.as_str(), false));
    }

    #[test]
    fn case_12_an_abolished_area_is_accepted() {
        let first17 = "37292919310203102";
        let text = format!("{first17}{}", check_digit(first17).unwrap());
        assert_eq!(IdNumber::parse(&text).unwrap().as_str(), text);
    }

    #[test]
    fn case_13_the_birth_date_is_named_before_the_checksum() {
        for check in "0123456789X".chars() {
            assert_eq!(IdNumber::parse(&format!("37292519300231001{check}")), Err(Rule::IdBirthDate));
        }
        for bad in ["372925193013010010", "372925179912310010", "372925220001010010", "372925190002290010"] {
            assert_eq!(IdNumber::parse(bad), Err(Rule::IdBirthDate), "{bad}");
        }
        assert_eq!(IdNumber::parse("372925280230002"), Err(Rule::IdBirthDate));
    }

    #[test]
    fn case_14_an_even_sequence_is_female() {
        assert_eq!(IdNumber::parse("372925192803070020").unwrap().sex(), Sex::Female);
        assert_eq!(IdNumber::parse("34052419800101001X").unwrap().sex(), Sex::Male);
    }

    #[test]
    fn case_15_a_lower_case_x_is_normalised() {
        assert_eq!(IdNumber::parse("34052419800101001x").unwrap().as_str(), "34052419800101001X");
    }

    #[test]
    fn the_first_fault_is_named() {
        for bad in ["", "1", "3729251928030700", "34052419800101001X ", " 34052419800101001X", "3405241980010100"] {
            assert_eq!(IdNumber::parse(bad), Err(Rule::IdLength), "{bad:?}");
        }
        let wide: String = "37290119300512001".chars().chain(['５']).collect();
        for bad in ["3729251928030700X0", "37292528030700X", "34052419800101001Y", " 4052419800101001X", &wide] {
            assert_eq!(IdNumber::parse(bad), Err(Rule::IdFormat), "{bad:?}");
        }
        for bad in ["００００００００００００００００００", "中中中中中中中中中中中中中中中", "3729251928030700é0"]
        {
            assert_eq!(IdNumber::parse(bad), Err(Rule::IdFormat), "{bad:?}");
        }
        // The region comes before the birth date, which is wrong here too.
        assert_eq!(IdNumber::parse("990524198013010010"), Err(Rule::IdRegion));
        assert_eq!(IdNumber::parse("000925280307002"), Err(Rule::IdRegion));
    }

    #[test]
    fn a_number_is_not_shown_in_a_log() {
        assert!(!format!("{:?}", IdNumber::parse("34052419800101001X")).contains("3405"));
    }

    prop_compose! {
        fn number()(
            province in prop::sample::select(vec![11, 15, 23, 31, 37, 46, 50, 54, 65, 71, 81, 82]),
            area in 0u32..10_000,
            days in 0i64..146_000,
            sequence in 0u32..1_000,
        ) -> String {
            let birth = day("1800-01-01") + chrono::Duration::days(days);
            let first17 = format!("{province}{area:04}{}{sequence:03}", birth.format("%Y%m%d"));
            format!("{first17}{}", check_digit(&first17).unwrap())
        }
    }

    proptest! {
        #[test]
        fn a_made_up_number_parses_to_itself(text in number()) {
            let id = IdNumber::parse(&text).unwrap();
            prop_assert_eq!(id.as_str(), &text);
            prop_assert_eq!(id.birth_date().format("%Y%m%d").to_string(), &text[6..14]);
            prop_assert_eq!(id.sex() == Sex::Male, text.as_bytes()[16] % 2 == 1);
        }

        #[test]
        fn one_wrong_character_is_refused(text in number(), at in 0usize..18, other in "[0-9X]") {
            prop_assume!(text[at..=at] != other);
            let mut wrong = text;
            wrong.replace_range(at..=at, &other);
            prop_assert!(IdNumber::parse(&wrong).is_err());
        }

        #[test]
        fn two_neighbours_exchanged_are_refused(text in number(), at in 0usize..17) {
            let mut bytes = text.clone().into_bytes();
            bytes.swap(at, at + 1);
            let swapped = String::from_utf8(bytes).unwrap();
            prop_assume!(swapped != text);
            prop_assert!(IdNumber::parse(&swapped).is_err());
        }

        #[test]
        fn no_text_breaks_the_reader(text in ".{0,20}") {
            let _ = IdNumber::parse(&text);
        }

        #[test]
        fn an_old_number_keeps_what_it_says(area in 370_000u32..380_000, days in 0i64..36_000, n in 0u32..1_000) {
            let birth = day("1900-01-01") + chrono::Duration::days(days);
            let id = IdNumber::parse(&format!("{area}{}{n:03}", birth.format("%y%m%d"))).unwrap();
            prop_assert!(id.was_legacy());
            prop_assert_eq!(id.birth_date(), birth);
            let again = IdNumber::parse(id.as_str()).unwrap();
            prop_assert_eq!(again.as_str(), id.as_str());
        }
    }
}
