//! The signing key and the secret of this installation: made at the first start, kept in files of mode
//! 0600 in the data directory. Servers that share a database share these files.
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Keys in memory.
pub struct Keys {
    /// Signs access tokens.
    pub signing: EncodingKey,
    /// Verifies them.
    pub verifying: DecodingKey,
    /// Names the key pair.
    pub kid: String,
    /// The public key, base64url.
    pub public: String,
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
        let dir = data_dir.join("keys");
        std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let pem = read_or_make(&dir.join("signing-ed25519.pem"), || {
            let pem = SigningKey::from_bytes(&random()?).to_pkcs8_pem(LineEnding::LF).map_err(|e| e.to_string())?;
            Ok(pem.to_string())
        })?;
        let key =
            SigningKey::from_pkcs8_pem(&pem).map_err(|e| format!("{}: not an Ed25519 key: {e}", dir.display()))?;
        let path = dir.join("secret");
        let secret = read_or_make(&path, || Ok(BASE64_STANDARD.encode(random()?)))?;
        let secret: [u8; 32] = BASE64_STANDARD
            .decode(secret.trim())
            .ok()
            .and_then(|b| b.try_into().ok())
            .filter(|s: &[u8; 32]| s.iter().collect::<std::collections::HashSet<_>>().len() > 8)
            .ok_or(format!("{}: a secret is 32 random bytes in base64", path.display()))?;
        let public = key.verifying_key();
        Ok(Self {
            signing: EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|e| e.to_string())?,
            verifying: DecodingKey::from_ed_der(public.as_bytes()),
            kid: hex(Sha256::digest(public.as_bytes()).get(..8).unwrap_or_default()),
            public: BASE64_URL_SAFE_NO_PAD.encode(public.as_bytes()),
            secret,
        })
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

/// 32 random bytes from the operating system.
pub fn random() -> Result<[u8; 32], String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
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
