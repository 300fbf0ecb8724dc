//! The schema, embedded in the binary: the same versions and columns on both engines.
use crate::conn::{Conn, Engine, Link};
use crate::error::{Error, Result};
use crate::tx::lock_key;
use diesel::migration::MigrationVersion;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// Runs the migrations that have not run; says which. Several servers may start at once: one migrates, the others wait.
pub fn migrate(conn: &mut Conn) -> Result<Vec<String>> {
    let key = lock_key("migrate");
    if conn.engine() == Engine::Postgres {
        conn.batch(&format!("SET lock_timeout = '10min'; SELECT pg_advisory_lock({key})"))?;
    }
    let done = match &mut conn.link {
        Link::Pg(c) => names(c.run_pending_migrations(POSTGRES)),
        // The write lock is asked for only where there is something to do.
        Link::Sqlite(c) => c.has_pending_migration(SQLITE).and_then(|pending| match pending {
            true => c.immediate_transaction(|c| names(c.run_pending_migrations(SQLITE))),
            false => Ok(vec![]),
        }),
    };
    let done = done.map_err(|e| Error::of_text(e.to_string()));
    if conn.engine() == Engine::Postgres {
        conn.batch(&format!("SELECT pg_advisory_unlock({key}); SET lock_timeout = '10s'"))?;
    }
    done
}

type Outcome<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn names(ran: Outcome<Vec<MigrationVersion<'_>>>) -> Outcome<Vec<String>> {
    ran.map(|versions| versions.iter().map(ToString::to_string).collect())
}

#[cfg(test)]
mod tests {
    /// For `IN` with three or more values SQLite builds a table in memory, each time a row is written.
    #[test]
    fn no_check_of_sqlite_asks_a_list() {
        let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/sqlite")).unwrap();
        let mut files = 0;
        for folder in folders {
            let file = folder.unwrap().path().join("up.sql");
            let text = std::fs::read_to_string(&file).unwrap();
            files += 1;
            for line in text.lines().filter(|line| line.contains("CHECK (")) {
                let lists = line.split(" IN (").skip(1).filter_map(|rest| rest.split_once(')'));
                let longest = lists.map(|(list, _)| list.split(", ").count()).max().unwrap_or_default();
                assert!(longest < 3, "{}: {line}", file.display());
            }
        }
        assert!(files > 10);
    }
}
