//! Requests that are right, or nearly so.

use alloc::vec::Vec;

use super::input::Input;
use crate::protocol::{self, Field, ProtocolInfo, Shape};
use crate::wire::{Header, MessageId, ProtocolId};

/// Bytes of a layout whose size is fixed.
pub(super) fn fixed_size(layout: &[Field]) -> usize {
    layout.iter().map(|field| size_of_shape(&field.shape)).sum()
}

fn size_of_shape(shape: &Shape) -> usize {
    match shape {
        Shape::Wide | Shape::WideSigned => 8,
        Shape::Name(bytes) => *bytes,
        Shape::Group(layout) => fixed_size(layout),
        Shape::ProtocolIds | Shape::Repeat(_) => {
            panic!("no command has a list among its parameters")
        }
        _ => 4,
    }
}

/// A command of the two protocols; most are such as a platform can grant.
pub(super) fn request(input: &mut Input<'_>) -> Vec<u8> {
    let choice = input.byte();
    let info: &ProtocolInfo =
        if choice & 1 == 0 { &protocol::sensor::INFO } else { &protocol::base::INFO };
    let (info, message, size) = match choice {
        0..128 => (&protocol::sensor::INFO, input.pick(LIVELY), None),
        128..248 => (info, any_message(input, info), None),
        _ => (info, MessageId(input.byte()), Some(input.below(24))),
    };
    let payload = info.command(message).map_or(0, |message| fixed_size(message.payload));
    let size = size.or_else(|| input.chance(8).then(|| input.below(24))).unwrap_or(payload);
    let mut bytes = Vec::from(header(input, info.id, message).word().to_le_bytes());
    for nth in 0..size.div_ceil(4) {
        let flag = nth == 1 && input.chance(160);
        let word = if flag { u32::from(input.byte() & 1) } else { word(input) };
        bytes.extend(word.to_le_bytes());
    }
    bytes.truncate(size + Header::BYTES);
    bytes
}

/// What sets things going: trip points, readings, configuration and updates of sensors.
const LIVELY: &[MessageId] =
    &[MessageId(0x4), MessageId(0x5), MessageId(0x6), MessageId(0xA), MessageId(0xB)];

fn any_message(input: &mut Input<'_>, info: &ProtocolInfo) -> MessageId {
    let common = [0, 2, 0x10].map(MessageId);
    let own = info.commands.iter().map(|message| message.id);
    own.chain(common).nth(input.below(info.commands.len() + common.len())).expect("so many")
}

fn header(input: &mut Input<'_>, protocol: ProtocolId, message: MessageId) -> Header {
    let protocol = if input.chance(4) { ProtocolId(input.byte()) } else { protocol };
    let header = Header::command(protocol, message, input.byte().into());
    let spoiled = if input.chance(8) { u32::from(input.byte() & 0xF3) << 8 | 0xF << 28 } else { 0 };
    // Types, reserved bits and, as they lie between, the protocol's low bits.
    Header::from_word(header.word() ^ spoiled)
}

/// A parameter: an id, a flag, a control word, a version, a configuration, or anything.
pub(super) fn word(input: &mut Input<'_>) -> u32 {
    let choice = input.byte();
    let low = u32::from(choice & 0xF);
    match choice >> 4 {
        0..=7 => low & 7,
        8 => low & 1,
        9 => 1 << (choice & 31),
        0xA => u32::MAX - low,
        // A trip point's control word.
        0xB => (low & 3) << 4 | low >> 2,
        // A version.
        0xC => (low & 3) << 16 | low >> 3,
        // Configuration: on, and so many milliseconds.
        0xD => u32::from(input.byte()) << 16 | 0x1D << 11 | low & 3 | 1,
        _ => input.word(),
    }
}
