//! Records of the Clock protocol (section 8.3).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

pub use crate::protocol::common::{Count, NameReply};
use crate::wire::bits::bit_word;
use crate::wire::{Nothing, ProtocolId, ShortName, U32, U64};

/// PROTOCOL_ATTRIBUTES: the reply is an [`AttributesWord`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolAttributes;

/// CLOCK_ATTRIBUTES from version 2.0.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct AttributesGet {
    /// Which clock.
    pub clock: U32,
}

/// CLOCK_ATTRIBUTES in version 1.0: the same, but the answer ends before the enable delay.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct AttributesGetV1 {
    /// Which clock.
    pub clock: U32,
}

/// What a clock is, in version 1.0.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct AttributesV1 {
    /// See [`ClockWord`].
    pub attributes: U32,
    /// Its name, or the beginning of it.
    pub name: ShortName,
}

/// What a clock is, from version 2.0.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Attributes {
    /// What version 1.0 has.
    pub head: AttributesV1,
    /// The longest that enabling it takes, in microseconds; 0 unknown.
    pub enable_delay: U32,
}

/// CLOCK_DESCRIBE_RATES: a [`Count`], then rates in hertz.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DescribeRates {
    /// Which clock.
    pub clock: U32,
    /// The first rate that is wanted; without meaning where they are a triplet.
    pub index: U32,
}

/// CLOCK_RATE_SET; the delayed response is a [`RateSetComplete`].
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct RateSet {
    /// See [`RateFlags`].
    pub flags: U32,
    /// Which clock.
    pub clock: U32,
    /// In hertz.
    pub rate: U64,
}

/// The values of RATE_SET_COMPLETE.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct RateSetComplete {
    /// Which clock.
    pub clock: U32,
    /// The rate that it has now, in hertz.
    pub rate: U64,
}

/// CLOCK_RATE_GET: the reply is a rate in hertz.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct RateGet {
    /// Which clock.
    pub clock: U32,
}

/// CLOCK_CONFIG_SET before version 3.0.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ConfigSetV1 {
    /// Which clock.
    pub clock: U32,
    /// `[0]` on or off, the rest reserved.
    pub attributes: U32,
}

/// CLOCK_CONFIG_SET from version 3.0.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ConfigSet {
    /// Which clock.
    pub clock: U32,
    /// See [`ConfigWord`].
    pub attributes: U32,
    /// The value of the extended type, where one is named.
    pub extended: U32,
}

/// CLOCK_NAME_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NameGet {
    /// Which clock.
    pub clock: U32,
}

/// CLOCK_RATE_NOTIFY.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct RateNotify {
    /// Which clock.
    pub clock: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// CLOCK_RATE_CHANGE_REQUESTED_NOTIFY.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct RateChangeRequestedNotify {
    /// Which clock.
    pub clock: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// CLOCK_CONFIG_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ConfigGet {
    /// Which clock.
    pub clock: U32,
    /// `[7:0]` the extended type whose value is wanted, the rest reserved.
    pub flags: U32,
}

/// How a clock is set up.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Config {
    /// Zero.
    pub attributes: U32,
    /// `[0]` enabled.
    pub config: U32,
    /// The value of the extended type that was asked for; 0 for none.
    pub extended: U32,
}

/// CLOCK_POSSIBLE_PARENTS_GET: a [`ParentCount`], then ids.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PossibleParentsGet {
    /// Which clock.
    pub clock: U32,
    /// The first parent that is wanted.
    pub skip: U32,
}

/// CLOCK_PARENT_SET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ParentSet {
    /// Which clock.
    pub clock: U32,
    /// Which other clock is to be its parent.
    pub parent: U32,
}

/// CLOCK_PARENT_GET: the reply is an id.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ParentGet {
    /// Which clock.
    pub clock: U32,
}

/// CLOCK_GET_PERMISSIONS: the reply is a [`Permissions`] word.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct GetPermissions {
    /// Which clock.
    pub clock: U32,
}

