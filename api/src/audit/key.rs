//! The key that signs the chain of the audit: `keys/audit-ed25519.pem`, made at the first start. It signs nothing
//! else and is not changed with the keys of access tokens: what it has signed must be verifiable for years.
use crate::auth::keys::{random, read_or_make};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::hex;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signature, Signer, SigningKey};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;

/// The key pair.
#[derive(Clone)]
pub struct AuditKey {
    key: Arc<SigningKey>,
    /// Names it.
    pub id: String,
    /// The public key, base64url.
    pub public: String,
}

impl AuditKey {
    /// Reads the key below `data_dir`, making it if it is missing.
    ///
    /// # Errors
    /// A text for the terminal.
    pub fn load(data_dir: &Path) -> Result<Self, String> {
        let dir = data_dir.join("keys");
        std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let path = dir.join("audit-ed25519.pem");
        let pem = read_or_make(&path, || {
            let pem = SigningKey::from_bytes(&random()?).to_pkcs8_pem(LineEnding::LF).map_err(|e| e.to_string())?;
            Ok(pem.to_string())
        })?;
        let key =
            SigningKey::from_pkcs8_pem(&pem).map_err(|e| format!("{}: not an Ed25519 key: {e}", path.display()))?;
        let public = key.verifying_key();
        let id = hex(Sha256::digest(public.as_bytes()).get(..8).unwrap_or_default());
        Ok(Self { id, public: BASE64_URL_SAFE_NO_PAD.encode(public.as_bytes()), key: Arc::new(key) })
    }
    /// What the store signs links with.
    pub fn signer(&self) -> persistence::audit::chain::Signer {
        let key = Arc::clone(&self.key);
        Arc::new(move |message| BASE64_URL_SAFE_NO_PAD.encode(key.sign(message).to_bytes()))
    }
    /// Whether a signature is of this key.
    pub fn genuine(&self, message: &[u8], signature: &str) -> bool {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).ok().and_then(|b| <[u8; 64]>::try_from(b).ok());
        bytes.is_some_and(|b| self.key.verifying_key().verify_strict(message, &Signature::from_bytes(&b)).is_ok())
    }
}
