//! Idempotency keys: one row for each keyed request that had an effect, committed with the effect.
//!
//! Nothing is asked before a write. A repeated request fails on the key's primary key (or on something its
//! first run created), and only then the ledger is read: the first answer is replayed from the record's
//! history, so that no second copy of personal data is kept.
use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::expr::bind;
use crate::schema::idempotency_keys;
use crate::sql::{Doc, Instant, JsonText, Uid};
use diesel::prelude::*;
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

macro_rules! key_row {
    ($k:expr) => {{
        use crate::schema::idempotency_keys as keys;
        (
            keys::client.eq(&$k.client),
            keys::method.eq(&$k.method),
            keys::path.eq(&$k.path),
            keys::key.eq(&$k.key),
            keys::fingerprint.eq(&$k.fingerprint),
            keys::status.eq($k.status),
            keys::entity_id.eq(bind::<diesel::sql_types::Nullable<Uid>, _>($k.entity_id)),
            keys::version.eq($k.version),
            keys::answer.eq(bind::<diesel::sql_types::Nullable<Doc>, _>(&$k.answer)),
            keys::created_at.eq(bind::<Instant, _>($k.created_at)),
        )
    }};
}
pub(crate) use key_row;

/// A warning as the ledger keeps it.
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
        let kept = warnings.iter().map(|w| Self {
            pointer: w.pointer.clone(),
            rule: w.rule.code().into(),
            args: w.args.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        });
        let text = serde_json::to_string(&kept.collect::<Vec<_>>()).map_err(Error::internal)?;
        Ok(Some(JsonText(text)))
    }
    /// The warning again; `None` where the catalogue has no such rule any more.
    pub fn violation(self) -> Option<Violation> {
        let mut violation = Violation::new(self.pointer, Rule::parse(&self.rule)?);
        // Argument names are those of the catalogue's texts.
        violation.args =
            self.args.into_iter().filter_map(|(n, v)| Some((domain::catalogue::argument(&n)?, v))).collect();
        Some(violation)
    }
}

/// Stores a key by itself, for an effect that is not one record's write. The caller holds a transaction.
pub fn remember(conn: &mut Conn, k: &Key) -> Result<()> {
    on!(conn, c => diesel::insert_into(idempotency_keys::table).values(key_row!(k)).execute(c))?;
    Ok(())
}

/// What the ledger has under the key's client, method, path and text.
pub fn seen(conn: &mut Conn, k: &Key) -> Result<Option<Key>> {
    use idempotency_keys as keys;
    type Row = (String, i32, Option<Uuid>, Option<i64>, Option<JsonText>, DateTime<Utc>);
    let row: Option<Row> = on!(conn, c => keys::table
        .filter(keys::client.eq(&k.client)).filter(keys::method.eq(&k.method))
        .filter(keys::path.eq(&k.path)).filter(keys::key.eq(&k.key))
        .select((keys::fingerprint, keys::status, keys::entity_id, keys::version, keys::answer, keys::created_at))
        .get_result(c).optional())?;
    Ok(row.map(|(fingerprint, status, entity_id, version, answer, created_at)| Key {
        fingerprint,
        status,
        entity_id,
        version,
        answer,
        created_at,
        ..k.clone()
    }))
}

/// Removes keys older than [`KEPT_HOURS`]; says how many.
pub fn expire(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    use idempotency_keys as keys;
    let oldest = now - chrono::Duration::hours(KEPT_HOURS);
    Ok(on!(conn, c => diesel::delete(keys::table.filter(keys::created_at.lt(bind::<Instant, _>(oldest)))).execute(c))?)
}
