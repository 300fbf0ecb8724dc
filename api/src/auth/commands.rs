//! `laogan user …` and `laogan signing-key …`.
use super::keys::{self, Keys};
use super::{brakes, passwords, signing};
use crate::cli::{Failure, Outcome, say};
use crate::config::Config;
use crate::{first_start, server};
use clap::{Args, Subcommand};
use domain::administration::User;
use domain::codes::{AuditKind, AuditOutcome};
use domain::policy::Role;
use domain::{Code, DivisionCode, Record, Utc, Uuid};
use persistence::audit::{self, Event};
use persistence::identity::{self, attempts, factors, sessions};
use persistence::{Database, Stamp, Tx};
use std::io::Read;

/// What is done with users.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Create a user
    Create(NewUser),
    /// Forget a user's failed sign-ins, so that the next one need not wait
    Unlock {
        /// Name the user signs in with
        #[arg(long)]
        username: String,
        /// Forget the failures of this address's network as well
        #[arg(long)]
        address: Option<std::net::IpAddr>,
    },
    /// Set a user's password; all sessions of the user end
    Password {
        /// Name the user signs in with
        #[arg(long)]
        username: String,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Take away the second factor of a user who has lost it; all sessions of the user end
    ResetTotp {
        /// Name the user signs in with
        #[arg(long)]
        username: String,
    },
}

/// A user to create.
#[derive(Args)]
pub struct NewUser {
    /// Name to sign in with
    #[arg(long)]
    username: String,
    /// Name to show; the name to sign in with by default
    #[arg(long)]
    display_name: Option<String>,
    /// Role, such as county_admin
    #[arg(long)]
    role: String,
    /// Division the user works for
    #[arg(long)]
    division: Option<String>,
    /// Unit of a unit_user
    #[arg(long, value_name = "ID")]
    unit: Option<Uuid>,
    /// Organization of a party_org_user
    #[arg(long, value_name = "ID")]
    party_organization: Option<Uuid>,
    /// The cadre that a cadre_self is
    #[arg(long, value_name = "ID")]
    cadre: Option<Uuid>,
    /// Read the password from standard input
    #[arg(long, required_unless_present = "no_password")]
    password_stdin: bool,
    /// An account of a system, which works with API tokens only
    #[arg(long, conflicts_with = "password_stdin")]
    no_password: bool,
}

/// What is done with the installation's secret.
#[derive(Subcommand)]
pub enum SecretCommand {
    /// Go on with the secret that is there, when the one before is lost: all sessions, API tokens and second factors end
    Accept,
}

/// What is done with the keys that sign access tokens.
#[derive(Subcommand)]
pub enum SigningKeyCommand {
    /// List the keys
    List,
    /// Add a key; running servers sign with it from two minutes from now, and accept the old one until its tokens end
    Rotate {
        /// Sign with it at once: servers that do not know it yet refuse its tokens for some seconds
        #[arg(long)]
        now: bool,
    },
    /// Void a key and all access tokens signed with it
    Retire {
        /// Its name, as `list` shows it
        kid: String,
    },
}

/// `laogan user …`
///
/// # Errors
/// A text for the terminal.
pub async fn user(config: &Config, command: UserCommand) -> Outcome {
    match command {
        UserCommand::Create(new) => create(config, new).await,
        UserCommand::Unlock { username, address } => {
            let keys = Keys::load(&config.data_dir).map_err(Failure::final_)?;
            let account = brakes::account_prefix(&keys, &username.to_ascii_lowercase());
            let network = address.map(|a| format!("network:{}", brakes::network_hash(&keys, a)));
            change(config, &username, AuditKind::Account, "unlocked", move |tx, _| {
                attempts::forget_below(tx, &account)?;
                network.map_or(Ok(()), |n| attempts::forget(tx, &n).map(drop))
            })
            .await
        }
        UserCommand::Password { username, password_stdin: _ } => {
            let hash = read_password(config, &username)?;
            change(config, &username, AuditKind::Credential, "password_set", move |tx, user| {
                let now = tx.stamp.now;
                identity::set_password(tx, user, &hash, now)?;
                sessions::end_all(tx, user, None, "password_changed").map(drop)
            })
            .await
        }
        UserCommand::ResetTotp { username } => {
            change(config, &username, AuditKind::Credential, "second_factor_removed", |tx, user| {
                factors::remove(tx, user)?;
                sessions::end_all(tx, user, None, "second_factor_removed").map(drop)
            })
            .await
        }
    }
}

/// The user with this name, given by an option.
///
/// # Errors
/// A text for the terminal where there is none.
pub async fn named(db: &Database, option: &str, username: &str) -> Result<Record<User>, Failure> {
    let wanted = username.to_ascii_lowercase();
    let found = db.read(move |c| identity::by_username(c, &wanted)).await?;
    found.ok_or_else(|| Failure::final_(format!("{option} {username}: there is no such user")))
}

