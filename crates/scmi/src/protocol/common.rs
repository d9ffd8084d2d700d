//! What the protocols share: four commands (section 3), and the words of names and lists (3.2, 3.3).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::table::{Field, MessageInfo, Shape};
use crate::wire::{LongName, Message, MessageId, Nothing, Status, U32, Version};

/// PROTOCOL_VERSION.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolVersion;

impl Message for ProtocolVersion {
    const ID: MessageId = MessageId::PROTOCOL_VERSION;
    type Reply = U32;
}

/// PROTOCOL_MESSAGE_ATTRIBUTES: success says that the message is implemented and usable.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct MessageAttributes {
    /// Which message.
    pub message: U32,
}

impl Message for MessageAttributes {
    const ID: MessageId = MessageId::PROTOCOL_MESSAGE_ATTRIBUTES;
    type Reply = U32;
}

/// NEGOTIATE_PROTOCOL_VERSION: from here on this version, please.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NegotiateVersion {
    /// Which version.
    pub version: U32,
}

impl Message for NegotiateVersion {
    const ID: MessageId = MessageId::NEGOTIATE_PROTOCOL_VERSION;
    type Reply = Nothing;
}

/// The answer of every command that asks for a long name (section 3.2).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct NameReply {
    /// Zero.
    pub flags: U32,
    /// The name.
    pub name: LongName,
}

const _: () = assert!(size_of::<NameReply>() == 68);

/// The count word of most lists: `[31:16]` remaining, `[12]` triplet, `[11:0]` returned (section 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// In this answer.
    pub returned: u16,
    /// Still to come.
    pub remaining: u16,
    /// Whether the three are first, last and step; only where a list can be that.
    pub triplet: bool,
}

impl Count {
    /// From its word.
    pub const fn from_word(word: u32) -> Self {
        let [a, b, c, d] = word.to_le_bytes();
        Self {
            returned: u16::from_le_bytes([a, b & 0xF]),
            remaining: u16::from_le_bytes([c, d]),
            triplet: word >> 12 & 1 == 1,
        }
    }

    /// Its word; returned is cut to 12 bits.
    pub const fn to_word(self) -> u32 {
        let [a, b] = self.returned.to_le_bytes();
        let [c, d] = self.remaining.to_le_bytes();
        let triplet = if self.triplet { 0x10 } else { 0 };
        u32::from_le_bytes([a, b & 0xF | triplet, c, d])
    }
}

const ANY: Version = Version(0);

/// The commands that are the same in every protocol. PROTOCOL_ATTRIBUTES is not: it stands in each one's own table.
pub const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x0, "PROTOCOL_VERSION", "which version of the protocol this is", ANY)
        .mandatory()
        .returns(&[Field::new("version", Shape::Version)]),
    MessageInfo::command(
        0x2,
        "PROTOCOL_MESSAGE_ATTRIBUTES",
        "whether a message is there, and what it can",
        ANY,
    )
    .refuses(&[Status::NOT_FOUND])
    .mandatory()
    .takes(&[Field::new("message_id", Shape::Hex)])
    .returns(&[Field::new("attributes", Shape::Hex)]),
    MessageInfo::command(0x10, "NEGOTIATE_PROTOCOL_VERSION", "speak this version from now on", ANY)
        .refuses(&[Status::NOT_SUPPORTED])
        .takes(&[Field::new("version", Shape::Version)]),
];
