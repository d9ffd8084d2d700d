//! Waking somebody through a file descriptor.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{EventfdFlags, eventfd};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;

/// An eventfd of our own that wakes whoever waits on it.
#[derive(Clone, Debug)]
pub(crate) struct Waker(Arc<OwnedFd>);

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        let fd = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Self(Arc::new(fd)))
    }

    /// Wakes. A counter that cannot go higher has woken already.
    pub(crate) fn wake(&self) {
        let _ = signal(self.0.as_fd());
    }

    /// Forgets that somebody woke.
    pub(crate) fn drain(&self) {
        let mut counter = [0; 8];
        let _ = rustix::io::read(&self.0, &mut counter);
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A file descriptor from the other side, by which it wants to be woken.
#[derive(Debug)]
pub(crate) struct Bell(File);

impl Bell {
    /// Takes it over. It is made non-blocking if it is not: whoever sent it must not be able to hold our
    /// thread in a write.
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let flags = fcntl_getfl(&file)?;
        if !flags.contains(OFlags::NONBLOCK) {
            fcntl_setfl(&file, flags | OFlags::NONBLOCK)?;
        }
        Ok(Self(file))
    }

    /// Wakes. What goes wrong is the other side's loss: it closed its end, or does not read.
    pub(crate) fn ring(&self) {
        let _ = signal(self.0.as_fd());
    }
}

fn signal(fd: BorrowedFd<'_>) -> Result<(), Errno> {
    rustix::io::retry_on_intr(|| rustix::io::write(fd, &1_u64.to_ne_bytes())).map(|_| ())
}
