//! Positions grow old: a warning first, then an end that says why, for those alone who are so far behind.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{copy::Copy, county, numbered};
use crate::{
    faults::beneath::{Beneath, not_tested},
    resources::make::{CAO, CITY, SHAN, unit},
    support::{Case, Ctx, cases, client::Client},
};

pub fn tests() -> Vec<Case> {
    cases![who_is_far_behind_is_warned_and_begins_anew_and_nobody_else_notices]
}

/// Ages the lines of the journal that were written so far.
fn age(beneath: &Beneath<'_>, days: i64) -> Option<String> {
    let older = match beneath {
        Beneath::Sqlite(_) => format!("at - {}", days * 86_400_000_000),
        Beneath::Postgres(..) => format!("at - interval '{days} days'"),
    };
    beneath.try_sql(&format!("UPDATE journal SET at = {older}"))
}

/// A copy that has all there is, and says so.
fn up_to_date(client: Client) -> Copy {
    let mut copy = Copy::new(client);
    copy.begin();
    copy.pull();
    acknowledge(&copy).status(204);
    copy
}

fn acknowledge(copy: &Copy) -> crate::support::response::Response {
    copy.client().post("/sync/ack", json!({"cursor": copy.cursor}))
}

fn warnings(by: &Client) -> Value {
    by.get("/sync/state").status(200)["warnings"].clone()
}

fn who_is_far_behind_is_warned_and_begins_anew_and_nobody_else_notices(ctx: &Ctx) {
    let app = ctx.app();
    let (admin, beneath) = (app.admin(), Beneath::of(&app));
    let [shan, cao, all] = [SHAN, CAO, CITY].map(|division| county(&app, division));
    unit(&admin, SHAN);
    numbered(&admin);
    let mut behind = up_to_date(shan);
    unit(&admin, SHAN);
    numbered(&admin);
    let (mut beside, mut city) = (up_to_date(cao), up_to_date(all));
    if age(&beneath, 365).is_none() {
        return not_tested("the horizon on SQLite, for there is no sqlite3");
    }
    assert_eq!(warnings(behind.client()), json!([]), "a month and some days are left");
    age(&beneath, 10);
    assert_eq!(warnings(behind.client()), json!(["near_horizon"]));
    assert_eq!((warnings(beside.client()), warnings(city.client())), (json!([]), json!([])));
    let clients = admin.get("/sync/clients").status(200);
    let left = |division: &str| {
        clients.items().iter().find(|c| c["division_code"] == division).expect("it")["days_left"].clone()
    };
    assert_eq!((left(SHAN), left(CAO)), (json!(25), json!(400)));
    // In time: nothing was lost yet.
    app.terminate();
    app.restart();
    behind.pull();
    behind.claim_right(&["divisions", "units"]);
    // It comes no more, and the next lines grow older than they may.
    unit(&admin, SHAN);
    numbered(&admin);
    beside.pull();
    city.pull();
    age(&beneath, 401);
    app.terminate();
    app.restart();
    let mut dead = Copy::new(behind.client().clone());
    // The server looks for them after its start, and then once an hour.
    let deadline = Instant::now() + Duration::from_secs(5);
    let moved = || {
        let state = admin.get("/sync/state").status(200);
        state["horizon"] == state["head"]
    };
    while !moved() {
        assert!(Instant::now() < deadline, "the horizon does not move");
        thread::sleep(Duration::from_millis(20));
    }
    for cursor in [behind.cursor.clone().map(|c| format!("?cursor={c}")).expect("one"), String::new()] {
        for path in ["changes", "events"] {
            let gone = behind.client().get(&format!("/sync/{path}{cursor}")).status(410);
            gone.problem("cursor_gone").error_at("/cursor", "expired");
        }
    }
    // The others go on where they were, and the one that was late begins anew.
    dead.begin();
    for copy in [&mut beside, &mut city, &mut dead] {
        unit(&admin, SHAN);
        numbered(&admin);
        copy.pull();
        copy.claim_right(&["divisions", "units"]);
        acknowledge(copy).status(204);
        assert_eq!(warnings(copy.client()), json!([]));
    }
}
