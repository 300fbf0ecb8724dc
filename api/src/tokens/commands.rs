//! `laogan token …`.
use super::form;
use super::handlers::{MAX_OVERLAP_HOURS, successor};
use super::request::{Owner, TokenRequest, prepare};
use crate::auth::commands::{division, named};
use crate::auth::keys::Keys;
use crate::auth::remembered::LEASE;
use crate::cli::{Failure, Outcome, say};
use crate::config::Config;
use crate::error::ApiError;
use crate::{first_start, server};
use clap::{Args, Subcommand};
use domain::codes::{AuditKind, AuditOutcome};
use domain::policy::Role;
use domain::{DivisionCode, Problem, Scope, Utc, Uuid};
use persistence::audit::{self, Event};
use persistence::tokens::{self, Token, Which};
use persistence::{Database, Error, Stamp, Tx};
use std::io::Read;

/// What is done with API tokens.
#[derive(Subcommand)]
pub enum TokenCommand {
    /// Make a token; it alone goes to standard output
    Create(NewToken),
    /// List tokens
    List {
        /// Only those of this user
        #[arg(long)]
        user: Option<String>,
        /// Only those that end within this time, such as 14d
        #[arg(long)]
        expiring_within: Option<String>,
    },
    /// Put a new token in the place of one; the new one alone goes to standard output
    Rotate {
        /// Public id of the old one
        id: Uuid,
        /// For how long the old one works on, such as 24h; at most 7d
        #[arg(long, default_value = "24h")]
        overlap: String,
    },
    /// Revoke tokens: one, or all that the options name
    Revoke {
        /// Public id
        id: Option<Uuid>,
        /// All tokens of this user
        #[arg(long, conflicts_with = "id")]
        user: Option<String>,
        /// All tokens of this family
        #[arg(long, conflicts_with = "id")]
        family: Option<Uuid>,
        /// All tokens that work in this division or inside it
        #[arg(long, conflicts_with = "id")]
        division: Option<String>,
        /// Why
        #[arg(long, default_value = "revoked")]
        reason: String,
        /// Only list what would be revoked
        #[arg(long)]
        dry_run: bool,
    },
    /// Say what a text from standard input is: a token that was found somewhere
    Check,
}

/// A token to make.
#[derive(Args)]
pub struct NewToken {
    /// What it is called
    #[arg(long)]
    name: String,
    /// What it is for
    #[arg(long, default_value = "")]
    purpose: String,
    /// Scopes, separated by commas, such as cadres:read,honors:*
    #[arg(long, value_delimiter = ',', required = true)]
    scopes: Vec<String>,
    /// Life, such as 12h or 30d; at most 366d
    #[arg(long)]
    expires_in: String,
    /// The user whose rights it draws on
    #[arg(long, default_value = "admin")]
    user: String,
    /// Where it works; the user's division by default
    #[arg(long)]
    division: Option<String>,
    /// Networks it may be used from, separated by commas, such as 10.17.22.0/24
    #[arg(long, value_delimiter = ',')]
    cidrs: Vec<String>,
    /// HTTP methods it may be used with, separated by commas
    #[arg(long, value_delimiter = ',')]
    methods: Vec<String>,
    /// Which limits its requests count against: default, sync or bulk
    #[arg(long)]
    rate_class: Option<String>,
    /// For trying things out: lives 31 days at most
    #[arg(long)]
    test: bool,
}

/// `laogan token …`
///
/// # Errors
/// A text for the terminal.
pub async fn run(config: &Config, command: TokenCommand) -> Outcome {
    let keys = Keys::load(&config.data_dir).map_err(Failure::final_)?;
    let db = server::open(config).await?;
    first_start::prepare(&db, config).await?;
    first_start::know_secret(&db, &keys, config).await?;
    match command {
        TokenCommand::Create(new) => create(&db, &keys, new).await,
        TokenCommand::List { user, expiring_within } => list(&db, user, expiring_within).await,
        TokenCommand::Rotate { id, overlap } => rotate(&db, &keys, id, &overlap).await,
        TokenCommand::Revoke { id, user, family, division: place, reason, dry_run } => {
            let user_id = owner(&db, user).await?;
            let division_code = place.as_deref().map(division).transpose()?;
            let which = Which { user_id, family_id: family, division_code, ..Which::default() };
            match id {
                None if which.says_nothing() => {
                    Err(Failure::final_("which tokens? Give an id, --user, --family or --division"))
                }
                _ => revoke(&db, id, which, reason, dry_run).await,
            }
        }
        TokenCommand::Check => check(&db, &keys).await,
    }
}

fn told(e: ApiError) -> Failure {
    Failure::from(Error::Refused(Problem::ValidationFailed, e.violations))
}

fn stamp() -> Stamp {
    Stamp::system("cli", Utc::now())
}

fn event(division: &DivisionCode, id: Uuid, detail: &str) -> Event {
    let event = Event::new(AuditKind::Token, AuditOutcome::Success, Utc::now(), "system:cli", division.clone());
    event.about("tokens", Some(id)).detail(detail)
}

async fn owner(db: &Database, username: Option<String>) -> Result<Option<Uuid>, Failure> {
    match username {
        Some(name) => Ok(Some(named(db, "--user", &name).await?.meta.id)),
        None => Ok(None),
    }
}

