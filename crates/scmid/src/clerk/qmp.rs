//! QEMU's machine protocol, as far as the power of a machine needs it.

use core::time::Duration;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::Instant;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use serde_json::{Value, json};

/// The longest line that is read. QEMU's are a few hundred bytes; whoever else listens there must not fill our memory.
const MAX_LINE: usize = 64 << 10;

/// How long until a socket that is busy is tried again.
const RETRY: Duration = Duration::from_millis(50);

/// A connection to a VMM, ready for commands. Dropping it lets the next client in.
#[derive(Debug)]
pub(super) struct Qmp {
    stream: UnixStream,
    /// What came and is no whole line yet.
    rest: Vec<u8>,
}

/// Why a VMM did not do as told.
#[derive(Debug, thiserror::Error)]
pub(super) enum QmpError {
    /// Nobody listens, or the connection failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The VMM has closed the connection.
    #[error("the VMM has gone")]
    Gone,
    /// No answer came in time.
    #[error("no answer for {0:?}; the socket serves one client at a time")]
    Silent(Duration),
    /// What came is no QMP.
    #[error("not QMP: {0}")]
    Nonsense(String),
    /// The VMM refuses.
    #[error("refused: {0}")]
    Refused(String),
}

impl Qmp {
    /// Connects and says hello, within `patience`.
    pub(super) fn connect(path: &Path, patience: Duration) -> Result<Self, QmpError> {
        let deadline = Instant::now() + patience;
        let stream = connect(path, deadline, patience)?;
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(patience))?;
        let mut qmp = Self { stream, rest: Vec::new() };
        let greeting = qmp.message(deadline)?.ok_or(QmpError::Silent(patience))?;
        if greeting.get("QMP").is_none() {
            return Err(QmpError::Nonsense(greeting.to_string()));
        }
        qmp.execute("qmp_capabilities", patience)?;
        Ok(qmp)
    }

    /// Has the VMM do a command without arguments.
    pub(super) fn execute(&mut self, command: &str, patience: Duration) -> Result<(), QmpError> {
        let deadline = Instant::now() + patience;
        writeln!(self.stream, "{}", json!({ "execute": command })).map_err(or_gone)?;
        loop {
            let message = self.message(deadline)?.ok_or(QmpError::Silent(patience))?;
            if message.get("return").is_some() {
                return Ok(());
            }
            if let Some(error) = message.get("error") {
                return Err(QmpError::Refused(error.to_string()));
            }
            // Events without end must not keep us.
            if Instant::now() >= deadline {
                return Err(QmpError::Silent(patience));
            }
        }
    }

    /// The next event's name, if one comes within `patience`.
    pub(super) fn event(&mut self, patience: Duration) -> Result<Option<String>, QmpError> {
        let message = self.message(Instant::now() + patience)?;
        let name = message.as_ref().and_then(|message| message.get("event")?.as_str());
        Ok(name.map(str::to_owned))
    }

    fn message(&mut self, deadline: Instant) -> Result<Option<Value>, QmpError> {
        let Some(line) = self.line(deadline)? else { return Ok(None) };
        let message = serde_json::from_slice(&line);
        message.map(Some).map_err(|error| QmpError::Nonsense(error.to_string()))
    }

    fn line(&mut self, deadline: Instant) -> Result<Option<Vec<u8>>, QmpError> {
        let mut seen = 0;
        loop {
            let fresh = self.rest.get(seen..).unwrap_or_default();
            if let Some(end) = fresh.iter().position(|byte| *byte == b'\n') {
                let rest = self.rest.split_off(seen + end + 1);
                return Ok(Some(core::mem::replace(&mut self.rest, rest)));
            }
            seen = self.rest.len();
            if seen > MAX_LINE {
                return Err(QmpError::Nonsense(format!("a line of more than {MAX_LINE} bytes")));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.stream.set_read_timeout(Some(left))?;
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(QmpError::Gone),
                Ok(count) => self.rest.extend_from_slice(chunk.get(..count).unwrap_or_default()),
                Err(error) if is_no_error(&error) => {}
                Err(error) => return Err(or_gone(error)),
            }
        }
    }
}

