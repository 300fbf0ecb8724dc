//! The keys and the secret of this installation: made at the first start, kept in files of mode 0600 in the
//! data directory. Servers that share a database share these files.
use super::passwords;
use super::signing::Signing;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// Keys in memory.
pub struct Keys {
    dir: PathBuf,
    signing: RwLock<Arc<Signing>>,
    secret: [u8; 32],
}

/// A keyed hash.
type HmacSha256 = Hmac<Sha256>;

impl Keys {
    /// Reads the keys below `data_dir`, making what is missing.
    ///
    /// # Errors
    /// A text for the terminal: an unreadable file, one that others can read, or one that is not a key.
    pub fn load(data_dir: &Path) -> Result<Self, String> {
        let dir = directory(data_dir)?;
        let signing = RwLock::new(Arc::new(Signing::load(&dir)?));
        let path = dir.join("secret");
        let text = read_or_make(&path, || Ok(BASE64_STANDARD.encode(random()?)))?;
        let secret: [u8; 32] = BASE64_STANDARD
            .decode(text.trim())
            .ok()
            .and_then(|b| b.try_into().ok())
            .ok_or(format!("{}: a secret is 32 random bytes in base64", path.display()))?;
        if !unguessable(&secret) {
            return Err(format!(
                "{}: this secret is known or can be guessed; a secret is 32 random bytes in base64",
                path.display()
            ));
        }
        Ok(Self { dir, signing, secret })
    }

    /// The keys that sign and verify access tokens.
    pub fn signing(&self) -> Arc<Signing> {
        Arc::clone(&self.signing.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the signing keys again; says whether they have changed.
    ///
    /// # Errors
    /// As [`load`](Self::load); the keys stay as they are then.
    pub fn reload(&self) -> Result<bool, String> {
        let fresh = Signing::load(&self.dir)?;
        if fresh.same(&self.signing()) {
            return Ok(false);
        }
        *self.signing.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(true)
    }

    /// What tells a database whether this is the secret it was used with.
    pub fn check(&self) -> String {
        hex(&self.mac("secret-check", &[]))
    }

    /// The keyed hash of `text` for one purpose; hashes for different purposes have nothing in common.
    pub fn mac(&self, purpose: &str, text: &[u8]) -> [u8; 32] {
        // A key of any length is fine for HMAC, so this cannot fail.
        let Ok(mut mac) = HmacSha256::new_from_slice(&self.secret) else { return [0; 32] };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text);
        mac.finalize().into_bytes().into()
    }
}

/// The directory of keys, made if it is not there.
///
/// # Errors
/// A text for the terminal.
pub fn directory(data_dir: &Path) -> Result<PathBuf, String> {
    let dir = data_dir.join("keys");
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    Ok(dir)
}

/// Words whose SHA-256 has served as a "random" secret somewhere.
const KNOWN_WORDS: [&str; 6] = ["", "secret", "changeme", "laogan", "jwt", "test"];
/// Private keys printed in RFC 8032, in the order of its tests.
const KNOWN_KEYS: [&str; 3] = [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
];

/// Whether 32 bytes may be random: they are not text, not few bytes repeated, no sequence, not a hash of a word that
/// guessers try, and not printed in a standard.
pub fn unguessable(bytes: &[u8; 32]) -> bool {
    let distinct = bytes.iter().collect::<std::collections::HashSet<_>>().len();
    let text = bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' ');
    let [first, second, ..] = *bytes;
    let step = |w: &[u8]| matches!(w, [a, b] if b.wrapping_sub(*a) == second.wrapping_sub(first));
    let sequence = bytes.windows(2).all(step);
    let mut words = KNOWN_WORDS.iter().copied().chain(passwords::COMMON.iter().copied());
    let hash = words.any(|w| Sha256::digest(w.as_bytes()).as_slice() == bytes);
    distinct > 8 && !text && !sequence && !hash && !KNOWN_KEYS.contains(&hex(bytes).as_str())
}

/// 32 random bytes from the operating system.
pub fn random() -> Result<[u8; 32], String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// The content of a secret file; made if it is not there.
///
/// # Errors
/// A text for the terminal: it cannot be read or made, or others can read it.
pub fn read_or_make(path: &Path, make: impl FnOnce() -> Result<String, String>) -> Result<String, String> {
    if !path.exists() {
        let text = make()?;
        match write_secret(path, &text) {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(format!("{}: {e}", path.display())),
            // Another process was first; its file is the one.
            _ => {}
        }
    }
    private(path)?;
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Writes a file that only its owner can read; fails if it exists. The content is there in full or not at all.
pub fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let fresh = fresh_secret(path, text)?;
    let linked = std::fs::hard_link(&fresh, path);
    std::fs::remove_file(&fresh)?;
    linked
}

/// The same in the place of what was there.
pub fn replace_secret(path: &Path, text: &str) -> std::io::Result<()> {
    std::fs::rename(fresh_secret(path, text)?, path)
}

/// The text in a file beside the one that it is for.
fn fresh_secret(path: &Path, text: &str) -> std::io::Result<PathBuf> {
    let fresh = path.with_extension(format!("new-{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(fresh)
}

/// Refuses a secret that others can read.
///
/// # Errors
/// A text for the terminal.
pub fn private(path: &Path) -> Result<(), String> {
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mode = std::os::unix::fs::PermissionsExt::mode(&mode.permissions());
        if mode & 0o077 != 0 {
            return Err(format!(
                "{}: others can read this secret (mode {:o}); chmod 600 it, and replace it if they may have",
                path.display(),
                mode & 0o777
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_guessed_is_no_secret() {
        let counting: [u8; 32] = std::array::from_fn(|i| i as u8);
        let words: [u8; 32] = *b"correct horse battery staple 123";
        let hash: [u8; 32] = Sha256::digest(b"password").into();
        let hex = |text: &str| std::array::from_fn(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap());
        for weak in [[0; 32], [255; 32], counting, words, hash, hex(KNOWN_KEYS[0])] {
            assert!(!unguessable(&weak), "{weak:?}");
        }
        for _ in 0..100 {
            assert!(unguessable(&random().unwrap()));
        }
    }
}
