//! Writers who keep a book of what they were told, for the time after a crash: what was acknowledged must be there,
//! what was not answered must be there as a whole or not at all.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::{
    racing::{Ending, at_once, records},
    support::{client::Client, random, response::Response},
};

pub const WRITERS: usize = 8;

/// How a record looks: version and name; `None` where there is none, or none any more.
type State = Option<(i64, String)>;

/// A record in a writer's book.
struct Known {
    path: String,
    /// What was acknowledged last.
    sure: State,
    /// What a request without an answer would have made of it.
    open: Option<State>,
}

/// A POST without an answer, to be sent again with its key.
struct Unanswered {
    path: &'static str,
    key: String,
    body: Value,
    /// The names it creates; they are unique.
    names: Vec<String>,
}

/// The books of all writers, over all crashes.
#[derive(Default)]
pub struct Books {
    known: Vec<Known>,
    /// How many of them were compared with what is there. Nobody writes to them any more.
    settled: usize,
    unanswered: Vec<Unanswered>,
    /// Effects that were acknowledged.
    pub acknowledged: usize,
    /// Requests that got no answer and had an effect nevertheless; and those that had none.
    pub silent: (usize, usize),
}

impl Books {
    /// Lets the writers write until each has met a request without an answer, while `crash` makes that happen.
    pub fn write_until(&mut self, admin: &Client, crash: impl FnOnce() + Send) {
        let over = AtomicBool::new(false);
        let books = std::thread::scope(|scope| {
            let over = &over;
            scope.spawn(move || {
                let _ending = Ending(over);
                crash();
            });
            at_once(WRITERS, |writer| {
                let mut book = Books::default();
                let mut turn = writer;
                while book.turn(admin, turn) {
                    turn += 1;
                }
                // Without a crash the silence would be a defect.
                while !over.load(Ordering::Relaxed) {
                    std::thread::yield_now();
                }
                book
            })
        });
        for book in books {
            self.known.extend(book.known);
            self.unanswered.extend(book.unanswered);
            self.acknowledged += book.acknowledged;
        }
    }

    /// One write of some kind; false if it got no answer.
    fn turn(&mut self, admin: &Client, turn: usize) -> bool {
        let last = self.known.iter().rposition(|known| known.sure.is_some());
        match (turn % 7, last) {
            (0, _) => self.batch(admin),
            (2 | 3 | 5, Some(last)) => self.patch(admin, last),
            (6, Some(last)) => self.delete(admin, last),
            (number, _) => self.create(admin, number % 2 == 0),
        }
    }

    fn create(&mut self, admin: &Client, own_id: bool) -> bool {
        let name = fresh_name();
        let mut body = records::unit(&name);
        if own_id {
            body["id"] = json!(uuid::Uuid::now_v7());
        }
        let sent = Unanswered { path: "/units", key: random(), body, names: vec![name.clone()] };
        let Some(answer) = sent.send(admin) else {
            self.unanswered.push(sent);
            return false;
        };
        self.note(&answer.status(201).id(), name);
        true
    }

    fn batch(&mut self, admin: &Client) -> bool {
        let names: Vec<String> = (0..4).map(|_| fresh_name()).collect();
        let items: Vec<Value> = names.iter().map(|name| records::unit(name)).collect();
        let sent = Unanswered { path: "/units/batch", key: random(), body: json!({"items": items}), names };
        let Some(answer) = sent.send(admin) else {
            self.unanswered.push(sent);
            return false;
        };
        let answer = answer.status(201);
        for (item, name) in answer.items().iter().zip(&sent.names) {
            self.note(item["id"].as_str().expect("an id"), name.clone());
        }
        true
    }

    fn note(&mut self, id: &str, name: String) {
        self.known.push(Known { path: format!("/units/{id}"), sure: Some((1, name)), open: None });
        self.acknowledged += 1;
    }

    fn patch(&mut self, admin: &Client, place: usize) -> bool {
        let name = fresh_name();
        let known = &mut self.known[place];
        let version = known.sure.as_ref().expect("a record").0;
        let request = admin.request("PATCH", &known.path).if_match(&format!("\"r{version}\""));
        let wanted = Some((version + 1, name.clone()));
        match answered(request.json(json!({"name": name})).try_send()) {
            Some(answer) => {
                answer.status(200);
                known.sure = wanted;
                self.acknowledged += 1;
                true
            }
            None => {
                known.open = Some(wanted);
                false
            }
        }
    }

