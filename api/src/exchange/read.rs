//! CSV and XLSX files, row by row. A file is never in memory as a whole, however large it is or pretends to be.
use super::Format;
use calamine::{Data, DataRef, Reader, Xlsx};
use domain::NaiveDate;
use domain::exchange::Cell;
use domain::exchange::columns::EXPLAINED;
use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, UTF_8};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// Columns of a file at most.
const COLUMNS: usize = 500;
/// Bytes of a spreadsheet that are held in memory at most: its texts and styles, unpacked.
const HELD: u64 = 96 * 1024 * 1024;
/// Bytes of all of it, unpacked.
const UNPACKED: u64 = 2 * 1024 * 1024 * 1024;

/// Why a file cannot be read.
#[derive(Debug)]
pub struct Unreadable(pub String);

impl<E: std::fmt::Display> From<E> for Unreadable {
    fn from(cause: E) -> Self {
        Self(cause.to_string())
    }
}

/// Shows each row that has something in it to a visitor, with its number in the file, until it has enough. The first
/// is the one with the headers; a row of explanations behind it is left out.
///
/// # Errors
/// When the file is not of its form.
pub fn rows(file: &File, format: Format, visit: &mut dyn FnMut(u64, Vec<Cell>) -> bool) -> Result<(), Unreadable> {
    let mut seen = 0_u64;
    let mut each = |number: u64, cells: Vec<Cell>| {
        if cells.iter().all(Cell::is_empty) {
            return true;
        }
        seen += 1;
        let explains = |cell: &Cell| matches!(cell, Cell::Text(text) if text.starts_with(EXPLAINED));
        if seen == 2 && cells.first().is_some_and(explains) {
            return true;
        }
        visit(number, cells)
    };
    match format {
        Format::Csv => csv(file, &mut each),
        Format::Xlsx => xlsx(file, &mut each),
    }
}

/// How many rows of records a file has.
///
/// # Errors
/// As [`rows`].
pub fn count(file: &File, format: Format) -> Result<i64, Unreadable> {
    let mut all = 0_i64;
    rows(file, format, &mut |_, _| {
        all += 1;
        true
    })?;
    Ok((all - 1).max(0))
}

fn csv(file: &File, visit: &mut dyn FnMut(u64, Vec<Cell>) -> bool) -> Result<(), Unreadable> {
    let mut file = file;
    let encoding = encoding(file)?;
    file.seek(SeekFrom::Start(0))?;
    let mut head = vec![0; 4096];
    let n = file.read(&mut head)?;
    let line = head.get(..n).unwrap_or_default().split(|b| *b == b'\n').next().unwrap_or_default();
    let delimiter = if line.contains(&b'\t') && !line.contains(&b',') { b'\t' } else { b',' };
    file.seek(SeekFrom::Start(0))?;
    let text = Decoded::new(file, encoding);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
    let (mut record, mut number) = (csv::StringRecord::new(), 0);
    while reader.read_record(&mut record)? {
        number += 1;
        let cell = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) };
        if !visit(number, record.iter().take(COLUMNS).map(cell).collect()) {
            break;
        }
    }
    Ok(())
}

/// UTF-8, with or without its mark, or else what Chinese offices save.
fn encoding(mut file: &File) -> Result<&'static Encoding, Unreadable> {
    file.seek(SeekFrom::Start(0))?;
    let mut buffer = vec![0; 64 * 1024];
    let (mut kept, mut first) = (0, true);
    loop {
        let n = file.read(buffer.get_mut(kept..).unwrap_or_default())?;
        let bytes = buffer.get(..kept + n).unwrap_or_default();
        if first && let Some((encoding, _)) = Encoding::for_bom(bytes) {
            return Ok(encoding);
        }
        first = false;
        let left = match std::str::from_utf8(bytes) {
            Ok(_) => 0,
            // A character that the next part has the rest of.
            Err(e) if e.error_len().is_none() && n > 0 => bytes.len() - e.valid_up_to(),
            Err(_) => return Ok(GB18030),
        };
        if n == 0 {
            return Ok(UTF_8);
        }
        let end = kept + n;
        buffer.copy_within(end - left..end, 0);
        kept = left;
    }
}

/// A file as UTF-8.
struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    from: usize,
    to: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, decoder, raw: vec![0; 16 * 1024], from: 0, to: 0, ended: false }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if self.from == self.to && !self.ended {
                self.from = 0;
                self.to = self.inner.read(&mut self.raw)?;
                self.ended = self.to == 0;
            }
            let raw = self.raw.get(self.from..self.to).unwrap_or_default();
            let (result, read, written, bad) = self.decoder.decode_to_utf8(raw, out, self.ended);
            self.from += read;
            if bad {
                return Err(std::io::Error::other("neither UTF-8 nor GB18030"));
            }
            if written > 0 || (self.ended && result == CoderResult::InputEmpty) {
                return Ok(written);
            }
            if result == CoderResult::OutputFull {
                return Err(std::io::Error::other("no room for a character"));
            }
        }
    }
}

fn xlsx(file: &File, visit: &mut dyn FnMut(u64, Vec<Cell>) -> bool) -> Result<(), Unreadable> {
    bounded(file)?;
    let mut own = file.try_clone()?;
    own.seek(SeekFrom::Start(0))?;
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(own))?;
    let sheet = book.sheet_names().first().cloned().ok_or_else(|| Unreadable("no sheet in it".into()))?;
    let mut cells = book.worksheet_cells_reader(&sheet)?;
    let mut row: Option<(u32, Vec<Cell>)> = None;
    while let Some(cell) = cells.next_cell()? {
        let (number, column) = cell.get_position();
        if row.as_ref().is_none_or(|(current, _)| *current != number)
            && let Some((before, done)) = row.replace((number, vec![]))
            && !visit(u64::from(before) + 1, done)
        {
            return Ok(());
        }
        let Some((_, current)) = &mut row else { continue };
        let column = column as usize;
        if column >= COLUMNS {
            continue;
        }
        while current.len() <= column {
            current.push(Cell::Empty);
        }
        if let Some(place) = current.get_mut(column) {
            *place = value(cell.get_value());
        }
    }
    if let Some((number, last)) = row {
        visit(u64::from(number) + 1, last);
    }
    Ok(())
}

fn value(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(n) => Cell::Number(*n as f64),
        DataRef::Float(n) => Cell::Number(*n),
        DataRef::Bool(flag) => Cell::Flag(*flag),
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::DateTime(at) if at.is_datetime() => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            let date = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day));
            date.map_or(Cell::Number(at.as_f64()), Cell::Day)
        }
        DataRef::DateTime(at) => Cell::Number(at.as_f64()),
        other => Cell::Text(Data::from(other.clone()).to_string()),
    }
}

/// Unpacks it once into nothing: a small file that unpacks to a large one is refused before anything of it is kept.
fn bounded(file: &File) -> Result<(), Unreadable> {
    let mut own = file.try_clone()?;
    own.seek(SeekFrom::Start(0))?;
    let mut parts = zip::ZipArchive::new(BufReader::new(own))?;
    let (mut held, mut all) = (0, 0);
    for i in 0..parts.len() {
        let part = parts.by_index(i)?;
        let streamed = part.name()?.contains("worksheets/");
        let size = std::io::copy(&mut part.take(UNPACKED + 1), &mut std::io::sink())?;
        all += size;
        held += if streamed { 0 } else { size };
        if held > HELD || all > UNPACKED {
            return Err(Unreadable("it unpacks to more than is taken".into()));
        }
    }
    Ok(())
}
