//! The second factor: a code of the user's phone (TOTP, RFC 6238), or a recovery code where the phone is lost.
use super::keys::{Keys, random};
use super::vault;
use crate::app::App;
use crate::error::{ApiError, Result};
use domain::{Problem, Rule, Uuid, Violation, hex};
use persistence::identity::factors;
use totp_rs::{Builder, Secret, Totp};

/// What the vault's key is for.
const PURPOSE: &str = "second-factor";
/// Recovery codes a user gets.
const CODES: usize = 10;
/// Bytes of a secret, as RFC 4226 recommends.
const SECRET: usize = 20;
/// Letters and digits that are not taken for each other.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// SHA-1, six digits, 30 seconds, one step of tolerance: what every authenticator app does.
fn totp(secret: &[u8], username: &str) -> std::result::Result<Totp, String> {
    let builder = Builder::new().with_secret(Secret::from(secret.to_vec())).with_issuer(Some("Laogan"));
    builder.with_account_name(username).build().map_err(|e| e.to_string())
}

/// A fresh secret to show to its owner, and sealed.
pub struct Fresh {
    /// In base32, to be typed.
    pub base32: String,
    /// As a link, for a QR code.
    pub link: String,
    /// For the database.
    pub sealed: String,
}

/// Makes a secret.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn fresh(keys: &Keys, user: Uuid, username: &str) -> std::result::Result<Fresh, String> {
    let bytes = random()?;
    let secret = bytes.get(..SECRET).unwrap_or_default();
    let link = totp(secret, username)?.to_url().map_err(|e| e.to_string())?;
    let base32 = Secret::from(secret.to_vec()).to_base32();
    Ok(Fresh { base32, link, sealed: vault::seal(keys, PURPOSE, user, secret)? })
}

/// The step of the clock a code belongs to, if it is one of this secret now.
fn step(keys: &Keys, user: Uuid, sealed: &str, code: &str) -> Option<i64> {
    let secret = vault::open(keys, PURPOSE, user, sealed)?;
    let now = u64::try_from(domain::Utc::now().timestamp()).ok()?;
    totp(&secret, "").ok()?.check(code, now).and_then(|step| i64::try_from(step).ok())
}

/// Fresh recovery codes, and the keyed hashes to store.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn recovery_codes(keys: &Keys, user: Uuid) -> std::result::Result<(Vec<String>, Vec<String>), String> {
    let mut codes = vec![];
    for _ in 0..CODES {
        let code: String = random()?
            .iter()
            .take(16)
            .filter_map(|b| ALPHABET.get(usize::from(*b % 32)))
            .map(|b| char::from(*b))
            .collect();
        codes.push(code);
    }
    let hashes = codes.iter().map(|c| hashed(keys, user, c)).collect();
    let shown = codes.iter().map(|c| c.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-"));
    Ok((shown.collect(), hashes))
}

fn hashed(keys: &Keys, user: Uuid, code: &str) -> String {
    hex(&keys.mac("recovery-code", format!("{user}{code}").as_bytes()))
}

/// Whether the user has a second factor that counts.
///
/// # Errors
/// What the database says.
pub async fn counts(app: &App, user: Uuid) -> Result<bool> {
    Ok(app.db.read(move |c| factors::of(c, user)).await?.is_some_and(|f| f.confirmed_at.is_some()))
}

/// Uses a code of the user's second factor, from the phone or from the list; says whether it was good. Each is good
/// once, whatever happens at the same time.
///
/// # Errors
/// What the database says.
pub async fn use_code(app: &App, stamp: persistence::Stamp, user: Uuid, code: &str) -> Result<bool> {
    let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase();
    let Some(factor) = app.db.read(move |c| factors::of(c, user)).await? else { return Ok(false) };
    if code.len() == 6 {
        let Some(step) = step(&app.keys, user, &factor.secret, &code) else { return Ok(false) };
        return Ok(app.db.write(stamp, false, move |tx| factors::use_step(tx, user, step)).await?);
    }
    if factor.confirmed_at.is_none() {
        return Ok(false);
    }
    let hash = hashed(&app.keys, user, &code);
    Ok(app.db.write(stamp, false, move |tx| factors::use_code(tx, user, &hash)).await?)
}

/// A code that is wrong or used, as a finding about its field.
pub fn wrong(pointer: &str) -> ApiError {
    ApiError::of(Problem::ValidationFailed, vec![Violation::new(pointer, Rule::CodeWrong)])
}
