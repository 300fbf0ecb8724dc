//! An operation that a client made offline and sends when it can.
use crate::codes::OpAction;
use crate::input;
use crate::resource::ExternalRef;
use crate::{DateTime, Findings, Rule, Utc, Uuid, Violation};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Operations in one push at most.
pub const PUSH_LIMIT: usize = 500;

/// An operation.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushOp {
    /// Counts the client's operations from 1, without gaps. The server expects them in this order.
    #[schema(minimum = 1, example = 1042)]
    pub op_seq: i64,
    /// The operation's own id, made with it and never used for another: by it the server knows what it has seen.
    pub op_id: Uuid,
    /// Path of the resource, such as `cadres`.
    #[schema(example = "cadres", max_length = 100)]
    pub entity: String,
    /// The record. For a creation the client's own id; the server gives one where it is absent.
    pub id: Option<Uuid>,
    /// The record by its id in the client's own system, instead of `id`.
    pub external_ref: Option<ExternalRef>,
    /// What to do.
    pub action: OpAction,
    /// The version that the client's copy of the record had from the server. Needed but for a creation.
    #[schema(minimum = 1, example = 17)]
    pub base_version: Option<i64>,
    /// The epoch in which the client learned that version, where it is not the present one.
    pub base_epoch: Option<Uuid>,
    /// Fields to set. For a creation, what the body of a `POST` would have.
    #[serde(default)]
    #[schema(value_type = Object, additional_properties = true)]
    pub set: Map<String, Value>,
    /// Fields to clear.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub unset: Vec<String>,
    /// Fields that refer to a record by its id in the client's own system.
    #[serde(default)]
    pub refs: BTreeMap<String, ExternalRef>,
    /// When the client observed what it sends, by its own clock.
    pub observed_at: Option<DateTime<Utc>>,
    /// Operations that stand together and have the same group succeed or fail together.
    #[schema(min_length = 1, max_length = 100, example = "g1")]
    pub group: Option<String>,
    /// Operations without whose success this one is not tried.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub depends_on: Vec<Uuid>,
}

/// What an operation must show before it can be known by anything: its number and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpName {
    /// [`PushOp::op_seq`].
    pub op_seq: i64,
    /// [`PushOp::op_id`].
    pub op_id: Uuid,
}

/// An operation as it came: named, and perhaps readable.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its name.
    pub name: OpName,
    /// As sent, but for what to set where it could be read: that is with `op`.
    rest: Value,
    /// As read, or what is wrong with it. One that cannot be read is refused by itself and stops no other.
    pub op: Result<Box<PushOp>, Findings>,
}

impl Received {
    /// Reads one operation. `below` is where it stands in the request.
    ///
    /// # Errors
    /// Where it has no number or no id, by which its outcome could be told.
    pub fn read(body: Value, below: &str) -> Result<Self, Violation> {
        let field = |name: &str, rule| Violation::new(format!("{below}/{name}"), rule);
        let op_seq = body.get("op_seq").ok_or_else(|| field("op_seq", Rule::Required))?;
        let op_seq = op_seq.as_i64().filter(|n| *n >= 1);
        let op_seq =
            op_seq.ok_or_else(|| field("op_seq", Rule::WrongType).with("expected", "an integer of 1 or more"))?;
        let op_id = body.get("op_id").ok_or_else(|| field("op_id", Rule::Required))?;
        let op_id = op_id.as_str().and_then(|t| t.parse().ok()).ok_or_else(|| field("op_id", Rule::InvalidUuid))?;
        let name = OpName { op_seq, op_id };
        let mut rest = body;
        let set = match rest.get_mut("set") {
            Some(Value::Object(set)) => Some(std::mem::take(set)),
            _ => None,
        };
        let clean = input::is_clean(&rest)
            && set.iter().flatten().all(|(k, v)| !k.chars().any(char::is_control) && input::is_clean(v));
        match PushOp::deserialize(&rest) {
            Ok(op) if clean => {
                let op = PushOp { set: set.unwrap_or_default(), ..op };
                let found = op.checked();
                if found.errors.is_empty() {
                    return Ok(Self { name, rest, op: Ok(Box::new(op)) });
                }
                if let Some(place) = rest.get_mut("set") {
                    *place = Value::Object(op.set);
                }
                Ok(Self { name, rest, op: Err(found) })
            }
            _ => {
                // What is wrong, the slow way finds out.
                if let (Some(place), Some(set)) = (rest.get_mut("set"), set) {
                    *place = Value::Object(set);
                }
                let op = input::typed::<PushOp>(rest.clone());
                let op = op.and_then(|op| {
                    let found = op.checked();
                    if found.errors.is_empty() { Ok(Box::new(op)) } else { Err(found) }
                });
                Ok(Self { name, rest, op })
            }
        }
    }

    /// As sent, for the quarantine.
    pub fn sent(&self) -> Value {
        let mut sent = self.rest.clone();
        if let (Some(place), Ok(op)) = (sent.get_mut("set"), &self.op) {
            *place = Value::Object(op.set.clone());
        }
        sent
    }

    /// What was sent: its members but `set`, and `set` where it is an object.
    pub fn parts(&self) -> (&Value, Option<&Map<String, Value>>) {
        let set = self.rest.get("set").and_then(|rest| match &self.op {
            Ok(op) => Some(&op.set),
            Err(_) => rest.as_object(),
        });
        (&self.rest, set)
    }
}

impl PushOp {
    /// What is wrong with the operation by itself.
    fn checked(&self) -> Findings {
        let mut found = Findings::default();
        if self.action == OpAction::Create {
            found.require(self.unset.is_empty(), "unset", Rule::ReadOnly);
            found.require(self.base_version.is_none(), "base_version", Rule::ReadOnly);
        } else {
            found.require(self.base_version.is_some_and(|v| v >= 1), "base_version", Rule::Required);
            found.require(self.id.is_some() || self.external_ref.is_some(), "id", Rule::Required);
        }
        if self.action == OpAction::Delete {
            found.require(self.set.is_empty() && self.refs.is_empty(), "set", Rule::ReadOnly);
        }
        if self.group.as_ref().is_some_and(|g| g.is_empty() || g.chars().count() > 100) {
            found.push(Violation::new("group", Rule::TooLong).with("max", 100));
        }
        found
    }
    /// The fields it changes, as a merge patch.
    pub fn patch(&self) -> Map<String, Value> {
        let mut patch = self.set.clone();
        patch.extend(self.unset.iter().map(|field| (field.clone(), Value::Null)));
        patch
    }
}
