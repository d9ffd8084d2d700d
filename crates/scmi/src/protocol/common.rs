//! The four commands that all protocols share (section 3).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::table::{Field, MessageInfo, Shape};
use crate::wire::{Message, MessageId, Nothing, U32, Version};

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

const ANY: Version = Version(0);

/// PROTOCOL_ATTRIBUTES differs from protocol to protocol and stands in each one's own table.
pub(super) const COMMANDS: &[MessageInfo] = &[
    MessageInfo::command(0x0, "PROTOCOL_VERSION", "which version of the protocol this is", ANY)
        .mandatory()
        .returns(&[Field::new("version", Shape::Version)]),
    MessageInfo::command(
        0x2,
        "PROTOCOL_MESSAGE_ATTRIBUTES",
        "whether a message is there, and what it can",
        ANY,
    )
    .mandatory()
    .takes(&[Field::new("message_id", Shape::Hex)])
    .returns(&[Field::new("attributes", Shape::Hex)]),
    MessageInfo::command(0x10, "NEGOTIATE_PROTOCOL_VERSION", "speak this version from now on", ANY)
        .takes(&[Field::new("version", Shape::Version)]),
];
