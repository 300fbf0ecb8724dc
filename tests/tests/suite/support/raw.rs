//! Requests that are sent and left alone: many at a time, each on a connection of its own, without a thread for it.

use std::{
    fs,
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

use super::client::Client;

/// A request whose answer is fetched when it is wanted.
pub struct Raw(BufReader<TcpStream>);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// In lower case.
    pub head: String,
    pub body: Value,
}

impl Raw {
    /// Sends a request; `path` is the whole one, and the body JSON, with a fresh key, or nothing.
    pub fn send(by: &Client, method: &str, path: &str, body: &str) -> Self {
        let (base, token) = (by.base(), by.bearer().expect("a token"));
        let host = base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("connect");
        let entity = match body.len() {
            0 => String::new(),
            length => format!(
                "Content-Type: application/json\r\nContent-Length: {length}\r\nIdempotency-Key: {}\r\n",
                uuid::Uuid::now_v7()
            ),
        };
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{entity}\r\n{body}");
        stream.write_all(request.as_bytes()).expect("ask");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("be patient");
        Self(BufReader::new(stream))
    }

    /// Whether it has no answer yet.
    pub fn waits(&self) -> bool {
        let stream = self.0.get_ref();
        stream.set_nonblocking(true).expect("look");
        let empty = stream.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        stream.set_nonblocking(false).expect("look");
        empty
    }

    /// Waits for the answer, which must say how long it is.
    pub fn answer(mut self) -> Answer {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.0.read_line(&mut head).expect("a head") > 0, "the connection has ended: {head}");
        }
        head.make_ascii_lowercase();
        let after = |name: &str| head.split(name).nth(1).and_then(|rest| rest.split([' ', '\r']).next());
        let status = after("http/1.1 ").and_then(|text| text.parse().ok()).expect("a status");
        let length = after("content-length: ").and_then(|text| text.parse().ok()).expect("a length");
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("a body");
        Answer { status, body: serde_json::from_slice(&body).expect("JSON"), head }
    }
}

/// How many files this process may open; a server that it starts may open as many.
pub fn open_files() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap_or_default();
    line.split_whitespace().nth(3).and_then(|soft| soft.parse().ok()).unwrap_or(usize::MAX)
}
