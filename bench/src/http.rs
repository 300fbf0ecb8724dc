//! A client for HTTP/1.1 that does no more than a load generator needs.
//!
//! Client and server share the machine's two cores, so whatever the client wastes is taken from the
//! server and flattens the ratios. Hence: one buffer a connection, one write and as few reads as the
//! answer needs, no header but those that say where the answer ends.
use anyhow::{Context, Result, bail};
use std::io::{Error, ErrorKind, Result as IoResult};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Holds a whole page of 50 records, so that such an answer takes one or two reads.
const BUFFER: usize = 64 * 1024;

/// Takes the body of an answer as it comes in.
pub trait Sink {
    /// A new answer begins.
    fn begin(&mut self);
    /// The next piece of its body.
    fn data(&mut self, bytes: &[u8]);
}

/// Keeps the whole body.
impl Sink for Vec<u8> {
    fn begin(&mut self) {
        self.clear();
    }
    fn data(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Keeps the first bytes of a body, enough to say what went wrong, and counts all.
#[derive(Default)]
pub struct Brief {
    /// Bytes of the body.
    pub bytes: u64,
    kept: Vec<u8>,
}
impl Brief {
    /// The beginning of the body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept).into_owned()
    }
}
impl Sink for Brief {
    fn begin(&mut self) {
        self.bytes = 0;
        self.kept.clear();
    }
    fn data(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let room = 300usize.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// A connection that is kept alive and opened anew when the other side closed it.
pub struct Http {
    addr: SocketAddr,
    stream: TcpStream,
    buffer: Box<[u8]>,
    /// Whether it cannot carry another request.
    spent: bool,
}

impl Http {
    /// Connects.
    pub async fn connect(addr: SocketAddr) -> IoResult<Self> {
        let buffer = vec![0; BUFFER].into_boxed_slice();
        Ok(Self { addr, stream: open(addr).await?, buffer, spent: false })
    }

    /// Sends a request and reads its answer to the end. Returns the status.
    ///
    /// # Errors
    /// Those of the connection, and an answer that cannot be understood. The next call connects anew.
    pub async fn exchange(&mut self, request: &[u8], sink: &mut impl Sink) -> IoResult<u16> {
        if self.spent {
            self.stream = open(self.addr).await?;
        }
        self.spent = true; // until the answer has been read to its end
        self.stream.write_all(request).await?;
        let mut have = 0;
        let head = loop {
            if have == self.buffer.len() {
                return Err(bad("head too long"));
            }
            have += self.fill(have).await?;
            if let Some(head) = Head::parse(&self.buffer[..have])? {
                break head;
            }
        };
        sink.begin();
        let first = &self.buffer[head.length..have];
        match head.framing {
            Framing::Length(length) => {
                sink.data(first);
                let mut left = length.checked_sub(first.len() as u64).ok_or_else(|| bad("more than was announced"))?;
                while left > 0 {
                    let n = self.fill(0).await?;
                    sink.data(&self.buffer[..n]);
                    left = left.checked_sub(n as u64).ok_or_else(|| bad("more than was announced"))?;
                }
            }
            Framing::Chunked => {
                let mut chunks = Chunks::default();
                let mut done = chunks.feed(first, sink)?;
                while !done {
                    let n = self.fill(0).await?;
                    done = chunks.feed(&self.buffer[..n], sink)?;
                }
            }
        }
        self.spent = head.close;
        Ok(head.status)
    }

    async fn fill(&mut self, from: usize) -> IoResult<usize> {
        match self.stream.read(&mut self.buffer[from..]).await? {
            0 => Err(Error::new(ErrorKind::UnexpectedEof, "closed in the middle of an answer")),
            n => Ok(n),
        }
    }
}

/// One request on a connection of its own, for everything that is not measured.
///
/// # Errors
/// Anything but a 2xx answer, with the beginning of its body.
pub async fn call(addr: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    let status = Http::connect(addr).await?.exchange(request, &mut body).await?;
    if !(200..300).contains(&status) {
        let line = request.split(|b| *b == b'\r').next().map(String::from_utf8_lossy).unwrap_or_default();
        bail!("{line} answered {status}: {}", String::from_utf8_lossy(&body[..body.len().min(1000)]));
    }
    Ok(body)
}

/// Like [`call`], and reads the answer as JSON.
///
/// # Errors
/// Those of [`call`], and a body that is not what was expected.
pub async fn json<T: serde::de::DeserializeOwned>(addr: SocketAddr, request: &[u8]) -> Result<T> {
    let body = call(addr, request).await?;
    serde_json::from_slice(&body).with_context(|| String::from_utf8_lossy(&body[..body.len().min(500)]).into_owned())
}

/// The bytes of a request. `headers` are whole lines with their ends.
pub fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = match body.len() {
        0 => String::new(),
        n => format!("Content-Length: {n}\r\n"),
    };
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

async fn open(addr: SocketAddr) -> IoResult<TcpStream> {
    let stream = TcpStream::connect(addr).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn bad(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// What the head of an answer says.
#[derive(Debug, PartialEq)]
struct Head {
    status: u16,
    framing: Framing,
    close: bool,
    length: usize,
}

/// How the end of the body is known.
#[derive(Debug, PartialEq)]
enum Framing {
    Length(u64),
    Chunked,
}

impl Head {
    /// Reads the head, or nothing while it is not complete.
    fn parse(bytes: &[u8]) -> IoResult<Option<Head>> {
        let mut slots = [httparse::EMPTY_HEADER; 40];
        let mut answer = httparse::Response::new(&mut slots);
        let httparse::Status::Complete(length) = answer.parse(bytes).map_err(|e| bad(&e.to_string()))? else {
            return Ok(None);
        };
        let status = answer.code.unwrap_or_default();
        let mut framing = matches!(status, 204 | 304).then_some(Framing::Length(0));
        let mut close = false;
        for header in answer.headers.iter() {
            let name = header.name;
            if name.eq_ignore_ascii_case("content-length") {
                let text = std::str::from_utf8(header.value).ok().and_then(|t| t.trim().parse().ok());
                framing = Some(Framing::Length(text.ok_or_else(|| bad("content-length"))?));
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                framing = Some(Framing::Chunked);
            } else if name.eq_ignore_ascii_case("connection") {
                close = header.value.eq_ignore_ascii_case(b"close");
            }
        }
        let framing = framing.ok_or_else(|| bad("an answer without a length"))?;
        Ok(Some(Head { status, framing, close, length }))
    }
}

/// Takes a chunked body apart, wherever the reads happen to cut it.
#[derive(Debug, Default)]
struct Chunks {
    state: State,
    size: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum State {
    #[default]
    Size,
    /// The rest of the size line, which may carry extensions.
    SizeLine,
    Data,
    /// The line end after the data.
    DataEnd,
    /// A trailer line; whether it is empty so far, for an empty one is the end.
    Trailer {
        empty: bool,
    },
}

impl Chunks {
    /// Takes the next bytes; true at the end of the body.
    fn feed(&mut self, mut bytes: &[u8], sink: &mut impl Sink) -> IoResult<bool> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.state == State::Data {
                let take = bytes.len().min(usize::try_from(self.size).unwrap_or(usize::MAX));
                sink.data(&bytes[..take]);
                bytes = &bytes[take..];
                self.size -= take as u64;
                if self.size == 0 {
                    self.state = State::DataEnd;
                }
                continue;
            }
            bytes = rest;
            self.state = match (self.state, byte) {
                (State::Size | State::SizeLine, b'\n') if self.size == 0 => State::Trailer { empty: true },
                (State::Size | State::SizeLine, b'\n') => State::Data,
                (State::Size, b'\r' | b';') => State::SizeLine,
                (State::Size, _) => {
                    let digit = char::from(byte).to_digit(16).ok_or_else(|| bad("chunk size"))?;
                    self.size = self.size * 16 + u64::from(digit);
                    State::Size
                }
                (State::DataEnd, b'\n') => State::Size,
                (State::Trailer { empty: true }, b'\n') => return Ok(true),
                (State::Trailer { .. }, b'\n') => State::Trailer { empty: true },
                (State::Trailer { .. }, b) if b != b'\r' => State::Trailer { empty: false },
                (same, _) => same,
            };
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_when_it_is_complete() -> IoResult<()> {
        let text = b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        let head = Head { status: 201, framing: Framing::Length(5), close: true, length: text.len() - 5 };
        assert_eq!(Head::parse(text)?, Some(head));
        assert_eq!(Head::parse(&text[..30])?, None);
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!(Head::parse(chunked)?.map(|h| (h.framing, h.close)), Some((Framing::Chunked, false)));
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert_eq!(Head::parse(b"HTTP/1.1 304 Not Modified\r\n\r\n")?.map(|h| h.framing), Some(Framing::Length(0)));
        Ok(())
    }

    #[test]
    fn chunks_may_be_cut_anywhere() -> IoResult<()> {
        let text = b"5;x=1\r\nhello\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nT: 1\r\n\r\n";
        for step in 1..text.len() {
            let (mut chunks, mut body, mut done) = (Chunks::default(), Vec::new(), false);
            for piece in text.chunks(step) {
                assert!(!done, "ended early with steps of {step}");
                done = chunks.feed(piece, &mut body)?;
            }
            assert!(done, "no end with steps of {step}");
            assert_eq!(body, b"helloabcdefghijklmnopqrstuvwxyz");
        }
        assert!(Chunks::default().feed(b"xyz\r\n", &mut Vec::new()).is_err());
        Ok(())
    }
}
