//! Sessions: what a sign-in begins. A refresh token is good once and gives way to its successor.
//!
//! The successor is derived from the token and the client's `Idempotency-Key`, so that a client whose answer was
//! lost gets the same one again, and none is stored.
use super::keys::{Keys, random};
use super::origin::Origin;
use crate::app::App;
use crate::error::{ApiError, Result};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Problem, Utc, Uuid, hex};
use persistence::identity::sessions::{self, Refresh, Refreshed, Session};

/// Days until a session ends that nobody prolongs.
const IDLE_DAYS: i64 = 14;
/// Days until a session ends in any case.
const LONGEST_DAYS: i64 = 90;
/// Hours for which a repeated refresh gives the same successor.
const REPEAT_HOURS: i64 = 24;
/// How a refresh token begins.
const PREFIX: &str = "lg_ref_";

/// A session and the refresh token that prolongs it next.
pub struct Issued {
    /// The session.
    pub session: Session,
    /// The refresh token.
    pub refresh_token: String,
    /// As it is stored.
    pub hash: String,
}

impl Issued {
    /// A new session of a user.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn fresh(app: &App, user_id: Uuid, origin: &Origin) -> Result<Self> {
        let now = Utc::now();
        let session = Session {
            id: Uuid::now_v7(),
            user_id,
            created_at: now,
            used_at: now,
            idle_until: now + chrono::Duration::days(IDLE_DAYS),
            expires_at: now + chrono::Duration::days(LONGEST_DAYS),
            address: origin.address.to_string(),
            agent: origin.agent.clone(),
            ended_at: None,
        };
        let refresh_token = token(&random().map_err(ApiError::internal)?);
        let hash = hash(&app.keys, &refresh_token);
        Ok(Self { session, refresh_token, hash })
    }
}

fn token(bytes: &[u8; 32]) -> String {
    format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn hash(keys: &Keys, token: &str) -> String {
    hex(&keys.mac("refresh-token", token.as_bytes()))
}

/// Exchanges a refresh token.
///
/// # Errors
/// `session_ended` where the token is none, its session is over, or somebody else has used the token: then the session
/// is over from now on.
pub async fn refresh(app: &App, origin: &Origin, presented: &str, key: &str) -> Result<Issued> {
    let successor = token(&app.keys.mac("refresh-successor", format!("{presented} {key}").as_bytes()));
    let request = Refresh {
        hash: hash(&app.keys, presented),
        key: hex(&app.keys.mac("refresh-key", key.as_bytes())),
        successor: hash(&app.keys, &successor),
        repeat_hours: REPEAT_HOURS,
        idle_days: IDLE_DAYS,
        address: origin.address.to_string(),
        agent: origin.agent.clone(),
    };
    let hash = request.successor.clone();
    let told = (origin.clone(), app.config.division.clone());
    let work = move |tx: &mut persistence::Tx<'_>| {
        let outcome = sessions::refresh(tx, &request)?;
        if let Refreshed::Stolen(session) = &outcome {
            use domain::codes::{AuditKind, AuditOutcome};
            let (origin, division) = told;
            let user = format!("user:{}", session.user_id);
            let alarm = origin.event(AuditKind::Alarm, AuditOutcome::Denied, user, &division);
            persistence::audit::note(tx, &alarm.about("sessions", Some(session.id)).detail("refresh_token_reused"))?;
        }
        Ok(outcome)
    };
    match app.db.write(origin.stamp(), false, work).await? {
        Refreshed::Good(session, _) => Ok(Issued { session, refresh_token: successor, hash }),
        Refreshed::Ended => Err(ApiError::new(Problem::SessionEnded)),
        Refreshed::Stolen(session) => {
            tracing::warn!(session = %session.id, "a refresh token was used twice: the session is ended");
            app.metrics.alarm("refresh_token_reused");
            app.remembered.settle(&app.db).await?;
            Err(ApiError::new(Problem::SessionEnded))
        }
    }
}
