//! Records of the Reset protocol (section 8.4).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

pub use crate::protocol::common::NameReply;
use crate::wire::bits::bit_word;
use crate::wire::{Nothing, ProtocolId, ShortName, U32};

/// PROTOCOL_ATTRIBUTES: the reply is a word, `[15:0]` domains.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolAttributes;

/// RESET_DOMAIN_ATTRIBUTES.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DomainAttributesGet {
    /// Which domain.
    pub domain: U32,
}

/// What a reset domain is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct DomainAttributes {
    /// See [`DomainWord`].
    pub attributes: U32,
    /// The longest that a reset takes, in microseconds, or [`DomainAttributes::UNKNOWN`].
    pub latency: U32,
    /// Its name, or the beginning of it.
    pub name: ShortName,
}

impl DomainAttributes {
    /// A latency that is not known.
    pub const UNKNOWN: u32 = u32::MAX;
}

/// RESET; the delayed response is the domain.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Reset {
    /// Which domain.
    pub domain: U32,
    /// See [`ResetFlags`].
    pub flags: U32,
    /// See [`ResetState`].
    pub state: U32,
}

/// RESET_NOTIFY.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Notify {
    /// Which domain.
    pub domain: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// RESET_DOMAIN_NAME_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NameGet {
    /// Which domain.
    pub domain: U32,
}

/// The payload of RESET_ISSUED.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct ResetIssued {
    /// Who reset it; 0 the platform.
    pub agent: U32,
    /// Which domain.
    pub domain: U32,
    /// See [`ResetState`].
    pub state: U32,
}

bind! { ProtocolId::RESET;
    ProtocolAttributes = 0x1 -> U32;
    DomainAttributesGet = 0x3 -> DomainAttributes;
    Reset = 0x4 -> Nothing;
    Notify = 0x5 -> Nothing;
    NameGet = 0x6 -> NameReply;
}

const _: () = {
    assert!(size_of::<DomainAttributes>() == 24);
    assert!(size_of::<Reset>() == 12);
    assert!(size_of::<ResetIssued>() == 12);
};

bit_word! {
    /// The attributes of a reset domain.
    pub struct DomainWord {
        /// It can be reset asynchronously.
        ASYNC = 1 << 31,
        /// RESET_ISSUED can be had.
        NOTIFICATIONS = 1 << 30,
        /// RESET_DOMAIN_NAME_GET knows the whole name (3.0).
        EXTENDED_NAME = 1 << 29,
    }
}

bit_word! {
    /// The flags of RESET.
    pub struct ResetFlags {
        /// Bits that must be zero.
        RESERVED = !7,
        /// The platform does the whole cycle.
        AUTONOMOUS = 1 << 0,
        /// Hold the domain in reset; without it let it go. Means nothing with [`Self::AUTONOMOUS`].
        ASSERT = 1 << 1,
        /// Answer before the cycle is done; only with [`Self::AUTONOMOUS`].
        ASYNC = 1 << 2,
    }
}

impl ResetFlags {
    /// Whether they can be together.
    pub const fn are_legal(self) -> bool {
        self.0 & Self::RESERVED == 0 && (!self.has(Self::ASYNC) || self.has(Self::AUTONOMOUS))
    }
}

/// Which reset: the architecture's, or one of the platform's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ResetState(pub u32);

impl ResetState {
    /// The architecture's cold reset; its other states are reserved.
    pub const COLD: Self = Self(0);

    /// One of the platform's own, of which 31 bits count.
    pub const fn own(id: u32) -> Self {
        Self(id | 1 << 31)
    }

    /// Whether it is one of the platform's own.
    pub const fn is_own(self) -> bool {
        self.0 >> 31 == 1
    }
}
