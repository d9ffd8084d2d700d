//! A deadline for conversations with somebody who may never answer.

use core::time::Duration;
use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};

/// Ends a socket unless it is dropped in time. The vhost-user library reads by blocking and tries again for
/// ever; that the socket ends is the one thing that stops it.
#[derive(Debug)]
pub(super) struct Patience {
    hold: Option<Sender<()>>,
    watcher: Option<JoinHandle<bool>>,
}

impl Patience {
    /// Starts to wait.
    pub(super) fn start(socket: &UnixStream, patience: Duration) -> io::Result<Self> {
        let socket = socket.try_clone()?;
        let (hold, held) = channel();
        let watcher = thread::Builder::new().name("patience".into()).spawn(move || {
            let exhausted = held.recv_timeout(patience) == Err(RecvTimeoutError::Timeout);
            if exhausted {
                // It fails only if the other side closed it already, which ends the reading as well.
                let _ = socket.shutdown(Shutdown::Both);
            }
            exhausted
        })?;
        Ok(Self { hold: Some(hold), watcher: Some(watcher) })
    }

    /// Ends the waiting; whether it was in vain.
    pub(super) fn exhausted(mut self) -> bool {
        self.end()
    }

    fn end(&mut self) -> bool {
        self.hold = None;
        self.watcher.take().is_some_and(|watcher| watcher.join().unwrap_or(false))
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_silent_peer_ends_a_read_and_a_talking_one_does_not() {
        let (mut ours, _theirs) = UnixStream::pair().expect("pair");
        let patience = Patience::start(&ours, Duration::from_millis(20)).expect("thread");
        assert_eq!(ours.read(&mut [0]).expect("ended, not failed"), 0);
        assert!(patience.exhausted());

        let (ours, _theirs) = UnixStream::pair().expect("pair");
        let patience = Patience::start(&ours, Duration::from_secs(600)).expect("thread");
        assert!(!patience.exhausted());
    }
}
