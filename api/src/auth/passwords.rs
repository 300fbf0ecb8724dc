//! Passwords: which are taken, and argon2id on threads of its own, which stand back for everybody else, with a bounded queue.
use crate::app::App;
use crate::error::{ApiError, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::{Problem, Rule, Violation};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;

/// Shortest password.
pub const MIN: usize = 10;
/// Longest password: more only costs time.
pub const MAX: usize = 256;
/// How long a sign-in waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// Hashes at a time: each takes its memory and, with the default cost, about 13 ms of a core.
const AT_A_TIME: usize = 2;
/// Who may wait for a place; the next one is told to come again.
const WAITING: usize = 32;

/// By how much the threads of hashes stand back, as `nice` counts it. On two cores that are busy to the last with reads,
/// 5 leaves sign-ins two thirds of what they would take, and 10 a third; reads shall not wait three times as long as
/// without them, which with 5 they did by a little.
#[cfg(target_os = "linux")]
const NICE: i32 = 7;

/// What a hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}
impl Default for Cost {
    /// OWASP's first choice for argon2id with one lane.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2 }
    }
}
impl Cost {
    /// The cost if it is not below OWASP's weakest choice (7 MiB and 5 passes, or as much work with more memory) nor
    /// beyond what a server can bear.
    pub fn checked(self) -> std::result::Result<Self, String> {
        let strong = u64::from(self.memory_kib) * u64::from(self.passes) >= 7_168 * 5;
        if (7_168..=1_048_576).contains(&self.memory_kib) && self.passes <= 20 && strong {
            return Ok(self);
        }
        Err(format!(
            "password_memory_kib {} with password_passes {}: too weak or too heavy",
            self.memory_kib, self.passes
        ))
    }
    fn argon2(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, 1, None).unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
    fn made(self, hash: &PasswordHash) -> bool {
        let number = |name: &str| hash.params.get_decimal(name);
        hash.algorithm.as_str() == "argon2id"
            && (number("m"), number("t"), number("p")) == (Some(self.memory_kib), Some(self.passes), Some(1))
    }
}

/// The one place of a process where passwords are hashed.
pub struct Hashing {
    cost: Cost,
    queue: mpsc::SyncSender<Job>,
    /// What an unknown user's password is compared with.
    nobody: OnceLock<String>,
}
type Job = Box<dyn FnOnce() + Send>;

