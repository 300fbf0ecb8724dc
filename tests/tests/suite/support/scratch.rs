//! One directory for everything a test process leaves behind, and a guardian who clears it away.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use super::random;

/// Waits for the test process to end, in whatever way, then stops what it left running and removes its files.
///
/// The end shows as end of file on a pipe that nobody else holds, so it is seen at once, `kill -9` included, and no
/// other process that happens to get the same number is mistaken for ours. For the same reason a server is killed
/// only if its command line names our directory.
const GUARDIAN: &str = r#"
trap '' INT TERM HUP
root=$1
read -r _
for file in "$root"/app-*/pid; do
    [ -f "$file" ] || continue
    read -r pid <"$file"
    { cat "/proc/$pid/cmdline" || ps -o args= -p "$pid"; } 2>/dev/null | grep -qaF "$root" && kill -9 "$pid"
done
for file in "$root"/postgres-*/data/postmaster.pid; do
    [ -f "$file" ] || continue
    read -r pid <"$file"
    kill -QUIT "$pid"
    tries=0
    while kill -0 "$pid" && [ -f "$file" ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
done
[ -n "$LAOGAN_KEEP" ] || rm -rf "$root"
"#;

struct Scratch {
    root: PathBuf,
    /// Its standard input is the pipe: it closes when this process is gone.
    _guardian: Child,
}

static SCRATCH: OnceLock<Scratch> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The directory of this test process. With `LAOGAN_KEEP=1` in the environment it stays for inspection.
pub fn root() -> &'static Path {
    &SCRATCH.get_or_init(prepare).root
}

/// A new empty directory `kind-N`.
pub fn directory(kind: &str) -> PathBuf {
    let path = root().join(format!("{kind}-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    make(&path);
    path
}

/// Removes a directory made by [`directory`], unless it is to be kept.
pub fn remove(path: &Path) {
    if std::env::var_os("LAOGAN_KEEP").is_none() {
        let _ = fs::remove_dir_all(path);
    }
}

fn prepare() -> Scratch {
    let root = base().join(format!("laogan-tests-{}-{}", std::process::id(), random()));
    make(&root);
    let guardian = Command::new("sh")
        .args(["-c", GUARDIAN, "guardian"])
        .arg(&root)
        .stdin(Stdio::piped())
        // Not ours to hold: a reader of the test output would wait for the guardian.
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Its own group, so that Ctrl-C and a killed process group leave it to do its work.
        .process_group(0)
        .spawn()
        .expect("start the guardian");
    Scratch { root, _guardian: guardian }
}

/// PostgreSQL, under another user, must be able to pass through: a umask of 077 would shut it out.
fn make(path: &Path) {
    fs::create_dir(path).expect("make a scratch directory");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("open a scratch directory");
}

/// The system's temporary directory, if other users can reach into it.
fn base() -> PathBuf {
    let reachable = |path: &PathBuf| {
        path.ancestors().all(|part| fs::metadata(part).is_ok_and(|meta| meta.permissions().mode() & 0o001 != 0))
    };
    [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()]
        .into_iter()
        .find(reachable)
        .unwrap_or_else(std::env::temp_dir)
}
