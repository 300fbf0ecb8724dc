//! Files as offices make them.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

/// A cell of a spreadsheet that is made here.
#[derive(Clone)]
pub enum At {
    Text(String),
    Number(f64),
    Day(u16, u8, u8),
}
impl From<&str> for At {
    fn from(text: &str) -> Self {
        At::Text(text.into())
    }
}
impl From<String> for At {
    fn from(text: String) -> Self {
        At::Text(text)
    }
}
impl From<f64> for At {
    fn from(number: f64) -> Self {
        At::Number(number)
    }
}

pub fn csv<S: AsRef<str>>(rows: &[Vec<S>]) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(vec![]);
    rows.iter().for_each(|row| writer.write_record(row.iter().map(S::as_ref)).expect("a row"));
    String::from_utf8(writer.into_inner().expect("all rows")).expect("texts")
}

pub fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

pub fn xlsx(rows: &[Vec<At>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let day = Format::new().set_num_format("yyyy/m/d");
    let sheet = book.add_worksheet();
    for (r, row) in rows.iter().enumerate() {
        for (c, cell) in row.iter().enumerate() {
            let (r, c) = (r as u32, c as u16);
            match cell {
                At::Text(text) if text.is_empty() => continue,
                At::Text(text) => sheet.write_string(r, c, text).expect("a text"),
                At::Number(number) => sheet.write_number(r, c, *number).expect("a number"),
                At::Day(y, m, d) => {
                    let date = ExcelDateTime::from_ymd(*y, *m, *d).expect("a date");
                    sheet.write_datetime_with_format(r, c, &date, &day).expect("a date")
                }
            };
        }
    }
    book.save_to_buffer().expect("a spreadsheet")
}

/// The cells of the first sheet, as texts.
pub fn read_xlsx(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).expect("a spreadsheet");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("its cells");
    range.rows().map(|row| row.iter().map(|cell: &Data| cell.to_string()).collect()).collect()
}

/// The cells of a CSV file in UTF-8, with or without its mark.
pub fn read_csv(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    reader.records().map(|r| r.expect("a row").iter().map(str::to_owned).collect()).collect()
}
