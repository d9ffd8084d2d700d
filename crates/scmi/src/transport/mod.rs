//! The seam between an agent and whatever carries its messages.
//!
//! A [`Channel`] is small, about bytes, and `dyn`-able, so that it can be wrapped ([`Mischief`] delays, loses and
//! reorders by seed) and faked. [`Loopback`] puts an agent and a platform into one process, over virtual time.

#[cfg(feature = "platform")]
mod loopback;
mod mischief;

#[cfg(feature = "platform")]
pub use loopback::Loopback;
pub use mischief::{Mischief, Odds};

use core::fmt;

use crate::time::Time;

/// One agent's way to its platform.
///
/// A channel owns the buffers that the other side can reach; what goes through here is copied. It belongs to one
/// thread at a time.
pub trait Channel {
    /// Offers a command, with room for `room` bytes of answer. `tag` names the buffer: its answer comes back
    /// with the same tag, and the tag is free again only then. Any 16 bits can be a tag.
    ///
    /// # Errors
    /// [`SendError`]; nothing was sent then.
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError>;

    /// The same, for a command that asks for a delayed response. Most channels carry it like any other; one that
    /// must know it beforehand (Linux's raw mode has a way of its own for them) has its own of this. Wrappers pass
    /// it on.
    ///
    /// # Errors
    /// As [`Channel::send`].
    fn send_delayed(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        self.send(tag, request, room)
    }

    /// Takes the next message that has come, if any, into `buffer`; what does not fit is cut. Never blocks.
    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received>;

    /// The time.
    fn now(&self) -> Time;

    /// Returns when a message may have come, or at `until`, whichever is first. It may return too early.
    fn wait(&mut self, until: Time);

    /// What the channel can carry.
    fn limits(&self) -> Limits;

    /// Whether the other side has gone: nothing comes any more and nothing can be sent, until the channel is set up
    /// anew. Calls that wait end then, before their deadlines.
    fn is_closed(&self) -> bool {
        false
    }
}

impl<C: Channel + ?Sized> Channel for &mut C {
    fn send(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        (**self).send(tag, request, room)
    }

    fn send_delayed(&mut self, tag: u16, request: &[u8], room: usize) -> Result<(), SendError> {
        (**self).send_delayed(tag, request, room)
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Option<Received> {
        (**self).receive(buffer)
    }

    fn now(&self) -> Time {
        (**self).now()
    }

    fn wait(&mut self, until: Time) {
        (**self).wait(until);
    }

    fn limits(&self) -> Limits {
        (**self).limits()
    }

    fn is_closed(&self) -> bool {
        (**self).is_closed()
    }
}

/// What came through a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// The buffer of a command came back with so many bytes of answer.
    Reply {
        /// Which buffer.
        tag: u16,
        /// Bytes of answer.
        len: usize,
    },
    /// A notification or a delayed response of so many bytes.
    Event {
        /// Its bytes.
        len: usize,
    },
}

/// What a channel can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Commands at once.
    pub in_flight: usize,
    /// Bytes of a message in either direction, its header included.
    pub max_message: usize,
    /// Whether notifications and delayed responses can come.
    pub p2a: bool,
}

/// Why a command was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// So many commands are in flight that no more fit; take answers first.
    Full,
    /// The command or its answer is larger than [`Limits::max_message`].
    TooLarge {
        /// The bytes that were asked for.
        bytes: u16,
    },
    /// The other side has gone.
    Closed,
}

impl SendError {
    /// [`Self::TooLarge`] of so many bytes, or of as many as it can say.
    pub fn too_large(bytes: usize) -> Self {
        Self::TooLarge { bytes: u16::try_from(bytes).unwrap_or(u16::MAX) }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("all buffers of the channel are in flight"),
            Self::TooLarge { bytes } => {
                write!(f, "{bytes} bytes are more than the channel carries")
            }
            Self::Closed => f.write_str("the platform has closed the channel"),
        }
    }
}

impl core::error::Error for SendError {}
