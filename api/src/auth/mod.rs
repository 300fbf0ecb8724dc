//! Who a caller is: sign-in, sessions, access tokens, API tokens, and what is remembered of them.
//!
//! * [`sign_in`]: a password, a second factor ([`factors`]), and who guesses is slowed ([`brakes`]); [`passwords`]
//!   hashes them. [`sessions`]: what a sign-in begins, and how refresh tokens keep it alive.
//! * [`access`]: the tokens that requests carry; [`signing`]: the keys that sign them; [`keys`]: the installation's
//!   secret; [`vault`]: what must be read again.
//! * [`remembered`]: verified callers, and how soon a change is felt.
//! * [`handlers`], [`routes`], [`commands`]: the ways in, over HTTP and from the command line.
pub mod access;
pub mod brakes;
pub mod commands;
pub mod factors;
pub mod handlers;
pub mod keys;
pub mod origin;
pub mod passwords;
pub mod remembered;
pub mod routes;
pub mod sessions;
pub mod sign_in;
pub mod signing;
pub mod vault;

use crate::app::App;
use crate::error::{ApiError, Result};
use crate::tokens;
use actix_web::HttpRequest;
use actix_web::http::{Method, header};
use domain::administration::User;
use domain::policy::{Action, Grants, Role};
use domain::{DateTime, DivisionCode, FieldClass, Module, Problem, Record, Scope, Utc, Uuid};
use ipnet::IpNet;
use persistence::{Store, registry};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A verified caller.
#[derive(Debug)]
pub struct Identity {
    /// The user whose rights are used.
    pub user_id: Uuid,
    /// Name to sign in with.
    pub username: String,
    /// The user's role.
    pub role: Role,
    /// The division that new records belong to by default, and the root of the scope.
    pub division: DivisionCode,
    /// What the caller sees.
    pub scope: Scope,
    /// The session, if the caller has signed in.
    pub session: Option<Uuid>,
    /// The API token, if the caller used one, and what it may do.
    pub token: Option<(Uuid, Grants)>,
    /// The role must have a second factor, and the user has none yet: nothing is allowed but to set one up.
    pub incomplete: bool,
    /// From where and how the API token may be used.
    pub bounds: Bounds,
    /// The token was given in an emergency: it reads, but nothing of users and tokens.
    pub emergency: bool,
    /// Which limits the caller's requests count against.
    pub rate_class: String,
    /// When the token ends.
    expires_at: DateTime<Utc>,
    /// State of users and tokens when this was verified.
    epoch: i64,
    /// Minute of the last note that the API token was used.
    noted: AtomicI64,
}

/// From where and how an API token may be used.
#[derive(Debug, Default)]
pub struct Bounds {
    networks: Vec<IpNet>,
    methods: Vec<String>,
}

impl Bounds {
    /// Those of a token. A network that cannot be read, which would be a defect, admits nobody.
    fn of(token: &persistence::tokens::Token) -> Result<Self> {
        let networks = token.cidrs.iter().map(|c| crate::address::network(c)).collect::<std::result::Result<_, _>>();
        Ok(Self { networks: networks.map_err(ApiError::internal)?, methods: token.methods.clone() })
    }
    /// Whether a request may come from there and with this method.
    ///
    /// # Errors
    /// `token_address`, `token_method`.
    pub fn admit(&self, address: IpAddr, method: &Method) -> Result<()> {
        if !self.networks.is_empty() && !self.networks.iter().any(|n| n.contains(&address)) {
            return Err(ApiError::new(Problem::TokenAddress));
        }
        if !self.takes(method) {
            return Err(ApiError::new(Problem::TokenMethod));
        }
        Ok(())
    }
    /// Whether it may be used with this method.
    pub fn takes(&self, method: &Method) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|m| m == method.as_str())
    }
}

