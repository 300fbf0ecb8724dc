//! Files that tests name in records without having anything to tell about files: whoever sends one of these hashes
//! has uploaded its content just before.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::client::Client;

/// The hashes of as many contents.
pub static HASHES: LazyLock<Vec<String>> = LazyLock::new(|| (0..12).map(|n| hash(content(n).as_bytes())).collect());

fn content(n: usize) -> String {
    format!("试验文件{n}\n")
}

/// The name of a content.
pub fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Uploads those of our files that a body names.
pub fn bring(by: &Client, body: &[u8]) -> Result<(), String> {
    // The content of a file is no JSON.
    let Some(text) = std::str::from_utf8(body).ok().filter(|text| text.starts_with('{')) else { return Ok(()) };
    for (n, hash) in HASHES.iter().enumerate().filter(|(_, hash)| text.contains(hash.as_str())) {
        let sent = by.request("PUT", &format!("/files/{hash}")).body("text/plain", content(n)).unchecked();
        sent.try_send()?;
    }
    Ok(())
}
