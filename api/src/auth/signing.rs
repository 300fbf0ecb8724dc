//! The keys that sign access tokens: Ed25519, one file each, rotated with an overlap.
//!
//! A file's name says from when its key signs, so that every server knows a key before the first token is
//! signed with it. A key verifies until the last token signed with it has ended. Servers that share a database
//! share the files, and read them again every few seconds.
use super::access::ACCESS_MINUTES;
use super::keys::{private, random, unguessable, write_secret};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{DateTime, Utc, hex};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// How the files of keys begin.
const STEM: &str = "signing-ed25519";
/// The instant in the name of a file.
const STAMP: &str = "%Y%m%dT%H%M%SZ";
/// What clocks of servers may differ by.
const SLACK: chrono::Duration = chrono::Duration::minutes(1);

/// One key.
pub struct Key {
    /// Names it in the head of a token.
    pub kid: String,
    /// From when it signs.
    pub begins: DateTime<Utc>,
    /// Until when it verifies; `None` while no other has followed.
    pub ends: Option<DateTime<Utc>>,
    /// Signs.
    pub signing: EncodingKey,
    /// Verifies.
    pub verifying: DecodingKey,
    /// The public key, base64url.
    pub public: String,
    file: PathBuf,
}

/// All keys there are, in the order in which they begin.
pub struct Signing(Vec<Key>);

impl Signing {
    /// Reads the keys in a directory, making the first if there is none.
    ///
    /// # Errors
    /// A text for the terminal: a file that cannot be read, that others can read, or that is no key.
    pub fn load(dir: &Path) -> Result<Self, String> {
        let mut files = files(dir)?;
        if files.is_empty() {
            let first = dir.join(format!("{STEM}.pem"));
            match write_secret(&first, &fresh()?) {
                Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(format!("{}: {e}", first.display()));
                }
                // Another process was first; its file is the one.
                _ => files.push((DateTime::UNIX_EPOCH, first)),
            }
        }
        let mut keys = files.into_iter().map(|(begins, file)| read(begins, file)).collect::<Result<Vec<_>, _>>()?;
        let begins: Vec<_> = keys.iter().map(|k| k.begins).collect();
        for (key, next) in keys.iter_mut().zip(begins.into_iter().skip(1)) {
            key.ends = Some(next + chrono::Duration::minutes(ACCESS_MINUTES) + SLACK);
        }
        Ok(Self(keys))
    }
    /// The key that signs now.
    pub fn current(&self, now: DateTime<Utc>) -> Option<&Key> {
        self.0.iter().rev().find(|k| k.begins <= now).or(self.0.first())
    }
    /// The key of this name, if it verifies still.
    pub fn verifier(&self, kid: &str, now: DateTime<Utc>) -> Option<&Key> {
        self.good(now).find(|k| k.kid == kid)
    }
    /// The keys that verify now or will.
    pub fn good(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Key> {
        self.0.iter().filter(move |k| k.ends.is_none_or(|ends| now < ends))
    }
    /// All keys.
    pub fn all(&self) -> &[Key] {
        &self.0
    }
    /// Whether both have the same keys.
    pub fn same(&self, other: &Self) -> bool {
        self.0.iter().map(|k| (&k.kid, k.begins)).eq(other.0.iter().map(|k| (&k.kid, k.begins)))
    }
}

/// Adds a key that signs from `begins`; answers its name.
///
/// # Errors
/// A text for the terminal.
pub fn rotate(dir: &Path, begins: DateTime<Utc>) -> Result<String, String> {
    let file = dir.join(format!("{STEM}-{}.pem", begins.format(STAMP)));
    write_secret(&file, &fresh()?).map_err(|e| format!("{}: {e}", file.display()))?;
    read(begins, file).map(|key| key.kid)
}

/// Takes a key away at once; what it has signed is void. The file is kept under another name.
///
/// # Errors
/// A text for the terminal: there is no such key, or none would be left that signs.
pub fn retire(dir: &Path, kid: &str, now: DateTime<Utc>) -> Result<(), String> {
    let keys = Signing::load(dir)?;
    let key = keys.all().iter().find(|k| k.kid == kid).ok_or(format!("{kid}: there is no such key"))?;
    if !keys.all().iter().any(|k| k.kid != kid && k.begins <= now) {
        return Err(format!("{kid}: no other key signs yet; `laogan signing-key rotate --now` first"));
    }
    let aside = key.file.with_extension("pem.retired");
    std::fs::rename(&key.file, &aside).map_err(|e| format!("{}: {e}", key.file.display()))
}

/// The files of keys with their beginnings, in order.
fn files(dir: &Path) -> Result<Vec<(DateTime<Utc>, PathBuf)>, String> {
    let listed = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut files = vec![];
    for file in listed {
        let path = file.map_err(|e| format!("{}: {e}", dir.display()))?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let Some(rest) = name.strip_prefix(STEM).and_then(|r| r.strip_suffix(".pem")) else { continue };
        let begins = match rest.strip_prefix('-') {
            None if rest.is_empty() => DateTime::UNIX_EPOCH,
            Some(stamp) => chrono::NaiveDateTime::parse_from_str(stamp, STAMP)
                .map_err(|_| format!("{}: the name does not say from when the key signs", path.display()))?
                .and_utc(),
            None => continue,
        };
        files.push((begins, path));
    }
    files.sort();
    Ok(files)
}

fn fresh() -> Result<String, String> {
    let pem = SigningKey::from_bytes(&random()?).to_pkcs8_pem(LineEnding::LF).map_err(|e| e.to_string())?;
    Ok(pem.to_string())
}

fn read(begins: DateTime<Utc>, file: PathBuf) -> Result<Key, String> {
    private(&file)?;
    let told = |e: &dyn std::fmt::Display| format!("{}: {e}", file.display());
    let pem = std::fs::read_to_string(&file).map_err(|e| told(&e))?;
    let key = SigningKey::from_pkcs8_pem(&pem).map_err(|e| told(&format!("not an Ed25519 key: {e}")))?;
    if !unguessable(&key.to_bytes()) {
        return Err(told(&"this key is known or can be guessed; remove the file, and a good one is made"));
    }
    let public = key.verifying_key();
    Ok(Key {
        kid: hex(Sha256::digest(public.as_bytes()).get(..8).unwrap_or_default()),
        begins,
        ends: None,
        signing: EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|e| told(&e))?,
        verifying: DecodingKey::from_ed_der(public.as_bytes()),
        public: BASE64_URL_SAFE_NO_PAD.encode(public.as_bytes()),
        file,
    })
}
