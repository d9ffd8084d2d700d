//! Ending the loops.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use crate::eventfd::Waker;

/// Ends every [`Server::serve`](super::Server::serve) that was given it or a clone of it. It stays that way.
#[derive(Clone, Debug)]
pub struct Stop(Waker);

impl Stop {
    /// A stop that nobody asked for yet.
    ///
    /// # Errors
    /// The process has no more file descriptors.
    pub fn new() -> io::Result<Self> {
        Waker::new().map(Self)
    }

    /// Ends the loops. They return soon; join their threads to know that they did.
    pub fn stop(&self) {
        self.0.wake();
    }
}

impl AsFd for Stop {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
