//! Sealed values: what is stored of a sensitive field is nothing without the keys.
//!
//! AES-256-GCM with a random nonce for each value and the value's place as associated data, so that a value which
//! somebody moves to another row, field or table does not open there. What is sealed is the value's JSON, filled up
//! to whole blocks: the length of a code tells nothing. Each sealed text begins with the id of its key, so that
//! several keys may be in use while values go over from one to the next ([`reseal`]).
//!
//! Where equality is needed, a keyed hash under a key of its own stands beside the value (a blind index): it tells
//! who has the database that two are equal, and nothing else.
mod keys;
pub mod reseal;

pub use keys::{KeyId, Keys, SealingKey};

use crate::conn::Conn;
use crate::error::{Error, Result};
use crate::sql::JsonText;
use crate::statement::Sql;
use crate::value::Value;
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, AeadInOut, Nonce, Payload, Tag};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Uuid, hex};
use hmac::{Hmac, KeyInit, Mac};
use keys::ID_LENGTH;
use sha2::Sha256;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// Where a value belongs. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'p> {
    /// The resource's path, or the table.
    pub of: &'p str,
    /// The field.
    pub field: &'p str,
    /// The record's id, or whatever else the row is known by.
    pub id: &'p [u8],
}
impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        [self.of.as_bytes(), b"\0", self.field.as_bytes(), b"\0", self.id].concat()
    }
}

/// Says which keys there are now, if they have changed since it was last asked.
pub type Source = Box<dyn Fn() -> Option<Keys> + Send + Sync>;

/// How often a process looks whether the keys have changed.
pub const LOOKS_EVERY: Duration = Duration::from_secs(1);
const NONCE: usize = 12;
const TAG: usize = 16;
const BLOCK: usize = 16;

/// The keys at hand. Cheap to clone; every connection that reads or writes records holds it.
#[derive(Clone)]
pub struct Keyring(Arc<Held>);

struct Held {
    keys: RwLock<Option<Arc<Keys>>>,
    source: Option<Source>,
    began: Instant,
    /// Milliseconds after `began` when the source was last asked.
    looked: AtomicU64,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

impl Keyring {
    /// These keys, and those the source tells of later.
    pub fn new(keys: Keys, source: Option<Source>) -> Self {
        Self::holding(Some(keys), source)
    }
    /// No keys: for who copies databases and reads no record.
    pub fn none() -> Self {
        Self::holding(None, None)
    }
    fn holding(keys: Option<Keys>, source: Option<Source>) -> Self {
        let keys = RwLock::new(keys.map(Arc::new));
        Self(Arc::new(Held { keys, source, began: Instant::now(), looked: AtomicU64::new(0) }))
    }

