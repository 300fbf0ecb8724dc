//! Division codes (GB/T 2260 and its extensions) and what they contain.
use crate::catalogue::Rule;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The code of an administrative or statistical division: 6 digits down to the county, 9 to the
/// township, 12 to the village.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DivisionCode(String);

impl DivisionCode {
    /// Reads a code of 6, 9 or 12 digits.
    pub fn parse(text: &str) -> Option<Self> {
        (matches!(text.len(), 6 | 9 | 12) && text.bytes().all(|b| b.is_ascii_digit())).then(|| Self(text.to_owned()))
    }
    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// What the codes of everything inside begin with: `3717` for 371700, `371722` for 371722.
    pub fn prefix(&self) -> &str {
        let mut prefix = self.0.as_str();
        if prefix.len() > 6 {
            while let Some(shorter) = prefix.strip_suffix("000") {
                prefix = shorter;
            }
            return prefix;
        }
        while let Some(shorter) = prefix.strip_suffix("00") {
            prefix = shorter;
        }
        prefix
    }
    /// Whether `other` is this division or lies inside it.
    pub fn contains(&self, other: &DivisionCode) -> bool {
        other.0.starts_with(self.prefix())
    }
    /// Whether it is a city or more than one: what is above the counties.
    pub fn is_city(&self) -> bool {
        self.prefix().len() <= 4
    }
    /// This division and every one around it, from the inside out: 371722, 371700, 370000.
    pub fn chain(&self) -> Vec<String> {
        let mut codes = vec![self.0.clone()];
        let mut cut = self.prefix().len();
        while cut > 2 {
            cut -= if cut > 6 { 3 } else { 2 };
            let code = self.0.get(..cut).unwrap_or_default();
            codes.push(if cut < 6 { format!("{code:0<6}") } else { code.to_owned() });
        }
        codes
    }
}
impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl Serialize for DivisionCode {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for DivisionCode {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| crate::input::refuse(Rule::DivisionFormat, &[]))
    }
}
crate::spec::text_schema!(
    DivisionCode,
    "371722",
    r"^\d{6}(\d{3}(\d{3})?)?$",
    "Division code: 6 digits to the county, 9 to the township, 12 to the village"
);

#[cfg(test)]
mod tests {
    use super::*;
    fn d(s: &str) -> DivisionCode {
        DivisionCode::parse(s).unwrap()
    }

    #[test]
    fn a_city_contains_its_counties_and_nothing_of_others() {
        assert_eq!(d("371700").prefix(), "3717");
        assert_eq!(d("370000").prefix(), "37");
        assert_eq!(d("371722000000").prefix(), "371722");
        assert_eq!(d("371722100").prefix(), "371722100");
        assert!(d("371700").contains(&d("371722104")));
        assert!(!d("371722").contains(&d("371721")));
        assert!(!d("371722").contains(&d("371700")));
        assert_eq!(d("371722104").chain(), ["371722104", "371722", "371700", "370000"]);
        assert_eq!(d("371700").chain(), ["371700", "370000"]);
    }
}
