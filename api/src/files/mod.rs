//! Files by the hash of their content: uploaded once, named by records, fetched by whoever sees such a record.
//!
//! * [`kind`]: what a file is, by its content, and which kinds are taken.
//! * [`blobs`]: where contents are kept, on disk or in [`s3`]. [`staging`]: where they come in, a part at a time.
//! * [`upload`], [`fetch`]: the handlers; [`routes`] mounts and documents them.
//! * [`gc`]: what nobody names is removed. [`command`]: the same from the command line.
pub mod blobs;
pub mod command;
pub mod fetch;
pub mod gc;
pub mod kind;
pub mod routes;
pub mod s3;
pub mod settings;
pub mod staging;
pub mod upload;

use crate::error::{ApiError, Result};
use crate::extract::{Guarded, SignedIn};
use domain::policy::Action;
use domain::{Module, Problem};
use persistence::files::{File, Viewer};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What a permit for files is for: the scopes `files:read` and `files:create`.
pub struct Files;
impl Guarded for Files {
    const NAME: &'static str = "files";
    const AREA: Module = Module::Files;
}

/// The SHA-256 of a content in lower-case hexadecimal, as it stands in a path. What has another form is nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sha256Hex(String);
impl Sha256Hex {
    /// A text of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let good = text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        good.then(|| Self(text.to_owned()))
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl<'de> Deserialize<'de> for Sha256Hex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a SHA-256"))
    }
}

/// A file.
#[derive(Serialize, ToSchema)]
#[schema(as = FileInfo)]
pub struct FileView {
    /// The SHA-256 of its content, which is its name.
    #[schema(max_length = 64, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
    /// Its length.
    #[schema(minimum = 1)]
    bytes: i64,
    /// What it is, by its content.
    #[schema(max_length = 100, example = "application/pdf")]
    media_type: String,
}
impl From<File> for FileView {
    fn from(file: File) -> Self {
        Self { sha256: file.sha256, bytes: file.bytes, media_type: file.media_type }
    }
}

/// The file, if it is there and the caller may fetch it.
async fn seen(caller: &SignedIn, sha256: &Sha256Hex) -> Result<Option<File>> {
    let (who, sha256) = (Arc::clone(&caller.identity), sha256.clone());
    let read = move |conn: &mut persistence::Conn| {
        let client = who.client();
        let reads = |kind: &persistence::registry::Kind| who.may(kind.path, kind.module, Action::Read);
        let viewer = Viewer { scope: &who.scope, client: &client, sight: who.sight(), reads: &reads };
        persistence::files::seen(conn, &viewer, sha256.as_str())
    };
    Ok(caller.app.db.read(read).await?)
}

fn not_found() -> ApiError {
    ApiError::new(Problem::NotFound)
}

/// Runs what waits for a disk or another machine on a thread that may wait.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)?;
    done.map_err(|e| unable(&e))
}

/// A disk that is full or a store that does not answer may work later. The cause names a place, never a content.
fn unable(error: &std::io::Error) -> ApiError {
    ApiError { cause: Some(format!("the store of files: {error}")), ..ApiError::new(Problem::Unavailable) }
}
