//! What a visitor is told.

use crate::protocol::sensor::SensorType;
use crate::protocol::{MessageInfo, ProtocolInfo};
use crate::wire::{Header, ProtocolId, Status, Version};

/// What a message is, by its header.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Head {
    /// The header.
    pub header: Header,
    /// What kind of message it is.
    pub subject: Subject,
    /// Its protocol, if it is known.
    pub protocol: Option<&'static ProtocolInfo>,
    /// Its row of the protocol's table, if there is one.
    pub message: Option<&'static MessageInfo>,
}

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// A command.
    Command,
    /// The immediate response to one.
    Response,
    /// The delayed response to one.
    DelayedResponse,
    /// A notification.
    Notification,
    /// Type 1, which means nothing.
    Reserved,
}

impl Subject {
    /// Its name in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Response => "response",
            Self::DelayedResponse => "delayed response",
            Self::Notification => "notification",
            Self::Reserved => "reserved type",
        }
    }

    /// Whether a status word follows the header.
    pub(super) const fn has_status(self) -> bool {
        matches!(self, Self::Response | Self::DelayedResponse)
    }
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// An unsigned number.
    Unsigned(u64),
    /// A signed number.
    Signed(i64),
    /// A word that people read in hex.
    Hex(u32),
    /// A bit.
    Flag(bool),
    /// A protocol's version.
    Version(Version),
    /// A status.
    Status(Status),
    /// The header of another message.
    Header(Header),
    /// A protocol.
    Protocol(ProtocolId),
    /// Protocols, one byte each.
    Protocols(&'a [u8]),
    /// What a sensor measures.
    SensorType(SensorType),
    /// Ids, two bytes each, low first.
    ShortIds(&'a [u8]),
    /// A number that may have a name.
    Named {
        /// The number.
        number: u32,
        /// Its name.
        name: Option<&'static str>,
    },
    /// A name: the bytes before the first NUL, which need not be text.
    Name(&'a [u8]),
}

/// Why fields belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Group {
    /// They are bits of this word. A field `reserved` holds the bits that have no name, if any is set.
    Bits(u32),
    /// They are one record.
    Record,
    /// They are items of a list, each of them in a group [`Group::Item`].
    List,
    /// They are the item of a list at this position.
    Item(usize),
}

/// What is not as the tables say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble<'a> {
    /// There are fewer than the four bytes of a header: these.
    NoHeader(&'a [u8]),
    /// The tables do not know the message; this follows the header and, in a response, the status.
    Unknown(&'a [u8]),
    /// The message came with a later version of the protocol than the one that is spoken.
    NotInVersion {
        /// The version that has it first.
        since: Version,
        /// The version that is spoken.
        spoken: Version,
    },
    /// The message ends within a field.
    Short {
        /// The field.
        field: &'static str,
        /// Bytes that it has.
        wanted: usize,
        /// What there is of it.
        rest: &'a [u8],
    },
    /// Bytes follow the last field.
    Leftover(&'a [u8]),
    /// Values follow the status of a response that was refused.
    AfterError(&'a [u8]),
}
