//! The command line. Exit codes: 0 done, 1 failed for good, 2 wrong usage, 75 try again later.
use crate::auth::commands::{SecretCommand, SigningKeyCommand, UserCommand};
use crate::config::{Config, Options};
use crate::tokens::commands::TokenCommand;
use crate::{auth, backup, contract, first_start, progress, server, tokens};
use clap::{Parser, Subcommand};
use domain::Language;
use persistence::Error;
use std::io::Write;
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
    /// Bring in a CSV or XLSX file of records
    Import(crate::exchange::command::ImportArgs),
    /// Write records to a file
    Export(crate::exchange::command::ExportArgs),
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
    /// The installation's secret
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Keys that sign access tokens
    #[command(subcommand)]
    SigningKey(SigningKeyCommand),
    /// API tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Keys of the fields that are stored sealed
    #[command(subcommand)]
    Keys(crate::privacy::commands::KeysCommand),
    /// The files that records name
    #[command(subcommand)]
    Files(crate::files::command::FilesCommand),
    /// The audit
    #[command(subcommand)]
    Audit(crate::audit::command::AuditCommand),
}

/// How a command ends.
pub type Outcome = Result<(), Failure>;

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    text: String,
    code: u8,
}
impl Failure {
    /// Trying again will not help.
    pub fn final_(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 1 }
    }
    /// What was asked for is nothing that can be done.
    pub fn usage(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 2 }
    }
    /// Trying again later may.
    pub fn later(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: 75 }
    }
}
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let findings = |vs: &[domain::Violation]| {
            vs.iter().map(|v| format!("\n  {}: {}", v.pointer, v.message(Language::En))).collect::<String>()
        };
        match &error {
            Error::Unavailable(cause) => Self::later(cause.clone()),
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
            ExitCode::from(failure.code)
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
    // A client tells each address at length, and some are signed.
    let quiet = ["ureq=warn", "ureq_proto=warn"].into_iter().filter_map(|text| text.parse().ok());
    let filter = quiet.fold(filter, EnvFilter::add_directive);
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
        Command::Import(args) => crate::exchange::command::import(&config, args).await,
        Command::Export(args) => crate::exchange::command::export(&config, args).await,
        Command::Sync(options) => crate::agent::run(&config, options).await,
        Command::Openapi { check, write } => openapi(check, write),
        Command::User(command) => {
            let _shared = backup::InUse::shared(&config)?;
            auth::commands::user(&config, command).await
        }
        Command::Keys(command) => crate::privacy::commands::run(&config, command).await,
        Command::Secret(command) => {
            let _shared = backup::InUse::shared(&config)?;
            auth::commands::secret(&config, command).await
        }
        Command::SigningKey(command) => auth::commands::signing_key(&config, command),
        Command::Files(command) => crate::files::command::run(&config, command).await,
        Command::Audit(command) => crate::audit::command::run(&config, command).await,
        Command::Token(command) => {
            let _shared = backup::InUse::shared(&config)?;
            tokens::commands::run(&config, command).await
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
