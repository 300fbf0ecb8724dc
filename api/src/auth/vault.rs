//! Secrets that must be read again, such as that of a second factor: AES-256-GCM with a key derived from the
//! installation's secret for the purpose, bound to whom they belong to.
use super::keys::{Keys, random};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use domain::Uuid;

/// Bytes of a nonce.
const NONCE: usize = 12;

/// Seals a secret of `owner`.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn seal(keys: &Keys, purpose: &str, owner: Uuid, secret: &[u8]) -> Result<String, String> {
    let random = random()?;
    let nonce: [u8; NONCE] = random.first_chunk().copied().unwrap_or_default();
    let payload = Payload { msg: secret, aad: owner.as_bytes() };
    let sealed = cipher(keys, purpose).encrypt(&nonce.into(), payload).map_err(|e| e.to_string())?;
    Ok(BASE64_STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
}

/// The secret of `owner`, if it was sealed here for this purpose.
pub fn open(keys: &Keys, purpose: &str, owner: Uuid, sealed: &str) -> Option<Vec<u8>> {
    let bytes = BASE64_STANDARD_NO_PAD.decode(sealed).ok()?;
    let (nonce, text) = bytes.split_first_chunk::<NONCE>()?;
    let payload = Payload { msg: text, aad: owner.as_bytes() };
    cipher(keys, purpose).decrypt(&(*nonce).into(), payload).ok()
}

fn cipher(keys: &Keys, purpose: &str) -> Aes256Gcm {
    Aes256Gcm::new(&keys.mac("vault", purpose.as_bytes()).into())
}
