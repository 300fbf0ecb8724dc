//! Closed sets of codes: an enum in Rust, a short string in the database and in JSON.
//!
//! Requests are validated against the set. In the contract a code is a plain string with
//! `x-extensible-enum`, so that a value added later breaks no generated client.

/// One member of a code set.
pub trait Code: Sized + Copy + PartialEq + Send + Sync + 'static {
    /// The name of the set, as in `GET /codes/{set}`.
    const SET: &'static str;
    /// The name of the set in Chinese.
    const ZH: &'static str;
    /// The name of the set in English.
    const EN: &'static str;
    /// The national standard the set follows, or empty.
    const STANDARD: &'static str;
    /// All members in order.
    const ALL: &'static [Self];
    /// The code itself.
    fn as_str(self) -> &'static str;
    /// The label in Chinese.
    fn zh(self) -> &'static str;
    /// The label in English.
    fn en(self) -> &'static str;
    /// The member with this code.
    fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.as_str() == code)
    }
}

/// A code set seen from outside, without its type.
#[derive(Debug, Clone, Copy)]
pub struct CodeSet {
    /// Name of the set.
    pub set: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// The standard it follows, or empty.
    pub standard: &'static str,
    /// `(code, Chinese label, English label)` of each member, in order.
    pub codes: fn() -> Vec<(&'static str, &'static str, &'static str)>,
}

/// Describes a code set by its type.
pub const fn code_set<C: Code>() -> CodeSet {
    CodeSet {
        set: C::SET,
        zh: C::ZH,
        en: C::EN,
        standard: C::STANDARD,
        codes: || C::ALL.iter().map(|c| (c.as_str(), c.zh(), c.en())).collect(),
    }
}

/// The contract's view of a code: a string with the known values listed, open to more.
pub fn code_schema<C: Code>() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    use utoipa::openapi::extensions::Extensions;
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    let values: Vec<&str> = C::ALL.iter().map(|c| c.as_str()).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(format!("{} {}; labels: `GET /codes/{}`", C::ZH, C::EN, C::SET)))
        .examples(values.first().copied())
        .extensions(Some(
            Extensions::builder()
                .add("x-extensible-enum", serde_json::json!(values))
                .add("x-code-set", serde_json::json!(C::SET))
                .build(),
        ))
        .into()
}

/// Defines code sets. One line a member: `Variant = "code" "中文" "English"`.
#[macro_export]
macro_rules! codes {
    ($($(#[$m:meta])* $name:ident $set:literal $set_zh:literal $set_en:literal $std:literal { $($var:ident = $code:literal $zh:literal $en:literal),+ $(,)? })+) => {$(
        $(#[$m])*
        #[doc = concat!($set_zh, ": ", $set_en, ".")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $(#[doc = concat!($zh, ": ", $en)] $var),+ }
        impl $name {
            /// The code, where a constant is needed.
            pub const fn code(self) -> &'static str { match self { $(Self::$var => $code),+ } }
        }
        impl $crate::code::Code for $name {
            const SET: &'static str = $set;
            const ZH: &'static str = $set_zh;
            const EN: &'static str = $set_en;
            const STANDARD: &'static str = $std;
            const ALL: &'static [Self] = &[$(Self::$var),+];
            fn as_str(self) -> &'static str { self.code() }
            fn zh(self) -> &'static str { match self { $(Self::$var => $zh),+ } }
            fn en(self) -> &'static str { match self { $(Self::$var => $en),+ } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str($crate::code::Code::as_str(*self)) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_str($crate::code::Code::as_str(*self)) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(d)?;
                $crate::code::Code::parse(&text).ok_or_else(|| $crate::input::refuse($crate::catalogue::Rule::UnknownCode, &[("set", $set)]))
            }
        }
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> { $crate::code::code_schema::<$name>() }
        }
        impl utoipa::ToSchema for $name {}
    )+};
}