    /// The keys as they are now.
    ///
    /// # Errors
    /// Where there are none.
    pub fn keys(&self) -> Result<Arc<Keys>> {
        let now = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let looked = self.0.looked.load(Ordering::Relaxed);
        let due = now.saturating_sub(looked) >= u64::try_from(LOOKS_EVERY.as_millis()).unwrap_or(u64::MAX);
        // One asks, the others go on with what there is.
        if due && self.0.looked.compare_exchange(looked, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.look();
        }
        self.held().ok_or_else(|| Error::internal("no keys are at hand for sealed values"))
    }
    fn held(&self) -> Option<Arc<Keys>> {
        self.0.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn look(&self) {
        if let Some(keys) = self.0.source.as_ref().and_then(|source| source()) {
            *self.0.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
        }
    }

    /// Seals a value for its place.
    ///
    /// # Errors
    /// Where there are no keys, or no random bytes.
    pub fn seal(&self, place: Place<'_>, value: &[u8]) -> Result<String> {
        let keys = self.keys()?;
        let key = keys.current().ok_or_else(|| Error::internal("no key seals"))?;
        let random: [u8; NONCE] = keys::random().map_err(Error::Internal)?;
        let nonce = Nonce::<Aes256Gcm>::from(random);
        let mut filled = Vec::with_capacity(value.len() + BLOCK);
        filled.extend_from_slice(value);
        filled.push(0x80);
        filled.resize(filled.len().next_multiple_of(BLOCK), 0);
        let payload = Payload { msg: &filled, aad: &place.bytes() };
        let sealed = key.cipher.encrypt(&nonce, payload).map_err(|_| Error::internal("a value cannot be sealed"))?;
        let mut text = String::with_capacity(ID_LENGTH + 1 + (NONCE + sealed.len()) * 4 / 3 + 4);
        text.push_str(&key.id);
        text.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string([&random[..], &sealed].concat(), &mut text);
        Ok(text)
    }

    /// Opens a value that was sealed for this place.
    ///
    /// # Errors
    /// Where its key is not at hand, or it was not sealed for this place.
    pub fn open(&self, place: Place<'_>, text: &str) -> Result<Vec<u8>> {
        let torn = || Error::internal(format!("{}.{}: a sealed value does not belong there", place.of, place.field));
        let (id, sealed) = text.split_at_checked(ID_LENGTH).ok_or_else(torn)?;
        let mut keys = self.keys()?;
        if keys.find(id).is_none() {
            // Sealed a moment ago with a key that this process has not heard of.
            self.look();
            keys = self.held().unwrap_or(keys);
        }
        let unknown = || Error::internal(format!("a value is sealed with the key {id:?}, which is not at hand"));
        let key = keys.find(id).ok_or_else(unknown)?;
        let sealed = sealed.strip_prefix('.').ok_or_else(torn)?;
        let mut value = BASE64_URL_SAFE_NO_PAD.decode(sealed).map_err(|_| torn())?;
        // It is opened where it lies: a page of records opens some hundred.
        let (nonce, sealed) = value.split_first_chunk_mut::<NONCE>().ok_or_else(torn)?;
        let (sealed, tag) = sealed.split_last_chunk_mut::<TAG>().ok_or_else(torn)?;
        let (nonce, tag) = (Nonce::<Aes256Gcm>::from(*nonce), Tag::<Aes256Gcm>::from(*tag));
        let opened = key.cipher.decrypt_inout_detached(&nonce, &place.bytes(), sealed.into(), &tag);
        opened.map_err(|_| torn())?;
        value.truncate(value.len() - TAG);
        value.drain(..NONCE);
        while value.pop_if(|byte| *byte == 0).is_some() {}
        value.pop_if(|byte| *byte == 0x80).ok_or_else(torn)?;
        Ok(value)
    }

    /// Seals a JSON document: what is stored is a JSON string.
    ///
    /// # Errors
    /// As [`seal`](Self::seal).
    pub fn seal_json(&self, place: Place<'_>, text: &str) -> Result<JsonText> {
        Ok(JsonText(format!("\"{}\"", self.seal(place, text.as_bytes())?)))
    }
    /// Opens a JSON document.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_json(&self, place: Place<'_>, stored: &JsonText) -> Result<JsonText> {
        let opened = self.open(place, stored.0.trim_matches('"'))?;
        String::from_utf8(opened).map(JsonText).map_err(Error::internal)
    }

    /// The blind index of a value: equal for equal values of one field, and telling nothing else.
    ///
    /// # Errors
    /// Where there are no keys.
    pub fn index(&self, of: &str, field: &str, value: &[u8]) -> Result<String> {
        let keys = self.keys()?;
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(keys.index()).map_err(Error::internal)?;
        mac.update(&Place { of, field, id: value }.bytes());
        let hash = mac.finalize().into_bytes();
        let (first, _) = hash.split_first_chunk::<16>().ok_or_else(|| Error::internal("a hash that is too short"))?;
        Ok(hex(first))
    }
}

/// Claims that the keys at hand are those this database is sealed with, and notes them in it.
///
/// # Errors
/// Where values are sealed with a key that is not at hand, or found by an index that another key made: with such keys
/// one person would be registered twice.
pub fn settle(conn: &mut Conn) -> Result<()> {
    let keys = conn.keys().keys()?;
    let known: Vec<(String, String)> = Sql::new("SELECT id, kind FROM sealing_keys").rows(conn)?;
    let missing = |(id, kind): &&(String, String)| match kind.as_str() {
        "index" => id != keys.index_id(),
        _ => keys.find(id).is_none(),
    };
    let missing: Vec<String> = known.iter().filter(missing).map(|(id, kind)| format!("{kind} key {id}")).collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Err(Error::Internal(format!(
            "the database holds values sealed with keys that are not at hand ({missing}): \
             put back the file keys/fields that belongs to this database, or set LAOGAN_FIELD_KEYS to its content"
        )));
    }
    let current = keys.current().map(|key| key.id.clone()).unwrap_or_default();
    for (id, kind) in [(current.as_str(), "sealing"), (keys.index_id(), "index")] {
        if !known.iter().any(|(known, _)| known == id) {
            note(conn, id, kind)?;
        }
    }
    Ok(())
}

/// Notes that a key is in use from now on.
///
/// # Errors
/// What the database says.
pub fn note(conn: &mut Conn, id: &str, kind: &str) -> Result<()> {
    let row = [id.into(), kind.into(), domain::Utc::now().into()];
    let mut sql = Sql::with_row("INSERT INTO sealing_keys (id, kind, since) VALUES ", row);
    sql.say(" ON CONFLICT (id) DO NOTHING").run(conn).map(drop)
}

