//! The QMP socket of a VMM that is none.

use core::time::Duration;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// How long anything may take; far more than it does, and then the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Takes every command, one client after the other, as QEMU does.
pub(crate) struct Vmm {
    commands: Receiver<String>,
}

impl Vmm {
    /// One that listens at `path` and obeys. `quit` ends the connection, and so does `ends_at`, once it was answered.
    pub(crate) fn listen(path: &Path, ends_at: &'static str) -> Self {
        let listener = UnixListener::bind(path).expect("a socket");
        let (to, commands) = channel();
        // It ends with the process.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                serve(&stream, |command| {
                    let ends = command.contains("\"quit\"") || command.contains(ends_at);
                    // The test may be over.
                    let _ = to.send(command);
                    ends
                });
            }
        });
        Self { commands }
    }

    /// The next command.
    pub(crate) fn next(&self) -> String {
        self.commands.recv_timeout(PATIENCE).expect("a command")
    }

    /// Whether this is the next command, after a hello.
    pub(crate) fn is_told(&self, command: &str) -> bool {
        let wanted = |command| format!("{{\"execute\":\"{command}\"}}");
        [self.next(), self.next()] == [wanted("qmp_capabilities"), wanted(command)]
    }
}

/// Serves a client until it goes, or until `heard` says that this is the end.
fn serve(mut stream: &UnixStream, mut heard: impl FnMut(String) -> bool) {
    // It may go at any time.
    let _ = stream.write_all(b"{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n");
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let _ = stream.write_all(b"{\"event\": \"STOP\"}\r\n{\"return\": {}}\r\n");
        if heard(line) {
            return;
        }
    }
}
