//! Many readers who wait for the next change: 200 of them, or 2,000 in the long form.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{county, numbered};
use crate::{
    faults::beneath::{Beneath, not_tested},
    resources::make::{CAO, SHAN, unit},
    support::{App, Case, Ctx, cases, client::Client, soak},
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

/// A connection on which a reader waits for the change behind a position.
struct Waiting(BufReader<TcpStream>);

impl Waiting {
    fn open(app: &App, reader: &Client, cursor: &str) -> Self {
        let address = app.url().trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&address).expect("connect");
        let token = reader.bearer().expect("a token");
        let request = format!(
            "GET /api/v1/sync/changes?cursor={cursor}&wait=30 HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("ask");
        stream.set_read_timeout(Some(Duration::from_secs(40))).expect("be patient");
        Self(BufReader::new(stream))
    }

    /// Whether it has no answer yet.
    fn waits(&self) -> bool {
        let stream = self.0.get_ref();
        stream.set_nonblocking(true).expect("look");
        let empty = stream.peek(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
        stream.set_nonblocking(false).expect("look");
        empty
    }

    fn answer(mut self) -> (u16, Value) {
        let (mut status, mut length) = (0, 0);
        for line in self.0.by_ref().lines() {
            let line = line.expect("a head").to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest.split(' ').next().and_then(|code| code.parse().ok()).expect("a status");
            }
            if let Some(text) = line.strip_prefix("content-length: ") {
                length = text.parse().expect("a length");
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("a body");
        (status, serde_json::from_slice(&body).expect("JSON"))
    }
}

/// How many files this process may open; a server that it starts may open as many.
fn files() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap_or_default();
    line.split_whitespace().nth(3).and_then(|soft| soft.parse().ok()).unwrap_or(usize::MAX)
}

fn readers_who_wait_cost_nobody_a_thread_or_a_connection(ctx: &Ctx) {
    let many = if soak().is_some() { 2000 } else { 200 };
    if files() < many + 200 {
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
    let mut waiting: Vec<Waiting> = (0..many).map(|_| Waiting::open(&app, &reader, &cursor)).collect();
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
    assert!(asked.elapsed() < Duration::from_secs(20) && waiting.iter().all(Waiting::waits), "all still wait");
    let id = unit(&admin, SHAN);
    let written = Instant::now();
    for one in waiting.drain(..) {
        let (status, page) = one.answer();
        assert_eq!((status, &page["changes"][0]["id"]), (200, &Value::from(id.as_str())), "{page}");
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