/// Notes that a key has nothing sealed any more.
///
/// # Errors
/// What the database says.
pub fn forget(conn: &mut Conn, id: &str) -> Result<()> {
    Sql::new("DELETE FROM sealing_keys WHERE kind = 'sealing' AND id = ").bind(id).run(conn).map(drop)
}

/// What a record's fields are sealed with, and for whom.
#[derive(Debug)]
pub struct Sealing<'s> {
    /// The keys.
    pub keys: &'s Keyring,
    /// The resource's path.
    pub of: &'static str,
    /// The record.
    pub id: Uuid,
    /// The blind indexes of the fields so far, in their order.
    pub indexes: Vec<Value<'static>>,
}
impl Sealing<'_> {
    /// The place of one of its fields.
    pub fn place<'p>(&'p self, field: &'p str) -> Place<'p> {
        Place { of: self.of, field, id: self.id.as_bytes() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place<'p>(field: &'p str, id: &'p Uuid) -> Place<'p> {
        Place { of: "cadres", field, id: id.as_bytes() }
    }

    #[test]
    fn a_value_opens_in_its_place_and_nowhere_else() {
        let ring = Keyring::new(Keys::generate("2026-11-24").unwrap(), None);
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        for value in ["", "\"372901193005120015\"", "true", "\u{80}\0\0", "[\"a\"]"] {
            let sealed = ring.seal(place("id_number", &one), value.as_bytes()).unwrap();
            assert_eq!(ring.open(place("id_number", &one), &sealed).unwrap(), value.as_bytes());
            for wrong in [place("id_number", &other), place("bank_card", &one)] {
                assert!(ring.open(wrong, &sealed).is_err());
            }
            assert!(Keyring::none().open(place("id_number", &one), &sealed).is_err());
            let mut torn = sealed.clone();
            torn.replace_range(20..21, if &sealed[20..21] == "A" { "B" } else { "A" });
            assert!(ring.open(place("id_number", &one), &torn).is_err());
            assert_ne!(ring.seal(place("id_number", &one), value.as_bytes()).unwrap(), sealed, "never the same twice");
        }
        assert!(ring.open(place("id_number", &one), "372901193005120015").is_err(), "what is not sealed is not ours");
        let of = |text: &str| ring.seal(place("self_care", &one), text.as_bytes()).unwrap().len();
        assert_eq!(of("\"able\""), of("\"partial\""), "the length of a code tells nothing");
    }

    #[test]
    fn equal_values_of_one_field_have_one_index() {
        let ring = Keyring::new(Keys::generate("2026-11-24").unwrap(), None);
        let index = |field, value: &str| ring.index("cadres", field, value.as_bytes()).unwrap();
        assert_eq!(index("id_number", "1"), index("id_number", "1"));
        assert_ne!(index("id_number", "1"), index("id_number", "2"));
        assert_ne!(index("id_number", "1"), index("bank_card", "1"));
    }

    #[test]
    fn sealed_fields_have_columns_of_texts_and_are_neither_sorted_nor_searched() {
        let file = std::env::temp_dir().join(format!("laogan-sealed-{}.db", Uuid::now_v7()));
        let url = format!("sqlite://{}", file.display());
        let mut conn = Conn::open(&url, &Keyring::none()).unwrap();
        crate::migrate::migrate(&mut conn).unwrap();
        for kind in crate::registry::all() {
            let mut sql = Sql::new("SELECT name, type FROM pragma_table_info(");
            let columns: Vec<(String, String)> = sql.bind(kind.table).say(")").rows(&mut conn).unwrap();
            let text = |name: &str| columns.iter().any(|(n, t)| n == name && t == "TEXT");
            for class in kind.classes.iter().filter(|c| kind.sealed.contains(&c.field)) {
                assert!(text(class.field), "{}.{} is stored sealed: a column of texts", kind.table, class.field);
                assert!(class.index.is_none_or(text), "{}.{}: its index", kind.table, class.field);
            }
            assert_eq!(
                kind.unfit(),
                Vec::<&str>::new(),
                "{}: sealed, and yet sorted, searched or filtered by",
                kind.table
            );
        }
        drop(conn);
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    }

    #[test]
    fn a_key_that_others_have_added_is_found_when_it_is_met() {
        let mut keys = Keys::generate("2026-11-24").unwrap();
        let reader = Keys::parse(&keys.to_text()).unwrap();
        let added = keys.add("2026-11-25").unwrap();
        keys.make_current(&added);
        let text = keys.to_text();
        let reader = Keyring::new(reader, Some(Box::new(move || Keys::parse(&text).ok())));
        let id = Uuid::now_v7();
        let sealed = Keyring::new(keys, None).seal(place("bank_card", &id), b"1").unwrap();
        assert_eq!(reader.open(place("bank_card", &id), &sealed).unwrap(), b"1");
    }
}