/// Nothing came yet; whether it may go on is the deadline's question.
fn is_no_error(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

fn or_gone(error: io::Error) -> QmpError {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => QmpError::Gone,
        _ => error.into(),
    }
}

/// The standard library's connect waits for ever while others wait before us.
fn connect(path: &Path, deadline: Instant, patience: Duration) -> Result<UnixStream, QmpError> {
    let address = SocketAddrUnix::new(path).map_err(io::Error::from)?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)
        .map_err(io::Error::from)?;
    loop {
        match rustix::net::connect(&socket, &address) {
            Ok(()) => return Ok(socket.into()),
            Err(Errno::AGAIN | Errno::INTR) if Instant::now() < deadline => thread::sleep(RETRY),
            Err(Errno::AGAIN | Errno::INTR) => return Err(QmpError::Silent(patience)),
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixListener;

    const PATIENCE: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(20);

    /// What becomes of a talk with somebody who writes this and closes.
    fn with(says: &'static [u8], patience: Duration) -> Result<(), QmpError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("qmp.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        thread::scope(|scope| {
            scope.spawn(move || {
                let (mut stream, _) = listener.accept().expect("a client");
                let _ = stream.write_all(says);
                let _ = stream.shutdown(std::net::Shutdown::Write);
                // Until the client has gone.
                let _ = stream.read_to_end(&mut Vec::new());
            });
            Qmp::connect(&path, patience)?.execute("stop", patience)
        })
    }

    #[test]
    fn events_between_are_passed_over() {
        let says = b"{\"QMP\": {}}\r\n{\"event\": \"RESUME\"}\r\n{\"return\": {}}\r\n{\"event\": \"STOP\"}\n{\"return\": {}}\n";
        with(says, PATIENCE).expect("stopped");
    }

    #[test]
    fn what_is_no_vmm_is_told_apart() {
        let nonsense = |says| matches!(with(says, PATIENCE), Err(QmpError::Nonsense(_)));
        assert!(nonsense(b"hello\n"));
        assert!(nonsense(b"{}\n"));
        assert!(nonsense(&[b' '; MAX_LINE + 4096]));
        assert!(matches!(with(b"{\"QMP\": {}}\n{\"ret", PATIENCE), Err(QmpError::Gone)));
        let refused = b"{\"QMP\": 1}\n{\"return\": {}}\n{\"error\": {\"desc\": \"no\"}}\n";
        assert!(
            matches!(with(refused, PATIENCE), Err(QmpError::Refused(why)) if why.contains("no"))
        );
    }

    #[test]
    fn events_without_end_keep_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("qmp.sock");
        let listener = UnixListener::bind(&path).expect("a socket");
        thread::scope(|scope| {
            scope.spawn(move || {
                let (mut stream, _) = listener.accept().expect("a client");
                let _ = stream.write_all(b"{\"QMP\": {}}\n");
                while stream.write_all(b"{\"event\": \"RESUME\"}\n").is_ok() {}
            });
            assert!(matches!(Qmp::connect(&path, SHORT), Err(QmpError::Silent(_))));
        });
    }

    #[test]
    fn nobody_is_waited_for_without_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("qmp.sock");
        assert!(matches!(Qmp::connect(&path, PATIENCE), Err(QmpError::Io(_))));
        let listener = UnixListener::bind(&path).expect("a socket");
        assert!(matches!(Qmp::connect(&path, SHORT), Err(QmpError::Silent(_))));
        // Nobody accepts: at some time there is no more room to wait in.
        rustix::net::listen(&listener, 0).expect("listening");
        let waiting: Vec<_> = (0..3).map(|_| Qmp::connect(&path, SHORT)).collect();
        assert!(waiting.iter().all(|end| matches!(end, Err(QmpError::Silent(_)))), "{waiting:?}");
    }
}