impl Hashing {
    /// With hashes of this cost. Its threads end with it.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn new(cost: Cost) -> std::io::Result<Self> {
        let (queue, jobs) = mpsc::sync_channel::<Job>(WAITING);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..AT_A_TIME {
            let jobs = Arc::clone(&jobs);
            std::thread::Builder::new().name("passwords".into()).spawn(move || {
                stand_back();
                let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(job) = next() {
                    // One that panics answers nobody, and the thread goes on.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            })?;
        }
        Ok(Self { cost, queue, nobody: OnceLock::new() })
    }
}

/// Whoever signs in waits for his own hash only; on a busy machine all others would wait for it too.
fn stand_back() {
    // Where it cannot be done the hashes are as urgent as the rest, which is no error.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, NICE);
}

/// Passwords that every guesser tries, of the length that is demanded at least.
pub static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Whether every guesser tries this text: it is in the list, or is one with some characters around it, or only
/// repeats or counts.
pub fn common(text: &str) -> bool {
    let lower = text.to_lowercase();
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let chars: Vec<char> = lower.chars().collect();
    let distinct = chars.iter().collect::<HashSet<_>>().len();
    let steps = |by: i64| {
        chars.windows(2).all(|w| matches!(w, [a, b] if i64::from(u32::from(*b)) - i64::from(u32::from(*a)) == by))
    };
    COMMON.contains(lower.as_str()) || COMMON.contains(core) || distinct < 4 || steps(1) || steps(-1)
}

/// Checks a new password: its length, and that it is not among the first that a guesser tries, such as the user's name.
pub fn check(pointer: &str, username: &str, password: &str) -> Result<()> {
    let length = password.chars().count();
    let finding = if !(MIN..=MAX).contains(&length) {
        Violation::new(pointer, Rule::PasswordLength).with("min", MIN).with("max", MAX)
    } else if common(password) || is_name(username, password) {
        Violation::new(pointer, Rule::PasswordCommon)
    } else {
        return Ok(());
    };
    Err(ApiError::of(Problem::ValidationFailed, vec![finding]))
}

/// The name, or the name with digits and marks around it.
fn is_name(username: &str, password: &str) -> bool {
    let letters = |t: &str| t.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect::<String>();
    let name = letters(username);
    name.len() >= 3 && letters(password) == name
}

/// Hashes a password.
///
/// # Errors
/// What the library says.
pub fn hash_now(cost: Cost, password: &str) -> std::result::Result<String, String> {
    cost.argon2().hash_password(password.as_bytes()).map(|h| h.to_string()).map_err(|e| e.to_string())
}

/// Hashes a password, in turn.
///
/// # Errors
/// `unavailable` where too many wait already.
pub async fn hash(app: &App, password: String) -> Result<String> {
    let cost = app.hashing.cost;
    turn(app, move || hash_now(cost, &password)).await?.map_err(ApiError::internal)
}

/// How a password compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// It is another one.
    Wrong,
    /// It is the one.
    Right,
    /// It is the one, and its hash is of another cost than today's; here is a new one.
    Outdated(String),
}

/// Compares a password with a hash. Without a hash the work is the same and the answer no.
///
/// # Errors
/// `unavailable` where too many wait already.
pub async fn verify(app: &App, password: String, hash: Option<String>) -> Result<Compared> {
    let owner = app.clone();
    turn(app, move || {
        let cost = owner.hashing.cost;
        let known = hash.is_some();
        let nobody = || owner.hashing.nobody.get_or_init(|| hash_now(cost, "nobody's password").unwrap_or_default());
        let text = hash.unwrap_or_else(|| nobody().clone());
        let Ok(parsed) = PasswordHash::new(&text) else { return Compared::Wrong };
        // The parameters are the hash's own.
        let right = cost.argon2().verify_password(password.as_bytes(), &parsed).is_ok();
        match (known && right, cost.made(&parsed)) {
            (false, _) => Compared::Wrong,
            (true, true) => Compared::Right,
            (true, false) => hash_now(cost, &password).map_or(Compared::Right, Compared::Outdated),
        }
    })
    .await
}

async fn turn<T: Send + 'static>(app: &App, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (tx, rx) = oneshot::channel();
    let job: Job = Box::new(move || {
        // Who has gone away or waited too long needs no answer.
        if !tx.is_closed() {
            let _ = tx.send(work());
        }
    });
    app.hashing.queue.try_send(job).map_err(|_| ApiError::new(Problem::Unavailable))?;
    let answer = tokio::time::timeout(PATIENCE, rx).await.map_err(|_| ApiError::new(Problem::Unavailable))?;
    answer.map_err(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_guesser_tries_is_refused() {
        for weak in
            ["password123!", "1234567890", "Qwertyuiop", "woaini1314520", "aaaaaaaaaaaa", "abcdefghijkl", "laoganbuju"]
        {
            assert!(common(weak), "{weak}");
        }
        for good in ["correct horse", "正确的马、电池和订书钉", "Kx7-123456789012"] {
            assert!(!common(good), "{good}");
        }
        assert!(is_name("shanxian-office", "ShanxianOffice2026!") && !is_name("admin", "administrators"));
    }

    #[test]
    fn the_list_holds_what_could_be_a_password_and_nothing_twice() {
        let lines: Vec<&str> = include_str!("common_passwords.txt").lines().collect();
        assert_eq!(lines.len(), COMMON.len());
        assert!(lines.iter().all(|l| *l == l.to_lowercase() && l.chars().count() >= 6));
    }

    #[test]
    fn a_cost_is_neither_weak_nor_endless() {
        assert!(Cost::default().checked().is_ok());
        for (memory_kib, passes) in [(8, 1), (19_456, 1), (7_168, 4), (4_000_000, 2), (19_456, 0), (19_456, 1000)] {
            assert!(Cost { memory_kib, passes }.checked().is_err(), "{memory_kib} {passes}");
        }
    }
}
