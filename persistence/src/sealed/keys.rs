//! The keys themselves: what an operator keeps in a file or gives in the environment.
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// Characters of a key's id.
pub const ID_LENGTH: usize = 8;

/// A key's id: the first characters of its hash, so that another key cannot go by its name.
pub type KeyId = String;

/// One key that seals values.
pub struct SealingKey {
    /// Its id, which every value that it sealed begins with.
    pub id: KeyId,
    /// The day it was made, for people.
    pub made: String,
    pub(super) cipher: Aes256Gcm,
    bytes: [u8; 32],
}

/// All keys of an installation.
pub struct Keys {
    /// Those that open values. The first one seals.
    sealing: Vec<SealingKey>,
    index: [u8; 32],
    index_made: String,
    index_id: KeyId,
}

impl Keys {
    /// Fresh keys.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn generate(day: &str) -> Result<Self, String> {
        Self::of(vec![(day.to_owned(), random()?)], (day.to_owned(), random()?))
    }

    fn of(sealing: Vec<(String, [u8; 32])>, (index_made, index): (String, [u8; 32])) -> Result<Self, String> {
        let key = |(made, bytes): (String, [u8; 32])| SealingKey {
            id: id("sealing", &bytes),
            made,
            cipher: Aes256Gcm::new(&bytes.into()),
            bytes,
        };
        let sealing: Vec<SealingKey> = sealing.into_iter().map(key).collect();
        if sealing.is_empty() {
            return Err("there is no line `key`".into());
        }
        Ok(Self { sealing, index_id: id("index", &index), index_made, index })
    }

    /// Reads the text form: a line `key DAY BASE64` for each key, the one that seals first, and a line `index DAY BASE64`.
    ///
    /// # Errors
    /// What is wrong with it, without a word of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (mut sealing, mut index) = (vec![], None);
        // In the environment a semicolon stands for the end of a line.
        let lines = text.split(['\n', ';']).map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        for (n, line) in lines.enumerate() {
            let wrong = || format!("line {}: not `key DAY BASE64` or `index DAY BASE64` of 32 random bytes", n + 1);
            let mut words = line.split_whitespace();
            let (Some(kind), Some(day), Some(key), None) = (words.next(), words.next(), words.next(), words.next())
            else {
                return Err(wrong());
            };
            let bytes: [u8; 32] = BASE64_STANDARD.decode(key).ok().and_then(|b| b.try_into().ok()).ok_or_else(wrong)?;
            if bytes.iter().collect::<std::collections::HashSet<_>>().len() <= 8 {
                return Err(wrong());
            }
            match kind {
                "key" => sealing.push((day.to_owned(), bytes)),
                "index" if index.is_none() => index = Some((day.to_owned(), bytes)),
                _ => return Err(wrong()),
            }
        }
        Self::of(sealing, index.ok_or("there is no line `index`")?)
    }

    /// The text form again.
    pub fn to_text(&self) -> String {
        let mut text =
            String::from("# Keys of the sealed fields. Whoever has them and the database reads all of it.\n");
        for key in &self.sealing {
            text.push_str(&key.line());
        }
        text.push_str(&format!("index {} {}\n", self.index_made, BASE64_STANDARD.encode(self.index)));
        text
    }

    /// The keys that open values, the one that seals first.
    pub fn sealing(&self) -> &[SealingKey] {
        &self.sealing
    }
    /// The one that seals.
    pub fn current(&self) -> Option<&SealingKey> {
        self.sealing.first()
    }
    pub(super) fn find(&self, id: &str) -> Option<&SealingKey> {
        self.sealing.iter().find(|key| key.id == id)
    }
    /// The id of the key of the blind indexes.
    pub fn index_id(&self) -> &str {
        &self.index_id
    }
    pub(super) fn index(&self) -> &[u8] {
        &self.index
    }

    /// Adds a fresh key, which opens from now on and does not seal yet; its id.
    ///
    /// # Errors
    /// As [`generate`](Self::generate).
    pub fn add(&mut self, day: &str) -> Result<KeyId, String> {
        let made = Self::of(vec![(day.to_owned(), random()?)], (String::new(), self.index))?.sealing;
        let id = made.first().map(|key| key.id.clone()).unwrap_or_default();
        self.sealing.extend(made);
        Ok(id)
    }
    /// Makes a key the one that seals; whether it is there.
    pub fn make_current(&mut self, id: &str) -> bool {
        let Some(at) = self.sealing.iter().position(|key| key.id == id) else { return false };
        let key = self.sealing.remove(at);
        self.sealing.insert(0, key);
        true
    }
    /// Takes a key away that does not seal; its line.
    pub fn remove(&mut self, id: &str) -> Option<String> {
        let at = self.sealing.iter().skip(1).position(|key| key.id == id)?;
        Some(self.sealing.remove(at + 1).line())
    }
}

impl SealingKey {
    fn line(&self) -> String {
        format!("key {} {}\n", self.made, BASE64_STANDARD.encode(self.bytes))
    }
}

fn id(purpose: &str, key: &[u8; 32]) -> KeyId {
    let hash = Sha256::new().chain_update(purpose).chain_update(key).finalize();
    domain::hex(hash.get(..ID_LENGTH / 2).unwrap_or_default())
}

/// Random bytes of the operating system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_from_their_text_and_a_weak_or_torn_one_does_not() {
        let mut keys = Keys::generate("2026-11-24").unwrap();
        let first = keys.current().unwrap().id.clone();
        let second = keys.add("2026-11-25").unwrap();
        assert!(keys.make_current(&second) && !keys.make_current("00000000"));
        let again = Keys::parse(&keys.to_text().replace('\n', ";")).unwrap();
        let ids: Vec<&str> = again.sealing().iter().map(|k| k.id.as_str()).collect();
        assert_eq!((ids, again.index_id()), (vec![second.as_str(), first.as_str()], keys.index_id()));
        assert!(keys.remove(&second).is_none() && keys.remove(&first).is_some());
        let weak = BASE64_STANDARD.encode([7; 32]);
        for text in ["", "key 2026-11-24 AAAA", &format!("key d {weak}\nindex d {weak}"), "index"] {
            assert!(Keys::parse(text).is_err(), "{text}");
        }
    }
}
