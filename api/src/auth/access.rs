//! Access tokens: signed (Ed25519), short-lived, and bound to a session.
use super::keys::Keys;
use super::{Identity, active_user, unauthenticated};
use crate::app::App;
use crate::error::{ApiError, Result};
use domain::{DateTime, Utc, Uuid};
use jsonwebtoken::{Algorithm, Header, Validation};
use persistence::identity::sessions;
use serde::{Deserialize, Serialize};
use std::sync::atomic::AtomicI64;

/// Life of an access token in minutes.
pub const ACCESS_MINUTES: i64 = 10;
const ISSUER: &str = "laogan";
const AUDIENCE: &str = "laogan-api";
const TYPE: &str = "at+jwt";
/// Seconds by which the clock of the server that issued a token may be ahead.
const CLOCK_SLACK: i64 = 60;

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    exp: i64,
}

/// Makes an access token for a user's session.
///
/// # Errors
/// A defect of the keys.
pub fn issue(keys: &Keys, user: Uuid, session: Uuid, now: DateTime<Utc>) -> Result<String> {
    let signing = keys.signing();
    let key = signing.current(now).ok_or_else(|| ApiError::internal("no signing key"))?;
    let header = Header { typ: Some(TYPE.into()), kid: Some(key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
    let claims = Claims {
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        sub: user,
        sid: session,
        jti: Uuid::now_v7(),
        iat: now.timestamp(),
        exp: now.timestamp() + ACCESS_MINUTES * 60,
    };
    jsonwebtoken::encode(&header, &claims, &key.signing).map_err(ApiError::internal)
}

/// What a token claims, if it is one of ours and good now. Nothing in its head is believed but the name of the key.
fn claims(keys: &Keys, token: &str, now: DateTime<Utc>) -> Option<Claims> {
    let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
    let signing = keys.signing();
    let key = signing.verifier(&kid, now)?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.leeway = 0;
    let read = jsonwebtoken::decode::<Claims>(token, &key.verifying, &rules).ok()?;
    let good = read.header.typ.as_deref() == Some(TYPE)
        && now.timestamp() < read.claims.exp
        && read.claims.iat <= now.timestamp() + CLOCK_SLACK
        && read.claims.exp - read.claims.iat <= ACCESS_MINUTES * 60;
    good.then_some(read.claims)
}

/// The caller with this access token.
///
/// # Errors
/// `unauthenticated`.
pub async fn identify(app: &App, token: &str, epoch: i64) -> Result<Identity> {
    let now = Utc::now();
    let claims = claims(&app.keys, token, now).ok_or_else(unauthenticated)?;
    let session = app.db.read(move |c| sessions::get(c, claims.sid)).await?;
    let session = session.filter(|s| s.lives(now) && s.user_id == claims.sub).ok_or_else(unauthenticated)?;
    let exp = DateTime::from_timestamp(claims.exp, 0).ok_or_else(unauthenticated)?;
    let expires_at = exp.min(session.idle_until).min(session.expires_at);
    Ok(Identity { session: Some(session.id), expires_at, epoch, ..of_user(app, claims.sub).await? })
}

/// The caller a user is, in no session yet.
///
/// # Errors
/// `unauthenticated` where the user is disabled or gone.
pub async fn of_user(app: &App, id: Uuid) -> Result<Identity> {
    let user = active_user(app, id).await?;
    let required = app.config.require_second_factor.contains(&user.data.role);
    let incomplete = required && !super::factors::counts(app, id).await?;
    Ok(Identity {
        user_id: user.meta.id,
        scope: user.data.scope(&user.meta.division_code),
        username: user.data.username,
        role: user.data.role,
        division: user.meta.division_code,
        session: None,
        token: None,
        incomplete,
        emergency: false,
        bounds: super::Bounds::default(),
        rate_class: "default".into(),
        expires_at: DateTime::UNIX_EPOCH,
        epoch: 0,
        noted: AtomicI64::new(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    fn keys() -> (std::path::PathBuf, Keys) {
        let dir = std::env::temp_dir().join(format!("laogan-{}", Uuid::now_v7()));
        let keys = Keys::load(&dir).unwrap();
        (dir, keys)
    }
    fn part(value: &Value) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
    }
    fn good(keys: &Keys, now: DateTime<Utc>) -> (Value, Value) {
        let head = json!({"alg": "EdDSA", "typ": TYPE, "kid": keys.signing().current(now).unwrap().kid});
        let body = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": Uuid::nil(), "sid": Uuid::nil(), "jti": Uuid::nil(),
            "iat": now.timestamp(), "exp": now.timestamp() + 60});
        (head, body)
    }
    /// A token with any head and body, rightly signed by the current key.
    fn signed(keys: &Keys, head: &Value, body: &Value) -> String {
        let text = format!("{}.{}", part(head), part(body));
        let signing = keys.signing();
        let key = &signing.current(Utc::now()).unwrap().signing;
        let mac = jsonwebtoken::crypto::sign(text.as_bytes(), key, Algorithm::EdDSA).unwrap();
        format!("{text}.{mac}")
    }

    #[test]
    fn only_what_is_ours_and_says_so_is_taken() {
        let (dir, keys) = keys();
        let now = Utc::now();
        let (head, body) = good(&keys, now);
        assert!(claims(&keys, &signed(&keys, &head, &body), now).is_some());
        // Each of these is signed by the right key.
        for (place, name, value) in [
            (0, "typ", json!("JWT")),
            (0, "typ", json!(null)),
            (0, "kid", json!("0000000000000000")),
            (0, "kid", json!(null)),
            (0, "alg", json!("none")),
            (0, "alg", json!("HS256")),
            (0, "alg", json!("RS256")),
            (1, "iss", json!("laogan2")),
            (1, "aud", json!("other")),
            (1, "aud", json!([])),
            (1, "iss", json!(null)),
            (1, "sub", json!(null)),
            (1, "sid", json!(null)),
            (1, "exp", json!(null)),
            (1, "exp", json!("soon")),
            (1, "exp", json!(now.timestamp())),
            (1, "exp", json!(now.timestamp() + 86_400)),
            (1, "iat", json!(now.timestamp() + 3600)),
        ] {
            let (mut head, mut body) = (head.clone(), body.clone());
            let part = if place == 0 { &mut head } else { &mut body };
            part[name] = value.clone();
            assert!(claims(&keys, &signed(&keys, &head, &body), now).is_none(), "{name}: {value}");
        }
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_key_verifies_until_its_last_token_has_ended() {
        let (dir, keys) = keys();
        let now = Utc::now();
        let old = issue(&keys, Uuid::nil(), Uuid::nil(), now).unwrap();
        let begins = DateTime::from_timestamp(now.timestamp() + 30, 0).unwrap();
        let kid = super::super::signing::rotate(&dir.join("keys"), begins).unwrap();
        assert!(keys.reload().unwrap() && !keys.reload().unwrap());
        assert_ne!(keys.signing().current(now).unwrap().kid, kid);
        assert_eq!(keys.signing().current(begins).unwrap().kid, kid);
        assert_eq!(keys.signing().good(now).count(), 2);
        assert!(claims(&keys, &old, now).is_some());
        let over = begins + chrono::Duration::minutes(ACCESS_MINUTES + 2);
        assert_eq!(keys.signing().good(over).count(), 1);
        assert!(claims(&keys, &old, over).is_none());
        std::fs::remove_dir_all(dir).unwrap();
    }
}
