//! Where contents are kept: below a folder, or in a bucket. A content that is there is whole, for it comes by one
//! step that happens or does not; and it never changes, for its name is its hash.
//!
//! All of it blocks, and runs on threads that may.
use super::s3::Bucket;
use super::settings::{Place, Settings};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The store of contents.
pub enum Blobs {
    /// A folder.
    Folder(PathBuf),
    /// A bucket.
    Bucket(Box<Bucket>),
}

/// A content on its way out.
pub type Content = Box<dyn Read + Send>;

impl Blobs {
    /// The store of these settings.
    ///
    /// # Errors
    /// A text for the terminal.
    pub fn open(settings: &Settings) -> Result<Self, String> {
        let told = |e: io::Error| format!("{}: {e}", settings.incoming.display());
        fs::create_dir_all(&settings.incoming).map_err(told)?;
        Ok(match &settings.place {
            Place::Folder(folder) => Self::Folder(folder.clone()),
            Place::Bucket { endpoint, bucket, region } => {
                Self::Bucket(Box::new(Bucket::open(endpoint, bucket, region)?))
            }
        })
    }
    /// Where it is, for the terminal.
    pub fn place(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display().to_string(),
            Self::Bucket(bucket) => bucket.place(),
        }
    }
    /// Whether a content is there, and how long it is.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub fn length(&self, sha256: &str) -> io::Result<Option<u64>> {
        match self {
            Self::Folder(folder) => match fs::metadata(below(folder, sha256)) {
                Ok(meta) => Ok(Some(meta.len())),
                Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(e) => Err(e),
            },
            Self::Bucket(bucket) => bucket.length(&key(sha256)),
        }
    }
    /// Puts a verified content, which lies in a file of ours, into its place, durably; the file is gone then.
    ///
    /// # Errors
    /// When it is not there; it can be tried again.
    pub fn place_file(&self, sha256: &str, from: &Path) -> io::Result<()> {
        let file = File::open(from)?;
        let bytes = file.metadata()?.len();
        if self.length(sha256)? == Some(bytes) {
            return fs::remove_file(from);
        }
        match self {
            Self::Folder(folder) => {
                file.sync_all()?;
                let to = below(folder, sha256);
                let parents = [to.parent(), to.parent().and_then(Path::parent), Some(folder.as_path())];
                if let Some(inner) = to.parent() {
                    fs::create_dir_all(inner)?;
                }
                fs::rename(from, &to)?;
                // A name is durable when its folder is, and so is a new folder.
                parents.into_iter().flatten().try_for_each(|folder| File::open(folder)?.sync_all())
            }
            Self::Bucket(bucket) => {
                bucket.put(&key(sha256), file, bytes)?;
                fs::remove_file(from)
            }
        }
    }
    /// A content from a byte on, so many; nothing where it is not there.
    ///
    /// # Errors
    /// When it cannot be read now.
    pub fn content(&self, sha256: &str, from: u64, bytes: u64) -> io::Result<Option<Content>> {
        match self {
            Self::Folder(folder) => {
                let mut file = match File::open(below(folder, sha256)) {
                    Ok(file) => file,
                    Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
                    Err(e) => return Err(e),
                };
                file.seek(SeekFrom::Start(from))?;
                Ok(Some(Box::new(file.take(bytes))))
            }
            Self::Bucket(bucket) => bucket.content(&key(sha256), from, bytes),
        }
    }
    /// Removes a content, if it is there.
    ///
    /// # Errors
    /// When it is there still.
    pub fn remove(&self, sha256: &str) -> io::Result<()> {
        match self {
            Self::Folder(folder) => gone(fs::remove_file(below(folder, sha256))),
            Self::Bucket(bucket) => bucket.remove(&key(sha256)),
        }
    }
    /// The names of contents that have lain in the folder since before this instant. A bucket is not listed: what
    /// an upload that was cut short leaves there is found again by the next upload of it.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn older_than(&self, before: SystemTime) -> io::Result<Vec<String>> {
        let Self::Folder(folder) = self else { return Ok(vec![]) };
        let mut found = vec![];
        for outer in folders(folder)? {
            for inner in folders(&outer)? {
                for file in fs::read_dir(inner)? {
                    let file = file?;
                    let name = file.file_name().to_string_lossy().into_owned();
                    if super::Sha256Hex::parse(&name).is_some() && file.metadata()?.modified()? < before {
                        found.push(name);
                    }
                }
            }
        }
        Ok(found)
    }
}

/// The folders of two digits in a folder.
fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = vec![];
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().len() == 2 && entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// `9f/86/9f86…`: few enough in a folder for every file system.
fn key(sha256: &str) -> String {
    format!("{}/{}/{sha256}", sha256.get(..2).unwrap_or_default(), sha256.get(2..4).unwrap_or_default())
}
fn below(folder: &Path, sha256: &str) -> PathBuf {
    folder.join(key(sha256))
}
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
