//! What can go wrong below the API, without a word about HTTP.
use diesel::result::{DatabaseErrorKind, Error as Diesel};
use domain::{Findings, Problem, Rule, Violation};

/// The result of a storage operation.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a storage operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such record in the caller's scope.
    #[error("not found")]
    NotFound,
    /// The record has another version than the caller named.
    #[error("stale: the record is at version {current}")]
    Stale {
        /// The version it has now.
        current: i64,
        /// Field, value at the named version, the caller's value, value now.
        fields: Vec<FieldDifference>,
    },
    /// The data is not valid.
    #[error("invalid data")]
    Invalid(Findings),
    /// The data is valid by itself but cannot be accepted beside what is stored.
    #[error("refused: {}", .0.code())]
    Refused(Problem, Vec<Violation>),
    /// The ledger knows the idempotency key already.
    #[error("idempotency key seen before")]
    KeySeen,
    /// The store cannot do it now, but may later: disk full, connection lost, file locked, queue full.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A defect or a damaged store.
    #[error("internal: {0}")]
    Internal(String),
}

/// One field of a stale write: what it was, what the caller wants, what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldDifference {
    /// Field name.
    pub field: String,
    /// Value at the version the caller named; absent where it had none or is not known any more.
    pub base: Option<serde_json::Value>,
    /// The caller's value.
    pub yours: Option<serde_json::Value>,
    /// The value now.
    pub theirs: Option<serde_json::Value>,
}

impl Error {
    /// Invalid data with a single finding.
    pub fn invalid(violation: Violation) -> Self {
        Self::Invalid(Findings { errors: vec![violation], warnings: vec![] })
    }
    /// A defect.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }
    /// Moves the pointers of its findings below `prefix`, for a record inside a batch.
    pub fn below(self, prefix: &str) -> Self {
        match self {
            Self::Refused(problem, errors) => {
                Self::Refused(problem, Findings { errors, warnings: vec![] }.below(prefix).errors)
            }
            other => other,
        }
    }
    /// What a client is told: a problem and its findings. The cause of a defect is for the log only.
    pub fn told(self) -> (Problem, Vec<Violation>) {
        match self {
            Self::NotFound => (Problem::NotFound, vec![]),
            Self::Stale { .. } => (Problem::PreconditionFailed, vec![]),
            Self::Invalid(found) => (Problem::ValidationFailed, found.errors),
            Self::Refused(problem, violations) => (problem, violations),
            Self::KeySeen => (Problem::IdempotencyInFlight, vec![]),
            Self::Unavailable(_) => (Problem::Unavailable, vec![]),
            Self::Internal(_) => (Problem::Internal, vec![]),
        }
    }
    /// An error of which only the text is known.
    pub(crate) fn of_text(text: String) -> Self {
        if passing(&text) { Self::Unavailable(text) } else { Self::Internal(text) }
    }
    /// Whether the connection that gave this error should be thrown away.
    pub fn breaks_connection(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Internal(_))
    }
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::NotFound => Self::NotFound,
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                let key = info.constraint_name().map_or_else(|| sqlite_key(info.message()), postgres_key);
                unique(&key)
            }
            Diesel::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                Self::invalid(Violation::new("", Rule::UnknownReference))
            }
            Diesel::DatabaseError(
                DatabaseErrorKind::ClosedConnection
                | DatabaseErrorKind::UnableToSendCommand
                | DatabaseErrorKind::SerializationFailure
                | DatabaseErrorKind::ReadOnlyTransaction,
                info,
            ) => Self::Unavailable(info.message().to_owned()),
            Diesel::DatabaseError(DatabaseErrorKind::Unknown, info) if info.message() == "stale" => {
                Self::Stale { current: 0, fields: vec![] }
            }
            Diesel::DatabaseError(DatabaseErrorKind::Unknown, info) if passing(info.message()) => {
                Self::Unavailable(info.message().to_owned())
            }
            Diesel::BrokenTransactionManager => Self::Unavailable("the connection is in a broken transaction".into()),
            other => Self::Internal(other.to_string()),
        }
    }
}
impl From<diesel::ConnectionError> for Error {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
/// Conditions that pass by themselves or when an operator acts: SQLite's fixed texts, and what
/// PostgreSQL and libpq say when the server goes away or has no room. What a Chinese installation says in
/// Chinese stands beside it: diesel passes on the text, not the code.
fn passing(message: &str) -> bool {
    const TEXTS: &[&str] = &[
        "database or disk is full",
        "disk I/O error",
        "database is locked",
        "database table is locked",
        "database schema is locked",
        "unable to open database file",
        "attempt to write a readonly database",
        "No space left on device",
        "connection",
        "could not extend file",
        "无法扩展文件",
        "could not write to file",
        "无法写入文件",
        "could not access",
        "无法访问",
        "shutting down",
        "starting up",
        "recovery mode",
        "read-only transaction",
        "out of memory",
        "内存用尽",
        "too many clients",
        "remaining connection slots",
        "statement timeout",
        "语句执行超时",
        "lock timeout",
        "锁超时",
        "deadlock",
        "检测到死锁",
        "no connection to the server",
    ];
    TEXTS.iter().any(|t| message.contains(t))
}

/// `cadres__id_number_index` is a unique index of ours; anything else is a primary key.
fn postgres_key(name: &str) -> String {
    if name.contains("__") { name.replace("__", ".") } else { name.replace("_pkey", ".id") }
}
/// `UNIQUE constraint failed: cadres.external_system, cadres.external_id`.
fn sqlite_key(message: &str) -> String {
    let columns = message.rsplit(": ").next().unwrap_or_default();
    let mut key = String::new();
    for (i, column) in columns.split(", ").enumerate() {
        let name = column.split_once('.').map_or(column, |(_, name)| name);
        key.push_str(if i == 0 { column } else { "." });
        if i > 0 {
            key.push_str(name);
        }
    }
    key
}

/// What a broken uniqueness means to the caller.
fn unique(key: &str) -> Error {
    let (table, column) = key.split_once('.').unwrap_or((key, "id"));
    let refused = |problem| Error::Refused(problem, vec![]);
    match (table, column) {
        ("idempotency_keys", _) => Error::KeySeen,
        ("cadres", "id_number_index") => refused(Problem::DuplicatePerson),
        ("honors", "cadre_id") => refused(Problem::MedalExists),
        ("party_memberships", "cadre_id") => {
            Error::Refused(Problem::AlreadyExists, vec![Violation::new("cadre_id", Rule::OneFormalMembership)])
        }
        _ => {
            let fields: Vec<&str> =
                if column.starts_with("external_system") { vec!["external_ref"] } else { column.split('.').collect() };
            let each = fields.into_iter().map(|field| Violation::new(field, Rule::TooMany).with("max", 1));
            Error::Refused(Problem::AlreadyExists, each.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_name_a_unique_key_alike() {
        assert_eq!(postgres_key("cadres__external_system__external_id"), "cadres.external_system.external_id");
        assert_eq!(
            sqlite_key("UNIQUE constraint failed: cadres.external_system, cadres.external_id"),
            "cadres.external_system.external_id"
        );
        assert_eq!(postgres_key("idempotency_keys_pkey"), "idempotency_keys.id");
        assert!(matches!(
            unique(&sqlite_key("UNIQUE constraint failed: cadres.id_number_index")),
            Error::Refused(Problem::DuplicatePerson, _)
        ));
    }
}
