//! Where files are kept and for how long. What signs requests to another store comes from the environment alone.
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Days after which a file that no record names is removed where nothing is said.
const DAYS: i64 = 30;

macro_rules! given {
    ($($(#[doc = $doc:literal])+ $name:ident: $t:ty, $env:literal, $long:literal;)+) => {
        /// What somebody has said of it: options, environment, or the table `files` of the file.
        #[derive(Debug, Clone, Default, Deserialize, clap::Args)]
        #[serde(deny_unknown_fields, default)]
        pub struct FileOptions {
            $($(#[doc = $doc])+ #[arg(long = $long, env = $env, global = true, hide_short_help = true)] pub $name: Option<$t>),+
        }
        impl FileOptions {
            /// Itself, and where it says nothing the other.
            pub fn or(&self, file: &Self) -> Self {
                Self { $($name: self.$name.clone().or_else(|| file.$name.clone())),+ }
            }
        }
    };
}
given! {
    /// Days after which a file that no record names is removed; 30 by default
    files_days: i64, "LAOGAN_FILES_DAYS", "files-days";
    /// Folder of the files; `files` in the data directory by default
    files_dir: PathBuf, "LAOGAN_FILES_DIR", "files-dir";
    /// Address of an S3-compatible store, which keeps the files instead of a folder
    files_s3_endpoint: String, "LAOGAN_FILES_S3_ENDPOINT", "files-s3-endpoint";
    /// Its bucket
    files_s3_bucket: String, "LAOGAN_FILES_S3_BUCKET", "files-s3-bucket";
    /// Its region; us-east-1 by default
    files_s3_region: String, "LAOGAN_FILES_S3_REGION", "files-s3-region";
}

/// Where files are kept and for how long.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Days for which one that no record names is kept.
    pub days: i64,
    /// The folder in which files come in.
    pub incoming: PathBuf,
    /// Where they are kept.
    pub place: Place,
}

/// Where files are kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket of an S3-compatible store.
    Bucket {
        /// Its address.
        endpoint: String,
        /// The bucket's name.
        bucket: String,
        /// Its region.
        region: String,
    },
}

impl Settings {
    /// Puts what was said and the defaults together.
    ///
    /// # Errors
    /// A text for the terminal that names the option.
    pub fn of(given: FileOptions, data_dir: &Path) -> Result<Self, String> {
        let days = given.files_days.unwrap_or(DAYS);
        if !(1..=36_500).contains(&days) {
            return Err(format!("--files-days {days}: at least 1"));
        }
        let folder = given.files_dir.unwrap_or_else(|| data_dir.join("files"));
        let place = match (given.files_s3_endpoint, given.files_s3_bucket) {
            (Some(endpoint), Some(bucket)) => {
                let region = given.files_s3_region.unwrap_or_else(|| "us-east-1".into());
                Place::Bucket { endpoint, bucket, region }
            }
            (None, None) => Place::Folder(folder.clone()),
            _ => return Err("--files-s3-endpoint and --files-s3-bucket: both or neither".into()),
        };
        Ok(Self { days, incoming: folder.join("incoming"), place })
    }
}
