//! What is new at the server comes here.
use super::remote::Fault;
use super::{Session, State};
use crate::progress::Shown;
use domain::{Utc, Uuid};
use persistence::agent::{self, Kept, Progress, outbox};
use persistence::registry::Kind;
use persistence::{Tx, feed};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::io::BufRead;

/// Records that are taken in one transaction of a load.
const CHUNK: usize = 500;
/// Changes that are taken in one transaction at most: the copy should go from one consistent state to the next.
const PAGES: usize = 20_000;
/// Times a broken load is taken up again.
const RESUMES: usize = 20;

/// A record to take: its resource, its id, and what became of it.
type Arrival = (&'static Kind, Uuid, What);

/// What became of a record.
#[derive(Debug, Clone)]
enum What {
    /// It is like this.
    Like(Value),
    /// It is gone, or somebody else's.
    Gone,
    /// Nothing is to be kept of it.
    Erased,
}

fn kind(name: &str) -> Result<&'static Kind, Fault> {
    let known = feed::kinds().find(|k| k.path == name);
    known.ok_or_else(|| Fault::Final(format!("the server has {name}, which this program does not know: update it")))
}
fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str, Fault> {
    let strange = || Fault::Later(format!("a line of the server has no {name}"), None);
    value.get(name).and_then(Value::as_str).ok_or_else(strange)
}
fn id(value: &Value) -> Result<Uuid, Fault> {
    text(value, "id")?.parse().map_err(|_| Fault::Later("a line of the server has no id".into(), None))
}

impl Session {
    /// Takes what is new, until there is nothing more.
    pub(super) fn pull(&mut self, state: &State, mut wait: u64) -> Result<(), Fault> {
        loop {
            let Some(at) = agent::progress(&mut self.conn)? else { return Ok(()) };
            let Some(mut cursor) = at.cursor else { return Ok(()) };
            let (mut arrived, mut consistent, mut head) = (vec![], false, String::new());
            while !consistent && arrived.len() < PAGES {
                let page = match self.remote.get(&format!("/sync/changes?limit=2000&wait={wait}&cursor={cursor}")) {
                    // The position is dead: too old, or the server shows us other things than before.
                    Err(Fault::Refused(410, _, problem)) => {
                        let reason = problem.pointer("/errors/0/code").and_then(Value::as_str).unwrap_or_default();
                        tracing::warn!(reason, "the position is dead: everything is loaded anew");
                        // After a restore this meets every county at the same moment.
                        if !self.once() {
                            std::thread::park_timeout(super::pause(4, None));
                        }
                        return self.load(state);
                    }
                    other => other?,
                };
                for change in page.get("changes").and_then(Value::as_array).into_iter().flatten() {
                    let what = match text(change, "op")? {
                        "upsert" => What::Like(change.get("data").cloned().unwrap_or_default()),
                        "erase" => What::Erased,
                        _ => What::Gone,
                    };
                    arrived.push((kind(text(change, "entity")?)?, id(change)?, what));
                }
                cursor = text(&page, "next_cursor")?.to_owned();
                text(&page, "head")?.clone_into(&mut head);
                consistent = page.get("consistent").and_then(Value::as_bool).unwrap_or(true);
                wait = 0;
            }
            let position = cursor.clone();
            if !self.take(arrived, move |at| Progress { cursor: Some(position), ..at })? {
                // Something was written here meanwhile: first that, then the same page again.
                self.send(state)?;
                continue;
            }
            if consistent && head != self.confirmed {
                self.remote.post("/sync/ack", &json!({"cursor": cursor}))?;
                self.confirmed = head;
            }
            if consistent {
                return Ok(());
            }
        }
    }

    /// Takes records, and notes where that leads, in one transaction. False where something here waits to be sent.
    fn take(&mut self, arrived: Vec<Arrival>, moved: impl FnOnce(Progress) -> Progress) -> Result<bool, Fault> {
        let taken = agent::write(&mut self.conn, Utc::now(), |tx| {
            let Some(at) = agent::progress(tx.conn)? else { return Ok(None) };
            if outbox::is_waiting(tx.conn, at.collected)? {
                return Ok(None);
            }
            let taken = received(tx, arrived)?;
            agent::remember(tx.conn, &moved(at))?;
            Ok(Some(taken))
        })?;
        self.told.taken += taken.unwrap_or_default();
        Ok(taken.is_some())
    }

