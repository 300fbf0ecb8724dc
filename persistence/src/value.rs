//! How a field is stored: its SQL type, and how a filter on it reads, follow from its Rust type.
use crate::error::{Error, Result};
use crate::query::{Condition, Op};
use crate::sql::{CodeText, Division, Doc, Fen, FuzzyDate, Instant, JsonText, Millionths, Uid};
use diesel::deserialize::FromSql;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;
use diesel::sql_types::{self as st, Array, Nullable, SqlType, is_nullable::NotNull};
use diesel::sqlite::Sqlite;
use domain::code::Code;
use domain::{DateTime, DivisionCode, Money, NaiveDate, PartialDate, Problem, Rate, Rule, Utc, Uuid};
use serde::{Serialize, de::DeserializeOwned};
use std::borrow::Cow;

/// A value on its way to the database, in one of the types both engines have.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// `text`
    Text(Option<Cow<'a, str>>),
    /// `uuid` / `BLOB` of 16 bytes
    Uid(Option<Uuid>),
    /// `boolean` / `INTEGER`
    Bool(Option<bool>),
    /// `integer`
    Int(Option<i32>),
    /// `bigint`
    Long(Option<i64>),
    /// `date` / `TEXT`
    Day(Option<NaiveDate>),
    /// `timestamptz` / `INTEGER` of microseconds
    At(Option<DateTime<Utc>>),
    /// `jsonb` / `TEXT`
    Json(Option<JsonText>),
}

macro_rules! bound_by {
    ($($db:ty),+) => {$(
        impl QueryFragment<$db> for Value<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $db>) -> QueryResult<()> {
                match self {
                    Value::Text(v) => out.push_bind_param::<Nullable<st::Text>, Option<Cow<'_, str>>>(v),
                    Value::Uid(v) => out.push_bind_param::<Nullable<Uid>, Option<Uuid>>(v),
                    Value::Bool(v) => out.push_bind_param::<Nullable<st::Bool>, Option<bool>>(v),
                    Value::Int(v) => out.push_bind_param::<Nullable<st::Integer>, Option<i32>>(v),
                    Value::Long(v) => out.push_bind_param::<Nullable<st::BigInt>, Option<i64>>(v),
                    Value::Day(v) => out.push_bind_param::<Nullable<st::Date>, Option<NaiveDate>>(v),
                    Value::At(v) => out.push_bind_param::<Nullable<Instant>, Option<DateTime<Utc>>>(v),
                    Value::Json(v) => out.push_bind_param::<Nullable<Doc>, Option<JsonText>>(v),
                }
            }
        }
    )+};
}
bound_by!(Pg, Sqlite);

macro_rules! many {
    ($($variant:ident($t:ty) as $sql:ty),+ $(,)?) => {
        /// The values of one column of many rows, which PostgreSQL takes as one array.
        #[derive(Debug, Clone)]
        pub enum Many<'a> {
            $(
                #[doc = concat!("Those of [`Value::", stringify!($variant), "`].")]
                $variant(Vec<Option<$t>>),
            )+
        }
        impl<'a> Many<'a> {
            /// A column that begins with this value.
            pub fn of(first: Value<'a>) -> Self {
                match first {
                    $(Value::$variant(v) => Many::$variant(vec![v]),)+
                }
            }
            /// Its next value.
            ///
            /// # Errors
            /// When it is of another type, which would be a defect of the row.
            pub fn push(&mut self, value: Value<'a>) -> Result<()> {
                match (self, value) {
                    $((Many::$variant(all), Value::$variant(v)) => all.push(v),)+
                    _ => return Err(Error::internal("a column of two types")),
                }
                Ok(())
            }
        }
        impl<'a> QueryFragment<Pg> for Many<'a> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                match self {
                    $(Many::$variant(all) => out.push_bind_param::<Array<Nullable<$sql>>, Vec<Option<$t>>>(all),)+
                }
            }
        }
    };
}
many! {
    Text(Cow<'a, str>) as st::Text,
    Uid(Uuid) as Uid,
    Bool(bool) as st::Bool,
    Int(i32) as st::Integer,
    Long(i64) as st::BigInt,
    Day(NaiveDate) as st::Date,
    At(DateTime<Utc>) as Instant,
    Json(JsonText) as Doc,
}
impl QueryFragment<Sqlite> for Many<'_> {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        Err(diesel::result::Error::QueryBuilderError("SQLite has no arrays".into()))
    }
}

