//! Contents in a bucket of an S3-compatible store.
//!
//! `rusty-s3` signs the addresses, the agent's HTTP client asks: no second TLS, no second runtime. What signs comes
//! from the environment alone, and neither it nor an address that it has signed is written anywhere.
use super::blobs::Content;
use rusty_s3::actions::{DeleteObject, GetObject, HeadObject, PutObject};
use rusty_s3::{Credentials, S3Action, UrlStyle};
use std::fs::File;
use std::io::{self, Read};
use std::time::Duration;
use ureq::http::StatusCode;

/// The environment variables that hold the key and its secret.
pub const SECRETS: [&str; 2] = ["LAOGAN_FILES_S3_KEY", "LAOGAN_FILES_S3_SECRET"];
/// How long a signed address is good: until the request has begun.
const SIGNED: Duration = Duration::from_secs(300);

/// A bucket.
pub struct Bucket {
    bucket: rusty_s3::Bucket,
    credentials: Credentials,
    agent: ureq::Agent,
}

impl Bucket {
    /// The bucket at an address, with what the environment has to sign requests.
    ///
    /// # Errors
    /// A text for the terminal.
    pub fn open(endpoint: &str, name: &str, region: &str) -> Result<Self, String> {
        let address = endpoint.parse().map_err(|e| format!("--files-s3-endpoint {endpoint}: {e}"))?;
        let bucket = rusty_s3::Bucket::new(address, UrlStyle::Path, name.to_owned(), region.to_owned());
        let bucket = bucket.map_err(|e| format!("--files-s3-endpoint {endpoint}: {e}"))?;
        let [key, secret] = SECRETS.map(|name| {
            std::env::var(name)
                .ok()
                .filter(|v| !v.is_empty())
                .ok_or_else(|| format!("{name} is not in the environment"))
        });
        let credentials = Credentials::new(key?, secret?);
        Ok(Self { bucket, credentials, agent: crate::agent::remote::client() })
    }
    /// Where it is.
    pub fn place(&self) -> String {
        self.bucket.base_url().to_string()
    }
    /// Whether an object is there, and how long it is.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub fn length(&self, key: &str) -> io::Result<Option<u64>> {
        let address = HeadObject::new(&self.bucket, Some(&self.credentials), key).sign(SIGNED);
        let answer = self.agent.head(address.as_str()).call().map_err(unable)?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => {
                let length = answer.headers().get("content-length").and_then(|v| v.to_str().ok());
                let length = length.and_then(|v| v.parse().ok());
                length.map(Some).ok_or_else(|| io::Error::other("an object without a length"))
            }
            status => Err(refused(status)),
        }
    }
    /// Puts an object there.
    ///
    /// # Errors
    /// When it is not there then.
    pub fn put(&self, key: &str, content: File, bytes: u64) -> io::Result<()> {
        let address = PutObject::new(&self.bucket, Some(&self.credentials), key).sign(SIGNED);
        let request = self.agent.put(address.as_str()).header("content-length", bytes.to_string());
        done(request.send(content).map_err(unable)?.status())
    }
    /// An object from a byte on, so many; nothing where it is not there.
    ///
    /// # Errors
    /// When it cannot be read now.
    pub fn content(&self, key: &str, from: u64, bytes: u64) -> io::Result<Option<Content>> {
        let address = GetObject::new(&self.bucket, Some(&self.credentials), key).sign(SIGNED);
        let last = from + bytes.saturating_sub(1);
        let answer = self.agent.get(address.as_str()).header("range", format!("bytes={from}-{last}")).call();
        let answer = answer.map_err(unable)?;
        match answer.status() {
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::PARTIAL_CONTENT => {
                let body = answer.into_body().into_with_config().limit(u64::MAX).reader();
                Ok(Some(Box::new(body.take(bytes))))
            }
            status => Err(refused(status)),
        }
    }
    /// Removes an object, if it is there.
    ///
    /// # Errors
    /// When it may be there still.
    pub fn remove(&self, key: &str) -> io::Result<()> {
        let address = DeleteObject::new(&self.bucket, Some(&self.credentials), key).sign(SIGNED);
        match self.agent.delete(address.as_str()).call().map_err(unable)?.status() {
            StatusCode::NOT_FOUND => Ok(()),
            status => done(status),
        }
    }
}

fn done(status: StatusCode) -> io::Result<()> {
    if status.is_success() { Ok(()) } else { Err(refused(status)) }
}
fn refused(status: StatusCode) -> io::Error {
    io::Error::other(format!("the store answers {status}"))
}
/// Without the address, which is signed.
fn unable(error: ureq::Error) -> io::Error {
    match error {
        ureq::Error::BadUri(_) => io::Error::other("the store's address is none"),
        other => io::Error::other(other.to_string()),
    }
}
