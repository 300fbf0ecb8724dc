//! Helpers of [`resource_store!`](crate::resource_store) that infer a field's type from how it is reached.
use crate::error::{Error, Result};
use crate::query::{Condition, Cursor, Op};
use crate::rows::Cells;
use crate::sealed::{Keyring, Place, Sealing};
use crate::shown::Object;
use crate::value::{Column, Form, Value};
use diesel::deserialize;
use domain::{Classified, FieldClass, Mask, Uuid};
use serde::{Serialize, de::DeserializeOwned};

/// Writes the field as a member of a JSON object.
///
/// # Errors
/// As [`Object::field`].
pub fn show<R, T: Column + Serialize>(
    _: fn(&R) -> &T,
    cells: &mut impl Cells,
    object: &mut Object<'_>,
    (field, name, sealed): (&'static str, &'static str, bool),
) -> deserialize::Result<()> {
    object.field::<T>(cells, (field, name, sealed))
}

/// How a statement names the field's column to SQLite where it is passed on: plain, or as a blob, which diesel hands
/// over where it lies. A text it would copy, or look through.
pub const fn passed<R, T: Column>(
    _: fn(&R) -> &T,
    (plain, blob): (&'static str, &'static str),
    sealed: bool,
) -> &'static str {
    if sealed || !matches!(T::FORM, Form::Own) { blob } else { plain }
}

/// The length of texts together.
pub const fn length(texts: &[&str]) -> usize {
    let (mut rest, mut length) = (texts, 0);
    while let [first, others @ ..] = rest {
        length += first.len();
        rest = others;
    }
    length
}
/// Texts one behind the other, in their [`length`].
pub const fn joined<const N: usize>(texts: &[&str]) -> [u8; N] {
    let mut all = [0; N];
    let (mut rest, mut free): (&[&str], &mut [u8]) = (texts, &mut all);
    while let [first, others @ ..] = rest {
        let (place, behind) = free.split_at_mut(first.len());
        place.copy_from_slice(first.as_bytes());
        (rest, free) = (others, behind);
    }
    all
}
/// Joined texts as a text.
pub const fn text(joined: &'static [u8]) -> &'static str {
    match std::str::from_utf8(joined) {
        Ok(text) => text,
        Err(_) => unreachable!(),
    }
}

/// The field's value as it is stored: sealed where it must be.
///
/// # Errors
/// As [`Column::value`] and [`crate::sealed::Keyring::seal`].
pub fn value<'v, T: Column + Serialize>(
    value: &'v T,
    (field, sealed, indexed): (&'static str, bool, bool),
    sealing: &mut Sealing<'_>,
) -> Result<Value<'v>> {
    if !sealed {
        return value.value();
    }
    let json = serde_json::to_vec(value).map_err(Error::internal)?;
    let held = json != b"null";
    if indexed {
        let index = held.then(|| sealing.keys.index(sealing.of, field, &json)).transpose()?;
        sealing.indexes.push(Value::Text(index.map(Into::into)));
    }
    let sealed = held.then(|| sealing.keys.seal(sealing.place(field), &json)).transpose()?;
    Ok(Value::Text(sealed.map(Into::into)))
}

/// The field's value in clear, for what is found by it.
///
/// # Errors
/// As [`Column::value`].
pub fn plain<T: Column>(value: &T) -> Result<Value<'_>> {
    value.value()
}

/// The field's value from how it is stored.
///
/// # Errors
/// When the cell does not hold what it should.
pub fn take<T: Column + DeserializeOwned>(
    cells: &mut impl Cells,
    (of, field, sealed): (&'static str, &'static str, bool),
    id: Uuid,
) -> deserialize::Result<T> {
    if !sealed {
        return cells.next();
    }
    let json = cells.sealed(Place { of, field, id: id.as_bytes() })?;
    Ok(serde_json::from_slice(json.as_deref().unwrap_or(b"null"))?)
}

/// The class of the field with this name, and how it is hidden.
pub const fn hidden(classes: &[Classified], name: &str) -> Option<(FieldClass, Mask)> {
    match find(classes, name) {
        Some(Classified { class, mask: Some(mask), .. }) => Some((*class, *mask)),
        _ => None,
    }
}
/// The column of the blind index of the field with this name.
pub const fn index(classes: &[Classified], name: &str) -> Option<&'static str> {
    match find(classes, name) {
        Some(Classified { index, .. }) => *index,
        None => None,
    }
}
/// Whether the field with this name is stored sealed.
pub const fn is_sealed(classes: &[Classified], name: &str) -> bool {
    matches!(find(classes, name), Some(Classified { class: FieldClass::Sensitive, .. }))
}
const fn find<'c>(classes: &'c [Classified], name: &str) -> Option<&'c Classified> {
    let mut rest = classes;
    while let [first, others @ ..] = rest {
        if same(first.field.as_bytes(), name.as_bytes()) {
            return Some(first);
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
/// Comparisons of the field's filter. A blind index knows only equality.
pub const fn ops<R, T: Column>(_: fn(&R) -> &T, sealed: bool) -> &'static [Op] {
    if sealed { Op::EQ } else { T::OPS }
}
/// What a condition asks of the field; of a sealed one, of its blind index.
///
/// # Errors
/// As [`Column::asked`].
pub fn asked<R, T: Column + Serialize + DeserializeOwned>(
    _: fn(&R) -> &T,
    condition: &Condition,
    (of, field, sealed): (&'static str, &'static str, bool),
    keys: &Keyring,
) -> Result<Vec<(Op, Value<'static>)>> {
    if !sealed {
        return T::asked(condition);
    }
    let json = serde_json::to_vec(&condition.value::<T>()?).map_err(Error::internal)?;
    Ok(vec![(Op::Eq, keys.index(of, field, &json)?.into())])
}
/// The field's value in a cursor.
///
/// # Errors
/// `Refused` where it is not one of the field.
pub fn after<R, T: Column + DeserializeOwned>(_: fn(&R) -> &T, cursor: &Cursor) -> Result<Value<'static>> {
    let value: T = cursor.value()?;
    Ok(value.value()?.into_owned())
}
