//! Rows as a CSV or XLSX file.
use super::Format;
use domain::exchange::{Cell, Column, Shown, Target, cell};
use encoding_rs::GB18030;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as Style, Workbook, Worksheet, XlsxError};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{Seek, SeekFrom};

/// Rows of a sheet at most.
const SHEET: u32 = 1_048_576;
/// Digits of a number that a spreadsheet keeps.
const DIGITS: usize = 15;

/// How texts are written in a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 with its mark, by which spreadsheet programs know it.
    Marked,
    /// GBK, as older programs in Chinese offices expect it.
    Gbk,
}

/// How an export is written.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// Whether the headers are Chinese; the names of the fields otherwise.
    pub titles: bool,
    /// Whether codes show their labels.
    pub labels: bool,
    /// The encoding of a CSV file.
    pub encoding: Encoding,
}
impl Default for Form {
    fn default() -> Self {
        Self { titles: true, labels: true, encoding: Encoding::Marked }
    }
}

/// The header of each column.
pub fn headers(columns: &[Column], form: Form) -> Vec<Shown> {
    let header = |c: &Column| if form.titles { c.title.clone() } else { c.name().to_owned() };
    columns.iter().map(|c| Shown::Text(header(c))).collect()
}

/// A record, as its reader sees it in JSON, as a row.
pub fn row(columns: &[Column], record: &Map<String, Value>, form: Form) -> Vec<Shown> {
    let external = |name: &str| record.get("external_ref").and_then(|e| e.get(name));
    let one = |column: &Column| {
        let value = match &column.target {
            Target::System => external("system"),
            Target::External => external("id"),
            _ => record.get(column.name()),
        };
        cell::show(value, &column.shape, form.labels)
    };
    columns.iter().map(one).collect()
}

/// A cell of a file as it came.
pub fn again(cell: &Cell) -> Shown {
    match cell {
        Cell::Empty => Shown::Empty,
        Cell::Number(number) => Shown::Number(format!("{number}")),
        Cell::Text(text) => {
            Shown::Text(cell::guarded(text.strip_prefix('\'').filter(|t| cell::guarded(t) != **t).unwrap_or(text)))
        }
        other => Shown::Text(other.text()),
    }
}

/// Rows as a piece of a CSV file; the mark stands before the first.
///
/// # Errors
/// None that is known: it is written to memory.
pub fn csv(rows: impl Iterator<Item = Vec<Shown>>, encoding: Encoding, first: bool) -> Result<Vec<u8>, String> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    for row in rows {
        let texts = row.iter().map(|cell| match cell {
            Shown::Empty => "",
            Shown::Text(text) | Shown::Number(text) => text.as_str(),
        });
        writer.write_record(texts).map_err(|e| e.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|e| e.to_string())?;
    Ok(match encoding {
        Encoding::Utf8 => bytes,
        Encoding::Marked if first => ["\u{feff}".as_bytes(), &bytes].concat(),
        Encoding::Marked => bytes,
        Encoding::Gbk => GB18030.encode(&String::from_utf8_lossy(&bytes)).0.into_owned(),
    })
}

/// A spreadsheet that is written row by row, and kept on disk until it is whole.
pub struct Sheets {
    book: Workbook,
    row: u32,
    sheets: u32,
    headers: Vec<Shown>,
}