impl Value<'_> {
    /// The same, borrowing nothing.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Text(v) => Value::Text(v.map(|t| Cow::Owned(t.into_owned()))),
            Value::Uid(v) => Value::Uid(v),
            Value::Bool(v) => Value::Bool(v),
            Value::Int(v) => Value::Int(v),
            Value::Long(v) => Value::Long(v),
            Value::Day(v) => Value::Day(v),
            Value::At(v) => Value::At(v),
            Value::Json(v) => Value::Json(v),
        }
    }
}
macro_rules! values {
    ($($t:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$t> for Value<'_> {
            fn from(value: $t) -> Self {
                Value::$variant(Some(value))
            }
        }
        impl From<Option<$t>> for Value<'_> {
            fn from(value: Option<$t>) -> Self {
                Value::$variant(value)
            }
        }
    )+};
}
values! { Uuid => Uid, bool => Bool, i32 => Int, i64 => Long, NaiveDate => Day, DateTime<Utc> => At, JsonText => Json }
impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Some(Cow::Owned(text)))
    }
}
impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Value::Text(text.map(Cow::Borrowed))
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(Some(Cow::Borrowed(text)))
    }
}

/// What a column's stored form is in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A text that is a string there.
    Text,
    /// JSON already.
    Json,
    /// Anything else: its type writes it.
    Own,
}

/// A type that a column can hold.
pub trait Column: FromSql<<Self as Column>::Sql, Pg> + FromSql<<Self as Column>::Sql, Sqlite> {
    /// The SQL type it is read as.
    type Sql: SqlType;
    /// Comparisons its filter takes.
    const OPS: &'static [Op];
    /// What its stored form is in JSON.
    const FORM: Form;
    /// The null of its type.
    const NULL: Value<'static>;
    /// The value to store.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which would be a defect of its type.
    fn value(&self) -> Result<Value<'_>>;
    /// What a condition asks of the column: comparisons that must all hold.
    ///
    /// # Errors
    /// `Refused` with the parameter's name when its text is not of this type.
    fn asked(condition: &Condition) -> Result<Vec<(Op, Value<'static>)>>;
}

macro_rules! columns {
    ($($t:ty as $sql:ty, $ops:expr, $form:ident, $variant:ident, $v:ident => $value:expr;)+) => {$(
        impl Column for $t {
            type Sql = $sql;
            const OPS: &'static [Op] = $ops;
            const FORM: Form = Form::$form;
            const NULL: Value<'static> = Value::$variant(None);
            fn value(&self) -> Result<Value<'_>> {
                let $v = self;
                Ok(Value::from($value))
            }
            fn asked(condition: &Condition) -> Result<Vec<(Op, Value<'static>)>> {
                let asked = condition.value::<$t>()?;
                Ok(vec![(condition.op, asked.value()?.into_owned())])
            }
        }
    )+};
}
columns! {
    String as st::Text, Op::EQ, Text, Text, v => v.as_str();
    DivisionCode as Division, Op::EQ, Text, Text, v => v.as_str();
    Uuid as Uid, Op::EQ, Own, Uid, v => *v;
    bool as st::Bool, Op::EQ, Own, Bool, v => *v;
    i32 as st::Integer, Op::RANGE, Own, Int, v => *v;
    i64 as st::BigInt, Op::RANGE, Own, Long, v => *v;
    Money as Fen, Op::RANGE, Own, Long, v => v.0;
    Rate as Millionths, Op::RANGE, Own, Long, v => v.0;
    NaiveDate as st::Date, Op::RANGE, Own, Day, v => *v;
    DateTime<Utc> as Instant, Op::RANGE, Own, At, v => *v;
}
macro_rules! code_columns {
    ($($t:ty),+ $(,)?) => { columns! { $($t as CodeText, Op::EQ, Text, Text, v => v.as_str();)+ } };
}
domain::for_each_code!(code_columns);

