//! Records of the Performance protocol (section 8.2).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

pub use crate::protocol::common::{Count, NameReply};
pub use crate::protocol::fastchannel::FastChannel;
use crate::wire::bits::bit_word;
use crate::wire::open::open_number;
use crate::wire::{Nothing, ProtocolId, ShortName, U32, U64};

/// PROTOCOL_ATTRIBUTES.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolAttributes;

/// How many performance domains there are.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Attributes {
    /// `[15:0]` performance domains, `[17:16]` the [`PowerUnit`], the rest reserved.
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
    /// `[19:0]` microseconds between requests, 0 none; the rest reserved.
    pub rate_limit: U32,
    /// The frequency of the sustained level, in kHz; 0 where it is not given.
    pub sustained_khz: U32,
    /// The level that can be held for ever; 0 where it is not given.
    pub sustained_level: U32,
    /// Its name, or the beginning of it.
    pub name: ShortName,
}

/// DESCRIBE_LEVELS: a count word, then [`Level`]s, from version 4.0 [`LevelV4`]s.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DescribeLevels {
    /// Which domain.
    pub domain: U32,
    /// The first level that is wanted.
    pub index: U32,
}

/// A level before version 4.0.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Level {
    /// The level.
    pub level: U32,
    /// What it costs, in the [`PowerUnit`] of the platform; 0 where it is not given.
    pub power_cost: U32,
    /// `[15:0]` microseconds that it takes at worst to get there, the rest reserved.
    pub latency: U32,
}

/// A level from version 4.0, in level-indexing mode or not.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct LevelV4 {
    /// As before.
    pub level: Level,
    /// The frequency, in kHz, as far as there is one.
    pub frequency_khz: U32,
    /// Its index in level-indexing mode.
    pub index: U32,
}

/// LIMITS_SET. Mind the order: the maximum goes first.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LimitsSet {
    /// Which domain.
    pub domain: U32,
    /// The highest level allowed; from version 3.0, 0 leaves it as it is.
    pub max: U32,
    /// The lowest level allowed; from version 3.0, 0 leaves it as it is.
    pub min: U32,
}

/// LIMITS_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LimitsGet {
    /// Which domain.
    pub domain: U32,
}

/// Limits of a domain.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Limits {
    /// The highest level allowed.
    pub max: U32,
    /// The lowest level allowed.
    pub min: U32,
}

/// LEVEL_SET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LevelSet {
    /// Which domain.
    pub domain: U32,
    /// Which level, or its index in level-indexing mode.
    pub level: U32,
}

/// LEVEL_GET: the reply is the level, or its index in level-indexing mode.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LevelGet {
    /// Which domain.
    pub domain: U32,
}

/// NOTIFY_LIMITS.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NotifyLimits {
    /// Which domain.
    pub domain: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// NOTIFY_LEVEL.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NotifyLevel {
    /// Which domain.
    pub domain: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// DESCRIBE_FASTCHANNEL.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DescribeFastChannel {
    /// Which domain.
    pub domain: U32,
    /// Which message.
    pub message: U32,
}

/// NAME_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NameGet {
    /// Which domain.
    pub domain: U32,
}

/// The payload of PERFORMANCE_LIMITS_CHANGED.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct LimitsEvent {
    /// Who caused it; 0 is the platform.
    pub agent: U32,
    /// Which domain.
    pub domain: U32,
    /// The limits now.
    pub limits: Limits,
}

/// The payload of PERFORMANCE_LEVEL_CHANGED.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct LevelEvent {
    /// Who caused it; 0 is the platform.
    pub agent: U32,
    /// Which domain.
    pub domain: U32,
    /// The level now, or its index in level-indexing mode.
    pub level: U32,
}

bind! { ProtocolId::PERF;
    ProtocolAttributes = 0x1 -> Attributes;
    DomainAttributesGet = 0x3 -> DomainAttributes;
    DescribeLevels = 0x4 -> U32;
    LimitsSet = 0x5 -> Nothing;
    LimitsGet = 0x6 -> Limits;
    LevelSet = 0x7 -> Nothing;
    LevelGet = 0x8 -> U32;
    NotifyLimits = 0x9 -> Nothing;
    NotifyLevel = 0xA -> Nothing;
    DescribeFastChannel = 0xB -> FastChannel;
    NameGet = 0xC -> NameReply;
}

const _: () = {
    assert!(size_of::<Attributes>() == 16);
    assert!(size_of::<DomainAttributes>() == 32);
    assert!(size_of::<Level>() == 12);
    assert!(size_of::<LevelV4>() == 20);
    assert!(size_of::<LimitsSet>() == 12);
    assert!(size_of::<LimitsEvent>() == 16);
    assert!(size_of::<LevelEvent>() == 12);
};

bit_word! {
    /// The attributes word of a domain.
    pub struct DomainFlags {
        /// This agent may set limits.
        SET_LIMITS = 1 << 31,
        /// This agent may set the level.
        SET_LEVEL = 1 << 30,
        /// It can tell that its limits changed.
        LIMIT_NOTIFICATIONS = 1 << 29,
        /// It can tell that its level changed.
        LEVEL_NOTIFICATIONS = 1 << 28,
        /// Some message has a fast channel (2.0).
        FAST_CHANNELS = 1 << 27,
        /// NAME_GET knows the whole name (3.0).
        EXTENDED_NAME = 1 << 26,
        /// Levels go by their index (4.0).
        LEVEL_INDEXING = 1 << 25,
    }
}

open_number! {
    /// What power costs are in. Mind that the Powercap protocol numbers its units the other way round.
    pub struct PowerUnit(u8) {
        /// Numbers to compare, without a unit.
        ABSTRACT = 0,
        /// Milliwatts.
        MILLIWATT = 1,
        /// Microwatts (3.0).
        MICROWATT = 2,
    }
}

impl PowerUnit {
    /// From the attributes word of the protocol.
    pub const fn from_attributes(word: u32) -> Self {
        let [unit, ..] = (word >> 16 & 3).to_le_bytes();
        Self(unit)
    }

    /// Its bits in the attributes word of the protocol.
    pub const fn bits(self) -> u32 {
        u32::from_le_bytes([0, 0, self.0 & 3, 0])
    }
}
