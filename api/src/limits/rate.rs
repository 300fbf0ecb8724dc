//! How often one caller may ask: by account where it is known, by address otherwise, each class by itself.
//!
//! The answer tells what is left in `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers). The
//! counters are this process's: behind a balancer the numbers hold for each server.
use super::settings::{Limits, Rate};
use actix_web::http::header::HeaderValue;
use domain::Uuid;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

/// Callers remembered in one class before those that have not come for a while are forgotten early.
const REMEMBERED: usize = 100_000;

/// Kinds of requests that are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// What is nothing else.
    General,
    /// `/sync`.
    Sync,
    /// Much at once.
    Bulk,
    /// Masked fields.
    Reveal,
    /// Sign-in and renewal.
    SignIn,
    /// Without a token, or with one that is still to be verified.
    Anonymous,
}

impl Class {
    const ALL: [Class; 6] = [Class::General, Class::Sync, Class::Bulk, Class::Reveal, Class::SignIn, Class::Anonymous];
    /// Its name in the headers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Class::General => "general",
            Class::Sync => "sync",
            Class::Bulk => "bulk",
            Class::Reveal => "reveal",
            Class::SignIn => "sign_in",
            Class::Anonymous => "anonymous",
        }
    }
    /// The class of a route.
    pub fn of(pattern: &str) -> Self {
        let ends = |endings: &[&str]| endings.iter().any(|e| pattern.ends_with(e));
        if pattern.starts_with("/api/v1/auth/") {
            Class::SignIn
        } else if ends(&["/reveal"]) {
            Class::Reveal
        } else if ends(&["/export", "/batch", "/sync/snapshot", "/sync/push/stream", "/imports", "/exports"]) {
            Class::Bulk
        } else if pattern.starts_with("/api/v1/sync/") {
            Class::Sync
        } else {
            Class::General
        }
    }
    /// The class of a token that was given one.
    pub fn of_token(name: &str) -> Option<Self> {
        match name {
            "sync" => Some(Class::Sync),
            "bulk" => Some(Class::Bulk),
            _ => None,
        }
    }
    fn rate(self, limits: &Limits) -> Rate {
        match self {
            Class::General => limits.general,
            Class::Sync => limits.sync,
            Class::Bulk => limits.bulk,
            Class::Reveal => limits.reveal,
            Class::SignIn => limits.sign_in,
            Class::Anonymous => limits.anonymous,
        }
    }
}

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// An account, whichever of its tokens is used.
    Account(Uuid),
    /// An address; of IPv6 the network of a customer, who has all of it.
    Address(IpAddr),
}
impl Who {
    /// Whoever is behind an address.
    pub fn at(address: IpAddr) -> Self {
        Self::Address(network(address))
    }
}

/// What is one customer's: an IPv4 address, or the first 64 bits of an IPv6 one.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// A request that was counted.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// In which class.
    pub class: Class,
    /// How many more may come at once.
    pub left: u32,
    /// Seconds until all of them may.
    pub reset: u64,
}
impl Counted {
    /// The value of `RateLimit`.
    pub fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("\"{}\";r={};t={}", self.class.as_str(), self.left, self.reset)).ok()
    }
}

type Limiter = RateLimiter<Who, DashMapStateStore<Who>, DefaultClock, StateInformationMiddleware>;

struct Counter {
    limiter: Limiter,
    policy: HeaderValue,
    quota: u32,
    seconds: u32,
}

/// The counters of all classes.
pub struct Rates {
    /// In the order of [`Class::ALL`].
    counters: [Option<Counter>; 6],
    clock: DefaultClock,
}

impl Rates {
    /// With these numbers.
    pub fn new(limits: &Limits) -> Self {
        let counter = |class: Class| {
            let (n, seconds) = class.rate(limits).0?;
            let each = Duration::from_secs(seconds.into()) / n;
            let quota = Quota::with_period(each.max(Duration::from_nanos(1)))?.allow_burst(NonZeroU32::new(n)?);
            let limiter = RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>();
            let policy = HeaderValue::from_str(&format!("\"{}\";q={n};w={seconds}", class.as_str())).ok()?;
            Some(Counter { limiter, policy, quota: n, seconds })
        };
        Self { counters: Class::ALL.map(counter), clock: DefaultClock::default() }
    }

    fn counter(&self, class: Class) -> Option<&Counter> {
        self.counters.get(class as usize).and_then(Option::as_ref)
    }

    /// Counts a request; `None` where the class has no limit.
    ///
    /// # Errors
    /// The seconds after which it may come again, where there were too many.
    pub fn count(&self, class: Class, who: Who) -> Result<Option<Counted>, u64> {
        let Some(counter) = self.counter(class) else { return Ok(None) };
        match counter.limiter.check_key(&who) {
            Ok(state) => {
                let left = state.remaining_burst_capacity().min(counter.quota);
                let used = u64::from(counter.quota - left);
                let reset = (used * u64::from(counter.seconds)).div_ceil(u64::from(counter.quota));
                Ok(Some(Counted { class, left, reset }))
            }
            Err(not_until) => Err(not_until.wait_time_from(self.clock.now()).as_secs() + 1),
        }
    }

    /// The value of `RateLimit-Policy` for a class.
    pub fn policy(&self, class: Class) -> Option<HeaderValue> {
        self.counter(class).map(|c| c.policy.clone())
    }

    /// Forgets those who have all of their quota again; called now and then.
    pub fn forget(&self) {
        for counter in self.counters.iter().flatten() {
            counter.limiter.retain_recent();
            if counter.limiter.len() < REMEMBERED {
                counter.limiter.shrink_to_fit();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Given;
    use super::*;

    #[test]
    fn one_caller_is_held_back_and_another_is_not() {
        let given = Given { reveal: Some(Rate(Some((3, 60)))), ..Given::default() };
        let rates = Rates::new(&Limits::of(&given, &Given::default()));
        let (one, other) = (Who::Account(Uuid::from_u128(1)), Who::Account(Uuid::from_u128(2)));
        let left: Vec<u32> =
            (0..3).filter_map(|_| rates.count(Class::Reveal, one).ok().flatten().map(|c| c.left)).collect();
        assert_eq!(left, [2, 1, 0]);
        assert!(matches!(rates.count(Class::Reveal, one), Err(1..=21)));
        assert!(rates.count(Class::Reveal, other).is_ok() && rates.count(Class::General, one).is_ok());
        assert_eq!(rates.policy(Class::Reveal).unwrap(), "\"reveal\";q=3;w=60");
    }

    #[test]
    fn an_address_is_one_customer() {
        let who = |text: &str| Who::at(text.parse().unwrap());
        assert_eq!(who("2001:db8:0:1::1"), who("2001:db8:0:1:ffff::2"));
        assert_ne!(who("2001:db8:0:1::1"), who("2001:db8:0:2::1"));
        assert_ne!(who("10.0.0.1"), who("10.0.0.2"));
    }

    #[test]
    fn routes_have_the_class_of_what_they_cost() {
        for (pattern, class) in [
            ("/api/v1/cadres/{id}", Class::General),
            ("/api/v1/cadres/export", Class::Bulk),
            ("/api/v1/cadres/{id}/reveal", Class::Reveal),
            ("/api/v1/sync/changes", Class::Sync),
            ("/api/v1/sync/snapshot", Class::Bulk),
            ("/api/v1/auth/login", Class::SignIn),
        ] {
            assert_eq!(Class::of(pattern), class, "{pattern}");
        }
    }
}
