//! One VMM's connection: its messages, taken one by one and never waited for.

use core::time::Duration;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionread};
use rustix::net::{RecvFlags, recv};
use thiserror::Error;
use vhost::vhost_user::{BackendReqHandler, Error as VhostError};

use super::device::Device;

/// Messages that are answered before the thread looks at the rings again.
const BUDGET: usize = 64;

/// A message's header: request, flags, size, each a 32-bit word of the machine.
const HEADER: usize = 12;

/// What the framework takes at most behind a header; it refuses a larger message by its header.
const MAX_BODY: u64 = 4096;

/// How long the rest of a message may take to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connected VMM.
///
/// The framework reads and writes the socket by blocking, and goes on trying for ever if that is interrupted.
/// So it is called only when a whole message is there and the answer will find room.
pub(super) struct Connection<'a> {
    stream: UnixStream,
    requests: BackendReqHandler<Mutex<Device<'a>>>,
    incomplete_since: Option<Instant>,
}

/// Why a connection ended.
#[derive(Debug, Error)]
pub(super) enum Ended {
    #[error("the VMM left")]
    Left,
    #[error("the VMM sent nonsense: {0}")]
    Malformed(#[from] VhostError),
    #[error("the rest of a message did not come for {PATIENCE:?}")]
    Stalled,
    #[error("the VMM does not read its answers")]
    Deaf,
    #[error("the socket failed: {0}")]
    Socket(#[from] io::Error),
}

enum Next {
    Nothing,
    Part,
    Whole,
}

impl<'a> Connection<'a> {
    pub(super) fn new(stream: UnixStream, device: &Arc<Mutex<Device<'a>>>) -> io::Result<Self> {
        stream.set_nonblocking(false)?;
        let ours = stream.try_clone()?;
        let requests = BackendReqHandler::from_stream(stream, Arc::clone(device));
        Ok(Self { stream: ours, requests, incomplete_since: None })
    }

    /// When to call [`turn`](Self::turn) although nothing came.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.incomplete_since.map(|since| since + PATIENCE)
    }

    /// Answers the messages that have come; says whether there may be more.
    pub(super) fn turn(&mut self) -> Result<bool, Ended> {
        for _ in 0..BUDGET {
            match self.next()? {
                Next::Nothing => {
                    self.incomplete_since = None;
                    return Ok(false);
                }
                Next::Part => {
                    let since = *self.incomplete_since.get_or_insert_with(Instant::now);
                    return if since.elapsed() < PATIENCE {
                        Ok(false)
                    } else {
                        Err(Ended::Stalled)
                    };
                }
                Next::Whole => {
                    self.incomplete_since = None;
                    if !self.can_answer()? {
                        return Err(Ended::Deaf);
                    }
                    self.requests.handle_request()?;
                }
            }
        }
        Ok(true)
    }

    fn next(&self) -> Result<Next, Ended> {
        let mut header = [0; HEADER];
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        let peeked = rustix::io::retry_on_intr(|| recv(&self.stream, &mut header[..], flags));
        let len = match peeked {
            Ok((0, _)) => return Err(Ended::Left),
            Ok((len, _)) => len,
            Err(Errno::AGAIN) => return Ok(Next::Nothing),
            Err(Errno::CONNRESET) => return Err(Ended::Left),
            Err(error) => return Err(Ended::Socket(error.into())),
        };
        if len < HEADER {
            return Ok(Next::Part);
        }
        let [.., a, b, c, d] = header;
        let body = u64::from(u32::from_ne_bytes([a, b, c, d]));
        if body > MAX_BODY {
            // The header alone is enough to refuse it.
            return Ok(Next::Whole);
        }
        let there = ioctl_fionread(&self.stream).map_err(io::Error::from)?;
        Ok(if there >= HEADER as u64 + body { Next::Whole } else { Next::Part })
    }

    /// Whether the socket takes an answer at once: it is writable while three quarters of its buffer are free,
    /// which is more than any answer.
    fn can_answer(&self) -> Result<bool, Ended> {
        let mut fds = [PollFd::new(&self.stream, PollFlags::OUT)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        rustix::io::retry_on_intr(|| poll(&mut fds, Some(&now))).map_err(io::Error::from)?;
        Ok(fds[0].revents().contains(PollFlags::OUT))
    }
}

impl AsFd for Connection<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
