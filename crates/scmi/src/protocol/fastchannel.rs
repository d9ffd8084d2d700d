//! Fast channels of the Performance and Powercap protocols (section 5).
//!
//! A fast channel is memory that both sides reach, so our platform, whose agents come over virtio, offers none; an
//! agent of another platform may be offered some.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::table::{BitKind, Bits, Field, Layout, Shape};
use crate::wire::{U32, U64};

/// The answer of DESCRIBE_FASTCHANNEL.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct FastChannel {
    /// `[0]` has a doorbell, `[2:1]` the doorbell's width, the rest reserved.
    pub attributes: U32,
    /// `[19:0]` microseconds between requests, 0 where it is not given.
    pub rate_limit: U32,
    /// Where the channel is, in the agent's address space.
    pub address: U64,
    /// Its bytes.
    pub size: U32,
    /// Where the doorbell is; 0 without one.
    pub doorbell_address: U64,
    /// Bits of the doorbell to set.
    pub set_mask: U64,
    /// Bits of the doorbell to leave as they are.
    pub preserve_mask: U64,
}

const _: () = assert!(size_of::<FastChannel>() == 44);

impl FastChannel {
    /// Whether there is a doorbell to ring after a write.
    pub const fn has_doorbell(&self) -> bool {
        self.attributes.get() & 1 == 1
    }

    /// The doorbell's bytes: 1, 2, 4 or 8.
    pub const fn doorbell_bytes(&self) -> u8 {
        1 << (self.attributes.get() >> 1 & 3)
    }

    /// Microseconds between requests, 0 where it is not given.
    pub const fn rate_limit_us(&self) -> u32 {
        self.rate_limit.get() & 0xF_FFFF
    }
}

/// The parameters of DESCRIBE_FASTCHANNEL.
pub(super) const QUESTION: Layout =
    &[Field::word("domain_id"), Field::new("message_id", Shape::Hex)];

const WIDTH: BitKind =
    BitKind::Names(&[(0, "8 bits"), (1, "16 bits"), (2, "32 bits"), (3, "64 bits")]);

/// The values of its answer.
pub(super) const ANSWER: Layout = &[
    Field::bits(
        "attributes",
        &[Bits::of("doorbell_width", 2, 1, WIDTH), Bits::flag("doorbell", 0)],
    ),
    Field::bits("rate_limit", &[Bits::number("microseconds", 19, 0)]),
    Field::new("address", Shape::Wide),
    Field::word("size"),
    Field::new("doorbell_address", Shape::Wide),
    Field::new("set_mask", Shape::Wide),
    Field::new("preserve_mask", Shape::Wide),
];

/// The answer where there are no fast channels: whether the message exists at all is all that there is to say.
#[cfg(feature = "platform")]
pub(super) fn refusal(
    info: &super::ProtocolInfo,
    version: crate::wire::Version,
    message: U32,
) -> crate::wire::Status {
    use crate::wire::{MessageId, Status};

    let message = u8::try_from(message.get()).ok().and_then(|id| info.command(MessageId(id)));
    match message {
        Some(message) if message.since <= version => Status::NOT_SUPPORTED,
        _ => Status::NOT_FOUND,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_says_how_to_ring() {
        // A doorbell of 32 bits, 5 microseconds with a reserved bit above them; words in the order of section 5.
        let words = [5, 0x8000_0005, 0x1000, 1, 4, 0x2000, 0, 0x10, 0, 0xFFFF_FFEF, 0_u32];
        let channel = FastChannel::read_from_bytes(words.as_bytes()).expect("44 bytes");
        assert!(channel.has_doorbell());
        assert_eq!((channel.doorbell_bytes(), channel.rate_limit_us()), (4, 5));
        assert_eq!((channel.address.get(), channel.size.get()), (0x1_0000_1000, 4));
        assert_eq!((channel.doorbell_address.get(), channel.set_mask.get()), (0x2000, 0x10));
        assert_eq!(channel.preserve_mask.get(), 0xFFFF_FFEF);
    }
}