impl Identity {
    /// When the caller's API token ends, if it used one.
    pub fn token_ends(&self) -> Option<DateTime<Utc>> {
        self.token.is_some().then_some(self.expires_at)
    }
    /// Whether the caller may do this to resources at `path`.
    pub fn may(&self, path: &str, module: Module, action: Action) -> bool {
        self.role_may(path, module, action) && self.token_may(path, action)
    }
    /// Whether the role allows it. A cadre may do with its own records what their resource leaves to it.
    pub fn role_may(&self, path: &str, module: Module, action: Action) -> bool {
        let own = || self.role == Role::CadreSelf && registry::find(path).is_some_and(|k| k.own.allows(action));
        (self.role.allows(module, action) || own()) && !(self.emergency && module == Module::Administration)
    }
    /// Whether the token allows it, if there is one.
    pub fn token_may(&self, path: &str, action: Action) -> bool {
        self.token.as_ref().is_none_or(|(_, grants)| grants.allow(path, action))
    }
    /// The highest class of fields that are shown.
    pub fn sight(&self) -> FieldClass {
        match self.role.sight() {
            // A token shows no more than its owner's role may ever see.
            FieldClass::Personal if self.token.as_ref().is_some_and(|(_, grants)| grants.sensitive()) => {
                FieldClass::Sensitive
            }
            sight => sight,
        }
    }
    /// Who acts, for the journal.
    pub fn actor(&self) -> String {
        match &self.token {
            Some((id, _)) => format!("token:{id}"),
            None => format!("user:{}", self.user_id),
        }
    }
    /// Whose promises are kept: the account, whichever of its tokens is used. Tokens come and go.
    pub fn client(&self) -> String {
        format!("user:{}", self.user_id)
    }
    fn fresh(&self, epoch: i64, now: DateTime<Utc>) -> bool {
        self.epoch == epoch && now < self.expires_at
    }
}

/// The caller if it was verified a moment ago and nothing has changed since.
pub fn remembered(app: &App, req: &HttpRequest) -> Result<std::result::Result<Arc<Identity>, String>> {
    let token = bearer(req)?;
    let known = app.remembered.get(&digest(token));
    Ok(known.ok_or_else(|| token.to_owned()))
}

/// Verifies a token against the keys and the database, and remembers the caller.
pub async fn verify(app: &App, token: &str, origin: &origin::Origin) -> Result<Arc<Identity>> {
    app.remembered.lease(&app.db).await?;
    if let Some(known) = app.remembered.get(&digest(token)) {
        return Ok(known);
    }
    // Read before the rows: if they change meanwhile, the entry is stale at once instead of for ever.
    let epoch = app.remembered.epoch();
    let identity = match token.starts_with("lg_") {
        true => by_api_token(app, token, epoch, origin).await?,
        false => access::identify(app, token, epoch).await?,
    };
    let identity = Arc::new(identity);
    app.remembered.put(digest(token), Arc::clone(&identity));
    Ok(identity)
}

/// Whether a caller that was verified some time ago would be verified still, with the same rights: for requests
/// that last.
///
/// # Errors
/// `unauthenticated` where it would not.
pub async fn still(app: &App, caller: &Identity) -> Result<()> {
    app.remembered.lease(&app.db).await?;
    if app.remembered.holds(caller) {
        return Ok(());
    }
    let user = active_user(app, caller.user_id).await?;
    let reaches = Scope::Division(user.meta.division_code).covers(&caller.division);
    let same = user.data.role == caller.role && user.data.scope(&caller.division) == caller.scope;
    let mut good = Utc::now() < caller.expires_at && same && reaches;
    if let Some((id, grants)) = &caller.token {
        let id = *id;
        let token = app.db.read(move |c| persistence::tokens::get(c, &Scope::System, id)).await?;
        good &= token.works(Utc::now()) && grants.as_slice() == token.scopes;
    }
    if let Some(id) = caller.session {
        let session = app.db.read(move |c| persistence::identity::sessions::get(c, id)).await?;
        good &= session.is_some_and(|s| s.lives(Utc::now()));
    }
    if good { Ok(()) } else { Err(unauthenticated()) }
}

