//! Many callers at once: whatever the order of events, the outcome must be one that some order explains.
//!
//! * `keys`: one `Idempotency-Key` in many hands.
//! * `versions`: one `ETag` in many hands.
//! * `rules`: what only one, or only so many, may have.
//! * `places`: places of an activity, and who waits for one. `schooling`: places in classes; articles and consents.
//! * `numbers`: positions in the change feed.
//! * `care`: money of a pool, places of a plan.

mod care;
mod keys;
mod numbers;
mod places;
pub mod records;
mod rules;
mod schooling;
mod versions;

use std::{
    panic::resume_unwind,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crate::support::{App, Case, Ctx, Engine, client::Client};

pub fn tests() -> Vec<Case> {
    [
        keys::tests(),
        versions::tests(),
        rules::tests(),
        places::tests(),
        schooling::tests(),
        numbers::tests(),
        care::tests(),
    ]
    .concat()
}

/// Runs `count` callers that start at the same moment, and gathers what each has to tell.
pub fn at_once<T: Send>(count: usize, run: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (start, run) = (&Barrier::new(count), &run);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..count)
            .map(|number| {
                scope.spawn(move || {
                    start.wait();
                    run(number)
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// Says that it is over as soon as it is dropped, by a failed claim too: nobody who waits for that waits for ever.
pub struct Ending<'a>(pub &'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The servers a race runs through: one on SQLite, two processes of one service on PostgreSQL.
pub struct Doors {
    /// First, for it has to go first.
    twin: Option<App>,
    pub app: App,
}

impl Doors {
    pub fn open(ctx: &Ctx) -> Self {
        let app = ctx.app();
        let twin = (ctx.engine == Engine::Postgres).then(|| app.twin());
        Self { twin, app }
    }

    /// The administrator, as each server's caller.
    fn admins(&self) -> Vec<Client> {
        self.all(self.app.admin())
    }

    /// One caller, as each server's.
    pub fn all(&self, caller: Client) -> Vec<Client> {
        let token = caller.bearer().expect("a caller with a token").to_owned();
        let other = self.twin.as_ref().map(|twin| twin.anonymous().bearing(&token));
        [caller].into_iter().chain(other).collect()
    }
}
