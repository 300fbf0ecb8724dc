//! What one caller may take of the server: how often it asks, how many connections it holds, how slowly it sends.
//!
//! * [`settings`]: the numbers, from command line, environment or file.
//! * [`rate`]: requests by account or address, in classes, with the headers that tell how much is left.
//! * [`connections`]: connections by address. [`slow`]: bodies that do not come.
//! * [`browsers`]: what pages of other origins may do, and what ours may.
pub mod browsers;
pub mod connections;
pub mod rate;
pub mod settings;
pub mod slow;

use crate::app::App;
use std::time::Duration;

/// Pause between two times of tidying up.
const PAUSE: Duration = Duration::from_secs(10);

/// Forgets callers that have not come for a while, for as long as it is polled.
pub async fn tend(app: App) {
    loop {
        tokio::time::sleep(PAUSE).await;
        app.rates.forget();
        app.metrics.connections_refused.set(i64::try_from(app.connections.refused()).unwrap_or(i64::MAX));
    }
}
