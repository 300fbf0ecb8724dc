//! Many readers who wait for the next change: 200 of them, or 2,000 in the long form.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{county, numbered};
use crate::{
    faults::beneath::{Beneath, not_tested},
    resources::make::{CAO, SHAN, unit},
    support::{
        App, Case, Ctx, cases,
        client::Client,
        raw::{Raw, open_files},
        soak,
    },
};

pub fn tests() -> Vec<Case> {
    cases![readers_who_wait_cost_nobody_a_thread_or_a_connection]
}

/// What a process holds: threads, and connections to the database.
#[derive(Debug, PartialEq)]
struct Held {
    threads: u64,
    connections: u64,
}

impl Held {
    fn by(app: &App) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{}/status", app.pid())).ok()?;
        let threads = status.lines().find_map(|line| line.strip_prefix("Threads:"))?.trim().parse().ok()?;
        let connections = match Beneath::of(app) {
            // Of what a server opens of such a file, each connection has its own.
            Beneath::Sqlite(file) => {
                let open = fs::read_dir(format!("/proc/{}/fd", app.pid())).ok()?.flatten();
                open.filter(|fd| fs::read_link(fd.path()).is_ok_and(|target| target == file)).count() as u64
            }
            beneath => beneath
                .try_sql("SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()")?
                .parse()
                .ok()?,
        };
        Some(Self { threads, connections })
    }
}

impl Held {
    /// A few more are a matter of chance, up to what the server may have at all: it starts a thread where none is
    /// free at that moment. Readers count in hundreds.
    #[track_caller]
    fn claim_about(&self, before: &Self) {
        let few = Self { threads: before.threads + 32, connections: before.connections + 4 };
        assert!(self.threads <= few.threads && self.connections <= few.connections, "{before:?}, and then {self:?}");
    }
}

/// A reader that waits for the change behind a position.
fn wait(reader: &Client, cursor: &str) -> Raw {
    Raw::send(reader, "GET", &format!("/api/v1/sync/changes?cursor={cursor}&wait=30"), "")
}

fn readers_who_wait_cost_nobody_a_thread_or_a_connection(ctx: &Ctx) {
    let many = if soak().is_some() { 2000 } else { 200 };
    if open_files() < many + 200 {
        return not_tested("so many waiting readers, for this process may not open so many files");
    }
    let app = ctx.app();
    let admin = app.admin();
    let reader = county(&app, SHAN);
    // Everything that the server keeps for any number of readers is there.
    busy(&app, &reader, &admin);
    numbered(&admin);
    let Some(before) = Held::by(&app) else { return not_tested("waiting readers, for there is no /proc") };
    let cursor = reader.get("/sync/changes?cursor=now").status(200)["next_cursor"].as_str().expect("one").to_owned();
    let waiting: Vec<Raw> = (0..many).map(|_| wait(&reader, &cursor)).collect();
    let asked = Instant::now();
    // Who is answered now has heard of a change that had happened before it asked; nobody has.
    thread::sleep(Duration::from_millis(1500));
    let during = Held::by(&app).expect("it is looked at again");
    during.claim_about(&before);
    // What happens elsewhere wakes nobody up for good, and the others are served as ever.
    for _ in 0..5 {
        let begun = Instant::now();
        let id = unit(&admin, CAO);
        admin.get(&format!("/units/{id}")).status(200);
        reader.get("/units?limit=50").status(200);
        reader.get("/sync/changes?cursor=now").status(200);
        assert!(begun.elapsed() < Duration::from_secs(5), "others wait for those who wait: {:?}", begun.elapsed());
    }
    numbered(&admin);
    assert!(asked.elapsed() < Duration::from_secs(20) && waiting.iter().all(Raw::waits), "all still wait");
    let id = unit(&admin, SHAN);
    let written = Instant::now();
    for one in waiting {
        let page = one.answer();
        assert_eq!((page.status, &page.body["changes"][0]["id"]), (200, &Value::from(id.as_str())), "{page:?}");
    }
    assert!(written.elapsed() < Duration::from_secs(20), "the last one heard of it after {:?}", written.elapsed());
    let after = Held::by(&app).expect("it is looked at again");
    after.claim_about(&before);
}

/// Uses every place at once in which the server reads or writes.
fn busy(app: &App, reader: &Client, admin: &Client) {
    crate::racing::at_once(16, |number| {
        for _ in 0..10 {
            if number % 2 == 0 {
                unit(admin, CAO);
            }
            reader.get("/sync/changes?limit=5").status(200);
            reader.get("/units/export").status(200);
            admin.get("/units?count=exact").status(200);
        }
    });
    assert!(app.pid() > 0);
}
