//! A position in the feed, and what it is bound to.
use crate::auth::Identity;
use crate::error::{ApiError, Result};
use crate::extract::SignedIn;
use crate::sealed::{self, binding};
use domain::{Problem, Rule, Uuid, Violation};
use persistence::feed::{self, State};
use persistence::registry::Kind;
use serde::{Deserialize, Serialize};
use serde_json::json;

const PURPOSE: &str = "sync-cursor";

/// What is inside a cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// Epoch.
    e: Uuid,
    /// Position.
    pub s: i64,
    /// Hash of what the caller sees: its division, its permissions, its masks.
    c: String,
    /// Hash of the resources it asked for.
    f: String,
    /// [`feed::SCHEMA`].
    v: i64,
}

/// What makes two callers see the same records the same way.
fn sight(caller: &Identity) -> String {
    let readable: Vec<&str> = super::readable(caller).iter().map(|k| k.path).collect();
    binding(&json!([caller.division, caller.sight().as_str(), readable]))
}
fn filter(kinds: &[&'static Kind]) -> String {
    binding(&json!(kinds.iter().map(|k| k.path).collect::<Vec<_>>()))
}

impl Cursor {
    /// A position for this caller and question.
    pub fn at(caller: &Identity, kinds: &[&'static Kind], state: State, seq: i64) -> Self {
        Self { e: state.epoch, s: seq, c: sight(caller), f: filter(kinds), v: feed::SCHEMA }
    }
    /// The same, further on.
    pub fn moved(&self, seq: i64) -> Self {
        Self { s: seq, ..self.clone() }
    }
    /// The epoch it belongs to.
    pub fn epoch(&self) -> Uuid {
        self.e
    }
    /// Its text.
    pub fn seal(&self, caller: &SignedIn) -> String {
        sealed::seal(&caller.app, PURPOSE, self)
    }
    /// The position in a text.
    ///
    /// # Errors
    /// 400 for a text that is no cursor of ours.
    pub fn open(caller: &SignedIn, text: &str) -> Result<Self> {
        sealed::open(&caller.app, PURPOSE, text).ok_or_else(|| ApiError::new(Problem::InvalidCursor))
    }
    /// Whether it is a position of the database as it is, and not of one before a restore.
    pub fn is_of(&self, state: State) -> bool {
        self.e == state.epoch && self.s <= state.head
    }
    /// Whether it may be used for this question, now.
    ///
    /// # Errors
    /// 400 where it belongs to another question; 410 with the reason where it is dead.
    pub fn check(&self, caller: &Identity, kinds: &[&'static Kind], state: State) -> Result<()> {
        let gone = |rule| Err(ApiError::of(Problem::CursorGone, vec![Violation::new("/cursor", rule)]));
        // What the caller sees comes first: with it, the resources that were asked for without naming them change.
        if self.c != sight(caller) {
            return gone(Rule::ScopeChanged);
        }
        if self.f != filter(kinds) {
            return Err(ApiError::of(Problem::InvalidCursor, vec![Violation::new("/entities", Rule::OtherQuestion)]));
        }
        if !self.is_of(state) {
            return gone(Rule::EpochChanged);
        }
        if self.v != feed::SCHEMA {
            return gone(Rule::SchemaChanged);
        }
        if self.s < state.horizon {
            return gone(Rule::CursorExpired);
        }
        Ok(())
    }
}
