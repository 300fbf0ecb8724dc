//! A throwaway PostgreSQL cluster: made in a second, shared by the whole test process, gone with it.

use std::{
    env, fs,
    fs::File,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use super::{SERVER, clean_command, scratch, signal};

/// How a cluster differs from the shared one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// Flushes to disk as in production: for tests that ask what survives a crash of the database.
    pub durable: bool,
}

/// A running cluster.
pub struct Cluster {
    install: &'static Install,
    settings: Settings,
    dir: PathBuf,
    port: u16,
    process: Mutex<Option<Child>>,
    template: OnceLock<String>,
    next: AtomicU32,
}

/// The server programs on this machine.
struct Install {
    bin: PathBuf,
    psql: PathBuf,
    version: String,
    /// User and group for the server when we are root: it refuses to run as root.
    owner: Option<(u32, u32)>,
}

static INSTALL: OnceLock<Result<Install, String>> = OnceLock::new();
static SHARED: OnceLock<Option<Result<Cluster, String>>> = OnceLock::new();

/// Why there is no PostgreSQL to test with, if there is none.
pub fn missing() -> Option<&'static str> {
    install().err()
}

/// The version of the programs that were found, or nothing.
pub fn version() -> &'static str {
    install().map_or("", |install| &install.version)
}

impl Cluster {
    /// The cluster of this test process; `None` where PostgreSQL is not installed.
    ///
    /// A PostgreSQL that is installed but does not start is a failure, not an absence: a suite that quietly
    /// skipped half of its cases would look green.
    pub fn shared() -> Option<&'static Self> {
        let shared = Self::prepare().as_ref()?;
        Some(shared.as_ref().unwrap_or_else(|error| panic!("PostgreSQL for the tests: {error}")))
    }

    /// Makes the shared cluster, which takes a second, ahead of the first case that needs it.
    pub fn prepare() -> &'static Option<Result<Self, String>> {
        SHARED.get_or_init(|| match install() {
            Ok(install) => Some(Self::launch(install, Settings::default())),
            Err(reason) if env::var_os("LAOGAN_REQUIRE_POSTGRES").is_some_and(|value| value == "1") => {
                Some(Err(format!("LAOGAN_REQUIRE_POSTGRES=1, but {reason}")))
            }
            Err(_) => None,
        })
    }

    /// A cluster of the caller's own, to be killed at will; stopped and removed when dropped.
    pub fn start(settings: Settings) -> Self {
        let install = install().unwrap_or_else(|reason| panic!("PostgreSQL for the tests: {reason}"));
        Self::launch(install, settings).unwrap_or_else(|error| panic!("PostgreSQL for the tests: {error}"))
    }

    /// The URL of a fresh database with the schema of the server under test: a copy of one that it has migrated.
    pub fn database(&self) -> String {
        let template = self.template.get_or_init(|| self.make_template());
        // Copying the files of a small database is faster than the default, which writes it all to the log.
        let strategy = if self.install.major() >= 15 { "STRATEGY file_copy" } else { "" };
        self.create(&format!("TEMPLATE {template} {strategy}"))
    }

    /// The URL of a fresh database without tables.
    pub fn empty_database(&self) -> String {
        self.create("")
    }

    /// Drops a database, whoever is connected to it.
    pub fn drop_database(&self, url: &str) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_in(url));
        let _ = self.psql("postgres", &statement);
    }

    /// Runs SQL beneath the server, and returns the rows as lines with `|` between the columns.
    pub fn sql(&self, url: &str, statement: &str) -> String {
        self.psql(name_in(url), statement).unwrap_or_else(|error| panic!("{statement}\n{error}"))
    }

    /// The database is gone at once, with everything it had not flushed.
    pub fn kill9(&self) {
        let mut process = self.process.lock().unwrap();
        let mut child = process.take().expect("the cluster runs");
        // Stopped, so that it begets no child that would not be found and hold its memory on.
        signal("STOP", &[child.id()]);
        let deadline = Instant::now() + Duration::from_secs(10);
        while !is_stopped(child.id()) {
            assert!(Instant::now() < deadline, "PostgreSQL does not stop");
            sleep(Duration::from_millis(1));
        }
        // Its children would notice by themselves, but some time later. The parent goes first, or it would recover.
        let mut family = vec![child.id()];
        family.extend(children_of(child.id()));
        signal("KILL", &family);
        child.wait().expect("bury the cluster");
    }

    /// Starts a killed cluster again, on the same port and with the same data.
    pub fn restart(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        // The shared memory of a killed server is refused until its last child is gone.
        while let Err(error) = self.run() {
            assert!(Instant::now() < deadline, "PostgreSQL did not come back: {error}");
            sleep(Duration::from_millis(100));
        }
    }

    fn launch(install: &'static Install, settings: Settings) -> Result<Self, String> {
        let dir = scratch::directory("postgres");
        let data = dir.join("data");
        fs::create_dir(&data).map_err(|error| error.to_string())?;
        if let Some((user, group)) = install.owner {
            chown(&data, Some(user), Some(group)).map_err(|error| error.to_string())?;
        }
        let mut initdb = install.command("initdb", &dir);
        initdb.args(["-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C", "-D"]).arg(&data);
        output(&mut initdb)?;
        let (process, template) = (Mutex::new(None), OnceLock::new());
        let mut cluster = Self { install, settings, dir, port: 0, process, template, next: AtomicU32::new(0) };
        let mut tries = 0;
        loop {
            cluster.port = free_port();
            match cluster.run() {
                Ok(()) => return Ok(cluster),
                // Someone else took the port in between.
                Err(error) if error.contains("Address already in use") && tries < 5 => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Runs the server as our own child, not through `pg_ctl`: so it can be killed and waited for.
    fn run(&self) -> Result<(), String> {
        let log_path = self.dir.join("log");
        let log = File::options().create(true).append(true).open(&log_path).map_err(|error| error.to_string())?;
        let start_of_log = log.metadata().map_or(0, |meta| meta.len());
        let mut command = self.install.command("postgres", &self.dir);
        command.arg("-D").arg(self.dir.join("data"));
        let durable = if self.settings.durable { "on" } else { "off" };
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            &format!("port={}", self.port),
            "max_connections=300",
            &format!("fsync={durable}"),
            &format!("synchronous_commit={durable}"),
            &format!("full_page_writes={durable}"),
            "log_checkpoints=off",
        ] {
            command.args(["-c", setting]);
        }
        command.stdin(Stdio::null()).stderr(log.try_clone().map_err(|error| error.to_string())?).stdout(log);
        // Out of reach of a Ctrl-C in the terminal: the guardian stops it, after the servers that use it.
        let mut child = command.process_group(0).spawn().map_err(|error| error.to_string())?;
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.ready(child.id()) {
            let ended = child.try_wait().map_err(|error| error.to_string())?.is_some();
            if ended || Instant::now() > deadline {
                let _ = child.kill();
                let _ = child.wait();
                let log = fs::read_to_string(&log_path).unwrap_or_default();
                return Err(log.get(start_of_log as usize..).unwrap_or_default().trim().to_owned());
            }
            sleep(Duration::from_millis(10));
        }
        *self.process.lock().unwrap() = Some(child);
        Ok(())
    }

    /// The server notes its state on the eighth line of its pid file; `pg_ctl` looks there, too.
    fn ready(&self, pid: u32) -> bool {
        let file = fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap_or_default();
        let mut lines = file.lines().map(str::trim);
        lines.next() == Some(pid.to_string().as_str()) && lines.nth(6) == Some("ready")
    }

    fn make_template(&self) -> String {
        let url = self.empty_database();
        let dir = scratch::directory("migrate");
        let mut migrate = clean_command(SERVER);
        migrate.arg("migrate").env("DATABASE_URL", &url).env("LAOGAN_DATA_DIR", &dir);
        output(&mut migrate).unwrap_or_else(|error| panic!("laogan migrate on {url}: {error}"));
        scratch::remove(&dir);
        name_in(&url).to_owned()
    }

    fn create(&self, clauses: &str) -> String {
        let name = format!("laogan_{}", self.next.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} {clauses}"));
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn psql(&self, database: &str, statement: &str) -> Result<String, String> {
        let mut psql = clean_command(&self.install.psql);
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-d", database]).args([
            "-p",
            &self.port.to_string(),
            "-c",
            statement,
        ]);
        output(&mut psql)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut child) = self.process.lock().unwrap_or_else(|error| error.into_inner()).take() {
            signal("QUIT", &[child.id()]);
            let _ = child.wait();
        }
        scratch::remove(&self.dir);
    }
}