    fn delete(&mut self, admin: &Client, place: usize) -> bool {
        let known = &mut self.known[place];
        let version = known.sure.as_ref().expect("a record").0;
        match answered(admin.request("DELETE", &known.path).if_match(&format!("\"r{version}\"")).try_send()) {
            Some(answer) => {
                answer.status(204);
                known.sure = None;
                self.acknowledged += 1;
                true
            }
            None => {
                known.open = Some(None);
                false
            }
        }
    }

    /// Compares what is new in the books with what is there, and settles what was open.
    pub fn settle(&mut self, admin: &Client) {
        for known in &mut self.known[self.settled..] {
            let now = state(admin, &known.path);
            match known.open.take() {
                Some(open) if now == open => self.silent.0 += 1,
                open => {
                    assert_eq!(
                        now, known.sure,
                        "{}: an acknowledged write is lost, or half of one is there",
                        known.path
                    );
                    self.silent.1 += usize::from(open.is_some());
                }
            }
            known.sure = now;
        }
        for sent in std::mem::take(&mut self.unanswered) {
            let there = sent.there(admin);
            assert!(there == 0 || there == sent.names.len(), "{there} of {} records of one request", sent.names.len());
            let answer = sent.send(admin).expect("the server is back").status(201);
            // The key is there exactly if the effect is.
            let replayed = answer.header("idempotency-replayed") == Some("true");
            assert_eq!(replayed, there > 0, "{answer}");
            assert_eq!(sent.there(admin), sent.names.len(), "sent twice, done once");
            let ids: Vec<String> = match sent.path {
                "/units" => vec![answer.id()],
                _ => answer.items().iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect(),
            };
            ids.iter().zip(&sent.names).for_each(|(id, name)| {
                self.note(id, name.clone());
                let known = self.known.last().expect("just noted");
                assert_eq!(state(admin, &known.path), known.sure);
            });
            if there > 0 { self.silent.0 += 1 } else { self.silent.1 += 1 }
        }
        self.settled = self.known.len();
    }

    /// The same for all that was ever acknowledged: no later crash has taken it away.
    pub fn settle_all(&mut self, admin: &Client) {
        self.settled = 0;
        self.settle(admin);
    }
}

impl Unanswered {
    fn send(&self, admin: &Client) -> Option<Response> {
        answered(admin.request("POST", self.path).key(&self.key).json(self.body.clone()).try_send())
    }

    /// How many of its records there are.
    fn there(&self, admin: &Client) -> usize {
        let found = |name: &String| {
            admin.request("GET", "/units").query(&[("q", name.as_str())]).send().status(200).items().len()
        };
        self.names.iter().map(found).sum()
    }
}

/// Silence, or a server that says it cannot tell: the fate of the write is open.
fn answered(answer: Result<Response, String>) -> Option<Response> {
    answer.ok().filter(|answer| {
        assert!(answer.status != 503 || answer.header("retry-after").is_some(), "when to come again: {answer}");
        answer.status != 503
    })
}

/// The record as it is, if its history agrees.
fn state(admin: &Client, path: &str) -> State {
    let record = admin.get(path);
    if record.status == 404 {
        return None;
    }
    let version = record.status(200);
    let (name, version) = (version["name"].as_str().expect("a name").to_owned(), version["version"].as_i64());
    let lines = admin.get(&format!("{path}/history")).status(200);
    let told: Vec<i64> = lines.items().iter().filter_map(|line| line["version"].as_i64()).collect();
    assert_eq!(told, (1..=version.expect("a version")).collect::<Vec<_>>(), "one line a version: {lines}");
    let numbers: Vec<i64> = lines.items().iter().filter_map(|line| line["seq"].as_str()?.parse().ok()).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "numbers rise: {lines}");
    version.map(|version| (version, name))
}

fn fresh_name() -> String {
    format!("单位{}", random())
}
