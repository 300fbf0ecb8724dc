//! A server process without the care of [`App`](crate::support::App): one that may refuse to start, is killed while
//! it starts, or starts beside another one in the same directory.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::support::{
    SERVER, clean_command,
    client::{Client, Remote},
    scratch,
};

pub struct Process {
    /// Its output and its pid, where the guardian of the test process looks for it.
    dir: PathBuf,
    child: Child,
}

impl Process {
    /// `laogan serve` on a free port, with keys and the like in `data`; SQLite unless a URL is given.
    pub fn serve(data: &Path, database: Option<&str>) -> Self {
        let mut command = clean_command(SERVER);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data).env("LAOGAN_LOG", "warn");
        if let Some(url) = database {
            command.env("DATABASE_URL", url);
        }
        Self::spawn(command)
    }

    pub fn spawn(mut command: Command) -> Self {
        let dir = scratch::directory("app");
        let log = |name: &str| File::create(dir.join(name)).expect("open a log");
        let child = command.stdin(Stdio::null()).stdout(log("stdout")).stderr(log("stderr")).spawn().expect("start it");
        fs::write(dir.join("pid"), format!("{}\n", child.id())).expect("note the pid");
        Self { dir, child }
    }

    pub fn stderr(&self) -> String {
        fs::read_to_string(self.dir.join("stderr")).unwrap_or_default()
    }

    /// Waits until it serves.
    pub fn ready(&mut self) -> Client {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let stdout = fs::read_to_string(self.dir.join("stdout")).unwrap_or_default();
            let address = stdout.lines().find_map(|line| line.strip_prefix("Laogan listens on "));
            if let Some(address) = address.filter(|_| stdout.contains('\n')) {
                let client = Client::anonymous(&Remote::other(address.trim(), None));
                if client.request("GET", "/health/ready").try_send().is_ok_and(|answer| answer.status == 200) {
                    return client;
                }
            }
            let ended = self.child.try_wait().expect("ask for its state");
            assert!(ended.is_none(), "it has ended: {ended:?}\n{}", self.stderr());
            assert!(Instant::now() < deadline, "it does not become ready\n{}", self.stderr());
            sleep(Duration::from_millis(10));
        }
    }

    /// Waits until it ends by itself.
    pub fn ended(&mut self, patience: Duration) -> ExitStatus {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().expect("ask for its state") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end within {patience:?}\n{}", self.stderr());
            sleep(Duration::from_millis(10));
        }
    }

    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("ask for its state")
    }

    pub fn kill9(mut self) {
        self.child.kill().expect("kill it");
        self.child.wait().expect("bury it");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let stderr = self.stderr();
        scratch::remove(&self.dir);
        assert!(std::thread::panicking() || !stderr.contains("panicked at"), "the server panicked:\n{stderr}");
    }
}

/// The caller whose name and password a first start has left in its data directory.
pub fn first_administrator(client: &Client, data: &Path) -> Client {
    let text = fs::read_to_string(data.join("initial-admin.txt")).expect("a file with name and password");
    let find =
        |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim).expect("name and password");
    let login = serde_json::json!({"username": find("username:"), "password": find("password:")});
    let answer = client.post("/auth/login", login).status(200);
    client.bearing(answer["access_token"].as_str().expect("an access token"))
}

/// Runs a command to its end: exit code, standard output and standard error.
pub fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.stdin(Stdio::null()).output().expect("run it");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}
