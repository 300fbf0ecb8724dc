//! The smallest HTTP server that can lie to the harness.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

/// What came in; header names in lower case.
pub struct Call {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// What goes out: status, content type and body.
pub type Answer = (u16, &'static str, String);

/// Answers on a free port until the process ends, and gives the address.
pub fn serve(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> String {
    serve_on("127.0.0.1:0", answer)
}

pub fn serve_on(address: &str, answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind(address).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || while exchange(&stream, &*answer).is_some() {});
        }
    });
    base
}

fn exchange(stream: &TcpStream, answer: &dyn Fn(&Call) -> Answer) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut lines = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let first = lines.next()?;
    let (method, rest) = first.split_once(' ')?;
    let path = rest.split(' ').next()?.to_owned();
    let split = |line: String| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: Vec<(String, String)> = lines.filter_map(split).collect();
    let mut call = Call { method: method.to_owned(), path, headers, body: Vec::new() };
    call.body = vec![0; call.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut call.body).ok()?;
    let (status, kind, body) = answer(&call);
    let length = body.len();
    let mut head =
        format!("HTTP/1.1 {status} Told\r\nContent-Length: {length}\r\nX-Request-Id: r1\r\nETag: \"r1\"\r\n");
    if !kind.is_empty() {
        head.push_str(&format!("Content-Type: {kind}\r\n"));
    }
    let mut stream = stream;
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).ok()
}
