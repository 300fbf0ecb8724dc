//! Where contents come in. A whole one comes in a file of its own; one that comes in parts in a file of the uploader's,
//! which grows, is there after a restart, and is locked by whoever adds to it: two requests, be it to two servers on one
//! data directory, never write into each other.
use super::{Sha256Hex, blocking};
use crate::error::{ApiError, Result};
use crate::limits::slow::Steady;
use actix_web::dev::Payload;
use bytes::BytesMut;
use domain::{Problem, Uuid};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes gathered before they are written.
const GATHERED: usize = 256 * 1024;

/// A content that is coming in.
pub struct Incoming {
    path: PathBuf,
    file: File,
    /// How much is there.
    pub bytes: u64,
    /// Whether it stays when it is not complete.
    lasting: bool,
}

impl Incoming {
    /// A file for a content that comes in one request.
    ///
    /// # Errors
    /// `unavailable`
    pub async fn whole(folder: &Path) -> Result<Self> {
        let path = folder.join(format!("{}.whole", Uuid::now_v7().simple()));
        blocking(move || Ok(Self { file: private(&path, true)?, path, bytes: 0, lasting: false })).await
    }
    /// The file of an uploader's parts, made if it is not there.
    ///
    /// # Errors
    /// `upload_busy` while another request adds to it; `unavailable`
    pub async fn parts(folder: &Path, sha256: &Sha256Hex, uploader: Uuid) -> Result<Self> {
        let path = parts_path(folder, sha256, uploader);
        let opened = blocking(move || {
            loop {
                let file = private(&path, false)?;
                match file.try_lock() {
                    Ok(()) => {}
                    Err(TryLockError::WouldBlock) => return Ok(None),
                    Err(TryLockError::Error(e)) => return Err(e),
                }
                // Who had it before may have given it another name meanwhile.
                if is_at(&file, &path) {
                    let bytes = file.metadata()?.len();
                    return Ok(Some(Self { path, file, bytes, lasting: true }));
                }
            }
        });
        opened.await?.ok_or_else(|| ApiError::new(Problem::UploadBusy))
    }
    /// Adds what comes, without its first bytes; as much of it as came stays, whatever happens then.
    ///
    /// # Errors
    /// `payload_too_large` beyond the limit, `request_timeout`, `unavailable`.
    pub async fn add(&mut self, body: &mut Steady<Payload>, mut skip: u64, limit: u64) -> Result<()> {
        let mut gathered = BytesMut::with_capacity(GATHERED);
        loop {
            let next = body.next().await;
            if let Ok(Some(chunk)) = &next {
                let known = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
                skip -= known as u64;
                gathered.extend_from_slice(chunk.get(known..).unwrap_or_default());
                if self.bytes + gathered.len() as u64 > limit {
                    return Err(ApiError::new(Problem::PayloadTooLarge));
                }
            }
            let last = !matches!(next, Ok(Some(_)));
            if gathered.len() >= GATHERED || last && !gathered.is_empty() {
                let (mut file, at) = (self.file.try_clone().map_err(|e| super::unable(&e))?, self.bytes);
                let written = gathered.split();
                self.bytes += written.len() as u64;
                blocking(move || {
                    file.seek(SeekFrom::Start(at))?;
                    file.write_all(&written)
                })
                .await?;
            }
            if last {
                return next.map(drop);
            }
        }
    }
    /// The hash of what is there.
    ///
    /// # Errors
    /// `unavailable`
    pub async fn hash(&self) -> Result<String> {
        let mut file = self.file.try_clone().map_err(|e| super::unable(&e))?;
        blocking(move || hash_of(&mut file)).await
    }
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// It is of no use any more.
    pub fn discard(mut self) {
        self.lasting = false;
    }
}
impl Drop for Incoming {
    fn drop(&mut self) {
        // Where it was put into its place it is not there any more, and whoever has begun anew has another one there.
        if !self.lasting && is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The SHA-256 of what a reader gives, from its beginning.
///
/// # Errors
/// When it cannot be read.
pub fn hash_of(file: &mut (impl Read + Seek)) -> io::Result<String> {
    file.seek(SeekFrom::Start(0))?;
    digest_of(file)
}

/// The SHA-256 of what a reader gives.
///
/// # Errors
/// When it cannot be read.
pub fn digest_of(reader: &mut impl Read) -> io::Result<String> {
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; GATHERED]);
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(domain::hex(&hasher.finalize())),
            n => hasher.update(buffer.get(..n).unwrap_or_default()),
        }
    }
}

/// How much of an uploader's parts is there.
///
/// # Errors
/// `unavailable`
pub async fn received(folder: &Path, sha256: &Sha256Hex, uploader: Uuid) -> Result<u64> {
    let path = parts_path(folder, sha256, uploader);
    blocking(move || match fs::metadata(path) {
        Ok(meta) => Ok(meta.len()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(e) => Err(e),
    })
    .await
}

/// Removes what nobody has added to since before this instant; says how many.
///
/// # Errors
/// When the folder cannot be read.
pub fn clear(folder: &Path, before: std::time::SystemTime) -> io::Result<usize> {
    let mut cleared = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at < before) {
            fs::remove_file(entry.path())?;
            cleared += 1;
        }
    }
    Ok(cleared)
}

fn parts_path(folder: &Path, sha256: &Sha256Hex, uploader: Uuid) -> PathBuf {
    folder.join(format!("{}.{}.parts", sha256.as_str(), uploader.simple()))
}

/// A file that only its owner can read.
fn private(path: &Path, new: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(new).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Whether the file is the one that has this name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |meta: fs::Metadata| (meta.dev(), meta.ino());
    file.metadata().map(id).ok().zip(fs::metadata(path).map(id).ok()).is_some_and(|(a, b)| a == b)
}
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
