//! What the connections send in each scenario.
use crate::data::{Source, mix};
use crate::load::Work;
use crate::server::{Api, Known};
use std::cell::Cell;
use std::rc::Rc;

/// Any of the scenarios' works.
pub type Any = Box<dyn Work>;

impl Work for Any {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        (**self).next(request)
    }
    fn answered(&mut self, status: u16) {
        (**self).answered(status);
    }
}

/// The same requests in turn, for ever.
pub struct Repeat {
    requests: Rc<[Vec<u8>]>,
    at: usize,
}
impl Work for Repeat {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        request.extend_from_slice(&self.requests[self.at % self.requests.len()]);
        self.at += 1;
        true
    }
}

/// Each connection sends these in turn, starting at another one.
pub fn repeat(requests: Vec<Vec<u8>>, connections: usize) -> Vec<Any> {
    let requests: Rc<[Vec<u8>]> = requests.into();
    (0..connections).map(|at| Box::new(Repeat { requests: Rc::clone(&requests), at }) as Any).collect()
}

/// Reads of single records, anywhere in the table.
struct Points {
    known: Rc<[Known]>,
    before: Vec<u8>,
    after: Vec<u8>,
    salt: u64,
    count: u64,
}
impl Work for Points {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        self.count += 1;
        let one = &self.known[(mix(self.count, self.salt) % self.known.len() as u64) as usize];
        request.extend_from_slice(&self.before);
        request.extend_from_slice(one.id.as_bytes());
        request.extend_from_slice(&self.after);
        true
    }
}

/// Point reads of known records.
pub fn points(api: &Api, known: &Rc<[Known]>, connections: usize) -> Vec<Any> {
    // The request is cut where the id goes, so that a read costs the generator three copies.
    let whole = api.get("/api/v1/cadres/@");
    let mut parts = whole.splitn(2, |b| *b == b'@').map(<[u8]>::to_vec);
    let (before, after) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    (0..connections as u64)
        .map(|salt| {
            let (known, before, after) = (Rc::clone(known), before.clone(), after.clone());
            Box::new(Points { known, before, after, salt, count: 0 }) as Any
        })
        .collect()
}

/// Changes of records, each connection its own ones, so that none meets another's version.
struct Patches {
    api: Api,
    known: Vec<Known>,
    at: usize,
    count: u64,
}
impl Work for Patches {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let Some(one) = self.known.get(self.at) else { return false };
        self.count += 1;
        let body = format!(r#"{{"residence_address":"菏泽市牡丹路{}号"}}"#, mix(self.count, one.version) % 1_000_000);
        let path = format!("/api/v1/cadres/{}", one.id);
        request.extend(self.api.patch(&path, one.version, body.as_bytes()));
        true
    }
    fn answered(&mut self, status: u16) {
        if let (200, Some(one)) = (status, self.known.get_mut(self.at)) {
            one.version += 1;
        }
        self.at = (self.at + 1) % self.known.len();
    }
}

/// Patches of known records.
pub fn patches(api: &Api, known: &[Known], connections: usize) -> Vec<Any> {
    let share = |first: usize| {
        // In shuffled order: the records in order of their age would be the database's easiest case.
        let mut mine: Vec<Known> = known.iter().skip(first).step_by(connections).cloned().collect();
        mine.sort_by_cached_key(|k| k.id.bytes().fold(0, |sum, b| mix(u64::from(b), sum)));
        mine
    };
    (0..connections)
        .map(|first| Box::new(Patches { api: api.clone(), known: share(first), at: 0, count: 0 }) as Any)
        .collect()
}

/// The number of the next record to be made, for all connections together.
pub type Counter = Rc<Cell<u64>>;

/// Creates of single records.
struct Creates {
    api: Api,
    source: Rc<Source>,
    next: Counter,
    body: Vec<u8>,
}
impl Work for Creates {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let n = self.next.replace(self.next.get() + 1);
        self.body.clear();
        let written = self.source.reaches(n).and_then(|()| self.source.json(n, &mut self.body));
        let Ok(bytes) = written.and_then(|()| self.api.post("/api/v1/cadres", &self.body)) else { return false };
        request.extend(bytes);
        true
    }
}

/// Creates of records from the counter's number on.
pub fn creates(api: &Api, source: &Rc<Source>, next: &Counter, connections: usize) -> Vec<Any> {
    let one = || Creates { api: api.clone(), source: Rc::clone(source), next: Rc::clone(next), body: vec![] };
    (0..connections).map(|_| Box::new(one()) as Any).collect()
}

/// Creates of many records at once, up to a number.
struct Batches {
    creates: Creates,
    size: u64,
    end: u64,
}
impl Work for Batches {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let Creates { api, source, next, body } = &mut self.creates;
        let first = next.get();
        let last = (first + self.size).min(self.end);
        next.set(last);
        body.clear();
        body.extend_from_slice(br#"{"items":["#);
        for n in first..last {
            if n > first {
                body.push(b',');
            }
            if source.json(n, body).is_err() {
                return false;
            }
        }
        body.extend_from_slice(b"]}");
        let Ok(bytes) = api.post("/api/v1/cadres/batch", body) else { return false };
        request.extend(bytes);
        first < last
    }
}

/// Batches from the counter's number on to `end`.
pub fn batches(api: &Api, source: &Rc<Source>, next: &Counter, size: u64, end: u64, connections: usize) -> Vec<Any> {
    let creates = || Creates { api: api.clone(), source: Rc::clone(source), next: Rc::clone(next), body: vec![] };
    (0..connections).map(|_| Box::new(Batches { creates: creates(), size, end }) as Any).collect()
}
