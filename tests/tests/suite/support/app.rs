//! One running server of a test's own, and its callers.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, OnceLock},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::json;

use super::{
    Engine, SERVER, clean_command,
    client::{Client, Remote},
    postgres::Cluster,
    random, report, scratch, signal,
};

/// How long a server may take to become ready, or to end when asked.
const PATIENCE: Duration = Duration::from_secs(60);

/// Adds arguments and environment variables to the command that starts the server.
type Adjust = Box<dyn Fn(&mut Command) + Send + Sync>;

/// A server with a data directory and a database of its own. Dropped, it is killed and leaves nothing behind.
pub struct App {
    /// What the harness keeps of it: output and pid.
    dir: PathBuf,
    data: PathBuf,
    database: Option<String>,
    /// Drops the database with the server: only in the shared cluster, for the others vanish whole.
    cluster: Option<&'static Cluster>,
    adjust: Adjust,
    process: Mutex<Option<Child>>,
    remote: Arc<Remote>,
    admin: OnceLock<Client>,
}

impl App {
    pub fn start(engine: Engine) -> Self {
        Self::start_with(engine, |_| {})
    }

    /// The command that is adjusted is `serve` with its data directory; what is added stays over restarts.
    pub fn start_with(engine: Engine, adjust: impl Fn(&mut Command) + Send + Sync + 'static) -> Self {
        let cluster = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Cluster::shared().expect("cases on PostgreSQL run only where there is one")),
        };
        Self::launch(engine, cluster, cluster.map(Cluster::database), None, Box::new(adjust))
    }

    /// On a database of the caller's own, such as one in a cluster that is going to be killed, or one that
    /// another server uses at the same time.
    pub fn start_on(database: &str, adjust: impl Fn(&mut Command) + Send + Sync + 'static) -> Self {
        Self::launch(Engine::Postgres, None, Some(database.to_owned()), None, Box::new(adjust))
    }

    /// Another instance of the same service: same database, same keys. To be dropped before this one.
    pub fn twin(&self) -> Self {
        let engine = if self.database.is_some() { Engine::Postgres } else { Engine::Sqlite };
        Self::launch(engine, None, self.database.clone(), Some(self.data_dir()), Box::new(|_| {}))
    }

    fn launch(
        engine: Engine,
        cluster: Option<&'static Cluster>,
        database: Option<String>,
        data: Option<PathBuf>,
        adjust: Adjust,
    ) -> Self {
        let dir = scratch::directory("app");
        let data = data.unwrap_or_else(|| dir.join("data"));
        fs::create_dir_all(&data).expect("make the data directory");
        let (remote, process, admin) = (Remote::of(engine), Mutex::new(None), OnceLock::new());
        let app = Self { dir, data, database, cluster, adjust, process, remote, admin };
        app.run("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"));
        // Now, while the server lives: the first answer may be one that it does not survive.
        app.remote.contract();
        app
    }

    /// The address without a path, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        self.remote.base()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.data.clone()
    }

    /// The URL of the database, if it is not the one in the data directory.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// Another subcommand of the same binary on the same data directory and database.
    pub fn cli(&self, arguments: &[&str]) -> Command {
        let mut command = clean_command(SERVER);
        command.args(arguments).env("LAOGAN_LOG", "warn").env("LAOGAN_DATA_DIR", self.data_dir());
        if let Some(url) = &self.database {
            command.env("DATABASE_URL", url);
        }
        command
    }

    /// The number of the server's process, while it runs.
    pub fn pid(&self) -> u32 {
        self.process.lock().unwrap().as_ref().expect("the server runs").id()
    }

    /// What the server has written to standard error, over all its starts.
    pub fn stderr(&self) -> String {
        fs::read_to_string(self.dir.join("stderr")).unwrap_or_default()
    }

    /// The server is gone at once, as in a power cut.
    pub fn kill9(&self) {
        let mut child = self.process.lock().unwrap().take().expect("the server runs");
        child.kill().expect("kill the server");
        self.buried(child.wait().expect("bury the server"));
    }

    /// Asks the server to end, as an operator does, and tells how it went.
    pub fn terminate(&self) -> ExitStatus {
        let mut child = self.process.lock().unwrap().take().expect("the server runs");
        signal("TERM", &[child.id()]);
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait().expect("ask for the state of the server") {
                return self.buried(status);
            }
            if Instant::now() > deadline {
                let _ = child.kill();
                self.buried(child.wait().expect("bury the server"));
                panic!("the server does not end on SIGTERM");
            }
            sleep(Duration::from_millis(10));
        }
    }

    /// Starts a server again that was killed or has ended: same data directory, same database, and the same port
    /// where it is still free. The clients follow.
    pub fn restart(&self) {
        assert!(self.process.lock().unwrap().is_none(), "restart() comes after kill9() or terminate()");
        let url = self.url();
        let same = url.trim_start_matches("http://");
        self.run(same).or_else(|_| self.run("127.0.0.1:0")).unwrap_or_else(|error| panic!("{error}"));
    }

    /// A caller who does not say who he is.
    pub fn anonymous(&self) -> Client {
        Client::anonymous(&self.remote)
    }

    /// The administrator whom the first start has made.
    pub fn admin(&self) -> Client {
        let login = || {
            let path = self.data_dir().join("initial-admin.txt");
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let find = |key: &str| text.lines().find_map(|line| line.trim().strip_prefix(key)).map(str::trim);
            let (name, password) = (find("username:"), find("password:"));
            self.login(name.expect("a line with username:"), password.expect("a line with password:"))
        };
        self.admin.get_or_init(login).clone()
    }

    /// A new user with this role in this division, logged in.
    pub fn user(&self, role: &str, division: &str) -> Client {
        let (name, password) = self.new_user(role, division);
        self.login(&name, &password)
    }

    /// A new user who has not logged in yet: name and password.
    pub fn new_user(&self, role: &str, division: &str) -> (String, String) {
        let (name, password) = (format!("{}-{}", role.replace('_', "-"), random()), format!("Kx7-{}", random()));
        let mut user = json!({"username": name, "display_name": name, "role": role, "division_code": division});
        // Who has a part of a division has one of his own.
        let made = |path: &str, mut body: serde_json::Value| {
            body["division_code"] = json!(division);
            json!(self.admin().post(path, body).status(201).id())
        };
        let unit = || made("/units", json!({"name": format!("{name}的单位"), "kind": "organ"}));
        match role {
            "unit_user" => user["unit_id"] = unit(),
            "party_org_user" => {
                let committee = json!({"name": format!("{name}的党委"), "kind": "basic_committee"});
                user["party_organization_id"] = made("/party-organizations", committee);
            }
            "cadre_self" => {
                let cadre = json!({
                    "unit_id": unit(), "name": "孔令文", "birth_date": "1930-05-12", "ethnicity": "01",
                    "retire_type": "tuixiu", "retire_date": "1990-06",
                });
                user["cadre_id"] = made("/cadres", cadre);
            }
            _ => {}
        }
        let id = self.admin().post("/users", user).status(201).id();
        let answer = self.admin().post(&format!("/users/{id}/password"), json!({"password": password}));
        assert!((200..300).contains(&answer.status), "setting a password: {answer}");
        (name, password)
    }

    /// The caller that a name and a password make.
    pub fn login(&self, username: &str, password: &str) -> Client {
        let credentials = json!({"username": username, "password": password});
        let answer = self.anonymous().post("/auth/login", credentials).status(200);
        if super::soak().is_none_or(|long| long < Duration::from_secs(480)) {
            return self.anonymous().bearing(answer["access_token"].as_str().expect("an access token"));
        }
        // An access token ends after ten minutes.
        let create =
            ["token", "create", "--name", "soak", "--scopes", "*:*", "--expires-in", "30d", "--user", username];
        let token = self.cli(&create).output().expect("make a token");
        self.anonymous().bearing(String::from_utf8_lossy(&token.stdout).trim())
    }

    /// A caller with an API token that the administrator has made.
    pub fn token(&self, scopes: &[&str], division: &str) -> Client {
        let token = self.admin().post("/tokens", Self::token_request(scopes, division)).status(201);
        self.anonymous().bearing(token["token"].as_str().expect("a token"))
    }

    /// The body that asks for an API token, for tests that look at the token itself.
    pub fn token_request(scopes: &[&str], division: &str) -> serde_json::Value {
        let expires = (Utc::now() + TimeDelta::days(30)).to_rfc3339_opts(SecondsFormat::Millis, true);
        let (name, purpose) = (format!("test-{}", random()), "automatic test");
        json!({"name": name, "purpose": purpose, "scopes": scopes, "division_code": division, "expires_at": expires})
    }

    /// Starts the process and waits until it is ready.
    fn run(&self, listen: &str) -> Result<(), String> {
        let log = |name: &str| File::options().create(true).append(true).open(self.dir.join(name));
        let (out, err) = (log("stdout").expect("open a log"), log("stderr").expect("open a log"));
        let already = out.metadata().map_or(0, |meta| meta.len()) as usize;
        let mut command = self.cli(&["serve", "--listen", listen, "--data-dir"]);
        command.arg(self.data_dir()).stdin(Stdio::null()).stdout(out).stderr(err);
        // One caller of the tests asks more than an office does; the cases about limits set their own.
        for class in ["GENERAL", "SYNC", "BULK", "REVEAL", "SIGN_IN", "ANONYMOUS"] {
            command.env(format!("LAOGAN_LIMIT_{class}"), "off");
        }
        (self.adjust)(&mut command);
        let mut child = command.spawn().map_err(|error| format!("{SERVER}: {error}"))?;
        // For the guardian, who kills it if this process is killed.
        fs::write(self.dir.join("pid"), format!("{}\n", child.id())).expect("note the pid");
        match self.wait_until_ready(&mut child, already) {
            Ok(()) => {
                *self.process.lock().unwrap() = Some(child);
                Ok(())
            }
            Err(error) => {
                let _ = child.kill();
                let status = self.buried(child.wait().expect("bury the server"));
                Err(format!("the server did not become ready: {error} ({status})"))
            }
        }
    }

    fn wait_until_ready(&self, child: &mut Child, already: usize) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        let mut known = false;
        loop {
            if child.try_wait().map_err(|error| error.to_string())?.is_some() {
                return Err("it has ended".into());
            }
            if !known {
                let text = fs::read_to_string(self.dir.join("stdout")).unwrap_or_default();
                let base = text.get(already..).and_then(address);
                known = base.is_some();
                base.iter().for_each(|base| self.remote.move_to(base));
            }
            let probe = || self.anonymous().request("GET", "/health/ready").unchecked().try_send();
            match known.then(probe) {
                Some(Ok(answer)) if answer.status == 200 => return Ok(()),
                last if Instant::now() > deadline => return Err(format!("not after {PATIENCE:?}: {last:?}")),
                _ => sleep(Duration::from_millis(5)),
            }
        }
    }

    /// The process is gone: its number may soon be another's.
    fn buried(&self, status: ExitStatus) -> ExitStatus {
        let _ = fs::remove_file(self.dir.join("pid"));
        status
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let process = self.process.get_mut().unwrap_or_else(|error| error.into_inner()).take();
        let ended = process.map(|mut child| {
            let ended = child.try_wait().ok().flatten();
            let _ = child.kill();
            let _ = child.wait();
            ended
        });
        let stderr = self.stderr();
        if thread::panicking() {
            if let Some(Some(status)) = ended {
                report::note(format!("the server had ended by itself: {status}"));
            }
            if !stderr.is_empty() {
                report::note(format!("its standard error ended with:\n{}", last_lines(&stderr)));
            }
        }
        scratch::remove(&self.dir);
        if let (Some(url), Some(cluster)) = (self.database.take(), self.cluster) {
            // It takes longer than the next test wants to wait, and nobody asks for the result.
            thread::spawn(move || cluster.drop_database(&url));
        }
        // A handler that panics may look like an ordinary refusal from outside.
        assert!(
            thread::panicking() || !stderr.contains("panicked at"),
            "the server panicked:\n{}",
            last_lines(&stderr)
        );
    }
}

/// Our own address in the first line that names it.
fn address(text: &str) -> Option<String> {
    let start = "http://127.0.0.1:";
    let rest = text.split_once(start)?.1;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    // The line may still be on its way: a number without an end could be half of one.
    if port.len() == rest.len() { None } else { Some(format!("{start}{port}")) }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