/// The payload of CLOCK_RATE_CHANGED and CLOCK_RATE_CHANGE_REQUESTED.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct RateEvent {
    /// Who caused it; 0 the platform.
    pub agent: U32,
    /// Which clock.
    pub clock: U32,
    /// The rate that it has now, or that was asked for, in hertz.
    pub rate: U64,
}

bind! { ProtocolId::CLOCK;
    ProtocolAttributes = 0x1 -> U32;
    AttributesGetV1 = 0x3 -> AttributesV1;
    AttributesGet = 0x3 -> Attributes;
    DescribeRates = 0x4 -> U32;
    RateSet = 0x5 -> Nothing;
    RateGet = 0x6 -> U64;
    ConfigSetV1 = 0x7 -> Nothing;
    ConfigSet = 0x7 -> Nothing;
    NameGet = 0x8 -> NameReply;
    RateNotify = 0x9 -> Nothing;
    RateChangeRequestedNotify = 0xA -> Nothing;
    ConfigGet = 0xB -> Config;
    PossibleParentsGet = 0xC -> U32;
    ParentSet = 0xD -> Nothing;
    ParentGet = 0xE -> U32;
    GetPermissions = 0xF -> U32;
}

const _: () = {
    assert!(size_of::<AttributesV1>() == 20);
    assert!(size_of::<Attributes>() == 24);
    assert!(size_of::<RateSet>() == 16);
    assert!(size_of::<RateSetComplete>() == 12);
    assert!(size_of::<ConfigSetV1>() == 8);
    assert!(size_of::<ConfigSet>() == 12);
    assert!(size_of::<Config>() == 12);
    assert!(size_of::<RateEvent>() == 16);
};

/// The word of PROTOCOL_ATTRIBUTES: `[23:16]` most asynchronous rate changes at once, `[15:0]` clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributesWord(pub u32);

impl AttributesWord {
    /// So many clocks, of which an agent can change so many at once without waiting.
    pub const fn new(clocks: u16, max_async: u8) -> Self {
        let [a, b] = clocks.to_le_bytes();
        Self(u32::from_le_bytes([a, b, max_async, 0]))
    }

    /// How many clocks there are.
    pub const fn clocks(self) -> u16 {
        let [a, b, ..] = self.0.to_le_bytes();
        u16::from_le_bytes([a, b])
    }

    /// How many asynchronous rate changes of an agent can wait at once.
    pub const fn max_async(self) -> u8 {
        let [_, _, max_async, _] = self.0.to_le_bytes();
        max_async
    }
}

bit_word! {
    /// The attributes of a clock.
    pub struct ClockWord {
        /// CLOCK_RATE_CHANGED can be had (2.0).
        RATE_CHANGED = 1 << 31,
        /// CLOCK_RATE_CHANGE_REQUESTED can be had (2.0).
        RATE_CHANGE_REQUESTED = 1 << 30,
        /// CLOCK_NAME_GET knows the whole name (2.0).
        EXTENDED_NAME = 1 << 29,
        /// It has a choice of parents (3.0).
        PARENTS = 1 << 28,
        /// It has extended types of configuration (3.0).
        EXTENDED_CONFIG = 1 << 27,
        /// CLOCK_GET_PERMISSIONS tells what this agent may not (3.0).
        RESTRICTED = 1 << 1,
        /// It is on for this agent.
        ENABLED = 1 << 0,
    }
}

bit_word! {
    /// The flags of CLOCK_RATE_SET.
    #[derive(Default)]
    pub struct RateFlags {
        /// Bits that must be zero.
        RESERVED = !0xF,
        /// Answer before the clock has the rate.
        ASYNC = 1 << 0,
        /// No delayed response when it has; without meaning for a synchronous change.
        NO_DELAYED_RESPONSE = 1 << 1,
        /// Round up; without it down.
        ROUND_UP = 1 << 2,
        /// Round to the nearest; then [`Self::ROUND_UP`] means nothing.
        ROUND_NEAREST = 1 << 3,
    }
}