    /// Loads everything anew.
    pub(super) fn load(&mut self, state: &State) -> Result<(), Fault> {
        let mut total = 0;
        for entity in &state.entities {
            let digest = self.remote.get(&format!("/sync/digest?entity={entity}"))?;
            total += digest.get("count").and_then(Value::as_u64).unwrap_or_default();
        }
        let mut load = Load { seen: HashSet::new(), start: None, token: None, shown: Shown::new("first load"), total };
        let mut broken = 0;
        while let Err(fault) = self.stream(state, &mut load) {
            match fault {
                Fault::Later(text, _) if broken < RESUMES && load.token.is_some() => {
                    broken += 1;
                    tracing::warn!(cause = %text, "the load broke off and is taken up again");
                    std::thread::park_timeout(super::pause(1, None));
                }
                other => return Err(other),
            }
        }
        load.shown.end();
        // What was a copy and is not over there any more has left us.
        for entity in &state.entities {
            let kind = kind(entity)?;
            let gone: Vec<Arrival> = agent::known(&mut self.conn, kind)?
                .into_iter()
                .filter(|id| !load.seen.contains(id))
                .map(|id| (kind, id, What::Gone))
                .collect();
            for chunk in gone.chunks(CHUNK) {
                while !self.take(chunk.to_vec(), |at| at)? {
                    self.send(state)?;
                }
            }
        }
        let (epoch, cursor) = (state.epoch, load.start.clone());
        while !self.take(vec![], |at| Progress { epoch, cursor: cursor.clone(), ..at })? {
            self.send(state)?;
        }
        Ok(())
    }

    /// Reads a snapshot from its beginning or from where it broke off.
    fn stream(&mut self, state: &State, load: &mut Load) -> Result<(), Fault> {
        let token = load.token.as_ref().map(|t| format!("?page_token={t}")).unwrap_or_default();
        let mut lines = self.remote.lines(&format!("/sync/snapshot{token}"))?;
        let (mut chunk, mut hash, mut line) = (vec![], Sha256::new(), String::new());
        loop {
            line.clear();
            let read = lines.read_line(&mut line);
            if read.map_err(|e| Fault::Later(format!("the load broke off: {e}"), None))? == 0 || !line.ends_with('\n') {
                return Err(Fault::Later("the load broke off".into(), None));
            }
            let value: Value =
                serde_json::from_str(&line).map_err(|e| Fault::Later(format!("a line is no JSON: {e}"), None))?;
            match text(&value, "kind")? {
                "manifest" => {
                    if text(&value, "epoch")? != state.epoch.to_string() {
                        return Err(Fault::Later("the server was restored a moment ago".into(), None));
                    }
                    if load.start.is_none() {
                        load.start = Some(text(&value, "start_cursor")?.to_owned());
                    }
                }
                "record" => {
                    let data = value.get("data").cloned().unwrap_or_default();
                    chunk.push((kind(text(&value, "entity")?)?, id(&data)?, What::Like(data)));
                }
                "checkpoint" => {
                    self.keep(state, load, &mut chunk)?;
                    load.token = Some(text(&value, "page_token")?.to_owned());
                }
                "trailer" => {
                    if text(&value, "sha256")? != domain::hex(&hash.finalize()) {
                        return Err(Fault::Later("the load is damaged".into(), None));
                    }
                    return self.keep(state, load, &mut chunk);
                }
                // A newer server may say more.
                _ => {}
            }
            hash.update(line.as_bytes());
            if chunk.len() >= CHUNK {
                self.keep(state, load, &mut chunk)?;
            }
        }
    }

    fn keep(&mut self, state: &State, load: &mut Load, chunk: &mut Vec<Arrival>) -> Result<(), Fault> {
        load.seen.extend(chunk.iter().map(|(_, id, _)| *id));
        while !self.take(chunk.clone(), |at| at)? {
            self.send(state)?;
        }
        chunk.clear();
        load.shown.at(load.seen.len() as u64, load.total);
        Ok(())
    }
}

/// A load under way.
struct Load {
    seen: HashSet<Uuid>,
    start: Option<String>,
    token: Option<String>,
    shown: Shown,
    total: u64,
}

fn received(tx: &mut Tx<'_>, arrived: Vec<Arrival>) -> persistence::Result<usize> {
    let mut taken = 0;
    for (kind, id, what) in arrived {
        let kept = match what {
            What::Like(data) => agent::receive(tx, kind, id, Some(data))?,
            What::Gone => agent::receive(tx, kind, id, None)?,
            What::Erased => agent::erase(tx, kind, id)?,
        };
        if kept == Kept::Taken {
            taken += 1;
        }
    }
    Ok(taken)
}
