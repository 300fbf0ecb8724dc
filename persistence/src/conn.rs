//! One connection type over two engines. The only place, with [`crate::sql`] and [`crate::expr`], that names them.
use crate::error::Result;
use crate::sealed::Keyring;
use crate::search::{self, Document};
use crate::statement::Sql;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

/// A connection to either engine, with the keys of what is sealed in its database.
pub struct Conn {
    pub(crate) link: Link,
    keys: Keyring,
    /// What the transaction has made of search documents and SQLite has not been told yet. Each savepoint would begin a
    /// new part of its index, so it hears all of them before the commit.
    documents: Vec<Document>,
}

/// How far a transaction has come in what is told to the database at its end.
#[derive(Clone, Copy)]
pub(crate) struct Mark(usize);

/// The connection itself.
pub(crate) enum Link {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Which engine a connection or a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

impl Engine {
    /// The engine a database URL names.
    pub fn of(url: &str) -> Engine {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Engine::Postgres
        } else {
            Engine::Sqlite
        }
    }
}

/// Compiles one body twice, once per engine, with the concrete connection in scope.
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match &mut $conn.link {
            $crate::conn::Link::Pg($c) => $body,
            $crate::conn::Link::Sqlite($c) => $body,
        }
    };
}

/// Settings of every SQLite connection, one statement each; the busy timeout first, so that the others wait for a lock.
const SQLITE_PRAGMAS: &[&str] = &[
    "busy_timeout=5000",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-16384",
    "mmap_size=1073741824",
    "temp_store=MEMORY",
    "trusted_schema=OFF",
    // 64 MB. The writer's helper moves pages into the database long before.
    "wal_autocheckpoint=16384",
];

/// Settings of every PostgreSQL connection: instants in UTC, and no wait without end.
const POSTGRES_SETTINGS: &str = "SET TIME ZONE 'UTC'; SET lock_timeout = '10s'; \
     SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = warning";

/// The URL with bounds, in seconds and milliseconds, to what the network may take, unless it has its own: libpq
/// would wait some minutes for a machine that is gone.
fn bounded(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in [("connect_timeout", "5"), ("tcp_user_timeout", "10000")] {
        if !url.contains(name) {
            let separator = if url.contains('?') { '&' } else { '?' };
            url.push_str(&format!("{separator}{name}={value}"));
        }
    }
    url
}

impl Conn {
    /// Opens a connection to the database the URL names, for who has these keys.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::Error::Unavailable) when it cannot be opened now.
    pub fn open(url: &str, keys: &Keyring) -> Result<Conn> {
        let link = match Engine::of(url) {
            Engine::Postgres => {
                let mut c = PgConnection::establish(&bounded(url))?;
                c.batch_execute(POSTGRES_SETTINGS)?;
                Link::Pg(c)
            }
            Engine::Sqlite => {
                let mut c = SqliteConnection::establish(url.strip_prefix("sqlite://").unwrap_or(url))?;
                for pragma in SQLITE_PRAGMAS {
                    c.batch_execute(&format!("PRAGMA {pragma};"))?;
                }
                Link::Sqlite(c)
            }
        };
        Ok(Conn { link, keys: keys.clone(), documents: vec![] })
    }

    /// The keys of what is sealed here.
    pub fn keys(&self) -> &Keyring {
        &self.keys
    }

    /// The engine.
    pub fn engine(&self) -> Engine {
        match self.link {
            Link::Pg(_) => Engine::Postgres,
            Link::Sqlite(_) => Engine::Sqlite,
        }
    }

    /// Runs a statement that says the same each time.
    pub(crate) fn say(&mut self, sql: &'static str) -> Result<()> {
        Sql::new(sql).run(self).map(drop)
    }

    /// Runs statements without parameters or results.
    pub fn batch(&mut self, sql: &str) -> Result<()> {
        Ok(on!(self, c => c.batch_execute(sql))?)
    }

    /// Starts a write transaction. On SQLite it takes the write lock at once: upgrading a read lock later
    /// would fail instead of waiting.
    pub fn begin(&mut self) -> Result<()> {
        self.say(match self.engine() {
            Engine::Postgres => "BEGIN",
            Engine::Sqlite => "BEGIN IMMEDIATE",
        })
    }

    /// Ends the transaction that was begun.
    ///
    /// # Errors
    /// What the database says; then nothing of it is stored.
    pub(crate) fn commit(&mut self) -> Result<()> {
        for sql in search::statements(&std::mem::take(&mut self.documents))? {
            sql.run(self)?;
        }
        self.say("COMMIT")
    }

    /// Undoes the transaction that was begun.
    pub(crate) fn rollback(&mut self) -> Result<()> {
        self.documents.clear();
        self.say("ROLLBACK")
    }

    /// Begins a part of the transaction that can be undone by itself; `begin` is the statement.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) fn savepoint(&mut self, begin: &'static str) -> Result<Mark> {
        self.say(begin)?;
        Ok(Mark(self.documents.len()))
    }
    /// Undoes what came behind a savepoint, which stays; `back` is the statement.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) fn undo(&mut self, back: &'static str, to: Mark) -> Result<()> {
        self.documents.truncate(to.0);
        self.say(back)
    }

    /// Stores by what records are found, with the transaction that was begun.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) fn found_by<'d>(&mut self, documents: impl Iterator<Item = &'d Document>) -> Result<()> {
        if self.engine() == Engine::Sqlite {
            self.documents.extend(documents.cloned());
            return Ok(());
        }
        search::statements(documents)?.iter().try_for_each(|sql| sql.run(self).map(drop))
    }

    /// Runs reads that must all see the same state of the database.
    ///
    /// # Errors
    /// Those of `body`.
    pub fn at_one_moment<T>(&mut self, body: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        self.say(match self.engine() {
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Engine::Sqlite => "BEGIN",
        })?;
        let outcome = body(self);
        let ended = self.say("COMMIT");
        outcome.and_then(|value| ended.map(|()| value))
    }

    /// Runs `body` in a transaction that commits if it succeeds.
    ///
    /// # Errors
    /// Those of `body`, and those of the commit.
    pub fn transaction<T>(&mut self, body: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        self.begin()?;
        let outcome = body(self).and_then(|value| self.commit().map(|()| value));
        if outcome.is_err() {
            // The first error is the one to report; a connection that cannot roll back is dropped by its owner.
            let _ = self.rollback();
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// They are set in `.cargo/config.toml`, which cargo reads only where it is called inside the workspace.
    #[test]
    fn sqlite_is_built_as_it_should_be() {
        let mut conn = Conn::open("sqlite://:memory:", &Keyring::none()).unwrap();
        let options: Vec<(String,)> = Sql::new("PRAGMA compile_options").rows(&mut conn).unwrap();
        let has = |name: &str| options.iter().any(|(option,)| option == name);
        for name in ["THREADSAFE=2", "DEFAULT_MEMSTATUS=0", "ENABLE_QPSG"] {
            assert!(has(name), "{name} is not among {options:?}");
        }
        for name in ["ENABLE_MEMORY_MANAGEMENT", "ENABLE_API_ARMOR"] {
            assert!(!has(name), "{name} is among {options:?}");
        }
    }
}
