//! Idempotency keys: one row for each keyed request that had an effect, committed with the effect.
//!
//! Nothing is asked before a write. A repeated request fails on the key's primary key (or on something its
//! first run created), and only then the ledger is read: the first answer is replayed from the record's
//! history, so that no second copy of personal data is kept.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::sealed::{Keyring, Place};
use crate::sql::JsonText;
use crate::statement::Sql;
use domain::{DateTime, Rule, Utc, Uuid, Violation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long a key is kept.
pub const KEPT_HOURS: i64 = 72;

/// An idempotency key and the answer it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Who sent it.
    pub client: String,
    /// HTTP method.
    pub method: String,
    /// Path.
    pub path: String,
    /// The key itself.
    pub key: String,
    /// SHA-256 of the body.
    pub fingerprint: String,
    /// Status of the answer.
    pub status: i32,
    /// The record the answer shows, at [`version`](Self::version).
    pub entity_id: Option<Uuid>,
    /// Its version then.
    pub version: Option<i64>,
    /// Beside a record, the [`Stored`] warnings; otherwise the answer itself. Holds no personal data.
    pub answer: Option<JsonText>,
    /// When the request ran.
    pub created_at: DateTime<Utc>,
}

/// What a key's answer is sealed for.
pub(crate) fn place_id(client: &str, method: &str, path: &str, key: &str) -> Vec<u8> {
    [client, method, path, key].join("\n").into_bytes()
}
/// Where a key's answer belongs.
pub(crate) fn place(id: &[u8]) -> Place<'_> {
    Place { of: "idempotency_keys", field: "answer", id }
}
impl Key {
    fn place_id(&self) -> Vec<u8> {
        place_id(&self.client, &self.method, &self.path, &self.key)
    }
}

/// The statement that stores a key.
pub(crate) fn insertion<'k>(k: &'k Key, keys: &Keyring) -> Result<Sql<'k>> {
    // Whatever an answer tells, it is no reader's but the caller's.
    let answer = k.answer.as_ref().map(|a| keys.seal_json(place(&k.place_id()), &a.0)).transpose()?;
    const INSERT: &str = "INSERT INTO idempotency_keys (client, method, path, key, fingerprint, status, entity_id, \
         version, answer, created_at) VALUES ";
    let row = [
        k.client.as_str().into(),
        k.method.as_str().into(),
        k.path.as_str().into(),
        k.key.as_str().into(),
        k.fingerprint.as_str().into(),
        k.status.into(),
        k.entity_id.into(),
        k.version.into(),
        answer.into(),
        k.created_at.into(),
    ];
    Ok(Sql::with_row(INSERT, row))
}

/// A finding as the ledger keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stored {
    pointer: String,
    rule: String,
    args: BTreeMap<String, String>,
}
impl Stored {
    /// The warnings of an answer as JSON; `None` where there are none.
    pub fn json(warnings: &[Violation]) -> Result<Option<JsonText>> {
        if warnings.is_empty() {
            return Ok(None);
        }
        let kept: Vec<Self> = warnings.iter().map(Self::of).collect();
        let text = serde_json::to_string(&kept).map_err(Error::internal)?;
        Ok(Some(JsonText(text)))
    }
    /// A finding to keep.
    pub fn of(found: &Violation) -> Self {
        Self {
            pointer: found.pointer.clone(),
            rule: found.rule.code().into(),
            args: found.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        }
    }
    /// The finding again; `None` where the catalogue has no such rule any more.
    pub fn violation(self) -> Option<Violation> {
        let mut violation = Violation::new(self.pointer, Rule::parse(&self.rule)?);
        // Argument names are those of the catalogue's texts.
        violation.args =
            self.args.into_iter().filter_map(|(n, v)| Some((domain::catalogue::argument(&n)?, v))).collect();
        Some(violation)
    }
}

/// Stores a key by itself, for an effect that is not one record's write. The caller holds a transaction.
///
/// # Errors
/// [`Error::KeySeen`] where it is stored already.
pub fn remember(conn: &mut Conn, k: &Key) -> Result<()> {
    let sql = insertion(k, conn.keys())?;
    sql.run(conn).map(drop)
}

/// What the ledger has under the key's client, method, path and text.
pub fn seen(conn: &mut Conn, k: &Key) -> Result<Option<Key>> {
    type Row = (String, i32, Option<Uuid>, Option<i64>, Option<JsonText>, DateTime<Utc>);
    let mut sql = Sql::new(
        "SELECT fingerprint, status, entity_id, version, answer, created_at FROM idempotency_keys WHERE client = ",
    );
    sql.bind(k.client.as_str()).say(" AND method = ").bind(k.method.as_str());
    sql.say(" AND path = ").bind(k.path.as_str()).say(" AND key = ").bind(k.key.as_str());
    let row: Option<Row> = sql.row(conn)?;
    let read = |(fingerprint, status, entity_id, version, answer, created_at): Row| {
        let answer = answer.map(|a| conn.keys().open_json(place(&k.place_id()), &a)).transpose()?;
        Ok(Key { fingerprint, status, entity_id, version, answer, created_at, ..k.clone() })
    };
    row.map(read).transpose()
}

/// Removes keys older than [`KEPT_HOURS`]; says how many.
pub fn expire(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let oldest = now - chrono::Duration::hours(KEPT_HOURS);
    Sql::new("DELETE FROM idempotency_keys WHERE created_at < ").bind(oldest).run(conn)
}
