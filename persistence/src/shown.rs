//! Records from their rows straight to JSON, for readers: what is only passed on need not be understood.
//!
//! The text equals what serde writes for a [`domain::View`] of the record, field by field, without the record:
//! a text column is escaped, a JSON column copied, anything else read and written by its type. Reading a page
//! costs about half of what it does through records.
use crate::error::Result;
use crate::rows::{Cells, Visit};
use crate::sealed::Place;
use crate::select::sees;
use crate::store::{Store, take_meta};
use crate::value::{Column, Form};
use diesel::deserialize;
use domain::resource::instant_text;
use domain::{FieldClass, Mask, Meta, Scope, Uuid, Visibility};
use serde::Serialize;
use serde_json::Value as Json;
use std::io::Write;
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// JSON texts of records, one behind the other.
#[derive(Debug, Default)]
pub struct Shown {
    text: Vec<u8>,
    items: Vec<(Range<usize>, Meta)>,
}

impl Shown {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
    /// What was asked for before them, the texts, and the byte that was asked for behind each.
    pub fn into_text(self) -> Vec<u8> {
        self.text
    }
    /// Each record with its own text.
    pub fn into_items(self) -> Vec<Item> {
        let of = Arc::new(self.text);
        let item = |(range, meta)| Item { meta, text: Text { of: Arc::clone(&of), range } };
        self.items.into_iter().map(item).collect()
    }
    /// Removes what is beyond the first `n`.
    pub fn truncate(&mut self, n: usize) {
        if let Some((range, _)) = self.items.get(n) {
            self.text.truncate(range.start);
            self.items.truncate(n);
        }
    }
    /// What the server keeps about the last one.
    pub fn last(&self) -> Option<&Meta> {
        self.items.last().map(|(_, meta)| meta)
    }
    /// The last one's member of this name.
    pub(crate) fn of_last(&self, name: &str) -> Result<Json> {
        let text = self.items.last().and_then(|(range, _)| self.text.get(range.clone())).unwrap_or_default();
        let mut item: Json = serde_json::from_slice(text).map_err(crate::Error::internal)?;
        Ok(item.get_mut(name).map(Json::take).unwrap_or_default())
    }
}

/// One record of them.
#[derive(Debug)]
pub struct Item {
    /// What the server keeps about it.
    pub meta: Meta,
    /// Its JSON.
    pub text: Text,
}

/// The text of one record of many; where it lies, not a copy.
#[derive(Debug, Clone)]
pub struct Text {
    of: Arc<Vec<u8>>,
    range: Range<usize>,
}
impl Deref for Text {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.of.get(self.range.clone()).unwrap_or_default()
    }
}

/// How records stand in a text.
#[derive(Debug, Clone, Copy)]
pub struct Framing {
    /// What stands before them.
    pub before: &'static [u8],
    /// What stands behind each.
    pub behind: &'static [u8],
}

impl Framing {
    /// One text behind the other.
    pub const NONE: Self = Self { before: b"", behind: b"" };
    /// One record a line.
    pub const LINES: Self = Self { before: b"", behind: b"\n" };
}

/// Usual size of a record's text, so that a page grows without being moved again and again.
const USUAL: usize = 1100;

/// Writes rows of `R` as JSON.
pub struct Writer<'s, R> {
    shown: Shown,
    scope: &'s Scope,
    behind: &'static [u8],
    /// The highest class of fields the reader sees.
    sight: FieldClass,
    resource: PhantomData<R>,
}

impl<'s, R: Store> Writer<'s, R> {
    /// A writer for a reader; `most` items are expected.
    pub fn new(scope: &'s Scope, sight: FieldClass, framing: Framing, most: usize) -> Self {
        let mut text = Vec::with_capacity(most * USUAL + 256);
        text.extend_from_slice(framing.before);
        let shown = Shown { text, items: Vec::with_capacity(most) };
        Self { shown, scope, behind: framing.behind, sight, resource: PhantomData }
    }
    /// What was written.
    pub fn finish(self) -> Shown {
        self.shown
    }
}

impl<R: Store> Visit for Writer<'_, R> {
    fn row(&mut self, cells: &mut impl Cells) -> deserialize::Result<()> {
        let meta = take_meta(cells)?;
        // The condition of a list says the same; a record that is asked for by its id has only this one. Who asks
        // for a shared record by its id has asked before whether it is seen.
        let shared = matches!(R::VISIBILITY, Visibility::Shared(_));
        if !shared && !sees(R::VISIBILITY, self.scope, &meta.division_code, None) {
            return Ok(());
        }
        let begin = self.shown.text.len();
        let mut object = Object {
            out: &mut self.shown.text,
            of: R::PATH,
            id: meta.id,
            sight: self.sight,
            masks: R::MASKS.iter(),
            masked: vec![],
        };
        object.meta(&meta)?;
        R::show(cells, &mut object)?;
        object.end()?;
        self.shown.items.push((begin..self.shown.text.len(), meta));
        self.shown.text.extend_from_slice(self.behind);
        Ok(())
    }
}

/// One record's JSON object while it is written.
pub struct Object<'o> {
    out: &'o mut Vec<u8>,
    of: &'static str,
    id: Uuid,
    sight: FieldClass,
    /// How each field is hidden, and from whom, in the order of the columns.
    masks: std::slice::Iter<'static, Option<(FieldClass, Mask)>>,
    masked: Vec<&'static str>,
}

