//! Files of records: brought in, handed out, and templates to fill in. All of it is generic: what a resource's file
//! looks like follows from its schema ([`domain::exchange`]).
//!
//! * [`read`]: CSV and XLSX, row by row, at constant memory. [`write`]: the same the other way.
//! * [`upload`]: a file comes and becomes a job. [`work`]: the job is done. [`report`]: what became of it.
//! * [`export`], [`template`]: files that go out. [`command`]: the same on the command line.
pub mod command;
pub mod export;
pub mod read;
pub mod report;
mod routes;
pub mod template;
pub mod upload;
pub mod work;
pub mod write;

pub use routes::{files, routes};

use serde::{Deserialize, Serialize};

/// The forms of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Texts with commas between them.
    Csv,
    /// A spreadsheet.
    Xlsx,
}

/// The media type of a spreadsheet.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The media type of a CSV file.
pub const CSV: &str = "text/csv";

impl Format {
    /// The form with this name, which is also the ending of its files.
    pub fn parse(name: &str) -> Option<Self> {
        [Format::Csv, Format::Xlsx].into_iter().find(|f| f.as_str() == name)
    }
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        }
    }
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Csv => CSV,
            Format::Xlsx => XLSX,
        }
    }
}