impl Install {
    fn command(&self, program: &str, dir: &Path) -> Command {
        let mut command = clean_command(self.bin.join(program));
        // A directory that the other user may enter; messages in English, for we read them.
        command.current_dir(dir).env("LC_ALL", "C");
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }

    fn major(&self) -> u32 {
        self.version.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
    }
}

fn install() -> Result<&'static Install, &'static str> {
    INSTALL.get_or_init(find).as_ref().map_err(String::as_str)
}

fn find() -> Result<Install, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = env::split_paths(&path).collect();
    // Debian keeps the server programs out of the path; the newest version first.
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    versions.sort_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()));
    places.extend(versions.into_iter().rev().map(|version| version.join("bin")));
    let has = |program: &str| places.iter().find(|place| place.join(program).is_file()).cloned();
    let bin = has("initdb").ok_or("no initdb found in PATH or /usr/lib/postgresql/*/bin")?;
    if !bin.join("postgres").is_file() {
        return Err(format!("there is initdb but no postgres in {}", bin.display()));
    }
    // The one beside initdb first: in Debian's PATH there is a slow wrapper.
    let psql = Some(bin.clone()).filter(|bin| bin.join("psql").is_file()).or_else(|| has("psql"));
    let psql = psql.ok_or("no psql found")?.join("psql");
    let answer = output(Command::new(bin.join("initdb")).arg("--version"))?;
    let version = answer.split_whitespace().nth(2).unwrap_or("0").to_owned();
    let owner = if output(Command::new("id").arg("-u"))? == "0" { Some(unprivileged()?) } else { None };
    Ok(Install { bin, psql, version, owner })
}

fn unprivileged() -> Result<(u32, u32), String> {
    let id = |option: &str, user: &str| output(Command::new("id").args([option, user])).ok()?.parse().ok();
    ["postgres", "nobody"]
        .iter()
        .find_map(|user| Some((id("-u", user)?, id("-g", user)?)))
        .ok_or_else(|| "root cannot run it, and there is no user postgres or nobody".into())
}

/// Runs a command to its end: trimmed output, or what it complained about.
fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
}

/// A port below the range from which the system gives out its own, so that a killed cluster finds it free again.
fn free_port() -> u16 {
    loop {
        let random = uuid::Uuid::now_v7().as_u128() % 12_000;
        let port = 20_000 + random as u16;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn name_in(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// Whether a process that was told to stop has done so; where the system has no `/proc`, one believes it.
fn is_stopped(pid: u32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { return true };
    stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
}

/// The direct children, where the system has a `/proc`.
fn children_of(parent: u32) -> Vec<u32> {
    let parent = parent.to_string();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let is_child = |pid: &u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // pid (name, which may hold anything) state parent …
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.split(' ').nth(1) == Some(&parent))
    };
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(is_child).collect()
}