/// A date of which only year or month may be known sorts as its text; a filter means the whole period.
impl Column for PartialDate {
    type Sql = FuzzyDate;
    const OPS: &'static [Op] = Op::RANGE;
    const FORM: Form = Form::Text;
    const NULL: Value<'static> = Value::Text(None);
    fn value(&self) -> Result<Value<'_>> {
        Ok(Value::Text(Some(Cow::Owned(self.to_string()))))
    }
    fn asked(condition: &Condition) -> Result<Vec<(Op, Value<'static>)>> {
        let date = condition.fuzzy()?;
        let bound = |op, text: String| (op, Value::Text(Some(Cow::Owned(text))));
        Ok(match condition.op {
            Op::Eq => vec![bound(Op::Gte, date.to_string()), bound(Op::Lte, date.upper_text())],
            Op::Gt => vec![bound(Op::Gt, date.upper_text())],
            Op::Gte => vec![bound(Op::Gte, date.lower_text())],
            Op::Lt => vec![bound(Op::Lt, date.lower_text())],
            Op::Lte => vec![bound(Op::Lte, date.upper_text())],
            Op::Present => {
                return Err(Error::Refused(Problem::InvalidParameter, vec![condition.refused(Rule::UnknownFilter)]));
            }
        })
    }
}

impl<T: Serialize + DeserializeOwned + std::fmt::Debug> Column for Vec<T> {
    type Sql = Doc;
    const OPS: &'static [Op] = &[];
    const FORM: Form = Form::Json;
    const NULL: Value<'static> = Value::Json(None);
    fn value(&self) -> Result<Value<'_>> {
        let text =
            if self.is_empty() { "[]".to_owned() } else { serde_json::to_string(self).map_err(Error::internal)? };
        Ok(Value::Json(Some(JsonText(text))))
    }
    fn asked(condition: &Condition) -> Result<Vec<(Op, Value<'static>)>> {
        Err(Error::Refused(Problem::InvalidParameter, vec![condition.refused(Rule::UnknownFilter)]))
    }
}

/// Calls another macro with every type whose values are stored as one JSON object.
macro_rules! for_each_object {
    ($callback:ident) => {
        $callback! { domain::party::Vote }
    };
}
pub(crate) use for_each_object;

macro_rules! object_columns {
    ($($t:ty),+ $(,)?) => {$(
        impl Column for $t {
            type Sql = Doc;
            const OPS: &'static [Op] = &[];
            const FORM: Form = Form::Json;
            const NULL: Value<'static> = Value::Json(None);
            fn value(&self) -> Result<Value<'_>> {
                Ok(Value::Json(Some(JsonText(serde_json::to_string(self).map_err(Error::internal)?))))
            }
            fn asked(condition: &Condition) -> Result<Vec<(Op, Value<'static>)>> {
                Vec::<String>::asked(condition)
            }
        }
    )+};
}
for_each_object!(object_columns);

impl Column for JsonText {
    type Sql = Doc;
    const OPS: &'static [Op] = &[];
    const FORM: Form = Form::Json;
    const NULL: Value<'static> = Value::Json(None);
    fn value(&self) -> Result<Value<'_>> {
        Ok(Value::Json(Some(self.clone())))
    }
    fn asked(condition: &Condition) -> Result<Vec<(Op, Value<'static>)>> {
        Vec::<String>::asked(condition)
    }
}

impl<T: Column> Column for Option<T>
where
    T::Sql: SqlType<IsNull = NotNull>,
{
    type Sql = Nullable<T::Sql>;
    const OPS: &'static [Op] = match T::OPS.len() {
        0 => T::OPS,
        1 => Op::EQ_OR_NONE,
        _ => Op::RANGE_OR_NONE,
    };
    const FORM: Form = T::FORM;
    const NULL: Value<'static> = T::NULL;
    fn value(&self) -> Result<Value<'_>> {
        self.as_ref().map_or(Ok(T::NULL), T::value)
    }
    fn asked(condition: &Condition) -> Result<Vec<(Op, Value<'static>)>> {
        if condition.op == Op::Present {
            return Ok(vec![(Op::Present, condition.value::<bool>()?.into())]);
        }
        T::asked(condition)
    }
}
