//! The text of a token: kind, secret, and a check part by which a mistyped or cut one is told from a wrong one.
use crate::auth::keys::{Keys, random};
use domain::hex;

/// Secret characters of a token.
const SECRET: usize = 32;
/// Characters of the check part.
const CHECK: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Kinds of tokens: of a person, of a system, for trying things out, and for an emergency.
pub const KINDS: [&str; 4] = ["pat", "svc", "test", persistence::tokens::EMERGENCY];

/// A fresh token: `lg_pat_`, 32 random characters, 6 of check part.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn generate(kind: &str) -> Result<String, String> {
    let mut secret = String::with_capacity(SECRET);
    while secret.len() < SECRET {
        // Bytes of 248 and more would make some characters likelier than others.
        secret.extend(
            random()?
                .iter()
                .filter(|b| **b < 248)
                .filter_map(|b| BASE62.get(usize::from(*b % 62)))
                .map(|b| char::from(*b)),
        );
        secret.truncate(SECRET);
    }
    Ok(format!("lg_{kind}_{secret}{}", check_part(&secret)))
}

/// CRC32 of the secret in six base62 characters.
fn check_part(secret: &str) -> String {
    let mut rest = crc32fast::hash(secret.as_bytes());
    let mut out = vec![];
    for _ in 0..CHECK {
        out.extend(BASE62.get((rest % 62) as usize));
        rest /= 62;
    }
    out.reverse();
    String::from_utf8(out).unwrap_or_default()
}

/// Whether a text has the form of a token, check part included.
pub fn well_formed(text: &str) -> bool {
    let body = KINDS.iter().find_map(|kind| text.strip_prefix("lg_")?.strip_prefix(kind)?.strip_prefix('_'));
    let Some((secret, check)) = body.and_then(|b| b.split_at_checked(SECRET)) else { return false };
    secret.bytes().all(|b| b.is_ascii_alphanumeric()) && check == check_part(secret)
}

/// The hash a token is stored under; `None` where the text is no token of ours.
pub fn hash(keys: &Keys, text: &str) -> Option<String> {
    well_formed(text).then(|| hex(&keys.mac("api-token", text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_its_form_and_its_check_part() {
        for kind in KINDS {
            let token = generate(kind).unwrap();
            assert_eq!(token.len(), format!("lg_{kind}_").len() + SECRET + CHECK);
            assert!(well_formed(&token));
            assert_ne!(generate(kind).unwrap(), token);
            let mut mistyped = token.clone();
            let last = if mistyped.pop() == Some('0') { '1' } else { '0' };
            mistyped.push(last);
            for wrong in [&mistyped, &token[..token.len() - 1], &token[3..], &token.replace('_', "-"), "", "lg_pat_"] {
                assert!(!well_formed(wrong), "{wrong}");
            }
        }
    }
}
