//! Synchronisation: a county's system follows what changes in its scope, proves that its copy is right, and sends
//! what it made offline.
mod changes;
mod clients;
mod cursor;
mod desk;
mod digest;
mod events;
mod push;
mod pushing;
mod routes;
mod snapshot;
mod state;
mod stream;

pub use clients::measure;
pub use routes::routes;
pub use state::RETENTION_DAYS;

use crate::auth::Identity;
use crate::error::{ApiError, Result};
use crate::extract::{Guarded, Permit, Pull, Push, SignedIn};
use domain::policy::Action;
use domain::{Module, Problem, Rule, Violation};
use persistence::feed;
use persistence::registry::Kind;

/// What a permit to synchronise is for: the scopes `sync:pull` and `sync:push`.
pub struct Sync;
impl Guarded for Sync {
    const NAME: &'static str = "sync";
    const AREA: Module = Module::Sync;
}

/// A caller that may pull.
pub type Puller = Permit<Sync, Pull>;

/// A caller that may push.
pub type Pusher = Permit<Sync, Push>;

/// How far a caller has come.
fn progress(permit: &SignedIn, seq: i64) -> feed::Progress {
    feed::Progress { client: permit.identity.client(), division_code: permit.identity.division.clone(), seq }
}

/// The resources a caller may read.
fn readable(caller: &Identity) -> Vec<&'static Kind> {
    feed::kinds().filter(|k| caller.may(k.path, k.module, Action::Read)).collect()
}

/// The resources named in `entities=a,b`, or all the caller may read.
///
/// # Errors
/// An unknown name is refused, and one that the caller may not read is forbidden.
fn asked(caller: &Identity, entities: Option<&str>) -> Result<Vec<&'static Kind>> {
    let readable = readable(caller);
    let Some(names) = entities else { return Ok(readable) };
    let mut kinds = vec![];
    for name in names.split(',').map(str::trim).filter(|n| !n.is_empty()) {
        if !feed::kinds().any(|k| k.path == name) {
            let unknown = Violation::new("/entities", Rule::UnknownCode).with("set", "entities");
            return Err(ApiError::of(Problem::InvalidParameter, vec![unknown]));
        }
        match readable.iter().find(|k| k.path == name) {
            Some(kind) => kinds.push(*kind),
            None => return Err(ApiError::new(Problem::Forbidden)),
        }
    }
    // In the registry's order, in which nothing refers to something later.
    Ok(readable.into_iter().filter(|k| kinds.iter().any(|wanted| wanted.path == k.path)).collect())
}
