//! Configuration: command line and environment first, then the TOML file, then the defaults. No secret has a default.
use crate::auth::passwords::Cost;
use crate::files::settings;
use crate::limits::browsers;
use crate::limits::settings::{Given, Limits};
use crate::worklists::reminders::{GivenReminders, Reminders};
use domain::Code;
use domain::policy::Role;
use persistence::database::Urls;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Days for which events of the audit are kept where nothing is said: three years, as the record of an impact
/// assessment (Personal Information Protection Law, article 56).
const AUDIT_DAYS: i64 = 1096;
/// Megabytes of a file where nothing is said.
const IMPORT_MB: u16 = 32;
/// The shortest time: six months for network logs (Cybersecurity Law, article 21).
const LEAST_AUDIT_DAYS: i64 = 180;

/// What the process needs to know to run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where keys, the initial password and the SQLite file are.
    pub data_dir: PathBuf,
    /// The database.
    pub urls: Urls,
    /// The division of this installation.
    pub division: domain::DivisionCode,
    /// Sensitive fields that an account may reveal in a day.
    pub reveals_per_day: i64,
    /// Proxies whose word on a client's address counts.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Roles that must have a second factor.
    pub require_second_factor: Vec<Role>,
    /// What a password hash costs.
    pub password_cost: Cost,
    /// Whether the use of a token that was rotated out revokes its whole family.
    pub reuse_revokes_family: bool,
    /// Days for which events of the audit are kept.
    pub audit_days: i64,
    /// Bytes of a file that is brought in at most.
    pub import_limit: usize,
    /// What one caller may take.
    pub limits: Limits,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<String>,
    /// Where files are kept.
    pub files: settings::Settings,
    /// How long before a day somebody is reminded of it.
    pub reminders: Reminders,
}

/// Options that every subcommand takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Options {
    /// Directory for keys, the initial password and the SQLite file
    #[arg(long, env = "LAOGAN_DATA_DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// sqlite://PATH or postgres://…; by default SQLite in the data directory
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true)]
    pub database_url: Option<String>,
    /// Replica for exports and reports (PostgreSQL)
    #[arg(long, env = "DATABASE_READ_URL", global = true, hide_env_values = true)]
    pub database_read_url: Option<String>,
    /// Division of this installation, which the first administrator works for
    #[arg(long, env = "LAOGAN_ROOT_DIVISION", global = true)]
    pub root_division: Option<String>,
    /// TOML file with the same names (data_dir, database_url, …)
    #[arg(long, env = "LAOGAN_CONFIG", global = true)]
    pub config: Option<PathBuf>,
    /// Address to listen on
    #[arg(long, env = "LAOGAN_LISTEN", global = true)]
    pub listen: Option<String>,
    /// Sensitive fields that an account may reveal in a day; 200 by default
    #[arg(long, env = "LAOGAN_REVEALS_PER_DAY", global = true)]
    pub reveals_per_day: Option<i64>,
    /// Networks of the proxies in front, whose X-Forwarded-For counts; separated by commas
    #[arg(long, env = "LAOGAN_TRUSTED_PROXIES", global = true, value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<String>>,
    /// Roles that must have a second factor, separated by commas
    #[arg(long, env = "LAOGAN_REQUIRE_SECOND_FACTOR", global = true, value_delimiter = ',')]
    pub require_second_factor: Option<Vec<String>>,
    /// Whether the use of a token that was rotated out revokes all tokens of its family
    #[arg(long, env = "LAOGAN_REUSE_REVOKES_FAMILY", global = true)]
    pub reuse_revokes_family: Option<bool>,
    /// Days for which events of the audit are kept; at least 180
    #[arg(long, env = "LAOGAN_AUDIT_DAYS", global = true)]
    pub audit_days: Option<i64>,
    /// Origins whose pages may call the API, such as https://app.example.cn; separated by commas, none by default
    #[arg(long, env = "LAOGAN_CORS_ORIGINS", global = true, value_delimiter = ',')]
    pub cors_origins: Option<Vec<String>>,
    /// Megabytes of a file that is brought in at most; 32 by default
    #[arg(long, env = "LAOGAN_IMPORT_MB", global = true)]
    pub import_mb: Option<u16>,
    #[command(flatten)]
    /// The limits that were given.
    pub limits: Given,
    #[command(flatten)]
    /// What was said of files.
    pub files: settings::FileOptions,
    #[command(flatten)]
    /// The leads that were given.
    pub reminders: GivenReminders,
}

