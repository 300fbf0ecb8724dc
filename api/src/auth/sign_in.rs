//! Signing in: who guesses is slowed, an unknown name costs what a known one costs, and what succeeds begins a session.
use super::brakes;
use super::factors;
use super::origin::Origin;
use super::passwords::{self, Compared};
use super::sessions::Issued;
use crate::app::App;
use crate::error::{ApiError, Result};
use domain::administration::User;
use domain::codes::{AuditKind, AuditOutcome};
use domain::{Problem, Record, Rule, Uuid, Violation};
use persistence::identity::attempts::{self, Attempt, Place};
use persistence::identity::{self, factors as stored};
use persistence::{Stamp, Tx, audit};
use std::net::IpAddr;

/// A user whose password was right.
pub struct Proven {
    /// The user.
    pub user: Record<User>,
    /// Whether a second factor counts.
    pub second_factor: bool,
    attempt: Attempt,
    places: [Place; 2],
    network: String,
    /// The old hash and a new one, where the cost has changed.
    rehash: Option<(String, String)>,
}

impl Proven {
    /// Takes back what the attempt was counted as, and forgets the failures of the account from here.
    ///
    /// # Errors
    /// What the database says.
    pub fn settle(&self, tx: &mut Tx<'_>) -> persistence::Result<()> {
        attempts::take_back(tx, &self.attempt)?;
        let [account, _] = &self.places;
        attempts::forget(tx, &account.hash)?;
        attempts::note_place(tx, self.user.meta.id, &self.network)?;
        match &self.rehash {
            Some((old, new)) => identity::rehash(tx, self.user.meta.id, old, new),
            None => Ok(()),
        }
    }
}

/// Compares a password, by whom and from where it may come.
///
/// # Errors
/// `login_failed`; `too_many_requests` while account or network are slowed; `unavailable` while too many wait.
pub async fn prove(app: &App, origin: &Origin, username: &str, password: String) -> Result<Proven> {
    let name = username.to_ascii_lowercase();
    let network = brakes::network_hash(&app.keys, origin.address);
    let (wanted, here) = (name.clone(), network.clone());
    let (user, hash, known, second_factor) = app
        .db
        .read(move |c| {
            let user = identity::by_username(c, &wanted)?;
            // The same questions for a name that is nobody's.
            let id = user.as_ref().map_or(Uuid::nil(), |u| u.meta.id);
            let hash = identity::password_hash(c, id)?;
            let factor = stored::of(c, id)?.is_some_and(|f| f.confirmed_at.is_some());
            Ok((user, hash, attempts::knows(c, id, &here)?, factor))
        })
        .await?;
    let places = brakes::places(&app.keys, &name, &network, known);
    let attempt = count_at(app, origin.stamp(), places.clone()).await?;
    let compared = match passwords::verify(app, password, hash.clone()).await {
        Ok(compared) => compared,
        Err(e) => {
            // The server had no time for it: nobody has guessed.
            app.db.write(origin.stamp(), false, move |tx| attempts::take_back(tx, &attempt)).await?;
            return Err(e);
        }
    };
    let rehash = match compared {
        Compared::Wrong => return Err(failed(app, origin, user.as_ref(), &places)),
        Compared::Right => None,
        Compared::Outdated(new) => hash.map(|old| (old, new)),
    };
    let Some(user) = user.filter(|u| !u.data.disabled) else { return Err(failed(app, origin, None, &places)) };
    Ok(Proven { user, second_factor, attempt, places, network, rehash })
}

/// Tells the audit that somebody was refused who wanted to be this user: once a minute for an account and a network, for
/// a guesser is not to fill it. The name is not told where it is nobody's, for it may be somebody's password.
fn failed(app: &App, origin: &Origin, user: Option<&Record<User>>, places: &[Place; 2]) -> ApiError {
    let [account, network] = places;
    if app.alarmed.first_this_minute(&format!("{} {}", account.hash, network.hash)) {
        let division = user.map_or(&app.config.division, |u| &u.meta.division_code);
        let event = origin.event(AuditKind::SignIn, AuditOutcome::Failure, "anonymous", division);
        app.audit.note(event.about("users", user.map(|u| u.meta.id)).detail(Problem::LoginFailed.code()));
    }
    ApiError::new(Problem::LoginFailed)
}

async fn count_at(app: &App, stamp: Stamp, places: [Place; 2]) -> Result<Attempt> {
    let attempt = app.db.write(stamp, false, move |tx| attempts::count(tx, &places)).await?;
    attempt.map_err(brakes::blocked)
}

/// Counts a try at another secret of a user who is signed in, such as a code.
///
/// # Errors
/// `too_many_requests` while the tries are slowed.
pub async fn count(app: &App, stamp: Stamp, what: &str, address: IpAddr) -> Result<Attempt> {
    let network = brakes::network_hash(&app.keys, address);
    count_at(app, stamp, brakes::places(&app.keys, what, &network, false)).await
}

/// Signs in with all factors the user has, and begins a session.
///
/// # Errors
/// As [`prove`]; `second_factor_required` where a code is missing or wrong.
pub async fn sign_in(
    app: &App,
    origin: &Origin,
    username: &str,
    password: String,
    code: Option<String>,
) -> Result<(Record<User>, Issued)> {
    let proven = prove(app, origin, username, password).await?;
    if proven.second_factor {
        let required = |found| ApiError::of(Problem::SecondFactorRequired, found);
        let Some(code) = code else {
            // The password was right, but the failures before are not forgiven for it.
            let attempt = proven.attempt;
            app.db.write(origin.stamp(), false, move |tx| attempts::take_back(tx, &attempt)).await?;
            return Err(required(vec![]));
        };
        if !factors::use_code(app, origin.stamp(), proven.user.meta.id, &code).await? {
            failed(app, origin, Some(&proven.user), &proven.places);
            return Err(required(vec![Violation::new("totp", Rule::CodeWrong)]));
        }
    }
    let issued = Issued::fresh(app, proven.user.meta.id, origin)?;
    let (session, hash) = (issued.session.clone(), issued.hash.clone());
    let user = proven.user.clone();
    let actor = format!("user:{}", user.meta.id);
    let event = origin.event(AuditKind::SignIn, AuditOutcome::Success, actor.as_str(), &user.meta.division_code);
    let event = event.about("sessions", Some(session.id));
    let stamp = Stamp { actor, ..origin.stamp() };
    app.db
        .write(stamp, false, move |tx| {
            tx.begin()?;
            proven.settle(tx)?;
            identity::sessions::begin(tx, &session, &hash)?;
            audit::note(tx, &event)
        })
        .await?;
    Ok((user, issued))
}
