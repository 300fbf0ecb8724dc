//! Bodies that come so slowly that they only hold a place.
use super::settings::Limits;
use crate::error::{ApiError, Result};
use actix_web::error::PayloadError;
use bytes::Bytes;
use domain::Problem;
use futures_util::{Stream, StreamExt};
use std::time::{Duration, Instant};

/// How long a body may be slow before its average counts.
const GRACE: Duration = Duration::from_secs(20);

/// A body that must keep coming. Only the time spent waiting for it counts, not what is done between.
pub struct Steady<P> {
    payload: P,
    pause: Duration,
    rate: f64,
    waited: Duration,
    taken: usize,
}

impl<P: Stream<Item = std::result::Result<Bytes, PayloadError>> + Unpin> Steady<P> {
    /// The body under these limits.
    pub fn new(payload: P, limits: &Limits) -> Self {
        let pause = Duration::from_secs(limits.body_seconds.into());
        Self { payload, pause, rate: limits.body_rate.into(), waited: Duration::ZERO, taken: 0 }
    }
    /// Its next part; `None` at its end.
    ///
    /// # Errors
    /// `request_timeout` when it does not come, or too slowly; `malformed_json` when the connection breaks.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        let begun = Instant::now();
        let slow = || ApiError::new(Problem::RequestTimeout);
        let part = tokio::time::timeout(self.pause, self.payload.next()).await.map_err(|_| slow())?;
        self.waited += begun.elapsed();
        let Some(part) = part else { return Ok(None) };
        let part =
            part.map_err(|e| ApiError { cause: Some(e.to_string()), ..ApiError::new(Problem::MalformedJson) })?;
        self.taken += part.len();
        if self.waited > GRACE && (self.taken as f64) < self.rate * self.waited.as_secs_f64() {
            return Err(slow());
        }
        Ok(Some(part))
    }
}