/// Notes, at most once a minute, that the caller's API token was used.
pub fn note_use(app: &App, identity: &Identity, address: IpAddr, agent: &str) {
    let Some((id, _)) = identity.token else { return };
    let minute = Utc::now().timestamp() / 60;
    if identity.noted.swap(minute, Ordering::Relaxed) == minute {
        return;
    }
    let (app, address, agent) = (app.clone(), address.to_string(), origin::kept(agent));
    actix_web::rt::spawn(async move {
        let stamp = persistence::Stamp::system("token-use", Utc::now());
        if let Err(e) = app.db.write(stamp, false, move |tx| persistence::tokens::used(tx, id, &address, &agent)).await
        {
            tracing::warn!(cause = %e, "the use of a token was not noted");
        }
    });
}

async fn by_api_token(app: &App, text: &str, epoch: i64, origin: &origin::Origin) -> Result<Identity> {
    let hash = tokens::hash(&app.keys, text).ok_or_else(unauthenticated)?;
    let token = app.db.read(move |c| persistence::tokens::by_hash(c, &hash)).await?.ok_or_else(unauthenticated)?;
    if !token.works(Utc::now()) {
        tokens::leaked::alarm(app, origin, &token).await?;
        return Err(unauthenticated());
    }
    of_token(app, token, epoch).await
}

/// The caller that a token makes, whether it works or not.
async fn of_token(app: &App, token: persistence::tokens::Token, epoch: i64) -> Result<Identity> {
    let bounds = Bounds::of(&token)?;
    let user = active_user(app, token.user_id).await?;
    // The token's division bounds the user's, and the other way round.
    let own = Scope::Division(user.meta.division_code.clone());
    let emergency = token.kind == persistence::tokens::EMERGENCY;
    let division = if emergency || own.covers(&token.division_code) {
        token.division_code
    } else if token.division_code.contains(&user.meta.division_code) {
        user.meta.division_code.clone()
    } else {
        return Err(unauthenticated());
    };
    Ok(Identity {
        user_id: user.meta.id,
        scope: if emergency { Scope::Division(division.clone()) } else { user.data.scope(&division) },
        username: user.data.username,
        role: user.data.role,
        division,
        session: None,
        token: Some((token.id, Grants::new(token.scopes))),
        incomplete: false,
        emergency,
        bounds,
        rate_class: token.rate_class,
        expires_at: token.expires_at,
        epoch,
        noted: AtomicI64::new(0),
    })
}

/// The caller a user would be after signing in, or why it would be none: for who asks about another's rights.
///
/// # Errors
/// What the database says.
pub async fn as_user(app: &App, id: Uuid) -> Result<std::result::Result<Arc<Identity>, &'static str>> {
    let found = access::of_user(app, id).await;
    unless_unknown(found, "the user is disabled")
}

/// The same of an API token.
///
/// # Errors
/// What the database says.
pub async fn as_token(
    app: &App,
    token: persistence::tokens::Token,
) -> Result<std::result::Result<Arc<Identity>, &'static str>> {
    if !token.works(Utc::now()) {
        return Ok(Err("the token has ended"));
    }
    unless_unknown(of_token(app, token, app.remembered.epoch()).await, "its owner is disabled, or works elsewhere")
}

fn unless_unknown(
    found: Result<Identity>,
    why: &'static str,
) -> Result<std::result::Result<Arc<Identity>, &'static str>> {
    match found {
        Ok(identity) => Ok(Ok(Arc::new(identity))),
        Err(e) if e.problem == Problem::Unauthenticated => Ok(Err(why)),
        Err(e) => Err(e),
    }
}

async fn active_user(app: &App, id: Uuid) -> Result<Record<User>> {
    let user = app.db.read(move |c| User::get(c, &Scope::System, id)).await?;
    user.filter(|u| !u.data.disabled).ok_or_else(unauthenticated)
}

fn bearer(req: &HttpRequest) -> Result<&str> {
    let value = req.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).ok_or_else(unauthenticated)?;
    let (scheme, token) = value.split_once(' ').ok_or_else(unauthenticated)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > 4096 {
        return Err(unauthenticated());
    }
    Ok(token)
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn unauthenticated() -> ApiError {
    ApiError::new(Problem::Unauthenticated)
}
