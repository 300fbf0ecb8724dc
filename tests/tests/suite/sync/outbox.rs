//! A client's side of a push: it counts its operations and keeps them until they are answered.

use serde_json::{Value, json};

use crate::support::{client::Client, response::Response};

/// Operations on their way.
pub struct Outbox {
    client: Client,
    epoch: String,
    /// The number of the next operation.
    pub next: i64,
}

impl Outbox {
    /// Goes on where the server stands.
    pub fn new(client: Client) -> Self {
        let state = client.get("/sync/state").status(200);
        let epoch = state["epoch"].as_str().expect("an epoch").to_owned();
        Self { client, epoch, next: state["expected_op_seq"].as_i64().expect("a number") }
    }

    pub fn client(&self) -> &Client {
        &self.client
    }

    /// An operation with a number and an id of its own.
    pub fn op(&mut self, action: &str, entity: &str, more: Value) -> Value {
        let mut op = json!({"op_seq": self.next, "op_id": uuid::Uuid::now_v7(), "entity": entity, "action": action});
        for (name, value) in more.as_object().expect("members") {
            op[name] = value.clone();
        }
        self.next += 1;
        op
    }

    pub fn create(&mut self, entity: &str, fields: Value) -> Value {
        self.op("create", entity, json!({"id": uuid::Uuid::now_v7(), "set": fields}))
    }

    pub fn patch(&mut self, entity: &str, id: &str, base: i64, fields: Value) -> Value {
        self.op("patch", entity, json!({"id": id, "base_version": base, "set": fields}))
    }

    pub fn body(&self, ops: &[Value]) -> Value {
        json!({"epoch": self.epoch, "ops": ops})
    }

    /// Sends operations; every one is answered.
    #[track_caller]
    pub fn push(&self, ops: &[Value]) -> Response {
        let answer = self.client.post("/sync/push", self.body(ops)).status(200);
        assert_eq!(answer["results"].as_array().map(Vec::len), Some(ops.len()), "{answer}");
        answer
    }

    /// Sends one operation and tells how it ended.
    #[track_caller]
    pub fn one(&self, op: &Value) -> Value {
        self.push(std::slice::from_ref(op))["results"][0].clone()
    }
}

/// How each operation ended.
pub fn statuses(answer: &Response) -> Vec<&str> {
    answer["results"].as_array().expect("results").iter().map(|r| r["status"].as_str().expect("a status")).collect()
}
