//! What was written here goes to the server.
use super::remote::Fault;
use super::{Session, State};
use domain::{Utc, Uuid};
use persistence::agent::outbox::{self, Waiting};
use persistence::{agent, feed};
use serde_json::{Value, json};

/// Operations in one push.
const BATCH: i64 = 200;

impl Session {
    /// Sends everything that waits, and looks again at what did not go through unchanged.
    pub(super) fn send(&mut self, state: &State) -> Result<(), Fault> {
        loop {
            while agent::write(&mut self.conn, Utc::now(), outbox::collect)? {}
            let waiting = agent::write(&mut self.conn, Utc::now(), |tx| outbox::next(tx, BATCH))?;
            if waiting.is_empty() {
                if self.refresh()? {
                    return Ok(());
                }
            } else {
                self.push(state, &waiting)?;
            }
        }
    }

    fn push(&mut self, state: &State, waiting: &[Waiting]) -> Result<(), Fault> {
        let op = |w: &Waiting| {
            let mut op = w.body.clone();
            op.insert("op_seq".into(), json!(w.op_seq));
            op.insert("op_id".into(), json!(w.op_id));
            Value::Object(op)
        };
        let ops: Vec<Value> = waiting.iter().map(op).collect();
        let agent = concat!("laogan/", env!("CARGO_PKG_VERSION"));
        let body = json!({"epoch": state.epoch, "sent_at": Utc::now(), "agent": agent, "ops": ops});
        let answer = match self.remote.post("/sync/push", &body) {
            Err(Fault::Refused(409, code, problem)) if code == "op_gap" => {
                let expected = problem.get("expected_op_seq").and_then(Value::as_i64);
                let expected = expected.ok_or_else(|| Fault::Final("the server expects no number".into()))?;
                return Ok(agent::write(&mut self.conn, Utc::now(), |tx| outbox::renumber(tx, expected))?);
            }
            // Restored between our question and our sending: the next cycle asks again.
            Err(Fault::Refused(409, code, _)) if code == "epoch_changed" => {
                return Err(Fault::Later("the server was restored a moment ago".into(), None));
            }
            other => other?,
        };
        let results = answer.get("results").and_then(Value::as_array).cloned().unwrap_or_default();
        self.told.sent += results.len();
        let mut ended = vec![];
        for result in &results {
            let text = |name: &str| result.get(name).and_then(Value::as_str).unwrap_or_default();
            let Ok(op_id) = text("op_id").parse::<Uuid>() else { continue };
            let status = if text("status") == "duplicate" { text("first_status") } else { text("status") };
            let op = waiting.iter().find(|w| w.op_id == op_id);
            let about = |name: &str| op.and_then(|w| w.body.get(name)).and_then(Value::as_str).unwrap_or_default();
            match status {
                "conflict" => {
                    self.told.conflicts += 1;
                    let conflict = result.pointer("/conflict/id").and_then(Value::as_str).unwrap_or_default();
                    tracing::warn!(entity = about("entity"), id = about("id"), conflict, "waits for a decision");
                }
                "rejected" | "blocked" => {
                    self.told.refused += 1;
                    let code = result.pointer("/problem/code").and_then(Value::as_str).unwrap_or_default();
                    let fields: Vec<String> = result
                        .pointer("/problem/errors")
                        .and_then(Value::as_array)
                        .into_iter()
                        .flatten()
                        .map(|e| {
                            format!("{} {}", e["pointer"].as_str().unwrap_or(""), e["code"].as_str().unwrap_or(""))
                        })
                        .collect();
                    tracing::warn!(
                        entity = about("entity"), id = about("id"), %op_id, code, fields = fields.join(", "),
                        "refused: it is in the server's quarantine, and here the record becomes again what it is there"
                    );
                }
                _ => {}
            }
            ended.push((op_id, status == "applied", result.get("version").and_then(Value::as_i64)));
        }
        if ended.len() != waiting.len() {
            return Err(Fault::Final("the server did not answer each operation".into()));
        }
        agent::write(&mut self.conn, Utc::now(), |tx| {
            ended.into_iter().try_for_each(|(op_id, clean, version)| outbox::answered(tx, op_id, clean, version))
        })?;
        Ok(())
    }

    /// Fetches the records whose operations did not go through unchanged. Whether that is done, and nothing new waits.
    fn refresh(&mut self) -> Result<bool, Fault> {
        loop {
            let records = outbox::to_refresh(&mut self.conn)?;
            if records.is_empty() {
                return Ok(true);
            }
            for (entity, id) in records {
                let there = self.fetch(&entity, id)?;
                let kind = feed::kinds().find(|k| k.path == entity);
                let kind = kind.ok_or_else(|| Fault::Final(format!("there is no resource {entity}")))?;
                let done = agent::write(&mut self.conn, Utc::now(), |tx| {
                    // What was written here meanwhile goes first.
                    if outbox::is_to_be_sent(tx.conn)? {
                        return Ok(false);
                    }
                    agent::receive(tx, kind, id, there)?;
                    outbox::refreshed(tx, id)?;
                    Ok(true)
                })?;
                if !done {
                    return Ok(false);
                }
            }
        }
    }
}
