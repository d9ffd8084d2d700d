//! Records of the Power domain protocol (section 7).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

pub use crate::protocol::common::NameReply;
use crate::wire::bits::bit_word;
use crate::wire::open::open_number;
use crate::wire::{Nothing, ProtocolId, ShortName, U32, U64};

/// PROTOCOL_ATTRIBUTES.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolAttributes;

/// How many power domains there are.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Attributes {
    /// `[15:0]` power domains, the rest reserved.
    pub attributes: U32,
    /// Shared memory of statistics; 0 where there is none.
    pub statistics_address: U64,
    /// Its bytes; 0 where there is none.
    pub statistics_length: U32,
}

/// DOMAIN_ATTRIBUTES.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DomainAttributesGet {
    /// Which domain.
    pub domain: U32,
}

/// What a domain can.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct DomainAttributes {
    /// See [`DomainFlags`].
    pub attributes: U32,
    /// Its name, or the beginning of it.
    pub name: ShortName,
}

/// STATE_SET. Mind the order: the flags go first.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct StateSet {
    /// `[0]` asynchronous, the rest reserved.
    pub flags: U32,
    /// Which domain.
    pub domain: U32,
    /// See [`PowerState`].
    pub state: U32,
}

impl StateSet {
    /// Do not wait for the state.
    pub const ASYNC: u32 = 1;
}

/// STATE_GET: the reply is a [`PowerState`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct StateGet {
    /// Which domain.
    pub domain: U32,
}

/// STATE_NOTIFY.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct StateNotify {
    /// Which domain.
    pub domain: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// STATE_CHANGE_REQUESTED_NOTIFY.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct StateChangeRequestedNotify {
    /// Which domain.
    pub domain: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// NAME_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NameGet {
    /// Which domain.
    pub domain: U32,
}

/// The payload of POWER_STATE_CHANGED and POWER_STATE_CHANGE_REQUESTED.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct StateEvent {
    /// Who caused it; 0 is the platform.
    pub agent: U32,
    /// Which domain.
    pub domain: U32,
    /// The state that the domain is in now, or that was asked for.
    pub state: U32,
}

bind! { ProtocolId::POWER;
    ProtocolAttributes = 0x1 -> Attributes;
    DomainAttributesGet = 0x3 -> DomainAttributes;
    StateSet = 0x4 -> Nothing;
    StateGet = 0x5 -> U32;
    StateNotify = 0x6 -> Nothing;
    StateChangeRequestedNotify = 0x7 -> Nothing;
    NameGet = 0x8 -> NameReply;
}

const _: () = {
    assert!(size_of::<Attributes>() == 16);
    assert!(size_of::<DomainAttributes>() == 20);
    assert!(size_of::<StateSet>() == 12);
    assert!(size_of::<StateNotify>() == 8);
    assert!(size_of::<StateChangeRequestedNotify>() == 8);
    assert!(size_of::<StateEvent>() == 12);
};

bit_word! {
    /// The attributes word of a domain.
    pub struct DomainFlags {
        /// It can tell that its state changed.
        CHANGE_NOTIFICATIONS = 1 << 31,
        /// Its state can be set asynchronously.
        ASYNC = 1 << 30,
        /// Its state can be set synchronously.
        SYNC = 1 << 29,
        /// It can tell that a state was asked for that others stand in the way of (2.1).
        REQUEST_NOTIFICATIONS = 1 << 28,
        /// NAME_GET knows the whole name (3.0).
        EXTENDED_NAME = 1 << 27,
    }
}

open_number! {
    /// A power state: `[30]` whether context is lost, `[27:0]` the state's number; those of domains of devices have
    /// names, all others are the platform's own.
    pub struct PowerState(u32) {
        /// A device domain is on.
        ON = 0,
        /// A device domain is off.
        OFF = 0x4000_0000,
    }
}

impl PowerState {
    /// Bits that must be zero.
    pub const RESERVED: u32 = 0xB000_0000;

    /// A state of the platform's own; 28 bits of its number count.
    pub const fn new(context_lost: bool, number: u32) -> Self {
        Self(number & 0x0FFF_FFFF | if context_lost { 1 << 30 } else { 0 })
    }

    /// Whether what the domain held is lost in this state.
    pub const fn context_lost(self) -> bool {
        self.0 >> 30 & 1 == 1
    }

    /// The state's number.
    pub const fn number(self) -> u32 {
        self.0 & 0x0FFF_FFFF
    }
}
