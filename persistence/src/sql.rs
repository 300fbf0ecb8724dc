//! SQL types that both engines share: one logical type, one physical type per engine.
//!
//! The types are local to this crate, so that foreign Rust types (those of the domain, `Uuid`,
//! `DateTime`) can be mapped to them without newtypes, and the domain stays free of diesel.
use chrono::{DateTime, TimeZone, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{self as st, SqlType};
use diesel::sqlite::{Sqlite, SqliteValue};
use domain::code::Code;
use domain::{DivisionCode, Money, PartialDate, Rate, Uuid};
use serde::de::DeserializeOwned;
use std::io::Write;

macro_rules! sql_types {
    ($($(#[$m:meta])* $name:ident = $oid:literal, $array:literal, $sqlite:literal;)+) => {$(
        $(#[$m])*
        #[derive(SqlType, QueryId, Debug, Clone, Copy)]
        #[diesel(postgres_type(oid = $oid, array_oid = $array), sqlite_type(name = $sqlite))]
        pub struct $name;
    )+};
}
sql_types! {
    /// `uuid` / `BLOB` of 16 bytes.
    Uid = 2950, 2951, "Binary";
    /// `timestamptz` / `INTEGER` of microseconds since 1970.
    Instant = 1184, 1185, "Long";
    /// `text`: a member of a code set.
    CodeText = 25, 1009, "Text";
    /// `text`: a [`PartialDate`], which sorts as its text.
    FuzzyDate = 25, 1009, "Text";
    /// `text`: a [`DivisionCode`].
    Division = 25, 1009, "Text";
    /// `bigint`: [`Money`] in fen.
    Fen = 20, 1016, "Long";
    /// `bigint`: a [`Rate`] in millionths.
    Millionths = 20, 1016, "Long";
    /// `jsonb` / `TEXT`: a list or an object.
    Doc = 3802, 3807, "Text";
}

/// Reads a Rust type from a text.
macro_rules! from_text {
    ($t:ty as $sql:ty, $from:expr) => {
        impl FromSql<$sql, Pg> for $t {
            fn from_sql(v: PgValue<'_>) -> deserialize::Result<Self> {
                let text = std::str::from_utf8(v.as_bytes())?;
                ($from)(text).ok_or_else(|| concat!("not a ", stringify!($t)).into())
            }
        }
        impl FromSql<$sql, Sqlite> for $t {
            fn from_sql(mut v: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                ($from)(v.read_text()).ok_or_else(|| concat!("not a ", stringify!($t)).into())
            }
        }
    };
}
from_text!(PartialDate as FuzzyDate, PartialDate::parse);
from_text!(DivisionCode as Division, DivisionCode::parse);

macro_rules! codes {
    ($($t:ty),+ $(,)?) => { $(from_text!($t as CodeText, <$t as Code>::parse);)+ };
}
domain::for_each_code!(codes);

/// Reads a newtype over `i64` from an integer.
macro_rules! from_integer {
    ($t:ident as $sql:ty) => {
        impl<DB: Backend> FromSql<$sql, DB> for $t
        where
            i64: FromSql<st::BigInt, DB>,
        {
            fn from_sql(v: DB::RawValue<'_>) -> deserialize::Result<Self> {
                <i64 as FromSql<st::BigInt, DB>>::from_sql(v).map($t)
            }
        }
    };
}
from_integer!(Money as Fen);
from_integer!(Rate as Millionths);

impl ToSql<Uid, Pg> for Uuid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.as_bytes())?;
        Ok(IsNull::No)
    }
}
impl FromSql<Uid, Pg> for Uuid {
    fn from_sql(v: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::from_slice(v.as_bytes())?)
    }
}
impl ToSql<Uid, Sqlite> for Uuid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(&self.as_bytes()[..]);
        Ok(IsNull::No)
    }
}
impl FromSql<Uid, Sqlite> for Uuid {
    fn from_sql(mut v: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self::from_slice(v.read_blob())?)
    }
}
impl ToSql<Instant, Pg> for DateTime<Utc> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<st::Timestamptz, Pg>::to_sql(self, out)
    }
}
impl FromSql<Instant, Pg> for DateTime<Utc> {
    fn from_sql(v: PgValue<'_>) -> deserialize::Result<Self> {
        FromSql::<st::Timestamptz, Pg>::from_sql(v)
    }
}
impl ToSql<Instant, Sqlite> for DateTime<Utc> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.timestamp_micros());
        Ok(IsNull::No)
    }
}
impl FromSql<Instant, Sqlite> for DateTime<Utc> {
    fn from_sql(v: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let us = <i64 as FromSql<st::BigInt, Sqlite>>::from_sql(v)?;
        Utc.timestamp_micros(us).single().ok_or_else(|| "timestamp out of range".into())
    }
}

/// `jsonb` has one leading version byte on the wire.
const JSONB_VERSION: u8 = 1;

impl<T: DeserializeOwned> FromSql<Doc, Pg> for Vec<T> {
    fn from_sql(v: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(serde_json::from_slice(v.as_bytes().get(1..).unwrap_or_default())?)
    }
}
impl<T: DeserializeOwned> FromSql<Doc, Sqlite> for Vec<T> {
    fn from_sql(mut v: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        match v.read_text() {
            "[]" => Ok(vec![]),
            text => Ok(serde_json::from_str(text)?),
        }
    }
}

/// Reads an object from JSON.
macro_rules! objects {
    ($($t:ty),+ $(,)?) => {$(
        impl FromSql<Doc, Pg> for $t {
            fn from_sql(v: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(serde_json::from_slice(v.as_bytes().get(1..).unwrap_or_default())?)
            }
        }
        impl FromSql<Doc, Sqlite> for $t {
            fn from_sql(mut v: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                Ok(serde_json::from_str(v.read_text())?)
            }
        }
    )+};
}
crate::value::for_each_object!(objects);

/// JSON text that is already serialized: journal and history write it, nothing reads it back as a list.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonText(pub String);
impl ToSql<Doc, Pg> for JsonText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[JSONB_VERSION])?;
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}
impl ToSql<Doc, Sqlite> for JsonText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_str());
        Ok(IsNull::No)
    }
}
impl FromSql<Doc, Pg> for JsonText {
    fn from_sql(v: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(String::from_utf8(v.as_bytes().get(1..).unwrap_or_default().to_vec())?))
    }
}
impl FromSql<Doc, Sqlite> for JsonText {
    fn from_sql(mut v: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(v.read_text().to_owned()))
    }
}