/// Changes something about a user, tells the audit, and returns when every server knows.
async fn change(
    config: &Config,
    username: &str,
    kind: AuditKind,
    detail: &'static str,
    work: impl FnOnce(&mut Tx<'_>, Uuid) -> persistence::Result<()> + Send + 'static,
) -> Outcome {
    let db = server::open(config).await?;
    let user = named(&db, "--username", username).await?;
    let id = user.meta.id;
    let event = Event::new(kind, AuditOutcome::Success, Utc::now(), "system:cli", user.meta.division_code);
    let event = event.about("users", Some(id)).detail(detail);
    db.write(Stamp::system("cli", Utc::now()), false, move |tx| {
        tx.begin()?;
        work(tx, id)?;
        audit::note(tx, &event)
    })
    .await?;
    tokio::time::sleep(super::remembered::LEASE).await;
    Ok(())
}

/// A division of the command line.
///
/// # Errors
/// A text for the terminal.
pub fn division(code: &str) -> Result<DivisionCode, Failure> {
    DivisionCode::parse(code).ok_or_else(|| Failure::final_(format!("--division {code}: not a division code")))
}

async fn create(config: &Config, new: NewUser) -> Outcome {
    let role = Role::parse(&new.role).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|r| r.as_str()).collect();
        Failure::final_(format!("--role {}: one of {}", new.role, known.join(", ")))
    })?;
    let division = new.division.as_deref().map(division).transpose()?.unwrap_or_else(|| config.division.clone());
    let hash = if new.no_password { None } else { Some(read_password(config, &new.username)?) };
    let db = server::open(config).await?;
    first_start::prepare(&db, config).await?;
    let shown = new.display_name.as_deref().unwrap_or(&new.username);
    let user = User {
        unit_id: new.unit,
        party_organization_id: new.party_organization,
        cadre_id: new.cadre,
        ..User::new(&new.username, shown, role)
    };
    let id = first_start::new_user(&db, user, &division, hash, "cli").await?;
    say(&id.to_string());
    Ok(())
}

/// The hash of the password on standard input.
fn read_password(config: &Config, username: &str) -> Result<String, Failure> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).map_err(|e| Failure::final_(e.to_string()))?;
    let password = password.trim_end_matches(['\n', '\r']);
    passwords::check("/password", username, password).map_err(|e| {
        let told: Vec<String> = e.violations.iter().map(|v| v.message(domain::Language::En)).collect();
        Failure::final_(told.join("\n"))
    })?;
    passwords::hash_now(config.password_cost, password).map_err(Failure::final_)
}

/// `laogan secret …`
///
/// # Errors
/// A text for the terminal.
pub async fn secret(config: &Config, command: SecretCommand) -> Outcome {
    let SecretCommand::Accept = command;
    let keys = Keys::load(&config.data_dir).map_err(Failure::final_)?;
    let db = server::open(config).await?;
    let check = keys.check();
    let division = config.division.clone();
    db.write(Stamp::system("cli", Utc::now()), false, move |tx| {
        identity::accept_secret(tx, &check)?;
        let event = Event::new(AuditKind::Key, AuditOutcome::Success, tx.stamp.now, "system:cli", division);
        audit::note(tx, &event.detail("secret_accepted"))
    })
    .await?;
    tokio::time::sleep(super::remembered::LEASE).await;
    Ok(())
}

/// `laogan signing-key …`
///
/// # Errors
/// A text for the terminal.
pub fn signing_key(config: &Config, command: SigningKeyCommand) -> Outcome {
    let now = Utc::now();
    let dir = keys::directory(&config.data_dir).map_err(Failure::final_)?;
    match command {
        SigningKeyCommand::List => {
            let all = signing::Signing::load(&dir).map_err(Failure::final_)?;
            let current = all.current(now).map(|k| k.kid.clone());
            for key in all.all() {
                let state = match key.ends {
                    _ if Some(&key.kid) == current.as_ref() => "signs",
                    _ if key.begins > now => "will sign",
                    Some(ends) if ends <= now => "ended",
                    _ => "verifies",
                };
                let ends = key.ends.map_or_else(String::new, |e| format!(" until {}", e.format("%Y-%m-%dT%H:%M:%SZ")));
                say(&format!("{}  {state}  from {}{ends}", key.kid, key.begins.format("%Y-%m-%dT%H:%M:%SZ")));
            }
        }
        SigningKeyCommand::Rotate { now: at_once } => {
            let delay = chrono::Duration::minutes(if at_once { 0 } else { 2 });
            say(&signing::rotate(&dir, now + delay).map_err(Failure::final_)?);
        }
        SigningKeyCommand::Retire { kid } => signing::retire(&dir, &kid, now).map_err(Failure::final_)?,
    }
    Ok(())
}
