//! The harness: what a test needs to start the server, talk to it and judge its answers.
//!
//! * `report` runs the cases on both engines and says at the end what was and was not tested.
//! * `app` is one running server, `client` one caller of it, `response` one answer, `raw` many at a time.
//! * `contract` holds every answer against the server's own `/openapi.json`; `files` are there for who names them.
//! * `postgres` is the throwaway database cluster, `scratch` the directory that vanishes with the test process.
//!
//! A topic is a module with functions `fn(&Ctx)` and one list of them:
//! ```ignore
//! pub fn tests() -> Vec<Case> {
//!     cases![creates_a_cadre, refuses_a_bad_date]
//! }
//! ```
//! and one line in `main.rs`. Every case runs as `sqlite::topic::name` and `postgres::topic::name`.
#![allow(dead_code, reason = "a toolbox: what no topic uses today is there for the next one")]

pub mod app;
pub mod client;
pub mod contract;
pub mod files;
pub mod postgres;
pub mod raw;
pub mod report;
pub mod response;
pub mod scratch;

use std::{process::Command, time::Duration};

pub use app::App;

/// The server under test; only an integration test is told where cargo has put it.
pub const SERVER: &str = env!("CARGO_BIN_EXE_laogan-under-test");

/// Where a server keeps its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// On which engines a case runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Both,
    Sqlite,
    Postgres,
    /// Once and under its bare name: the case starts no server, or chooses its own.
    Once,
}

/// One test, before it is multiplied by the engines. Made by [`cases!`].
#[derive(Clone, Copy)]
pub struct Case {
    /// `topic::function`, behind the name of the test binary.
    pub name: &'static str,
    pub on: On,
    pub run: fn(&Ctx),
}

/// What a running case knows about itself.
pub struct Ctx {
    pub engine: Engine,
}

impl Ctx {
    /// A server of this case's own, with an empty database.
    pub fn app(&self) -> App {
        App::start(self.engine)
    }

    /// The same with more arguments or environment variables.
    pub fn app_with(&self, adjust: impl Fn(&mut Command) + Send + Sync + 'static) -> App {
        App::start_with(self.engine, adjust)
    }
}

/// The list of a module's cases: `cases![a, b]` on both engines, `cases![sqlite: a]`, `cases![postgres: a]`,
/// `cases![once: a]` on one of them or none. Lists join with `[cases![a], cases![sqlite: b]].concat()`.
macro_rules! cases {
    (@ $on:ident, $($function:ident),*) => {
        vec![$($crate::support::Case {
            name: concat!(module_path!(), "::", stringify!($function)),
            on: $crate::support::On::$on,
            run: $function,
        }),*]
    };
    (sqlite: $($function:ident),* $(,)?) => { $crate::support::cases!(@ Sqlite, $($function),*) };
    (postgres: $($function:ident),* $(,)?) => { $crate::support::cases!(@ Postgres, $($function),*) };
    (once: $($function:ident),* $(,)?) => { $crate::support::cases!(@ Once, $($function),*) };
    ($($function:ident),* $(,)?) => { $crate::support::cases!(@ Both, $($function),*) };
}
pub(crate) use cases;

/// A command without the settings of whoever runs the tests: a developer's `DATABASE_URL`, `PGHOST` or
/// `LAOGAN_CONFIG` must not decide what is tested.
pub fn clean_command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("LAOGAN_") || text.starts_with("DATABASE_") || text.starts_with("PG") {
            command.env_remove(&name);
        }
    }
    command
}

/// How long the cases go on that have a long form: `LAOGAN_SOAK=10` means ten minutes for each of them. Without it
/// they take seconds.
pub fn soak() -> Option<Duration> {
    let minutes: f64 = std::env::var("LAOGAN_SOAK").ok()?.parse().ok()?;
    (minutes > 0.0).then(|| Duration::from_secs_f64(minutes * 60.0))
}

/// Twelve digits that no other name in this run or the next ends with.
pub fn random() -> String {
    // The head of such an id is the time.
    uuid::Uuid::now_v7().simple().to_string().split_off(20)
}

/// Sends a signal by name. The shell's own `kill` is used because slim images have no other.
pub fn signal(name: &str, pids: &[u32]) {
    let pids: Vec<String> = pids.iter().map(u32::to_string).collect();
    let _ = Command::new("sh").args(["-c", &format!("kill -{name} {} 2>/dev/null", pids.join(" "))]).status();
}