async fn create(db: &Database, keys: &Keys, new: NewToken) -> Outcome {
    let now = Utc::now();
    let life = duration(&new.expires_in)
        .ok_or_else(|| Failure::final_(format!("--expires-in {}: such as 12h or 30d", new.expires_in)))?;
    let user = named(db, "--user", &new.user).await?;
    let owner =
        Owner { id: user.meta.id, division: user.meta.division_code, system: user.data.role == Role::SyncClient };
    let request = TokenRequest {
        name: new.name,
        purpose: new.purpose,
        scopes: new.scopes,
        division_code: new.division.as_deref().map(division).transpose()?,
        expires_at: now + life,
        user_id: None,
        test: new.test,
        cidrs: new.cidrs,
        methods: new.methods,
        rate_class: new.rate_class,
    };
    let token = prepare(request, &owner, "system:cli".into(), now, |_| true).map_err(told)?;
    let secret = form::generate(&token.kind).map_err(Failure::final_)?;
    let hash = form::hash(keys, &secret).ok_or_else(|| Failure::final_("a fresh token has no hash"))?;
    db.write(stamp(), false, move |tx| {
        tx.begin()?;
        tokens::insert(tx, &token, &hash)?;
        audit::note(tx, &event(&token.division_code, token.id, "created"))
    })
    .await?;
    say(&secret);
    Ok(())
}

async fn list(db: &Database, user: Option<String>, within: Option<String>) -> Outcome {
    let now = Utc::now();
    let user_id = owner(db, user).await?;
    let soon = |text: String| {
        duration(&text)
            .map(|d| now + d)
            .ok_or_else(|| Failure::final_(format!("--expiring-within {text}: such as 14d")))
    };
    let which = Which { user_id, expires_before: within.map(soon).transpose()?, ..Which::default() };
    let all = db.read(move |c| tokens::list(c, &Scope::System, &which, now, None, 10_000)).await?;
    all.iter().for_each(|t| say(&line(t)));
    Ok(())
}

/// A token in one line.
fn line(t: &Token) -> String {
    let used = t.last_used_at.map_or_else(|| "never used".into(), |at| format!("used {}", at.format("%Y-%m-%d")));
    let (state, until) = (t.state(Utc::now()).as_str(), t.expires_at.format("%Y-%m-%d"));
    format!("{}  {state}  {}  {}  {}  until {until}  {used}", t.id, t.division_code, t.scopes.join(","), t.name)
}

async fn rotate(db: &Database, keys: &Keys, id: Uuid, overlap: &str) -> Outcome {
    let longest = chrono::Duration::hours(i64::from(MAX_OVERLAP_HOURS));
    let overlap = match overlap {
        "0" | "0h" => Some(chrono::Duration::zero()),
        text => duration(text).filter(|d| *d <= longest),
    };
    let overlap = overlap.ok_or_else(|| Failure::final_("--overlap: such as 24h, at most 7d"))?;
    let now = Utc::now();
    let old = db.read(move |c| tokens::get(c, &Scope::System, id)).await?;
    let (token, secret, hash) =
        successor(keys, &old, &old.division_code, "system:cli".into(), None, now).map_err(told)?;
    db.write(stamp(), false, move |tx| {
        tokens::rotate(tx, &old, now + overlap, &token, &hash)?;
        audit::note(tx, &event(&old.division_code, old.id, "rotated"))
    })
    .await?;
    say(&secret);
    tokio::time::sleep(LEASE).await;
    Ok(())
}

async fn revoke(db: &Database, id: Option<Uuid>, which: Which, reason: String, dry_run: bool) -> Outcome {
    let work = move |tx: &mut Tx<'_>| {
        let ids = match id {
            Some(id) => {
                tokens::get(tx.conn, &Scope::System, id)?;
                tokens::revoke(tx, id, &reason)?;
                vec![id]
            }
            None => tokens::revoke_many(tx, &Scope::System, &which, &reason)?,
        };
        let mut lines = vec![];
        for id in ids {
            let token = tokens::get(tx.conn, &Scope::System, id)?;
            audit::note(tx, &event(&token.division_code, id, "revoked").purpose(reason.as_str()))?;
            lines.push(line(&token));
        }
        Ok(lines)
    };
    let lines = db.write(stamp(), dry_run, work).await?;
    lines.iter().for_each(|l| say(l));
    if !dry_run {
        tokio::time::sleep(LEASE).await;
    }
    Ok(())
}

async fn check(db: &Database, keys: &Keys) -> Outcome {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|e| Failure::final_(e.to_string()))?;
    let Some(hash) = form::hash(keys, text.trim()) else {
        return Err(Failure::final_("this is no token: its form or its check part is wrong"));
    };
    match db.read(move |c| tokens::by_hash(c, &hash)).await? {
        Some(token) => say(&line(&token)),
        None => return Err(Failure::final_("it has the form of a token, but is none of this installation")),
    }
    Ok(())
}

/// `12h`, `30d`.
fn duration(text: &str) -> Option<chrono::Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let n: i64 = number.parse().ok().filter(|n| (1..=10_000).contains(n))?;
    match unit {
        "h" => Some(chrono::Duration::hours(n)),
        "d" => Some(chrono::Duration::days(n)),
        _ => None,
    }
}
