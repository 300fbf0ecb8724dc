//! A link between two that breaks: requests and answers are cut off at any byte.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    thread,
};

/// A link to a server. It ends with the test process.
pub struct Wire {
    /// The address to send to.
    pub url: String,
    state: Arc<State>,
}

struct State {
    to: RwLock<String>,
    /// Of a hundred connections so many break soon.
    broken: AtomicU32,
    cuts: AtomicU64,
    open: AtomicBool,
}

impl Wire {
    pub fn to(base: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = State {
            to: RwLock::new(base.trim_start_matches("http://").to_owned()),
            broken: AtomicU32::new(0),
            cuts: AtomicU64::new(0),
            open: AtomicBool::new(true),
        };
        let state = Arc::new(state);
        let wire = Self { url, state: state.clone() };
        thread::spawn(move || {
            for here in listener.incoming().flatten() {
                if !state.open.load(Ordering::Relaxed) {
                    continue;
                }
                let to = state.to.read().unwrap().clone();
                let Ok(there) = TcpStream::connect(to) else { continue };
                carry(&state, here, there);
            }
        });
        wire
    }

    /// Of a hundred connections so many break soon from now on, and all others some day; none where it is 0.
    pub fn breaks(&self, percent: u32) {
        self.state.broken.store(percent, Ordering::Relaxed);
    }
    /// The server has come back elsewhere.
    pub fn leads_to(&self, base: &str) {
        base.trim_start_matches("http://").clone_into(&mut self.state.to.write().unwrap());
    }
    /// How often it broke.
    pub fn cuts(&self) -> u64 {
        self.state.cuts.load(Ordering::Relaxed)
    }
}
impl Drop for Wire {
    fn drop(&mut self) {
        self.state.open.store(false, Ordering::Relaxed);
    }
}

/// A number below `n`, never the same twice.
pub fn dice(n: u64) -> u64 {
    let random = uuid::Uuid::new_v4().as_u128() as u64;
    random % n
}

fn carry(state: &Arc<State>, here: TcpStream, there: TcpStream) {
    let broken = u64::from(state.broken.load(Ordering::Relaxed));
    let soon = dice(100) < broken;
    // Most answers are short, some are long; and a connection that is kept breaks some day.
    let bytes = [300, 3_000, 300_000][if soon { dice(3) as usize } else { 2 }];
    let mut cut = [None, None];
    if broken > 0 {
        cut[dice(2) as usize] = Some(dice(bytes));
    }
    for (cut, from, to) in [(cut[0], &here, &there), (cut[1], &there, &here)] {
        let (mut from, mut to) = (from.try_clone().expect("a copy"), to.try_clone().expect("a copy"));
        let state = state.clone();
        thread::spawn(move || {
            let (mut buffer, mut passed) = ([0; 8192], 0_u64);
            loop {
                let read = from.read(&mut buffer).unwrap_or(0);
                let end = cut.map_or(read, |cut| read.min((cut.saturating_sub(passed)) as usize));
                let cut_here = end < read;
                if read == 0 || to.write_all(&buffer[..end]).is_err() || cut_here {
                    if cut_here {
                        state.cuts.fetch_add(1, Ordering::Relaxed);
                        // Both sides lose it, in the middle of what they were saying.
                        let _ = from.shutdown(Shutdown::Both);
                    }
                    let _ = to.shutdown(if cut_here { Shutdown::Both } else { Shutdown::Write });
                    return;
                }
                passed += read as u64;
            }
        });
    }
}
