//! A PostgreSQL cluster for one run, with the settings of a fresh installation: fsync on, synchronous
//! commit on. And `pgbench`, which says what the machine can insert at all.
use crate::children::{free_address, output};
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// Clients of `pgbench`, and our connections when we are compared with it.
pub const CLIENTS: usize = 8;
const DATABASE: &str = "laogan";

/// A running cluster. It is stopped when this is dropped.
pub struct Cluster {
    directory: PathBuf,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// Starts a cluster in a directory; makes it first where there is none.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; with what its tool said.
    pub async fn start(directory: &Path) -> Result<Self> {
        let cluster = Self { directory: directory.into(), programs: programs()?, port: free_address()?.port() };
        let fresh = !directory.join("PG_VERSION").exists();
        if fresh {
            std::fs::create_dir_all(directory)?;
            if is_root()? {
                output(Command::new("chown").arg("postgres:postgres").arg(directory)).await?;
            }
            // C.UTF-8 spares the run the collation of whatever locale the machine has.
            let options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "-D"];
            output(Command::from(cluster.program("initdb")?).args(options).arg(directory)).await?;
        }
        // Everyone comes over TCP: the server, pgbench and psql pay the same for it. No files in /var/run.
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''", cluster.port);
        let mut start = Command::from(cluster.program("pg_ctl")?);
        start.args(["start", "-w", "-s", "-o", &options, "-l"]).arg(directory.join("postgres.log")).arg("-D");
        // Its output is inherited by the cluster, which would keep a pipe open for ever.
        let status = start.arg(directory).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let log = || std::fs::read_to_string(directory.join("postgres.log")).unwrap_or_default();
        ensure!(status.await?.success(), "PostgreSQL does not start: {}", log());
        if fresh {
            cluster.create(DATABASE).await?;
        }
        Ok(cluster)
    }

    /// The URL of the database.
    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    /// Another database, empty. Gives its URL.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub async fn another(&self, name: &str) -> Result<String> {
        self.drop(name).await?;
        self.create(name).await?;
        Ok(self.url_of(name))
    }

    /// Removes another database.
    ///
    /// # Errors
    /// While somebody is connected to it.
    pub async fn drop(&self, name: &str) -> Result<()> {
        let mut drop = Command::new(self.programs.join("dropdb"));
        output(drop.arg("--if-exists").args(self.address()).arg(name)).await.map(|_| ())
    }

    async fn create(&self, name: &str) -> Result<()> {
        let mut create = Command::new(self.programs.join("createdb"));
        output(create.args(self.address()).arg(name)).await.map(drop)
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// `psql` with one statement, its result plain.
    pub fn psql(&self, statement: &str) -> Command {
        self.psql_in(DATABASE, statement)
    }

    /// The same in another database.
    pub fn psql_in(&self, database: &str, statement: &str) -> Command {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]);
        command.args(["-d", &self.url_of(database)]);
        command
    }

    /// What the settings that decide about speed are, for the footer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settings(&self) -> Result<String> {
        let names = "'fsync','synchronous_commit','full_page_writes','shared_buffers'";
        let query = format!(
            "select string_agg(name || '=' || current_setting(name), ', ' order by name) from pg_settings where name in ({names})"
        );
        Ok(output(&mut self.psql(&query)).await?.trim().to_owned())
    }

    /// Does at once what autovacuum does within a minute after so many writes: without statistics the
    /// planner sorts the whole table for a page, which a run would measure or not as the minute falls.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn settle(&self) -> Result<()> {
        output(&mut self.psql("vacuum (analyze)")).await.map(drop)
    }

    /// Rows a second that `pgbench` inserts into the table of cadres: one row a transaction, values and
    /// indexes those of our own records, no journal, no history, no key.
    ///
    /// # Errors
    /// When `pgbench` fails, as when the table got a column that it cannot fill.
    pub async fn pgbench(&self, time: Duration) -> Result<f64> {
        let script = self.directory.with_file_name("insert.sql");
        std::fs::write(&script, self.script().await?)?;
        let mut command = Command::new(self.programs.join("pgbench"));
        command.args(["-n", "-M", "prepared", "-j", "2", "-c", &CLIENTS.to_string()]);
        command.args(["-T", &time.as_secs().max(1).to_string(), "-f"]).arg(&script);
        let report = output(command.args(self.address()).arg(DATABASE)).await?;
        let failed = report.lines().find_map(|l| l.strip_prefix("number of failed transactions: "));
        ensure!(failed.is_none_or(|f| f.starts_with("0 ")), "pgbench: {report}");
        let rate = report.lines().find_map(|l| l.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        rate.with_context(|| format!("pgbench: {report}"))
    }

    /// Removes the rows that `pgbench` made: their ID numbers would be refused by a later patch.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove_inserted(&self) -> Result<()> {
        output(&mut self.psql("delete from cadres where id_number like '0%'")).await.map(drop)
    }

    /// The insert: a copy of the first record with an id and an ID number of its own. The columns come
    /// from the database, so that it always is a full row of the table as it is.
    async fn script(&self) -> Result<String> {
        let query = "select key || E'\\t' || quote_nullable(value) from json_each_text(\
                     (select row_to_json(c) from cadres c where deleted_at is null order by id limit 1))";
        let row = output(&mut self.psql(query)).await?;
        let (mut columns, mut values) = (vec![], vec![]);
        for line in row.lines() {
            let (column, value) = line.split_once('\t').context("a column of the first record")?;
            columns.push(column);
            values.push(match column {
                "id" => "gen_random_uuid()",
                // None of ours begins with 0, which is how its rows are found again.
                "id_number" => "lpad(:n::text, 18, '0')",
                "id_number_index" => "md5(:n::text)",
                "version" => "1",
                "created_at" | "updated_at" => "now()",
                _ => value,
            });
        }
        ensure!(!columns.is_empty(), "there is no record to take the values from");
        let n = "\\set n random(1, 99999999999999999)";
        Ok(format!("{n}\nINSERT INTO cadres ({}) VALUES ({});\n", columns.join(", "), values.join(", ")))
    }

    fn address(&self) -> [String; 6] {
        let port = self.port.to_string();
        ["-h", "127.0.0.1", "-U", "postgres", "-p", &port].map(Into::into)
    }

    /// A program of the cluster's own user: PostgreSQL refuses to run as root.
    fn program(&self, name: &str) -> Result<std::process::Command> {
        let path = self.programs.join(name);
        if !is_root()? {
            return Ok(std::process::Command::new(path));
        }
        let mut command = std::process::Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path).current_dir("/");
        Ok(command)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Ok(mut stop) = self.program("pg_ctl") {
            stop.args(["stop", "-w", "-s", "-m", "fast", "-D"]).arg(&self.directory);
            // Nobody is left to be told; a cluster that does not stop logs why.
            let _ = stop.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
    }
}

fn is_root() -> Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(std::fs::metadata("/proc/self")?.uid() == 0)
}

/// Where PostgreSQL's programs are: Debian keeps those of the server out of the path.
fn programs() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = debian.map(|d| d.path().join("bin")).collect();
    // The newest first; the name is the major version.
    versions.sort_by_key(|p| p.parent().and_then(|v| v.file_name()?.to_str()?.parse::<u32>().ok()));
    places.extend(versions.into_iter().rev());
    let found = places.into_iter().find(|p| p.join("initdb").exists() && p.join("pgbench").exists());
    found.context("no initdb and pgbench: install PostgreSQL, or run with --engine sqlite")
}
