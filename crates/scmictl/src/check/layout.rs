//! Parameters of commands, from the tables.

use scmi::protocol::{Bits, Field, MessageInfo, ProtocolInfo, Shape, When};
use scmi::wire::{MessageId, Version};

/// An id that no platform has: ids are dense, and 0xFFFFFFFF means whoever asks in places.
pub(super) const NO_ID: u32 = 0xFFFF_FFFE;

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Names a resource.
    Id,
    /// Where a list goes on.
    Index,
    /// Flags, of which these are reserved.
    Flags(u32),
    /// Anything else.
    Value,
}

/// What a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It asks.
    Read,
    /// It turns a notification on or off.
    Notify,
    /// It changes something.
    Set,
}

/// What a command is for: those that return nothing change something.
pub(super) const fn class(info: &MessageInfo) -> Class {
    match (info.needs_p2a, info.reply.is_empty()) {
        (true, _) => Class::Notify,
        (false, false) => Class::Read,
        (false, true) => Class::Set,
    }
}

/// The parameters of a command, a word each; what repeats is left out.
pub(super) fn kinds(info: &MessageInfo, version: Version) -> Vec<Kind> {
    present(info.payload, version).flat_map(|field| vec![kind(field); words(field)]).collect()
}

/// Words of a field.
fn words(field: &Field) -> usize {
    match field.shape {
        Shape::Wide | Shape::WideSigned => 2,
        Shape::Repeat(_) => 0,
        _ => 1,
    }
}

/// The fields that a version has.
pub(super) fn present(
    layout: &'static [Field],
    version: Version,
) -> impl Iterator<Item = &'static Field> {
    layout.iter().filter(move |field| match field.when {
        When::Since(since) => version >= since,
        When::Before(before) => version < before,
        _ => true,
    })
}

fn kind(field: &Field) -> Kind {
    match (field.name, &field.shape) {
        ("domain_id" | "clock_id" | "sensor_id" | "agent_id" | "id", _) => Kind::Id,
        ("index" | "skip", _) => Kind::Index,
        ("flags" | "notify_enable" | "attributes" | "control" | "config", Shape::Bits(bits)) => {
            Kind::Flags(reserved(bits))
        }
        ("flags", Shape::Hex) => Kind::Flags(u32::MAX),
        _ => Kind::Value,
    }
}

/// The bits without a name.
fn reserved(bits: &[Bits]) -> u32 {
    let mask = |bits: &Bits| (bits.low..=bits.high).fold(0, |mask, bit| mask | 1_u32 << bit);
    !bits.iter().fold(0, |all, bits| all | mask(bits))
}

/// Parameters with this id, this index, and 0 for the rest.
pub(super) fn params(kinds: &[Kind], id: u32, index: u32) -> Vec<u32> {
    let each = |kind: &Kind| match kind {
        Kind::Id => id,
        Kind::Index => index,
        Kind::Flags(_) | Kind::Value => 0,
    };
    kinds.iter().map(each).collect()
}

/// Parameters that nobody may do: whatever a platform does not look at, something else refuses it.
pub(super) fn refused(kinds: &[Kind]) -> Vec<u32> {
    let each = |kind: &Kind| match kind {
        Kind::Id => NO_ID,
        Kind::Flags(reserved) => *reserved,
        Kind::Index | Kind::Value => u32::MAX,
    };
    kinds.iter().map(each).collect()
}

/// Whether a version of a protocol has a message.
pub(super) fn has(protocol: &ProtocolInfo, info: &MessageInfo, version: Version) -> bool {
    match info.id {
        MessageId::NEGOTIATE_PROTOCOL_VERSION => version >= protocol.negotiable_from,
        _ => version >= info.since,
    }
}

/// Every command of a version, the common ones first.
pub(super) fn commands(
    protocol: &'static ProtocolInfo,
    version: Version,
) -> Vec<&'static MessageInfo> {
    let all = (0..=u8::MAX).filter_map(|id| protocol.command(MessageId(id)));
    all.filter(|info| has(protocol, info, version)).collect()
}

/// Whether an answer is a page of a list.
pub(super) fn is_list(info: &MessageInfo) -> bool {
    let counts = |field: &Field| match field.shape {
        Shape::Bits(bits) => bits.iter().any(|bits| bits.name == "returned"),
        _ => false,
    };
    info.reply.iter().any(counts)
}

/// Whether it asks for a long name.
pub(super) fn is_long_name(info: &MessageInfo) -> bool {
    matches!(info.reply, [_, Field { shape: Shape::Name(64), .. }])
}
