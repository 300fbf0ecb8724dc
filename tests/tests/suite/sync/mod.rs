//! The change feed and what stands around it: a copy that follows it is right, whatever happens.
//!
//! * `feed`: changes, cursors, waiting. * `snapshot`: beginning, resuming, digests, positions.
//! * `push`: what was made offline. `together`: groups and what depends on each other. `merge`: how it meets what others made.
//! * `following`: copies that follow a crowd of writers. * `late`: transactions that commit late.
//! * `horizon`: positions that grow too old. * `moves`: records and readers that change their division.
//! * `waiting`: many readers who wait. * `copy`, `outbox`: a client's side of it. * `crowd`: the writers.
//!
//! `LAOGAN_SOAK` chooses the long form of `following`, `late`, `moves` and `waiting`.

mod copy;
mod crowd;
mod feed;
mod following;
mod horizon;
mod late;
mod merge;
mod moves;
pub mod outbox;
pub mod push;
mod snapshot;
mod together;
mod waiting;

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    faults::beneath::Beneath,
    resources::make::unit,
    support::{App, Case, client::Client},
};

pub fn tests() -> Vec<Case> {
    [
        feed::tests(),
        snapshot::tests(),
        push::tests(),
        together::tests(),
        merge::tests(),
        horizon::tests(),
        moves::tests(),
        late::tests(),
        waiting::tests(),
        following::tests(),
    ]
    .concat()
}

/// A county's system.
fn county(app: &App, division: &str) -> Client {
    app.user("sync_client", division)
}

fn change(by: &Client, entity: &str, id: &str, patch: Value) {
    let one = format!("/{entity}/{id}");
    let etag = by.get(&one).status(200).etag();
    by.patch_if(&one, &etag, patch).status(200);
}

/// Waits until what was written has its number, which takes a moment on PostgreSQL: until a record made now has.
fn numbered(by: &Client) {
    let id = unit(by, by.get("/me").status(200)["division_code"].as_str().expect("a division"));
    let deadline = Instant::now() + Duration::from_secs(5);
    while !by.get(&format!("/units/{id}/history")).items()[0]["seq"].is_string() {
        assert!(Instant::now() < deadline, "no number");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Does beneath the server what a transfer of a cadre of this version does; says whether it could.
pub fn transferred(beneath: &Beneath<'_>, id: &str, version: i64, from: &str, to: &str) -> bool {
    let (its, now) = match beneath {
        Beneath::Sqlite(_) => (format!("X'{}'", id.replace('-', "")), "0"),
        Beneath::Postgres(..) => (format!("'{id}'"), "now()"),
    };
    let next = version + 1;
    let statement = format!(
        "BEGIN; UPDATE cadres SET division_code = '{to}', version = {next} WHERE id = {its} AND version = {version};
         INSERT INTO journal (entity, entity_id, op, version, changed_fields, division_before, division_after, actor, client, at)
         VALUES ('cadres', {its}, 'update', {next}, '[\"division_code\"]', '{from}', '{to}', 'system:test', 'system:test', {now}); COMMIT"
    );
    beneath.try_sql(&statement).is_some()
}

/// Numbers that look random and are the same for the same seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}