impl RateFlags {
    /// Which way a rate that the clock does not have is rounded.
    pub const fn rounding(self) -> Rounding {
        if self.has(Self::ROUND_NEAREST) {
            Rounding::Nearest
        } else if self.has(Self::ROUND_UP) {
            Rounding::Up
        } else {
            Rounding::Down
        }
    }

    /// The same with another rounding.
    #[must_use]
    pub const fn with_rounding(self, rounding: Rounding) -> Self {
        let bits = match rounding {
            Rounding::Down => 0,
            Rounding::Up => Self::ROUND_UP,
            Rounding::Nearest => Self::ROUND_NEAREST,
        };
        Self(self.0 & !(Self::ROUND_UP | Self::ROUND_NEAREST) | bits)
    }
}

/// Which way a rate that does not exist is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Rounding {
    /// To the next lower one.
    #[default]
    Down,
    /// To the next higher one.
    Up,
    /// To the nearest one.
    Nearest,
}

crate::wire::open::open_number! {
    /// What CLOCK_CONFIG_SET does to a clock's gate, from version 3.0.
    pub struct StateChange(u8) {
        /// Switch it off, as far as this agent is concerned.
        DISABLE = 0,
        /// Switch it on.
        ENABLE = 1,
        /// Leave it as it is, and set the extended value only.
        UNCHANGED = 3,
    }
}

crate::wire::open::open_number! {
    /// What an extended value of a clock's configuration means (3.0); from 0x80 it is the vendor's.
    pub struct ExtendedType(u8) {
        /// Nothing.
        NONE = 0,
        /// The duty cycle in percent.
        DUTY_CYCLE = 1,
        /// The phase in degrees.
        PHASE = 2,
    }
}

impl ExtendedType {
    /// The first type that vendors define.
    pub const FIRST_VENDOR: Self = Self(0x80);
}

/// The attributes of CLOCK_CONFIG_SET from version 3.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigWord(pub u32);

impl ConfigWord {
    /// Bits that must be zero.
    pub const RESERVED: u32 = !0x00FF_0003;

    /// A change of the gate, and perhaps of an extended value.
    pub const fn new(state: StateChange, extended: ExtendedType) -> Self {
        Self(u32::from_le_bytes([state.0 & 3, 0, extended.0, 0]))
    }

    /// What happens to the gate.
    pub const fn state(self) -> StateChange {
        let [state, ..] = self.0.to_le_bytes();
        StateChange(state & 3)
    }

    /// Which extended value is set.
    pub const fn extended(self) -> ExtendedType {
        let [_, _, extended, _] = self.0.to_le_bytes();
        ExtendedType(extended)
    }
}

bit_word! {
    /// What an agent may change of a clock: the word of CLOCK_GET_PERMISSIONS.
    pub struct Permissions {
        /// CLOCK_CONFIG_SET.
        STATE = 1 << 31,
        /// CLOCK_PARENT_SET.
        PARENT = 1 << 30,
        /// CLOCK_RATE_SET.
        RATE = 1 << 29,
    }
}

impl Permissions {
    /// Everything.
    pub const ALL: Self = Self(Self::STATE | Self::PARENT | Self::RATE);
    /// Nothing.
    pub const NONE: Self = Self(0);
}

/// The count word of CLOCK_POSSIBLE_PARENTS_GET: `[31:24]` remaining, `[7:0]` returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParentCount {
    /// In this answer.
    pub returned: u8,
    /// Still to come.
    pub remaining: u8,
}

impl ParentCount {
    /// From its word.
    pub const fn from_word(word: u32) -> Self {
        let [returned, _, _, remaining] = word.to_le_bytes();
        Self { returned, remaining }
    }

    /// Its word.
    pub const fn to_word(self) -> u32 {
        u32::from_le_bytes([self.returned, 0, 0, self.remaining])
    }
}
