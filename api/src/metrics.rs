//! Counters and histograms for `GET /metrics` (Prometheus). No label ever carries a value from a request but names of accounts
//! that synchronise.
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

/// The server's metrics.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    /// Requests being worked on.
    pub in_flight: IntGauge,
    problems: IntCounterVec,
    /// Holes that readers of the change feed met: somebody has meddled with the journal.
    pub feed_holes: IntCounter,
    alarms: IntCounterVec,
    /// 1 when the chain of the audit was found not to be what it was.
    pub audit_broken: IntGauge,
    /// Events of the audit that were lost, for the store was away too long.
    pub audit_lost: IntGauge,
    /// Connections that were shut, for their address held too many.
    pub connections_refused: IntGauge,
    /// One for each of [`SYNC`].
    sync: Vec<IntGaugeVec>,
}

/// What is known of each client that synchronises: name of the metric and what it tells.
const SYNC: [(&str, &str); 6] = [
    ("laogan_sync_lag", "Lines of the journal that the client has not stored"),
    ("laogan_sync_lag_seconds", "Seconds since the first of them was written"),
    ("laogan_sync_days_left", "Days until the client's position dies"),
    ("laogan_sync_open_conflicts", "Conflicts of the client that wait for a person"),
    ("laogan_sync_quarantined", "Operations of the client in quarantine"),
    ("laogan_sync_clock_ahead_seconds", "Seconds by which the client's clock was ahead when it pushed last"),
];

impl Metrics {
    /// Fresh metrics in a registry of their own.
    pub fn new() -> Self {
        let registry = Registry::new();
        let buckets = vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
        let made = (|| {
            let requests = IntCounterVec::new(
                Opts::new("laogan_http_requests_total", "Answers by route and status"),
                &["method", "route", "status"],
            )?;
            let seconds = HistogramVec::new(
                HistogramOpts::new("laogan_http_request_seconds", "Time to answer").buckets(buckets),
                &["method", "route"],
            )?;
            let in_flight = IntGauge::new("laogan_http_in_flight", "Requests being worked on")?;
            let problems =
                IntCounterVec::new(Opts::new("laogan_problems_total", "Problem answers by code"), &["code"])?;
            registry.register(Box::new(requests.clone()))?;
            registry.register(Box::new(seconds.clone()))?;
            registry.register(Box::new(in_flight.clone()))?;
            registry.register(Box::new(problems.clone()))?;
            let feed_holes = IntCounter::new("laogan_feed_holes_total", "Holes met in the change feed: an alarm")?;
            registry.register(Box::new(feed_holes.clone()))?;
            let alarms = IntCounterVec::new(
                Opts::new("laogan_alarms_total", "Signs that a secret is in wrong hands, by kind"),
                &["kind"],
            )?;
            registry.register(Box::new(alarms.clone()))?;
            let audit_broken =
                IntGauge::new("laogan_audit_broken", "1 when the chain of the audit is broken: an alarm")?;
            registry.register(Box::new(audit_broken.clone()))?;
            let audit_lost =
                IntGauge::new("laogan_audit_events_lost", "Events lost because the store was away too long")?;
            registry.register(Box::new(audit_lost.clone()))?;
            let connections_refused =
                IntGauge::new("laogan_connections_refused", "Connections shut because their address held too many")?;
            registry.register(Box::new(connections_refused.clone()))?;
            let mut sync = vec![];
            for (name, help) in SYNC {
                let gauge = IntGaugeVec::new(Opts::new(name, help), &["client", "division"])?;
                registry.register(Box::new(gauge.clone()))?;
                sync.push(gauge);
            }
            Ok::<_, prometheus::Error>((
                requests,
                seconds,
                in_flight,
                problems,
                feed_holes,
                alarms,
                audit_broken,
                audit_lost,
                connections_refused,
                sync,
            ))
        })();
        match made {
            Ok((
                requests,
                seconds,
                in_flight,
                problems,
                feed_holes,
                alarms,
                audit_broken,
                audit_lost,
                connections_refused,
                sync,
            )) => Self {
                registry,
                requests,
                seconds,
                in_flight,
                problems,
                feed_holes,
                alarms,
                audit_broken,
                audit_lost,
                connections_refused,
                sync,
            },
            // The names above are constants; a clash would fail in every test.
            Err(e) => unreachable!("metrics: {e}"),
        }
    }
    /// Counts one answer.
    pub fn answered(&self, method: &str, route: &str, status: u16, seconds: f64) {
        self.requests.with_label_values(&[method, route, status.to_string().as_str()]).inc();
        self.seconds.with_label_values(&[method, route]).observe(seconds);
    }
    /// Counts one problem answer.
    pub fn problem(&self, code: &str) {
        self.problems.with_label_values(&[code]).inc();
    }
    /// Counts an alarm.
    pub fn alarm(&self, kind: &str) {
        self.alarms.with_label_values(&[kind]).inc();
    }
    /// Says how the clients that synchronise stand: name, division, and a value for each of the six metrics.
    pub fn sync_clients<'c>(&self, clients: impl Iterator<Item = (&'c str, &'c str, [i64; 6])>) {
        self.sync.iter().for_each(IntGaugeVec::reset);
        for (name, division, values) in clients {
            for (gauge, value) in self.sync.iter().zip(values) {
                gauge.with_label_values(&[name, division]).set(value);
            }
        }
    }
    /// The text format.
    pub fn text(&self) -> String {
        let mut out = vec![];
        let _ = TextEncoder::new().encode(&self.registry.gather(), &mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}
impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
