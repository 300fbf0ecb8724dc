//! Rows as cells, one form for both engines, and what can be read from them.
use crate::sealed::{Keyring, Place};
use crate::sql::JsonText;
use crate::value::Column;
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::row::{Field, Row};
use diesel::sqlite::{Sqlite, SqliteType};
use std::marker::PhantomData;

/// Something that looks at rows, one after the other.
pub trait Visit {
    /// The next row.
    ///
    /// # Errors
    /// When it is not one it can read.
    fn row(&mut self, cells: &mut impl Cells) -> deserialize::Result<()>;
}
impl<T: FromRow> Visit for Vec<T> {
    fn row(&mut self, cells: &mut impl Cells) -> deserialize::Result<()> {
        self.push(T::take(cells)?);
        Ok(())
    }
}
impl<T: FromRow> Visit for Option<T> {
    fn row(&mut self, cells: &mut impl Cells) -> deserialize::Result<()> {
        if self.is_none() {
            *self = Some(T::take(cells)?);
        }
        Ok(())
    }
}

/// Something a row can be read as.
pub trait FromRow: Sized + 'static {
    /// Takes what it needs from the row's cells, in order.
    ///
    /// # Errors
    /// When a cell does not hold what it should.
    fn take(cells: &mut impl Cells) -> deserialize::Result<Self>;
}

