//! Records of the System power protocol (section 8.1).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::wire::open::open_number;
use crate::wire::{Nothing, ProtocolId, U32};

/// PROTOCOL_ATTRIBUTES: the reply is zero.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolAttributes;

/// STATE_SET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct StateSet {
    /// `[0]` graceful, the rest reserved.
    pub flags: U32,
    /// See [`SystemState`].
    pub state: U32,
}

impl StateSet {
    /// The operating systems are asked, not just ended.
    pub const GRACEFUL: u32 = 1;
    /// What MESSAGE_ATTRIBUTES of it says where the system can be reset warm.
    pub const WARM_RESET: u32 = 1 << 31;
    /// What MESSAGE_ATTRIBUTES of it says where the system can be suspended.
    pub const SUSPEND: u32 = 1 << 30;
}

/// STATE_GET: the reply is a [`SystemState`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct StateGet;

/// STATE_NOTIFY.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct StateNotify {
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// The payload of SYSTEM_POWER_STATE_NOTIFIER before version 2.0.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Notifier {
    /// Who asked for it; 0 is the platform.
    pub agent: U32,
    /// `[0]` graceful, the rest reserved.
    pub flags: U32,
    /// See [`SystemState`].
    pub state: U32,
}

/// The payload of SYSTEM_POWER_STATE_NOTIFIER from version 2.0.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct NotifierV2 {
    /// As before.
    pub notifier: Notifier,
    /// Milliseconds that the platform waits for a graceful shutdown; 0 where it does not say, and with all else.
    pub timeout: U32,
}

bind! { ProtocolId::SYSTEM;
    ProtocolAttributes = 0x1 -> U32;
    StateSet = 0x3 -> Nothing;
    StateGet = 0x4 -> U32;
    StateNotify = 0x5 -> Nothing;
}

const _: () = {
    assert!(size_of::<StateSet>() == 8);
    assert!(size_of::<StateNotify>() == 4);
    assert!(size_of::<Notifier>() == 12);
    assert!(size_of::<NotifierV2>() == 16);
};

open_number! {
    /// A state of the whole system.
    pub struct SystemState(u32) {
        /// Off.
        SHUTDOWN = 0,
        /// Off and on again.
        COLD_RESET = 1,
        /// Started again without having been off.
        WARM_RESET = 2,
        /// On.
        POWER_UP = 3,
        /// Suspended, with its memory kept.
        SUSPEND = 4,
    }
}

impl SystemState {
    /// The standard's states as people and files write them.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("shutdown", Self::SHUTDOWN),
        ("cold-reset", Self::COLD_RESET),
        ("warm-reset", Self::WARM_RESET),
        ("power-up", Self::POWER_UP),
        ("suspend", Self::SUSPEND),
    ];

    /// The state as people write it, where it is the standard's.
    pub fn word(self) -> Option<&'static str> {
        Self::WORDS.iter().find(|(_, state)| *state == self).map(|(word, _)| *word)
    }

    /// The standard's state that people write so.
    pub fn from_word(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(word, _)| *word == text).map(|(_, state)| *state)
    }

    /// Whether the state belongs to the vendor.
    pub const fn is_vendor(self) -> bool {
        self.0 >= 0x8000_0000
    }
}
