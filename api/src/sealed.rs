//! Positions that clients carry for us: readable by nobody but the server that made them, and only as made.
use crate::app::App;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// Bytes of the authentication code in front of the text.
const MAC: usize = 16;

/// Seals a position for one purpose.
pub fn seal<T: Serialize>(app: &App, purpose: &str, position: &T) -> String {
    let text = serde_json::to_vec(position).unwrap_or_default();
    let mac = app.keys.mac(purpose, &text);
    BASE64_URL_SAFE_NO_PAD.encode([mac.get(..MAC).unwrap_or_default(), &text].concat())
}

/// The position, if it was sealed here for this purpose.
pub fn open<T: DeserializeOwned>(app: &App, purpose: &str, token: &str) -> Option<T> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    let (mac, text) = bytes.split_at_checked(MAC)?;
    let genuine = app.keys.mac(purpose, text).get(..MAC) == Some(mac);
    genuine.then(|| serde_json::from_slice(text).ok()).flatten()
}

/// A short hash of what a position is bound to.
pub fn binding(what: &serde_json::Value) -> String {
    domain::hex(Sha256::digest(what.to_string().as_bytes()).get(..8).unwrap_or_default())
}
