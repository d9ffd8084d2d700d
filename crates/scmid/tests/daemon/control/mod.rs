//! The control interface, by a client of a few lines that knows nothing of its code.

mod access;
mod clients;
mod document;
mod events;
mod faults;
mod metrics;
mod orders;
mod reload;
mod sensors;
mod state;

use core::time::Duration;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::{Daemon, demo_board};

/// How long anything may take; far more than it does, and then the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A daemon with a control interface.
struct Controlled {
    daemon: Daemon,
    socket: PathBuf,
    _folder: tempfile::TempDir,
}

/// An answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What is said of a refusal: the field, and what was expected.
    #[track_caller]
    fn refusal(&self, status: u16) -> (String, String) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.head.contains("content-type: application/problem+json"), "{self:?}");
        let json = self.json();
        assert_eq!(json["status"], status);
        assert!(json["error"].as_str().is_some_and(|error| !error.is_empty()), "{json}");
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        (text("field"), text("expected"))
    }
}

impl Controlled {
    fn start() -> Self {
        Self::start_on(&demo_board())
    }

    fn start_on(board: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("control.sock");
        let arguments: [&OsStr; 2] = ["--control".as_ref(), socket.as_ref()];
        let daemon = Daemon::start_with(board, folder.path(), &arguments);
        Self { daemon, socket, _folder: folder }
    }

    /// A board of this text.
    fn start_board(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let board = folder.path().join("board.toml");
        std::fs::write(&board, text).expect("written");
        Self::start_on(&board)
    }

    fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(&self.socket).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream
    }

    fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let length = body.len();
        self.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Sends a request that says `Connection: close`.
    fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).expect("sent");
        answer(stream)
    }
}

/// All that comes on a connection, until it ends.
fn answer(mut stream: impl Read) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    let text = String::from_utf8(bytes).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// Server-sent events as they come.
struct Feed(BufReader<UnixStream>);

impl Feed {
    /// Listens; what happens after this is heard.
    fn open(controlled: &Controlled) -> Self {
        let mut stream = controlled.connect();
        stream.write_all(b"GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n").expect("sent");
        let mut feed = Self(BufReader::new(stream));
        while feed.line() != ": listening" {}
        feed
    }

    /// A line of an event or a comment; chunks are put together by leaving their lengths out.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a line");
        assert!(!line.is_empty(), "the feed has ended");
        line.trim_end().to_owned()
    }

    /// The next event of this name for which `wanted` says yes.
    fn next(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            if self.line() != format!("event: {name}") {
                continue;
            }
            let data = self.line();
            let data = data.strip_prefix("data: ").expect("data");
            let data: Value = serde_json::from_str(data).expect("JSON");
            if wanted(&data) {
                return data;
            }
        }
    }
}
