//! A look at the tables beneath a running server, where the API shows less than a test wants to know.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::support::{App, clean_command, postgres::Cluster};

/// The database of one server.
#[derive(Clone)]
pub enum Beneath<'a> {
    /// Read with the command line shell; the server holds the file at the same time.
    Sqlite(PathBuf),
    Postgres(&'a Cluster, String),
}

impl<'a> Beneath<'a> {
    /// The database of a server in its usual place.
    pub fn of(app: &App) -> Beneath<'static> {
        match app.database() {
            Some(url) => Beneath::Postgres(Cluster::shared().expect("the shared cluster"), url.to_owned()),
            None => Beneath::Sqlite(app.data_dir().join("laogan.db")),
        }
    }

    /// The database of a server in a cluster of the test's own.
    pub fn in_cluster(cluster: &'a Cluster, url: &str) -> Self {
        Self::Postgres(cluster, url.to_owned())
    }

    /// The rows as lines with `|` between the columns; none where there is no shell for SQLite on this machine.
    pub fn try_sql(&self, statement: &str) -> Option<String> {
        let file = match self {
            Self::Postgres(cluster, url) => return Some(cluster.sql(url, statement)),
            Self::Sqlite(file) => file,
        };
        let mut shell = shell()?;
        let output = shell.arg(file).arg(statement).stdin(Stdio::null()).output().expect("run sqlite3");
        assert!(output.status.success(), "{statement}\n{}", String::from_utf8_lossy(&output.stderr));
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Waits until all journal lines have their number, which takes a moment on PostgreSQL, and claims that the
    /// numbers are 1, 2, 3 and so on, and that records, journal and history tell one story, deleted records included.
    pub fn claim_consistent(&self) {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while self.try_sql("SELECT count(*) FROM journal WHERE seq IS NULL").is_some_and(|left| left != "0") {
            assert!(std::time::Instant::now() < deadline, "journal lines without a number");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        for (claim, statement) in CLAIMS {
            if let Some(found) = self.try_sql(statement) {
                assert_eq!(found, "0", "{claim}: {statement}");
            }
        }
    }
}

/// Each counts what must not be.
const CLAIMS: [(&str, &str); 5] = [
    (
        "numbers are dense, and the head of the feed is the last of them",
        "SELECT abs(count(*) - coalesce(max(seq), 0)) + abs(count(*) - count(DISTINCT seq))
                + abs(count(*) - (SELECT f.seq FROM feed_head f)) FROM journal",
    ),
    (
        "a record has one journal line for each of its versions, and a state for each that was replaced",
        "SELECT count(*) FROM units u WHERE u.version <> (SELECT count(*) FROM journal j WHERE j.entity = 'units' AND j.entity_id = u.id)
            OR u.version <> (SELECT max(j.version) FROM journal j WHERE j.entity = 'units' AND j.entity_id = u.id)
            OR u.version <> 1 + (SELECT count(*) FROM history h WHERE h.entity = 'units' AND h.entity_id = u.id)",
    ),
    (
        "no line and no state without a record",
        "SELECT abs((SELECT count(*) FROM journal WHERE entity = 'units') - coalesce(sum(version), 0))
              + abs((SELECT count(*) FROM history WHERE entity = 'units') - coalesce(sum(version - 1), 0)) FROM units",
    ),
    (
        "no state is kept of a version that is in force",
        "SELECT count(*) FROM units u JOIN history h ON h.entity = 'units' AND h.entity_id = u.id AND h.version >= u.version",
    ),
    (
        "no key without its effect",
        "SELECT count(*) FROM idempotency_keys k WHERE k.entity_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.entity_id = k.entity_id AND j.version = k.version)",
    ),
];

/// SQLite's command line shell, if this machine has one. It waits for locks, as every caller should.
pub fn shell() -> Option<Command> {
    let mut shell = clean_command("sqlite3");
    let there = clean_command("sqlite3").arg("--version").output().is_ok_and(|output| output.status.success());
    shell.args(["-batch", "-noheader", "-list", "-cmd", ".timeout 5000"]);
    there.then_some(shell)
}

/// Says what a run leaves open; a test that quietly did nothing would look green.
pub fn not_tested(what: &str) {
    eprintln!("Not tested here: {what}.");
}
