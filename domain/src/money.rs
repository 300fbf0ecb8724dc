//! Amounts and rates as integers; decimal strings outside.
use crate::catalogue::Rule;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// An amount in fen (1/100 yuan). In JSON a decimal string with two places, such as `"5000.00"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(pub i64);

/// A rate or factor in millionths. In JSON a decimal string without needless zeros, such as `"0.005"` or `"1.5"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rate(pub i64);

/// Reads a decimal with at most `places` places as an integer of that many places.
fn parse_decimal(text: &str, places: usize) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |t| (true, t));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let ok = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !ok(whole) || !ok(fraction) || fraction.len() > places || whole.len() > 12 {
        return None;
    }
    let value: i64 = format!("{whole}{fraction:0<places$}").parse().ok()?;
    Some(if negative { -value } else { value })
}

impl Money {
    /// Reads yuan with at most two places.
    pub fn parse(text: &str) -> Option<Self> {
        parse_decimal(text, 2).map(Self)
    }
}
impl Rate {
    /// Reads a decimal with at most six places.
    pub fn parse(text: &str) -> Option<Self> {
        parse_decimal(text, 6).map(Self)
    }
}
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fen = self.0.unsigned_abs();
        write!(f, "{}{}.{:02}", if self.0 < 0 { "-" } else { "" }, fen / 100, fen % 100)
    }
}
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let m = self.0.unsigned_abs();
        let text = format!("{}.{:06}", m / 1_000_000, m % 1_000_000);
        write!(f, "{}{}", if self.0 < 0 { "-" } else { "" }, text.trim_end_matches('0').trim_end_matches('.'))
    }
}

macro_rules! decimal_json {
    ($t:ty, $rule:expr, $example:literal, $pattern:literal, $text:literal) => {
        impl Serialize for $t {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $t {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(d)?;
                Self::parse(&text).ok_or_else(|| crate::input::refuse($rule, &[]))
            }
        }
        crate::spec::text_schema!($t, $example, $pattern, $text);
    };
}
decimal_json!(Money, Rule::MoneyFormat, "5000.00", r"^-?\d{1,12}(\.\d{1,2})?$", "Yuan as a decimal string");
decimal_json!(Rate, Rule::RateFormat, "0.005", r"^-?\d{1,12}(\.\d{1,6})?$", "A rate or factor as a decimal string");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_writes_decimals() {
        assert_eq!(Money::parse("5000"), Some(Money(500_000)));
        assert_eq!(Money::parse("0.5"), Some(Money(50)));
        assert_eq!(Money(-5).to_string(), "-0.05");
        assert_eq!(Rate::parse("1.5").unwrap().to_string(), "1.5");
        assert_eq!(Rate(2_000_000).to_string(), "2");
        for bad in ["", ".", "1.", ".5", "1.234", "1,000", "1e3", "٣", "9999999999999"] {
            assert_eq!(Money::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn money_and_rates_survive_their_text(v in -99_999_999_999_999i64..99_999_999_999_999) {
            prop_assert_eq!(Money::parse(&Money(v).to_string()), Some(Money(v)));
            prop_assert_eq!(Rate::parse(&Rate(v).to_string()), Some(Rate(v)));
        }
    }
}
