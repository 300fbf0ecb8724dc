//! The agent as a witness: it keeps heads of the city's audit and brings them back, so that a tail that was cut over
//! there, or a chain that was made anew, is noticed.
use super::remote::Fault;
use super::{Session, State};
use crate::audit::chain::AuditHead;
use domain::Utc;
use persistence::agent;
use persistence::audit::witness::{self, Elsewhere};
use serde_json::{Value, json};

impl Session {
    /// Brings back the head that was seen last and keeps the one that is there now. What the city's server thinks of
    /// it is its matter; that it is told is ours.
    pub(super) fn witness(&mut self, state: &State) -> Result<(), Fault> {
        let Some(head) = &state.audit_head else { return Ok(()) };
        let last = witness::elsewhere(&mut self.conn, 1)?.pop();
        if last.as_ref().is_some_and(|l| l.hash == head.hash) {
            return Ok(());
        }
        if let Some(Elsewhere { epoch, link, hash, signature, at, .. }) = last {
            let seen = AuditHead { epoch, link, hash, at, signature };
            match self.remote.post("/audit/witness", &json!({"heads": [seen]})) {
                Ok(answer) => told(&answer),
                Err(Fault::Refused(status, code, _)) => {
                    tracing::warn!(status, code, "a head of the audit was not taken")
                }
                Err(other) => return Err(other),
            }
        }
        let remote = self.options.remote.trim_end_matches('/').to_owned();
        let AuditHead { epoch, link, hash, signature, .. } = head.clone();
        let kept = Elsewhere { remote, epoch, link, hash, signature, at: Utc::now() };
        agent::write(&mut self.conn, kept.at, |tx| witness::keep_elsewhere(tx.conn, &kept))?;
        Ok(())
    }
}

/// A warning where the city's chain does not hold what it showed us once.
fn told(answer: &Value) {
    let states = answer.get("results").and_then(Value::as_array).into_iter().flatten();
    for state in states.filter_map(|r| r.get("state").and_then(Value::as_str)) {
        if matches!(state, "unknown" | "differs") {
            tracing::error!(
                state,
                "the server's audit does not hold a head that it showed before; keep the output of `laogan audit heads`"
            );
        }
    }
}