/// The cells of one row, one after the other.
pub trait Cells {
    /// The next one.
    ///
    /// # Errors
    /// When it is not there or does not hold a `T`.
    fn next<T: Column>(&mut self) -> deserialize::Result<T>;
    /// The next one, of a text column, where it lies.
    ///
    /// # Errors
    /// When it is not there or is no text.
    fn text<T>(&mut self, f: impl FnOnce(Option<&str>) -> T) -> deserialize::Result<T>;
    /// The next one, of a text column, where it lies, as it is stored. Nobody but this program stores texts, so they are
    /// not looked through again.
    ///
    /// # Errors
    /// When it is not there.
    fn bytes<T>(&mut self, f: impl FnOnce(Option<&[u8]>) -> T) -> deserialize::Result<T>;
    /// The next one, of a JSON column, where it lies.
    ///
    /// # Errors
    /// When it is not there.
    fn json<T>(&mut self, f: impl FnOnce(Option<&[u8]>) -> T) -> deserialize::Result<T>;
    /// What is sealed in the next one, of a column of sealed values.
    ///
    /// # Errors
    /// When it is not there, or does not open in this place.
    fn sealed(&mut self, place: Place<'_>) -> deserialize::Result<Option<Vec<u8>>>;
    /// The same of a JSON column.
    ///
    /// # Errors
    /// As [`sealed`](Self::sealed).
    fn sealed_json(&mut self, place: Place<'_>) -> deserialize::Result<Option<Vec<u8>>>;
    /// Skips the next one; whether it holds something.
    ///
    /// # Errors
    /// When it is not there.
    fn present(&mut self) -> deserialize::Result<bool>;
}

/// The cells of a row of a backend.
pub(crate) struct RowCells<'r, R, DB>(&'r R, usize, &'r Keyring, PhantomData<DB>);

impl<'r, R, DB> RowCells<'r, R, DB> {
    pub(crate) fn of(row: &'r R, keys: &'r Keyring) -> Self {
        Self(row, 0, keys, PhantomData)
    }
}

impl<R, DB> RowCells<'_, R, DB> {
    fn step(&mut self) -> usize {
        self.1 += 1;
        self.1 - 1
    }
}
const SHORT: &str = "a row is shorter than what it should hold";

impl<'a, R: Row<'a, Pg>> Cells for RowCells<'_, R, Pg> {
    fn next<T: Column>(&mut self) -> deserialize::Result<T> {
        let cell = self.0.get(self.step()).ok_or(SHORT)?;
        <T as FromSql<T::Sql, Pg>>::from_nullable_sql(cell.value())
    }
    fn text<T>(&mut self, f: impl FnOnce(Option<&str>) -> T) -> deserialize::Result<T> {
        let cell = self.0.get(self.step()).ok_or(SHORT)?;
        let value = cell.value();
        Ok(f(value.as_ref().map(|v| std::str::from_utf8(v.as_bytes())).transpose()?))
    }
    fn bytes<T>(&mut self, f: impl FnOnce(Option<&[u8]>) -> T) -> deserialize::Result<T> {
        let cell = self.0.get(self.step()).ok_or(SHORT)?;
        let value = cell.value();
        Ok(f(value.as_ref().map(|v| v.as_bytes())))
    }
    fn json<T>(&mut self, f: impl FnOnce(Option<&[u8]>) -> T) -> deserialize::Result<T> {
        let cell = self.0.get(self.step()).ok_or(SHORT)?;
        let value = cell.value();
        // One byte of version before the text.
        Ok(f(value.as_ref().map(|v| v.as_bytes().get(1..).unwrap_or_default())))
    }
    fn sealed(&mut self, place: Place<'_>) -> deserialize::Result<Option<Vec<u8>>> {
        let keys = self.2;
        Ok(self.text(|text| text.map(|text| keys.open(place, text)).transpose())??)
    }
    fn sealed_json(&mut self, place: Place<'_>) -> deserialize::Result<Option<Vec<u8>>> {
        let keys = self.2;
        let stored: Option<JsonText> = self.next()?;
        Ok(stored.map(|json| keys.open(place, json.0.trim_matches('"'))).transpose()?)
    }
    fn present(&mut self) -> deserialize::Result<bool> {
        Ok(!self.0.get(self.step()).ok_or(SHORT)?.is_null())
    }
}
impl<'a, R: Row<'a, Sqlite>> Cells for RowCells<'_, R, Sqlite> {
    fn next<T: Column>(&mut self) -> deserialize::Result<T> {
        let cell = self.0.get(self.step()).ok_or(SHORT)?;
        <T as FromSql<T::Sql, Sqlite>>::from_nullable_sql(cell.value())
    }
    fn text<T>(&mut self, f: impl FnOnce(Option<&str>) -> T) -> deserialize::Result<T> {
        let cell = self.0.get(self.step()).ok_or(SHORT)?;
        let mut value = cell.value();
        Ok(f(value.as_mut().map(|v| v.read_text())))
    }
    fn bytes<T>(&mut self, f: impl FnOnce(Option<&[u8]>) -> T) -> deserialize::Result<T> {
        let cell = self.0.get(self.step()).ok_or(SHORT)?;
        let mut value = cell.value();
        // diesel copies a text that is read as a blob, and looks twice through one that is read as a text.
        Ok(f(value.as_mut().map(|v| match v.value_type() {
            Some(SqliteType::Binary) => v.read_blob(),
            _ => v.read_text().as_bytes(),
        })))
    }
    fn json<T>(&mut self, f: impl FnOnce(Option<&[u8]>) -> T) -> deserialize::Result<T> {
        self.bytes(f)
    }
    fn sealed(&mut self, place: Place<'_>) -> deserialize::Result<Option<Vec<u8>>> {
        let keys = self.2;
        self.bytes(|bytes| {
            let text = bytes.map(std::str::from_utf8).transpose()?;
            Ok(text.map(|text| keys.open(place, text)).transpose()?)
        })?
    }
    fn sealed_json(&mut self, place: Place<'_>) -> deserialize::Result<Option<Vec<u8>>> {
        let keys = self.2;
        let stored: Option<JsonText> = self.next()?;
        Ok(stored.map(|json| keys.open(place, json.0.trim_matches('"'))).transpose()?)
    }
    fn present(&mut self) -> deserialize::Result<bool> {
        Ok(!self.0.get(self.step()).ok_or(SHORT)?.is_null())
    }
}

macro_rules! tuples {
    ($(($($t:ident),+))+) => {$(
        impl<$($t: Column + 'static),+> FromRow for ($($t,)+) {
            fn take(cells: &mut impl Cells) -> deserialize::Result<Self> {
                Ok(($(cells.next::<$t>()?,)+))
            }
        }
    )+};
}
tuples! { (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) (A, B, C, D, E, F) (A, B, C, D, E, F, G) }
