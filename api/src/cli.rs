//! The command line. Exit codes: 0 done, 1 failed for good, 2 wrong usage, 75 try again later.
use crate::auth::keys::Keys;
use crate::config::{Config, Options};
use crate::tokens::{self, TokenRequest};
use crate::{backup, contract, first_start, progress, server};
use clap::{Parser, Subcommand};
use domain::administration::User;
use domain::policy::Role;
use domain::{Code, DivisionCode, Language, Problem, Scope, Utc, Uuid};
use persistence::{Error, Stamp, identity};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Laogan 老干: the open backend for the work with retired cadres
#[derive(Parser)]
#[command(name = "laogan", version, about)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API (the default)
    Serve {
        /// Load the demo data of Heze first, if there are no cadres yet
        #[arg(long)]
        demo: bool,
    },
    /// Bring the database's schema up to date
    Migrate,
    /// Load the demo data of Heze into an empty database
    Demo,
    /// Write a copy of the database to a file, beside a running server
    Backup {
        /// A file that is not there yet
        file: PathBuf,
    },
    /// Put a backup in the place of the database; no server may be running
    Restore {
        /// A file that `backup` has written, from the same engine
        file: PathBuf,
    },
    /// Keep this instance alike with the city's server: load, then pull and push
    Sync(crate::agent::Options),
    /// Print, check or write the contract
    Openapi {
        /// Fail unless openapi/ holds the contract of this binary
        #[arg(long)]
        check: bool,
        /// Write openapi/
        #[arg(long, conflicts_with = "check")]
        write: bool,
    },
    /// Users
    #[command(subcommand)]
    User(UserCommand),
    /// API tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Keys of the fields that are stored sealed
    #[command(subcommand)]
    Keys(crate::privacy::commands::KeysCommand),
}

#[derive(Subcommand)]
enum UserCommand {
    /// Create a user
    Create {
        /// Name to sign in with
        #[arg(long)]
        username: String,
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
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

#[derive(Subcommand)]
enum TokenCommand {
    /// Make a token; it alone goes to standard output
    Create {
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
    },
    /// List tokens
    List,
    /// Revoke a token
    Revoke {
        /// Its public id
        id: Uuid,
    },
}

/// How a command ends.
pub type Outcome = Result<(), Failure>;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    text: String,
    later: bool,
}
impl Failure {
    /// Trying again will not help.
    pub fn final_(text: impl Into<String>) -> Self {
        Self { text: text.into(), later: false }
    }
    /// Trying again later may.
    pub fn later(text: impl Into<String>) -> Self {
        Self { text: text.into(), later: true }
    }
}
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let findings = |vs: &[domain::Violation]| {
            vs.iter().map(|v| format!("\n  {}: {}", v.pointer, v.message(Language::En))).collect::<String>()
        };
        match &error {
            Error::Unavailable(cause) => Self { text: cause.clone(), later: true },
            Error::Invalid(found) => {
                Self::final_(format!("the data does not pass validation{}", findings(&found.errors)))
            }
            Error::Refused(problem, vs) => Self::final_(format!("{}{}", problem.en(), findings(vs))),
            other => Self::final_(other.to_string()),
        }
    }
}

/// The whole program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log();
    let outcome = Config::load(&cli.options).map_err(Failure::final_).and_then(|config| {
        let command = cli.command.unwrap_or(Command::Serve { demo: false });
        actix_web::rt::System::new().block_on(run(command, config))
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "laogan: {}", failure.text);
            ExitCode::from(if failure.later { 75 } else { 1 })
        }
    }
}

/// One line on standard output.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

fn log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("LAOGAN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let json = std::env::var("LAOGAN_LOG_FORMAT").is_ok_and(|f| f == "json");
    let to_stderr = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second call in one process changes nothing.
    let _ = if json { to_stderr.json().try_init() } else { to_stderr.try_init() };
}

async fn run(command: Command, config: Config) -> Outcome {
    match command {
        Command::Serve { demo } => server::serve(config, demo).await,
        Command::Migrate => {
            let _shared = backup::InUse::shared(&config)?;
            server::migrate(&config).await
        }
        Command::Demo => {
            let _shared = backup::InUse::shared(&config)?;
            let db = server::open(&config).await?;
            first_start::prepare(&db, &config).await?;
            progress::demo(&db).await
        }
        Command::Backup { file } => backup::backup(&config, file).await,
        Command::Restore { file } => backup::restore(&config, file).await,
        Command::Sync(options) => crate::agent::run(&config, options).await,
        Command::Openapi { check, write } => openapi(check, write),
        Command::User(UserCommand::Create { username, role, division, unit, party_organization, cadre, .. }) => {
            let _shared = backup::InUse::shared(&config)?;
            let user = User {
                unit_id: unit,
                party_organization_id: party_organization,
                cadre_id: cadre,
                ..named(&username, &role)?
            };
            new_user(&config, user, division).await
        }
        Command::Keys(command) => crate::privacy::commands::run(&config, command).await,
        Command::Token(command) => {
            let _shared = backup::InUse::shared(&config)?;
            token(&config, command).await
        }
    }
}

