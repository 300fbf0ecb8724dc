//! Helpers of [`resource_store!`](crate::resource_store) that infer a field's type from how it is reached.
use crate::error::Result;
use crate::query::{Condition, Cursor, Op};
use crate::shown::Object;
use crate::statement::Cells;
use crate::value::{Column, Value};
use diesel::deserialize;
use domain::{Classified, Mask};
use serde::{Serialize, de::DeserializeOwned};

/// Writes the field as a member of a JSON object.
///
/// # Errors
/// As [`Object::field`].
pub fn show<R, T: Column + Serialize>(
    _: fn(&R) -> &T,
    cells: &mut impl Cells,
    object: &mut Object<'_>,
    (field, name): (&'static str, &'static str),
) -> deserialize::Result<()> {
    object.field::<T>(cells, field, name)
}

/// How the field with this name is hidden.
pub const fn mask(classes: &[Classified], name: &str) -> Option<Mask> {
    let mut rest = classes;
    while let [first, others @ ..] = rest {
        if same(first.field.as_bytes(), name.as_bytes()) {
            return first.mask;
        }
        rest = others;
    }
    None
}
const fn same(mut a: &[u8], mut b: &[u8]) -> bool {
    while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b) {
        if *x != *y {
            return false;
        }
        (a, b) = (rest_a, rest_b);
    }
    a.is_empty() && b.is_empty()
}
/// Comparisons of the field's filter.
pub const fn ops<R, T: Column>(_: fn(&R) -> &T) -> &'static [Op] {
    T::OPS
}
/// What a condition asks of the field.
///
/// # Errors
/// As [`Column::asked`].
pub fn asked<R, T: Column>(_: fn(&R) -> &T, condition: &Condition) -> Result<Vec<(Op, Value<'static>)>> {
    T::asked(condition)
}
/// The field's value in a cursor.
///
/// # Errors
/// `Refused` where it is not one of the field.
pub fn after<R, T: Column + DeserializeOwned>(_: fn(&R) -> &T, cursor: &Cursor) -> Result<Value<'static>> {
    let value: T = cursor.value()?;
    Ok(value.value()?.into_owned())
}