/// The TOML file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data_dir: Option<PathBuf>,
    database_url: Option<String>,
    database_read_url: Option<String>,
    root_division: Option<String>,
    listen: Option<String>,
    reveals_per_day: Option<i64>,
    trusted_proxies: Option<Vec<String>>,
    require_second_factor: Option<Vec<String>>,
    password_memory_kib: Option<u32>,
    password_passes: Option<u32>,
    reuse_revokes_family: Option<bool>,
    audit_days: Option<i64>,
    cors_origins: Option<Vec<String>>,
    import_mb: Option<u16>,
    #[serde(default)]
    limits: Given,
    #[serde(default)]
    files: settings::FileOptions,
    #[serde(default)]
    reminders: GivenReminders,
}

impl Config {
    /// Puts options, file and defaults together.
    ///
    /// # Errors
    /// A text for the terminal that names the option.
    pub fn load(options: &Options) -> Result<Self, String> {
        let file = options.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let data_dir = options.data_dir.clone().or(file.data_dir).unwrap_or_else(|| PathBuf::from("data"));
        let listen = options.listen.clone().or(file.listen).unwrap_or_else(|| "127.0.0.1:8080".into());
        let listen = listen.parse().map_err(|_| format!("--listen {listen}: not an address such as 127.0.0.1:8080"))?;
        let url = options.database_url.clone().or(file.database_url).filter(|u| !u.is_empty());
        let primary = url.unwrap_or_else(|| format!("sqlite://{}", data_dir.join("laogan.db").display()));
        let division = options
            .root_division
            .clone()
            .or(file.root_division)
            .unwrap_or_else(|| domain::reference::heze::CITY.into());
        let division =
            domain::DivisionCode::parse(&division).ok_or(format!("--root-division {division}: not a division code"))?;
        let reveals_per_day = options.reveals_per_day.or(file.reveals_per_day).unwrap_or(200);
        let read = options.database_read_url.clone().or(file.database_read_url);
        let proxies = options.trusted_proxies.clone().or(file.trusted_proxies).unwrap_or_default();
        let proxies = proxies.iter().map(|p| p.trim()).filter(|p| !p.is_empty());
        let trusted_proxies = proxies
            .map(crate::address::network)
            .collect::<Result<_, _>>()
            .map_err(|e| format!("--trusted-proxies {e}"))?;
        let audit_days = options.audit_days.or(file.audit_days).unwrap_or(AUDIT_DAYS);
        if audit_days < LEAST_AUDIT_DAYS {
            return Err(format!("--audit-days {audit_days}: at least {LEAST_AUDIT_DAYS}"));
        }
        let roles = options.require_second_factor.clone().or(file.require_second_factor).unwrap_or_default();
        let roles = roles.iter().map(|r| r.trim()).filter(|r| !r.is_empty());
        let role = |r: &str| Role::parse(r).ok_or(format!("--require-second-factor {r}: there is no such role"));
        let usual = Cost::default();
        let cost = Cost {
            memory_kib: file.password_memory_kib.unwrap_or(usual.memory_kib),
            passes: file.password_passes.unwrap_or(usual.passes),
        };
        let limits = Limits::of(&options.limits, &file.limits);
        let origins = options.cors_origins.clone().or(file.cors_origins).unwrap_or_default();
        let origins = origins.iter().map(|o| o.trim()).filter(|o| !o.is_empty());
        let cors_origins =
            origins.map(browsers::origin).collect::<Result<_, _>>().map_err(|e| format!("--cors-origins {e}"))?;
        let files = settings::Settings::of(options.files.or(&file.files), &data_dir)?;
        Ok(Self {
            listen,
            files,
            data_dir,
            urls: Urls { primary, read },
            division,
            reveals_per_day,
            trusted_proxies,
            audit_days,
            import_limit: usize::from(options.import_mb.or(file.import_mb).unwrap_or(IMPORT_MB)) * 1024 * 1024,
            limits,
            cors_origins,
            reminders: Reminders::of(&options.reminders, &file.reminders),
            require_second_factor: roles.map(role).collect::<Result<_, _>>()?,
            password_cost: cost.checked()?,
            reuse_revokes_family: options.reuse_revokes_family.or(file.reuse_revokes_family).unwrap_or(false),
        })
    }
}

fn read(path: &Path) -> Result<File, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("--config {}: {e}", path.display()))?;
    toml::from_str(&text).map_err(|e| format!("--config {}: {e}", path.display()))
}
