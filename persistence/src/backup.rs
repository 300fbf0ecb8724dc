//! A copy of the database while it is used, and its way back.
//!
//! SQLite writes the copy itself (`VACUUM INTO`: one read transaction, beside writers). For PostgreSQL its own
//! tools are called, `pg_dump` and `pg_restore`, which know every version of it. A database that was restored
//! has another epoch: positions of readers and promises to writers of before mean nothing in it.
use crate::audit::Event;
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::feed;
use crate::sealed::Keyring;
use crate::statement::Sql;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Writes the database at `url` to `file`, which must not be there yet, and verifies it.
///
/// # Errors
/// [`Error::Unavailable`] when the database cannot be read now; otherwise why the copy is not one.
pub fn write(url: &str, file: &Path) -> Result<()> {
    if file.exists() {
        return Err(Error::internal(format!("{} is there already", file.display())));
    }
    // What a client has pushed up to here is in the copy, for the copy is begun later.
    let pushed: Vec<(String, i64)> =
        Sql::new("SELECT client, next_op_seq - 1 FROM sync_clients").rows(&mut Conn::open(url, &Keyring::none())?)?;
    let part = beside(file, "part");
    let _ = std::fs::remove_file(&part);
    // An empty file that only its owner can read: it will hold personal data.
    private(&part)?;
    let made = match Engine::of(url) {
        Engine::Sqlite => {
            let mut conn = Conn::open(url, &Keyring::none())?;
            Sql::new("VACUUM INTO ").bind(path_text(&part)?).run(&mut conn).map(drop)
        }
        Engine::Postgres => tool("pg_dump", url, &["--format=custom", "--no-owner", "--file", path_text(&part)?]),
    };
    let whole = made.and_then(|()| verify(Engine::of(url), &part)).and_then(|()| settle(&part, file));
    if whole.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    whole.and_then(|()| durable(&mut Conn::open(url, &Keyring::none())?, pushed))
}

/// Promises clients that what they had pushed will survive: they need not keep it for a second sending.
fn durable(conn: &mut Conn, pushed: Vec<(String, i64)>) -> Result<()> {
    conn.transaction(|conn| {
        pushed.into_iter().try_for_each(|(client, through)| {
            let mut sql = Sql::new("UPDATE sync_clients SET durable_op_seq = ");
            sql.bind(through).say(" WHERE client = ").bind(client).run(conn).map(drop)
        })
    })
}

/// Whether a file is a whole backup of this engine.
///
/// # Errors
/// Why it is not.
pub fn verify(engine: Engine, file: &Path) -> Result<()> {
    if !file.is_file() {
        return Err(Error::internal(format!("there is no file {}", file.display())));
    }
    match engine {
        Engine::Sqlite => {
            // In memory of its own: the file stays as it is.
            let mut conn = Conn::open(&format!("file:{}?mode=ro&immutable=1", path_text(file)?), &Keyring::none())?;
            let checked: Vec<(String,)> = Sql::new("PRAGMA integrity_check").rows(&mut conn)?;
            match checked.as_slice() {
                [(said,)] if said == "ok" => feed::state(&mut conn).map(drop),
                other => Err(Error::internal(format!("{}: {other:?}", file.display()))),
            }
        }
        Engine::Postgres => {
            let listed =
                Command::new("pg_restore").arg("--list").arg(file).output().map_err(|e| missing("pg_restore", &e))?;
            let text = String::from_utf8_lossy(&listed.stdout);
            match listed.status.success() && text.contains("TABLE DATA public feed_state") {
                true => Ok(()),
                false => Err(Error::internal(format!("{}: not a backup of ours", file.display()))),
            }
        }
    }
}

