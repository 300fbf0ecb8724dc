//! The server process.
use crate::app::App;
use crate::audit::chain::{self, Chain};
use crate::auth::keys::Keys;
use crate::auth::remembered;
use crate::config::Config;
use crate::files::blobs::Blobs;
use crate::limits::{self, browsers};
use crate::{cli, files, first_start, jobs, observe, progress, routes, system, tokens};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{HttpServer, web};
use persistence::sealed::Keyring;
use persistence::{Conn, Database, feed};
use std::sync::Arc;
use std::time::Duration;

/// Threads for blocking work in each worker: connections and long reads are bounded
/// elsewhere, so that this only has to be enough.
const BLOCKING_THREADS: usize = 16;
/// Seconds that running requests get when the server is told to stop.
const GRACE: u64 = 10;

/// Opens everything and serves until told to stop.
///
/// # Errors
/// A text for the terminal, and whether another try may succeed.
pub async fn serve(config: Config, with_demo: bool) -> cli::Outcome {
    let _shared = crate::backup::InUse::shared(&config)?;
    let keys = Keys::load(&config.data_dir).map_err(cli::Failure::final_)?;
    let chain = Chain::load(&config.data_dir).map_err(cli::Failure::final_)?;
    let blobs = Blobs::open(&config.files).map_err(cli::Failure::final_)?;
    let db = open(&config).await?;
    let admin = first_start::prepare(&db, &config).await?;
    first_start::know_secret(&db, &keys, &config).await?;
    if with_demo {
        progress::demo(&db).await?;
    }
    let app = App::new(db.clone(), keys, chain, blobs, config).map_err(|e| cli::Failure::later(e.to_string()))?;
    app.remembered.refresh(&db).await?;
    actix_web::rt::spawn(db.clone().keep_numbering());
    actix_web::rt::spawn(remembered::follow(app.clone()));
    actix_web::rt::spawn(tokens::usage::keep(app.clone()));
    actix_web::rt::spawn(hourly(app.clone()));
    actix_web::rt::spawn(chain::keep(app.clone()));
    actix_web::rt::spawn(limits::tend(app.clone()));
    let me = domain::Uuid::new_v4();
    let working = actix_web::rt::spawn(jobs::keep(app.clone(), me));
    let data = web::Data::new(app.clone());
    let (limits, origins) = (app.config.limits.clone(), app.config.cors_origins.clone());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let each = (limits.connections as usize / workers).max(1);
    let connections = Arc::clone(&app.connections);
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(data.clone())
            .app_data(
                web::PathConfig::default()
                    .error_handler(|_, _| crate::error::ApiError::new(domain::Problem::NotFound).into()),
            )
            .wrap(from_fn(observe::observe))
            .wrap(Compress::default())
            .wrap(Condition::new(!origins.is_empty(), browsers::cors(&origins)))
            .configure(|c| routes::ALL.mount(c))
            .configure(system::page)
            .default_service(web::to(system::nowhere))
    })
    .workers(workers)
    .worker_max_blocking_threads(BLOCKING_THREADS)
    .max_connections(each)
    .on_connect(move |stream, data| connections.made(stream, data))
    .client_request_timeout(limits.head())
    .shutdown_timeout(GRACE)
    .bind(app.config.listen)
    .map_err(|e| cli::Failure::final_(format!("{}: {e}", app.config.listen)))?;
    let address = server.addrs().first().copied().unwrap_or(app.config.listen);
    cli::say(&format!("Laogan listens on http://{address}"));
    cli::say(&format!("  docs page:     http://{address}/docs/"));
    if let Some(file) = admin {
        cli::say(&format!("  administrator: name and password are in {}", file.display()));
    }
    let ended = server.run().await.map_err(|e| cli::Failure::final_(e.to_string()));
    working.abort();
    jobs::leave(&app, me).await;
    if let Err(e) = app.uses.flush(&app).await {
        tracing::error!(cause = %e, "the last uses of tokens were not stored");
    }
    chain::end(&app).await;
    ended
}

/// Opens the database on a thread that may block.
///
/// # Errors
/// As [`Database::open`].
pub async fn open(config: &Config) -> Result<Database, cli::Failure> {
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|e| cli::Failure::final_(format!("{}: {e}", config.data_dir.display())))?;
    let keys = crate::privacy::keys::ring(config).map_err(cli::Failure::final_)?;
    let urls = config.urls.clone();
    let opened = tokio::task::spawn_blocking(move || Database::open(&urls, keys)).await;
    opened.map_err(|e| cli::Failure::final_(e.to_string()))?.map_err(cli::Failure::from)
}

/// Brings the database's schema up to date, which needs none of its keys.
///
/// # Errors
/// As [`open`].
pub async fn migrate(config: &Config) -> cli::Outcome {
    let url = config.urls.primary.clone();
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|e| cli::Failure::final_(format!("{}: {e}", config.data_dir.display())))?;
    let work = move || persistence::migrate::migrate(&mut Conn::open(&url, &Keyring::none())?);
    let done = tokio::task::spawn_blocking(work).await.map_err(|e| cli::Failure::final_(e.to_string()))?;
    done.map(drop).map_err(cli::Failure::from)
}

/// What time takes away, once an hour: idempotency keys, failures of sign-ins, sessions, positions of the feed, old
/// events of the audit, files that nobody names, and what is published under a consent that has ended.
async fn hourly(app: App) {
    loop {
        let stamp = persistence::Stamp::system("hourly", domain::Utc::now());
        let now = stamp.now;
        let (sign, division) = (app.chain.key.signer(), app.config.division.clone());
        let oldest = now - chrono::Duration::days(app.config.audit_days);
        let work = move |tx: &mut persistence::Tx<'_>| {
            persistence::ledger::expire(tx.conn, now)?;
            persistence::identity::attempts::expire(tx.conn, now)?;
            persistence::identity::sessions::expire(tx)?;
            persistence::privacy::reveal::expire(tx, tx.stamp.today)?;
            persistence::effects::withdraw(tx, None)?;
            persistence::jobs::expire(tx)?;
            let more = persistence::audit::prune(tx, oldest, &division, &sign)?;
            Ok(feed::move_horizon(tx.conn, now - chrono::Duration::days(crate::sync::RETENTION_DAYS))? || more)
        };
        match app.db.write(stamp, false, work).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(e) => tracing::warn!(cause = %e, "what is old stays for now"),
        }
        match files::gc::run(&app.db, &app.blobs, &app.config.files, false).await {
            Ok(cleared) if cleared.files + cleared.leftovers > 0 => {
                tracing::info!(files = cleared.files, bytes = cleared.bytes, "files that nobody names are removed");
            }
            Ok(_) => {}
            Err(e) => tracing::warn!(cause = %e, "files that nobody names stay for now"),
        }
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
}
