//! Records of the Powercap protocol (section 8.9).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

pub use crate::protocol::common::NameReply;
pub use crate::protocol::fastchannel::FastChannel;
use crate::wire::bits::bit_word;
use crate::wire::open::open_number;
use crate::wire::{Nothing, ProtocolId, ShortName, U32};

/// PROTOCOL_ATTRIBUTES: the reply has the number of domains in `[15:0]`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ProtocolAttributes;

/// DOMAIN_ATTRIBUTES.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DomainAttributesGet {
    /// Which domain.
    pub domain: U32,
}

/// From the least to the most, in steps; where both are the same nothing can be set.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Steps {
    /// The least; never 0.
    pub min: U32,
    /// The most; never 0.
    pub max: U32,
    /// From one to the next; never 0 where something can be set.
    pub step: U32,
}

/// What a domain is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct DomainAttributes {
    /// See [`DomainFlags`].
    pub attributes: U32,
    /// Its name, or the beginning of it.
    pub name: ShortName,
    /// Power averaging intervals, in microseconds.
    pub pai: Steps,
    /// Power caps, in the domain's [`PowerUnit`].
    pub cap: Steps,
    /// What the domain can consume for ever, in its unit.
    pub sustainable_power: U32,
    /// How exact measurements are, in thousandths of a percent.
    pub accuracy: U32,
    /// The domain that it is part of, or [`DomainAttributes::ROOT`].
    pub parent: U32,
}

impl DomainAttributes {
    /// The parent of a domain that is part of no other.
    pub const ROOT: u32 = 0xFFFF_FFFF;
}

/// CAP_GET: the reply is the cap that is enforced; from version 2.0, 0 where none is.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct CapGet {
    /// Which domain.
    pub domain: U32,
}

/// CAP_SET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct CapSet {
    /// Which domain.
    pub domain: U32,
    /// `[1]` asynchronous, `[0]` no delayed response; mind that the clock has them the other way round.
    pub flags: U32,
    /// The cap; from version 2.0, 0 withdraws this agent's.
    pub cap: U32,
}

impl CapSet {
    /// Do not wait for the cap to be in force.
    pub const ASYNC: u32 = 2;
    /// No delayed response is wanted; without meaning for a synchronous command.
    pub const NO_RESPONSE: u32 = 1;
}

/// The values of CAP_SET's delayed response.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct CapSetComplete {
    /// Which domain.
    pub domain: U32,
    /// The cap that was set.
    pub cap: U32,
}

/// PAI_GET: the reply is the power averaging interval, in microseconds.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PaiGet {
    /// Which domain.
    pub domain: U32,
}

/// PAI_SET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PaiSet {
    /// Which domain.
    pub domain: U32,
    /// Reserved.
    pub flags: U32,
    /// The power averaging interval, in microseconds.
    pub pai: U32,
}

/// NAME_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NameGet {
    /// Which domain.
    pub domain: U32,
}

/// MEASUREMENTS_GET.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct MeasurementsGet {
    /// Which domain.
    pub domain: U32,
}

/// What a domain consumes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct Measurements {
    /// Average power, in the domain's unit.
    pub power: U32,
    /// The power averaging interval, in microseconds.
    pub pai: U32,
}

/// CAP_NOTIFY.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct CapNotify {
    /// Which domain.
    pub domain: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
}

/// MEASUREMENTS_NOTIFY.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct MeasurementsNotify {
    /// Which domain.
    pub domain: U32,
    /// `[0]` on or off, the rest reserved.
    pub enable: U32,
    /// Tell when the average power is below this.
    pub low: U32,
    /// Tell when the average power is above this.
    pub high: U32,
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

/// The payload of POWERCAP_CAP_CHANGED.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct CapEvent {
    /// Who caused it; 0 is the platform.
    pub agent: U32,
    /// Which domain.
    pub domain: U32,
    /// The cap that is enforced now.
    pub cap: U32,
    /// The power averaging interval, in microseconds.
    pub pai: U32,
}

/// The payload of POWERCAP_MEASUREMENTS_CHANGED.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(C)]
pub struct MeasurementsEvent {
    /// Zero, the platform.
    pub agent: U32,
    /// Which domain.
    pub domain: U32,
    /// Average power, in the domain's unit.
    pub power: U32,
}

bind! { ProtocolId::POWERCAP;
    ProtocolAttributes = 0x1 -> U32;
    DomainAttributesGet = 0x3 -> DomainAttributes;
    CapGet = 0x4 -> U32;
    CapSet = 0x5 -> Nothing;
    PaiGet = 0x6 -> U32;
    PaiSet = 0x7 -> Nothing;
    NameGet = 0x8 -> NameReply;
    MeasurementsGet = 0x9 -> Measurements;
    CapNotify = 0xA -> Nothing;
    MeasurementsNotify = 0xB -> Nothing;
    DescribeFastChannel = 0xC -> FastChannel;
}

const _: () = {
    assert!(size_of::<DomainAttributes>() == 56);
    assert!(size_of::<CapSet>() == 12);
    assert!(size_of::<CapSetComplete>() == 8);
    assert!(size_of::<PaiSet>() == 12);
    assert!(size_of::<Measurements>() == 8);
    assert!(size_of::<MeasurementsNotify>() == 16);
    assert!(size_of::<CapEvent>() == 16);
    assert!(size_of::<MeasurementsEvent>() == 12);
};

bit_word! {
    /// The attributes word of a domain.
    pub struct DomainFlags {
        /// It can tell that its cap or its averaging interval changed.
        CAP_NOTIFICATIONS = 1 << 31,
        /// It can tell that its average power left some thresholds.
        MEASUREMENT_NOTIFICATIONS = 1 << 30,
        /// Its cap can be set asynchronously.
        ASYNC = 1 << 29,
        /// NAME_GET knows the whole name.
        EXTENDED_NAME = 1 << 28,
        /// Its cap can be set.
        SET_CAP = 1 << 27,
        /// It is measured.
        MONITORING = 1 << 26,
        /// Its averaging interval can be set.
        SET_PAI = 1 << 25,
        /// Some message has a fast channel.
        FAST_CHANNELS = 1 << 22,
    }
}

impl DomainFlags {
    /// What power is in.
    pub const fn unit(self) -> PowerUnit {
        let [unit, ..] = (self.0 >> 23 & 3).to_le_bytes();
        PowerUnit(unit)
    }
}

open_number! {
    /// What the power of a domain is in. Mind that the Performance protocol numbers its units the other way round.
    pub struct PowerUnit(u8) {
        /// Numbers to compare, without a unit.
        ABSTRACT = 0,
        /// Microwatts.
        MICROWATT = 1,
        /// Milliwatts.
        MILLIWATT = 2,
    }
}

impl PowerUnit {
    /// Its bits in the attributes word of a domain.
    pub const fn bits(self) -> u32 {
        u32::from_le_bytes([self.0 & 3, 0, 0, 0]) << 23
    }
}