impl Object<'_> {
    fn meta(&mut self, meta: &Meta) -> deserialize::Result<()> {
        let mut id = [0; 36];
        self.out.extend_from_slice(b"{\"id\":\"");
        self.out.extend_from_slice(meta.id.hyphenated().encode_lower(&mut id).as_bytes());
        self.out.extend_from_slice(b"\",\"division_code\":\"");
        self.out.extend_from_slice(meta.division_code.as_str().as_bytes());
        write!(self.out, "\",\"version\":{}", meta.version)?;
        for (name, at) in [(",\"created_at\":\"", meta.created_at), (",\"updated_at\":\"", meta.updated_at)] {
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(&instant_text(&at));
            self.out.push(b'"');
        }
        if let Some(external) = &meta.external_ref {
            self.out.extend_from_slice(b",\"external_ref\":");
            serde_json::to_writer(&mut *self.out, external)?;
        }
        Ok(())
    }

    /// The next field. `name` is the member's name as JSON, with the comma before and the colon behind it.
    ///
    /// # Errors
    /// When the cell does not hold a `T`.
    pub fn field<T: Column + Serialize>(
        &mut self,
        cells: &mut impl Cells,
        (field, name, sealed): (&'static str, &'static str, bool),
    ) -> deserialize::Result<()> {
        let mask = self.masks.next().copied().flatten();
        let mask = mask.filter(|(class, _)| *class > self.sight).map(|(_, mask)| mask);
        let begin = self.out.len();
        self.out.extend_from_slice(name.as_bytes());
        // Only what is written by its type is compiled for each type.
        let written = match (T::FORM, mask) {
            // What shows nothing of the value needs not know it.
            (_, Some(Mask::Drop)) | (Form::Json, Some(_)) => {
                self.hidden(cells.present()?, field);
                false
            }
            (Form::Text, Some(Mask::All)) => {
                let there = cells.present()?;
                self.hidden(there, field);
                there && self.mask(Mask::All, Some(""))?
            }
            (_, mask) if sealed => self.sealed(cells, field, mask)?,
            (Form::Text, mask) => self.text(cells, field, mask)?,
            (Form::Json, None) => self.json(cells)?,
            (Form::Own, mask) => self.own::<T>(cells, field, mask)?,
        };
        if !written {
            self.out.truncate(begin);
        }
        Ok(())
    }

    /// A text that is a string; whether there is something to show.
    #[inline(never)]
    fn text(&mut self, cells: &mut impl Cells, field: &'static str, mask: Option<Mask>) -> deserialize::Result<bool> {
        cells.bytes(|text| -> deserialize::Result<bool> {
            let Some(text) = text else { return Ok(false) };
            let Some(mask) = mask else {
                quoted(self.out, text)?;
                return Ok(true);
            };
            self.hidden(true, field);
            Ok(self.mask(mask, Some(std::str::from_utf8(text)?))?)
        })?
    }
    /// JSON as it is stored.
    #[inline(never)]
    fn json(&mut self, cells: &mut impl Cells) -> deserialize::Result<bool> {
        cells.json(|json| {
            self.out.extend_from_slice(json.unwrap_or_default());
            json.is_some()
        })
    }
    /// JSON that is stored sealed.
    #[inline(never)]
    fn sealed(&mut self, cells: &mut impl Cells, field: &'static str, mask: Option<Mask>) -> deserialize::Result<bool> {
        let Some(json) = cells.sealed(Place { of: self.of, field, id: self.id.as_bytes() })? else { return Ok(false) };
        let Some(mask) = mask else {
            self.out.extend_from_slice(&json);
            return Ok(true);
        };
        self.hidden(true, field);
        // Nearly all are strings without escapes, which need no copy.
        if let Ok(text) = serde_json::from_slice::<&str>(&json) {
            return Ok(self.mask(mask, Some(text))?);
        }
        let value: Json = serde_json::from_slice(&json)?;
        Ok(self.mask(mask, value.as_str())?)
    }
    /// What its type writes.
    #[inline(never)]
    fn own<T: Column + Serialize>(
        &mut self,
        cells: &mut impl Cells,
        field: &'static str,
        mask: Option<Mask>,
    ) -> deserialize::Result<bool> {
        let value: T = cells.next()?;
        let Some(mask) = mask else {
            serde_json::to_writer(&mut *self.out, &value)?;
            return Ok(!self.out.ends_with(b":null"));
        };
        let value = serde_json::to_value(value)?;
        self.hidden(!value.is_null(), field);
        Ok(self.mask(mask, value.as_str())?)
    }

    /// Notes a field that has a value the reader does not see.
    fn hidden(&mut self, there: bool, field: &'static str) {
        if there {
            self.masked.push(field);
        }
    }
    /// Writes what is shown instead of a text; whether there is something.
    fn mask(&mut self, mask: Mask, text: Option<&str>) -> serde_json::Result<bool> {
        match text.and_then(|text| mask.hide(text)) {
            Some(text) => quoted(self.out, text.as_bytes()).map(|()| true),
            None => Ok(false),
        }
    }

    fn end(self) -> deserialize::Result<()> {
        if !self.masked.is_empty() {
            self.out.extend_from_slice(b",\"masked\":");
            serde_json::to_writer(&mut *self.out, &self.masked)?;
        }
        self.out.push(b'}');
        Ok(())
    }
}

/// A JSON string. Nearly all texts need no escapes, and that is seen faster than it is done.
fn quoted(out: &mut Vec<u8>, text: &[u8]) -> serde_json::Result<()> {
    if text.iter().fold(false, |odd, b| odd | (*b < 0x20) | (*b == b'"') | (*b == b'\\')) {
        return serde_json::to_writer(out, &String::from_utf8_lossy(text));
    }
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_quoted_as_serde_quotes_it() {
        for text in ["", "孔令文", "a\"b", "a\\b", "a\nb\u{0}\u{1f}\u{7f}", "高血压\u{2028}😀"] {
            let mut out = vec![];
            quoted(&mut out, text.as_bytes()).unwrap();
            assert_eq!(out, serde_json::to_vec(text).unwrap(), "{text:?}");
        }
    }
}
