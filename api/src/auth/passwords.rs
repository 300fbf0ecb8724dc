//! Passwords: argon2id on blocking threads, a bounded number at a time.
use crate::app::App;
use crate::error::{ApiError, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::{Problem, Rule, Violation};
use std::time::Duration;

/// Shortest password.
pub const MIN: usize = 10;
/// Longest password: more only costs time.
pub const MAX: usize = 256;
/// How long a sign-in waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Memory in KiB, passes, lanes (OWASP's first choice for argon2id).
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19_456, 2, 1, None).unwrap_or_default())
}

/// Checks the form of a new password.
pub fn check(pointer: &str, password: &str) -> Result<()> {
    let length = password.chars().count();
    if (MIN..=MAX).contains(&length) {
        return Ok(());
    }
    let finding = Violation::new(pointer, Rule::PasswordLength).with("min", MIN).with("max", MAX);
    Err(ApiError::of(Problem::ValidationFailed, vec![finding]))
}

/// Hashes a password.
pub fn hash_now(password: &str) -> std::result::Result<String, String> {
    argon2().hash_password(password.as_bytes()).map(|h| h.to_string()).map_err(|e| e.to_string())
}

/// Hashes a password, in turn.
pub async fn hash(app: &App, password: String) -> Result<String> {
    turn(app, move || hash_now(&password)).await?.map_err(ApiError::internal)
}

/// Whether the password is the one of `hash`. Without a hash the work is the same and the answer no.
pub async fn verify(app: &App, password: String, hash: Option<String>) -> Result<bool> {
    turn(app, move || {
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| hash_now("nobody's password").ok()) else { return false };
        let right = PasswordHash::new(&hash).is_ok_and(|h| argon2().verify_password(password.as_bytes(), &h).is_ok());
        known && right
    })
    .await
}

async fn turn<T: Send + 'static>(app: &App, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let place = tokio::time::timeout(PATIENCE, app.hashing.acquire()).await;
    let _place = place.map_err(|_| ApiError::new(Problem::Unavailable))?.map_err(ApiError::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}
