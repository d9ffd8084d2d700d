//! What can be done to a message.

use core::fmt;
use core::time::Duration;

use scmi::wire::{Header, Status};

/// What is done to one message; nothing by default. Parts that make no sense for a message (a flood of answers, an answer on
/// the event queue for a notification) do nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Acts {
    /// It comes so much later.
    pub delay: Option<Duration>,
    /// It does not come. The chain of a command stays with the device until the driver resets it or the rule goes.
    pub never: bool,
    /// It says this status, and nothing behind it. A command is not executed then.
    pub status: Option<Status>,
    /// It ends after so many bytes, its header included.
    pub truncate: Option<u32>,
    /// So many bytes of 0xEE follow it, as far as the room goes.
    pub extend: Option<u32>,
    /// All bytes behind header and, if it has one, status are 0xFF.
    pub garble: bool,
    /// Its token is so much higher, modulo 1024.
    pub token: Option<u16>,
    /// Its header says something else.
    pub header: Option<HeaderBits>,
    /// It comes twice: the chain of an answer is used twice, an event comes in two buffers.
    pub twice: bool,
    /// It comes after the next answer; where there is none within [`Acts::SWAP_PATIENCE`], then.
    pub swap: bool,
    /// The answer comes in a buffer of the event queue; its own comes back empty.
    pub event_queue: bool,
    /// A delayed response that nobody asked for follows the answer.
    pub unrequested: bool,
    /// A notification comes again and again.
    pub flood: Option<Flood>,
    /// The used length is not what was written.
    pub used_length: Option<UsedLength>,
}

impl Acts {
    /// How long a swapped answer waits for the next one.
    pub const SWAP_PATIENCE: Duration = Duration::from_secs(1);

    /// What it does, by name.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        let wanted = [
            self.delay.is_some(),
            self.never,
            self.status.is_some(),
            self.truncate.is_some(),
            self.extend.is_some(),
            self.garble,
            self.token.is_some(),
            self.header.is_some(),
            self.twice,
            self.swap,
            self.event_queue,
            self.unrequested,
            self.flood.is_some(),
            self.used_length.is_some(),
        ];
        Kind::ALL.into_iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(kind, _)| kind)
    }
}

/// Parts of a header to replace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderBits {
    /// `[7:0]`.
    pub message: Option<u8>,
    /// `[9:8]`, 0 to 3.
    pub kind: Option<u8>,
    /// `[17:10]`.
    pub protocol: Option<u8>,
    /// `[31:28]`, 0 to 15.
    pub reserved: Option<u8>,
}

impl HeaderBits {
    /// The header with these bits.
    pub fn apply(self, header: Header) -> Header {
        let parts = [
            (self.message, 0xFF, 0),
            (self.kind, 0x3, 8),
            (self.protocol, 0xFF, 10),
            (self.reserved, 0xF, 28),
        ];
        let set = |word: u32, (value, mask, shift): (Option<u8>, u32, u32)| match value {
            Some(value) => {
                word & !mask.wrapping_shl(shift) | (u32::from(value) & mask).wrapping_shl(shift)
            }
            None => word,
        };
        Header::from_word(parts.into_iter().fold(header.word(), set))
    }
}

/// A used length that lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsedLength {
    /// This, whatever was written.
    Exactly(u32),
    /// So much more than was written.
    More(u32),
    /// So much less, at least 0.
    Less(u32),
}

impl UsedLength {
    /// What is claimed where `written` bytes were written.
    pub fn of(self, written: usize) -> usize {
        let bytes = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        match self {
            Self::Exactly(length) => bytes(length),
            Self::More(more) => written.saturating_add(bytes(more)),
            Self::Less(less) => written.saturating_sub(bytes(less)),
        }
    }
}

/// A notification that comes again and again, beside the one that started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flood {
    /// How often.
    pub count: u32,
    /// How often a second, 1 to 1,000,000; without it as fast as there are buffers.
    pub per_second: Option<u32>,
}

impl Flood {
    /// The time between two of them.
    pub(super) fn interval(self) -> Duration {
        let nanos = self.per_second.and_then(|rate| 1_000_000_000_u64.checked_div(rate.into()));
        Duration::from_nanos(nanos.unwrap_or(0))
    }
}

/// The kinds of things that can be done to a message, in the order of the fields of [`Acts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the field of Acts that is called so")]
#[repr(u8)]
pub enum Kind {
    Delay,
    Never,
    Status,
    Truncate,
    Extend,
    Garble,
    Token,
    Header,
    Twice,
    Swap,
    EventQueue,
    Unrequested,
    Flood,
    UsedLength,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Delay,
        Self::Never,
        Self::Status,
        Self::Truncate,
        Self::Extend,
        Self::Garble,
        Self::Token,
        Self::Header,
        Self::Twice,
        Self::Swap,
        Self::EventQueue,
        Self::Unrequested,
        Self::Flood,
        Self::UsedLength,
    ];

    /// Its word, as board files and counters have it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Never => "never",
            Self::Status => "status",
            Self::Truncate => "truncate",
            Self::Extend => "extend",
            Self::Garble => "garble",
            Self::Token => "token",
            Self::Header => "header",
            Self::Twice => "twice",
            Self::Swap => "swap",
            Self::EventQueue => "event-queue",
            Self::Unrequested => "unrequested",
            Self::Flood => "flood",
            Self::UsedLength => "used-length",
        }
    }

    /// Its place in [`Kind::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
