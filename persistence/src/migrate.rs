//! The schema, embedded in the binary: the same versions and columns on both engines.
use crate::conn::{Conn, Engine};
use crate::error::{Error, Result};
use crate::write::lock_key;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// Runs the migrations that have not run; says which. Several servers may start at once: one migrates, the others wait.
pub fn migrate(conn: &mut Conn) -> Result<Vec<String>> {
    let key = lock_key("migrate");
    if conn.engine() == Engine::Postgres {
        conn.batch(&format!("SET lock_timeout = '10min'; SELECT pg_advisory_lock({key})"))?;
    }
    let done = match conn {
        Conn::Pg(c) => c.run_pending_migrations(POSTGRES),
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE),
    };
    let done = done.map(|v| v.iter().map(ToString::to_string).collect()).map_err(Error::internal);
    if conn.engine() == Engine::Postgres {
        conn.batch(&format!("SELECT pg_advisory_unlock({key}); SET lock_timeout = '10s'"))?;
    }
    done
}
