//! `laogan sync --verify`: the copy is held against the server's digests, and what differs is fetched.
use super::Session;
use super::remote::Fault;
use crate::cli::{self, Failure};
use domain::{Utc, Uuid, hex};
use persistence::registry::Kind;
use persistence::{agent, feed};
use serde_json::Value;
use std::collections::HashMap;

/// Compares and mends every resource.
///
/// # Errors
/// Where something differs still.
pub(super) fn verify(session: &mut Session) -> cli::Outcome {
    let state = session.state()?;
    let (mut records, mut mended) = (0, 0);
    for entity in &state.entities {
        let Some(kind) = feed::kinds().find(|k| k.path == entity) else { continue };
        let differing = differing(session, kind)?;
        for bucket in &differing {
            mended += mend(session, kind, *bucket)?;
        }
        if !differing.is_empty() && !self::differing(session, kind)?.is_empty() {
            // Somebody wrote while we compared; a later comparison tells.
            return Err(Failure::later(format!("{entity} differs still")));
        }
        records += agent::fingerprint(&mut session.conn, kind)?.count;
    }
    cli::say(&format!("{records} records are as they are at the server, {mended} of them mended"));
    Ok(())
}

/// The buckets in which the copy is not what the server has.
fn differing(session: &mut Session, kind: &'static Kind) -> Result<Vec<u8>, Fault> {
    let digest = session.remote.get(&format!("/sync/digest?entity={}", kind.path))?;
    let theirs = digest.get("buckets").and_then(Value::as_array).cloned().unwrap_or_default();
    let ours = agent::fingerprint(&mut session.conn, kind)?.buckets;
    let differs = |(_, (theirs, ours)): &(u8, (&Value, &[u8; 32]))| theirs.as_str() != Some(&hex(*ours));
    Ok((0..=255).zip(theirs.iter().zip(&ours)).filter(differs).map(|(bucket, _)| bucket).collect())
}

fn mend(session: &mut Session, kind: &'static Kind, bucket: u8) -> Result<usize, Fault> {
    let listed = session.remote.get(&format!("/sync/digest/{bucket}?entity={}", kind.path))?;
    let items = listed.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let there: HashMap<Uuid, i64> = items
        .iter()
        .filter_map(|i| Some((i.get("id")?.as_str()?.parse().ok()?, i.get("version")?.as_i64()?)))
        .collect();
    let here: HashMap<Uuid, i64> = agent::bucket(&mut session.conn, kind, bucket)?.into_iter().collect();
    let mut wrong: Vec<Uuid> = there.iter().filter(|(id, v)| here.get(id) != Some(v)).map(|(id, _)| *id).collect();
    wrong.extend(here.keys().filter(|id| !there.contains_key(*id)));
    for id in &wrong {
        tracing::warn!(entity = kind.path, %id, "differs from the server's and is fetched anew");
        let record = session.fetch(kind.path, *id)?;
        agent::write(&mut session.conn, Utc::now(), |tx| agent::receive(tx, kind, *id, record))?;
    }
    Ok(wrong.len())
}
