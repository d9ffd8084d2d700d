//! What an agent wants, how long it waits, and what it gives to the channel.

use core::time::Duration;

use crate::wire::{Command, MessageId, ProtocolId};

/// What an agent wants of a platform.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Which protocol.
    pub protocol: ProtocolId,
    /// Which of its messages.
    pub message: MessageId,
    /// The parameters.
    pub params: &'a [u8],
    /// Bytes of values that there must be room for after the status.
    pub values: usize,
    /// Whether the values come with a delayed response.
    pub delayed: bool,
}

impl<'a> Request<'a> {
    /// A command, with room for the record that answers it.
    pub fn of<C: Command>(command: &'a C) -> Self {
        Self {
            protocol: C::PROTOCOL,
            message: C::ID,
            params: command.as_bytes(),
            values: size_of::<C::Reply>(),
            delayed: false,
        }
    }
}

/// How long an agent waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the response to a command.
    pub response: Duration,
    /// For a delayed response, after the immediate one.
    pub delayed: Duration,
    /// For the response to a command, while the processor does nothing else: see [`super::Client::polling`].
    pub polling: Duration,
}

impl Timeouts {
    /// 2 s for a response, 2 s for a delayed one, as Linux waits for it, and 100 ms of polling.
    pub const DEFAULT: Self = Self {
        response: Duration::from_secs(2),
        delayed: Duration::from_secs(2),
        polling: Duration::from_millis(100),
    };

    /// The same for all of them.
    pub const fn all(span: Duration) -> Self {
        Self { response: span, delayed: span, polling: span }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A command for the channel.
#[derive(Clone, Copy, Debug)]
pub struct Transmit<'a> {
    /// Names the buffer. A buffer that a call has used bears another name when the next one uses it, so that an
    /// answer that comes twice, or after the channel was reset, finds nobody.
    pub tag: u16,
    /// The command.
    pub bytes: &'a [u8],
    /// Room for the answer, header and status included.
    pub room: usize,
    /// Whether a delayed response is to follow the answer.
    pub delayed: bool,
}
