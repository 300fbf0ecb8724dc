//! Long work that outlives a request: how a server finds it and does it, and how a caller follows it.
mod routes;

pub use routes::{JobView, example, routes, seen};

use crate::app::App;
use crate::exchange::work::{self, Caller};
use persistence::{Stamp, jobs};
use std::time::Duration;

/// How often a server looks for jobs that others have left.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// Works on jobs, one after the other, for as long as it is polled.
pub async fn keep(app: App, me: domain::Uuid) {
    loop {
        // A file that has just come wakes it; the time-out finds what others have left.
        let _ = tokio::time::timeout(LOOKS_EVERY, app.work.notified()).await;
        while let Some(job) = next(&app, me).await {
            let id = job.id;
            if let Err(e) = work::run(&app.db, me, job, &Caller::Account(app.clone()), &|_, _| {}).await {
                // Its lease ends, and whoever comes first goes on with it.
                tracing::warn!(job = %id, cause = %e, "a job waits");
            }
        }
    }
}

async fn next(app: &App, me: domain::Uuid) -> Option<jobs::Job> {
    let now = domain::Utc::now();
    let claimed = async {
        match app.db.read(move |c| jobs::waiting(c, now)).await? {
            true => app.db.write(stamp(), false, move |tx| jobs::claim(tx, me)).await,
            false => Ok(None),
        }
    };
    claimed.await.unwrap_or_else(|e: persistence::Error| {
        tracing::warn!(cause = %e, "jobs wait");
        None
    })
}

/// Lets go of what a server works on, which ends.
pub async fn leave(app: &App, me: domain::Uuid) {
    if let Err(e) = app.db.write(stamp(), false, move |tx| jobs::release(tx, me)).await {
        tracing::warn!(cause = %e, "a job waits for its lease to end");
    }
}

/// The stamp of what is written about jobs themselves.
pub fn stamp() -> Stamp {
    Stamp::system("jobs", domain::Utc::now())
}
