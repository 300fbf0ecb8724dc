//! Unified social credit codes (统一社会信用代码) after GB 32100-2015.
use crate::catalogue::Rule;

/// The 31 characters of a code in the order of their values; I, O, S, V and Z look too much like digits.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Reads a code of 18 characters and returns it in upper case.
///
/// Some early codes are in lawful use though they fail the check: a caller that knows of one may
/// pass over [`UsccChecksum`](Rule::UsccChecksum).
///
/// # Errors
/// The first that applies of [`UsccLength`](Rule::UsccLength), [`UsccFormat`](Rule::UsccFormat),
/// [`UsccChecksum`](Rule::UsccChecksum).
pub fn parse(text: &str) -> Result<String, Rule> {
    if text.chars().count() != 18 {
        return Err(Rule::UsccLength);
    }
    let code = text.to_ascii_uppercase();
    let (first17, check) = code.split_at_checked(17).ok_or(Rule::UsccFormat)?;
    let expected = check_char(first17).ok_or(Rule::UsccFormat)?;
    let given = check.chars().next().filter(|c| value(*c).is_some()).ok_or(Rule::UsccFormat)?;
    if given == expected { Ok(code) } else { Err(Rule::UsccChecksum) }
}

/// The eighteenth character for the first seventeen; none unless those are seventeen characters of the
/// alphabet, in upper case.
pub fn check_char(first17: &str) -> Option<char> {
    if first17.len() != 17 {
        return None;
    }
    // The weights are the powers of 3 modulo 31.
    let (sum, _) = first17
        .chars()
        .try_fold((0, 1), |(sum, weight), c| Some(((sum + value(c)? * weight) % 31, weight * 3 % 31)))?;
    ALPHABET.chars().nth((31 - sum) % 31)
}

fn value(c: char) -> Option<usize> {
    ALPHABET.chars().position(|a| a == c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_known_codes_are_read() {
        for good in ["1137170000TEAT018M", "1237170000TEAT026D"] {
            assert_eq!(parse(good).as_deref(), Ok(good));
            assert_eq!(parse(&good.to_lowercase()).as_deref(), Ok(good));
        }
    }

    #[test]
    fn the_weights_are_those_of_the_standard() {
        // A code of one 1 among zeros shows the weight of its place.
        for (at, weight) in [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28].into_iter().enumerate() {
            let text: String = (0..17).map(|i| if i == at { '1' } else { '0' }).collect();
            assert_eq!(value(check_char(&text).unwrap()), Some(31 - weight));
        }
    }

    #[test]
    fn the_first_fault_is_named() {
        // Case 16 of the acceptance list.
        assert_eq!(parse("1137170000TEAT0180"), Err(Rule::UsccChecksum));
        for bad in ["", "1137170000TEAT018", "1137170000TEAT018M ", "1137170000TEAT018M0"] {
            assert_eq!(parse(bad), Err(Rule::UsccLength), "{bad:?}");
        }
        for bad in [
            "1137170000TEAT01IM",
            "1137170000TEAT018O",
            "1137170000TE-T018M",
            "１137170000TEAT018M",
            "一二三四五六七八九十一二三四五六七八",
        ] {
            assert_eq!(parse(bad), Err(Rule::UsccFormat), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_made_up_code_parses_to_itself(first17 in "[0-9A-HJ-NP-RTUWXY]{17}") {
            let text = format!("{first17}{}", check_char(&first17).unwrap());
            let parsed = parse(&text);
            prop_assert_eq!(parsed.as_deref(), Ok(text.as_str()));
        }

        #[test]
        fn one_wrong_character_is_refused(first17 in "[0-9A-HJ-NP-RTUWXY]{17}", at in 0usize..18, other in "[0-9A-Z]") {
            let mut text = format!("{first17}{}", check_char(&first17).unwrap());
            prop_assume!(text[at..=at] != other);
            text.replace_range(at..=at, &other);
            prop_assert!(parse(&text).is_err());
        }

        #[test]
        fn no_text_breaks_the_reader(text in ".{0,20}") {
            let _ = parse(&text);
        }
    }
}