impl Sheets {
    /// One with these headers.
    ///
    /// # Errors
    /// When nothing can be kept on disk.
    pub fn new(headers: Vec<Shown>) -> Result<Self, String> {
        let mut book = Workbook::new();
        // The same rows give the same file, whenever it is written.
        let never = ExcelDateTime::from_ymd(2000, 1, 1).map_err(|e| e.to_string())?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&never));
        Ok(Self { book, row: SHEET, sheets: 0, headers })
    }
    fn sheet(&mut self) -> Result<&mut Worksheet, XlsxError> {
        if self.row >= SHEET {
            let sheet = self.book.add_worksheet_with_constant_memory()?;
            sheet.set_freeze_panes(1, 0)?;
            put(sheet, 0, &self.headers)?;
            self.sheets += 1;
            self.row = 1;
        }
        self.book.worksheet_from_index(self.sheets.saturating_sub(1) as usize)
    }
    /// Adds a row.
    ///
    /// # Errors
    /// What cannot be in a spreadsheet, and when the disk is full.
    pub fn add(&mut self, row: &[Shown]) -> Result<(), String> {
        let at = if self.row >= SHEET { 1 } else { self.row };
        let sheet = self.sheet().map_err(|e| e.to_string())?;
        put(sheet, at, row).map_err(|e| e.to_string())?;
        self.row = at + 1;
        Ok(())
    }
    /// The whole file.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn finish(mut self) -> Result<File, String> {
        self.sheet().map_err(|e| e.to_string())?;
        let mut file = scratch().map_err(|e| e.to_string())?;
        self.book.save_to_writer(&mut file).map_err(|e| e.to_string())?;
        file.seek(SeekFrom::Start(0)).map_err(|e| e.to_string())?;
        Ok(file)
    }
}

fn put(sheet: &mut Worksheet, at: u32, row: &[Shown]) -> Result<(), XlsxError> {
    for (column, cell) in (0_u16..).zip(row) {
        match cell {
            Shown::Empty => {}
            Shown::Number(text) => match text.parse::<f64>() {
                Ok(number) if text.bytes().filter(u8::is_ascii_digit).count() <= DIGITS => {
                    sheet.write_number(at, column, number)?;
                }
                _ => {
                    sheet.write_string(at, column, text)?;
                }
            },
            Shown::Text(text) => {
                sheet.write_string(at, column, text)?;
            }
        }
    }
    Ok(())
}

/// A file that is nobody's but this process's and vanishes with it.
///
/// # Errors
/// When it cannot be made.
pub fn scratch() -> std::io::Result<File> {
    tempfile::tempfile()
}

/// A whole small file: headers and rows.
///
/// # Errors
/// As [`Sheets`].
pub fn whole(
    format: Format,
    headers: Vec<Shown>,
    rows: Vec<Vec<Shown>>,
    encoding: Encoding,
) -> Result<Vec<u8>, String> {
    match format {
        Format::Csv => csv(std::iter::once(headers).chain(rows), encoding, true),
        Format::Xlsx => {
            let mut sheets = Sheets::new(headers)?;
            rows.iter().try_for_each(|row| sheets.add(row))?;
            let mut bytes = vec![];
            std::io::copy(&mut sheets.finish()?, &mut bytes).map_err(|e| e.to_string())?;
            Ok(bytes)
        }
    }
}

/// A template: headers, all cells texts so that numbers keep their zeros, and a sheet that explains the columns.
///
/// # Errors
/// As [`Sheets`].
pub fn template(columns: &[Column], explained: &[Vec<String>]) -> Result<Vec<u8>, String> {
    let make = || {
        let mut book = Workbook::new();
        let text = Style::new().set_num_format("@");
        let sheet = book.add_worksheet();
        sheet.set_name("数据")?.set_freeze_panes(1, 0)?;
        for (at, column) in (0_u16..).zip(columns) {
            sheet.set_column_width(at, 16)?.set_column_format(at, &text)?;
            sheet.write_string(0, at, marked(column))?;
        }
        let sheet = book.add_worksheet();
        sheet.set_name("说明")?.set_freeze_panes(1, 0)?;
        let head = ["列名", "字段", "必填", "填写方法"].map(str::to_owned).to_vec();
        for (at, row) in (0_u32..).zip(std::iter::once(&head).chain(explained)) {
            for (column, text) in (0_u16..).zip(row) {
                sheet.write_string(at, column, text)?;
            }
        }
        let mut bytes = vec![];
        book.save_to_writer(&mut bytes)?;
        Ok::<_, XlsxError>(bytes)
    };
    make().map_err(|e| e.to_string())
}

/// A column's header with a star where it must be filled in.
pub fn marked(column: &Column) -> String {
    format!("{}{}", column.title, if column.required { "*" } else { "" })
}