fn openapi(check: bool, write: bool) -> Outcome {
    let mut differing = vec![];
    for (file, made) in contract::FILES {
        let (path, text) = (PathBuf::from(file), made());
        if write {
            std::fs::write(&path, text).map_err(|e| Failure::final_(format!("{file}: {e}")))?;
        } else if check && std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
            differing.push(file);
        }
    }
    if !check && !write {
        say(contract::latest().trim_end());
    }
    if differing.is_empty() {
        return Ok(());
    }
    Err(Failure::final_(format!(
        "{} differ from this binary's contract; `laogan openapi --write` and look at the change",
        differing.join(" and ")
    )))
}

/// A user of this name and role.
fn named(username: &str, role: &str) -> Result<User, Failure> {
    let known = || Role::ALL.iter().map(|r| r.as_str()).collect::<Vec<_>>().join(", ");
    let role = Role::parse(role).ok_or_else(|| Failure::final_(format!("--role {role}: one of {}", known())))?;
    Ok(User::new(username, username, role))
}

async fn new_user(config: &Config, user: User, division: Option<String>) -> Outcome {
    let division = match division {
        Some(code) => {
            DivisionCode::parse(&code).ok_or_else(|| Failure::final_(format!("{code}: not a division code")))?
        }
        None => config.division.clone(),
    };
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).map_err(|e| Failure::final_(e.to_string()))?;
    let password = password.trim_end_matches(['\n', '\r']);
    crate::auth::passwords::check("/password", password).map_err(|_| {
        Failure::final_(format!(
            "a password has {} to {} characters",
            crate::auth::passwords::MIN,
            crate::auth::passwords::MAX
        ))
    })?;
    let db = server::open(config).await?;
    first_start::prepare(&db, config).await?;
    let hash = crate::auth::passwords::hash_now(password).map_err(Failure::final_)?;
    let id = first_start::new_user(&db, user, &division, &hash, "cli").await?;
    say(&id.to_string());
    Ok(())
}

async fn token(config: &Config, command: TokenCommand) -> Outcome {
    let keys = Keys::load(&config.data_dir).map_err(Failure::final_)?;
    let db = server::open(config).await?;
    first_start::prepare(&db, config).await?;
    let stamp = Stamp::system("cli", Utc::now());
    match command {
        TokenCommand::Create { name, purpose, scopes, expires_in, user, division } => {
            let now = stamp.now;
            let life = duration(&expires_in)
                .ok_or_else(|| Failure::final_(format!("--expires-in {expires_in}: such as 12h or 30d")))?;
            let wanted = user.clone();
            let owner = db.read(move |c| identity::by_username(c, &wanted)).await?;
            let (owner, _) = owner.ok_or_else(|| Failure::final_(format!("--user {user}: there is no such user")))?;
            let division_code = match division {
                Some(code) => Some(
                    DivisionCode::parse(&code)
                        .ok_or_else(|| Failure::final_(format!("--division {code}: not a division code")))?,
                ),
                None => None,
            };
            let request = TokenRequest { name, purpose, scopes, division_code, expires_at: now + life };
            let prepared = tokens::prepare(request, owner.meta.id, &owner.meta.division_code, now, |_| true);
            let token = prepared.map_err(|e| Failure::from(Error::Refused(Problem::ValidationFailed, e.violations)))?;
            let secret = tokens::generate().map_err(Failure::final_)?;
            let hash = tokens::hash(&keys, &secret).ok_or_else(|| Failure::final_("a fresh token has no hash"))?;
            db.write(stamp, false, move |tx| persistence::tokens::insert(tx, &token, &hash)).await?;
            say(&secret);
        }
        TokenCommand::List => {
            let all = db.read(|c| persistence::tokens::list(c, &Scope::System, None, None, 10_000)).await?;
            for t in all {
                let state = if t.revoked_at.is_some() {
                    "revoked"
                } else if t.expires_at <= Utc::now() {
                    "expired"
                } else {
                    "active"
                };
                say(&format!(
                    "{}  {state}  {}  {}  {}  until {}",
                    t.id,
                    t.division_code,
                    t.scopes.join(","),
                    t.name,
                    t.expires_at.format("%Y-%m-%d")
                ));
            }
        }
        TokenCommand::Revoke { id } => {
            db.write(stamp, false, move |tx| {
                persistence::tokens::get(tx.conn, &Scope::System, id)?;
                persistence::tokens::revoke(tx, id)
            })
            .await?;
        }
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