/// Puts a backup in the place of the database at `url`, with a new epoch. Nobody else may use the database
/// meanwhile. Of SQLite the database of before is kept beside it; its path is answered. `restored` is what the audit
/// will tell of it.
///
/// # Errors
/// Why it was left as it is.
pub fn restore(url: &str, file: &Path, restored: &Event) -> Result<Option<PathBuf>> {
    verify(Engine::of(url), file)?;
    match Engine::of(url) {
        Engine::Sqlite => {
            let place = PathBuf::from(url.strip_prefix("sqlite://").unwrap_or(url));
            let part = beside(&place, "part");
            let _ = std::fs::remove_file(&part);
            let mut to = private(&part)?;
            let mut from = std::fs::File::open(file).map_err(|e| unable(file, &e))?;
            std::io::copy(&mut from, &mut to).and_then(|_| to.sync_all()).map_err(|e| unable(&part, &e))?;
            {
                let mut conn = Conn::open(path_text(&part)?, &Keyring::none())?;
                new_epoch(&mut conn, restored)?;
                conn.batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE")?;
            }
            let before = beside(&place, "before-restore");
            let kept = place.exists();
            // Not opened, for it may be broken. Its log goes with it, or the new database would read it as its own.
            for ending in ["", "-wal", "-shm"] {
                let (from, to) = (with_ending(&place, ending), with_ending(&before, ending));
                if kept {
                    let _ = std::fs::remove_file(&to);
                }
                if from.exists() {
                    std::fs::rename(&from, &to).map_err(|e| unable(&from, &e))?;
                }
            }
            settle(&part, &place).map(|()| kept.then_some(before))
        }
        Engine::Postgres => {
            let arguments =
                ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error", path_text(file)?];
            tool("pg_restore", url, &arguments)?;
            new_epoch(&mut Conn::open(url, &Keyring::none())?, restored).map(|()| None)
        }
    }
}

/// How many others use this PostgreSQL database.
///
/// # Errors
/// What the database says.
pub fn others(url: &str) -> Result<i64> {
    let mut sql = Sql::new("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() ");
    sql.say("AND backend_type = 'client backend' AND pid <> pg_backend_pid()");
    Ok(sql.row::<(i64,)>(&mut Conn::open(url, &Keyring::none())?)?.map_or(0, |(n,)| n))
}

/// The epoch that ends is remembered with the last number it shares with the new one: up to there, clients that
/// come from it know what we know.
fn new_epoch(conn: &mut Conn, restored: &Event) -> Result<()> {
    if conn.engine() == Engine::Postgres {
        crate::sequencer::run(conn)?;
    }
    Sql::new("INSERT INTO feed_epochs (epoch, seq) SELECT s.epoch, h.seq FROM feed_state AS s, feed_head AS h")
        .run(conn)?;
    Sql::new("UPDATE feed_state SET epoch = ").bind(domain::Uuid::new_v4()).say(" WHERE id = 1").run(conn)?;
    // So that the chain has a link of the new epoch as soon as somebody can write.
    crate::audit::note_many(conn, std::slice::from_ref(restored))
}

/// Runs one of PostgreSQL's tools on a database. The password goes through the environment: arguments are
/// everybody's to read.
fn tool(name: &str, url: &str, arguments: &[&str]) -> Result<()> {
    let mut parsed = url::Url::parse(url).map_err(Error::internal)?;
    let mut command = Command::new(name);
    if let Some(password) = parsed.password() {
        let plain = percent_encoding::percent_decode_str(password).decode_utf8().map_err(Error::internal)?;
        command.env("PGPASSWORD", plain.as_ref());
        let _ = parsed.set_password(None);
    }
    command.arg("--dbname").arg(parsed.as_str()).args(arguments).stdin(Stdio::null());
    let ran = command.output().map_err(|e| missing(name, &e))?;
    match ran.status.success() {
        true => Ok(()),
        false => Err(Error::of_text(format!("{name}: {}", String::from_utf8_lossy(&ran.stderr).trim()))),
    }
}

fn missing(name: &str, error: &std::io::Error) -> Error {
    Error::internal(format!("{name}, of PostgreSQL's client programs, cannot be run: {error}"))
}
fn unable(path: &Path, error: &std::io::Error) -> Error {
    Error::of_text(format!("{}: {error}", path.display()))
}
fn path_text(path: &Path) -> Result<&str> {
    path.to_str().ok_or_else(|| Error::internal(format!("{}: not a name in UTF-8", path.display())))
}
fn beside(file: &Path, ending: &str) -> PathBuf {
    with_ending(file, &format!(".{ending}"))
}
fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
/// A new file that only its owner can read.
fn private(path: &Path) -> Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|e| unable(path, &e))
}
/// Gives a file that is complete its name, durably.
fn settle(part: &Path, name: &Path) -> Result<()> {
    let done = std::fs::File::open(part).and_then(|f| f.sync_all()).and_then(|()| std::fs::rename(part, name));
    done.map_err(|e| unable(name, &e))?;
    let directory = name.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(directory).and_then(|d| d.sync_all()).map_err(|e| unable(directory, &e))
}
