//! A closed-loop load generator: each connection sends its next request when the answer to the last one
//! is complete.
//!
//! Everything runs on the caller's single-threaded runtime: one more thread would only take turns with
//! the server on the same two cores.
use crate::http::{Brief, Http};
use anyhow::Result;
use hdrhistogram::Histogram;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::LocalSet;

/// How many different errors are kept to be shown.
const SAMPLES: usize = 3;

/// What one connection sends. It lives over several runs, so that a patch knows the versions it made.
pub trait Work: 'static {
    /// Writes the next request; false when there is none left.
    fn next(&mut self, request: &mut Vec<u8>) -> bool;
    /// The answer to it is there.
    fn answered(&mut self, _status: u16) {}
}

/// How long to run.
#[derive(Debug, Clone, Copy)]
pub enum Span {
    /// A warm-up that is not counted, and the time that is.
    Timed {
        /// Answers in this time are not counted.
        warm_up: Duration,
        /// The time after it.
        measured: Duration,
    },
    /// Until the work is done; all of it counts.
    Work,
}

/// What was measured.
#[derive(Clone)]
pub struct Tally {
    latency: Histogram<u64>,
    /// Length of the measured time.
    pub seconds: f64,
    /// Answers other than 2xx, and connections that broke, the warm-up included.
    pub errors: u64,
    /// A few of the errors in words.
    pub samples: Vec<String>,
    /// Bytes of the bodies that were counted.
    pub bytes: u64,
}

impl Tally {
    fn new() -> Result<Self> {
        let latency = Histogram::new_with_bounds(1, 120_000_000, 3)?;
        Ok(Self { latency, seconds: 0.0, errors: 0, samples: vec![], bytes: 0 })
    }
    /// Adds another run of the same scenario.
    ///
    /// # Errors
    /// None in practice: all histograms have the same bounds.
    pub fn add(&mut self, other: &Tally) -> Result<()> {
        self.latency.add(&other.latency)?;
        self.seconds += other.seconds;
        self.errors += other.errors;
        self.bytes += other.bytes;
        self.samples.extend(other.samples.iter().take(SAMPLES - self.samples.len().min(SAMPLES)).cloned());
        Ok(())
    }
    /// Answers counted.
    pub fn count(&self) -> u64 {
        self.latency.len()
    }
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.latency.len() as f64 / self.seconds.max(1e-9)
    }
    /// The latency in milliseconds that `quantile` of the answers kept.
    pub fn ms(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1000.0
    }
    /// Bytes of an average body.
    pub fn body(&self) -> u64 {
        self.bytes / self.latency.len().max(1)
    }
    fn error(&mut self, text: String) {
        self.errors += 1;
        if self.samples.len() < SAMPLES && !self.samples.contains(&text) {
            self.samples.push(text);
        }
    }
}

/// Runs the works, one connection each, and gives them back with what was measured.
///
/// # Errors
/// When the server cannot be reached at the start.
pub async fn run<W: Work>(addr: SocketAddr, works: Vec<W>, span: Span) -> Result<(Vec<W>, Tally)> {
    let tally = Rc::new(RefCell::new(Tally::new()?));
    let mut connections = vec![];
    for work in works {
        connections.push((Http::connect(addr).await?, work));
    }
    let start = Instant::now();
    let (from, to) = match span {
        Span::Timed { warm_up, measured } => (start + warm_up, Some(start + warm_up + measured)),
        Span::Work => (start, None),
    };
    let local = LocalSet::new();
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|(http, work)| local.spawn_local(drive(http, work, from, to, Rc::clone(&tally))))
        .collect();
    local.await;
    let end = to.unwrap_or_else(Instant::now);
    let mut works = vec![];
    for task in tasks {
        works.push(task.await?);
    }
    let mut tally = tally.borrow().clone();
    tally.seconds = (end - from).as_secs_f64();
    Ok((works, tally))
}

async fn drive<W: Work>(
    mut http: Http,
    mut work: W,
    from: Instant,
    to: Option<Instant>,
    tally: Rc<RefCell<Tally>>,
) -> W {
    let (mut request, mut brief) = (Vec::with_capacity(4096), Brief::default());
    loop {
        request.clear();
        if !work.next(&mut request) {
            return work;
        }
        let sent = Instant::now();
        let answer = http.exchange(&request, &mut brief).await;
        let done = Instant::now();
        let ended = to.is_some_and(|to| done > to);
        let mut tally = tally.borrow_mut();
        match answer {
            Ok(status @ 200..300) => {
                work.answered(status);
                if done >= from && !ended {
                    tally.latency.saturating_record((done - sent).as_micros() as u64);
                    tally.bytes += brief.bytes;
                }
            }
            Ok(status) => {
                work.answered(status);
                tally.error(format!("{status} {}", brief.text()));
            }
            // A server that is gone would only be asked again at full speed.
            Err(e) => {
                tally.error(e.to_string());
                return work;
            }
        }
        if ended {
            return work;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    struct Count(u64);
    impl Work for Count {
        fn next(&mut self, request: &mut Vec<u8>) -> bool {
            request.extend_from_slice(b"GET / HTTP/1.1\r\n\r\n");
            self.0 = self.0.saturating_sub(1);
            self.0 > 0
        }
    }

    /// A server that refuses each third request.
    async fn serve(listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 100];
                for n in 1.. {
                    match stream.read(&mut buffer).await {
                        Ok(1..) => {}
                        _ => return,
                    }
                    let line = if n % 3 == 0 { "429 Too Many Requests" } else { "200 OK" };
                    let answer = format!("HTTP/1.1 {line}\r\ncontent-length: 2\r\n\r\nok");
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    }

    #[tokio::test]
    async fn answers_and_errors_are_counted() -> Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        tokio::spawn(serve(listener));
        let (works, tally) = run(addr, vec![Count(10), Count(10)], Span::Work).await?;
        assert_eq!(works.len(), 2);
        assert_eq!((tally.count(), tally.errors, tally.body()), (12, 6, 2));
        assert_eq!(tally.samples, ["429 ok"]);
        let span = Span::Timed { warm_up: Duration::from_millis(50), measured: Duration::from_millis(100) };
        let (_, tally) = run(addr, vec![Count(u64::MAX)], span).await?;
        assert!(tally.count() > 0 && tally.rate() > tally.count() as f64);
        Ok(())
    }
}
